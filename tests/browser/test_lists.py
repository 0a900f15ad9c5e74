"""A list at the browser: views, columns, editing in the row, many rows at once with undo, and the keys."""

import pytest

from crm.models import SavedView, Tag
from leads.models import Lead
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads(owner):
    return [make.lead(owner, f"深圳{name}智能有限公司") for name in ("甲一", "乙二", "丙三", "丁四")]


def focused(page):
    """The text of the row that has the focus."""
    return page.evaluate("document.activeElement.closest('[data-row]')?.querySelector('.name')?.textContent")


def test_views_and_columns_are_kept_changed_and_removed(desk, owner, leads):
    one = desk(owner)
    page = one.open("/leads/")
    page.select_option("select[name=stage]", "lead")
    page.wait_for_url("**/leads/?stage=lead")
    page.click("summary:has-text('列')")
    page.check("label:has-text('情况说明') input")
    page.click("button[aria-label='情况说明上移']")
    page.uncheck("label:has-text('赛道') input")
    page.click("button:has-text('这样显示')")
    page.wait_for_selector("th.w-note")
    assert page.locator("th.w-sector").count() == 0
    page.click("th.w-amount a")
    page.wait_for_selector("th.w-amount[aria-sort=descending]")
    page.click("summary:has-text('视图')")
    page.fill("#view-name", "大的在前")
    page.click("button:has-text('保存视图')")
    page.wait_for_selector("summary:has-text('视图：大的在前')")
    view = SavedView.objects.get()
    assert page.url.endswith(f"/leads/?view={view.pk}")
    assert (view.query, view.sort) == ("stage=lead", "-amount")

    page.select_option("select[name=due]", "7d")
    page.click("text=已改动，保存")
    page.wait_for_selector("text=已按现在的样子保存")
    assert SavedView.objects.get().query == "stage=lead&due=7d"
    page.click("summary:has-text('视图：大的在前')")
    page.click("button:has-text('设为默认')")
    page.wait_for_selector("text=先看「大的在前」")
    assert one.open("/leads/").url.endswith(f"?view={view.pk}")
    page.click("summary:has-text('视图：大的在前')")
    page.click(".drop-panel button:has-text('删除')")
    page.wait_for_selector("text=7 天内可以恢复")
    page.click("#messages button:has-text('撤销')")
    page.wait_for_selector("text=已恢复")
    assert SavedView.objects.standing().count() == 1
    assert one.troubles == []


def test_rows_are_walked_chosen_and_edited_by_keys(desk, owner, leads):
    one = desk(owner)
    page = one.open("/leads/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == "深圳丙三智能有限公司"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    page.wait_for_selector("text=已选 2 条")
    page.keyboard.press("/")
    page.keyboard.type("jx?")
    assert page.input_value("#id_q") == "jx?"
    page.wait_for_selector("text=没有符合条件的线索")
    page.fill("#id_q", "")
    page.wait_for_selector("text=深圳丙三智能有限公司")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] >> text=到搜索框")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    page.click("[data-keys-open]")
    page.click("dialog button:has-text('知道了')")

    page.keyboard.press("j")
    name = focused(page)
    page.keyboard.press("e")
    page.wait_for_selector("[data-cell-form] input[name=next_step]")
    assert page.evaluate("document.activeElement.name") == "next_contact_on"
    page.fill("[data-cell-form] input[name=next_step]", "约参观")
    page.keyboard.press("Escape")
    page.wait_for_selector("tr[data-row]:focus")
    assert focused(page) == name
    page.keyboard.press("e")
    page.fill("[data-cell-form] input[name=next_step]", "约参观")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.w-next >> text=约参观")
    assert Lead.objects.get(title=name).next_step == "约参观"
    page.wait_for_selector("tr[data-row]:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('智能有限公司')")
    assert one.troubles == []


def test_many_rows_are_tagged_after_a_preview_and_taken_back(desk, owner, leads):
    one = desk(owner)
    page = one.open("/leads/")
    picks = page.locator("td.w-pick input")
    picks.nth(0).click()
    picks.nth(2).click(modifiers=["Shift"])
    page.wait_for_selector("text=已选 3 条")
    page.click("button:has-text('加标签')")
    page.fill("#id_tag_name", "重点跟")
    page.click("button:has-text('预览')")
    page.wait_for_selector("[data-ready]:has-text('3')")
    assert not Tag.objects.exists()
    page.click("button:has-text('确认办理 3 条')")
    page.wait_for_selector("[data-done]:has-text('3')")
    page.click("a:has-text('回到列表')")
    page.wait_for_selector(".tag-chip:has-text('重点跟')")
    assert page.locator(".tag-chip").count() == 3
    page.go_back()
    page.click("button:has-text('撤销这次批量操作')")
    page.wait_for_selector("[data-undone]:has-text('3')")
    assert not Lead.objects.filter(taggings__isnull=False).exists()
    assert one.troubles == []


