"""Pages in the states that no demo year shows: each is as easy to read and to hit as the pages of the map."""

import openpyxl
import pytest

from django.urls import reverse
from django.utils import timezone

from crm import exporting
from crm.models import ExportJob, Notification, Setting
from leads import importing, undoing, undoing_lots
from leads.models import ImportJob
from leads.qualifying import Certificate, add
from projects import export_filters
from tests import make
from tests.browser.judging import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(tmp_path):
    """A new firm, the same once more, one without a name, one with an amount nobody can read."""
    book = openpyxl.Workbook()
    for row in (
        ["企业名称", "拟投资额（万元）", "对接日期", "联系电话"],
        ["深圳星河低空装备有限公司", 800, "2026-04-20", "15400000001"],
        ["深圳星河低空装备有限公司", "", "", ""],
        ["", 500, "", ""],
        ["深圳牧星文旅科技有限公司", "约三千", "", "123"],
    ):
        book.active.append(row)
    path = tmp_path / "名单.xlsx"
    book.save(path)
    return str(path)


def test_an_import_from_the_reading_to_its_taking_back(desk, station, sheet, monkeypatch):
    monkeypatch.setattr(importing, "SMALL_BYTES", 0)
    monkeypatch.setattr(undoing, "MANY", 0)
    one, found = desk(station), {}
    page = one.open(make.roadshow(station).get_absolute_url())
    page.set_input_files("input[type=file]", sheet)
    page.click("text=上传并核对")
    page.wait_for_selector("text=正在读取")
    found["reading"] = faults(one)
    importing.resume_all(timezone.now())
    page.wait_for_selector("tr[data-verdict=error]")
    found["preview"] = faults(one)
    page.click("summary:has-text('列对应')")
    found["columns"] = faults(one)
    page.click("text=确认写入")
    page.wait_for_selector("text=导入完成：写入 1 条线索")
    found["done"] = faults(one)
    page.click("text=撤销这次导入")
    page.wait_for_selector("text=会怎样")
    found["taking back"] = faults(one)
    page.fill("[name=reason]", "传错了")
    page.click("button:has-text('撤销这次导入')")
    page.wait_for_selector("text=正在撤销")
    found["being taken back"] = faults(one)
    undoing_lots.go_on(ImportJob.objects.get(), at=timezone.now())
    page.wait_for_selector("text=这次导入已撤销")
    found["taken back"] = faults(one)
    assert {state: said for state, said in found.items() if said} == {}
    assert one.troubles == []


def test_an_export_from_its_request_to_the_file(desk, owner, manager):
    make.lead(owner)
    make.lead(owner)
    Setting.objects.create(key="export_rows_max", value=1)
    one, boss, found = desk(owner), desk(manager), {}
    page = one.open("/leads/export/")
    found["asking"] = faults(one)
    page.fill("[name=reason]", "月度汇总")
    page.click("text=申请审批")
    page.wait_for_selector("text=等待区投促局审批")
    found["waiting"] = faults(one)
    boss.open(ExportJob.objects.get().get_absolute_url())
    found["deciding"] = faults(boss)
    boss.page.click("button:text-is('批准')")
    boss.page.wait_for_selector("progress")
    page.reload()
    page.wait_for_selector("text=已写 0 行")
    found["making"] = faults(one)
    export_filters.make(ExportJob.objects.get(), at=timezone.now())
    page.wait_for_selector("text=下载")
    found["ready"] = faults(one)
    assert {state: said for state, said in found.items() if said} == {}
    assert ExportJob.objects.get().state == exporting.State.READY
    assert one.troubles == boss.troubles == []


def test_many_unread_messages_with_lists_and_a_door_that_is_open(desk, station):
    lead, now, today = make.lead(station), timezone.now(), timezone.localdate()
    item = {"kind": "due", "title": lead.title, "url": lead.get_absolute_url(), "text": "到期"}
    for number in range(12):
        told = {"kind": "digest", "key": f"k{number}", "title": "今日提醒", "items": [item]}
        Notification.objects.create(user=station, created_at=now, sent_at=now, **told)
    one, found = desk(station), {}
    one.open(reverse("notifications"))
    found["messages"] = faults(one)
    trip = make.roadshow(station, starts_on=today, ends_on=today)
    one.open(reverse("leads:door", args=[trip.pk]))
    one.page.click("button:has-text('开启扫码登记')")
    one.page.wait_for_selector("img[alt=企业登记二维码]")
    found["door"] = faults(one)
    one.page.emulate_media(media="print")
    assert not one.page.locator(".alert-dismissible").is_visible()  # no part of the sheet
    assert {state: said for state, said in found.items() if said} == {}
    assert one.troubles == []


def test_what_a_company_holds_before_and_after_it_was_checked(desk, owner):
    at = timezone.now()
    lead = make.lead(owner, at=at)
    add(lead, Certificate("专精特新"), by=owner, at=at)
    one, found = desk(owner), {}
    page = one.open(f"{lead.get_absolute_url()}qualifications/")
    page.click("summary:has-text('终止')")
    found["open"] = faults(one)
    page.fill("[name=checked-as_of]", "2099-01-01")
    page.click("button:has-text('已核对：没有其他资质')")
    page.wait_for_selector("#checked .invalid-feedback, #checked [role=alert]")
    found["refused"] = faults(one)
    page.fill("[name=checked-as_of]", f"{timezone.localdate()}")
    page.click("button:has-text('已核对：没有其他资质')")
    page.wait_for_selector("#checked b:has-text('专精特新中小企业')")
    found["checked"] = faults(one)
    assert {state: said for state, said in found.items() if said} == {}
    assert one.troubles == []
