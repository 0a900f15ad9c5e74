"""以商招商: whom the landed firms know that is no lead yet, and what came of those they introduced."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from crm.models import CompanyLink
from leads.models import Claim, Lead
from projects.models import Project
from projects.stages import LANDED_ON

INTRODUCER = CompanyLink.Kind.INTRODUCER


@dataclass(frozen=True)
class Known:
    """A company without a lead that a landed firm knows: what it is to the firm, and from where."""

    company: object
    word: str
    source: str


@dataclass(frozen=True)
class Brought:
    """A lead that a firm introduced, or the project it has become, and the word of its stage."""

    record: object
    word: str


@dataclass
class Firm:
    """A firm that has landed or introduced others, with whom it knows and whom it brought."""

    company: object
    is_landed: bool = False
    known: list = field(default_factory=list)
    brought: list = field(default_factory=list)

    @property
    def projects(self):
        """Those of the brought that have become projects and are not lost."""
        return [one for one in self.brought if isinstance(one.record, Project) and not one.record.is_lost]

    @property
    def landed(self):
        """Those of them that have landed."""
        return [one for one in self.projects if one.record.stage in LANDED_ON]


@dataclass
class Ties:
    """A firm as it is ranked: the numbers of its links, by the other company it knows or has brought."""

    pk: int
    name: str
    is_landed: bool
    known: dict = field(default_factory=dict)
    brought: dict = field(default_factory=dict)

    def rank(self, leads):
        """The most fruitful first; `leads` are numbers by company."""
        return -sum(leads[other] for other in self.brought), -len(self.known), self.name


def firms(user, most=None):
    """(the first `most` Firms or all, how many there are), the most fruitful first: those that `user` sees as
    landed or as introducers of his leads.

    Links are common knowledge, like 资质; leads and projects are those the reader sees. A company that
    anybody has reported is nobody's to find. All are ranked by numbers, and what is shown is read in full:
    the same few statements for any number of firms.
    """
    seen = Lead.objects.visible_to(user).own()
    links = CompanyLink.objects.standing().order_by()
    linked = links.values("giver").union(links.values("taker"))
    leads = Counter(seen.filter(company__in=linked).order_by().values_list("company", flat=True))
    held = set(Claim.objects.open().filter(company__in=linked).values_list("company", flat=True))
    landed = Project.objects.visible_to(user).filter(stage__in=LANDED_ON, company__in=linked)
    ties = _ties(set(landed.values_list("company", flat=True)), leads, held)
    ranked = sorted(ties, key=lambda one: one.rank(leads))
    return _in_full(ranked[:most], seen), len(ranked)


def _ties(landed, leads, held):
    """The Ties of every firm that knows or has brought somebody."""
    columns = ("pk", "kind", "giver", "taker", "giver__name", "taker__name")
    found = {}
    for pk, kind, giver, taker, name, other_name in _links().values_list(*columns):
        for company, own_name, other in ((giver, name, taker), (taker, other_name, giver)):
            is_brought = kind == INTRODUCER and company == giver and leads[other]
            is_known = company in landed and not leads[other] and other not in held
            if is_brought or is_known:
                one = found.setdefault(company, Ties(company, own_name, company in landed))
                (one.brought if is_brought else one.known).setdefault(other, pk)
    return found.values()


def _links():
    """The links that stand, the latest first."""
    return CompanyLink.objects.standing().order_by("-known_on", "pk")


def _in_full(ranked, seen):
    """The Firms of these Ties, in the same order."""
    numbers = [pk for one in ranked for pk in (*one.known.values(), *one.brought.values())]
    links = CompanyLink.objects.select_related("giver", "taker").in_bulk(numbers)
    brought = _brought(seen, {other for one in ranked for other in one.brought})
    return [_firm(one, links, brought) for one in ranked]


def _firm(ties, links, brought):
    one = links[next(iter((*ties.known.values(), *ties.brought.values())))]
    firm = Firm(one.giver if one.giver_id == ties.pk else one.taker, ties.is_landed)
    for link in (links[pk] for pk in ties.known.values()):
        firm.known.append(Known(*link.seen_from(ties.pk), link.source))
    firm.brought = [lead for other in ties.brought for lead in brought[other]]
    return firm


def _brought(seen, companies):
    """{company: the leads of it that the reader sees, as Brought}, the latest first."""
    found = defaultdict(list)
    rows = seen.filter(company__in=companies).select_related("project__unit", "unit")
    for lead in rows.order_by("-created_at", "pk"):
        record = getattr(lead, "project", lead)
        found[lead.company_id].append(Brought(record, record.stages.labels[record.stage]))
    return found
