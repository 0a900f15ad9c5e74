"""What is known of a project: columns, recorded facts and qualifications, each with its source."""

from collections import defaultdict
from datetime import date

from crm import rules
from crm.models import Fact, Qualification
from crm.rules.fields import WrongValue
from crm.workdays import shanghai_day

COLUMNS = {
    "amount_wan": "total_investment",
    "fixed_wan": "fixed_investment",
    "area_sqm": "area_need",
    "land_mu": "land_need",
    "chain_position": "chain_position",
}
COLUMN_NOTE = "档案现值，日期为档案最后更新日"


def facts(project, on):
    """{key: rules.Fact} on a day; per key the newest dated value wins, differing sources stay beside it.

    A value in a column of the project or company has no date of its own and yields to recorded facts.
    """
    return facts_of([project], on)[project.pk]


def facts_of(projects, on):
    """What `facts` says of each of these projects, by its number; two queries however many they are."""
    companies = {project.company_id for project in projects if project.company_id}
    recorded, certified = _recorded(companies), _certified(companies, on)
    return {
        project.pk: _best([*_columns(project), *recorded[project.company_id], *certified[project.company_id]])
        for project in projects
    }


def _best(found):
    by_key = defaultdict(list)
    for key, fact in found:
        if key in rules.FIELDS:
            by_key[key].append(fact)
    return {key: _chosen(rules.FIELDS[key], candidates) for key, candidates in by_key.items()}


def _columns(project):
    """The project's and the company's own columns, weakest first; an empty column is unknown, not none."""
    as_of = shanghai_day(project.updated_at)
    values = {key: getattr(project, column) for column, key in COLUMNS.items()}
    values["sector"] = project.sector.code if project.sector_id else None
    values["tracks"] = _track_codes(project)
    values["applicant_kind"] = "company" if project.company_id else "team"
    for key, value in values.items():
        if value not in (None, "", []):
            yield key, rules.Fact(value, "project", as_of, COLUMN_NOTE)
    if project.company and project.company.established_on:
        day = shanghai_day(project.company.updated_at)
        yield "established_on", rules.Fact(project.company.established_on, "project", day, COLUMN_NOTE)


def _track_codes(project):
    """Read with the project when matching; asked for separately otherwise."""
    found = getattr(project, "track_codes", None)
    return list(project.tracks.order_by("code").values_list("code", flat=True)) if found is None else found


def _recorded(companies):
    """The recorded facts of these companies from old to new; without a company there are none."""
    found = defaultdict(list)
    if companies:
        rows = Fact.objects.filter(company__in=companies).select_related("from_company")
        for row in rows.order_by("as_of", "created_at", "pk"):
            found[row.company_id].append((row.key, rules.Fact(row.value, row.source, row.as_of, row.noted)))
    return found


def _certified(companies, on):
    """The qualifications of each of these companies as one fact, of those that have any."""
    rows = defaultdict(list)
    if companies:
        for row in Qualification.objects.standing().filter(company__in=companies):
            rows[row.company_id].append(row)
    return defaultdict(list, {pk: [("qualifications", _certificates(of, on))] for pk, of in rows.items()})


def _certificates(rows, on):
    """The valid ones; expired ones are named in the note.

    No row at all is unknown; rows that have all expired are known to be none.
    """
    expired = [row for row in rows if row.expires_on and row.expires_on < on]
    valid = sorted({rules.qualification_code(row.kind) for row in rows if row not in expired})
    note = "、".join(f"{row.kind} 已于 {row.expires_on} 到期" for row in expired)
    issued = max((row.issued_on for row in rows if row.issued_on), default=None)
    return rules.Fact(valid, "document", issued, note)


def _chosen(field, candidates):
    """The newest value with the latest differing value of every other source beside it."""
    ranked = sorted(candidates, key=lambda fact: (fact.source != "project", fact.as_of or date.min))
    winner = ranked[-1]
    latest = {fact.source: fact for fact in ranked}
    others = [
        fact
        for source, fact in sorted(latest.items())
        if source != winner.source and _typed(field, fact) != _typed(field, winner)
    ]
    return rules.Fact(winner.value, winner.source, winner.as_of, winner.note, tuple(others))


def _typed(field, fact):
    """The value as its field reads it, so that "80" and 80 agree; as written when it cannot be read."""
    try:
        return field.read(fact.value)
    except WrongValue:
        return fact.value
