"""企业信息 through its doors: several at once, sources that disagree, the choice, what is withdrawn."""

from datetime import date, timedelta

import pytest

from crm.models import AuditEvent, Fact
from leads import merging
from projects.known import facts
from projects.matching import offers
from projects.models import Fund, Project
from tests import callers, make

pytestmark = pytest.mark.django_db
DAY = make.NOW.date()
CRITERIA = {
    "all": [
        {"field": "staff", "op": "lte", "value": 100, "unit": "人", "clause": "第二条", "document": "办法"},
        {"field": "valuation", "op": "lte", "value": 1, "unit": "亿元"},
    ]
}


@pytest.fixture
def fund():
    one = Fund.objects.create(code="own", name="钱塘一号基金", kind="venture", status="operating")
    one.versions.create(number=1, criteria=CRITERIA, valid_from=DAY, published_by=None, published_at=make.NOW)
    return one


@pytest.fixture
def project(owner, freeze):
    freeze(make.NOW)
    return make.project(owner, name="深圳云芯科技有限公司")


def know(project, value, source, as_of=DAY, key="staff", by=None):
    return Fact.objects.create(
        company=project.company,
        key=key,
        value=value,
        source=source,
        as_of=as_of,
        recorded_by=by,
        created_at=make.NOW,
    )


def used(project, key="staff"):
    return facts(project, DAY)[key]


def text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def choose(client, project, fact, reason="已向企业核实", seen=None):
    page = client.get(f"/projects/{project.pk}/facts/").context["sheet"]
    seen = next(one.seen for one in page.rows if one.key == fact.key) if seen is None else seen
    return client.post(f"/projects/{project.pk}/facts/{fact.pk}/choose/", {"reason": reason, "seen": seen})


def test_what_sources_say_is_shown_everywhere_and_a_person_chooses(as_, owner, project, fund):
    first = know(project, 80, "officer", date(2026, 4, 1), by=owner)
    know(project, "120", "registry", date(2026, 4, 10))
    client = as_(owner)
    page, own = f"/projects/{project.pk}/", f"/leads/{project.lead_id}/"
    for address in (page, own):
        shown = text(client, address)
        for words in ("数据有分歧（1 项）", "80 人", "120 人", "2026-04-01，林晓", "工商登记 2026-04-10"):
            assert words in shown, (address, words)
    assert "不符合" in text(client, page)
    assert project.matches.get().result["tree"]["items"][0]["contested"] == ["staff"]
    told = "员工人数有分歧：120 人（工商登记 2026-04-10，系统）；80 人（招商员填报 2026-04-01，林晓）"
    for address in (page, f"/funds/{fund.pk}/candidates/project/{project.pk}/"):
        assert told in text(client, address)
    answer = choose(client, project, first)
    assert answer.status_code == 302
    match = project.matches.get()
    assert (match.verdict, match.facts["staff"]["value"]) == ("incomplete", 80)
    assert match.facts["staff"]["chosen_on"] == "2026-04-20"
    first.refresh_from_db()
    assert (first.chosen_by, first.chosen_reason, first.is_contested) == (owner, "已向企业核实", False)
    assert AuditEvent.objects.filter(action="choose_fact", actor=owner).exists()
    for address in (page, own):
        assert "数据有分歧（" not in text(client, address)
    assert "选定员工人数：80 人" in text(client, page)


def test_a_choice_holds_until_something_newer_and_is_told_when_it_ends(as_, owner, project, fund):
    told = know(project, 80, "officer", date(2026, 4, 1), by=owner)
    know(project, 120, "registry", date(2026, 4, 10))
    client = as_(owner)
    choose(client, project, told)
    know(project, 90, "document", date(2025, 1, 1))
    assert (used(project).value, used(project).is_contested) == (80, True)  # it is older
    know(project, 130, "api", date(2026, 4, 11))
    assert (used(project).value, used(project).is_contested, used(project).chosen_on) == (130, True, None)
    shown = text(client, f"/projects/{project.pk}/facts/")
    assert "林晓曾选定 80 人（已向企业核实），之后有了新的值" in shown
    for address in (f"/projects/{project.pk}/", f"/leads/{project.lead_id}/"):
        shown = text(client, address)
        assert "选定已失效" in shown
        assert "此前林晓选定 80 人（已向企业核实），之后有了新的值" in shown
    assert project in as_(owner).get("/projects/?contested=1").context["page"].rows


