"""The board and the list of projects through their doors: columns, moves, refusals without a trace."""

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent, City, LossReason
from leads.losing import Loss
from leads.models import Claim
from projects.losing import lose
from projects.models import Project, ProjectStageChange
from projects.stages import ProjectStage
from tests import make
from tests.lacking import assert_leads_to_its_field, listed

BOARD = "/projects/board/"
LIST = "/projects/"
HTMX = {"HX-Request": "true"}


def many(by, number, at=make.NOW, stage="negotiating"):
    """`number` projects in 在谈, written in bulk beside a first one that went through the door."""
    from_lead = make.project(by, at=at)
    leads = [_copy(from_lead.lead, n) for n in range(number - 1)]
    type(from_lead.lead).objects.bulk_create(leads)
    copies = [_project(from_lead, lead, n, at) for n, lead in enumerate(leads)]
    Project.objects.bulk_create(copies)
    ProjectStageChange.objects.bulk_create(
        [
            ProjectStageChange(project=one, stage=stage, entered_at=one.entered_at, by=by, seq=1)
            for one in copies
        ]
    )


def _copy(lead, n):
    values = {f.attname: getattr(lead, f.attname) for f in lead._meta.concrete_fields if not f.primary_key}
    return type(lead)(**{**values, "title": f"批量{n}号"})


def _project(first, lead, n, at):
    values = {f.attname: getattr(first, f.attname) for f in first._meta.concrete_fields if not f.primary_key}
    entered = at - timedelta(minutes=n + 1)
    values.update(
        code=f"GS{first.pk}-{n}", name=lead.title, lead_id=lead.pk, entered_at=entered, created_at=entered
    )
    return Project(**values)


def heads(page):
    return {column.head.code: column.head for column in page.context["columns"]}


def move(client, project, stage, headers=HTMX, **data):
    data = {"stage": stage, "version": project.version, "next": BOARD, **data}
    return client.post(f"/projects/{project.pk}/move/", data, headers=headers)


def trace(project):
    project.refresh_from_db()
    return project.stage, project.version, project.changes.count(), AuditEvent.objects.count()


def test_columns_stand_in_the_order_of_the_settings_with_count_and_sum(as_, owner, outsider):
    make.project(owner, amount_wan=3000)
    make.project(owner, amount_wan=2000)
    make.project(owner)
    make.project(outsider, amount_wan=9000)
    page = as_(owner).get(BOARD)
    assert [c.head.label for c in page.context["columns"]] == [
        *("在谈", "评审决策", "签约", "注册落地", "开工/入驻", "投产达产", "服务", "流失")
    ]
    head = heads(page)["negotiating"]
    assert (head.count, head.amount, head.unknown) == (3, 5000, 1)
    assert "另 1 个未填" in page.content.decode()


def test_a_column_shows_twenty_cards_and_fetches_the_next(as_, owner):
    many(owner, 45)
    client = as_(owner)
    column = client.get(BOARD).context["columns"][0]
    assert len(column.cards) == 20
    answer = client.get(f"{BOARD}negotiating/", {"after": column.next}, headers=HTMX).content.decode()
    assert answer.count("<article") == 20
    assert not any(f'data-board-card="{card.pk}"' in answer for card in column.cards)
    assert "更多" in answer
    assert "<html" not in answer


def test_a_column_that_does_not_exist_and_a_token_not_ours_are_refused(as_, owner):
    assert as_(owner).get(f"{BOARD}nonsense/").status_code == 404
    assert as_(owner).get(f"{BOARD}negotiating/", {"after": "xx"}).status_code == 400


@pytest.mark.parametrize(("url", "most"), [(BOARD, 6), (LIST, 7)])
@pytest.mark.parametrize("person", ["owner", "manager"])
def test_board_and_list_cost_the_same_for_10_and_100_projects(as_, request, owner, person, url, most):
    client = as_(request.getfixturevalue(person))
    many(owner, 10)
    few = queries(client, url)
    many(owner, 90)
    assert queries(client, url) == few <= most


