"""The record of a fund through its doors: entered, established, its account named, what is refused."""

from datetime import timedelta

import pytest

from crm import bell
from crm.models import AuditEvent
from projects.matching import match
from projects.models import Fund
from projects.rejudging import rematch_one
from tests import make

pytestmark = pytest.mark.django_db
RECORD = {"name": "拱墅区概念验证基金", "kind": "concept", "status": "preparing"}
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}


@pytest.fixture
def fund():
    one = Fund.objects.create(code="concept", **RECORD)
    one.versions.create(
        number=1, criteria={"all": [STAFF]}, valid_from=make.NOW.date(), published_at=make.NOW
    )
    return one


def edit(client, fund, version=None, **more):
    given = {**RECORD, "version": version or fund.version, **more}
    return client.post(f"{fund.get_absolute_url()}edit/", given)


def test_the_bureau_enters_a_fund_and_names_the_account_that_then_sees_it(as_, manager, fund_user):
    client = as_(manager)
    assert "/funds/new/" in client.get("/funds/").content.decode()
    more = {"code": "new-one", "size_wan": "2亿", "is_local": "on", "managers": [fund_user.pk]}
    made = client.post("/funds/new/", {**RECORD, **more})
    one = Fund.objects.get(code="new-one")
    assert made["Location"] == one.get_absolute_url()
    assert (one.size_wan, one.is_local, one.status) == (20000, True, "preparing")
    assert as_(fund_user).get(one.get_absolute_url()).status_code == 200
    event = AuditEvent.objects.get(action="add_fund")
    assert (event.detail["状态"], event.detail["基金方账号"]) == ("空 → 筹建中", f"空 → {fund_user}")


def test_an_established_fund_is_matched_for_money_and_may_be_referred_to(
    as_, manager, owner, fund, monkeypatch
):
    project, rung = make.project(owner), []
    monkeypatch.setattr(bell, "ring", lambda name, *args: rung.append((name, *args)))
    match(project, at=make.NOW)
    assert project.matches.get().verdict == "reserve"
    assert edit(as_(manager), fund, status="established").status_code == 302
    assert rung == [("projects.tasks.match_fund", fund.pk)]
    fund.refresh_from_db()
    assert rematch_one(fund, make.NOW + timedelta(minutes=1)) == 1
    assert project.match_changes.get().reason == "基金已设立，可以出资"
    event = AuditEvent.objects.get(action="change_fund")
    assert event.detail == {"object": "拱墅区概念验证基金", "状态": "筹建中 → 已设立"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"code": "concept"}, "code"),
        ({"size_wan": "0"}, "size_wan"),
        ({"managers": ["1"]}, "managers"),
    ],
)
def test_a_record_that_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    as_, manager, fund, more, field
):
    answer = as_(manager).post("/funds/new/", {**RECORD, "code": "new-one", **more})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert Fund.objects.get() == fund
    assert not AuditEvent.objects.exists()


def test_a_record_changed_meanwhile_is_not_overwritten(as_, manager, fund):
    client, seen = as_(manager), fund.version
    assert edit(client, fund, seen, name="甲改的").status_code == 302
    late = edit(client, fund, seen, name="乙改的")
    assert late.status_code == 412
    assert "名称：现在是 甲改的（何科长 " in late.content.decode()
    assert "您填的是 乙改的。" in late.content.decode()
    fund.refresh_from_db()
    assert fund.name == "甲改的"
    assert edit(client, fund, late.context["form"]["version"].value(), name="乙改的").status_code == 302


def _sent(values):
    return {name: "" if value in (None, False) else value for name, value in values.items()}


def test_two_who_change_different_things_of_a_record_keep_both(as_, manager, fund):
    client, address = as_(manager), f"/funds/{fund.pk}/edit/"
    form = client.get(address).context["form"]
    opened = {name: form[name].value() for name in form.fields}
    mine, theirs = ({**opened, "operator": "杭州管理公司"}, {**opened, "name": "甲改的"})
    assert client.post(address, _sent(theirs)).status_code == 302
    late = client.post(address, _sent(mine))
    assert late.status_code == 412
    again = {name: late.context["form"][name].value() for name in form.fields}
    assert client.post(address, _sent(again)).status_code == 302
    fund.refresh_from_db()
    assert (fund.name, fund.operator) == ("甲改的", "杭州管理公司")


def test_a_fund_with_referrals_under_way_stays_one_that_can_invest(as_, manager, owner, fund):
    Fund.objects.update(status="operating")
    fund.refresh_from_db()
    make.referral(make.project(owner), fund, owner)
    for status in ("preparing", "closed"):
        answer = edit(as_(manager), fund, status=status)
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["status"])
        assert "还有 1 条推荐在进行中" in answer.content.decode()
    fund.refresh_from_db()
    assert fund.status == "operating"
