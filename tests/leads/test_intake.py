"""The one entrance: what capture writes, what it refuses, and what two people at once get."""

import threading
import time
from datetime import timedelta

import pytest

from django.db import connection

from crm.errors import NotAllowed
from crm.models import Company, Contact
from crm.pipeline import MoveRefused
from leads import intake
from leads.claims import AlreadyReported
from leads.intake import Capture, CaptureRefused, capture
from leads.models import Claim, Lead, LeadStageChange, RoadshowTarget, Visit
from leads.models.claims import HeldByOther
from tests import make

NAME = "深圳星河低空智能装备有限公司"
USCC = "91440300MA5DEMQ0X8"


def test_a_company_met_at_the_door_becomes_a_lead_with_its_trip_as_source(owner, station, now):
    trip = make.roadshow(station)
    data = Capture(NAME, contact_name="王总", roadshow=trip, next_contact_on=now.date() + timedelta(days=7))
    lead = capture(data, by=owner, at=now)
    assert (lead.stage, lead.roadshow, lead.owner, lead.unit) == ("lead", trip, owner, owner.unit)
    assert lead.station == station.unit
    assert lead.channel.code == "knock"
    assert lead.city.name == "深圳"
    assert lead.contact.name == "王总"
    assert Visit.objects.get(lead=lead).roadshow == trip
    assert LeadStageChange.objects.get(lead=lead).seq == 1
    assert lead.claim.unit == owner.unit


def test_a_second_unit_is_told_who_reported_first_and_nothing_is_written(owner, outsider, now):
    capture(Capture(NAME, contact_name="王总", contact_phone="13287530409"), by=owner, at=now)
    with pytest.raises(AlreadyReported) as refusal:
        capture(Capture(NAME, contact_name="李总"), by=outsider, at=now + timedelta(days=1))
    assert "半山区块" in refusal.value.detail
    assert "2026-04-20" in refusal.value.detail
    assert "2026-07-19" in refusal.value.detail
    assert "13287530409" not in refusal.value.detail
    assert (Lead.objects.count(), Contact.objects.count()) == (1, 1)


def test_equal_codes_are_one_company_whatever_the_names(owner, outsider, now):
    capture(Capture(NAME, uscc=USCC), by=owner, at=now)
    with pytest.raises(AlreadyReported):
        capture(Capture("深圳云帆航空科技有限公司", uscc=USCC), by=outsider, at=now)


def test_different_codes_are_two_companies_even_under_one_name(owner, outsider, now):
    capture(Capture(NAME, uscc=USCC), by=owner, at=now)
    capture(Capture(NAME, uscc="91330105MADEMQ012G"), by=outsider, at=now)
    assert Company.objects.count() == 2


def test_a_company_reported_under_a_new_name_keeps_the_old_one_as_former_name(owner, now):
    make.lead(owner, NAME, uscc=USCC).move_to("dropped", by=owner, at=now, reason="联系不上")
    company = make.lead(owner, "深圳云帆航空科技有限公司", uscc=USCC).company
    company.refresh_from_db()
    assert (company.name, company.former_names) == ("深圳云帆航空科技有限公司", [NAME])
    assert Company.objects.same_as("深圳云帆航空科技").get() == company


def test_a_company_reported_under_its_former_name_keeps_its_name(owner, now):
    for name in (NAME, "深圳云帆航空科技有限公司", NAME):
        lead = make.lead(owner, name, uscc=USCC)
        lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    company = Company.objects.get()
    assert (company.name, company.former_names) == ("深圳云帆航空科技有限公司", [NAME])


RENAMED = "深圳云帆航空科技有限公司"


def renamed(by, **more):
    """The company once called NAME, reported under its name of today."""
    lead = make.lead(by, RENAMED, **more)
    lead.company.former_names = [NAME]
    lead.company.save()
    return lead


def test_a_report_by_the_former_name_alone_meets_the_claim_and_makes_no_second_company(owner, outsider, now):
    renamed(owner)
    with pytest.raises(AlreadyReported, match="半山区块.*曾用名.*信用代码"):
        capture(Capture("深圳星河低空智能装备"), by=outsider, at=now)
    assert (Company.objects.count(), Lead.objects.count()) == (1, 1)


