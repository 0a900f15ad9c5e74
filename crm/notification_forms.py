"""Forms about messages: when to be reminded again, and how to be told at all."""

from datetime import time

from django import forms

from crm import snoozing
from crm.forms import NamedForm, PlausibleDayField
from crm.models import Notification
from crm.preferences import EARLIEST, LATEST, Wishes, half_hours

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


def clock(moment):
    """A time of the day as it is chosen: 「08:30」."""
    return f"{moment:%H:%M}"


def moment(text):
    return time.fromisoformat(text) if text else None


def _times(first, last):
    return [(clock(one), clock(one)) for one in half_hours(first, last)]


ANY_TIME = [("", "不设"), *_times(0, 23), ("23:30", "23:30")]


class PreferenceForm(NamedForm):
    """The wishes of a person about messages; the present address of the robot is never put into it."""

    digest_at = forms.ChoiceField(label="今日提醒时间", choices=_times(EARLIEST, LATEST))
    muted_kinds = forms.MultipleChoiceField(
        label="站内不提醒：到达时就算已读，不计入未读",
        choices=[one for one in Notification.Kind.choices if one[0] != Notification.Kind.SUPERVISE],
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    email = forms.EmailField(label="邮箱", required=False, max_length=254)
    email_kinds = forms.MultipleChoiceField(
        label="用邮件推送",
        choices=Notification.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    robot_url = forms.CharField(
        label="群机器人地址",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    drop_robot = forms.BooleanField(label="删去现在的群机器人", required=False)
    robot_kinds = forms.MultipleChoiceField(
        label="用群机器人推送",
        choices=Notification.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    quiet_from = forms.ChoiceField(label="安静时段开始", choices=ANY_TIME, required=False)
    quiet_until = forms.ChoiceField(label="安静时段结束", choices=ANY_TIME, required=False)
    is_urgent_excepted = forms.BooleanField(label="红灯、督办不等，随到随推", required=False)

    @staticmethod
    def shown(preference, user):
        """What stands in the form at first."""
        return {
            "digest_at": clock(preference.digest_at),
            "muted_kinds": preference.muted_kinds,
            "email": user.email,
            "email_kinds": preference.email_kinds,
            "robot_kinds": preference.robot_kinds,
            "quiet_from": clock(preference.quiet_from) if preference.quiet_from else "",
            "quiet_until": clock(preference.quiet_until) if preference.quiet_until else "",
            "is_urgent_excepted": preference.is_urgent_excepted,
        }

    def wishes(self):
        """What was asked for; only of a valid form."""
        given = dict(self.cleaned_data)
        for name in ("digest_at", "quiet_from", "quiet_until"):
            given[name] = moment(given[name])
        return Wishes(**given)
