"""What projects are held against on a day: every fund and policy with the criteria that count then."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

from django.db import connection
from django.db.models import F, FilteredRelation, Q, TextField, Value
from django.db.models.functions import Cast

from crm import rules
from crm.rules.estimates import Benefit, read_benefit
from projects.models import Fund, Policy

PREPARING = {
    Fund.FIELD: "基金筹建中，尚不能出资，只列入储备",
    Policy.FIELD: "政策制定中，尚不能申报，只列入储备",
}
RESERVE, UNFIT = rules.VerdictCode.RESERVE, rules.VerdictCode.UNFIT
VERSION = ("pk", "number", "valid_from", "valid_to", "published_at", "cap_wan")
COLUMNS = ("field", "pk", "status", "slot", "order", "code", *(f"v_{name}" for name in VERSION))
JSON_COLUMNS = ("v_criteria", "v_tiers")

# the words of today for codes that live as rows, as JSON in their order
WORDS = """
json_build_object(
  'sector', (SELECT coalesce(json_object_agg(code, name ORDER BY "order", code), '{}') FROM crm_fusionsector),
  'tracks', (SELECT coalesce(json_object_agg(code, name ORDER BY "order", code), '{}') FROM crm_futuretrack)
)::text
"""
# Every write of a row, whoever wrote it, gives it another place (ctid) or writer (xmin): what was read under
# one stamp is what a reading now would give, also inside a transaction that has changed it itself.
STAMP = """
SELECT coalesce(sum(hashtextextended(concat_ws(' ', row.tableoid, row.ctid, row.xmin), 0)), 0)
  FROM (SELECT tableoid, ctid, xmin FROM projects_fund UNION ALL
        SELECT tableoid, ctid, xmin FROM projects_policy UNION ALL
        SELECT tableoid, ctid, xmin FROM projects_criteriaversion) AS row
