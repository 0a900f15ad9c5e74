"""Builders: each states what a test depends on and nothing more. Words come from the seeded vocabulary."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Carrier, Channel, City, Company, Contact, FusionSector, FutureTrack, Unit, User
from crm.reading import read_once
from crm.workdays import shanghai_day
from leads.intake import Capture, capture
from leads.lapses import scan
from leads.models import Roadshow
from leads.screening import write_opinion
from projects.models import (
    Agreement,
    BasisClause,
    Building,
    Commitment,
    ComputeOffer,
    Evidence,
    Fund,
    Receipt,
    Space,
)
from projects.opening import accept
from projects.papers import keep
from projects.referring import Consent, refer
from projects.space_needs import Need, state_need

NOW = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
_numbers = count(1)
PASSWORD = "Grand-canal-2026"


def unit(code="banshan", name="半山区块", kind="platform"):
    return Unit.objects.filter(code=code).first() or Unit.objects.create(code=code, name=name, kind=kind)


def user(username, role, unit=None, name=None):
    person = User(username=username, role=role, unit=unit, name=name or username)
    person.set_password(PASSWORD)
    person.save()
    return person


def roadshow(by, title="2026年4月深圳敲门招商", city="440300", **fields):
    return Roadshow.objects.create(
        title=title,
        city=City.objects.get(pk=city),
        starts_on=fields.pop("starts_on", date(2026, 4, 13)),
        ends_on=fields.pop("ends_on", date(2026, 4, 17)),
        unit=fields.pop("unit", by.unit),
        created_by=by,
        created_at=NOW,
        updated_at=NOW,
        **fields,
    )


def lead(by, name=None, at=NOW, **fields):
    """A fresh 线索 captured by `by`."""
    fields.setdefault("channel", Channel.objects.get(code="knock"))
    fields.setdefault("met_at", at)
    return capture(Capture(name=name or f"深圳星海{next(_numbers)}号智能有限公司", **fields), by=by, at=at)


@read_once()
def days_pass(last, begin=NOW, first=1):
    """The pass over the claims on every day from the `first` to the `last` after `begin`."""
    for day in range(first, last + 1):
        scan(begin + timedelta(days=day))


@read_once()
def screened(by, verdict="accepted", at=NOW, **fields):
    """A lead in 研判 with a complete opinion and classification."""
    one = lead(by, at=at, **fields)
    one.move_to("screening", by=by, at=at)
    opinion = dict.fromkeys(
        ("industry", "market", "technology", "environment", "energy", "benefit"), "符合导向，已核实。"
    )
    classification = {
        "sector_kind": "fusion",
        "sector": _sector(),
        "chain_position": "application",
        "tracks": _tracks(),
    }
    write_opinion(one, {**opinion, "verdict": verdict}, by=by, at=at, classification=classification)
    return one


@cache
def _sector():
    return FusionSector.objects.get(code="smart_manufacturing")


@cache
def _tracks():
    return list(FutureTrack.objects.filter(code="ai"))


@read_once()
def project(by, at=NOW, **fields):
    """A project in 在谈, opened from an accepted lead."""
    return accept(screened(by, at=at, **fields), by=by, at=at)


def ready_for_review(project, by, at=NOW):
    """Give a project everything the gate to 评审决策 asks for."""
    company = project.company or Company.objects.get(pk=project.company_id)
    Contact.objects.create(
        company=company, unit=project.unit, name="王总", has_decision_right=True, created_at=at
    )
    project.amount_wan = project.amount_wan or Decimal(5000)
    project.area_sqm = project.area_sqm or Decimal(800)
    project.demands = "需要 800 ㎡ 研发用房。"
    project.carrier_id = project.carrier_id or _carrier().pk
    project.save()
    if not project.evidence.filter(kind="proposal").exists():
        evidence(project, "proposal", by=by)
    return project


def ready_for_signing(project, by):
    """Give a project in 评审决策 everything the gate to 签约 asks for; 其他 needs no meeting."""
    project.landing_mode = project.landing_mode or "lease"
    project.category = project.category or "other"
    project.save()
    missing = {item.code for item in project.missing_for("signed")}
    papers = ("proposal", "diligence", "fair_competition", "legal_review", "agreement")
    evidence(project, *(kind for kind in papers if kind in missing), by=by)
    return project


def evidence(project, *kinds, by, on=date(2026, 4, 20)):
    return [
        Evidence.objects.create(project=project, kind=kind, event_on=on, by=by, created_at=NOW)
        for kind in kinds
    ]


def known_basis(number="杭政办函〔2024〕10号", clause="第三条", **more):
    """A clause of the 依据库 whose text was read; it asks nothing of a promise but what `more` says."""
    given = {"document": "示例办法", "read_on": date(2026, 1, 5), **more}
    return BasisClause.objects.get_or_create(number=number, clause=clause, defaults=given)[0]


def paper(name="意见.pdf", data=b"%PDF-1.4 \xe6\x84\x8f\xe8\xa7\x81"):
    """A file as a form or the API uploads it."""
    return SimpleUploadedFile(name, data)


def space(label="3 层 301", house="A座", carrier="banshan", **fields):
    """A space to be had at once, 1,000 ㎡ for 研发 at 2 元/㎡/天; what is not given is registered too."""
    place = Carrier.objects.get(code=carrier)
    stamps = {"created_at": NOW, "updated_at": NOW}
    building, _ = Building.objects.get_or_create(carrier=place, name=house, defaults=stamps)
    given = {
        "floor": 3,
        "area_sqm": Decimal(1000),
        "available_from": date(2026, 1, 1),
        "rent_daily": Decimal(2),
        "power_kva": 400,
        "racks": 0,
        "height_m": Decimal("4.2"),
        "load_kg": 500,
        "uses": ["research", "office"],
        "allows_eia": False,
    }
    tracks = fields.pop("tracks", ())
    made = Space.objects.create(building=building, label=label, **stamps, **{**given, **fields})
    made.tracks.set(FutureTrack.objects.filter(code__in=tracks))
    return made


def space_need(project, by, at=NOW, **fields):
    """A need every part of which is said: 800–1,200 ㎡ for 研发 in summer, no other demand, 3 元 at most."""
    given = {
        "area_sqm": Decimal(800),
        "area_most_sqm": Decimal(1200),
        "use": "research",
        "needed_by": date(2026, 7, 1),
        "power_kva": 0,
        "racks": 0,
        "height_m": Decimal(0),
        "load_kg": 0,
        "needs_eia": False,
        "rent_most": Decimal(3),
    }
    project.refresh_from_db()
    need = Need(**{**given, **fields})
    state_need(project, need, by=by, at=at, version=project.version)
    project.refresh_from_db()
    return project


def own_fund(account):
    """A fund that invests, with an account of its own."""
    one = Fund.objects.create(code="own", name="钱塘一号基金", kind="venture", status="operating")
    one.managers.add(account)
    return one


def compute_offer(base="杭钢云", **fields):
    """64 of 512 cards for all uses free at 8,000 元 a month each, 国产, as of this April."""
    given = {
        "operator": "杭钢集团",
        "unit": "card",
        "serves": "both",
        "capacity": Decimal(512),
        "free": Decimal(64),
        "price_monthly": Decimal(8000),
        "is_domestic": True,
        "as_of": date(2026, 4, 1),
        "source": "运营单位月报",
    }
    return ComputeOffer.objects.create(base=base, **{**given, **fields})


def _carrier():
    return Carrier.objects.get(code="banshan")


def agreement(project, by, kind="investment", on=date(2026, 4, 1), **fields):
    """A signed paper, counted only when `counted_on` says so."""
    given = {"title": f"协议{next(_numbers)}", "signer": "杭州星海科技有限公司", "amount_wan": Decimal(5000)}
    return Agreement.objects.create(
        project=project, kind=kind, signed_on=on, by=by, created_at=NOW, **{**given, **fields}
    )


def scanned(agreement, by):
    """The agreement, with its file."""
    keep(agreement.project, paper("协议.pdf"), by=by, at=NOW, agreement=agreement)
    return agreement


def commitment(agreement, due_on, **fields):
    """A promise of the company in `agreement`."""
    given = {"side": "company", "item": f"第 {next(_numbers)} 项承诺", "created_at": NOW}
    return Commitment.objects.create(
        agreement=agreement, project=agreement.project, due_on=due_on, **{**given, **fields}
    )


def receipt(project, by, amount_wan=100, on=date(2026, 4, 10), **fields):
    """Money that arrived, each with a proof of its own."""
    given = {"purpose": "实缴", "proof": "bank", "proof_number": f"回单 {next(_numbers)}"}
    return Receipt.objects.create(
        project=project,
        amount_wan=amount_wan,
        received_on=on,
        by=by,
        created_at=NOW,
        **{**given, **fields},
    )


def referral(project, fund, by, at=NOW, keys=("company",), **more):
    """The project referred to the fund, with the company's written consent on the day before."""
    on = shanghai_day(at) - timedelta(days=1)
    return refer(project, fund, Consent(tuple(keys), True, "written", on), by=by, at=at, **more)


# one white pixel
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


def photo(name="门口.png", data=PNG):
    """A picture as a form uploads it."""
    return SimpleUploadedFile(name, data)
