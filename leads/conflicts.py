"""冲突裁决: a second unit contests a first report, both sides show what they have, the bureau decides."""

import re

from django.db import transaction

from crm import audit, roles
from crm.errors import Refused
from crm.models import Notification, User
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import require
from crm.values import clean_text
from crm.workdays import Calendar, shanghai_day
from leads import claims, credit
from leads.handover import withdraw_all
from leads.models import Claim, ClaimEvent, Conflict, ConflictEvidence, CreditSplit, Lead, Visit

CONTACT = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|0\d{2,3}[\s-]\d{7,8}|[\w.+-]+@[\w-]+\.\w+")


class ConflictRefused(Refused):
    """The case cannot be opened, added to or decided as asked; `field` names why."""

    code = "invalid"


class AlreadyDecided(Refused):
    """Somebody decided the case a moment ago; nothing happened."""

    code = "already_decided"
    status = 409


@transaction.atomic
def open_case(name, *, by, at, reason, uscc=""):
    """Contest the first report of the company called `name`, and return the Conflict.

    Raises NotAllowed, ConflictRefused when nobody or the own unit holds the company, without a reason, while
    the unit has a case open on it and after the bureau has decided one.
    """
    require(by, "open_conflict")
    found = claims.held(clean_text(name), uscc)
    _check_claim(found, by)
    row = Claim.objects.select_for_update().get(pk=found.pk)
    _check_claim(row if row.is_open else None, by)
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
    claims.note(row, ClaimEvent.Kind.CONTESTED, f"{by.unit}提出，理由：{reason.strip()}", by=by, at=at)
    _tell_opened(conflict, at)
    return conflict


def _check_claim(claim, by):
    if not by.unit_id:
        raise ConflictRefused("您的账号没有所属单位，请联系管理员。", code="no_unit")
    if claim is None:
        raise ConflictRefused("现在没有别的单位首报这家企业，请直接记一家。", field="company_name")
    if by.unit_id in (claim.unit_id, claim.lead.unit_id):
        raise ConflictRefused("这家企业由本单位首报，不需要提出冲突。", field="company_name")


def _check_case(claim, by, reason):
    if not reason.strip():
        raise ConflictRefused("请填写理由。", field="reason")
    _check_silent_on_contacts(reason, "reason")
    ours = Conflict.objects.filter(claim=claim, unit=by.unit_id)
    if ours.open().exists():
        raise ConflictRefused("本单位已就这家企业提出冲突，等待区投促局裁决。", code="already_open")
    if decided := ours.filter(decided_at__gte=claim.claimed_at).first():
        day = shanghai_day(decided.decided_at)
        said = decided.get_verdict_display()
        raise ConflictRefused(
            f"区投促局已于 {day:%Y-%m-%d} 裁决「{said}」，同一首报不再受理。", code="decided"
        )