def test_a_namesake_of_the_former_name_with_a_code_of_its_own_is_another_company(owner, outsider, now):
    renamed(owner, uscc=USCC)
    lead = capture(Capture(NAME, uscc="91330105MADEMQ012G"), by=outsider, at=now)
    assert (Company.objects.count(), lead.company.former_names) == (2, [])


def test_a_report_by_the_former_name_of_a_free_company_keeps_its_name(owner, now):
    renamed(owner).move_to("dropped", by=owner, at=now, reason="联系不上")
    lead = capture(Capture(NAME), by=owner, at=now)
    assert (lead.company.name, lead.company.former_names) == (RENAMED, [NAME])
    assert Company.objects.count() == 1


def test_a_lead_is_found_by_the_name_its_company_has_taken_since(
    owner, now, django_capture_on_commit_callbacks
):
    lead = make.lead(owner, NAME, uscc=USCC)
    lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    with django_capture_on_commit_callbacks(execute=True):
        make.lead(owner, RENAMED, uscc=USCC)
    assert lead in Lead.objects.search("云帆航空")


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("contact_name", ("王总", "", "", "")),
        ("contact_title", ("（未留姓名）", "王总", "", "")),
        ("contact_phone", ("（未留姓名）", "", "13287530409", "")),
        ("contact_email", ("（未留姓名）", "", "", "w@xinghe.cn")),
    ],
)
def test_whatever_is_known_of_a_contact_is_kept_and_found_again(owner, now, field, kept):
    value = next(part for part in kept if part and part != "（未留姓名）")
    lead = capture(Capture(NAME, **{field: value}), by=owner, at=now)
    lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    again = capture(Capture(NAME, **{field: value}), by=owner, at=now)
    contact = Contact.objects.get()
    assert (contact.name, contact.title, contact.phone, contact.email) == kept
    assert lead.contact == again.contact == contact


def test_two_unnamed_people_are_two(owner, now):
    lead = capture(Capture(NAME, contact_email="a@xinghe.cn"), by=owner, at=now)
    lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    capture(Capture(NAME, contact_email="b@xinghe.cn"), by=owner, at=now)
    assert Contact.objects.count() == 2


def test_what_was_said_is_kept_as_a_visit_without_a_trip_too(owner, now):
    lead = capture(Capture(NAME, content="看了样品，有意来杭考察"), by=owner, at=now)
    visit = Visit.objects.get(lead=lead)
    assert (visit.content, visit.at, visit.by) == ("看了样品，有意来杭考察", now, owner)
    assert lead.first_response_at == lead.last_contact_at == now


def test_a_trip_still_to_come_has_met_nobody(owner, station, now):
    begins = now.date() + timedelta(days=7)
    trip = make.roadshow(station, starts_on=begins, ends_on=begins)
    target = RoadshowTarget.objects.create(roadshow=trip, company_name=NAME)
    lead = capture(Capture(NAME, roadshow=trip), by=owner, at=now)
    target.refresh_from_db()
    assert (lead.roadshow, lead.first_response_at, lead.last_contact_at) == (trip, None, None)
    assert (target.lead, target.state) == (lead, "planned")
    assert not Visit.objects.exists()


def test_a_target_met_is_visited_whatever_door_the_report_came_by(owner, station, now):
    trip = make.roadshow(station)
    names = [NAME.replace("有限公司", ""), "深圳牧星文旅有限公司"]
    met, other = (RoadshowTarget.objects.create(roadshow=trip, company_name=name) for name in names)
    lead = capture(Capture(NAME, roadshow=trip), by=owner, at=now)
    met.refresh_from_db()
    other.refresh_from_db()
    assert (met.lead, met.state) == (lead, "visited")
    assert (other.lead, other.state) == (None, "planned")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"met_at": make.NOW + timedelta(minutes=1)}, "met_at"),
        ({"name": "\ufdfa" * 120}, "company_name"),  # one letter that is eighteen when written out
    ],
)
def test_a_meeting_to_come_and_a_name_too_long_are_refused(owner, now, fields, field):
    with pytest.raises(CaptureRefused) as refusal:
        capture(Capture(**{"name": NAME, **fields}), by=owner, at=now)
    assert refusal.value.field == field
    assert not Company.objects.exists()


