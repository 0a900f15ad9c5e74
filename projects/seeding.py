"""Loads the starting funds and policies; rows that exist are left to the people who edit them."""

from datetime import date

from django.db import transaction

from projects.fund_seed import FUNDS
from projects.models import Fund, Policy
from projects.policy_seed import POLICIES


def load_funds(*, at):
    """Create the starting funds that are not there yet, each with its criteria; returns the new ones."""
    return _load(Fund, FUNDS, at)


def load_policies(*, at):
    """The same for the starting policies."""
    return _load(Policy, POLICIES, at)


@transaction.atomic
def _load(model, rows, at):
    known = set(model.objects.values_list("code", flat=True))
    return [
        _create(model, data, order, at)
        for order, data in enumerate(rows, start=1)
        if data["code"] not in known
    ]


def _create(model, data, order, at):
    values = {key: value for key, value in data.items() if key != "version"}
    made = model.objects.create(order=order, **values)
    version = dict(data["version"])
    for name in ("valid_from", "source_date"):
        version[name] = version.get(name) and date.fromisoformat(version[name])
    made.versions.create(number=1, published_at=at, **version)
    return made
