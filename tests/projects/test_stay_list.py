"""停留名单: back to the funnel as it was asked for, and out as a workbook."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from python_calamine import CalamineWorkbook

from django.http import QueryDict
from django.urls import reverse

from crm import exporting
from crm.models import AuditEvent, ExportJob
from projects.export_filters import HANDS
from tests import make

pytestmark = pytest.mark.django_db
ASKED = {"start": "2026-01-01", "end": "2026-12-31", "group": "city", "measure": "days"}
SCREENING = reverse("stays", args=["screening"])


@pytest.fixture
def left(owner):
    """Two who left 线索 for 研判, after 9 days and after 2."""
    for days, name in ((2, "杭州短留科技有限公司"), (9, "=杭州久留科技有限公司")):
        lead = make.lead(owner, name=name, at=make.NOW)
        lead.move_to("screening", by=owner, at=make.NOW + timedelta(days=days), reason="先研判")


def _books(answer):
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))


def _links(table):
    return [cell.url for row in table.rows for cell in row if "/reports/stays/" in cell.url]


def test_back_to_the_funnel_keeps_its_period_group_and_measure(as_, manager, owner, left):
    make.project(owner)
    client = as_(manager)
    funnel = client.get(reverse("reports"), ASKED).context
    links = [*_links(funnel["stages"]), *_links(funnel["groups"])]
    assert {urlsplit(link).path for link in links} > {reverse("stays", args=["lead"]), SCREENING}
    for link in links:
        back = urlsplit(client.get(link).context["back"])
        assert back.path == reverse("reports")
        assert {name: value for name, (value,) in parse_qs(back.query).items()} == ASKED


def test_without_a_period_the_way_back_is_bare(as_, manager, left):
    page = as_(manager).get(reverse("stays", args=["lead"]))
    assert page.context["back"] == reverse("reports")
    assert f'href="{reverse("reports")}"' in page.content.decode()


def test_the_next_page_still_knows_the_way_back(as_, manager, owner, monkeypatch):
    monkeypatch.setattr("crm.paging.PAGE_SIZE", 1)
    for days in (1, 2, 3):
        lead = make.lead(owner, name=f"杭州第{days}家科技有限公司", at=make.NOW)
        lead.move_to("screening", by=owner, at=make.NOW + timedelta(days=days), reason="先研判")
    client = as_(manager)
    page = client.get(reverse("stays", args=["lead"]), {"group": "unit"})
    assert page.context["address"] == "group=unit"
    following = client.get(f"{reverse('stays', args=['lead'])}?group=unit&page={page.context['page'].next}")
    assert following.context["back"] == f"{reverse('reports')}?group=unit"


def test_a_group_there_is_none_of_is_refused(as_, manager, left):
    answer = as_(manager).get(reverse("stays", args=["lead"]), {"group": "colour"})
    assert answer.status_code == 400
    assert "名单没有显示" in answer.content.decode()


def test_the_workbook_is_the_list_the_longest_first_and_audited(as_, owner, left):
    client = as_(owner)
    page = client.get(reverse("stays", args=["lead"]), {"q": "杭州"})
    answer = client.get(page.context["export"])
    assert answer.status_code == 200
    rows = _books(answer).get_sheet_by_name("停留-线索").to_python()
    assert [(row[0], row[3], row[7]) for row in rows[1:]] == [
        ("'=杭州久留科技有限公司", 9.0, "研判"),
        ("杭州短留科技有限公司", 2.0, "研判"),
    ]
    detail = AuditEvent.objects.get(action="export").detail
    assert detail["rows"] == 2
    assert detail["filters"] == "「线索」的停留，搜索 杭州"


def test_nobody_takes_along_what_another_unit_did(as_, outsider, left):
    rows = _books(as_(outsider).get(reverse("stays_export", args=["lead"]))).get_sheet_by_index(0).to_python()
    assert len(rows) == 1


def test_above_the_limit_it_is_asked_for_and_made_of_the_same_rows(as_, owner, left, monkeypatch):
    monkeypatch.setattr(exporting, "SMALL", 1)
    client = as_(owner)
    asking = client.get(reverse("stays_export", args=["lead"]), {"q": "杭州"})
    assert "导出停留名单 2 行" in asking.content.decode()
    query = asking.context["query"]
    client.post(reverse("projects:export_new"), {"kind": "stays", "query": query, "words": "停留"})
    job = ExportJob.objects.get()
    assert (job.kind, job.rows) == ("stays", 2)
    exporting.make(HANDS, job, at=make.NOW)
    job.refresh_from_db()
    assert job.state == "ready"
    assert len(CalamineWorkbook.from_filelike(job.file.open()).get_sheet_by_index(0).to_python()) == 3


def test_a_job_for_no_stage_is_refused(as_, owner, left):
    answer = as_(owner).post(reverse("projects:export_new"), {"kind": "stays", "query": "of=colour"})
    assert answer.status_code == 400
    assert not ExportJob.objects.exists()
    with pytest.raises(exporting.ExportRefused):
        HANDS["stays"].rows(owner, QueryDict("of=lost"), None, make.NOW)
