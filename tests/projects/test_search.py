"""全局搜索: every kind by word, pinyin, code, number, telephone's end; nothing unseen."""

import random
from datetime import date

import pytest
from pypinyin import lazy_pinyin

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import finding
from crm.menus import jumps
from crm.models import Company, Contact
from leads import handover, merging
from leads.models import Claim, Lead
from projects.models import Fund, Policy, Project
from projects.seeding import load_funds
from tests import make
from tests.conftest import logged_in

pytestmark = pytest.mark.django_db

URL = "/search/"
HTMX = {"HX-Request": "true"}
NAME = "杭州相芯智能科技有限公司"
CODE = "91330105MACPN4X08Y"


def found(client, query, **more):
    """{kind: [(title, why), …]} of what the page finds."""
    answer = client.get(URL, {"q": query, **more})
    assert answer.status_code == 200
    return {g.kind: [(hit.title, hit.why) for hit in g.hits] for g in answer.context["groups"]}


def titles(client, query, kind, **more):
    return [title for title, _ in found(client, query, **more).get(kind, [])]


@pytest.fixture
def known(owner):
    """A lead of a firm with other names, a code and a contact."""
    lead = make.lead(owner, NAME, uscc=CODE, contact_name="王景行", contact_phone="13812345678")
    company = Company.objects.get(pk=lead.company_id)
    company.former_names, company.brand = ["深圳望川云算有限公司"], "朗润"
    company.save()
    for record in company.leads.all():
        record.company = company
        record.index_anew()
    lead.refresh_from_db()
    return lead


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("相芯", ""),
        ("xiangxin", "拼音"),
        ("xxzn", "拼音"),
        ("望川", "曾用名：深圳望川云算有限公司"),
        ("wcys", "曾用名：深圳望川云算有限公司"),
        ("朗润", "简称/品牌：朗润"),
        ("相芯 望川", "曾用名：深圳望川云算有限公司"),
        ("MACPN4X08Y", f"信用代码 {CODE}"),
        ("macpn4", f"信用代码 {CODE}"),
        ("ＭＡＣＰＮ４Ｘ", f"信用代码 {CODE}"),
        ("91330105MA", f"信用代码 {CODE}"),
        ("05MACPNX", None),
        ("MACPN4Z", None),  # no code has this letter
        ("5678", "联系人 王** 138****5678"),
        ("138 1234 5678", "联系人 王** 138****5678"),
        ("138 9999 5678", "联系人 王** 138****5678"),  # the mask says no more, so neither does the search
        ("13912345678", None),
        ("45678", None),  # five digits would uncover one of the hidden ones
        ("345678", None),
    ],
)
def test_a_lead_is_found_by_what_is_known_of_it_and_told_by_what(as_, teammate, known, query, why):
    hits = found(as_(teammate), query).get("lead", [])
    assert hits == ([] if why is None else [(NAME, why)])


def test_a_lead_and_a_project_are_found_by_their_numbers(as_, owner, known):
    project = make.project(owner, name="杭州北辰算力有限公司")
    client = as_(owner)
    assert found(client, f"#{known.pk}")["lead"][0] == (NAME, f"线索编号 {known.pk}")
    assert found(client, project.code)["project"] == [("杭州北辰算力有限公司", f"项目编号：{project.code}")]


@pytest.mark.parametrize("person", ["outsider", "reviewer", "fund_user", "admin_user"])
def test_what_one_may_not_see_is_not_found_by_anything(as_, request, known, owner, person):
    project = make.project(owner, name=f"{NAME[:-4]}二期有限公司", contact_phone="13812345678")
    client = as_(request.getfixturevalue(person))
    for query in ("相芯", "xxzn", "望川", "91330105MA", "5678", f"#{known.pk}", project.code):
        kinds = found(client, query)
        assert not {"lead", "project", "company"} & kinds.keys(), query
    opened = f"lead:{known.pk},project:{project.pk}"
    assert client.get(URL, {"opened": opened}).context["groups"] == []


