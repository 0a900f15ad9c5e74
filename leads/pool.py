"""公海: a walk-in lead of low value that nobody follows up goes back to all, and whoever wants takes it."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import DateField, Exists, ExpressionWrapper, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import TruncDate

from crm.errors import Refused
from crm.models import Notification, Unit, User
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.permissions import require
from crm.pipeline import CLOCK, set_clock, wind
from crm.workdays import ONE_DAY, SHANGHAI, shanghai_day
from leads import claims, credit, lapses, stages
from leads.handover import withdraw_all
from leads.models import Claim, ClaimWarning, Conflict, CreditSplit, Handover, Lead, PoolEntry

BATCH = 200
CLOCKS = ["next_contact_on", *CLOCK]
WORDS = lapses.Words(
    "「{title}」将退回公海", "{count} 条线索将退回公海", "{due} 夜间退回，请在那之前有效跟进"
)

RETURNED = lapses.Words(  # the unit that had it reads it no longer, but finds it in the pool
    "「{title}」已退回公海", "{count} 条线索已退回公海", "长期没有有效跟进", "/leads/pool/"
)


class PoolRefused(Refused):
    """The lead cannot be taken or given as asked."""

    code = "pool"


class AlreadyTaken(Refused):
    """Somebody else took it a moment ago; nothing happened."""

    code = "already_taken"
    status = 409


def poolable():
    """Leads the pool is for: open, from a channel marked so, with a small or unknown amount."""
    small = Q(amount_wan=None) | Q(amount_wan__lt=number("pool_amount_wan"))
    return Lead.objects.filter(small, stage__in=stages.OPEN, channel__is_poolable=True)


def is_poolable(lead):
    """Whether this lead is one for the pool."""
    return poolable().filter(pk=lead.pk).exists()


def neglected(day):
    """Poolable leads without an effective follow-up for `pool_retention_days`; `due` is their last day.

    Not those that are being contested or handed over, nor those whose company somebody else has reported.
    """
    retention = number("pool_retention_days")
    last = TruncDate("claim__last_effective_at", tzinfo=SHANGHAI)
    days = Value(retention + number("pool_grace_days"), IntegerField())
    others = Claim.objects.open().filter(company=OuterRef("company")).exclude(lead=OuterRef("pk"))
    return (
        poolable()
        .filter(
            ~Exists(Handover.objects.open().filter(lead=OuterRef("pk"))),
            ~Exists(PoolEntry.objects.lying().filter(lead=OuterRef("pk"))),
            ~Exists(others),
            claim__is_contested=False,
            claim__last_effective_at__lt=lapses.midnight(day - timedelta(days=retention - 1)),
        )
        .annotate(due=ExpressionWrapper(last + days, output_field=DateField()))
    )


def returning(day):
    """What goes back on the night of `day`: past its last day, and warned of for the whole grace."""
    warned_by = lapses.midnight(day - timedelta(days=number("pool_grace_days") - 1))
    warned = ClaimWarning.objects.filter(
        claim__lead=OuterRef("pk"), kind=ClaimWarning.Kind.POOL, due_on=OuterRef("due"), at__lt=warned_by
    )
    return neglected(day).filter(Exists(warned), due__lte=day)


def tonight(user, day):
    """What goes back on the night of `day`, of what `user` sees."""
    return returning(day).filter(pk__in=Lead.objects.visible_to(user).values("pk"))


def watch(at):
    """Once an hour: warn of what will go back, and take back what nobody followed up after taking it."""
    warn(at)
    recycle(at)


@transaction.atomic
def warn(at):
    """Announce the returns nobody was told of yet, once per lead and last day; returns how many."""
    kind = ClaimWarning.Kind.POOL
    known = ClaimWarning.objects.filter(claim__lead=OuterRef("pk"), kind=kind, due_on=OuterRef("due"))
    rows = neglected(shanghai_day(at)).filter(~Exists(known)).values_list("claim__pk", "due")
    warnings = [ClaimWarning(claim_id=pk, kind=kind, due_on=due, at=at) for pk, due in rows.iterator()]
    ClaimWarning.objects.bulk_create(warnings, ignore_conflicts=True, batch_size=BATCH)
    return lapses.tell_warned(kind, WORDS, at) if warnings else 0


def return_all(at):
    """The nightly return; returns how many leads went back."""
    count = 0
    while moved := _return_some(at):
        count += moved
    return count


@transaction.atomic
def _return_some(at):
    found = returning(shanghai_day(at))
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:BATCH])
    list(Lead.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    _hold_claims(ids)
    leads = list(found.filter(pk__in=ids).select_related("unit", "owner").order_by("pk"))
    rows = [
        lapses.Row(one.pk, one.title, one.due, one.unit_id, one.station_id, one.owner_id) for one in leads
    ]
    if rows:
        lapses.tell(rows, f"pooled-{rows[0].pk}", RETURNED, at)
    for lead in leads:
        _enter(lead, PoolEntry.Why.SILENT, at)
    return len(leads)


@transaction.atomic
def give(lead, *, by, at, reason):
    """Put a poolable lead into the pool by hand; raises NotAllowed, PoolRefused."""
    require(by, "give_to_pool", lead)
    row = Lead.objects.hold(lead.pk)
    if not reason.strip():
        raise PoolRefused("请填写放入公海的理由。", code="invalid", field="reason")
    if not is_poolable(row):
        wan = number("pool_amount_wan")
        raise PoolRefused(
            f"只有主动来访、网络等渠道、投资额未知或低于 {wan} 万元、还在线索或研判的线索进入公海。"
        )
    if row.is_pooled:
        raise PoolRefused("这条线索已经在公海。")
    if any(claim.is_contested for claim in _hold_claims([row.pk])):
        raise PoolRefused("这条线索正在裁决首报冲突，裁决前不能放入公海。")
    withdraw_all(row, by=by, at=at, why="线索已放入公海。")
    entry = _enter(row, PoolEntry.Why.GIVEN, at, by=by, reason=reason.strip())
    _tell_entered(entry, at)
    return entry


def _hold_claims(leads):
    """The claims of these leads, locked: nobody contests one while its lead goes into the pool."""
    return list(Claim.objects.select_for_update().filter(lead__in=leads).order_by("lead"))


def _enter(lead, why, at, by=None, reason=""):
    """Let the locked lead go into the pool: kept by the bureau, without owner, clocks and claim."""
    entry = PoolEntry.objects.create(
        lead=lead,
        why=why,
        reason=reason,
        from_unit=lead.unit,
        from_person=lead.owner,
        by=by,
        entered_at=at,
    )
    mine = Claim.objects.filter(lead=lead)
    mine.end(Claim.Ended.POOLED, at)
    mine.exclude(released_at=None).update(ended=Claim.Ended.POOLED)
    for name in CLOCKS:
        setattr(lead, name, None)
    lead.go_to(_keeper(), None, by=by, at=at, also=CLOCKS)
    return entry


def _keeper():
    """The bureau keeps what nobody has: whoever sees everything sees it, and no unit does."""
    return Unit.objects.filter(kind=Unit.Kind.BUREAU, is_active=True).order_by("pk")[0]


@transaction.atomic
def take(entry, *, by, at):
    """Take a lead out of the pool for `by` and his unit: claim, first hours and the time of the stage begin.

    Raises NotAllowed, AlreadyTaken (also when the lead got an owner or a unit otherwise), PoolRefused beyond
    his limits or while he has to wait, AlreadyReported when somebody reported the company meanwhile.
    """
    require(by, "take_from_pool")
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # his limits are counted one take at a time
    lead = Lead.objects.select_for_update().get(pk=entry.lead_id)
    row = PoolEntry.objects.select_for_update().get(pk=entry.pk)
    _check_free(row, lead)
    _check_limits(lead, by, at)
    _claim(lead, by, at)
    row.taken_at, row.taken_by, row.taken_unit = at, by, by.unit
    row.follow_up_by = at + timedelta(hours=number("pool_first_follow_up_hours"))
    row.save(update_fields=["taken_at", "taken_by", "taken_unit", "follow_up_by"])
    lead.owner, lead.next_contact_on, lead.taken_at = by, shanghai_day(row.follow_up_by), at
    set_clock(lead)
    lead.go_to(by.unit, by, by=by, at=at, also=["taken_at", *CLOCKS])
    if by.unit_id != row.from_unit_id:  # who takes back what was his own keeps what others have in it
        ground = CreditSplit.Ground.POOL
        credit.split(lead, {by.unit: credit.WHOLE}, ground=ground, reference=row.pk, by=by, at=at)
    return row


def _check_free(entry, lead):
    if entry.taken_at or lead.stage not in stages.OPEN:
        raise AlreadyTaken("这条线索刚被别人领取，或已经关闭，请刷新后另选一条。")
    if lead.owner_id or lead.unit.kind != Unit.Kind.BUREAU:
        raise AlreadyTaken(f"这条线索已由{lead.owner or lead.unit}负责，不能领取，请另选一条。")


def _check_limits(lead, by, at):
    if not by.unit_id:
        raise PoolRefused("您的账号没有所属单位，请联系管理员。", code="no_unit")
    today = lapses.midnight(shanghai_day(at))
    mine = PoolEntry.objects.filter(taken_by=by)
    if mine.filter(taken_at__gte=today).count() >= (most := number("pool_takes_per_day")):
        raise PoolRefused(f"每人每天最多领取 {most} 条，今天已经领满，请明天再领。")
    held = mine.filter(returned_at=None, lead__owner=by, lead__stage__in=stages.OPEN)
    if held.values("lead").distinct().count() >= (most := number("pool_holdings_max")):
        raise PoolRefused(f"每人最多同时持有 {most} 条公海线索，请先推进或放回手上的。")
    if waits := PoolEntry.objects.wait_of(by, lead, shanghai_day(at)):
        raise PoolRefused(waits)


def _claim(lead, by, at):
    row = Claim.objects.select_for_update().filter(lead=lead).first()
    if row is None:
        return
    claims.lock_company(row)
    other = claims.holder(row.company_id, row.key)
    other = other or claims.registered_elsewhere([row.company_id], by.unit_id)
    if other and other.pk != row.pk:
        raise claims.AlreadyReported(other, by)
    try:
        with transaction.atomic():
            row.begin(unit=by.unit, person=by, at=at)
    except IntegrityError as error:
        raise PoolRefused("这家企业刚被别的单位首报，不能领取。") from error


def end_stay(lead, unit, at):
    """The bureau decided for `unit`: `lead` lies in the pool no longer, though nobody took it."""
    if not PoolEntry.objects.lying().filter(lead=lead).update(taken_at=at, taken_unit=unit):
        return
    row = Lead.objects.get(pk=lead.pk)
    row.taken_at = at
    row.save(update_fields=["taken_at"])
    wind(row)


def give_hours_anew(lead, at):
    """Count the hours to the first follow-up of who took `lead` from `at` on: it was contested meanwhile."""
    hours = timedelta(hours=number("pool_first_follow_up_hours"))
    PoolEntry.objects.running().filter(lead=lead, follow_up_by__isnull=False).update(follow_up_by=at + hours)


@transaction.atomic
def rewind(at):
    """Count the hours to the first follow-up of what was taken anew, after their number changed.

    Hours that would be over by now end tonight, unless they were to end sooner. Of a lead that was contested
    they count from the decision. Returns how many changed.
    """
    hours = timedelta(hours=number("pool_first_follow_up_hours"))
    tonight = lapses.midnight(shanghai_day(at) + ONE_DAY)
    moved = []
    decided = Conflict.objects.filter(claim__lead=OuterRef("lead"), decided_at__isnull=False)
    newest = Subquery(decided.order_by("-decided_at").values("decided_at")[:1])
    running = PoolEntry.objects.running().filter(follow_up_by__gt=at).annotate(decided_at=newest)
    for row in running.select_for_update(of=("self",)).order_by("pk"):
        until = max(row.taken_at, row.decided_at or row.taken_at) + hours
        until = until if until > at else min(row.follow_up_by, tonight)
        if until != row.follow_up_by:
            row.follow_up_by = until
            moved.append(row)
    return PoolEntry.objects.bulk_update(moved, ["follow_up_by"])


def recycle(at):
    """Send back what was taken and not followed up in time, and tell; every lead in its own transaction.

    What is contested stays where it is until the bureau has decided.
    """
    late = PoolEntry.objects.running().filter(follow_up_by__lt=at, lead__stage__in=stages.OPEN)
    for pk, lead_id in list(late.values_list("pk", "lead_id")):
        with transaction.atomic():
            lead = Lead.objects.select_for_update().get(pk=lead_id)
            row = PoolEntry.objects.select_for_update().get(pk=pk)
            if row.followed_up_at or row.returned_at or lead.unit_id != row.taken_unit_id:
                continue
            if any(claim.is_contested for claim in _hold_claims([lead_id])):
                continue
            PoolEntry.objects.filter(pk=pk).update(returned_at=at)
            withdraw_all(lead, by=row.taken_by, at=at, why="领取后没有及时跟进，线索已退回公海。")
            _tell_entered(_enter(lead, PoolEntry.Why.NO_FOLLOW_UP, at), at)


def _tell_entered(entry, at):
    """Whose lead it was, and those who answer for the unit."""
    people = {one.pk: one for one in responsible(entry.from_unit)}
    if entry.from_person and entry.from_person.is_active:
        people[entry.from_person_id] = entry.from_person
    people.pop(entry.by_id, None)
    for person in people.values():
        notify(
            person,
            kind=Notification.Kind.CLAIM,
            key=f"pool:{entry.pk}",
            title=f"「{entry.lead.title[:80]}」已退回公海",
            body=f"原因：{entry.get_why_display()}{'，' + entry.reason if entry.reason else ''}。",
            url="/leads/pool/",
            at=at,
        )
