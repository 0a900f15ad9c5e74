"""@姓名: who is named in a follow-up is told once, if they may see the record, and shown as named."""

from datetime import timedelta

import pytest

from django.urls import reverse
from django.utils import timezone

from crm import mentions
from crm.models import Notification, User
from crm.workdays import shanghai_day
from leads.models import Lead, Visit
from projects.models import Project
from tests import callers, make

SOON = shanghai_day(timezone.now()) + timedelta(days=5)


@pytest.fixture
def lead(owner):
    return make.lead(owner, "深圳甲乙科技有限公司", at=timezone.now())


def log(client, record, content, **fields):
    """Post the form of a follow-up on a lead or project."""
    given = {"kind": "call", "content": content, "next_step": "再约", "next_on": f"{SOON}", **fields}
    address = reverse(f"{record._meta.app_label}:visit", args=[record.pk])
    return client.post(address, {f"visit-{name}": value for name, value in given.items()})


def told():
    return Notification.objects.filter(kind="mention")


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_who_is_named_is_told_once_with_a_link_and_shown_as_named(as_, owner, teammate, head, lead, kind):
    record = lead if kind == "lead" else make.project(owner, at=timezone.now())
    content = "已谈选址，<b>请@周舟 和 ＠沈主任，看用地；@周舟 再核一次。联系 a@周舟.cn 无关"
    assert log(as_(owner), record, content).status_code == 302
    assert {one.user for one in told()} == {teammate, head}
    message = told().get(user=teammate)
    assert message.title == f"林晓在「{record}」的跟进里提到了您"
    assert message.url == record.get_absolute_url()
    page = as_(owner).get(record.get_absolute_url()).content.decode()
    assert '<b class="mention">@周舟</b>' in page
    assert '<b class="mention">＠沈主任</b>' in page
    assert "&lt;b&gt;请" in page


def test_who_may_not_see_the_record_is_refused_at_the_field_and_nothing_is_written(
    as_, owner, outsider, lead
):
    before = Lead.objects.get(pk=lead.pk).version
    answer = log(as_(owner), lead, "请@郑言 看一下")
    assert answer.status_code == 400
    [words] = answer.context["visit_form"].errors["content"]
    assert "「郑言」看不到这个线索" in words
    assert "请去掉 @" in words
    assert "请@郑言 看一下" in answer.content.decode()
    assert not told().exists()
    assert not Visit.objects.filter(lead=lead, content__contains="郑言").exists()
    assert Lead.objects.get(pk=lead.pk).version == before


def test_the_interface_refuses_it_in_the_same_words(owner, outsider, lead):
    given = {"kind": "call", "content": "请@郑言 看", "next_step": "再约", "next_on": f"{SOON}"}
    answer = callers.person(owner).post(f"leads/{lead.pk}/visits/", given)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("content", "mention")
    assert not told().exists()


def test_who_has_left_and_a_name_that_two_have_are_refused_and_the_unit_tells_them_apart(
    as_, owner, teammate, station, lead
):
    client = as_(owner)
    User.objects.filter(pk=teammate.pk).update(is_active=False)
    assert "已停用" in log(client, lead, "请@周舟 看").context["visit_form"].errors["content"][0]
    Lead.objects.filter(pk=lead.pk).update(station=station.unit)
    one = make.user("wang1", "officer", owner.unit, "王芳")
    make.user("wang2", "officer", station.unit, "王芳")
    words = log(client, lead, "请@王芳 看").context["visit_form"].errors["content"][0]
    assert "@王芳（半山区块）" in words
    assert "@王芳（驻深工作站）" in words
    assert log(client, lead, "请@王芳（半山区块）看").status_code == 302
    assert [message.user for message in told()] == [one]
    assert (
        '<b class="mention">@王芳（半山区块）</b>看' in client.get(lead.get_absolute_url()).content.decode()
    )


def test_two_of_one_name_in_one_unit_are_told_apart_by_their_accounts(as_, owner, lead):
    one = make.user("wang1", "officer", owner.unit, "王芳")
    make.user("wang2", "officer", owner.unit, "王芳")
    offered = [text for text, _ in mentions.suggestions(lead, "王", owner)]
    assert offered == ["@王芳（wang1）", "@王芳（wang2）"]
    client = as_(owner)
    for text in ("请@王芳 看", "请@王芳（半山区块）看"):
        words = log(client, lead, text).context["visit_form"].errors["content"][0]
        assert "@王芳（wang1）、@王芳（wang2）" in words
    assert log(client, lead, "请@王芳（wang1）看").status_code == 302
    assert [message.user for message in told()] == [one]
    assert '<b class="mention">@王芳（wang1）</b>看' in client.get(lead.get_absolute_url()).content.decode()


