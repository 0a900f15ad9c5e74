"""政策到期: who works on a project that could still apply hears once of the last day, and nobody else."""

from datetime import date, timedelta

import pytest

from crm.models import Delivery, Fact, Notification, Preference
from crm.notifications import deliver_batch
from crm.workdays import shanghai_day
from projects import policy_endings
from projects.matching import match
from projects.models import Policy, Project
from projects.policy_endings import remind_policies, tell_owners
from tests import make
from tests.racing import Other

pytestmark = pytest.mark.django_db
TODAY = shanghai_day(make.NOW)
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}


@pytest.fixture(autouse=True)
def _day(freeze):
    freeze(make.NOW)


@pytest.fixture
def project(owner):
    one = make.project(owner, name="深圳星海智能有限公司")
    staff(one, 80)
    return one


def staff(project, value):
    given = {"key": "staff", "value": value, "as_of": TODAY, "source": "officer", "created_at": make.NOW}
    Fact.objects.create(company=project.company, **given)


def policy(code, valid_from=date(2026, 1, 1), **version):
    one = Policy.objects.create(code=code, name=f"{code} 办法", level="city", status="operating")
    one.versions.create(number=1, criteria=STAFF, valid_from=valid_from, published_at=make.NOW, **version)
    return one


def letters(user):
    return list(Notification.objects.filter(user=user, kind="match").order_by("pk"))


@pytest.fixture
def ending(project):
    """A policy that ends in 30 days, with a project of the owner's that fits it."""
    one = policy("ending", valid_to=TODAY + timedelta(days=30))
    match(project, at=make.NOW)
    return one


def test_who_could_still_apply_hears_once_of_the_end_of_a_policy_in_one_message(
    owner, outsider, manager, project, ending
):
    second = policy("second", valid_to=TODAY + timedelta(days=20))
    unknown = make.project(owner, name="深圳未知智能有限公司")
    big = make.project(outsider, name="深圳大厂有限公司")
    staff(big, 900)
    for one in (project, unknown, big):
        match(one, at=make.NOW)
    remind_policies(make.NOW)
    remind_policies(make.NOW + timedelta(hours=1))
    (letter,) = letters(owner)
    assert letter.title == "2 条政策将到期，涉及您的项目"
    assert letter.body.splitlines()[:2] == [
        "second 办法：2026-05-10 到期，还有 20 天；符合 1 个、待补充 1 个。",
        "ending 办法：2026-05-20 到期，还有 30 天；符合 1 个、待补充 1 个。",
    ]
    assert [(item["title"], item["text"]) for item in letter.items] == [
        (project.name, "符合 second 办法，2026-05-10 到期"),
        (unknown.name, "待补充 second 办法，2026-05-10 到期"),
        (project.name, "符合 ending 办法，2026-05-20 到期"),
        (unknown.name, "待补充 ending 办法，2026-05-20 到期"),
    ]
    assert letter.items[0]["url"] == f"/projects/{project.pk}/#matches"
    assert (letters(outsider), letters(manager)) == ([], [])
    ending.versions.update(valid_to=TODAY + timedelta(days=40))
    remind_policies(make.NOW + timedelta(hours=2))
    assert letters(owner)[1].title == "ending 办法 2026-05-30 到期，涉及 2 个项目"
    assert second.versions.get().told_for == TODAY + timedelta(days=20)


def test_a_message_names_the_first_projects_and_how_many_more(owner, project, ending, monkeypatch):
    monkeypatch.setattr(policy_endings, "LISTED", 2)
    station = make.unit("shenzhen", "深圳工作站", "station")
    for _ in range(3):  # they have other people, though the same owner: 符合 still comes first
        one = make.project(owner)
        Project.objects.filter(pk=one.pk).update(station=station)
        match(one, at=make.NOW)
    Project.objects.exclude(pk=project.pk).update(unit=project.unit)
    Project.objects.filter(pk=project.pk).update(station=make.unit("zz", "末位工作站", "station"))
    remind_policies(make.NOW)
    (letter,) = letters(owner)
    assert [item["title"] for item in letter.items][0::2] == [project.name, "另 2 个"]
    assert letter.title == "ending 办法 2026-05-20 到期，涉及 4 个项目"


def test_who_left_hears_nothing_and_a_policy_that_concerns_nobody_waits(owner, head, project, ending):
    later = policy("later", valid_from=TODAY + timedelta(days=3), valid_to=TODAY + timedelta(days=9))
    owner.is_active = False
    owner.save()
    Project.objects.update(stage="lost")
    remind_policies(make.NOW)
    assert letters(head) == []
    Project.objects.update(stage="negotiating")
    remind_policies(make.NOW + timedelta(hours=1))
    (letter,) = letters(head)
    assert "ending 办法" in letter.title
    assert letters(owner) == []
    assert later.versions.get().told_for is None


def test_the_end_of_a_policy_goes_out_by_the_channel_one_chose_for_matches(owner, project, ending):
    owner.email = "owner@example.gov.cn"
    owner.save()
    Preference.objects.create(user=owner, email_kinds=["match"])
    remind_policies(make.NOW)
    deliver_batch(make.NOW)
    assert Delivery.objects.get().notification == letters(owner)[0]


def test_the_project_says_when_the_end_of_a_policy_is_told(as_, owner, project, ending):
    client, address = as_(owner), f"/projects/{project.pk}/reminders/"
    assert "ending 办法 2026-05-20 到期，下一个工作日提醒。" in client.get(address).content.decode()
    remind_policies(make.NOW)
    assert "ending 办法 2026-05-20 到期，已提醒过。" in client.get(address).content.decode()
    ending.versions.update(valid_to=None)
    assert "没有结论为符合、待补充而将到期的政策" in client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_tells_and_the_other_finds_nothing_left(owner, project, ending):
    other = Other(lambda: tell_owners(make.NOW))
    with other.before('UPDATE "projects_criteriaversion"'):
        assert tell_owners(make.NOW) == 1
    assert other.ended() == 0
    assert len(letters(owner)) == 1
