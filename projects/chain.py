"""补链: which links of the chain stand in which sector, where they are thin, and who would fill the gap.

Rows are the six sectors and the foundation layer, columns 算力, 算法, 数据, 应用 (domain §3.3): 应用 is
wanted in every sector, the other three serve all of them and are wanted in the foundation layer. See
docs/chain.md.
"""

from dataclasses import dataclass

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from crm import display
from crm.models import CompanyLink, FusionSector
from crm.numbers import number
from leads.models import Lead
from leads.models.prospects import ChainPosition, SectorKind
from leads.stages import OPEN, LeadStage
from projects.groups import GROUPS
from projects.models import Project
from projects.stages import BEFORE_LANDING, LANDED_ON

FOUNDATION, UNDECIDED = SectorKind.FOUNDATION.value, "undecided"
BESIDE = {-1: (FOUNDATION, SectorKind.FOUNDATION.label), -3: (UNDECIDED, "赛道待定")}
LINKS = {one.value: one.label for one in ChainPosition if one != ChainPosition.OUTSIDE}
POSITIONS = {**LINKS, UNDECIDED: "位置待定"}
APPLICATION = ChainPosition.APPLICATION.value
LISTED = 20


@dataclass(frozen=True)
class Cell:
    """One link of the chain in one sector. `landed` counts projects, `firms` the companies behind them."""

    sector: str
    position: str
    landed: int = 0
    firms: int = 0
    projects: int = 0
    leads: int = 0
    limit: int = 0

    @property
    def is_link(self):
        """Whether it is a place of the chain, and not where what is undecided stands."""
        return UNDECIDED not in (self.sector, self.position)

    @property
    def is_weak(self):
        """Whether fewer firms have landed than the setting asks for."""
        return self.is_link and self.firms < self.limit

    @property
    def is_wanted(self):
        """Whether this link is expected in this sector at all."""
        return self.is_link and (self.sector == FOUNDATION) != (self.position == APPLICATION)


@dataclass(frozen=True)
class Row:
    """One sector with its cells, in the order of POSITIONS."""

    code: str
    label: str
    cells: list


def matrix(user, day):
    """The rows of the table over all that `user` sees; the same few statements for any number of records."""
    limit = number("chain_firms_min")
    counted = {key: {**numbers, "limit": limit} for key, numbers in _counts(user).items()}
    rows = []
    for key, (code, label) in sectors(day).items():
        cells = [Cell(code, one, **counted.get((key, one), {"limit": limit})) for one in POSITIONS]
        rows.append(Row(code, label, cells))
    return rows


def gaps(rows):
    """The (row, cell) to fill first: wanted and weak; those for which least is under way come first."""
    found = [(row, one) for row in rows for one in row.cells if one.is_weak and one.is_wanted]
    return sorted(found, key=lambda pair: (pair[1].firms, pair[1].projects, pair[1].leads))


def sectors(day):
    """{key of the group: (code, name)} of the rows: sectors in use on `day`, foundation, undecided."""
    rows = FusionSector.objects.active(day).order_by("order", "pk")
    return {one.pk: (one.code, one.name) for one in rows} | BESIDE


def _counts(user):
    """{(key of the sector, position): numbers}: leads still to be judged, projects under way and landed."""
    leads = _grouped(Lead.objects.visible_to(user).open()).annotate(leads=Count("pk"))
    is_landed, firm = Q(stage__in=LANDED_ON), Coalesce(F("company_id"), -F("pk"))
    projects = _grouped(Project.objects.visible_to(user)).annotate(
        landed=Count("pk", filter=is_landed),
        firms=Count(firm, filter=is_landed, distinct=True),
        projects=Count("pk", filter=Q(stage__in=BEFORE_LANDING)),
    )
    found = {}
    for numbers in (*projects, *leads):
        key = numbers.pop("row"), numbers.pop("chain_position") or UNDECIDED
        found.setdefault(key, {}).update(numbers)
    return found


def _grouped(rows):
    return rows.order_by().annotate(row=GROUPS["sector"].key()).values("row", "chain_position")


@dataclass(frozen=True)
class Candidate:
    """A lead that would fill the gap, and why it is ranked where it is."""

    lead: Lead
    reasons: list


RANKS = {
    1: "赛道、链条位置都对得上",
    2: "赛道对得上，链条位置还没有写",
    3: "链条位置对得上，赛道还没有写",
    4: "储备中，赛道、链条位置都对得上，可以激活",
}


def candidates(user, sector, position):
    """The first LISTED leads that `user` sees and that would fill this link, the surest first."""
    return explained(user, ranked(user, sector, position).select_related("unit")[:LISTED])


def ranked(user, sector, position):
    """The leads that `user` sees and that would fill this link, the surest first.

    What fits whole comes before what still has to be classified; then whom a landed firm knows, 研判 before
    线索, larger before smaller.
    """
    fits, here = _in_sector(sector), Q(chain_position=position)
    whens = (
        When(fits & here & Q(stage=LeadStage.RESERVE), then=4),
        When(fits & here, then=1),
        When(fits & Q(chain_position=""), then=2),
        When(here & Q(sector_kind=""), then=3),
    )
    wanted = (fits & (here | Q(chain_position=""))) | (here & Q(sector_kind=""))
    seen = Lead.objects.visible_to(user).filter(wanted, stage__in=(*OPEN, LeadStage.RESERVE))
    firms = _landed_firms(user)
    at_giver = Q(giver=OuterRef("company"), taker__in=firms)
    links = CompanyLink.objects.standing().filter(at_giver | Q(taker=OuterRef("company"), giver__in=firms))
    found = seen.annotate(
        rank=Case(*whens, default=Value(9), output_field=IntegerField()),
        judged=Case(When(stage=LeadStage.SCREENING, then=0), default=Value(1), output_field=IntegerField()),
        is_linked=Exists(links),
    )
    order = ("rank", "-is_linked", "judged", F("amount_wan").desc(nulls_last=True), "pk")
    return found.filter(rank__in=RANKS).order_by(*order)


def explained(user, leads):
    """The Candidates of some `ranked` leads, with the reasons; one statement more however many they are."""
    rows = list(leads)
    known = _known_by(_landed_firms(user), [one.company_id for one in rows if one.is_linked])
    return [Candidate(one, _reasons(one, known.get(one.company_id, ()))) for one in rows]


def _landed_firms(user):
    """The companies of the landed projects that `user` sees, as a subquery."""
    rows = Project.objects.visible_to(user).filter(stage__in=LANDED_ON, company__isnull=False)
    return rows.order_by().values("company")


def _known_by(firms, companies):
    """{company: 「已落地的…的供应商」} by the standing links of these companies with landed `firms`."""
    found = {}
    links = CompanyLink.objects.standing().select_related("giver", "taker")
    for link in links.filter(giver__in=companies, taker__in=firms):
        found.setdefault(link.giver_id, []).append(_link_words(link, link.taker))
    for link in links.filter(taker__in=companies, giver__in=firms):
        found.setdefault(link.taker_id, []).append(_link_words(link, link.giver))
    return found


def _link_words(link, firm):
    _, word = link.seen_from(firm.pk)
    return f"已落地的{firm}的{word}"


def _in_sector(code):
    return Q(sector_kind=FOUNDATION) if code == FOUNDATION else Q(sector__code=code)


def _reasons(lead, known):
    found = [RANKS[lead.rank], *known]
    if lead.stage == LeadStage.SCREENING:
        found.append("已在研判")
    if lead.amount_wan is not None:
        found.append(f"投资额 {display.money(lead.amount_wan)}")
    return found
