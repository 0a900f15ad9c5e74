"""Workdays are what the holiday table says, else what the week says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Holiday
from crm.workdays import Calendar, shanghai_day

WEEK = Calendar({})
DAYS = st.dates(date(1986, 1, 1), date(2030, 12, 31))
DAYS_OF_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
CALENDARS = st.dictionaries(DAYS_OF_2026, st.booleans(), max_size=60).map(Calendar)


@pytest.fixture
def official(db):
    return Calendar.load()


def test_a_holiday_in_the_week_is_free(official):
    assert not official.is_workday(date(2026, 5, 1))


def test_a_weekend_day_worked_instead_counts(official):
    worked = Holiday.objects.filter(is_workday=True, day__year=2026)
    assert worked
    assert all(official.is_workday(row.day) and row.day.weekday() >= 5 for row in worked)


def test_the_may_holiday_of_2026_is_stepped_over(official):
    assert official.add(date(2026, 4, 30), 1) == date(2026, 5, 6)
    assert official.between(date(2026, 4, 30), date(2026, 5, 6)) == 1
    assert official.between(date(2026, 5, 6), date(2026, 5, 9)) == 3  # Saturday 9 May is worked


def test_an_administrators_row_decides(db):
    Holiday.objects.create(day=date(2026, 4, 22), name="停电", is_workday=False)
    assert Calendar.load().add(date(2026, 4, 21), 1) == date(2026, 4, 23)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 4, 19, 15, 59, tzinfo=UTC), date(2026, 4, 19)),
        (datetime(2026, 4, 19, 16, 0, tzinfo=UTC), date(2026, 4, 20)),
        (datetime(2024, 2, 29, 15, 59, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(1988, 7, 1, 15, 30, tzinfo=UTC), date(1988, 7, 2)),  # summer time was in force
    ],
)
def test_the_day_turns_at_midnight_in_shanghai(at, day):
    assert shanghai_day(at) == day


@given(DAYS, st.integers(0, 60))
def test_adding_and_counting_agree(day, workdays):
    assert WEEK.between(day, WEEK.add(day, workdays)) == workdays


@given(CALENDARS, DAYS_OF_2026, st.integers(1, 60))
def test_what_is_added_is_counted_whatever_the_holidays(calendar, day, workdays):
    end = calendar.add(day, workdays)
    assert calendar.is_workday(end)
    assert calendar.between(day, end) == workdays
    assert calendar.between(day, end - timedelta(days=1)) == workdays - 1


@given(CALENDARS, DAYS_OF_2026, st.integers(0, 90), st.integers(0, 90))
def test_counts_of_neighbouring_spans_add_up(calendar, start, first, second):
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    assert calendar.between(start, end) == calendar.between(start, middle) + calendar.between(middle, end)


@given(CALENDARS, DAYS_OF_2026, st.integers(0, 90))
def test_a_span_never_counts_more_than_its_days_nor_backwards(calendar, start, length):
    end = start + timedelta(days=length)
    assert 0 <= calendar.between(start, end) <= length
    assert calendar.between(end, start) == 0
