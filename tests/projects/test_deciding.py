"""评审决策: routes as data, passes in order, withdrawals with their trace, and the gate behind them."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import LossReason, Notification
from crm.workdays import shanghai_day
from leads.losing import Loss
from projects.deciding import (
    AlreadyPassed,
    DecisionRefused,
    Passing,
    Withdrawal,
    course_of,
    record_pass,
    route_of,
    withdraw_pass,
)
from projects.losing import lose
from projects.models import Category, DecisionRoute, NodePass, Project
from tests import callers, make

PAGE = (Path(__file__).parents[2] / "docs" / "stages.md").read_text(encoding="utf-8")
TODAY = shanghai_day(make.NOW)
CATEGORIES = {label: code for code, label in Category.choices}
LACKING = {"category": "先选项目分类", "public_equity_wan": "先填财政或国资出资"}


def examples():
    """The rows of the table under 决策路径."""
    lines = PAGE.split("## 决策路径")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row[:2]))
def test_a_category_and_amount_lead_through_the_meetings_of_the_page(db, row):
    category, equity, meetings = row
    amount = Decimal(equity) if equity[0].isdigit() else None
    project = Project(category=CATEGORIES.get(category, ""), public_equity_wan=amount)
    found = project.decisions(TODAY)
    names = " → ".join(node.name for node in found.nodes)
    said = "，".join(LACKING[name] for name in found.lacking) or names or ("不需要" if found.route else "")
    assert said == meetings


def test_there_are_examples():
    assert len(examples()) == 7


@pytest.fixture
def project(owner):
    """A 供地类 project in 评审决策 that lacks nothing but its meetings."""
    found = make.ready_for_review(make.project(owner), owner)
    found.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(found, owner)
    Project.objects.filter(pk=found.pk).update(category="land")
    found.refresh_from_db()
    return found


def passed(project, node, by, on=TODAY, at=make.NOW):
    return record_pass(project, Passing(node, on, f"纪要〔2026〕{node}"), by=by, at=at)


def missing(project):
    return [item.code for item in Project.objects.get(pk=project.pk).missing_for("signed")]


def test_the_gate_asks_for_each_meeting_until_it_has_passed(project, owner):
    assert missing(project) == ["pass_committee", "pass_standing", "pass_land_board"]
    for left, node in ((2, "committee"), (1, "standing"), (0, "land_board")):
        passed(project, node, owner)
        assert len(missing(project)) == left
    project.move_to("signed", by=owner, at=make.NOW)
    assert Project.objects.get(pk=project.pk).stage == "signed"


def test_meetings_pass_in_their_order(project, owner):
    with pytest.raises(DecisionRefused, match="请先登记「投委会」"):
        passed(project, "standing", owner)
    passed(project, "committee", owner)
    with pytest.raises(DecisionRefused, match="不能早于「投委会」"):
        passed(project, "standing", owner, on=TODAY - timedelta(days=1))
    assert [one.code for one in NodePass.objects.all()] == ["committee"]


@pytest.mark.parametrize(
    ("passing", "words"),
    [
        (Passing("committee", TODAY, " "), "会议纪要文号"),
        (Passing("committee", TODAY + timedelta(days=1), "1号"), "不能晚于今天"),
        (Passing("soe_board", TODAY, "1号"), "没有这个会议"),
    ],
)
def test_a_pass_that_cannot_be_is_refused(project, owner, passing, words):
    with pytest.raises(DecisionRefused, match=words):
        record_pass(project, passing, by=owner, at=make.NOW)
    assert not NodePass.objects.exists()


def test_nothing_is_decided_before_the_review(owner):
    project = make.project(owner)
    Project.objects.filter(pk=project.pk).update(category="policy")
    with pytest.raises(DecisionRefused, match="进入「评审决策」后"):
        passed(project, "committee", owner)


def test_a_meeting_passes_once(project, owner):
    passed(project, "committee", owner)
    with pytest.raises(AlreadyPassed, match="已于 2026-04-20 通过"):
        passed(project, "committee", owner)
    assert NodePass.objects.count() == 1


def test_a_withdrawal_takes_the_later_passes_along_and_removes_nothing(project, owner):
    passes = [passed(project, node, owner) for node in ("committee", "standing", "land_board")]
    fallen = withdraw_pass(passes[1], Withdrawal(TODAY, "条款有变"), by=owner, at=make.NOW)
    assert [one.code for one in fallen] == ["standing", "land_board"]
    assert missing(project) == ["pass_standing", "pass_land_board"]
    kept = {one.code: one.withdrawn_reason for one in NodePass.objects.all()}
    assert kept == {"committee": "", "standing": "条款有变", "land_board": "条款有变"}
    passed(project, "standing", owner)
    assert NodePass.objects.filter(code="standing").count() == 2


@pytest.mark.parametrize(
    ("withdrawal", "words"),
    [
        (Withdrawal(TODAY, " "), "撤回理由"),
        (Withdrawal(TODAY + timedelta(days=1), "改"), "不能晚于今天"),
        (Withdrawal(TODAY - timedelta(days=1), "改"), "不能早于通过日期"),
    ],
)
def test_a_withdrawal_says_when_and_why(project, owner, withdrawal, words):
    one = passed(project, "committee", owner)
    with pytest.raises(DecisionRefused, match=words):
        withdraw_pass(one, withdrawal, by=owner, at=make.NOW)
    assert NodePass.objects.get().withdrawn_on is None


def test_a_pass_is_withdrawn_once(project, owner):
    one = passed(project, "committee", owner)
    withdraw_pass(one, Withdrawal(TODAY, "重新上会"), by=owner, at=make.NOW)
    with pytest.raises(DecisionRefused, match="已于 2026-04-20 撤回"):
        withdraw_pass(one, Withdrawal(TODAY, "再撤"), by=owner, at=make.NOW)


def test_another_category_asks_for_its_own_meetings_and_keeps_what_passed(project, owner):
    passed(project, "committee", owner)
    Project.objects.filter(pk=project.pk).update(category="investment", public_equity_wan=Decimal(6000))
    assert missing(project) == ["pass_soe_board", "pass_standing"]
    Project.objects.filter(pk=project.pk).update(public_equity_wan=Decimal(5000))
    assert missing(project) == []
    Project.objects.filter(pk=project.pk).update(public_equity_wan=None)
    assert missing(project) == ["public_equity"]
    Project.objects.filter(pk=project.pk).update(category="")
    assert missing(project) == ["category"]


def test_a_route_holds_within_its_days(project):
    DecisionRoute.objects.filter(category="land").update(active_to=date(2026, 4, 19))
    assert route_of(project, date(2026, 4, 19)).category == "land"
    assert route_of(project, TODAY) is None
    assert missing(project) == ["route"]
    newer = DecisionRoute.objects.create(category="land", active_from=date(2026, 4, 20))
    newer.nodes.create(order=1, code="congress", name="党工委会")
    assert missing(project) == ["pass_congress"]


def test_the_course_says_which_meeting_is_next(project, owner):
    passed(project, "committee", owner)
    course = course_of(project, TODAY)
    assert [(stop.node.code, stop.is_next) for stop in course.stops] == [
        ("committee", False), ("standing", True), ("land_board", False),
    ]  # fmt: skip
    assert not course.is_done


def test_strangers_record_nothing(project, outsider, leader):
    for person in (outsider, leader):
        with pytest.raises(Exception, match="您的角色或单位"):
            passed(project, "committee", person)
    assert not NodePass.objects.exists()


@pytest.fixture
def turned(project, owner):
    """A 政策类 project that passed both its meetings and became 投资类: now 国企投决会 comes first."""
    for node, days in (("committee", 8), ("standing", 6)):
        Project.objects.filter(pk=project.pk).update(category="policy")
        passed(project, node, owner, on=TODAY - timedelta(days=days))
    Project.objects.filter(pk=project.pk).update(category="investment", public_equity_wan=Decimal(6000))
    project.refresh_from_db()
    return project


def standing(project):
    return {one.code: one.passed_on for one in project.passes.standing()}


def texts(project):
    return [item.text for item in Project.objects.get(pk=project.pk).missing_for("signed")]


def test_meetings_held_before_one_that_comes_first_do_not_count(as_, turned, owner):
    assert missing(turned) == ["pass_soe_board"]
    passed(turned, "soe_board", owner)
    words = "在「国企投决会」之前通过，按决策路径须重新确认。"
    assert texts(turned) == [f"「投委会」{words}", f"「常务会」{words}"]
    api = callers.person(owner).post(f"projects/{turned.pk}/move/", {"stage": "signed"})
    assert [one["code"] for one in api.json()["missing"]] == ["pass_committee", "pass_standing"]
    page = as_(owner).get(turned.get_absolute_url()).content.decode()
    assert page.count("在「国企投决会」之前，须重新确认") == 2
    route = callers.person(owner).get(f"projects/{turned.pk}/passes/").json()["route"]
    assert [(one["passed_on"], one["to_confirm"]) for one in route] == [
        ("2026-04-20", None), (None, "2026-04-12"), (None, "2026-04-14"),
    ]  # fmt: skip
    assert Project.objects.get().stage == "review"


def test_they_count_again_once_confirmed_in_order(as_, turned, owner, freeze):
    freeze(make.NOW)
    passed(turned, "soe_board", owner, on=TODAY - timedelta(days=2))
    with pytest.raises(DecisionRefused, match="请先登记「投委会」"):
        passed(turned, "standing", owner)
    with pytest.raises(DecisionRefused, match="不能早于「国企投决会」"):
        passed(turned, "committee", owner, on=TODAY - timedelta(days=3))
    again = {"pass-node": "committee", "pass-passed_on": f"{TODAY}", "pass-minutes": "纪要9号"}
    assert as_(owner).post(f"/projects/{turned.pk}/passes/", again).status_code == 302
    old = NodePass.objects.get(code="committee", withdrawn_on=TODAY)
    assert (old.withdrawn_by, old.withdrawn_reason) == (owner, "在「国企投决会」之前通过，按决策路径重新确认")
    assert missing(turned) == ["pass_standing"]
    passed(turned, "standing", owner)
    assert missing(turned) == []
    page = as_(owner).get(turned.get_absolute_url()).content.decode()
    assert "撤回：投委会通过" in page


def test_a_meeting_really_held_before_the_others_changes_nothing(turned, owner):
    passed(turned, "soe_board", owner, on=TODAY - timedelta(days=9))
    assert missing(turned) == []


def test_of_one_day_what_was_recorded_later_came_later(project, owner):
    Project.objects.filter(pk=project.pk).update(category="policy")
    passed(project, "committee", owner)
    passed(project, "standing", owner)
    Project.objects.filter(pk=project.pk).update(category="investment", public_equity_wan=Decimal(6000))
    passed(project, "soe_board", owner)
    assert missing(project) == ["pass_committee", "pass_standing"]


def test_a_route_that_turns_the_order_round_asks_again(project, owner):
    passed(project, "committee", owner, on=TODAY - timedelta(days=2))
    passed(project, "standing", owner)
    DecisionRoute.objects.filter(category="land").update(active_to=date(2026, 4, 19))
    newer = DecisionRoute.objects.create(category="land", active_from=date(2026, 4, 20))
    newer.nodes.create(order=1, code="standing", name="常务会")
    newer.nodes.create(order=2, code="committee", name="投委会")
    assert texts(project) == ["「投委会」在「常务会」之前通过，按决策路径须重新确认。"]


def test_a_withdrawal_takes_along_what_came_after_it_whatever_the_route_is_now(project, owner):
    Project.objects.filter(pk=project.pk).update(category="policy")
    first = passed(project, "committee", owner)
    passed(project, "standing", owner)
    Project.objects.filter(pk=project.pk).update(category="other")
    fallen = withdraw_pass(first, Withdrawal(TODAY, "条款有变"), by=owner, at=make.NOW)
    assert [one.code for one in fallen] == ["committee", "standing"]
    assert standing(project) == {}
    Project.objects.filter(pk=project.pk).update(category="policy")
    assert missing(project) == ["pass_committee", "pass_standing"]


def test_a_withdrawal_leaves_the_meetings_before_it_on_the_route(turned, owner):
    passed(turned, "soe_board", owner)
    committee = turned.passes.get(code="committee")
    fallen = withdraw_pass(committee, Withdrawal(TODAY, "条款有变"), by=owner, at=make.NOW)
    assert [one.code for one in fallen] == ["committee", "standing"]
    assert standing(turned) == {"soe_board": TODAY}


LATER = make.NOW + timedelta(days=10)
BROKEN = "签约所依据的决策已撤回"


@pytest.fixture
def signed(project, owner):
    """A project signed on three meetings, each passed."""
    for node in ("committee", "standing", "land_board"):
        passed(project, node, owner)
    project.move_to("signed", by=owner, at=make.NOW)
    return project


def withdraw(client, project, node, on=TODAY):
    found = project.passes.standing().get(code=node)
    told = {f"withdraw-{found.pk}-on": f"{on}", f"withdraw-{found.pk}-reason": "条款有重大变化"}
    return client.post(f"/projects/{project.pk}/passes/{found.pk}/withdraw/", told)


def test_a_decision_withdrawn_after_the_signature_is_told_and_shown(
    as_, freeze, signed, owner, head, manager, teammate
):
    freeze(LATER)
    client = as_(head)
    assert BROKEN not in client.get(signed.get_absolute_url()).content.decode()
    assert withdraw(client, signed, "standing").status_code == 302
    told = Notification.objects.filter(title__startswith=BROKEN)
    assert {one.user for one in told} == {owner, head, manager}
    for words in ("「常务会」", "「供地会」", "条款有重大变化", "退回评审决策"):
        assert words in told[0].body
    page = client.get(signed.get_absolute_url()).content.decode()
    assert f"{BROKEN}：「常务会」、「供地会」" in page
    assert page.count(BROKEN) == 3  # on the panel, and at both withdrawals in the timeline
    assert Project.objects.get().stage == "signed"


def test_it_is_shown_until_the_meetings_pass_again_and_the_trace_stays(as_, freeze, signed, owner):
    freeze(LATER)
    client = as_(owner)
    withdraw(client, signed, "land_board")
    passed(signed, "land_board", owner, at=LATER)
    page = client.get(signed.get_absolute_url()).content.decode()
    assert f"{BROKEN}：" not in page
    assert page.count(BROKEN) == 1


def test_over_the_api_the_same_people_are_told(signed, owner, head, manager):
    body = {"node": "committee", "on": f"{TODAY}", "reason": "条款有重大变化"}
    assert callers.person(owner).post(f"projects/{signed.pk}/passes/withdraw/", body).status_code == 200
    told = Notification.objects.filter(title__startswith=BROKEN)
    assert {one.user for one in told} == {owner, head, manager}


def test_a_loss_and_a_return_do_not_hide_it(as_, freeze, signed, owner):
    freeze(LATER)
    client = as_(owner)
    withdraw(client, signed, "land_board")
    why = Loss(LossReason.objects.get(code="strategy"), "企业暂缓")
    lose(Project.objects.get(), why, by=owner, at=LATER)
    Project.objects.get().move_to("signed", by=owner, at=LATER, reason="又来了")
    assert f"{BROKEN}：「供地会」" in client.get(signed.get_absolute_url()).content.decode()


def test_before_the_signature_nobody_is_told_and_nothing_is_marked(as_, freeze, project, owner, head):
    freeze(make.NOW)
    passed(project, "committee", owner)
    withdraw(as_(owner), project, "committee")
    assert not Notification.objects.filter(title__startswith=BROKEN).exists()
    for node in ("committee", "standing", "land_board"):
        passed(project, node, owner)
    project.move_to("signed", by=owner, at=LATER)
    assert BROKEN not in as_(owner).get(project.get_absolute_url()).content.decode()


def test_a_pass_confirmed_anew_is_no_withdrawal(as_, freeze, turned, owner, head):
    freeze(LATER)
    passed(turned, "soe_board", owner)
    Project.objects.get().move_to("signed", by=head, at=make.NOW, forced=True, reason="区领导已定")
    for node in ("committee", "standing"):
        passed(turned, node, owner, at=LATER)
    assert not Notification.objects.filter(title__startswith=BROKEN).exists()
    assert BROKEN not in as_(owner).get(turned.get_absolute_url()).content.decode()
