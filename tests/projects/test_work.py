"""A row of the 工作台: what is done, refused and taken back in it is what the record's own page does."""

import re
from datetime import timedelta

import pytest

from django.utils import timezone

from crm.models import Notification
from crm.workdays import shanghai_day
from leads.models import Handover, Lead, Visit
from projects.models import Fund, MatchChange
from tests import make

HTMX = {"HX-Request": "true"}
TALK = {"kind": "call", "content": "谈了选址。", "next_step": "发载体清单"}


@pytest.fixture
def today():
    return shanghai_day(timezone.now())


@pytest.fixture
def lead(owner, today):
    """A lead whose next contact is two days over."""
    one = make.lead(owner, next_contact_on=None)
    Lead.objects.filter(pk=one.pk).update(next_contact_on=today - timedelta(days=2), next_step="打电话")
    one.refresh_from_db()
    return one


def door(record, deed, where="now"):
    return f"/work/{where}/{record._meta.model_name}/{record.pk}/{deed if deed == 'undo' else f'do/{deed}'}/"


def sent(record, values, where="now"):
    """`values` under the names of the form of this row."""
    return {f"{where}-{record._meta.model_name}-{record.pk}-{name}": value for name, value in values.items()}


def asked(client, record, deed, values, where="now"):
    return client.post(door(record, deed, where), sent(record, values, where), headers=HTMX)


def token_of(answer):
    return re.search(r'name="token" value="([^"]+)"', answer.content.decode())[1]


def undone(client, record, deed, answer, where="now"):
    data = {"deed": deed, "token": token_of(answer)}
    return client.post(door(record, "undo", where), data, headers=HTMX)


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_a_follow_up_is_logged_in_the_row_and_refused_without_a_next_date(as_, owner, today, lead, kind):
    record = lead if kind == "lead" else make.project(owner)
    client, soon = as_(owner), today + timedelta(days=5)
    form = client.get(door(record, "visit"), headers=HTMX).content.decode()
    assert f'hx-post="{door(record, "visit")}"' in form
    before = Visit.objects.count()

    answer = asked(client, record, "visit", TALK)
    assert answer.status_code == 400
    assert "谈了选址。" in answer.content.decode()
    assert "请填写下次联系日期" in answer.content.decode()
    assert Visit.objects.count() == before

    answer = asked(client, record, "visit", {**TALK, "next_on": f"{soon}"})
    assert f"已记下，下次联系 {soon}" in answer.content.decode()
    assert 'id="whole-now" hx-swap-oob' in answer.content.decode()
    assert answer.headers["HX-Trigger-After-Swap"] == f"done-{kind}-{record.pk}"
    record.refresh_from_db()
    assert (record.next_contact_on, record.next_step) == (soon, "发载体清单")
    assert "撤销" not in answer.content.decode()  # what was said was said
    row = client.get(f"/work/now/{kind}/{record.pk}/", headers=HTMX)
    assert row.content == b""


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_a_changed_day_is_taken_back_even_to_one_that_is_over(as_, owner, today, lead, kind):
    record, late = (lead if kind == "lead" else make.project(owner)), today - timedelta(days=2)
    type(record).objects.filter(pk=record.pk).update(next_contact_on=late, next_step="打电话")
    record.refresh_from_db()
    client, plan = as_(owner), {"next_step": "带方案去", "version": record.version}

    answer = asked(client, record, "replan", {**plan, "next_contact_on": f"{today - timedelta(days=1)}"})
    assert (answer.status_code, "不能早于今天" in answer.content.decode()) == (400, True)
    answer = asked(client, record, "replan", {**plan, "next_contact_on": ""})
    assert (answer.status_code, "带方案去" in answer.content.decode()) == (400, True)
    record.refresh_from_db()
    assert record.next_contact_on == late

    done = asked(client, record, "replan", {**plan, "next_contact_on": f"{today + timedelta(days=9)}"})
    assert f"已改到 {today + timedelta(days=9)}" in done.content.decode()
    back = undone(client, record, "replan", done)
    assert "逾期 2 天" in back.content.decode()
    record.refresh_from_db()
    assert (record.next_contact_on, record.next_step) == (late, "打电话")
    again = undone(client, record, "replan", done)
    assert (again.status_code, "没有可以撤销的" in again.content.decode()) == (409, True)


def test_a_change_is_taken_back_by_who_made_it_and_only_while_it_stands(as_, owner, teammate, today, lead):
    plan = {"next_step": "带方案去", "next_contact_on": f"{today + timedelta(days=9)}"}
    done = asked(as_(owner), lead, "replan", {**plan, "version": lead.version})
    assert undone(as_(teammate), lead, "replan", done).status_code == 409
    make_later = {**plan, "next_contact_on": f"{today + timedelta(days=10)}", "version": lead.version + 1}
    asked(as_(teammate), lead, "replan", make_later)
    assert undone(as_(owner), lead, "replan", done).status_code == 409
    lead.refresh_from_db()
    assert lead.next_contact_on == today + timedelta(days=10)


