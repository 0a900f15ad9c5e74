"""公平竞争审查: items drafted and cleared by different hands, a conclusion on the set, a gate that asks."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.errors import NotAllowed, StaleVersion
from crm.models import AuditEvent, Company, Notification
from crm.pipeline import MoveRefused
from crm.workdays import shanghai_day
from projects.incentives import IncentiveRefused, amend, draft, flagged, remove
from projects.models import FairReview, IncentiveItem, ItemReview, Project
from projects.models.clearance import NotReviewed, missing_review, state_of
from projects.reviewing import ReviewRefused, Verdict, conclude, review
from tests import make

DAY = shanghai_day(make.NOW)
FINE = {
    "kind": "compute",
    "text": "按年度合同额最高 30% 给予算力券，单家企业每年不超过 800 万元，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "amount_wan": Decimal("300"),
    "cap_wan": Decimal("800"),
    "budget_source": "市级算力券专项资金",
}
TAXED = {**FINE, "kind": "other", "text": "前三年按企业对地方经济贡献的 70% 给予扶持。", "scope": "single"}
CLEAR = Verdict("conforms", "依据公开政策，条件对所有企业相同。")


@pytest.fixture
def project(owner):
    return make.project(owner)


@pytest.fixture
def item(project, owner):
    return draft(project, FINE, by=owner, at=make.NOW)


def firm(name, **fields):
    return Company.objects.create(name=name, created_at=make.NOW, updated_at=make.NOW, **fields)


def cleared(item, reviewer, at=make.NOW):
    return review(item, CLEAR, digest=item.digest, by=reviewer, at=at)


def concluded(project, reviewer, at=make.NOW):
    numbers = {"number": "拱市监公审〔2026〕8号", "legal_number": "拱司合审〔2026〕5号"}
    return conclude(project, **numbers, paper=make.paper(), by=reviewer, at=at)


def codes(project, day=DAY):
    return [missing.code for missing in missing_review(project, day)]


def test_without_promises_nothing_is_asked(project):
    assert codes(project) == []


def test_a_deal_is_clear_when_every_item_and_then_the_set_has_been_reviewed(project, item, reviewer):
    assert codes(project) == ["item_unreviewed", "fair_review"]
    cleared(item, reviewer)
    assert codes(project) == ["fair_review"]
    concluded(project, reviewer)
    assert codes(project) == []
    assert AuditEvent.objects.filter(action="conclude_review", subject_id=project.pk).exists()


@pytest.mark.parametrize(
    "change, code, words",
    [
        (
            lambda p, i, by: amend(i, {**FINE, "amount_wan": Decimal("301")}, by=by, at=make.NOW),
            "item_changed",
            "有改动",
        ),
        (lambda p, i, by: draft(p, FINE, by=by, at=make.NOW), "item_unreviewed", "还没有"),
    ],
)
def test_any_change_of_the_set_reopens_the_review(project, item, owner, reviewer, change, code, words):
    cleared(item, reviewer)
    concluded(project, reviewer)
    changed = change(project, item, owner)
    missing, then = missing_review(project, DAY)
    assert (missing.code, then.code) == (code, "fair_review_reopened")
    assert words in missing.text
    cleared(changed, reviewer)
    (missing,) = missing_review(project, DAY)
    assert missing.code == "fair_review_reopened"
    concluded(project, reviewer)
    assert codes(project) == []


def test_taking_an_item_out_reopens_it_too(project, item, owner, reviewer):
    other = draft(project, {**FINE, "kind": "rent"}, by=owner, at=make.NOW)
    for one in (item, other):
        cleared(one, reviewer)
    concluded(project, reviewer)
    remove(other, by=owner, at=make.NOW)
    (missing,) = missing_review(project, DAY)
    assert "撤下 1 条" in missing.text


def test_saving_the_same_words_changes_nothing(project, item, owner, reviewer):
    cleared(item, reviewer)
    concluded(project, reviewer)
    same = amend(
        IncentiveItem.objects.get(), {**FINE, "amount_wan": Decimal("300.00")}, by=owner, at=make.NOW
    )
    assert (same.version, same.drafts.count()) == (1, 1)
    assert codes(project) == []


def test_who_wrote_any_draft_does_not_review_it(project, item, reviewer):
    item.drafts.update(by=reviewer)
    with pytest.raises(NotAllowed, match="起草或修改过"):
        cleared(item, reviewer)
    assert not ItemReview.objects.exists()


def test_officers_review_nothing_and_reviewers_draft_nothing(project, item, owner, head, manager, reviewer):
    for person in (owner, head, manager):
        with pytest.raises(NotAllowed, match="不能自审"):
            cleared(item, person)
    with pytest.raises(NotAllowed):
        draft(project, FINE, by=reviewer, at=make.NOW)


def test_a_wording_changed_meanwhile_is_not_cleared(project, item, owner, reviewer):
    seen = item.digest
    amend(item, TAXED, by=owner, at=make.NOW)
    with pytest.raises(ReviewRefused, match="审查期间被改过"):
        review(item, CLEAR, digest=seen, by=reviewer, at=make.NOW)


@pytest.mark.parametrize(
    "verdict, field",
    [
        (Verdict("", "理由"), "conclusion"),
        (Verdict("conforms", "  "), "reason"),
        (Verdict("exception", "理由"), "ground"),
        (Verdict("exception", "理由", ground="innovation"), "no_lesser_way"),
        (Verdict("exception", "理由", "innovation", "别无他法"), "ends_on"),
        (Verdict("exception", "理由", "innovation", "别无他法", date(2026, 4, 1)), "ends_on"),
        (Verdict("exception", "理由", "innovation", "别无他法", date(2206, 4, 30)), "ends_on"),
        (Verdict("exception", "理由", "nobody", "别无他法", date(2026, 4, 30)), "ground"),
    ],
)
def test_an_incomplete_verdict_is_refused_at_its_field(project, item, reviewer, verdict, field):
    with pytest.raises(ReviewRefused) as refusal:
        review(item, verdict, digest=item.digest, by=reviewer, at=make.NOW)
    assert refusal.value.field == field
    assert not ItemReview.objects.exists()


def test_a_serious_flag_is_cleared_only_with_an_opinion(project, owner, reviewer):
    item = draft(project, TAXED, by=owner, at=make.NOW)
    found = {flag.code for flag in flagged([item], at=make.NOW)[0].flags}
    assert {"tax_linked", "specific_firm"} <= found
    with pytest.raises(ReviewRefused, match="税收挂钩.*市场监管部门意见"):
        cleared(item, reviewer)
    opinion = Verdict(
        *("conforms", "仅为统计口径。"),
        opinion_number="拱市监函〔2026〕3号",
        opinion_on=DAY,
        paper=make.paper(),
    )
    made = review(item, opinion, digest=item.digest, by=reviewer, at=make.NOW)
    assert set(made.flags) == found


@pytest.mark.parametrize("day", [DAY + timedelta(days=1), date(1026, 4, 1)])
def test_an_opinion_is_cited_that_has_been_given(project, item, reviewer, day):
    opinion = replace(CLEAR, opinion_number="拱市监函〔2026〕3号", opinion_on=day, paper=make.paper())
    with pytest.raises(ReviewRefused, match="意见日期") as refusal:
        review(item, opinion, digest=item.digest, by=reviewer, at=make.NOW)
    assert refusal.value.field == "opinion_on"
    assert not ItemReview.objects.exists()
    assert not project.papers.exists()


def test_an_item_that_violates_blocks_and_its_drafter_is_told(project, item, owner, reviewer):
    review(item, Verdict("violates", "与税收挂钩。"), digest=item.digest, by=reviewer, at=make.NOW)
    assert codes(project) == ["item_refused", "fair_review"]
    with pytest.raises(ReviewRefused) as refusal:
        concluded(project, reviewer)
    assert [missing.code for missing in refusal.value.missing] == ["item_refused"]
    assert Notification.objects.filter(user=owner, title__startswith="优惠条款未通过审查").exists()
    remove(item, by=owner, at=make.NOW)
    assert codes(project) == []


def test_an_exception_holds_until_its_day(project, item, reviewer):
    verdict = Verdict("exception", "关键共性技术。", "innovation", "普惠政策不足以覆盖。", date(2026, 12, 31))
    review(item, verdict, digest=item.digest, by=reviewer, at=make.NOW)
    concluded(project, reviewer)
    assert codes(project, date(2026, 12, 31)) == []
    assert codes(project, date(2027, 1, 1)) == ["item_expired"]
    item.refresh_from_db()
    assert state_of(item, DAY, []) == ("cleared", "适用例外")


def test_the_conclusion_needs_its_numbers(project, item, reviewer):
    cleared(item, reviewer)
    for number, legal_number, field in (("", "乙", "number"), ("甲", " ", "legal_number")):
        with pytest.raises(ReviewRefused) as refusal:
            conclude(project, number=number, legal_number=legal_number, by=reviewer, at=make.NOW)
        assert refusal.value.field == field
    assert not FairReview.objects.exists()


def test_signed_deals_are_not_rewritten(project, item, owner):
    Project.objects.update(stage="signed")
    for act in (
        lambda: draft(project, FINE, by=owner, at=make.NOW),
        lambda: remove(item, by=owner, at=make.NOW),
    ):
        with pytest.raises(IncentiveRefused, match="已经签约"):
            act()
    assert IncentiveItem.objects.standing().count() == 1


def test_a_stale_form_overwrites_nothing(project, item, owner, teammate):
    amend(item, {**FINE, "formula": "合同额×30%"}, by=teammate, at=make.NOW, version=1)
    with pytest.raises(StaleVersion):
        amend(
            item, {**FINE, "formula": "合同额×50%"}, by=owner, at=make.NOW + timedelta(minutes=1), version=1
        )
    assert IncentiveItem.objects.get().formula == "合同额×30%"
    assert [draft.by for draft in item.drafts.all()] == [owner, teammate]


def test_strangers_draft_nothing(project, outsider):
    with pytest.raises(NotAllowed):
        draft(project, FINE, by=outsider, at=make.NOW)


def asked(refusal):
    return [missing.code for missing in refusal.value.missing]


def test_nobody_signs_and_nobody_forces_a_signature_before_the_review(project, item, owner, head, manager):
    make.ready_for_review(project, owner)
    project.move_to("review", by=owner, at=make.NOW)
    with pytest.raises(MoveRefused) as refusal:
        project.move_to("signed", by=owner, at=make.NOW)
    assert "item_unreviewed" in asked(refusal)
    assert "fair_competition" not in asked(refusal)
    for person in (head, manager):
        with pytest.raises(NotReviewed, match="任何人都不能强制签约") as refusal:
            project.move_to("signed", by=person, at=make.NOW, forced=True, reason="书记会已定")
        assert asked(refusal) == ["item_unreviewed", "fair_review"]
    assert Project.objects.get().stage == "review"


def test_a_jump_over_the_signature_is_no_way_round(project, item, manager):
    with pytest.raises(NotReviewed):
        project.move_to("registered", by=manager, at=make.NOW, forced=True, reason="已注册")


def test_a_reviewed_deal_is_asked_for_its_other_papers_only(project, item, owner, reviewer):
    make.ready_for_review(project, owner)
    project.move_to("review", by=owner, at=make.NOW)
    cleared(item, reviewer)
    concluded(project, reviewer)
    with pytest.raises(MoveRefused) as refusal:
        project.move_to("signed", by=owner, at=make.NOW)
    assert not {code for code in asked(refusal) if code.startswith(("item_", "fair_"))}
    assert "diligence" in asked(refusal)


def test_an_exception_that_ended_keeps_the_door_shut_on_its_day(project, item, owner, reviewer):
    verdict = Verdict("exception", "关键共性技术。", "innovation", "普惠政策不足以覆盖。", date(2026, 4, 30))
    review(item, verdict, digest=item.digest, by=reviewer, at=make.NOW)
    concluded(project, reviewer)
    make.ready_for_review(project, owner)
    project.move_to("review", by=owner, at=make.NOW)
    with pytest.raises(MoveRefused) as refusal:
        project.move_to("signed", by=owner, at=make.NOW + timedelta(days=30))
    assert "item_expired" in asked(refusal)


def test_the_pages_walk_an_item_from_draft_to_conclusion(as_, project, owner, reviewer, freeze):
    freeze(make.NOW)
    draft_url = reverse("projects:incentive_new", args=[project.pk])
    page = as_(owner).post(draft_url, {**FINE, "amount_wan": "300万", "cap_wan": "800"})
    item = IncentiveItem.objects.get()
    assert page.url == item.get_absolute_url()
    assert (item.amount_wan, item.cap_wan) == (Decimal(300), Decimal(800))
    queue = as_(reviewer).get(reverse("projects:reviews"))
    assert [one.pk for one in queue.context["items"]] == [item.pk]
    verdict = {"digest": item.digest, "conclusion": "conforms", "reason": "公开政策。"}
    as_(reviewer).post(reverse("projects:incentive_review", args=[item.pk]), verdict)
    numbers = {
        "number": "拱市监公审〔2026〕8号",
        "legal_number": "拱司合审〔2026〕5号",
        "paper": make.paper(),
    }
    as_(reviewer).post(reverse("projects:conclude", args=[project.pk]), numbers)
    sheet = as_(owner).get(reverse("projects:incentives", args=[project.pk])).content.decode()
    for words in (
        "已通过公平竞争审查",
        "拱市监公审〔2026〕8号",
        "杭政办函〔2024〕10号第三条",
        reviewer.name,
        "公开政策。",
    ):
        assert words in sheet
    assert not as_(reviewer).get(reverse("projects:reviews")).context["items"]


def test_a_refused_verdict_shows_its_error_and_keeps_the_words(as_, project, item, reviewer):
    url = reverse("projects:incentive_review", args=[item.pk])
    page = as_(reviewer).post(
        url, {"digest": item.digest, "conclusion": "exception", "reason": "写了很久的理由"}
    )
    assert page.status_code == 400
    assert "请选择适用哪一种例外。" in page.content.decode()
    assert "写了很久的理由" in page.content.decode()


def test_the_sheet_costs_the_same_for_few_and_many(as_, project, owner, reviewer):
    client = as_(owner)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("projects:incentives", args=[project.pk]))
        return len(captured)

    for _ in range(2):
        cleared(draft(project, FINE, by=owner, at=make.NOW), reviewer)
    few = cost()
    for _ in range(8):
        cleared(draft(project, FINE, by=owner, at=make.NOW), reviewer)
    assert cost() == few


def test_a_reviewer_sees_projects_with_promises_and_no_other(as_, project, item, owner, reviewer):
    other = make.project(owner)
    assert as_(reviewer).get(project.get_absolute_url()).status_code == 200
    assert as_(reviewer).get(other.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "云芯租用办公用房免租三年。",
        "对远山资本的投资给予奖励。",
        "墨影入驻免物业费。",
        "由临溪芯片享受补贴。",
    ],
)
def test_the_machine_knows_every_firm_of_the_deal_by_every_name(project, owner, text):
    company = firm("杭州云芯科技有限公司", former_names=["杭州临溪芯片有限公司"])
    Project.objects.filter(pk=project.pk).update(
        company=company,
        investor=firm("远山资本管理有限公司"),
        registered_company=firm("杭州墨影智能机器人有限公司"),
    )
    item = draft(project, {**FINE, "text": text}, by=owner, at=make.NOW)
    found = IncentiveItem.objects.with_parties().get(pk=item.pk)
    assert "specific_firm" in {flag.code for flag in flagged([found], at=make.NOW)[0].flags}


def test_the_names_of_the_deal_cost_no_more_queries_with_more_items(
    project, owner, django_assert_num_queries
):
    for _ in range(3):
        draft(project, FINE, by=owner, at=make.NOW)
    make.agreement(project, owner, signer="临溪研究院")
    with django_assert_num_queries(2):
        names = [item.as_flagged().firm_names for item in IncentiveItem.objects.with_parties()]
    assert all("临溪研究院" in one for one in names)
