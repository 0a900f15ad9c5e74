"""Benefits entered by the wrong side, and promises above what was cleared: told at entry, and not signed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.workdays import shanghai_day
from projects.commitments import Verdict, correct, judge
from projects.flag_amounts import promised_wan
from projects.flag_sides import GIVEN, misplaced
from projects.flags import check_rule
from projects.incentives import amend, draft
from projects.models import Commitment, Project
from projects.models.clearance import NotReviewed, missing_review
from projects.reviewing import Verdict as Conclusion
from projects.reviewing import conclude, review
from tests import callers, make
from tests.projects.wordings_sides import COMPANY, GOVERNMENT

PAGE = (Path(__file__).parents[2] / "docs" / "compliance.md").read_text(encoding="utf-8")
TODAY = shanghai_day(make.NOW)
DUE = date(2026, 12, 31)
RENT = {
    "kind": "rent",
    "text": "按实际租金的50%补贴两年，凡符合条件的企业同等享受。",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "区产业扶持专项资金",
}
CLEAR = Conclusion("conforms", "依据公开政策，条件对所有企业相同。")


def table(title):
    """The rows of the table under a title of the page."""
    lines = PAGE.split(f"## {title}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def test_every_example_of_the_page_and_every_wording_is_read_as_meant():
    rows = table("登记成企业承诺的优惠")
    assert len(rows) == 11
    expected = {item: told == "提示" for item, told in rows}
    expected |= dict.fromkeys(GOVERNMENT, True) | dict.fromkeys(COMPANY, False)
    wrong = [item for item, is_told in expected.items() if (misplaced(item, "") is not None) != is_told]
    assert (wrong, check_rule(GIVEN)) == ([], [])


@pytest.fixture
def project(owner):
    """A project in 评审决策 that lacks nothing for its signature."""
    found = make.ready_for_review(make.project(owner), owner)
    found.move_to("review", by=owner, at=make.NOW)
    return make.ready_for_signing(found, owner)


@pytest.fixture
def agreement(project, owner):
    return make.agreement(project, owner)


def cleared(project, owner, reviewer, **amounts):
    item = draft(project, {**RENT, **amounts}, by=owner, at=make.NOW)
    pass_on(project, item, reviewer)
    return item


def pass_on(project, item, reviewer):
    review(item, CLEAR, digest=item.digest, by=reviewer, at=make.NOW)
    numbers = {"number": "公审〔2026〕8号", "legal_number": "合审〔2026〕5号"}
    conclude(project, **numbers, paper=make.paper(), by=reviewer, at=make.NOW)


def asked(project):
    return [one.code for one in missing_review(project, TODAY)]


def test_a_benefit_entered_as_the_companys_is_told_at_entry_and_not_signed(
    as_, freeze, project, agreement, owner, head
):
    freeze(make.NOW)
    words = "管委会返还税收地方留成的50%"
    given = {"side": "company", "item": words, "due_on": f"{DUE}"}
    entered = as_(owner).post(f"{agreement.get_absolute_url()}promise/", given, follow=True)
    told = f"企业承诺「{words}」写的像是政府给予的优惠"
    assert [str(one).startswith(told) for one in entered.context["messages"]] == [False, True]
    caller = callers.person(owner)
    api = caller.post(f"projects/{project.pk}/commitments/", {**given, "agreement": agreement.pk})
    assert (api.status_code, api.json()["lack"].startswith(told)) == (201, True)
    assert asked(project) == ["promise_misplaced"] * 2
    with pytest.raises(NotReviewed):
        project.move_to("signed", by=head, at=make.NOW, forced=True, reason="书记会已定")
    assert Project.objects.get().stage == "review"
    one, other = Commitment.objects.order_by("pk")
    correct(one, {"side": "government"}, by=owner, at=make.NOW, version=1)
    judge(other, Verdict("waived", TODAY, reason="写错了"), by=head, at=make.NOW)
    assert asked(project) == ["promise_unbacked"]


def test_promises_of_the_company_itself_stop_nothing(project, agreement, owner):
    for item in ("总投资2亿元", "首个完整年度纳税", "新增就业200人"):
        make.commitment(agreement, DUE, item=item, target=300, measure="万元")
    project.move_to("signed", by=owner, at=make.NOW)
    assert Project.objects.get().stage == "signed"


def known(text):
    return None if text == "—" else Decimal(text)


@pytest.mark.parametrize("row", table("承诺的金额"), ids=" ".join)
def test_an_example_of_the_amounts_is_true(row, project, agreement, owner, reviewer):
    words, target, amount, cap, result = row
    item = cleared(project, owner, reviewer, amount_wan=known(amount), cap_wan=known(cap))
    number, _, measure = target.partition(" ")
    made = {"item": words, "target": known(number), "measure": measure, "incentive": item}
    make.commitment(agreement, DUE, side="government", **made)
    missing = missing_review(project, TODAY)
    assert [one.code for one in missing] == ([] if result == "通过" else ["promise_over"])
    assert all(result in one.text for one in missing)


def test_an_amount_above_the_item_is_told_at_entry_and_settled_either_way(
    as_, freeze, project, agreement, owner, reviewer, head
):
    freeze(make.NOW)
    item = cleared(project, owner, reviewer, amount_wan=Decimal(30))
    given = {"side": "government", "item": "给予租金补贴", "due_on": f"{DUE}", "incentive": item.pk}
    given |= {"target": "50", "measure": "万元"}
    entered = as_(owner).post(f"{agreement.get_absolute_url()}promise/", given, follow=True)
    assert "写的金额 50 万元，高于条款金额 30 万元" in str(list(entered.context["messages"])[1])
    with pytest.raises(NotReviewed):
        project.move_to("signed", by=head, at=make.NOW, forced=True, reason="书记会已定")
    amend(item, {**RENT, "amount_wan": Decimal(50)}, by=owner, at=make.NOW)
    assert asked(project) == ["item_changed", "fair_review_reopened", "promise_uncleared"]
    item.refresh_from_db()
    pass_on(project, item, reviewer)
    assert asked(project) == []
    row = Commitment.objects.get()
    correct(row, {"target": Decimal("50.01")}, by=owner, at=make.NOW, version=row.version)
    assert asked(project) == ["promise_over"]
    row.refresh_from_db()
    correct(row, {"target": Decimal(20)}, by=owner, at=make.NOW, version=row.version)
    project.move_to("signed", by=owner, at=make.NOW)
    assert Project.objects.get().stage == "signed"


def test_split_into_two_the_promise_is_added_up_within_one_agreement(
    project, agreement, owner, reviewer, head
):
    item = cleared(project, owner, reviewer, amount_wan=Decimal(30))
    part = {"item": "给予租金补贴", "target": 20, "measure": "万元", "incentive": item, "side": "government"}
    one = make.commitment(agreement, DUE, **part)
    make.commitment(make.agreement(project, owner, kind="framework"), DUE, **part)
    assert asked(project) == []
    make.commitment(agreement, DUE, **part)
    assert asked(project) == ["promise_over"] * 2
    assert "合计 40 万元" in missing_review(project, TODAY)[0].text
    judge(one, Verdict("waived", TODAY, reason="双方同意取消"), by=head, at=make.NOW)
    assert asked(project) == []


@pytest.mark.parametrize(
    "words, amount",
    [
        ("给予每年最高30万元、两年共60万元补贴", 30),
        ("给予一次性奖励１，０００万元", 1000),
        ("给予用房1.2万平方米", None),
        ("奖励营收满1亿元的企业", None),
        ("每新增 1 人给予每人 5 万元", None),
        ("按500万元以上部分补贴", None),
    ],
)
def test_an_amount_in_words_is_what_is_given_not_its_condition(words, amount):
    assert promised_wan(words, "", None, "") == amount
