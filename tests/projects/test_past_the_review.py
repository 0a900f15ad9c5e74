"""No way past 公平竞争审查: by 流失 and back, by force, by a change while nobody looks, or by waiting."""

import pytest

from crm.models import LossReason
from leads.losing import Loss
from projects.incentives import IncentiveRefused, amend, draft, remove
from projects.losing import lose
from projects.models import IncentiveItem, Project
from projects.models.clearance import NotReviewed
from projects.reviewing import Verdict, conclude, review
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
    item = draft(project, FINE, by=owner, at=make.NOW)
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
    assert (api.status_code, [one["code"] for one in api.json()["missing"]]) == (400, ["item_changed"])
    with pytest.raises(NotReviewed) as refusal:
        project.move_to("signed", by=head, at=make.NOW, forced=True, reason="企业又来了")
    assert codes(refusal) == ["item_changed"]
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
