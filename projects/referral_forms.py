"""The forms of referrals: what the company agreed to share, and the next step; no rule is here."""

from dataclasses import replace
from decimal import Decimal

from django import forms

from crm import values
from crm.forms import NamedForm, PlausibleDayField, ValueField
from projects.models import Referral
from projects.models.referrals import Step
from projects.referring import Consent, Move
from projects.restating import FIELDS


class ReferForm(NamedForm):
    """A project for a fund; `known` are the facts that may be shared."""

    shared = forms.MultipleChoiceField(
        label="共享哪些信息", required=False, widget=forms.CheckboxSelectMultiple
    )
    consent_way = forms.ChoiceField(
        label="企业同意的方式", choices=[("", "请选择"), *Referral.Way.choices], required=False
    )
    consent_on = PlausibleDayField(label="企业同意的日期", required=False)
    consent = forms.BooleanField(label="企业已同意把所勾选的信息提供给这只基金", required=False)
    note = forms.CharField(
        label="给基金方的说明", max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    reason = forms.CharField(label="不符合仍推荐的理由", max_length=300, required=False)

    def __init__(self, *args, known, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shared"].choices = [(one["key"], one["label"]) for one in known]

    def agreed(self):
        given = self.cleaned_data
        return Consent(tuple(given["shared"]), given["consent"], given["consent_way"], given["consent_on"])


class StepForm(NamedForm):
    """The next step of a referral."""

    step = forms.ChoiceField(label="进展", choices=Step.choices, widget=forms.HiddenInput)
    version = forms.IntegerField(label="版本", required=False, widget=forms.HiddenInput)
    on = PlausibleDayField(label="日期")
    amount_wan = ValueField(label="金额（万元）", reads=values.amount_wan)
    stake = forms.DecimalField(label="持股比例（%）", required=False, max_digits=7, decimal_places=4)
    valuation_wan = ValueField(label="估值（万元）", reads=values.amount_wan)
    reason = forms.CharField(label="理由", max_length=300, required=False)
    note = forms.CharField(label="说明", max_length=500, required=False)

    def move(self):
        given = dict(self.cleaned_data)
        given.pop("version")
        return Move(to=given.pop("step"), **given)


def plain(value):
    """A decimal without the zeros the database keeps behind it."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class RestateForm(StepForm):
    """A step put right: everything it says, and why that changes."""

    step = None
    why = forms.CharField(label="更正的理由", max_length=300, required=False)

    def __init__(self, *args, stated, version=None, **kwargs):
        initial = {name: plain(getattr(stated, name)) for name in FIELDS} | {"version": version}
        super().__init__(*args, initial=initial, **kwargs)
        self.stated = stated

    def move(self):
        return replace(self.stated, **{name: self.cleaned_data[name] for name in FIELDS})


class UndoForm(NamedForm):
    """Why a step is taken back."""

    version = forms.IntegerField(label="版本", required=False, widget=forms.HiddenInput)
    why = forms.CharField(label="撤销的理由", max_length=300, required=False)
