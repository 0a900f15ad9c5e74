"""One firm has one first report however its city is written; what ran before that rule runs on."""

from importlib import import_module

import pytest

from django.apps import apps
from django.db import connection
from django.urls import reverse

from crm.models import Company, Notification
from crm.values import spelled_key
from leads import conflicts, judging, suspecting
from leads.claims import AlreadyReported, claim_key
from leads.intake import Capture, capture
from leads.lapses import scan
from leads.models import Claim, ClaimEvent, Conflict, DuplicatePair, ImportRow, Lead
from tests import callers, make
from tests.leads.test_claims import DAY, talk
from tests.leads.test_claims_doc import table
from tests.leads.test_trips_and_imports import HEAD, sheet

NAME = "杭州相芯科技有限公司"
EXAMPLES = table("例子：城市的写法")
SPELLINGS = [name for name, outcome, _ in EXAMPLES if outcome == "拒绝"]
OTHERS = [name for name, outcome, _ in EXAMPLES if outcome == "登记"]
CODE = "91330105MACPN4X08Y"


@pytest.fixture(autouse=True)
def _monday(freeze):
    freeze(make.NOW)


def report(client, name, **more):
    return client.post("/leads/new/", {"company_name": name, "next_contact_on": "2026-04-27", **more})


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_second_unit_is_told_on_the_page_and_by_the_api(as_, owner, outsider, name):
    make.lead(owner, NAME)
    client = as_(outsider)
    said = report(client, name).content.decode()
    assert "已由半山区块于 2026-04-20 首报" in said
    is_elsewhere = spelled_key(name) != spelled_key(NAME)  # not in brackets that change nothing
    assert (f"登记的名称是「{NAME}」，与所写的只差城市的写法" in said) is is_elsewhere
    assert "已由半山区块" in client.post("/leads/known/", {"company_name": name}).content.decode()
    assert "已由半山区块" in report(client, name, uscc=CODE).content.decode()  # the first gave no code
    answer = callers.person(outsider).post("leads/", {"company_name": name})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_reported")
    assert Lead.objects.count() == Company.objects.count() == 1


@pytest.mark.parametrize("name", OTHERS)
def test_another_firm_is_free(as_, owner, outsider, name):
    make.lead(owner, NAME)
    assert report(as_(outsider), name).status_code == 302
    assert Claim.objects.open().count() == 2


def test_a_sheet_is_told_of_what_is_on_file_and_of_its_own_lines(as_, owner, station):
    make.lead(owner, NAME)
    trip = make.roadshow(station)
    lines = [SPELLINGS[0], "上海相芯科技有限公司", "上海市相芯科技有限公司", "上海相芯科技（杭州）有限公司"]
    rows = [[n, name, "", "", "", "", "", "", ""] for n, name in enumerate(lines, 1)]
    as_(station).post(reverse("leads:upload", args=[trip.pk]), {"file": sheet(rows, HEAD)})
    told = list(ImportRow.objects.order_by("number").values_list("verdict", "reason"))[:4]
    assert [verdict for verdict, _ in told] == ["suspected", "new", "suspected", "new"]
    assert f"（写作「{NAME}」）" in told[0][1]
    assert "已由半山区块" in told[0][1]


def test_two_units_at_the_same_moment_take_one_lock(owner):
    assert {claim_key(name) for name in [NAME, *SPELLINGS]} == {"name:杭州相芯科技"}


@pytest.fixture
def later(owner, outsider, now):
    """The lead of another unit, from before: the same firm with its city written otherwise, a day later."""
    make.lead(owner, NAME)
    lead = make.lead(outsider, "宁波别家有限公司", at=now + DAY)
    name = SPELLINGS[1]
    key = spelled_key(name)
    Company.objects.filter(pk=lead.company_id).update(name=name, name_key=key)
    Lead.objects.filter(pk=lead.pk).update(title=name, is_unchecked=False)
    Claim.objects.filter(lead=lead).update(key=f"name:{key}")
    return Lead.objects.get(pk=lead.pk)


