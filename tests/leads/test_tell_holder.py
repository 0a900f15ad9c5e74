"""The first reporter hears, once a day, that another unit met the same company."""

from datetime import timedelta

import pytest

from crm.models import Notification
from leads.claims import AlreadyReported, tell_holder
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
