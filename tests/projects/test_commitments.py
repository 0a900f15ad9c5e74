"""Commitments through their doors: entering, judging, waiving, the list, and the rate by unit."""

from datetime import date, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEvent
from crm.workdays import shanghai_day
from projects.commitments import in_state, keeping, keeping_by_unit
from projects.models import Commitment, Correction
from tests import callers, make

TODAY = shanghai_day(timezone.now())
PAST, SOON, FAR = TODAY - timedelta(days=10), TODAY + timedelta(days=20), TODAY + timedelta(days=200)


@pytest.fixture
def agreement(owner):
    return make.agreement(make.project(owner, name="深圳星海智能有限公司"), owner)


@pytest.fixture
def overdue(agreement):
    return make.commitment(agreement, PAST, item="年纳税 400 万元")


def verdict(**changes):
    given = {
        "outcome": "fulfilled",
        "judged_on": f"{TODAY}",
        "evidence": "完税证明 330105-01",
        "version": "1",
    }
    return {**given, **changes}


def judge(client, row, **changes):
    return client.post(f"/projects/commitments/{row.pk}/judge/", verdict(**changes))


def promise(client, agreement, **changes):
    given = {"side": "company", "item": "用工 80 人", "due_on": f"{FAR}", "target": "80", "measure": "人"}
    return client.post(f"{agreement.get_absolute_url()}promise/", {**given, **changes})


def test_a_commitment_is_entered_with_measure_day_and_both_people(as_, owner, manager, agreement):
    client = as_(owner)
    people = {"owner": owner.pk, "partner_owner": manager.pk}
    assert promise(client, agreement, **people).status_code == 302
    row = Commitment.objects.get()
    assert (row.target, row.owner, row.partner_owner, row.project) == (80, owner, manager, agreement.project)
    page = client.get(agreement.project.get_absolute_url()).content.decode()
    assert "用工 80 人" in page
    assert "未到期" in page


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"due_on": "2026-03-01"}, "到期日不能早于协议签订日期"),
        ({"measure": ""}, "请写明计量单位"),
        ({"item": ""}, "请填写承诺事项"),
        ({"due_on": ""}, "请填写到期日"),
    ],
)
def test_a_commitment_that_cannot_be_is_refused(as_, owner, agreement, changes, words):
    answer = promise(as_(owner), agreement, **changes)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Commitment.objects.exists()


def test_nobody_answers_for_a_project_they_do_not_see(as_, owner, outsider, agreement):
    answer = promise(as_(owner), agreement, partner_owner=outsider.pk)
    assert answer.status_code == 400
    assert not Commitment.objects.exists()


def test_a_fulfilled_commitment_wants_its_proof(as_, owner, overdue):
    client = as_(owner)
    assert "请写明证明材料" in judge(client, overdue, evidence="").content.decode()
    assert judge(client, overdue, actual="412.5").status_code == 302
    overdue.refresh_from_db()
    assert (overdue.outcome, overdue.judged_by, overdue.judged_on) == ("fulfilled", owner, TODAY)
    assert keeping([overdue], TODAY).rate == 1


def test_less_than_was_promised_is_kept_only_with_a_reason(as_, owner, agreement):
    """A consumption below its target is kept; an investment of half is not, and the rate must not say so."""
    row = make.commitment(agreement, PAST, item="固定资产投资", target=1000, measure="万元")
    client = as_(owner)
    told = "实际 999.5 万元，低于目标 1,000 万元；记为「已履约」请写明原因"
    assert told in judge(client, row, actual="999.5").content.decode()
    given = {"outcome": "fulfilled", "judged_on": f"{TODAY}", "evidence": "审计报告", "actual": "999.5"}
    place = f"projects/{row.project_id}/commitments/{row.pk}/judge/"
    api = callers.person(owner).post(place, given, If_Match='"v1"')
    assert (api.status_code, told in api.json()["detail"]) == (400, True)
    assert judge(client, row, actual="999.5", reason="含税口径，折算后达到").status_code == 302
    exact = make.commitment(agreement, PAST, target=1000, measure="万元")
    assert judge(client, exact, actual="1000").status_code == 302


@pytest.mark.parametrize("outcome", ["partial", "breached"])
def test_what_was_not_kept_wants_a_reason(as_, owner, overdue, outcome):
    answer = judge(as_(owner), overdue, outcome=outcome)
    assert "请写明原因与下一步" in answer.content.decode()
    overdue.refresh_from_db()
    assert overdue.outcome == ""


def test_nothing_is_breached_before_its_day(as_, owner, agreement):
    row = make.commitment(agreement, SOON)
    answer = judge(as_(owner), row, outcome="breached", reason="企业说做不到")
    assert "还没有到期，不能记为违约" in answer.content.decode()