def test_who_plans_over_another_s_plan_sees_whose_it_is_and_sends_his_own_again(
    as_, owner, teammate, today, lead
):
    seen, theirs, mine = lead.version, today + timedelta(days=3), today + timedelta(days=9)
    client = as_(owner)
    asked(as_(teammate), lead, "replan", {"next_contact_on": f"{theirs}", "version": seen})
    plan = {"next_contact_on": f"{mine}", "next_step": "我的"}
    answer = asked(client, lead, "replan", {**plan, "version": seen})
    page = answer.content.decode()
    assert answer.status_code == 412
    assert re.search(rf"现在是：{theirs} 联系（周舟 \d+-\d+ \d\d:\d\d 改），下一步：没有写（周舟 ", page)
    assert f'value="{mine}"' in page
    lead.refresh_from_db()
    assert lead.next_contact_on == theirs
    version = re.search(r'-version" value="(\d+)"', page)[1]
    assert asked(client, lead, "replan", {**plan, "version": version}).status_code == 200


def test_a_hand_over_is_offered_in_the_row_and_withdrawn_there(as_, owner, head, outsider, lead):
    client = as_(head)
    offer = {"to_unit": outsider.unit_id, "share": 40, "version": lead.version}
    answer = asked(client, lead, "hand_over", offer)
    assert (answer.status_code, Handover.objects.count()) == (400, 0)
    done = asked(client, lead, "hand_over", {**offer, "reason": "落在网谷"})
    assert "等待答复" in done.content.decode()
    assert Handover.objects.get().state == "pending"
    undone(client, lead, "hand_over", done)
    assert Handover.objects.get().state == "withdrawn"
    assert Notification.objects.filter(kind="handover").exists()


def test_what_the_role_may_not_do_has_no_button_and_is_refused_in_the_row(as_, owner, leader, lead):
    page = as_(owner).get("/").content.decode()
    assert f'href="{door(lead, "visit")}"' in page
    assert "do/hand_over/" not in page
    answer = as_(owner).get(door(lead, "hand_over"), headers=HTMX)
    assert (answer.status_code, "可以移交" in answer.content.decode()) == (403, True)
    assert asked(as_(leader), lead, "visit", TALK).status_code == 403
    assert not Visit.objects.filter(content="谈了选址。").exists()


def test_without_htmx_the_doors_lead_to_the_forms_of_the_record(as_, owner, head, lead, today):
    client = as_(head)
    places = {
        "visit": f"/leads/{lead.pk}/#visit",
        "replan": f"/leads/{lead.pk}/edit/#id_next_contact_on",
        "hand_over": f"/leads/{lead.pk}/#id_handover-to_unit",
    }
    assert {deed: client.get(door(lead, deed)).url for deed in places} == places
    values = sent(lead, {**TALK, "next_on": f"{today + timedelta(days=1)}"})
    assert client.post(door(lead, "visit"), values).url == "/"
    assert Visit.objects.filter(content="谈了选址。").exists()


@pytest.mark.parametrize("path", ["nowhere/lead/1/", "now/fund/1/", "now/lead/1/do/dance/", "now/lead/0/"])
def test_no_other_list_kind_or_deed_exists(as_, owner, path):
    assert as_(owner).get(f"/work/{path}").status_code == 404


def test_a_record_without_a_next_contact_is_counted_as_wrong_until_it_has_one(as_, owner, lead, today):
    Lead.objects.filter(pk=lead.pk).update(next_contact_on=None)
    client = as_(owner)
    page = client.get("/").content.decode()
    assert re.search(r'id="no_next">没有约下次联系 <span class="badge bg-red text-red-fg">1</span>', page)
    values = {"next_contact_on": f"{today}", "version": lead.version}
    asked(client, lead, "replan", values, where="no_next")
    assert "每条都约好了下次联系" in client.get("/").content.decode()


def test_only_new_matches_of_the_own_projects_are_news(as_, owner, teammate, head):
    fund = Fund.objects.create(code="f1", name="钱塘一号基金", kind="venture", status="operating")
    for person, name in ((owner, "深圳甲号有限公司"), (teammate, "深圳乙号有限公司")):
        project = make.project(person, name=name)
        given = {"project": project, "fund": fund, "before": "incomplete", "reason": "补上了人数"}
        MatchChange.objects.create(after="fit", at=timezone.now(), **given)
        MatchChange.objects.create(after="unfit", at=timezone.now() - timedelta(days=1), **given)
    mine, unit = (as_(person).get("/").context["matches"] for person in (owner, head))
    assert [str(row.project) for row in mine] == ["深圳甲号有限公司"]
    assert sorted(str(row.project) for row in unit) == ["深圳乙号有限公司", "深圳甲号有限公司"]


@pytest.mark.parametrize(
    ("deed", "field"), [("visit", "content"), ("replan", "next_contact_on"), ("hand_over", "to_unit")]
)
def test_a_form_in_the_row_begins_where_one_writes_first(as_, head, owner, deed, field, lead):
    form = as_(head).get(door(lead, deed), headers=HTMX).content.decode()
    begun = re.findall(r"<(?:input|textarea|select)[^>]*\bautofocus\b[^>]*>", form)
    assert len(begun) == 1
    assert f'name="now-lead-{lead.pk}-{field}"' in begun[0]
    refused = asked(as_(head), lead, deed, {}).content.decode()
    assert not re.search(r"<(?:input|textarea|select)[^>]*\bautofocus\b", refused)  # there it is the words
