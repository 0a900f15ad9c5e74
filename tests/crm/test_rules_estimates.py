"""What a policy would give: by tiers, capped, never guessed, and always told as an estimate."""

from datetime import date
from decimal import Decimal

import pytest

from crm.rules import Fact, Situation
from crm.rules.estimates import estimate, in_words, read_benefit
from projects.policy_seed import POLICIES

DAY = date(2026, 4, 20)
VOUCHER = next(one["version"] for one in POLICIES if one["code"] == "hangzhou-compute-voucher")
CAP = Decimal(800)


def told(tiers, cap=CAP, **known):
    benefit = read_benefit(tiers, cap)
    assert benefit.problems == ()
    return estimate(benefit, Situation({key: Fact(value) for key, value in known.items()}, DAY))


@pytest.mark.parametrize(
    ("known", "amount", "says"),
    [
        ({"compute_contract": 40, "size_class": "small"}, 20, "年度算力合同额 40 万元 × 50%"),
        ({"compute_contract": 50, "size_class": "micro"}, 25, "× 50%"),
        ({"compute_contract": 50, "size_class": "large"}, 15, "× 30%"),
        ({"compute_contract": 200}, 60, "× 30%"),
        ({"compute_contract": 5000}, 800, "按上限计"),
    ],
)
def test_the_voucher_gives_what_its_clauses_say(known, amount, says):
    found = told(VOUCHER["tiers"], **known)
    assert (found.amount_wan, found.missing) == (Decimal(amount), [])
    assert says in found.text
    assert "单家每年上限 800 万元" in found.text
    assert found.clause


@pytest.mark.parametrize(
    ("known", "lacking"),
    [
        ({}, ["size_class", "compute_contract"]),
        ({"compute_contract": 40}, ["size_class"]),
        ({"size_class": "large"}, ["compute_contract"]),
    ],
)
def test_what_is_unknown_is_named_and_no_amount_is_given(known, lacking):
    found = told(VOUCHER["tiers"], **known)
    assert (found.amount_wan, found.missing) == (None, lacking)
    assert "不是承诺" in found.to_json()["disclaimer"]


def test_a_tier_for_holders_of_a_certificate_is_not_denied_to_whom_nobody_asked():
    when = {"field": "qualifications", "op": "overlaps", "value": ["national_high_tech"]}
    tiers = [
        {"kind": "fixed", "amount_wan": 20, "when": when, "clause": "第五条"},
        {"kind": "fixed", "amount_wan": 5, "clause": "第六条"},
    ]
    found = told(tiers, qualifications={"has": ["srdi"], "lacks": []})
    assert (found.amount_wan, found.missing) == (None, ["qualifications"])
    assert told(tiers, qualifications={"has": [], "lacks": ["national_high_tech"]}).amount_wan == 5
    assert told(tiers, qualifications={"has": ["national_high_tech"], "lacks": []}).amount_wan == 20


def test_a_fixed_sum_and_one_per_unit_are_reckoned_too():
    assert told([{"kind": "fixed", "amount_wan": 30, "clause": "第三条"}]).amount_wan == 30
    per = [{"kind": "per_unit", "amount_wan": "0.5", "of": "staff", "clause": "第四条"}]
    assert told(per, staff=70).amount_wan == 35
    assert told(per, None, staff=7000).amount_wan == 3500
    assert told(per).missing == ["staff"]


def test_a_rate_below_one_percent_is_written_with_its_sign():
    below = [{"kind": "rate", "rate": "0.5%", "of": "revenue", "clause": "第五条"}]
    found = told(below, None, revenue=3000)
    assert (found.amount_wan, found.text) == (15, "不超过 15 万元（上年营业收入 3,000 万元 × 0.5%）")
    assert in_words(below, None) == ["上年营业收入 × 0.5%（第五条）"]


def test_a_tier_that_can_no_longer_be_read_is_not_passed_over_for_the_next():
    half = {
        "kind": "rate",
        "rate": 50,
        "of": "revenue",
        "clause": "一",
        "when": {"field": "given_up", "op": "exists"},
    }
    rest = {"kind": "rate", "rate": 30, "of": "revenue", "clause": "二"}
    found = estimate(read_benefit([half, rest], None), Situation({"revenue": Fact(100)}, DAY))
    assert (found.amount_wan, found.missing) == (None, [])
    assert "第 1 档" in found.text
    assert "given_up" in found.text


def test_who_fits_no_tier_is_told_so_without_an_amount():
    only_small = [VOUCHER["tiers"][0]]
    found = told(only_small, compute_contract=40, size_class="large")
    assert (found.amount_wan, found.missing) == (None, [])
    assert "没有可估算的金额" in found.text


def test_the_tiers_read_as_sentences():
    assert in_words(VOUCHER["tiers"], CAP) == [
        "企业规模 属于 微型、小型、中型，年度算力合同额 不超过 50 万元 的，年度算力合同额 × 50%"
        "（中小企业年度合同不超过 50 万元的，不超过 50%）",
        "年度算力合同额 × 30%（不超过合同额的 30%）",
    ]


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ("每家 30 万元", "清单"),
        ([{"kind": "gift"}], "计算方式"),
        ([{"kind": "fixed", "amount_wan": 30}], "哪一条"),
        ([{"kind": "fixed", "amount_wan": "很多", "clause": "一"}], "应填数字"),
        ([{"kind": "fixed", "amount_wan": 0, "clause": "一"}], "大于 0"),
        ([{"kind": "rate", "rate": 0.3, "of": "revenue", "clause": "一"}], "请写 30"),
        ([{"kind": "rate", "rate": 130, "of": "revenue", "clause": "一"}], "不超过 100"),
        ([{"kind": "rate", "rate": 30, "of": "staff", "clause": "一"}], "哪项金额"),
        ([{"kind": "per_unit", "amount_wan": 1, "of": "revenue", "clause": "一"}], "哪项数量"),
        (
            [{"kind": "fixed", "amount_wan": 1, "clause": "一", "when": {"field": "x", "op": "eq"}}],
            "适用条件",
        ),
        (
            [
                {
                    "kind": "fixed",
                    "amount_wan": 1,
                    "clause": "一",
                    "when": {"field": "needs_eia", "op": "exists"},
                }
            ],
            "需求",
        ),
        ([{"kind": "rate", "rate": 0.5, "of": "revenue", "clause": "一"}], "确实只有 0.5% 的请写「0.5%」"),
        ([{"kind": "rate", "rate": "-0.5%", "of": "revenue", "clause": "一"}], "大于 0"),
        ([{"kind": "fixed", "amount_wan": 1, "clause": "一"}] * 2, "放在最后"),
    ],
)
def test_tiers_that_cannot_be_reckoned_with_are_refused_in_words(tiers, words):
    (problem, *_) = read_benefit(tiers, None).problems
    assert words in problem.message


def test_the_starting_policies_read_without_a_problem():
    for one in POLICIES:
        version = one["version"]
        assert read_benefit(version["tiers"], version["cap_wan"]).problems == (), one["code"]
