"""扫码登记: anybody with the address may tell of their company; nobody without a login learns anything."""

import re
import time
from datetime import timedelta

import pytest

from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent, Notification, Setting
from leads import walk_ins
from leads.models import DoorTry, Lead, WalkIn
from leads.walk_in_forms import LONGEST, stamp
from tests import make

pytestmark = pytest.mark.django_db
NAME = "深圳扫码来客科技有限公司"


@pytest.fixture
def trip(station):
    today = timezone.localdate()
    return make.roadshow(station, starts_on=today, ends_on=today, leader=station)


@pytest.fixture
def door(trip, station):
    return walk_ins.open_door(trip, timezone.localdate(), by=station, at=timezone.now())


def form(door, **fields):
    told = {"company_name": NAME, "contact_name": "王景行", "contact_phone": "13912345678", "consent": "on"}
    return {**told, "stamp": stamp(door), **fields}


def send(door, client=None, **fields):
    client = client or Client(enforce_csrf_checks=True)
    return client.post(reverse("leads:walk_in", args=[door.secret]), form(door, **fields))


def test_a_company_that_scans_becomes_a_pending_lead_of_the_trip_that_somebody_takes_over(
    door, trip, station, as_
):
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get(reverse("leads:walk_in", args=[door.secret]))
    assert trip.title in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    answer = send(door, visitor, wishes="想设研发中心")
    assert answer.url.endswith("?done=1")
    assert "已收到" in visitor.get(answer.url).content.decode()
    assert not visitor.cookies
    lead = Lead.objects.get()
    assert (lead.title, lead.roadshow, lead.unit, lead.owner) == (NAME, trip, trip.unit, None)
    assert (lead.is_pending, lead.stage, lead.first_response_at) == (True, "lead", None)
    assert (lead.contact.phone, lead.note, lead.visits.count()) == ("13912345678", "想设研发中心", 0)
    assert WalkIn.objects.get().contact_phone == ""
    assert Notification.objects.get(user=station).key == f"walk-in:{WalkIn.objects.get().pk}"

    browser = as_(station)
    assert "待接收" in browser.get(trip.get_absolute_url()).content.decode()
    assert "企业扫码登记" in browser.get(lead.get_absolute_url()).content.decode()
    browser.post(reverse("leads:take", args=[lead.pk]))
    lead.refresh_from_db()
    assert (lead.owner, lead.is_pending) == (station, False)
    assert browser.post(reverse("leads:take", args=[lead.pk])).status_code == 409


def test_a_company_that_is_held_gets_the_same_answer_and_only_we_learn_of_it(door, trip, station, owner, as_):
    make.lead(owner, NAME)
    fresh, held = send(door, company_name="深圳无人首报有限公司"), send(door)
    assert (held.status_code, held.url) == (fresh.status_code, fresh.url)
    row = WalkIn.objects.get(company_name=NAME)
    assert (row.lead, row.contact_phone) == (None, "13912345678")
    assert "已由半山区块于" in row.why_no_lead
    assert Notification.objects.filter(user=owner, title__contains="也在接触").count() == 1

    browser = as_(station)
    page = browser.get(reverse("leads:door", args=[trip.pk])).content.decode()
    assert "139****5678" in page
    assert "13912345678" not in page
    shown = browser.post(reverse("leads:door_reveal", args=[trip.pk, row.pk])).content.decode()
    assert "13912345678" in shown
    assert AuditEvent.objects.filter(action="reveal_contact", actor=station).count() == 1
    walk_ins.forget_walk_ins(timezone.now() + timedelta(days=91))
    row.refresh_from_db()
    assert (row.contact_phone, row.contact_name) == ("", "")


def test_the_same_form_twice_is_kept_once(door):
    send(door)
    assert send(door).status_code == 302
    assert WalkIn.objects.count() == Lead.objects.count() == 1
    assert Notification.objects.filter(key__startswith="walk-in:").count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"consent": ""}, 400, "同意使用个人信息"),
        ({"contact_phone": ""}, 400, "请填写手机或带区号的电话"),
        ({"contact_phone": "不告诉你"}, 400, "电话"),
        ({"company_name": "甲"}, 400, "至少两个字"),
        ({"stamp": "forged"}, 400, "再提交一次"),
        ({"wishes": "长" * 30_000}, 413, "内容太长"),
        ({"homepage": "https://spam.example"}, 302, ""),
    ],
)
def test_what_is_refused_writes_nothing(door, fields, status, said):
    answer = send(door, **fields)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not Lead.objects.exists()
    assert not WalkIn.objects.exists()


