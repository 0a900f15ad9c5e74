"""补充: a row of a sheet fills what a lead of ours does not say; what differs is shown, not written.

Written by the same call as an edit by hand, under the version the person saw when he chose it.
"""

from dataclasses import dataclass, field

from django.db import transaction

from crm.display import money, number
from crm.errors import Gone, Refused
from crm.reading import read_once
from crm.workdays import shanghai_day
from leads import editing
from leads.models import Lead
from leads.sheet_rows import from_json

COLUMNS = {
    "city": "来源城市",
    "amount_wan": "投资额",
    "area_sqm": "需求面积",
    "investor_name": "投资方",
    "next_step": "下一步",
    "next_contact_on": "下次联系日期",
}
WORDS = {"amount_wan": money, "area_sqm": lambda value: f"{number(value)} ㎡"}


@dataclass
class Plan:
    """What a row does to a lead: values for its gaps, and (label, there, in the sheet) that differ."""

    fills: dict = field(default_factory=dict)
    conflicts: list = field(default_factory=list)

    def words(self):
        """[(label, value)] of what is filled, for reading."""
        return [(COLUMNS[name], said(name, value)) for name, value in self.fills.items()]


def plan(lead, row, words, today):
    """The Plan of `row` (an ImportRow) for `lead`; `words` looks cities up."""
    found = Plan()
    for name, value in _values(row, words, today).items():
        there = getattr(lead, name)
        if value in (None, ""):
            continue
        if there in (None, ""):
            found.fills[name] = value
        elif there != value:
            found.conflicts.append((COLUMNS[name], said(name, there), said(name, value)))
    return found


@transaction.atomic
@read_once()
def fill(rows, words, *, by, at):
    """Fill the gaps of the leads of `rows` and note on the rows what was done; the rows are not saved.

    Returns for each row its lead, or the Refused of editing.
    """
    leads = Lead.objects.select_related("company", "city").hold_all([row.of_lead_id for row in rows])
    changed, outcomes = {}, []
    for row in rows:
        try:
            outcomes.append(_fill(row, leads.get(row.of_lead_id), words, by, at))
        except Refused as refusal:
            outcomes.append(refusal)
        if row.filled:
            changed[row.of_lead_id] = leads[row.of_lead_id]
    editing.save_held(list(changed.values()))
    return outcomes


def _fill(row, lead, words, by, at):
    if lead is None:
        raise Gone
    fills = plan(lead, row, words, shanghai_day(at)).fills
    before = {name: None if getattr(lead, name) is None else "" for name in fills}
    if fills:
        editing.edit_held(lead, fills, by=by, at=at, version=row.seen_version)
    row.filled, row.left_version = before, lead.version
    return lead


def take_back(row, *, by, at):
    """Empty again what the row filled; raises StaleVersion when somebody has changed the lead since."""
    if row.filled:
        lead = Lead.objects.get(pk=row.of_lead_id)
        editing.edit(lead, row.filled, by=by, at=at, version=row.left_version)


def said(name, value):
    """A value as it reads on screen."""
    return WORDS.get(name, str)(value)


def _values(row, words, today):
    values = from_json(row.values)
    day = values.get("next_contact_on")
    return {
        **{name: values.get(name) for name in ("amount_wan", "area_sqm", "investor_name", "next_step")},
        "city": words.cities.get(values.get("city")),
        "next_contact_on": day if day and day >= today else None,
    }
