"""What the inbox is filtered by: the kind of message, and whether it was read."""

import django_filters as filters

from crm.filtersets import StrictFilterSet
from crm.models import Notification

WRONG_CHOICE = {"invalid_choice": "没有这个选项，请从列表里选。"}


class NotificationFilter(StrictFilterSet):
    """Which of one's own messages."""

    kind = filters.ChoiceFilter(
        label="类别", choices=Notification.Kind.choices, empty_label="全部类别", error_messages=WRONG_CHOICE
    )
    unread = filters.ChoiceFilter(
        label="阅读", choices=[("1", "未读")], method="filter_unread", error_messages=WRONG_CHOICE
    )

    class Meta:
        model = Notification
        fields = []

    def filter_unread(self, rows, name, value):
        return rows.filter(read_at=None)
