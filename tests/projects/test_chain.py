"""补链: what stands in which link of the chain, a list behind every number, and who would fill a gap."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import exporting
from crm.models import AuditEvent, ExportJob, FusionSector, Setting
from leads.models import Lead
from projects import chain
from projects.export_filters import HANDS
from projects.models import Project
from tests import callers, make

pytestmark = pytest.mark.django_db
MADE, HEALTH = "smart_manufacturing", "life_health"


def place(record, sector, position, **fields):
    """Put a record into a cell, past its doors."""
    kind = "fusion" if sector in (MADE, HEALTH) else sector
    found = FusionSector.objects.filter(code=sector).first()
    type(record).objects.filter(pk=record.pk).update(
        sector_kind=kind, sector=found, chain_position=position, **fields
    )
    return record


def cells(user):
    entries = callers.person(user).get("chain/").json()["results"]
    return {(one["sector"], one["position"]): one for one in entries}


def numbers(one):
    return one["landed"], one["firms"], one["projects"], one["leads"]


@pytest.fixture
def landed(owner):
    """Two firms with three landed projects."""
    rows = [place(make.project(owner), MADE, "application", stage="landed") for _ in range(3)]
    Project.objects.filter(pk=rows[2].pk).update(company=rows[1].company, stage="aftercare")
    return rows


def test_every_number_is_the_length_of_the_list_it_opens(as_, owner, outsider, landed):
    place(make.project(owner), MADE, "application", stage="signed")
    place(make.project(owner), MADE, "application", stage="lost")
    place(make.lead(owner), MADE, "application")
    place(make.lead(owner), "", "")
    place(make.lead(owner), "foundation", "compute", stage="reserve")
    place(make.lead(outsider), MADE, "application")
    found = cells(owner)
    assert numbers(found[MADE, "application"]) == (3, 2, 1, 1)
    assert numbers(found["undecided", "undecided"]) == (0, 0, 0, 1)
    assert numbers(found["foundation", "compute"]) == (0, 0, 0, 0)
    client = as_(owner)
    page = client.get("/reports/chain/")
    links = [
        (value, url) for _, row in page.context["rows"] for one in row for _, value, url in one["numbers"]
    ]
    assert len(links) == 3 * 8 * 5
    for value, url in links:
        if value:
            assert f'href="{url.replace("&", "&amp;")}"' in page.content.decode()
            listed = client.get(url)
            assert listed.context["total"].count == value, urlsplit(url).query
    assert "（2 家）" in page.content.decode()
    outside = cells(outsider)
    assert numbers(outside[MADE, "application"]) == (0, 0, 0, 1)


def test_thin_is_what_has_fewer_firms_than_the_setting_and_wanted_what_belongs_there(as_, owner, landed):
    found = cells(owner)
    assert not found[MADE, "application"]["is_weak"]
    thin = {key for key, one in found.items() if one["is_weak"]}
    assert len(thin) == 7 * 4 - 1
    wanted = {key for key, one in found.items() if one["is_weak"] and one["is_wanted"]}
    assert {position for sector, position in wanted if sector == "foundation"} == {
        "compute", "algorithm", "data",
    }  # fmt: skip
    assert {position for sector, position in wanted if sector != "foundation"} == {"application"}
    assert len(wanted) == 3 + 5
    page = as_(owner).get("/reports/chain/").content.decode()
    assert (page.count(">应补<span"), page.count(">薄弱<span")) == (8, 27 - 8)
    Setting.objects.create(key="chain_firms_min", value=3)
    assert cells(owner)[MADE, "application"]["is_weak"]


@pytest.mark.parametrize("name", ["chain", "chain_firms", "delivery"])
def test_who_has_nothing_yet_is_offered_a_first_step(as_, owner, name):
    page = as_(owner).get(reverse(name)).content.decode()
    empty = page[page.index('class="empty"') :]
    assert 'class="btn btn-primary"' in empty[: empty.index("</section>")]


def test_who_has_something_is_told_of_no_first_step(as_, owner):
    make.lead(owner)
    assert 'class="empty"' not in as_(owner).get(reverse("chain")).content.decode()


def test_who_would_fill_a_gap_is_ranked_with_the_reason(as_, owner, outsider):
    half = place(make.lead(owner, "杭州半知科技有限公司"), HEALTH, "")
    data = place(make.lead(owner, "杭州数源科技有限公司"), "", "data")
    small = place(make.lead(owner, "杭州小样科技有限公司"), HEALTH, "data", amount_wan=100)
    large = place(make.lead(owner, "杭州大样科技有限公司"), HEALTH, "data", amount_wan=9000)
    judged = place(make.lead(owner, "杭州研判科技有限公司"), HEALTH, "data", stage="screening")
    kept = place(make.lead(owner, "杭州储备科技有限公司"), HEALTH, "data", stage="reserve")
    for other in (make.lead(outsider), make.lead(owner), make.lead(owner)):
        place(other, HEALTH, "data")
    Lead.objects.filter(unit=owner.unit).exclude(title__startswith="杭州").update(stage="dropped")
    page = as_(owner).get(f"/reports/chain/?sector={HEALTH}&position=data")
    found = page.context["candidates"]
    assert [one.lead for one in found] == [judged, large, small, half, data, kept]
    assert found[1].reasons == ["赛道、链条位置都对得上", "投资额 9,000 万元"]
    assert [one.reasons[0] for one in found[3:]] == [chain.RANKS[rank] for rank in (2, 3, 4)]
    assert "生命健康 · 数据" in page.content.decode()


def sheet(file):
    return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


@pytest.fixture
def three(owner, outsider):
    """Three leads that would fill one gap, and one of another unit."""
    small = place(make.lead(owner, "=杭州小样科技有限公司"), HEALTH, "data", amount_wan=100)
    large = place(make.lead(owner, "杭州大样科技有限公司"), HEALTH, "data", amount_wan=9000)
    half = place(make.lead(owner, "杭州半知科技有限公司"), HEALTH, "")
    place(make.lead(outsider), HEALTH, "data")
    return [large, small, half]


def test_all_who_would_fill_a_gap_go_out_in_their_order_with_the_reasons(as_, owner, three, monkeypatch):
    monkeypatch.setattr(chain, "LISTED", 1)
    client = as_(owner)
    page = client.get(f"/reports/chain/?sector={HEALTH}&position=data")
    assert page.context["export"].replace("&", "&amp;") in page.content.decode()
    answer = client.get(page.context["export"])
    _, *rows = sheet(BytesIO(b"".join(answer.streaming_content)))
    assert [row[0].lstrip("'") for row in rows] == [lead.title for lead in three]
    assert rows[1][0].startswith("'=")
    assert [row[-1] for row in rows][0::2] == ["赛道、链条位置都对得上；投资额 9,000 万元", chain.RANKS[2]]
    detail = AuditEvent.objects.get(action="export").detail
    assert detail == {"list": "chain", "rows": 3, "filters": "生命健康 · 数据"}


def test_above_the_limit_they_are_asked_for_and_made_by_a_worker(as_, owner, three, monkeypatch):
    monkeypatch.setattr(exporting, "SMALL", 2)
    client = as_(owner)
    asking = client.get(f"/reports/chain/export/?sector={HEALTH}&position=data")
    assert "导出补链 3 行" in asking.content.decode()
    client.post(reverse("projects:export_new"), {"kind": "chain", "query": asking.context["query"]})
    job = ExportJob.objects.get()
    exporting.make(HANDS, job, at=make.NOW)
    job.refresh_from_db()
    assert (job.state, len(sheet(job.file.open()))) == ("ready", 4)


@pytest.mark.parametrize("query", ["", f"sector={HEALTH}", "sector=x&position=data", "sector=undecided&a=1"])
def test_without_a_gap_nothing_goes_out(as_, owner, query):
    client = as_(owner)
    asked = {"kind": "chain", "query": query}
    assert client.get(f"/reports/chain/export/?{query}").status_code == 400
    assert client.post(reverse("projects:export_new"), asked).status_code == 400
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("query", ["sector=life_health", "sector=x&position=data", "position=outside", "a=1"])
def test_a_senseless_address_is_refused_in_words(as_, owner, query):
    answer = as_(owner).get(f"/reports/chain/?{query}")
    assert (answer.status_code, "补链没有显示" in answer.content.decode()) == (400, True)


def test_the_page_asks_as_often_for_many_records_as_for_few(as_, owner, landed):
    client, spent = as_(owner), []
    for more in (1, 12):
        for n in range(more):
            place(make.lead(owner), HEALTH, "data", created_at=make.NOW - timedelta(days=n))
        with CaptureQueriesContext(connection) as found:
            client.get(f"/reports/chain/?sector={HEALTH}&position=data")
        spent.append(len(found))
    assert spent[0] == spent[1] <= 8
