"""站内不提醒: kinds a person does not want to be told of arrive as read, but nothing urgent does."""

import pytest

from django.urls import reverse

from crm import preferences
from crm.models import AuditEvent, Notification
from crm.notifications import deliver_all, notify
from crm.preferences import Wishes
from tests import make

pytestmark = pytest.mark.django_db
RED = [{"kind": "red", "title": "杭州甲", "stage": "在谈", "text": "超过阶段时限 8 个工作日"}]
FORM = {"digest_at": "08:30", "quiet_from": "", "quiet_until": ""}


def arrive(user, kind, key, **fields):
    notify(user, kind=kind, key=key, title=key, at=make.NOW, **fields)
    deliver_all(make.NOW)
    return Notification.objects.get(user=user, key=key)


def test_a_muted_kind_arrives_as_read_and_is_still_found(as_, owner, teammate):
    preferences.save(owner, Wishes(muted_kinds=["match"]), at=make.NOW)
    assert arrive(owner, "match", "新增符合润苗").read_at == make.NOW
    assert arrive(owner, "stage", "强制推进").read_at is None
    assert arrive(teammate, "match", "同事的").read_at is None
    unread = Notification.objects.unread().filter(user=owner)
    assert [one.key for one in unread] == ["强制推进"]
    assert "新增符合润苗" in as_(owner).get(reverse("notifications")).content.decode()


def test_what_is_urgent_is_never_muted(owner):
    preferences.save(owner, Wishes(muted_kinds=["digest"]), at=make.NOW)
    assert arrive(owner, "digest", "有红灯的", items=RED).read_at is None
    assert arrive(owner, "digest", "没有红灯的").read_at == make.NOW


def test_it_is_chosen_on_the_page_and_supervision_is_no_choice(as_, owner):
    client, place = as_(owner), reverse("preferences")
    assert client.post(place, {**FORM, "muted_kinds": ["import", "match"]}).status_code == 302
    assert preferences.of(owner).muted_kinds == ["import", "match"]
    assert AuditEvent.objects.get(action="change_preference").detail["站内不提醒"] == ["导入结果", "匹配变化"]
    page = client.get(place).content.decode()
    assert page.count("checked") >= 2
    assert client.post(place, {**FORM, "muted_kinds": ["supervise"]}).status_code == 400
    assert preferences.of(owner).muted_kinds == ["import", "match"]
