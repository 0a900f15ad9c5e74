"""供需匹配: the quick way over many offers says what the explained way says; what nobody said is no fit."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest

from crm import rules
from projects import compute_fit, space_fit
from projects.fitting import EMPTY, Judge, explained

DAY = date(2026, 4, 20)
RANDOM = Random(20260420)
OFFERED = {
    "area_sqm": [50, 900, 1000, 1200],
    "uses": [["office", "lab"], ["research"]],
    "available_from": [date(2026, 12, 1), date(2026, 1, 1)],
    "power_kva": [None, 300, 0],
    "racks": [None, 40, 0],
    "height_m": [None, Decimal("4.2"), Decimal(6)],
    "load_kg": [None, 500],
    "allows_eia": [None, True, False],
    "rent_daily": [None, Decimal(2), Decimal("3.3")],
    "building__carrier__code": ["banshan", "wanggu"],
    "track_codes": [[], ["ai"], ["ai", "low_altitude"]],
    "unit": ["pflops", "card"],
    "free": [Decimal(0), Decimal(64)],
    "valid_to": [None, date(2026, 6, 1)],
    "is_domestic": [None, True, False],
    "serves": ["", "both", "training", "inference"],
    "price_monthly": [None, Decimal(8000)],
}
NEEDED = {
    "area_need": [None, Decimal(800), Decimal(1250)],
    "area_most": [None, Decimal(1100)],
    "space_use": [None, "research", "lab"],
    "needed_by": [None, date(2026, 7, 1)],
    "power_need": [None, 0, 250],
    "rack_need": [None, 0, 8],
    "height_need": [None, Decimal(0), Decimal("4.5")],
    "load_need": [None, 0, 800],
    "needs_eia": [None, False, True],
    "rent_ceiling": [None, Decimal(3)],
    "carrier_wishes": [None, ["banshan"]],
    "tracks": [None, ["ai"], ["other"]],
    "compute_kind": [None, "training", "inference", "both", "any"],
    "compute_unit": [None, "card"],
    "compute_amount": [None, Decimal(32)],
    "compute_months": [None, 12],
    "compute_from": [None, date(2026, 5, 1), date(2026, 7, 1)],
    "compute_domestic": [None, "must", "prefer", "any"],
    "compute_budget": [None, Decimal(300), Decimal(500)],
}


def any_of(options, keys):
    """For each key the second option, which goes together with the others; for three keys any."""
    strange = RANDOM.sample(list(keys), 3)
    return {key: RANDOM.choice(options[key]) if key in strange else options[key][1] for key in keys}


@pytest.mark.parametrize("register", [space_fit.SPACES, compute_fit.COMPUTE])
def test_the_quick_way_gives_the_verdict_of_the_engine_for_whatever_is_known(register):
    judge, codes = Judge(register, DAY), set()
    for _ in range(150):
        offer = any_of(OFFERED, dict.fromkeys(register.columns))
        known = any_of(NEEDED, dict.fromkeys(key for term in register.terms for key in term.needs))
        values = [offer[column] for column in register.columns]
        facts = {key: rules.Fact(value, "project", DAY) for key, value in known.items() if value not in EMPTY}
        criteria = register.criteria(values, "A座", DAY)
        fit = explained(register, None, criteria, facts, DAY, {})
        (rank, weight), code = judge.place(values, judge.asked(known))
        assert code == fit.code
        assert -weight == (fit.score or 0) * (fit.coverage or 0)
        hard = [leaf for leaf in fit.verdict.explanations if leaf["kind"] == "hard"]
        failed = sum(leaf["result"] == "no" for leaf in hard)
        assert (rank == 2) == (failed > 0 and failed == sum(m["hard"] for m in fit.verdict.near_misses))
        assert bool(fit.missing or _unsaid(hard)) == any(leaf["result"] == "unknown" for leaf in hard)
        codes.add(code.value)
    assert codes == {"fit", "incomplete", "unfit"}


def _unsaid(leaves):
    return [leaf for leaf in leaves if leaf["result"] == "unknown" and leaf["value"] is not None]


@pytest.mark.parametrize("register", [space_fit.SPACES, compute_fit.COMPUTE])
def test_the_criteria_of_an_offer_are_sound_whatever_the_register_says(register):
    for _ in range(40):
        offer = any_of(OFFERED, dict.fromkeys(register.columns))
        criteria = register.criteria([offer[column] for column in register.columns], "A座", DAY)
        assert rules.check_criteria(criteria) == []
