"""The funnel: sums that agree, a list behind every number, medians, scopes, and nothing divided by zero."""

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from crm import display
from crm.models import AuditEvent, Channel, City, FusionSector, LossReason
from leads.filters import LeadFilter
from leads.losing import Loss, step
from leads.models import Lead
from leads.sums import Tally, tally_of
from projects.filters import ProjectFilter
from projects.groups import GROUPS
from projects.losing import lose
from projects.models import Project
from projects.reports import LINE, funnel
from projects.suspending import suspend
from projects.tables import MEASURES
from tests import make

URL = "/reports/"
STAYS = "/reports/stays/"


@pytest.fixture(autouse=True)
def _same_pickers(monkeypatch):
    """The words of the pickers stay the same while a test opens hundreds of lists: they are read once."""
    known, read = {}, LeadFilter._options.func

    def options(filters):
        user = getattr(filters.request, "user", None)
        key = type(filters), user and user.pk, filters.data.get("roadshow")
        if key not in known:
            known[key] = read(filters)
        return known[key]

    monkeypatch.setattr(LeadFilter, "_options", property(options))


@pytest.fixture(scope="module")
def banshan(module_db):
    return make.unit("banshan", "半山区块")


@pytest.fixture(scope="module")
def owner(banshan):
    return make.user("owner", "officer", banshan, "林晓")


@pytest.fixture(scope="module")
def outsider(module_db):
    return make.user("outsider", "officer", make.unit("wanggu", "智慧网谷小镇"), "郑言")


@pytest.fixture(scope="module")
def head(banshan):
    return make.user("head", "head", banshan, "沈主任")


@pytest.fixture(scope="module")
def station(module_db):
    return make.user("station", "station", make.unit("station_sz", "驻深工作站", "station"), "陈站长")


@pytest.fixture(scope="module")
def year(owner, outsider, head, station):
    """Leads and projects of two units, amounts known and not, a lost one; told once, the tests only ask."""
    trip = make.roadshow(station)
    shenzhen, shanghai = City.objects.get(pk="440300"), City.objects.get(pk="310000")
    make.lead(owner, city=shenzhen, amount_wan=1000)
    make.lead(owner, at=make.NOW - timedelta(days=400))
    make.lead(outsider, city=shanghai, channel=Channel.objects.get(code="walk_in"))
    make.screened(owner, city=shenzhen, amount_wan=2000)
    reserve = make.screened(outsider, verdict="reserve")
    reserve.move_to("reserve", by=outsider, at=make.NOW, reason="等厂房")
    dropped = make.lead(owner, amount_wan=500)
    dropped.move_to("dropped", by=owner, at=make.NOW, reason="无意向")
    make.project(owner, city=shenzhen, amount_wan=3000, roadshow=trip)
    make.project(outsider, city=shanghai)
    signed = make.project(owner, amount_wan=Decimal("12000.5"))
    signed.move_to("signed", by=head, at=make.NOW, reason="区领导已定", forced=True)
    lost = make.project(owner, amount_wan=700)
    lost.move_to("review", by=head, at=make.NOW, reason="先过会", forced=True)
    lose(lost, Loss(LossReason.objects.get(code="no_interest"), "企业改了主意"), by=owner, at=make.NOW)
    again = make.project(owner, amount_wan=12000)
    again.move_to("signed", by=head, at=make.NOW, reason="区领导已定", forced=True)
    lose(again, Loss(LossReason.objects.get(code="duplicate"), "与另一个项目重复"), by=owner, at=make.NOW)
    double = make.lead(owner, city=shenzhen)
    step(
        double,
        "dropped",
        loss=Loss(LossReason.objects.get(code="duplicate"), "登记了两次"),
        by=owner,
        at=make.NOW,
    )
    foundation = make.project(outsider, amount_wan=9000, at=make.NOW - timedelta(days=90))
    Project.objects.filter(pk=foundation.pk).update(sector=None, sector_kind="foundation", city=shenzhen)


def asked(client, **query):
    page = client.get(URL, query)
    assert page.status_code == 200
    return page.context