def upgrade(step="see_through"):
    for name in ("crm.migrations.0018_keys_that_see_through_cities", CLAIMS):
        with connection.schema_editor(atomic=False) as editor:
            getattr(import_module(name), step)(apps, editor)


CLAIMS = "leads.migrations.0011_one_report_one_credit_one_count"


def test_an_upgrade_ends_no_claim_and_tells_both_and_asks_the_bureau(
    as_, owner, outsider, manager, later, now
):
    before = list(Claim.objects.order_by("pk").values("unit", "claimed_at", "protected_until", "released_at"))
    upgrade()
    first, second = Claim.objects.order_by("pk")
    assert first.key == second.key == "name:杭州相芯科技"
    assert (first.beside, second.beside) == (None, first)
    assert before == list(
        Claim.objects.order_by("pk").values("unit", "claimed_at", "protected_until", "released_at")
    )
    said = as_(outsider).get(later.get_absolute_url()).content.decode()
    assert "半山区块也于 2026-04-20 首报了这家企业，两条首报都继续有效" in said
    assert "智慧网谷小镇也于 2026-04-21" in as_(owner).get(first.lead.get_absolute_url()).content.decode()
    suspecting.check_waiting(now + DAY)
    pair = DuplicatePair.objects.get()
    assert (pair.level, pair.confidence) == ("L2", 70)
    assert Notification.objects.filter(user=manager, title__contains="疑似").exists()


def test_of_two_side_by_side_either_may_be_contested_and_ruled_on(
    owner, outsider, manager, bureau, later, now
):
    upgrade()
    first, second = Claim.objects.order_by("pk")
    third = make.user("third", "officer", make.unit("wulin", "武林街道"))
    with pytest.raises(AlreadyReported, match="已由半山区块"):
        capture(Capture(name=SPELLINGS[0]), by=third, at=now + DAY)
    case = conflicts.open_case(NAME, by=owner, at=now + 2 * DAY, reason="我们先登记")
    assert case.claim == second
    shares = {owner.unit: 100}
    conflicts.decide(
        case,
        verdict=Conflict.Verdict.TRANSFER,
        opinion="首报在先",
        shares=shares,
        by=manager,
        at=now + 3 * DAY,
    )
    assert set(Claim.objects.open().values_list("unit", flat=True)) == {owner.unit_id}
    assert Claim.objects.open().count() == 2


def test_one_that_lapsed_is_not_renewed_over_the_one_that_runs(owner, outsider, later, now):
    upgrade()
    lead = Lead.objects.exclude(pk=later.pk).get()
    talk(lead, owner, now + 20 * DAY)
    for day in range(15, 40):
        scan(now + day * DAY)
    assert list(Claim.objects.open().values_list("lead", flat=True)) == [lead.pk]
    talk(later, outsider, now + 40 * DAY)
    assert list(Claim.objects.open().values_list("lead", flat=True)) == [lead.pk]


def test_the_bureau_merges_the_two_and_takes_it_back(manager, later, now):
    upgrade()
    suspecting.check_waiting(now + DAY)
    first = Lead.objects.exclude(pk=later.pk).get()
    for kept, gone in ((first, later), (later, first)):
        pair = DuplicatePair.objects.get()
        judging.judge(pair, "same", by=manager, at=now + DAY, reason="同一家", kept=kept.pk)
        assert list(Claim.objects.open().values_list("lead", flat=True)) == [kept.pk]
        judging.undo_merge(Lead.objects.get(pk=gone.pk), by=manager, at=now + DAY, reason="不是")
        assert Claim.objects.open().count() == 2


def test_the_upgrade_can_be_taken_back(later):
    keys = dict(Claim.objects.values_list("pk", "key"))
    names = dict(Company.objects.values_list("pk", "name_key"))
    upgrade()
    upgrade("as_written")
    assert dict(Claim.objects.values_list("pk", "key")) == keys
    assert dict(Company.objects.values_list("pk", "name_key")) == names
    assert not ClaimEvent.objects.filter(kind="beside").exists()
    assert not Claim.objects.exclude(beside=None).exists()
