"""Names and amounts compared: the core of a name, pairs of characters, numbers that clash, looking up."""

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.values import company_key
from crm.values.likeness import clash, deviation, dice, is_same_name, lookups, name_form, similarity

PAGE = (Path(__file__).parents[2] / "docs" / "duplicates.md").read_text(encoding="utf-8")
# a busy machine is no broken law
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
FULL_WIDTH |= {ord(" "): "　"}
LEGAL_FORMS = ["有限公司", "有限责任公司", "股份有限公司", "（有限合伙）", "公司", " Co., Ltd."]

words = st.lists(
    st.sampled_from(
        ["望川", "望", "川", "相芯", "砚山", "智能", "数据", "供应链", "科技", "集团", "装备", "杭州", "上海"]
        + ["（杭州）", "二期", "3期", "工厂", "Acme", "（筹）"]
    ),
    min_size=1,
    max_size=6,
).map("".join)
anything = st.one_of(words, st.text(max_size=40))
amounts = st.one_of(
    st.none(), st.integers(-5, 10**9), st.decimals(allow_nan=True, allow_infinity=True), st.floats()
)


def cores_of_the_page():
    table = PAGE.split("核心怎么取：")[1].split("三点特别规定")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line]
    return [row[:2] for row in rows[2:]]


def test_there_are_cores_on_the_page():
    assert len(cores_of_the_page()) >= 25


@pytest.mark.parametrize("name, core", cores_of_the_page())
def test_a_core_of_the_page_is_true(name, core):
    assert name_form(name).core == core.replace("—", "")


@pytest.mark.parametrize(
    "one, other, percent",
    [
        ("望川智能", "望川智能装备", 75),
        ("abcd", "abce", 66),
        ("aaaa", "aaa", 80),
        ("光", "光", 100),
        ("光", "旷", 0),
        ("光", "光光", 0),
        ("", "", 0),
        ("", "光", 0),
    ],
)
def test_pairs_of_characters_are_counted(one, other, percent):
    assert dice(one, other) == dice(other, one) == percent


def test_a_share_below_the_limit_is_never_rounded_up_to_it():
    """169/200 pairs: 84.5 % is told as 84."""
    shared = "".join(chr(0x4E00 + n) for n in range(170))
    assert dice(shared + "甲" * 31, shared + "乙" * 31) == 84


def test_unknown_names_are_neither_same_nor_different():
    for unknown in ("", None, "待定", "无", "/", "！！！", "有限公司"):
        assert similarity(unknown, unknown) is None
        assert similarity(unknown, "望川") is None
        assert not is_same_name(unknown, unknown)


@pytest.mark.parametrize(
    "one, other",
    [
        ("上海相芯科技有限公司", "杭州相芯科技有限公司"),
        ("相芯（杭州）科技有限公司", "相芯科技有限公司"),
        ("望川集团有限公司", "望川有限公司"),
        ("望川科技有限公司", "望川技术有限公司"),
    ],
)
def test_city_group_and_科技_make_another_name_though_as_similar_as_can_be(one, other):
    assert similarity(one, other) == 100
    assert not is_same_name(one, other)


def test_a_share_of_words_that_all_firms_bear_is_no_likeness():
    assert dice("朔川跨境供应链", "砚山跨境供应链") == 66
    assert similarity("朔川跨境供应链", "砚山跨境供应链") == 0
    assert similarity("智能工厂项目", "望川智能工厂项目") == 0
    assert similarity("智能工厂项目", "智能装备工厂") > 0


@pytest.mark.parametrize(
    "one, other, found",
    [
        ("望川一期", "望川二期", ("1期", "2期")),
        ("望川第二期", "望川Ⅱ期", None),
        ("望川十二期", "望川12期", None),
        ("望川二十期", "望川20期", None),
        ("望川二十一期", "望川十一期", ("21期", "11期")),
        ("望川", "望川二期", None),
        ("2026年望川", "望川二期", None),
        ("望川3.5万吨", "望川35万吨", ("3.5万", "35万")),
        ("望川A座", "望川B座", ("a座", "b座")),
        ("三一重工", "一一重工", None),
        ("望川有限公司", "望川有限公司上海分公司", ("", "上海分公司")),
        ("望川公司第一分公司", "望川公司第二分公司", ("1分公司", "2分公司")),
        ("望川有限公司分公司（上海）", "望川有限公司", ("分公司", "")),
    ],
)
def test_numbers_and_branches_clash(one, other, found):
    assert clash(one, other) == found
    assert clash(other, one) == (found and found[::-1])


