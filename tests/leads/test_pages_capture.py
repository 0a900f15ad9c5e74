"""记一家: four fields at the door, one lead per company, a notice for the second unit."""

import re
from datetime import date, timedelta

import pytest

from leads.models import Claim, Lead, Visit
from tests import make

URL = "/leads/new/"
NEXT = "2026-04-27"


@pytest.fixture(autouse=True)
def _monday(freeze):
    freeze(make.NOW)


def form(**fields):
    return {"company_name": "深圳恒远智能装备有限公司", "next_contact_on": NEXT, **fields}


def test_four_fields_make_a_lead_with_its_trip_as_source(as_, station):
    trip = make.roadshow(station)
    answer = as_(station).post(
        URL, form(contact_name="王海", contact_phone="13800000001", roadshow=trip.pk), follow=True
    )
    lead = Lead.objects.get()
    assert (lead.stage, lead.owner, lead.roadshow, lead.next_contact_on) == (
        "lead", station, trip, date(2026, 4, 27),
    )  # fmt: skip
    assert (lead.contact.name, lead.contact.phone) == ("王海", "13800000001")
    assert lead.city.name == "深圳"
    text = answer.content.decode()
    assert "已记下「深圳恒远智能装备有限公司」" in text
    assert lead.get_absolute_url() in text
    assert "再记一家" in text


def test_the_form_offers_the_trip_one_is_on_and_a_week(as_, station):
    make.roadshow(station, "上月的行程", starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 3))
    now = make.roadshow(station, "正在进行", starts_on=date(2026, 4, 19), ends_on=date(2026, 4, 22))
    make.roadshow(station, "很久以前", starts_on=date(2025, 4, 1), ends_on=date(2025, 4, 3))
    page = as_(station).get(URL)
    assert page.context["form"].initial["roadshow"] == now
    assert page.context["form"].initial["next_contact_on"] == date(2026, 4, 27)
    assert [trip.title for trip in page.context["form"].fields["roadshow"].queryset] == [
        "正在进行",
        "上月的行程",
    ]


def test_a_card_found_after_months_is_recorded_for_its_trip(as_, station):
    trip = make.roadshow(station, starts_on=date(2025, 9, 1), ends_on=date(2025, 9, 3))
    assert f'<option value="{trip.pk}">' in as_(station).get(URL).content.decode()
    as_(station).post(URL, form(roadshow=trip.pk))
    assert Lead.objects.get().roadshow == trip


def test_the_next_form_keeps_the_trip(as_, station):
    trip = make.roadshow(station)
    answer = as_(station).post(URL, form(roadshow=trip.pk), follow=True)
    assert answer.context["form"].initial["roadshow"] == trip


def test_the_fold_takes_amounts_areas_and_codes_as_people_write_them(as_, owner):
    fold = {"amount_wan": "0.3亿", "area_sqm": "1,200平", "content": "看了样品", "next_step": "寄材料"}
    as_(owner).post(URL, form(**fold))
    lead = Lead.objects.get()
    assert (lead.amount_wan, lead.area_sqm, lead.next_step) == (3000, 1200, "寄材料")


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"company_name": ""}, "company_name", "请填写企业"),
        ({"company_name": "（）"}, "company_name", "至少两个字"),
        ({"next_contact_on": ""}, "next_contact_on", "请填写下次联系日期"),
        ({"next_contact_on": "2026-04-19"}, "next_contact_on", "不能早于今天"),
        ({"next_contact_on": "明天"}, "next_contact_on", "日期请写成"),
        ({"contact_phone": "123"}, "contact_phone", "手机号"),
        ({"amount_wan": "500万美元"}, "amount_wan", "外币"),
        ({"uscc": "91330105MA2B00000X"}, "uscc", "信用代码"),
        ({"roadshow": "99999"}, "roadshow", "没有这个选项"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(as_, owner, fields, field, words):
    answer = as_(owner).post(URL, form(contact_name="王海", **fields) | fields)
    assert answer.status_code == 400
    assert words in "".join(answer.context["form"].errors[field])
    assert "王海" in answer.content.decode()
    assert not Lead.objects.exists()


def test_a_double_submit_gives_one_lead_and_one_confirmation(as_, owner):
    client = as_(owner)
    first, second = client.post(URL, form()), client.post(URL, form())
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert (Lead.objects.count(), Claim.objects.count()) == (1, 1)


def test_a_double_submit_without_a_name_is_the_same_report_too(as_, owner):
    client = as_(owner)
    typed = form(contact_phone="13800000001", content="看了样品")
    first, second = client.post(URL, typed), client.post(URL, typed)
    assert first.headers["Location"] == second.headers["Location"]
    assert Visit.objects.get().content == "看了样品"


def test_another_unit_reads_the_notice_at_the_field_and_writes_nothing(as_, owner, outsider):
    make.lead(owner, "深圳恒远智能装备有限公司", contact_name="王海", contact_phone="13800000001")
    answer = as_(outsider).post(URL, form(company_name="深圳恒远智能装备 有限公司", content="同一家"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "已由半山区块于 2026-04-20 首报，保护至 2026-07-19" in "".join(
        answer.context["form"].errors["company_name"]
    )
    assert "王海" not in text
    assert "13800000001" not in text
    assert Lead.objects.count() == 1
    assert not Visit.objects.filter(content="同一家").exists()


def test_a_company_of_the_own_unit_leads_to_its_lead(as_, owner, teammate, freeze):
    lead = make.lead(owner, "深圳恒远智能装备有限公司")
    freeze(make.NOW + timedelta(hours=1))
    answer = as_(teammate).post(URL, form())
    assert answer.status_code == 409
    assert lead.get_absolute_url() in answer.content.decode()


def test_while_typing_a_known_company_is_told(as_, owner, teammate, outsider):
    lead = make.lead(owner, "深圳恒远智能装备有限公司", contact_name="王海")
    asked = {"company_name": "深圳恒远智能装备"}
    mine = as_(teammate).get("/leads/known/", asked).content.decode()
    assert lead.get_absolute_url() in mine
    theirs = as_(outsider).get("/leads/known/", asked).content.decode()
    assert "已由半山区块于 2026-04-20 首报" in theirs
    assert lead.get_absolute_url() not in theirs
    assert "王海" not in theirs
    assert as_(outsider).get("/leads/known/", {"company_name": "别的企业"}).content.decode().strip() == ""


@pytest.mark.parametrize("person", ["leader", "auditor", "fund_user", "admin_user"])
def test_who_does_not_record_is_refused(as_, request, person):
    client = as_(request.getfixturevalue(person))
    assert client.get(URL).status_code == 403
    assert client.post(URL, form()).status_code == 403
    assert client.get("/leads/known/").status_code == 403
    assert not Lead.objects.exists()


def test_a_trip_of_another_unit_cannot_be_named(as_, owner, station):
    trip = make.roadshow(station)
    assert trip.title not in as_(owner).get(URL).content.decode()
    assert as_(owner).post(URL, form(roadshow=trip.pk)).status_code == 400


def test_a_wrong_telephone_is_marked_where_it_stands(as_, owner):
    page = as_(owner).post(URL, form(contact_phone="1385")).content.decode()
    marked = re.findall(r'<input[^>]*aria-invalid="true"[^>]*name="(\w+)"', page)
    assert marked == ["contact_phone"]
