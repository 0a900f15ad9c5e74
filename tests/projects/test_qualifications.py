"""资质到期: told to who works on the company, once per qualification and expiry."""

from datetime import date, datetime, timedelta

import pytest

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from crm import bell
from crm.models import Notification, Qualification, Setting
from crm.workdays import SHANGHAI
from leads.models import Lead
from projects.models import Fund
from projects.qualifications import remind_qualifications
from tests import callers, make

MORNING = datetime(2026, 4, 20, 8, 40, tzinfo=SHANGHAI)
LAST = date(2026, 7, 19)  # ninety days ahead


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳云芯科技有限公司")


def qualified(record, kind="国家高新技术企业", expires_on=LAST):
    return Qualification.objects.create(company=record.company, kind=kind, expires_on=expires_on)


def told(person):
    return list(Notification.objects.filter(user=person, key__startswith="qualifications:").order_by("pk"))


def test_the_owner_hears_once_per_expiry(project, owner, head):
    row = qualified(project)
    assert remind_qualifications(MORNING - timedelta(days=1)) == 0
    assert [remind_qualifications(MORNING + timedelta(days=n)) for n in range(3)] == [1, 0, 0]
    (message,) = told(owner)
    assert message.title == "资质将到期：深圳云芯科技有限公司 国家高新技术企业"
    assert message.items[0]["text"] == "2026-07-19 到期，还有 90 天"
    assert message.url == f"{project.get_absolute_url()}qualifications/"
    assert told(head) == []
    Qualification.objects.filter(pk=row.pk).update(expires_on=LAST + timedelta(days=5))
    assert remind_qualifications(MORNING + timedelta(days=6)) == 1


def test_leads_to_be_judged_count_lost_projects_and_strangers_do_not(project, owner, outsider, wanggu, head):
    lead = make.lead(outsider)
    for record in (project, lead):
        qualified(record)
    qualified(lead, "过期资质", date(2026, 4, 1))
    type(project).objects.update(stage="lost")
    assert remind_qualifications(MORNING) == 1
    assert told(owner) == []
    assert len(told(outsider)[0].items) == 1
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    other = make.user("other_head", "head", wanggu)
    Qualification.objects.update(told_for=None)
    remind_qualifications(MORNING)
    assert [len(told(person)) for person in (owner, other)] == [0, 1]


def test_the_number_of_days_is_a_setting_and_a_waiting_one_is_told_of_when_somebody_works_on_it(owner):
    Setting.objects.create(key="qualification_notice_days", value=10)
    lead = make.lead(owner)
    row = qualified(lead, expires_on=date(2026, 4, 30))
    Lead.objects.update(stage="dropped")
    assert remind_qualifications(MORNING) == 0
    Lead.objects.update(stage="screening")
    assert remind_qualifications(MORNING + timedelta(days=1)) == 1
    row.refresh_from_db()
    assert row.told_for == row.expires_on


HIGH_TECH = {"field": "qualifications", "op": "covers", "value": ["national_high_tech"]}


def test_a_certificate_entered_with_the_lead_counts_when_the_project_is_read_next(
    as_, project, owner, freeze, monkeypatch
):
    fund = Fund.objects.create(code="f1", name="示例基金", kind="venture", status="operating")
    fund.versions.create(number=1, criteria=HIGH_TECH, valid_from=date(2026, 1, 1), published_at=make.NOW)
    rung = []
    monkeypatch.setattr(bell, "_publish", lambda name, args: rung.append((name, *args)))

    def verdict(hours):
        freeze(make.NOW + timedelta(hours=hours))
        answer = callers.person(owner).get(f"projects/{project.pk}/matches/").json()
        return [row["verdict"] for row in answer["results"]]

    assert verdict(1) == ["incomplete"]
    freeze(make.NOW + timedelta(hours=2))
    given = {"kind": "国家高新技术企业", "issued_on": "2025-01-01"}
    assert as_(owner).post(f"/leads/{project.lead_id}/qualifications/", given).status_code == 302
    assert verdict(3) == ["fit"]
    row = Qualification.objects.get()
    freeze(make.NOW + timedelta(hours=4))
    given = {f"end{row.pk}-reason": "被取消", f"end{row.pk}-version": row.version}
    given[f"end{row.pk}-ended_as"] = "lost"
    with TestCase.captureOnCommitCallbacks(execute=True):
        ended = as_(owner).post(f"/projects/{project.pk}/qualifications/{row.pk}/end/", given)
    assert (ended.status_code, rung) == (302, [("projects.tasks.match_project", project.pk)])
    assert verdict(5) == ["unfit"]


def test_one_message_lists_all_and_costs_the_same_per_record(project, owner):
    costs = []
    for number in (2, 20):
        for n in range(number):
            qualified(project, f"资质{number}-{n}")
        with CaptureQueriesContext(connection) as captured:
            remind_qualifications(MORNING)
        costs.append(len(captured))
    assert told(owner)[-1].title == "20 项资质将到期"
    assert costs[0] == costs[1]
