"""冲突裁决: a second unit contests a first report, both sides show what they have, the bureau decides."""

from django.db import transaction
from django.db.models import Q

from crm import audit, roles
from crm.errors import Refused
from crm.models import Notification, User
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import require
from crm.values import clean_text, tells_contact
from crm.values.dates import FIRST_YEAR, LAST_YEAR, is_plausible
from crm.workdays import Calendar, shanghai_day
from leads import claims, credit, pool
from leads.contested import days_contested, told_of, uncontest
from leads.handover import withdraw_all
from leads.models import Claim, ClaimEvent, Conflict, ConflictEvidence, CreditSplit, Lead, Visit

JOINT_NOTE = "\n联合只分业绩，线索仍由责任单位跟进，提出单位看得到裁决页面，看不到线索和联系人。"


class ConflictRefused(Refused):
    """The case cannot be opened, added to or decided as asked; `field` names why."""

    code = "invalid"


class AlreadyDecided(Refused):
    """Somebody decided the case a moment ago; nothing happened."""

    code = "already_decided"
    status = 409


@transaction.atomic
def open_case(name, *, by, at, reason, uscc="", investor=""):
    """Contest the first report of the company called `name`, and return the Conflict.

    `uscc` and `investor` tell reports of one name apart, as for a new lead. Raises NotAllowed, ClaimRefused
    when several may be meant, ConflictRefused when nobody holds the company, when the own unit does or gave
    it away, without a reason, while the unit has a case open on it and after the bureau has decided one to
    which the unit was a side, unless the company has been reported anew since.
    """
    require(by, "open_conflict")
    found = claims.contestable(clean_text(name), uscc, investor, unit_id=by.unit_id)
    _check_claim(found, by)
    row = Claim.objects.select_for_update().get(pk=found.pk)
    _check_claim(row if row.is_open else None, by)
    _check_silent_on_contacts(name, "company_name")
    _check_case(row, by, reason)
    day = shanghai_day(at)
    conflict = Conflict.objects.create(
        claim=row,
        title=clean_text(name)[:120],
        first_unit=row.unit,
        unit=by.unit,
        person=by,
        reason=reason.strip(),
        opened_at=at,
        due_on=Calendar.load().add(day, number("conflict_days")),
        updated_at=at,
    )
    Claim.objects.filter(pk=row.pk).update(is_contested=True)
    row.note(ClaimEvent.Kind.CONTESTED, f"{by.unit}提出，理由：{reason.strip()}", by=by, at=at)
    _tell_opened(conflict, at)
    return conflict


def _check_claim(claim, by):
    if not by.unit_id:
        raise ConflictRefused("您的账号没有所属单位，请联系管理员。", code="no_unit")
    if claim is None:
        raise ConflictRefused("现在没有别的单位首报这家企业，请直接记一家。", field="company_name")
    if not claims.is_stranger(by.unit_id, claim):
        raise ConflictRefused(f"不需要提出冲突：{claims.notice(claim, by.unit_id)}", field="company_name")


def _check_case(claim, by, reason):
    if not reason.strip():
        raise ConflictRefused("请填写理由。", field="reason")
    _check_silent_on_contacts(reason, "reason")
    cases = Conflict.objects.filter(claim=claim).exclude(verdict=Conflict.Verdict.MOOT)
    if cases.open().filter(unit=by.unit_id).exists():
        raise ConflictRefused("本单位已就这家企业提出冲突，等待区投促局裁决。", code="already_open")
    ours = Q(unit=by.unit_id) | Q(first_unit=by.unit_id) | Q(holder=by.unit_id)
    if decided := cases.filter(ours, decided_at__gte=claim.claimed_at).first():
        day = shanghai_day(decided.decided_at)
        said = decided.get_verdict_display()
        raise ConflictRefused(
            f"区投促局已于 {day:%Y-%m-%d} 裁决「{said}」，这家企业重新首报以前不再受理。", code="decided"
        )