def test_a_code_learned_later_completes_the_company(owner, now):
    lead = capture(Capture(NAME), by=owner, at=now)
    lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    again = capture(Capture(NAME + " ", uscc=USCC), by=owner, at=now)
    assert again.company == lead.company
    assert again.company.uscc == USCC


def test_a_dropped_lead_frees_the_company_and_returns_only_while_nobody_else_took_it(owner, outsider, now):
    lead = capture(Capture(NAME), by=owner, at=now)
    lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    lead.move_to("lead", by=owner, at=now, reason="企业回电")
    assert Claim.objects.get(lead=lead).released_at is None
    lead.move_to("dropped", by=owner, at=now, reason="又联系不上")
    capture(Capture(NAME), by=outsider, at=now)
    with pytest.raises(MoveRefused) as refusal:
        lead.move_to("lead", by=owner, at=now, reason="企业回电")
    assert [m.code for m in refusal.value.missing] == ["claimed_by_other"]


def test_nobody_forces_a_dropped_lead_back_while_another_holds_its_company(owner, head, outsider, now):
    lead = capture(Capture(NAME), by=owner, at=now)
    lead.move_to("dropped", by=owner, at=now, reason="联系不上")
    capture(Capture(NAME), by=outsider, at=now)
    with pytest.raises(HeldByOther, match="任何人都不能强制激活") as refusal:
        lead.move_to("lead", by=head, at=now, reason="企业回电", forced=True)
    assert [m.code for m in refusal.value.missing] == ["claimed_by_other"]
    assert Lead.objects.get(pk=lead.pk).stage == "dropped"


@pytest.mark.parametrize("name", ["", "  ", "　", "A"])
def test_a_lead_without_a_name_is_refused_at_the_field(owner, now, name):
    with pytest.raises(CaptureRefused) as refusal:
        capture(Capture(name), by=owner, at=now)
    assert refusal.value.field == "company_name"
    assert not Lead.objects.exists()


def test_a_next_contact_in_the_past_is_refused(owner, now):
    with pytest.raises(CaptureRefused) as refusal:
        capture(Capture(NAME, next_contact_on=now.date() - timedelta(days=1)), by=owner, at=now)
    assert refusal.value.field == "next_contact_on"


@pytest.mark.parametrize("who", ["leader", "reviewer", "fund_user", "auditor", "admin_user"])
def test_those_who_only_read_cannot_record(request, who, now):
    with pytest.raises(NotAllowed):
        capture(Capture(NAME), by=request.getfixturevalue(who), at=now)


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_reports_give_one_lead_and_one_notice(owner, outsider, now):
    _report_at_once((owner, Capture(NAME)), (outsider, Capture(NAME)), now)
    assert Lead.objects.count() == Claim.objects.count() == Company.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_reports_by_code_and_by_name_give_one_lead_too(owner, outsider, now, monkeypatch):
    renamed = "深圳云帆航空科技有限公司"
    Company.objects.create(name=NAME, former_names=[renamed], uscc=USCC, created_at=now, updated_at=now)
    free_company = intake.free_company

    def slowly(*asked):
        found = free_company(*asked)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(intake, "free_company", slowly)
    _report_at_once((owner, Capture(NAME)), (outsider, Capture(renamed, uscc=USCC)), now)
    assert Claim.objects.count() == Company.objects.count() == 1


def _report_at_once(one, other, now):
    """Two people report at the same moment; one lead and one notice come of it."""
    barrier = threading.Barrier(2)
    outcomes = []

    def report(by, data):
        barrier.wait()
        try:
            outcomes.append(capture(data, by=by, at=now))
        except AlreadyReported as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=report, args=args) for args in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyReported", "Lead"]
