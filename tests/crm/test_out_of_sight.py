"""A message of before a hand-over tells a former owner nothing of the record that went to another unit."""

import pytest

from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import outgoing
from crm.models import Delivery, Notification
from leads import handover
from leads.models import Lead
from tests import make

NAME = "深圳望川智能装备有限公司"
HIDDEN = "关于一条您现在看不到的线索"


@pytest.fixture
def lead(owner):
    return make.lead(owner, NAME)


def tell(user, lead, number=1, **fields):
    given = {
        "kind": "claim",
        "title": f"「{NAME}」首报将到期",
        "body": f"{NAME}还没有跟进",
        "url": lead.get_absolute_url(),
        "created_at": make.NOW,
        "sent_at": make.NOW,
        **fields,
    }
    return Notification.objects.create(user=user, key=f"k{number}", **given)


def give(lead, unit, to, by, now):
    lead = Lead.objects.get(pk=lead.pk)
    offered = handover.hand_over(lead, to_unit=unit, to_owner=to, by=by, at=now, reason="载体在那边")
    handover.accept(offered, by=to, at=now)


def test_it_says_what_kind_of_message_it_was_and_nothing_of_the_record(
    as_, owner, head, outsider, manager, lead, now
):
    one, client = tell(owner, lead), as_(owner)
    pages = ("/notifications/", f"/notifications/{one.pk}/", "/")
    for address in pages:
        assert NAME in client.get(address).content.decode(), address
    give(lead, outsider.unit, outsider, head, now)
    for address in pages:
        page = client.get(address).content.decode()
        assert NAME not in page, address
        assert f"{HIDDEN}" in page, address
    page = client.get(f"/notifications/{one.pk}/").content.decode()
    assert "首报首谈" in page
    assert "去看看" not in page
    assert client.post(f"/notifications/{one.pk}/read/", {"go": "1"}).status_code == 302
    assert NAME not in client.get("/notifications/").content.decode()  # nor in what was just done
    two = tell(manager, lead)
    assert NAME in as_(manager).get(f"/notifications/{two.pk}/").content.decode()


def test_of_a_digest_only_the_item_that_left_is_hidden(as_, owner, head, outsider, lead, now):
    mine = make.lead(owner, "上海留下医疗有限公司")
    items = [
        {"kind": "red", "title": one.title, "text": f"{one.title}超时", "url": one.get_absolute_url()}
        for one in (lead, mine)
    ]
    tell(owner, lead, kind="digest", title="今日提醒：红灯 2", body="", items=items, url="/")
    give(lead, outsider.unit, outsider, head, now)
    page = as_(owner).get("/notifications/").content.decode()
    assert NAME not in page
    assert HIDDEN in page
    assert "上海留下医疗有限公司超时" in page


def test_a_message_tells_all_again_when_the_record_comes_back(as_, owner, head, outsider, lead, now):
    one = tell(owner, lead)
    Lead.objects.filter(pk=lead.pk).update(unit=outsider.unit)
    assert NAME not in as_(owner).get(f"/notifications/{one.pk}/").content.decode()
    Lead.objects.filter(pk=lead.pk).update(unit=owner.unit)
    assert NAME in as_(owner).get(f"/notifications/{one.pk}/").content.decode()
    one.refresh_from_db()
    assert NAME in one.title


def test_a_mail_that_waited_for_the_morning_tells_no_more_either(owner, outsider, lead, now, settings):
    settings.EMAIL_HOST, settings.EMAIL_DOMAINS = "mail.example.com", []
    owner.email = "owner@example.com"
    owner.save(update_fields=["email"])
    one = tell(owner, lead)
    Delivery.objects.create(notification=one, channel=Delivery.Channel.EMAIL, due_at=now, created_at=now)
    Lead.objects.filter(pk=lead.pk).update(unit=outsider.unit)
    outgoing.send_batch(now)
    (letter,) = mail.outbox
    assert HIDDEN in letter.subject
    assert NAME not in letter.subject + letter.body


def test_messages_of_one_page_are_asked_of_together(as_, owner):
    leads, client = [make.lead(owner) for _ in range(6)], as_(owner)
    tell(owner, leads[0], 1)
    client.get("/notifications/")
    with CaptureQueriesContext(connection) as one:
        client.get("/notifications/")
    for number, lead in enumerate(leads[1:], 2):
        tell(owner, lead, number)
    with CaptureQueriesContext(connection) as six:
        client.get("/notifications/")
    assert len(six) == len(one)
