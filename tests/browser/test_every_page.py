"""Every page of the map, with the demo year on it: read by everybody, in light and dark, on desk and phone."""

import re
from pathlib import Path

import pytest

from django.conf import settings
from django.core.management import call_command

from config.pagemap import pages
from crm.models import User

AXE = (Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations']
  })).violations.filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`)"""
# what a finger has to hit; links within a picture have their like in the list beside it
SMALL = """() => [...document.querySelectorAll('a[href], button, select, textarea, summary, input:not([type=hidden])')]
  .filter(one => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const isShown = box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && !one.closest('svg');
    return isShown && box.height < 39.5 && !(one.matches('[type=checkbox], [type=radio]') && one.closest('label'));
  }).map(one => one.outerHTML.slice(0, 120))"""
# names of our code, and what a program says instead of words; addresses and codes of documents are no words
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\bNone\b|\bundefined\b|\bNaN\b|\bTrue\b|\bFalse\b|\{\{|\}\}")
HEAVIEST = 250_000  # bytes of a first view as they come over the line, without charts
MOST_REQUESTS = 12


@pytest.fixture
def manager(transactional_db):
    call_command("demo", password="Demo-2026-xihu", verbosity=0)  # noqa: S106 (of the test's own database)
    return User.objects.get(username="manager")


def test_no_page_keeps_anybody_out_or_speaks_code(desk, manager):
    one, paths = desk(manager), pages(manager)
    found = {}
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        for name, path in paths.items():
            one.open(path).evaluate(AXE)
            if barriers := one.page.evaluate(RUN):
                found[scheme, name] = barriers
            if words := CODE.findall(one.page.inner_text("body")):
                found["words", name] = words
    one.page.emulate_media(color_scheme="light")
    one.page.set_viewport_size({"width": 390, "height": 844})
    for name, path in paths.items():
        if small := one.open(path).evaluate(SMALL):
            found["phone", name] = small
        if one.scrolls_sideways():
            found["sideways", name] = path
    assert found == {}
    assert one.troubles == []
    assert len(paths) >= 45
