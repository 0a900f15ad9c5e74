"""提醒设置: what a person may wish, and what the wishes mean for a message at a moment."""

from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction

from crm import audit
from crm.errors import Missing, Refused
from crm.models import Delivery, Notification, Preference
from crm.models.deliveries import USUAL
from crm.pushing import mails, robots
from crm.workdays import ONE_DAY, SHANGHAI

EARLIEST, LATEST = 6, 20  # hours between which the 今日提醒 may come
URGENT_LEVELS = frozenset({"red", "supervise"})


class PreferenceRefused(Refused):
    """The wishes contradict each other; `missing` names each with its field."""

    code = "invalid"


@dataclass(frozen=True)
class Wishes:
    """What a person asks for. `robot_url` is a new address, "" keeps the present; `drop_robot` forgets it."""

    digest_at: time = USUAL
    muted_kinds: list = field(default_factory=list)
    email: str = ""
    email_kinds: list = field(default_factory=list)
    robot_kinds: list = field(default_factory=list)
    robot_url: str = ""
    drop_robot: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None
    is_urgent_excepted: bool = True


def half_hours(first, last):
    """The times of the day in steps of half an hour, both hours included."""
    return [time(n // 2, n % 2 * 30) for n in range(first * 2, last * 2 + 1)]


def of(user):
    """The wishes of `user` as they stand, a row not yet saved when nothing was said."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def save(user, wishes, *, at):
    """Keep the wishes of `user`; what waits is sent by the new ones. Returns the row.

    Raises PreferenceRefused or robots.BadAddress, and nothing is written.
    """
    Preference.objects.get_or_create(user=user)
    row = Preference.objects.select_for_update().get(user=user)
    if wishes.robot_url:
        row.robot_url = robots.checked(wishes.robot_url)
    elif wishes.drop_robot:
        row.robot_url = ""
    if wrong := _contradictions(wishes, row.robot_url):
        raise PreferenceRefused("提醒设置没有保存，请改正下面的几处。", missing=wrong)
    row.digest_at, row.muted_kinds = wishes.digest_at, wishes.muted_kinds
    row.email_kinds, row.robot_kinds = wishes.email_kinds, wishes.robot_kinds
    row.quiet_from, row.quiet_until = wishes.quiet_from, wishes.quiet_until
    row.is_urgent_excepted = wishes.is_urgent_excepted
    row.save()
    if user.email != wishes.email:
        user.email = wishes.email
        user.save(update_fields=["email"])
    audit.record(user, "change_preference", user, detail=_told(row, wishes), at=at)
    return row


def channels(preference, message):
    """By which channels, besides the inbox, the person wants a message of this kind."""
    wanted = {Delivery.Channel.EMAIL: preference.email_kinds, Delivery.Channel.ROBOT: preference.robot_kinds}
    return [channel for channel, kinds in wanted.items() if message.kind in kinds]


def is_muted(preference, message):
    """Whether the person wants it kept as read; never what is urgent."""
    return message.kind in preference.muted_kinds and not is_urgent(message)


def not_before(preference, message, at):
    """The moment from which `message` may go out: `at`, or the end of the quiet time that `at` lies in."""
    if preference.quiet_from is None or (preference.is_urgent_excepted and is_urgent(message)):
        return at
    there = at.astimezone(SHANGHAI)
    if not _is_between(there.time(), preference.quiet_from, preference.quiet_until):
        return at
    end = datetime.combine(there.date(), preference.quiet_until, tzinfo=SHANGHAI)
    return end if end > at else end + ONE_DAY


def is_urgent(message):
    """Whether it tells of a 督办, or of anything with a red lamp."""
    if message.kind == Notification.Kind.SUPERVISE:
        return True
    return any(item.get("kind") in URGENT_LEVELS for item in message.items)


def impossible(channel, user, preference):
    """Why nothing can be sent to `user` by `channel` at present, in Chinese; "" when it can."""
    if not user.is_active:
        return "账号已停用。"
    if channel == Delivery.Channel.ROBOT:
        return "" if preference.robot_url else "没有填群机器人地址。"
    if not mails.is_set_up():
        return "系统没有设置发信服务器，邮件发不出去。"
    return mails.outside(user.email) if user.email else "没有填邮箱。"


def _is_between(moment, begin, end):
    """Whether `moment` lies in the time from `begin` up to `end`, which may be of the next day."""
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end


def _contradictions(wishes, robot_url):
    wrong = []
    if (wishes.quiet_from is None) != (wishes.quiet_until is None):
        lacking = "quiet_from" if wishes.quiet_from is None else "quiet_until"
        wrong.append(Missing("quiet", "安静时段要填开始和结束；不要安静时段就都不选。", lacking))
    elif wishes.quiet_from is not None and wishes.quiet_from == wishes.quiet_until:
        wrong.append(Missing("quiet", "安静时段的开始和结束不能是同一时间。", "quiet_until"))
    if wishes.email_kinds and not wishes.email:
        wrong.append(Missing("email", "选了用邮件推送，请填邮箱。", "email"))
    if why := mails.outside(wishes.email):
        wrong.append(Missing("email", f"邮箱：{why}", "email"))
    if wishes.robot_kinds and not robot_url:
        wrong.append(Missing("robot", "选了用群机器人推送，请填群机器人地址。", "robot_url"))
    return wrong


def _told(row, wishes):
    """The wishes for the audit log: kinds and times, neither the address of a robot nor of a mailbox."""
    kinds = dict(Notification.Kind.choices)
    quiet = f"{row.quiet_from:%H:%M}–{row.quiet_until:%H:%M}" if row.quiet_from else ""
    return {
        "今日提醒": f"{row.digest_at:%H:%M}",
        "站内不提醒": [kinds[one] for one in wishes.muted_kinds],
        "邮件": [kinds[one] for one in wishes.email_kinds],
        "群机器人": [kinds[one] for one in wishes.robot_kinds],
        "机器人": robots.name(row.robot_url),
        "安静时段": quiet,
    }
