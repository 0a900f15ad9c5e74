"""首报 of a project: fulfilled when the firm has settled; its expansions stand under it and follow it."""

from datetime import timedelta

import pytest

from crm.models import Channel, LossReason
from leads import conflicts, handover
from leads.claims import AlreadyReported
from leads.follow_up import FollowUp, log_visit
from leads.losing import Loss, step
from leads.models import Claim, Lead
from projects.losing import lose
from projects.models import Project
from projects.opening import accept
from projects.stages import LINE
from tests import callers, make

NAME = "深圳云芯科技有限公司"
DAY = timedelta(days=1)
SIGNED = "signed"
AHEAD = LINE[1:]


@pytest.fixture
def project(owner, head):
    return make.project(owner, name=NAME)


def go(project, head, to, at=make.NOW):
    """Force the project along the line to the stage `to`."""
    for stage in AHEAD[AHEAD.index(project.stage) + 1 if project.stage in AHEAD else 0 :]:
        project.move_to(stage, by=head, at=at, forced=True, reason="材料后补")
        if stage == to:
            return project
    raise AssertionError(to)


def back(project, head, to, at):
    project.move_to(to, by=head, at=at, forced=True, reason="登记有误")


def expand(by, at=make.NOW, name=NAME, **fields):
    return make.lead(by, name, at=at, channel=Channel.objects.get(code="expansion"), **fields)


def claim_of(record):
    return Claim.objects.get(lead=getattr(record, "lead", record))


def events(record):
    return list(claim_of(record).events.order_by("pk").values_list("kind", flat=True))


def talk(lead, by, at):
    follow_up = FollowUp("call", "谈了扩产", "发材料", (at + 7 * DAY).date(), at)
    return log_visit(lead, follow_up, by=by, at=at)


@pytest.fixture(autouse=True)
def _free_signature(monkeypatch):
    """The gate to 签约 is not what is looked at here."""
    monkeypatch.setattr(Project, "_unreviewed_for", lambda self, to, day: [])


@pytest.mark.parametrize("stage", ["operating", "aftercare"])
def test_when_the_firm_has_settled_the_claim_is_fulfilled_and_whoever_may_report_an_expansion(
    as_, project, owner, head, outsider, now, stage
):
    go(project, head, stage, at=now + 300 * DAY)
    claim = claim_of(project)
    assert (claim.ended, claim.released_at) == ("settled", now + 300 * DAY)
    assert events(project) == ["settled"]
    page = as_(owner).get(project.lead.get_absolute_url()).content.decode()
    assert "首报完成" in page
    assert "增资扩产请另记一条线索" in page
    another = expand(outsider, at=now + 900 * DAY)
    assert claim_of(another).is_open
    with pytest.raises(AlreadyReported, match="已由智慧网谷小镇于"):
        expand(owner, at=now + 901 * DAY)


def test_up_to_then_nobody_else_reports_the_firm_by_whatever_channel(project, head, outsider, now):
    go(project, head, "landed")
    with pytest.raises(AlreadyReported, match="仍在保护中"):
        expand(outsider, at=now + 400 * DAY)
    assert Lead.objects.count() == 1


def test_going_back_takes_the_claim_up_again_and_the_silence_begins_anew(project, head, now):
    go(project, head, "operating", at=now + 300 * DAY)
    back(project, head, "negotiating", now + 310 * DAY)
    claim = claim_of(project)
    assert (claim.is_open, claim.clock) == (True, "silence")
    assert claim.last_effective_at == now + 310 * DAY
    assert events(project) == ["settled", "resumed"]


def test_going_back_leaves_the_claim_to_who_reported_the_firm_meanwhile(project, head, outsider, now):
    go(project, head, "operating")
    theirs = expand(outsider, at=now + 30 * DAY)
    back(project, head, "landed", now + 40 * DAY)
    project.refresh_from_db()
    assert project.stage == "landed"
    assert claim_of(project).ended == "settled"
    assert Claim.objects.open().get() == claim_of(theirs)


def test_before_that_the_unit_records_an_expansion_of_its_own_firm_under_its_claim(
    as_, project, owner, teammate, head, outsider, now
):
    go(project, head, SIGNED)
    with pytest.raises(AlreadyReported, match="增资扩产请另记一条，来源渠道选「存量增资扩产」"):
        make.lead(owner, NAME)
    another = expand(teammate)
    assert Claim.objects.open().get() == claim_of(project)
    assert (claim_of(another).is_open, claim_of(another).ended) == (False, "covered")
    assert "由本单位在先的首报保护" in as_(owner).get(another.get_absolute_url()).content.decode()
    with pytest.raises(AlreadyReported, match="已由半山区块于"):
        expand(outsider)
    assert Lead.objects.filter(company=project.company).count() == 2


