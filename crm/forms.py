"""Forms of the ground floor: logging in, and asking the audit log."""

from django import forms
from django.core.exceptions import ValidationError

from crm import audit
from crm.models import User
from crm.values.dates import FIRST_YEAR, LAST_YEAR


def plausible_day(day):
    """A validator: a day one may ask for; beyond it there is no next day to count up to."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"日期要在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，请核对年份。")


class DayInput(forms.DateInput):
    """The browser's own calendar; what is typed without it is read just the same."""

    input_type = "date"


class AskedDayField(forms.DateField):
    """A day that a list is asked for."""

    default_validators = [plausible_day]


class LoginForm(forms.Form):
    """Account and password as typed; what they are worth is decided in crm/accounts.py."""

    username = forms.CharField(label="账号", max_length=150, error_messages={"required": "请填写账号。"})
    password = forms.CharField(
        label="密码", max_length=128, strip=False, error_messages={"required": "请填写密码。"}
    )

    def clean_username(self):
        """The account as one name whatever its case or width; some letters are several when written out."""
        return User.normalize_username(self.cleaned_data["username"])[: self.fields["username"].max_length]


class AuditForm(forms.Form):
    """What to look for in the audit log; every field may stay empty."""

    ACTIONS = [("", "全部动作"), *audit.ACTIONS.items()]
    SUBJECTS = [("", "全部对象"), *audit.SUBJECTS.items()]
    NO_NUMBER = {"invalid": "编号请填数字。"}
    NO_DAY = {"invalid": "日期请写成 2026-04-20。"}

    person = forms.ModelChoiceField(
        User.objects.order_by("name"), label="人员", required=False, empty_label="全部人员"
    )
    action = forms.ChoiceField(label="动作", required=False, choices=ACTIONS)
    subject = forms.ChoiceField(label="对象", required=False, choices=SUBJECTS)
    number = forms.IntegerField(
        label="编号", required=False, min_value=1, max_value=2**63 - 1, error_messages=NO_NUMBER
    )
    since = AskedDayField(label="从", required=False, error_messages=NO_DAY, widget=DayInput())
    until = AskedDayField(label="到", required=False, error_messages=NO_DAY, widget=DayInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean(self):
        asked = super().clean()
        if asked.get("number") and not asked.get("subject"):
            self.add_error("subject", "按编号查询时请先选对象。")
        if asked.get("since") and asked.get("until") and asked["since"] > asked["until"]:
            self.add_error("until", "结束日期不能早于开始日期。")
        return asked