def test_waiving_is_for_heads_and_the_bureau_with_a_reason(as_, owner, head, overdue):
    said = {"outcome": "waived", "reason": "疫情影响，区政府会议纪要 12 号", "evidence": ""}
    assert judge(as_(owner), overdue, **said).status_code == 400
    assert judge(as_(head), overdue, **{**said, "reason": ""}).status_code == 400
    overdue.refresh_from_db()
    assert overdue.outcome == ""
    assert judge(as_(head), overdue, **said).status_code == 302
    overdue.refresh_from_db()
    assert (overdue.outcome, AuditEvent.objects.get(action="waive").actor) == ("waived", head)
    back = judge(as_(owner), overdue, outcome="fulfilled", reason="补交", version="2")
    assert back.status_code == 403


def test_a_changed_verdict_wants_a_reason_and_keeps_the_old_one(as_, owner, overdue):
    client = as_(owner)
    judge(client, overdue)
    assert "更改请写明理由" in judge(client, overdue, outcome="partial", version="2").content.decode()
    judge(client, overdue, outcome="partial", reason="复核为 380 万元", version="2")
    overdue.refresh_from_db()
    assert overdue.outcome == "partial"
    assert Correction.objects.filter(commitment=overdue).first().changes["outcome"] == ["已履约", "部分履约"]
    assert judge(client, overdue, reason="又改", version="1").status_code == 412


def test_a_due_date_moves_only_with_a_reason(as_, owner, overdue):
    client, url = as_(owner), f"/projects/commitments/{overdue.pk}/edit/"
    form = client.get(url).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    assert "更改到期日请写明理由" in client.post(url, {**values, "due_on": f"{FAR}"}).content.decode()
    moved = {**values, "due_on": f"{FAR}", "reason": "补充协议约定"}
    assert client.post(url, moved).status_code == 302
    overdue.refresh_from_db()
    assert (overdue.due_on, overdue.version) == (FAR, 2)


def test_the_list_begins_with_what_one_sees_and_filters_add_up(as_, owner, outsider, manager, agreement):
    elsewhere = make.agreement(make.project(outsider), outsider)
    mine = make.commitment(agreement, PAST, item="甲项", owner=owner)
    soon = make.commitment(agreement, SOON, item="乙项", side="government")
    make.commitment(agreement, FAR, item="丙项")
    make.commitment(elsewhere, PAST, item="丁项")
    client = as_(owner)

    def listed(**query):
        return [one.item for one in client.get("/projects/commitments/", query).context["page"].rows]

    assert listed() == ["甲项", "乙项", "丙项"]
    assert listed(due="soon") == [soon.item]
    assert listed(due="overdue") == listed(state="unproven") == listed(who="me") == [mine.item]
    assert listed(side="government") == [soon.item]
    assert client.get("/projects/commitments/?side=both").status_code == 400
    assert client.get("/projects/commitments/?colour=red").status_code == 400
    everything = as_(manager).get("/projects/commitments/", {"unit": "wanggu"})
    assert [one.item for one in everything.context["page"].rows] == ["丁项"]


