"""The list of leads: who sees what, filters that combine or are refused, pages by key, a fixed price."""

from copy import copy
from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import paging
from crm.models import City
from leads.filters import listed
from leads.models import Lead
from tests import make

URL = "/leads/"


def titles(response):
    return [lead.title for lead in response.context["page"]]


@pytest.fixture
def two(owner, outsider):
    """One lead of each unit."""
    return make.lead(owner, "深圳恒远智能装备有限公司"), make.lead(outsider, "上海安澜医疗科技有限公司")


def test_an_officer_sees_the_own_unit_and_nothing_of_others(as_, owner, two):
    page = as_(owner).get(URL)
    assert titles(page) == ["深圳恒远智能装备有限公司"]
    assert "安澜" not in page.content.decode()


def test_the_bureau_sees_every_unit(as_, manager, two):
    assert len(titles(as_(manager).get(URL))) == 2


@pytest.mark.parametrize("person", ["fund_user", "reviewer", "admin_user"])
def test_roles_without_leads_are_told_so_and_shown_none(as_, request, person, two):
    page = as_(request.getfixturevalue(person)).get(URL)
    assert page.status_code == 200
    assert not any(lead.title in page.content.decode() for lead in two)


@pytest.mark.parametrize("word", ["恒远", "远智", "恒", "恒远智能", "hy", "深圳 装备"])
def test_search_finds_by_any_characters_and_pinyin_initials(as_, owner, two, word):
    make.lead(owner, "苏州墨石数据有限公司")
    assert titles(as_(owner).get(URL, {"q": word})) == ["深圳恒远智能装备有限公司"]


def test_search_finds_nothing_for_characters_that_only_stand_apart(as_, owner):
    make.lead(owner, "能恒远智智能科技（深圳）有限公司")
    assert titles(as_(owner).get(URL, {"q": "远智能恒"})) == []
    assert len(titles(as_(owner).get(URL, {"q": "科技深圳"}))) == 1


def test_search_finds_a_company_by_its_former_name(as_, owner):
    lead = make.lead(owner, "深圳恒远智能装备有限公司")
    lead.company.former_names = ["深圳老字号电子厂"]
    lead.company.save()
    lead.save()
    page = as_(owner).get(URL, {"q": "老字号电子"})
    assert titles(page) == [lead.title]
    assert "曾用名 深圳老字号电子厂" in page.content.decode()


def test_filters_combine(as_, owner):
    make.lead(owner, "深圳甲一智能有限公司", city=City.objects.get(pk="440300"))
    make.lead(owner, "深圳乙二制造有限公司", city=City.objects.get(pk="440300"))
    make.lead(owner, "上海丙三智能有限公司", city=City.objects.get(pk="310000"))
    page = as_(owner).get(URL, {"q": "智能", "city": "440300", "stage": "lead", "channel": "knock"})
    assert titles(page) == ["深圳甲一智能有限公司"]


