"""From facts to matches: provenance, conflicts, versions, 储备, order, and nothing written twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from django.db import transaction
from django.utils import timezone

from crm import rules
from crm.models import Company, Fact, FutureTrack, Qualification
from crm.workdays import shanghai_day
from projects import matching, mending
from projects.known import facts
from projects.matching import matches_for, offers
from projects.models import CriteriaVersion, Fund, Match, Project
from projects.seeding import load_funds
from tests import callers, make
from tests.racing import Other

TODAY = shanghai_day(make.NOW)
LATER = make.NOW + timedelta(days=1)
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人", "clause": "员工不超过 100 人"}


def match(project, at, among=None):
    """The matches of a project, judged at a moment, in the order of the funds."""
    matching.match(project, at=at, among=among)
    return list(Match.objects.filter(project=project).order_by("fund__order", "fund__code"))


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司")


def fund(code="f1", status="operating", criteria=None, **version):
    one = Fund.objects.create(code=code, name=code, kind="venture", status=status)
    publish(one, {"all": [STAFF]} if criteria is None else criteria, **version)
    return one


def publish(fund, criteria, number=1, valid_from=date(2026, 1, 1), **version):
    return CriteriaVersion.objects.create(
        fund=fund, number=number, criteria=criteria, valid_from=valid_from, published_at=make.NOW, **version
    )


def record(project, key, value, source="officer", as_of=date(2026, 3, 1), note="", at=make.NOW):
    return Fact.objects.create(
        company=project.company, key=key, value=value, source=source, as_of=as_of, note=note, created_at=at
    )


def verdicts(project, at=make.NOW):
    return {found.fund.code: found.verdict for found in match(project, at=at)}


def test_columns_become_facts_with_the_day_the_record_was_last_changed(project):
    project.amount_wan = Decimal("12000")
    project.save()
    known = facts(project, TODAY)
    assert known["total_investment"].value == 12000
    assert (known["total_investment"].source, known["total_investment"].as_of) == ("project", TODAY)
    assert known["sector"].value == "smart_manufacturing"
    assert known["tracks"].value == ["ai"]
    assert known["applicant_kind"].value == "company"
    assert "fixed_investment" not in known


def test_the_newest_recorded_value_wins_and_a_differing_source_stays_beside_it(project):
    record(project, "staff", 150, "registry", date(2025, 6, 1))
    record(project, "staff", 70, "officer", date(2025, 9, 1))
    record(project, "staff", 80, "officer", date(2026, 3, 1), "创始人口述")
    staff = facts(project, TODAY)["staff"]
    assert (staff.value, staff.source, staff.as_of, staff.note) == (
        80,
        "officer",
        date(2026, 3, 1),
        "创始人口述",
    )
    assert [(other.value, other.source) for other in staff.others] == [(150, "registry")]


def test_of_two_values_of_one_day_the_later_entry_wins(project):
    record(project, "staff", 150, at=make.NOW)
    record(project, "staff", 80, at=LATER)
    assert facts(project, TODAY)["staff"].value == 80


def test_equal_values_of_two_sources_are_no_conflict(project):
    record(project, "staff", "80", "registry", date(2025, 6, 1))
    record(project, "staff", 80)
    assert facts(project, TODAY)["staff"].others == ()


def test_a_recorded_value_stands_above_the_undated_column(project):
    project.company.established_on = date(2015, 1, 1)
    project.company.save()
    record(project, "established_on", "2023-02-01", "registry", date(2024, 1, 1))
    known = facts(Project.objects.get(pk=project.pk), TODAY)["established_on"]
    assert (known.value, known.source) == ("2023-02-01", "registry")
    assert [other.value for other in known.others] == [date(2015, 1, 1)]


def test_valid_qualifications_are_one_fact_and_expired_ones_a_note(project):
    company = project.company
    assert "qualifications" not in facts(project, TODAY)
    Qualification.objects.create(
        company=company, kind="国高企", issued_on=date(2024, 1, 1), expires_on=date(2027, 1, 1)
    )
    Qualification.objects.create(company=company, kind="瞪羚", expires_on=date(2026, 4, 1))
    known = facts(project, TODAY)["qualifications"]
    assert known.value == rules.Partly(frozenset({"national_high_tech"}), frozenset({"gazelle"}))
    assert (known.source, known.as_of, known.note) == (
        "document",
        date(2024, 1, 1),
        "瞪羚 已于 2026-04-01 到期",
    )


def test_values_of_fields_no_longer_in_the_dictionary_are_left_out(project):
    record(project, "lucky_number", 8)
    assert "lucky_number" not in facts(project, TODAY)


def test_a_project_is_held_against_every_fund_that_is_not_closed(project):
    record(project, "staff", 80)
    fund("fits")
    fund("asks_more", criteria={"all": [STAFF, {"field": "trl", "op": "gte", "value": 4, "unit": "级"}]})
    fund("too_small", criteria={"all": [{**STAFF, "value": 10}]})
    fund("preparing", status="preparing")
    fund("closed", status="closed")
    fund("silent", criteria={})
    assert verdicts(project) == {
        "fits": "fit",
        "asks_more": "incomplete",
        "too_small": "unfit",
        "preparing": "reserve",
        "silent": "incomplete",
    }


def test_the_stored_explanation_names_value_source_day_and_clause(project):
    record(project, "staff", 80, "document", date(2026, 2, 1))
    fund()
    (found,) = match(project, at=make.NOW)
    stored = Match.objects.get(pk=found.pk)
    (shown,) = rules.leaves(stored.result["tree"])
    assert (shown["value_display"], shown["source_label"], shown["as_of"]) == ("80 人", "材料", "2026-02-01")
    assert (shown["threshold_display"], shown["clause"]) == ("不超过 100 人", "员工不超过 100 人")
    assert stored.facts["staff"]["value"] == 80
    assert stored.version.number == 1
    assert rules.verdict_from(stored.result["tree"]).code == stored.verdict


def test_a_fund_being_set_up_gives_reserve_and_keeps_what_its_criteria_say(project):
    record(project, "staff", 500)
    fund(status="preparing")
    (found,) = match(project, at=make.NOW)
    assert found.get_verdict_display() == found.result["label"] == "储备"
    assert found.result["basis"]["label"] == "不符合"
    assert found.result["reasons"][0] == "基金筹建中，尚不能出资，只列入储备"


def test_the_criteria_in_force_on_the_day_decide(project):
    record(project, "staff", 80)
    one = fund(valid_to=date(2026, 4, 20))
    publish(one, {"all": [{**STAFF, "value": 50}]}, number=2, valid_from=date(2026, 4, 21))
    publish(one, {"all": [{**STAFF, "value": 90}]}, number=3, valid_from=date(2030, 1, 1))
    assert match(project, at=make.NOW)[0].version.number == 1
    again = match(project, at=LATER)[0]
    assert (again.version.number, again.verdict) == (2, "unfit")
    assert Match.objects.count() == 1


def test_a_fund_without_criteria_in_force_is_never_fit(project):
    fund(valid_from=date(2027, 1, 1))
    (found,) = match(project, at=make.NOW)
    assert (found.verdict, found.version) == ("incomplete", None)


def test_matching_twice_changes_no_answer_and_notes_that_it_looked(project):
    record(project, "staff", 80)
    load_funds(at=make.NOW)
    first = match(project, at=make.NOW)
    second = match(project, at=LATER)
    assert [one.pk for one in first] == [one.pk for one in second]
    assert set(Match.objects.values_list("computed_at", flat=True)) == {make.NOW}
    assert {one.checked_at for one in matches_for(project)} == {LATER}


def test_a_changed_project_is_judged_once_and_not_at_every_look(as_, owner, project):
    fund()
    client, page = as_(owner), project.get_absolute_url()
    client.get(page)
    mending.edit(project, {"problems": "等环评"}, by=owner, at=timezone.now(), version=project.version)
    client.get(page)
    judged = matches_for(project).get()
    assert judged.checked_at > judged.computed_at
    assert "核对无变化" in client.get(page).content.decode()
    assert matches_for(project).get().checked_at == judged.checked_at


def test_a_new_fact_touches_only_the_funds_that_ask_for_it(project):
    fund("by_staff")
    fund("by_trl", criteria={"all": [{"field": "trl", "op": "gte", "value": 4, "unit": "级"}]})
    match(project, at=make.NOW)
    record(project, "staff", 80)
    match(project, at=LATER)
    moments = dict(Match.objects.values_list("fund__code", "computed_at"))
    assert moments == {"by_staff": LATER, "by_trl": make.NOW}
    assert Match.objects.get(fund__code="by_staff").verdict == "fit"


def test_a_passing_day_counts_when_it_changes_a_result(project):
    record(project, "established_on", "2021-04-20", "registry")
    fund(criteria={"all": [{"field": "age_years", "op": "lte", "value": 5, "unit": "年"}]})
    assert verdicts(project) == {"f1": "fit"}
    assert verdicts(project, LATER) == {"f1": "unfit"}


def test_a_value_that_has_gone_stale_is_told(project):
    record(project, "staff", 80, as_of=date(2025, 4, 20))
    fund()
    match(project, at=make.NOW)
    (shown,) = rules.leaves(match(project, at=LATER)[0].result["tree"])
    assert shown["stale"]


def test_a_team_without_a_company_is_matched_by_what_the_project_says(project):
    Project.objects.filter(pk=project.pk).update(company=None)
    fund(criteria={"all": [{"field": "applicant_kind", "op": "eq", "value": "team"}]})
    assert verdicts(project) == {"f1": "fit"}


@pytest.mark.parametrize("name", ["人形机器人创业团队", "王教授项目", "某某课题组", "脑机实验室", "攻关小组"])
def test_under_a_working_title_nobody_knows_whether_there_is_a_company(as_, owner, freeze, name):
    """Neither passed nor failed until a code, another name or somebody says more (domain §4.4)."""
    project, door = make.project(owner, name=name), callers.person(owner)
    for code in ("team", "company"):
        fund(code=code, criteria={"field": "applicant_kind", "op": "eq", "value": code})

    def told(hour):
        freeze(make.NOW + timedelta(hours=hour))
        rows = door.get(f"projects/{project.pk}/matches/").json()["results"]
        return {row["fund"]: row["verdict"] for row in rows}

    assert told(1) == {"team": "incomplete", "company": "incomplete"}
    page = as_(owner).get(f"/projects/{project.pk}/").content.decode()
    assert f"/projects/{project.pk}/fact/applicant_kind/" in page
    Company.objects.filter(pk=project.company_id).update(name=f"{name}科技有限公司", updated_at=make.NOW)
    assert told(26) == {"team": "unfit", "company": "fit"}
    record(project, "applicant_kind", "team", as_of=TODAY)
    assert told(50) == {"team": "fit", "company": "unfit"}


def test_words_of_new_tracks_are_shown_without_a_release(project):
    project.tracks.add(FutureTrack.objects.create(code="quantum", name="量子科技", order=9))
    fund(criteria={"all": [{"field": "tracks", "op": "overlaps", "value": ["quantum"]}]})
    (shown,) = rules.leaves(match(project, at=make.NOW)[0].result["tree"])
    assert (shown["value_display"], shown["threshold_display"]) == (
        "人工智能、量子科技",
        "至少含其一 量子科技",
    )


def test_matches_come_by_verdict_then_score_times_coverage_then_newest(project):
    record(project, "staff", 80)
    record(project, "has_clear_ip", True)

    def with_points(weight, unknown):
        soft = {"kind": "soft", "op": "eq", "value": True}
        known = {**soft, "field": "has_clear_ip", "weight": weight}
        return {"all": [STAFF, known, {**soft, "field": "has_university_team", "weight": unknown}]}

    fund("a_unfit", criteria={"all": [{**STAFF, "value": 1}]})
    fund("b_incomplete", criteria={})
    fund("c_reserve", status="preparing")
    fund("d_half_known", criteria=with_points(50, 50))
    fund("e_well_known", criteria=with_points(90, 10))
    fund("f_no_points")
    match(project, at=make.NOW)
    assert [found.fund.code for found in matches_for(project)] == [
        "e_well_known",
        "d_half_known",
        "f_no_points",
        "b_incomplete",
        "c_reserve",
        "a_unfit",
    ]


def test_a_fund_that_opens_again_is_told_by_what_is_known_now_before_any_worker_came(freeze, owner, project):
    """Closed, facts changed, the project read, opened again: its old answer is not taken for today's."""
    one, door = fund(), callers.person(owner)
    fund("beside")
    record(project, "staff", 80)

    def told(minutes, status):
        freeze(make.NOW + timedelta(minutes=minutes))
        Fund.objects.filter(pk=one.pk).update(status=status)
        return [row["verdict"] for row in door.get(f"projects/{project.pk}/matches/").json()["results"]]

    assert told(1, "operating") == ["fit", "fit"]
    record(project, "staff", 180, as_of=date(2026, 4, 1), at=make.NOW + timedelta(minutes=2))
    assert told(3, "closed") == ["unfit"]
    assert told(4, "operating") == ["unfit", "unfit"]