def test_the_list_turns_its_pages_without_losing_or_doubling(as_, owner, agreement):
    for n in range(120):
        make.commitment(agreement, FAR + timedelta(days=n // 3), item=f"第{n}项")
    client, seen, token = as_(owner), [], ""
    while True:
        page = client.get("/projects/commitments/", {"page": token} if token else {}).context["page"]
        seen += [one.pk for one in page.rows]
        if not (token := page.next):
            break
    assert seen == list(Commitment.objects.order_by("due_on", "pk").values_list("pk", flat=True))
    for token in ("x", "20260101", "20269999-1", "20260101-" + "9" * 30):
        assert client.get("/projects/commitments/", {"page": token}).status_code == 400


def test_the_list_asks_the_database_as_often_for_40_rows_as_for_2(as_, owner, agreement):
    client, spent = as_(owner), []
    for number in (2, 38):
        for _ in range(number):
            make.commitment(agreement, FAR, owner=owner)
        client.get("/projects/commitments/")
        with CaptureQueriesContext(connection) as found:
            client.get("/projects/commitments/")
        spent.append(len(found))
    assert spent[0] == spent[1] <= 8


def test_the_rate_by_unit_says_what_the_single_states_say(owner, outsider, agreement):
    elsewhere = make.agreement(make.project(outsider), outsider)
    judged = {"judged_on": TODAY, "reason": "记录", "evidence": "证明"}
    for outcome in ("", "fulfilled", "partial", "breached", "waived"):
        for due_on in (PAST, TODAY, FAR):
            said = judged if outcome else {}
            make.commitment(agreement, due_on, outcome=outcome, **said)
    make.commitment(elsewhere, FAR)
    by_unit = keeping_by_unit(Commitment.objects.all(), TODAY)
    assert by_unit[owner.unit_id] == keeping(Commitment.objects.filter(agreement=agreement), TODAY)
    assert by_unit[owner.unit_id].rate == pytest.approx(1 / 4)
    assert by_unit[outsider.unit_id].rate is None


def test_the_state_turns_on_the_day_after_the_due_day():
    one = Commitment(due_on=date(2026, 4, 20))
    assert one.state(date(2026, 4, 20)) == "open"
    assert one.state(date(2026, 4, 21)) == "unproven"


@pytest.fixture
def ended(owner, agreement):
    """An agreement 解除 five days ago."""
    day = TODAY - timedelta(days=5)
    make.agreement(
        agreement.project, owner, kind="termination", on=day, supersedes=agreement, amount_wan=None
    )
    return day


def test_what_was_not_due_at_the_end_of_its_agreement_binds_no_more_and_is_shown_apart(
    as_, owner, agreement, ended
):
    due, gone = make.commitment(agreement, PAST), make.commitment(agreement, ended)
    later = make.commitment(agreement, FAR, item="年产值 2 亿元")
    rows = list(Commitment.objects.with_end())
    kept = keeping(rows, TODAY)
    assert {one: one.state(TODAY) for one in rows} == {due: "unproven", gone: "ended", later: "ended"}
    assert (kept.due, kept.rate, kept.ended) == (1, 0, 2)
    client = as_(owner)
    shown = client.get(agreement.get_absolute_url()).content.decode()
    assert "到期 1 条，已履约 0 条" in shown
    assert "已终止 2" in shown
    page = client.get("/projects/commitments/", {"state": "ended"}).context["page"]
    assert [one.pk for one in page.rows] == [gone.pk, later.pk]
    assert client.get("/projects/commitments/", {"due": "soon"}).context["page"].rows == []


def test_nobody_judges_or_promises_beyond_the_end_of_an_agreement(as_, owner, agreement, ended):
    row = make.commitment(agreement, ended)
    client = as_(owner)
    assert "记录</button>" not in client.get(row.get_absolute_url()).content.decode()
    refused = judge(client, row)
    assert (refused.status_code, f"协议已于 {ended} 解除" in refused.content.decode()) == (400, True)
    row.refresh_from_db()
    assert row.outcome == ""
    assert "请登记在仍然有效的协议里" in promise(client, agreement).content.decode()
    assert promise(client, agreement, due_on=f"{ended - timedelta(days=1)}").status_code == 302


def test_a_replaced_agreement_and_its_successor_count_each_promise_once(owner, agreement):
    make.commitment(agreement, SOON)
    new = make.agreement(agreement.project, owner, on=TODAY - timedelta(days=1), supersedes=agreement)
    make.commitment(new, SOON)
    kept = keeping(Commitment.objects.with_end(), SOON + timedelta(days=1))
    assert (kept.due, kept.ended, kept.unproven) == (1, 1, 1)


def test_a_lost_project_owes_what_was_due_before_it_was_lost_and_a_revived_one_all_of_it(owner, agreement):
    early, late = make.commitment(agreement, PAST), make.commitment(agreement, SOON)
    at = timezone.now() - timedelta(days=3)
    projects = type(agreement.project).objects.filter(pk=agreement.project_id)
    projects.update(stage="lost", entered_at=at)
    states = {one: one.state(TODAY) for one in Commitment.objects.with_end()}
    assert states == {early: "unproven", late: "ended"}
    assert keeping_by_unit(Commitment.objects.all(), TODAY)[owner.unit_id].due == 1
    projects.update(stage="signed")
    assert {one.state(TODAY) for one in Commitment.objects.with_end()} == {"unproven", "open"}


def test_the_lists_and_rates_say_of_ended_agreements_what_the_single_states_say(owner, agreement, ended):
    judged = {"judged_on": TODAY, "reason": "记录", "evidence": "证明"}
    for outcome in ("", "fulfilled", "breached", "waived"):
        for due_on in (PAST, ended, TODAY, FAR):
            make.commitment(agreement, due_on, outcome=outcome, **(judged if outcome else {}))
    rows = list(Commitment.objects.all())
    assert keeping_by_unit(Commitment.objects.all(), TODAY)[owner.unit_id] == keeping(rows, TODAY)
    for state in Commitment.State:
        found = {one.pk for one in rows if one.state(TODAY) == state}
        assert {one.pk for one in in_state(Commitment.objects.all(), state, TODAY)} == found


def test_nothing_is_judged_before_it_was_promised(owner, freeze):
    freeze(make.NOW)
    project = make.project(owner)
    promised = make.commitment(make.agreement(project, owner, on=date(2026, 3, 1)), date(2026, 4, 10))
    api, place = callers.person(owner), f"projects/{project.pk}/commitments/{promised.pk}/"
    told = {"outcome": "fulfilled", "judged_on": "2026-02-28", "evidence": "拱招核〔2026〕1号"}
    answer = api.post(f"{place}judge/", told, If_Match=api.get(place).headers["ETag"])
    assert answer.json()["detail"] == "核实日期不能早于协议签订日期（2026-03-01）。"
    promised.refresh_from_db()
    assert promised.outcome == ""