def test_what_is_set_stands_in_chips_and_each_can_be_taken_away(as_, owner, two):
    page = as_(owner).get(URL, {"q": "恒远", "stage": "lead", "city": ""})
    chips = {chip.name: chip for chip in page.context["chips"]}
    assert chips.keys() == {"q", "stage"}
    assert (chips["stage"].text, chips["stage"].without) == ("线索", "q=%E6%81%92%E8%BF%9C")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "没有「colour」这个筛选条件"),
        ("stage=nonsense", "「阶段」：没有这个选项"),
        ("stage=lead&stage=screening", "写了两次"),
        ("created_from=yesterday", "请写成 2026-04-20"),
        ("amount_min=很多", "看不出确切数字"),
        ("unit=wanggu", "不在您的可见范围内"),
        ("page=abc", "页码已失效"),
        ("page=W10", "页码已失效"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_reason(as_, owner, two, query, words):
    page = as_(owner).get(f"{URL}?{query}")
    assert page.status_code == 400
    assert words in page.content.decode()


def test_the_lamps_and_the_due_days_choose_what_they_say(as_, owner, freeze):
    late = make.lead(owner, "甲一", next_contact_on=make.NOW.date(), met_at=None)
    make.lead(owner, "乙二", met_at=None)
    freeze(make.NOW + timedelta(days=1))
    assert titles(as_(owner).get(URL, {"due": "overdue"})) == [late.title]
    assert titles(as_(owner).get(URL, {"no_next": "1"})) == ["乙二"]
    freeze(make.NOW + timedelta(days=3))
    assert titles(as_(owner).get(URL, {"light": "yellow"})) == ["乙二", "甲一"]
    assert titles(as_(owner).get(URL, {"light": "red"})) == []
    freeze(make.NOW + timedelta(days=20))
    assert titles(as_(owner).get(URL, {"light": "yellow"})) == []
    assert len(titles(as_(owner).get(URL, {"light": "red"}))) == 2


def test_a_search_counts_no_further_than_needed(as_, owner, monkeypatch):
    monkeypatch.setattr(paging, "SEARCH_CAP", 3)
    for number in range(5):
        make.lead(owner, f"深圳同名{number}号有限公司")
    client = as_(owner)
    assert str(client.get(URL, {"q": "同名"}).context["count"]) == "3+"
    assert str(client.get(URL).context["count"]) == "5"
    assert str(client.get(URL, {"q": "同名", "count": "exact"}).context["count"]) == "5"


def test_a_lead_without_next_contact_is_visibly_wrong(as_, owner):
    make.lead(owner, "甲一")
    Lead.objects.update(next_step="发载体清单")  # it is known what to do, not when
    for url in (URL, "/leads/board/"):
        assert '<span class="wrong">没约下次</span>' in as_(owner).get(url).content.decode()


def test_sectors_include_those_that_are_none(as_, owner):
    make.lead(owner, "甲一", sector_kind="foundation")
    make.lead(owner, "乙二")
    assert titles(as_(owner).get(URL, {"sector": "foundation"})) == ["甲一"]
    assert titles(as_(owner).get(URL, {"sector": "undecided"})) == ["乙二"]


def test_reached_counts_leads_that_went_on_or_aside_later(as_, owner):
    make.lead(owner, "甲一")
    aside = make.screened(owner, "reserve", name="乙二")
    aside.move_to("reserve", by=owner, at=make.NOW, reason="暂缓")
    assert titles(as_(owner).get(URL, {"reached": "screening"})) == ["乙二"]


def test_amounts_may_be_asked_for_in_words(as_, owner):
    make.lead(owner, "甲一", amount_wan=12000)
    make.lead(owner, "乙二", amount_wan=8000)
    assert titles(as_(owner).get(URL, {"amount_min": "1亿"})) == ["甲一"]


def many(owner, number):
    """`number` leads at once, written below the entrance: only the list is asked about."""
    first = make.lead(owner, "深圳样板智能有限公司", next_contact_on=make.NOW.date())
    rows = []
    for n in range(number - 1):
        row = copy(first)
        row.pk, row.title, row.created_at = (
            None,
            f"深圳{n:03}号智能有限公司",
            make.NOW - timedelta(seconds=n // 3),
        )
        row.index_words()
        rows.append(row)
    Lead.objects.bulk_create(rows)
    return first


def test_pages_by_key_show_every_lead_once_and_lead_back(as_, owner):
    many(owner, 120)
    client = as_(owner)
    seen, address, pages = [], URL, []
    while address:
        page = client.get(address)
        seen += titles(page)
        pages.append(titles(page))
        address = page.context["page"].next and f"{URL}?page={page.context['page'].next}"
    assert [len(rows) for rows in pages] == [50, 50, 20]
    assert len(set(seen)) == 120
    back = client.get(f"{URL}?page={page.context['page'].previous}")
    assert titles(back) == pages[1]
    first = client.get(f"{URL}?page={back.context['page'].previous}")
    assert titles(first) == pages[0]


@pytest.mark.parametrize(
    ("name", "code", "table"),
    [
        ("unit", "banshan", "crm_unit"),
        ("station", "station_sz", "crm_unit"),
        ("channel", "knock", "crm_channel"),
        ("sector", "life_health", "crm_fusionsector"),
        ("track", "ai", "crm_futuretrack"),
    ],
)
def test_a_filter_asks_for_the_key_of_its_word_which_the_planner_has_counted(
    rf, manager, banshan, shenzhen_station, name, code, table
):
    request = rf.get("/leads/", {name: code})
    request.user = manager
    asked = f"{listed(request, make.NOW.date()).rows().query}"
    assert "WHERE" in asked
    assert table not in asked


def test_many_leads_are_counted_only_when_asked(as_, owner):
    many(owner, 1001)
    assert str(as_(owner).get(URL).context["count"]) == "1,000+"
    assert str(as_(owner).get(URL, {"count": "exact"}).context["count"]) == "1,001"


@pytest.mark.parametrize("person", ["owner", "manager"])
def test_the_list_costs_the_same_for_10_and_100_leads(as_, request, owner, person):
    client = as_(request.getfixturevalue(person))
    many(owner, 10)
    few = queries(client, URL)
    Lead.objects.all().delete()
    many(owner, 100)
    assert queries(client, URL) == few <= 7


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_htmx_receives_the_rows_alone_and_a_clean_address(as_, owner, two):
    answer = as_(owner).get(URL, {"q": "恒远", "stage": ""}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    assert "深圳恒远" in text
    assert answer.headers["HX-Push-Url"] == "/leads/?q=%E6%81%92%E8%BF%9C"


def test_a_piece_of_the_credit_code_finds_its_company(as_, owner):
    make.lead(owner, "深圳云芯科技有限公司", uscc="91440300MA5DEMQ0X8")
    make.lead(owner, "上海远瞻科技有限公司", uscc="91330105MADEMQ012G")
    for query in ("91440300MA5DEMQ0X8", "91440300", " 9144 0300ma5demq "):
        page = as_(owner).get(reverse("leads:list"), {"q": query})
        assert [lead.title for lead in page.context["page"].rows] == ["深圳云芯科技有限公司"], query


@pytest.mark.parametrize(
    ("amount", "words"), [(None, "投资额合计 <b>—</b>，都没有填"), (0, "投资额合计 <b>0 万元</b>")]
)
def test_a_sum_of_unknown_amounts_is_not_nought(as_, owner, amount, words):
    make.lead(owner, "甲一", amount_wan=amount)
    assert words in as_(owner).get(URL, {"count": "exact"}).content.decode()
