"""业绩份额: what counts is divided among the units by their shares, and adds up to the last digit."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import display, exporting
from crm.models import AuditEvent, ExportJob
from crm.workdays import shanghai_day
from leads import conflicts, credit, handover
from projects.commitments import Commitment
from projects.crediting import Credit, divide
from projects.deliveries import deliveries
from projects.export_filters import HANDS
from projects.models import Evidence, Project, Receipt
from tests import make

PAGE = (Path(__file__).parents[2] / "docs" / "agreements.md").read_text(encoding="utf-8")
SHARE = re.compile(r"([^\s、]+) (\d+)")
YEAR = shanghai_day(timezone.now()).year
NEW_YEAR = datetime(YEAR, 1, 1, tzinfo=UTC)


def day(month, of=11):
    return date(YEAR, month, of)


def examples():
    lines = PAGE.split("### 例子：业绩份额")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def decided(lead, verdict, shares, by, against, at=NEW_YEAR):
    case = conflicts.open_case(lead.title, by=against, at=at, reason="我方在先")
    parts = {owner: shares.get(str(owner), 0) for owner in (lead.unit, against.unit)}
    conflicts.decide(case, verdict=verdict, opinion="证据", shares=parts, by=by, at=at)


def signed(by, amount=5000, on=None, **fields):
    project = make.project(by, at=NEW_YEAR, **fields)
    on = on or day(2)
    make.agreement(project, by, on=on, counted_on=on, amount_wan=Decimal(amount))
    return project


def found(year=YEAR):
    rows = deliveries(Project.objects.all(), Receipt.objects.all(), Commitment.objects.all(), year, day(12))
    return {row.unit.name if row.unit else "合计": row for row in rows}


def words(rows, name):
    parts = [(one.unit.name, getattr(one.credit, name)) for one in rows.values() if one.unit]
    return "、".join(f"{unit} {display.number(part, None)}" for unit, part in parts if part)


@pytest.mark.parametrize("row", examples(), ids=lambda row: row[0])
def test_an_example_of_the_page_is_true(row, owner, outsider, head, manager):
    how, amount, numbers, amounts = row
    project = signed(owner, amount)
    shares = {unit: int(part) for unit, part in SHARE.findall(how)}
    if how.startswith(("联合", "变更")):
        verdict = "joint" if how.startswith("联合") else "transfer"
        decided(project.lead, verdict, shares, manager, outsider)
    elif how.startswith("流转"):
        how = {"reason": "载体", "share": shares[str(owner.unit)], "at": NEW_YEAR}
        offered = handover.hand_over(project.lead, to_unit=outsider.unit, by=head, **how)
        handover.accept(offered, by=manager, at=NEW_YEAR)
    rows = found()
    assert (words(rows, "signed"), words(rows, "amount_wan").replace(",", "")) == (numbers, amounts)
    assert sum(one.credit.amount_wan for one in rows.values() if one.unit) == Decimal(amount)


def test_there_are_examples():
    assert len(examples()) == 6


@given(
    some.decimals("-999999", "999999", places=4),
    some.lists(some.integers(1, 99), min_size=1, max_size=6),
)
def test_whatever_is_divided_the_parts_are_the_whole(whole, weights):
    left, shares = credit.WHOLE, []
    for weight in weights:
        part = min(weight, left)
        left -= part
        shares += [("", part)] if part else []
    shares[-1] = ("", shares[-1][1] + left)
    parts = divide(whole, shares)
    assert sum(parts) == whole
    for part, (_, percent) in zip(parts, shares, strict=True):
        assert abs(part - whole * percent / 100) < Decimal("0.0001") * len(parts)
        assert part * whole >= 0


@pytest.fixture
def joint(owner, outsider, manager):
    """Signed jointly, registered, landed and paid for by half; and one more signed by the first unit."""
    project = signed(owner, 5000)
    for kind in ("registration", "move_in"):
        Evidence.objects.create(
            project=project, kind=kind, event_on=day(3), counted_on=day(3), by=owner, created_at=make.NOW
        )
    make.receipt(project, owner, Decimal("1000.0001"), day(4))
    decided(project.lead, "joint", {"半山区块": 50, "智慧网谷小镇": 50}, manager, outsider)
    signed(owner, 800)
    return project


def test_both_tables_have_one_total_and_the_second_divides_it(as_, manager, joint):
    page = as_(manager).get("/reports/delivery/")
    plain = {row[0].text: [cell.text for cell in row[1:]] for row in page.context["table"].rows}
    parts = {row[0].text: [cell.text for cell in row[1:]] for row in page.context["credited"].rows}
    assert set(plain) == {"半山区块", "合计"}
    assert parts == {
        "半山区块": ["1.5", "2", "0", "3,300 万元", "0.5", "0.5", "500 万元"],
        "智慧网谷小镇": ["0.5", "1", "0", "2,500 万元", "0.5", "0.5", "500.0001 万元"],
        "合计": ["2", "2", "0", "5,800 万元", "1", "1", "1,000.0001 万元"],
    }
    assert "联合裁决 50:50" in page.content.decode()


def test_behind_a_credited_number_is_the_list_with_the_share(as_, manager, joint):
    client, checked = as_(manager), 0
    rows = client.get("/reports/delivery/").context["credited"].rows
    for row in rows[:-1]:
        for cell in row:
            if cell.url and urlsplit(cell.url).path.startswith("/reports/"):
                page = client.get(cell.url)
                assert f"{row[0].text}份额 50 %" in page.content.decode()
                assert "万元" not in cell.text or page.context["part"] == cell.value
                checked += 1
        assert client.get(row[2].url).context["number"].number == row[2].value
    assert checked == 12


def test_what_is_decided_later_changes_no_year_that_is_over(owner, outsider, manager, head):
    last_year = date(YEAR - 1, 6, 1)
    project = signed(owner, 5000, on=last_year)
    before = {name: row.credit for name, row in found(YEAR - 1).items()}
    assert before["半山区块"].signed == 1
    decided(project.lead, "joint", {"半山区块": 60, "智慧网谷小镇": 40}, manager, outsider)
    row = handover.hand_over(project.lead, to_unit=outsider.unit, by=head, at=NEW_YEAR, reason="载体")
    handover.accept(row, by=manager, at=NEW_YEAR)
    after = {name: row.credit for name, row in found(YEAR - 1).items()}
    assert after["半山区块"] == before["半山区块"]
    assert after.get("智慧网谷小镇", Credit()) == Credit()
    old = project.agreements.get()
    ending = {"kind": "termination", "amount_wan": None, "supersedes": old}
    make.agreement(project, owner, on=day(3), counted_on=day(3), **ending)
    now = found()
    ended = [now[name].credit.ended for name in ("半山区块", "智慧网谷小镇")]
    assert ended == [Decimal("0.24"), Decimal("0.76")]
    assert sum(row.credit.amount_wan for row in now.values() if row.unit) == -5000


def test_the_funnel_by_unit_says_that_it_is_no_ranking(as_, manager, joint):
    text = as_(manager).get("/reports/?group=unit").content.decode()
    assert "不按业绩份额划分" in text
    assert "/reports/delivery/#credited-title" in text
    assert "不按业绩份额划分" not in as_(manager).get("/reports/?group=city").content.decode()


def test_the_tables_ask_the_database_as_often_for_many_shares(as_, manager, owner, outsider, joint):
    client, spent = as_(manager), []
    for number in (0, 6):
        for _ in range(number):
            project = signed(owner, 100)
            decided(project.lead, "joint", {"半山区块": 30, "智慧网谷小镇": 70}, manager, outsider)
        client.get("/reports/delivery/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/reports/delivery/")
        spent.append(len(captured))
    assert spent[0] == spent[1] <= 14


def credited(client):
    rows = client.get("/reports/delivery/").context["credited"].rows
    return {row[0].text: row for row in rows}


HALF = ["0.5", "1", "0", "2,500 万元", "0.5", "0.5", "500.0001 万元"]


def test_the_second_unit_sees_its_half_and_nothing_else_of_the_project(as_, outsider, joint):
    client = as_(outsider)
    rows = credited(client)
    assert [cell.text for cell in rows["智慧网谷小镇"][1:]] == HALF
    assert [cell.text for cell in rows["合计"][1:]] == HALF
    assert set(rows) == {"智慧网谷小镇", "合计"}
    for cell in rows["智慧网谷小镇"][1:]:
        if not cell.url:
            continue
        page = client.get(cell.url)
        text = page.content.decode()
        assert (page.context["number"].number, len(page.context["hidden"])) == (1, 1)
        assert "万元" not in cell.text or page.context["part"] == cell.value
        assert joint.company.name in text
        assert f"半山区块 {YEAR}-01-01" in text
        assert "50 %" in text
        for secret in (joint.code, joint.get_absolute_url(), str(joint.owner), "5,000 万元", "1,000.0001"):
            assert secret not in text
    assert client.get(joint.get_absolute_url()).status_code == 404


def test_the_total_leads_to_the_unseen_too_without_counting_them_among_the_seen(as_, outsider, joint):
    client = as_(outsider)
    page = client.get(f"/reports/delivery/signed/?year={YEAR}")
    assert (page.context["number"].number, len(page.context["hidden"])) == (0, 1)
    other = client.get(f"/reports/delivery/signed/?year={YEAR}&credited=banshan")
    assert (other.context["number"].number, other.context["hidden"]) == (0, [])


def test_export_and_interface_say_what_the_page_says_to_either_side(as_, owner, outsider, joint):
    for reader, half in ((outsider, "2500"), (owner, "3300")):
        client, unit = as_(reader), reader.unit
        found = client.get("/api/v1/deliveries/").json()["results"]
        one = next(row for row in found if row["unit"] == unit.code)
        assert one["credited_amount_wan"] == half
        assert one["amount_wan"] == ("5800" if reader == owner else "0")
        book = b"".join(client.get("/reports/delivery/export/credited/").streaming_content)
        rows = {row[0]: row[1:] for row in sheet_rows(book)}
        assert Decimal(rows[unit.name][3]) == Decimal(half)
    assert client.get("/reports/delivery/export/else/").status_code == 404
    wrong = client.get("/api/v1/deliveries/?year=20226")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_parameter")
    assert client.get("/api/v1/deliveries/?size=1").status_code == 400


def listed(client, kind, **query):
    """(head, rows) of the workbook of the list behind a number, from the button of its page."""
    page = client.get(f"/reports/delivery/{kind}/", query)
    address = page.context["export"]
    assert address.replace("&", "&amp;") in page.content.decode()
    book = BytesIO(b"".join(client.get(address).streaming_content))
    return CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()


def test_the_list_behind_a_number_goes_out_as_its_page_shows_it(as_, manager, joint):
    head, *rows = listed(as_(manager), "signed", year=YEAR, credited="banshan")
    told = [dict(zip(head, row, strict=True)) for row in rows]
    amounts = [(row["年末签约额（万元）"], row["份额（%）"]) for row in told]
    assert sorted(amounts) == [(800.0, 100.0), (5000.0, 50.0)]
    detail = AuditEvent.objects.get(action="export").detail
    assert (detail["list"], detail["rows"]) == ("deliveries", 2)
    assert detail["filters"] == f"{YEAR} 年签约；有份额的单位 半山区块"
    head, row = listed(as_(manager), "receipts", year=YEAR)
    told = dict(zip(head, row, strict=True))
    assert (told["项目编号"], told["金额（万元）"]) == (joint.code, 1000.0001)
    assert told["到位日期"] == day(4)


def test_the_unseen_part_goes_out_as_company_and_part_alone(as_, outsider, joint):
    head, row = listed(as_(outsider), "signed", year=YEAR)
    assert row[0] == joint.company.name
    assert row[-3:] == [50.0, f"半山区块 {YEAR}-01-01", "0.5 个，2,500 万元"]
    assert not any(row[1:-3])


def test_above_the_limit_the_list_behind_a_number_is_made_by_a_worker(as_, manager, joint, monkeypatch):
    monkeypatch.setattr(exporting, "SMALL", 1)
    client = as_(manager)
    asking = client.get(f"/reports/delivery/signed/export/?year={YEAR}&unit=banshan")
    assert "导出签约与到位 2 行" in asking.content.decode()
    client.post(reverse("projects:export_new"), {"kind": "deliveries", "query": asking.context["query"]})
    job = ExportJob.objects.get()
    exporting.make(HANDS, job, at=NEW_YEAR)
    job.refresh_from_db()
    assert (job.state, job.rows, job.by) == ("ready", 2, manager)
    assert len(CalamineWorkbook.from_filelike(job.file.open()).get_sheet_by_index(0).to_python()) == 3


@pytest.mark.parametrize(
    "query", ["", "of=colour", "of=signed&of=ended", "of=signed&year=x", "of=signed&a=1"]
)
def test_a_job_for_no_list_behind_a_number_is_refused(as_, owner, query):
    asked = {"kind": "deliveries", "query": query}
    assert as_(owner).post(reverse("projects:export_new"), asked).status_code == 400
    assert not ExportJob.objects.exists()


def sheet_rows(book):
    return list(CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python())[1:]


def test_who_gave_the_project_away_goes_on_seeing_what_it_kept(as_, owner, outsider, head, manager):
    project = signed(owner, 1000)
    how = {"reason": "载体", "share": 40, "at": NEW_YEAR}
    handover.accept(
        handover.hand_over(project.lead, to_unit=outsider.unit, by=head, **how), by=manager, at=NEW_YEAR
    )
    assert [cell.text for cell in credited(as_(owner))["半山区块"][1:5]] == ["0.4", "1", "0", "400 万元"]
    last_year = signed(owner, 500, on=date(YEAR - 1, 6, 1))
    handover.accept(
        handover.hand_over(last_year.lead, to_unit=outsider.unit, by=head, **{**how, "share": 0}),
        by=manager,
        at=NEW_YEAR,
    )
    rows = as_(owner).get(f"/reports/delivery/?year={YEAR - 1}").context["credited"].rows
    assert {row[0].text: row[4].text for row in rows}["半山区块"] == "500 万元"


def test_whose_share_was_taken_away_again_sees_nothing(as_, owner, outsider, manager):
    project = signed(owner, 1000)
    decided(project.lead, "keep", {"半山区块": 100}, manager, outsider)
    assert "智慧网谷小镇" not in credited(as_(outsider))


def test_a_station_that_only_has_a_share_is_a_row_of_its_own(owner, station, manager):
    project = signed(owner, 1000)
    decided(project.lead, "joint", {"半山区块": 90, "驻深工作站": 10}, manager, station)
    rows = found()
    assert rows["驻深工作站"].credit.amount_wan == 100
    assert rows["驻深工作站"].is_empty
