"""Projects over the API: who sees them, how they move, what funds they match, all in the rules' own words."""

from datetime import timedelta

import pytest

from django.utils import timezone

from crm.api.root import document
from crm.errors import Refused
from crm.models import Fact, LossReason
from leads.losing import Loss
from projects.losing import lose
from projects.matching import match
from projects.models import CriteriaVersion, Fund, Project
from projects.rejudging import rematch_one
from projects.seeding import load_funds, load_policies
from tests import callers, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(owner):
    return callers.partner(unit=owner.unit)


def sent_project(caller, by, name="深圳星河感知科技有限公司", **fields):
    """A project that came of a lead the partner `caller` sent."""
    project = make.project(by, name=name, **fields)
    type(project.lead).objects.filter(pk=project.lead_id).update(partner=caller.token, external_id="P-1")
    return project


def test_a_partner_reads_the_project_its_lead_became_and_no_other(caller, owner):
    mine = sent_project(caller, owner, amount_wan="3000")
    Project.objects.filter(pk=mine.pk).update(
        problems="内部：电力不足", demands="内部", for_leader="内部", next_step="内部"
    )
    other = make.project(owner, name="杭州canary科技有限公司")
    rows = caller.get("projects/").json()["results"]
    assert [row["id"] for row in rows] == [mine.pk]
    assert (rows[0]["external_id"], rows[0]["stage_label"], rows[0]["amount_wan"]) == ("P-1", "在谈", "3000")
    assert [rows[0][name] for name in ("problems", "demands", "for_leader", "next_step")] == [None] * 4
    assert caller.get(f"projects/{mine.pk}/").json() == rows[0]
    for path in (f"projects/{other.pk}/", f"projects/{other.pk}/matches/", "projects/99999999/"):
        answer = caller.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert "canary" not in answer.content.decode()
    assert caller.post(f"projects/{other.pk}/move/", {"stage": "review"}).status_code == 404
    assert caller.get("projects/?q=canary").json()["results"] == []


def test_read_all_opens_every_project(owner):
    make.project(owner)
    assert len(callers.partner(scopes="projects:read_all").get("projects/").json()["results"]) == 1
    assert callers.partner("另一家", scopes="projects:read").get("projects/").json()["results"] == []
    assert callers.partner("第三家", scopes="leads:write").get("projects/").status_code == 403


@pytest.mark.parametrize(
    "who", ["owner", "outsider", "station", "head", "manager", "leader", "reviewer", "fund_user", "auditor"]
)
def test_people_see_over_the_api_what_they_see_on_the_page(who, request, owner):
    project = make.project(owner)
    seen = request.getfixturevalue(who)
    visible = Project.objects.visible_to(seen).exists()
    rows = callers.person(seen).get("projects/").json()["results"]
    assert [row["id"] for row in rows] == ([project.pk] if visible else [])


