"""业绩沿用: what was divided of a company stays divided when its lead is dropped and recorded anew."""

from datetime import timedelta

import pytest

from crm.models import LossReason, Notification
from leads import conflicts, credit, handover, losing
from leads.intake import Capture
from leads.intake_many import capture_many
from leads.losing import Loss
from leads.models import Claim, CreditSplit, Lead
from projects import losing as project_losing
from projects.crediting import shares_on
from tests import make
from tests.leads.test_city_spellings import report

NAME, AGAIN = "杭州相芯科技有限公司", "相芯科技（杭州）有限公司"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday(freeze):
    freeze(make.NOW)


@pytest.fixture
def joint(owner, outsider, manager, now):
    """A lead of which the bureau gave 60 to the unit that has it and 40 to the one that contested it."""
    lead = make.lead(owner, NAME, at=now - 9 * DAY)
    return ruled(lead, "joint", {owner.unit: 60, outsider.unit: 40}, outsider, manager, now)


def ruled(lead, verdict, shares, against, manager, now):
    case = conflicts.open_case(lead.title, by=against, at=now - 8 * DAY, reason="我方在先")
    conflicts.decide(case, verdict=verdict, opinion="证据", shares=shares, by=manager, at=now - 7 * DAY)
    return Lead.objects.get(pk=lead.pk)


def drop(lead, by, at):
    loss = Loss(LossReason.objects.get(code="no_interest"), "企业暂不外扩")
    losing.step(lead, "dropped", loss=loss, by=by, at=at)


def newest():
    return Lead.objects.order_by("-pk").first()


@pytest.mark.parametrize("who", ["owner", "outsider"])
def test_either_unit_that_records_it_anew_keeps_what_the_bureau_divided(
    as_, request, owner, outsider, head, manager, joint, who, now
):
    shares = {owner.unit: 60, outsider.unit: 40}
    drop(joint, owner, now - 3 * DAY)
    person = request.getfixturevalue(who)
    assert report(as_(person), AGAIN).status_code == 302
    lead = newest()
    assert (lead.unit, credit.shares_of(lead)) == (person.unit, shares)
    text = "业绩已有划分，重新登记照旧：半山区块 60 %、智慧网谷小镇 40 %"
    assert text in as_(person).get(lead.get_absolute_url()).content.decode()
    text = f"{person.unit}重新登记这家企业，业绩照这里的划分：半山区块 60 %"
    assert text in as_(owner).get(joint.get_absolute_url()).content.decode()
    told = Notification.objects.get(key=f"credit:{lead.pk}")
    assert told.user == (head if person == outsider else manager)  # of a unit without a head the bureau


def test_the_ranking_counts_the_project_it_becomes_for_both(owner, outsider, joint, now):
    drop(joint, owner, now - 3 * DAY)
    project = make.project(outsider, name=NAME)
    shares = shares_on([project.lead_id], make.NOW.date())[project.lead_id]
    assert shares == [(owner.unit_id, 60), (outsider.unit_id, 40)]


def test_a_sheet_and_a_second_dropping_keep_it_too(owner, outsider, station, joint, now):
    drop(joint, owner, now - 3 * DAY)
    lines = [Capture(NAME), Capture("杭州望川智能有限公司")]
    lead, other = capture_many(lines, by=outsider, at=now - 2 * DAY)
    assert credit.shares_of(lead) == {owner.unit: 60, outsider.unit: 40}
    assert credit.shares_of(other) == {outsider.unit: 100}
    drop(Lead.objects.get(pk=lead.pk), outsider, now - DAY)
    assert credit.shares_of(make.lead(owner, NAME)) == {owner.unit: 60, outsider.unit: 40}


def test_a_lost_project_keeps_it_too(owner, outsider, manager, now):
    project = make.project(owner, name=NAME, at=now - 9 * DAY)
    shares = {owner.unit: 50, outsider.unit: 50}
    ruled(project.lead, "joint", shares, outsider, manager, now)
    loss = Loss(LossReason.objects.get(code="no_interest"), "企业暂不外扩")
    project.refresh_from_db()
    project_losing.lose(project, loss, by=owner, at=now - DAY)
    assert credit.shares_of(make.lead(outsider, NAME)) == shares


def test_who_has_no_part_in_it_or_brings_another_investor_begins_anew(owner, outsider, joint, now):
    Lead.objects.filter(pk=joint.pk).update(investor_name="甲资本")
    drop(joint, owner, now - 3 * DAY)
    third = make.user("third", "officer", make.unit("wulin", "武林街道"))
    lead = make.lead(third, NAME, at=now - 2 * DAY)
    assert credit.shares_of(lead) == {third.unit: 100}
    assert CreditSplit.objects.count() == 1
    drop(lead, third, now - DAY)
    assert credit.shares_of(make.lead(outsider, NAME, investor_name="乙资本")) == {outsider.unit: 100}


def test_who_gave_up_what_was_handed_over_to_him_does_not_get_rid_of_the_givers_part(
    owner, head, outsider, now
):
    lead = make.lead(owner, NAME, at=now - 9 * DAY)
    to = {"to_unit": outsider.unit, "to_owner": outsider, "share": 40}
    offered = handover.hand_over(lead, **to, by=head, at=now - 8 * DAY, reason="载体")
    handover.accept(offered, by=outsider, at=now - 7 * DAY)
    drop(Lead.objects.get(pk=lead.pk), outsider, now - 3 * DAY)
    again = make.lead(outsider, NAME, at=now - 2 * DAY)
    assert credit.shares_of(again) == {owner.unit: 40, outsider.unit: 60}
    drop(again, outsider, now - DAY)
    assert credit.shares_of(make.lead(owner, NAME)) == {owner.unit: 100}  # not ruled: theirs was given up


def test_what_lapsed_is_free_for_others_but_no_way_out_for_its_own_unit(owner, outsider, joint, now):
    Claim.objects.filter(lead=joint).end(Claim.Ended.SILENCE, now - 3 * DAY)
    lead = make.lead(outsider, NAME, at=now - 2 * DAY)
    assert credit.shares_of(lead) == {outsider.unit: 100}
    Claim.objects.filter(lead=lead).end(Claim.Ended.SILENCE, now - DAY)
    assert credit.shares_of(make.lead(owner, NAME)) == {owner.unit: 60, outsider.unit: 40}


def test_an_expansion_of_what_has_landed_is_a_project_of_its_own(owner, outsider, joint, now):
    Claim.objects.filter(lead=joint).end(Claim.Ended.SETTLED, now - 3 * DAY)
    assert credit.shares_of(make.lead(owner, NAME)) == {owner.unit: 100}
