"""判重: the page's tables executed, the laws of the comparison, and how partners are found."""

import re
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leads.duplicates import (
    ALIAS_COSTS,
    CAPS,
    FURTHER,
    RULES,
    TEXTS,
    Evidence,
    Likeness,
    Limits,
    Pairing,
    Sameness,
    Subject,
    candidates_key,
    compare,
    judge,
    weigh,
)

PAGE = (Path(__file__).parents[2] / "docs" / "duplicates.md").read_text(encoding="utf-8")
NOTHING = "—"
COLUMNS = {
    "曾用名": "former_names",
    "品牌": "brand",
    "代码": "uscc",
    "投资方": "investor",
    "投资方代码": "investor_uscc",
    "编码": "city_project_code",
    "金额": "amount_wan",
    "行业": "industry",
    "细分": "sub_industry",
    "引荐人": "importer",
}
OTHER_TITLES = {
    "same_uscc": "同信用代码",
    "other_uscc": "不同信用代码",
    "bad_uscc": "代码有误",
    "clash": "编号或分支不同",
}
TITLES = {rule.code: rule.title for rule in RULES} | OTHER_TITLES
CODES = ["91330105MA2TEXT08E", "91440300MA5DEMQ0X8", "91310000MA1DEMQ029"]
# a busy machine is no broken law
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rows_below(heading):
    text = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r" \| ", line[2:-2])] for line in lines]
    return [row for row in rows if row[0] not in ("号", "级别") and not row[0].startswith("--")]


def subject(cell):
    name, *rest = cell.replace("（全空）", "").split("；")
    values = {COLUMNS[part.split("：", 1)[0]]: part.split("：", 1)[1] for part in rest}
    if "former_names" in values:
        values["former_names"] = (values["former_names"],)
    if values.get("amount_wan", "").replace(".", "").isdigit():
        values["amount_wan"] = Decimal(values["amount_wan"])
    return Subject(name=name, **values)


def told(one, other):
    """Similarity, level, confidence and titles of the reasons, in the words of the page."""
    found, pairing = compare(one, other), weigh(one, other, Limits()).pairing
    titles = "、".join(TITLES[reason.code] for reason in found.reasons)
    similarity = str(pairing.similarity) if pairing else NOTHING
    return [similarity, found.level or NOTHING, str(found.confidence), titles or NOTHING]


CASES = rows_below("例子")


def test_there_are_enough_cases_of_every_level_and_rule():
    assert [row[0] for row in CASES] == [str(n + 1) for n in range(len(CASES))]
    assert len(CASES) >= 70
    assert {row[4] for row in CASES} == {"L1", "L2", "L3", "L4", NOTHING}
    assert {title for row in CASES for title in row[6].split("、")} >= set(TITLES.values())


@pytest.mark.parametrize("row", CASES, ids=lambda row: row[0])
def test_a_case_of_the_page_is_true_from_both_sides(row):
    one, other = subject(row[1]), subject(row[2])
    assert told(one, other) == told(other, one) == row[3:7]


@pytest.mark.parametrize("row", CASES, ids=lambda row: row[0])
def test_a_case_with_a_level_is_found_by_its_keys(row):
    one, other = subject(row[1]), subject(row[2])
    assert not compare(one, other).level or is_found(one, other)


def test_the_rule_table_of_the_page_is_the_one_in_force():
    written = [(level, title, code, sure) for level, title, code, _, sure in rows_below("规则")]
    in_force = [
        (rule.level, rule.title, f"`{rule.code}`", "–".join(map(str, sorted({rule.least, rule.most}))))
        for rule in RULES
    ]
    assert written == in_force
    assert {rule.code for rule in RULES} == set(TEXTS)


def test_the_page_names_the_numbers_of_the_code():
    limits = Limits()
    assert f"（{limits.near}、{limits.similar}、{limits.weak} 和金额的 {limits.amount}）" in PAGE
    assert "，".join(f"{level} 最高 {cap}" for level, cap in CAPS.items()) in PAGE
    assert f"每多命中一条可信度加 {FURTHER}" in PAGE


def test_a_stronger_level_is_always_surer():
    """Even met only by a brand, a rule stays above the heap of all weaker ones."""
    for weaker, stronger in (("L2", "L1"), ("L3", "L2"), ("L4", "L3")):
        rules = [rule for rule in RULES if rule.level == stronger]
        least = [rule.least - max(ALIAS_COSTS) * rule.is_by_name for rule in rules]
        assert min(least) > CAPS[weaker]


def reasons(one, other, limits=None):
    return {reason.code: reason.text for reason in compare(one, other, limits).reasons}


