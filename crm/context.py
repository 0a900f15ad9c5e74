"""What every page knows beside its own content: how many messages wait."""

from django.utils.functional import SimpleLazyObject

from crm.backends import MOST


def unread(request):
    """`unread_count` as a word for the badge ("", "7", "99+"), asked for only by pages that show it."""
    return {"unread_count": SimpleLazyObject(lambda: _word(getattr(request, "user", None)))}


def _word(user):
    """Of the messages there were when the request came."""
    waiting = getattr(user, "waiting", 0)
    return f"{MOST}+" if waiting > MOST else str(waiting or "")
