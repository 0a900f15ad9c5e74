"""One's own messages: reading them, and marking them read."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from crm.answers import says_why
from crm.models import Notification
from crm.notification_filters import NotificationFilter
from crm.paging import keyset_page
from crm.removed import mark_removed, removed

PAGE_SIZE = 20
KINDS = [("", "全部类别"), *Notification.Kind.choices]


@require_safe
@says_why
def inbox(request):
    """The messages of the person, newest first, of all kinds or of one, all or only the unread ones."""
    rows = Notification.objects.visible_to(request.user)
    filters = NotificationFilter(request.GET, rows, request=request, also=("page",))
    page = keyset_page(filters.rows(), request.GET.get("page", ""), size=PAGE_SIZE)
    mark_removed(page.rows)
    context = {
        "page": page,
        "filters": filters,
        "only_unread": request.GET.get("unread") == "1",
        "kind": request.GET.get("kind", ""),
        "everything": filters.address(unread=None),
        "unread": filters.address(unread="1"),
        "kinds": [(code, label, filters.address(kind=code)) for code, label in KINDS],
    }
    return TemplateResponse(request, "crm/notifications.html", context)


@require_POST
def read(request, pk):
    """Mark one message read, then go where it points, unless nothing is there any more."""
    message = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    _mark(Notification.objects.filter(pk=message.pk))
    target = message.url if request.POST.get("go") else ""
    if removed([target]):
        messages.info(request, "这条消息说的记录已撤销，没有可以打开的页面。")
        return redirect("notifications")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect("notifications")


@require_POST
def read_all(request):
    """Mark everything read that has arrived by now."""
    _mark(Notification.objects.visible_to(request.user))
    return redirect("notifications")


def _mark(rows):
    rows.filter(read_at=None).update(read_at=timezone.now())
