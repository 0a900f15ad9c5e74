"""How long records stay: medians of the funnel, and a funnel of nothing."""

from datetime import timedelta

import pytest

from leads.models import Lead
from projects.models import Project
from projects.reports import funnel
from tests import make


def test_medians_are_over_closed_stays_and_open_ones_as_of_now(owner, now):
    for days in (2, 4, 10):
        lead = make.lead(owner, at=now - timedelta(days=20))
        lead.move_to("screening", by=owner, at=now - timedelta(days=20 - days))
    make.lead(owner, at=now - timedelta(days=6))
    stay = whole().total.line("lead").stay
    assert (stay.median, stay.closed, stay.open) == (pytest.approx(5.0), 3, 1)
    assert whole().total.line("screening").stay.median == pytest.approx(16.0)


def test_group_medians_agree_with_the_whole_of_one_group(owner, manager, now, as_):
    make.lead(owner, at=now - timedelta(days=6))
    rows = funnel(Lead.objects.all(), Project.objects.all(), at=now, group="unit", days="group")
    assert [(row.label, row.line("lead").stay) for row in rows.rows] == [
        ("半山区块", rows.total.line("lead").stay)
    ]


def whole():
    return funnel(Lead.objects.all(), Project.objects.all(), at=make.NOW)


def test_nothing_recorded_yet_shows_dashes_and_no_error(as_, manager):
    context = as_(manager).get("/reports/", {"group": "sector", "measure": "conversion"}).context
    assert context["funnel"].total.total.count == 0
    assert all(line.next_share is None for line in context["funnel"].total.lines)
    assert "—" in context["groups"].rows[0][1].text
    assert as_(manager).get("/screen/").status_code == 200


@pytest.mark.parametrize("query", [{}, {"group": "city", "measure": "days"}])
def test_who_belongs_to_no_unit_reads_an_empty_funnel(as_, owner, query):
    make.lead(owner)
    stray = make.user("stray", "officer", None, "程一")
    answer = as_(stray).get("/reports/", query)
    assert answer.status_code == 200
    assert answer.context["funnel"].total.total.count == 0
