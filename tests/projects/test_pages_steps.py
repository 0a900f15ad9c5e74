"""挂起, meetings, the firms behind a project and skipped stages, through page and API alike."""

import threading
from datetime import timedelta

import pytest

from django.db import connection
from django.utils import timezone

from crm.errors import Refused
from crm.models import AuditEvent, Company
from projects.deciding import Passing, record_pass
from projects.models import DecisionNode, DecisionRoute, NodePass, Project, Suspension
from projects.suspending import suspend
from tests import callers, make

WHY = "等待土地挂牌"
USCC, OTHER = "91330105MA2CDTJ07C", "91330105MA2CDTJ17D"


def today():
    return timezone.localdate()


def soon(days=20):
    return today() + timedelta(days=days)


@pytest.fixture
def project(owner):
    return make.project(owner, at=timezone.now() - timedelta(days=3))


@pytest.fixture
def reviewed(project, owner):
    make.ready_for_review(project, owner)
    project.move_to("review", by=owner, at=timezone.now() - timedelta(days=2))
    Project.objects.filter(pk=project.pk).update(category="policy")
    project.refresh_from_db()
    return project


def text(answer):
    return answer.content.decode()


def send(client, project, door, prefix="", **fields):
    data = {f"{prefix}-{name}" if prefix else name: value for name, value in fields.items()}
    return client.post(f"/projects/{project.pk}/{door}/", data)


def test_a_project_is_suspended_and_resumed_on_its_page(as_, owner, project):
    client = as_(owner)
    answer = send(client, project, "suspend", "suspend", until=soon(), reason=WHY, version=project.version)
    assert answer.status_code == 302
    page = text(client.get(project.get_absolute_url()))
    assert f"挂起至 {soon()}" in page
    assert WHY in page
    assert "现在恢复" in page
    project.refresh_from_db()
    assert send(client, project, "resume", version=project.version).status_code == 302
    project.refresh_from_db()
    assert (project.suspended_until, project.next_contact_on) == (None, today())
    assert "恢复" in text(client.get(project.get_absolute_url()))


def test_a_refused_suspension_says_why_at_its_field(as_, owner, project):
    answer = send(as_(owner), project, "suspend", "suspend", until=soon(90), reason=WHY)
    assert answer.status_code == 400
    assert "要由单位负责人或区投促局挂起" in text(answer)
    assert send(as_(owner), project, "suspend", "suspend", until="", reason=WHY).status_code == 400
    assert not Suspension.objects.exists()


def test_page_and_api_refuse_a_suspension_in_the_same_words(as_, owner, project):
    with pytest.raises(Refused) as refusal:
        suspend(project, until=today(), reason=WHY, by=owner, at=timezone.now())
    assert refusal.value.detail in text(
        send(as_(owner), project, "suspend", "suspend", until=today(), reason=WHY)
    )
    caller = callers.person(owner)
    body = caller.post(f"projects/{project.pk}/suspend/", {"until": str(today()), "reason": WHY}).json()
    assert (body["detail"], body["errors"][0]["field"]) == (refusal.value.detail, "until")
    done = caller.post(f"projects/{project.pk}/suspend/", {"until": str(soon()), "reason": WHY})
    assert (done.status_code, done.json()["suspended_until"], done.json()["limit_on"]) == (
        200, str(soon()), None,
    )  # fmt: skip
    moved = caller.post(f"projects/{project.pk}/move/", {"stage": "review"})
    assert (moved.status_code, moved.json()["code"]) == (400, "suspended")
    assert caller.post(f"projects/{project.pk}/resume/").json()["suspended_until"] is None


def test_a_suspended_project_is_seen_as_such_on_list_and_board_and_found_by_it(as_, owner, project):
    other = make.project(owner, name="杭州不停科技有限公司")
    suspend(project, until=soon(), reason=WHY, by=owner, at=timezone.now())
    client = as_(owner)
    for place in ("/projects/", "/projects/board/"):
        assert f"挂起至 {soon():%m-%d}" in text(client.get(place))
    found = client.get("/projects/?suspended=1").context["page"].rows
    assert [one.pk for one in found] == [project.pk]
    left = client.get("/projects/?suspended=no").context["page"].rows
    assert [one.pk for one in left] == [other.pk]


def test_days_of_a_pause_are_no_days_on_the_list(as_, owner, project):
    at = timezone.now()
    suspend(project, until=soon(), reason=WHY, by=owner, at=at - timedelta(days=2, hours=1))
    (row,) = as_(owner).get("/projects/").context["page"].rows
    assert row.days_in_stage == 0
    bar = as_(owner).get(project.get_absolute_url()).context["bar"]
    assert bar[0].days == 0


