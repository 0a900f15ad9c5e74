"""Leads over the API: reported once, seen by their sender, changed by version, judged by the same rules."""

from datetime import date, timedelta

import pytest

from django.db import DatabaseError
from django.utils import timezone

from crm.errors import Refused
from leads.claims import AlreadyReported
from leads.intake import Capture, capture
from leads.models import Lead, Visit
from tests import callers, make

pytestmark = pytest.mark.django_db

SOON = f"{timezone.localdate() + timedelta(days=30)}"

COMPANY = {"company_name": "深圳星河感知科技有限公司"}
FULL = {
    **COMPANY,
    "uscc": "91440300MA5DEMQ0X8",
    "external_id": "SZ-0007",
    "city": "440300",
    "contact_name": "王小明",
    "contact_title": "总经理",
    "contact_phone": "132 8753 0409",
    "contact_email": "wang@example.com",
    "amount_wan": "3000.5000",
    "area_sqm": 800,
    "sector": "smart_manufacturing",
    "next_contact_on": SOON,
    "note": "已有 A 轮融资。",
}


def test_a_partner_reports_a_company_and_reads_it_back(bureau):
    caller = callers.partner(unit=bureau)
    answer = caller.post("leads/", FULL)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    lead = Lead.objects.get()
    assert answer["Location"] == f"/api/v1/leads/{lead.pk}/"
    assert answer["ETag"] == '"v1"'
    assert (lead.unit, lead.partner, lead.is_pending, lead.owner) == (bureau, caller.token, True, None)
    shown = {name: body[name] for name in ("stage", "stage_label", "channel", "channel_label", "city_label")}
    assert list(shown.values()) == ["lead", "线索", "partner", "伙伴系统推送", "深圳"]
    assert (body["amount_wan"], body["area_sqm"], body["sector_kind"]) == ("3000.5", "800", "fusion")
    assert (body["contact_name"], body["contact_phone"]) == ("王**", "132****0409")
    assert body["created_at"].endswith("+08:00")
    assert (body["is_pending"], body["note"]) == (True, "已有 A 轮融资。")
    assert caller.get(answer["Location"]).json() == body


def test_what_is_unknown_may_be_left_out_or_null(bureau):
    caller = callers.partner(unit=bureau)
    unknown = dict.fromkeys(name for name in FULL if name != "company_name")
    answer = caller.post("leads/", {**unknown, **COMPANY, "channel": None, "sector_kind": None})
    assert answer.status_code == 201, answer.content
    kept = Lead.objects.get()
    assert (kept.contact, kept.amount_wan, kept.city, kept.note) == (None, None, None, "")
    place = answer["Location"]
    changed = caller.patch(place, {"note": "已见面", "city": "440300"}, If_Match='"v1"')
    assert (changed.json()["note"], changed.json()["city"]) == ("已见面", "440300")
    emptied = caller.patch(place, {"note": None, "city": None}, If_Match='"v2"').json()
    assert (emptied["note"], emptied["city"]) == ("", None)
    assert caller.patch(place, {"company_name": None}, If_Match='"v3"').status_code == 400


def test_a_contact_of_whom_only_the_number_is_known_has_no_name(bureau):
    caller = callers.partner(scopes="leads:write contacts:read")
    body = caller.post("leads/", {**COMPANY, "contact_phone": "13287530409"}).json()
    assert (body["contact_name"], body["contact_phone"]) == (None, "13287530409")
    assert body["contact_email"] is None


def test_a_partner_finds_its_lead_by_its_own_number(bureau):
    caller = callers.partner()
    caller.post("leads/", FULL)
    caller.post("leads/", {"company_name": "深圳云帆智控有限公司", "external_id": "SZ-0008"})
    found = caller.get("leads/", {"external_id": "SZ-0007"}).json()["results"]
    assert [one["company_name"] for one in found] == [FULL["company_name"]]
    assert callers.partner("伙伴乙").get("leads/", {"external_id": "SZ-0007"}).json()["results"] == []


@pytest.mark.parametrize("amount", ["999999999999999", 10**15, "10" * 18, 1e20])
def test_an_amount_beyond_reason_is_refused_for_its_size(amount):
    answer = callers.partner().post("leads/", {**COMPANY, "amount_wan": amount})
    assert answer.status_code == 400
    assert "超过 10000 亿元，请核对单位" in answer.json()["detail"]


