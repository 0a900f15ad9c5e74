"""时间线: what happened to a lead, newest first: moves, visits, hand-overs, its claim, its fields."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from crm import history
from crm.models import Notification
from crm.pipeline import days_between
from crm.workdays import shanghai_day
from leads.models import LeadStageChange, VisitPhoto

# of one moment: people talk, the lead is registered, handed over, and last come the steps
REGISTERED, HANDED_OVER, LEAD_MOVED, MOVED = range(1, 5)
RANK = {"handover": HANDED_OVER, "lead_move": LEAD_MOVED, "move": MOVED}
RANK |= {"withdrawal": MOVED, "resumption": MOVED}  # they undo what was done before
# columns whose change has an entry of its own: a step, a hand-over, the pool, a suspension, a merge, a 回音
TOLD = frozenset({"stage", "unit_id", "is_pending", "merged_into_id", "suspended_until", "left_from"})
TOLD |= {"taken_at", "first_response_at", "introduced_on", "fed_back_on"}
PLAN = frozenset({"next_step", "next_contact_on"})
WRITTEN_AT_ONCE = timedelta(seconds=10)


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `kind` (move, visit, fields, …) says which template line shows it."""

    kind: str
    at: datetime
    record: object


@dataclass(frozen=True)
class Stop:
    """One stage on the bar: when it was entered first, the days spent in it, and where it stands."""

    code: str
    label: str
    state: str  # done, now, todo, skipped
    entered_at: datetime | None = None
    days: int = 0

    @property
    def words(self):
        """「05-06 · 12 天」, or why there is no day to tell."""
        if self.entered_at:
            return f"{shanghai_day(self.entered_at):%m-%d} · {self.days} 天"
        return "跳过" if self.state == "skipped" else "未到"


def talks(visits):
    """These visits with what a timeline shows of each, `pictures` among it: [{pk, name}]."""
    photos = VisitPhoto.objects.filter(visit=OuterRef("pk")).values(json=JSONObject(pk="pk", name="name"))
    return visits.select_related("by", "unit", "roadshow").annotate(pictures=ArraySubquery(photos))


def timeline(told):
    """All entries of what is `told` of a lead (leads/told.py), newest first."""
    return newest_first(
        [
            *each("move", "entered_at", told.changes),
            *each("visit", "at", told.visits),
            *field_entries(told.lead, told.field_changes, told.visits),
            *each("handover", "at", told.offers),
            *each("claim", "at", told.events),
            *each("pool_entered", "entered_at", told.stays),
            *each("pool_taken", "taken_at", [stay for stay in told.stays if stay.taken_at]),
            *each("feedback", "at", told.feedbacks),
            *each("message", "created_at", told.letters),
            *each("proof", "at", told.proofs),
            *each("merge", "at", told.merges),
            *each("unmerge", "undone_at", [row for row in told.merges if row.undone_at]),
        ]
    )


def each(kind, moment, rows):
    """An entry of this kind for each of the rows, at the moment its column of that name tells."""
    return [Entry(kind, getattr(row, moment), row) for row in rows]


def field_entries(record, rows, visits):
    """The changes of the fields of a lead or project (`rows`: history.of_record), except for what another
    entry tells."""

    def told_elsewhere(row, columns):
        if row.kind != record._meta.label_lower or not history.is_by_rule(row):
            return ()
        with_unit = {"owner_id"} if "unit_id" in columns else set()
        return TOLD | with_unit | (PLAN if any(_is_plan_of(visit, row) for visit in visits) else set())

    entries = [
        Entry("fields", told.at, told) for told in history.tell(rows[: history.MOST], record, told_elsewhere)
    ]
    return entries + [Entry("older_fields", row.at, row) for row in rows[history.MOST :]]


def _is_plan_of(visit, row):
    """Whether what comes next was written with the visit, whose entry says it."""
    return visit.by_id == row.by_id and abs(visit.created_at - row.at) < WRITTEN_AT_ONCE


def handovers(lead):
    """What was offered to other units of the lead, or of the project it became, and what they answered."""
    return lead.handovers.select_related("from_unit", "to_unit", "to_owner", "by", "answered_by")


def feedbacks(lead):
    """What the introducer was told."""
    return lead.feedbacks.select_related("by") if lead.fed_back_on else lead.feedbacks.none()


def letters(record, reader):
    """What `reader` was told of this record by a message of its own, not by a digest of many."""
    url = record.get_absolute_url()
    return Notification.objects.visible_to(reader).filter(Q(url=url) | Q(url__startswith=f"{url}#"))


def newest_first(entries):
    """The entries, what happened later above; of one moment what was written later, then by RANK."""
    return sorted(entries, key=_place, reverse=True)


def _place(entry):
    record = entry.record
    written = max(getattr(record, "created_at", entry.at), entry.at)
    is_registration = isinstance(record, LeadStageChange) and record.seq == 1
    rank = REGISTERED if is_registration else RANK.get(entry.kind, 0)
    return entry.at, written, rank, getattr(record, "seq", 0), getattr(record, "pk", 0)


def stage_bar(lead, changes, at):
    """The stages of the line, and the side exit the lead stands in, with dates and whole days until `at`.

    A stage that was passed over and never entered is `skipped`, as long as the record stands beyond it.
    """
    codes = [*lead.stages.line, *([lead.stage] if lead.stage in lead.stages.side else [])]
    skipped = {code for change in changes for code in change.skipped}
    skipped -= {code for code in skipped if lead.stages.is_forward(lead.stage, code)}
    at = lead.runs_until(at)
    return [_stop(lead, code, [c for c in changes if c.stage == code], at, code in skipped) for code in codes]


def _stop(lead, code, stays, at, is_skipped):
    label = lead.stages.labels[code]
    if not stays:
        return Stop(code, label, "skipped" if is_skipped else "todo")
    days = sum(days_between(stay.entered_at, stay.left_at or at) - stay.paused_days for stay in stays)
    state = "now" if lead.stage == code else "done"
    return Stop(code, label, state, min(stay.entered_at for stay in stays), int(max(days, 0)))
