"""A signature and a change of what it rests on at once: whoever comes second is told, never both."""

import threading
from datetime import date

import pytest

from django.db import connection

from crm.errors import Refused
from crm.pipeline import MoveRefused
from crm.workdays import shanghai_day
from projects.incentives import IncentiveRefused, amend, draft, remove
from projects.models import FairReview, IncentiveItem, ItemReview, Project
from projects.models.clearance import missing_review
from projects.reviewing import ReviewRefused, Verdict, conclude, review
from tests import make
from tests.racing import Other

pytestmark = pytest.mark.django_db(transaction=True)

FINE = {
    "kind": "compute",
    "text": "按年度合同额最高 30% 给予算力券，单家企业每年不超过 800 万元，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "市级算力券专项资金",
}
TAXED = {**FINE, "text": "前三年按企业对地方经济贡献的 70% 给予扶持。"}
CLEAR = Verdict("conforms", "依据公开政策，条件对所有企业相同。")
REFUSED = Verdict("violates", "复查发现与税收挂钩。")
NUMBERS = {"number": "公审〔2026〕8号", "legal_number": "合审〔2026〕5号"}
WRITES_ITEM = 'UPDATE "projects_incentiveitem"'
WRITES_DRAFT = 'INSERT INTO "projects_itemdraft"'
WRITES_STAY = 'INSERT INTO "projects_projectstagechange"'

REOPENED = "fair_review_reopened"  # any change of the items asks for a new conclusion, too


@pytest.fixture
def item(owner, reviewer):
    """The one item of a project in 评审决策 that lacks nothing for its signature."""
    project = make.ready_for_review(make.project(owner), owner)
    found = draft(project, FINE, by=owner, at=make.NOW)
    review(found, CLEAR, digest=found.digest, by=reviewer, at=make.NOW)
    conclude(project, **NUMBERS, paper=make.paper(), by=reviewer, at=make.NOW)
    project.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(project, owner)
    return IncentiveItem.objects.get()


def drafting(item, owner, reviewer):
    return draft(item.project, TAXED, by=owner, at=make.NOW)


def amending(item, owner, reviewer):
    return amend(item, TAXED, by=owner, at=make.NOW)


def removing(item, owner, reviewer):
    return remove(item, by=owner, at=make.NOW)


def refusing(item, owner, reviewer):
    return review(item, REFUSED, digest=item.digest, by=reviewer, at=make.NOW)


def sign(item, owner):
    return Project.objects.get(pk=item.project_id).move_to("signed", by=owner, at=make.NOW)


def standing():
    """(stage, what the review lacks): a signed project lacks nothing."""
    project = Project.objects.get()
    return project.stage, [one.code for one in missing_review(project, shanghai_day(make.NOW))]


@pytest.mark.parametrize("change", [drafting, amending, removing])
def test_an_item_that_changes_while_the_signature_is_written_waits_and_is_refused(
    item, owner, reviewer, change
):
    other = Other(lambda: change(item, owner, reviewer))
    with other.before(WRITES_STAY):
        sign(item, owner)
    assert isinstance(other.ended(), IncentiveRefused)
    assert "已经签约" in other.found.detail
    assert standing() == ("signed", [])
    assert IncentiveItem.objects.standing().count() == 1


@pytest.mark.parametrize(
    "change, words, lacks",
    [
        (drafting, WRITES_DRAFT, ["item_unreviewed", REOPENED]),
        (amending, WRITES_ITEM, ["item_changed", REOPENED]),
        (refusing, 'INSERT INTO "projects_itemreview"', ["item_refused"]),
    ],
)
def test_a_signature_during_a_change_waits_and_is_told_of_it(item, owner, reviewer, change, words, lacks):
    other = Other(lambda: sign(item, owner))
    with other.before(words):
        change(item, owner, reviewer)
    assert isinstance(other.ended(), MoveRefused)
    assert [one.code for one in other.found.missing] == lacks
    assert standing() == ("review", lacks)


def test_the_last_item_taken_out_during_a_signature_is_taken_out_before_or_not_at_all(item, owner, reviewer):
    other = Other(lambda: sign(item, owner))
    with other.before(WRITES_ITEM):
        removing(item, owner, reviewer)
    assert [one.code for one in other.ended().missing] == ["fair_competition"]
    assert standing() == ("review", [])


def test_a_wording_changed_during_its_review_is_not_reviewed(item, owner, reviewer):
    other = Other(lambda: refusing(item, owner, reviewer))
    with other.before(WRITES_ITEM):
        amending(item, owner, reviewer)
    assert isinstance(other.ended(), ReviewRefused)
    assert other.found.code == "changed"
    assert ItemReview.objects.count() == 1


def test_a_review_that_keeps_a_file_and_a_change_do_not_wait_for_each_other(item, owner, reviewer):
    opinion = {"opinion_number": "函1号", "opinion_on": date(2026, 4, 20), "paper": make.paper()}
    cited = Verdict("conforms", "有意见。", **opinion)
    other = Other(lambda: amending(item, owner, reviewer))
    with other.before('INSERT INTO "projects_paper"'):
        review(item, cited, digest=item.digest, by=reviewer, at=make.NOW)
    assert other.ended().text == TAXED["text"]
    assert standing() == ("review", ["item_changed", REOPENED])


def test_an_item_drafted_during_the_conclusion_is_not_in_it(item, owner, reviewer):
    other = Other(lambda: drafting(item, owner, reviewer))
    with other.before('INSERT INTO "projects_fairreview"'):
        conclude(item.project, **NUMBERS, paper=make.paper(), by=reviewer, at=make.NOW)
    assert other.ended().pk not in map(int, FairReview.objects.last().content)
    assert standing() == ("review", ["item_unreviewed", REOPENED])


def test_many_at_once_never_give_a_signed_project_with_an_unreviewed_item(item, owner, reviewer):
    deeds = [lambda: sign(item, owner)] + [lambda: drafting(item, owner, reviewer)] * 3
    deeds += [lambda: amending(item, owner, reviewer)] * 2
    gate, found = threading.Barrier(len(deeds)), []

    def run(deed):
        gate.wait()
        try:
            found.append(deed())
        except Refused as refusal:
            found.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    stage, lacks = standing()
    assert (stage == "signed") == (not lacks)
    assert len(found) == len(deeds)