"""
DAYS = 8  # kept per process: of today, of another day somebody asks for, and of before a publication


@dataclass(frozen=True)
class Settled:
    """A verdict that does not depend on the project, and why: what is not open yet, or no longer."""

    code: rules.VerdictCode
    reason: str


@dataclass(frozen=True)
class Version:
    """The criteria version an offer goes by: which one, since when, and published when."""

    pk: int
    number: int
    valid_from: date
    published_at: datetime


@dataclass(frozen=True)
class Offer:
    """A fund or policy as matching needs it: the criteria that count, its place on sheets, what it gives.

    `field` and `pk` say which one it is; `settled` is the verdict whoever asks gets.
    """

    field: str
    pk: int
    slot: int
    version: Version | None
    plan: rules.Plan
    settled: Settled | None = None
    benefit: Benefit | None = None

    @property
    def key(self):
        return self.field, self.pk

    @property
    def is_preparing(self):
        return self.settled is not None and self.settled.code == RESERVE

    @property
    def version_id(self):
        return self.version and self.version.pk

    @cached_property
    def needs(self):
        """The facts its answer rests on: those of the criteria and those of the estimate."""
        return self.plan.needs | self.benefit.needs if self.benefit else self.plan.needs


def offers(day):
    """Every fund and policy that is not closed with its criteria on `day`; none published is no rules.

    A fund goes by its newest version valid that day; without one it has no rules and its plan says which are
    to come, or were the last (`awaits`). A policy that is valid on another day only is settled:
    储备 before its time, 不符合 after it; the criteria are those of the version nearest to the day.
    Read once per process until a row of them is written, by whomever.
    """
    return list(_offers(*_one(f"SELECT ({STAMP}), {WORDS}"), day))


@lru_cache(maxsize=DAYS)
def _offers(stamp, words, day):
    """The offers as the tables held them under this stamp, in the words of then."""
    found = {}
    for row in sorted(_rows(day), key=lambda row: _place(row, day)):
        key = row.field, row.pk
        if key not in found:
            found[key] = _offer(row, day, words)
    return tuple(found.values())


def offer_of(one, day):
    """The offer of one fund or policy on a day; None when it is closed."""
    return next((offer for offer in offers(day) if offer.key == (one.FIELD, one.pk)), None)


def _rows(day):
    """The funds and policies with every version that is ever valid."""
    ever = Q(versions__valid_to=None) | Q(versions__valid_to__gte=F("versions__valid_from"))
    return _joined(Fund, ever).union(_joined(Policy, ever), all=True)


def _joined(model, condition):
    columns = {f"v_{name}": F(f"v__{name}") for name in VERSION}
    # as text: a plan is kept by the text it was read from
    columns |= {name: Cast(F(name.replace("v_", "v__")), TextField()) for name in JSON_COLUMNS}
    joined = model.objects.matchable().annotate(v=FilteredRelation("versions", condition=condition))
    return joined.annotate(field=Value(model.FIELD), **columns).values_list(
        *COLUMNS, *JSON_COLUMNS, named=True
    )


def _place(row, day):
    """Funds before policies, in their order; of one the version that counts first."""
    return row.field, row.order, row.code, _distance(row, day), -(row.v_number or 0)


def _distance(row, day):
    """How far a version is from being valid on `day`: valid, to come (the nearest first), or over."""
    if row.v_pk is None or _is_valid(row, day):
        return 0, 0
    if row.v_valid_from > day:
        return 1, (row.v_valid_from - day).days
    return 2, (day - row.v_valid_to).days


def _is_valid(row, day):
    return row.v_valid_from <= day and (row.v_valid_to is None or row.v_valid_to >= day)


def _offer(row, day, words):
    if row.field == Fund.FIELD and row.v_pk and not _is_valid(row, day):
        plan = _plan("null", words, _awaited(row, day))
        return Offer(row.field, row.pk, row.slot, None, plan, _settled(row, day))
    version = None
    if row.v_pk:
        version = Version(row.v_pk, row.v_number, row.v_valid_from, row.v_published_at)
    benefit = None
    if row.v_tiers not in (None, "[]"):
        benefit = _benefit(row.v_tiers, row.v_cap_wan, words)
    plan = _plan(row.v_criteria or "null", words)
    return Offer(row.field, row.pk, row.slot, version, plan, _settled(row, day), benefit)


def _awaited(row, day):
    if row.v_valid_from > day:
        return f"第 {row.v_number} 版条件自 {row.v_valid_from} 起生效，现在没有有效的条件"
    return f"第 {row.v_number} 版条件已于 {row.v_valid_to} 失效，没有新的条件"


def _settled(row, day):
    if row.status == "preparing":
        return Settled(RESERVE, PREPARING[row.field])
    if row.field == Fund.FIELD or row.v_pk is None or _is_valid(row, day):
        return None
    if row.v_valid_from > day:
        return Settled(RESERVE, f"政策 {row.v_valid_from} 起生效，现在还不能申报，只列入储备")
    return Settled(UNFIT, f"政策已于 {row.v_valid_to} 到期")


def vocabulary():
    """The words of today for codes that live as rows: {"sector": {...}, "tracks": {...}}."""
    return json.loads(_one(f"SELECT {WORDS}")[0])


def _one(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def in_force(versions, day):
    """The newest version valid on `day`, or None."""
    valid = [v for v in versions if v.valid_from <= day and (v.valid_to is None or v.valid_to >= day)]
    return max(valid, key=lambda v: v.number, default=None)


@lru_cache(maxsize=2000)
def _plan(criteria, words, awaits=""):
    """Criteria as they are stored, read; of a version that is in force for months once per process."""
    return rules.read(json.loads(criteria), json.loads(words), awaits)


@lru_cache(maxsize=500)
def _benefit(tiers, cap_wan, words):
    return read_benefit(json.loads(tiers), cap_wan, json.loads(words))
