"""What the list of commitments is filtered by, and its pages by due date."""

from datetime import date, timedelta

import django_filters as filters

from django.db.models import Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from crm import roles
from crm.choices import Words, choices
from crm.filtersets import StrictFilterSet
from crm.models import Unit
from crm.numbers import number
from crm.paging import PAGE_SIZE, BadPage, Page
from projects.commitments import in_state
from projects.models import Commitment

DUE = [("soon", "30 天内到期"), ("overdue", "已过期、待核实"), ("past", "已到期（不含豁免）")]
WRONG_CHOICE = {"invalid_choice": "没有这个选项，请从列表里选。"}


def _choice(label, options=(), **kwargs):
    return filters.ChoiceFilter(
        label=label, choices=options, empty_label="不限", error_messages=WRONG_CHOICE, **kwargs
    )


class CommitmentFilter(StrictFilterSet):
    """Side, state on the day, nearness, unit of the project, and whether it is one's own."""

    side = _choice("承诺方", Commitment.Side.choices)
    state = _choice("状态", Commitment.State.choices, method="filter_state")
    due = _choice("到期", DUE, method="filter_due")
    unit = _choice("责任单位", field_name="project__unit__code")
    who = _choice("责任人", [("me", "我负责的")], method="filter_who")

    class Meta:
        model = Commitment
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        units = Words(units_for(self.request.user), order="pk")
        self.filters["unit"].extra["choices"] = choices(unit=units)["unit"]

    def filter_state(self, rows, name, value):
        return in_state(rows, value, self.today)

    def filter_due(self, rows, name, value):
        if value == "overdue":
            return in_state(rows, Commitment.State.UNPROVEN, self.today)
        if value == "past":  # what the 履约率 is taken of
            binding = rows.standing(self.today).filter(due_on__lt=self.today)
            return binding.exclude(outcome=Commitment.Outcome.WAIVED)
        last = self.today + timedelta(days=number("commitment_notice_days"))
        return in_state(rows, Commitment.State.OPEN, self.today).filter(due_on__lte=last)

    def filter_who(self, rows, name, value):
        return rows.filter(Q(owner=self.request.user.pk) | Q(partner_owner=self.request.user.pk))


def units_for(user):
    """The units this person may ask for: all for those above the units, the own one for the rest."""
    units = Unit.objects.all()
    if user.role in roles.SEES_EVERYTHING or user.role == roles.STATION:
        return units
    return units.filter(pk=user.unit_id)


def page_of(rows, token=""):
    """The page of commitments after `token`, the earliest due first. BadPage for a token not ours."""
    if token:
        rows = rows.filter(TupleGreaterThan(Tuple("due_on", "pk"), _read(token)))
    found = list(rows.order_by("due_on", "pk")[: PAGE_SIZE + 1])
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    return Page(found, next=f"{found[-1].due_on:%Y%m%d}-{found[-1].pk}" if more else "")


def _read(token):
    day, _, pk = token.partition("-")
    try:
        place = date.fromisoformat(day), int(pk)
    except ValueError as error:
        raise BadPage from error
    if len(pk) > 18:
        raise BadPage
    return place
