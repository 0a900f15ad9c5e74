"""Every page of the map over the demo year: read by everybody, in light and dark, on desk and phone."""

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
SMALL = """() => [...document.querySelectorAll(
    'a[href], button, select, textarea, summary, input:not([type=hidden])')]
  .filter(one => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const isShown = box.width > 1 && box.height > 1 && style.visibility !== 'hidden';
    const isPart = one.closest('svg') || one.matches('[type=checkbox], [type=radio]') && one.closest('label');
    return isShown && box.height < 39.5 && !isPart;
  }).map(one => one.outerHTML.slice(0, 120))"""
# names of our code, and what a program says instead of words; addresses and codes of documents are no words
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\bNone\b|\bundefined\b|\bNaN\b|\bTrue\b|\bFalse\b|\{\{|\}\}")


@pytest.fixture
def manager(transactional_db):
    call_command("demo", password="Demo-2026-xihu", verbosity=0)
    return User.objects.get(username="manager")


def test_no_page_keeps_anybody_out_or_speaks_code(desk, manager):
    one, paths = desk(manager), pages(manager)
    found = {
        **{
            (scheme, name): said
            for scheme in ("light", "dark")
            for name, said in barriers(one, paths, scheme)
        },
        **{("phone", name): said for name, said in cramped(one, paths)},
    }
    assert found == {}
    assert one.troubles == []
    assert len(paths) >= 45


def barriers(one, paths, scheme):
    """(page, what axe-core and the search for words of code say) of the pages where they say anything."""
    one.page.emulate_media(color_scheme=scheme)
    for name, path in paths.items():
        one.open(path).evaluate(AXE)
        said = [*one.page.evaluate(RUN), *CODE.findall(one.page.inner_text("body"))]
        if said:
            yield name, said


def cramped(one, paths):
    """(page, what a finger misses or what pushes it sideways) on a phone."""
    one.page.emulate_media(color_scheme="light")
    one.page.set_viewport_size({"width": 390, "height": 844})
    for name, path in paths.items():
        said = one.open(path).evaluate(SMALL) + ["sideways"] * one.scrolls_sideways()
        if said:
            yield name, said
