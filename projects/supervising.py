"""督办单: issued by a person or by the ladder, answered by the unit, closed by who issued it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Value, Window
from django.db.models.functions import RowNumber, TruncDate

from crm import audit, roles
from crm.errors import NotAllowed, Refused
from crm.models import Notification, StageSetting, Unit, User
from crm.notifications import notify, responsible
from crm.numbering import next_number
from crm.numbers import number
from crm.permissions import require
from crm.workdays import SHANGHAI, Calendar, shanghai_day
from leads.models import Lead
from leads.models.leads import UNANSWERED
from leads.reminders import Ladder
from projects.clocks import running_since
from projects.models import Project, SupervisionOrder
from projects.models.supervision import LadderRule
from projects.reminders import lateness
from projects.reporting import owing_reports, reported_at

LONGEST = timedelta(days=366)
ASKED = {
    LadderRule.STAGE: "请说明原因和下一步，并限期办结。",
    LadderRule.RESPONSE: "请说明原因，并限期联系企业。",
    LadderRule.REPORT: "请说明原因，并限期联系企业、汇报进展。",
    LadderRule.FEEDBACK: "请说明原因，并限期回音。",
}
LIMITS = {
    LadderRule.STAGE: "limit_on",
    LadderRule.RESPONSE: "limit_on",
    LadderRule.REPORT: "report_due_on",
    LadderRule.FEEDBACK: "feedback_due_on",
}


class OrderRefused(Refused):
    """The order cannot be issued, answered or closed as asked; `field` names why."""

    code = "invalid"


@transaction.atomic
def issue(record, *, demand, due_on, by, at):
    """Issue a numbered 督办单 on a lead or project; owner and unit heads are told. Returns the order.

    Raises OrderRefused without a demand, or for a due day that is past or more than a year ahead.
    """
    require(by, "supervise", record)
    if not demand.strip():
        raise OrderRefused("请写明督办要求。", field="demand")
    today = shanghai_day(at)
    if due_on is None or not today <= due_on <= today + LONGEST:
        raise OrderRefused("办结期限请选今天到一年之内的日子。", field="due_on")
    row = type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    require(by, "supervise", row)  # of what was merged meanwhile the kept one is told
    order = _write(row, demand.strip()[:300], due_on, at, issuer=by)
    audit.record(by, "supervise", row, detail={"number": order.number, "demand": order.demand}, at=at)
    _tell(order, f"{by}督办：{row}", at)
    return order


@transaction.atomic
def answer(order, *, text, by, at):
    """Write what was done; the issuer is told. May be repeated until the order is closed.

    Raises OrderRefused for an empty answer or a closed order, NotAllowed for other units.
    """
    row = SupervisionOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    require(by, "answer_order", row)
    _check_open(row)
    if not text.strip():
        raise OrderRefused("请写明办理情况。", field="reply")
    row.reply, row.replied_by, row.replied_at = text.strip(), by, at
    row.save(update_fields=["reply", "replied_by", "replied_at"])
    for person in [row.issuer] if has_issuer(row) else _bureau():
        _notify(person, row, "answer", f"{row.unit}已回复督办 {row.number}", row.reply, at)
    return row


@transaction.atomic
def close(order, *, note, by, at):
    """Close an answered order: its issuer alone (domain §1.9), and the bureau those the ladder issued or
    whose issuer has left.

    Raises NotAllowed for everybody else, OrderRefused before there is an answer or when it is closed.
    """
    row = SupervisionOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if not may_close(by, row):
        whom = row.issuer if has_issuer(row) else "区投促局"
        raise NotAllowed(f"督办 {row.number} 只能由{whom}办结。")
    _check_open(row)
    if row.replied_at is None:
        raise OrderRefused("责任单位还没有回复，不能办结。", code="not_answered")
    row.closed_by, row.closed_at, row.closing_note = by, at, note.strip()
    row.save(update_fields=["closed_by", "closed_at", "closing_note"])
    for person in responsible(row.unit):
        _notify(person, row, "closed", f"督办 {row.number} 已办结", row.closing_note, at)
    return row


def may_close(user, order):
    """Whether `user` issued the order; the bureau's are the ladder's and those whose issuer has left."""
    return order.issuer_id == user.pk if has_issuer(order) else user.role == roles.MANAGER


def has_issuer(order):
    """Whether a person issued the order who is still here: somebody must be able to close it."""
    return order.issuer is not None and order.issuer.is_active


def issue_overdue(at):
    """Issue the orders of the ladder: the records longest past their limit, so many per unit and day.

    Once per record, rule and run of its clock, whoever runs it how often and whatever becomes of the
    calendar or the limit meanwhile. Returns the number of orders.
    """
    day, calendar = shanghai_day(at), Calendar.load()
    due_on = calendar.add(day, number("supervision_reply_days"))
    stalling = set(StageSetting.objects.filter(is_restarted_by_progress=True).values_list("code", flat=True))
    ladders, issued = _ladders(day), 0
    for record in _chosen(ladders, day, Ladder.of(day, calendar).supervise_upto):
        days = calendar.between(record.past, day)
        late = lateness(record.rule, days, is_stall=record.stage in stalling)
        issued += _issue_one(record, ladders[type(record), record.rule], late, due_on, at)
    return issued


def _chosen(ladders, day, upto):
    """The records whose turn it is, leads and projects together, as many as each unit has left today."""
    most = number("supervision_per_day")
    left = dict.fromkeys(Unit.objects.values_list("pk", flat=True), most)
    left |= {unit: most - count for unit, count in _issued_on(day).values_list("unit").annotate(Count("pk"))}
    candidates = [
        record for (_, rule), records in ladders.items() for record in _far_past(records, rule, upto, most)
    ]
    for record in sorted(candidates, key=lambda record: (record.past, record.pk)):
        if left[record.unit_id] > 0:
            left[record.unit_id] -= 1
            yield record


def _ladders(day):
    """{(model, rule): the records whose clock of that rule runs and may be past its limit on `day`}."""
    late_leads, running = Lead.objects.yellow(day), Project.objects.filter(suspended_until=None)
    return {
        (Lead, LadderRule.RESPONSE): late_leads.filter(UNANSWERED),
        (Lead, LadderRule.STAGE): late_leads.exclude(UNANSWERED),
        (Project, LadderRule.STAGE): running.yellow(day),
        (Project, LadderRule.REPORT): owing_reports(running),
        (Lead, LadderRule.FEEDBACK): Lead.objects.owing_feedback(),
    }


def _issued_on(day):
    """The orders the ladder issued on the Shanghai day `day`."""
    today = SupervisionOrder.objects.filter(issuer=None, limit_on__isnull=False).order_by()
    return today.annotate(day=TruncDate("issued_at", tzinfo=SHANGHAI)).filter(day=day)


def _far_past(records, rule, upto, most):
    """Those whose limit by `rule` (`past`) lies up to `upto`, without an order for it: the `most` longest
    overdue of each unit."""
    place = Window(RowNumber(), partition_by="unit_id", order_by=["past", "pk"])
    rows = _unsupervised(records, rule).filter(past__lte=upto)
    return rows.annotate(place=place).filter(place__lte=most)


def _unsupervised(records, rule):
    """Those for which no order of the ladder by `rule` stands: none issued since the clock began to run as it
    runs now, and none open that was issued in the present stay. `past` is the limit.

    What is told of later may lie before an order: then the limit the order was for lies before it, too.
    """
    issued = SupervisionOrder.objects.filter(
        **{records.model._meta.model_name: OuterRef("pk")}, rule=rule, limit_on__isnull=False
    )
    this_run = Q(issued_at__gte=OuterRef("since"), limit_on__gt=OuterRef("since_on"))
    this_stay = Q(issued_at__gte=OuterRef("entered_at"), closed_at=None)
    same_limit = Q(limit_on=OuterRef("past"))
    rows = records.annotate(past=F(LIMITS[rule]), since=_since(records, rule), rule=Value(rule.value))
    rows = rows.annotate(since_on=TruncDate("since", tzinfo=SHANGHAI))
    return rows.filter(~Exists(issued.filter(this_run | this_stay | same_limit)))


def _since(records, rule):
    """The moment from which the clock of `rule` runs."""
    if rule == LadderRule.FEEDBACK:
        return F("created_at")
    return reported_at() if rule == LadderRule.REPORT else running_since(records.model)


@transaction.atomic
def _issue_one(record, records, late, due_on, at):
    """Issue the order unless, now that the record is held, its clock says something else or has one.

    `records` are those whose clock of this rule runs.
    """
    row = type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    rule = LadderRule(record.rule)
    if not _unsupervised(records.filter(pk=row.pk), rule).filter(past=record.past).exists():
        return False
    if _has_enough(row.unit_id, shanghai_day(at)):
        return False
    order = _write(row, f"{late}，{ASKED[rule]}", due_on, at, limit_on=record.past, rule=rule)
    _tell(order, f"系统督办：{row}", at)
    return True


def _has_enough(unit_id, day):
    """Whether the unit got its portion of the day meanwhile, from a ladder that runs beside this one.

    The row of the unit is held until commit, so that of two ladders the second counts what the first wrote.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    return _issued_on(day).filter(unit=unit_id).count() >= number("supervision_per_day")


def _write(record, demand, due_on, at, **more):
    year = shanghai_day(at).year
    return SupervisionOrder.objects.create(
        **{record._meta.model_name: record},
        number=next_number(SupervisionOrder, "number", f"DB{year}-", 5),
        unit=record.unit,
        demand=demand,
        issued_at=at,
        due_on=due_on,
        **more,
    )


def _tell(order, title, at):
    """Owner and unit heads learn of a new order, with what is asked and until when."""
    owner = order.record.owner
    people = {person.pk: person for person in responsible(order.unit)}
    if owner and owner.is_active and owner.unit_id == order.unit_id:
        people[owner.pk] = owner
    for person in people.values():
        _notify(person, order, "issued", title, f"{order.demand}\n请在 {order.due_on} 前回复。", at)


def _notify(person, order, step, title, body, at):
    key = f"order:{order.pk}:{step}:{at.isoformat()}"
    url = order.get_absolute_url()
    notify(person, kind=Notification.Kind.SUPERVISE, key=key, title=title[:120], body=body, url=url, at=at)


def _bureau():
    return User.objects.filter(role=roles.MANAGER, is_active=True)


def _check_open(order):
    if order.closed_at is not None:
        raise OrderRefused(f"督办 {order.number} 已经办结。", code="closed")