def test_the_board_costs_the_same_with_every_column_filled(as_, owner, manager):
    many(owner, 10)
    client = as_(manager)
    few = queries(client, BOARD)
    for project, stage in zip(Project.objects.order_by("pk"), ProjectStage.values, strict=False):
        Project.objects.filter(pk=project.pk).update(stage=stage)
    columns = client.get(BOARD).context["columns"]
    assert {column.head.code for column in columns if column.cards} == set(ProjectStage.values)
    assert queries(client, BOARD) == few <= 6


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_list_and_board_take_the_same_filters_and_refuse_others(as_, owner, manager):
    one = make.project(
        owner, name="深圳甲一智能有限公司", city=City.objects.get(pk="440300"), amount_wan=5000
    )
    make.project(owner, name="上海乙二医疗有限公司", city=City.objects.get(pk="310000"))
    client = as_(manager)
    for query in (
        "q=甲一",
        "city=440300",
        "amount_min=1000",
        "unit=banshan&q=甲一",
        f"owner={owner.pk}&q=jyzn",
    ):
        found = client.get(f"{LIST}?{query}")
        assert [p.pk for p in found.context["page"].rows] == [one.pk], query
        assert heads(client.get(f"{BOARD}?{query}"))["negotiating"].count == 1, query
    for query in ("nonsense=1", "city=999999", "stage=lead", "stage=signed&stage=review"):
        assert client.get(f"{LIST}?{query}").status_code == 400, query
        assert client.get(f"{BOARD}?{query}").status_code == 400, query


def test_six_digits_find_the_number_of_a_project_as_well_as_a_credit_code(as_, owner):
    numbers = {"GS2026-000012": "91330105MADEMQ012G", "GS2026-000120": "91440300MA5DEMQ0X8"}
    for code, uscc in numbers.items():
        project = make.project(owner, uscc=uscc)
        project.code = code
        project.save()
    client = as_(owner)
    for typed, found in {"000012": "000012", "000120": "000120", "330105MA": "000012"}.items():
        page = client.get("/projects/", {"q": typed}).context["page"]
        assert [project.code for project in page] == [f"GS2026-{found}"]


def test_carrier_filters_by_the_settled_place_and_by_candidates_while_none_is_settled(as_, owner):
    settled = make.ready_for_review(make.project(owner), owner)
    candidate = make.project(owner)
    candidate.carriers.add(settled.carrier)
    make.project(owner)
    found = as_(owner).get(LIST, {"carrier": "banshan"}).context["page"].rows
    assert {p.pk for p in found} == {settled.pk, candidate.pk}


def test_lights_follow_the_limits(as_, owner, now):
    red, yellow = make.project(owner), make.project(owner)
    Project.objects.filter(pk=red.pk).update(limit_on="2020-01-01", red_on="2020-01-10")
    Project.objects.filter(pk=yellow.pk).update(limit_on="2020-01-01", red_on="2099-01-01")
    client = as_(owner)
    assert [p.pk for p in client.get(LIST, {"light": "red"}).context["page"].rows] == [red.pk]
    assert [p.pk for p in client.get(LIST, {"light": "yellow"}).context["page"].rows] == [yellow.pk]
    assert "红灯" in client.get(BOARD).content.decode()


def test_what_is_missing_is_a_piece_of_its_own(as_, owner):
    project = make.project(owner)
    text = as_(owner).get(f"/projects/{project.pk}/missing/", headers=HTMX).content.decode()
    assert 'data-missing="decision_contact"' in text
    assert 'data-missing="amount"' in text
    assert "<html" not in text


def test_a_drop_answers_with_the_card_and_the_new_heads(as_, owner):
    project = make.ready_for_review(make.project(owner, amount_wan=3000), owner)
    answer = move(as_(owner), project, "review")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'data-board-card="{project.pk}" data-version="2" data-stage="review"' in text
    assert text.count("data-board-head") == 8
    assert trace(project)[:3] == ("review", 2, 2)


def test_a_refused_drop_says_exactly_what_is_missing_and_leaves_no_trace(as_, owner):
    project = make.project(owner)
    before = trace(project)
    answer = move(as_(owner), project, "review")
    text = answer.content.decode()
    assert answer.status_code == 400
    for code in ("decision_contact", "amount", "space_need", "carrier", "demands"):
        assert f'data-missing="{code}"' in text
    assert "强制推进" not in text
    assert trace(project) == before