@transaction.atomic
def add_evidence(conflict, *, by, at, happened_on, text, visit=None):
    """Show something in the case, with a visit of the own unit if there is one.

    Raises NotAllowed for others than the two sides, ConflictRefused for an empty text, one with a contact
    in it, a day to come or of a year nobody means, a visit of somebody else, and in a decided case.
    """
    require(by, "add_evidence", conflict)
    row = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if not row.is_open:
        raise AlreadyDecided("这个冲突已经裁决，不能再补充证据。")
    if not text.strip():
        raise ConflictRefused("请写明发生了什么。", field="text")
    _check_silent_on_contacts(text, "text")
    if happened_on is None or happened_on > shanghai_day(at):
        raise ConflictRefused("请填写发生日期，不能晚于今天。", field="happened_on")
    if not is_plausible(happened_on):
        raise ConflictRefused(
            f"发生日期要在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，请核对年份。", field="happened_on"
        )
    if visit and visit.unit_id != by.unit_id:
        raise ConflictRefused("只能引用本单位的拜访记录。", field="visit")
    Conflict.objects.filter(pk=row.pk).update(updated_at=at)
    return ConflictEvidence.objects.create(
        conflict=row, unit=by.unit, by=by, happened_on=happened_on, text=text.strip(), visit=visit, at=at
    )


def _check_silent_on_contacts(text, field):
    if tells_contact(text):
        raise ConflictRefused("双方都会看到这段文字，请去掉电话、邮箱、微信号和 QQ 号。", field=field)


def own_visits(conflict, user):
    """The visits `user` may cite: of the own unit, with the company of the case."""
    lead = conflict.claim.lead
    same = Visit.objects.filter(lead__company=lead.company_id) if lead.company_id else Visit.objects.none()
    return same.filter(unit=user.unit_id).order_by("-at")


@transaction.atomic
def decide(conflict, *, verdict, opinion, shares, by, at):
    """Decide the case for the bureau; `shares` ({unit: percent}) is who is credited from now on.

    维持首谈 leaves everything; 变更 moves claim and lead to the unit that contested; 联合 leaves the lead and
    divides the credit. Raises NotAllowed, ConflictRefused, CreditRefused, AlreadyDecided.
    """
    require(by, "decide_conflict", conflict)
    lead = Lead.objects.select_for_update(of=("self",)).get(claim=conflict.claim_id)  # as every move does
    claim = Claim.objects.select_for_update().get(pk=conflict.claim_id)
    case = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if not case.is_open:
        raise AlreadyDecided(f"这个冲突已于 {shanghai_day(case.decided_at):%Y-%m-%d} 裁决。")
    _check_decision(case, claim, verdict, opinion, shares)
    _apply(case, claim, verdict, by, at)
    case.holder = lead.unit
    case.verdict, case.opinion = verdict, opinion.strip()
    case.decided_at = case.updated_at = at
    case.decided_by = by
    case.save()
    uncontest(claim)
    _write_down(case, claim, shares, by, at)
    _tell_decided(case, shares, at)
    return case


def _check_decision(case, claim, verdict, opinion, shares):
    if verdict not in dict(Conflict.Verdict.rulings()):
        raise ConflictRefused("请选择裁决：维持首谈、变更或联合。", field="verdict")
    if not opinion.strip():
        raise ConflictRefused("请填写裁决理由。", field="opinion")
    _check_silent_on_contacts(opinion, "opinion")
    credit.check(shares)
    _check_strangers(case, shares)
    _check_sides(case, verdict, shares)
    if verdict == Conflict.Verdict.TRANSFER and not claim.is_open:
        raise ConflictRefused("首报已经结束，不能变更；提出单位可以直接首报。", field="verdict")


def _check_strangers(case, shares):
    """Only the two sides and who has a part of the lead already are credited."""
    known = case.party_ids | {unit.pk for unit in credit.shares_of(case.claim.lead)}
    if strangers := [str(unit) for unit, part in shares.items() if part and unit.pk not in known]:
        named = "、".join(strangers)
        raise ConflictRefused(f"{named}不是冲突双方，在这条线索上也没有业绩，不能参与划分。", field="shares")


def _check_sides(case, verdict, shares):
    """Of the first side count the unit that reported and the one that has the lead now."""
    theirs = sum(part for unit, part in shares.items() if unit.pk == case.unit_id)
    firsts = sum(part for unit, part in shares.items() if unit.pk in case.party_ids - {case.unit_id})
    if verdict == Conflict.Verdict.KEEP and theirs:
        raise ConflictRefused("维持首谈时，提出单位不参与业绩划分。", field="shares")
    if verdict == Conflict.Verdict.KEEP and not firsts:
        raise ConflictRefused("维持首谈时，首报单位要有业绩比例。", field="shares")
    if verdict == Conflict.Verdict.TRANSFER and not theirs:
        raise ConflictRefused("变更时，提出单位要有业绩比例。", field="shares")
    if verdict == Conflict.Verdict.JOINT and not (theirs and firsts):
        raise ConflictRefused("联合时，双方都要有业绩比例。", field="shares")


