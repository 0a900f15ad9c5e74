"""Many facts of a company on one form: what is left empty is not recorded."""

from django import forms

from crm.forms import DayField, NamedForm, dressed
from crm.models import Fact
from crm.rules import FIELDS
from crm.wording import in_our_words
from projects.facts import Entry
from projects.forms import YES_NO, fact_field

EMPTY = ("", None, [])


class FactsForm(NamedForm):
    """Any of these fields, and the day and source that what is filled in has in common."""

    as_of = DayField(label="数据日期", help_text="这些值是哪一天的；不是同一天的分两次登记。")
    source = forms.ChoiceField(label="来源", choices=Fact.Source.choices)
    note = forms.CharField(label="依据", max_length=120, required=False, help_text="例如文件名、谈话人。")

    def __init__(self, *args, keys, **kwargs):
        super().__init__(*args, **kwargs)
        self.keys = tuple(keys)
        for key in self.keys:
            self.fields[key] = in_our_words(dressed(_optional(FIELDS[key])), FIELDS[key].label)

    def entries(self):
        """What was filled in, as facts to record."""
        given = self.cleaned_data
        shared = {"as_of": given["as_of"], "source": given["source"], "note": given["note"]}
        return [
            Entry(key, _read(FIELDS[key], given[key]), **shared)
            for key in self.keys
            if given[key] not in EMPTY
        ]


def _optional(about):
    """The form field that asks for a fact and may stay empty."""
    if about.type == "bool":
        select = forms.Select(attrs={"class": "form-select"})
        return forms.ChoiceField(
            label=about.label, choices=[("", "不填"), *YES_NO], widget=select, required=False
        )
    found = fact_field(about)
    found.required = False
    if about.type == "choice":
        found.choices = [("", "不填"), *found.choices[1:]]
    return found


def _read(about, given):
    return given == "true" if about.type == "bool" else given
