"""反向匹配 through its door: projects and leads judged live, as far as one sees, with why and what if."""

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import rules
from crm.models import AuditEvent, ExportJob, Fact, FusionSector, FutureTrack, Setting
from leads.models import Lead
from projects import export_filters, exports, reversing, survey
from projects.known import facts, knowable_leads
from projects.matching import offers
from projects.models import Fund, Policy
from projects.seeding import load_funds
from tests import make

DAY = make.NOW.date()
CRITERIA = {
    "all": [
        {
            "field": "staff", "op": "lte", "value": 100, "unit": "人", "clause": "第二条",
            "document": "一号基金管理办法", "document_date": "2026-01-05",
        },
        {"field": "valuation", "op": "lte", "value": 1, "unit": "亿元"},
        {"kind": "soft", "field": "trl", "op": "gte", "value": 5, "unit": "级", "weight": 60},
        {"kind": "soft", "field": "has_university_team", "op": "eq", "value": True, "weight": 40},
    ]
}  # fmt: skip


def know(record, **values):
    for key, value in values.items():
        Fact.objects.create(
            company=record.company, key=key, value=value, source="officer", as_of=DAY, created_at=make.NOW
        )
    return record


@pytest.fixture
def fund(db, freeze):
    freeze(make.NOW)
    one = Fund.objects.create(code="own", name="钱塘一号基金", kind="venture", status="operating")
    one.versions.create(number=1, criteria=CRITERIA, valid_from=DAY, published_by=None, published_at=make.NOW)
    return one


@pytest.fixture
def cast(fund, owner, outsider):
    """Of the own unit a project and a lead that fit, one of each other verdict; of another unit one."""
    return {
        "fit": know(make.project(owner, name="甲芯科技"), staff=80, valuation=9000, trl=6),
        "lead": know(
            make.lead(owner, "=乙云科技"), staff=90, valuation=8000, trl=6, has_university_team=True
        ),
        "open": know(make.lead(owner, "丙图科技"), staff=50),
        "near": know(make.lead(owner, "丁力科技"), staff=105, valuation=9000),
        "far": know(make.project(owner, name="戊光科技"), staff=900, valuation=9000),
        "other": know(make.project(outsider, name="己方科技"), staff=20, valuation=100),
    }


def page(client, fund, **query):
    return client.get(f"/funds/{fund.pk}/candidates/", query)


def names(answer):
    return [str(one.record) for one in answer.context["rows"]]


def why(answer):
    return {str(one.record): one.why for one in answer.context["rows"]}


def test_what_is_seen_is_listed_by_verdict_best_first_with_reasons(as_, owner, manager, fund, cast):
    client = as_(owner)
    shown = page(client, fund)
    assert names(shown) == ["=乙云科技", "甲芯科技"]
    assert [(label, number) for _, label, number, _ in shown.context["verdicts"]] == [
        ("符合", 2), ("待补充", 1), ("不符合", 2),
    ]  # fmt: skip
    assert why(page(client, fund, verdict="incomplete")) == {"丙图科技": ["还缺：估值"]}
    assert why(page(client, fund, verdict="unfit")) == {
        "戊光科技": ["员工人数 900 人，要求不超过 100 人"],
        "丁力科技": ["员工人数 105 人，要求不超过 100 人", "差一点：员工人数 105 人，上限 100 人"],
    }
    assert "己方科技" in names(page(as_(manager), fund))


def test_it_is_filtered_and_a_senseless_filter_is_refused(as_, manager, fund, cast):
    client = as_(manager)
    assert names(page(client, fund, kind="lead")) == ["=乙云科技"]
    assert names(page(client, fund, unit="wanggu")) == ["己方科技"]
    assert names(page(client, fund, sector="undecided")) == ["=乙云科技"]
    assert names(page(client, fund, city="none", q="甲芯")) == ["甲芯科技"]
    assert names(page(client, fund, city="440300")) == []
    for query in ({"verdict": "maybe"}, {"light": "red"}, {"page": "xx"}, {"kind": "fund"}):
        assert page(client, fund, **query).status_code == 400, query


