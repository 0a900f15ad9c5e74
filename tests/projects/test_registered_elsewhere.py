"""注册公司 that another unit reported first: told, linked only for a reason or in a conflict, told once."""

from datetime import timedelta

import pytest

from crm.models import Channel, Company, Notification
from crm.pipeline import MoveRefused
from crm.workdays import shanghai_day
from leads import conflicts, pool
from leads.claims import AlreadyReported
from leads.follow_up import FollowUp, log_visit
from leads.models import Claim, Conflict, Lead, PoolEntry
from projects.models import Project
from projects.parties import Party, PartyRefused, link_registered
from tests import make

NAME, CODE = "杭州云芯智能有限公司", "91330105MA2TEXT08E"
FIRM = {"registered-name": NAME, "registered-uscc": CODE}


@pytest.fixture
def theirs(outsider):
    """The first report of the firm by the other unit, known by its code and with a contact."""
    return make.lead(outsider, NAME, uscc=CODE, contact_name="莺语", contact_phone="13800001234")


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳母公司控股有限公司")


def link(client, project, **more):
    return client.post(f"/projects/{project.pk}/registered/", {**FIRM, **more})


def told(person):
    return list(Notification.objects.filter(user=person, key__startswith="registered:"))


def test_the_person_is_told_who_reported_it_and_nothing_is_linked(as_, freeze, owner, project, theirs):
    freeze(make.NOW)
    page = link(as_(owner), project)
    text = page.content.decode()
    assert page.status_code == 400
    assert "这家企业已由智慧网谷小镇于 2026-04-20 首报，保护至 2026-07-19" in text
    assert 'name="registered-reason"' in text
    for secret in ("莺语", "13800001234", theirs.get_absolute_url()):
        assert secret not in text
    project.refresh_from_db()
    assert (project.registered_company, project.registered_note) == (None, "")
    assert told(theirs.reporter) == []


def test_with_a_reason_it_goes_on_visibly_and_the_other_unit_is_told_once(
    as_, freeze, owner, outsider, project, theirs
):
    freeze(make.NOW)
    client = as_(owner)
    assert link(client, project, **{"registered-reason": "对方已书面同意"}).status_code == 302
    assert link(client, project, **{"registered-reason": "对方已书面同意"}).status_code == 302
    project.refresh_from_db()
    assert project.registered_company == theirs.company
    shown = "智慧网谷小镇于 2026-04-20 首报，保护至 2026-07-19；理由：对方已书面同意"
    assert shown in client.get(project.get_absolute_url()).content.decode()
    (message,) = told(outsider)
    assert message.title == f"半山区块把「{NAME}」登记为项目的注册公司"
    for secret in (project.name, project.code, "书面同意"):
        assert secret not in message.title + message.body
    assert Company.objects.filter(uscc=CODE).count() == 1


@pytest.mark.parametrize(
    "verdict, is_free", [("", True), ("joint", True), ("keep", False)], ids=["open", "joint", "keep"]
)
def test_a_conflict_that_is_open_or_shared_stands_for_a_reason(
    owner, manager, project, theirs, verdict, is_free
):
    case = conflicts.open_case(NAME, by=owner, at=make.NOW, reason="我方在先", uscc=CODE)
    if verdict:
        shares = {theirs.unit: 50, owner.unit: 50} if verdict == "joint" else {theirs.unit: 100}
        conflicts.decide(case, verdict=verdict, opinion="证据", shares=shares, by=manager, at=make.NOW)
    party = Party(NAME, CODE)
    if is_free:
        link_registered(project, party, by=owner, at=make.NOW)
        assert "本单位已提出首报冲突" in Project.objects.get().registered_note
    else:
        with pytest.raises(PartyRefused, match="请写明理由"):
            link_registered(project, party, by=owner, at=make.NOW)
        assert Project.objects.get().registered_company is None


def test_a_firm_reported_by_name_alone_is_recognised_too(owner, outsider, project):
    make.lead(outsider, NAME)
    with pytest.raises(PartyRefused, match="智慧网谷小镇"):
        link_registered(project, Party(NAME, CODE), by=owner, at=make.NOW)
    assert Company.objects.filter(uscc=CODE).count() == 0


def test_what_nobody_else_reported_is_linked_without_a_word(owner, outsider, project, theirs):
    theirs.move_to("dropped", by=outsider, at=make.NOW, reason="无意向")
    link_registered(project, Party(NAME, CODE), by=owner, at=make.NOW)
    assert Project.objects.get().registered_note == ""
    own = make.lead(owner, "杭州另一家科技有限公司")
    link_registered(project, Party(own.title, "91440300MA5DEMQ0X8"), by=owner, at=make.NOW)
    assert Notification.objects.filter(key__startswith="registered:").count() == 0


def test_what_a_project_registered_is_reported_by_no_other_unit(as_, freeze, owner, outsider, project):
    freeze(make.NOW)
    link_registered(project, Party(NAME, CODE), by=owner, at=make.NOW)
    known = Lead.objects.count()
    for fields in ({"uscc": CODE}, {}, {"is_distinct": True}):
        with pytest.raises(AlreadyReported, match="已由半山区块于 2026-04-20 首报"):
            make.lead(outsider, NAME, **fields)
    assert Lead.objects.count() == known
    form = {"company_name": NAME, "next_contact_on": "2026-05-01"}
    page = as_(outsider).post("/leads/new/", form)
    assert page.status_code == 409
    assert project.get_absolute_url() not in page.content.decode()
    conflicts.open_case(NAME, by=outsider, at=make.NOW, reason="我方在先")
    assert Conflict.objects.get().claim == project.lead.claim
    make.lead(owner, NAME)  # the own unit is not hindered by its own project


@pytest.mark.parametrize("way", ["revived", "followed up", "taken from the pool"])
def test_nor_comes_an_older_report_back_by_another_way(owner, outsider, bureau, project, way):
    old = make.lead(outsider, NAME, uscc=CODE, channel=Channel.objects.get(code="walk_in"))
    if way == "revived":
        old.move_to("dropped", by=outsider, at=make.NOW, reason="无意向")
    elif way == "taken from the pool":
        pool.give(old, by=outsider, at=make.NOW, reason="没有精力")
    else:
        Claim.objects.filter(lead=old).end(Claim.Ended.SILENCE, make.NOW)
    link_registered(project, Party(NAME, CODE), by=owner, at=make.NOW)
    later = make.NOW + timedelta(days=1)
    if way == "revived":
        with pytest.raises(MoveRefused) as refusal:
            old.move_to("lead", by=outsider, at=later, reason="再看")
        assert [one.code for one in refusal.value.missing] == ["claimed_by_other"]
    elif way == "taken from the pool":
        taker = make.user("taker", "officer", outsider.unit)
        with pytest.raises(AlreadyReported, match="已由半山区块"):
            pool.take(PoolEntry.objects.get(), by=taker, at=later)
    else:
        told = FollowUp("call", "谈了选址。", "发材料", shanghai_day(later) + timedelta(days=7), later)
        log_visit(old, told, by=outsider, at=later)
    assert not Claim.objects.get(lead=old).is_open