def test_the_version_may_come_back_as_a_proxy_weakened_it(bureau):
    caller = callers.partner()
    place = caller.post("leads/", FULL)["Location"]
    for tag in ("v1", "1", "x"):
        answer = caller.patch(place, {"note": "改"}, If_Match=tag)
        assert (answer.status_code, answer.json()["code"]) == (428, "version_required")
        assert "连同引号" in answer.json()["detail"]
    assert caller.patch(place, {"note": "改"}, If_Match='W/"v1"').status_code == 200
    assert caller.patch(place, {"note": "又改"}, If_Match='W/"v1"').status_code == 412


def test_the_same_external_number_is_the_same_record(bureau):
    caller = callers.partner()
    first = caller.post("leads/", FULL)
    again = caller.post("leads/", {**COMPANY, "external_id": "SZ-0007", "note": "再推一次"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Lead.objects.count() == 1
    another = callers.partner("伙伴乙").post(
        "leads/", {"company_name": "另一个名字有限公司", "external_id": "SZ-0007"}
    )
    assert another.status_code == 201


def test_a_number_that_stands_for_another_company_is_refused_and_names_it(bureau):
    caller = callers.partner()
    first = caller.post("leads/", FULL)
    taken = caller.post("leads/", {"company_name": "另一个名字有限公司", "external_id": "SZ-0007"})
    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")
    assert COMPANY["company_name"] in taken.json()["detail"]
    renamed = {"company_name": "改了名的有限公司", "external_id": "SZ-0007", "uscc": FULL["uscc"]}
    assert caller.post("leads/", renamed).json() == first.json()
    assert Lead.objects.count() == 1


def test_a_company_already_reported_is_refused_in_the_words_of_the_page(owner, outsider):
    make.lead(
        owner, COMPANY["company_name"], at=timezone.now(), contact_name="李四", contact_phone="13287530409"
    )
    with pytest.raises(AlreadyReported) as refusal:
        capture(Capture(name=COMPANY["company_name"]), by=outsider, at=timezone.now())
    answer = callers.partner().post("leads/", COMPANY)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "already_reported")
    assert body["detail"] == refusal.value.detail
    assert "半山区块" in body["detail"]
    assert "李四" not in str(body)
    assert Lead.objects.count() == 1


def test_missing_and_senseless_fields_are_refused_in_the_words_of_intake(owner):
    caller = callers.partner()
    wrong = {
        "请填写企业名称（至少两个字）。": ({"company_name": ""}, Capture(name="")),
        "下次联系日期不能早于今天。": (
            {**COMPANY, "next_contact_on": "2020-01-01"},
            Capture(name=COMPANY["company_name"], next_contact_on=date(2020, 1, 1)),
        ),
    }
    for words, (sent, data) in wrong.items():
        with pytest.raises(Refused, match=words) as refusal:
            capture(data, by=owner, at=timezone.now())
        body = caller.post("leads/", sent).json()
        assert (body["detail"], body["code"]) == (words, refusal.value.code)
        assert body["errors"] == refusal.value.errors()
    assert not Lead.objects.exists()


DAY, MOMENT = "2020-01-01", "2020-01-01T00:00:00+08:00"
IMMUNE = {
    **dict.fromkeys(
        ("id", "owner", "partner", "reporter", "station", "company", "contact", "loss_reason"), 1
    ),
    **dict.fromkeys(
        ("created_at", "updated_at", "entered_at", "first_response_at", "last_contact_at"), MOMENT
    ),
    **{"unit": "banshan", "stage": "accepted", "furthest": "accepted", "stage_label": "x", "title": "x"},
    **{"version": 99, "is_pending": False, "limit_on": DAY, "red_on": DAY, "grams": [], "tracks": [1]},
    "chain_position": "data",
}


@pytest.mark.parametrize("name", list(IMMUNE))
def test_no_field_beyond_the_declared_ones_can_be_written(name):
    caller = callers.partner()
    refused = caller.post("leads/", {**COMPANY, name: IMMUNE[name]})
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [(name, "unknown_field")]
    assert not Lead.objects.exists()
    sent = caller.post("leads/", COMPANY).json()
    before = Lead.objects.values().get()
    assert caller.patch(f"leads/{sent['id']}/", {name: IMMUNE[name]}, If_Match='"v1"').status_code == 400
    assert Lead.objects.values().get() == before


def test_a_partner_may_not_choose_trips_or_meetings():
    for name, value in {"roadshow": 1, "met_at": "2026-04-20T10:00:00+08:00", "content": "谈了"}.items():
        body = callers.partner().post("leads/", {**COMPANY, name: value}).json()
        assert (body["code"], body["errors"][0]["field"]) == ("invalid", name)


def test_a_change_needs_the_version_it_is_based_on():
    caller = callers.partner()
    place = f"leads/{caller.post('leads/', COMPANY).json()['id']}/"
    missing = caller.patch(place, {"amount_wan": "5000"})
    assert (missing.status_code, missing.json()["code"]) == (428, "version_required")
    assert caller.patch(place, {"amount_wan": "5000"}, If_Match="*").status_code == 428
    changed = caller.patch(place, {"amount_wan": "5000"}, If_Match='"v1"')
    assert (changed.status_code, changed["ETag"], changed.json()["amount_wan"]) == (200, '"v2"', "5000")
    for stale in ('"v1"', 'W/"v1"', '"v99"'):
        answer = caller.patch(place, {"amount_wan": "7000"}, If_Match=stale)
        assert (answer.status_code, answer.json()["code"], answer["ETag"]) == (412, "stale_version", '"v2"')
    assert Lead.objects.get().amount_wan == 5000
    assert caller.patch(place, {"amount_wan": None}, If_Match='"v1", "v2"').json()["amount_wan"] is None


def test_what_has_not_changed_is_not_sent_again():
    caller = callers.partner()
    place = f"leads/{caller.post('leads/', COMPANY).json()['id']}/"
    tag = caller.get(place)["ETag"]
    same = caller.get(place, If_None_Match=tag)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    caller.patch(place, {"note": "新消息"}, If_Match=tag)
    assert caller.get(place, If_None_Match=tag).status_code == 200


def test_a_report_that_breaks_while_being_announced_leaves_nothing(bureau, monkeypatch):
    make.user("manager", "manager", bureau)

    def breaks(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr("leads.partners.notify", breaks)
    assert callers.partner(unit=bureau).post("leads/", COMPANY).status_code == 500
    assert not Lead.objects.exists()


def test_a_partner_changes_only_what_nobody_has_taken_over(owner, bureau):
    caller = callers.partner(unit=owner.unit)
    sent = caller.post("leads/", {**COMPANY, "note": "伙伴的话", "next_contact_on": SOON}).json()
    assert sent["next_contact_on"] == SOON
    Lead.objects.filter(pk=sent["id"]).update(owner=owner, note="内部：底价 200 万", next_step="内部安排")
    body = caller.get(f"leads/{sent['id']}/").json()
    inside = ("note", "next_step", "next_contact_on", "owner_label")
    assert body["is_pending"] is False
    assert {body[name] for name in inside} == {None}
    answer = caller.patch(f"leads/{sent['id']}/", {"amount_wan": "1"}, If_Match='"v1"')
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_another_partners_lead_does_not_exist_anywhere(owner):
    """Canaries: no byte of another partner's or an officer's lead in any answer to a stranger."""
    canaries = {"contact_name": "金丝雀", "note": "canary-note", "external_id": "canary-id"}
    sent = (
        callers.partner("伙伴乙")
        .post(
            "leads/",
            {"company_name": "深圳金丝雀传感有限公司", "contact_email": "canary@example.com", **canaries},
        )
        .json()
    )
    hidden = make.lead(owner, "深圳canary科技有限公司", note="canary")
    stranger = callers.partner("伙伴甲", "leads:write leads:read projects:read contacts:read")
    for pk in (sent["id"], hidden.pk, 99999999):
        answers = [
            stranger.get(f"leads/{pk}/"),
            stranger.patch(f"leads/{pk}/", {"note": "x"}, If_Match='"v1"'),
            stranger.patch(f"leads/{pk}/", {"note": "x"}),
            stranger.post(f"leads/{pk}/move/", {"stage": "screening"}),
            stranger.get(f"leads/{pk}/visits/"),
            stranger.post(f"leads/{pk}/visits/", {}),
            stranger.post(f"leads/{pk}/accept/", {}),
        ]
        for answer in answers:
            text = answer.content.decode().replace(f"/{pk}/", "/N/")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
            assert "canary" not in text
    for query in ("", "?q=金丝雀", "?q=canary", "?stage=lead", "?updated_since=2020-01-01"):
        answer = stranger.get(f"leads/{query}")
        assert answer.json()["results"] == []
        assert "金丝雀" not in answer.content.decode()
    assert Lead.objects.get(pk=sent["id"]).note == "canary-note"


@pytest.mark.parametrize(
    "who", ["owner", "outsider", "station", "head", "manager", "leader", "reviewer", "fund_user"]
)
def test_people_see_over_the_api_what_they_see_on_the_page_with_contacts_masked(who, request, owner):
    seen = request.getfixturevalue(who)
    lead = make.lead(owner, contact_name="王小明", contact_phone="13287530409")
    visible = Lead.objects.visible_to(seen).exists()
    caller = callers.person(seen)
    results = caller.get("leads/").json()["results"]
    assert [row["id"] for row in results] == ([lead.pk] if visible else [])
    assert caller.get(f"leads/{lead.pk}/").status_code == (200 if visible else 404)
    if visible:
        assert results[0]["contact_phone"] == "132****0409"
        assert results[0]["contact_name"] == ("王**" if who == "leader" else "王小明")


def test_an_officer_reports_for_the_own_unit_and_the_trip_is_the_source(station):
    trip = make.roadshow(station, starts_on=timezone.localdate(), ends_on=timezone.localdate())
    caller = callers.person(station)
    answer = caller.post("leads/", {**COMPANY, "roadshow": trip.pk, "content": "谈了试点"})
    lead = Lead.objects.get()
    assert answer.status_code == 201, answer.content
    assert (lead.roadshow, lead.unit, lead.is_pending, lead.visits.count()) == (trip, station.unit, False, 1)
    strange = caller.post("leads/", {"company_name": "深圳乙公司", "roadshow": trip.pk + 1})
    assert strange.json()["errors"][0]["field"] == "roadshow"
    assert caller.post("leads/", {"company_name": "深圳乙公司", "external_id": "7"}).status_code == 400
    assert caller.post("leads/", {"company_name": "深圳乙公司", "content": "谈了"}).status_code == 400


def test_a_reader_may_not_report(leader):
    answer = callers.person(leader).post("leads/", COMPANY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_move_is_refused_with_what_is_missing_in_the_words_of_the_board(owner):
    lead = make.lead(owner)
    lead.move_to("screening", by=owner, at=make.NOW)
    lead.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        lead.move_to("accepted", by=owner, at=make.NOW)
    caller = callers.person(owner)
    for path, body in (("move/", {"stage": "accepted"}), ("accept/", {})):
        answer = caller.post(f"leads/{lead.pk}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "gate")
        assert answer.json()["detail"] == refusal.value.detail
        missing = [{"code": m.code, "detail": m.text, "field": m.field} for m in refusal.value.missing]
        assert answer.json()["missing"] == missing
    lead.refresh_from_db()
    assert (lead.stage, lead.version) == ("screening", 2)


def test_a_lead_moves_and_its_version_rises(owner):
    lead = make.lead(owner)
    caller = callers.person(owner)
    stale = caller.post(f"leads/{lead.pk}/move/", {"stage": "screening"}, If_Match='"v7"')
    assert stale.status_code == 412
    answer = caller.post(f"leads/{lead.pk}/move/", {"stage": "screening"}, If_Match='"v1"')
    assert (answer.status_code, answer["ETag"], answer.json()["stage_label"]) == (200, '"v2"', "研判")
    skipped = caller.post(f"leads/{lead.pk}/move/", {"stage": "dropped"})
    assert (skipped.json()["code"], skipped.json()["errors"][0]["field"]) == ("invalid", "loss_reason")
    assert caller.post(f"leads/{lead.pk}/move/", {"stage": "nowhere"}).json()["code"] == "step"
    assert caller.post(f"leads/{lead.pk}/move/", {}).json()["errors"][0]["field"] == "stage"


def test_a_partner_may_not_move_or_follow_up_what_it_sent():
    caller = callers.partner()
    pk = caller.post("leads/", COMPANY).json()["id"]
    good = {"kind": "call", "content": "谈了", "next_step": "再谈", "next_on": SOON}
    answers = [
        caller.post(f"leads/{pk}/move/", {"stage": "screening"}),
        caller.post(f"leads/{pk}/accept/", {}),
        caller.post(f"leads/{pk}/visits/", good),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(403, "not_allowed")] * 3
    assert caller.get(f"leads/{pk}/visits/").json() == {"next": None, "previous": None, "results": []}
    assert Lead.objects.get().stage == "lead"


def test_a_visit_is_logged_and_read(owner, outsider):
    lead = make.lead(owner, met_at=None)
    caller = callers.person(owner)
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    body = {"kind": "call", "content": "谈了供电容量", "next_step": "寄资料", "next_on": day}
    assert caller.post(f"leads/{lead.pk}/visits/", {**body, "next_on": "2020-01-01"}).json()["errors"][0] == {
        "field": "next_on",
        "code": "invalid",
        "detail": "下次联系日期不能早于今天。",
    }
    assert caller.post(f"leads/{lead.pk}/visits/", {"kind": "call"}).json()["errors"][0]["field"] == "content"
    without = caller.post(f"leads/{lead.pk}/visits/", {**body, "next_step": " "})
    assert (without.status_code, without.json()["errors"][0]["field"]) == (400, "next_step")
    answer = caller.post(f"leads/{lead.pk}/visits/", body)
    assert (answer.status_code, answer.json()["kind_label"], answer.json()["next_on"]) == (201, "电话", day)
    assert caller.get(f"leads/{lead.pk}/visits/").json()["results"][0]["content"] == "谈了供电容量"
    assert callers.person(outsider).get(f"leads/{lead.pk}/visits/").status_code == 404
    assert Visit.objects.filter(lead=lead).count() == 1


def test_pages_go_on_where_the_last_one_stopped_and_back(owner):
    for number in range(7):
        make.lead(owner, at=make.NOW + timedelta(minutes=number // 2))
    caller = callers.person(owner)
    wanted = [row["id"] for row in caller.get("leads/").json()["results"]]
    page, seen = caller.get("leads/?page_size=3").json(), []
    assert page["previous"] is None
    while True:
        seen += [row["id"] for row in page["results"]]
        if not page["next"]:
            break
        last, page = page, caller.get(page["next"]).json()
    assert seen == wanted
    assert len(seen) == 7
    assert caller.get(page["previous"]).json()["results"] == last["results"]


def test_an_incremental_reader_sees_every_change_in_its_order(owner):
    leads = [make.lead(owner, at=make.NOW + timedelta(minutes=number)) for number in range(5)]
    leads[0].move_to("screening", by=owner, at=make.NOW + timedelta(hours=1))
    caller = callers.person(owner)
    since = "2026-04-20T10:02:00+08:00"  # the plus arrives as a space when it is not escaped
    page, seen = caller.get(f"leads/?updated_since={since}&page_size=2").json(), []
    while True:
        seen += [row["id"] for row in page["results"]]
        if not page["next"]:
            break
        page = caller.get(page["next"]).json()
    assert seen == [leads[2].pk, leads[3].pk, leads[4].pk, leads[0].pk]


def test_filters_mean_the_same_as_on_the_page(owner):
    make.lead(owner, "深圳星海智能有限公司", amount_wan=100)
    make.lead(owner, "上海云帆科技有限公司", amount_wan=9000)
    caller = callers.person(owner)

    def names(query):
        return [row["company_name"] for row in caller.get(f"leads/?{query}").json()["results"]]

    assert names("q=星海") == ["深圳星海智能有限公司"]
    assert names("amount_min=5000") == ["上海云帆科技有限公司"]
    assert names("stage=screening") == []
    assert names("channel=knock&unit=banshan&page_size=1&amount_max=5000") == ["深圳星海智能有限公司"]


@pytest.mark.parametrize("path", ["leads/", "leads/?updated_since=2020-01-01"])
def test_the_list_asks_the_database_as_often_for_100_rows_as_for_10(path, owner, django_assert_num_queries):
    caller = callers.partner(unit=owner.unit)
    caller.get(path)
    for _ in range(10):
        make.lead(owner, contact_name="王小明")
    Lead.objects.update(partner=caller.token)
    with django_assert_num_queries(5):
        assert len(caller.get(path).json()["results"]) == 10
    for _ in range(90):
        make.lead(owner, contact_name="王小明")
    Lead.objects.update(partner=caller.token)
    with django_assert_num_queries(5):
        assert len(caller.get(f"{path}{'&' if '?' in path else '?'}page_size=100").json()["results"]) == 100


@pytest.mark.parametrize("query", ["owner=1", "owner=none", "no_next=1", "due=today"])
def test_a_partner_does_not_filter_by_what_it_does_not_read(owner, query):
    answer = callers.partner("伙伴甲", "leads:read").get(f"leads/?{query}")
    assert answer.status_code == 400
