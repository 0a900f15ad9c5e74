"""What keeps somebody out of a page: asked of axe-core, of the words on it and of its size under a finger."""

import re
from pathlib import Path

from django.conf import settings

AXE = (Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# a page follows the theme whenever it is told; a colour on its way to another is none to judge
JUDGE = """async ([scheme, rules]) => {
  document.documentElement.setAttribute('data-bs-theme', scheme);
  document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish());
  const found = await axe.run(document, { runOnly: rules, resultTypes: ['violations'], preload: false });
  return found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`);
}"""
# all rules once; of the other theme what colours decide
JUDGED = (
    ("light", ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]),
    ("dark", {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}),
)
DESK, WIDTHS = {"width": 1440, "height": 900}, (768, 390)
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


def faults(one):
    """Everything that is wrong with the page as it stands at `one`: themes, words, widths."""
    page = one.page
    said = [*barriers(page), *CODE.findall(page.inner_text("body")), *cramped(one)]
    page.set_viewport_size(DESK)
    page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'light')")
    return said


def barriers(page):
    """What axe-core says of the page that stands, in both themes."""
    page.evaluate(AXE)
    return [f"{scheme}: {word}" for scheme, rules in JUDGED for word in page.evaluate(JUDGE, [scheme, rules])]


def cramped(one):
    """What pushes the page sideways on tablet and phone, and what a finger misses there."""
    for width in WIDTHS:
        one.page.set_viewport_size({"width": width, "height": 844})
        if one.scrolls_sideways():
            yield f"sideways at {width}"
    yield from one.page.evaluate(SMALL)
