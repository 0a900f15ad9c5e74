"""The worked examples of docs/agreements.md are executed as they stand."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm import display
from projects.agreements import counted_in, signed_amount
from projects.commitments import keeping
from projects.models import Agreement, Commitment, Project
from projects.templatetags.projects_tags import rate
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "agreements.md").read_text(encoding="utf-8")
KINDS = {label: code for code, label in Agreement.Kind.choices}
OUTCOMES = {label: code for code, label in Commitment.Outcome.choices}
PAPER = re.compile(
    r"(框架协议|投资协议|租赁/入驻协议|补充协议|解除协议)([甲乙丙]?)(?: (\d+)万)?(?: 计入(\d+))?"
    r"(?: (?:替代|解除)([甲乙丙]))? (?:统计(\S+)|未计入)"
)
UNCOUNTED = date(2025, 1, 10)


def examples(heading):
    """The rows of the table below a heading of the page."""
    lines = PAGE.split(f"### {heading}")[1].split("\n## ")[0].split("\n### ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def sign(project, text, by):
    """The agreements one cell tells of, in their order."""
    known = {}
    for part in text.split("；"):
        kind, name, amount, counts, old, day = PAPER.fullmatch(part).groups()
        counted_on = date.fromisoformat(day) if day else None
        known[name or part] = Agreement.objects.create(
            project=project,
            kind=KINDS[kind],
            title=part,
            signed_on=counted_on or UNCOUNTED,
            counted_on=counted_on,
            amount_wan=Decimal(amount) if amount else None,
            counted_wan=Decimal(counts) if counts else None,
            signer="杭州星海科技有限公司",
            supersedes=known.get(old),
            by=by,
            created_at=make.NOW,
        )


def test_there_are_examples():
    numbers = [len(examples(f"例子：{name}")) for name in ("签约", "状态与履约率", "协议终止之后")]
    assert numbers == [22, 10, 7]


@pytest.mark.parametrize("row", examples("例子：签约"), ids=lambda row: row[0])
def test_an_example_of_signing_is_true(row, owner):
    papers, *numbers = row
    project = make.project(owner)
    sign(project, papers, owner)
    years = [counted_in(Project.objects.all(), year) for year in (2025, 2026)]
    found = [signed_amount(project, date(2026, 12, 31))]
    for year in years:
        found += [year.number, year.amount_wan]
    assert found == [Decimal(number) for number in numbers]


@pytest.mark.parametrize("row", examples("例子：签约"), ids=lambda row: row[0])
def test_what_comes_later_never_changes_a_year_that_is_over(row, owner):
    project = make.project(owner)
    sign(project, row[0], owner)
    before = counted_in(Project.objects.all(), 2025)
    Agreement.objects.filter(counted_on__year=2026).update(supersedes=None)
    Agreement.objects.filter(counted_on__year=2026).delete()
    assert counted_in(Project.objects.all(), 2025) == before


@pytest.mark.parametrize("row", examples("例子：状态与履约率"), ids=lambda row: row[0])
def test_an_example_of_keeping_is_true(row):
    stated, *expected = row
    assert judged(stated, None) == expected


@pytest.mark.parametrize("row", examples("例子：协议终止之后"), ids=lambda row: row[0])
def test_an_example_of_what_ended_is_true(row):
    stated, ended, *expected = row
    assert judged(stated, date.fromisoformat(ended)) == expected


def judged(stated, ended_on):
    """What the page says of commitments: states, how many due, how many fulfilled, the rate."""
    today, found = date(2026, 4, 20), []
    for part in stated.split("；"):
        day, _, word = part.partition(" ")
        one = Commitment(due_on=date.fromisoformat(day), outcome=OUTCOMES.get(word, ""))
        one.ended_on = ended_on
        found.append(one)
    states, kept = "；".join(one.state(today).label for one in found), keeping(found, today)
    return [states, str(kept.due), str(kept.fulfilled), rate(kept.rate)]


def test_an_unknown_amount_is_counted_as_unknown(owner):
    sign(make.project(owner), "投资协议甲 统计2025-06-01", owner)
    assert counted_in(Project.objects.all(), 2025).unknown == 1
    assert display.money(None) == "未填"
