"""推送: messages that have arrived in the inbox go out by mail and robot, as each person wishes.

A row per message and channel, written with the arrival. Workers claim what is due with a lease, send outside
of any transaction, and write down what became of it. Two workers never hold one row. A message goes out twice
where a worker is killed between the answer of the channel and its own note, and where a server takes it and
keeps its answer back beyond our patience.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from crm import out_of_sight, preferences
from crm.alone import each
from crm.bell import ring
from crm.models import Delivery, Notification, Preference
from crm.pushing import letters, mails, robots
from crm.pushing.unsent import WORDS, NotSent

SEND = "crm.tasks.send"
BATCH = 5
LEASE = timedelta(minutes=5)  # longer than a batch may take: every channel has its patience
MAX_ATTEMPTS = 5
REST = timedelta(minutes=1)  # of a server that is down
WAITS = [timedelta(minutes=number) for number in (1, 5, 15, 60)]  # after the first, second … failure
LOST = "执行进程多次中断，已放弃。"
BROKEN = "推送时系统出错，已经记下，请系统管理员查看日志。"
TEST = "test:"  # how the keys of test messages begin


def queue_out(arrived, at):
    """Write the rows of the messages (keys) that `arrived` at `at`; returns how many."""
    wishing = Q(user__preference__email_kinds__len__gt=0) | Q(user__preference__robot_kinds__len__gt=0)
    messages = Notification.objects.filter(wishing, pk__in=arrived).select_related("user__preference")
    rows = [
        Delivery(
            notification=message,
            channel=channel,
            due_at=preferences.not_before(message.user.preference, message, at),
            created_at=at,
        )
        for message in messages
        for channel in preferences.channels(message.user.preference, message)
    ]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        ring(SEND)
    return len(rows)


def send_batch(at, size=BATCH):
    """Send up to `size` of what is due at `at`; returns how many were tried, 0 when nothing is due."""
    rows, down = _claim(at, size), {}

    def send(row):
        server = _server(row)
        if server in down:
            _put_off(row, at + REST, down[server])
        elif why := _send(row, at):
            down[server] = why
            _let_rest(row, server, at + REST, why)

    each(rows, send, "delivery", lambda row: _failed(row, NotSent(BROKEN), at))
    return len(rows)


@transaction.atomic
def _claim(at, size):
    """Rows that are ours until the lease ends, each counted as one more try.

    What is left over from a worker that died at the last try is given up instead.
    """
    due = Delivery.objects.claimable(at).order_by("due_at", "pk")
    locked = due.select_for_update(skip_locked=True, of=("self",))
    found = list(locked.values_list("pk", "attempts")[:size])
    lost = [pk for pk, attempts in found if attempts >= MAX_ATTEMPTS]
    if lost:
        gone = {"state": Delivery.State.GIVEN_UP, "last_error": LOST, "leased_until": None}
        Delivery.objects.filter(pk__in=lost).update(**gone)
    ids = [pk for pk, attempts in found if attempts < MAX_ATTEMPTS]
    Delivery.objects.filter(pk__in=ids).update(leased_until=at + LEASE, attempts=F("attempts") + 1)
    rows = Delivery.objects.filter(pk__in=ids).select_related("notification__user__preference")
    return list(rows.order_by("due_at", "pk"))


def _send(row, at):
    """Try one row; answers why when its server takes nothing from anybody, else ""."""
    message, user, preference = row.notification, row.notification.user, _wishes(row)
    is_waited_for = message.key.startswith(TEST)  # the person sits there and looks
    free_at = at if is_waited_for else preferences.not_before(preference, message, at)
    if why := preferences.impossible(row.channel, user, preference):
        _end(row, Delivery.State.GIVEN_UP, why)
    elif free_at > at:
        _put_off(row, free_at)
    else:
        try:
            _hand_over(row.channel, message, user, preference)
        except NotSent as failure:
            if failure.was_reached:
                _failed(row, failure, at)
            else:
                _put_off(row, at + REST, failure.why)
            return failure.why if failure.is_down else ""
        _end(row, Delivery.State.SENT, "", sent_at=at)
    return ""


def _wishes(row):
    user = row.notification.user
    return getattr(user, "preference", None) or Preference(user=user)


def _server(row):
    """What the row needs to be up: the mail server, or that of the person's robot."""
    return row.channel if row.channel == Delivery.Channel.EMAIL else robots.server(_wishes(row).robot_url)


def _hand_over(channel, message, user, preference):
    """Send what the person may still read by now: between a message and its delivery lies a quiet night."""
    out_of_sight.hide([message], user)
    if channel == Delivery.Channel.EMAIL:
        mails.send(user.email, letters.subject(message), letters.mail(message))
    else:
        robots.post(preference.robot_url, letters.note(message))


def _failed(row, failure, at):
    """Try again later, or give up: at once when it is of no use, else after the last try."""
    if failure.is_final or row.attempts >= MAX_ATTEMPTS:
        _end(row, Delivery.State.GIVEN_UP, failure.why)
        return
    again = at + max(WAITS[row.attempts - 1], failure.pause)
    _ours(row).update(due_at=again, leased_until=None, last_error=failure.why)
    if failure.pause:  # the channel wants to be left alone by this person's other messages, too
        mine = _others(row.channel, again).filter(notification__user_id=row.notification.user_id)
        mine.update(due_at=again, last_error=failure.why)


def _let_rest(row, server, until, why):
    """Everything for a server that is down waits: one message finds out in a minute, not each by itself."""
    others = _others(row.channel, until)
    if row.channel == Delivery.Channel.ROBOT:
        others = others.filter(notification__user__preference__robot_url__startswith=server)
    others.update(due_at=until, last_error=why)


def _others(channel, until):
    """What waits for `channel`, in nobody's hands, and would go out before `until`."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, channel=channel)
    return waiting.filter(leased_until=None, due_at__lt=until)


def _put_off(row, until, why=""):
    """Not now, for the time is quiet or the server down: no failure of this row, and no try."""
    _ours(row).update(due_at=until, leased_until=None, attempts=F("attempts") - 1, last_error=why)


def _end(row, state, why, sent_at=None):
    _ours(row).update(state=state, last_error=why[:WORDS], leased_until=None, sent_at=sent_at)


def _ours(row):
    """The row as long as nobody took it over: the end of our own lease is the fence."""
    return Delivery.objects.filter(pk=row.pk, state=Delivery.State.WAITING, leased_until=row.leased_until)


def try_out(user, *, at):
    """Send `user` a message by every channel they have set up, once a minute at most; which these are."""
    preference = preferences.of(user)
    found = [one for one in Delivery.Channel if not preferences.impossible(one, user, preference)]
    message = Notification(
        user=user,
        kind=Notification.Kind.SYSTEM,
        key=f"{TEST}{at:%Y-%m-%dT%H:%M}",
        title="测试消息：收到它，说明推送设置好了",
        created_at=at,
        sent_at=at,
    )
    with transaction.atomic():
        Notification.objects.bulk_create([message], ignore_conflicts=True)
        message = Notification.objects.get(user=user, key=message.key)
        rows = [Delivery(notification=message, channel=one, due_at=at, created_at=at) for one in found]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        ring(SEND)
    return found
