"""What the inbox is filtered by: the kind of message, and whether it was read or put off."""

import django_filters as filters

from crm.filtersets import StrictFilterSet
from crm.models import Notification

WRONG_CHOICE = {"invalid_choice": "没有这个选项，请从列表里选。"}
UNREAD, READ, LATER = "unread", "read", "later"
STATES = [(UNREAD, "未读"), (READ, "已读"), (LATER, "稍后")]


class NotificationFilter(StrictFilterSet):
    """Which of one's own messages; what was put off is shown only to who asks for it."""

    kind = filters.ChoiceFilter(
        label="类别", choices=Notification.Kind.choices, empty_label="全部类别", error_messages=WRONG_CHOICE
    )
    state = filters.ChoiceFilter(
        label="状态", choices=STATES, method="filter_state", error_messages=WRONG_CHOICE
    )

    class Meta:
        model = Notification
        fields = []

    def filter_queryset(self, queryset):
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") == LATER else rows.awake()

    def filter_state(self, rows, name, value):
        if value == LATER:
            return rows.filter(snoozed_until__isnull=False)
        return rows.filter(read_at__isnull=value == UNREAD)
