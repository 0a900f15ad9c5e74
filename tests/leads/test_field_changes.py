"""字段变更 on the timelines: who changed what from what to what, for those who see the record."""

from datetime import timedelta

import pytest

from django.utils import timezone

from crm import authorship, history
from crm.models import Company, Unit
from leads.models import Lead
from tests import make
from tests.crm.test_history import edit


@pytest.fixture
def lead(owner):
    return make.lead(owner, "深圳恒远智能装备有限公司", amount_wan=3000, next_step="寄材料")


def told(answer):
    """[(who, what, lines)] of the changes on the page, the newest first."""
    found = [e.record for e in answer.context["shown"].entries if e.kind == "fields"]
    return [(t.who, t.subject, [(line.label, line.before, line.after) for line in t.lines]) for t in found]


def test_a_change_is_told_by_labels_and_names(as_, head, teammate, lead):
    edit(as_(head), lead, amount_wan="12000", owner=teammate.pk, next_contact_on="")
    page = as_(head).get(lead.get_absolute_url())
    assert told(page) == [
        (
            "沈主任",
            "",
            [("负责人", "林晓", "周舟"), ("投资额（万元）", "3,000 万元", "1.2 亿元")],
        )
    ]
    assert "投资额（万元）：3,000 万元 → 1.2 亿元" in page.content.decode()


def test_what_one_request_changed_twice_is_told_once(as_, owner, lead):
    with authorship.acting("page", request_id="r1"):
        for note in ("一", "二"):
            Lead.objects.filter(pk=lead.pk).update(note=note)
    with authorship.acting("page", request_id="r2"):
        for note in ("三", "二"):
            Lead.objects.filter(pk=lead.pk).update(note=note)
    assert told(as_(owner).get(lead.get_absolute_url())) == [("系统", "", [("情况说明", "未填", "二")])]


def test_steps_and_visits_are_told_once_by_their_own_entries(as_, owner, lead):
    client = as_(owner)
    sent = {"visit-kind": "call", "visit-content": "谈了选址", "visit-next_step": "发材料"}
    client.post(
        f"/leads/{lead.pk}/visit/",
        {**sent, "visit-next_on": str(timezone.localdate() + timedelta(days=7))},
        follow=True,
    )
    lead.refresh_from_db()
    answer = client.post(f"/leads/{lead.pk}/move/", {"stage": "screening", "version": lead.version})
    page = client.get(lead.get_absolute_url())
    lead.refresh_from_db()
    assert (answer.status_code, lead.stage, lead.next_step) == (302, "screening", "发材料")
    assert told(page) == []


def test_the_page_says_that_there_are_older_changes(as_, owner, lead, monkeypatch):
    monkeypatch.setattr(history, "MOST", 3)
    pages = []
    for note in ("一", "二", "三", "四"):
        Lead.objects.filter(pk=lead.pk).update(note=note)
        pages.append(as_(owner).get(lead.get_absolute_url()))
    assert [len(told(page)) for page in pages] == [1, 2, 3, 3]
    assert ["更早的字段变更" in page.content.decode() for page in pages] == [False, False, False, True]


def test_a_stage_changed_past_the_rules_is_told(as_, owner, lead):
    Lead.objects.filter(pk=lead.pk).update(stage="screening")
    assert told(as_(owner).get(lead.get_absolute_url())) == [("直接改数据库", "", [("阶段", "线索", "研判")])]


def test_the_company_is_told_of_on_its_records_to_those_who_see_them(as_, owner, outsider, lead):
    theirs = make.lead(outsider)
    Lead.objects.filter(pk=lead.pk).update(note="只给半山看")
    Company.objects.filter(pk=lead.company_id).update(brand="恒远")
    line = ("直接改数据库", "企业「深圳恒远智能装备有限公司」", [("简称/品牌", "未填", "恒远")])
    assert line in told(as_(owner).get(lead.get_absolute_url()))
    assert as_(outsider).get(lead.get_absolute_url()).status_code == 404
    assert told(as_(outsider).get(theirs.get_absolute_url())) == []
    Lead.objects.filter(pk=theirs.pk).update(company=lead.company)
    page = as_(outsider).get(theirs.get_absolute_url())
    assert line in told(page)
    assert "只给半山看" not in page.content.decode()


def test_a_project_tells_of_itself_and_its_papers(as_, owner, reviewer):
    project = make.project(owner)
    paper = make.agreement(project, owner, title="总部项目投资协议")
    with authorship.acting("task", "夜间整理"):
        type(project).objects.filter(pk=project.pk).update(landing_mode="lease")
        type(paper).objects.filter(pk=paper.pk).update(number="拱招7号")
    paper.delete()
    found = told(as_(owner).get(project.get_absolute_url()))
    assert ("系统", "", [("落地方式", "未填", "租赁")]) in found
    assert ("系统", "协议", [("协议编号", "未填", "拱招7号")]) in found
    gone = next(lines for who, subject, lines in found if subject == "协议" and len(lines) > 1)
    assert ("协议名称", "总部项目投资协议", "未填") in gone


def test_the_page_of_two_versions_says_who_changed_the_field_and_when(as_, owner, teammate, lead):
    client = as_(owner)
    form = client.get(f"/leads/{lead.pk}/edit/").context["form"]
    sent = {field.name: "" if field.value() is None else field.value() for field in form.visible_fields()}
    shown = {f"initial-{name}": value for name, value in sent.items()}
    with authorship.acting("page"):
        authorship.signed_by(teammate)
        Lead.objects.filter(pk=lead.pk).update(note="周舟写的", version=2)
    answer = client.post(f"/leads/{lead.pk}/edit/", {**sent, **shown, "version": 1, "note": "我写的"})
    assert answer.status_code == 412
    row = answer.context["clashes"][0]
    assert (row["label"], row["last"][0]) == ("情况说明", "周舟")
    assert f"周舟 {row['last'][1].astimezone():%m-%d}" in answer.content.decode()


def test_a_unit_without_a_name_any_more_is_told_by_its_number(as_, owner, lead):
    gone = Unit.objects.create(code="gone", name="撤销的站", kind="station")
    Lead.objects.filter(pk=lead.pk).update(station=gone)
    Lead.objects.filter(pk=lead.pk).update(station=None)
    number = gone.pk
    gone.delete()
    lines = [lines[0] for _, _, lines in told(as_(owner).get(lead.get_absolute_url()))]
    assert lines == [
        ("来源工作站", f"编号 {number}", "未填"),
        ("来源工作站", "未填", f"编号 {number}"),
    ]