def _apply(case, claim, verdict, by, at):
    """What the verdict does to the claim and the lead; the days of the case count for nobody."""
    if verdict == Conflict.Verdict.TRANSFER:
        person = case.person if case.person.is_active and case.person.unit_id == case.unit_id else None
        withdraw_all(claim.lead, by=by, at=at, why="已由区投促局裁决变更。")
        pool.end_stay(claim.lead, case.unit, at)
        _note_overtaken(claim, case.unit, by, at)
        claim.begin(unit=case.unit, person=person, at=at)
        Lead.objects.get(pk=claim.lead_id).go_to(case.unit, person, by=by, at=at)
        return
    claims.prolong(claim, days_contested(case, claim, at), at)
    pool.give_hours_anew(claim.lead, at)


def _note_overtaken(claim, unit, by, at):
    """The expansions that stood under `claim` are told that it goes to `unit`; theirs begin when it ends."""
    under = Claim.objects.filter(company=claim.company_id, ended=Claim.Ended.COVERED)
    for row in under.filter(lead__unit=claim.lead.unit_id).order_by("pk"):
        text = f"裁决变更，企业改由{unit}首报；这条线索不再由本单位在先的首报保护"
        row.note(ClaimEvent.Kind.DECIDED, text, by=by, at=at)


def _write_down(case, claim, shares, by, at):
    ground = CreditSplit.Ground.CONFLICT
    credit.split(claim.lead, shares, ground=ground, reference=case.pk, by=by, at=at)
    claim.note(ClaimEvent.Kind.DECIDED, _said(case, shares), by=by, at=at)
    detail = {"title": case.title, "裁决": case.get_verdict_display(), "reason": case.opinion}
    audit.record(by, "decide_conflict", case, detail=detail, at=at)


def _said(case, shares):
    return f"{case.get_verdict_display()}，理由：{case.opinion}；业绩：{credit.in_words(shares)}"


def _tell_decided(case, shares, at):
    for person in told_of(case):
        notify(
            person,
            kind=Notification.Kind.CLAIM,
            key=f"conflict:{case.pk}:decided",
            title=f"「{case.title[:60]}」首报冲突裁决：{case.get_verdict_display()}",
            body=f"{_said(case, shares)}{JOINT_NOTE if case.verdict == Conflict.Verdict.JOINT else ''}",
            url=case.get_absolute_url(),
            at=at,
        )


def _tell_opened(case, at):
    """The bureau and those who answer for the first report."""
    people = {one.pk: one for one in User.objects.filter(role=roles.MANAGER, is_active=True)}
    people |= {one.pk: one for one in responsible(case.claim.lead.unit)}
    owner = case.claim.lead.owner
    if owner and owner.is_active:
        people[owner.pk] = owner
    for person in people.values():
        notify(
            person,
            kind=Notification.Kind.CLAIM,
            key=f"conflict:{case.pk}:opened",
            title=f"{case.unit}对「{case.title[:60]}」提出首报冲突",
            body=f"理由：{case.reason}\n请双方补充证据，区投促局在 {case.due_on:%Y-%m-%d} 前裁决。",
            url=case.get_absolute_url(),
            at=at,
        )


@transaction.atomic
def rewind(at):
    """Count the days to decide of every open case anew, after their number or the calendar changed.

    Returns how many have another last day now.
    """
    calendar, days, today = Calendar.load(), number("conflict_days"), shanghai_day(at)
    moved = []
    for case in Conflict.objects.open().select_for_update(of=("self",)).order_by("pk"):
        due_on = calendar.due_again(shanghai_day(case.opened_at), days, case.due_on, today)
        if due_on != case.due_on:
            case.due_on, case.updated_at = due_on, at
            moved.append(case)
    return Conflict.objects.bulk_update(moved, ["due_on", "updated_at"])


def remind(at):
    """Remind the bureau of the cases whose decision is due today and of those overdue, once per last day."""
    day = shanghai_day(at)
    managers = list(User.objects.filter(role=roles.MANAGER, is_active=True))
    for case in Conflict.objects.open().filter(due_on__lte=day).select_related("unit", "first_unit"):
        is_late = case.due_on < day
        for person in managers:
            notify(
                person,
                kind=Notification.Kind.CLAIM,
                key=f"conflict:{case.pk}:{'overdue' if is_late else 'due'}:{case.due_on}",
                title=f"「{case.title[:60]}」首报冲突{'已过裁决期限' if is_late else '今天应当裁决'}",
                body=f"{case.unit}与{case.first_unit}，裁决期限 {case.due_on:%Y-%m-%d}。",
                url=case.get_absolute_url(),
                at=at,
            )
