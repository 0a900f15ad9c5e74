"""到位资金 through its doors: proof once, the sum against 总投资, withdrawal instead of editing, years."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest

from django.db import connection
from django.utils import timezone

from crm.models import AuditEvent
from crm.workdays import shanghai_day
from projects.models import Receipt
from projects.receipts import Money, ReceiptRefused
from projects.receipts import receive as receive_money
from tests import make


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司", amount_wan=Decimal(5000))


def receive(client, project, **changes):
    given = {
        "amount_wan": "3000",
        "received_on": "2026-04-01",
        "purpose": "注册资本实缴",
        "proof": "bank",
        "proof_number": "工行 2026-0001",
    }
    return client.post(f"/projects/{project.pk}/receipts/", {**given, **changes})


def withdraw(client, project, row, reason):
    return client.post(f"/projects/{project.pk}/receipts/{row.pk}/withdraw/", {"reason": reason})


def test_money_that_arrived_counts_in_its_year(as_, owner, project):
    client = as_(owner)
    assert receive(client, project).status_code == 302
    assert (
        receive(client, project, received_on="2025-12-31", amount_wan="0.1亿", proof_number="2").status_code
        == 302
    )
    page = client.get(f"/projects/{project.pk}/receipts/")
    assert [(year.year, year.amount_wan) for year in page.context["years"]] == [(2026, 3000), (2025, 1000)]
    shown = client.get(project.get_absolute_url()).content.decode()
    assert "累计 <b>4,000 万元</b>，总投资 5,000 万元" in shown


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"received_on": f"{shanghai_day(timezone.now()) + timedelta(days=2)}"}, "到位日期不能晚于今天"),
        ({"amount_wan": "0"}, "到位金额要大于 0"),
        ({"amount_wan": ""}, "到位金额要大于 0"),
        ({"amount_wan": "-5"}, "是负数"),
        ({"proof_number": " "}, "请填写凭证号"),
        ({"purpose": ""}, "请填写用途"),
        ({"amount_wan": "6000"}, "超过总投资 5,000 万元"),
    ],
)
def test_what_is_no_receipt_is_refused(as_, owner, project, changes, words):
    answer = receive(as_(owner), project, **changes)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Receipt.objects.exists()


def test_the_sum_and_not_the_single_receipt_is_held_against_the_whole(as_, owner, project):
    client = as_(owner)
    receive(client, project)
    more = {"amount_wan": "2000.0001", "proof_number": "2"}
    assert "累计到位 5,000.0001 万元" in receive(client, project, **more).content.decode()
    assert receive(client, project, **more, explanation="二期提前到位").status_code == 302
    assert receive(client, project, amount_wan="1", proof_number="3").status_code == 400


def test_a_whole_that_nobody_knows_limits_nothing(as_, owner):
    project = make.project(owner)
    assert receive(as_(owner), project, amount_wan="9亿").status_code == 302


def test_a_proof_counts_once_here_and_elsewhere(as_, owner, outsider, project):
    receive(as_(owner), project)
    for written in ("工行  2026-0001 ", "工行2026-0001", "工行　２０２６－０００１"):
        same = receive(as_(owner), project, proof_number=written, amount_wan="1")
        assert "已用于本项目 2026-04-01 的到位资金" in same.content.decode(), written
    other = make.project(outsider, name="杭州别家科技有限公司")
    refused = receive(as_(outsider), other).content.decode()
    assert "已用于另一个项目" in refused
    assert "星海" not in refused
    assert Receipt.objects.count() == 1
    assert receive(as_(outsider), other, proof="audit").status_code == 302


def test_a_proof_entered_with_spaces_before_is_still_the_same(as_, owner, project):
    make.receipt(project, owner, proof_number="工行 2026 0001")
    assert receive(as_(owner), project, proof_number="工行20260001").status_code == 400
    assert Receipt.objects.count() == 1


def test_a_wrong_receipt_is_withdrawn_with_a_reason_and_written_anew(as_, owner, project):
    client = as_(owner)
    receive(client, project, amount_wan="300")
    row = Receipt.objects.get()
    assert "请写明撤销原因" in withdraw(client, project, row, "").content.decode()
    assert withdraw(client, project, row, "单位写错，应为 3000 万元").status_code == 302
    assert project.receipts.total() == 0
    assert receive(client, project).status_code == 302
    assert project.receipts.total() == 3000
    row.refresh_from_db()
    assert (row.amount_wan, row.withdrawn_by) == (300, owner)
    assert AuditEvent.objects.get(action="withdraw").subject_id == row.pk
    page = client.get(f"/projects/{project.pk}/receipts/").content.decode()
    assert "已撤销，不计入合计：单位写错，应为 3000 万元" in page
    assert "已经撤销" in withdraw(client, project, row, "再来").content.decode()


def test_a_receipt_has_no_door_for_editing(as_, owner, project):
    client = as_(owner)
    receive(client, project)
    row = Receipt.objects.get()
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"/projects/{project.pk}/receipts/{row.pk}/").status_code == 404
    assert Receipt.objects.get().amount_wan == 3000


def test_readers_read_and_strangers_find_nothing(as_, owner, leader, outsider, project):
    receive(as_(owner), project)
    row = Receipt.objects.get()
    page = as_(leader).get(f"/projects/{project.pk}/receipts/")
    assert "登记一笔" not in page.content.decode()
    assert receive(as_(leader), project, proof_number="9").status_code == 403
    assert withdraw(as_(leader), project, row, "试试").status_code == 403
    assert as_(outsider).get(f"/projects/{project.pk}/receipts/").status_code == 404
    assert withdraw(as_(outsider), project, row, "试试").status_code == 404
    assert Receipt.objects.standing().count() == 1


def test_a_day_of_another_year_makes_another_bucket(owner, project):
    for day, number in ((date(2025, 12, 31), "a"), (date(2026, 1, 1), "b")):
        Receipt.objects.create(
            project=project,
            amount_wan=10,
            received_on=day,
            purpose="实缴",
            proof="bank",
            proof_number=number,
            by=owner,
            created_at=make.NOW,
        )
    assert project.receipts.total() == 20


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_use_one_proof_at_once(owner, outsider):
    projects = [make.project(owner), make.project(outsider)]
    money = Money(Decimal(100), date(2026, 4, 1), "实缴", "bank", "工行 1")
    start = Barrier(2)

    def enter(project, by):
        start.wait()
        try:
            receive_money(project, money, by=by, at=timezone.now())
        except ReceiptRefused as refusal:
            return refusal.code
        finally:
            connection.close()
        return "written"

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(enter, projects, [owner, outsider]))
    assert found == ["proof_used", "written"]
    assert Receipt.objects.count() == 1


def lower(client, project, **changes):
    """Save the project's form with `changes`; the page as it answers."""
    form = client.get(f"/projects/{project.pk}/edit/").context["form"]
    values = {}
    for name in form.fields:
        value = form[name].value()
        values[name] = values[f"initial-{name}"] = "" if value is None else value
    return client.post(f"/projects/{project.pk}/edit/", {**values, **changes})


def test_the_whole_is_not_lowered_below_what_arrived_without_a_word(as_, owner, project):
    client = as_(owner)
    receive(client, project)
    refused = lower(client, project, amount_wan="2999")
    assert (refused.status_code, "excess_note" in refused.context["form"].errors) == (400, True)
    assert "累计到位 3,000 万元，超过总投资 2,999 万元" in refused.content.decode()
    project.refresh_from_db()
    assert project.amount_wan == 5000
    assert lower(client, project, amount_wan="3000").status_code == 302
    assert lower(client, project, amount_wan="2000", excess_note="二期取消，资金已到").status_code == 302
    project.refresh_from_db()
    assert (project.amount_wan, project.excess_note) == (2000, "二期取消，资金已到")
    assert (
        "超过总投资的说明：二期取消，资金已到"
        in client.get(f"/projects/{project.pk}/receipts/").content.decode()
    )
    assert lower(client, project, amount_wan="").status_code == 302


def test_a_project_without_receipts_is_asked_nothing(as_, owner, project):
    client = as_(owner)
    assert "excess_note" not in client.get(f"/projects/{project.pk}/edit/").context["form"].fields
    assert lower(client, project, amount_wan="1").status_code == 302
