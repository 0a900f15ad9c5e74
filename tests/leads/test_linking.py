"""企业关系: entered on one side, read on both; 以商招商 over them, with a list behind every number."""

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import exporting
from crm.models import AuditEvent, Company, CompanyLink, ExportJob, FieldChange
from leads import linking, merging
from leads.models import Claim, Lead
from projects.export_filters import HANDS
from projects.models import Project
from projects.views import chain
from tests import callers, make

OTHER = "杭州供应链科技有限公司"
SAID = {"side": "supplier", "name": OTHER, "source": "采购部介绍", "known_on": "2026-04-20"}


@pytest.fixture
def lead(owner):
    return make.lead(owner, "深圳恒远智能装备有限公司")


def link(record, by, side, name):
    stated = linking.Stated(side, name, "企业介绍", make.NOW.date())
    return linking.link(record, stated, by=by, at=make.NOW)


def test_a_link_is_read_from_both_sides_and_leaves_no_lead_or_claim(as_, owner, outsider, lead):
    assert as_(owner).post(f"/leads/{lead.pk}/links/", SAID).status_code == 302
    assert (Lead.objects.count(), Claim.objects.count(), Company.objects.count()) == (1, 1, 2)
    here = as_(owner).get(f"/leads/{lead.pk}/links/").content.decode()
    assert "供应商" in here
    assert f"{OTHER}</span>" in here
    assert "来源：采购部介绍" in here
    assert "还没有线索" in here
    theirs = make.lead(outsider, OTHER)
    there = as_(outsider).get(f"/leads/{theirs.pk}/links/").content.decode()
    assert '<span class="badge bg-secondary-lt">客户</span>' in there
    assert lead.title in there
    assert "已由半山区块首报" in there
    assert lead.get_absolute_url() not in there
    assert f'href="/leads/{lead.pk}/links/"' in as_(owner).get(lead.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"side": "friend"}, "没有这个选项"),
        ({"name": "深圳恒远智能装备有限公司"}, "这家企业自己"),
        ({"name": "甲"}, "请填写企业全称"),
        ({"source": " "}, "请填写从哪里知道的"),
        ({"known_on": "2099-01-01"}, "日期不能晚于今天"),
        ({"uscc": "123"}, "18"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(as_, owner, lead, more, words):
    answer = as_(owner).post(f"/leads/{lead.pk}/links/", {**SAID, **more})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not CompanyLink.objects.exists()
    assert Company.objects.count() == 1


def test_the_same_is_not_said_twice_and_what_was_wrong_is_taken_back_with_a_reason(as_, owner, lead):
    row, client = link(lead, owner, "customer", OTHER), as_(owner)
    twice = client.post(f"/leads/{lead.pk}/links/", {**SAID, "side": "customer"})
    assert (twice.status_code, "已经登记过" in twice.content.decode()) == (400, True)
    place = f"/leads/{lead.pk}/links/{row.pk}/end/"
    assert client.post(place, {f"end{row.pk}-reason": ""}).status_code == 400
    assert client.post(place, {f"end{row.pk}-reason": "登记有误"}).status_code == 302
    page = client.get(f"/leads/{lead.pk}/links/").content.decode()
    assert "撤销：登记有误" in page
    assert client.post(place, {f"end{row.pk}-reason": "再来"}).status_code == 400
    assert FieldChange.objects.filter(kind="crm.companylink", record_key=str(row.pk)).exists()
    elsewhere = make.lead(owner)
    assert client.post(f"/leads/{elsewhere.pk}/links/{row.pk}/end/", {}).status_code == 404
    assert link(lead, owner, "customer", OTHER).pk != row.pk


def test_links_go_over_with_a_merge_but_for_those_of_the_two_and_come_back(owner, lead):
    gone = make.lead(owner, "深圳恒远装备有限公司")
    both = link(lead, owner, "upstream", gone.title)
    same = [link(record, owner, "supplier", OTHER) for record in (lead, gone)]
    own = link(gone, owner, "introducer", "杭州引荐科技有限公司")
    merging.merge(lead, gone, by=owner, at=make.NOW, reason="同一家")

    def takers():
        rows = CompanyLink.objects.in_bulk([row.pk for row in (both, *same, own)])
        return [rows[row.pk].taker_id for row in (both, *same, own)]

    here, there = lead.company_id, gone.company_id
    assert takers() == [here, here, there, here]
    assert link(make.lead(owner), owner, "supplier", gone.title).giver_id == here
    merging.undo(gone, by=owner, at=make.NOW, reason="不是一家")
    assert takers() == [here, here, there, there]


def test_the_landed_firms_show_whom_they_know_and_what_came_of_whom_they_brought(
    as_, owner, outsider, manager
):
    anchor = make.project(owner, name="杭州链主智能有限公司")
    Project.objects.filter(pk=anchor.pk).update(stage="operating")
    link(anchor, owner, "supplier", OTHER)
    link(anchor, owner, "customer", "杭州已报科技有限公司")
    make.lead(outsider, "杭州已报科技有限公司")
    brought = [make.lead(owner, f"杭州引来{n}号科技有限公司") for n in range(2)]
    brought.append(make.project(owner, name="杭州引来项目科技有限公司").lead)
    Project.objects.filter(lead=brought[2]).update(stage="landed")
    for one in brought:
        link(one, owner, "introducer", "杭州链主智能有限公司")
    page = as_(owner).get("/reports/chain/firms/")
    (firm,) = page.context["firms"]
    assert (firm.company, firm.is_landed) == (anchor.company, True)
    assert [(one.company.name, one.word) for one in firm.known] == [(OTHER, "供应商")]
    assert {str(one.record) for one in firm.brought} == {one.title for one in brought}
    assert (len(firm.projects), len(firm.landed)) == (1, 1)
    text = page.content.decode()
    assert "引荐来的 3 条" in text
    assert "还不是线索的 1 家" in text
    assert all(one.title in text for one in brought)
    assert "杭州已报科技有限公司" not in text
    assert as_(outsider).get("/reports/chain/firms/").context["firms"] == []
    assert len(as_(manager).get("/reports/chain/firms/").context["firms"][0].brought) == 3


def test_the_most_fruitful_firms_come_first_and_the_rest_is_a_number(as_, owner, monkeypatch):
    quiet, rich, idle = (make.project(owner) for _ in range(3))
    Project.objects.filter(pk__in=[quiet.pk, rich.pk, idle.pk]).update(stage="operating")
    link(quiet, owner, "supplier", OTHER)
    link(rich, owner, "supplier", OTHER)
    link(rich, owner, "customer", OTHER)
    link(make.lead(owner), owner, "introducer", rich.company.name)
    monkeypatch.setattr(chain, "FIRMS", 1)
    page = as_(owner).get("/reports/chain/firms/")
    assert [one.company for one in page.context["firms"]] == [rich.company]
    assert page.context["number"] == 2
    assert [len(page.context["firms"][0].known), len(page.context["firms"][0].brought)] == [1, 1]
    assert "共 2 家，只列前 1 家" in page.content.decode()


def test_all_firms_go_out_with_a_line_for_each_link_at_once_or_by_a_worker(as_, owner, outsider, monkeypatch):
    anchor, other = make.project(owner, name="=链主智能有限公司"), make.project(owner)
    Project.objects.filter(pk__in=[anchor.pk, other.pk]).update(stage="operating")
    link(anchor, owner, "supplier", OTHER)
    link(other, owner, "customer", OTHER)
    brought = make.lead(owner, "杭州引来科技有限公司")
    link(brought, owner, "introducer", anchor.company.name)
    monkeypatch.setattr(chain, "FIRMS", 1)
    client, address = as_(owner), "/reports/chain/firms/export/"
    assert f'href="{address}"' in client.get("/reports/chain/firms/").content.decode()
    wanted = [
        ["'=链主智能有限公司", "是", "还不是线索", OTHER, "供应商", "企业介绍", "", ""],
        ["'=链主智能有限公司", "是", "引荐来的线索", str(brought), "", "", "线索", "半山区块"],
        [str(other.company), "是", "还不是线索", OTHER, "客户", "企业介绍", "", ""],
    ]
    assert sheet(BytesIO(b"".join(client.get(address).streaming_content)))[1:] == wanted
    assert AuditEvent.objects.get(action="export").detail == {"list": "firms", "rows": 3, "filters": ""}
    assert client.get(f"{address}?a=1").status_code == 400
    assert len(sheet(BytesIO(b"".join(as_(outsider).get(address).streaming_content)))) == 1
    monkeypatch.setattr(exporting, "SMALL", 2)
    assert "导出以商招商 3 行" in as_(owner).get(address).content.decode()
    as_(owner).post("/exports/new/", {"kind": "firms", "query": ""})
    job = ExportJob.objects.get()
    exporting.make(HANDS, job, at=make.NOW)
    job.refresh_from_db()
    assert sheet(job.file.open())[1:] == wanted


def sheet(file):
    return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


def test_whom_a_landed_firm_knows_fills_a_gap_first(as_, owner):
    anchor = make.project(owner, name="杭州链主智能有限公司")
    Project.objects.filter(pk=anchor.pk).update(stage="operating")
    plain, known = make.lead(owner, amount_wan=9000), make.lead(owner, OTHER, amount_wan=10)
    Lead.objects.filter(pk__in=[plain.pk, known.pk]).update(
        sector_kind="foundation", chain_position="compute", created_at=make.NOW - timedelta(days=1)
    )
    link(anchor, owner, "supplier", OTHER)
    found = as_(owner).get("/reports/chain/?sector=foundation&position=compute").context["candidates"]
    assert [one.lead for one in found] == [known, plain]
    assert "已落地的杭州链主智能有限公司的供应商" in found[0].reasons


def test_the_pages_ask_as_often_for_many_links_as_for_few(as_, owner):
    anchor, client, spent = make.project(owner), as_(owner), []
    Project.objects.filter(pk=anchor.pk).update(stage="operating")
    pages = (f"/projects/{anchor.pk}/links/", "/reports/chain/firms/")
    for number in (2, 12):
        for n in range(number):
            link(anchor, owner, "supplier", f"杭州第{number}批{n}号供应有限公司")
            link(make.lead(owner), owner, "introducer", anchor.company.name)
        for page in pages:
            client.get(page)  # the words of the stages are read once
            with CaptureQueriesContext(connection) as found:
                client.get(page)
            spent.append(len(found))
    assert spent[:2] == spent[2:]
    assert max(spent) <= 9


def test_the_api_reads_adds_and_takes_back_what_the_page_does(owner, outsider, leader, lead):
    person, place = callers.person(owner), f"leads/{lead.pk}/links/"
    for _ in range(2):
        made = person.post(place, SAID, Idempotency_Key="l1")
        assert (made.status_code, made.json()["side_label"], made.json()["company_name"]) == (
            201,
            "供应商",
            OTHER,
        )
    row = CompanyLink.objects.get()
    for more, field in (
        ({"side": "friend"}, "side"), ({"name": lead.title}, "name"), ({"name": OTHER}, "name"),
        ({"source": ""}, "source"), ({"known_on": "2099-01-01"}, "known_on"), ({"uscc": "123"}, "uscc"),
    ):  # fmt: skip
        refused = person.post(place, {**SAID, **more})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), more
    theirs = make.lead(outsider, OTHER)
    (seen,) = callers.person(outsider).get(f"leads/{theirs.pk}/links/").json()["results"]
    assert (seen["side"], seen["company_name"], seen["lead"]) == ("customer", lead.title, None)
    (own,) = callers.person(leader).get(place).json()["results"]
    assert (own["side"], own["lead"], own["ended_at"]) == ("supplier", theirs.pk, None)
    assert callers.person(leader).post(f"{place}{row.pk}/end/", {"reason": "错"}).status_code == 403
    assert person.post(f"{place}{row.pk + 1}/end/", {"reason": "错"}).status_code == 404
    assert person.post(f"{place}{row.pk}/end/", {}).status_code == 400
    row.refresh_from_db()
    assert row.ended_at is None
    ended = person.post(f"{place}{row.pk}/end/", {"reason": "不再合作"})
    assert (ended.status_code, ended.json()["end_reason"]) == (200, "不再合作")
    assert person.post(f"{place}{row.pk}/end/", {"reason": "再来"}).status_code == 400
    row.refresh_from_db()
    assert (row.ended_by, row.end_reason) == (owner, "不再合作")


def test_the_api_of_links_costs_the_same_for_one_and_for_many(owner, lead):
    person, counts = callers.person(owner), []
    for number in (1, 5):
        for place in range(number):
            link(lead, owner, "customer", f"杭州客户{number}{place}号科技有限公司")
        person.get(f"leads/{lead.pk}/links/")
        with CaptureQueriesContext(connection) as found:
            assert len(person.get(f"leads/{lead.pk}/links/").json()["results"]) in (1, 6)
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_token_reads_no_links(lead):
    answer = callers.partner(scopes="leads:read projects:read_all").get(f"leads/{lead.pk}/links/")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope")
