"""What is typed into a long form outlives the session; written, discarded or left by another it is gone."""

import json

import pytest

from django.contrib.sessions.models import Session
from django.urls import reverse

from leads.models import Lead, Visit
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

RESTORED = "text=已恢复未保存的内容"
TALK = "谈了试制车间，对方要 800 ㎡，五月来看。"


def drafts(page):
    """What the browser keeps, by address."""
    kept = page.evaluate("JSON.stringify(localStorage)")
    return {key: json.loads(text) for key, text in json.loads(kept).items() if key.startswith("draft:")}


def wait_for_draft(page):
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('draft:'))")


def log_in_again(page, user):
    page.wait_for_selector("#id_password")
    page.fill("#id_username", user.username)
    page.fill("#id_password", make.PASSWORD)
    page.click("main button[type=submit]")


def fill_visit(page):
    page.fill("#visit [name=visit-content]", TALK)
    page.fill("#visit [name=visit-next_step]", "寄载体清单")


def save_visit(page):
    page.locator("#visit [data-day]").last.click()
    page.click("#visit button:has-text('记下')")
    page.wait_for_selector("text=已记下这次联系")


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_a_visit_typed_while_the_session_ends_is_there_after_the_login(desk, owner, kind):
    record = getattr(make, kind)(owner)
    one = desk(owner)
    page = one.open(record.get_absolute_url())
    fill_visit(page)
    Session.objects.all().delete()
    page.click("#visit button:has-text('记下')")
    log_in_again(page, owner)
    page.wait_for_selector(RESTORED)
    assert page.input_value("#visit [name=visit-content]") == TALK
    assert not Visit.objects.filter(content=TALK).exists()
    save_visit(page)
    assert Visit.objects.get(content=TALK).next_step == "寄载体清单"
    assert drafts(page) == {}
    assert page.locator(RESTORED).count() == 0
    assert page.input_value("#visit [name=visit-content]") == ""
    assert one.troubles == []


def test_a_refused_form_keeps_its_draft_and_adds_to_it(desk, owner):
    lead = make.lead(owner)
    page = desk(owner).open(lead.get_absolute_url())
    fill_visit(page)
    page.click("#visit button:has-text('记下')")
    page.wait_for_selector("#visit >> text=请填写下次联系日期")
    assert page.locator(RESTORED).count() == 0
    page.fill("#visit [name=visit-place]", "深圳湾")
    page.reload()
    page.goto(page.url.replace("visit/", ""))
    page.wait_for_selector(RESTORED)
    assert page.input_value("#visit [name=visit-content]") == TALK
    assert page.input_value("#visit [name=visit-place]") == "深圳湾"


def test_what_is_discarded_is_gone(desk, owner):
    lead = make.lead(owner)
    page = desk(owner).open(lead.get_absolute_url())
    fill_visit(page)
    wait_for_draft(page)
    page.reload()
    page.click("#visit button:has-text('丢弃')")
    assert page.input_value("#visit [name=visit-content]") == ""
    page.reload()
    assert page.locator(RESTORED).count() == 0
    assert drafts(page) == {}


def test_a_captured_company_is_kept_without_the_telephone(desk, owner):
    page = desk(owner, width=390, height=844).open(reverse("leads:capture"))
    with page.expect_response(lambda answer: "/leads/known/" in answer.url):
        page.fill("[name=company_name]", "深圳星河低空智能装备有限公司")
    page.fill("[name=contact_phone]", "13800000001")
    page.click("summary:has-text('更多')")
    page.fill("[name=content]", TALK)
    Session.objects.all().delete()
    page.click("main button:has-text('记下')")
    page.wait_for_selector("#id_password")
    assert "13800000001" not in json.dumps(drafts(page))
    log_in_again(page, owner)
    page.wait_for_selector(RESTORED)
    assert page.input_value("[name=company_name]") == "深圳星河低空智能装备有限公司"
    assert page.input_value("[name=contact_phone]") == ""
    assert page.is_visible("[name=content]")
    page.click("main button:has-text('记下')")
    page.wait_for_selector("text=再记一家")
    assert Lead.objects.count() == 1
    assert drafts(page) == {}


def test_nobody_finds_the_draft_of_another(desk, owner, teammate):
    lead = make.lead(owner)
    one = desk(owner)
    page = one.open(lead.get_absolute_url())
    fill_visit(page)
    Session.objects.all().delete()
    page.click("#visit button:has-text('记下')")
    log_in_again(page, teammate)
    page.wait_for_selector("#visit")
    assert page.locator(RESTORED).count() == 0
    assert drafts(page) == {}


def test_leaving_by_the_menu_leaves_nothing_behind(desk, owner):
    lead = make.lead(owner)
    page = desk(owner).open(lead.get_absolute_url())
    fill_visit(page)
    wait_for_draft(page)
    page.click("header .dropdown > button")
    page.click("text=退出登录")
    page.wait_for_selector("#id_password")
    assert drafts(page) == {}


def test_an_opinion_over_a_record_that_others_changed_shows_theirs_first(desk, owner, teammate, client):
    lead = make.lead(owner)
    lead.move_to("screening", by=owner, at=make.NOW)
    page = desk(owner).open(lead.get_absolute_url())
    page.fill("#screening [name=industry]", "我的意见")
    Session.objects.all().delete()
    client.force_login(teammate)
    theirs = {"industry": "同事的意见", "version": lead.version}
    assert client.post(f"/leads/{lead.pk}/screening/", theirs).status_code == 302
    page.click("#screening button:has-text('保存研判')")
    log_in_again(page, owner)
    page.wait_for_selector(RESTORED)
    assert page.input_value("#screening [name=industry]") == "我的意见"
    page.click("#screening button:has-text('保存研判')")
    page.wait_for_selector("text=两边都改过，请选")
    assert page.is_checked("[name=choose-industry][value=theirs]")
    assert page.locator("text=同事的意见").count() > 0
    lead.screening.refresh_from_db()
    assert lead.screening.industry == "同事的意见"
    page.check("[name=choose-industry][value=mine]")
    page.click("#screening button:has-text('保存研判')")
    page.wait_for_selector("text=研判意见已保存")
    lead.screening.refresh_from_db()
    assert lead.screening.industry == "我的意见"


def test_a_corrected_project_is_restored_with_the_twins_it_was_opened_with(desk, owner, teammate, client):
    project = make.project(owner)
    address = reverse("projects:edit", args=[project.pk])
    page = desk(owner).open(address)
    page.fill("[name=demands]", "我记下的诉求")
    wait_for_draft(page)
    type(project).objects.filter(pk=project.pk).update(demands="同事的诉求", version=project.version + 1)
    page.reload()
    page.wait_for_selector(RESTORED)
    page.click("main button:has-text('保存')")
    page.wait_for_selector("text=两边都改过")
    project.refresh_from_db()
    assert project.demands == "同事的诉求"
