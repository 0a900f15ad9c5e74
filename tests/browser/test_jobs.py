"""Imports, exports and merges at the browser: columns said by hand, rows that fill, approval, what stays."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from django.utils import timezone

from crm import exporting
from crm.models import ExportJob, Setting
from leads import importing, suspecting
from leads.models import DuplicatePair, ImportJob, Lead
from projects import export_filters
from tests import make
from tests.old_sheets import old_workbook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(tmp_path):
    """A sheet whose firms stand under a word no list has, the first of them known already."""
    book, file = openpyxl.Workbook(), BytesIO()
    book.active.append(["序号", "金主", "拟投资额（万元）", "需求面积（㎡）", "联系电话"])
    book.active.append([1, "深圳星河低空装备有限公司", 800, 1200, "15400000001"])
    book.active.append([2, "深圳牧星文旅科技有限公司", 500, "", ""])
    book.save(file)
    path = tmp_path / "名单.xlsx"
    path.write_bytes(file.getvalue())
    return str(path)


def test_a_sheet_is_read_as_the_person_says_fills_a_lead_and_is_taken_back(desk, station, sheet):
    known = make.lead(station, "深圳星河低空装备有限公司", amount_wan=900)
    one = desk(station)
    page = one.open(make.roadshow(station).get_absolute_url())
    page.set_input_files("input[type=file]", sheet)
    page.click("text=上传并核对")
    page.wait_for_selector("text=还不知道哪一列是企业名称")
    page.select_option("label:has-text('金主') + select", "name")
    page.click("text=按这样重新读取")
    page.wait_for_selector("tr[data-verdict=suspected]")
    assert page.locator("text=投资额不同").is_visible()
    page.click("summary:has-text('列对应')")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not one.scrolls_sideways()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.check("label:has-text('补充到那条线索') input")
    page.wait_for_selector("#import-count >> text=补充 1 行")
    page.click("text=确认写入")
    page.wait_for_selector("text=已补充到")
    known.refresh_from_db()
    assert (known.area_sqm, known.amount_wan, Lead.objects.count()) == (1200, 900, 2)
    page.click("text=撤销这次导入")
    page.fill("[name=reason]", "传错了")
    page.click("button:has-text('撤销这次导入')")
    page.wait_for_selector("text=这次导入已撤销")
    known.refresh_from_db()
    assert (known.area_sqm, Lead.objects.count()) == (None, 1)
    assert one.troubles == []


OLD = [
    ["编码", "客商叫什么", "打哪个号"],
    ["K-1", "深圳星河低空装备有限公司", "15400000001"],
    ["K-2", "深圳牧星文旅科技有限公司", "15400000002"],
]


def test_an_old_workbook_under_strange_words_is_read_and_its_writing_is_stopped(desk, station, tmp_path):
    path = tmp_path / "台账.xls"
    path.write_bytes(old_workbook(OLD))
    one = desk(station)
    page = one.open(make.roadshow(station).get_absolute_url())
    page.set_input_files("input[type=file]", str(path))
    page.click("text=上传并核对")
    page.select_option("#head", label="第 2 行：K-1｜深圳星河低空装备有限公司｜154****0001")
    page.click("text=看这样读的列")
    page.wait_for_url("**?head=2")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not one.scrolls_sideways()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.select_option("#head", "1")
    page.click("text=看这样读的列")
    page.wait_for_url("**?head=1")
    assert page.input_value("label:has-text('客商叫什么') + select") == "name"
    assert page.input_value("label:has-text('打哪个号') + select") == "contact_phone"
    page.click("text=按这样重新读取")
    page.wait_for_selector("tr[data-verdict=new]")
    job, at = ImportJob.objects.get(), timezone.now()
    importing.confirm(job, by=station, at=at)
    page.reload()
    page.wait_for_selector("text=已处理 0 行，共 2 行")
    importing._write_lot(job, list(importing.to_write(job)[:1]), importing.Words(), at)
    page.wait_for_selector("text=已处理 1 行，共 2 行")
    page.click("text=停止写入")
    page.wait_for_selector("text=导入已停止")
    assert Lead.objects.count() == 1
    assert one.troubles == []


def test_an_export_above_the_limit_is_approved_made_and_downloaded(desk, owner, manager):
    for n in range(3):
        make.lead(owner, f"深圳甲{n}智能有限公司")
    Setting.objects.create(key="export_rows_max", value=2)
    one, boss = desk(owner), desk(manager)
    page = one.open("/leads/?q=智能")
    page.click("a:has-text('导出') >> nth=0")
    page.fill("[name=reason]", "月度汇总")
    page.click("text=申请审批")
    page.wait_for_selector("text=等待区投促局审批")
    desk_page = boss.open("/exports/")
    desk_page.click(f"text={owner}：导出线索 3 行")
    desk_page.fill("[name=opinion]", "可以")
    desk_page.click("button:text-is('批准')")
    desk_page.wait_for_selector("progress")
    page.reload()
    page.wait_for_selector("text=已写 0 行，共 3 行")
    export_filters.make(ExportJob.objects.get(), at=timezone.now())
    page.wait_for_selector("text=下载")
    with page.expect_download() as download:
        page.click("a:text-is('下载')")
    assert download.value.suggested_filename.startswith("线索-")
    assert ExportJob.objects.get().state == exporting.State.READY
    assert boss.troubles == []


def test_a_merge_keeps_of_each_column_what_was_chosen_until_it_is_undone(desk, owner):
    one = make.lead(owner, "深圳望川智能装备有限公司", amount_wan=Decimal(3000), next_step="寄资料")
    other = make.lead(owner, "杭州望川智能装备有限公司", amount_wan=Decimal(5000), next_step="约见")
    suspecting.check_waiting(make.NOW)
    seat = desk(owner)
    page = seat.open(DuplicatePair.objects.get().get_absolute_url())
    page.check("#judge label:has-text('同一项目') input")
    page.check("#judge label:has-text('深圳望川智能装备有限公司（') input")
    page.click("text=合并后用哪个")
    page.set_viewport_size({"width": 390, "height": 844})
    assert not seat.scrolls_sideways()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.check("#judge label:has-text('5,000 万元') input")
    page.fill("[name=judge-reason]", "同一家")
    page.click("button:text-is('判定')")
    page.wait_for_selector("text=已合并")
    one.refresh_from_db()
    assert (one.amount_wan, one.next_step) == (5000, "寄资料")
    page = seat.open(other.get_absolute_url())
    page.click("summary:has-text('撤销合并')")
    page.fill("[name=unmerge-reason]", "是两家")
    page.click("button:text-is('撤销合并')")
    page.wait_for_selector("text=合并已撤销")
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.amount_wan, other.stage, other.amount_wan) == (3000, "lead", 5000)
    assert seat.troubles == []
