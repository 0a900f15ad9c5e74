"""流转: a unit offers a lead to the one that will carry it on; the other accepts or refuses in time.

What has become a project goes on as the project: lead and project change the unit together, with their open
督办单; a suspension stays as it is (domain §1.7: A negotiates first, it lands in B).
"""

from django.db import transaction

from crm import audit, roles
from crm.errors import Refused, StaleVersion
from crm.models import Notification, User
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import require
from crm.workdays import Calendar, shanghai_day
from leads import contested, credit, stages
from leads.models import CreditSplit, Handover, Lead, PoolEntry

WHOLE = 100


class HandoverRefused(Refused):
    """The lead cannot be passed on as asked; `field` names why."""

    code = "invalid"


class AlreadyAnswered(Refused):
    """The hand-over is no longer open; nothing happened."""

    code = "already_answered"
    status = 409


@transaction.atomic
def hand_over(lead, *, to_unit, by, at, reason, to_owner=None, share=None, version=None):
    """Offer `lead` to `to_unit` (and `to_owner` there); `share` percent of the credit stay with the giver.

    Within `handover_days` workdays the other unit answers; meanwhile nothing moves. Past `handovers_max`
    the bureau must approve first. Written into the audit log. Raises NotAllowed, HandoverRefused without a
    reason, to the own unit, for what is closed or in the pool, an owner of another unit or while one is open;
    StaleVersion when somebody changed the lead.
    """
    require(by, "hand_over", lead)
    row = _lock(lead.pk)
    if version is not None and row.version != version:
        raise StaleVersion(row)
    share = number("handover_share") if share is None else share
    _check(row, to_unit, to_owner, reason, share)
    _check_wait(row, to_owner, by, at)
    needs_approval = by.role != roles.MANAGER and _passed_on_before(row) >= number("handovers_max")
    handover = Handover.objects.create(
        lead=row,
        from_unit=row.unit,
        to_unit=to_unit,
        to_owner=to_owner,
        reason=reason.strip(),
        share=share,
        by=by,
        at=at,
        state=Handover.State.APPROVAL if needs_approval else Handover.State.PENDING,
        asked_at=None if needs_approval else at,
        due_on=None if needs_approval else _due_on(at),
        approved_by=by if by.role == roles.MANAGER else None,
        updated_at=at,
    )
    detail = {"from": str(row.unit), "to": str(to_unit), "reason": handover.reason}
    audit.record(by, "hand_over", handover.record, detail=detail, at=at)
    _tell_asked(handover, at)
    return handover


def is_running(lead):
    """Whether there is something to carry on: a lead to be judged, or its project unless it is lost."""
    project = getattr(lead, "project", None)
    return not project.is_lost if project else lead.stage in stages.OPEN


def _lock(lead_id):
    """The lead, locked; without its unit joined: a row whose unit changes meanwhile would not be found."""
    return Lead.objects.hold(lead_id)


def _due_on(at):
    return Calendar.load().add(shanghai_day(at), number("handover_days"))


def _passed_on_before(lead):
    return Handover.objects.filter(lead=lead, state=Handover.State.ACCEPTED).count()


def _check(lead, to_unit, to_owner, reason, share):
    if not is_running(lead):
        said = "只有线索、研判阶段的线索和没有流失的项目可以移交；流失的重新激活以后再移交。"
        raise HandoverRefused(said, field="to_unit")
    if lead.is_pooled:
        raise HandoverRefused("这条线索在公海，没有单位可以移交；请由要接手的单位在公海领取。", code="pool")
    if to_unit.pk == lead.unit_id:
        raise HandoverRefused(f"已经在{to_unit}，不用移交。", field="to_unit")
    if not to_unit.is_active:
        raise HandoverRefused(f"{to_unit}已停用，请换一个接收单位。", field="to_unit")
    if to_owner and to_owner.unit_id != to_unit.pk:
        raise HandoverRefused(f"{to_owner}不属于{to_unit}。", field="to_owner")
    if to_owner and not _may_carry(to_owner, to_unit.pk):
        raise HandoverRefused(f"{to_owner}已停用或不再跟进线索，请换一位接收人。", field="to_owner")
    if not reason.strip():
        raise HandoverRefused("请填写移交理由。", field="reason")
    if not 0 <= share <= WHOLE:
        raise HandoverRefused("保留的业绩请填 0 到 100 的整数。", field="share")
    if waiting := Handover.objects.open().filter(lead=lead).select_related("to_unit").first():
        said = f"正在移交{waiting.to_unit}（{waiting.get_state_display()}），请先撤回或等待答复。"
        raise HandoverRefused(said, code="handover_open", field="to_unit")


