"""记录跟进: a visit or call with what was said, the next step and the next date."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from crm import mentions
from crm.errors import Refused
from crm.permissions import require
from crm.pipeline import CLOCK, restart, wind
from crm.values import FARTHEST
from crm.workdays import SHANGHAI, shanghai_day
from leads.claims import keep
from leads.models import Lead, Visit

EARLIEST = datetime(2000, 1, 1, tzinfo=SHANGHAI)


class FollowUpRefused(Refused):
    """The record would not be an effective follow-up; `field` names what is missing."""

    code = "invalid"


@dataclass(frozen=True)
class FollowUp:
    """What happened and what comes next: without content, next step and next date it is none (§1.8).

    Of a lost record only the revisit is planned (§1.10): there `next_on` is None.
    """

    kind: str
    content: str
    next_step: str
    next_on: date | None
    at: datetime
    place: str = ""
    roadshow: object = None


@transaction.atomic
def log_visit(lead, follow_up, *, by, at, target=None):
    """Write the visit and set the next contact on `target`: by default the project of the lead, if any.

    Raises FollowUpRefused when content, next step or next date is missing or senseless, or a date is given
    for a lost record; MentionRefused when it names a colleague who may not see the record; Gone when the lead
    was taken back.
    """
    Lead.objects.hold(lead.pk)
    target = target or getattr(lead, "project", lead)
    require(by, "log_visit", target)
    _check(follow_up, target, at)
    content = follow_up.content.strip()
    named = mentions.find(content, target, field="content")
    visit = Visit.objects.create(
        lead=lead,
        roadshow=follow_up.roadshow,
        unit=target.unit,
        by=by,
        kind=follow_up.kind,
        at=follow_up.at,
        place=follow_up.place,
        content=content,
        mentioned=[one.text for one in named],
        next_step=follow_up.next_step.strip(),
        next_on=follow_up.next_on,
        created_at=at,
    )
    mentions.tell(named, target, key=f"visit:{visit.pk}", where="跟进", text=content, by=by, at=at)
    _set_dates(lead, target, visit, at)
    if visit.is_effective or target.is_lost:  # of what is lost a next date is not to be had
        keep(lead, visit, at=at)
    return visit


def _check(follow_up, target, at):
    if not follow_up.content.strip():
        raise FollowUpRefused("请写下谈了什么。", field="content")
    if not follow_up.next_step.strip():
        raise FollowUpRefused("请写下下一步做什么。", field="next_step")
    if target.is_lost and follow_up.next_on:
        raise FollowUpRefused("已流失的只约回访日期，不填下次联系日期；要继续跟进请先激活。", field="next_on")
    if follow_up.next_on is None and not target.is_lost:
        raise FollowUpRefused("请填写下次联系日期。", field="next_on")
    if wrong := unplannable(follow_up.next_on, at):
        raise FollowUpRefused(wrong, field="next_on")
    if too_early := before_our_time(follow_up.at):
        raise FollowUpRefused(too_early, field="at")
    if follow_up.at > at:
        raise FollowUpRefused("联系时间不能晚于现在。", field="at")


def unplannable(day, at):
    """The sentence against a next contact (None: none) that is past or more than two years ahead, else ""."""
    today = shanghai_day(at)
    if day is None or today <= day <= today + FARTHEST:
        return ""
    return "下次联系日期不能早于今天。" if day < today else "下次联系日期最多约到两年以后。"


def before_our_time(moment):
    """The sentence against a contact (None: unknown) before the year 2000, else ""."""
    if moment is None or moment >= EARLIEST:
        return ""
    return f"联系时间不能早于 {EARLIEST.year} 年，请核对年份。"


def _set_dates(lead, target, visit, at):
    """Set the contact dates and the clocks; the version rises, so a form opened before is shown both values.

    A meeting told of later than a newer one leaves the last contact and the last progress where they are.
    """
    dates = {
        "last_contact_at": Greatest("last_contact_at", Value(visit.at)),
        "progressed_at": Greatest("progressed_at", Value(visit.at)),
        "next_contact_on": visit.next_on,
        "next_step": visit.next_step,
        "updated_at": at,
        "version": F("version") + 1,
    }
    type(target).objects.filter(pk=target.pk).update(**dates)
    was_unanswered = lead.first_response_at is None
    earlier = Q(first_response_at=None) | Q(first_response_at__gt=visit.at)
    if Lead.objects.filter(earlier, pk=lead.pk).update(first_response_at=visit.at, updated_at=at):
        lead.refresh_from_db()
        if was_unanswered:
            wind(lead)
    restart(type(target).objects.get(pk=target.pk))
    target.refresh_from_db(fields=[*dates, *CLOCK])
