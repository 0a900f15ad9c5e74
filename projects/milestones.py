"""The two dates of a proof: when it happened, and when it counts, which the bureau confirms (domain §1.3)."""

from django.db import transaction

from crm.errors import Refused
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.corrections import check_counted_on, keep, tell_audit
from projects.days import check_year
from projects.models import Evidence


class MilestoneRefused(Refused):
    """The date cannot stand; `field` names it."""

    code = "invalid"


@transaction.atomic
def redate(evidence, event_on, *, by, at, reason=""):
    """Correct the day it happened; what has been counted is corrected by the bureau, with a reason."""
    require(by, "edit", evidence.project)
    row = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if event_on == row.event_on:
        return row
    check_year(event_on, "发生日期", MilestoneRefused, field="event_on")
    if event_on > shanghai_day(at):
        raise MilestoneRefused("发生日期不能晚于今天：还没有发生的事不能当材料。", field="event_on")
    if row.counted_on:
        _check_counted(row, event_on, by, reason)
    before, row.event_on = row.event_on, event_on
    keep(row, {"event_on": before}, by=by, at=at, reason=reason)
    row.save(update_fields=["event_on"])
    return row


def _check_counted(row, event_on, by, reason):
    require(by, "count", row.project)
    if event_on > row.counted_on:
        raise MilestoneRefused(f"发生日期不能晚于统计日期（{row.counted_on}）。", field="event_on")
    if not reason.strip():
        text = "这份材料已计入统计，更正请写明理由。"
        raise MilestoneRefused(text, code="reason_required", field="reason")


@transaction.atomic
def count(evidence, day, *, by, at, reason=""):
    """Confirm the 统计日期 of a proof, or take it back with None and a reason; audited."""
    require(by, "count", evidence.project)
    row = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if day == row.counted_on:
        return row
    check_counted_on(row, day, row.event_on, reason, at)
    before, row.counted_on = row.counted_on, day
    keep(row, {"counted_on": before}, by=by, at=at, reason=reason)
    row.save(update_fields=["counted_on"])
    tell_audit(row, before, reason, by=by, at=at)
    return row


@transaction.atomic
def restate(evidence, dates, *, by, at, reason=""):
    """Both dates from one form: `dates` may hold `event_on` and `counted_on`; all or nothing."""
    if "event_on" in dates:
        redate(evidence, dates["event_on"], by=by, at=at, reason=reason)
    if "counted_on" in dates:
        count(evidence, dates["counted_on"], by=by, at=at, reason=reason)
