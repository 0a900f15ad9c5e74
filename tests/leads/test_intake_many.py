"""Many at once: what nobody has on file is written as `capture` writes it, everything else is left to it."""

import pytest

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import Company, Contact
from leads import intake, intake_many
from leads.claims import AlreadyReported
from leads.intake import Capture
from leads.models import Claim, Lead, LeadStageChange, RoadshowTarget, Visit
from tests import make
from tests.make import NOW
from tests.racing import Other

KEYS = ("id", "lead", "company", "contact", "lead_id")
MODELS = (Company, Contact, Lead, Visit, Claim, LeadStageChange, RoadshowTarget)


class _Back(Exception):
    pass


def rows_after(write):
    """What stands in the tables of a capture after `write`, without keys; taken back at once."""
    found = {}
    try:
        with transaction.atomic():
            write()
            for model in MODELS:
                fields = [f.name for f in model._meta.concrete_fields if f.name not in KEYS]
                found[model] = sorted(map(str, model.objects.values_list(*fields)))
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
    at_once = rows_after(lambda: intake_many.capture_new(lot(trip), by=station, at=NOW))
    assert at_once == one_by_one
    assert len(at_once[Lead]) == len(at_once[Claim]) == len(at_once[LeadStageChange]) == 3
    assert "visited" in at_once[RoadshowTarget][0]


def test_what_needs_a_word_is_left_to_the_entrance_and_not_written(station, owner, trip):
    make.lead(owner, "深圳星河低空装备有限公司")
    renamed = make.lead(owner, "深圳新名示例有限公司").company
    renamed.former_names = ["深圳旧名示例有限公司"]
    renamed.save()
    Company.objects.filter(pk=renamed.pk).update(uscc="91330105MADEMQ012G")
    before = Lead.objects.count()
    leads = intake_many.capture_new(
        [
            Capture("深圳星河低空装备有限公司", roadshow=trip),
            Capture("深圳旧名示例有限公司", roadshow=trip),
            Capture("深圳别名示例有限公司", uscc="91330105MADEMQ012G", roadshow=trip),
            Capture("深圳同名示例有限公司", roadshow=trip),
            Capture("深圳同名示例有限公司 ", roadshow=trip),
            Capture("深圳另一家示例有限公司", roadshow=trip, is_distinct=True),
            Capture("深", roadshow=trip),
            Capture("深圳新来示例有限公司", roadshow=trip),
        ],
        by=station,
        at=NOW,
    )
    assert [bool(lead) for lead in leads] == [False] * 7 + [True]
    assert Lead.objects.count() == before + 1
    assert Lead.objects.latest("pk").title == "深圳新来示例有限公司"


def test_a_lot_costs_the_same_statements_whatever_its_size(station, trip):
    sizes = []
    for size in (3, 30):
        lot = [Capture(f"深圳示例{size}之{n}有限公司", roadshow=trip) for n in range(size)]
        with CaptureQueriesContext(connection) as asked:
            assert all(intake_many.capture_new(lot, by=station, at=NOW))
        sizes.append(len(asked))
    assert sizes[0] == sizes[1] < 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["one", "lot"])
def test_who_reports_a_company_of_a_lot_while_it_is_written_waits_and_is_told(station, outsider, trip, way):
    names = ["深圳青禾示例有限公司", "深圳牧星文旅科技有限公司"]

    def reports():
        if way == "one":
            return intake.capture(Capture(names[1]), by=outsider, at=NOW)
        return intake_many.capture_new([Capture(name) for name in reversed(names)], by=outsider, at=NOW)

    other = Other(reports)
    with other.before("nextval"):
        leads = intake_many.capture_new([Capture(name, roadshow=trip) for name in names], by=station, at=NOW)
    found = other.ended()
    assert isinstance(found, AlreadyReported) if way == "one" else found == [None, None]
    assert list(Lead.objects.order_by("pk")) == leads
    assert Claim.objects.open().count() == Company.objects.count() == 2
