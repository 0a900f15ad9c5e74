"""全局搜索 in a real browser: by keyboard alone, the last answer wins, what was opened, and on a phone."""

import pytest

from django.urls import reverse

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

LOW = """[...document.querySelectorAll('#palette a, #palette button')]
  .filter(one => one.getBoundingClientRect().height < 40).length"""
TITLES = "#palette .found-title"


def ask(page, words):
    """Open the palette by keyboard and type; wait for the answer to these words."""
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open]")
    page.keyboard.type(words, delay=15)
    page.wait_for_selector(f"#palette [data-answers='{words}']", state="attached")


def test_a_lead_is_opened_by_keyboard_alone(desk, owner):
    make.lead(owner, "杭州北辰算力有限公司")
    lead = make.lead(owner, "杭州相芯智能科技有限公司")
    one = desk(owner)
    page = one.open("/")
    ask(page, "xiangxin")
    assert page.get_attribute("#palette-q", "aria-activedescendant") == "palette-hit-0"
    assert page.locator("#palette [aria-selected=true] .found-why").inner_text() == "拼音"
    assert "找到" in page.locator("#palette [data-palette-status]").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{lead.get_absolute_url()}")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette >> text=最近打开")
    assert page.locator(TITLES).all_inner_texts() == ["杭州相芯智能科技有限公司"]
    assert page.evaluate("Object.values(localStorage).join().includes('相芯')") is False
    page.keyboard.press("Escape")
    assert page.locator("#palette[open]").count() == 0
    assert one.troubles == []


def test_a_late_answer_does_not_replace_the_one_to_what_stands_there(desk, owner):
    """The first question is answered after the second; and a key pressed meanwhile asks nothing twice."""
    make.lead(owner, "杭州甲甲有限公司")
    make.lead(owner, "杭州乙乙有限公司")
    one = desk(owner)
    page, asked = one.open("/"), []

    def held(route):
        asked.append(route.request.url)
        if len(asked) == 1:
            page.evaluate("window.isHeld = true")
            later.append(route)
        else:
            route.continue_()

    later = []
    page.route("**/search/?q=*", held)
    page.keyboard.press("Control+k")
    page.fill("#palette-q", "甲甲")
    page.wait_for_function("() => window.isHeld")
    page.fill("#palette-q", "乙乙")
    page.wait_for_selector(f"{TITLES}:has-text('乙乙')")
    later[0].abort()
    page.fill("#palette-q", "乙乙 ")
    page.wait_for_timeout(300)  # the debounce, and nothing to wait for: the same words ask nothing
    assert page.locator(TITLES).all_inner_texts()[0] == "杭州乙乙有限公司"
    assert len(asked) == 2


def test_nothing_found_and_a_lost_network_are_told(desk, owner):
    one = desk(owner)
    page = one.open("/")
    ask(page, "没有这家")
    assert "没有找到「没有这家」" in page.inner_text("#palette .found-none")
    page.route("**/search/?q=*", lambda route: route.abort())
    page.fill("#palette-q", "另一家")
    page.wait_for_selector("#palette [data-palette-status]:has-text('网络不通')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_palette_fits_and_the_page_works_without_it(desk, owner, scheme):
    make.lead(owner, "杭州相芯智能科技有限公司")
    one = desk(owner, width=390, height=844)
    page = one.open("/")
    page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{scheme}')")
    page.click("[data-palette]")
    page.fill("#palette-q", "xx")
    page.wait_for_selector(f"{TITLES}:has-text('相芯')")
    assert not one.scrolls_sideways()
    assert page.evaluate(LOW) == 0
    one.open(f"{reverse('projects:search')}?q=相芯")
    assert not one.scrolls_sideways()
    assert page.locator("main .found-title").first.inner_text() == "杭州相芯智能科技有限公司"
    assert one.troubles == []


def test_a_target_list_and_a_new_name_are_told_who_has_the_company(desk, owner, station, head):
    """On the plan of a trip and in the correction of a lead, as on 记一家; nothing is blocked."""
    held = make.lead(owner, "深圳星河低空智能装备有限公司", contact_phone="15400000001")
    other = make.lead(owner, "杭州另一家有限公司")
    trip = make.roadshow(station)
    one = desk(station)
    page = one.open(trip.get_absolute_url())
    page.fill("[name=targets]", "没人报的公司\n深圳星河低空智能装备有限公司")
    page.wait_for_selector("[data-known] [aria-live=polite] >> text=第 2 行")
    assert "已由半山区块于" in page.inner_text("[data-known] [aria-live=polite]")
    assert "15400000001" not in page.content()
    page.click("text=加入清单")
    page.wait_for_selector("text=目标清单新增 2 家")
    mine = desk(owner, width=390)
    page = mine.open(reverse("leads:edit", args=[other.pk]))
    page.fill("[name=title]", held.title)
    page.wait_for_selector("[data-known] >> text=请先核对是不是同一家")
    assert page.get_attribute("[name=title]", "aria-describedby") == "id_title-known"
    assert not mine.scrolls_sideways()
    assert one.troubles == mine.troubles == []
