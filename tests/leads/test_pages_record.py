"""One lead's page: what is missing, the forms on it, masked contacts, the timeline."""

import re
from datetime import date, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEvent, FusionSector, FutureTrack, Notification
from crm.workdays import SHANGHAI
from leads.models import Handover, Lead, Screening, Visit
from tests import make
from tests.lacking import assert_leads_to_its_field, listed
from tests.test_kept_choices import sent_back

PHONE = "13800000001"


@pytest.fixture
def lead(owner):
    return make.lead(owner, "深圳恒远智能装备有限公司", contact_name="王海", contact_phone=PHONE)


def soon(days=7):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_the_page_lists_exactly_what_the_next_stage_lacks(as_, owner, lead):
    lead.move_to("screening", by=owner, at=make.NOW)
    page = as_(owner).get(lead.get_absolute_url())
    assert [item.code for item, _ in page.context["missing"]] == [
        item.code for item in lead.missing_for("accepted")
    ]
    assert "没有研判结论，应为「跟进」。" in page.content.decode()
    assert "进入「跟进」还缺 10 项" in page.content.decode()


def test_filling_in_exactly_what_was_listed_at_first_lets_the_lead_pass(as_, owner):
    lead, client = make.lead(owner), as_(owner)
    lead.move_to("screening", by=owner, at=make.NOW)
    answers = {
        **dict.fromkeys(Screening.ASPECTS, "符合导向，已核实。"),
        "verdict": "accepted",
        "sector": "smart_manufacturing",
        "chain_position": "application",
        "tracks": [FutureTrack.objects.get(code="ai").pk],
    }
    listed_first = {name: answers[name] for name in listed(client.get(lead.get_absolute_url()))}
    lead.refresh_from_db()
    client.post(f"/leads/{lead.pk}/screening/", {**listed_first, "version": lead.version})
    assert listed(client.get(lead.get_absolute_url())) == {}
    assert client.post(f"/leads/{lead.pk}/accept/", {}).status_code == 302
    assert Lead.objects.get().stage == "accepted"


def test_beside_each_missing_thing_stands_where_it_is_filled_in(as_, owner, head):
    lead = make.lead(owner, met_at=None)
    Lead.objects.filter(pk=lead.pk).update(owner=None)
    client = as_(head)
    steps = [
        ("screening", {"owner", "first_response"}),
        ("accepted", {"industry", "verdict", "sector", "tracks"}),
    ]
    for to, some in steps:
        shown = listed(client.get(lead.get_absolute_url()))
        assert some <= shown.keys()
        for headers in ({}, {"HX-Request": "true"}):
            door = f"/leads/{lead.pk}/accept/" if to == "accepted" else f"/leads/{lead.pk}/move/"
            assert listed(client.post(door, {"stage": to}, headers=headers)).items() >= shown.items()
        for url in shown.values():
            assert_leads_to_its_field(client, url)
        Lead.objects.get(pk=lead.pk).move_to(to, by=head, at=make.NOW, reason="先看", forced=True)


def test_the_gaps_of_an_opinion_lead_to_their_fields_and_an_officer_to_no_owner(as_, owner, lead):
    lead.move_to("screening", by=owner, at=make.NOW)
    as_(owner).post(f"/leads/{lead.pk}/screening/", {"industry": "符合", "version": 2})
    found = listed(as_(owner).get(lead.get_absolute_url()))
    assert {"market", "technology", "environment", "energy", "benefit", "verdict"} <= found.keys()
    for url in found.values():
        assert_leads_to_its_field(as_(owner), url)
    bare = make.lead(owner)
    Lead.objects.filter(pk=bare.pk).update(owner=None)
    assert listed(as_(owner).get(bare.get_absolute_url()))["owner"] == ""


