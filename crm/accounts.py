"""Who may try to log in and how long a session lasts: tries are rows in PostgreSQL, limits are settings."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from crm import audit
from crm.errors import Refused
from crm.models import LoginAttempt, User
from crm.numbers import number
from crm.workdays import SHANGHAI

LOCK_SPACE = 7304  # apart from the other advisory locks (leads/intake.py, leads/importing.py)
TOUCH = 60  # seconds between two notes of the last activity: a page view is not a write
STARTED, SEEN = "started_at", "seen_at"


class WrongPassword(Refused):
    """No such account, a wrong password or a disabled account: one answer for all three."""

    code = "wrong_password"

    def __init__(self):
        super().__init__("账号或密码不对。请检查大小写后重试。")


class LockedOut(Refused):
    """Too many wrong tries; nothing was checked. `until` is when the next try is possible."""

    code = "locked_out"
    status = 429

    def __init__(self, until):
        clock = (until + timedelta(seconds=59)).astimezone(SHANGHAI)
        super().__init__(f"密码错误次数过多，账号暂时锁定，请在 {clock:%H:%M} 以后再试。")
        self.until = until


@dataclass(frozen=True)
class Caller:
    """Who tries: the account name as one name, the address, and the browser if it was let in before."""

    account: str
    ip: str
    device: str = ""


def log_in(caller, password, *, at):
    """The User whose account and password these are; the try is counted before anything is hashed.

    Raises LockedOut without looking at the password, WrongPassword alike for unknown, wrong and disabled.
    """
    take_try(caller, at)
    user = authenticate(username=caller.account, password=password)
    if user is None:
        _record_failure(caller, at)
        raise WrongPassword
    with transaction.atomic():
        forgive(caller)
        audit.record(user, "login", user, at=at)
    return user


def take_try(caller, at):
    """Count a try before it is made; LockedOut when there were too many (trust S7).

    A try counts as failed until `forgive`. Fifty at once queue up behind one lock per account, so never
    more than the limit are checked. A browser that logged in to this account before has its own count:
    a stranger guessing elsewhere does not lock it out.
    """
    window = timedelta(minutes=number("login_window_minutes"))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_SPACE, caller.account])
        tries = LoginAttempt.objects.filter(username=caller.account, at__gt=at - window).order_by("at")
        locked = [end + window for end in _full_counts(list(tries), caller)]
        if locked:
            raise LockedOut(max(locked))
        LoginAttempt.objects.create(username=caller.account, ip=caller.ip, device=caller.device, at=at)


def forgive(caller):
    """Take back the failed tries made from here; those made elsewhere still count."""
    here = {"device": caller.device} if caller.device else {"device": "", "ip": caller.ip}
    LoginAttempt.objects.filter(username=caller.account, **here).delete()


def forget_tries(at):
    """Drop tries older than a day; the nightly job calls it."""
    LoginAttempt.objects.filter(at__lt=at - timedelta(days=1)).delete()


def forget_sessions(at):
    """Drop sessions that have ended by themselves; the nightly job calls it."""
    Session.objects.filter(expire_date__lt=at).delete()


def _full_counts(tries, caller):
    """For every count that has reached its limit, the time of the try whose ageing will free it."""
    limit, anywhere = number("login_failures"), number("login_failures_anywhere")
    strange = [one for one in tries if not one.device]
    if caller.device:
        counts = [([one for one in tries if one.device == caller.device], limit)]
    else:
        counts = [([one for one in strange if one.ip == caller.ip], limit), (strange, anywhere)]
    return [found[-most].at for found, most in counts if len(found) >= most]


def _record_failure(caller, at):
    """An account that exists is named; anything else might be a password typed into the wrong field."""
    known = User.objects.filter(username=caller.account).first()
    detail = {"account": caller.account if known else "（没有这个账号）"}
    audit.record(None, "login_failed", known, detail=detail, at=at)


def begin_session(session, at):
    """Start both clocks of a session."""
    session[STARTED] = session[SEEN] = int(at.timestamp())


def is_over(session, at):
    """Whether a session has been idle or has lasted too long; notes the activity when it has not.

    The limits are settings.SESSION_IDLE_SECONDS and SESSION_ABSOLUTE_SECONDS.
    """
    now = int(at.timestamp())
    if STARTED not in session:
        begin_session(session, at)
    if now - session[STARTED] > settings.SESSION_ABSOLUTE_SECONDS:
        return True
    if now - session[SEEN] > settings.SESSION_IDLE_SECONDS:
        return True
    if now - session[SEEN] >= TOUCH:
        session[SEEN] = now
    return False
