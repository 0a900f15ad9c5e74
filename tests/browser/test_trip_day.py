"""The day of a trip on a telephone: where to next, what became of it, a photo; and a company that scans."""

import re

import pytest

from django.urls import reverse
from django.utils import timezone

from leads import trips, walk_ins
from leads.models import Lead
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_day_of_knocking_on_doors_with_one_hand(desk, station):
    today, at = timezone.localdate(), timezone.now()
    trip = make.roadshow(station, starts_on=today, ends_on=today, leader=station)
    trips.add_targets(
        trip,
        ["深圳甲智能有限公司 | 南山区科技园 8 号", "深圳乙医药有限公司", "深圳丙物流有限公司"],
        by=station,
    )
    walk_ins.open_door(trip, today, by=station, at=at)
    one = desk(station, width=390, height=844)
    page = one.open(trip.get_absolute_url())
    assert not one.scrolls_sideways()
    assert page.inner_text("#day-title") == "下一家：深圳甲智能有限公司"
    way = page.get_attribute("#day a:has-text('高德地图')", "href")
    assert way.startswith("https://uri.amap.com/search?keyword=%E5%8D%97")
    small = page.evaluate(
        "[...document.querySelectorAll('#day .btn, #day .chip')].filter((b) => b.offsetHeight < 40).length"
    )
    assert small == 0

    page.click("#day a:has-text('记一家')")
    assert page.input_value("#id_company_name") == "深圳甲智能有限公司"
    page.click("main button[type=submit]")
    page.wait_for_selector("text=已记下「深圳甲智能有限公司」")
    lead = Lead.objects.get()
    page.set_input_files(
        "input[name=paper]", {"name": "门口.png", "mimeType": "image/png", "buffer": make.PNG}
    )
    page.click("button:has-text('加照片')")
    page.wait_for_selector("text=照片已存下")
    assert lead.visits.get().photos.count() == 1
    page.locator(".photos img").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.photos img').naturalWidth === 1")
    assert not one.scrolls_sideways()

    one.open(trip.get_absolute_url())
    assert page.inner_text("#day-title") == "下一家：深圳乙医药有限公司"
    page.click("#day button:has-text('对方改期')")
    page.wait_for_selector("text=「深圳乙医药有限公司」已标为未访")
    page.click("#day button:has-text('已访')")
    page.wait_for_selector("text=「深圳丙物流有限公司」已标为已访")
    assert page.locator("#day").count() == 0
    found = {one.company_name[2]: (one.state, one.note, one.address) for one in trip.targets.all()}
    assert found == {
        "甲": ("visited", "", "南山区科技园 8 号"),
        "乙": ("not_visited", "对方改期", ""),
        "丙": ("visited", "", ""),
    }
    assert one.troubles == []


def test_a_company_scans_the_code_and_registers_on_its_own_telephone(desk, station):
    today = timezone.localdate()
    trip = make.roadshow(station, starts_on=today, ends_on=today, leader=station)
    one = desk(station, width=390, height=844)
    page = one.open(reverse("leads:door", args=[trip.pk]))
    page.click("button:has-text('开启扫码登记')")
    page.wait_for_selector("img[alt=企业登记二维码]")
    assert not one.scrolls_sideways()
    page.wait_for_function("() => document.querySelector('.door-code img').naturalWidth > 100")
    address = re.search(r"http\S+/r/\S+/", page.inner_text(".door-code"))[0]

    page.context.clear_cookies()
    page.goto(address)
    page.fill("[name=company_name]", "深圳扫码来客科技有限公司")
    page.fill("[name=contact_name]", "王景行")
    page.fill("[name=contact_phone]", "13912345678")
    assert not one.scrolls_sideways()
    page.click("button[type=submit]")
    page.wait_for_selector("text=请勾选")
    page.check("[name=consent]")
    page.click("button[type=submit]")
    page.wait_for_selector("h1:has-text('已收到')")
    assert page.context.cookies() == []
    assert Lead.objects.get().is_untouched
    one.seat()
    one.open(trip.get_absolute_url())
    page.wait_for_selector("text=待接收")
    assert one.troubles == []


def test_the_report_of_a_trip_is_written_handed_in_printed_and_downloaded(desk, station):
    today, at = timezone.localdate(), timezone.now()
    trip = make.roadshow(station, starts_on=today, ends_on=today, leader=station)
    trips.add_targets(trip, [f"深圳{n}号智能有限公司" for n in range(12)], by=station)
    make.lead(station, "深圳0号智能有限公司", at=at, roadshow=trip, amount_wan=5000, next_step="寄载体清单")
    one = desk(station, width=390, height=844)
    page = one.open(trip.get_absolute_url())
    page.click("a:has-text('行程小结')")
    assert "寄载体清单" in page.input_value("#id_next")
    assert not one.scrolls_sideways()
    page.fill("#id_overview", "走访了深圳十二家企业。")
    page.click("button:has-text('存草稿')")
    page.wait_for_selector("text=草稿已保存")
    assert page.input_value("#id_overview") == "走访了深圳十二家企业。"
    page.click("button[value=hand_in]")
    page.wait_for_selector("text=目标企业还没有结果")
    assert page.input_value("#id_overview") == "走访了深圳十二家企业。"
    for target in trip.targets.unresolved():
        trips.resolve(target, state="not_visited", note="对方改期", by=station)
    page.click("button[value=hand_in]")
    page.wait_for_selector("text=小结已提交")
    assert page.locator("textarea").count() == 0
    assert not one.scrolls_sideways()
    with page.expect_download() as waiting:
        page.click("a:has-text('下载 Word')")
    assert waiting.value.suggested_filename == f"{trip.title}小结.docx"
    sheets = page.pdf(prefer_css_page_size=True)
    width, height = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheets).groups()
    assert (round(float(width)), round(float(height))) == (595, 842)  # A4 in points
    assert one.troubles == []
