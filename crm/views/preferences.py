"""提醒设置: how a person wants to be told, and why something did not arrive."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import outgoing, preferences
from crm.answers import says_why
from crm.errors import Refused
from crm.models import Delivery, Notification
from crm.notification_forms import PreferenceForm
from crm.paging import keyset_page
from crm.pushing import mails, robots

PAGE_SIZE = 30


@sensitive_post_parameters("robot_url")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    """The wishes of the person, and keeping them."""
    if request.method != "POST":
        wishes = preferences.of(request.user)
        return _page(request, PreferenceForm(initial=PreferenceForm.shown(wishes, request.user)))
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        preferences.save(request.user, form.wishes(), at=timezone.now())
    except Refused as refusal:
        form.add_refusal(refusal)
        return _page(request, form, status=refusal.status)
    messages.success(request, "提醒设置已保存。")
    return redirect("preferences")


@require_POST
def test(request):
    """Send the person a message by every channel they have set up."""
    found = outgoing.try_out(request.user, at=timezone.now())
    if found:
        names = "、".join(channel.label for channel in found)
        messages.success(request, f"测试消息已交给{names}，一分钟内送出；没收到请看下面的记录。")
    else:
        messages.info(request, "还没有可用的邮件或群机器人，测试消息只进了提醒中心。")
    return redirect("deliveries")


@require_safe
@says_why
def deliveries(request):
    """为什么没收到: what went out to the person, what did not, and why."""
    now, wishes = timezone.now(), preferences.of(request.user)
    rows = Delivery.objects.visible_to(request.user).select_related("notification")
    page = keyset_page(rows, request.GET.get("page", ""), size=PAGE_SIZE)
    for row in page:
        row.is_waiting_on = row.state == Delivery.State.WAITING and row.due_at > now
    context = {
        "page": page,
        "wishes": wishes,
        "obstacles": _obstacles(request.user, wishes),
        "kinds_kept_in": _kept_in(wishes),
        "most": outgoing.MAX_ATTEMPTS,
    }
    return TemplateResponse(request, "crm/deliveries.html", context)


def _obstacles(user, wishes):
    """[(channel, sentence)] of what stands in the way of the channels the person has chosen."""
    chosen = {Delivery.Channel.EMAIL: wishes.email_kinds, Delivery.Channel.ROBOT: wishes.robot_kinds}
    found = [(one.label, preferences.impossible(one, user, wishes)) for one, kinds in chosen.items() if kinds]
    return [(label, why) for label, why in found if why]


def _kept_in(wishes):
    """The kinds that go nowhere but into the inbox."""
    sent = {*wishes.email_kinds, *wishes.robot_kinds}
    return [label for code, label in Notification.Kind.choices if code not in sent]


def _page(request, form, status=200):
    wishes = preferences.of(request.user)
    context = {
        "form": form,
        "robot": robots.masked(wishes.robot_url),
        "has_mail": mails.is_set_up(),
    }
    return TemplateResponse(request, "crm/preferences.html", context, status=status)
