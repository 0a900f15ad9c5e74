"""The worked examples of docs/reminders.md are executed as they stand."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from crm.models import Notification
from crm.workdays import SHANGHAI
from leads.models import Lead
from projects.models import ReminderSent
from projects.reminders import LISTED, WORDS, morning_scan
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "reminders.md").read_text(encoding="utf-8")
NOTHING = "—"


def examples():
    """The rows of the table below the heading 例子."""
    lines = PAGE.split("## 例子")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def day(text):
    return None if text == NOTHING else date.fromisoformat(text)


def told(person):
    message = Notification.objects.filter(user=person).first()
    items = message.items if message else []
    return "；".join(f"{WORDS[item['kind']]}，{item['text']}" for item in items) or NOTHING


def test_there_are_examples():
    assert len(examples()) >= 9


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row[:4]))
def test_an_example_of_the_page_is_true(row, owner, head):
    contact, limit, red, morning, for_owner, for_head = row
    make.lead(owner, at=datetime(2026, 3, 2, 10, tzinfo=SHANGHAI))
    Lead.objects.update(next_contact_on=day(contact), limit_on=day(limit), red_on=day(red))
    morning_scan(datetime.combine(day(morning), time(8, 30), tzinfo=SHANGHAI))
    assert (told(owner), told(head)) == (for_owner, for_head)


def test_the_page_names_the_numbers_of_the_code():
    assert f"每类最多列 {LISTED} 条" in PAGE
    assert [str(label) for label in ReminderSent.Level.labels] == ["到期联系", "黄灯", "红灯"]
    assert all(f"| {label} |" in PAGE for label in ReminderSent.Level.labels)
