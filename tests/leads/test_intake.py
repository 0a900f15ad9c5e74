"""The one entrance: what capture writes, what it refuses, and what two people at once get."""

import threading
from datetime import timedelta

import pytest

from django.db import connection

from crm.errors import NotAllowed
from crm.models import Company, Contact
from crm.pipeline import MoveRefused
from leads.claims import AlreadyReported
from leads.intake import Capture, CaptureRefused, capture
from leads.models import Claim, Lead, LeadStageChange, Visit
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
    barrier = threading.Barrier(2)
    outcomes = []

    def report(by):
        barrier.wait()
        try:
            outcomes.append(capture(Capture(NAME), by=by, at=now))
        except AlreadyReported as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=report, args=[by]) for by in (owner, outsider)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyReported", "Lead"]
    assert Lead.objects.count() == Claim.objects.count() == Company.objects.count() == 1