def test_a_phone_that_fills_in_the_form_by_itself_is_not_too_quick(door):
    page = Client().get(reverse("leads:walk_in", args=[door.secret])).content.decode()
    fresh = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    assert send(door, stamp=fresh).status_code == 302
    assert Lead.objects.count() == 1


def test_a_page_left_open_overnight_is_asked_for_again(door, monkeypatch):
    opened = time.time() - LONGEST - 60
    with monkeypatch.context() as then:
        then.setattr(signing.time, "time", lambda: opened)
        old = stamp(door)
    assert "打开得太久" in send(door, stamp=old).content.decode()
    assert not Lead.objects.exists()


def test_too_many_forms_are_refused_by_address_and_by_trip(door):
    Setting.objects.create(key="door_sends_per_address", value=1)
    assert send(door).status_code == 302
    refused = send(door, company_name="深圳第二家有限公司")
    assert refused.status_code == 429
    assert "过几分钟" in refused.content.decode()
    Setting.objects.create(key="door_sends_per_trip", value=2)
    other = {"REMOTE_ADDR": "10.9.9.9"}
    place = reverse("leads:walk_in", args=[door.secret])
    assert Client().post(place, form(door, company_name="深圳第三家有限公司"), **other).status_code == 302
    third = Client().post(place, form(door, company_name="深圳第四家有限公司"), REMOTE_ADDR="10.8.8.8")
    assert third.status_code == 429
    assert Lead.objects.count() == 2
    walk_ins.forget_walk_ins(timezone.now() + timedelta(days=2))
    assert not DoorTry.objects.exists()


def test_an_address_that_was_closed_replaced_or_expired_opens_nothing(door, trip, station, as_, freeze):
    browser, place = as_(station), reverse("leads:walk_in", args=[door.secret])
    code = browser.get(trip.get_absolute_url()).content.decode()
    assert "data:image/svg+xml" in code
    assert door.secret in code
    browser.post(reverse("leads:door_open", args=[trip.pk]), {"last_day": f"{timezone.localdate()}"})
    assert (send(door).status_code, Client().get(place).status_code) == (410, 410)
    new = trip.doors.get(closed_at=None)
    assert send(new).status_code == 302
    browser.post(reverse("leads:door_close", args=[trip.pk]))
    assert send(new, company_name="深圳停用以后有限公司").status_code == 410
    last = walk_ins.open_door(trip, timezone.localdate(), by=station, at=timezone.now())
    freeze(timezone.now() + timedelta(days=1))
    assert send(last, company_name="深圳过期以后有限公司").status_code == 410
    assert Client().get("/r/never-heard-of/").status_code == 404
    assert Lead.objects.count() == 1
    done = ["open_door", "open_door", "close_door", "open_door"]
    assert (
        list(
            AuditEvent.objects.filter(action__endswith="_door")
            .order_by("pk")
            .values_list("action", flat=True)
        )
        == done
    )


@pytest.mark.parametrize("days", [-1, 90])
def test_a_senseless_last_day_opens_nothing(trip, station, as_, days):
    day = timezone.localdate() + timedelta(days=days)
    answer = as_(station).post(reverse("leads:door_open", args=[trip.pk]), {"last_day": f"{day}"})
    assert answer.status_code == 400
    assert "有效期从今天起" in answer.content.decode()
    assert not trip.doors.exists()


def test_a_company_that_registered_itself_is_nowhere_called_a_partner(as_, door, station):
    send(door)
    lead, client = Lead.objects.get(), as_(station)
    listed = client.get(f"{reverse('leads:list')}?q={NAME[:6]}").content.decode()
    assert "企业扫码登记，待接收" in listed
    told = [listed, client.get(lead.get_absolute_url()).content.decode()]
    walk_ins.take(lead, by=station, at=timezone.now())
    told += [client.get(lead.get_absolute_url()).content.decode()]
    for page in told:
        assert "企业扫码登记" in page
        assert "伙伴系统" not in page.replace("伙伴系统推送<", "")  # that is a channel one filters by
        assert "伙伴推送" not in page
