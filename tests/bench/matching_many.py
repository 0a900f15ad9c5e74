"""Funds for a whole city: twice as many open projects as leads were filled; an oracle checks the verdicts.

The night, a changed fund, and the worst a fund can do: everybody fit it, nobody does now, and all are told.
"""

import numpy as np

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from crm import rules
from crm.workdays import shanghai_day
from projects import survey
from projects.known import facts_of
from projects.matching import knowable
from projects.models import Fund, MatchChange, MatchSheet, Project
from projects.offers import offer_of, offers
from projects.rejudging import rematch_one
from projects.rematching import judge
from tests.bench import crowding, matching, oracle
from tests.bench.measure import apart, timed, typical

TIMES = 2  # open projects for each lead: 200,000 for the usual 100,000
EXPLAINED = 50  # projects whose verdicts are compared with the explained way as well
FLOOR = "the facts in use fetched by plain psycopg + the same rules by bare NumPy over columns"
WRITTEN = " + COPY of the same changes into an empty table with its indexes"
SHEETS = "SELECT verdicts FROM projects_matchsheet WHERE project_id = ANY(%s) ORDER BY project_id"
EVERYBODY = {"field": "applicant_kind", "op": "eq", "value": "company"}
NOBODY = {"field": "applicant_kind", "op": "eq", "value": "team"}


def measure(stand):
    """To be measured last: the working copy is crowded afterwards."""
    crowding.grow(TIMES * stand.book.size)
    matching.analyse(stand)
    reverse("projects:match_changes")  # a worker has read its addresses
    with matching.many_funds(stand) as added:
        columns = _night(stand)
        _changed(stand, columns, added[0])
        _worst(stand, columns, added[1])


def _night(stand):
    """The first night, and one after which nothing is new; returns the columns of its oracle."""
    MatchSheet.objects.all().delete()
    funds = list(Fund.objects.matchable())
    spent, again = apart(matching.nightly), apart(matching.nightly)
    asked = [_criteria(fund) for fund in funds]
    columns = oracle.Columns(stand.bare, shanghai_day(timezone.now()))
    kernel = timed(lambda: [columns.letters(one) for one in asked if one]) / 1000
    stand.book.add(
        "match_all_many", spent.seconds, "s", _reading(stand, asked) + kernel, FLOOR,
        pairs=len(columns.numbers) * len(funds), projects=len(columns.numbers), funds=len(funds),
        again_s=round(again.seconds, 2), peak_mb=spent.peak_mb,
        held=_hold(stand, columns, [fund for fund in funds if _criteria(fund)]), explained=_hold_explained(),
    )  # fmt: skip
    return columns


def _changed(stand, columns, fund):
    """Another version of the usual sort."""
    matching.publish(fund, 2)
    _one(stand, columns, fund, "match_fund_many")


def _worst(stand, columns, fund):
    matching.publish(fund, 2, {"all": [EVERYBODY]})
    apart(rematch_one, fund, timezone.now())
    matching.publish(fund, 3, {"all": [NOBODY]})
    _one(stand, columns, fund, "match_fund_many_all")


def _one(stand, columns, fund, name):
    at = timezone.now()
    judged, spent = apart(_judged, fund, at), apart(rematch_one, fund, at)
    asked = _criteria(fund)
    kernel = typical(lambda: columns.letters(asked))
    again = stand.bare.copy_again({"projects_matchchange": f"at = '{at.isoformat()}'"})
    floor = _reading(stand, [asked]) + kernel + typical(again, 1)
    stand.book.add(
        name, spent.seconds, "s", floor, FLOOR + WRITTEN,
        projects=len(columns.numbers), judged_s=round(judged.seconds, 2), sheets=spent.result,
        changed=MatchChange.objects.filter(at=at).count(), kernel_s=round(kernel, 3),
        peak_mb=spent.peak_mb, held=_hold(stand, columns, [fund]),
    )  # fmt: skip


@transaction.atomic
def _judged(fund, at):
    """Until every verdict is known; the rest is writing down what changed, and telling it."""
    day = shanghai_day(at)
    return len(judge(survey.everything(), [offer_of(fund, day)], day).verdicts)


def _criteria(fund):
    """What an invented fund asks by its newest version; None of another, whose fields the oracle lacks."""
    version = fund.versions.order_by("-number").first()
    return version.criteria if fund.code.startswith(matching.CODE) else None


def _reading(stand, asked):
    keys = sorted(set().union(*(rules.read(one).needs for one in asked if one)))
    return typical(lambda: stand.bare.rows(matching.FACTS, [["lost", "aftercare"], keys]), 1)


def _hold(stand, columns, funds):
    """The sheets against the oracle, for every project; the number of verdicts compared."""
    rows = stand.bare.rows(SHEETS, [columns.numbers.tolist()])
    width = max(fund.slot for fund in funds) + 1
    sheets = np.frombuffer(b"".join(row[0][:width].ljust(width, MatchSheet.NONE) for row in rows), np.uint8)
    sheets = sheets.reshape(-1, width)
    for fund in funds:
        wrong = np.flatnonzero(sheets[:, fund.slot] != columns.letters(_criteria(fund)))
        if len(wrong):
            project = columns.numbers[wrong[0]]
            raise AssertionError(f"{fund.code}：{len(wrong)} 个结论与另一种算法不同，如项目 {project}")
    return len(sheets) * len(funds)


def _hold_explained():
    """The sheets against the explained way, for some projects and everything offered; how many compared."""
    day = shanghai_day(timezone.now())
    projects = knowable(Project.objects.open().order_by("?"))[:EXPLAINED]
    known, among, compared = facts_of(projects, day), offers(day), 0
    for project in projects:
        situation = rules.Situation(known[project.pk], day)
        sheet = bytes(project.sheet.verdicts)
        for offer in among:
            outcome = rules.outcome_of(offer.plan, rules.judge(offer.plan, situation))
            code = offer.settled.code if offer.settled else outcome.code
            if sheet[offer.slot] != MatchSheet.LETTERS[code][0]:
                raise AssertionError(f"项目 {project.pk} × {offer.key}：两条路的结论不同")
            compared += 1
    return compared