def test_the_matches_of_a_closed_fund_leave_the_page(project):
    one = fund()
    match(project, at=make.NOW)
    Fund.objects.filter(pk=one.pk).update(status="closed")
    assert list(matches_for(project)) == []


def test_another_project_is_not_touched(project, owner):
    other = make.project(owner)
    fund()
    match(project, at=make.NOW)
    assert not Match.objects.filter(project=other).exists()


@pytest.mark.parametrize("funds", [3, 40])
def test_matching_costs_the_same_queries_for_few_and_many_funds(
    project, django_assert_max_num_queries, funds
):
    for number in range(funds):
        fund(f"f{number}")
    with django_assert_max_num_queries(9):
        matching.match(project, at=make.NOW)
    with django_assert_max_num_queries(8):
        matching.match(project, at=LATER)
    assert project.matches.count() == funds
    with django_assert_max_num_queries(1):
        assert len([found.fund.name for found in matches_for(project)]) == funds


def test_many_projects_share_the_offers_of_a_day(project, owner, django_assert_max_num_queries):
    fund()
    among = offers(TODAY)
    other = make.project(owner)
    with django_assert_max_num_queries(16):
        for one in (project, other):
            matching.match(one, at=make.NOW, among=among)
    assert list(Match.objects.values_list("verdict", flat=True)) == ["incomplete", "incomplete"]


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_publishes_or_closes_counts_at_the_next_look(owner):
    project = make.project(owner)
    record(project, "staff", 80)
    first, second = fund(), fund("f2")
    assert verdicts(project) == {"f1": "fit", "f2": "fit"}
    assert verdicts(project, LATER) == {"f1": "fit", "f2": "fit"}  # kept by now, if anything is
    other = Other(lambda: publish(first, {"all": [{**STAFF, "value": 50}]}, number=2))
    other.begin()
    other.ended()
    assert verdicts(project, LATER) == {"f1": "unfit", "f2": "fit"}
    Other(lambda: Fund.objects.filter(pk=second.pk).update(status="preparing")).begin()
    assert verdicts(project, LATER) == {"f1": "unfit", "f2": "reserve"}


