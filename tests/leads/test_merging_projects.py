"""合并 into a lead that has become a project: what the project says itself is filled and chosen as well."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from leads import suspecting
from leads.models import DuplicatePair, Lead, Merge
from projects.models import Project
from tests import make

ONE, OTHER = "深圳望川智能装备有限公司", "杭州望川智能装备有限公司"


@pytest.fixture
def project(owner, now):
    return make.project(owner, name=ONE, amount_wan=Decimal(3000))


@pytest.fixture
def gone(owner, project, now):
    given = {"amount_wan": Decimal(5000), "area_sqm": Decimal(800)}
    lead = make.lead(owner, OTHER, next_step="带看二号楼", next_contact_on=date(2026, 5, 6), **given)
    suspecting.check_waiting(now)
    return lead


@pytest.fixture
def pair(gone):
    return DuplicatePair.objects.get()


@pytest.fixture
def judged(pair, project, owner, as_):
    def post(**more):
        told = {"verdict": "same", "kept": project.lead_id, "reason": "同一家", **more}
        body = {f"judge-{name}": value for name, value in told.items()}
        return as_(owner).post(f"/duplicates/{pair.pk}/judge/", body)

    return post


def said(project):
    row = Project.objects.get(pk=project.pk)
    names = ("name", "amount_wan", "area_sqm", "next_step", "next_contact_on", "sector_kind", "sector_id")
    return {name: getattr(row, name) for name in names}


def test_the_page_shows_what_the_project_takes_what_is_to_be_chosen_and_what_stays(pair, project, owner, as_):
    page = as_(owner).get(pair.get_absolute_url()).content.decode()
    takes = page[page.index('id="project-takes"') :]
    assert project.code in takes
    assert "需求面积 <b" in takes
    assert "800 ㎡" in takes
    assert "按项目现在的：3,000 万元" in takes
    assert "项目名称：协议、审查、推荐和督办都按项目名称办理" in takes


def test_gaps_are_filled_what_differs_stays_and_undoing_gives_all_back(judged, project, gone, owner, as_):
    before = said(project)
    assert judged().status_code == 302
    after = said(project)
    assert (after["area_sqm"], after["next_step"]) == (800, "带看二号楼")
    assert (after["amount_wan"], after["name"]) == (3000, ONE)
    assert after["next_contact_on"] == date(2026, 5, 6)
    as_(owner).post(f"/leads/{gone.pk}/unmerge/", {"unmerge-reason": "弄错了"})
    assert said(project) == before
    assert Merge.objects.get().undone_at


def test_what_is_chosen_stands_on_the_project_and_goes_back(judged, project, gone, owner, as_):
    assert judged(project_amount_wan="gone").status_code == 302
    assert said(project)["amount_wan"] == 5000
    assert Lead.objects.get(pk=project.lead_id).amount_wan == 3000
    as_(owner).post(f"/leads/{gone.pk}/unmerge/", {"unmerge-reason": "弄错了"})
    assert said(project)["amount_wan"] == 3000


def test_what_was_written_since_stays_when_it_is_undone(judged, project, gone, owner, as_):
    judged(project_amount_wan="gone")
    Project.objects.filter(pk=project.pk).update(amount_wan=7000)
    as_(owner).post(f"/leads/{gone.pk}/unmerge/", {"unmerge-reason": "弄错了"})
    after = said(project)
    assert (after["amount_wan"], after["area_sqm"]) == (7000, None)


def test_a_sector_goes_with_its_kind_and_back(judged, project, gone, owner, as_):
    before = said(project)
    Lead.objects.filter(pk=gone.pk).update(sector_kind="foundation")
    assert judged(project_sector_kind="gone").status_code == 302
    after = said(project)
    assert (after["sector_kind"], after["sector_id"]) == ("foundation", None)
    as_(owner).post(f"/leads/{gone.pk}/unmerge/", {"unmerge-reason": "弄错了"})
    assert said(project) == before


def test_a_sum_below_the_money_that_arrived_is_refused_at_its_field(judged, project, gone, owner):
    make.receipt(project, owner, amount_wan=6000)
    page = judged(project_amount_wan="gone")
    assert page.status_code == 400
    assert "已经到位的资金多于并入那条的投资额" in page.content.decode()
    assert Lead.objects.get(pk=gone.pk).stage != "merged"
    assert said(project)["amount_wan"] == 3000


def test_a_project_changed_since_it_was_compared_is_looked_at_again(judged, project, gone, now):
    seen = project.version
    row = Project.objects.get(pk=project.pk)
    row.save_version(row.version, ["demands"], at=now + timedelta(hours=1))
    assert judged(seen_project=seen, project_amount_wan="gone").status_code == 412
    assert Lead.objects.get(pk=gone.pk).stage != "merged"


def test_two_leads_without_a_project_are_not_asked_of_one(owner, as_, now):
    make.lead(owner, ONE), make.lead(owner, OTHER)
    suspecting.check_waiting(now)
    page = as_(owner).get(DuplicatePair.objects.get().get_absolute_url()).content.decode()
    assert "project-takes" not in page