def test_a_choice_stands_while_a_source_repeats_itself_and_ends_by_what_is_new(as_, owner, project, fund):
    told = know(project, 80, "officer", date(2026, 3, 1), by=owner)
    know(project, 120, "registry", date(2026, 3, 10))
    client = as_(owner)
    choose(client, project, told)
    for value, source, day in ((120, "registry", 11), ("120", "registry", 12), (80, "api", 13)):
        know(project, value, source, date(2026, 4, day))
        assert (used(project).value, used(project).is_contested) == (80, False), (value, source)
    for address in (f"/projects/{project.pk}/", f"/leads/{project.lead_id}/"):
        assert "数据有分歧（" not in text(client, address)
    assert project.matches.get().verdict == "incomplete"  # 80 of at most 100 people, the rest unknown
    know(project, 80, "officer", date(2026, 4, 14), by=owner)  # the firm was asked again: a newer date
    assert (used(project).as_of, used(project).chosen_on) == (date(2026, 4, 14), date(2026, 4, 20))
    assert "2026-04-20 林晓选定" in text(client, f"/projects/{project.pk}/facts/")
    know(project, 130, "registry", date(2026, 4, 15))
    assert (used(project).value, used(project).is_contested) == (130, True)
    assert "林晓曾选定 80 人（已向企业核实），之后有了新的值" in text(
        client, f"/projects/{project.pk}/facts/"
    )


def test_another_source_that_says_the_rejected_value_is_news(as_, owner, project):
    told = know(project, 80, "officer", date(2026, 3, 1), by=owner)
    know(project, 120, "registry", date(2026, 3, 10))
    choose(as_(owner), project, told)
    know(project, 120, "document", date(2026, 3, 5))  # older than what was seen: asked, not used
    assert (used(project).value, used(project).is_contested) == (80, True)
    assert "数据有分歧（1 项）" in text(as_(owner), f"/projects/{project.pk}/")
    assert "已失效" not in text(as_(owner), f"/projects/{project.pk}/")


def test_a_choice_is_open_again_when_the_facts_of_another_record_join(as_, owner, project):
    gone = make.lead(owner, "深圳云芯半导体有限公司")
    know(gone, 100, "api", date(2025, 1, 1))  # recorded before the choice, and unseen by who chose
    first = know(project, 80, "officer", date(2026, 4, 1), by=owner)
    know(project, 120, "registry", date(2026, 4, 10))
    choose(as_(owner), project, first)
    assert (used(project).value, used(project).is_contested) == (80, False)
    merging.merge(project.lead, gone, by=owner, at=make.NOW, reason="同一家")
    assert (used(project).value, used(project).is_contested) == (120, True)
    assert "林晓曾选定 80 人" in text(as_(owner), f"/projects/{project.pk}/facts/")


def test_a_choice_is_refused_without_reason_or_over_what_was_not_seen(as_, owner, outsider, leader, project):
    first = know(project, 80, "officer", date(2026, 4, 1))
    second = know(project, 120, "registry", date(2026, 4, 10))
    client = as_(owner)
    answer = choose(client, project, first, reason=" ")
    assert answer.status_code == 400
    assert "请写明为什么选用这个值" in answer.content.decode()
    know(project, 90, "api", date(2026, 3, 1))
    assert choose(client, project, first, seen=second.pk).status_code == 409
    assert choose(client, project, first, seen="x").status_code == 409
    elsewhere = make.project(owner)
    answer = client.post(f"/projects/{elsewhere.pk}/facts/{first.pk}/choose/", {"reason": "误"})
    assert answer.status_code == 400
    for person, status in ((outsider, 404), (leader, 403)):
        answer = as_(person).post(f"/projects/{project.pk}/facts/{first.pk}/choose/", {"reason": "误"})
        assert answer.status_code == status
    assert not Fact.objects.exclude(chosen_at=None).exists()
    assert used(project).value == 120
    assert not AuditEvent.objects.filter(action="choose_fact").exists()


