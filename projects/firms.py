"""以商招商: whom the landed firms know that is no lead yet, and what came of those they introduced."""

from collections import defaultdict
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


def firms(user):
    """The Firms that `user` sees as landed or as introducers of his leads, the most fruitful first.

    Links are common knowledge, like 资质; leads and projects are those the reader sees. A company that
    anybody has reported is nobody's to find. The same few statements for any number of firms.
    """
    projects = Project.objects.visible_to(user)
    projects = projects.filter(stage__in=LANDED_ON, company__isnull=False)
    landed = set(projects.values_list("company", flat=True))
    seen = Lead.objects.visible_to(user).own().filter(company__isnull=False)
    brought = CompanyLink.objects.standing().filter(kind=INTRODUCER, taker__in=seen.values("company"))
    links = CompanyLink.objects.standing().of(landed) | brought
    links = list(links.select_related("giver", "taker").order_by("-known_on", "pk"))
    places = _places(seen, links)
    found = {}
    for link in links:
        for company in (link.giver, link.taker):
            _note(found, link, company, landed, places)
    kept = [one for one in found.values() if one.known or one.brought]
    return sorted(kept, key=lambda one: (-len(one.brought), -len(one.known), one.company.name))


def _places(seen, links):
    """{company of a link: leads the reader sees} and the companies somebody holds, as (dict, set)."""
    companies = {pk for link in links for pk in (link.giver_id, link.taker_id)}
    leads = defaultdict(list)
    rows = (
        seen.filter(company__in=companies)
        .select_related("project__unit", "unit")
        .order_by("-created_at", "pk")
    )
    for lead in rows:
        record = getattr(lead, "project", lead)
        leads[lead.company_id].append(Brought(record, record.stages.labels[record.stage]))
    held = set(Claim.objects.open().filter(company__in=companies).values_list("company", flat=True))
    return leads, held


def _note(found, link, company, landed, places):
    """Write down under `company` what this link says of the other one."""
    leads, held = places
    other, word = link.seen_from(company.pk)
    is_brought = link.kind == INTRODUCER and company.pk == link.giver_id and leads[other.pk]
    if not is_brought and company.pk not in landed:
        return
    firm = found.setdefault(company.pk, Firm(company, company.pk in landed))
    if is_brought:
        firm.brought += leads[other.pk]
    elif not leads[other.pk] and other.pk not in held and all(one.company != other for one in firm.known):
        firm.known.append(Known(other, word, link.source))