def listed(user, url):
    """What the list behind `url` adds up to for `user`, by the list's own filters."""
    parts = urlsplit(url)
    model, filters = (Lead, LeadFilter) if parts.path == "/leads/" else (Project, ProjectFilter)
    assert parts.path in ("/leads/", "/projects/")
    query = QueryDict(parts.query, mutable=True)
    assert query.pop("count") == ["exact"]
    return tally_of(filters(query, model.objects.visible_to(user), request=SimpleNamespace(user=user)).rows())


def lists_of(user):
    """`listed` for one person, each list opened once."""
    return cache(lambda url: listed(user, url))


def cells(table):
    return [cell for row in table.rows for cell in row if cell.url or cell.parts]


def number(text):
    return int(re.sub(r"\D", "", text))


def lists_behind(cell):
    """The addresses behind the number itself, else those of the parts that make it."""
    return [cell.url] if cell.url else [url for _, url in cell.parts if url]


def assert_lists_agree(table, figures_of):
    """Every number is the number, and every amount the sum, of the lists that open from it.

    Shares, and the stays that have ended, have tests of their own.
    """
    for cell in cells(table):
        if isinstance(cell.value, float) and cell.parts and not cell.text.endswith("%"):
            assert figures_of(cell.parts[-1][1]).count == number(cell.parts[-1][0]), cell
        elif not isinstance(cell.value, float) and STAYS not in cell.url:
            found = sum(map(figures_of, lists_behind(cell)), Tally())
            is_amount = cell.value is None or isinstance(cell.value, Decimal)
            assert cell.value == (found.known if is_amount else found.count), cell
        for words, url in cell.parts if isinstance(cell.value, int) else ():
            assert figures_of(url).count == number(words), cell


def test_every_number_by_stage_equals_the_list_behind_it(
    as_, year, manager, owner, outsider, station, head, leader, auditor
):
    for person in (manager, owner, outsider, station, head, leader, auditor):
        assert_lists_agree(asked(as_(person))["stages"], lists_of(person))


@pytest.mark.parametrize("group", GROUPS)
def test_every_number_by_group_equals_the_list_behind_it_and_columns_add_up(as_, manager, year, group):
    client, figures_of = as_(manager), lists_of(manager)
    for measure in ("count", "amount", "reached", "days"):
        table = asked(client, group=group, measure=measure)["groups"]
        assert_lists_agree(table, figures_of)
        if measure != "days":
            assert_columns_add_up(table)
    for row in asked(client, group=group)["groups"].rows:
        assert sum(cell.value for cell in row[1:-2]) == row[-2].value


def assert_columns_add_up(table):
    *rows, total = table.rows
    for column in range(1, len(total)):
        assert sum(row[column].value or 0 for row in rows) == (total[column].value or 0), table.heads[column]


def test_every_number_opens_a_list(as_, manager, year):
    for query in ({}, *({"group": "city", "measure": measure} for measure in MEASURES)):
        context = asked(as_(manager), **query)
        for table in filter(None, (context["stages"], context["groups"])):
            numbers = [cell for row in table.rows for cell in row if cell.value is not None]
            assert [cell for cell in numbers if not cell.url and not cell.parts] == []


@pytest.mark.parametrize("query", [{}, {"start": "2026-04-01", "end": "2026-04-20"}])
def test_a_share_opens_those_who_came_so_far(as_, manager, owner, year, query):
    for person in (manager, owner):
        figures_of, told = lists_of(person), 0
        rows = asked(as_(person), **query)["stages"].rows
        for row in rows:
            for share, of in ((row[5], row[4]), (row[6], rows[0][4])):
                if share.value is not None:
                    reached = sum(map(figures_of, lists_behind(share)), Tally()).count
                    assert share.value == pytest.approx(reached / of.value, abs=0.0001), share
                    told += 1
        assert told > 6


@pytest.mark.parametrize("query", [{}, {"start": "2026-04-01"}, {"group": "city", "measure": "days"}])
def test_the_days_and_the_stays_that_ended_open_these_stays(as_, manager, owner, year, query):
    for person in (manager, owner):
        client, opened = as_(person), 0
        context = asked(client, **query)
        for cell in cells(context["groups"] or context["stages"]):
            parts = [(cell.text, cell.url), *cell.parts]
            for text, url in [(text, url) for text, url in parts if STAYS in url]:
                page = client.get(url).context
                if text.startswith("已离开") or isinstance(cell.value, int):
                    assert page["stay"].closed == len(page["page"].rows) == number(text)
                else:
                    assert f"{page['stay'].median:.1f}" == text
                opened += 1
        assert opened > 6