def test_leads_that_became_projects_or_were_dropped_stand_once_or_not_at_all(as_, owner, fund, cast):
    make.screened(owner, name="庚水科技", verdict="accepted").move_to("accepted", by=owner, at=make.NOW)
    Lead.objects.filter(pk=cast["open"].pk).update(stage="dropped")
    found = page(as_(owner), fund, verdict="incomplete")
    assert names(found) == ["庚水科技"]
    assert sum(number for *_, number, _ in found.context["verdicts"]) == 5


def test_each_opens_its_explanation_down_to_clause_and_document(as_, owner, outsider, fund, cast):
    client, place = as_(owner), f"/funds/{fund.pk}/candidates"
    shown = client.get(f"{place}/lead/{cast['near'].pk}/").content.decode()
    for words in ("不符合", "105 人", "第二条", "一号基金管理办法", "2026-01-05", "招商员填报"):
        assert words in shown
    assert client.get(f"{place}/project/{cast['other'].pk}/").status_code == 404
    assert client.get(f"{place}/company/1/").status_code == 404
    assert client.get(f"{place}/lead/{cast['fit'].lead_id}/").status_code == 404  # it is a project now
    assert as_(outsider).get(f"{place}/lead/{cast['near'].pk}/").status_code == 404


def test_the_funds_own_account_is_told_of_none_by_name_or_number(as_, fund_user, fund, cast):
    fund.managers.add(fund_user)
    client = as_(fund_user)
    place = f"/funds/{fund.pk}/candidates"
    assert "反向匹配" not in client.get(fund.get_absolute_url()).content.decode()
    refused = page(client, fund)
    assert (refused.status_code, "推荐给您的基金以后" in refused.content.decode()) == (403, True)
    assert page(client, fund, rule="1", bound="900").status_code == 403
    assert client.get(f"{place}/export/").status_code == 403
    assert client.get(f"{place}/project/{cast['fit'].pk}/").status_code == 403
    fund.managers.clear()
    assert page(client, fund).status_code == 404


def test_one_bound_is_loosened_to_see_who_would_fit_and_nothing_is_kept(as_, owner, fund, cast):
    client, before = as_(owner), list(fund.versions.values())
    outcome = page(client, fund, rule="1", bound="105").context["tried"]["outcome"]
    assert (outcome.before, outcome.after) == (2, 3)
    assert [str(one.record) for one in outcome.gained] == ["丁力科技"]
    assert page(client, fund, rule="1", bound="1000", kind="project").context["tried"]["outcome"].added == 1
    money = page(client, fund, rule="2", bound="1.2亿").context["tried"]["outcome"]
    assert (money.bound, money.added) == ("1.2 亿元", 0)
    for rule, bound, words in (
        ("1", "100", "请填大于 100 人的数"), ("1", "许多", "请填数字"), ("3", "1", "从列表里选"),
        ("1", "", "放宽到多少"), ("1", "99999999", "之间"),
    ):  # fmt: skip
        refused = page(client, fund, rule=rule, bound=bound)
        assert refused.status_code == 400
        assert words in refused.content.decode(), (rule, bound)
        assert names(refused) == ["=乙云科技", "甲芯科技"]
    assert list(fund.versions.values()) == before


@pytest.mark.parametrize(
    ("bound", "told", "gained"),
    [
        ("110", "介于 40 人 与 110 人 之间", ["丁力科技"]),
        ("30", "介于 30 人 与 100 人 之间", ["乙云科技"]),
        ("60", "请填小于 40 人 或大于 100 人的数", None),
        ("100", "请填小于 40 人 或大于 100 人的数", None),
    ],
)
def test_of_a_range_the_end_is_moved_that_keeps_them_out(as_, owner, bound, told, gained):
    for name, staff in (("甲芯科技", 40), ("乙云科技", 30), ("丁力科技", 105), ("戊光科技", 900)):
        know(make.project(owner, name=name), staff=staff)
    range_ = {"field": "staff", "op": "between", "value": [40, 100], "unit": "人"}
    one = Fund.objects.create(code="range", name="区间基金", status="operating")
    one.versions.create(number=1, criteria={"all": [range_]}, valid_from="2026-01-01", published_at=make.NOW)
    answer = page(as_(owner), one, rule="1", bound=bound)
    assert told in answer.content.decode()
    if gained is None:
        assert answer.status_code == 400
        return
    outcome = answer.context["tried"]["outcome"]
    assert (outcome.before, [str(one.record) for one in outcome.gained]) == (1, gained)


