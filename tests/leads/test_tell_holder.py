"""The first reporter hears, once a day, that another unit met the same company."""

from datetime import timedelta

import pytest

from crm.models import Notification
from crm.partners import issue
from leads.claims import AlreadyReported, tell_holder
from leads.handover import accept, hand_over
from leads.models import Lead
from tests import make

NAME = "深圳云芯科技有限公司"


def refused(by, at=make.NOW):
    """What a door does when the entrance refuses a company."""
    with pytest.raises(AlreadyReported) as refusal:
        make.lead(by, name=NAME, at=at)
    tell_holder(refusal.value.claim, by=by, at=at)


def test_the_first_reporter_is_told_who_met_the_company_too(owner, outsider):
    lead = make.lead(owner, name=NAME)
    refused(outsider)
    message = Notification.objects.get()
    assert (message.user, message.kind, message.url) == (owner, "claim", lead.get_absolute_url())
    assert message.title == f"智慧网谷小镇也在接触「{NAME}」"


def test_the_notice_comes_once_per_unit_and_day(owner, outsider, station):
    make.lead(owner, name=NAME)
    refused(outsider)
    refused(outsider, at=make.NOW + timedelta(hours=2))
    refused(station)
    refused(outsider, at=make.NOW + timedelta(days=1))
    assert Notification.objects.count() == 3


def test_a_colleague_of_the_same_unit_is_no_news(owner, teammate):
    make.lead(owner, name=NAME)
    refused(teammate)
    assert not Notification.objects.exists()


def test_when_the_first_reporter_has_left_the_head_is_told(owner, outsider, head):
    make.lead(owner, name=NAME)
    owner.is_active = False
    owner.save()
    refused(outsider)
    assert Notification.objects.get().user == head


def test_after_a_hand_over_who_carries_the_lead_now_is_told(head, outsider, now):
    lead = make.lead(head, name=NAME)
    elsewhere = make.unit("yunhe", "大运河街道")
    carrier = make.user("carrier", "officer", elsewhere)
    offer = hand_over(lead, to_unit=elsewhere, to_owner=carrier, by=head, at=now, reason="对口")
    accept(offer, by=carrier, at=now)
    assert not Lead.objects.visible_to(head).exists()
    refused(outsider)
    message = Notification.objects.get(kind="claim")
    assert (message.user, message.url) == (carrier, lead.get_absolute_url())


def test_after_a_hand_over_to_a_unit_its_head_who_took_it_is_told(head, outsider, now):
    lead = make.lead(head, name=NAME)
    elsewhere = make.unit("yunhe", "大运河街道")
    chief = make.user("chief", "head", elsewhere)
    accept(hand_over(lead, to_unit=elsewhere, by=head, at=now, reason="对口"), by=chief, at=now)
    refused(outsider)
    assert [message.user for message in Notification.objects.filter(kind="claim")] == [chief]


def test_the_api_tells_the_first_reporter_too_although_its_write_is_rolled_back(client, owner, wanggu):
    make.lead(owner, NAME)
    _, token = issue("商会平台", ["leads:write"], unit=wanggu, at=make.NOW)
    answer = client.post(
        "/api/v1/leads/",
        {"company_name": NAME},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k-1"},
    )
    assert answer.status_code == 409
    assert Notification.objects.get(user=owner).kind == "claim"


def test_a_lead_pushed_by_a_partner_is_announced_to_the_heads_of_its_unit(client, head, banshan):
    _, token = issue("商会平台", ["leads:write"], unit=banshan, at=make.NOW)
    for _ in range(2):
        client.post(
            "/api/v1/leads/",
            {"company_name": NAME, "external_id": "X-1"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert "商会平台推送线索" in Notification.objects.get(user=head).title