def test_the_list_fits_a_phone(desk, owner, leads):
    one = desk(owner, width=390, height=844)
    page = one.open("/leads/?columns=name.tags.note.next.created.amount")
    assert not one.scrolls_sideways()
    page.click("summary:has-text('列')")
    assert not one.scrolls_sideways()
    page.locator("h1").click()
    page.locator(".w-next [data-cell]").first.click()
    page.wait_for_selector("[data-cell-form]")
    assert not one.scrolls_sideways()


def test_a_list_is_not_searched_for_a_word_that_is_still_spelled(desk, owner, leads):
    one = desk(owner)
    page, asked = one.open("/leads/"), []
    page.on("request", lambda request: "?q=" in request.url and asked.append(request.url))
    page.focus("#id_q")
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "jia", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(600)
    assert asked == []
    keyboard.send("Input.insertText", {"text": "甲一"})
    page.wait_for_url("**/leads/?q=*")
    page.wait_for_function("document.querySelectorAll('[data-row]').length === 1")
    keyboard.detach()
    assert one.troubles == []


def test_heads_stay_above_many_rows_and_names_beside_many_columns(desk, owner):
    for number in range(30):
        make.lead(owner, f"深圳甲{number}智能有限公司")
    one = desk(owner, width=1280, height=700)
    page = one.open("/leads/")
    page.mouse.wheel(0, 900)
    page.wait_for_function("scrollY > 300")
    assert 0 <= page.locator("th.w-name").bounding_box()["y"] < 20
    assert not one.scrolls_sideways()
    page = one.open(
        "/leads/?columns=name.stage.sector.amount.from.owner.next.tags.area.uscc.investor.note.limit.last"
    )
    name = page.locator("td.w-name").first
    stood = name.bounding_box()["x"]
    page.evaluate("document.querySelector('.records-wrap').scrollLeft = 400")
    assert page.locator("td.w-stage").first.bounding_box()["x"] < stood
    assert abs(name.bounding_box()["x"] - stood) < 50
    assert not one.scrolls_sideways()
    assert one.troubles == []


def test_a_failure_far_down_the_list_is_said_where_one_looks(desk, owner):
    for number in range(30):
        make.lead(owner, f"深圳甲{number}智能有限公司")
    one = desk(owner, width=390, height=844)
    page = one.open("/leads/")
    cell = page.locator("[data-row]").nth(20).locator("td.w-next")
    cell.locator("[data-cell]").click()
    cell.locator("[name=next_step]").fill("发载体清单")
    page.route("**/cell/next/", lambda route: route.abort())
    cell.locator("button.btn-primary").click()
    said = page.locator("#messages [role=alert]")
    said.wait_for()
    assert "网络不通，刚才的操作没有保存" in said.inner_text()
    box = said.bounding_box()
    assert 0 <= box["y"] < 844 - box["height"]
    assert 0 <= box["x"] <= 390 - box["width"]
    assert cell.locator("[name=next_step]").input_value() == "发载体清单"
    said.locator("button").click()
    said.wait_for(state="detached")


def test_sector_and_tags_are_changed_in_the_row_and_taken_back_by_keys(desk, owner, leads):
    Tag.objects.create(name="重点", unit=owner.unit)
    one = desk(owner)
    page = one.open("/leads/?columns=name.sector.tags")
    page.focus("tr[data-row] .w-sector [data-cell]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-cell-form] select")
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-cell-form]", state="detached")
    page.focus("tr[data-row] .w-sector [data-cell]")
    page.keyboard.press("Enter")
    page.select_option("[data-cell-form] select", "smart_manufacturing")
    page.focus("[data-cell-form] button.btn-primary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".w-sector >> text=智能制造")
    assert Lead.objects.get(pk=leads[-1].pk).sector.code == "smart_manufacturing"
    assert focused(page) == "深圳丁四智能有限公司"
    page.focus(".cell-undo button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".w-sector >> text=已撤销")
    assert Lead.objects.get(pk=leads[-1].pk).sector is None

    page.click("tr[data-row] .w-tags [data-cell]")
    page.check("[data-cell-form] label:has-text('重点') input")
    page.fill("[data-cell-form] input[name=tag_name]", "新标")
    page.keyboard.press("Enter")
    page.wait_for_selector(".w-tags >> text=新标")
    assert sorted(tag.name for tag in leads[-1].tags.all()) == ["新标", "重点"]
    assert page.url.endswith("/leads/?columns=name.sector.tags")
    page.click(".cell-undo button")
    page.wait_for_selector(".w-tags >> text=已撤销")
    assert not leads[-1].tags.exists()
    assert one.troubles == []
