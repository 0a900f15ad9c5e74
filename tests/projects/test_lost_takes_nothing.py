"""A project in 流失 takes no new agreement, promise or money; what it has is ended and put right as ever."""

from datetime import date, timedelta

import pytest

from django.utils import timezone

from crm.workdays import shanghai_day
from projects.models import Agreement, Commitment, Project, Receipt
from tests import callers, make

FAR = shanghai_day(timezone.now()) + timedelta(days=200)
PAPER = {
    "kind": "investment",
    "title": "星海总部项目投资协议",
    "number": "拱招〔2026〕7号",
    "signed_on": "2026-04-01",
    "amount_wan": "12000",
    "signer": "杭州星海科技有限公司",
    "signer_uscc": "91330105MACPN4X08Y",
}
PROMISE = {"side": "company", "item": "用工 80 人", "due_on": f"{FAR}", "target": "80", "measure": "人"}
MONEY = {
    "amount_wan": "3000",
    "received_on": "2026-04-01",
    "purpose": "注册资本实缴",
    "proof": "bank",
    "proof_number": "工行 2026-0001",
}


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司", amount_wan=5000)


@pytest.fixture
def signed(project, owner):
    return make.agreement(project, owner, number="拱招〔2026〕1号")


@pytest.fixture
def lost(project, signed):
    """The project after it was lost, with its agreement."""
    Project.objects.filter(pk=project.pk).update(stage="lost", entered_at=timezone.now())
    project.refresh_from_db()
    return project


def at(project, tail):
    return f"projects/{project.pk}/{tail}/"


@pytest.mark.parametrize(
    ("what", "where", "body", "page"),
    [
        ("协议（解除协议除外）", "agreements", PAPER, "agreements/new/"),
        ("承诺", "commitments", PROMISE, "agreements/{signed}/promise/"),
        ("到位资金", "receipts", MONEY, "receipts/"),
    ],
    ids=("agreement", "promise", "money"),
)
def test_nothing_new_is_entered_and_page_and_api_say_the_same(
    as_, owner, lost, signed, what, where, body, page
):
    sent = {**body, "agreement": signed.pk} if where == "commitments" else body
    refused = callers.person(owner).post(at(lost, where), sent)
    words = refused.json()["detail"]
    assert (refused.status_code, refused.json()["code"]) == (400, "closed")
    assert words.startswith(f"项目已流失，不能再登记{what}")
    assert "请先重新激活" in words
    shown = as_(owner).post(f"/projects/{lost.pk}/{page.format(signed=signed.pk)}", body)
    assert (shown.status_code, words in shown.content.decode()) == (400, True)
    assert (Agreement.objects.count(), Commitment.objects.count(), Receipt.objects.count()) == (1, 0, 0)


def test_an_agreement_is_ended_and_what_ended_it_turns_into_no_new_one(owner, lost, signed):
    caller = callers.person(owner)
    ending = {**PAPER, "kind": "termination", "amount_wan": None, "supersedes": signed.pk}
    made = caller.post(at(lost, "agreements"), ending)
    assert made.status_code == 201, made.content
    place = at(lost, f"agreements/{made.json()['id']}")
    turned = caller.patch(place, {"kind": "investment"}, If_Match='"v1"')
    assert (turned.status_code, turned.json()["code"]) == (400, "closed")
    assert Agreement.objects.get(supersedes=signed).kind == "termination"
    assert caller.patch(place, {"title": "解除协议（更正）"}, If_Match='"v1"').status_code == 200


def test_what_was_entered_before_is_put_right(owner, lost, signed):
    caller = callers.person(owner)
    promised = make.commitment(signed, FAR)
    fixed = caller.patch(at(lost, f"agreements/{signed.pk}"), {"amount_wan": "4800"}, If_Match='"v1"')
    assert fixed.json()["amount_wan"] == "4800"
    restated = caller.patch(at(lost, f"commitments/{promised.pk}"), {"item": "用工 90 人"}, If_Match='"v1"')
    assert restated.status_code == 200, restated.content


def test_a_wrong_receipt_is_withdrawn_and_written_anew_and_no_other_beside_it(owner, lost):
    wrong = make.receipt(lost, owner, amount_wan=30000, on=date(2026, 4, 1), proof_number="工行2026-0001")
    caller = callers.person(owner)
    taken = caller.post(at(lost, f"receipts/{wrong.pk}/withdraw"), {"reason": "多写一个零"})
    assert taken.status_code == 200, taken.content
    other = caller.post(at(lost, "receipts"), {**MONEY, "proof_number": "工行 2026-0002"})
    assert (other.status_code, other.json()["code"]) == (400, "closed")
    assert caller.post(at(lost, "receipts"), MONEY).status_code == 201
    assert [row.amount_wan for row in Receipt.objects.filter(withdrawn_at=None)] == [3000]


def test_a_revived_project_takes_all_of_it_again(owner, lost):
    Project.objects.filter(pk=lost.pk).update(stage="negotiating")
    caller = callers.person(owner)
    assert caller.post(at(lost, "agreements"), PAPER).status_code == 201
    assert caller.post(at(lost, "receipts"), MONEY).status_code == 201
