"""One's own messages: reading them, marking them, putting them off, and taking that back."""

from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from crm import display, inbox, out_of_sight, snoozing
from crm.answers import refused, says_why
from crm.errors import Refused
from crm.models import Notification
from crm.notification_filters import STATES, NotificationFilter
from crm.notification_forms import SnoozeForm
from crm.paging import Page, keyset_page
from crm.removed import mark_removed, removed
from crm.workdays import ONE_DAY, shanghai_day

PAGE_SIZE = 20
KINDS = [("", "全部类别"), *Notification.Kind.choices]
UNDO = "undo_message"  # the last deed, kept in the session for the next look at the inbox
DOOR = ("page",)


@require_safe
@says_why
def show(request):
    """The messages of the person, newest first, by day; of all kinds or one, in all states or one."""
    now = timezone.now()
    filters = _filters(request)
    page = keyset_page(filters.rows(), request.GET.get("page", ""), size=PAGE_SIZE, by="shown_at")
    context = {
        **_dressed(request, page, now),
        "state": request.GET.get("state", ""),
        "kind": request.GET.get("kind", ""),
        "states": [(code, label, filters.address(state=code)) for code, label in [("", "全部"), *STATES]],
        "kinds": [(code, label, filters.address(kind=code)) for code, label in KINDS],
        "until": now.isoformat(),
        "undo": request.session.pop(UNDO, None),
    }
    return TemplateResponse(request, "crm/notifications.html", context)


@require_safe
def one(request, pk):
    """One message by itself: where a mail and a group robot lead, however old it is."""
    page = Page([_own(request, pk)])
    return TemplateResponse(request, "crm/notification.html", _dressed(request, page, timezone.now()))


def _dressed(request, page, now):
    """A page of messages as the templates show it: by day, and with what can be done with each."""
    out_of_sight.hide(page.rows, request.user)
    mark_removed(page.rows)
    for message in page:
        message.until = snoozing.in_words(message.snoozed_until) if message.snoozed_until else ""
    return {
        "page": page,
        "days": _by_day(page, shanghai_day(now)),
        "ways": snoozing.choices(now),
        "earliest": shanghai_day(now) + ONE_DAY,
    }


@require_POST
def read(request, pk):
    """Mark one message read, then go where it points, unless nothing is there any more."""
    message, now = _own(request, pk), timezone.now()
    if inbox.mark_read(_only(message), now) and not request.POST.get("go"):
        request.session[UNDO] = {"at": now.isoformat(), "words": f"「{message.title}」已标为已读。"}
    target = message.url if request.POST.get("go") else ""
    if removed([target]):
        messages.info(request, "这条消息说的记录已撤销，没有可以打开的页面。")
        return _back(request)
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return _back(request)


@require_POST
def unread(request, pk):
    """Let one message wait again."""
    inbox.mark_unread(_only(_own(request, pk)))
    return _back(request)


@require_POST
@says_why
def read_all(request):
    """Mark everything read that the filter shows and that had arrived when the page was opened."""
    rows, now = _filters(request).rows(), timezone.now()
    if seen := _moment(request.POST.get("until", "")):
        rows = rows.filter(sent_at__lte=seen, shown_at__lte=seen)
    number = inbox.mark_read(rows, now)
    if number:
        request.session[UNDO] = {"at": now.isoformat(), "words": f"{number} 条已标为已读。"}
    else:
        messages.info(request, "这里没有未读的消息。")
    return _back(request)


@require_POST
def undo(request):
    """Take back the last marking, of one message or of many."""
    at = _moment(request.POST.get("at", ""))
    number = inbox.take_back(request.user, at) if at else 0
    messages.info(request, f"已撤销，{number} 条回到未读。" if number else "没有可以撤销的，列表没有变化。")
    return _back(request)


@require_POST
def snooze(request, pk):
    """Put one message off until a moment the person chose."""
    message, now = _own(request, pk), timezone.now()
    try:
        until = _asked(request, now)
    except Refused as refusal:
        return refused(request, refusal, back=f"{reverse('notifications')}#message-{message.pk}")
    snoozing.snooze(message, until)
    words = f"「{message.title}」稍后提醒：{snoozing.in_words(until)} 回到未读。"
    request.session[UNDO] = {"wake": message.pk, "words": words}
    return _back(request)


@require_POST
def wake(request, pk):
    """Show a message again that was put off."""
    message = _own(request, pk)
    snoozing.wake(message)
    messages.info(request, f"「{message.title}」已回到列表。")
    return _back(request)


def _asked(request, now):
    """The moment of the form for putting off; raises Refused."""
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    return snoozing.moment(form.cleaned_data["way"], form.cleaned_data["on"], now)


def _filters(request):
    return NotificationFilter(
        request.GET, Notification.objects.visible_to(request.user), request=request, also=DOOR
    )


def _own(request, pk):
    """One own message, as one may read it now."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    return out_of_sight.hide([row], request.user)[0]


def _only(message):
    return Notification.objects.filter(pk=message.pk)


def _back(request):
    """To the inbox as it was filtered: the forms carry its query in their address."""
    query = request.GET.urlencode()
    return redirect(reverse("notifications") + (f"?{query}" if query else ""))


def _moment(text):
    """A moment we wrote into the page ourselves; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _by_day(page, today):
    """[(heading, messages)] by the day in Shanghai on which they stand in the inbox."""
    days = groupby(page, key=lambda message: shanghai_day(message.shown_at))
    return [(_heading(day, today), list(found)) for day, found in days]


def _heading(day, today):
    words = {today: "今天", today - ONE_DAY: "昨天"}.get(day)
    year = "" if day.year == today.year else f"{day.year}年"
    dated = f"{year}{day.month}月{day.day}日 {display.weekday(day)}"
    return f"{words}，{dated}" if words else dated
