"""工作台: the first page after login, a different one for each kind of work."""

from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.status import system_status
from crm import audit, guide, out_of_sight, roles
from crm.models import AuditEvent, Notification, Unit
from crm.paging import count, counts
from crm.permissions import may
from crm.workdays import SHANGHAI, shanghai_day
from leads.models import Roadshow
from projects import desk
from projects.agenda import Agenda, trips_about
from projects.guide import steps_of
from projects.incentives import waiting
from projects.models import Fund, Referral
from projects.referral_sums import Sums, sums
from projects.work_forms import deeds_for

NEWEST = 6
EVENTS = 12


@require_safe
def home(request):
    """The page of the person's role: what to do now, what stands out, or what state the system is in."""
    user, now = request.user, timezone.now()
    if user.role not in PAGES:
        return redirect("notifications")
    page, content = PAGES[user.role]
    messages = Notification.objects.visible_to(user).awake()
    newest = messages[:NEWEST]
    context = {
        "page": f"home/_{page}.html",
        "day": shanghai_day(now),
        "greeting": _greeting(now),
        "may_record": may(user, "capture"),
        "notifications": newest,
        "number_of": counts(messages=messages, trips=Roadshow.objects.visible_to(user)),
        "guide": _guide(user, now) if guide.is_open(user) else None,
        **content(user, now, newest),
    }
    context["notifications"] = out_of_sight.hide(newest, user)
    return TemplateResponse(request, "home.html", context)


def _guide(user, now):
    """The first steps; when the last is done they are shown once more, and then no longer."""
    steps = steps_of(user)
    done = sum(is_done for _, is_done in steps)
    if done == len(steps):
        guide.close(user, at=now)
    following = next((step for step, is_done in steps if not is_done), None)
    return {"steps": steps, "done": done, "is_done": done == len(steps), "next": following}


def _work(user, now, newest):
    """For those who carry leads and projects: due, lamps, gaps, trips, new matches."""
    day = shanghai_day(now)
    agenda = Agenda(user, day)
    trips, matches = trips_about(user, day), desk.new_matches(agenda, now)
    agenda.read(*desk.names(user), beside=(trips, matches, newest))
    return {
        **_desk(agenda),
        "is_personal": agenda.is_personal,
        "is_empty": not any(found["open"] for found in agenda.counts().values()),
        "trips": trips,
        "matches": matches,
        "show_owner": not agenda.is_personal,
    }


def _overview(user, now, newest):
    """For those above the units: how much there is, and where the red lamps are."""
    agenda = Agenda(user, shanghai_day(now))
    signed, units = agenda.signed(), Unit.objects.values_list("pk", "code", "name")
    agenda.read(*desk.names(user), beside=(signed, units, newest))
    counts = agenda.counts()
    return {
        **_desk(agenda),
        "leads": counts["lead"],
        "projects": counts["project"],
        "signed": next(iter(signed), {"number": 0}),
        "red_by_unit": agenda.red_by_unit(units),
        "show_owner": True,
    }


def _desk(agenda):
    """Tiles, lists, how much there is of each, and what may be done in a row."""
    return {
        "tiles": desk.tiles(agenda),
        "lists": agenda.lists(*desk.names(agenda.user)),
        "whole": desk.whole(agenda),
        "deeds": deeds_for(agenda.user),
        "may_import": may(agenda.user, "import"),
    }


def _funds(user, now, newest):
    """For a fund manager: the own funds with what came of their referrals, and what waits for an answer."""
    funds, seen = (
        list(Fund.objects.visible_to(user).order_by("order", "code")),
        Referral.objects.visible_to(user),
    )
    came = sums(seen)
    for fund in funds:
        fund.sums = came.get(fund.pk, Sums())
    waiting = seen.open().select_related("project", "fund").order_by("moved_at", "pk")
    return {
        "funds": funds,
        "waiting": list(waiting[:NEWEST]),
        "waiting_count": count(waiting),
        "has_had": bool(came),
        "is_fund": True,
    }


def _reviewing(user, now, newest):
    """For a reviewer: the promises that wait for a conclusion."""
    return {"items": waiting(user, now)}


def _auditing(user, now, newest):
    """For the auditor: what was done last."""
    events = list(AuditEvent.objects.all()[:EVENTS])
    for event in events:
        event.label = audit.action_word(event.action)
        event.what = audit.subject_word(event.subject)
    return {"events": events}


def _system(user, now, newest):
    """For the administrator: whether the machinery runs, and what to set up first."""
    return {"status": system_status(now)}


PAGES = {
    roles.OFFICER: ("work", _work),
    roles.STATION: ("work", _work),
    roles.HEAD: ("work", _work),
    roles.MANAGER: ("overview", _overview),
    roles.LEADER: ("overview", _overview),
    roles.FUND: ("funds", _funds),
    roles.REVIEWER: ("reviews", _reviewing),
    roles.AUDITOR: ("audit", _auditing),
    roles.ADMIN: ("system", _system),
}


def _greeting(now):
    hour = now.astimezone(SHANGHAI).hour
    return "早上好" if hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好"
