"""导入 of tables whose header nobody knows: the person is asked; what is no table gets not that far."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from django.urls import reverse

from crm.sheets.reader import Row, Sheet
from crm.sheets.refusals import NoHeader
from crm.sheets.table import find_table
from leads.models import ColumnChoice, ImportJob
from leads.sheet_columns import COLUMNS
from tests import make
from tests.leads.test_import_jobs import page, upload
from tests.leads.test_trips_and_imports import sheet


@pytest.fixture
def trip(station):
    return make.roadshow(station)


STRANGE = ["编码", "客商叫什么", "找谁", "打哪个号", "盘子多大"]
FIRMS = [
    ["K-1", "深圳星河低空装备有限公司", "沈一舟", "13800138001", 800],
    ["K-2", "深圳牧星文旅科技有限公司", "周舟", "13800138002", ""],
]


def workbook(*rows):
    """A workbook of bare rows, in which nobody knows a header."""
    return sheet(rows[1:], rows[0])


def test_a_table_under_strange_words_is_asked_about_with_what_can_be_guessed(as_, station, trip):
    client = as_(station)
    job = upload(client, trip, rows=FIRMS, head=STRANGE)
    assert (job.state, job.header_row, job.columns) == ("unclear", 2, STRANGE)
    assert job.mapping == {"1": "name", "3": "contact_phone"}
    text = page(client, job)
    assert "没有找到表头" in text
    assert '<option value="name" selected>' in text
    assert "深圳星河低空装备有限公司" in text
    assert "13800138001" not in text
    given = {"head": 2, "column-1": "name", "column-2": "contact_name", "column-4": "amount"}
    client.post(f"/imports/{job.pk}/columns/", given)
    job.refresh_from_db()
    assert (job.state, job.counts["new"], job.lines) == ("checked", 2, [])
    values = job.rows.order_by("number").first().values
    assert [values[key] for key in ("name", "contact_name", "contact_phone")] == [FIRMS[0][1], "沈一舟", ""]
    again = upload(client, trip, rows=FIRMS, head=STRANGE)
    assert (again.state, again.header_row) == ("checked", 2)


def test_the_person_says_which_row_is_the_header(as_, station, trip):
    client = as_(station)
    head = ["部门甲", "部门乙", "部门丙", "部门丁", "部门戊", "部门己"]
    job = upload(client, trip, rows=[STRANGE, *FIRMS], head=head)
    assert (job.state, job.header_row) == ("unclear", 2)
    chosen = client.get(f"{job.get_absolute_url()}?head=3").content.decode()
    assert '<option value="3" selected>' in chosen
    assert "客商叫什么" in chosen
    client.post(f"/imports/{job.pk}/columns/", {"head": 3, "column-1": "name"})
    job.refresh_from_db()
    assert (job.state, job.header_row, job.counts["new"]) == ("checked", 3, 2)


@pytest.mark.parametrize("head", ["99", "x", "-1"])
def test_a_row_that_is_no_header_is_refused_and_no_page_breaks(as_, station, trip, head):
    client = as_(station)
    job = upload(client, trip, rows=FIRMS, head=STRANGE)
    assert "第 2 行是表头" in client.get(f"{job.get_absolute_url()}?head={head}").content.decode()
    given = {"head": "99", "column-1": "name"}
    answer = client.post(f"/imports/{job.pk}/columns/", given)
    assert (answer.status_code, "哪一行是表头" in answer.content.decode()) == (400, True)
    job.refresh_from_db()
    assert (job.state, ColumnChoice.objects.count()) == ("unclear", 0)


BARE = [
    ["深圳星河低空装备有限公司", "沈一舟", "13800138001", 800],
    ["深圳牧星文旅科技有限公司", "周舟", "13800138002", 1200],
    ["深圳云帆算力有限公司", "顾安", "13800138003", ""],
]


def uploaded(client, trip, *rows):
    client.post(reverse("leads:upload", args=[trip.pk]), {"file": workbook(*rows)})
    return ImportJob.objects.get()


def test_a_table_without_a_header_is_read_by_the_places_of_its_columns(as_, station, trip):
    client = as_(station)
    job = uploaded(client, trip, *BARE)
    assert (job.state, job.header_row) == ("unclear", 0)
    assert job.mapping == {"0": "name", "2": "contact_phone"}
    text = page(client, job)
    assert '<option value="0" selected>没有表头：第一行就是数据</option>' in text
    assert "第3列" in text
    preview = text[text.index('id="first-lines"') :]
    assert all(firm in preview for firm, *_ in BARE)
    assert "13800138001" not in text
    given = {"head": 0, "column-0": "name", "column-1": "contact_name", "column-3": "amount"}
    client.post(f"/imports/{job.pk}/columns/", given)
    job.refresh_from_db()
    assert (job.state, job.header_row, job.counts["new"]) == ("checked", 0, 3)
    first = job.rows.order_by("number").first()
    assert (first.number, first.values["name"], first.values["contact_name"]) == (2, BARE[0][0], "沈一舟")
    assert (first.values["amount_wan"], first.values["contact_phone"]) == ("800", "")
    assert not ColumnChoice.objects.exists()


def test_the_columns_of_a_table_without_a_header_are_said_anew(as_, station, trip):
    client = as_(station)
    job = uploaded(client, trip, *BARE)
    client.post(f"/imports/{job.pk}/columns/", {"head": 0, "column-0": "name"})
    assert "这张表没有表头" in page(client, job)
    client.post(f"/imports/{job.pk}/columns/", {"column-0": "name", "column-2": "contact_phone"})
    job.refresh_from_db()
    assert (job.state, job.counts["new"]) == ("checked", 3)
    assert job.rows.order_by("number").first().values["contact_phone"] == "13800138001"
    client.post(f"/imports/{job.pk}/confirm/")
    job.refresh_from_db()
    assert (job.state, job.counts["written"], job.lines) == ("done", 3, [])


def test_a_mere_list_of_firms_is_asked_about_and_a_wrong_guess_is_put_right(as_, station, trip):
    client = as_(station)
    job = uploaded(client, trip, *([firm] for firm, *_ in BARE))
    assert (job.state, job.header_row, job.mapping) == ("unclear", 0, {"0": "name"})
    assert 'for="column-1"' not in page(client, job)
    client.post(f"/imports/{job.pk}/columns/", {"head": 0, "column-0": "name"})
    job.refresh_from_db()
    assert (job.state, job.counts["new"]) == ("checked", 4)  # with the title
    client.post(f"/imports/{job.pk}/discard/")
    ImportJob.objects.all().delete()
    job = upload(client, trip, rows=FIRMS, head=STRANGE)
    assert job.header_row == 2
    assert "第2列" in client.get(f"{job.get_absolute_url()}?head=0").content.decode()


def test_the_rows_that_were_not_taken_come_back_under_names(as_, station, trip):
    client = as_(station)
    job = uploaded(client, trip, *BARE, ["", "无名", "13800138004", 1])
    given = {"head": 0, "column-0": "name", "column-1": "contact_name"}
    client.post(f"/imports/{job.pk}/columns/", given)
    file = BytesIO(b"".join(client.get(f"/imports/{job.pk}/rejected.xlsx").streaming_content))
    head, row = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert head[:3] == ["企业名称", "联系人", "第3列"]
    assert row[1] == "无名"


def test_what_was_shown_to_find_the_header_is_not_kept(as_, station, trip):
    client = as_(station)
    job = upload(client, trip, rows=FIRMS, head=STRANGE)
    assert [FIRMS[0][3] in texts for _, texts in job.lines].count(True) == 1
    client.post(f"/imports/{job.pk}/discard/")
    job.refresh_from_db()
    assert (job.state, job.lines) == ("discarded", [])


NO_TABLES = [
    [["2026年走访台账"]],
    [["说明"], ["请填写"], ["谢谢"]],
    [["甲", "乙"]],
    [[1, 2, 3], [4, 5, 6]],
    [["甲", "甲"], ["一", "二"]],
    [["=" * 70, "乙" * 61], ["一", "二"]],
]


@pytest.mark.parametrize("rows", NO_TABLES)
def test_what_is_no_table_stays_refused(as_, station, trip, rows):
    answer = as_(station).post(reverse("leads:upload", args=[trip.pk]), {"file": workbook(*rows)})
    assert answer.status_code == 400
    assert not ImportJob.objects.exists()


def test_of_several_sheets_the_one_that_looks_like_a_table_is_asked_about():
    sheets = [Sheet("封面", rows(["走访台账"])), Sheet("名单", rows(STRANGE, *FIRMS))]
    with pytest.raises(NoHeader) as raised:
        find_table(sheets, COLUMNS, "name")
    assert raised.value.near.texts == STRANGE


def rows(*lines):
    return [Row(number, list(cells)) for number, cells in enumerate(lines, start=1)]
