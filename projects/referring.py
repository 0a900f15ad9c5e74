"""推荐: a project goes to a fund with the company's consent, and every step from there to 出资 or 否决.

Domain §4.2 and §4.4: the fund's manager decides, the machine's verdict never does; the CRM keeps who was
told what, and what came of it. Nothing here is a promise of money.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from crm import audit, roles
from crm.errors import NotAllowed, Refused, StaleVersion
from crm.permissions import may, require
from crm.pipeline import AlreadyMoved
from crm.values import tells_contact
from crm.workdays import shanghai_day
from projects.matching import match, matches_for
from projects.models import Fund, Match, Project, Referral, ReferralStep
from projects.models.referrals import BROKEN_OFF, PRICED, Step
from projects.sharing import shareable
from projects.spreading import tell_step, withhold
from projects.stages import ProjectStage

RECORD = ("company", "unit", "owner", "city", "sector", "lead")
HELD = ("project__unit", "project__company", "fund")  # read with a referral that is being changed


class ReferralRefused(Refused):
    """The referral or its step cannot be as asked; `field` names what is wrong."""

    code = "invalid"


class AlreadyReferred(Refused):
    """The same fund has an open referral of the same project; nothing happened."""

    code = "already_referred"
    status = 409


@dataclass(frozen=True)
class Consent:
    """What the company agreed to share (keys of `sharing.shareable`), how it said so and on which day."""

    keys: tuple
    is_given: bool
    way: str
    on: date | None


@dataclass(frozen=True)
class Move:
    """A step as it happened: the day, amounts in 万元 and a stake in % where the step speaks of money."""

    to: str
    on: date
    reason: str = ""
    note: str = ""
    amount_wan: Decimal | None = None
    stake: Decimal | None = None
    valuation_wan: Decimal | None = None

    @property
    def figures(self):
        return {"amount_wan": self.amount_wan, "stake": self.stake, "valuation_wan": self.valuation_wan}


@transaction.atomic
def refer(project, fund, consent, *, by, at, reason="", note=""):
    """Refer `project` to `fund` and return the Referral; the fund's accounts are told.

    The project is matched anew, and verdict, score and criteria version kept. 不符合 needs a reason. Raises
    NotAllowed, ReferralRefused (no consent, a fund that cannot invest), AlreadyReferred.
    """
    require(by, "refer", project)
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    row = Project.objects.select_related(*RECORD).get(pk=project.pk)
    _check_ends(row, fund)
    shared = _agreed(row, consent, at)
    if Referral.objects.open().filter(project=row, fund=fund).exists():
        raise AlreadyReferred("这个项目已经推荐给这只基金，还在进行中；撤回或有了结果以后才能再推荐。")
    said = _judged(row, fund, at)
    reason, note = _words(said, reason, note)
    referral = _written(row, said, shared, consent, {"reason": reason, "note": note, "by": by, "at": at})
    step = ReferralStep.objects.create(
        referral=referral, to_step=Step.REFERRED, on=shanghai_day(at), at=at, by=by, note=note
    )
    detail = {"name": row.name, "fund": fund.name, "shared": [one["label"] for one in shared]}
    detail |= {"way": referral.get_consent_way_display(), "on": str(consent.on)}
    audit.record(by, "refer", referral, detail=detail, at=at)
    tell_step(referral, step)
    return referral


def _written(row, said, shared, consent, more):
    return Referral.objects.create(
        project=row,
        fund=said.fund,
        verdict=said.verdict,
        score=said.score,
        coverage=said.coverage,
        criteria=said.version,
        shared=shared,
        consent_way=consent.way,
        consent_on=consent.on,
        moved_at=more["at"],
        **more,
    )


def _check_ends(project, fund):
    if project.stage == ProjectStage.LOST:
        raise ReferralRefused("项目已流失，不能推荐；重新激活以后再推荐。", code="closed")
    if fund.status == Fund.Status.PREPARING:
        raise ReferralRefused("基金筹建中，尚不能出资，只列入储备；基金设立以后再推荐。", code="fund_closed")
    if fund.status == Fund.Status.CLOSED:
        raise ReferralRefused("基金已关闭，不能推荐。", code="fund_closed")


def _agreed(project, consent, at):
    """The facts the company agreed to share; refused without its consent in full."""
    today = shanghai_day(at)
    if not consent.is_given:
        raise _no_consent("没有企业的同意不能推荐：请取得同意后勾选确认。", "consent")
    if consent.way not in Referral.Way.values:
        raise _no_consent("请选择企业同意的方式：书面、邮件或口头记录。", "consent_way")
    if consent.on is None or consent.on > today:
        raise _no_consent("请填写企业同意的日期，不晚于今天。", "consent_on")
    known = {one["key"]: one for one in shareable(project, today)}
    if not consent.keys:
        raise _no_consent("请勾选企业同意共享的信息，至少一项。", "shared")
    if strange := [key for key in consent.keys if key not in known]:
        raise ReferralRefused(
            f"没有这些可共享的信息：{'、'.join(strange)}。请从项目已知的信息里选择。", field="shared"
        )
    if "company" not in consent.keys and _names_company(project):
        raise _no_consent(
            "项目名称里有企业全称，基金方会看到：请取得同意并勾选「企业全称」，或先改项目名称。", "shared"
        )
    return [one for key, one in known.items() if key in consent.keys]


def _names_company(project):
    """Whether the name of the project, which the fund reads in any case, tells the company's."""
    return project.company is not None and project.company.name in project.name