def test_a_mistaken_value_is_withdrawn_for_a_reason_and_kept_struck_out(as_, owner, project, fund):
    know(project, 80, "officer", date(2026, 4, 1), by=owner)
    wrong = know(project, 12000, "officer", date(2026, 4, 10), by=owner)
    client = as_(owner)
    address = f"/projects/{project.pk}/facts/{wrong.pk}/withdraw/"
    assert client.post(address, {"reason": ""}).status_code == 400
    assert used(project).value == 12000
    assert client.post(address, {"reason": "多写了两个零"}).status_code == 302
    assert used(project).value == 80
    assert project.matches.get().facts["staff"]["value"] == 80
    assert client.post(address, {"reason": "再来"}).status_code == 400
    shown = text(client, f"/projects/{project.pk}/facts/")
    assert "<s>12,000 人</s>" in shown
    assert "多写了两个零" in shown
    assert Fact.objects.filter(pk=wrong.pk, withdrawn_by=owner).exists()


def test_several_are_recorded_at_once_or_none_and_matched_again(as_, owner, project, fund):
    client, address = as_(owner), f"/projects/{project.pk}/facts/"
    given = {"as_of": "2026-04-20", "source": "document", "note": "商业计划书"}
    shown = text(client, address)
    assert "填这 2 项可定 1 只基金" in shown
    assert shown.index("先补这些") < shown.index('id="line-staff"') < shown.index('id="line-ownership"')
    wrong = client.post(address, {**given, "staff": "80", "trl": "12", "valuation": "贵"})
    assert wrong.status_code == 400
    for values, words in (({"trl": "12"}, "技术成熟度应在 1 级–9 级 之间"), ({}, "没有填任何一项")):
        answer = client.post(address, {**given, **values})
        assert answer.status_code == 400
        assert words in answer.content.decode()
    assert not project.company.facts.exists()
    answer = client.post(
        address, {**given, "staff": "80", "valuation": "0.9亿", "is_dishonest": "false", "industries": ["ai"]}
    )
    assert answer.status_code == 302
    found = {row.key: (row.value, row.source, row.note) for row in project.company.facts.all()}
    assert found["staff"] == ("80", "document", "商业计划书")
    assert [found[key][0] for key in ("valuation", "is_dishonest", "industries")] == ["9000", False, ["ai"]]
    assert project.matches.get().verdict == "fit"
    assert "项可定" not in text(client, address)


def test_a_percentage_written_as_a_fraction_is_asked_back_and_a_small_one_is_told_by_its_sign(
    as_, owner, project
):
    """0.3 would stand as 0.3% and pass 「不超过 30%」 unseen (domain §9)."""
    client, address = as_(owner), f"/projects/{project.pk}/facts/"
    given = {"as_of": "2026-04-20", "source": "document"}
    refused = client.post(address, {**given, "fund_stake": "0.3"})
    assert refused.status_code == 400
    assert "0.3 像是把 30% 写成了小数，请写 30；确实不到 1% 的请写 0.3%" in refused.content.decode()
    assert not project.company.facts.exists()
    more = {"fund_stake": "0.3%", "team_stake": "60％", "rd_staff_ratio": "0", "rd_cost_ratio": "12.5"}
    assert client.post(address, {**given, **more}).status_code == 302
    found = {row.key: row.value for row in project.company.facts.all()}
    assert found == {"fund_stake": "0.3", "team_stake": "60", "rd_staff_ratio": "0", "rd_cost_ratio": "12.5"}


def test_a_valuation_typed_in_yi_without_saying_so_is_asked_back(as_, owner, project):
    """1.05 would stand as 1.05 万元 and pass 「不超过 1 亿元」 unseen."""
    client, address = as_(owner), f"/projects/{project.pk}/facts/"
    given = {"as_of": "2026-04-20", "source": "document"}
    refused = client.post(address, {**given, "valuation": "1.05"})
    assert refused.status_code == 400
    assert "估值 1.05 万元 不像一家企业的估值" in refused.content.decode()
    assert not project.company.facts.exists()
    assert client.post(address, {**given, "valuation": "1.05亿"}).status_code == 302
    assert project.company.facts.get().value == "10500"


