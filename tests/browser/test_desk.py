"""The 工作台 and the records behind it, worked on without leaving the page and without scripts."""

from datetime import timedelta

import pytest

from django.utils import timezone

from crm.models import FutureTrack
from crm.workdays import shanghai_day
from leads import next_days
from leads.models import Handover, Lead, Visit
from projects.models import Project
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_a_row_is_worked_on_by_the_keyboard_and_its_twin_and_the_numbers_follow(desk, owner):
    today = shanghai_day(timezone.now())
    lead = make.lead(owner, "深圳星河低空智能装备有限公司")
    late = {"next_contact_on": today - timedelta(days=2), "limit_on": today - timedelta(days=9)}
    Lead.objects.filter(pk=lead.pk).update(**late, next_step="打电话")
    one = desk(owner, width=390, height=844)
    page = one.open("/")
    rows = f'[data-task="lead-{lead.pk}"]'
    assert page.locator(rows).count() == 2

    now = page.locator("#tasks-now")
    now.locator("[data-deed=visit]").focus()
    page.keyboard.press("Enter")
    now.locator("textarea:focus").wait_for()  # where one writes first
    page.keyboard.press("Escape")
    now.locator("[data-deed=visit]:focus").wait_for()
    page.keyboard.press("Enter")
    now.locator("textarea:focus").wait_for()
    page.keyboard.type("谈了选址。")
    now.locator("button.btn-primary").click()
    now.locator("[role=alert]:focus").wait_for()
    assert now.locator("textarea").input_value() == "谈了选址。"
    now.locator("[name$=next_step]").fill("发载体清单")
    now.locator("[data-day]").first.click()
    assert not one.scrolls_sideways()
    now.locator("button.btn-primary").click()
    now.locator("[role=status]:focus").wait_for()
    assert "已记下，下次联系" in focused(page)
    assert Visit.objects.filter(content="谈了选址。").count() == 1
    page.wait_for_function("!document.querySelector('#tiles .tile-overdue:not(.tile-none)')")
    # 研判 has no limit that a talk restarts: the other row is still there, with the new plan
    page.locator("#tasks-late >> text=发载体清单").wait_for()

    late_row = page.locator("#tasks-late")
    late_row.locator("[data-deed=replan]").click()
    late_row.locator("[data-day]").last.click()
    late_row.locator("button.btn-primary").click()
    late_row.locator("text=撤销").click()
    late_row.locator("[data-deed=replan]").wait_for()
    lead.refresh_from_db()
    assert lead.next_contact_on == next_days.offers(today)[0].day
    assert one.troubles == []


def test_the_first_steps_are_one_line_on_a_phone_skipped_and_called_back(desk, owner):
    one = desk(owner, width=390, height=844)
    page = one.open("/")
    assert page.locator("#guide").bounding_box()["height"] < 90
    page.click("#guide summary")
    page.click("#guide >> text=跳过")
    page.wait_for_selector("text=上手引导已收起")
    assert page.locator("#guide").count() == 0
    page.click("[data-bs-toggle=dropdown]")
    page.click("text=上手引导 >> visible=true")
    page.locator("#guide").wait_for()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("[data-step=record] a").wait_for()  # wide enough, they stand open
    assert one.troubles == []


def test_a_timeline_is_looked_through_in_its_place(desk, owner):
    project = make.project(owner)
    one = desk(owner, width=390, height=844)
    page = one.open(project.get_absolute_url())
    page.locator("#timeline-moves").focus()
    page.keyboard.press("Enter")
    page.locator("#timeline-moves[aria-current=page]:focus").wait_for()
    assert "立项，进入在谈" in page.inner_text("#timeline")
    assert page.url.endswith(f"{project.get_absolute_url()}?timeline=moves")
    page.reload()
    assert page.locator("#timeline-moves[aria-current=page]").count() == 1
    page.go_back()
    page.locator("#timeline-all[aria-current=page]").wait_for()
    assert page.url.endswith(project.get_absolute_url())
    assert not one.scrolls_sideways()
    assert one.troubles == []


