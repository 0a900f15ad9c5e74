"""Loads the starting funds into the database; rows that exist are left to the people who edit them."""

from datetime import date

from django.db import transaction

from projects.fund_seed import FUNDS
from projects.models import CriteriaVersion, Fund


@transaction.atomic
def load_funds(*, at):
    """Create the starting funds that are not there yet, each with its criteria; returns the new ones."""
    known = set(Fund.objects.values_list("code", flat=True))
    return [
        _create(data, order, at) for order, data in enumerate(FUNDS, start=1) if data["code"] not in known
    ]


def _create(data, order, at):
    values = {key: value for key, value in data.items() if key != "version"}
    fund = Fund.objects.create(order=order, **values)
    version = data["version"]
    CriteriaVersion.objects.create(
        fund=fund,
        number=1,
        criteria=version["criteria"],
        is_example=version["is_example"],
        source=version["source"],
        source_date=version["source_date"] and date.fromisoformat(version["source_date"]),
        valid_from=date.fromisoformat(version["valid_from"]),
        published_at=at,
    )
    return fund
