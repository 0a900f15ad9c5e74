"""A large import is taken back by a worker: nothing is called done before it is, and it can be stopped."""

import pytest

from django.urls import reverse

from crm.models import AuditEvent, Company, Contact, Notification
from leads import importing, undoing, undoing_lots
from leads.models import ImportJob, Lead
from tests import make
from tests.leads.test_undoing import imported, place, stored

NAMES = [f"无锡极目{letter}低空信息技术有限公司" for letter in "甲乙丙丁戊"]


@pytest.fixture
def job(station, monkeypatch):
    """A finished import that is large, as soon as it is more than two leads; its lots are of two."""
    monkeypatch.setattr(undoing, "MANY", 2)
    monkeypatch.setattr(undoing_lots, "LOT", 2)
    return imported(station, make.roadshow(station), NAMES)


@pytest.fixture
def begun(as_, station, job):
    as_(station).post(place(job), {"reason": "传错了", "foreseen": 5})
    return stored(job)


def test_it_begins_and_says_how_far_it_is_until_all_is_gone(as_, station, job):
    answer = as_(station).post(place(job), {"reason": "传错了", "foreseen": 5}, follow=True)
    page = answer.content.decode()
    assert ("正在撤销" in page, "已撤销 0 条，共 5 条" in page) == (True, True)
    assert "已撤销导入" not in page
    assert Lead.objects.count() == 5
    undoing_lots._take_back(stored(job), make.NOW)
    assert "已撤销 2 条，共 5 条" in as_(station).get(job.get_absolute_url()).content.decode()
    importing.resume_all(make.NOW)
    assert "这次导入已撤销：删除 <b>5</b> 条" in as_(station).get(job.get_absolute_url()).content.decode()
    assert [model.objects.count() for model in (Lead, Company, Contact)] == [0, 0, 0]
    assert Notification.objects.filter(user=station, title__contains="已撤销：删除 5 条线索").count() == 1
    assert AuditEvent.objects.filter(action="undo_import").count() == 1


def test_what_somebody_works_on_before_its_lot_comes_stays_and_is_named(as_, station, begun):
    lead = Lead.objects.order_by("pk").last()
    lead.move_to("screening", by=station, at=make.NOW)
    importing.resume(begun, at=make.NOW)
    job = stored(begun)
    assert Lead.objects.get() == lead
    assert (job.state, job.counts["undone"], job.counts["kept"]) == ("undone", 4, 1)
    assert "已离开线索阶段" in job.rows.get(lead=lead).kept_because
    assert "1 条有人跟进过，保留" not in Notification.objects.filter(key__endswith=":undone").get().title
    assert "已离开线索阶段" in as_(station).get(job.get_absolute_url()).content.decode()


def test_it_is_stopped_in_the_middle_and_taken_back_another_time(as_, station, begun):
    client = as_(station)
    undoing_lots._take_back(begun, make.NOW)
    answer = client.post(reverse("leads:import_stop", args=[begun.pk]), follow=True)
    assert "已停止撤销" in answer.content.decode()
    assert "删除了 <b>2</b> 条线索，其余保留" in answer.content.decode()
    importing.resume_all(make.NOW)
    assert Lead.objects.count() == 3
    client.post(place(begun), {"reason": "还是传错了", "foreseen": 3})
    importing.resume_all(make.NOW)
    assert not Lead.objects.exists()
    assert (stored(begun).counts["undone"], stored(begun).state) == (5, "undone")


def test_meanwhile_nobody_begins_it_again(as_, station, owner, leader, begun):
    assert as_(station).post(place(begun), {"reason": "传错了", "foreseen": 5}).status_code == 409
    for person, status in ((owner, 404), (leader, 403)):
        stop = as_(person).post(reverse("leads:import_stop", args=[begun.pk]))
        assert stop.status_code == status
    assert stored(begun).is_being_undone


def test_what_breaks_off_is_said_and_can_be_tried_again(as_, station, begun, monkeypatch):
    def breaks(*args):
        raise RuntimeError

    monkeypatch.setattr(undoing, "delete", breaks)
    importing.resume_all(make.NOW)
    page = as_(station).get(begun.get_absolute_url()).content.decode()
    assert "撤销到一半时出错" in page
    assert Lead.objects.count() == 5
    assert not ImportJob.objects.get().is_being_undone
    assert importing.unfinished().count() == 0
    assert place(begun) in page
