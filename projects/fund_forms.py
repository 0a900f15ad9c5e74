"""The form of a fund's record: it reads what people type; the domain judges it."""

from dataclasses import asdict, fields

from django import forms

from crm import values
from crm.forms import NamedForm, ValueField
from projects.funds import Entry, accounts, entry_of, seal
from projects.models import Fund


class FundForm(NamedForm):
    """One fund; `fund` is the one being changed, whose code stays."""

    code = forms.SlugField(label="代码（接口用：小写字母、数字、连字符，定了不再改）", max_length=40)
    name = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(label="类别", choices=Fund.Kind.choices)
    status = forms.ChoiceField(label="状态", choices=Fund.Status.choices)
    status_note = forms.CharField(label="状态说明", max_length=200, required=False)
    size_wan = ValueField(label="规模（万元）", reads=values.amount_wan)
    operator = forms.CharField(label="管理机构", max_length=80, required=False)
    is_local = forms.BooleanField(label="本区基金", required=False)
    managers = forms.TypedMultipleChoiceField(
        label="基金方账号", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(label="看到的档案", required=False, widget=forms.HiddenInput)

    def __init__(self, *args, fund=None, **kwargs):
        known = {**asdict(entry_of(fund)), "seen": seal(fund)} if fund else {}
        kwargs.setdefault("initial", known)
        super().__init__(*args, **kwargs)
        self.fields["managers"].choices = [(one.pk, str(one)) for one in accounts()]
        if fund:
            del self.fields["code"]

    def entry(self):
        """The fund as the domain takes it."""
        given = {one.name: self.cleaned_data.get(one.name) for one in fields(Entry)}
        return Entry(**{**given, "managers": tuple(given["managers"])})