def test_a_stranger_finds_nothing_at_any_address(as_, lead, outsider):
    client = as_(outsider)
    assert client.get(lead.get_absolute_url()).status_code == 404
    assert client.get(f"{lead.get_absolute_url()}edit/").status_code == 404
    for deed in ("move", "visit", "screening", "handover", "reveal", "edit"):
        assert client.post(f"/leads/{lead.pk}/{deed}/", {"stage": "screening"}).status_code == 404
    assert not AuditEvent.objects.filter(action="reveal_contact").exists()


def test_who_arrives_by_get_at_a_deed_finds_the_form(as_, lead, owner):
    answer = as_(owner).get(f"/leads/{lead.pk}/visit/")
    assert answer.headers["Location"] == f"/leads/{lead.pk}/#visit"


@pytest.mark.parametrize("person", ["owner", "leader", "auditor"])
def test_contacts_are_masked_on_the_page(as_, request, person, lead):
    text = as_(request.getfixturevalue(person)).get(lead.get_absolute_url()).content.decode()
    assert "138****0001" in text
    assert PHONE not in text
    assert "王海" not in text
    assert ("查看号码" in text) == (person == "owner")


def test_revealing_shows_the_number_once_and_writes_it_down(as_, owner, lead):
    answer = as_(owner).post(
        f"/leads/{lead.pk}/reveal/", {"contact": lead.contact_id}, headers={"HX-Request": "true"}
    )
    assert (
        f'href="tel:{PHONE}" autofocus>' in answer.content.decode()
    )  # where the button was that had the focus
    assert "<html" not in answer.content.decode()
    event = AuditEvent.objects.get(action="reveal_contact")
    assert (event.actor, event.subject_id, event.detail["lead"]) == (owner, lead.contact_id, lead.pk)
    assert PHONE not in str(event.detail)
    assert PHONE not in as_(owner).get(lead.get_absolute_url()).content.decode()


def test_revealing_works_without_javascript_and_goes_to_the_number(as_, owner, lead):
    answer = as_(owner).post(f"/leads/{lead.pk}/reveal/", {"contact": lead.contact_id})
    assert f'href="tel:{PHONE}" autofocus>' in answer.content.decode()
    assert "autofocus" not in as_(owner).get(lead.get_absolute_url()).content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_may_not_reveal_is_refused_and_a_foreign_contact_is_unknown(as_, owner, outsider, leader, lead):
    other = make.lead(outsider, contact_name="李明", contact_phone="13800000002")
    assert as_(leader).post(f"/leads/{lead.pk}/reveal/", {"contact": lead.contact_id}).status_code == 403
    answer = as_(owner).post(f"/leads/{lead.pk}/reveal/", {"contact": other.contact_id})
    assert answer.status_code == 404
    assert "13800000002" not in answer.content.decode()
    assert not AuditEvent.objects.filter(action="reveal_contact").exists()


def visit(**fields):
    given = {
        "kind": "call",
        "content": "谈了试制车间",
        "next_step": "寄载体清单",
        "next_on": soon(),
        **fields,
    }
    return {f"visit-{name}": value for name, value in given.items()}


def test_a_visit_is_logged_with_its_next_contact(as_, owner, lead):
    answer = as_(owner).post(f"/leads/{lead.pk}/visit/", visit(), follow=True)
    lead.refresh_from_db()
    assert (lead.next_step, lead.next_contact_on) == ("寄载体清单", date.fromisoformat(soon()))
    assert "谈了试制车间" in answer.content.decode()
    assert Visit.objects.filter(lead=lead, kind="call", by=owner).count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"next_on": ""}, "请填写下次联系日期"),
        ({"next_on": "2020-01-01"}, "不能早于今天"),
        ({"content": " "}, "请填写洽谈情况"),
        ({"next_step": ""}, "请填写下一步"),
        ({"at": "2099-01-01T10:00"}, "不能晚于现在"),
        ({"kind": "telepathy"}, "没有这个选项"),
    ],
)
def test_a_visit_without_a_next_contact_is_refused_and_keeps_what_was_typed(as_, owner, lead, fields, words):
    answer = as_(owner).post(f"/leads/{lead.pk}/visit/", visit(place="深圳湾科技园", **fields))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "深圳湾科技园" in answer.content.decode()
    assert not Visit.objects.filter(kind="call").exists()