def test_without_a_script_the_same_refusal_is_a_page(as_, owner):
    project = make.project(owner)
    answer = move(as_(owner), project, "review", headers=None)
    assert answer.status_code == 400
    assert "没有移动" in answer.content.decode()
    assert "<html" in answer.content.decode()
    ready = make.ready_for_review(project, owner)
    answer = move(as_(owner), ready, "review", headers=None)
    assert (answer.status_code, answer.url) == (302, ready.get_absolute_url())


def test_only_who_may_force_is_offered_force_and_it_stays_visible(as_, owner, head):
    project = make.project(owner)
    offered = move(as_(head), project, "review").content.decode()
    assert "强制推进到「评审决策」" in offered
    no_reason = move(as_(head), project, "review", forced="1")
    assert no_reason.status_code == 400
    assert trace(project)[0] == "negotiating"
    assert move(as_(head), project, "review", forced="1", reason="区领导已定").status_code == 200
    event = AuditEvent.objects.get(action="force_move")
    assert event.detail["reason"] == "区领导已定"
    page = as_(owner).get(project.get_absolute_url()).content.decode()
    assert "强制推进" in page
    assert "区领导已定" in page
    assert "没有投资额。" in page


NEARLY_ALL = ["review", "signed", "registered", "landed", "operating"]


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize("to", NEARLY_ALL)
def test_beside_each_missing_thing_stands_where_it_is_filled_in(as_, owner, head, to, headers):
    project = make.project(owner)
    for stage in NEARLY_ALL[: NEARLY_ALL.index(to)]:
        project.move_to(stage, by=head, at=make.NOW, reason="区领导已定", forced=True)
    lacking = {item.code for item in project.missing_for(to)}
    for person in (owner, head):
        client = as_(person)
        answer = move(client, project, to, headers=headers)
        assert ("强制推进到" in answer.content.decode()) == (person == head)
        places = listed(answer)
        assert places.keys() == lacking
        if (person == owner) == bool(headers):  # both are led to the same places: each follows one answer
            for code, url in places.items():
                page = assert_leads_to_its_field(client, url)
                assert f'value="{code}" selected' in page or "evidence=" not in url
    assert listed(client.get(project.get_absolute_url())) == places
    assert listed(client.get(f"/projects/{project.pk}/missing/")) == places


def test_what_no_form_can_fill_in_has_no_link(as_, owner):
    project = make.project(owner)
    lose(project, Loss(LossReason.objects.get(code="no_interest"), "企业改了主意"), by=owner, at=make.NOW)
    assert listed(move(as_(owner), project, "signed", reason="回来了")) == {"return_stage": ""}


def test_who_only_reads_is_shown_no_place_to_fill_in(as_, owner, leader):
    project = make.project(owner)
    found = listed(as_(leader).get(project.get_absolute_url()))
    assert found
    assert set(found.values()) == {""}


def test_an_officer_who_forces_is_refused_without_a_trace(as_, owner):
    project = make.project(owner)
    before = trace(project)
    assert move(as_(owner), project, "signed", forced="1", reason="我想").status_code == 403
    assert trace(project) == before


def test_going_back_asks_for_a_reason(as_, owner):
    project = make.ready_for_review(make.project(owner), owner)
    client = as_(owner)
    move(client, project, "review")
    project.refresh_from_db()
    asked = move(client, project, "negotiating")
    assert asked.status_code == 400
    assert "data-board-retry" in asked.content.decode()
    assert trace(project)[0] == "review"
    assert move(client, project, "negotiating", reason="企业重新谈条款").status_code == 200
    assert project.changes.last().reason == "企业重新谈条款"


def test_a_stale_card_is_refused(as_, owner):
    project = make.ready_for_review(make.project(owner), owner)
    Project.objects.filter(pk=project.pk).update(version=7)
    answer = move(as_(owner), project, "review")
    assert answer.status_code == 412
    assert trace(project)[0] == "negotiating"


