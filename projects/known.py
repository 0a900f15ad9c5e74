"""What is known of a project or lead: columns, recorded facts and qualifications, each with its source."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from crm import certificates, rules
from crm.models import Fact, FutureTrack, Qualification
from crm.rules.fields import WrongValue
from crm.workdays import shanghai_day
from leads.models import Lead

COLUMNS = {
    "amount_wan": "total_investment",
    "fixed_wan": "fixed_investment",
    "area_sqm": "area_need",
    "land_mu": "land_need",
    "chain_position": "chain_position",
}
COLUMN_NOTE = "档案现值，日期为档案最后更新日"
# of a project or lead what is known by its columns alone
ARCHIVE = [
    *(*COLUMNS, "updated_at", "sector__code"),
    *("company__name", "company__uscc", "company__established_on", "company__updated_at"),
]
# of a fact and of a certificate what is told of it: fewer columns are quicker to ask for
TOLD = [
    *("company", "key", "value", "source", "as_of", "note", "from_company__name"),
    *("chosen_at", "chosen_over", "is_in_use", "is_contested", "created_at"),
]
CERTIFIED = ["company", "kind", "issued_on", "expires_on", "ended_on", "updated_at"]
ARCHIVED = frozenset({*COLUMNS.values(), "sector", "tracks", "applicant_kind", "established_on"})
ARCHIVES = ("project", "lead")  # sources whose values stand in columns


def facts(record, on):
    """{key: rules.Fact} on a day; per key the value in use, with what other sources say beside it.

    Of recorded facts the database says which one is in use (docs/facts.md). A value in a column of the record
    or company has no date of its own and yields to recorded facts.
    """
    return facts_of([record], on)[record.pk]


def knowable_leads(leads):
    """These leads with what `facts` reads beside them: company, sector and the codes of tracks."""
    through = Lead.tracks.through.objects.filter(lead=OuterRef(OuterRef("pk"))).values("futuretrack_id")
    tracks = FutureTrack.objects.filter(pk__in=through).order_by("code").values("code")
    return leads.select_related("company", "sector").annotate(track_codes=ArraySubquery(tracks))


def facts_of(records, on, keys=None):
    """What `facts` says of each of these projects (or leads), by its number; two queries however many.

    With `keys` these are what is asked for; nothing else that was recorded is read.
    """
    companies = {record.company_id for record in records if record.company_id}
    recorded = _recorded(companies if keys is None or keys else (), keys)
    certified = _certified(companies if keys is None or certificates.KEY in keys else ())
    return {
        record.pk: _best(
            list(_columns(record)), recorded[record.company_id], certified[record.company_id], on
        )
        for record in records
    }


def archived(record):
    """{key: Fact} of what stands in columns of a project or lead and its company; without the empty ones."""
    return dict(_columns(record))


def _best(columns, recorded, certified, on):
    """Per key the value in use: a column yields to what was recorded; certificates stand beside a list."""
    used = dict(columns) | dict(recorded)  # of several recorded ones the last is in use
    others = []
    if certified:
        used[certificates.KEY], others = _with_certificates(used.get(certificates.KEY), certified, on)
    by_key = defaultdict(list)
    for key, fact in (*columns, *recorded, *others):
        by_key[key].append(fact)
    fields = ((key, rules.FIELDS[key]) for key in used if key in rules.FIELDS)
    return {key: _beside(field, used[key], by_key[key]) for key, field in fields}


def _columns(record):
    """The record's and the company's own columns, weakest first; an empty column is unknown, not none."""
    archive, as_of = record._meta.model_name, shanghai_day(record.updated_at)
    values = {key: getattr(record, column, None) for column, key in COLUMNS.items()}
    values["sector"] = record.sector.code if record.sector_id else None
    values["tracks"] = _track_codes(record)
    values["applicant_kind"] = _applicant_kind(record.company)
    for key, value in values.items():
        if value not in (None, "", []):
            yield key, rules.Fact(value, archive, as_of, COLUMN_NOTE)
    if record.company and record.company.established_on:
        day = shanghai_day(record.company.updated_at)
        yield "established_on", rules.Fact(record.company.established_on, archive, day, COLUMN_NOTE)


def _applicant_kind(company):
    """Without a company a team; under a working title nobody has said whether there is a company yet."""
    if company is None:
        return "team"
    return None if company.is_working_title else "company"


def _track_codes(record):
    """Read with the record when matching; asked for separately otherwise."""
    found = getattr(record, "track_codes", None)
    return list(record.tracks.order_by("code").values_list("code", flat=True)) if found is None else found


def _recorded(companies, keys):
    """The recorded facts of these companies from old to new, each key's value in use at last, of all keys or
    these; without a company there are none."""
    found = defaultdict(list)
    if companies:
        rows = (
            Fact.objects.standing().filter(company__in=companies).select_related("from_company").only(*TOLD)
        )
        rows = rows if keys is None else rows.filter(key__in=keys)
        rows = sorted(rows.order_by(), key=_from_old_to_new)
        chosen = {_saying(row): row.chosen_at for row in rows if row.chosen_over}
        for row in rows:
            found[row.company_id].append((row.key, _told(row, chosen.get(_saying(row)))))
    return found


def _saying(row):
    """Who says what of which: the choice of a value goes on when its source says the same again."""
    return row.company_id, row.key, row.source, repr(row.value)


def _from_old_to_new(row):
    return row.is_in_use, row.as_of, row.created_at, row.pk


def _told(row, chosen_at):
    """A recorded fact as the rules read it; a choice is told while it holds."""
    chosen = shanghai_day(chosen_at) if row.is_in_use and chosen_at else None
    return rules.Fact(
        row.value, row.source, row.as_of, row.noted, is_contested=row.is_contested, chosen_on=chosen
    )


def _certified(companies):
    """The certificates of each of these companies."""
    rows = defaultdict(list)
    if companies:
        for row in Qualification.objects.telling().filter(company__in=companies).only(*CERTIFIED):
            rows[row.company_id].append(row)
    return rows


def _with_certificates(recorded, rows, on):
    """(the 资质 that a recorded list and the certificates make together, [what contradicts it]).

    Without a list only the certificates are known, and what is over; a list is told with what they change.
    """
    listed = certificates.read_list(recorded.value) if recorded else None
    listed_on = recorded.as_of if recorded else None
    words = {row: certificates.word(row, on, listed_on) for row in rows}
    alone = _papers(rows, certificates.held(words.values(), None), on)
    if listed is None:
        return alone, []
    value = certificates.held(words.values(), listed)
    news = [row for row in rows if rules.qualification_code(row.kind) in value ^ listed]
    note = "；".join(filter(None, [recorded.note, *(_told_of(row, on) for row in news)]))
    is_apart = alone.value.has - value or alone.value.lacks & value
    return replace(recorded, value=sorted(value), note=note), [(certificates.KEY, alone)] if is_apart else []


def _papers(rows, value, on):
    """What certificates alone say; those that are over are named in the note."""
    over = [row for row in rows if not certificates.is_valid(row, on)]
    issued = max((row.issued_on for row in rows if row.issued_on), default=None)
    return rules.Fact(value, "document", issued, "、".join(_told_of(row, on) for row in over))


def _told_of(row, on):
    """「瞪羚 已于 2026-04-01 到期」, 「另有证书：国家高新技术企业」."""
    if certificates.is_valid(row, on):
        return f"另有证书：{row.kind}"
    return f"{row.kind} 已于 {certificates.ended_by(row)} {'终止' if row.ended_on else '到期'}"


def _beside(field, used, candidates):
    """The value in use with the latest differing value of every other source beside it."""
    latest = {fact.source: fact for fact in sorted(candidates, key=_age)}
    others = [
        fact
        for source, fact in sorted(latest.items())
        if source != used.source and _typed(field, fact) != _typed(field, used)
    ]
    return replace(used, others=tuple(others))


def _age(fact):
    return fact.source not in ARCHIVES, fact.as_of or date.min


def _typed(field, fact):
    """The value as its field reads it, so that "80" and 80 agree; as written when it cannot be read."""
    try:
        return field.read(fact.value)
    except WrongValue:
        return fact.value