def test_meetings_are_recorded_and_taken_back_on_the_page(as_, owner, reviewed):
    client = as_(owner)
    assert "「投委会」还没有通过" in text(client.get(reviewed.get_absolute_url()))
    answer = send(
        client, reviewed, "passes", "pass", node="committee", passed_on=today(), minutes="投委会〔2026〕3号"
    )
    assert answer.status_code == 302
    assert "投委会〔2026〕3号" in text(client.get(reviewed.get_absolute_url()))
    found = NodePass.objects.get()
    door = f"passes/{found.pk}/withdraw"
    refused = send(client, reviewed, door, f"withdraw-{found.pk}", on=today(), reason="")
    assert refused.status_code == 400
    assert "请写明撤回理由" in text(refused)
    send(client, reviewed, door, f"withdraw-{found.pk}", on=today(), reason="条款有变")
    page = text(client.get(reviewed.get_absolute_url()))
    assert "撤回：投委会通过" in page
    entries = client.get(reviewed.get_absolute_url()).context["shown"].entries
    assert [entry.kind for entry in entries][:2] == ["withdrawal", "pass"]
    assert "条款有变" in page


def test_page_and_api_refuse_a_pass_in_the_same_words(as_, owner, reviewed):
    with pytest.raises(Refused) as refusal:
        record_pass(reviewed, Passing("standing", today(), "1号"), by=owner, at=timezone.now())
    fields = {"node": "standing", "passed_on": str(today()), "minutes": "1号"}
    assert refusal.value.detail in text(send(as_(owner), reviewed, "passes", "pass", **fields))
    caller = callers.person(owner)
    body = caller.post(f"projects/{reviewed.pk}/passes/", fields).json()
    assert body["detail"] == refusal.value.detail
    done = caller.post(f"projects/{reviewed.pk}/passes/", {**fields, "node": "committee"})
    assert (done.status_code, done.json()["node_label"]) == (201, "投委会")
    listed = caller.get(f"projects/{reviewed.pk}/passes/").json()
    assert [(one["node"], one["passed_on"]) for one in listed["route"]] == [
        ("committee", str(today())), ("standing", None),
    ]  # fmt: skip
    fallen = {"node": "committee", "on": str(today()), "reason": "条款有变"}
    back = caller.post(f"projects/{reviewed.pk}/passes/withdraw/", fallen)
    assert (back.status_code, back.json()["withdrawn_on"]) == (200, str(today()))


def test_a_partner_reads_which_meetings_passed_and_not_what_was_noted(owner, reviewed):
    person, day = callers.person(owner), str(today())
    told = {"node": "committee", "passed_on": day, "minutes": "3号", "note": "canary：有保留意见"}
    assert person.post(f"projects/{reviewed.pk}/passes/", told).status_code == 201
    back = {"node": "committee", "on": day, "reason": "canary：条款有变"}
    assert person.post(f"projects/{reviewed.pk}/passes/withdraw/", back).status_code == 200
    read = callers.partner(scopes="projects:read_all").get(f"projects/{reviewed.pk}/passes/")
    (row,) = read.json()["results"]
    assert (row["node_label"], row["passed_on"], row["withdrawn_on"]) == ("投委会", day, day)
    assert (row["note"], row["withdrawn_reason"], row["by_label"]) == (None, None, None)
    assert "canary" not in read.content.decode()


def test_the_registered_firm_is_the_one_we_know_by_its_code(as_, owner, project):
    known = Company.objects.create(
        name="杭州新设科技有限公司", uscc=OTHER, created_at=make.NOW, updated_at=make.NOW
    )
    before = Company.objects.count()
    answer = send(as_(owner), project, "registered", "registered", name="杭州新设科技有限公司", uscc=OTHER)
    assert answer.status_code == 302
    project.refresh_from_db()
    assert (project.registered_company, Company.objects.count()) == (known, before)
    assert project.company != known


def test_a_team_goes_on_as_the_firm_it_registered(as_, owner, project):
    team, name = project.company, project.company.name
    fields = {"name": "杭州星海感知科技有限公司", "uscc": USCC, "is_ours": "on"}
    send(as_(owner), project, "registered", "registered", **fields)
    team.refresh_from_db()
    project.refresh_from_db()
    assert (team.name, team.uscc, team.former_names) == ("杭州星海感知科技有限公司", USCC, [name])
    assert (project.company, project.registered_company) == (team, team)