def test_a_refused_form_says_at_the_head_of_the_page_what_to_mend_and_leads_there(as_, owner, lead):
    page = as_(owner).post(f"/leads/{lead.pk}/visit/", visit(next_on="", next_step="")).content.decode()
    head = page[page.index("data-to-mend") : page.index("</ul>", page.index("data-to-mend"))]
    assert "还没有写入，请先改下面 2 处" in page
    for name, words in (("next_step", "请填写下一步。"), ("next_on", "请填写下次联系日期。")):
        assert f'href="#id_visit-{name}">{words}</a>' in head
        assert f'id="id_visit-{name}"' in page
    assert page.index("data-to-mend") < page.index('id="visit"')
    assert "data-to-mend" not in as_(owner).get(lead.get_absolute_url()).content.decode()


def test_what_the_domain_refuses_is_told_at_the_head_too(as_, owner, outsider, lead):
    page = as_(owner).post(f"/leads/{lead.pk}/visit/", visit(content="谈了，@郑言 看看。")).content.decode()
    asked = page[page.index("data-to-mend") :]
    assert 'href="#id_visit-content">' in asked[: asked.index("</ul>")]
    wrong = opinion(lead, verdict="maybe")
    lead.move_to("screening", by=owner, at=make.NOW)
    page = as_(owner).post(f"/leads/{lead.pk}/screening/", wrong).content.decode()
    assert 'href="#id_verdict_0">' in page[page.index("data-to-mend") :]


def opinion(lead, **fields):
    aspects = dict.fromkeys(Screening.ASPECTS, "已核实")
    return {
        **aspects, "verdict": "accepted", "sector": "smart_manufacturing", "chain_position": "application",
        "tracks": [FutureTrack.objects.get(code="ai").pk], "version": lead.version, **fields,
    }  # fmt: skip


def test_an_opinion_and_its_classification_open_the_gate(as_, owner, lead):
    lead.move_to("screening", by=owner, at=make.NOW)
    answer = as_(owner).post(f"/leads/{lead.pk}/screening/", opinion(lead), follow=True)
    assert answer.context["missing"] == []
    lead.refresh_from_db()
    assert (lead.sector.code, lead.chain_position) == ("smart_manufacturing", "application")
    assert lead.screening.verdict == "accepted"


@pytest.mark.parametrize(("chosen", "label"), [("foundation", "基础层/跨领域"), ("none", "未分类")])
def test_a_lead_outside_the_sectors_says_so(as_, owner, lead, chosen, label):
    answer = as_(owner).post(f"/leads/{lead.pk}/screening/", opinion(lead, sector=chosen), follow=True)
    lead.refresh_from_db()
    assert (lead.sector_kind, lead.sector) == (chosen, None)
    assert f"<dd>{label}</dd>" in answer.content.decode()


def test_a_half_written_opinion_is_kept_and_the_gaps_are_listed(as_, owner, lead):
    lead.move_to("screening", by=owner, at=make.NOW)
    answer = as_(owner).post(
        f"/leads/{lead.pk}/screening/", opinion(lead, energy="", verdict=""), follow=True
    )
    assert "研判意见缺「能耗」。" in answer.content.decode()


