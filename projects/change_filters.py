"""What 匹配变化 are filtered by: project, new verdict, since when; page and API alike."""

import django_filters as filters

from crm.filtersets import StrictFilterSet
from leads.filters import DayFilter, midnight
from projects.commitment_filters import WRONG_CHOICE
from projects.models import Match, MatchChange


class MatchChangeFilter(StrictFilterSet):
    """Which changes: of one project, to one verdict, on or after a day."""

    project = filters.NumberFilter(
        label="项目编号", method="filter_project", min_value=1, max_value=2**63 - 1
    )
    after = filters.ChoiceFilter(
        label="新结论", choices=Match.Verdict.choices, empty_label="不限", error_messages=WRONG_CHOICE
    )
    since = DayFilter(label="不早于", method="filter_since")

    class Meta:
        model = MatchChange
        fields = []

    def filter_project(self, rows, name, value):
        return rows.filter(project=int(value))

    def filter_since(self, rows, name, value):
        return rows.filter(at__gte=midnight(value))