def test_the_reason_names_the_names_that_met():
    one = Subject("杭州望川智能科技有限公司", former_names=("旧川网络",), brand="望小川")
    assert reasons(one, Subject("旧川网络")) == {
        "same_name": "本方曾用名「旧川网络」与对方名称「旧川网络」相同；投资方至少一方不知道，可信度降低。"
    }
    assert "对方简称/品牌「望小川」" in reasons(Subject("望小川"), one)["same_name"]
    assert reasons(Subject("望川智能"), Subject("望川智能装备")) == {
        "similar_name": "名称「望川智能」与「望川智能装备」相似 75%（达到 60%）。"
    }


def test_the_best_pairing_wins_full_names_first():
    one = Subject("望川智能", brand="望川智能")
    other = Subject("望川智能", former_names=("望川智能",))
    assert weigh(one, other, Limits()).pairing.kinds == (0, 0)


def test_the_same_name_wins_over_one_that_is_only_as_similar_as_can_be():
    one, other = Subject("上海相芯科技"), Subject("杭州相芯科技", former_names=("上海相芯科技",))
    assert compare(one, other).level == "L2"


def test_a_name_that_clashes_does_not_hide_a_nearer_one():
    """The 二期 is more alike in letters, but only the former name can carry L2."""
    one = Subject("望川高端智能装备研发制造总部基地一期", investor="甲资本")
    other = Subject(
        "望川高端智能装备研发制造总部基地二期",
        former_names=("望川高端智能装备研发制造总部基一",),
        investor="甲资本",
    )
    assert compare(one, other).level == "L2"


def test_the_reason_says_by_how_much_amounts_differ_never_too_little():
    one, other = Subject("甲", investor="乙资本", amount_wan=Decimal(10000)), Subject("丙", investor="乙资本")
    said = reasons(one, replace(other, amount_wan=Decimal("9000")))["investor_and_amount"]
    assert said == "投资方相同，投资额相差 10%（不超过 10%）。"
    said = reasons(one, replace(other, amount_wan=Decimal("9949.9999")))["investor_and_amount"]
    assert "相差 0.6%" in said
    said = reasons(one, replace(other, amount_wan=Decimal("8000")), Limits(amount=20))["investor_and_amount"]
    assert said == "投资方相同，投资额相差 20%（不超过 20%）。"


def test_other_codes_leave_a_reason_and_the_comparison():
    one = Subject("望川科技", uscc=CODES[0], city_project_code="HZ-1")
    found = compare(one, replace(one, uscc=CODES[1]))
    assert (found.level, found.confidence) == (None, 0)
    assert [reason.code for reason in found.reasons] == ["other_uscc"]
    assert sameness(found)["城市项目编码"] == Sameness.SAME


def test_the_numbers_that_clash_are_told():
    assert "（1期／2期）" in reasons(Subject("望川智能工厂一期"), Subject("望川智能工厂二期"))["clash"]
    branch = Subject("望川智能装备制造公司上海分公司")
    assert "（无／上海分公司）" in reasons(Subject("望川智能装备制造公司"), branch)["clash"]


def sameness(found):
    return {field.label: field.sameness for field in found.fields}


def test_every_field_stands_side_by_side():
    one = Subject(
        "杭州望川有限公司",
        ("旧川", "无"),
        "",
        CODES[0],
        "甲资本",
        amount_wan=Decimal("5000.0000"),
        industry="AI",
    )
    other = Subject(
        "杭州望川", ("旧川网络",), "望川", "", "乙资本", amount_wan=Decimal("5.1E+3"), industry="ai"
    )
    found = compare(one, other)
    assert len(found.fields) == len(fields(Subject))
    assert sameness(found) == {
        "名称": Sameness.SAME,
        "曾用名": Sameness.DIFFERS,
        "简称/品牌": Sameness.UNKNOWN,
        "统一社会信用代码": Sameness.UNKNOWN,
        "城市项目编码": Sameness.UNKNOWN,
        "投资方": Sameness.DIFFERS,
        "投资方信用代码": Sameness.UNKNOWN,
        "投资额（万元）": Sameness.SAME,
        "行业": Sameness.SAME,
        "细分行业": Sameness.UNKNOWN,
        "引荐人": Sameness.UNKNOWN,
    }
    shown = {field.label: (field.ours, field.theirs) for field in found.fields}
    assert shown["投资额（万元）"] == ("5000", "5100")
    assert shown["曾用名"] == ("旧川、无", "旧川网络")
    assert shown["简称/品牌"] == ("", "望川")


