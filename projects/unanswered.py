"""逾期未复: of an order past its day without an answer its issuer hears, and the linked 区领导; once."""

import hashlib
from collections import defaultdict

from django.db import transaction
from django.urls import reverse

from crm import roles
from crm.models import Notification, User
from crm.notifications import notify
from crm.workdays import shanghai_day
from projects.models import SupervisionOrder

LISTED = 30  # orders in one message; the rest are a number
SHOWN = ("unit", "issuer", "lead__leader", "project__leader")


@transaction.atomic
def tell_unanswered(at):
    """Tell of every order that went past its day unanswered and was not told of yet; returns how many orders.

    Who issued it is told, the bureau where the ladder did or the issuer has left, and who is linked to the
    record. One message per person lists all; the rows are marked in the same transaction.
    """
    orders = _late(shanghai_day(at))
    letters, bureau = defaultdict(list), list(_active(roles.MANAGER))
    for order in orders:
        for person in _readers(order, bureau):
            letters[person].append(order)
    for person, found in letters.items():
        _write(person, found, at)
    SupervisionOrder.objects.filter(pk__in=[order.pk for order in orders]).update(late_told_at=at)
    return len(orders)


def _late(day):
    """The orders to tell of, held first by themselves: the unit of one may change meanwhile."""
    late = SupervisionOrder.objects.overdue(day).filter(late_told_at=None).order_by("pk")
    held = list(late.select_for_update().values_list("pk", flat=True))
    return list(SupervisionOrder.objects.filter(pk__in=held).select_related(*SHOWN).order_by("due_on", "pk"))


def _active(role):
    return User.objects.filter(role=role, is_active=True)


def _readers(order, bureau):
    """Nobody twice: the linked leader may be the issuer."""
    issuer = order.issuer if order.issuer and order.issuer.is_active else None
    leader = order.record.leader
    linked = [leader] if leader and leader.is_active else []
    return dict.fromkeys([*([issuer] if issuer else bureau), *linked])


def _write(person, orders, at):
    day, first = shanghai_day(at), orders[0]
    keys = hashlib.sha256("|".join(order.number for order in orders).encode()).hexdigest()[:32]
    single = f"督办 {first.number} 逾期未复：{first.record}"
    items = [_item(order, day) for order in orders[:LISTED]]
    if len(orders) > LISTED:
        items.append({**_more(), "title": f"另有 {len(orders) - LISTED} 件，请到督办列表查看"})
    notify(
        person,
        kind=Notification.Kind.SUPERVISE,
        key=f"orders-late:{keys}",
        title=single if len(orders) == 1 else f"{len(orders)} 件督办逾期未复",
        items=items,
        url=first.get_absolute_url() if len(orders) == 1 else _more()["url"],
        at=at,
    )


def _item(order, day):
    late = (day - order.due_on).days
    return {
        "kind": "red",
        "title": f"{order.number} {order.record}",
        "text": f"{order.unit}没有回复，期限 {order.due_on}，已过 {late} 天",
        "url": order.get_absolute_url(),
    }


def _more():
    return {"kind": "more", "text": "", "url": f"{reverse('projects:orders')}?state=overdue"}
