"""The automatic flags of 公平竞争审查: every wording of the tables, the examples of the page, and laws."""

import dataclasses
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects import flag_patterns, flag_text, flags
from projects.flag_names import called
from projects.flag_patterns import BadPattern, parse, spans_of
from projects.flag_text import SHAPES, Folded
from projects.flags import ASKS_LIBRARY, CHECKS, COMPARES, PARDONS, Item, Rule, check_rule, flags_of
from tests.projects.wordings import BROKEN, ON, RULES, SOUND, WORDINGS, says
from tests.projects.wordings_agreed import AGREED
from tests.projects.wordings_everyday import EVERYDAY
from tests.projects.wordings_fresh import FRESH
from tests.projects.wordings_held import ROUNDS
from tests.projects.wordings_later import LATER
from tests.projects.wordings_latest import LATEST
from tests.projects.wordings_relations import RELATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "compliance.md").read_text(encoding="utf-8")
NAMES = {rule.code: rule.name for rule in RULES}
TABLES = (WORDINGS, *ROUNDS, *LATER, *LATEST, *RELATIONS, *FRESH, *EVERYDAY, *AGREED)
ALL = [wording for table in TABLES for wording in table]
READABLE = [wording for wording in ALL if wording not in BROKEN and "unreadable" not in wording.codes]
# a busy machine is no broken law
CALM = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def codes(item, rules=RULES, on=ON):
    return {flag.code for flag in flags_of(item, rules, on)}


def table(heading):
    """The rows of the page's table whose first column is called `heading`."""
    lines = PAGE.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize("wordings", TABLES, ids=map(str, range(len(TABLES))))
def test_a_wording_raises_exactly_its_flags(wordings):
    raised = [(wording.item.text, sorted(codes(wording.item)), sorted(wording.codes)) for wording in wordings]
    assert [one for one in raised if one[1] != one[2]] == []


def test_every_flag_is_asked_for_by_some_wording():
    assert {code for wording in ALL for code in wording.codes} == set(NAMES)


def test_the_tables_hold_enough_of_both_kinds():
    assert len(WORDINGS) >= 200
    assert sum(not wording.codes for wording in ALL) >= 100


@pytest.mark.parametrize(("clause", "stated", "expected"), table("条款"), ids=lambda cell: cell[:20])
def test_an_example_of_the_page_is_true(clause, stated, expected):
    found = flags_of(says(clause, stated=stated).item, RULES, ON)
    assert "、".join(flag.name for flag in found) == ("" if expected == "不标记" else expected)


@pytest.mark.parametrize(("clause", "words", "name"), table("原文"), ids=lambda cell: cell[:20])
def test_the_page_shows_the_words_that_triggered(clause, words, name):
    (flag,) = flags_of(dataclasses.replace(SOUND, text=clause), RULES, ON)
    assert (flag.name, "；".join(hit.words for hit in flag.hits)) == (name, words)


def test_the_page_lists_every_rule_and_no_other():
    assert {row[0].strip("`"): row[1] for row in table("代码")} == NAMES


def test_the_page_counts_the_wordings():
    assert f"共 {len(ALL)} 条" in PAGE


def test_a_hit_stands_where_it_says_and_reads_as_written():
    item = dataclasses.replace(SOUND, text="补助：按年度 税\u200b收 的３０％。", conditions="十年内不得迁出")
    stay, tax = flags_of(item, RULES, ON)
    assert [(hit.field, hit.words) for hit in tax.hits] == [("text", "税\u200b收")]
    assert [(hit.field, hit.words) for hit in stay.hits] == [("conditions", "十年内不得迁出")]
    for hit in (*tax.hits, *stay.hits):
        assert getattr(item, hit.field)[hit.start : hit.end] == hit.words


def test_every_hit_of_a_rule_is_shown_in_one_flag():
    item = dataclasses.replace(SOUND, text="前两年返税三成。之后按地方留成奖励。", formula="留成×20%")
    (flag,) = flags_of(item, RULES, ON)
    assert [(hit.field, hit.words) for hit in flag.hits] == [
        ("formula", "留成"),
        ("text", "税"),
        ("text", "留成"),
    ]


def test_a_flag_on_a_field_names_the_field_and_its_value():
    item = dataclasses.replace(SOUND, text="最高补助九百万元", amount_wan=Decimal(900), cap_wan=Decimal(800))
    (flag,) = flags_of(item, RULES, ON)
    assert flag.hits == (flags.Hit("amount_wan", None, None, "900 万元，上限 800 万元"),)


