"""反向匹配 of a space through its door: projects by their need, leads by what little they say."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent
from crm.sheets.watermark import watermark
from leads.models import Lead
from projects import candidates
from projects.models import Project
from projects.space_fit import described, projects_for
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(freeze):
    freeze(make.NOW)


@pytest.fixture
def space(db):
    return make.space(tracks=["ai"])


@pytest.fixture
def cast(owner, outsider):
    """Of the own unit a project of each verdict, one without a need, and leads that say an area or none."""
    named = {
        "fit": {},
        "dear": {"rent_most": Decimal("1.8")},
        "open": {"power_kva": None},
        "near": {"power_kva": 420},
        "late": {"needed_by": date(2025, 12, 1)},
    }
    found = {
        name: make.space_need(make.project(owner, name=f"{name}科技"), owner, **need)
        for name, need in named.items()
    }
    found["silent"] = make.project(owner, name="silent科技", area_sqm=500)
    found["other"] = make.space_need(make.project(outsider, name="other科技"), outsider)
    found["lead"] = make.lead(owner, "lead科技", area_sqm=900)
    found["large"] = make.lead(owner, "=large科技", area_sqm=5000)
    found["mute"] = make.lead(owner, "mute科技")
    return found


def place(space):
    return f"/spaces/{space.pk}/candidates/"


def page(client, space, **query):
    return client.get(place(space), query)


def why(answer):
    return {str(one.record): one.why for one in answer.context["rows"]}


def test_projects_and_leads_are_listed_by_verdict_with_the_reasons_of_the_spaces_page(
    as_, owner, space, cast
):
    client = as_(owner)
    assert place(space) in client.get(f"/spaces/{space.pk}/").content.decode()
    shown = page(client, space)
    assert [str(one.record) for one in shown.context["rows"]] == ["fit科技", "dear科技"]
    assert [(label, number) for _, label, number, _ in shown.context["verdicts"]] == [
        ("符合", 2), ("待补充", 2), ("不符合", 3),
    ]  # fmt: skip
    assert why(page(client, space, verdict="unfit")) == {
        "=large科技": ["面积 1,000 ㎡，需要 5,000 ㎡"],
        "late科技": ["可用日期 2026-01-01，需用日期 2025-12-01"],
        "near科技": ["差一点：供电 400 kVA，需要 420 kVA"],
    }
    told = why(page(client, space, verdict="incomplete"))
    assert told["open科技"] == ["信息不足：用电需求"]
    assert told["lead科技"][0].startswith("信息不足：用房面积上限、用房用途")
    assert "silent科技" not in str(told)
    assert "线索没有用房需求" in shown.content.decode()


def test_it_counts_the_projects_as_the_page_of_the_space_does(as_, manager, space, cast):
    found = described(type(space).objects).get(pk=space.pk)
    fits = projects_for(found, Project.objects.open(), make.NOW)
    shown = page(as_(manager), space, kind="project")
    counted = [(code, number) for code, _, number, _ in shown.context["verdicts"]]
    assert counted == [(code, number) for code, _, number in fits.totals]
    assert fits.number == 6


def test_each_opens_down_to_the_register_and_nobody_elses_does(as_, owner, outsider, space, cast):
    client, here = as_(owner), place(space)
    shown = client.get(f"{here}project/{cast['near'].pk}/").content.decode()
    for words in (
        "供电 400 kVA，需要 420 kVA",
        "载体台账",
        str(space),
        f"/projects/{cast['near'].pk}/spaces/",
    ):
        assert words in shown, words
    lead = client.get(f"{here}lead/{cast['lead'].pk}/").content.decode()
    assert "线索档案" in lead
    assert f"/leads/{cast['lead'].pk}/edit/" in lead
    for kind, name in (("project", "other"), ("project", "silent"), ("lead", "mute")):
        assert client.get(f"{here}{kind}/{cast[name].pk}/").status_code == 404, name
    assert as_(outsider).get(f"{here}project/{cast['near'].pk}/").status_code == 404


@pytest.mark.parametrize(
    ("rule", "bound", "gained"),
    [
        ("用电需求", "420", ["near科技"]),
        ("需用日期", "2025-11-30", ["late科技"]),
        ("用房需求", "5000", []),  # a lead says no more than its area: it stays 待补充
    ],
)
def test_a_figure_of_the_register_is_loosened_to_see_who_would_fit(
    as_, owner, space, cast, rule, bound, gained
):
    client = as_(owner)
    numbers = {text.split()[0]: number for number, text in page(client, space).context["rules"]}
    outcome = page(client, space, rule=numbers[rule], bound=bound).context["tried"]["outcome"]
    assert [str(one.record) for one in outcome.gained] == gained
    assert (outcome.before, outcome.added) == (2, len(gained))


def test_a_lower_rent_raises_scores_and_decides_nothing(as_, owner, space, cast):
    client = as_(owner)
    ((number, text),) = [one for one in page(client, space).context["rules"] if "租金" in one[1]]
    assert text == "租金上限 不低于 2 元/㎡/天（加分项）"
    shown = page(client, space, rule=number, bound="1.5")
    outcome = shown.context["tried"]["outcome"]
    assert (outcome.before, outcome.after, outcome.number) == (2, 2, 1)
    assert [str(one.record) for one in outcome.gained] == ["dear科技"]
    assert "加分项不影响结论，得分提高的 1 个" in shown.content.decode()
    refused = page(client, space, rule=number, bound="2.5")
    assert refused.status_code == 400
    assert "请填小于 2 元/㎡/天的数" in refused.content.decode()


@pytest.mark.parametrize(("bound", "words"), [("2026-02-01", "请填早于 2026-01-01"), ("明年", "请填日期")])
def test_a_date_is_loosened_by_an_earlier_date_only(as_, owner, space, cast, bound, words):
    client = as_(owner)
    ((number, _),) = [one for one in page(client, space).context["rules"] if "需用日期" in one[1]]
    refused = page(client, space, rule=number, bound=bound)
    assert refused.status_code == 400
    assert words in refused.content.decode()


def test_the_workbook_has_the_reasons_and_the_export_is_audited(as_, owner, space, cast):
    answer = as_(owner).get(f"{place(space)}export/", {"kind": "lead"})
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
    rows = book.get_sheet_by_index(0).to_python()
    assert book.get_sheet_by_name("导出信息").to_python() == [[watermark(owner, make.NOW)]]
    found = {row[1]: (row[0], row[7], row[10]) for row in rows[1:]}
    assert found["'=large科技"] == ("线索", "不符合", "面积 1,000 ㎡，需要 5,000 ㎡")
    assert len(found) == 2
    assert AuditEvent.objects.get(action="export").detail == {
        "list": "reverse", "name": str(space), "rows": 2, "filters": "类别 线索",
    }  # fmt: skip


def test_who_has_a_space_and_what_is_taken_leave_the_list(as_, owner, space, cast):
    client = as_(owner)
    elsewhere = make.space("4 层 401")
    row = candidates.propose(cast["fit"], elsewhere, by=owner, at=make.NOW)
    candidates.settle(row, by=owner, at=make.NOW)
    assert list(why(page(client, space))) == ["dear科技"]
    refused = page(client, elsewhere)
    assert refused.status_code == 400
    assert "已预留，不再和项目、线索匹配" in refused.content.decode()
    for ended in ({"valid_to": date(2026, 4, 19)}, {"valid_from": date(2026, 4, 21)}):
        refused = page(client, make.space(f"{next(iter(ended))}", **ended))
        assert (refused.status_code, "不在登记有效期内" in refused.content.decode()) == (400, True)
    assert page(client, make.space("6 层", valid_to=date(2026, 4, 20))).status_code == 200


def test_it_costs_the_same_however_many_there_are(as_, owner, space, cast):
    client = as_(owner)
    few = queries(client, space)
    for number in range(3):
        make.space_need(make.project(owner, name=f"又{number}科技"), owner)
        Lead.objects.filter(pk=make.lead(owner).pk).update(area_sqm=700 + number)
    assert queries(client, space) == few <= 25


def queries(client, space):
    page(client, space)
    with CaptureQueriesContext(connection) as found:
        assert page(client, space).status_code == 200
    return len(found)
