"""What the list of 基金推荐 is filtered by, page and export alike; that of 行程 knows no filters."""

import django_filters as filters

from crm.choices import Words, choices
from crm.filtersets import StrictFilterSet
from leads.models import Roadshow
from projects.commitment_filters import WRONG_CHOICE
from projects.models import Fund, Referral


class ReferralFilter(StrictFilterSet):
    """Which referrals: all, or those to one fund."""

    fund = filters.ChoiceFilter(label="基金", empty_label="不限", error_messages=WRONG_CHOICE)

    class Meta:
        model = Referral
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        funds = Words(Fund.objects.visible_to(self.request.user), value="pk")
        self.filters["fund"].extra["choices"] = choices(fund=funds)["fund"]


class TripFilter(StrictFilterSet):
    """All trips one sees: their list knows no filters."""

    class Meta:
        model = Roadshow
        fields = []