def _may_carry(person, unit_id):
    """Whether the person works on leads in that unit, as an owner does."""
    return person.is_active and person.unit_id == unit_id and person.role in roles.WORKS_ON_LEADS


def _check_wait(lead, person, by, at):
    """Nobody but the bureau gives a lead back to who has to wait for it since it was in the pool."""
    if person is None or by.role == roles.MANAGER:
        return
    if waits := PoolEntry.objects.wait_of(person, lead, shanghai_day(at)):
        raise HandoverRefused(waits, field="to_owner")


@transaction.atomic
def approve(handover, *, by, at):
    """Let a further hand-over go to the other unit, for the bureau; its days to answer begin now."""
    require(by, "approve_handover", handover)
    row, *_ = _open(handover, Handover.State.APPROVAL)
    row.state, row.due_on, row.approved_by = Handover.State.PENDING, _due_on(at), by
    row.asked_at = row.updated_at = at
    row.save(update_fields=["state", "asked_at", "due_on", "approved_by", "updated_at"])
    _tell_asked(row, at)
    return row


@transaction.atomic
def accept(handover, *, by, at):
    """Take it over: lead and project go to who was named or else to who accepts, and the credit is split.

    Raises NotAllowed, AlreadyAnswered, HandoverRefused past the last day, for what is closed or gone and for
    who must wait for it since it was in the pool.
    """
    require(by, "answer_handover", handover)
    row, lead, claim = _open(handover, Handover.State.PENDING)
    _check_still_due(row, lead, at)
    receiver = _receiver(row, by)
    if receiver != row.to_owner:
        _check_wait(lead, receiver, by, at)
    before, lead.is_pending = lead.owner, False
    lead.go_to(row.to_unit, receiver, by=by, at=at, also=["is_pending"])
    shares = credit.passed_on(credit.shares_of(lead), row.from_unit, row.to_unit, row.share)
    ground = CreditSplit.Ground.HANDOVER
    credit.split(lead, shares, ground=ground, reference=row.pk, by=by, at=at)
    contested.end_by_hand_over(claim, row, by=by, at=at)
    return _close(row, Handover.State.ACCEPTED, by, at, "", owner=before)


def _check_still_due(handover, lead, at):
    if handover.due_on < shanghai_day(at):
        raise HandoverRefused(f"接收期限 {handover.due_on:%Y-%m-%d} 已过，请移出单位重新移交。")
    if not is_running(lead) or lead.unit_id != handover.from_unit_id or lead.is_pooled:
        raise HandoverRefused("已经关闭或不在移出单位，不能接收；可以退回。")


def _receiver(handover, by):
    named = handover.to_owner
    if named and _may_carry(named, handover.to_unit_id):
        return named
    return by if by.unit_id == handover.to_unit_id else None


@transaction.atomic
def refuse(handover, *, by, at, reason):
    """Send the lead back with a reason; while approval is open, the bureau does."""
    row = _peek(handover)
    require(by, "approve_handover" if row.state == Handover.State.APPROVAL else "answer_handover", row)
    row, *_ = _open(handover, *Handover.OPEN)
    if not reason.strip():
        raise HandoverRefused("请填写退回理由。", field="reason")
    return _close(row, Handover.State.REFUSED, by, at, reason.strip())


@transaction.atomic
def withdraw(handover, *, by, at):
    """Take the offer back, for those who may hand the lead over."""
    require(by, "hand_over", handover.lead)
    row, *_ = _open(handover, *Handover.OPEN)
    return _close(row, Handover.State.WITHDRAWN, by, at, "")


def withdraw_all(lead, *, by, at, why):
    """Close what is still offered of a lead that went elsewhere, with the reason `why`."""
    for row in Handover.objects.open().filter(lead=lead):
        _close(row, Handover.State.WITHDRAWN, by, at, why)


