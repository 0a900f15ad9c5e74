"""The pages of a project in 流失 offer no form that saving would refuse, and say why and what then."""

from datetime import date

import pytest

from django.urls import reverse
from django.utils import timezone

from projects import receipts
from projects.models import Project
from tests import make
from tests.projects.test_lost_takes_nothing import MONEY, PAPER

pytestmark = pytest.mark.django_db
WHY = "项目已流失，不能再登记"


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司", amount_wan=5000)


def lose(project, stage="lost"):
    Project.objects.filter(pk=project.pk).update(stage=stage, entered_at=timezone.now())


def at(name, project, *more):
    return reverse(f"projects:{name}", args=[project.pk, *more])


def test_the_page_of_a_lost_project_offers_only_to_end_what_was_signed(as_, owner, project):
    signed = make.agreement(project, owner, number="拱招〔2026〕1号")
    client = as_(owner)
    before = client.get(project.get_absolute_url()).content.decode()
    assert all(words in before for words in ("登记协议</a>", "登记到位资金</a>"))
    assert "data-takes-nothing" not in before
    lose(project)
    page = client.get(project.get_absolute_url()).content.decode()
    assert "登记解除协议</a>" in page
    assert page.count(WHY) == 2
    assert f"{project.get_absolute_url()}#steps" in page
    assert 'id="steps"' in page
    for gone in ("登记协议</a>", "登记到位资金</a>", "再逐条登记"):
        assert gone not in page
    paper = client.get(signed.get_absolute_url()).content.decode()
    assert "登记承诺</a>" not in paper
    assert f"{WHY}承诺" in paper


def test_the_form_ends_an_agreement_and_takes_nothing_else(as_, owner, project):
    signed = make.agreement(project, owner, number="拱招〔2026〕1号")
    lose(project)
    client, place = as_(owner), at("agreement_new", project)
    form = client.get(place).context["form"]
    assert [code for code, _ in form.fields["kind"].choices] == ["termination"]
    assert form["kind"].value() == "termination"
    ending = {**PAPER, "kind": "termination", "amount_wan": "", "supersedes": signed.pk}
    assert client.post(place, ending).status_code == 302
    assert client.post(place, PAPER).status_code == 400
    assert sorted(project.agreements.values_list("kind", flat=True)) == ["investment", "termination"]


def test_with_nothing_signed_there_is_no_form_for_an_agreement(as_, owner, project):
    lose(project)
    client = as_(owner)
    assert "登记解除协议</a>" not in client.get(project.get_absolute_url()).content.decode()
    answer = client.get(at("agreement_new", project))
    assert (answer.status_code, f"{WHY}协议" in answer.content.decode()) == (400, True)


def test_a_promise_is_not_begun(as_, owner, project):
    signed = make.agreement(project, owner, number="拱招〔2026〕1号")
    lose(project)
    answer = as_(owner).get(at("commitment_new", project, signed.pk))
    assert (answer.status_code, f"{WHY}承诺" in answer.content.decode()) == (400, True)


def test_money_is_entered_only_anew_for_what_was_withdrawn(as_, owner, project):
    wrong = make.receipt(project, owner, amount_wan=30000, on=date(2026, 4, 1), proof_number="工行2026-0001")
    lose(project)
    client, place = as_(owner), at("receipts", project)
    page = client.get(place)
    assert page.context["form"] is None
    assert f"{WHY}到位资金" in page.content.decode()
    receipts.withdraw(wrong, "多写一个零", by=owner, at=timezone.now())
    page = client.get(place)
    assert "重新登记已撤销的一笔" in page.content.decode()
    assert client.post(place, {**MONEY, "proof_number": "工行2026-0001"}).status_code == 302
    assert project.receipts.filter(withdrawn_at=None).count() == 1


def test_revived_it_offers_everything_again(as_, owner, project):
    lose(project)
    lose(project, "negotiating")
    client = as_(owner)
    page = client.get(project.get_absolute_url()).content.decode()
    assert all(words in page for words in ("登记协议</a>", "登记到位资金</a>"))
    assert client.get(at("receipts", project)).context["form"] is not None


def test_who_may_only_read_sees_neither_button_nor_reason(as_, leader, project, owner):
    make.agreement(project, owner, number="拱招〔2026〕1号")
    lose(project)
    page = as_(leader).get(project.get_absolute_url()).content.decode()
    assert WHY not in page
    assert "登记解除协议" not in page
