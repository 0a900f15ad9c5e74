"""What 补链 is asked for: a gap, or none."""

from django import forms

from crm.forms import AddressForm
from projects import chain


class ChainForm(AddressForm):
    """Which gap is looked at: a sector of `sectors` [(code, name)] and a link of the chain, or none."""

    sector = forms.ChoiceField(label="赛道", required=False)
    position = forms.ChoiceField(
        label="链条位置", required=False, choices=[("", "不限"), *chain.LINKS.items()]
    )

    def __init__(self, *args, sectors, **kwargs):
        super().__init__(*args, **kwargs)
        places = [(code, name) for code, name in sectors if code != chain.UNDECIDED]
        self.fields["sector"].choices = [("", "不限"), *places]

    def clean(self):
        given = super().clean()
        if not self.errors and bool(given.get("sector")) != bool(given.get("position")):
            raise forms.ValidationError("赛道和链条位置要一起选。")
        return given