@transaction.atomic
def add_evidence(conflict, *, by, at, happened_on, text, visit=None):
    """Show something in the case, with a visit of the own unit if there is one.

    Raises NotAllowed for others than the two sides, ConflictRefused for an empty text, one with a contact
    in it, a day to come, a visit of somebody else, and in a decided case.
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
    if visit and visit.unit_id != by.unit_id:
        raise ConflictRefused("只能引用本单位的拜访记录。", field="visit")
    Conflict.objects.filter(pk=row.pk).update(updated_at=at)
    return ConflictEvidence.objects.create(
        conflict=row, unit=by.unit, by=by, happened_on=happened_on, text=text.strip(), visit=visit, at=at
    )


def _check_silent_on_contacts(text, field):
    if CONTACT.search(text):
        raise ConflictRefused("双方都会看到这段文字，请去掉电话和邮箱。", field=field)


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
    Lead.objects.select_for_update(of=("self",)).get(
        claim=conflict.claim_id
    )  # as every move does, lead first
    claim = Claim.objects.select_for_update().get(pk=conflict.claim_id)
    case = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if not case.is_open:
        raise AlreadyDecided(f"这个冲突已于 {shanghai_day(case.decided_at):%Y-%m-%d} 裁决。")
    _check_decision(case, claim, verdict, opinion, shares)
    _apply(case, claim, verdict, by, at)
    case.verdict, case.opinion = verdict, opinion.strip()
    case.decided_at = case.updated_at = at
    case.decided_by = by
    case.save()
    _uncontest(case, claim, at)
    _write_down(case, claim, shares, by, at)
    return case


def _check_decision(case, claim, verdict, opinion, shares):
    if verdict not in Conflict.Verdict.values:
        raise ConflictRefused("请选择裁决：维持首谈、变更或联合。", field="verdict")
    if not opinion.strip():
        raise ConflictRefused("请填写裁决理由。", field="opinion")
    credit.check(shares)
    theirs = sum(part for unit, part in shares.items() if unit.pk == case.unit_id)
    if verdict == Conflict.Verdict.KEEP and theirs:
        raise ConflictRefused("维持首谈时，提出单位不参与业绩划分。", field="shares")
    if verdict == Conflict.Verdict.TRANSFER and not theirs:
        raise ConflictRefused("变更时，提出单位要有业绩比例。", field="shares")
    if verdict == Conflict.Verdict.JOINT and not 0 < theirs < credit.WHOLE:
        raise ConflictRefused("联合时，双方都要有业绩比例。", field="shares")
    if verdict == Conflict.Verdict.TRANSFER and not claim.is_open:
        raise ConflictRefused("首报已经结束，不能变更；提出单位可以直接首报。", field="verdict")


def _apply(case, claim, verdict, by, at):
    """What the verdict does to the claim and the lead; the days of the case count for nobody."""
    if verdict == Conflict.Verdict.TRANSFER:
        person = case.person if case.person.is_active and case.person.unit_id == case.unit_id else None
        withdraw_all(claim.lead, by=by, at=at, why="已由区投促局裁决变更。")
        claims.start_anew(claim, unit=case.unit, person=person, at=at)
        Lead.objects.get(pk=claim.lead_id).go_to(case.unit, person, by=by, at=at)
        return
    stood = (shanghai_day(at) - shanghai_day(case.opened_at)).days
    claims.prolong(claim, stood, at)


def _uncontest(case, claim, at):
    others = Conflict.objects.open().filter(claim=claim)
    Claim.objects.filter(pk=claim.pk).update(is_contested=others.exists())


def _write_down(case, claim, shares, by, at):
    ground = CreditSplit.Ground.CONFLICT
    credit.split(claim.lead, shares, ground=ground, reference=case.pk, by=by, at=at)
    said = f"{case.get_verdict_display()}，理由：{case.opinion}；业绩：{credit.in_words(shares)}"
    claims.note(claim, ClaimEvent.Kind.DECIDED, said, by=by, at=at)
    detail = {"title": case.title, "裁决": case.get_verdict_display(), "reason": case.opinion}
    audit.record(by, "decide_conflict", case, detail=detail, at=at)
    people = {one.pk: one for unit in (case.unit, case.first_unit) for one in responsible(unit)}
    people[case.person_id] = case.person
    for person in people.values():
        notify(
            person,
            kind=Notification.Kind.CLAIM,
            key=f"conflict:{case.pk}:decided",
            title=f"「{case.title[:60]}」首报冲突裁决：{case.get_verdict_display()}",
            body=said,
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


def remind(at):
    """Remind the bureau of the cases whose decision is due today and of those overdue: each once."""
    day = shanghai_day(at)
    managers = list(User.objects.filter(role=roles.MANAGER, is_active=True))
    for case in Conflict.objects.open().filter(due_on__lte=day).select_related("unit", "first_unit"):
        is_late = case.due_on < day
        for person in managers:
            notify(
                person,
                kind=Notification.Kind.CLAIM,
                key=f"conflict:{case.pk}:{'overdue' if is_late else 'due'}",
                title=f"「{case.title[:60]}」首报冲突{'已过裁决期限' if is_late else '今天应当裁决'}",
                body=f"{case.unit}与{case.first_unit}，裁决期限 {case.due_on:%Y-%m-%d}。",
                url=case.get_absolute_url(),
                at=at,
            )