def test_the_list_itself_shows_number_and_sum_of_the_cell(as_, manager, year):
    client = as_(manager)

    @cache
    def shown(url):
        page = client.get(url)
        figures = page.context["total"]
        assert page.context["count"].number == figures.count == len(page.context["page"].rows)
        told = "<b>—</b>，都没有填" if figures.known is None else f"<b>{display.money(figures.known)}</b>"
        assert f"投资额合计 {told}" in page.content.decode()
        return figures

    assert_lists_agree(asked(client)["stages"], shown)
    assert "，1 个未填" in client.get("/projects/?stage=negotiating&count=exact").content.decode()


def test_a_sum_of_unknown_amounts_is_not_nought(as_, db):
    newcomer = make.user("newcomer", "officer", make.unit("caifu", "运河财富小镇"), "袁野")
    make.project(newcomer)
    page = asked(as_(newcomer), group="unit", measure="amount")
    stages = {row[0].text: row for row in page["stages"].rows}
    assert [(cell.text, cell.value) for cell in stages["在谈"][1:4]] == [("1", 1), ("—", None), ("1", 1)]
    assert stages["签约"][2].text == "0 万元"
    assert [words for words, _ in stages["合计"][2].parts] == ["线索 0 万元", "项目 —"]
    assert {row[-2].text for row in page["groups"].rows} == {"—"}


@pytest.mark.parametrize("url", ["/leads/", "/projects/"])
def test_a_list_that_was_not_asked_counts_no_sum_and_offers_it(as_, manager, year, url):
    page = as_(manager).get(f"{url}?open=1")
    assert page.context["total"] is None
    assert 'href="?open=1&amp;count=exact"' in page.content.decode()
    assert "data-total" not in page.content.decode()


@pytest.mark.parametrize(
    "query", [{"start": "2026-01-01"}, {"end": "2026-01-31"}, {"start": "2026-04-01", "end": "2026-04-20"}]
)
def test_a_period_counts_the_leads_recorded_in_it_and_their_projects(as_, manager, year, query):
    context = asked(as_(manager), group="unit", **query)
    assert 0 < context["funnel"].total.total.count < 13
    figures_of = lists_of(manager)
    assert_lists_agree(context["stages"], figures_of)
    assert_lists_agree(context["groups"], figures_of)


def test_an_accepted_lead_is_counted_once_as_its_project(year):
    found = whole()
    assert Lead.objects.count() == found.total.total.count == 13
    assert found.total.projects.count == Project.objects.count() == 6
    assert [line.code for line in found.total.lines] == [
        *("lead", "screening", "reserve", "dropped", "negotiating", "review"),
        *("signed", "registered", "landed", "operating", "aftercare", "lost", "suspended"),
    ]


def test_a_suspended_project_stands_in_no_stage_and_the_whole_stays_the_same(as_, manager, owner, year):
    before = whole().total
    one = Project.objects.filter(stage="negotiating", amount_wan__isnull=False).first()
    suspend(one, until=date(2026, 4, 30), reason="等待土地挂牌", by=manager, at=make.NOW)
    now = whole().total
    assert now.line("suspended").now == Tally(1, one.amount_wan, 0)
    assert now.line("negotiating").now + now.line("suspended").now == before.line("negotiating").now
    assert (now.total, now.line("negotiating").reached) == (before.total, before.line("negotiating").reached)
    for group in ("", "sector", "city"):
        context = asked(as_(manager), group=group, measure="count")
        assert_lists_agree(context["stages"], lists_of(manager))
        if group:
            assert_lists_agree(context["groups"], lists_of(manager))
            assert_columns_add_up(context["groups"])


def test_sums_are_of_known_amounts_and_the_unknown_are_counted(year):
    found = whole()
    assert found.total.projects.amount == Decimal("36700.5")
    assert found.total.total.unknown == 5
    assert sum(line.now.unknown for line in found.total.lines) == 5