def test_an_unknown_amount_is_not_above_the_cap():
    for amount in (None, Decimal("NaN")):
        item = dataclasses.replace(SOUND, text="给予研发补助", amount_wan=amount, cap_wan=Decimal(800))
        assert codes(item) == set()


def test_a_basis_is_valid_through_its_last_day():
    item = dataclasses.replace(SOUND, text="给予研发补助", basis_valid_to=date(2026, 4, 8))
    assert codes(item, on=date(2026, 4, 8)) == set()
    assert codes(item, on=date(2026, 4, 9)) == {"basis_expired"}


def test_public_factor_policy_is_spared_only_with_a_basis():
    item = dataclasses.replace(SOUND, text="能耗指标单列，由区里统筹解决")
    assert codes(item) == set()
    assert codes(dataclasses.replace(item, basis="")) == {"factor_preference", "no_basis"}


def test_an_item_with_nothing_filled_in_is_not_in_order():
    assert codes(Item()) == {"no_basis", "no_budget", "scope_unknown", "unreadable"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_tells_the_officer_why_and_what_to_do_and_invents_no_provision(rule):
    assert rule.reason.endswith("。")
    assert "请" in rule.advice
    assert set(re.findall(r"第[一二三四五六七八九十至]+条", rule.reason + rule.advice)) <= {"第八至十条"}
    assert set(re.findall(r"〔\d+〕\d+号|令\d+号", rule.reason)) <= {"〔2025〕1号", "令99号"}


def test_the_starting_rules_are_sound_and_their_codes_differ():
    assert [problem for rule in RULES for problem in check_rule(rule)] == []
    assert len(NAMES) == len(RULES)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "没有措辞"),
        ({"patterns": ("税收 ..99 返还",)}, "间隔"),
        ({"patterns": ("税收 ..8",)}, "间隔"),
        ({"patterns": ("税收 ..8 ..8 返还",)}, "间隔"),
        ({"patterns": ("税收||返还",)}, "空的词"),
        ({"patterns": ("·· ..8 返还",)}, "空的词"),
        ({"patterns": ("{percent} 返还",)}, "占位符"),
        ({"patterns": ("不以 ..8 @",)}, "豁免"),
        ({"patterns": ("税",), "exempting": ("! 依法 ..4 税",)}, "触发"),
        ({"patterns": ("税",), "exempting": ("依法 ~4 税",)}, "触发"),
        ({"patterns": ("!",)}, "首尾"),
        ({"patterns": ("税 ~4 返 ~4 奖 ~4 补",)}, "最多隔出"),
        ({"patterns": ("税",), "exempting": ("@",)}, "首尾"),
        ({"patterns": ("税",), "exempting": ("不以 @ ..8 @",)}, "首尾"),
        ({"patterns": ("甲 乙 丙 丁 戊 己 庚",)}, "最多"),
        ({"patterns": ("",)}, "首尾"),
        ({"check": "nothing"}, "字段检查"),
        ({"patterns": ("税",), "unless": "friday"}, "免除情形"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_in_chinese(fields, complaint):
    problems = check_rule(Rule("x", "x", "x", "x", **fields))
    assert any(complaint in problem for problem in problems)


def test_every_check_and_pardon_is_used():
    assert {rule.check for rule in RULES} == {"", ASKS_LIBRARY, COMPARES, *CHECKS}
    assert {rule.unless for rule in RULES} == {"", *PARDONS}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.exempting], ids=lambda rule: rule.code)
def test_letting_off_matters(rule):
    """Without its exempting patterns a rule would flag wordings that are in order."""
    strict = dataclasses.replace(rule, exempting=(), unless="")
    assert any(codes(wording.item, [strict]) - wording.codes for wording in ALL)


