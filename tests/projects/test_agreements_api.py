"""Agreements, commitments and receipts over the API: the verbs, the words and the scopes of the pages."""

from datetime import timedelta

import pytest

from django.utils import timezone

from crm.workdays import shanghai_day
from projects.models import Agreement, Commitment, Receipt
from tests import callers, make

TODAY = shanghai_day(timezone.now())
PAPER = {
    "kind": "investment",
    "title": "星海总部项目投资协议",
    "number": "拱招〔2026〕7号",
    "signed_on": "2026-04-01",
    "amount_wan": "12000",
    "signer": "杭州星海科技有限公司",
    "signer_uscc": "91330105MACPN4X08Y",
}
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


def at(project, tail):
    return f"projects/{project.pk}/{tail}/"


def test_an_agreement_is_entered_read_corrected_and_counted(owner, manager, project):
    caller = callers.person(owner)
    made = caller.post(at(project, "agreements"), PAPER)
    body = made.json()
    assert (made.status_code, body["counted_on"], body["kind_label"], made["ETag"]) == (
        201,
        None,
        "投资协议",
        '"v1"',
    )
    place = at(project, f"agreements/{body['id']}")
    assert caller.patch(place, {"amount_wan": "9000"}).status_code == 428
    corrected = caller.patch(place, {"amount_wan": "9000"}, If_Match='"v1"')
    assert (corrected.json()["amount_wan"], corrected["ETag"]) == ("9000", '"v2"')
    make.scanned(Agreement.objects.get(), owner)
    refused = caller.post(f"{place}count/", {"counted_on": "2026-04-10"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    counted = callers.person(manager).post(f"{place}count/", {"counted_on": "2026-04-10"})
    assert counted.json()["counted_on"] == "2026-04-10"
    assert caller.get(at(project, "agreements")).json()["results"] == [counted.json()]


def test_a_refusal_has_the_words_of_the_page(as_, owner, project):
    make.agreement(project, owner, number=PAPER["number"])
    answer = callers.person(owner).post(at(project, "agreements"), PAPER).json()
    page = as_(owner).post(f"/projects/{project.pk}/agreements/new/", PAPER).content.decode()
    assert answer["errors"][0]["field"] == "number"
    assert answer["detail"] in page
    assert Agreement.objects.count() == 1


def test_an_agreement_of_another_project_is_no_agreement_of_this_one(owner, project):
    other = make.agreement(make.project(owner), owner)
    caller = callers.person(owner)
    assert caller.get(at(project, f"agreements/{other.pk}")).status_code == 404
    assert caller.post(at(project, "agreements"), {**PAPER, "supersedes": other.pk}).status_code == 400
    promise = {"agreement": other.pk, "side": "company", "item": "用工", "due_on": "2027-01-01"}
    assert caller.post(at(project, "commitments"), promise).status_code == 400
    assert not Commitment.objects.exists()


def test_a_commitment_is_entered_and_judged(owner, manager, project):
    agreement = make.agreement(project, owner)
    caller = callers.person(owner)
    promise = {
        "agreement": agreement.pk,
        "side": "company",
        "item": "年纳税 400 万元",
        "target": "400",
        "measure": "万元",
        "due_on": f"{TODAY - timedelta(days=3)}",
        "owner": "owner",
    }
    made = caller.post(at(project, "commitments"), promise).json()
    assert (made["state"], made["state_label"], made["owner_label"]) == ("unproven", "待核实", "林晓")
    judge = at(project, f"commitments/{made['id']}/judge")
    refused = caller.post(judge, {"outcome": "fulfilled", "judged_on": f"{TODAY}"}).json()
    assert "请写明证明材料" in refused["detail"]
    waived = {"outcome": "waived", "judged_on": f"{TODAY}", "reason": "会议纪要"}
    assert caller.post(judge, waived).status_code == 403
    said = {"outcome": "fulfilled", "judged_on": f"{TODAY}", "evidence": "完税证明"}
    done = caller.post(judge, said, If_Match='"v1"')
    assert (done.status_code, done.json()["state"], done["ETag"]) == (200, "fulfilled", '"v2"')
    assert caller.post(judge, said, If_Match='"v1"').status_code == 412


def test_a_receipt_is_entered_once_and_withdrawn(owner, project):
    caller = callers.person(owner)
    made = caller.post(at(project, "receipts"), MONEY, Idempotency_Key="r-1")
    again = caller.post(at(project, "receipts"), MONEY, Idempotency_Key="r-1")
    assert (made.status_code, again.json()) == (201, made.json())
    used = caller.post(at(project, "receipts"), MONEY).json()
    assert (used["code"], used["errors"][0]["field"]) == ("proof_used", "proof_number")
    less = caller.post(at(project, "receipts"), {**MONEY, "amount_wan": "-5", "proof_number": "2"}).json()
    assert less["errors"] == [
        {"field": "amount_wan", "code": "bad_value", "detail": "金额「-5」是负数，请核对后填写。"}
    ]
    over = caller.post(at(project, "receipts"), {**MONEY, "amount_wan": "2001", "proof_number": "2"}).json()
    assert over["code"] == "above_total"
    gone = caller.post(at(project, f"receipts/{made.json()['id']}/withdraw"), {"reason": "重复"})
    assert gone.json()["withdrawn_reason"] == "重复"
    assert Receipt.objects.standing().count() == 0


def test_a_partner_reads_what_its_scope_opens_without_our_notes_and_writes_nothing(owner, project):
    agreement = make.agreement(project, owner)
    make.commitment(agreement, TODAY, owner=owner, reason="内部", outcome="breached", judged_on=TODAY)
    type(project.lead).objects.filter(pk=project.lead_id).update(partner=None)
    reader = callers.partner(scopes="projects:read_all")
    assert len(reader.get(at(project, "agreements")).json()["results"]) == 1
    shown = reader.get(at(project, "commitments")).json()["results"][0]
    assert (shown["state"], shown["reason"], shown["owner_label"]) == ("breached", None, None)
    for tail, body in (("agreements", PAPER), ("receipts", MONEY)):
        assert reader.post(at(project, tail), body).status_code == 403
    assert Receipt.objects.count() == 0
    own_only = callers.partner("另一家", scopes="projects:read")
    assert own_only.get(at(project, "agreements")).status_code == 404


def test_strangers_find_nothing(outsider, owner, project):
    agreement = make.agreement(project, owner)
    caller = callers.person(outsider)
    for tail in ("agreements", f"agreements/{agreement.pk}", "commitments", "receipts"):
        assert caller.get(at(project, tail)).status_code == 404
    assert caller.post(at(project, "agreements"), PAPER).status_code == 404
    assert caller.get(at(project, "receipts"), {"colour": "red"}).status_code in (400, 404)


@pytest.mark.parametrize("year", ["0202", "1999", "2101"])
def test_a_day_whose_year_cannot_be_meant_is_refused_in_the_words_of_the_page(as_, owner, project, year):
    agreement = make.agreement(project, owner)
    promise = {"agreement": agreement.pk, "side": "company", "item": "用工 80 人"}
    day = f"{year}-04-01"
    places = [
        ("agreements", f"/projects/{project.pk}/agreements/new/", PAPER, "signed_on"),
        ("agreements", f"/projects/{project.pk}/agreements/new/", PAPER, "expires_on"),
        ("receipts", f"/projects/{project.pk}/receipts/", MONEY, "received_on"),
        ("commitments", f"{agreement.get_absolute_url()}promise/", promise, "due_on"),
    ]
    for tail, page, body, field in places:
        answer = callers.person(owner).post(at(project, tail), {**body, field: day})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
        assert "要在 2000 年到 2100 年之间，请核对年份" in answer.json()["detail"]
        assert answer.json()["detail"] in as_(owner).post(page, {**body, field: day}).content.decode()
    assert (Agreement.objects.count(), Receipt.objects.count(), Commitment.objects.count()) == (1, 0, 0)


def test_a_verdict_and_a_day_that_counts_are_of_plausible_years_too(owner, manager, project):
    agreement = make.agreement(project, owner)
    made = make.commitment(agreement, TODAY - timedelta(days=3))
    said = {"outcome": "fulfilled", "judged_on": "0202-04-01", "evidence": "完税证明"}
    judged = callers.person(owner).post(at(project, f"commitments/{made.pk}/judge"), said)
    counted = callers.person(manager).post(
        at(project, f"agreements/{agreement.pk}/count"), {"counted_on": "2101-01-01"}
    )
    assert "核实日期要在 2000 年到 2100 年之间" in judged.json()["detail"]
    assert "统计日期要在 2000 年到 2100 年之间" in counted.json()["detail"]
    assert not Commitment.objects.exclude(outcome="").exists()


def test_an_increment_is_counted_over_the_api_in_the_words_of_the_page(manager, owner):
    project = make.project(owner, amount_wan=2000)
    type(project).objects.update(landing_mode="expansion", prior_wan=8000)
    agreement = make.scanned(make.agreement(project, owner, amount_wan=10000), owner)
    place, caller = at(project, f"agreements/{agreement.pk}/count"), callers.person(manager)
    refused = caller.post(place, {"counted_on": "2026-04-10"}).json()
    assert (refused["code"], refused["errors"][0]["field"]) == ("increment", "counted_wan")
    assert "请写明计入金额" in refused["detail"]
    done = caller.post(place, {"counted_on": "2026-04-10", "counted_wan": "2000"}).json()
    assert (done["counted_on"], done["counted_wan"], done["amount_wan"]) == ("2026-04-10", "2000", "10000")
