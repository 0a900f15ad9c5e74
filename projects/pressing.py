"""催办基金推荐: both sides hear, once per step, of a referral not received or standing still."""

import hashlib
from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from crm.models import Notification
from crm.notifications import notify
from crm.numbers import number
from crm.workdays import Calendar, shanghai_day
from projects.models import Referral
from projects.models.referrals import Step
from projects.spreading import fund_side, unit_side

LISTED = 30  # referrals in one message; the rest are a number


@transaction.atomic
def remind_referrals(at):
    """Tell of every open referral that is late at its step and was not told of yet; returns how many.

    A referral not received within `referral_receive_days` workdays, any other that stands for
    `referral_stall_days` days. Of suspended projects nobody is told. One message per person lists all; the
    rows are marked in the same transaction, and every step begins anew.
    """
    day, letters = shanghai_day(at), defaultdict(list)
    late = _late(day)
    for referral in late:
        for person in dict.fromkeys([*fund_side(referral), *unit_side(referral)]):
            letters[person].append(referral)
    for person, found in letters.items():
        _write(person, found, day, at)
    Referral.objects.filter(pk__in=[one.pk for one in late]).update(late_told_at=at)
    return len(late)


def _late(day):
    """The referrals to tell of, held first by themselves: their project may change its unit meanwhile."""
    untold = Referral.objects.open().filter(late_told_at=None, project__suspended_until=None)
    held = list(untold.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    rows = Referral.objects.filter(pk__in=held, late_told_at=None).open()
    rows = rows.select_related("project__unit", "project__owner", "fund").order_by("moved_at", "pk")
    calendar, days, most = Calendar.load(), number("referral_receive_days"), number("referral_stall_days")
    return [one for one in rows if due_on(one, calendar, days, most) < day]


def due_on(referral, calendar, receive_days, stall_days):
    """The last day on which the present step is in time."""
    begun = shanghai_day(referral.moved_at)
    if referral.step == Step.REFERRED:
        return calendar.add(begun, receive_days)
    return begun + timedelta(days=stall_days)


def _write(person, found, day, at):
    items = [_item(one, day) for one in found[:LISTED]]
    if len(found) > LISTED:
        more = {"kind": "more", "title": f"另有 {len(found) - LISTED} 条，请到推荐列表查看", "text": ""}
        items.append({**more, "url": reverse("projects:referrals")})
    keys = hashlib.sha256(
        "|".join(f"{one.pk}:{one.step}:{one.version}" for one in found).encode()
    ).hexdigest()[:32]
    single = f"基金推荐没有进展：{found[0].project}"
    notify(
        person,
        kind=Notification.Kind.DIGEST,
        key=f"referrals-late:{keys}",
        title=single if len(found) == 1 else f"{len(found)} 条基金推荐没有进展",
        items=items,
        url=found[0].get_absolute_url() if len(found) == 1 else reverse("projects:referrals"),
        at=at,
    )


def _item(referral, day):
    stood = (day - shanghai_day(referral.moved_at)).days
    waits = "基金方还没有接收" if referral.step == Step.REFERRED else f"停在「{referral.get_step_display()}」"
    return {
        "kind": "due",
        "title": f"{referral.project} → {referral.fund}",
        "text": f"{waits}，已 {stood} 天",
        "url": referral.get_absolute_url(),
    }
