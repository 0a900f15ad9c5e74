"""承诺, 督办, 载体空间, 行程 and 基金推荐 as workbooks: what their page shows, no more, and written down."""

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import exporting
from crm.models import AuditEvent, ExportJob
from leads.models import RoadshowTarget
from projects import supervising
from projects.export_filters import HANDS
from projects.models import Fund
from projects.referring import Move, advance
from tests import make

pytestmark = pytest.mark.django_db
DUE = make.NOW.date() + timedelta(days=200)
PLACES = {
    "promises": "projects:commitments",
    "orders": "projects:orders",
    "spaces": "projects:spaces",
    "trips": "leads:roadshows",
    "referrals": "projects:referrals",
}


@pytest.fixture(autouse=True)
def _today(freeze):
    freeze(make.NOW)


@pytest.fixture
def fund(fund_user):
    return make.own_fund(fund_user)


@pytest.fixture
def lists(owner, manager, fund):
    """One row of each list; the project's name would be a formula in a sheet."""
    project = make.project(owner, name="=杭州星海科技有限公司")
    make.commitment(make.agreement(project, owner), DUE, item="用工 80 人", owner=owner)
    how = {"by": manager, "at": make.NOW, "due_on": DUE}
    supervising.issue(project, demand="请一周内回访", **how)
    make.space("3 层 301")
    trip = make.roadshow(owner)
    make.lead(owner, roadshow=trip)
    RoadshowTarget.objects.create(roadshow=trip, company_name="杭州待访科技有限公司")
    make.referral(project, fund, owner)
    return project


def sheet(answer):
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


def address(kind):
    return reverse("projects:plain_export", args=[kind])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("promises", "用工 80 人"),
        ("orders", "请一周内回访"),
        ("spaces", "3 层 301"),
        ("trips", "2026年4月深圳敲门招商"),
        ("referrals", "钱塘一号基金"),
    ],
)
def test_a_list_goes_out_as_its_page_shows_it(as_, manager, lists, kind, said):
    client = as_(manager)
    page = client.get(reverse(PLACES[kind])).content.decode()
    assert f'href="{address(kind)}' in page
    head, *rows = sheet(client.get(address(kind)))
    assert len(rows) == 1
    assert len(head) == len(rows[0])
    assert said in rows[0]
    assert not any(str(cell).startswith("=") for cell in rows[0])
    detail = AuditEvent.objects.get(action="export").detail
    assert (detail["list"], detail["rows"]) == (kind, 1)


@pytest.mark.parametrize(
    ("kind", "query"),
    [("promises", "side=government"), ("orders", "state=closed"), ("spaces", "state=leased")],
)
def test_the_filters_of_the_page_hold(as_, manager, lists, kind, query):
    client = as_(manager)
    assert len(sheet(client.get(f"{address(kind)}?{query}"))) == 1
    assert client.get(f"{address(kind)}?colour=red").status_code == 400
    assert AuditEvent.objects.get(action="export").detail["filters"]


def test_the_numbers_of_a_trip_are_those_of_its_page(as_, owner, lists):
    head, row = sheet(as_(owner).get(address("trips")))
    told = dict(zip(head, row, strict=True))
    assert [
        told[name] for name in ("目标企业（家）", "还没结果（家）", "记下线索（家）", "转为项目（个）")
    ] == [1, 1, 1, 0]


def test_referrals_go_out_of_one_fund_and_to_the_fund_by_their_number_once_withdrawn(
    as_, owner, fund, fund_user, lists
):
    other = Fund.objects.create(code="other", name="别家基金", kind="venture", status="operating")
    make.referral(lists, other, owner)
    found = sheet(as_(owner).get(address("referrals"), {"fund": fund.pk}))
    assert [row[2] for row in found[1:]] == ["钱塘一号基金"]
    assert as_(owner).get(address("referrals"), {"fund": "x"}).status_code == 400
    own = lists.referrals.get(fund=fund)
    advance(own, Move("withdrawn", make.NOW.date(), reason="企业收回同意"), by=owner, at=make.NOW)
    for person, name in ((owner, str(lists).replace("=", "'=")), (fund_user, own.number_label)):
        rows = {row[0]: row for row in sheet(as_(person).get(address("referrals")))[1:]}
        assert rows[own.number_label][1] == name
        assert (len(rows) == 1) is (person == fund_user)


def test_another_unit_takes_nothing_along_and_a_fund_no_spaces(as_, outsider, fund_user, lists):
    for kind in ("promises", "orders", "trips", "referrals"):
        assert len(sheet(as_(outsider).get(address(kind)))) == 1
    assert as_(fund_user).get(address("spaces")).status_code == 403
    assert as_(outsider).get(address("leads")).status_code == 404


@pytest.mark.parametrize("kind", PLACES)
def test_above_the_limit_it_is_asked_for_and_made_by_a_worker(as_, owner, lists, monkeypatch, kind):
    monkeypatch.setattr(exporting, "SMALL", 0)
    client = as_(owner)
    asking = client.get(address(kind))
    assert f"导出{ExportJob.Kind(kind).label} 1 行" in asking.content.decode()
    client.post(reverse("projects:export_new"), {"kind": kind, "query": asking.context["query"]})
    job = ExportJob.objects.get()
    exporting.make(HANDS, job, at=make.NOW)
    job.refresh_from_db()
    made = CalamineWorkbook.from_filelike(job.file.open()).get_sheet_by_index(0).to_python()
    assert (job.state, job.rows, len(made)) == ("ready", 1, 2)


def test_a_sheet_costs_as_much_for_many_rows_as_for_few(as_, manager, owner, lists):
    client = as_(manager)
    client.get(address("promises"))
    with CaptureQueriesContext(connection) as few:
        client.get(address("promises"))
    agreement = lists.agreements.get()
    for number in range(5):
        make.commitment(agreement, DUE, item=f"承诺{number}")
    with CaptureQueriesContext(connection) as many:
        client.get(address("promises"))
    assert len(many) == len(few)
