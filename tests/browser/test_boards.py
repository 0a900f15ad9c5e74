"""看板 in a real browser: cards carried by keyboard and mouse, within a column and across."""

from datetime import timedelta

import pytest

from django.urls import reverse

from leads.editing import edit
from tests import make
from tests.browser.test_story import drag, stands_in

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = "#board-status"


def card(record):
    return f"[data-board-card='{record.pk}']"


def names(page, column):
    return page.locator(f"[data-board-column={column}] .board-card-name").all_inner_texts()


def told(page, words):
    page.wait_for_function(f"() => document.querySelector('{STATUS}')?.textContent.includes('{words}')")


@pytest.fixture
def three(owner):
    """Three leads, the last one on top."""
    return [
        make.lead(owner, name, at=make.NOW + timedelta(minutes=minutes), met_at=None)
        for minutes, name in enumerate(["丙三有限公司", "乙二有限公司", "甲一有限公司"])
    ]


def test_a_card_is_carried_by_keyboard_and_every_step_is_told(desk, owner, three):
    one = desk(owner)
    page = one.open(reverse("leads:board"))
    page.focus(f"{card(three[2])} [data-board-grip]")
    page.keyboard.press("Space")
    told(page, "拿起甲一有限公司，在「线索」第 1 张，共 3 张")
    page.keyboard.press("ArrowDown")
    told(page, "第 2 张，共 3 张")
    with page.expect_response(lambda answer: "/place/" in answer.url) as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 204
    told(page, "现在排在第 2 张")
    assert names(page, "lead") == ["乙二有限公司", "甲一有限公司", "丙三有限公司"]
    page.reload()
    assert names(page, "lead") == ["乙二有限公司", "甲一有限公司", "丙三有限公司"]

    page.focus(f"{card(three[1])} [data-board-grip]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    told(page, "「研判」第 1 张")
    page.keyboard.press("Escape")
    told(page, "没有移动")
    assert names(page, "lead") == ["乙二有限公司", "甲一有限公司", "丙三有限公司"]
    assert page.evaluate("document.activeElement.matches('[data-board-grip]')")

    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_selector("dialog[open] >> text=没有首次响应")
    page.keyboard.press("Escape")
    stands_in(page, three[1], "lead")
    page.wait_for_selector(f"{card(three[1])} [data-board-grip]:focus")
    three[1].refresh_from_db()
    assert three[1].stage == "lead"
    page.click("text=恢复默认次序")
    page.wait_for_selector("text=看板已恢复默认次序")
    assert names(page, "lead") == ["甲一有限公司", "乙二有限公司", "丙三有限公司"]
    assert one.troubles == []


def test_a_card_carried_across_by_keyboard_asks_the_gate_and_stays_where_it_was_put(desk, owner):
    there = [make.ready_for_review(make.project(owner), owner) for _ in range(2)]
    for minutes, project in enumerate(there):
        project.move_to("review", by=owner, at=make.NOW + timedelta(minutes=minutes))
    first = make.project(owner, at=make.NOW + timedelta(hours=2))
    project = make.ready_for_review(make.project(owner, at=make.NOW + timedelta(hours=1)), owner)
    assert first.entered_at > project.entered_at
    one = desk(owner)
    page = one.open(reverse("projects:board"))
    page.focus(f"{card(project)} [data-board-grip]")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    with page.expect_response(lambda answer: "/place/" in answer.url):
        page.keyboard.press("Enter")
    stands_in(page, project, "review")
    project.refresh_from_db()
    assert project.stage == "review"
    wanted = [there[1].name, project.name, there[0].name]
    assert names(page, "review") == wanted
    page.reload()
    assert names(page, "review") == wanted
    assert one.troubles == []


def test_a_card_dragged_within_its_column_stays_there_and_a_reader_carries_it_no_further(
    desk, owner, leader, three
):
    one = desk(owner)
    page = one.open(reverse("leads:board"))
    with page.expect_response(lambda answer: "/place/" in answer.url):
        drag(page, card(three[0]), card(three[2]))
    page.reload()
    assert names(page, "lead").index("丙三有限公司") < 2
    reader = desk(leader)
    page = reader.open(reverse("leads:board"))
    page.focus(f"{card(three[2])} [data-board-grip]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    told(page, "不能移到别的阶段")
    page.keyboard.press("Escape")
    drag(page, card(three[2]), "[data-board-column=screening] [data-board-cards]")
    assert names(page, "screening") == []
    assert one.troubles == reader.troubles == []


def test_what_is_missing_is_shown_on_hover_and_focus_and_asked_for_once(desk, owner, three):
    one = desk(owner)
    page, asked = one.open(reverse("leads:board")), []
    page.on("request", lambda request: "/missing/" in request.url and asked.append(request.url))
    page.hover(f"{card(three[2])} .board-card-line")
    page.wait_for_selector("#board-hint >> text=没有首次响应")
    page.mouse.move(5, 5)
    page.wait_for_function("() => !document.querySelector('#board-hint').matches(':popover-open')")
    page.keyboard.press("Tab")
    page.focus(f"{card(three[2])} .board-card-name")
    page.wait_for_selector("#board-hint:popover-open")
    told(page, "进入「研判」还缺")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#board-hint').matches(':popover-open')")
    assert len(asked) == 1
    assert one.troubles == []


def test_a_touch_moves_by_the_menu_of_the_card_and_more_cards_come_while_scrolling(desk, owner):
    for number in range(45):
        make.lead(owner, f"杭州{number:02}号智能有限公司", at=make.NOW + timedelta(minutes=number))
    one = desk(owner, width=390, height=844)
    page = one.open(reverse("leads:board"))
    assert len(names(page, "lead")) == 20
    page.locator("[data-board-column=lead] [hx-get]:text('更多')").scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelectorAll('[data-board-column=lead] article').length === 40"
    )
    first = page.locator("[data-board-column=lead] article").first
    first.scroll_into_view_if_needed()
    first.locator("summary").click()
    with page.expect_response(lambda answer: "/move/" in answer.url):
        first.locator("button:has-text('研判')").click()
    page.wait_for_selector("[data-board-column=screening] article")
    assert names(page, "screening") == ["杭州44号智能有限公司"]
    assert not one.scrolls_sideways()
    assert one.troubles == []


def test_the_filters_go_along_between_list_and_board(desk, owner, three):
    one = desk(owner)
    page = one.open(f"{reverse('leads:list')}?q=甲一")
    page.click("text=看板")
    page.wait_for_url("**/leads/board/?q=*")
    assert names(page, "lead") == ["甲一有限公司"]
    page.click("main >> text=列表")
    page.wait_for_url("**/leads/?q=*")
    assert page.locator("main >> text=乙二有限公司").count() == 0


def test_a_filter_holds_at_once_in_the_address_in_the_links_and_for_the_mouse(desk, owner, three):
    three[0].move_to("dropped", by=owner, at=make.NOW + timedelta(hours=1), reason="不来了")
    one = desk(owner)
    page = one.open(reverse("leads:board"))
    page.focus("#id_due")
    page.select_option("select[name=stage]", "lead")
    page.wait_for_url("**/leads/board/?stage=lead")
    page.wait_for_selector("[data-board-column=dropped]", state="detached")
    assert page.get_attribute("#board-links a:has-text('列表')", "href") == "/leads/?stage=lead"
    assert page.evaluate("document.activeElement.id") == "id_due"
    with page.expect_response(lambda answer: "/place/" in answer.url):
        drag(page, card(three[2]), card(three[1]))
    page.fill("#id_q", "乙二")
    page.wait_for_url("**/leads/board/?q=*&stage=lead")
    assert names(page, "lead") == ["乙二有限公司"]
    page.go_back()
    page.wait_for_selector(card(three[2]))
    assert page.url.endswith("/leads/board/?stage=lead")
    assert page.input_value("#id_q") == ""
    assert one.troubles == []


def test_a_card_somebody_changed_meanwhile_is_moved_over_that_once_it_was_read(desk, owner, teammate):
    lead = make.lead(owner)
    one = desk(owner)
    page = one.open(reverse("leads:board"))
    edit(lead, {"note": "后来写的"}, by=teammate, at=make.NOW, version=lead.version)
    page.focus(f"{card(lead)} [data-board-grip]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_selector("dialog[open] >> text=后来写的")
    with page.expect_response(lambda answer: "/move/" in answer.url):
        page.click("dialog[open] button:has-text('看过了，仍然移到「研判」')")
    stands_in(page, lead, "screening")
    lead.refresh_from_db()
    assert (lead.stage, lead.note) == ("screening", "后来写的")
