"""The 工作台 and the records behind it, worked on without leaving the page and without scripts."""

from datetime import timedelta

import pytest

from django.utils import timezone

from crm.workdays import shanghai_day
from leads.models import Lead, Visit
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_a_row_is_worked_on_by_the_keyboard_and_its_twin_and_the_numbers_follow(desk, owner):
    today = shanghai_day(timezone.now())
    lead = make.lead(owner, "深圳星河低空智能装备有限公司")
    late = {"next_contact_on": today - timedelta(days=2), "limit_on": today - timedelta(days=9)}
    Lead.objects.filter(pk=lead.pk).update(**late, next_step="打电话")
    one = desk(owner, width=390, height=844)
    page = one.open("/")
    rows = f'[data-task="lead-{lead.pk}"]'
    assert page.locator(rows).count() == 2

    now = page.locator("#tasks-now")
    now.locator("[data-deed=visit]").focus()
    page.keyboard.press("Enter")
    now.locator("form").wait_for()
    page.keyboard.press("Escape")
    now.locator("[data-deed=visit]:focus").wait_for()
    page.keyboard.press("Enter")
    now.locator("form").wait_for()
    assert focused(page).startswith("记录跟进")
    now.locator("textarea").fill("谈了选址。")
    now.locator("button.btn-primary").click()
    now.locator("[role=alert]:focus").wait_for()
    assert now.locator("textarea").input_value() == "谈了选址。"
    now.locator("[name$=next_step]").fill("发载体清单")
    now.locator("[data-day]").first.click()
    assert not one.scrolls_sideways()
    now.locator("button.btn-primary").click()
    now.locator("[role=status]:focus").wait_for()
    assert "已记下，下次联系" in focused(page)
    assert Visit.objects.filter(content="谈了选址。").count() == 1
    page.wait_for_function("!document.querySelector('#tiles .tile-overdue:not(.tile-none)')")
    # 研判 has no limit that a talk restarts: the other row is still there, with the new plan
    page.locator("#tasks-late >> text=发载体清单").wait_for()

    late_row = page.locator("#tasks-late")
    late_row.locator("[data-deed=replan]").click()
    late_row.locator("[data-day]").nth(2).click()
    late_row.locator("button.btn-primary").click()
    late_row.locator("text=撤销").click()
    late_row.locator("[data-deed=replan]").wait_for()
    lead.refresh_from_db()
    assert lead.next_contact_on == today + timedelta(days=1)
    assert one.troubles == []