def test_a_contact_known_to_another_unit_alone_does_not_lead_to_the_record(as_, owner, known, wanggu):
    Contact.objects.create(
        company_id=known.company_id, unit=wanggu, name="李四", phone="13711112222", created_at=make.NOW
    )
    Contact.objects.create(
        company_id=known.company_id, unit=owner.unit, name="赵六", phone="0571-88883333", created_at=make.NOW
    )
    client = as_(owner)
    assert found(client, "2222") == {}
    assert found(client, "3333")["lead"] == [(NAME, "联系人 赵* 057******3333")]


def second(lead, unit, phone):
    """Somebody else at the company, whom `unit` got to know."""
    given = {"company_id": lead.company_id, "unit": unit, "name": "周敏", "created_at": make.NOW}
    return Contact.objects.create(**given, phone=phone)


def test_a_second_contact_that_came_by_hand_over_is_found_by_the_phones_end(as_, owner, station, known, now):
    lead = make.lead(station, "杭州移交算力有限公司", contact_phone="13800000001")
    second(lead, station.unit, "13711114444")
    offered = handover.hand_over(
        lead, to_unit=owner.unit, to_owner=owner, by=station, at=now, reason="载体在那边"
    )
    handover.accept(offered, by=owner, at=now)
    Lead.objects.filter(pk=lead.pk).update(station=None)
    Claim.objects.filter(lead=lead).update(unit=owner.unit)
    assert found(as_(owner), "4444")["lead"] == [("杭州移交算力有限公司", "联系人 周* 137****4444")]
    project = make.project(owner, name="杭州已立项算力有限公司")
    Project.objects.filter(pk=project.pk).update(lead=lead, company=lead.company)
    assert found(as_(owner), "4444")["project"] == [("杭州已立项算力有限公司", "联系人 周* 137****4444")]


def test_a_second_contact_of_a_merged_lead_is_found_by_the_phones_end(
    as_, owner, outsider, manager, known, now
):
    other = make.lead(outsider, "深圳相芯智能科技有限公司")
    second(other, outsider.unit, "13711115555")
    assert found(as_(owner), "5555") == {}
    merging.merge(known, other, by=manager, at=now, reason="同一家")
    assert found(as_(owner), "5555")["lead"] == [(NAME, "联系人 周* 137****5555")]
    merging.undo(other, by=manager, at=now, reason="不是一家")
    assert found(as_(owner), "5555") == {}


def test_all_kinds_stand_in_their_groups(as_, owner, station):
    load_funds(at=timezone.now())
    Policy.objects.create(code="canal", name="运河软件扶持办法", level="district", status="operating")
    trip = make.roadshow(station, "运河行程", starts_on=date(2026, 4, 13))
    trip.members.add(owner)
    make.space(house="运河软件楼")
    lead = make.lead(owner, "杭州运河数据有限公司")
    project = make.project(owner, name="杭州运河智能有限公司")
    kinds = found(as_(owner), "运河")
    assert {kind: [title for title, _ in hits] for kind, hits in kinds.items()} == {
        "lead": ["杭州运河智能有限公司", "杭州运河数据有限公司"],
        "project": ["杭州运河智能有限公司"],
        "company": ["杭州运河智能有限公司", "杭州运河数据有限公司"],
        "trip": ["运河行程"],
        "policy": ["运河软件扶持办法"],
        "space": [f"{make.space('2 层').building.carrier.name} 运河软件楼 3 层 301"],
    }
    fund = Fund.objects.visible_to(owner).order_by("order").first()
    assert titles(as_(owner), fund.name, "fund") == [fund.name]
    assert titles(as_(owner), "yhxc", "trip") == ["运河行程"]
    page = as_(owner).get(URL, {"q": "运河", "only": "company"}).content.decode()
    assert reverse("projects:facts", args=[project.pk]) in page
    assert reverse("projects:lead_facts", args=[lead.pk]) in page


