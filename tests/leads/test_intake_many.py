"""Many at once: what becomes of a lot is what `capture` makes of its lines one by one."""

import random
import re
from copy import deepcopy
from datetime import timedelta

import pytest

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.errors import Refused
from crm.models import Company, Contact
from crm.values import company_key
from leads import intake, intake_many
from leads.claims import AlreadyReported
from leads.intake import Capture
from leads.models import Claim, Lead, LeadStageChange, PoolEntry, RoadshowTarget, Visit
from leads.on_file import OfLot, OfOne
from tests import make
from tests.make import NOW
from tests.racing import Other

KEYS = ("id", "lead", "company", "contact", "lead_id")
NAMED = {"lead": "lead__title", "company": "company__name", "contact": "contact__name"}
OWN_KEY = re.compile(r"company:\d+")
MODELS = (Company, Contact, Lead, Visit, Claim, LeadStageChange, RoadshowTarget)


class _Back(Exception):
    pass


def rows_after(write):
    """What stands in the tables of a capture after `write`, without keys; taken back at once.

    Of a relation to another of these tables only whether it is set, and to what name.
    """
    found = {}
    try:
        with transaction.atomic():
            write()
            for model in MODELS:
                fields = [f.name for f in model._meta.concrete_fields if f.name not in KEYS]
                related = [NAMED[f.name] for f in model._meta.concrete_fields if f.name in NAMED]
                rows = map(str, model.objects.values_list(*fields, *related))
                found[model] = sorted(OWN_KEY.sub("company:", row) for row in rows)
            raise _Back
    except _Back:
        return found


@pytest.fixture
def trip(station):
    trip = make.roadshow(station)
    RoadshowTarget.objects.create(roadshow=trip, company_name="深圳青禾（示例）有限公司")
    return trip


def lot(trip):
    day = NOW
    return [
        Capture("深圳青禾示例有限公司", "沈一舟", "总经理", "15400000001", uscc="91330105MADEMQ012G",
                roadshow=trip, met_at=day, content="有意来杭", next_step="寄资料", amount_wan=3000,
                investor_name="之江资本"),
        Capture("深圳牧星文旅科技有限公司", roadshow=trip, city=trip.city, note="（原表所在城市：梁溪）"),
        Capture("深圳极目低空信息技术有限公司", "林景行", roadshow=trip, area_sqm=1200,
                sector_kind="foundation"),
    ]  # fmt: skip


def test_new_companies_are_written_as_one_by_one(station, trip):
    one_by_one = rows_after(lambda: [intake.capture(one, by=station, at=NOW) for one in lot(trip)])
    at_once = rows_after(lambda: intake_many.capture_many(lot(trip), by=station, at=NOW))
    assert at_once == one_by_one
    assert len(at_once[Lead]) == len(at_once[Claim]) == len(at_once[LeadStageChange]) == 3
    assert "visited" in at_once[RoadshowTarget][0]


def outcome_of(way, lot, by):
    """What became of each line of the lot: True for a lead, the words of a refusal."""
    found = intake_many.capture_many(lot, by=by, at=NOW) if way == "at once" else [None] * len(lot)
    for place, outcome in enumerate(found):
        if outcome is None:
            found[place] = _captured(lot[place], by)
    return [str(one) if isinstance(one, Refused) else isinstance(one, Lead) for one in found]


def _captured(data, by):
    try:
        return intake.capture(data, by=by, at=NOW)
    except Refused as refusal:
        return refusal


WORDS = ("青禾", "牧星", "极目", "星河", "云帆", "远瞻")
FORMS = ("有限公司", " 有限公司", "股份有限公司", "（杭州）有限公司")
CODES = ("", "", "91330105MADEMQ012G", "91330105MADEMQ022B", "91330105MADEMQ0327")


def some_name(chance):
    return f"深圳{chance.choice(WORDS)}{chance.choice(('示例', ''))}{chance.choice(FORMS)}"


def somebody_is_on_file(chance, people, trip):
    """Companies of several lives: held by us or others, released, renamed, pooled, without a code."""
    for number in range(8):
        data = Capture(
            some_name(chance),
            uscc=chance.choice(CODES),
            roadshow=chance.choice((trip, None)),
            contact_name=chance.choice(("", "沈一舟")),
            investor_name=chance.choice(("", "之江资本")),
        )
        lead = _captured(data, chance.choice(people))
        if isinstance(lead, Lead) and number % 2:
            Claim.objects.filter(lead=lead).update(
                released_at=NOW, ended=chance.choice(("silence", "dropped"))
            )
        if isinstance(lead, Lead) and number % 4 == 3:
            PoolEntry.objects.create(lead=lead, why="given", from_unit=lead.unit, from_person=lead.owner,
                                     entered_at=NOW)  # fmt: skip
        if isinstance(lead, Lead) and number % 4 == 1:
            lead.company.former_names = [some_name(chance)]
            lead.company.save()


