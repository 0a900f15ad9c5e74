"""合并 with a choice for each column: what stays is what the person chose, and undoing gives both back."""

from decimal import Decimal

import pytest

from leads import suspecting, tagging
from leads.models import DuplicatePair, Lead
from tests import make

ONE, OTHER = "深圳望川智能装备有限公司", "杭州望川智能装备有限公司"


@pytest.fixture
def pair(owner, now):
    """Two leads that say different amounts, next steps and notes; the second alone says an area."""
    one = make.lead(owner, ONE, amount_wan=Decimal(3000), next_step="寄资料", note="一期")
    make.lead(owner, OTHER, amount_wan=Decimal(5000), area_sqm=800, next_step="约见", note="二期")
    suspecting.check_waiting(now)
    assert DuplicatePair.objects.get().one == one
    return DuplicatePair.objects.select_related("one", "other").get()


def seen(pair):
    both = Lead.objects.filter(pk__in=[pair.one_id, pair.other_id])
    return {f"judge-seen{lead.pk}": lead.version for lead in both}


def post(client, pair, **chosen):
    given = {"judge-verdict": "same", "judge-kept": pair.one_id, "judge-reason": "同一家", **seen(pair)}
    given |= {f"judge-{name}": pk for name, pk in chosen.items()}
    return client.post(f"/duplicates/{pair.pk}/judge/", given)


def test_the_page_shows_what_differs_and_what_goes_over(as_, owner, pair, now):
    tagging.mark(pair.other, tagging.named("急需用房", by=owner, at=now), by=owner, at=now)
    page = as_(owner).get(pair.get_absolute_url()).content.decode()
    for said in ("3,000 万元", "5,000 万元", "寄资料", "约见", "合并后用哪个", "拜访和跟进", "首报"):
        assert said in page
    assert "急需用房" in page
    assert 'name="judge-area_sqm"' not in page


def test_each_column_keeps_what_was_chosen_and_undoing_gives_both_back(as_, owner, pair):
    client, one, other = as_(owner), pair.one, pair.other
    answer = post(client, pair, amount_wan=other.pk, next_step=one.pk, title=other.pk, note=other.pk)
    assert answer.url == one.get_absolute_url()
    one.refresh_from_db()
    assert (one.title, one.amount_wan, one.area_sqm) == (OTHER, 5000, 800)
    assert (one.next_step, one.note) == ("寄资料", "二期")
    for name in (ONE, OTHER):
        assert list(Lead.objects.own().search(name)) == [one]
    assert one.get_absolute_url() in client.get(other.get_absolute_url()).content.decode()
    assert client.post(f"/leads/{other.pk}/unmerge/", {"unmerge-reason": "弄错了"}).status_code == 302
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.title, one.amount_wan, one.area_sqm, one.note) == (ONE, 3000, None, "一期")
    assert (other.title, other.amount_wan, other.stage) == (OTHER, 5000, "lead")


def test_what_was_changed_since_it_was_compared_is_compared_again(as_, owner, pair):
    client, before = as_(owner), seen(pair)
    Lead.objects.filter(pk=pair.other_id).update(amount_wan=9000, version=5)
    given = {"judge-verdict": "same", "judge-kept": pair.one_id, "judge-reason": "同一家", **before}
    refused = client.post(f"/duplicates/{pair.pk}/judge/", {**given, "judge-amount_wan": pair.other_id})
    assert refused.status_code == 412
    assert "没有合并" in refused.content.decode()
    assert Lead.objects.own().count() == 2
