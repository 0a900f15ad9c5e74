"""What is done in a row of the 工作台, and its forms: those of the record's page, and 改期."""

from dataclasses import dataclass

from django import forms

from crm.forms import NamedForm, PlausibleDayField
from crm.numbers import number
from crm.permissions import may
from leads.forms import HandoverForm, VisitForm
from projects.models import Project

VISIT, REPLAN, HAND_OVER = "visit", "replan", "hand_over"


@dataclass(frozen=True)
class Deed:
    """One thing that may be done in a row: its word, and the verb of crm/permissions.py."""

    name: str
    label: str
    verb: str


DEEDS = {
    VISIT: Deed(VISIT, "记录跟进", "log_visit"),
    REPLAN: Deed(REPLAN, "改期", "edit"),
    HAND_OVER: Deed(HAND_OVER, "移交", "hand_over"),
}


def deeds_for(user):
    """The deeds the role of `user` may do at all; the deed itself asks again about the record."""
    return [deed for deed in DEEDS.values() if may(user, deed.verb)]


class ReplanForm(NamedForm):
    """改期: another day for the next contact, and what is to be done then."""

    next_contact_on = PlausibleDayField(label="下次联系日期")
    next_step = forms.CharField(label="下一步", max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, label="版本")

    def __init__(self, *args, record, today, **kwargs):
        initial = {name: getattr(record, name) for name in self.base_fields}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["next_contact_on"].widget.attrs["min"] = f"{today:%Y-%m-%d}"

    def plan(self):
        """The fields of the record as they shall stand."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


# the field in which one begins to write
BEGINS = {VISIT: "content", REPLAN: "next_contact_on", HAND_OVER: "to_unit"}


def form_for(deed, record, *, today, data=None, prefix):
    """The form of a deed on a lead or project: bound when there is `data`, else begun where one writes."""
    form = _form_for(deed, record, today, {"data": data, "prefix": prefix})
    if not form.is_bound:
        form.fields[BEGINS[deed]].widget.attrs["autofocus"] = True
    return form


def _form_for(deed, record, today, given):
    if deed == VISIT:
        return VisitForm(record=record, today=today, **given)
    if deed == REPLAN:
        return ReplanForm(record=record, today=today, **given)
    lead = record.lead if isinstance(record, Project) else record
    initial = {"version": lead.version, "share": number("handover_share")}
    return HandoverForm(lead=lead, initial=initial, **given)


def over(form, version):
    """The refused form, to be sent again over the row as it stands now."""
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = version
    return form
