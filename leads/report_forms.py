"""The form of a trip's report: one text for each part."""

from django import forms

from crm.clash_forms import Remembering
from crm.forms import NamedForm, dressed
from leads.reporting import LONGEST, PARTS, tidy


class ReportForm(Remembering, NamedForm):
    """What a person writes; which parts have to be written is decided when it is handed in."""

    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in PARTS.items():
            box = forms.Textarea(attrs={"rows": 5, "class": "form-control"})
            field = forms.CharField(label=label, required=False, max_length=LONGEST, widget=box)
            self.fields[name] = dressed(field)
        self.remember()

    def parts(self):
        return [self[name] for name in PARTS]

    def texts(self):
        return {name: self.cleaned_data[name] for name in PARTS}

    def shown(self):
        """What each part held when the form was opened; None of a form that does not say."""
        names = {name: self[name].html_initial_name for name in PARTS}
        if not all(name in self.data for name in names.values()):
            return None
        return tidy({part: self.data[name] for part, name in names.items()})