def test_the_api_takes_what_the_form_takes_and_numbers_as_json_has_them(owner, project):
    person, address = callers.person(owner), f"projects/{project.pk}/facts/"
    given = {"as_of": "2026-04-20", "source": "document"}
    for key, value, kept in (
        ("rd_cost_ratio", 12.5, "12.5"), ("valuation", "1.05亿", "10500"), ("revenue", 3000.25, "3000.25"),
        ("staff", "1,200", "1200"), ("established_on", "1907-05-01", "1907-05-01"),
    ):  # fmt: skip
        answer = person.post(address, {**given, "key": key, "value": value})
        assert (answer.status_code, answer.json().get("value")) == (201, kept), answer.json()
    for key, value, words in (
        ("rd_cost_ratio", 0.3, "0.3 像是把 30% 写成了小数"), ("valuation", 1.05, "亿元请写成 1.05亿"),
        ("established_on", "2026-04-21", "成立日期不能晚于今天"),
        ("established_on", "0203-05-01", "成立日期 0203-05-01 太早了，请核对年份"),
        ("staff", "1,20", "应填数字"),
        ("staff", 50.5, "员工人数要写整数，现为 50.5 人"), ("rd_cost_ratio", "12.1234567", "最多写 6 位小数"),
        ("revenue", "3000万美元", "上年营业收入"),
        ("revenue", "面议", "请填写上年营业收入"),
    ):  # fmt: skip
        answer = person.post(address, {**given, "key": key, "value": value})
        assert answer.status_code == 400
        assert words in answer.json()["detail"]
    assert project.company.facts.count() == 5


def test_a_lead_has_the_same_table(as_, owner, outsider, freeze, fund):
    freeze(make.NOW)
    lead = make.lead(owner)
    address = f"/leads/{lead.pk}/facts/"
    answer = as_(owner).post(address, {"as_of": "2026-04-20", "source": "officer", "staff": "70"})
    assert answer.status_code == 302
    shown = text(as_(owner), address)
    assert "填这 1 项可定 1 只基金" in shown
    assert "70 人" in shown
    assert as_(outsider).get(address).status_code == 404


def test_the_table_marks_what_is_older_than_a_year_and_asks_no_more_for_more_rows(
    as_, owner, project, fund, django_assert_max_num_queries
):
    know(project, 80, "officer", date(2025, 4, 1))
    client, address = as_(owner), f"/projects/{project.pk}/facts/"
    assert "超过 12 个月" in text(client, address)
    for number in range(20):
        know(project, number, "officer", date(2024, 1, 1) + timedelta(days=number))
    with django_assert_max_num_queries(16):
        text(client, address)
    assert len(offers(DAY)) == 1


def test_what_is_contested_is_listed_and_counted_for_the_unit(as_, owner, head, outsider, project):
    other = make.project(outsider)
    for one in (project, other):
        know(one, 80, "officer")
        know(one, 90, "registry")
    know(make.project(owner), 80, "officer")
    for person, found in ((owner, [project]), (head, [project]), (outsider, [other])):
        client = as_(person)
        assert list(client.get("/projects/?contested=1").context["page"].rows) == found
        assert "数据有分歧 1" in text(client, "/projects/")
    lead = make.lead(owner)
    Fact.objects.filter(company=other.company).update(company=lead.company)
    assert list(as_(owner).get("/leads/?contested=1&project=no").context["page"].rows) == [lead]