@pytest.mark.parametrize(
    ("text", "pattern", "exempting", "found"),
    [
        ("税收的返还", "税收 ..1 返还", (), ["税收的返还"]),
        ("税收应当返还", "税收 ..1 返还", (), []),
        ("税收，返还", "税收 ..4 返还", (), []),
        ("税收，返还", "税收 ...4 返还", (), ["税收，返还"]),
        ("税收。返还", "税收 ...4 返还", (), []),
        ("税收与税收返还", "税收 ..9 返还", (), ["税收返还"]),
        ("返投比例", "返投 比例", (), ["返投比例"]),
        ("返投的比例", "返投 比例", (), []),
        ("不以税收为据", "税收", ("不以 ..4 @",), []),
        ("不以营收，按税收", "税收", ("不以 ..4 @",), ["税收"]),
        ("不以营收而以税收", "税收", ("不以 ..9 @",), ["税收"]),
        ("不得不以税收为据", "税收", ("不以 ..4 @",), ["税收"]),
        ("依法纳税", "税", ("依法 ..2 纳税",), []),
        ("依法纳税按税款", "税", ("依法 ..2 纳税",), ["税"]),
        ("缴社保和税的三成", "税", ("社保 ..4 {share}",), ["税"]),
        ("税收不作为依据", "税收", ("@ ..4 不作为",), []),
        ("不要求注册", "要求 注册", ("不要求 ..4 @",), []),
        ("1,000万元的12.5%", "1000 ..4 12.5%", (), ["1,000万元的12.5%"]),
        ("百分之三十五、三成五", "{rate}", (), ["百分之三十五", "三成五"]),
        ("七折、1:1.5、1.5倍", "{rate}", (), ["七折", "1:1.5", "1.5倍"]),
        ("一点五倍、两个百分点", "{rate}", (), ["一点五倍", "两个百分点"]),
        ("基金按1:1跟投", "基金 ..9 跟投", (), ["基金按1:1跟投"]),
        ("奖励区级实收", "区级 ..4 实收 ~4 奖励", (), ["奖励区级实收"]),
        ("区级实收，奖励", "区级 ..4 实收 ~4 奖励", (), ["区级实收，奖励"]),
        ("实收区级的奖励", "区级 ..4 实收 ~4 奖励", (), []),
        ("租金减半，按净增数的30%", "按 ..9 {rate}", ("租金 ...20 @",), []),
        ("租金减半，按净增数的30%", "! 按 ..9 {rate}", ("租金 ...20 @",), ["按净增数的30%"]),
        ("按租金的30%", "！按 ..9 {rate}", ("按 ..4 租金 ..4 {rate}",), []),
        ("依法缴纳各项税费", "税费", ("依法 ..8 税|税费",), []),
    ],
)  # fmt: skip
def test_a_pattern_finds_what_it_says(text, pattern, exempting, found):
    folded = Folded(text)
    assert [folded.place(*span)[2] for span in spans_of(folded, [pattern], exempting)] == found


PATTERNS = sorted({pattern for rule in RULES for pattern in rule.patterns})
SHAPED = {"rate": "30%", "share": "一半", "years": "十年", "holiday": "三免三减半"}


@CALM
@given(st.data())
def test_every_pattern_finds_its_own_words_up_to_its_gaps(data):
    pattern = data.draw(st.sampled_from(PATTERNS))
    text = ""
    for step in parse(pattern):
        word = data.draw(st.sampled_from([*step.words, *(SHAPED[shape] for shape in step.shapes)]))
        text += word + "某" * data.draw(st.integers(0, step.after.reach))
    assert spans_of(Folded(text), [pattern], ())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("杭州墨影智能机器人有限公司", {"杭州墨影智能机器人有限公司", "墨影智能机器人", "墨影"}),
        ("云芯科技", {"云芯科技", "云芯"}),
        ("ABC Technology Ltd", {"abctechnologyltd", "abc"}),
        ("杭州数字科技有限公司", {"杭州数字科技有限公司"}),
        ("拱墅区人工智能产业项目", {"拱墅区人工智能产业项目"}),
        ("AI", set()),
        ("待定", set()),
    ],
)
def test_a_firm_is_known_by_what_tells_it_from_others(name, words):
    assert called([name]) == words


def test_a_firm_named_in_full_is_one_hit():
    item = dataclasses.replace(
        SOUND, text="云芯科技的租金补助", firm_names=("杭州云芯科技有限公司", "云芯科技")
    )
    (flag,) = flags_of(item, RULES, ON)
    assert (flag.code, [hit.words for hit in flag.hits]) == ("specific_firm", ["云芯科技"])


def test_a_gap_ends_where_it_says():
    for reach, found in ((8, True), (9, False)):
        assert bool(spans_of(Folded(f"税收{'某' * reach}返还"), ["税收 ..8 返还"], ())) is found


def test_shapes_of_numbers_are_bounded_so_that_no_text_makes_them_run_away():
    shapes = [*SHAPES.values(), flag_text.LIST_LINE, flag_text.RATIO, flags.CLAUSE, flags.NUMBERED]
    assert not [shape.pattern for shape in shapes if re.search(r"(?<![\[\\])[*+]|\{\d+,\}", shape.pattern)]