def test_a_stale_opinion_keeps_what_stands_there_until_one_chooses(as_, owner, teammate, lead):
    """Both wrote 产业方向; 市场前景 is only mine, 技术路线 and the sector are only theirs."""
    place = f"/leads/{lead.pk}/screening/"
    mine = sent_back(as_(owner).get(lead.get_absolute_url()).context["screening_form"])
    mine |= {"industry": "我写的产业方向", "market": "我写的市场前景"}
    theirs = opinion(lead, industry="周舟写的产业方向", market="", technology="周舟写的技术路线")
    assert as_(teammate).post(place, theirs).status_code == 302
    answer = as_(owner).post(place, mine)
    text = answer.content.decode()
    assert (answer.status_code, [row["name"] for row in answer.context["clashes"]]) == (412, ["industry"])
    assert 'name="choose-industry" value="theirs" required checked' in text
    assert "周舟写的产业方向" in text
    assert Screening.objects.get(lead=lead).industry == "周舟写的产业方向"
    again = {**sent_back(answer.context["screening_form"]), "clash": "industry"}
    assert again["industry"] == "我写的产业方向"
    assert as_(owner).post(place, again).status_code == 412
    assert Screening.objects.get(lead=lead).market == ""
    assert as_(owner).post(place, {**again, "choose-industry": "theirs"}).status_code == 302
    written = Screening.objects.select_related("lead__sector").get(lead=lead)
    assert (written.industry, written.market) == ("周舟写的产业方向", "我写的市场前景")
    assert (written.technology, written.lead.sector.code) == ("周舟写的技术路线", "smart_manufacturing")
    assert (written.verdict, written.by, list(written.lead.tracks.values_list("code", flat=True))) == (
        "accepted", owner, ["ai"],
    )  # fmt: skip
    mine = {**again, "choose-industry": "mine", "version": written.lead.version}
    assert as_(owner).post(place, mine).status_code == 302
    assert Screening.objects.get(lead=lead).industry == "我写的产业方向"


def test_an_opinion_written_while_somebody_logged_a_visit_is_simply_saved(as_, owner, teammate, lead):
    sent = sent_back(as_(owner).get(lead.get_absolute_url()).context["screening_form"])
    as_(teammate).post(f"/leads/{lead.pk}/visit/", visit())
    answer = as_(owner).post(f"/leads/{lead.pk}/screening/", {**sent, "energy": "低能耗"})
    assert answer.status_code == 302
    assert Screening.objects.get(lead=lead).energy == "低能耗"


def handover(lead, unit, **fields):
    given = {"to_unit": unit.pk, "reason": "载体在智慧网谷", "share": 40, "version": lead.version, **fields}
    return {f"handover-{name}": value for name, value in given.items()}


def test_a_station_hands_a_lead_over_and_still_reads_it(as_, station, outsider, wanggu):
    lead = make.lead(station, roadshow=make.roadshow(station))
    as_(station).post(f"/leads/{lead.pk}/handover/", handover(lead, wanggu, to_owner=outsider.pk))
    as_(outsider).post(f"/handovers/{lead.handovers.get().pk}/accept/")
    answer = as_(station).get(lead.get_absolute_url())
    lead.refresh_from_db()
    assert (lead.unit, lead.owner) == (wanggu, outsider)
    assert "驻深工作站 → 智慧网谷小镇" in answer.content.decode()
    assert as_(outsider).get(lead.get_absolute_url()).status_code == 200
    assert Notification.objects.filter(user=outsider, kind="handover").count() == 1
    assert AuditEvent.objects.filter(action="hand_over", subject_id=lead.pk).count() == 1


def test_a_hand_over_without_reason_or_by_an_officer_leaves_no_trace(as_, head, owner, lead, wanggu):
    answer = as_(head).post(f"/leads/{lead.pk}/handover/", handover(lead, wanggu, reason=""))
    assert answer.status_code == 400
    assert "请填写移交理由" in answer.content.decode()
    assert as_(owner).post(f"/leads/{lead.pk}/handover/", handover(lead, wanggu)).status_code == 403
    assert not Handover.objects.exists()
    assert not AuditEvent.objects.filter(action="hand_over").exists()


def test_until_the_other_unit_answers_the_lead_stays_and_says_so(as_, head, lead, wanggu):
    answer = as_(head).post(f"/leads/{lead.pk}/handover/", handover(lead, wanggu), follow=True)
    lead.refresh_from_db()
    assert lead.unit == head.unit
    assert "待接收" in answer.content.decode()


