"""The form of a fund's record: it reads what people type; the domain judges it."""

from django import forms

from crm import values
from crm.forms import ValueField
from projects.funds import Entry, accounts
from projects.models import Fund
from projects.offer_forms import OfferForm


class FundForm(OfferForm):
    """One fund."""

    kind_of_entry = Entry
    kind = forms.ChoiceField(label="类别", choices=Fund.Kind.choices)
    status = forms.ChoiceField(label="状态", choices=Fund.Status.choices)
    status_note = forms.CharField(label="状态说明", max_length=200, required=False)
    size_wan = ValueField(label="规模（万元）", reads=values.amount_wan)
    operator = forms.CharField(label="管理机构", max_length=80, required=False)
    is_local = forms.BooleanField(label="本区基金", required=False)
    managers = forms.TypedMultipleChoiceField(
        label="基金方账号", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["managers"].choices = [(one.pk, str(one)) for one in accounts()]