def test_what_is_taken_back_counts_no_more(project):
    record(project, "staff", 80)
    one = fund()
    with transaction.atomic():
        publish(one, {"all": [{**STAFF, "value": 50}]}, number=2)
        assert verdicts(project) == {"f1": "unfit"}
        Fund.objects.filter(pk=one.pk).update(status="closed")
        assert offers(TODAY) == []
        transaction.set_rollback(True)
    assert verdicts(project) == {"f1": "fit"}
    FutureTrack.objects.filter(code="ai").update(name="人工智能（新）")
    assert offers(TODAY)[0].plan.labels("tracks")["ai"] == "人工智能（新）"


def test_the_starting_funds_are_loaded_once_and_edits_outlive_a_second_load(db):
    created = load_funds(at=make.NOW)
    assert len(created) == Fund.objects.count() == CriteriaVersion.objects.count() > 10
    Fund.objects.filter(code="runmiao").update(name="杭州润苗基金（二期）")
    assert load_funds(at=LATER) == []
    assert Fund.objects.get(code="runmiao").name == "杭州润苗基金（二期）"


def test_a_real_project_meets_the_starting_funds(project):
    load_funds(at=make.NOW)
    known = {
        "established_on": "2023-03-01", "staff": 60, "product_stage": "prototype", "round": "angel",
        "clusters": ["296x"], "ticket": 300, "fund_controls": False,
        "growth_stage": "startup", "industries": ["ai"],
    }  # fmt: skip
    for key, value in known.items():
        record(project, key, value)
    found = verdicts(project)
    assert {found[code] for code in ("gongshu-concept", "gongshu-transfer")} == {"reserve"}
    assert {found[code] for code in ("runmiao", "shangcheng-quality", "hangzhou-science")} == {"fit"}
    assert {found[code] for code in ("gongshu-kechuang-3", "qizhen", "national-transfer")} == {"incomplete"}
    assert found["hangzhou-innovation"] == "unfit"