def _no_consent(detail, field):
    return ReferralRefused(detail, code="consent_required", field=field)


def _judged(project, fund, at):
    """What the machine says of this project and this fund now."""
    match(project, at=at)
    found = matches_for(project).filter(fund=fund).first()
    if found is None:
        raise ReferralRefused("基金已关闭，不能推荐。", code="fund_closed")
    return found


def _words(said, reason, note):
    """The reason against the machine, kept only where there is one to give; and what the fund is told."""
    reason, note = reason.strip(), note.strip()
    is_unfit = said.verdict == Match.Verdict.UNFIT
    if is_unfit and not reason:
        raise ReferralRefused(
            "机器结论是「不符合」，仍要推荐请写明理由。", code="reason_required", field="reason"
        )
    if tells_contact(note):
        raise ReferralRefused("给基金方的说明里不要写联系方式；基金方接收以后可以查看联系人。", field="note")
    return reason if is_unfit else "", note


@transaction.atomic
def advance(referral, move, *, by, at, version=None):
    """Take the referral one step on, or break it off; returns the ReferralStep. Both sides are told.

    The fund's accounts take every step but 撤回, which is the unit's; for a fund without an account the unit
    notes what it was told. Of two at once the second is refused. Raises NotAllowed, ReferralRefused,
    AlreadyMoved, StaleVersion.
    """
    is_for_fund = _check_person(referral, move.to, by)
    row = hold(referral, version)
    last = row.steps.standing().last()
    _check_step(row, move)
    _check_day(move, last, at)
    check_words(move, row.project)
    check_figures(move)
    step = ReferralStep.objects.create(
        referral=row,
        from_step=row.step,
        to_step=move.to,
        on=move.on,
        at=at,
        by=by,
        is_for_fund=is_for_fund,
        reason=move.reason.strip() if move.to in BROKEN_OFF else "",
        note=move.note.strip(),
        **move.figures,
    )
    _save(row, referral, move.to, at)
    if move.to == Step.WITHDRAWN:
        audit.record(by, "withdraw_referral", row, detail={"name": str(row), "reason": step.reason}, at=at)
        withhold(row)
    tell_step(row, step)
    return step


def withdraw_all(project, *, by, at, why):
    """Take back what of `project` still waits for a fund, for `why`; the funds are told of each."""
    for referral in Referral.objects.open().filter(project=project).select_related("fund").order_by("pk"):
        advance(referral, Move(Step.WITHDRAWN, shanghai_day(at), reason=why), by=by, at=at)


def steps_open_to(referral, user):
    """The steps `user` may take from here, forward first: for the buttons of the page."""
    if not referral.may_be_withdrawn:
        return []
    wanted = (referral.next_step, Step.REJECTED) if referral.is_open else ()
    wanted = (*wanted, Step.WITHDRAWN)
    return [step for step in wanted if _refusal(referral, step, user) is None]


def _check_person(referral, to, by):
    """Whether the unit notes the step for the fund; NotAllowed for whom the step is not."""
    if refusal := _refusal(referral, to, by):
        raise refusal
    return by.role != roles.FUND and to != Step.WITHDRAWN


def _refusal(referral, to, by):
    """Why `by` may not take this step, None when it is theirs."""
    if by.role == roles.FUND:
        if to == Step.WITHDRAWN:
            return NotAllowed("撤回由推荐的单位提出；不投请登记否决并写明理由。")
        is_ours = referral.fund.managers.filter(pk=by.pk).exists()
        return None if is_ours else NotAllowed("只有这只基金的账号可以登记进展。")
    if not may(by, "refer", referral.project):
        return NotAllowed("推荐的进展由基金方登记，撤回由项目的责任单位和区投促局提出。")
    if to != Step.WITHDRAWN and has_account(referral.fund):
        return NotAllowed("这只基金有自己的账号，接收和以后的进展由基金方登记；您可以撤回推荐。")
    return None


