"""The worked example of docs/matching.md, read from the page and executed."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from crm import rules
from crm.rules import Fact
from projects.fund_seed import FUNDS

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text()
EXAMPLE = PAGE.split("## 一个例子：杭州润苗基金")[1].split("\n## ")[0]
ON = date.fromisoformat(re.search(r"\d{4}-\d{2}-\d{2}", EXAMPLE).group())
(CRITERIA,) = [fund["version"]["criteria"] for fund in FUNDS if fund["name"] == "杭州润苗基金"]


def table(heading):
    """The rows of the table whose first column is called `heading`, as lists of cells."""
    lines = [line for line in EXAMPLE.splitlines() if line.startswith("|")]
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != lines[start].count("|") - 1:
            break
        rows.append(cells)
    return rows


def known():
    return {
        key.strip("`"): Fact(json.loads(value.strip("`")), source.strip("`"), date.fromisoformat(day))
        for _, key, value, source, day in table("数据")
    }


def test_the_facts_are_named_as_in_the_dictionary():
    for label, key, _, source, _ in table("数据"):
        assert rules.FIELDS[key.strip("`")].label == label
        assert source.strip("`") in rules.SOURCES


def test_the_page_shows_every_rule_as_the_engine_explains_it():
    shown = [
        [
            leaf["number"],
            leaf["label"],
            leaf["value_display"],
            leaf["threshold_display"],
            leaf["result_label"],
            "是" if leaf["stale"] else "否",
        ]
        for leaf in rules.evaluate(CRITERIA, known(), ON).explanations
    ]
    assert shown == table("序号")


def test_the_page_gives_the_verdict_and_what_would_settle_it():
    verdict = rules.evaluate(CRITERIA, known(), ON)
    (label,) = re.findall(r"结论：\*\*(.+?)\*\*", EXAMPLE)
    (wanted,) = re.findall(r"最少补：\*\*(.+?)\*\*", EXAMPLE)
    assert verdict.label == label
    assert "、".join(rules.FIELDS[key].label for key in verdict.to_settle) == wanted


@pytest.mark.parametrize(("valuation", "label", "near"), table("估值（万元）"))
def test_the_page_says_what_each_valuation_leads_to(valuation, label, near):
    facts = {**known(), "valuation": Fact(valuation, "document", ON)}
    verdict = rules.evaluate(CRITERIA, facts, ON)
    assert verdict.label == label
    assert [miss["text"] for miss in verdict.near_misses] == ([near] if near else [])


def test_the_page_names_every_verdict():
    for _, label in rules.VerdictCode.choices():
        assert f"| {label} |" in PAGE
