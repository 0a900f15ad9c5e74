"""What a reverse list is filtered by: verdict, kind, sector, unit and city."""

import django_filters as filters

from django.utils.functional import cached_property

from crm.choices import choices
from leads.filters import NOTHING, SECTOR_EXTRA, LeadFilter, words_for
from projects.commitment_filters import WRONG_CHOICE
from projects.reversing import LABELS, ORDER

OF_THE_RECORD = ("q", "sector", "unit", "city")
VERDICTS = [(code.value, code.label) for code in ORDER]


def _choice(label, options):
    return filters.ChoiceFilter(
        label=label,
        choices=options,
        empty_label="不限",
        method="filter_not_here",
        error_messages=WRONG_CHOICE,
    )


class ReverseFilter(LeadFilter):
    """The filters of projects and leads alike; the verdict is chosen among what was judged."""

    verdict = _choice("结论", VERDICTS)
    kind = _choice("类别", list(LABELS.items()))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.filters) - {"verdict", "kind", *OF_THE_RECORD}:
            del self.filters[name]

    @cached_property
    def _options(self):
        words = words_for(self.request.user)
        found = choices(**{name: words[name] for name in ("sector", "unit", "city")})
        found["sector"] += SECTOR_EXTRA
        found["city"].append((NOTHING, "未填"))
        return found

    def filter_not_here(self, rows, name, value):
        return rows

    def narrowed(self, pool):
        """The Pool of the records that are asked for; raises BadParameters."""
        self.rows()
        kind = self.form.cleaned_data["kind"]
        kept = {name: rows for name, rows in pool.rows.items() if not kind or name == kind}
        return pool.only({name: self.filter_queryset(rows) for name, rows in kept.items()})