def test_a_project_without_a_company_gets_the_one_it_registered(as_, owner, project):
    Project.objects.filter(pk=project.pk).update(company=None)
    send(as_(owner), project, "registered", "registered", name="杭州星海感知科技有限公司", uscc=USCC)
    project.refresh_from_db()
    assert (project.company.uscc, project.registered_company) == (USCC, project.company)


def test_three_firms_stand_behind_one_project(as_, owner, project):
    Company.objects.filter(pk=project.company_id).update(uscc=USCC)
    send(as_(owner), project, "investor", "investor", name="Starsea Capital Ltd.")
    send(as_(owner), project, "registered", "registered", name="杭州新设科技有限公司", uscc=OTHER)
    project.refresh_from_db()
    assert len({project.company_id, project.investor_id, project.registered_company_id}) == 3
    page = text(as_(owner).get(project.get_absolute_url()))
    assert "Starsea Capital Ltd." in page
    assert OTHER in page


def test_a_code_that_belongs_to_another_name_is_refused(as_, owner, project):
    Company.objects.create(name="杭州别家科技有限公司", uscc=OTHER, created_at=make.NOW, updated_at=make.NOW)
    answer = send(as_(owner), project, "registered", "registered", name="杭州新设科技有限公司", uscc=OTHER)
    assert answer.status_code == 400
    assert "登记的是「杭州别家科技有限公司」" in text(answer)
    project.refresh_from_db()
    assert project.registered_company is None


def states(client, record):
    return {stop.code: stop.state for stop in client.get(record.get_absolute_url()).context["bar"]}


def test_a_stage_passed_over_is_shown_as_skipped_until_it_is_entered(as_, owner, head, project):
    client, at = as_(owner), timezone.now()
    project.move_to("registered", by=head, at=at, reason="当天签约并注册", forced=True)
    assert states(client, project) == {
        "negotiating": "done", "review": "skipped", "signed": "skipped", "registered": "now",
        "landed": "todo", "operating": "todo", "aftercare": "todo",
    }  # fmt: skip
    assert "跳过" in text(client.get(project.get_absolute_url()))
    project.move_to("negotiating", by=head, at=at, reason="登记有误", forced=True)
    assert states(client, project)["review"] == "todo"
    project.move_to("review", by=head, at=at, reason="补走", forced=True)
    assert states(client, project)["review"] == "now"
    project.refresh_from_db()
    assert project.furthest == "registered"


def test_a_lead_shows_the_stage_it_passed_over(as_, owner, head):
    lead = make.lead(owner)
    lead.move_to("accepted", by=head, at=timezone.now(), reason="区长交办", forced=True)
    assert states(as_(owner), lead)["screening"] == "skipped"


def test_a_route_is_changed_in_the_settings_and_logged(as_, admin_user):
    route = DecisionRoute.objects.get(category="other")
    form = {
        "category": "other", "basis": "2026 年规则", "nodes-TOTAL_FORMS": 1, "nodes-INITIAL_FORMS": 0,
        "nodes-0-order": 1, "nodes-0-code": "committee", "nodes-0-name": "投委会", "nodes-0-route": route.pk,
    }  # fmt: skip
    answer = as_(admin_user).post(f"/admin/projects/decisionroute/{route.pk}/change/", form)
    assert answer.status_code == 302, text(answer)
    assert DecisionNode.objects.get(route=route).name == "投委会"
    assert AuditEvent.objects.get(detail__会议="投委会").actor == admin_user


def at_once(*deeds):
    """Run the deeds in threads of their own, together; [None or the Refused each met]."""
    gate, met = threading.Barrier(len(deeds)), []

    def run(deed):
        gate.wait()
        try:
            deed()
            met.append(None)
        except Refused as refusal:
            met.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return met


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_suspensions_one_counts(owner, teammate, project):
    def deed(by, days):
        return lambda: suspend(
            Project.objects.get(pk=project.pk), until=soon(days), reason=WHY, by=by, at=timezone.now()
        )

    met = at_once(deed(owner, 5), deed(teammate, 9))
    assert sorted(met, key=str) == [None, "already_suspended"]
    assert Suspension.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_passes_of_one_meeting_one_counts(owner, teammate, reviewed):
    def deed(by):
        passing = Passing("committee", today(), f"{by}号")
        return lambda: record_pass(Project.objects.get(pk=reviewed.pk), passing, by=by, at=timezone.now())

    assert sorted(at_once(deed(owner), deed(teammate)), key=str) == [None, "already_passed"]
    assert NodePass.objects.count() == 1
