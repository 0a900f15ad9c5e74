"""What 签约与到位 is asked for: the year, and behind a number also the unit."""

from django import forms

from crm.forms import AddressForm
from crm.models import Unit

FIRST = 2015


class YearForm(AddressForm):
    """Which year, and behind a number also which unit: the responsible one, or one that has a share."""

    year = forms.IntegerField(label="年份", required=False, min_value=FIRST, max_value=2100)
    unit = forms.ModelChoiceField(
        Unit.objects.all(), label="责任单位", required=False, to_field_name="code", empty_label="全部"
    )
    credited = forms.ModelChoiceField(
        Unit.objects.all(), label="有份额的单位", required=False, to_field_name="code", empty_label="全部"
    )
    page = forms.CharField(required=False, widget=forms.HiddenInput, label="页")

    def asked(self, day):
        """The conditions, checked before; the year of `day` when none is named."""
        return {**self.cleaned_data, "year": self.cleaned_data["year"] or day.year}