def test_the_same_by_page_and_api(as_, project, owner, outsider, now, freeze):
    freeze(now)
    form = {"company_name": NAME, "next_contact_on": "2026-04-27"}
    form["channel"] = Channel.objects.get(code="expansion").pk
    typed = as_(owner).get("/leads/known/", {"company_name": NAME}).content.decode()
    assert "增资扩产请另记一条" in typed
    assert as_(outsider).post("/leads/new/", form).status_code == 409
    assert as_(owner).post("/leads/new/", form).status_code == 302
    body = {"company_name": NAME, "channel": "expansion"}
    twice = callers.person(owner).post("leads/", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_reported")
    lead = Lead.objects.latest("pk")
    seen = callers.person(owner).get(f"leads/{lead.pk}/claim/").json()
    assert (seen["is_open"], seen["ended"]) == (False, "covered")


def test_a_second_click_and_a_second_expansion_give_no_second_lead(as_, project, owner, now, freeze):
    freeze(now)
    form = {"company_name": NAME, "next_contact_on": "2026-04-27"}
    form["channel"] = Channel.objects.get(code="expansion").pk
    places = [as_(owner).post("/leads/new/", form).headers["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert Lead.objects.count() == 2
    with pytest.raises(AlreadyReported, match="请直接在那条线索上记录跟进"):
        expand(owner, content="另一期")


def test_a_lead_that_is_no_project_yet_is_not_recorded_twice_as_an_expansion(owner, now):
    make.lead(owner, NAME)
    with pytest.raises(AlreadyReported):
        expand(owner)
    assert Lead.objects.count() == 1


def test_a_partner_expands_nobodys_firm(project, owner):
    partner = callers.partner(unit=owner.unit, scopes="leads:write")
    answer = partner.post("leads/", {"company_name": NAME, "channel": "expansion", "external_id": "X-1"})
    assert answer.status_code == 409
    assert Lead.objects.count() == 1


def test_after_a_ruling_for_another_unit_the_expansion_says_who_holds_the_firm_now(
    as_, project, owner, outsider, manager, now
):
    another = expand(owner)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方三月已到企业对接")
    shares = {case.first_unit: 0, case.unit: 100}
    conflicts.decide(case, verdict="transfer", opinion="证据充分", shares=shares, by=manager, at=now + DAY)
    page = as_(owner).get(another.get_absolute_url()).content.decode()
    held = "企业现由智慧网谷小镇的首报保护，不再由本单位在先的首报保护"
    assert f"<dd>{held}</dd>" in page
    assert "裁决变更，企业改由智慧网谷小镇首报" in page
    assert "企业由本单位在先的首报保护" not in page
    seen = callers.person(owner).get(f"leads/{another.pk}/claim/").json()
    assert (seen["is_open"], seen["ended"], seen["ended_label"]) == (False, "covered", held)
    assert held in as_(owner).get(f"/leads/{another.pk}/reminders/").content.decode()
    loss = Loss(LossReason.objects.get(code="no_interest"), "不来了")
    lose(Project.objects.get(pk=project.pk), loss, by=outsider, at=now + 2 * DAY)
    page = as_(owner).get(another.get_absolute_url()).content.decode()
    assert "在先的首报已经结束，现在没有单位首报这家企业" in page
    talk(Lead.objects.get(pk=another.pk), owner, now + 3 * DAY)
    assert Claim.objects.open().get() == claim_of(another)
    assert "<dt>已结束</dt>" not in as_(owner).get(another.get_absolute_url()).content.decode()


@pytest.mark.parametrize("end", ["operating", "lost"])
def test_when_the_first_ends_the_expansion_begins_with_the_whole_protection(
    project, owner, head, outsider, now, end
):
    another = expand(owner)
    if end == "lost":
        lose(project, Loss(LossReason.objects.get(code="no_interest"), "不来了"), by=owner, at=now + DAY)
    else:
        go(project, head, end, at=now + DAY)
    claim = claim_of(another)
    assert Claim.objects.open().get() == claim
    assert (claim.unit, claim.person, claim.claimed_at) == (owner.unit, owner, now + DAY)
    assert claim.protected_until == (now + 91 * DAY).date()
    assert events(another) == ["begun"]
    with pytest.raises(AlreadyReported, match="保护至 2026-07-20"):
        make.lead(outsider, NAME, at=now + 2 * DAY)


def test_of_several_expansions_the_oldest_follows_and_the_next_one_after_it(project, owner, head, now):
    first = accept_expansion(expand(owner), owner, head)
    second = expand(owner, at=now + DAY)
    go(project, head, "operating", at=now + 2 * DAY)
    assert Claim.objects.open().get() == claim_of(first)
    assert claim_of(second).ended == "covered"
    go(first, head, "operating", at=now + 3 * DAY)
    assert Claim.objects.open().get() == claim_of(second)


def accept_expansion(lead, by, head):
    for stage in ("screening",):
        lead.move_to(stage, by=head, at=make.NOW, forced=True, reason="补记")
    return accept(lead, by=head, at=make.NOW, forced=True, reason="补记")


def test_an_expansion_that_settles_first_leaves_the_firm_to_the_first(project, owner, head, now):
    another = accept_expansion(expand(owner), owner, head)
    go(another, head, "operating")
    assert claim_of(another).ended == "settled"
    assert Claim.objects.open().get() == claim_of(project)


def test_a_dropped_expansion_does_not_follow_and_a_revived_one_does(project, owner, head, now):
    another = expand(owner)
    loss = Loss(LossReason.objects.get(code="no_interest"), "不扩了")
    step(another, "dropped", loss=loss, by=head, at=now, reason="不扩了", forced=True)
    step(another, "lead", loss=None, by=owner, at=now + DAY, reason="又要扩产")
    assert claim_of(another).ended == "covered"
    step(another, "dropped", loss=loss, by=head, at=now + DAY, reason="不扩了", forced=True)
    go(project, head, "operating", at=now + 2 * DAY)
    assert not Claim.objects.open().exists()


def test_a_talk_on_the_expansion_is_a_talk_with_the_firm(project, owner, head, now):
    another = expand(owner)
    make.days_pass(25)
    talk(another, owner, now + 25 * DAY)
    make.days_pass(55, first=26)
    assert claim_of(project).is_open
    make.days_pass(56, first=56)
    assert claim_of(project).ended == "silence"
    assert claim_of(another).ended == "covered"
    talk(another, owner, now + 57 * DAY)
    assert Claim.objects.open().get() == claim_of(another)


def test_a_lost_project_comes_back_beside_what_its_own_unit_holds(project, owner, now):
    another = expand(owner)
    loss = Loss(LossReason.objects.get(code="no_interest"), "不来了")
    lose(project, loss, by=owner, at=now)
    project.move_to("negotiating", by=owner, at=now + DAY, reason="又来了")
    assert (claim_of(project).ended, Claim.objects.open().get()) == ("covered", claim_of(another))


def test_a_settled_project_that_was_lost_comes_back_whoever_holds_the_firm(
    project, owner, head, outsider, now
):
    go(project, head, "operating")
    loss = Loss(LossReason.objects.get(code="no_interest"), "迁走了")
    lose(project, loss, by=owner, at=now + DAY)
    assert claim_of(project).ended == "settled"
    theirs = expand(outsider, at=now + 2 * DAY)
    project.move_to("operating", by=owner, at=now + 3 * DAY, reason="又回来了")
    assert Claim.objects.open().get() == claim_of(theirs)


def test_an_expansion_handed_to_another_unit_does_not_follow_by_itself(
    project, owner, head, outsider, wanggu, now
):
    another = expand(owner)
    other_head = make.user("other_head", "head", wanggu)
    offer = handover.hand_over(another, to_unit=wanggu, by=head, at=now, reason="对口")
    handover.accept(offer, by=other_head, at=now)
    go(project, head, "operating", at=now + DAY)
    assert not Claim.objects.open().exists()
    another.refresh_from_db()
    talk(another, other_head, now + 2 * DAY)
    assert Claim.objects.open().get().unit == wanggu


def test_a_decision_moves_the_firm_and_leaves_the_expansion_waiting(
    project, owner, head, outsider, manager, now
):
    another = expand(owner)
    case = conflicts.open_case(NAME, by=outsider, at=now, reason="我方在先")
    shares = {outsider.unit: 100}
    conflicts.decide(case, verdict="transfer", opinion="证据", shares=shares, by=manager, at=now)
    project.refresh_from_db()
    talk(another, owner, now + DAY)
    assert Claim.objects.open().get().unit == outsider.unit
    go(project, head=make.user("other_head", "head", outsider.unit), to="operating", at=now + 2 * DAY)
    assert not Claim.objects.open().exists()
