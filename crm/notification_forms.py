"""Forms about messages: when to be reminded again."""

from django import forms

from crm import snoozing
from crm.forms import NamedForm, PlausibleDayField

WAYS = [
    (snoozing.TODAY, "今天下班前"),
    (snoozing.TOMORROW, "明天"),
    (snoozing.MONDAY, "下周一"),
    (snoozing.DAY, "另选一天"),
]


class SnoozeForm(NamedForm):
    """When a message comes back."""

    way = forms.ChoiceField(label="什么时候再提醒", choices=WAYS)
    on = PlausibleDayField(label="哪一天再提醒", required=False)
