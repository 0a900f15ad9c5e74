"""The worked example of docs/spaces.md, read from the page and executed."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from crm import rules
from crm.rules.dictionary import CARRIERS, TRACKS
from projects.fitting import Judge, explained
from projects.models import Space
from projects.space_fit import SPACES

PAGE = (Path(__file__).parents[2] / "docs" / "spaces.md").read_text()
EXAMPLE = PAGE.split("## 一个例子：")[1].split("\n## ")[0]
ON = date.fromisoformat(re.search(r"\d{4}-\d{2}-\d{2}", EXAMPLE).group())
WORDS = {"tracks": TRACKS, "carrier_wishes": CARRIERS}


def table(heading):
    """The rows of the table whose first column is called `heading`, as lists of cells."""
    lines = [line for line in EXAMPLE.splitlines() if line.startswith("|")]
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != lines[start].count("|") - 1 or set(cells) & {"条件", "字段", "结论"}:
            break
        rows.append(cells)
    return rows


def offered():
    """The values of the register, as the terms take them; the day of a row is a date there."""
    given = {column.strip("`"): json.loads(value.strip("`")) for _, column, value in table("台账")}
    given["available_from"] = date.fromisoformat(given["available_from"])
    return [given[column] for column in SPACES.columns]


def needed(**changes):
    given = {key.strip("`"): json.loads(value.strip("`")) for _, key, value in table("需求")}
    return {key: value for key, value in {**given, **changes}.items() if value is not None}


def fit(known):
    facts = {key: rules.Fact(value, "project", ON) for key, value in known.items()}
    return explained(SPACES, None, SPACES.criteria(offered(), "半山智造园 A 栋 3 层", ON), facts, ON, WORDS)


def test_columns_and_keys_are_named_as_in_the_register_and_the_dictionary():
    labels = {field.name: field.verbose_name for field in Space._meta.fields}
    for label, column, _ in table("台账"):
        assert labels.get(column.strip("`"), label) == label
    for label, key, _ in table("需求"):
        assert rules.FIELDS[key.strip("`")].label == label


def test_the_page_shows_every_rule_as_the_engine_explains_it():
    shown = [
        [
            leaf["number"],
            leaf["label"],
            leaf["value_display"],
            leaf["threshold_display"],
            leaf["result_label"],
        ]
        for leaf in fit(needed()).verdict.explanations
    ]
    assert shown == table("序号")


def test_the_page_gives_the_verdict_its_reason_and_the_score():
    one = fit(needed())
    (label,), (reason,) = (re.findall(rf"{word}：\*\*(.+?)\*\*", EXAMPLE) for word in ("结论", "理由"))
    assert (one.label, one.reasons, one.near) == (label, [reason], [reason])
    assert f"得分 {one.score:.0f}，覆盖率 {one.coverage:.0%}" in EXAMPLE


@pytest.mark.parametrize(("height", "load", "label", "reason"), table("层高需求（m）"))
def test_the_page_says_what_another_need_leads_to(height, load, label, reason):
    known = needed(height_need=None if height == "未填" else height, load_need=load)
    one = fit(known)
    assert (one.label, one.reasons) == (label, [reason])
    judge = Judge(SPACES, ON)
    assert judge.place(offered(), judge.asked(known))[1].label == label
