"""What a message says outside of the site: no telephone number; in a group, where others read, the title."""

from django.conf import settings
from django.urls import reverse

from crm.values.phones import without_numbers

SITE = "拱墅招商"
LISTED = 10


def subject(message):
    """The subject of the mail."""
    return f"【{SITE}】{without_numbers(message.title)}"


def mail(message):
    """The text of the mail: what the inbox shows, its first items, and where to read on."""
    items = [f"- {_item(one)}" for one in message.items[:LISTED]]
    beyond = len(message.items) - LISTED
    if beyond > 0:
        items.append(f"另有 {beyond} 项，请登录查看。")
    parts = [message.title, message.body, "\n".join(items), _where(message)]
    return without_numbers("\n\n".join(part for part in parts if part))


def note(message):
    """The text for a group: kind, title, where to read on. It always holds the word 招商."""
    lines = [f"【{SITE}】{message.get_kind_display()}", message.title, _where(message)]
    return without_numbers("\n".join(line for line in lines if line))


def _item(one):
    words = [one.get("title", ""), one.get("stage", ""), one.get("text", "")]
    return "，".join(word for word in words if word)


def _where(message):
    if not settings.SITE_URL:
        return "请登录系统的提醒中心查看。"
    return f"{settings.SITE_URL}{reverse('notification', args=[message.pk])}"