def test_the_api_records_a_value_once_and_tells_a_partner_only_its_own(as_, owner, project, fund):
    person, given = (
        callers.person(owner),
        {"key": "staff", "value": 80, "source": "document", "as_of": "2026-04-20"},
    )
    for _ in range(2):
        answer = person.post(f"projects/{project.pk}/facts/", given, Idempotency_Key="a1")
        assert answer.status_code == 201
        assert (answer.json()["value"], answer.json()["is_in_use"]) == ("80", True)
    assert project.company.facts.count() == 1
    for change, field in (
        ({"key": "age_years"}, "key"), ({"value": "多"}, "value"), ({"as_of": "2030-01-01"}, "as_of"),
        ({"as_of": "0206-01-01"}, "as_of"),
        ({"key": "industries", "value": ["a\u0000b"]}, "value"), ({"source": "rumour"}, "source"),
    ):  # fmt: skip
        answer = person.post(f"projects/{project.pk}/facts/", {**given, **change})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), change
    partner = callers.partner()
    lead = partner.post(
        "leads/", {"company_name": "杭州云栖算力有限公司", "channel": "knock", "city": "440300"}
    )
    place = f"leads/{lead.json()['id']}/facts/"
    assert partner.post(place, {**given, "source": "officer"}).status_code == 400
    assert partner.post(place, {**given, "source": "api"}).status_code == 201
    sent = Fact.objects.get(source="api")
    assert (sent.partner, sent.who) == (partner.token, "伙伴甲")
    Fact.objects.create(
        company=sent.company,
        key="trl",
        value=4,
        source="officer",
        as_of=DAY,
        note="内部",
        created_at=make.NOW,
    )
    assert [row["key"] for row in partner.get(place).json()["results"]] == ["staff"]
    assert partner.post(f"projects/{project.pk}/facts/", given).status_code == 403
    assert project.company.facts.count() == 1


def test_the_api_chooses_over_what_was_read_and_no_more(owner, outsider, project, fund):
    person, place = callers.person(owner), f"projects/{project.pk}/facts/"
    old, new = know(project, 80, "officer", DAY - timedelta(days=9)), know(project, 120, "registry")
    read = {row["id"]: row for row in person.get(place).json()["results"]}
    assert (read[new.pk]["is_in_use"], read[new.pk]["is_contested"]) == (True, True)
    assert {row["version"] for row in read.values()} == {new.pk}
    door, why = f"{place}{old.pk}/choose/", {"reason": "已向企业核实"}
    assert person.post(door, why).status_code == 428
    later = know(project, 130, "api", DAY - timedelta(days=3))
    stale = person.post(door, why, If_Match=f'"v{new.pk}"')
    assert (stale.status_code, stale["ETag"]) == (412, f'"v{later.pk}"')
    tag = {"If_Match": f'"v{later.pk}"'}
    assert person.post(door, {"reason": " "}, **tag).json()["errors"][0]["field"] == "reason"
    assert callers.person(outsider).post(door, why, **tag).status_code == 404
    assert person.post(f"{place}{later.pk + 9}/choose/", why, **tag).status_code == 404
    assert not AuditEvent.objects.filter(action="choose_fact").exists()
    chosen = person.post(door, why, **tag)
    assert chosen.status_code == 200
    assert {key: chosen.json()[key] for key in ("is_in_use", "is_contested", "chosen_reason")} == {
        "is_in_use": True, "is_contested": False, "chosen_reason": "已向企业核实",
    }  # fmt: skip
    assert used(project).value == 80
    assert AuditEvent.objects.filter(action="choose_fact").count() == 1


def test_the_api_withdraws_once_for_a_reason(owner, leader, project):
    person, row = callers.person(owner), know(project, 800, "officer")
    door = f"projects/{project.pk}/facts/{row.pk}/withdraw/"
    assert callers.person(leader).post(door, {"reason": "错"}).status_code == 403
    assert person.post(door, {}).status_code == 400
    assert used(project).value == 800
    answer = person.post(door, {"reason": "多写一个零"})
    assert (answer.status_code, answer.json()["withdrawn_reason"]) == (200, "多写一个零")
    assert person.post(door, {"reason": "再撤"}).status_code == 400
    assert "staff" not in facts(project, DAY)
    assert AuditEvent.objects.filter(action="withdraw_fact").count() == 1


def test_no_token_chooses_or_withdraws_even_its_own_value(db, freeze):
    freeze(make.NOW)
    partner = callers.partner()
    lead = partner.post("leads/", {"company_name": "杭州云栖算力有限公司", "city": "440300"}).json()["id"]
    told = {"key": "staff", "value": 80, "source": "api", "as_of": "2026-04-20"}
    row = partner.post(f"leads/{lead}/facts/", told).json()
    for deed in ("choose", "withdraw"):
        tag = {"If_Match": f'"v{row["version"]}"'}
        answer = partner.post(f"leads/{lead}/facts/{row['id']}/{deed}/", {"reason": "我们"}, **tag)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope")