def is_theirs(referral, to, user):
    """Whether the step `to` is for `user` to take: of the fund, or of the unit."""
    return _refusal(referral, to, user) is None


def has_account(fund):
    """Whether somebody of the fund can answer by himself."""
    return fund.managers.filter(is_active=True, role=roles.FUND).exists()


def hold(referral, version):
    """The row as it stands, kept from others; AlreadyMoved, StaleVersion for an older sight of it."""
    Project.objects.select_for_update(of=("self",)).get(pk=referral.project_id)
    row = Referral.objects.select_for_update(of=("self",)).select_related(*HELD)
    row = row.get(pk=referral.pk)
    if version is not None and row.version != version:
        raise StaleVersion(row)
    if row.version != referral.version:
        raise AlreadyMoved(f"这条推荐刚有了新的进展：{row.get_step_display()}。请刷新后再操作。")
    return row


def _check_step(row, move):
    if move.to not in Step.values or move.to == Step.REFERRED:
        raise ReferralRefused("没有这一步，请从页面上选择。", code="step", field="step")
    if not (row.may_be_withdrawn if move.to == Step.WITHDRAWN else row.is_open):
        raise ReferralRefused(f"推荐已经结束（{row.get_step_display()}），不能再登记进展。", code="closed")
    if move.to in BROKEN_OFF:
        return
    if move.to != row.next_step:
        raise ReferralRefused(
            f"现在是「{row.get_step_display()}」，下一步是「{row.next_step.label}」，不能跳过；"
            "不再推进可以否决或撤回。",
            code="skipped_stage",
            field="step",
        )
    if row.project.stage == ProjectStage.LOST:
        raise ReferralRefused("项目已流失，只能否决或撤回。", code="closed")


def _check_day(move, last, at):
    if move.on > shanghai_day(at):
        raise ReferralRefused("日期不能晚于今天。", field="on")
    if move.on < last.on:
        raise ReferralRefused(f"日期不能早于上一步「{last.get_to_step_display()}」的 {last.on}。", field="on")


def check_words(move, project):
    """ReferralRefused for what broke off without a reason, or where the fund would read from a 撤回 what ends
    with it: who the company is, and how it is reached."""
    if move.to in BROKEN_OFF and not move.reason.strip():
        label = Step(move.to).label
        raise ReferralRefused(f"请写明{label}的理由。", code="reason_required", field="reason")
    for field in ("reason", "note") if move.to == Step.WITHDRAWN else ():
        check_withheld(getattr(move, field), project, field)


def check_withheld(text, project, field):
    """ReferralRefused for words beside a 撤回 that tell who the company is or how it is reached."""
    if tells_contact(text):
        raise ReferralRefused("基金方也看得到，请不要写联系方式。", field=field)
    names = (project.name, project.company.name if project.company else "")
    if any(name and name in text for name in names):
        words = "基金方也看得到，而撤回以后项目和企业的名称不再给基金方看，请不要写名称。"
        raise ReferralRefused(words, field=field)


def check_figures(move):
    """ReferralRefused unless amounts belong to 投决 and 出资, and 出资 names what was paid."""
    if move.to not in PRICED and any(value is not None for value in move.figures.values()):
        raise ReferralRefused("金额、持股比例和估值在投决、出资时登记。", field="amount_wan")
    if move.to == Step.FUNDED and move.amount_wan is None:
        raise ReferralRefused("请填写出资金额（万元）。", code="required", field="amount_wan")
    for name, value in move.figures.items():
        if value is not None and value <= 0:
            raise ReferralRefused("要大于 0；不知道请留空。", field=name)
    if move.stake is not None and move.stake > 100:
        raise ReferralRefused("持股比例不能超过 100%。", field="stake")
    if _is_fraction(move):
        meant = f"{(move.stake * 100).normalize():f}"
        words = f"和金额、估值不符，像是把 {meant}% 写成了小数，请写 {meant}。"
        raise ReferralRefused(words, field="stake")


def _is_fraction(move):
    """Whether a stake below 1% is, by amount and valuation, the fraction of a hundred times as much."""
    if None in (move.stake, move.amount_wan, move.valuation_wan) or move.stake >= 1:
        return False
    expected = move.amount_wan / move.valuation_wan * 100
    return abs(move.stake * 100 - expected) < abs(move.stake - expected)


def _save(row, seen, to, at):
    """Write the step; `seen`, the caller's copy, learns of it. The next step may be reminded of anew."""
    row.step, row.moved_at, row.late_told_at, row.version = to, at, None, row.version + 1
    row.save(update_fields=["step", "moved_at", "late_told_at", "version"])
    for name in ("step", "moved_at", "late_told_at", "version"):
        setattr(seen, name, getattr(row, name))