def test_skipped_stages_count_as_reached_so_that_no_conversion_exceeds_one(year):
    row = whole().total
    reached = {line.code: line.reached for line in row.lines if line.code in LINE}
    assert reached == {
        "lead": 11, "screening": 7, "negotiating": 5, "review": 2, "signed": 1,
        "registered": 0, "landed": 0, "operating": 0, "aftercare": 0,
    }  # fmt: skip
    assert row.line("negotiating").next_share == pytest.approx(2 / 5)
    assert all(0 <= line.next_share <= 1 for line in row.lines if line.next_share is not None)


def test_what_another_record_stands_for_is_lost_but_came_nowhere_until_it_is_taken_up_again(db, year, head):
    again = Project.objects.get(loss_reason__code="duplicate")
    before = whole().total
    assert before.line("lost").now.count == 2
    assert before.line("dropped").now.count == 2
    again.move_to("negotiating", by=head, at=make.NOW, reason="不是重复", forced=True)
    now = whole().total
    assert {code: now.line(code).reached - before.line(code).reached for code in LINE[:6]} == {
        "lead": 1, "screening": 1, "negotiating": 1, "review": 1, "signed": 1, "registered": 0,
    }  # fmt: skip
    assert (now.total.count, now.line("lost").now.count) == (before.total.count, 1)


def whole():
    return funnel(Lead.objects.all(), Project.objects.all(), at=make.NOW)


def test_all_six_sectors_stand_there_even_when_empty(as_, manager, year):
    rows = asked(as_(manager), group="sector")["funnel"].rows
    assert [row.label for row in rows] == [
        *FusionSector.objects.values_list("name", flat=True),
        *("基础层/跨领域", "未分类", "待定"),
    ]
    assert {row.key: row.total.count for row in rows}["foundation"] == 1


def test_everybody_counts_only_what_they_see(as_, owner, outsider, manager, station, year):
    counts = {
        person: asked(as_(person))["funnel"].total.total.count
        for person in (owner, outsider, manager, station)
    }
    assert counts == {owner: 9, outsider: 4, manager: 13, station: 1}


@pytest.mark.parametrize("person", ["fund_user", "reviewer", "admin_user"])
@pytest.mark.parametrize("url", [URL, "/screen/", "/reports/export/"])
def test_people_without_reports_are_refused(as_, request, person, url):
    assert as_(request.getfixturevalue(person)).get(url).status_code == 403


@pytest.mark.parametrize(
    "query", ["nonsense=1", "group=colour", "start=yesterday", "start=2026-05-01&end=2026-04-01"]
)
def test_senseless_questions_are_refused_in_chinese(as_, manager, query):
    refused = as_(manager).get(f"{URL}?{query}")
    assert refused.status_code == 400
    assert "漏斗没有显示" in refused.content.decode()


@pytest.mark.parametrize("page", [URL, "/reports/export/", "/reports/chain/", "/reports/delivery/"])
def test_a_condition_written_twice_is_refused(as_, manager, page):
    query = {"/reports/chain/": "sector=none&sector=none", "/reports/delivery/": "year=2026&year=2025"}
    refused = as_(manager).get(f"{page}?{query.get(page, 'group=sector&group=city')}")
    assert refused.status_code == 400
    assert "写了两次" in refused.content.decode()


def test_a_wrong_condition_is_named_once(as_, manager):
    page = as_(manager).get(f"{URL}?start=2026-02-30").content.decode()
    assert "线索登记不早于请写成" in page
    assert "线索登记不早于：线索登记不早于" not in page


@pytest.mark.parametrize(
    "query", [{}, {"group": "sector"}, {"group": "city", "measure": "days"}, {"start": "2026-01-01"}]
)
def test_the_funnel_costs_at_most_eight_queries(as_, manager, year, query):
    client = as_(manager)
    client.get(URL, query)
    with CaptureQueriesContext(connection) as found:
        client.get(URL, query)
    assert len(found) <= 8


def test_the_workbook_holds_the_table_and_is_written_down(as_, manager, year, tmp_path):
    answer = as_(manager).get("/reports/export/", {"group": "channel"})
    path = tmp_path / "funnel.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["来源渠道", "线索", "研判"]
    assert rows[-1][0] == "合计"
    assert rows[-1][-2] == 13
    assert AuditEvent.objects.get(action="export").detail["list"] == "funnel"


def test_the_screen_names_no_company_and_no_contact(as_, leader, year):
    text = as_(leader).get("/screen/").content.decode()
    assert "星海" not in text
    assert "六融合" in text
    assert "深圳" in text
