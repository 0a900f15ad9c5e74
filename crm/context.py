"""What every page knows beside its own content: how many messages wait."""

from django.utils.functional import SimpleLazyObject

from crm.models import Notification

MOST = 99


def unread(request):
    """`unread_count` as a word for the badge ("", "7", "99+"), counted only by pages that show it."""
    user = getattr(request, "user", None)
    return {"unread_count": SimpleLazyObject(lambda: _count(user))}


def _count(user):
    if user is None or not user.is_authenticated:
        return ""
    waiting = Notification.objects.visible_to(user).unread().order_by()
    number = waiting.values("pk")[: MOST + 1].count()
    return f"{MOST}+" if number > MOST else str(number or "")