def test_a_loss_asks_why_and_gives_the_company_free(as_, owner):
    project = make.project(owner)
    client = as_(owner)
    asked = move(client, project, "lost")
    assert asked.status_code == 400
    assert "流失原因" in asked.content.decode()
    city = move(client, project, "lost", loss_reason="other_city", reason="去了合肥")
    assert "落户外地请写明" in city.content.decode()
    assert trace(project)[0] == "negotiating"
    done = move(client, project, "lost", loss_reason="other_city", reason="去了合肥", winning_city="合肥")
    assert done.status_code == 200
    project.refresh_from_db()
    assert (project.stage, project.left_from, project.winning_city) == ("lost", "negotiating", "合肥")
    assert project.loss_reason == LossReason.objects.get(code="other_city")
    assert Claim.objects.get(lead=project.lead).released_at is not None


def test_a_lost_project_comes_back_to_the_stage_it_left_with_its_claim(as_, owner):
    project = make.project(owner)
    client = as_(owner)
    move(client, project, "lost", loss_reason="no_interest", reason="暂无意向")
    project.refresh_from_db()
    assert move(client, project, "signed", reason="又来了").status_code == 400
    assert move(client, project, "negotiating", reason="又来了").status_code == 200
    project.refresh_from_db()
    assert (project.stage, project.left_from, project.loss_reason) == ("negotiating", "", None)
    assert Claim.objects.get(lead=project.lead).released_at is None
    assert [c.stage for c in project.changes.all()] == ["negotiating", "lost", "negotiating"]


def test_a_lost_project_stays_lost_when_another_unit_has_reported_the_company(as_, owner, outsider, now):
    project = make.project(owner, name="深圳甲一智能有限公司")
    client = as_(owner)
    move(client, project, "lost", loss_reason="no_interest", reason="暂无意向")
    make.lead(outsider, "深圳甲一智能有限公司", at=now)
    project.refresh_from_db()
    refused = move(client, project, "negotiating", reason="又来了")
    assert 'data-missing="claimed_by_other"' in refused.content.decode()
    assert trace(project)[0] == "lost"


def test_nobody_forces_a_lost_project_back_while_another_holds_its_company(as_, owner, head, outsider, now):
    project = make.project(owner, name="深圳甲一智能有限公司")
    move(as_(owner), project, "lost", loss_reason="no_interest", reason="暂无意向")
    make.lead(outsider, "深圳甲一智能有限公司", at=now)
    project.refresh_from_db()
    refused = move(as_(head), project, "negotiating", reason="又来了", forced="on")
    assert (refused.status_code, trace(project)[0]) == (400, "lost")
    assert "任何人都不能强制激活" in refused.content.decode()


def test_what_is_not_mine_does_not_exist_and_what_i_only_read_stays(as_, owner, outsider, leader):
    project = make.ready_for_review(make.project(owner), owner)
    assert move(as_(outsider), project, "review").status_code == 404
    assert move(as_(leader), project, "review").status_code == 403
    assert "data-moves" not in as_(leader).get(BOARD).content.decode()
    assert "data-moves" in as_(owner).get(BOARD).content.decode()
    assert trace(project)[0] == "negotiating"


def test_an_accepted_lead_is_opened_by_its_own_address(as_, owner):
    lead = make.screened(owner)
    answer = as_(owner).post(f"/leads/{lead.pk}/accept/", {"version": lead.version})
    project = Project.objects.get(lead=lead)
    assert (answer.status_code, answer.url) == (302, project.get_absolute_url())


def test_a_lead_that_lacks_something_is_not_opened_and_is_told_what(as_, owner):
    lead = make.lead(owner)
    lead.move_to("screening", by=owner, at=make.NOW)
    answer = as_(owner).post(f"/leads/{lead.pk}/accept/", {"version": lead.version}, headers=HTMX)
    assert answer.status_code == 400
    assert 'data-missing="industry"' in answer.content.decode()
    assert not Project.objects.exists()
    lead.refresh_from_db()
    assert lead.stage == "screening"


def test_the_export_holds_the_filtered_rows_and_is_written_down(as_, owner):
    make.project(owner, name="深圳甲一智能有限公司")
    make.project(owner, name="=cmd|乙二有限公司")
    answer = as_(owner).get("/projects/export/", {"q": "甲一"})
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    event = AuditEvent.objects.get(action="export")
    assert event.detail["rows"] == 1