def test_the_workbook_has_the_filtered_rows_with_reasons_and_no_formulas(
    as_, owner, manager, fund, cast, monkeypatch
):
    client = as_(owner)
    answer = client.get(f"/funds/{fund.pk}/candidates/export/", {"kind": "lead"})
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()
    found = {row[1]: (row[0], row[7], row[10]) for row in rows[1:]}
    assert found["丙图科技"] == ("线索", "待补充", "还缺：估值")
    assert found["丁力科技"][2].endswith("差一点：员工人数 105 人，上限 100 人")
    assert len(found) == 3
    assert not any(name.startswith("=") for name in found)
    event = AuditEvent.objects.get(action="export")
    assert event.detail == {
        "list": "reverse", "name": "钱塘一号基金", "rows": 3, "filters": "类别 线索",
    }  # fmt: skip
    Setting.objects.create(key="export_rows_max", value=2)
    refused = client.get(f"/funds/{fund.pk}/candidates/export/", {"kind": "lead"})
    assert refused.status_code == 400
    monkeypatch.setattr(exports, "EXPLAINED_MOST", 2)
    assert as_(manager).get(f"/funds/{fund.pk}/candidates/export/").status_code == 400
    assert AuditEvent.objects.filter(action="export").count() == 1


def test_a_long_list_is_asked_for_and_made_when_the_bureau_has_approved(
    as_, owner, manager, fund_user, fund, cast
):
    Setting.objects.create(key="export_rows_max", value=2)
    client, address = as_(owner), f"/funds/{fund.pk}/candidates/export/"
    asked = client.get(address, {"kind": "lead"})
    assert "申请审批" in asked.content.decode()
    given = {"kind": "reverse", "query": asked.context["query"], "reason": "送基金方参考"}
    job = client.post("/exports/new/", given).url
    as_(manager).post(f"{job}decide/", {"decision": "approve"})
    export_filters.resume_all(timezone.now())
    answer = as_(owner).get(f"{job}file/")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {"线索"}
    assert len(rows) == 4
    assert as_(fund_user).post("/exports/new/", given).status_code == 400
    elsewhere = {**given, "query": "whose=fund&pk=999999"}
    assert as_(owner).post("/exports/new/", elsewhere).status_code == 400
    assert ExportJob.objects.count() == 1


def test_the_workbook_of_a_fund_being_set_up_names_reserves(as_, owner, manager, fund, cast):
    """What leaves the house must not say 符合 of a fund that cannot invest, made at once or by a worker."""
    Fund.objects.update(status="preparing")
    client, address = as_(owner), f"/funds/{fund.pk}/candidates/export/"
    at_once = client.get(address)
    Setting.objects.create(key="export_rows_max", value=2)
    given = {"kind": "reverse", "query": f"whose=fund&pk={fund.pk}", "reason": "送基金方参考"}
    job = client.post("/exports/new/", given).url
    as_(manager).post(f"{job}decide/", {"decision": "approve"})
    export_filters.resume_all(timezone.now())
    for answer in (at_once, as_(owner).get(f"{job}file/")):
        book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
        rows = {row[1]: (row[7], row[10]) for row in book.get_sheet_by_index(0).to_python()[1:]}
        verdict, why = rows["甲芯科技"]
        assert verdict == "储备（按条件：符合）"
        assert why.startswith("基金筹建中，尚不能出资，只列入储备")
        assert {verdict[:2] for verdict, _ in rows.values()} == {"储备"}


def test_who_sees_no_records_is_told_so_instead_of_shown_filters(as_, reviewer, fund, cast):
    shown = page(as_(reviewer), fund).content.decode()
    assert "的账号不看项目和线索" in shown
    assert "科技" not in shown
    assert "反向匹配" not in as_(reviewer).get(f"/funds/{fund.pk}/").content.decode()


def test_a_fund_being_set_up_says_so_and_a_closed_one_has_no_list(as_, owner, fund, cast):
    Fund.objects.update(status="preparing")
    shown = page(as_(owner), fund)
    assert "基金筹建中" in shown.content.decode()
    assert names(shown) == ["=乙云科技", "甲芯科技"]
    Fund.objects.update(status="closed")
    assert page(as_(owner), fund).status_code == 400


