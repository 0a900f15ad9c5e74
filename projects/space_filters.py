"""What the list of spaces is filtered by; page and API alike."""

import django_filters as filters

from django.core.exceptions import ValidationError
from django.forms import CharField

from crm.choices import Words, choices
from crm.filtersets import StrictFilterSet
from crm.models import Carrier, FutureTrack
from crm.rules.dictionary import SPACE_USES
from crm.values import BadValue, area_sqm
from leads.filters import A_CODE, DayFilter
from projects.commitment_filters import WRONG_CHOICE
from projects.models import Space


class AreaField(CharField):
    """An area in ㎡."""

    def clean(self, value):
        text = super().clean(value)
        try:
            return area_sqm(text) if text else None
        except BadValue as error:
            raise ValidationError(error.detail) from error


class AreaFilter(filters.CharFilter):
    field_class = AreaField


def _choice(label, options=(), **kwargs):
    return filters.ChoiceFilter(
        label=label, choices=options, empty_label="不限", error_messages=WRONG_CHOICE, **kwargs
    )


class SpaceFilter(StrictFilterSet):
    """Carrier, area, state, use, track, and by when one can move in."""

    carrier = _choice("载体", field_name="building__carrier__code")
    area_min = AreaFilter(label="面积不少于", field_name="area_sqm", lookup_expr="gte", max_length=20)
    area_max = AreaFilter(label="面积不超过", field_name="area_sqm", lookup_expr="lte", max_length=20)
    state = _choice("状态", Space.State.choices)
    use = _choice("用途", list(SPACE_USES.items()), method="filter_use")
    track = _choice("适合赛道", method="filter_track")
    available_to = DayFilter(label="何时可用（不晚于）", field_name="available_from", lookup_expr="lte")

    WRITTEN = {"carrier": A_CODE, "track": A_CODE, "area_min": "㎡", "area_max": "㎡"}

    class Meta:
        model = Space
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = choices(carrier=Words(Carrier.objects.all()), track=Words(FutureTrack.objects.all()))
        for name, options in words.items():
            self.filters[name].extra["choices"] = options

    def filter_use(self, rows, name, value):
        return rows.filter(uses__contains=[value])

    def filter_track(self, rows, name, value):
        """Spaces meant for this track; one without any is meant for none in particular."""
        through = Space.tracks.through.objects.filter(futuretrack__code=value)
        return rows.filter(pk__in=through.values("space_id"))
