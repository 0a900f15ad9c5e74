"""What counts in a period, and the table of it: by 统计日期, once, and a list behind every number."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.workdays import shanghai_day
from projects.counting import counted, signings_by_place
from projects.models import Evidence, Project, Receipt
from tests import make

YEAR = shanghai_day(timezone.now()).year
JANUARY, DECEMBER = date(YEAR, 1, 1), date(YEAR, 12, 31)
BEFORE = date(YEAR - 1, 11, 11)


def day(month, of=11):
    return date(YEAR, month, of)


def proof(project, kind, event_on, counted_on, by):
    Evidence.objects.create(
        project=project, kind=kind, event_on=event_on, counted_on=counted_on, by=by, created_at=make.NOW
    )


def receipt(project, by, amount, on, number, **fields):
    return Receipt.objects.create(
        project=project,
        amount_wan=amount,
        received_on=on,
        purpose="实缴",
        proof="bank",
        proof_number=number,
        by=by,
        created_at=make.NOW,
        **fields,
    )


def found(kind, start=JANUARY, end=DECEMBER):
    return [project.pk for project in counted(Project.objects.all(), kind, start, end)]


def test_a_project_counts_by_its_counted_day_and_not_by_the_event(owner):
    project = make.project(owner)
    proof(project, "registration", BEFORE, day(2), owner)
    make.agreement(project, owner, on=BEFORE, counted_on=day(1))
    assert found("registered") == found("signed") == [project.pk]
    assert found("registered", JANUARY, day(1, 31)) == []
    assert found("registered", BEFORE, BEFORE) == found("signed", BEFORE, BEFORE) == []


def test_what_the_bureau_has_not_confirmed_counts_nowhere(owner):
    project = make.project(owner)
    proof(project, "move_in", day(1), None, owner)
    make.agreement(project, owner, on=day(1))
    assert found("landed") == found("signed") == []


def test_a_project_counts_once_for_its_first_proof(owner):
    project = make.project(owner)
    proof(project, "construction", BEFORE, BEFORE, owner)
    proof(project, "move_in", day(3), day(3), owner)
    assert found("landed") == []
    assert found("landed", BEFORE, BEFORE) == [project.pk]


def test_the_increment_of_an_expanding_firm_is_what_counts(owner):
    project = make.project(owner, amount_wan=Decimal(3000))
    project.landing_mode, project.prior_wan = "expansion", 20000
    project.save()
    make.agreement(project, owner, amount_wan=3000, on=day(1), counted_on=day(1))
    place = project.unit_id, project.lead_id
    signings = signings_by_place(Project.objects.all(), JANUARY, DECEMBER)[place]
    assert (signings.number, signings.amount_wan) == (1, 3000)


@pytest.fixture
def year(owner, outsider):
    """A year of two units: signings, an end, an increment, evidence, money, promises."""
    one, two, third = make.project(owner), make.project(owner), make.project(outsider)
    make.agreement(one, owner, on=day(1), counted_on=day(1))
    make.agreement(one, owner, kind="supplement", amount_wan=500, on=day(2), counted_on=day(2))
    old = make.agreement(two, owner, on=BEFORE, counted_on=BEFORE, amount_wan=800)
    make.agreement(
        two, owner, kind="termination", amount_wan=None, on=day(3), counted_on=day(3), supersedes=old
    )
    make.agreement(third, outsider, on=day(4), counted_on=day(4), amount_wan=None)
    proof(one, "registration", day(2), day(2), owner)
    proof(third, "move_in", day(5), day(5), outsider)
    receipt(one, owner, 1000, day(2), "a")
    receipt(one, owner, 70, BEFORE, "b")
    withdrawn = {"withdrawn_at": make.NOW, "withdrawn_by": owner, "withdrawn_reason": "错"}
    receipt(one, owner, 9999, day(2), "c", **withdrawn)
    receipt(third, outsider, 20, day(3), "d")
    make.commitment(old, BEFORE, outcome="fulfilled", judged_on=BEFORE)
    make.commitment(old, BEFORE + timedelta(days=1))


def table(client, **query):
    page = client.get("/reports/delivery/", query)
    assert page.status_code == 200
    return {row[0].text: row[1:] for row in page.context["table"].rows}


def test_the_table_says_what_each_unit_did(as_, manager, year):
    rows = {name: [cell.text for cell in row] for name, row in table(as_(manager)).items()}
    assert rows["半山区块"] == [
        "1",
        "1",
        "4,700 万元",
        "1",
        "0",
        "1",
        "1,000 万元",
        "2",
        "50%",
        "0",
        "0",
        "0",
    ]
    assert rows["智慧网谷小镇"] == ["1", "0", "0 万元", "0", "1", "1", "20 万元", "0", "—", "0", "0", "0"]
    assert rows["合计"][:3] == ["2", "1", "4,700 万元"]
    page = as_(manager).get("/reports/delivery/").content.decode()
    assert "另有 1 个签约项目金额未填" in page


def test_behind_every_number_is_a_list_of_that_many(as_, manager, year):
    client, checked = as_(manager), 0
    for row in table(client).values():
        for cell in row:
            if cell.url and urlsplit(cell.url).path.startswith("/reports/"):
                page = client.get(cell.url)
                expected = cell.value if "万元" not in cell.text else page.context["sum"]
                assert (
                    page.context["sum"] if "万元" in cell.text else page.context["number"].number
                ) == expected
                assert len(page.context["page"].rows) == page.context["number"].number
                checked += 1
    assert checked >= 10


def test_the_amount_opens_the_projects_it_comes_of_and_what_each_added(as_, manager, year):
    """Also where nothing was signed anew, and where what was added and what ended are equal."""
    client, units = as_(manager), table(as_(manager))
    page = client.get(units["半山区块"][2].url)
    added = {row.net for row in page.context["page"].rows}
    assert (page.context["sum"], added) == (units["半山区块"][2].value, {Decimal(5500), Decimal(-800)})
    assert "合计 4,700 万元" in page.content.decode()
    book = b"".join(
        client.get(f"/reports/delivery/amount/export/?year={YEAR}&unit=banshan").streaming_content
    )
    head, *lines = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sorted(line[head.index("本年增减（万元）")] for line in lines) == [-800, 5500]
    last = table(client, year=YEAR - 1)["半山区块"][2]
    assert client.get(last.url).context["sum"] == last.value == 800


def test_what_cancels_out_is_still_a_row_with_its_list(as_, manager, owner):
    one, other = make.project(owner), make.project(owner)
    old = make.agreement(one, owner, on=BEFORE, counted_on=BEFORE)
    make.agreement(other, owner, on=BEFORE, counted_on=BEFORE, amount_wan=100)
    make.agreement(other, owner, kind="supplement", amount_wan=50, on=day(1), counted_on=day(1))
    make.agreement(one, owner, on=day(2), counted_on=day(2), amount_wan=4950, supersedes=old)
    cell = table(as_(manager))["半山区块"][2]
    page = as_(manager).get(cell.url)
    assert (cell.value, page.context["sum"], page.context["number"].number) == (0, 0, 2)


def test_the_numbers_of_promises_open_the_promises_they_count(as_, manager, owner, year):
    agreement = make.agreement(make.project(owner), owner, on=BEFORE)
    for outcome in ("partial", "waived", "breached"):
        make.commitment(agreement, BEFORE, outcome=outcome, judged_on=BEFORE, reason="说明")
    make.commitment(agreement, shanghai_day(timezone.now()) + timedelta(days=90))
    for row in table(as_(manager)).values():
        due, rate, *others = row[7:12]
        for cell in (due, *others):
            found = as_(manager).get(cell.url).context["page"].rows if cell.url else []
            assert len(found) == cell.value
        assert rate.url == due.url
    assert [cell.text for cell in table(as_(manager))["合计"][7:12]] == ["4", "25%", "1", "1", "0"]


def test_everybody_counts_what_they_see(as_, owner, leader, fund_user, year):
    assert set(table(as_(owner))) == {"半山区块", "合计"}
    assert set(table(as_(leader))) == {"半山区块", "智慧网谷小镇", "合计"}
    assert as_(fund_user).get("/reports/delivery/").status_code == 403
    behind = as_(owner).get("/reports/delivery/signed/", {"unit": "wanggu"})
    assert behind.context["page"].rows == []


def test_a_year_with_nothing_is_a_row_of_nothing(as_, manager):
    rows = table(as_(manager), year=2016)
    assert [cell.text for cell in rows["合计"]][:8] == ["0", "0", "0 万元", "0", "0", "0", "0 万元", "0"]
    assert rows["合计"][8].text == "—"


@pytest.mark.parametrize("query", ["year=abc", "year=1", "unit=nowhere", "colour=red"])
def test_a_question_that_makes_no_sense_is_refused(as_, manager, query):
    assert as_(manager).get(f"/reports/delivery/signed/?{query}").status_code == 400
    assert as_(manager).get(f"/reports/delivery/?{query}").status_code == 400


def test_only_lists_that_exist_have_a_page(as_, manager):
    assert as_(manager).get("/reports/delivery/wishes/").status_code == 404


def test_the_table_asks_the_database_as_often_for_many_as_for_few(as_, manager, owner, year):
    client, spent = as_(manager), []
    for number in (0, 12):
        for n in range(number):
            project = make.project(owner)
            make.agreement(project, owner, on=day(1), counted_on=day(1))
            receipt(project, owner, 5, day(1), f"n{n}")
        client.get("/reports/delivery/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/reports/delivery/")
        spent.append(len(captured))
    assert spent[0] == spent[1] <= 12
