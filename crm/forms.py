"""Forms of the ground floor: the look and the words every form has, logging in, and asking the audit log."""

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceField, ModelChoiceIterator

from crm import audit
from crm.models import User
from crm.uploads import ACCEPTED
from crm.values import BadValue
from crm.values.dates import FIRST_YEAR, LAST_YEAR, is_plausible
from crm.wording import in_our_words

NOT_A_BOX = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


def plausible_day(day):
    """A validator: a day one may ask for; beyond it there is no next day to count up to."""
    if not is_plausible(day):
        words = "日期要在 %(first)d 年到 %(last)d 年之间，请核对年份。"
        params = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValidationError(words, code="implausible_day", params=params)


class DayInput(forms.DateInput):
    """The browser's own calendar; what is typed without it is read just the same."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    """Any day, also one long ago (a company was founded)."""

    widget = DayInput


class PlausibleDayField(DayField):
    """A day of our own work: planned, done, or asked for."""

    default_validators = [plausible_day]


class ValueField(forms.CharField):
    """Text that a function of crm.values turns into a value; its BadValue becomes the field's error."""

    def __init__(self, *, reads, **kwargs):
        super().__init__(required=False, max_length=60, **kwargs)
        self.reads = reads

    def clean(self, value):
        text = super().clean(value)
        try:
            return self.reads(text)
        except BadValue as error:
            raise ValidationError(error.detail) from error

    def has_changed(self, initial, data):
        return self._quietly(initial) != self._quietly(data)

    def _quietly(self, value):
        try:
            return self.clean(str(value)) if value is not None else None
        except ValidationError:
            return value

    def prepare_value(self, value):
        return f"{value.normalize():f}" if hasattr(value, "normalize") else value


def paper_field(label):
    """A file to upload; what it may be, crm.uploads says."""
    widget = forms.FileInput(attrs={"accept": ACCEPTED})
    return forms.FileField(label=label, required=False, allow_empty_file=True, widget=widget)


def offered(rows, *chosen):
    """The `rows` one may choose, and those with the numbers `chosen` before: who only corrects loses none."""
    return rows | rows.model.objects.filter(pk__in=[pk for pk in chosen if pk])


class WholeChoices(ModelChoiceIterator):
    """The rows of a vocabulary by one plain statement; Django's own asks for them through a cursor that is
    declared, fetched from and closed, which is for more rows than anybody chooses from."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        yield from map(self.choice, self.queryset)


def choices_of(context):
    """The rows that fields of the forms in this context of a page offer, as querysets to be read together."""
    found = (one for one in context.values() if isinstance(one, forms.BaseForm))
    fields = (field for form in found for field in form.fields.values())
    return [field.queryset for field in fields if isinstance(field, ModelChoiceField)]


def dressed(field):
    """The field in the look and the words of the house; returns it."""
    in_our_words(field)
    if isinstance(field, ModelChoiceField):
        field.iterator = WholeChoices
        field.widget.choices = field.choices
    if not isinstance(field.widget, NOT_A_BOX):
        kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        field.widget.attrs.setdefault("class", kind)
    elif isinstance(field.widget, forms.CheckboxInput):
        field.widget.attrs.setdefault("class", "form-check-input")
    return field


class Named:
    """A form whose fields name themselves in every complaint, in the look of the house."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dressed(field)

    def add_refusal(self, refusal):
        """Show a refusal of the domain at its field, or above the form when it names none of ours."""
        for error in refusal.errors() or [{"field": "", "code": refusal.code, "detail": refusal.detail}]:
            field = error["field"] if error["field"] in self.fields else None
            self.add_error(field, ValidationError(error["detail"], code=error["code"]))


class NamedForm(Named, forms.Form):
    """The plain form of the house."""


class AddressForm(NamedForm):
    """Conditions in an address: one that is unknown or written twice is refused, never passed over."""

    def clean(self):
        if unknown := sorted(set(self.data) - set(self.fields)):
            raise forms.ValidationError(f"没有「{unknown[0][:40]}」这个条件。")
        for name in sorted(self.data):
            if len(self.data.getlist(name)) > 1:
                raise forms.ValidationError(f"「{self.fields[name].label}」写了两次，请只留一个。")
        return self.cleaned_data


class LoginForm(NamedForm):
    """Account and password as typed; what they are worth is decided in crm/accounts.py."""

    username = forms.CharField(label="账号", max_length=150)
    password = forms.CharField(label="密码", max_length=128, strip=False)

    def clean_username(self):
        """The account as one name whatever its case or width; some letters are several when written out."""
        return User.normalize_username(self.cleaned_data["username"])[: self.fields["username"].max_length]


class PasswordForm(Named, PasswordChangeForm):
    """The present password and twice the new one."""

    LABELS = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再输一遍新密码"}
    error_messages = {
        "password_incorrect": "现在的密码不对，请重新填写。",
        "password_mismatch": "两次填写的新密码不一样，请重新填写。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            self.fields[name].label = label
            in_our_words(self.fields[name])


class AuditForm(NamedForm):
    """What to look for in the audit log; every field may stay empty."""

    ACTIONS = [("", "全部动作"), *audit.ACTIONS.items()]
    SUBJECTS = [("", "全部对象"), *audit.SUBJECTS.items()]

    person = ModelChoiceField(
        User.objects.order_by("name"), label="人员", required=False, empty_label="全部人员"
    )
    action = forms.ChoiceField(label="动作", required=False, choices=ACTIONS)
    subject = forms.ChoiceField(label="对象", required=False, choices=SUBJECTS)
    number = forms.IntegerField(label="编号", required=False, min_value=1, max_value=2**63 - 1)
    since = PlausibleDayField(label="开始日期", required=False)
    until = PlausibleDayField(label="结束日期", required=False)

    def clean(self):
        asked = super().clean()
        if asked.get("number") and not asked.get("subject"):
            self.add_error("subject", "按编号查询时请先选对象。")
        if asked.get("since") and asked.get("until") and asked["since"] > asked["until"]:
            self.add_error("until", "结束日期不能早于开始日期。")
        return asked
