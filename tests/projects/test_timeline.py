"""The timeline of a project tells what was signed and what the review said."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.incentives import draft
from projects.reviewing import Verdict, conclude, review
from tests import make

RENT = {
    "kind": "rent",
    "text": "按实际租金的50%补贴，每年最高30万元",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "市级专项资金",
}


@pytest.fixture
def project(owner, reviewer, now):
    project = make.project(owner)
    make.agreement(project, owner, title="总部项目投资协议", number="拱招〔2026〕7号")
    item = draft(project, RENT, by=owner, at=now)
    review(item, Verdict("conforms", "公开政策，条件相同。"), digest=item.digest, by=reviewer, at=now)
    conclude(project, number="公审8号", legal_number="合审5号", paper=make.paper(), by=reviewer, at=now)
    return project


def kinds(answer):
    return [entry.kind for entry in answer.context["shown"].entries]


def test_what_was_signed_and_concluded_stands_on_the_page(as_, owner, project):
    answer = as_(owner).get(project.get_absolute_url())
    page = answer.content.decode()
    for words in ("登记协议：", "总部项目投资协议", "审查条款：符合", "公开政策，条件相同。", "公审8号"):
        assert words in page
    assert {"agreement", "review", "fair_review"} <= set(kinds(answer))


def test_the_page_costs_the_same_with_many_reviews(as_, owner, reviewer, project, now):
    def cost():
        with CaptureQueriesContext(connection) as found:
            as_(owner).get(project.get_absolute_url())
        return len(found)

    cost()
    few = cost()
    for _ in range(5):
        item = draft(project, RENT, by=owner, at=now)
        review(item, Verdict("conforms", "公开政策。"), digest=item.digest, by=reviewer, at=now)
        make.agreement(project, owner)
    assert cost() == few