def test_what_is_typed_in_a_row_is_lost_neither_by_esc_nor_by_leaving(desk, owner, head):
    lead = make.lead(owner)
    Lead.objects.filter(pk=lead.pk).update(next_contact_on=shanghai_day(timezone.now()))
    one = desk(owner)
    page = one.open("/")

    def begin():
        page.locator("#tasks-now [data-deed=visit]").click()
        page.wait_for_selector("#tasks-now textarea:focus")

    begin()
    page.keyboard.type("谈了租金，@沈")
    page.wait_for_selector("#colleagues >> text=沈主任")
    page.keyboard.press("Escape")  # the list alone
    page.wait_for_selector("#colleagues", state="detached")
    page.keyboard.press("Control+a")
    page.keyboard.type("谈了租金")
    page.evaluate(
        "document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Escape', isComposing: true, bubbles: true, cancelable: true}))"
    )  # an input method gives up a word
    assert page.locator("#tasks-now textarea:focus").input_value() == "谈了租金"
    page.keyboard.press("Escape")
    page.wait_for_selector("#tasks-now [data-deed=visit]:focus")
    page = one.open("/")
    begin()
    page.wait_for_selector("text=已恢复未保存的内容")
    assert page.locator("#tasks-now textarea").input_value() == "谈了租金"
    page.locator("#tasks-now [name$=next_step]").fill("寄合同")
    page.locator("#tasks-now [data-day]").first.click()
    page.locator("#tasks-now button.btn-primary").click()
    page.wait_for_selector("#tasks-now .task-done [role=status]")
    assert Visit.objects.filter(content="谈了租金").count() == 1
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []
    assert one.troubles == []


def test_a_refused_form_far_down_the_page_opens_where_it_is_to_be_mended(desk, owner):
    lead = make.lead(owner)
    one = desk(owner, width=390, height=844)
    page = one.open(lead.get_absolute_url())
    page.click(".page-head >> text=记录跟进")
    page.wait_for_selector("#visit textarea:focus")
    page.wait_for_function("document.querySelector('#visit-title').getBoundingClientRect().top >= 0")
    page.keyboard.type("谈了选址。")
    page.click("#visit button.btn-primary")
    page.wait_for_selector("#id_visit-next_step:focus")
    top = page.locator("#id_visit-next_step").bounding_box()["y"]
    assert 0 < top < 700
    assert page.locator("[data-to-mend] a").all_inner_texts() == ["请填写下一步。", "请填写下次联系日期。"]
    assert page.input_value("#visit [name=visit-content]") == "谈了选址。"
    assert not one.scrolls_sideways()


ASPECTS = ("industry", "market", "technology", "environment", "energy", "benefit")


def test_without_scripts_a_company_goes_from_the_door_to_another_unit(plain_desk, head, outsider):
    """Recorded, visited, judged, accepted, moved and handed over, by the forms alone."""
    soon = f"{shanghai_day(timezone.now()) + timedelta(days=3)}"
    one = plain_desk(head)
    page = one.open("/")
    page.click("main >> text=记第一家")
    page.fill("[name=company_name]", "深圳星河低空智能装备有限公司")
    page.fill("[name=contact_name]", "王景行")
    page.fill("[name=next_contact_on]", soon)
    page.click("main button[type=submit]")
    page.wait_for_selector("text=再记一家")
    lead = Lead.objects.get()

    Lead.objects.update(next_contact_on=shanghai_day(timezone.now()))
    page = one.open("/")
    page.click("[data-deed=visit]")
    page.wait_for_url(f"**{lead.get_absolute_url()}#visit")
    page.fill("#visit [name=visit-content]", "谈了选址。")
    page.click("#visit button.btn-primary")
    page.wait_for_selector("#visit [role=alert]")
    assert page.input_value("#visit [name=visit-content]") == "谈了选址。"
    page.fill("#visit [name=visit-next_step]", "发载体清单")
    page.fill("#visit [name=visit-next_on]", soon)
    page.click("#visit button.btn-primary")
    page.wait_for_selector("text=已记下这次联系")

    page.click("#steps >> text=移到「研判」")
    page.wait_for_selector("#screening textarea")
    for name in ASPECTS:
        page.fill(f"[name={name}]", "已核实，符合导向。")
    page.check("[name=verdict][value=accepted]")
    page.select_option("[name=sector]", "smart_manufacturing")
    page.select_option("[name=chain_position]", "application")
    page.check(f"[name=tracks][value='{FutureTrack.objects.get(code='ai').pk}']")
    page.click("#screening form button:not([type])")
    page.wait_for_selector("text=研判意见已保存")
    page.click("#steps >> text=转为项目")
    page.wait_for_url("**/projects/*/")
    project = Project.objects.get()

    page.click("#timeline >> text=走访")
    page.wait_for_url("**timeline=visits#timeline")
    assert "谈了选址。" in page.inner_text("#timeline")
    assert "转为项目" not in page.inner_text("#timeline")

    page.click("text=移到「评审决策」")
    page.wait_for_selector("[data-refusal] >> text=没有投资额")
    make.ready_for_review(project, head)
    page = one.open(project.get_absolute_url())
    page.click("text=移到「评审决策」")
    page.wait_for_selector("text=已从「在谈」移到「评审决策」")

    page.click("#handover summary")
    page.select_option("[name=handover-to_unit]", str(outsider.unit_id))
    page.fill("[name=handover-reason]", "企业看中网谷的楼宇")
    page.click("text=提出移交")
    page.wait_for_selector("text=等待答复")
    assert Handover.objects.get().to_unit == outsider.unit
    assert one.troubles == []
