"""What the forms of a fund's record and of a policy's have in common."""

from dataclasses import asdict, fields

from django import forms

from crm.opened_forms import Opened
from projects.offer_records import CODE_MAX, entry_of


class OfferForm(Opened):
    """One record; `record` is the one being changed, whose code stays. `kind_of_entry` is what it gives."""

    kind_of_entry = None

    code = forms.CharField(label="代码（接口用：小写字母、数字、连字符，定了不再改）", max_length=CODE_MAX)
    name = forms.CharField(label="名称", max_length=80)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本", required=False)

    def __init__(self, *args, record=None, **kwargs):
        if record:
            known = asdict(entry_of(record, self.kind_of_entry))
            kwargs.setdefault("initial", known | {"version": record.version})
        super().__init__(*args, **kwargs)
        if record:
            del self.fields["code"]

    def entry(self):
        """The record as the domain takes it."""
        given = {one.name: self.cleaned_data.get(one.name) for one in fields(self.kind_of_entry)}
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        return self.kind_of_entry(**plain)