AREA = [{"field": "area_need", "op": "lte", "value": 1000, "unit": "㎡"}]


def apart_of(client, project):
    return client.get(f"/projects/{project.pk}/facts/").context["sheet"].apart


def keep(client, project, **changes):
    (one,) = apart_of(client, project)
    given = {"reason": "企业来函确认", "seen": one.account.seen, "version": project.version, **changes}
    return client.post(f"/projects/{project.pk}/facts/{one.key}/keep/", given)


def test_a_column_that_disagrees_with_what_was_recorded_is_shown_and_a_person_lets_it_stand(
    as_, owner, project, fund
):
    fund.versions.update(criteria={"all": AREA})
    Project.objects.filter(pk=project.pk).update(area_sqm=800)
    project.refresh_from_db()
    know(project, "800.00", "document", key="area_need")
    client, page = as_(owner), f"/projects/{project.pk}/"
    assert apart_of(client, project) == []  # written otherwise, and the same
    know(project, 1500, "api", key="area_need")
    assert "档案与登记不一致（1 项）" in text(client, page)
    assert project.matches.get().verdict == "unfit"
    shown = text(client, f"{page}facts/")
    for words in ("1,500 ㎡", "800 ㎡", "以档案为准", f"{page}edit/#id_area_sqm"):
        assert words in shown, words
    assert keep(client, project).status_code == 302
    row = Fact.objects.latest("pk")
    assert (row.source, row.as_of, row.chosen_by, row.note) == ("officer", DAY, owner, "企业来函确认")
    assert (used(project, "area_need").value, used(project, "area_need").is_contested) == ("800", False)
    assert project.matches.get().verdict == "fit"
    assert "档案与登记不一致" not in text(client, page)
    assert AuditEvent.objects.filter(action="choose_fact", actor=owner).count() == 1


def test_letting_a_column_stand_is_refused_without_reason_right_or_over_what_was_not_seen(
    as_, owner, outsider, leader, project
):
    Project.objects.filter(pk=project.pk).update(area_sqm=800)
    project.refresh_from_db()
    know(project, 1500, "api", key="area_need")
    client = as_(owner)
    assert keep(client, project, reason=" ").status_code == 400
    (seen,) = [one.account.seen for one in apart_of(client, project)]
    know(project, 900, "registry", key="area_need")
    stale = keep(client, project, seen=seen)
    assert stale.status_code == 409
    assert "刚有变化" in stale.content.decode()
    assert keep(client, project, version=project.version + 1).status_code == 409
    assert client.post(f"/projects/{project.pk}/facts/staff/keep/", {"reason": "误"}).status_code == 409
    for person, status in ((outsider, 404), (leader, 403)):
        door = f"/projects/{project.pk}/facts/area_need/keep/"
        assert as_(person).post(door, {"reason": "误"}).status_code == status
    assert Fact.objects.count() == 2
    assert not Fact.objects.exclude(chosen_at=None).exists()


def test_a_lead_lets_its_column_stand_too_and_a_mended_column_is_no_more_apart(as_, owner, freeze):
    freeze(make.NOW)
    lead = make.lead(owner, amount_wan=3000)
    know(lead, 5000, "registry", key="total_investment")
    client, place = as_(owner), f"/leads/{lead.pk}/facts/"
    (one,) = client.get(place).context["sheet"].apart
    assert (one.shown, one.account.used.shown, one.place) == (
        "3,000 万元", "5,000 万元", f"/leads/{lead.pk}/edit/#id_amount_wan",
    )  # fmt: skip
    given = {"reason": "合同为准", "seen": one.account.seen, "version": lead.version}
    assert client.post(f"{place}total_investment/keep/", given).status_code == 302
    assert used(lead, "total_investment").value == "3000"
    lead.refresh_from_db()
    type(lead).objects.filter(pk=lead.pk).update(amount_wan=4000)
    assert len(client.get(place).context["sheet"].apart) == 1
    type(lead).objects.filter(pk=lead.pk).update(amount_wan=3000)
    assert client.get(place).context["sheet"].apart == []
