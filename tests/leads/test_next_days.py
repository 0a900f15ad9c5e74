"""The days offered for the next contact are worked, whatever the week and the holiday table say."""

from datetime import date

import pytest

from crm.models import Holiday
from leads import next_days
from tests import make

URL = "/leads/new/"


def told(today):
    return [(one.label, str(one.day)) for one in next_days.offers(today)]


def test_on_a_monday_they_are_tomorrow_three_days_and_a_week_on(db):
    assert told(date(2026, 4, 20)) == [
        ("明天", "2026-04-21"),
        ("3 天后", "2026-04-23"),
        ("一周后", "2026-04-27"),
    ]


def test_a_day_off_is_put_off_to_the_next_workday_and_no_day_is_offered_twice(db):
    assert told(date(2026, 4, 17)) == [("下个工作日", "2026-04-20"), ("一周后", "2026-04-24")]  # a Friday
    assert told(date(2026, 4, 18)) == [
        ("下个工作日", "2026-04-20"), ("3 天后", "2026-04-21"), ("一周后顺延", "2026-04-27"),
    ]  # fmt: skip


def test_the_holiday_table_decides(db):
    Holiday.objects.update_or_create(day=date(2026, 4, 21), defaults={"name": "停电", "is_workday": False})
    Holiday.objects.update_or_create(day=date(2026, 4, 25), defaults={"name": "调休", "is_workday": True})
    assert told(date(2026, 4, 20))[0] == ("下个工作日", "2026-04-22")
    assert next_days.usual(date(2026, 4, 18)) == date(2026, 4, 25)


@pytest.mark.parametrize("kind", ["capture", "lead", "project", "row"])
def test_every_form_offers_them_with_their_date(as_, owner, freeze, kind):
    freeze(make.NOW.replace(day=17))
    client = as_(owner)
    address = {
        "capture": lambda: URL,
        "lead": lambda: make.lead(owner).get_absolute_url(),
        "project": lambda: make.project(owner).get_absolute_url(),
        "row": lambda: f"/work/now/lead/{make.lead(owner).pk}/do/replan/",
    }[kind]()
    page = client.get(address, headers={"HX-Request": "true"} if kind == "row" else {}).content.decode()
    assert 'data-day="2026-04-20" hidden>下个工作日 <small>4-20 周一</small>' in page
    assert 'data-day="2026-04-18"' not in page


def test_nobody_is_proposed_a_saturday_at_the_door(as_, owner, freeze):
    freeze(make.NOW.replace(day=18))
    page = as_(owner).get(URL)
    assert str(page.context["form"].initial["next_contact_on"]) == "2026-04-27"


def test_a_day_off_that_was_chosen_is_confirmed_as_one(as_, owner, freeze):
    freeze(make.NOW)
    lead, client = make.lead(owner), as_(owner)
    talk = {"visit-kind": "call", "visit-content": "谈了。", "visit-next_step": "寄清单"}
    for day, words in (("2026-04-25", "2026-04-25（周六，休息日）。"), ("2026-04-27", "2026-04-27。")):
        page = client.post(f"/leads/{lead.pk}/visit/", {**talk, "visit-next_on": day}, follow=True)
        assert f"已记下这次联系，下次联系 {words}" in page.content.decode()
    lead.refresh_from_db()
    plan = {"next_contact_on": "2026-05-02", "next_step": "寄清单", "version": lead.version}
    given = {f"now-lead-{lead.pk}-{name}": value for name, value in plan.items()}
    row = client.post(f"/work/now/lead/{lead.pk}/do/replan/", given, headers={"HX-Request": "true"})
    assert "已改到 2026-05-02（周六，休息日） 联系" in row.content.decode()
