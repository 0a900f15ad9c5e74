"""导入: what is chosen row by row is kept, a preview can be given up, and what a sheet said is shown."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from leads.models import ImportJob, ImportRow, Lead
from tests import make
from tests.leads.test_trips_and_imports import HEAD, ROWS, sheet


@pytest.fixture
def job(as_, station):
    trip = make.roadshow(station)
    rows = [[*row, "某某", "之江资本"] for row in ROWS]
    given = {"file": sheet(rows, [*HEAD, "对接人员", "投资方"])}
    as_(station).post(f"/roadshows/{trip.pk}/import/", given)
    return ImportJob.objects.get()


def decisions(job):
    return dict(job.rows.values_list("number", "decision"))


def numbers(job, verdict):
    return list(job.rows.filter(verdict=verdict).values_list("number", flat=True))


def test_a_tick_is_kept_whatever_is_shown_next_and_the_number_to_write_follows(as_, station, job):
    client = as_(station)
    (new, *_), (suspected, *_) = numbers(job, "new"), numbers(job, "suspected")
    before = job.rows.filter(decision="write").count()
    piece = client.post(f"/imports/{job.pk}/choose/{new}/", {"skip": [new]}).content.decode()
    assert f"<b>{before - 1}</b>" in piece
    client.post(f"/imports/{job.pk}/choose/{suspected}/", {f"row-{suspected}": "write"})
    page = client.get(f"/imports/{job.pk}/?verdict=suspected").content.decode()
    assert f'name="row-{suspected}" value="write" checked' in page
    client.post(f"/imports/{job.pk}/confirm/", {"write": [suspected]})
    assert (decisions(job)[new], decisions(job)[suspected]) == ("skip", "write")
    assert not job.rows.get(number=new).lead


def test_a_tick_is_taken_back(as_, station, job):
    client, (new, *_) = as_(station), numbers(job, "new")
    client.post(f"/imports/{job.pk}/choose/{new}/", {"skip": [new]})
    client.post(f"/imports/{job.pk}/choose/{new}/", {})
    assert decisions(job)[new] == "write"


def test_a_faulty_row_cannot_be_chosen(as_, station, job):
    (faulty, *_) = numbers(job, "error")
    answer = as_(station).post(f"/imports/{job.pk}/choose/{faulty}/", {"write": [faulty]})
    assert answer.status_code == 409
    assert decisions(job)[faulty] == "skip"


def test_a_preview_can_be_given_up_and_writes_nothing(as_, station, job):
    client = as_(station)
    assert client.post(f"/imports/{job.pk}/discard/").status_code == 302
    assert "已放弃" in client.get(f"/imports/{job.pk}/").content.decode()
    refused = client.post(f"/imports/{job.pk}/confirm/")
    assert refused.status_code == 409
    assert not Lead.objects.exists()


def test_the_preview_shows_what_was_read_and_which_columns_were_not(as_, station, job):
    page = as_(station).get(f"/imports/{job.pk}/").content.decode()
    for said in ("林景行", "154****0001", "无锡", "智能制造", "投资方 之江资本"):
        assert said in page
    assert "没有读入：对接人员" in page
    assert "15400000001" not in page


def test_the_samples_below_a_header_hide_numbers_to_call_and_nothing_else(as_, station, job):
    page = as_(station).get(f"/imports/{job.pk}/").content.decode()
    samples = page[page.index("列对应") : page.index("verdict-bar")]
    assert "2026年4月13日" in samples
    assert "91330105MADEMQ012G" in samples
    assert "15400000001" not in samples


def test_a_day_without_a_year_is_read_by_the_trip_and_pointed_out(as_, station):
    rows = [[1, "深圳甲测试有限公司", "", "", "", "", "", "", "4月14日"]]
    given = {"file": sheet([*rows, [2, "深圳乙测试有限公司", "", "", "", "", "", "", "9月14日"]])}
    as_(station).post(f"/roadshows/{make.roadshow(station).pk}/import/", given)
    read, refused = ImportRow.objects.order_by("number")
    assert (read.verdict, read.values["met_on"]) == ("new", "2026-04-14")
    assert read.reason == "对接日期「4月14日」没有写全年份，按行程读作 2026-04-14，请核对。"
    assert (refused.verdict, refused.values["met_on"]) == ("error", None)


def test_days_that_cannot_be_meant_are_told_before_anything_is_written(as_, station):
    head = ["企业名称", "对接日期", "下次联系日期"]
    today = timezone.localdate()
    soon = today + timedelta(days=10)
    rows = [
        ["深圳甲测试有限公司", "2020-04-14", soon],
        ["深圳乙测试有限公司", "2026-04-14", today - timedelta(days=1)],
        ["深圳丙测试有限公司", "2026-04-14", today + timedelta(days=732)],
    ]
    client = as_(station)
    client.post(f"/roadshows/{make.roadshow(station).pk}/import/", {"file": sheet(rows, head)})
    far, past, beyond = ImportRow.objects.order_by("number")
    assert (far.verdict, past.verdict, beyond.verdict) == ("new", "new", "error")
    assert "2020-04-14 离行程很远，请核对年份" in far.reason
    assert "已经过了，不登记，原文记入情况说明" in past.reason
    assert "最多约到两年以后" in beyond.reason
    client.post(f"/imports/{far.job_id}/confirm/")
    assert {lead.title: lead.next_contact_on for lead in Lead.objects.all()} == {
        far.values["name"]: soon, past.values["name"]: None,
    }  # fmt: skip


def test_a_hidden_row_is_pointed_out(as_, station):
    book = openpyxl.Workbook()
    for cells in (["企业名称", "联系人"], ["深圳甲测试有限公司", "沈一舟"], ["深圳乙测试有限公司", "顾安"]):
        book.active.append(cells)
    book.active.row_dimensions[3].hidden = True
    file = BytesIO()
    book.save(file)
    given = {"file": SimpleUploadedFile("筛选过.xlsx", file.getvalue())}
    as_(station).post(f"/roadshows/{make.roadshow(station).pk}/import/", given)
    told = dict(ImportRow.objects.values_list("number", "reason"))
    assert told == {2: "", 3: "这一行在表里是隐藏的，请核对要不要写入。"}


def test_what_is_to_be_looked_at_again_stands_beside_a_suspicion_too(as_, station):
    rows = [[1, "深圳甲测试有限公司"], [2, "深圳甲测试有限公司", "", "", "", "", "", "", "26.4.14"]]
    as_(station).post(f"/roadshows/{make.roadshow(station).pk}/import/", {"file": sheet(rows)})
    suspected = ImportRow.objects.get(verdict="suspected")
    assert suspected.values["met_on"] == "2026-04-14"
    assert "请确认是否同一家" in suspected.reason
    assert "「26.4.14」没有写全年份" in suspected.reason


def test_a_hidden_column_is_read_and_pointed_out(as_, station):
    book = openpyxl.Workbook()
    for cells in (["企业名称", "联系人", "备注"], ["深圳甲测试有限公司", "沈一舟", "旧的"]):
        book.active.append(cells)
    book.active.column_dimensions["B"].hidden = True
    book.active.column_dimensions["F"].hidden = True
    file = BytesIO()
    book.save(file)
    client, given = as_(station), {"file": SimpleUploadedFile("遮住.xlsx", file.getvalue())}
    client.post(f"/roadshows/{make.roadshow(station).pk}/import/", given)
    assert ImportRow.objects.get().values["contact_name"] == "沈一舟"
    page = client.get(f"/imports/{ImportJob.objects.get().pk}/").content.decode()
    assert "表里隐藏的列照读：「联系人」，请核对" in page


def test_what_was_taken_for_no_company_is_shown_without_numbers_to_call(as_, station):
    rows = [["一、智能制造"], [1, "深圳甲测试有限公司"], ["填表人：陈某 13287530409"]]
    client = as_(station)
    client.post(f"/roadshows/{make.roadshow(station).pk}/import/", {"file": sheet(rows)})
    page = client.get(f"/imports/{ImportJob.objects.get().pk}/").content.decode()
    assert "4 行没有当作企业" in page
    assert "第 3 行（分组标题）一、智能制造" in page
    assert "第 5 行（附注）填表人:陈某 （号码略）" in page
    assert "13287530409" not in page


def test_an_export_of_ours_comes_back_and_what_it_masked_is_nobodys_number(as_, station):
    trip, client = make.roadshow(station), as_(station)
    known = {"contact_name": "王小明", "contact_phone": "13287530409", "contact_email": "wang@xinghe.cn"}
    lead = make.lead(station, "深圳星河感知科技有限公司", uscc="91440300MA5DEMQ0X8", roadshow=trip, **known)
    make.lead(station, "=深圳云帆智控有限公司", contact_phone="0755-88886666", roadshow=trip)
    exported = b"".join(client.get("/leads/export/").streaming_content)
    given = {"file": SimpleUploadedFile("线索.xlsx", exported)}
    client.post(f"/roadshows/{trip.pk}/import/", given)
    rows = {row.values["name"]: row for row in ImportRow.objects.all()}
    same, alike = rows["深圳星河感知科技有限公司"], rows["=深圳云帆智控有限公司"]
    assert (same.verdict, same.of_lead_id, alike.verdict) == ("duplicate", lead.pk, "suspected")
    for row in rows.values():
        assert [row.values[key] for key in known] == ["", "", ""]
        assert "遮蔽的，没有读入" in row.reason


def test_a_formula_that_failed_is_an_error_and_not_an_empty_cell(as_, station):
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ("企业名称", "联系人", "拟投资额"))
        page.write_row(1, 0, ("深圳甲测试有限公司", "沈一舟"))
        page.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        page.write_row(2, 0, ("深圳乙测试有限公司",))
        page.write_formula(2, 1, "=VLOOKUP(A3,D:E,2,0)", None, "#N/A")
    given = {"file": SimpleUploadedFile("公式.xlsx", file.getvalue())}
    as_(station).post(f"/roadshows/{make.roadshow(station).pk}/import/", given)
    told = dict(ImportRow.objects.values_list("number", "reason"))
    assert told == {
        2: "拟投资额：单元格里的公式出错（#DIV/0!），请改成要填的内容；不知道就清空。",
        3: "联系人：单元格里的公式出错（#N/A），请改成要填的内容；不知道就清空。",
    }


def test_the_other_sheets_of_a_workbook_are_told_as_unread(as_, station):
    book = openpyxl.Workbook()
    for page, firm in (
        (book.active, "深圳甲测试有限公司"),
        (book.create_sheet("苏州"), "苏州乙测试有限公司"),
    ):
        page.append(["企业名称", "联系人"])
        page.append([firm, "沈一舟"])
    file = BytesIO()
    book.save(file)
    given = {"file": SimpleUploadedFile("两张.xlsx", file.getvalue())}
    answer = as_(station).post(f"/roadshows/{make.roadshow(station).pk}/import/", given, follow=True)
    assert "这几张没有读：「苏州」（1 行）" in answer.content.decode()
    assert [row.values["name"] for row in ImportRow.objects.all()] == ["深圳甲测试有限公司"]


def test_the_investor_of_a_row_is_the_investor_of_its_lead(as_, station, job):
    as_(station).post(f"/imports/{job.pk}/confirm/")
    assert set(Lead.objects.values_list("investor_name", flat=True)) == {"之江资本"}