def test_a_fund_without_criteria_today_says_which_are_to_come_or_were_the_last(project, as_, manager, freeze):
    freeze(make.NOW)
    record(project, "staff", 80)
    coming, over = fund("coming", valid_from=date(2026, 12, 1)), fund("over", valid_to=date(2026, 3, 31))
    fund("empty", criteria={})
    Fund.objects.create(code="none", name="none", kind="venture", status="operating")
    fund("preparing", "preparing", valid_from=date(2026, 12, 1))
    said = {
        one.fund.code: (one.verdict, one.result["reasons"][-1], one.version)
        for one in match(project, make.NOW)
    }
    to_come = "第 1 版条件自 2026-12-01 起生效，现在没有有效的条件，不能判定为符合"
    assert said.pop("empty")[:2] == ("incomplete", "尚未设置条件，不能判定为符合")
    assert said == {
        "coming": ("incomplete", to_come, None),
        "over": ("incomplete", "第 1 版条件已于 2026-03-31 失效，没有新的条件，不能判定为符合", None),
        "none": ("incomplete", "尚未设置条件，不能判定为符合", None),
        "preparing": ("reserve", to_come, None),
    }
    client = as_(manager)
    own = coming.get_absolute_url()
    for address in (project.get_absolute_url(), "/funds/", own, f"{own}candidates/"):
        assert "第 1 版条件自 2026-12-01 起生效" in client.get(address).content.decode(), address
    publish(over, {"all": [STAFF]}, number=2, valid_from=date(2026, 11, 1))  # the row is written anew
    again = {one.fund.code: one.result["reasons"] for one in match(project, make.NOW)}
    assert again["over"] == ["第 2 版条件自 2026-11-01 起生效，现在没有有效的条件，不能判定为符合"]
    in_force = make.NOW + timedelta(days=300)
    assert verdicts(project, in_force)["coming"] == "fit"
