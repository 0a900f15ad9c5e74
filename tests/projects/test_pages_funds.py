"""Funds through their doors: criteria in plain Chinese, 储备 while being set up, only visible projects."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.matching import match
from projects.models import Fund, MatchSheet
from projects.seeding import load_funds
from tests import make


@pytest.fixture
def funds(db):
    load_funds(at=make.NOW)
    return {fund.code: fund for fund in Fund.objects.all()}


def matched(by, **fields):
    project = make.project(by, **fields)
    match(project, at=make.NOW)
    return project


def page(client, fund, **query):
    return client.get(fund.get_absolute_url(), query)


def test_the_list_shows_status_and_counts_only_visible_projects(as_, owner, outsider, manager, funds):
    matched(owner)
    matched(outsider)
    counts = {}
    for person in (owner, manager):
        shown = as_(person).get("/funds/").context["groups"]
        counts[person] = {sum(number for *_, number in fund.verdicts) for _, group in shown for fund in group}
    assert counts == {owner: {1}, manager: {2}}
    text = as_(owner).get("/funds/").content.decode()
    assert "筹建中" in text
    assert "示例条件" in text


def test_a_fund_being_set_up_shows_reserve_only(as_, owner, funds):
    matched(owner)
    preparing = next(fund for fund in funds.values() if fund.status == "preparing")
    shown = page(as_(owner), preparing)
    assert [(code, number) for code, _, number in shown.context["verdicts"]] == [("reserve", 1)]
    assert "尚不能出资" in shown.content.decode()


def test_every_fund_page_reads_its_criteria_clause_by_clause(as_, manager, funds):
    client = as_(manager)
    for fund in funds.values():
        shown = page(client, fund)
        assert shown.status_code == 200
        version = shown.context["version"]
        if version and version.criteria.get("all"):
            assert "条款：" in shown.content.decode() or shown.context["notes"]
        assert "None" not in shown.content.decode()


def test_projects_are_filtered_by_verdict_and_a_senseless_one_is_refused(as_, owner, funds):
    project = matched(owner, name="深圳星海智能有限公司")
    found = project.matches.select_related("fund").first()
    client = as_(owner)
    assert project.name in page(client, found.fund, verdict=found.verdict).content.decode()
    other = "fit" if found.verdict != "fit" else "unfit"
    assert project.name not in page(client, found.fund, verdict=other).content.decode()
    assert page(client, found.fund, verdict="maybe").status_code == 400
    assert page(client, found.fund, page="xx").status_code == 400


def test_a_stranger_sees_the_fund_but_not_the_project(as_, owner, outsider, funds):
    project = matched(owner, name="深圳星海智能有限公司")
    found = project.matches.select_related("fund").first()
    text = page(as_(outsider), found.fund, verdict=found.verdict).content.decode()
    assert project.name not in text


def test_a_fund_manager_finds_the_own_fund_and_no_other_and_no_project(as_, owner, fund_user, funds):
    project = matched(owner, name="深圳星海智能有限公司")
    own, other, *_ = funds.values()
    own.managers.add(fund_user)
    client = as_(fund_user)
    assert page(client, own).status_code == 200
    assert project.name not in page(client, own).content.decode()
    assert page(client, other).status_code == 404


def test_the_pages_cost_the_same_for_one_project_and_for_many(as_, owner, funds):
    client = as_(owner)
    fund = next(iter(funds.values()))
    matched(owner)
    urls = ["/funds/", fund.get_absolute_url()]
    few = [queries(client, url) for url in urls]
    for _ in range(4):
        matched(owner)
    assert [queries(client, url) for url in urls] == few
    assert max(few) <= 14


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        client.get(url)
    return len(found)


def test_the_best_stand_first_and_those_without_a_score_last_on_every_page(as_, owner, funds, monkeypatch):
    monkeypatch.setattr("crm.paging.keyset_page.__defaults__", ("", 2, "created_at"))
    fund = next(fund for fund in funds.values() if fund.status == "operating")
    weights = {matched(owner).pk: weight for weight in (40, 255, 90, 0, 40)}
    for pk, weight in weights.items():
        sheet = MatchSheet.objects.get(pk=pk)
        sheet.verdicts = bytes(sheet.verdicts[: fund.slot]) + b"f" + bytes(sheet.verdicts[fund.slot + 1 :])
        sheet.weights = (
            bytes(sheet.weights[: fund.slot]) + bytes([weight]) + bytes(sheet.weights[fund.slot + 1 :])
        )
        sheet.save()
    wanted = sorted(weights, key=lambda pk: (-1 if weights[pk] == 255 else weights[pk], pk), reverse=True)
    client, found, token = as_(owner), [], ""
    while token is not None:
        shown = page(client, fund, verdict="fit", page=token).context["page"]
        found.append([project.pk for project in shown.rows])
        token = shown.next or None
    assert found == [wanted[:2], wanted[2:4], wanted[4:]]
