"""The fast way over columns says of every subject what the explained way says of it alone."""

from datetime import date

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from crm import rules
from crm.rules import Fact
from crm.rules.columns import Table
from tests.crm.test_rules_properties import CALM, CRITERIA, FACTS, ON

STRANGE = st.fixed_dictionaries(
    {},
    optional={"staff": st.sampled_from(["80", "80.0", "八十", True, 0, "1e2", -1]), "round": st.integers()},
)
SUBJECTS = st.lists(st.one_of(FACTS, STRANGE), min_size=1, max_size=12)


def table_of(subjects, on=ON):
    """The columns of subjects given as {key: value}, in pieces as they come from several sources."""
    raw = {}
    for place, facts in enumerate(subjects):
        for key, value in facts.items():
            raw.setdefault(key, []).append((value, np.array([place])))
    return Table(len(subjects), raw, on)


def assert_same(criteria, subjects):
    plan, answers = rules.read(criteria), None
    answers = table_of(subjects).verdicts(plan)
    scores, places = answers.scores()
    for place, facts in enumerate(subjects):
        situation = rules.Situation({key: Fact(value) for key, value in facts.items()}, ON)
        told = rules.evaluate(plan, situation)
        assert answers.outcome(place) == (told.code, told.score, told.coverage)
        assert rules.outcome_of(plan, rules.judge(plan, situation)) == (told.code, told.score, told.coverage)
        assert scores[places[place]] == (told.score, told.coverage)


@CALM
@given(CRITERIA, SUBJECTS)
@example({}, [{"staff": 1}])
@example(
    {"all": [{"kind": "soft", "field": "staff", "op": "lte", "value": 9, "unit": "人", "weight": 0.1}]}, [{}]
)
def test_both_ways_agree(criteria, subjects):
    assert_same(criteria, subjects)


def test_a_value_beside_the_bound_is_not_rounded():
    criteria = {"field": "revenue", "op": "lte", "value": "1000", "unit": "万元"}
    assert_same(criteria, [{"revenue": "1000.00000000000000001"}, {"revenue": "1000.0"}, {"revenue": 1000}])


def test_a_derived_fact_is_computed_from_what_each_subject_has():
    criteria = {
        "all": [
            {"field": "valuation_within_last", "op": "eq", "value": True},
            {"field": "age_years", "op": "lte", "value": 5, "unit": "年"},
        ]
    }
    subjects = [
        {"valuation": value, "last_post_money": last, "established_on": day}
        for value in (1, 2, None)
        for last in (1, "2", "x")
        for day in ("2021-04-08", "2021-04-07", "2027-01-01")
    ]
    assert_same(criteria, subjects)
    assert {str(table_of([one]).verdicts(rules.read(criteria)).outcome(0).code) for one in subjects} == {
        "fit", "unfit", "incomplete",
    }  # fmt: skip


def test_one_table_answers_many_plans_and_asks_a_shared_rule_once():
    rule = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}
    table = table_of([{"staff": 80}, {"staff": 120}, {}], date(2026, 4, 8))
    first = table.verdicts(rules.read(rule))
    second = table.verdicts(rules.read({"not": rule}))
    assert [str(first.outcome(n).code) for n in range(3)] == ["fit", "unfit", "incomplete"]
    assert [str(second.outcome(n).code) for n in range(3)] == ["unfit", "fit", "incomplete"]
    assert len(table._judged) == 1


def test_a_bound_that_is_not_known_for_sure_counts_alike_both_ways():
    rule = {"field": "height_need", "op": "lte", "value": 3, "unit": "m"}
    unsure = {**rule, "unstated": "台账没有登记层高"}
    boundless = {"field": "load_need", "op": "lte", "unit": "kg/㎡", "unstated": "台账没有登记承重"}
    subjects = [{"height_need": height, "load_need": 0} for height in (2, 3, 4)] + [{}]
    for criteria in (unsure, boundless, {"not": unsure}, {"any": [rule, unsure]}, {"all": [rule, boundless]}):
        assert_same(criteria, subjects)
