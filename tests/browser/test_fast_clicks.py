"""Somebody who types and clicks at once: what is exchanged or saved meanwhile never costs the click."""

from datetime import timedelta

import pytest

from django.utils import timezone

from projects.matching import match
from projects.models import Fund
from projects.seeding import load_funds
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

PRESS = 400  # ms a mouse button is held down; the server answers sooner


def point_at(page, selector):
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def press(page):
    """The mouse as a hand moves it: down, a while, up."""
    page.mouse.down()
    page.wait_for_timeout(PRESS)
    page.mouse.up()


@pytest.fixture
def far_away():
    """`far_away(page, 500)`: every answer takes as many milliseconds longer, until the test is over."""
    sessions = []

    def slow(page, latency):
        how = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
        sessions.append(page.context.new_cdp_session(page))
        sessions[-1].send("Network.emulateNetworkConditions", how)

    yield slow
    for session in sessions:
        session.detach()  # else it would outdo what the next test says of the network


@pytest.fixture
def editor(desk, owner, manager):
    load_funds(at=make.NOW)
    match(make.project(owner), at=make.NOW)
    fund = Fund.objects.get(code="runmiao")
    one = desk(manager)
    page = one.open(fund.get_criteria_url())
    page.click("#add-")
    page.wait_for_selector("#id_10_field")
    yield page
    assert one.troubles == []


def test_a_field_is_chosen_and_a_rule_added_at_once(editor, far_away):
    far_away(editor, 100)
    point_at(editor, "#add-")
    editor.select_option("#id_10_field", "valuation")
    press(editor)
    editor.wait_for_selector("#id_11_field")
    assert editor.input_value("#id_10_field") == "valuation"


def test_a_button_reached_by_tab_keeps_the_focus_over_the_exchange(editor):
    editor.focus("#preview")
    with editor.expect_response(lambda answer: "fit" in (answer.request.post_data or "")):
        editor.evaluate(
            """() => { const field = document.getElementById("id_10_field"); field.value = "valuation";
                field.dispatchEvent(new Event("change", { bubbles: true })) }"""
        )
    editor.wait_for_selector("#id_10_unit")
    editor.keyboard.press("Enter")
    editor.wait_for_selector("text=处要改，改好才能发布")


def test_what_is_typed_while_a_choice_is_answered_stays(editor, far_away):
    editor.select_option("#id_10_field", "valuation")
    editor.select_option("#id_10_op", "gte")
    editor.wait_for_selector("#id_10_unit")
    far_away(editor, 500)
    with editor.expect_response(lambda answer: "10.value=8000" in (answer.request.post_data or "")):
        editor.select_option("#id_10_op", "lte")
        editor.fill("#id_10_value", "8000")
    editor.wait_for_selector("#id_10_op option[value=lte][selected]", state="attached")
    assert editor.input_value("#id_10_value") == "8000"


def test_saving_the_draft_does_not_call_off_a_slow_answer(editor, far_away):
    editor.click("#n-10 button:has-text('删除')")
    editor.wait_for_selector("#id_10_field", state="detached")
    editor.fill("[name=source]", "")
    editor.locator("[name=source]").press_sequentially("管理办法")
    far_away(editor, 1500)
    editor.click("#preview")
    editor.wait_for_selector("text=发布以后会怎样")
    assert editor.input_value("[name=source]") == "管理办法"


def test_a_row_is_opened_right_after_the_search(desk, owner):
    make.lead(owner, "杭州甲科技有限公司")
    page = desk(owner).open("/leads/")
    with page.expect_response(lambda answer: "q=" in answer.url):
        page.locator("#id_q").press_sequentially("杭州甲")
    page.wait_for_selector("#results a:has-text('杭州甲科技有限公司')")
    point_at(page, "#results a:has-text('杭州甲科技有限公司') >> nth=0")
    press(page)
    page.wait_for_selector("h1:has-text('杭州甲科技有限公司')")


def test_a_form_is_saved_while_colleagues_are_offered(desk, owner):
    """The list of colleagues goes with the focus; the button below it does not slip away from the mouse."""
    lead = make.lead(owner)
    page = desk(owner).open(lead.get_absolute_url())
    page.fill("#visit [name=visit-next_step]", "寄材料")
    page.fill("#visit [name=visit-next_on]", str(timezone.localdate() + timedelta(days=7)))
    page.locator("#visit textarea[name=visit-content]").press_sequentially("见了董事长 @")
    page.wait_for_selector(".colleagues li")
    point_at(page, "#visit button.btn-primary")
    with page.expect_navigation():
        press(page)
    assert lead.visits.filter(content__contains="见了董事长").exists()


def test_what_asks_again_is_called_off_without_a_word(editor, far_away):
    """The fixture looks at what the console says."""
    far_away(editor, 400)
    with editor.expect_response(lambda answer: "do=preview" in (answer.request.post_data or "")):
        editor.click("#preview")
        editor.locator("[name=source]").press_sequentially("管理办法")
    editor.click("#add-")
    editor.wait_for_selector("#id_11_field")
    assert "管理办法" in editor.input_value("[name=source]")