def test_a_name_of_nobody_and_ones_own_name_tell_nobody(as_, owner, lead):
    assert log(as_(owner), lead, "@张三丰 @林晓 已谈").status_code == 302
    assert not told().exists()


def test_of_two_of_one_name_the_one_who_sees_the_record_is_meant(as_, owner, wanggu, lead):
    one = make.user("wang1", "officer", owner.unit, "王芳")
    make.user("wang2", "officer", wanggu, "王芳")
    log(as_(owner), lead, "请@王芳看")
    assert [message.user for message in told()] == [one]


def test_a_remark_on_the_lead_tells_who_is_newly_named(as_, owner, teammate, head, outsider, lead):
    def save(note):
        client = as_(owner)
        form = client.get(f"/leads/{lead.pk}/edit/").context["form"]
        given = {field.name: field.value() for field in form.visible_fields()}
        shown = {f"initial-{name}": "" if value is None else value for name, value in given.items()}
        given |= {"note": note, "version": Lead.objects.get(pk=lead.pk).version}
        given = {name: "" if value is None else value for name, value in given.items()}
        return client.post(f"/leads/{lead.pk}/edit/", {**shown, **given})

    assert save("请@周舟 跟").status_code == 302
    assert save("请@周舟 跟，@沈主任 定").status_code == 302
    assert [message.user for message in told().order_by("pk")] == [teammate, head]
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert '请<b class="mention">@周舟</b> 跟，<b class="mention">@沈主任</b> 定' in page
    refused = save("请@周舟 跟，@沈主任 定，@郑言 看")
    assert refused.status_code == 400
    assert "看不到这个线索" in refused.context["form"].errors["note"][0]
    assert told().count() == 2
    assert Lead.objects.get(pk=lead.pk).note == "请@周舟 跟，@沈主任 定"


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_offered_is_who_may_see_the_record_and_nobody_else(
    as_,
    owner,
    teammate,
    outsider,
    station,
    head,
    manager,
    leader,
    reviewer,
    fund_user,
    auditor,
    admin_user,
    kind,
):
    record = make.lead(owner) if kind == "lead" else make.project(owner)
    model = Lead if kind == "lead" else Project
    seeing = {
        one for one in User.objects.all() if model.objects.visible_to(one).filter(pk=record.pk).exists()
    }
    assert set(mentions.readers(record)) == seeing
    address = reverse(f"{record._meta.app_label}:colleagues", args=[record.pk])
    page = as_(owner).get(address, {"q": "沈"}).content.decode()
    assert 'data-text="@沈主任"' in page
    assert "周舟" not in page
    assert "郑言" not in as_(owner).get(address).content.decode()
    assert "没有看得到这条记录的同事" in as_(owner).get(address, {"q": "郑\x00言"}).content.decode()
    assert as_(outsider).get(address).status_code == 404


def test_naming_costs_no_query_where_nobody_is_named(owner, teammate, lead, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert mentions.find("已谈，联系 wang@example.cn", lead, field="content") == []
    with django_assert_num_queries(2):  # the people of these names, and whether one sees the record
        assert len(mentions.find("@周舟 " * 30, lead, field="content")) == 1


def test_a_colleague_is_named_at_the_door_too_and_nothing_is_recorded_when_they_may_not_see_it(
    as_, owner, teammate, outsider
):
    def record(content):
        given = {"company_name": "杭州新来者科技有限公司", "next_contact_on": f"{SOON}", "content": content}
        return as_(owner).post(reverse("leads:capture"), given)

    refused = record("请@郑言 看")
    assert refused.status_code == 400
    assert "看不到这个线索" in refused.context["form"].errors["content"][0]
    assert not Lead.objects.exists()
    assert record("请@周舟 看").status_code == 302
    assert [message.user for message in told()] == [teammate]
    assert Visit.objects.get().mentioned == ["周舟"]


def test_a_sheet_or_a_partner_names_nobody(owner, teammate):
    make.lead(owner, at=timezone.now(), content="联系人：@周舟")
    assert not told().exists()
