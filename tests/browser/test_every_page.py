"""The demo year as the command tells it: every state is there and keeps to the rules, and every page of the
map over it is read by everybody, in light and dark, on desk and phone."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from config.pagemap import pages
from crm.models import FieldChange, User
from crm.workdays import shanghai_day
from projects.commitments import keeping
from projects.demo import story
from projects.models import Agreement, Commitment, Project, Receipt
from projects.receipts import total
from tests import pristine

pytestmark = pytest.mark.django_db(transaction=True)

AXE = (Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# a page follows the theme whenever it is told; a colour on its way to another is none to judge
JUDGE = """async ([scheme, rules]) => {
  document.documentElement.setAttribute('data-bs-theme', scheme);
  document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish());
  const found = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
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


@pytest.fixture(scope="module")
def year(django_db_setup, django_db_blocker):
    """The whole year, committed for the server and for all tests of this module.

    All projects of the demo are there, with most of the leads that became none left out.
    """
    with pytest.MonkeyPatch.context() as monkeypatch, django_db_blocker.unblock(), pristine.standing():
        monkeypatch.setattr(story, "TRIPS", [(*trip[:-1], 15) for trip in story.TRIPS])
        monkeypatch.setattr(story, "OTHER_LEADS", 30)
        monkeypatch.setattr(story, "FATE", [("lead", 1), ("accepted", 9)])
        call_command("demo", password="Demo-2026-xihu", verbosity=0)
        yield


def test_the_demo_shows_every_state_and_breaks_no_rule(year):
    today = shanghai_day(timezone.now())
    assert Project.objects.count() == story.PROJECTS
    assert not FieldChange.objects.exists()  # a year written within seconds is no history
    kept = keeping(Commitment.objects.all(), today)
    assert all(kept.counts[state] for state in Commitment.State)
    assert {row.kind for row in Agreement.objects.all()} >= {"framework", "investment", "supplement"}
    assert Agreement.objects.filter(kind="investment", counted_on=None).count() < Agreement.objects.count()
    assert Receipt.objects.exists()
    for project in Project.objects.filter(receipts__isnull=False).distinct():
        assert Decimal(0) < total(project) <= project.amount_wan


def test_no_page_keeps_anybody_out_or_speaks_code(desk, year):
    """Each page of the map is opened once: at the desk in both themes, then on narrower screens."""
    manager = User.objects.get(username="manager")
    one, paths, found = desk(manager), pages(manager), {}
    for name, path in paths.items():
        page = one.open(path)
        said = [*barriers(page), *CODE.findall(page.inner_text("body")), *cramped(one)]
        if said:
            found[name] = said
        page.set_viewport_size(DESK)
    assert found == {}
    assert one.troubles == []
    assert len(paths) >= 45


def test_a_page_begins_in_the_colours_the_system_asks_for(desk, year):
    one = desk(User.objects.get(username="manager"))
    for scheme in ("dark", "light"):
        one.page.emulate_media(color_scheme=scheme)
        assert one.open("/").get_attribute("html", "data-bs-theme") == scheme


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
