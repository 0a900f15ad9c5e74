"""资质到期: who works on the company hears once, `qualification_notice_days` before a 资质 expires."""

import hashlib
from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from crm.models import Notification, Qualification
from crm.notifications import notify
from crm.numbers import number
from crm.workdays import shanghai_day
from leads.lapses import Row
from leads.models import Lead
from leads.reminders import DUE, Readers
from projects.models import Project
from projects.stages import ProjectStage

LISTED = 30  # qualifications in one message; the rest are a number


@transaction.atomic
def remind_qualifications(at):
    """Tell of the 资质 that expire soon and nobody was told of yet for that day; returns how many messages.

    A company nobody works on waits until somebody does. One message per person lists all; what was told is
    marked in the same transaction, with the day it was told for: a prolonged one is told of anew.
    """
    day = shanghai_day(at)
    soon = Q(expires_on__range=(day, day + timedelta(days=number("qualification_notice_days"))))
    untold = Q(told_for=None) | ~Q(told_for=F("expires_on"))
    rows = list(
        Qualification.objects.standing().filter(soon, untold).select_for_update().order_by("expires_on", "pk")
    )
    records, readers = _records({row.company_id for row in rows}), Readers()
    letters, told = defaultdict(list), []
    for row in rows:
        for record in records[row.company_id]:
            told.append(row.pk)
            for person in readers.of(_told_of(row, record)):
                letters[person].append((row, record))
    for person, found in letters.items():
        _write(readers.by_pk[person], found, day, at)
    Qualification.objects.filter(pk__in=told).update(told_for=F("expires_on"))
    return len(letters)


def _records(companies):
    """{company id: the projects that go on and the leads to be judged}, each with its people."""
    found = defaultdict(list)
    projects = Project.objects.exclude(stage=ProjectStage.LOST)
    for rows in (projects, Lead.objects.open()):
        for record in rows.filter(company__in=companies).select_related("company"):
            found[record.company_id].append(record)
    return found


def _told_of(row, record):
    """The record as Readers wants it: the owner is told, and where none is reached the heads."""
    place = record.unit_id, record.station_id, record.owner_id
    return Row(record.pk, str(record), row.expires_on, *place, level=DUE)


def _write(person, found, day, at):
    items = [_item(row, record, day) for row, record in found[:LISTED]]
    if len(found) > LISTED:
        items.append({"kind": "more", "title": f"另有 {len(found) - LISTED} 项", "text": "", "url": ""})
    keys = "|".join(f"{row.pk}:{row.expires_on}:{record._meta.label}:{record.pk}" for row, record in found)
    first, record = found[0]
    notify(
        person,
        kind=Notification.Kind.DIGEST,
        key=f"qualifications:{hashlib.sha256(keys.encode()).hexdigest()[:32]}",
        title=f"资质将到期：{record.company} {first}" if len(found) == 1 else f"{len(found)} 项资质将到期",
        body="请提醒企业按时复审；延续以后更新有效期，基金和政策匹配随之重算。",
        items=items,
        url=_address(record) if len(found) == 1 else "",
        at=at,
    )


def _address(record):
    """The page of its company's 资质, where the new expiry is entered."""
    space = "leads" if isinstance(record, Lead) else "projects"
    return reverse(f"{space}:qualifications", args=[record.pk])


def _item(row, record, day):
    left = (row.expires_on - day).days
    return {
        "kind": "due",
        "title": f"{record.company}：{row.kind}",
        "text": f"{row.expires_on} 到期，还有 {left} 天" if left else "今天到期",
        "url": _address(record),
    }
