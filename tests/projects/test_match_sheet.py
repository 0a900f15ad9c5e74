"""匹配单: the answer for one project and one fund on a page of its own, down to the clause and its date."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Fact
from crm.rules import leaves, lines
from projects import freshness
from projects.freshness import fresh_matches
from projects.models import CriteriaVersion, Fund, Policy
from projects.seeding import load_funds
from tests import make


def sheet_of(project, code):
    load_funds(at=make.NOW)
    one = next(one for one in fresh_matches(project, at=make.NOW) if one.offer.code == code)
    return one, reverse("projects:match_sheet", args=[project.pk, one.pk])


def test_every_rule_stands_there_with_value_source_result_clause_and_date(as_, owner):
    project = make.project(owner)
    Fact.objects.create(
        company=project.company,
        key="staff",
        value=180,
        source="registry",
        as_of="2026-04-01",
        created_at=make.NOW,
    )
    one, address = sheet_of(project, "runmiao")
    page = as_(owner).get(address).content.decode()
    for rule in leaves(one.result["tree"]):
        assert rule["label"] in page
        assert rule["threshold_display"] in page
        assert rule["clause"] in page
    assert "<b>180 人</b>，工商登记 2026-04-01" in page
    groups = [line["label"] for line in lines(one.result["tree"]) if line["type"] == "group"]
    assert len(groups) == 1
    assert groups[0] in page
    assert f"第 {one.version.number} 版条件" in page
    assert one.result["to_settle"]
    assert f"最少补齐 {len(one.result['to_settle'])} 项" in page
    assert address in as_(owner).get(project.get_absolute_url()).content.decode()


def test_of_many_funds_the_first_are_shown_whole_and_of_the_others_a_line_leads_to_the_sheet(
    as_, owner, monkeypatch, django_assert_num_queries
):
    project = make.project(owner)
    for number in range(5):
        sheet_with(
            project,
            [{"field": "staff", "op": "lte", "value": 90, "unit": "人", "message": "九十人"}],
            f"f{number}",
        )
    client = as_(owner)
    whole = client.get(project.get_absolute_url()).content.decode()
    assert whole.count("九十人") >= 5
    assert "match-line" not in whole
    with CaptureQueriesContext(connection) as asked:
        client.get(project.get_absolute_url())
    monkeypatch.setattr(freshness, "WHOLE", 2)
    with django_assert_num_queries(len(asked) + 1):
        page = client.get(project.get_absolute_url()).content.decode()
    places = re.findall(r'match-line" id="match-\d+" href="([^"]+)"', page)
    assert len(places) == 3
    assert whole.count("逐条比对</h3>") - page.count("逐条比对</h3>") == 3
    assert page.count('match-why small-line">信息不足') == 5
    for place in places:
        assert "九十人" in client.get(place).content.decode()


def sheet_with(project, items, code="one"):
    fund = Fund.objects.create(code=code, name="某基金", status="operating")
    CriteriaVersion.objects.create(
        fund=fund, number=1, criteria={"all": items}, valid_from="2026-01-01", published_at=make.NOW
    )
    one = next(one for one in fresh_matches(project, at=make.NOW) if one.fund_id == fund.pk)
    return reverse("projects:match_sheet", args=[project.pk, one.pk])


def test_each_group_says_its_result_and_each_caution_stands_once_whatever_the_order_of_the_notes(as_, owner):
    paper = {"document": "某基金管理办法", "document_date": "2025-11"}
    own = {"kind": "note", "message": "规模 20 亿元", "caution": "说明基金自身的安排。", **paper}
    place = {"kind": "note", "message": "注册地在本区", "clause": "第九条", **paper}
    either = [{"field": "staff", "op": "exists"}, {"field": "is_dishonest", "op": "eq", "value": True}]
    page = as_(owner).get(sheet_with(make.project(owner), [{"any": either}, place, own, place]))
    page = page.content.decode()
    assert page.count("国办发〔2025〕1号") == 1
    assert page.count("说明基金自身的安排。") == 1
    assert "注册地在本区（第九条——某基金管理办法，2025-11）" in page
    assert '<td colspan="2">以下满足任一项即可</td><td class="rule-result">信息不足</td>' in page


def test_the_print_grows_smaller_with_what_there_is_to_say_and_shared_documents_stand_once(as_, owner):
    project = make.project(owner)
    rule = {
        "field": "staff",
        "op": "lte",
        "value": 100,
        "unit": "人",
        "document": "某办法",
        "clause": "第三条",
    }
    short = as_(owner).get(sheet_with(project, [rule])).content.decode()
    assert "sheet-pt-85" in short
    assert "文件 1" not in short
    long = (
        as_(owner).get(sheet_with(project, [{**rule, "clause": "第三条" * 40}] * 15, "two")).content.decode()
    )
    assert "sheet-pt-6" in long
    assert long.count("文件 1：某办法") == 1
    assert long.count("（文件 1）") == 15


def test_a_sheet_is_of_its_own_project_and_for_who_sees_it(as_, owner, outsider):
    project, other = make.project(owner), make.project(owner)
    _, address = sheet_of(project, "runmiao")
    one, _ = sheet_of(other, "runmiao")
    assert as_(outsider).get(address).status_code == 404
    assert as_(owner).get(reverse("projects:match_sheet", args=[project.pk, one.pk])).status_code == 404


def test_a_fact_of_today_changes_the_sheet_that_is_opened(as_, owner):
    project = make.project(owner)
    _, address = sheet_of(project, "runmiao")
    client = as_(owner)
    assert "<b>30 人</b>" not in client.get(address).content.decode()
    client.post(
        reverse("projects:fact", args=[project.pk, "staff"]),
        {"value": "30", "as_of": "2026-04-20", "source": "officer"},
    )
    assert "<b>30 人</b>" in client.get(address).content.decode()


def test_a_fund_put_back_or_opened_is_told_at_the_next_look_before_a_worker_has_come(as_, owner):
    project = make.project(owner)
    rule = {"field": "applicant_kind", "op": "eq", "value": "company"}
    address = sheet_with(project, [rule])
    fund = Fund.objects.get(code="one")
    assert '<span class="verdict verdict-fit">符合' in as_(owner).get(address).content.decode()
    for status, shown in (("preparing", "reserve"), ("operating", "fit")):
        Fund.objects.filter(pk=fund.pk).update(status=status)
        assert f'<span class="verdict verdict-{shown}">' in as_(owner).get(address).content.decode()


def test_a_policy_opened_is_told_at_the_next_look_and_one_to_come_is_not_judged_at_every_look(
    as_, owner, django_assert_max_num_queries
):
    project, rule = make.project(owner), {"field": "applicant_kind", "op": "eq", "value": "company"}
    policies = [
        Policy.objects.create(code=code, name=code, level="city", status=status)
        for code, status in (("opened", "preparing"), ("to-come", "operating"))
    ]
    for policy, begins in zip(policies, ("2026-01-01", "2099-01-01"), strict=True):
        policy.versions.create(number=1, criteria=rule, valid_from=begins, published_at=make.NOW)

    def verdicts():
        return {one.policy.code: one.verdict for one in fresh_matches(project, at=make.NOW)}

    assert verdicts() == {"opened": "reserve", "to-come": "reserve"}
    Policy.objects.filter(code="opened").update(status="operating")
    assert verdicts() == {"opened": "fit", "to-come": "reserve"}
    with django_assert_max_num_queries(2):
        verdicts()
