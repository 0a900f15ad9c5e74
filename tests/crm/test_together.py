"""Several questions in one message: the answers are those of each alone."""

import pytest

from django.db import ProgrammingError, connection, transaction
from django.db.models import Count, Value
from django.test.utils import CaptureQueriesContext

from crm import joins
from crm.models import City, FusionSector, StageSetting, Unit, User
from crm.numbers import NUMBERS, number
from crm.reading import read_once
from crm.together import belong, read
from crm.workdays import CALENDAR, Calendar
from leads.models import Lead
from tests import make

pytestmark = pytest.mark.django_db


def asked(deed):
    with CaptureQueriesContext(connection) as found:
        deed()
    return len(found)


def kinds(owner):
    """A queryset of every kind the pages read: rows, related rows, columns, groups, unions, slices."""
    mine, names = Lead.objects.visible_to(owner), Unit.objects.order_by().values_list("pk", "name")
    return [
        mine.select_related("company", "unit", "owner").order_by("pk"),
        mine.order_by("title")[1:3],
        mine.annotate(word=Value("线索")).order_by("pk").only("title"),
        mine.order_by().values("stage").annotate(number=Count("pk")),
        mine.order_by("unit__code").distinct().values_list("title", flat=True),
        Lead.objects.none(),
        Lead.objects.filter(pk__in=[]),
        names.filter(kind="district").union(names.exclude(kind="district"), all=True).order_by("name"),
        Lead.tags.through.objects.filter(lead__in=mine),
        FusionSector.objects.order_by("code"),
    ]


def told(rows):
    """What a reader of these rows sees, related rows included, without asking again."""
    found = [(one, getattr(one, "word", ""), str(getattr(one, "_state", "") and one)) for one in rows]
    related = [(one.company.name, one.unit.name) for one in rows if isinstance(one, Lead) and is_whole(one)]
    return found, related


def is_whole(lead):
    return "company" in lead._state.fields_cache


def test_the_answers_are_those_of_each_alone_and_cost_one_message(owner):
    for name in ("甲测公司", "乙测公司", "丙测公司", "丁测公司"):
        make.lead(owner, name)
    alone, together = kinds(owner), kinds(owner)
    assert asked(lambda: read(*together)) == 1
    assert asked(lambda: [told(rows) for rows in together]) == 0
    assert [told(rows) for rows in together] == [told(rows) for rows in alone]
    assert [len(rows) for rows in together][:3] == [4, 2, 4]


def test_what_is_prefetched_is_asked_for_after_it(owner):
    lead = make.lead(owner)
    leads, units = Lead.objects.prefetch_related("visits"), Unit.objects.all()
    assert asked(lambda: read(leads, units)) == 2
    assert asked(lambda: [list(one.visits.all()) for one in leads]) == 0
    assert list(leads) == [lead]


def test_what_nobody_may_see_is_not_asked_for_at_all():
    nothing = Lead.objects.none()
    assert asked(lambda: read(nothing, Lead.objects.filter(pk__in=[]))) == 0
    assert list(nothing) == []


@pytest.mark.parametrize("within", [transaction.atomic, joins.as_written])
def test_it_may_be_told_to_keep_the_order_of_joins(owner, within):
    lead = make.lead(owner)
    leads, cities = Lead.objects.select_related("company"), City.objects.order_by("pk")
    with within(), joins.as_written():
        assert asked(lambda: read(leads, cities, Lead.objects.all())) == 1
    assert [one.company for one in leads] == [lead.company]
    assert len(cities) == City.objects.count()


def test_a_queryset_that_was_read_goes_on_as_any_other(owner):
    make.lead(owner, "甲测公司")
    leads = Lead.objects.order_by("pk")
    read(leads)
    make.lead(owner, "乙测公司")
    assert [one.title for one in leads] == ["甲测公司"]
    assert [one.title for one in leads.all()] == ["甲测公司", "乙测公司"]
    assert leads.filter(title="乙测公司").count() == 1


def test_a_question_the_database_refuses_is_its_error_and_nothing_counts_as_read(owner):
    units, wrong = Unit.objects.all(), User.objects.extra(where=["no_such_column = 1"])
    with pytest.raises(ProgrammingError), transaction.atomic():
        read(units, wrong)
    assert asked(lambda: list(units)) == 1


def test_a_record_answers_from_what_was_read_for_it(owner):
    lead = make.lead(owner)
    read(*belong(lead, visits=lead.visits.select_related("by"), tracks=lead.tracks.all()))
    assert asked(lambda: [list(lead.visits.all()), list(lead.tracks.all()), lead.visits.all()]) == 0


def test_numbers_and_calendar_come_with_it_once_in_a_piece_of_work():
    with read_once():
        assert asked(lambda: read(StageSetting.objects.all(), NUMBERS, CALENDAR)) == 1
        assert asked(lambda: [number("major_wan"), Calendar.load()]) == 0
        assert asked(lambda: read(NUMBERS, CALENDAR)) == 0
    assert asked(lambda: read(NUMBERS, CALENDAR)) == 0  # nobody would keep them