def test_the_exact_name_stands_first_however_many_newer_ones_hold_it(as_, owner):
    make.lead(owner, "星河智能有限公司")
    for number in range(70):
        make.lead(owner, f"深圳星河智能{number:02}号有限公司")
    client = as_(owner)
    kinds = found(client, "星河智能")
    assert [kinds[kind][0][0] for kind in ("lead", "company")] == ["星河智能有限公司"] * 2
    assert titles(client, "星河智能", "project") == []
    answer = client.get(URL, {"q": "星河智能"})
    assert "only=lead" in answer.content.decode()
    assert len(titles(client, "星河智能", "lead", only="lead")) == 71


def test_a_page_that_is_offered_opens(client, owner, station, head, manager, leader, reviewer, request):
    people = [owner, station, head, manager, leader, reviewer]
    people += [request.getfixturevalue(name) for name in ("fund_user", "auditor", "admin_user")]
    for person in people:
        for name, label, _, _ in jumps(person):
            assert logged_in(client, person).get(reverse(name)).status_code == 200, (person, label)


def test_one_jumps_to_a_page_by_its_word_or_initials(as_, owner, leader):
    assert titles(as_(owner), "记一家", "page") == ["记一家"]
    assert titles(as_(owner), "gh", "page") == ["公海"]
    assert titles(as_(owner), "移交", "page") == ["流转"]
    assert titles(as_(leader), "记一家", "page") == []


def test_a_page_meant_by_its_word_stands_first_and_one_guessed_by_initials_last(as_, owner, known):
    make.lead(owner, "杭州公海数据有限公司")
    client = as_(owner)
    assert list(found(client, "公海")) == ["page", "lead", "company"]
    assert list(found(client, "xx")) == ["lead", "company", "page"]  # 相芯, and 消息


def test_without_words_the_records_opened_before_stand_in_their_order(as_, owner, known):
    project = make.project(owner)
    opened = f"project:{project.pk},lead:{known.pk},lead:999999,user:1,lead:x,{'9' * 30}:1"
    answer = as_(owner).get(URL, {"opened": opened}, headers=HTMX)
    (group,) = answer.context["groups"]
    assert [hit.title for hit in group.hits] == [project.name, NAME]
    assert "最近打开" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_nothing_found_says_what_one_may_write(as_, owner):
    page = as_(owner).get(URL, {"q": "没有这家<b>"}).content.decode()
    assert "没有找到「没有这家&lt;b&gt;」" in page
    assert "您看不到的记录不在结果里" in page


@pytest.mark.parametrize("query", ["?q=a&unit=banshan", "?q=a&only=secret"])
def test_an_unknown_parameter_is_refused(as_, owner, query):
    answer = as_(owner).get(URL + query)
    assert answer.status_code == 400
    assert "没有「" in answer.content.decode()


@pytest.mark.parametrize("query", ["\x00", "甲\x00乙", "9" * 400, "x" * 5000, "()", "%_%", "'"])
def test_strange_words_find_nothing_and_break_nothing(as_, owner, known, query):
    assert found(as_(owner), query) == {}


def asked_of(client, query):
    with CaptureQueriesContext(connection) as asked:
        client.get(URL, {"q": query}, headers=HTMX)
    return [one["sql"] for one in asked]


def test_the_queries_do_not_grow_with_what_is_found(as_, owner):
    client, numbers = as_(owner), []
    make.lead(owner, "杭州望江有限公司")
    asked_of(client, "望江")
    for size in (10, 30, 60):
        for number in range(size):
            make.lead(owner, f"杭州{size}望江{number}智能有限公司", contact_phone=f"138123{number:02}678")
        numbers.append(len(asked_of(client, "望江")))
    assert numbers == [11, 11, 11]
    assert len(asked_of(client, "7890")) <= 14


@pytest.mark.parametrize("query", ["望江", "wangjiang", "望江3"])
def test_of_few_rows_and_of_many_the_same_are_found(as_, owner, monkeypatch, query):
    client = as_(owner)
    for number in range(4):
        make.lead(owner, f"杭州望江{number}智能有限公司")
        make.project(owner, name=f"宁波望江{number}装备有限公司")
    sorted_here = found(client, query)
    assert {"lead", "project"} <= sorted_here.keys()
    monkeypatch.setattr(finding, "SORTED_HERE", 0)
    assert found(client, query) == sorted_here


