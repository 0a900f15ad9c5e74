"""The timeline looked through: a sort at a time, page by page, by address without scripts and as a piece."""

from datetime import timedelta

import pytest

from django.utils import timezone

from crm.models import Notification
from leads.browsing import OF_KIND, SIZE, SORTS
from leads.models import Visit
from tests import make

PIECE = {"HX-Request": "true", "HX-Target": "timeline"}


@pytest.fixture(params=["lead", "project"])
def record(request, owner):
    """A record with two calls and a visit, and a message about it to its owner."""
    one = make.lead(owner) if request.param == "lead" else make.project(owner)
    lead, now = (one if request.param == "lead" else one.lead), timezone.now()
    for place, kind in enumerate(("call", "online", "out")):
        at = now - timedelta(hours=place)
        words = {"content": f"谈了第 {place} 回", "kind": kind}
        Visit.objects.create(lead=lead, unit=lead.unit, by=owner, at=at, created_at=at, **words)
    url = one.get_absolute_url()
    told = {"kind": "stage", "title": "阶段变了", "sent_at": now, "created_at": now}
    Notification.objects.create(user=owner, key="own", url=f"{url}#steps", **told)
    Notification.objects.create(user=owner, key="other", url=url.replace("1", "9") + "9/", **told)
    return one


def kinds(answer):
    return [entry.kind for entry in answer.context["shown"].entries]


def test_one_sort_is_shown_by_the_address_and_by_the_piece_alike(as_, owner, record):
    client, url = as_(owner), record.get_absolute_url()
    whole = client.get(url)
    assert f'href="{url}?timeline=calls#timeline"' in whole.content.decode()
    for sort, wanted in (("calls", ["visit", "visit"]), ("messages", ["message"])):
        page, piece = (
            client.get(f"{url}?timeline={sort}"),
            client.get(f"{url}?timeline={sort}", headers=PIECE),
        )
        assert kinds(page) == kinds(piece) == wanted
        assert "<html" not in piece.content.decode()
        assert 'aria-current="page"' in piece.content.decode()
    numbers = {code: number for code, _, number in whole.context["shown"].sorts}
    assert numbers[""] == len(whole.context["shown"].entries) == sum(numbers.values()) / 2
    assert "谈了第 2 回" not in client.get(f"{url}?timeline=calls", headers=PIECE).content.decode()


def test_a_long_timeline_comes_page_by_page_the_newest_first(as_, owner, record):
    lead = getattr(record, "lead", record)
    for n in range(SIZE):
        at = timezone.now() - timedelta(days=n + 1)
        Visit.objects.create(lead=lead, unit=lead.unit, by=owner, kind="out", at=at, created_at=at)
    client, url = as_(owner), record.get_absolute_url()
    page = client.get(f"{url}?timeline=visits")
    first = page.context["shown"]
    assert (len(first.entries), first.left >= 1) == (SIZE, True)
    assert "更多（还有" in page.content.decode()
    more = client.get(f"{url}?timeline=visits&more={first.next}")
    moments = [entry.at for entry in more.context["shown"].entries]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == SIZE + first.left
    assert "更多（还有" not in more.content.decode()


@pytest.mark.parametrize("query", ["timeline=dreams", "more=0", "more=x", "more=999999", "more=-1"])
def test_what_no_timeline_has_is_refused(as_, owner, query):
    answer = as_(owner).get(f"{make.lead(owner).get_absolute_url()}?{query}")
    assert (answer.status_code, "时间线没有这" in answer.content.decode()) == (400, True)


def test_every_kind_of_entry_has_its_sort():
    assert set(OF_KIND.values()) <= SORTS.keys()