@transaction.atomic
def rewind(at):
    """Count the days to answer of every open offer anew, after their number or the calendar changed.

    Returns how many have another last day now.
    """
    calendar, days, today = Calendar.load(), number("handover_days"), shanghai_day(at)
    waiting = Handover.objects.select_for_update().filter(state=Handover.State.PENDING).order_by("pk")
    moved = []
    for row in waiting:
        due_on = calendar.due_again(shanghai_day(row.asked_at), days, row.due_on, today)
        if due_on != row.due_on:
            row.due_on, row.updated_at = due_on, at
            moved.append(row)
    return Handover.objects.bulk_update(moved, ["due_on", "updated_at"])


def lapse(at):
    """Send back what nobody answered in time; every hand-over in a transaction of its own."""
    overdue = Handover.objects.filter(state=Handover.State.PENDING, due_on__lt=shanghai_day(at))
    for pk in list(overdue.values_list("pk", flat=True)):
        with transaction.atomic():
            row = _peek(Handover(pk=pk))
            _lock(row.lead_id)
            row = Handover.objects.select_for_update(of=("self",)).get(pk=pk)
            if row.state == Handover.State.PENDING and row.due_on < shanghai_day(at):
                _close(row, Handover.State.LAPSED, None, at, f"{row.due_on:%Y-%m-%d} 前没有答复。")


def _peek(handover):
    return Handover.objects.get(pk=handover.pk)


def _open(handover, *states):
    """The hand-over, its lead and claim, locked, lead first; AlreadyAnswered unless it is in `states`."""
    lead = _lock(handover.lead_id)
    claim = contested.hold_claim(lead)
    rows = Handover.objects.select_for_update(of=("self",)).select_related("from_unit", "to_unit", "to_owner")
    row = rows.get(pk=handover.pk)
    if row.state not in states:
        raise AlreadyAnswered(f"这次移交现在是「{row.get_state_display()}」，不能再这样操作。")
    return row, lead, claim


def _close(row, state, by, at, answer, owner=None):
    """Write the answer and tell it; `owner` is whose lead it was if it is his no more."""
    row.state, row.answered_by, row.answered_at, row.answer = state, by, at, answer[:200]
    row.updated_at = at
    row.save(update_fields=["state", "answered_by", "answered_at", "answer", "updated_at"])
    _tell_closed(row, owner or row.lead.owner, at)
    return row


def receivers(handover):
    """Who may accept: who is named, else head or station leader of the unit, else the bureau."""
    named = handover.to_owner
    if named and _may_carry(named, handover.to_unit_id):
        return [named]
    answering = User.objects.filter(
        unit=handover.to_unit_id, role__in=roles.RECEIVES_HANDOVERS, is_active=True
    )
    return list(answering) or responsible(handover.to_unit)


def _tell_asked(row, at):
    if row.state == Handover.State.APPROVAL:
        people = User.objects.filter(role=roles.MANAGER, is_active=True)
        title, body = f"待审批：再次移交「{str(row.record)[:60]}」", f"{row}，理由：{row.reason}"
    else:
        people = receivers(row)
        title = f"{row.from_unit}移交{row.record._meta.verbose_name}：{str(row.record)[:80]}"
        body = f"请在 {row.due_on:%Y-%m-%d} 前接收或退回，逾期自动退回。理由：{row.reason}"
    _tell(people, row, f"handover:{row.pk}:{row.state}", title, body, at)


def _tell_closed(row, owner, at):
    """Everybody who had to do with it, except who just did it."""
    people = [row.by, *responsible(row.from_unit)]
    people += [owner] if owner else []
    if row.approved_by_id or row.due_on:
        people += receivers(row)
    others = {one.pk: one for one in people if one.is_active and one.pk != row.answered_by_id}
    title = f"{row.get_state_display()}：移交「{str(row.record)[:60]}」（{row}）"
    _tell(others.values(), row, f"handover:{row.pk}:{row.state}", title, row.answer, at)


def _tell(people, row, key, title, body, at):
    for person in people:
        notify(
            person,
            kind=Notification.Kind.HANDOVER,
            key=key,
            title=title,
            body=body,
            url=row.get_absolute_url(),
            at=at,
        )