WORDS = [
    "星海",
    "朗润",
    "云算",
    "量子",
    "装备",
    "生物",
    "医药",
    "低空",
    "飞行",
    "数据",
    "芯片",
    "运河",
    "半山",
]


def test_every_word_cut_from_a_name_finds_exactly_what_a_scan_finds(as_, owner):
    """Pieces of one to eight characters: of names, of their pinyin and initials, and of credit codes."""
    chance = random.Random(7)
    names = {f"杭州{''.join(chance.sample(WORDS, 3))}有限公司" for _ in range(40)}
    codes = dict(zip(sorted(names), _codes(chance), strict=False))
    for name in sorted(names):
        make.lead(owner, name, uscc=codes[name])
    client, scanned = as_(owner), {name: _readings(name) for name in names}
    for _ in range(70):
        name = chance.choice(sorted(names))
        for word in _cut(chance, name, codes[name]):
            wanted = {one for one in names if _holds(word, one, codes[one], scanned[one])}
            assert set(titles(client, word, "lead", only="lead")) == wanted, word


def _codes(chance):
    """Credit codes that differ in their middle; the check is not asked for here."""
    while True:
        yield f"9133{chance.randrange(10**8):08}MA{chance.randrange(10**4):04}"


def _readings(name):
    syllables = lazy_pinyin(name.removesuffix("有限公司"))
    return "".join(one[0] for one in syllables), ["".join(syllables[n:]) for n in range(len(syllables))]


def _cut(chance, name, code):
    initials, starts = _readings(name)
    long = chance.choice([one for one in starts if len(one) > 2])
    place = chance.randrange(len(name))
    yield name[place : place + chance.randint(1, 8)]
    yield long[: chance.randint(3, 8)]
    yield initials[chance.randrange(len(initials) - 1) :][: chance.randint(2, 8)]
    place = chance.randrange(7)
    yield code[place : place + chance.randint(6, 8)]


def _holds(word, name, code, readings):
    initials, starts = readings
    if word.isascii() and word.isalpha():
        if len(word) < 2:
            return False
        return word in initials or (len(word) > 2 and any(one.startswith(word) for one in starts))
    return word in name or (len(word) > 5 and word in code)


def test_a_merged_lead_is_not_found_as_one_of_its_own(as_, owner, known):
    other = make.lead(owner, "杭州另一家有限公司")
    Lead.objects.filter(pk=known.pk).update(stage="merged", merged_into=other)
    assert found(as_(owner), "相芯") == {}


def test_the_number_of_a_merged_lead_finds_the_one_that_was_kept(as_, owner, outsider, known):
    other, last = make.lead(owner, "杭州另一家有限公司"), make.lead(owner, "杭州第三家有限公司")
    merging.merge(other, known, by=owner, at=make.NOW, reason="同一家")
    client = as_(owner)
    for query in (f"#{known.pk}", f"{known.pk}", f"{known.pk} 号"):
        told = ("杭州另一家有限公司", f"线索编号 {known.pk}，已合并到这条")
        assert found(client, query)["lead"][0] == told
    merging.merge(last, other, by=owner, at=make.NOW, reason="同一家")
    assert titles(client, f"#{known.pk}", "lead") == ["杭州第三家有限公司"]
    assert titles(as_(outsider), f"#{known.pk}", "lead") == []
    merging.undo(other, by=owner, at=make.NOW, reason="不是")
    assert titles(as_(owner), f"#{known.pk}", "lead") == ["杭州另一家有限公司"]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("恒远", "深圳<mark>恒远</mark>A&amp;mp公司"),
        ("a", "深圳恒远<mark>A</mark>&amp;mp公司"),
        ("mp 深", "<mark>深</mark>圳恒远A&amp;<mark>mp</mark>公司"),
    ],
)
def test_the_words_one_looked_for_are_marked_in_what_was_found(as_, owner, query, marked):
    make.lead(owner, "深圳恒远A&mp公司")
    page = as_(owner).get("/search/", {"q": query}).content.decode()
    assert f'<span class="found-title">{marked}</span>' in page