def test_other_numbers_are_other_names():
    assert is_same_name("望川第二期", "望川 2 期")
    assert not is_same_name("望川一期", "望川二期")
    assert not is_same_name("年产3.5万吨", "年产35万吨")
    assert is_same_name("年产1,000吨", "年产1000吨")


@pytest.mark.parametrize(
    "one, other, share",
    [
        (Decimal(10000), Decimal(9000), Fraction(1, 10)),
        (Decimal(0), Decimal(0), 0),
        (Decimal(0), Decimal(5), 1),
        (3, 1, Fraction(2, 3)),
        (None, Decimal(5), None),
        (None, None, None),
        ("面议", Decimal(5), None),
        (Decimal("NaN"), Decimal(5), None),
        (float("inf"), Decimal(5), None),
    ],
)
def test_amounts_deviate(one, other, share):
    assert deviation(one, other) == deviation(other, one) == share


def test_long_names_of_common_words_take_no_hours():
    for name in ("杭州" + "人工智能" * 40 + "x", "投资" * 3000, "（杭州" * 3000, "公司" * 2000 + "分公司"):
        assert name_form(name).key


@CALM
@given(words, st.data())
def test_spaces_and_width_make_no_other_name(name, data):
    chinese = re.sub("[A-Za-z]", "", name) or "望"
    place = data.draw(st.integers(0, len(chinese)))
    spaced = f" {chinese[:place]} {chinese[place:]}　"
    assert name_form(spaced) == name_form(chinese)
    assert name_form(name.translate(FULL_WIDTH)) == name_form(name)
    assert name_form(name.upper()) == name_form(name)


@CALM
@given(words, st.sampled_from(LEGAL_FORMS))
def test_the_legal_form_makes_no_other_name(name, form):
    assert is_same_name(name + form, name)
    assert similarity(name + form, name) == 100


@CALM
@given(words, st.sampled_from(["杭州", "上海市", "浙江省杭州市", "杭州市拱墅区"]))
def test_the_city_before_a_brand_makes_no_difference_to_the_core(name, place):
    assert name_form(f"{place}相芯{name}").core == name_form(f"相芯{name}").core


@CALM
@given(words, words)
def test_what_the_rest_of_the_house_calls_one_name_is_one_here(one, other):
    """No numbers with points or ranges in these names: there this module is stricter."""
    if company_key(one) and company_key(one) == company_key(other):
        assert is_same_name(one, other)


@CALM
@given(anything, anything)
def test_likeness_is_mutual_and_complete_with_oneself(one, other):
    found = similarity(one, other)
    assert found == similarity(other, one)
    assert found is None or 0 <= found <= 100
    assert similarity(one, one) in (None, 100)
    assert clash(one, one) is None
    if is_same_name(one, other):
        assert found == 100
        assert clash(one, other) is None


@CALM
@given(words, words, st.integers(1, 100))
def test_names_that_are_similar_enough_share_a_word_to_look_them_up(one, other, limit):
    if (similarity(one, other) or 0) >= limit:
        assert lookups(one, limit) & lookups(other, limit)


@CALM
@given(words, st.integers(1, 99))
def test_a_higher_limit_needs_no_other_words(name, limit):
    assert lookups(name, limit + 1) <= lookups(name, limit)


def test_words_to_look_up_are_rare():
    found = lookups("杭州望川智能装备有限公司", 60)
    assert "望川" in found
    assert not found & {"智能", "能装", "装备"}


@CALM
@given(amounts, amounts)
def test_amounts_never_raise(one, other):
    found = deviation(one, other)
    assert found == deviation(other, one)
    assert found is None or 0 <= found <= 2
