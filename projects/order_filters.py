"""What the list of 督办单 is filtered by: words, state, unit; page and API alike."""

import django_filters as filters

from django.db.models import Q

from crm.choices import Words, choices
from crm.filtersets import StrictFilterSet
from leads.filters import WordsFilter
from leads.models import Lead
from projects.commitment_filters import WRONG_CHOICE, units_for
from projects.models import Project, SupervisionOrder

STATES = [("open", "在办"), ("overdue", "逾期未复"), ("closed", "已办结"), ("all", "全部")]
TEXTS = ("number", "demand", "reply", "closing_note", "unit__name", "issuer__name")


class OrderFilter(StrictFilterSet):
    """Which orders; `state=all` is every one, as is none."""

    q = WordsFilter(label="搜索", method="filter_words", max_length=50)
    state = filters.ChoiceFilter(
        label="状态", choices=STATES, method="filter_state", empty_label=None, error_messages=WRONG_CHOICE
    )
    unit = filters.ChoiceFilter(
        label="责任单位", field_name="unit__code", empty_label="不限", error_messages=WRONG_CHOICE
    )

    WRITTEN = {"q": "编号、要求、回复、单位、签发人，或线索、项目的名称", "unit": "单位的代码"}

    class Meta:
        model = SupervisionOrder
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        units = Words(units_for(self.request.user), order="pk")
        self.filters["unit"].extra["choices"] = choices(unit=units)["unit"]

    def filter_words(self, rows, name, value):
        """Every word stands in the texts of the order, its unit or issuer; or all in its record's names."""
        said = Q()
        for word in value.split():
            said &= Q(*((f"{text}__icontains", word) for text in TEXTS), _connector=Q.OR)
        leads = Lead.objects.search(value).order_by().values("pk")
        projects = Project.objects.search(value).order_by().values("pk")
        return rows.filter(said | Q(lead__in=leads) | Q(project__in=projects))

    def filter_state(self, rows, name, value):
        if value == "overdue":
            return rows.overdue(self.today)
        if value == "all":
            return rows
        return rows.open() if value == "open" else rows.exclude(closed_at=None)