@pytest.mark.parametrize(
    "limits, level",
    [
        (Limits(), "L3"),
        (Limits(near=75), "L2"),
        (Limits(similar=76), None),
        (Limits(near=76, similar=75), "L3"),
    ],
)
def test_the_limits_are_the_callers(limits, level):
    """「望川智能」 and 「望川智能装备」 are similar by 75 %."""
    one, other = Subject("望川智能", investor="甲资本"), Subject("望川智能装备", investor="甲资本")
    assert compare(one, other, limits).level == level


def test_no_limit_lifts_a_phase_to_its_neighbour():
    one, other = Subject("望川智能工厂一期", investor="甲"), Subject("望川智能工厂二期", investor="甲")
    assert compare(one, other, Limits(near=61)).level == "L3"


# --- laws ---

names = st.lists(
    st.sampled_from(
        ["望川", "望", "相芯", "砚山", "智能", "数据", "装备", "科技", "杭州", "二期", "一期", "Acme"]
    ),
    max_size=5,
).map("".join)
amounts = st.one_of(st.none(), st.integers(0, 40).map(lambda n: Decimal(n * 500)))


def subjects():
    return st.builds(
        Subject,
        name=names,
        former_names=st.lists(names, max_size=2).map(tuple),
        brand=st.sampled_from(["", "", "望小川", "相芯"]),
        uscc=st.sampled_from(["", "", *CODES]),
        investor=st.sampled_from(["", "", "甲资本", "甲资本有限公司", "张三"]),
        investor_uscc=st.sampled_from(["", "", "", *CODES[:2]]),
        city_project_code=st.sampled_from(["", "", "", "HZ-1", "HZ-2"]),
        amount_wan=amounts,
        industry=st.sampled_from(["", "智能制造", "生命健康"]),
        sub_industry=st.sampled_from(["", "机器人", "医学影像"]),
        importer=st.sampled_from(["", "驻深工作站", "省商会"]),
    )


junk = st.one_of(st.text(max_size=30), st.none(), st.integers(), st.floats(), st.booleans())
junk_subjects = st.builds(
    Subject,
    name=junk,
    former_names=st.one_of(st.none(), st.lists(junk, max_size=2)),
    brand=junk,
    uscc=junk,
    investor=junk,
    investor_uscc=junk,
    city_project_code=junk,
    amount_wan=st.one_of(junk, st.decimals(min_value=-(10**30), max_value=10**30), st.just(Decimal("NaN"))),
    industry=junk,
    sub_industry=junk,
    importer=junk,
)


def is_found(one, other):
    """Whether the database finds `other` when it asks what the page says, for `one`."""
    ours, theirs = candidates_key(one), candidates_key(other)
    if ours.words & theirs.words:
        return True
    if not ours.amount or other.amount_wan is None:
        return False
    industry, lowest, highest = ours.amount
    are_apart = (one.investor and other.investor) or (one.investor_uscc and other.investor_uscc)
    return other.industry == industry and lowest <= other.amount_wan <= highest and not are_apart


@CALM
@given(subjects(), subjects())
def test_the_verdict_is_mutual(one, other):
    there, back = compare(one, other), compare(other, one)
    assert (there.level, there.confidence) == (back.level, back.confidence)
    assert [reason.code for reason in there.reasons] == [reason.code for reason in back.reasons]
    assert [(f.label, f.theirs, f.ours, f.sameness) for f in there.fields] == [tuple(f) for f in back.fields]
    assert compare(one, other) == there


@CALM
@given(subjects(), subjects())
def test_level_confidence_and_reasons_go_together(one, other):
    found = compare(one, other)
    assert isinstance(found, Likeness)
    assert (found.confidence > 0) == (found.level is not None)
    if found.level:
        assert found.confidence <= CAPS[found.level] or found.reasons[0].code == "same_uscc"
        assert found.reasons[0].code in {"same_uscc"} | {r.code for r in RULES if r.level == found.level}
    assert all(reason.text.endswith("。") and "{" not in reason.text for reason in found.reasons)


@CALM
@given(subjects())
def test_a_named_record_is_its_own_duplicate(one):
    named = replace(one, name=one.name + "望川")
    found = compare(named, named)
    assert found.level in ("L1", "L2")
    assert found.level == "L1" or not (named.investor or named.investor_uscc)


@CALM
@given(subjects(), subjects(), st.permutations(CODES))
def test_known_codes_decide_whatever_else_is_known(one, other, codes):
    one, other = replace(one, uscc=codes[0]), replace(other, uscc=codes[1])
    assert compare(one, other).level is None
    same = compare(one, replace(other, uscc=codes[0]))
    assert (same.level, same.confidence) == ("L1", 100)


