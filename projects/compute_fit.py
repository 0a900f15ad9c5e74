"""算力匹配: offers for what a project asks for, by the rule engine; and what is short over all projects."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from crm import rules
from crm.rules.dictionary import COMPUTE_UNITS
from crm.workdays import shanghai_day
from projects.fitting import EMPTY, Fits, Judge, Register, Term, explained, read_off

# what an offer that is, is not, or may be 国产 lets a project ask for; and what it likes best
DOMESTIC_ENOUGH = {False: ["prefer", "any"], None: ["prefer", "any"]}
DOMESTIC_LIKED = {True: ["must", "prefer", "any"], False: ["any"], None: ["any"]}
# what an offer that serves this, or does not say what, lets a project use it for
SERVES_FOR = {
    "training": ["training", "any"],
    "inference": ["inference", "any"],
    "both": ["training", "inference", "both", "any"],
    "": ["any"],
}
ONLY = {"training": "只用于训练", "inference": "只用于推理"}
COMPUTE = Register(
    "算力台账",
    (
        Term("compute_unit", "eq", "unit", "计量单位"),
        Term("compute_kind", "in", "serves", "用于训练还是推理", bounds=SERVES_FOR, named=ONLY),
        Term("compute_amount", "lte", "free", "空闲"),
        Term("compute_from", "lte", "valid_to", "有效期至", "起用日期", is_open=True),
        Term("compute_domestic", "in", "is_domestic", "是否国产", bounds=DOMESTIC_ENOUGH, shown="可承接"),
        Term("compute_payable", "gte", "price_monthly", "参考价", "每单位每月可付", weight=60),
        Term(
            "compute_domestic",
            "in",
            "is_domestic",
            "是否国产",
            weight=40,
            bounds=DOMESTIC_LIKED,
            shown="可承接",
        ),
    ),
)
SAID = {
    "compute_kind": "kind",
    "compute_unit": "unit",
    "compute_amount": "amount",
    "compute_months": "months",
    "compute_from": "starts_on",
    "compute_domestic": "domestic",
    "compute_budget": "budget_wan",
}


def criteria_of(offer):
    """What an offer asks of a demand, as criteria, with the day of its figures."""
    return COMPUTE.criteria(read_off(offer, COMPUTE.columns), str(offer), offer.as_of)


def facts_of(row):
    """What a demand says, as facts of the day it was last written."""
    on = shanghai_day(row.updated_at)
    return {key: rules.Fact(value, "project", on) for key, value in _known(row).items()}


def _known(row):
    found = {key: getattr(row, column) for key, column in SAID.items()}
    return {key: value for key, value in found.items() if value not in EMPTY}


def fit(offer, row, day):
    """How one offer and one demand go together on a day."""
    return explained(COMPUTE, offer, criteria_of(offer), facts_of(row), day, {})


def offers_for(row, offers, at):
    """The Fits of a demand among these offers, the best first; each offer knows whether it `is_old`."""
    day = shanghai_day(at)
    judge, counts, places = Judge(COMPUTE, day), Counter(), []
    asked = judge.asked(_known(row))
    for offer in offers:
        key, code = judge.place(read_off(offer, COMPUTE.columns), asked)
        offer.is_old = offer.is_stale(day)
        counts[code] += 1
        places.append((key, offer.pk, offer))
    return Fits([fit(offer, row, day) for *_, offer in sorted(places, key=lambda one: one[:2])], counts)


@dataclass(frozen=True)
class Base:
    """What one base has of a unit, how much is free, and how much projects mean to use."""

    name: str
    capacity: Decimal
    free: Decimal
    chosen: Decimal
    is_old: bool


@dataclass(frozen=True)
class Balance:
    """One unit over all bases: what is free, and what `number` projects ask for.

    `unplaced` are the demands that no single offer fits, by use, 国产, day or amount: what is free elsewhere
    does not help them.
    """

    label: str
    free: Decimal
    asked: Decimal
    number: int
    bases: list[Base]
    unplaced: list

    @property
    def unplaced_amount(self):
        return sum((one.amount for one in self.unplaced), Decimal(0))

    @property
    def short(self):
        return max(self.asked - self.free, Decimal(0))

    @property
    def span(self):
        """What the longer of the bars of free and asked stands for."""
        return max(self.asked, self.free, Decimal(1))

    @property
    def widest(self):
        """What the longest bar of a base stands for."""
        return max([base.capacity for base in self.bases], default=Decimal(1))


def balances(offers, demands, day):
    """A Balance per unit that occurs among these offers and demands."""
    of_unit = {unit: ([], []) for unit in COMPUTE_UNITS}
    for offer in offers:
        of_unit[offer.unit][0].append(offer)
    for demand in demands:
        if demand.amount is not None and demand.unit:
            of_unit[demand.unit][1].append(demand)
    return [_balance(unit, *both, day) for unit, both in of_unit.items() if any(both)]


def _balance(unit, offers, demands, day):
    names = dict.fromkeys(offer.base for offer in offers)
    bases = [_base(name, [one for one in offers if one.base == name], demands, day) for name in names]
    asked = sum((one.amount for one in demands), Decimal(0))
    free = sum((base.free for base in bases), Decimal(0))
    return Balance(COMPUTE_UNITS[unit], free, asked, len(demands), bases, _unplaced(offers, demands, day))


def _unplaced(offers, demands, day):
    """The demands that are 不符合 with every one of these offers; what is 待补充 may yet fit."""
    judge, values = Judge(COMPUTE, day), [read_off(offer, COMPUTE.columns) for offer in offers]
    found = []
    for demand in demands:
        asked = judge.asked(_known(demand))
        if all(judge.place(one, asked)[1] == rules.VerdictCode.UNFIT for one in values):
            found.append(demand)
    return found


def _base(name, offers, demands, day):
    own = {offer.pk for offer in offers}
    return Base(
        name,
        sum((one.capacity for one in offers), Decimal(0)),
        sum((one.free for one in offers), Decimal(0)),
        sum((one.amount for one in demands if one.offer_id in own), Decimal(0)),
        any(one.is_stale(day) for one in offers),
    )
