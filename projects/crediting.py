"""业绩份额: what a year brings each unit by its shares: a joint signing is half a signing for each (§1.7).

The shares are those in force at the end of the year, so that what is decided later changes no year that is
over. Numbers and amounts are divided to four decimals and the last part takes what is left: the units add up
to the total to the last digit.
"""

from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal

from crm.workdays import SHANGHAI
from leads import credit
from leads.models import Lead

SMALLEST = Decimal("0.0001")
ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)


@dataclass
class Credit:
    """What a unit, or a project before it is divided, brings to a year; `projects` counts whole signings."""

    signed: Decimal = ZERO
    ended: Decimal = ZERO
    amount_wan: Decimal = ZERO
    registered: Decimal = ZERO
    landed: Decimal = ZERO
    received_wan: Decimal = ZERO
    projects: int = 0

    def __add__(self, other):
        return Credit(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def is_empty(self):
        return self == Credit()

    def divided(self, shares):
        """[(unit id, Credit)] of this by `shares` [(unit id, percent)]; whole signings count for each."""
        names = [one.name for one in fields(self) if one.name != "projects"]
        parts = {name: divide(getattr(self, name), shares) for name in names}
        return [
            (unit, Credit(**{name: parts[name][place] for name in names}, projects=self.projects))
            for place, (unit, _) in enumerate(shares)
        ]


def divide(whole, shares):
    """The parts of `whole` by `shares` [(unit, percent)], in their order; the last takes what is left."""
    parts = [(whole * percent / credit.WHOLE).quantize(SMALLEST, ROUND_DOWN) for _, percent in shares[:-1]]
    return [*parts, whole - sum(parts, ZERO)]


def by_unit(wholes, end):
    """{unit id: Credit} of `wholes` {lead id: Credit} by the shares in force at the end of the day `end`."""
    found, shares = {}, shares_on(wholes, end)
    for lead, whole in wholes.items():
        for unit, part in whole.divided(shares[lead]):
            found[unit] = found.get(unit, Credit()) + part
    return found


def of_one(wholes, unit_id, end):
    """{lead id: (percent, Credit)} of `wholes` {lead id: Credit}: the part of one unit where it has one."""
    found = {}
    for lead, shares in shares_on(wholes, end).items():
        if percent := dict(shares).get(unit_id):
            found[lead] = percent, dict(wholes[lead].divided(shares))[unit_id]
    return found


def together(wholes, unit_id, end):
    """The Credit of one unit of all `wholes` {lead id: Credit}."""
    return sum((part for _, part in of_one(wholes, unit_id, end).values()), Credit())


def shares_on(lead_ids, day):
    """{lead id: [(unit id, percent)]} in force at the end of the Shanghai day `day`; two queries."""
    until = datetime.combine(day + ONE_DAY, time(), SHANGHAI)
    return credit.shares_before(Lead.objects.filter(pk__in=lead_ids), until)


def of_unit(projects, unit, day):
    """{project id: percent} of a queryset of projects in which `unit` has a share on `day`; three queries."""
    leads = dict(projects.order_by().values_list("lead_id", "pk"))
    found = {leads[lead]: dict(shares).get(unit.pk) for lead, shares in shares_on(leads, day).items()}
    return {project: percent for project, percent in found.items() if percent}