@CALM
@given(subjects(), subjects(), st.sampled_from(["有限公司", "股份有限公司", "有限责任公司"]))
def test_spaces_width_and_legal_form_change_no_verdict(one, other, form):
    full = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
    written = replace(
        one,
        name=one.name and " ".join(re.findall("[A-Za-z]+|.", one.name)).translate(full) + form,
        uscc=one.uscc.lower().translate(full),
        investor=f" {one.investor} ".upper(),
        industry=f" {one.industry}　",
    )
    plain, strange = compare(one, other), compare(written, other)
    assert (plain.level, plain.confidence) == (strange.level, strange.confidence)


known = st.sampled_from([None, True, False])
evidences = st.builds(
    Evidence,
    pairing=st.builds(
        Pairing,
        ours=st.just("甲"),
        theirs=st.just("乙"),
        kinds=st.sampled_from([(0, 0), (0, 1), (2, 0)]),
        is_same=st.just(False),
        similarity=st.integers(0, 100),
        clash=st.sampled_from([None, ("1期", "2期")]),
    ),
    deviation=st.sampled_from([None, Fraction(0), Fraction(1, 10), Fraction(1, 2)]),
    is_same_uscc=known,
    is_same_code=known,
    is_same_investor=known,
    is_same_industry=known,
    is_same_sub_industry=known,
    is_same_importer=known,
)
RANKS = {None: 0, "L4": 1, "L3": 2, "L2": 3, "L1": 4}
limits_in_order = st.lists(st.integers(1, 100), min_size=3, max_size=3).map(
    lambda three: Limits(*sorted(three, reverse=True))
)


@CALM
@given(evidences, st.integers(0, 100), limits_in_order)
@example(Evidence(Pairing("甲", "乙", similarity=84), is_same_investor=True), 85, Limits())
def test_more_similar_names_never_lower_level_or_confidence(evidence, similarity, limits):
    low, high = sorted([evidence.pairing.similarity, similarity])
    below = judge(replace(evidence, pairing=replace(evidence.pairing, similarity=low)), limits)
    above = judge(replace(evidence, pairing=replace(evidence.pairing, similarity=high)), limits)
    assert RANKS[below[0]] <= RANKS[above[0]]
    assert below[1] <= above[1]


@CALM
@given(evidences, limits_in_order)
def test_the_same_name_is_never_weaker_than_a_similar_one(evidence, limits):
    like = replace(evidence, pairing=replace(evidence.pairing, similarity=100, clash=None))
    same = replace(like, pairing=replace(like.pairing, is_same=True))
    assert RANKS[judge(like, limits)[0]] <= RANKS[judge(same, limits)[0]]
    assert judge(like, limits)[1] <= judge(same, limits)[1]


@CALM
@given(subjects(), subjects())
def test_whatever_has_a_level_is_found_by_its_keys(one, other):
    assert not compare(one, other).level or is_found(one, other)


@CALM
@given(junk_subjects, junk_subjects)
def test_nothing_that_stands_in_a_cell_makes_it_raise(one, other):
    assert compare(one, other).level == compare(other, one).level
    candidates_key(one)


# --- keys ---


def test_the_keys_of_an_empty_record_find_nobody():
    assert candidates_key(Subject("待定", brand="无", investor="/")) == (frozenset(), None)


def test_the_keys_name_what_can_decide():
    one = Subject(
        "杭州望川智能有限公司",
        uscc=CODES[0].lower(),
        investor="甲资本",
        investor_uscc=CODES[1],
        city_project_code="HZ 01",
        sub_industry="机器人",
    )
    words = candidates_key(one).words
    assert {f"uscc:{CODES[0]}", f"investor:{CODES[1]}", "investor:甲资本", "code:hz01"} <= words
    assert {"name:杭州望川智能", "name:望川智能", "name:望川", "sub:机器人:望川"} <= words


@pytest.mark.parametrize(
    "amount, limits, lowest, highest",
    [
        (Decimal(9000), Limits(), Decimal(8100), Decimal(10000)),
        (Decimal(1000), Limits(), Decimal(900), Decimal("1111.1112")),
        (Decimal(0), Limits(), Decimal(0), Decimal(0)),
        (Decimal("0.0005"), Limits(), Decimal("0.0004"), Decimal("0.0006")),
        (Decimal(1000), Limits(amount=0), Decimal(1000), Decimal(1000)),
        (Decimal(1000), Limits(amount=100), Decimal(0), None),
    ],
)
def test_the_amount_question_bounds_what_is_about_equal(amount, limits, lowest, highest):
    one = Subject("望川", amount_wan=amount, industry="智能制造")
    assert candidates_key(one, limits).amount == ("智能制造", lowest, highest)


def test_no_amount_or_no_industry_asks_no_question():
    assert candidates_key(Subject("望川", amount_wan=Decimal(5))).amount is None
    assert candidates_key(Subject("望川", industry="智能制造")).amount is None
