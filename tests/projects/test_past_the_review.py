"""No way past 公平竞争审查: by 流失 and back, by force, by a change while nobody looks, or by waiting."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crm.models import LossReason
from leads.losing import Loss
from projects.flags import ASKS_LIBRARY, CHECKS, DATED, Item
from projects.incentives import IncentiveRefused, amend, draft, flagged, remove, waiting
from projects.losing import lose
from projects.models import FlagRule, IncentiveItem, ItemReview, Project
from projects.models.clearance import NotReviewed, missing_review
from projects.papers import keep
from projects.reviewing import Verdict, conclude, review
from projects.ruling import Wording, add
from projects.stages import WrongReturn
from tests import callers, make

FINE = {
    "kind": "compute",
    "text": "按年度合同额最高 30% 给予算力券，单家企业每年不超过 800 万元，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "amount_wan": 300,
    "cap_wan": 800,
    "budget_source": "市级算力券专项资金",
}
TAXED = {**FINE, "kind": "other", "text": "前三年按企业对地方经济贡献的 70% 给予扶持。"}
CLEAR = Verdict("conforms", "依据公开政策，条件对所有企业相同。")


@pytest.fixture
def project(owner):
    """A project that may be signed: everything is there, its one item cleared, its set concluded."""
    return make.ready_for_review(make.project(owner), owner)


def reviewed(project, owner, reviewer):
    return settled(project, draft(project, FINE, by=owner, at=make.NOW), reviewer)


def settled(project, item, reviewer):
    """The item cleared, and the set concluded."""
    review(item, CLEAR, digest=item.digest, by=reviewer, at=make.NOW)
    numbers = {"number": "公审〔2026〕8号", "legal_number": "合审〔2026〕5号"}
    conclude(project, **numbers, paper=make.paper(), by=reviewer, at=make.NOW)
    return item


def signed(project, owner, reviewer):
    item = reviewed(project, owner, reviewer)
    project.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(project, owner)
    project.move_to("signed", by=owner, at=make.NOW)
    return item


def lost(project, by):
    lose(project, Loss(LossReason.objects.get(code="strategy"), "企业暂缓"), by=by, at=make.NOW)
    return project


def stage(project):
    return Project.objects.get(pk=project.pk).stage


def codes(refusal):
    return [missing.code for missing in refusal.value.missing]


@pytest.mark.parametrize("to", ["signed", "registered", "aftercare"])
def test_a_lost_project_is_not_forced_past_the_review_on_page_and_api(as_, project, owner, head, to):
    draft(project, TAXED, by=owner, at=make.NOW)
    lost(project, owner)
    asked = {"stage": to, "reason": "书记会已定", "forced": "1"}
    page = as_(head).post(f"/projects/{project.pk}/move/", asked)
    api = callers.person(head).post(f"projects/{project.pk}/move/", {**asked, "forced": True})
    assert (page.status_code, api.status_code) == (400, 400)
    assert api.json()["code"] == "return_stage"
    assert api.json()["detail"] in page.content.decode()
    assert "只能回到流失前的「在谈」或「在谈」" not in api.json()["detail"]
    assert (stage(project), project.changes.count()) == ("lost", 2)


def test_nobody_forces_a_lost_project_elsewhere_than_where_it_left(project, owner, manager):
    lost(project, owner)
    with pytest.raises(WrongReturn, match="任何人都不能强制"):
        project.move_to("review", by=manager, at=make.NOW, forced=True, reason="已上会")
    assert stage(project) == "lost"


def test_the_page_offers_no_force_for_a_return(as_, project, owner, head):
    lost(project, owner)
    refused = as_(head).post(f"/projects/{project.pk}/move/", {"stage": "signed", "reason": "回来了"})
    assert refused.status_code == 400
    assert "强制推进到" not in refused.content.decode()


def test_back_in_the_signature_is_asked_for_the_review_again(project, owner, head, reviewer):
    item = signed(project, owner, reviewer)
    lost(project, owner)
    IncentiveItem.objects.filter(pk=item.pk).update(text=TAXED["text"])
    api = callers.person(owner).post(
        f"projects/{project.pk}/move/", {"stage": "signed", "reason": "企业又来了"}
    )
    assert (api.status_code, [one["code"] for one in api.json()["missing"]]) == (
        400,
        ["item_changed", "fair_review_reopened"],
    )
    with pytest.raises(NotReviewed) as refusal:
        project.move_to("signed", by=head, at=make.NOW, forced=True, reason="企业又来了")
    assert codes(refusal) == ["item_changed", "fair_review_reopened"]
    assert stage(project) == "lost"
    project.move_to("negotiating", by=owner, at=make.NOW, reason="重新谈条款")
    assert stage(project) == "negotiating"


def test_what_is_still_cleared_comes_straight_back(project, owner, reviewer):
    signed(project, owner, reviewer)
    lost(project, owner)
    project.move_to("signed", by=owner, at=make.NOW, reason="企业又来了")
    assert stage(project) == "signed"


def test_no_item_changes_while_the_project_is_lost(project, owner, reviewer):
    item = signed(project, owner, reviewer)
    lost(project, owner)
    for act in (
        lambda: draft(project, TAXED, by=owner, at=make.NOW),
        lambda: amend(item, TAXED, by=owner, at=make.NOW),
        lambda: remove(item, by=owner, at=make.NOW),
    ):
        with pytest.raises(IncentiveRefused, match="已经流失.*请先重新激活到「在谈」"):
            act()
    kept = IncentiveItem.objects.get()
    assert (kept.text, kept.removed_at, kept.drafts.count()) == (FINE["text"], None, 1)


def test_the_doors_refuse_a_change_of_a_lost_project_in_the_same_words(as_, project, owner):
    item = draft(project, FINE, by=owner, at=make.NOW)
    lost(project, owner)
    page = as_(owner).post(f"/projects/{project.pk}/incentives/new/", TAXED)
    place = f"projects/{project.pk}/incentives/{item.pk}"
    api = callers.person(owner).patch(f"{place}/", {"text": TAXED["text"]}, If_Match='"v1"')
    assert (page.status_code, api.status_code) == (400, 400)
    assert api.json()["detail"] in page.content.decode()
    assert IncentiveItem.objects.get().text == FINE["text"]


def on(day):
    return make.NOW + timedelta(days=day)


@pytest.fixture
def dated(project, owner, reviewer):
    """The item of a deal that was cleared and concluded while its basis held, which ends on 05-01."""
    item = draft(project, {**FINE, "basis_valid_to": date(2026, 5, 1)}, by=owner, at=make.NOW)
    settled(project, item, reviewer)
    project.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(project, owner)
    return item


def asked(project, day):
    return [(one.code, one.text) for one in missing_review(project, day)]


def test_a_basis_that_expires_after_its_review_stops_the_signature(as_, freeze, project, dated, owner, head):
    assert asked(project, date(2026, 5, 1)) == []
    ((code, text),) = asked(project, date(2026, 5, 2))
    assert (code, "通过审查之后" in text, "依据已失效" in text) == ("item_lapsed", True, True)
    freeze(on(30))
    page = as_(owner).post(f"/projects/{project.pk}/move/", {"stage": "signed"})
    api = callers.person(owner).post(f"projects/{project.pk}/move/", {"stage": "signed"})
    assert (page.status_code, [one["code"] for one in api.json()["missing"]]) == (400, ["item_lapsed"])
    assert text in page.content.decode()
    with pytest.raises(NotReviewed) as refusal:
        project.move_to("signed", by=head, at=on(30), forced=True, reason="书记会已定")
    assert codes(refusal) == ["item_lapsed"]
    assert stage(project) == "review"


def test_what_lapsed_waits_for_review_and_says_so_on_every_page(as_, freeze, project, dated, owner, reviewer):
    assert not waiting(reviewer, make.NOW)
    freeze(on(30))
    assert [one.state for one in waiting(reviewer, on(30))] == ["lapsed"]
    for place in (f"/projects/{project.pk}/incentives/", dated.get_absolute_url()):
        assert "到期后未审" in as_(owner).get(place).content.decode()
    found = callers.person(owner).get(f"projects/{project.pk}/incentives/").json()["results"][0]
    assert (found["state"], found["state_label"]) == ("lapsed", "到期后未审")


def test_a_firm_that_enters_the_deal_after_the_review_and_is_named_in_a_clause_stops_the_signature(
    as_, project, owner, reviewer, head
):
    """When it was cleared the clause named somebody; now it names who signs."""
    item = draft(project, {**FINE, "text": f"{FINE['text']}云迹同样享受。"}, by=owner, at=make.NOW)
    settled(project, item, reviewer)
    project.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(project, owner)
    make.agreement(project, owner, signer="杭州墨影智能机器人有限公司")
    assert asked(project, date(2026, 4, 20)) == []
    make.agreement(project, owner, signer="深圳云迹数字有限公司")
    ((code, text),) = asked(project, date(2026, 4, 20))
    assert (code, "特定企业" in text) == ("item_lapsed", True)
    assert "各方变动后未审" in as_(owner).get(item.get_absolute_url()).content.decode()
    with pytest.raises(NotReviewed):
        project.move_to("signed", by=head, at=make.NOW, forced=True, reason="书记会已定")
    opinion = {"opinion_number": "函1号", "opinion_on": date(2026, 4, 20), "paper": make.paper()}
    review(item, replace(CLEAR, **opinion), digest=item.digest, by=reviewer, at=make.NOW)
    assert asked(project, date(2026, 4, 20)) == []


def test_a_reviewer_who_saw_the_expired_basis_has_judged_it(project, dated, reviewer, owner):
    review(dated, CLEAR, digest=dated.digest, by=reviewer, at=on(30))
    assert asked(project, date(2026, 5, 20)) == []


def test_a_new_basis_is_reviewed_as_any_change(project, dated, owner, reviewer):
    amend(dated, {**FINE, "basis_valid_to": date(2027, 5, 1)}, by=owner, at=on(30))
    assert [code for code, _ in asked(project, date(2026, 5, 20))] == ["item_changed", "fair_review_reopened"]


@pytest.mark.parametrize(
    "change",
    [
        {"active_to": date(2026, 5, 3)},  # no longer asked, so nothing of it has come since
        {"name": "依据过期"},
    ],
)
def test_a_lapse_is_judged_by_the_rules_in_force(project, dated, change):
    FlagRule.objects.filter(code="basis_expired").update(**change)
    found = asked(project, date(2026, 5, 20))
    assert len(found) == ("name" in change)
    assert all("依据过期" in text for _, text in found)


def test_a_rule_that_comes_into_force_reopens_no_review(project, owner, reviewer, admin_user):
    """A rule edited counts from its saving on; conclusions reached before stand (docs/compliance.md)."""
    make.known_basis()
    FlagRule.objects.filter(code="basis_expired").update(active_from=date(2026, 4, 25))
    item = draft(project, {**FINE, "basis_valid_to": date(2026, 4, 1)}, by=owner, at=make.NOW)
    settled(project, item, reviewer)
    rule = add(Wording("算力券", "试", "试", patterns=("算力券",)), by=admin_user, at=make.NOW)
    item = IncentiveItem.objects.get()
    assert {flag.code for flag in flagged([item], at=on(10))[0].flags} == {"basis_expired", rule.code}
    assert asked(project, date(2026, 5, 20)) == []


def test_only_the_checks_that_are_said_to_depend_on_the_day_do():
    item = Item(text="给予研发补助", basis_valid_to=date(2026, 5, 1))
    days = [date(2026, 5, 1), date(2026, 5, 2)]
    depends = {name for name, check in CHECKS.items() if check(item, days[0]) != check(item, days[1])}
    assert depends | {ASKS_LIBRARY} == set(DATED)


def test_a_basis_whose_entry_in_the_library_runs_out_after_the_review_stops_the_signature(
    project, owner, reviewer
):
    make.known_basis(valid_to=date(2026, 5, 1))
    settled(project, draft(project, FINE, by=owner, at=make.NOW), reviewer)
    assert asked(project, date(2026, 5, 1)) == []
    ((code, text),) = asked(project, date(2026, 5, 2))
    assert (code, "依据未核实" in text) == ("item_lapsed", True)


FUND = {**FINE, "kind": "other", "text": "区科创母基金跟投2000万元，保证三个月内到账"}
OPINION = {"opinion_number": "函1号", "opinion_on": date(2026, 4, 20)}


@pytest.mark.parametrize(
    "verdict",
    [
        {"conclusion": "conforms"},
        {
            "conclusion": "exception",
            "ground": "innovation",
            "no_lesser_way": "别无他法",
            "ends_on": "2026-12-31",
        },
    ],
)
def test_fund_money_is_never_cleared_not_even_with_an_opinion(as_, project, owner, reviewer, verdict):
    item = draft(project, FUND, by=owner, at=make.NOW)
    asked = {"digest": item.digest, "reason": "已经议定。", **verdict, **OPINION}
    page = as_(reviewer).post(f"/incentives/{item.pk}/review/", {**asked, "paper": make.paper()})
    paper = keep(project, make.paper(), by=reviewer, at=make.NOW)
    place = f"projects/{project.pk}/incentives/{item.pk}/review/"
    api = callers.person(reviewer).post(place, {**asked, "paper": paper.pk})
    assert (page.status_code, api.status_code) == (400, 400)
    assert (api.json()["code"], api.json()["errors"][0]["field"]) == ("fund_promise", "conclusion")
    assert "基金推荐" in api.json()["detail"]
    assert api.json()["detail"] in page.content.decode()
    assert not ItemReview.objects.exists()


def test_fund_money_is_refused_and_taken_out(project, owner, reviewer):
    item = draft(project, FUND, by=owner, at=make.NOW)
    review(item, Verdict("violates", "基金出资不是优惠。"), digest=item.digest, by=reviewer, at=make.NOW)
    assert [code for code, _ in asked(project, date(2026, 4, 20))] == ["item_refused", "fair_review"]
    remove(item, by=owner, at=make.NOW)
    assert asked(project, date(2026, 4, 20)) == []


def test_a_recommendation_that_leaves_the_decision_to_the_fund_is_reviewed_as_any_item(
    project, owner, reviewer
):
    text = "可推荐至区科创母基金，是否投资由基金管理人独立决策"
    item = draft(project, {**FUND, "text": text}, by=owner, at=make.NOW)
    settled(project, item, reviewer)
    assert asked(project, date(2026, 4, 20)) == []


def test_fund_money_cleared_before_this_was_asked_opens_no_signature(project, owner, reviewer):
    item = reviewed(project, owner, reviewer)
    ItemReview.objects.filter(item=item).update(flags=["fund_promise"])
    ((code, text),) = asked(project, date(2026, 4, 20))
    assert (code, "撤下" in text) == ("item_fund", True)
