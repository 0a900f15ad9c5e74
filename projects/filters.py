"""What the project list, its board, export and API filter by: the words of the lead list, and its own."""

from datetime import timedelta

import django_filters as filters

from crm.choices import Words
from crm.models import Carrier
from leads.filters import A_CODE, DayFilter, LeadFilter, midnight
from projects import stages
from projects.models.projects import LandingMode


def _choice(label, options=(), **kwargs):
    return filters.ChoiceFilter(label=label, choices=options, empty_label="不限", **kwargs)


class ProjectFilter(LeadFilter):
    """The filters of projects; what they share with leads means the same there and here."""

    stage = _choice("阶段", stages.MAP.labels.choices(), method="filter_column")
    reached = _choice("到过", stages.MAP.labels.choices(stages.LINE), method="filter_reached")
    carrier = _choice("载体", method="filter_carrier")
    landing_mode = _choice("落地方式", LandingMode.choices, method="filter_column")
    landed = _choice("落地", [("1", "已落地"), ("no", "还没有落地，没有流失")], method="filter_landed")
    suspended = _choice("挂起", [("1", "挂起中"), ("no", "不含挂起")], method="filter_suspended")
    project = None
    lead_from = DayFilter(label="线索登记不早于", method="filter_lead_from")
    lead_to = DayFilter(label="线索登记不晚于", method="filter_lead_to")

    COLUMNS = {**LeadFilter.COLUMNS, "landing_mode": "landing_mode"}
    TERMS = {**LeadFilter.TERMS, "carrier": Carrier}
    WRITTEN = {**LeadFilter.WRITTEN, "carrier": A_CODE}

    def vocabularies(self, user):
        return {**super().vocabularies(user), "carrier": Words(Carrier.objects.all())}

    def filter_reached(self, rows, name, value):
        return rows.once().filter(furthest__in=stages.LINE[stages.LINE.index(value) :])

    def filter_landed(self, rows, name, value):
        return rows.filter(stage__in=stages.LANDED_ON if value == "1" else stages.BEFORE_LANDING)

    def filter_suspended(self, rows, name, value):
        return rows.filter(suspended_until__isnull=value != "1")

    def filter_carrier(self, rows, name, value):
        """The settled carrier, or one of the candidates while none is settled."""
        key = self._key("carrier", value)
        through = rows.model.carriers.through.objects.filter(carrier=key)
        candidate = rows.filter(carrier=None, pk__in=through.values("project_id"))
        return rows.filter(carrier=key) | candidate

    def filter_lead_from(self, rows, name, value):
        return rows.filter(lead__created_at__gte=midnight(value))

    def filter_lead_to(self, rows, name, value):
        return rows.filter(lead__created_at__lt=midnight(value + timedelta(days=1)))