def test_a_policy_has_the_same_list_and_says_when_it_is_over(as_, owner, cast):
    one = Policy.objects.create(code="p", name="钱塘新办法", level="district", status="operating")
    version = one.versions.create(number=1, criteria=CRITERIA, valid_from=DAY, published_at=make.NOW)
    client, address = as_(owner), f"/policies/{one.pk}/candidates/"
    assert address in client.get(one.get_absolute_url()).content.decode()
    assert names(client.get(address)) == ["=乙云科技", "甲芯科技"]
    version.valid_from = version.valid_to = DAY - timedelta(days=1)
    version.save()
    assert "政策已于 2026-04-19 到期" in client.get(address).content.decode()
    Policy.objects.update(status="closed")
    assert client.get(address).status_code == 400


def test_the_list_pages_by_place_and_costs_the_same_however_long(as_, owner, fund, monkeypatch):
    monkeypatch.setattr(reversing.page_of, "__defaults__", ("", 2))
    client = as_(owner)
    for number in range(2):
        know(make.lead(owner), staff=number + 1, valuation=1)
        know(make.project(owner), staff=number + 1, valuation=1)
    few = queries(client, fund)
    for number in range(3):
        know(make.lead(owner), staff=number + 1, valuation=1, trl=6 if number else 4)
    assert queries(client, fund) == few <= 21
    whole = list(walked(client, fund))
    assert len(whole) == 4
    flat = [one for part in whole for one in part]
    assert len(set(flat)) == 7
    last = page(client, fund, page=last_token(client, fund)).context["page"]
    assert names(page(client, fund, verdict="fit", page=last.previous)) == whole[2]


def walked(client, fund):
    token, more = "", True
    while more:
        answer = page(client, fund, page=token) if token else page(client, fund)
        yield names(answer)
        token = answer.context["page"].next
        more = bool(token)


def last_token(client, fund):
    token = page(client, fund).context["page"].next
    while following := page(client, fund, page=token).context["page"].next:
        token = following
    return token


def queries(client, fund):
    page(client, fund)
    with CaptureQueriesContext(connection) as found:
        assert page(client, fund).status_code == 200
    return len(found)


def test_the_columns_of_leads_hold_what_is_known_of_each_alone(db, owner):
    load_funds(at=make.NOW)
    bare, full, told, alone = (make.lead(owner) for _ in range(4))
    Lead.objects.filter(pk=full.pk).update(
        amount_wan="3000.5", area_sqm=800, chain_position="data", sector_kind="fusion",
        sector=FusionSector.objects.first(),
    )  # fmt: skip
    full.tracks.set(FutureTrack.objects.all()[:2])
    full.company.qualifications.create(kind="国高企", issued_on=DAY, expires_on=DAY + timedelta(days=9))
    know(told, total_investment="12000", staff=3, established_on="2024-02-29")
    first = Fact.objects.get(company=told.company, key="staff")
    Fact.objects.create(
        company=told.company, key="staff", value=9, source="api", as_of=DAY, created_at=make.NOW
    )
    Fact.objects.filter(pk=first.pk).update(
        chosen_by=owner, chosen_at=make.NOW, chosen_reason="核实", chosen_over=first.pk + 1
    )
    Lead.objects.filter(pk=alone.pk).update(company=None)
    rows = knowable_leads(Lead.objects.order_by("pk"))
    fields = {key: field for key, field in rules.FIELDS.items() if not field.derived}
    with transaction.atomic():
        chosen = survey.take_chosen(Lead.objects.all())
        numbers, table = list(chosen.numbers), chosen.table(set(fields), DAY)
        for place, lead in enumerate(rows):
            known = rules.Situation(facts(lead, DAY), DAY)
            for field in rules.FIELDS.values():
                column = table.column(field)
                at = column.places[place]
                value = column.values[at] if at < len(column.values) else None
                assert value == known.known(field).value, (place, field.key)
            for offer in offers(DAY):
                told_alone = rules.evaluate(offer.plan, known)
                assert table.verdicts(offer.plan).outcome(place).code == told_alone.code
    assert numbers == [lead.pk for lead in rows] == list(survey.numbers_of(Lead.objects.all()))