def test_the_timeline_tells_everything_newest_first(as_, head, owner, lead):
    lead.move_to("screening", by=owner, at=make.NOW + timedelta(days=2))
    as_(head).post(f"/leads/{lead.pk}/visit/", visit())
    page = as_(head).get(lead.get_absolute_url())
    entries = [e for e in page.context["shown"].entries if e.kind != "fields"]
    assert [e.kind for e in entries] == ["visit", "move", "move", "visit"]
    assert [e.at for e in entries] == sorted((e.at for e in entries), reverse=True)
    bar = {stop.code: stop for stop in page.context["bar"]}
    assert (bar["lead"].state, bar["lead"].days) == ("done", 2)
    assert (bar["screening"].state, bar["accepted"].state) == ("now", "todo")


def test_an_accepted_lead_leads_to_its_project(as_, owner):
    project = make.project(owner)
    text = as_(owner).get(project.lead.get_absolute_url()).content.decode()
    assert project.get_absolute_url() in text
    assert project.code in text


def test_an_older_meeting_told_of_later_turns_no_date_back(as_, owner, now):
    lead = make.lead(owner, at=now - timedelta(days=3))
    client = as_(owner)
    older = (now - timedelta(days=9)).astimezone(SHANGHAI)
    client.post(f"/leads/{lead.pk}/visit/", visit())
    client.post(f"/leads/{lead.pk}/visit/", visit(at=f"{older:%Y-%m-%dT%H:%M}", next_step="补寄清单"))
    last = Visit.objects.filter(next_step="寄载体清单").get().at
    lead.refresh_from_db()
    assert (lead.last_contact_at, lead.first_response_at) == (last, older)
    assert lead.next_step == "补寄清单"


def test_a_visit_logged_at_the_lead_of_a_project_is_the_projects(as_, owner):
    project = make.project(owner)
    lead = Lead.objects.get(pk=project.lead_id)
    answer = as_(owner).post(f"/leads/{lead.pk}/visit/", visit(), follow=True)
    assert f"下次联系 {soon()}" in answer.content.decode()
    before = lead.next_contact_on
    project.refresh_from_db()
    lead.refresh_from_db()
    assert (str(project.next_contact_on), project.next_step) == (soon(), "寄载体清单")
    assert lead.next_contact_on == before


def test_the_page_costs_the_same_with_many_visits(as_, owner, lead):
    client = as_(owner)
    few = queries(client, lead)
    for n in range(20):
        Visit.objects.create(
            lead=lead, unit=lead.unit, by=owner, at=make.NOW + timedelta(hours=n), created_at=make.NOW
        )
    assert queries(client, lead) == few <= 12


def queries(client, lead):
    client.get(lead.get_absolute_url())
    with CaptureQueriesContext(connection) as found:
        client.get(lead.get_absolute_url())
    return len(found)


def test_a_page_of_a_huge_or_absent_number_is_not_found(as_, owner):
    assert as_(owner).get(f"/leads/{2**70}/").status_code == 404
    assert as_(owner).get("/leads/999999/").status_code == 404


def test_words_of_a_retired_sector_stay_with_the_lead(as_, owner, lead):
    retired = FusionSector.objects.create(code="old", name="旧赛道", active_to=date(2020, 1, 1))
    Lead.objects.filter(pk=lead.pk).update(sector_kind="fusion", sector=retired)
    text = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert '<option value="old" selected>旧赛道</option>' in text


@pytest.mark.parametrize("address", ["{}", "{}edit/", "/projects/{}/", "/work/now/lead/{}/do/visit/"])
def test_what_describes_a_field_is_on_the_page(as_, owner, lead, address):
    if "work" in address:
        address = address.format(lead.pk)
    elif "projects" in address:
        address = make.project(owner).get_absolute_url()
    else:
        address = address.format(lead.get_absolute_url())
    text = (
        as_(owner).get(address, headers={"HX-Request": "true"} if "work" in address else {}).content.decode()
    )
    named = {one for found in re.findall(r'aria-describedby="([^"]+)"', text) for one in found.split()}
    assert named
    assert [one for one in named if f'id="{one}"' not in text] == []
