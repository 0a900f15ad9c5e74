"""The gates held against the tables of docs/stages.md, and through the doors against real rows."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crm.models import AuditEvent, Company, Notification
from leads.models import Lead
from projects.gates import GATES, GateFacts, missing_for
from projects.mending import MendingRefused, Proof, add_evidence
from projects.models import Agreement, Project
from projects.models.projects import LandingMode
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "stages.md").read_text(encoding="utf-8")
MODES = {"未选": "", **{label: code for code, label in LandingMode.choices}}
NEEDED, NOT_ASKED = "●", "—"
USCC = "91330105MA2CDTJ07C"

# what makes each item of the tables there
GIVEN = {
    "visit": {"visit_kinds": frozenset({"site"})},
    "decision_contact": {"has_decision_contact": True},
    "amount": {"has_amount": True},
    "prior": {"has_prior": True},
    "space_need": {"has_area": True, "has_land": True},
    "sector": {"has_sector": True},
    "carrier": {"has_carrier": True},
    "demands": {"has_demands": True},
    "landing_mode": {"landing_mode": "lease"},
    "category": {"decision_lacks": (), "has_route": True},
    "registered_company": {"registered_lacks": ""},
}


def gates():
    """{stage: (modes, {item: marks})} as the tables under 闸口 say."""
    found = {}
    for part in PAGE.split("\n## 闸口")[1].split("\n## ")[0].split("\n### 进入")[1:]:
        to = re.search(r"`(\w+)`", part.splitlines()[0])[1]
        lines = [line for line in part.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        head, body = rows[0], rows[2:]
        found[to] = (head[2:], {row[1].strip("`"): row[2:] for row in body})
    return found


TABLES = gates()
COMBINATIONS = [(to, place, label) for to, (modes, _) in TABLES.items() for place, label in enumerate(modes)]


def test_the_page_has_every_gate_in_every_way_of_settling():
    assert set(TABLES) == set(GATES)
    assert all([MODES[label] for label in modes] == list(MODES.values()) for modes, _ in TABLES.values())
    assert len(COMBINATIONS) == 6 * 7


@pytest.mark.parametrize(("to", "place", "mode"), COMBINATIONS)
def test_a_gate_asks_for_exactly_what_the_page_says(to, place, mode):
    items = TABLES[to][1]
    assert {marks[place] for marks in items.values()} <= {NEEDED, NOT_ASKED}
    asked = [code for code, marks in items.items() if marks[place] == NEEDED]
    assert [m.code for m in missing_for(to, GateFacts(landing_mode=MODES[mode]))] == asked


@pytest.mark.parametrize(("to", "place", "mode"), COMBINATIONS)
def test_what_is_there_is_no_longer_asked_for(to, place, mode):
    facts = GateFacts(landing_mode=MODES[mode])
    asked = {code for code, marks in TABLES[to][1].items() if marks[place] == NEEDED}
    for code in asked - {"landing_mode"}:
        given = GIVEN.get(code, {"papers": frozenset({code})})
        assert {m.code for m in missing_for(to, replace(facts, **given))} == asked - {code}


def test_a_phone_call_is_not_a_visit():
    missing = missing_for("review", GateFacts(visit_kinds=frozenset({"call", "online"})))
    assert missing[0].code == "visit"


def codes(project, to):
    return {item.code for item in Project.objects.get(pk=project.pk).missing_for(to)}


@pytest.fixture
def reviewed(owner):
    """A project in 评审决策 that lacks only its agreement."""
    project = make.ready_for_review(make.project(owner, uscc=USCC), owner)
    project.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(project, owner)
    project.evidence.filter(kind="agreement").delete()
    assert codes(project, "signed") == {"agreement"}
    return project


def agreement(project, by, kind="investment", **fields):
    known = {"number": "拱招协〔2026〕1号", "amount_wan": 5000, "signer": "星海科技", "signer_uscc": USCC}
    return Agreement.objects.create(
        project=project, kind=kind, title="协议", signed_on="2026-04-20", by=by, created_at=make.NOW,
        **{**known, **fields},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["framework", "supplement", "other"])
def test_only_a_formal_agreement_signs_a_project(reviewed, owner, kind):
    agreement(reviewed, owner, kind=kind)
    assert codes(reviewed, "signed") == {"agreement"}


@pytest.mark.parametrize("kind", ["investment", "lease"])
def test_a_complete_formal_agreement_opens_the_gate(reviewed, owner, kind):
    agreement(reviewed, owner, kind=kind)
    reviewed.move_to("signed", by=owner, at=make.NOW)
    assert Project.objects.get(pk=reviewed.pk).stage == "signed"


@pytest.mark.parametrize(
    ("field", "empty", "words"),
    [("number", "", "协议编号"), ("amount_wan", None, "协议金额"), ("signer_uscc", "", "签约主体信用代码")],
)
def test_an_agreement_that_leaves_something_open_says_what(reviewed, owner, field, empty, words):
    agreement(reviewed, owner, **{field: empty})
    assert [item.text for item in reviewed.missing_for("signed")] == [f"正式协议还缺{words}。"]


def test_an_ended_agreement_signs_nothing(reviewed, owner):
    ended = agreement(reviewed, owner)
    agreement(reviewed, owner, kind="termination", number="拱招解〔2026〕1号", supersedes=ended)
    assert codes(reviewed, "signed") == {"agreement"}


def test_what_was_replaced_does_not_come_back_to_life_when_its_successor_is_ended(reviewed, owner):
    """Signed anew, then dissolved: nothing is in force, and neither 签约 nor 注册落地 may rest on it."""
    first = agreement(reviewed, owner)
    second = agreement(reviewed, owner, number="拱招协〔2026〕2号", supersedes=first)
    assert codes(reviewed, "signed") == set()
    agreement(reviewed, owner, kind="termination", number="拱招解〔2026〕1号", supersedes=second)
    assert codes(reviewed, "signed") == {"agreement"}
    assert "agreement" in codes(reviewed, "registered")


def test_the_promises_of_a_replaced_agreement_are_no_list_of_the_new_one(reviewed, owner):
    first = agreement(reviewed, owner)
    make.commitment(first, date(2027, 1, 1))
    assert "commitments" not in codes(reviewed, "registered")
    second = agreement(reviewed, owner, number="拱招协〔2026〕2号", supersedes=first)
    assert "commitments" in codes(reviewed, "registered")
    make.commitment(second, date(2027, 1, 1))
    assert "commitments" not in codes(reviewed, "registered")


def test_what_replaces_an_agreement_is_asked_for_what_it_leaves_open(reviewed, owner):
    first = agreement(reviewed, owner)
    agreement(reviewed, owner, number="", supersedes=first)
    assert [item.text for item in reviewed.missing_for("signed")] == ["正式协议还缺协议编号。"]


def test_a_team_without_a_firm_signs_as_persons_and_registers_one_later(owner):
    project = make.ready_for_review(make.project(owner), owner)
    project.move_to("review", by=owner, at=make.NOW)
    make.ready_for_signing(project, owner)
    project.evidence.filter(kind="agreement").delete()
    agreement(project, owner, signer="王景行（创业团队）", signer_uscc="")
    project.move_to("signed", by=owner, at=make.NOW)
    assert codes(project, "registered") == {"commitments", "registration", "registered_company"}


def test_a_project_without_any_company_can_be_negotiated(owner):
    project = make.ready_for_review(make.project(owner), owner)
    contact = project.company.contacts.get()
    Lead.objects.filter(pk=project.lead_id).update(company=None, contact=contact)
    Project.objects.filter(pk=project.pk).update(company=None)
    type(contact).objects.filter(pk=contact.pk).update(company=None)
    assert codes(project, "review") == set()


def test_the_registered_company_is_linked_and_has_a_code(reviewed, owner):
    firm = Company.objects.create(name="杭州新设科技有限公司", created_at=make.NOW, updated_at=make.NOW)
    assert "registered_company" in codes(reviewed, "registered")
    Project.objects.filter(pk=reviewed.pk).update(registered_company=firm)
    assert "uscc" in codes(reviewed, "registered")
    Company.objects.filter(pk=firm.pk).update(uscc="91330105MA2CDTJ17C")
    assert codes(reviewed, "registered") == {"agreement", "commitments", "registration"}


def test_promises_and_money_count_by_their_own_rows(reviewed, owner):
    paper = agreement(reviewed, owner)
    reviewed.commitments.create(
        agreement=paper, side="company", item="投资到位", due_on="2026-12-31", created_at=make.NOW
    )
    reviewed.receipts.create(
        amount_wan=100, received_on="2026-04-20", purpose="设备", proof="bank", proof_number="1", by=owner,
        created_at=make.NOW,
    )  # fmt: skip
    assert "commitments" not in codes(reviewed, "registered")
    assert "capital" not in codes(reviewed, "landed")


def test_papers_recorded_before_there_were_tables_go_on_counting(reviewed, owner):
    make.evidence(reviewed, "agreement", "commitments", "capital", by=owner)
    assert codes(reviewed, "signed") == set()
    assert "commitments" not in codes(reviewed, "registered")
    assert "capital" not in codes(reviewed, "landed")


def test_what_has_a_table_of_its_own_is_no_longer_recorded_as_a_paper(as_, reviewed, owner):
    for kind in ("agreement", "commitments", "capital"):
        with pytest.raises(MendingRefused, match="各自的地方"):
            add_evidence(reviewed, Proof(kind, date(2026, 4, 20)), by=owner, at=make.NOW)
    form = as_(owner).get(reviewed.get_absolute_url()).context["evidence_form"]
    assert "agreement" not in dict(form.fields["kind"].choices)
    assert reviewed.evidence.filter(kind="agreement").count() == 0


def test_an_expanding_firm_says_what_it_had_and_counts_the_increment(owner):
    project = make.ready_for_review(make.project(owner), owner)
    Project.objects.filter(pk=project.pk).update(landing_mode="expansion", area_sqm=None)
    assert "prior" in codes(project, "review")
    assert "space_need" not in codes(project, "review")
    Project.objects.filter(pk=project.pk).update(prior_wan=20000)
    assert "prior" not in codes(project, "review")
    assert Project.objects.get(pk=project.pk).amount_wan == 5000


def test_a_forced_jump_records_what_every_gate_on_its_way_lacks(as_, owner, head):
    project = make.project(owner)
    way = ("review", "signed", "registered")
    lacking = [item.text for to in way for item in project.missing_for(to)]
    asked = {"stage": "registered", "forced": "1", "reason": "企业已经注册"}
    assert as_(head).post(f"/projects/{project.pk}/move/", asked).status_code == 302
    change = project.changes.last()
    assert (change.stage, change.skipped) == ("registered", ["review", "signed"])
    assert change.missing == list(dict.fromkeys(lacking))
    assert len(change.missing) < len(lacking)  # the proposal, which two gates ask for, is named once
    for words in ("决策权的联系人", "项目分类", "尽职调查", "合法性审查", "投资协议", "承诺清单"):
        assert any(words in text for text in change.missing), words
    page = as_(owner).get(project.get_absolute_url()).content.decode()
    assert "没有尽职调查报告。" in page
    told = Notification.objects.get(user=owner, title__contains="强制推进了")
    assert "没有尽职调查报告。" in told.body
    assert "。；" not in told.body
    detail = AuditEvent.objects.get(action="force_move").detail
    assert detail["missing"] == change.missing


def test_no_forced_signature_goes_on_without_a_formal_agreement_in_force(owner, head):
    project = make.project(owner)
    for stage in ("review", "signed"):
        project.move_to(stage, by=head, at=make.NOW, reason="区里急件", forced=True)
    agreement(project, owner, kind="framework")
    assert "agreement" in codes(project, "registered")
    formal = agreement(project, owner, number="拱招〔2026〕9号")
    assert "agreement" not in codes(project, "registered")
    agreement(project, owner, kind="termination", number="拱招解〔2026〕9号", supersedes=formal)
    assert "agreement" in codes(project, "registered")


def test_whom_only_another_unit_knows_opens_no_gate(owner, outsider):
    project = make.ready_for_review(make.project(owner), owner)
    person = project.company.contacts.get()
    assert codes(project, "review") == set()
    type(person).objects.filter(pk=person.pk).update(unit=outsider.unit)
    assert codes(project, "review") == {"decision_contact"}
