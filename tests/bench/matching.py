"""Funds: one project against 200, one changed fund against every open project, and the whole night."""

import random

import numpy as np

from django.db import connection, transaction
from django.utils import timezone

from crm import rules
from projects import stages
from projects.matching import match
from projects.models import CriteriaVersion, Fund, Match, MatchSheet, Project
from projects.rejudging import rematch_one
from projects.rematching import rematch
from tests.bench import statements
from tests.bench.measure import apart, typical

FUNDS, CODE = 200, "bench-"
SMALL, FEW = 1000, 25  # leads below which a few funds will do
ONE = "its SELECTs replayed by plain psycopg + COPY of the same sheet"
KERNEL = (
    "the facts in use fetched by plain psycopg + the same number of rules compared by bare NumPy over columns"
)
FACTS = """
SELECT p.id, f.key, f.value FROM projects_project p JOIN crm_fact f USING (company_id)
 WHERE p.stage <> ALL(%s) AND f.is_in_use AND f.key = ANY(%s)
"""
ROUNDS, FIELDS = ("none", "seed", "angel", "pre_a", "a", "b"), ("ai", "ict", "software", "biomedicine")


def measure(stand):
    """With 200 funds; afterwards there are as many as before, for the pages."""
    with many_funds(stand) as added:
        _one(stand)
        _fund(stand, added[0])
        _all(stand)


class many_funds:
    """Invented funds beside the starting ones up to 200 (few for few leads), gone at the end."""

    def __init__(self, stand):
        self.number = FUNDS if stand.book.size >= SMALL else FEW

    def __enter__(self):
        missing = range(self.number - Fund.objects.matchable().count())
        self.funds = [_invented(number) for number in missing]
        return self.funds

    def __exit__(self, *_):
        made = Fund.objects.filter(pk__in=[fund.pk for fund in self.funds])
        Match.objects.filter(fund__in=made).delete()
        made.delete()
        MatchSheet.objects.all().delete()


def analyse(stand):
    """As autovacuum would after so many new rows."""
    if stand.book.size >= SMALL:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _invented(number):
    fund = Fund.objects.create(
        code=f"{CODE}{number}", name=f"测速基金 {number} 号", kind="venture", status="operating"
    )
    publish(fund, 1)
    return fund


def publish(fund, number, criteria=None):
    """A version of its criteria, invented unless given."""
    CriteriaVersion.objects.create(
        fund=fund,
        number=number,
        criteria=criteria or _criteria(random.Random(f"{fund.code} {number}")),
        valid_from="2025-01-01",
        published_at=timezone.now(),
    )


def _criteria(rng):
    """Seven conditions with an OR and a NOT, and two bonus rules, as published criteria have them."""
    small = {"field": "staff", "op": "lte", "value": rng.randint(50, 500), "unit": "人"}
    cheap = {"field": "valuation", "op": "lte", "value": rng.randint(1000, 30000), "unit": "万元"}
    bonus = {"kind": "soft", "op": "gte"}
    return {
        "all": [
            {"field": "age_years", "op": "lte", "value": rng.randint(3, 10), "unit": "年"},
            {"any": [small, cheap]},
            {"field": "round", "op": "in", "value": rng.sample(ROUNDS, 3)},
            {"field": "ticket", "op": "lte", "value": rng.randint(100, 3000), "unit": "万元"},
            {"field": "industries", "op": "overlaps", "value": rng.sample(FIELDS, 2)},
            {"not": {"field": "is_dishonest", "op": "eq", "value": True}},
            {"field": "total_investment", "op": "gt", "value": rng.randint(500, 20000), "unit": "万元"},
            {**bonus, "field": "rd_cost_ratio", "value": rng.randint(3, 20), "unit": "%", "weight": 30},
            {**bonus, "field": "trl", "value": rng.randint(2, 8), "unit": "级", "weight": 20},
        ]
    }


def _one(stand):
    sample = list(Project.objects.filter(pk__in=stand.projects()).order_by("pk"))
    for project in sample:
        match(project, at=timezone.now())
    asked = _asked(sample[-1])
    reads = statements.reads_of(asked)
    copy = stand.bare.copy_again({"projects_matchsheet": f"project_id = {sample[-1].pk}"})

    def floor(number):
        stand.bare.replay(reads)
        copy()

    stand.book.calls_of(
        "match_one",
        lambda n: match(sample[n % len(sample)], at=timezone.now()),
        floor,
        ONE,
        queries=len(asked),
        funds=Fund.objects.matchable().count(),
    )


def _asked(project):
    """The statements of one match; nothing of it stays."""

    def call():
        with transaction.atomic():
            match(project, at=timezone.now())
            transaction.set_rollback(True)

    return statements.asked_by(call)


def _fund(stand, fund):
    """A second version of its criteria, judged for every open project."""
    apart(rematch_one, fund, timezone.now())
    publish(fund, 2)
    spent = apart(rematch_one, fund, timezone.now())
    count = Project.objects.open().count()
    plans = [_plan(fund)]
    stand.book.add(
        "match_fund", spent.seconds, "s", typical(lambda: _floor(stand, plans, count)), KERNEL,
        projects=count, changed=spent.result, peak_mb=spent.peak_mb,
    )  # fmt: skip


def _all(stand):
    """The night in which every sheet is new."""
    MatchSheet.objects.all().delete()
    spent = apart(nightly)
    count = Project.objects.open().count()
    funds = list(Fund.objects.matchable())
    plans = [_plan(fund) for fund in funds]
    stand.book.add(
        "match_all", spent.seconds, "s", typical(lambda: _floor(stand, plans, count), 1), KERNEL,
        pairs=count * len(funds), projects=count, funds=len(funds), peak_mb=spent.peak_mb,
    )  # fmt: skip


def nightly():
    """Batch after batch, as the worker does."""
    at, after = timezone.now(), 0
    while after is not None:
        after = rematch(at, after)


def _plan(fund):
    version = fund.versions.order_by("-number").first()
    return rules.read(version.criteria if version else None)


def _floor(stand, plans, count):
    """The least it takes: the facts, and for every rule one comparison over a column and one minimum."""
    keys = sorted(set().union(*(plan.needs for plan in plans)))
    stand.bare.rows(FACTS, [list(stages.CLOSED), keys])
    column, known = np.random.default_rng(1).random(count), np.ones(count, bool)
    for plan in plans:
        answers = np.full(count, 2, np.uint8)
        for number, _ in enumerate(plan.asked):
            holds = np.where(known, np.where(column <= number / 10, 2, 0), 1).astype(np.uint8)
            np.minimum(answers, holds, out=answers)