def some_line(chance, trip):
    return Capture(
        some_name(chance),
        uscc=chance.choice(CODES),
        roadshow=trip,
        city=chance.choice((None, trip.city)),
        contact_name=chance.choice(("", "沈一舟", "林景行")),
        contact_title=chance.choice(("", "总经理")),
        investor_name=chance.choice(("", "之江资本", "钱江资本")),
        amount_wan=chance.choice((None, 3000)),
        content=chance.choice(("", "有意来杭")),
        next_contact_on=chance.choice((None, NOW.date() - timedelta(days=3)))
        if chance.random() < 0.2
        else None,
        is_distinct=chance.random() < 0.3,
    )


@pytest.mark.parametrize("seed", range(25))
def test_a_lot_becomes_what_its_lines_become_one_by_one(station, owner, outsider, trip, seed):
    chance = random.Random(seed)
    somebody_is_on_file(chance, (station, owner, outsider), trip)
    lines = apart(some_line(chance, trip) for _ in range(20))
    became, written = {}, {}
    for way in ("one by one", "at once"):
        written[way] = rows_after(
            lambda way=way: became.update({way: outcome_of(way, deepcopy(lines), station)})
        )
    assert became["at once"] == became["one by one"]
    assert written["at once"] == written["one by one"]


def apart(lines):
    """Those that cannot be a company of a line before: they are what a lot writes together."""
    found, seen = [], set()
    for line in lines:
        companies = Company.objects.same_as(line.name, line.uscc).values_list("pk", flat=True)
        words = {company_key(line.name), line.uscc, *companies} - {""}
        if seen.isdisjoint(words):
            found.append(line)
        seen |= words
    return found


def test_the_companies_of_a_lot_are_found_as_one_by_one(station, owner, trip):
    chance = random.Random(1)
    somebody_is_on_file(chance, (station, owner), trip)
    lines = [some_line(chance, trip) for _ in range(60)]
    with transaction.atomic():
        file, one_by_one = OfLot(lines), OfOne()
        for line in lines:
            assert file.same_as(line.name, line.uscc) == one_by_one.same_as(line.name, line.uscc)


def test_lines_that_repeat_one_another_are_left_to_the_entrance_and_not_written(station, owner, trip):
    renamed = make.lead(owner, "深圳新名示例有限公司").company
    renamed.former_names = ["深圳旧名示例有限公司"]
    renamed.save()
    before = Lead.objects.count()
    found = intake_many.capture_many(
        [
            Capture("深圳同名示例有限公司", roadshow=trip),
            Capture("深圳同名示例有限公司 ", roadshow=trip),
            Capture("深圳旧名示例有限公司", roadshow=trip),
            Capture("深圳新名示例有限公司", roadshow=trip),
            Capture("深圳点名示例有限公司", roadshow=trip, content="@林晓", names_colleagues=True),
            Capture("深", roadshow=trip),
            Capture("深圳新来示例有限公司", roadshow=trip),
        ],
        by=station,
        at=NOW,
    )
    assert found[:5] == [None] * 5
    assert "至少两个字" in str(found[5])
    assert Lead.objects.count() == before + 1
    assert Lead.objects.latest("pk") == found[6]


def test_a_known_company_nobody_holds_is_completed_and_its_other_leads_are_found_by_its_new_name(
    station, owner, trip, django_capture_on_commit_callbacks
):
    old = make.lead(owner, "深圳旧名示例有限公司")
    Claim.objects.update(released_at=NOW, ended="silence")
    Company.objects.update(uscc="91330105MADEMQ012G", city=None)
    with django_capture_on_commit_callbacks(execute=True):
        renamed = Capture("深圳新名示例有限公司", uscc="91330105MADEMQ012G", city=trip.city, roadshow=trip)
        (lead,) = intake_many.capture_many([renamed], by=station, at=NOW)
    company = Company.objects.get()
    assert (company.name, company.former_names) == ("深圳新名示例有限公司", [old.title])
    assert (company.city, lead.company) == (trip.city, company)
    assert old in Lead.objects.search("新名示例")


def test_a_lot_costs_the_same_statements_whatever_its_size(station, trip):
    sizes = []
    for size in (3, 30):
        lot = [Capture(f"深圳示例{size}之{n}有限公司", roadshow=trip) for n in range(size)]
        with CaptureQueriesContext(connection) as asked:
            assert all(intake_many.capture_many(lot, by=station, at=NOW))
        sizes.append(len(asked))
    assert sizes[0] == sizes[1] < 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["one", "lot"])
def test_who_reports_a_company_of_a_lot_while_it_is_written_waits_and_is_told(station, outsider, trip, way):
    names = ["深圳青禾示例有限公司", "深圳牧星文旅科技有限公司"]

    def reports():
        if way == "one":
            return intake.capture(Capture(names[1]), by=outsider, at=NOW)
        return intake_many.capture_many([Capture(name) for name in reversed(names)], by=outsider, at=NOW)

    other = Other(reports)
    with other.before("nextval"):
        leads = intake_many.capture_many([Capture(name, roadshow=trip) for name in names], by=station, at=NOW)
    found = other.ended()
    told = [found] if way == "one" else found
    assert [type(one) for one in told] == [AlreadyReported] * len(told)
    assert list(Lead.objects.order_by("pk")) == leads
    assert Claim.objects.open().count() == Company.objects.count() == 2
