"""Laws the engine keeps on whatever criteria and facts: order, monotony, De Morgan, self-proof."""

import json
from datetime import date
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import rules
from crm.rules import Fact, Result

ON = date(2026, 4, 8)
# a busy machine is no broken law
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = ("staff", "revenue", "trl", "is_dishonest", "round", "exclusions", "established_on", "qualifications")
HELD = ["national_high_tech", "srdi", "gazelle"]
CODES = st.lists(st.sampled_from(HELD), max_size=3, unique=True)
# each code held, not held, or not known to be either
PARTLY = st.tuples(*[st.sampled_from(["has", "lacks", ""])] * len(HELD)).map(
    lambda said: {side: [code for code, one in zip(HELD, said, strict=True) if one == side] for side in SIDES}
)
SIDES = ("has", "lacks")
VALUES = {
    "staff": st.integers(0, 200),
    "revenue": st.integers(0, 4000),
    "trl": st.integers(1, 9),
    "is_dishonest": st.booleans(),
    "round": st.sampled_from(["none", "seed", "angel", "a", "b"]),
    "exclusions": st.lists(st.sampled_from(["real_estate", "two_high"]), max_size=2),
    "established_on": st.dates(date(2015, 1, 1), ON).map(date.isoformat),
    "qualifications": st.one_of(CODES, PARTLY),
}
SET_RULE = st.builds(
    lambda op, codes: {"field": "qualifications", "op": op, "value": codes},
    st.sampled_from(["overlaps", "covers", "disjoint"]),
    st.lists(st.sampled_from(HELD), min_size=1, max_size=3, unique=True),
)
LEAF = st.one_of(
    st.builds(
        lambda op, n: {"field": "staff", "op": op, "value": n, "unit": "人"},
        st.sampled_from(["lt", "lte", "gt", "gte", "eq"]),
        st.integers(0, 200),
    ),
    st.builds(lambda n: {"field": "revenue", "op": "lt", "value": n, "unit": "万元"}, st.integers(1, 4000)),
    st.builds(lambda n: {"field": "trl", "op": "between", "value": [n, 9], "unit": "级"}, st.integers(1, 9)),
    st.builds(lambda b: {"field": "is_dishonest", "op": "eq", "value": b}, st.booleans()),
    st.builds(lambda r: {"field": "round", "op": "in", "value": [r, "seed"]}, VALUES["round"]),
    st.just({"field": "exclusions", "op": "disjoint", "value": ["two_high"]}),
    st.builds(lambda n: {"field": "age_years", "op": "lte", "value": n, "unit": "年"}, st.integers(1, 10)),
    SET_RULE,
    st.just({"field": "qualifications", "op": "exists"}),
    st.just({"field": "removed", "op": "eq", "value": 1}),
)
SOFT = st.builds(lambda leaf, weight: {**leaf, "kind": "soft", "weight": weight}, LEAF, st.integers(0, 50))
NOTE = st.just({"kind": "note", "message": "返投要求"})
TREE = st.recursive(
    LEAF,
    lambda node: st.one_of(
        st.fixed_dictionaries({"all": st.lists(st.one_of(node, SOFT, NOTE), max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(node, max_size=3)}),
        st.fixed_dictionaries({"not": node}),
    ),
    max_leaves=8,
)
CRITERIA = st.fixed_dictionaries({"all": st.lists(st.one_of(TREE, SOFT, NOTE), max_size=4)})
FACTS = st.fixed_dictionaries({}, optional=VALUES)
RESULTS = st.sampled_from([Result.YES, Result.NO, Result.UNKNOWN, None])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "op", "value", "unit", "kind", "weight", "staff"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def known(values):
    return {key: Fact(value) for key, value in values.items()}


def evaluate(criteria, values):
    return rules.evaluate(criteria, known(values), ON)


def code(criteria, values):
    return evaluate(criteria, values).code


def shuffled(draw, node):
    """The same criteria with the items of every group in another order."""
    for name in ("all", "any"):
        if name in node:
            return {name: draw(st.permutations([shuffled(draw, item) for item in node[name]]))}
    return {"not": shuffled(draw, node["not"])} if "not" in node else node


@CALM
@given(CRITERIA, FACTS, st.data())
def test_the_order_of_rules_does_not_matter(criteria, values, data):
    one, other = evaluate(criteria, values), evaluate(shuffled(data.draw, criteria), values)
    assert (one.code, one.score, one.coverage) == (other.code, other.score, other.coverage)
    assert (one.missing, one.ways, one.near_misses) == (other.missing, other.ways, other.near_misses)


@CALM
@given(CRITERIA, FACTS, st.sampled_from(KEYS), st.data())
def test_a_new_fact_never_unsettles_a_verdict(criteria, values, key, data):
    """From 符合 or 不符合 nothing falls back or over when an unknown fact becomes known."""
    values.pop(key, None)
    before = code(criteria, values)
    after = code(criteria, {**values, key: data.draw(VALUES[key])})
    assert before == after or before == "incomplete"


@CALM
@given(CRITERIA, FACTS, st.sampled_from(KEYS), st.data())
def test_a_changed_fact_moves_only_its_own_rules(criteria, values, key, data):
    before, after = evaluate(criteria, values), evaluate(criteria, {**values, key: data.draw(VALUES[key])})
    own = {key, "age_years"} if key == "established_on" else {key}
    for old, new in zip(before.explanations, after.explanations, strict=True):
        assert old["result"] == new["result"] or old["field"] in own


@CALM
@given(CRITERIA, FACTS, PARTLY, st.data())
def test_what_is_found_out_of_a_set_never_unsettles_a_verdict(criteria, values, partly, data):
    """Any complete list that agrees with what was known so far keeps what that settled."""
    more = set(data.draw(CODES)) - {*partly["has"], *partly["lacks"]}
    before = code(criteria, {**values, "qualifications": partly})
    after = code(criteria, {**values, "qualifications": [*partly["has"], *more]})
    assert before == after or before == "incomplete"


@CALM
@given(SET_RULE, PARTLY)
def test_a_rule_is_answered_as_every_way_to_complete_the_set_answers_it(rule, partly):
    """Settled where all completions agree, else 待补充 for that one fact."""
    free = [one for one in HELD if one not in (*partly["has"], *partly["lacks"])]
    choices = [add for size in range(len(free) + 1) for add in combinations(free, size)]
    said = {code(rule, {"qualifications": [*partly["has"], *add]}) for add in choices}
    answer = evaluate(rule, {"qualifications": partly})
    assert answer.code == (said.pop() if len(said) == 1 else "incomplete")
    if answer.code == "incomplete":
        assert answer.to_settle == ("qualifications",)
        assert answer.missing == [{"key": "qualifications", "label": "资质", "hard": True}]


@CALM
@given(CRITERIA, FACTS)
def test_the_stored_explanation_computes_the_verdict_again(criteria, values):
    answer = evaluate(criteria, values)
    stored = json.loads(json.dumps(answer.to_json()))
    assert rules.verdict_from(stored["tree"]) == (answer.code, answer.score, answer.coverage)


@CALM
@given(CRITERIA, FACTS)
def test_every_rule_can_be_checked_from_its_own_explanation(criteria, values):
    """Value, operator and threshold as stored give the result as stored."""
    for shown in json.loads(json.dumps(evaluate(criteria, values).to_json()))["tree"]["items"]:
        if shown["type"] != "rule" or shown["value"] is None:
            continue
        rule = {
            "field": shown["field"],
            "op": shown["op"],
            "value": shown["threshold"],
            "unit": shown["unit"],
        }
        field = rules.FIELDS[shown["field"]]
        threshold = shown["threshold"]
        right = (
            [field.read(t) for t in threshold] if shown["op"] in ("in", "between") else field.read(threshold)
        )
        assert shown["result"] == rules.OPERATORS[shown["op"]].answer(field.read(shown["value"]), right), rule


@CALM
@given(st.lists(RESULTS, max_size=6))
def test_de_morgan_holds_in_three_valued_logic(results):
    negated = [rules.negate(result) for result in results]
    assert rules.negate(rules.combine("all", results)) == rules.combine("any", negated)
    assert rules.negate(rules.combine("any", results)) == rules.combine("all", negated)


@CALM
@given(st.lists(RESULTS, max_size=6))
def test_and_or_answer_as_the_rule_says(results):
    deciding = [result for result in results if result is not None]
    for group, winner, loser in (("all", Result.NO, Result.YES), ("any", Result.YES, Result.NO)):
        if not deciding:
            expected = None
        elif winner in deciding:
            expected = winner
        else:
            expected = Result.UNKNOWN if Result.UNKNOWN in deciding else loser
        assert rules.combine(group, results) == expected


@CALM
@given(TREE, FACTS)
def test_not_exchanges_fit_and_unfit_and_keeps_incomplete(tree, values):
    opposite = {"fit": "unfit", "unfit": "fit", "incomplete": "incomplete"}
    assert code({"not": tree}, values) == opposite[code(tree, values)]
    assert code({"not": {"not": tree}}, values) == code(tree, values)


@CALM
@given(LEAF, TREE, TREE, FACTS)
def test_groups_are_associative_and_absorb(one, two, three, values):
    for outer, inner in (("all", "any"), ("any", "all")):
        assert code({outer: [one, {outer: [two, three]}]}, values) == code({outer: [one, two, three]}, values)
        assert code({outer: [one, {inner: [one, two]}]}, values) == code(one, values)


@CALM
@given(st.lists(st.one_of(SOFT, NOTE), max_size=5), FACTS)
def test_without_a_hard_rule_nothing_ever_fits(items, values):
    assert code({"all": items}, values) == "incomplete"


@CALM
@given(CRITERIA, FACTS)
def test_score_and_coverage_stay_in_their_range(criteria, values):
    answer = evaluate(criteria, values)
    assert answer.score is None or 0 <= answer.score <= 100
    assert answer.coverage is None or 0 <= answer.coverage <= 1
    assert (answer.score is None) == (not answer.coverage)


def favourable(criteria, values, keys, choices):
    """Whether some answer for `keys` from `choices` settles the criteria as 符合."""
    if not keys:
        return code(criteria, values) == "fit"
    first, *rest = keys
    return any(favourable(criteria, {**values, first: c}, rest, choices) for c in choices[first])


PLAIN = st.sampled_from(
    [
        {"field": "staff", "op": "lte", "value": 100, "unit": "人"},
        {"field": "revenue", "op": "lt", "value": 2000, "unit": "万元"},
        {"field": "trl", "op": "between", "value": [3, 5], "unit": "级"},
        {"field": "is_dishonest", "op": "eq", "value": False},
    ]
)
MONOTONE = st.recursive(
    PLAIN,
    lambda node: st.one_of(
        st.fixed_dictionaries({"all": st.lists(node, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(node, min_size=1, max_size=3)}),
    ),
    max_leaves=6,
)
CHOICES = {"staff": [50, 500], "revenue": [100, 9000], "trl": [1, 4], "is_dishonest": [True, False]}


@CALM
@given(MONOTONE, st.fixed_dictionaries({}, optional={key: st.sampled_from(CHOICES[key]) for key in CHOICES}))
def test_the_smallest_set_to_settle_is_what_trying_everything_finds(tree, values):
    answer = evaluate(tree, values)
    lacking = [key for key in CHOICES if key not in values]
    sizes = [
        size
        for size in range(len(lacking) + 1)
        for keys in combinations(lacking, size)
        if favourable(tree, values, keys, CHOICES)
    ]
    if answer.code == "incomplete":
        assert len(answer.to_settle) == min(sizes)
        assert all(favourable(tree, values, way, CHOICES) for way in answer.ways)
    else:
        assert answer.to_settle == ()


@CALM
@given(JUNK, st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=4))
def test_no_stored_rubbish_crashes_the_check_or_the_match(criteria, values):
    assert all(problem.message for problem in rules.check_criteria(criteria))
    json.dumps(evaluate(criteria, values).to_json())


@CALM
@given(CRITERIA, FACTS)
def test_a_bound_missed_by_little_always_belongs_to_a_failed_rule(criteria, values):
    answer = evaluate(criteria, values)
    asked = {shown["field"] for shown in answer.explanations if shown["result"] != "unknown"}
    assert {miss["field"] for miss in answer.near_misses} <= asked
