"""The first view of a page, with nothing in the browser's cache: what it weighs and how often it asks."""

import gzip

import pytest

from django.urls import reverse

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

KB = 1000
MOST_KB, MOST_REQUESTS = 250, 12
CHARTS = "echarts"
PAGES = ("home", "leads:list", "leads:board", "leads:capture", "projects:list", "projects:board", "reports")


@pytest.fixture
def records(owner):
    project = make.project(owner)
    return make.lead(owner, "深圳甲乙科技有限公司"), project


def weighed(answers):
    """(kB as they travel, addresses) of all a page asked for, but for its charts; nothing is missing."""
    assert {one.status for one in answers} == {200}
    asked = {one.url: one.body() for one in answers if CHARTS not in one.url}
    return sum(len(gzip.compress(body, 6)) for body in asked.values()) / KB, list(asked)


def test_the_first_view_is_light_and_asks_seldom(chromium, desk, manager, records):
    seat, heavy = desk(manager), {}
    paths = [reverse(name) for name in PAGES] + [record.get_absolute_url() for record in records]
    for path in paths:
        context = chromium.new_context(locale="zh-CN", storage_state=seat.page.context.storage_state())
        page, answers = context.new_page(), []
        page.on("response", lambda answer, kept=answers: kept.append(answer))
        page.goto(seat.base + path, wait_until="networkidle")
        weight, asked = weighed(answers)
        if not 0 < weight <= MOST_KB or len(asked) > MOST_REQUESTS:
            heavy[path] = (round(weight), asked)
        context.close()
    assert heavy == {}


# what moved by itself, and how far: the page's share, and the names of what moved
SHIFTS = """
window.shifted = [];
new PerformanceObserver((list) => {
  const moves = list.getEntries().filter((one) => !one.hadRecentInput && one.value > 0.001);
  const name = (node) => node?.id || node?.className || `${node?.nodeName} in ${node?.parentNode?.className}`;
  window.shifted.push(...moves.map((one) => [one.value, ...one.sources.map((at) => name(at.node))]));
}).observe({ type: "layout-shift", buffered: true });
"""
MOST_MOVED = 0.1  # share of the view, summed; above it browsers speak of a page that jumps
SETTLED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 150)))"


def test_hardly_anything_moves_while_a_page_comes(chromium, desk, manager, records):
    """On a busy machine a page is painted before its script has run: then a line may move once."""
    seat, moved = desk(manager), {}
    paths = [reverse(name) for name in PAGES] + [record.get_absolute_url() for record in records]
    context = chromium.new_context(locale="zh-CN", storage_state=seat.page.context.storage_state())
    context.add_init_script(SHIFTS)
    page = context.new_page()
    for width in (390, 768):
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(seat.base + path, wait_until="networkidle")
            page.evaluate(SETTLED)
            shifted = page.evaluate("window.shifted")
            if sum(share for share, *_ in shifted) > MOST_MOVED:
                moved[path, width] = shifted
    context.close()
    assert moved == {}