@pytest.mark.parametrize(
    "unit",
    [
        *("税", "按税款的50%奖励", "不得以税收", "对乙方给予补助，", "12.5", "\n", "依法纳税"),
        *("区级上缴", "按的30%", "土地差额", "须在本区", "基金1:1", "名义以拨付"),
    ],
)
def test_work_grows_with_the_length_of_the_text_and_no_faster(unit, monkeypatch):
    done = dict.fromkeys(("is_clear", "_touches"), 0)

    def counted(name, function):
        def count(*args):
            done[name] += 1
            return function(*args)

        return count

    monkeypatch.setattr(Folded, "is_clear", counted("is_clear", Folded.is_clear))
    monkeypatch.setattr(flag_patterns, "_touches", counted("_touches", flag_patterns._touches))
    work = []
    for times in (100, 400):
        flags_of(dataclasses.replace(SOUND, text=unit * times), RULES, ON)
        work.append(sum(done.values()))
    assert work[1] - work[0] <= 4.4 * work[0] + 100


INNOCUOUS = [
    "本政策由区经信局负责解释。",
    "申报材料一式三份。",
    "给予最高50万元研发补助。",
    "自公布之日起施行。",
    "申报单位应当对材料真实性负责。",
    "第一条 目的。",
    "依法纳税。",
]
TRICKS = ["", " ", "\u200b", "\u3000", "·", "\ufeff", "_", "*", "\u0332"]
WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
WORDS = sorted({word for pattern in PATTERNS for step in parse(pattern) for word in step.words})
ITEMS = st.sampled_from(ALL).map(lambda wording: wording.item)


def disguise(text, draw):
    """The text with spaces, invisible characters and marks between the characters, some full-width."""
    return "".join(
        (WIDE.get(character, character) if draw(st.booleans()) else character) + draw(st.sampled_from(TRICKS))
        for character in text
    )


@CALM
@given(ITEMS, st.permutations(RULES))
def test_the_order_of_the_rules_changes_nothing(item, rules):
    assert flags_of(item, rules, ON) == flags_of(item, RULES, ON)


@CALM
@given(ITEMS)
def test_each_rule_flags_at_most_once(item):
    found = [flag.code for flag in flags_of(item, [*RULES], ON)]
    assert len(found) == len(set(found))


@CALM
@given(st.sampled_from(READABLE), st.sampled_from(INNOCUOUS), st.sampled_from(INNOCUOUS))
def test_innocuous_text_around_a_clause_changes_no_flag(wording, before, after):
    item = dataclasses.replace(wording.item, text=f"{before}{wording.item.text}。{after}")
    assert codes(item) == wording.codes


@CALM
@given(st.sampled_from(READABLE), st.data())
def test_spaces_invisible_characters_and_full_width_hide_nothing(wording, data):
    item = dataclasses.replace(wording.item, text=disguise(wording.item.text, data.draw))
    assert codes(item) == wording.codes


@CALM
@given(st.sampled_from(READABLE), st.data())
def test_a_line_broken_by_a_copy_from_pdf_hides_nothing(wording, data):
    at = data.draw(st.integers(1, len(wording.item.text) - 1))
    text = wording.item.text
    if re.match(r"[0-9０-９一二三四五六七八九十第(（.．%％]", text[at]):
        return
    item = dataclasses.replace(wording.item, text=f"{text[:at]}\n{text[at:]}")
    assert codes(item) == wording.codes


ANY_TEXT = st.text(st.characters(), max_size=60) | st.lists(
    st.sampled_from([*WORDS, "，", "。", "\n", "1.", "30%", "不", "（", " "]), max_size=30
).map("".join)


@CALM
@given(
    st.builds(
        Item,
        kind=st.sampled_from(sorted(flags.KINDS)) | ANY_TEXT,
        text=ANY_TEXT,
        formula=ANY_TEXT,
        conditions=ANY_TEXT,
        scope=st.sampled_from(["", "all", "single"]),
        basis=ANY_TEXT,
        basis_valid_to=st.none() | st.dates(),
        amount_wan=st.none() | st.decimals(),
        cap_wan=st.none() | st.decimals(),
        budget_source=ANY_TEXT,
        firm_names=st.lists(ANY_TEXT, max_size=2).map(tuple),
    )
)
def test_no_text_raises_and_every_hit_reads_as_written(item):
    for flag in flags_of(item, RULES, ON):
        assert flag.hits
        for hit in flag.hits:
            if hit.start is not None:
                assert getattr(item, hit.field)[hit.start : hit.end] == hit.words != ""


@CALM
@given(st.text(max_size=40))
def test_a_pattern_is_read_or_refused_but_never_breaks(pattern):
    try:
        steps = parse(pattern)
    except BadPattern:
        steps = parse("税")
    assert steps