def test_a_move_is_refused_with_what_is_missing_in_the_words_of_the_board(owner):
    project = make.project(owner)
    with pytest.raises(Refused) as refusal:
        project.move_to("review", by=owner, at=make.NOW)
    answer = callers.person(owner).post(f"projects/{project.pk}/move/", {"stage": "review"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["detail"]) == (400, "gate", refusal.value.detail)
    assert body["missing"] == [
        {"code": m.code, "detail": m.text, "field": m.field} for m in refusal.value.missing
    ]
    project.refresh_from_db()
    assert (project.stage, project.version) == ("negotiating", 1)


def test_a_move_that_may_happen_happens_and_force_is_for_those_who_may(owner, head):
    project = make.project(owner)
    place = f"projects/{project.pk}/move/"
    forced = {"stage": "review", "forced": True, "reason": "区长专题会已定"}
    assert callers.person(owner).post(place, forced).json()["code"] == "not_allowed"
    answer = callers.person(head).post(place, forced, If_Match='"v1"')
    assert (answer.status_code, answer.json()["stage_label"], answer["ETag"]) == (200, "评审决策", '"v2"')
    assert project.changes.get(stage="review").is_forced
    stale = callers.person(head).post(place, {"stage": "signed"}, If_Match='"v1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


def test_losing_a_project_is_explained_in_the_words_of_the_page(owner):
    project = make.project(owner)
    caller = callers.person(owner)
    place = f"projects/{project.pk}/move/"
    with pytest.raises(Refused) as refusal:
        lose(project, Loss(None, "谈不拢"), by=owner, at=make.NOW)
    body = caller.post(place, {"stage": "lost", "reason": "谈不拢"}).json()
    assert (body["detail"], body["errors"][0]["field"]) == (refusal.value.detail, "loss_reason")
    lost = {
        "stage": "lost",
        "reason": "落户合肥，明年再谈",
        "loss_reason": "other_city",
        "winning_city": "合肥",
    }
    assert caller.post(place, lost).status_code == 200
    project.refresh_from_db()
    assert (project.stage, project.loss_reason.code, project.winning_city) == ("lost", "other_city", "合肥")


def test_a_partner_may_not_move_its_project(caller, owner):
    project = sent_project(caller, owner)
    answer = caller.post(f"projects/{project.pk}/move/", {"stage": "review"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("door", ["accept/", "move/"])
def test_accepting_a_lead_opens_its_project(door, owner, outsider):
    lead = make.screened(owner, at=timezone.now())
    place = f"leads/{lead.pk}/{door}"
    body = {"stage": "accepted"} if door == "move/" else {}
    assert callers.person(outsider).post(place, body).status_code == 404
    answer = callers.person(owner).post(place, body, Idempotency_Key="once")
    project = Project.objects.get()
    assert (project.lead, project.stage) == (lead, "negotiating")
    if door == "accept/":
        assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/projects/{project.pk}/")
        assert answer.json()["code"] == project.code
    again = callers.person(owner).post(place, body, Idempotency_Key="once")
    assert again.content == answer.content
    assert Project.objects.count() == 1
    assert callers.person(owner).get(f"leads/{lead.pk}/").json()["project"] == project.pk


def test_matches_say_why_rule_by_rule(caller, owner):
    load_funds(at=make.NOW)
    project = sent_project(caller, owner, amount_wan="3000")
    match(project, at=make.NOW)
    results = caller.get(f"projects/{project.pk}/matches/").json()["results"]
    assert {row["verdict"] for row in results} <= {"fit", "incomplete", "unfit", "reserve"}
    assert {row["verdict_label"] for row in results} <= {"符合", "待补充", "不符合", "储备"}
    assert any(row["verdict"] == "reserve" for row in results)
    rules = [rule for row in results for rule in row["rules"]]
    assert rules
    for rule in rules:
        assert {"value", "source_label", "as_of", "threshold_display", "clause", "result"} <= rule.keys()
    assert any(row["missing"] and row["missing"][0]["label"] for row in results)
    assert all("score" in row and "coverage" in row for row in results)


def test_what_our_people_noted_beside_a_value_is_not_told_to_partners(caller, owner):
    load_funds(at=make.NOW)
    project = sent_project(caller, owner)
    for source, value in (("officer", 105), ("registry", 300)):
        Fact.objects.create(
            company=project.company, key="staff", value=value, source=source, as_of=make.NOW.date(),
            note="canary：创始人私下口述", created_at=make.NOW,
        )  # fmt: skip
    told = caller.get(f"projects/{project.pk}/matches/").content.decode()
    assert "300 人" in told
    assert "canary" not in told
    assert "canary" in callers.person(owner).get(f"projects/{project.pk}/matches/").content.decode()


def test_every_part_of_a_match_is_described(caller, owner):
    """What the answer holds stands in the document: the clause and the date of its document, too."""
    load_funds(at=make.NOW)
    load_policies(at=make.NOW)
    project = sent_project(caller, owner)
    Fact.objects.create(
        company=project.company, key="staff", value=105, source="officer", as_of=make.NOW.date(),
        created_at=make.NOW,
    )  # fmt: skip
    answer = caller.get(f"projects/{project.pk}/matches/").json()
    shapes = document()["components"]["schemas"]
    parts = {"rules": "Rule", "notes": "RuleNote", "missing": "MissingField", "near_misses": "NearMiss"}
    for part, shape in {**parts, "to_settle": "NamedField"}.items():
        found = [one for match in (*answer["results"], *answer["policies"]) for one in match[part]]
        assert found, part
        described = shapes[shape]["properties"].keys()
        assert all(described <= one.keys() for one in found), part
        unsaid = set().union(*found) - described - {"type", "kind", "needs", "kind_label", "chosen_on"}
        assert not unsaid, part


def test_matches_are_read_by_the_criteria_of_today(caller, owner):
    """The night and a changed fund write the sheet alone; whoever asks for reasons gets those of today."""
    load_funds(at=make.NOW)
    project = sent_project(caller, owner)
    match(project, at=make.NOW)
    fund, now = Fund.objects.get(code="runmiao"), timezone.now()
    criteria = {"field": "applicant_kind", "op": "eq", "value": "company"}
    CriteriaVersion.objects.create(
        fund=fund, number=2, criteria=criteria, valid_from=now.date() - timedelta(days=1), published_at=now
    )
    rematch_one(fund, now)
    rows = caller.get(f"projects/{project.pk}/matches/").json()["results"]
    (row,) = [row for row in rows if row["fund"] == "runmiao"]
    assert (row["verdict"], row["criteria_version"]) == ("fit", 2)


def test_funds_are_a_catalogue_and_a_fund_manager_sees_the_own_ones(owner, fund_user):
    load_funds(at=make.NOW)
    rows = callers.partner(scopes="projects:read").get("funds/").json()["results"]
    assert rows
    assert all({"code", "name", "status", "status_label", "size_wan"} <= row.keys() for row in rows)
    assert len(callers.person(owner).get("funds/").json()["results"]) == len(rows)
    assert callers.person(fund_user).get("funds/").json()["results"] == []


def test_the_vocabularies_hold_every_word_the_api_speaks():
    words = callers.partner(scopes="leads:read").get("vocabularies/").json()
    assert {"code": "knock", "label": "敲门招商"} in words["channels"]
    assert {"code": "440300", "label": "深圳"} in words["cities"]
    assert {"code": "negotiating", "label": "在谈"} in words["stages"]
    vocabularies = {"channels", "sectors", "tracks", "carriers", "loss_reasons", "cities", "stages"}
    assert {*vocabularies, "facts"} == words.keys()


def test_a_partner_learns_from_the_vocabularies_how_a_fact_is_written(caller, owner):
    fields = {one["code"]: one for one in caller.get("vocabularies/").json()["facts"]}
    valuation = {"type": "money", "unit": "万元", "options": [], "is_recordable": True}
    assert valuation.items() <= fields["valuation"].items()
    assert {"code": "angel", "label": "天使轮"} in fields["round"]["options"]
    assert not fields["age_years"]["is_recordable"]
    pk = caller.post("leads/", {"company_name": "深圳星河感知科技有限公司"}).json()["id"]
    samples = {"number": 3, "money": "3000", "percent": 12, "date": "2024-03-01", "bool": True, "text": "有"}
    said = {"source": "document", "as_of": "2026-03-01"}
    for code, field in fields.items():
        if not field["is_recordable"]:
            continue
        first = field["options"][0]["code"] if field["options"] else ""
        value = {"choice": first, "set": [first]}.get(field["type"], samples.get(field["type"]))
        answer = caller.post(f"leads/{pk}/facts/", {"key": code, "value": value, **said})
        assert answer.status_code == 201, (code, value, answer.content.decode())


def test_the_root_names_every_list_and_each_can_be_read(owner):
    person = callers.person(owner)
    places = person.get("").json()
    assert {"leads", "match-changes", "policies", "spaces", "compute-offers"} <= places.keys()
    for name, address in places.items():
        assert address.endswith(f"/api/v1/{name}/")
        assert person.get(address).status_code in (200, 403), name


def test_the_list_asks_the_database_as_often_for_30_rows_as_for_3(owner, django_assert_num_queries):
    caller = callers.partner(scopes="projects:read_all")
    caller.get("projects/")
    for count, wanted in ((3, 3), (27, 30)):
        for _ in range(count):
            make.project(owner)
        with django_assert_num_queries(5):
            assert len(caller.get("projects/").json()["results"]) == wanted


def test_an_incremental_reader_hears_of_a_change(owner):
    make.project(owner)
    lost = make.project(owner)
    loss = Loss(LossReason.objects.get(code="price"), "谈不拢")
    lose(lost, loss, by=owner, at=make.NOW + timedelta(days=2))
    rows = callers.person(owner).get("projects/?updated_since=2026-04-21").json()["results"]
    assert [(row["id"], row["stage"]) for row in rows] == [(lost.pk, "lost")]
