"""The worked examples of docs/reminders.md are executed as they stand."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import Notification
from crm.numbers import DEFAULTS
from crm.workdays import SHANGHAI
from leads.models import Lead
from projects.models import Project, ReminderSent
from projects.reminders import LISTED, WORDS, morning_scan
from projects.reporting import owing_reports
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "reminders.md").read_text(encoding="utf-8")
NOTHING = "—"


def tables():
    """The rows of the tables below 例子: leads by their limit, projects by their last report and grade."""
    lines = PAGE.split("## 例子")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    facts = [row for row in rows if row[0] == NOTHING or row[0][0].isdigit()]
    return [[row for row in facts if len(row) == width] for width in (7, 5, 4)]


LIMITS, REPORTS, GRADES = tables()


def day(text):
    return None if text == NOTHING else date.fromisoformat(text)


def told(person):
    message = Notification.objects.filter(user=person).first()
    items = message.items if message else []
    return "；".join(f"{WORDS[item['kind']]}，{item['text']}" for item in items) or NOTHING


def test_there_are_examples():
    assert len(LIMITS) >= 13
    assert len(REPORTS) >= 8
    assert len(GRADES) == 8


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: " ".join(row[:4]))
def test_an_example_of_a_limit_is_true(row, owner, head, manager):
    contact, limit, red, morning, *expected = row
    make.lead(owner, at=datetime(2026, 3, 2, 10, tzinfo=SHANGHAI))
    limit_on = day(limit)
    blue_on = limit_on and limit_on - timedelta(days=DEFAULTS["pre_reminder_days"])
    Lead.objects.update(next_contact_on=day(contact), blue_on=blue_on, limit_on=limit_on, red_on=day(red))
    morning_scan(datetime.combine(day(morning), time(8, 30), tzinfo=SHANGHAI))
    assert [told(person) for person in (owner, head, manager)] == expected


@pytest.mark.parametrize("row", REPORTS, ids=lambda row: " ".join(row[:2]))
def test_an_example_of_a_report_is_true(row, owner, head, manager):
    last, morning, *expected = row
    make.project(owner, at=datetime(2026, 3, 2, 10, tzinfo=SHANGHAI))
    last_at = datetime.combine(day(last), time(23, 30), tzinfo=SHANGHAI)
    Project.objects.update(last_contact_at=last_at, next_contact_on=None, limit_on=None, blue_on=None)
    morning_scan(datetime.combine(day(morning), time(8, 30), tzinfo=SHANGHAI))
    assert [told(person) for person in (owner, head, manager)] == expected


@pytest.mark.parametrize("row", GRADES, ids=lambda row: " ".join(row[:3]))
def test_an_example_of_a_grade_is_true(row, owner):
    amount, decided, grade, due = row
    project = make.project(owner, at=datetime(2026, 4, 20, 10, tzinfo=SHANGHAI))
    project.amount_wan = None if amount == NOTHING else Decimal(amount)
    project.grade = "" if decided == NOTHING else decided
    project.save()
    assert project.level == ("" if grade == NOTHING else grade)
    found = owing_reports(Project.objects.all()).get()
    assert (found.grade_now, f"{found.report_due_on}") == (project.level, due)


def test_the_page_names_the_numbers_of_the_code():
    assert f"每类最多列 {LISTED} 条" in PAGE
    assert all(f"| {label} |" in PAGE for label in (*ReminderSent.Level.labels, *ReminderSent.Rule.labels))
    for key in re.findall(r"`([a-z_]+)`", PAGE):
        assert key in DEFAULTS
    assert f"离阶段时限 {DEFAULTS['pre_reminder_days']} 个日历日以内" in PAGE
    assert f"满 {DEFAULTS['supervision_after_days']} 个工作日" in PAGE
