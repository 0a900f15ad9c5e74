"""匹配: what is known of a project, held against the criteria of every fund, kept with its reasons."""

import json
from dataclasses import dataclass
from hashlib import sha256

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from crm import rules
from crm.models import FusionSector, FutureTrack
from crm.rules.explanations import as_json
from crm.workdays import shanghai_day
from projects.known import facts
from projects.models import Fund, Match, Project

RESERVE_REASON = "基金筹建中，尚不能出资，只列入储备"
ORDER = [Match.Verdict.FIT, Match.Verdict.INCOMPLETE, Match.Verdict.RESERVE, Match.Verdict.UNFIT]
WRITTEN = [
    "version",
    "verdict",
    "score",
    "coverage",
    "result",
    "facts",
    "digest",
    "computed_at",
    "checked_at",
]


@dataclass(frozen=True)
class Offer:
    """A fund as matching needs it: whether it can invest yet, and the criteria in force."""

    fund_id: int
    is_preparing: bool
    version_id: int | None
    plan: rules.Plan

    def keys(self):
        """The facts its rules ask for, derived fields by what they derive from."""
        fields = [rule.field for rule in self.plan.rules() if rule.field and not rule.is_note]
        return {key for field in fields for key in (field.derived.needs if field.derived else (field.key,))}


@transaction.atomic(savepoint=False)
def match(project, *, at, among=None):
    """Hold a project against every fund that is not closed, by the criteria in force on the day of `at`.

    Of rows whose inputs, version and results are unchanged only `checked_at` is written.
    A fund in 筹建 gives 储备 whatever its criteria say. Returns one Match per fund; at most eight queries.
    Many projects at one time share `among`, the `offers` of the day.
    """
    day = shanghai_day(at)
    among = offers(day) if among is None else among
    subject = _subject(project.pk)
    situation = rules.Situation(facts(subject, day), day)
    matches = [_judged(subject, offer, situation, at) for offer in among]
    kept = {old.fund_id: old for old in Match.objects.filter(project=subject)}
    changed = [new for new in matches if _is_news(new, kept.get(new.fund_id))]
    Match.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["project", "fund"], update_fields=WRITTEN
    )
    fresh = {new.fund_id: new for new in changed}
    _mark_checked([kept[new.fund_id] for new in matches if new.fund_id not in fresh], at)
    return [fresh.get(new.fund_id) or kept[new.fund_id] for new in matches]


def _mark_checked(matches, at):
    """Note in these rows, by one statement, that they were judged at `at` and stand as they are."""
    if matches:
        Match.objects.filter(pk__in=[old.pk for old in matches]).update(checked_at=at)
    for old in matches:
        old.checked_at = at


def _subject(pk):
    """The project as the database holds it now, locked, with its company and the codes of its tracks."""
    tracks = FutureTrack.objects.filter(pk__in=_track_ids()).order_by("code").values("code")
    rows = Project.objects.select_for_update(of=("self",)).select_related("company", "sector")
    return rows.annotate(track_codes=ArraySubquery(tracks)).get(pk=pk)


def _track_ids():
    through = Project.tracks.through.objects.filter(project=OuterRef(OuterRef("pk")))
    return through.values("futuretrack_id")


def vocabulary():
    """The words of today for codes that live as rows: {"sector": {...}, "tracks": {...}}."""
    sectors = FusionSector.objects.values_list(Value("sector"), "order", "code", "name")
    tracks = FutureTrack.objects.values_list(Value("tracks"), "order", "code", "name")
    words = {"sector": {}, "tracks": {}}
    for kind, _, code, name in sectors.union(tracks, all=True).order_by("order", "code"):
        words[kind][code] = name
    return words


def offers(day):
    """Every fund that is not closed with its newest criteria valid on `day`; none valid is no rules."""
    in_force = Q(versions__valid_from__lte=day) & (
        Q(versions__valid_to=None) | Q(versions__valid_to__gte=day)
    )
    rows = (
        Fund.objects.matchable()
        .annotate(now=FilteredRelation("versions", condition=in_force))
        .order_by("order", "code", "-now__number")
        .values_list("pk", "status", "now__pk", "now__criteria")
    )
    words, found = vocabulary(), {}
    for pk, status, version_id, criteria in rows:
        if pk not in found:
            plan = rules.read(criteria, words)
            found[pk] = Offer(pk, status == Fund.Status.PREPARING, version_id, plan)
    return list(found.values())


def _judged(project, offer, situation, at):
    """The match of one fund, not yet saved."""
    verdict = rules.evaluate(offer.plan, situation)
    result = _reserved(verdict.to_json()) if offer.is_preparing else verdict.to_json()
    asked = situation.facts.keys() & offer.keys()
    inputs = {key: _fact_json(situation.facts[key]) for key in sorted(asked)}
    return Match(
        project=project,
        fund_id=offer.fund_id,
        version_id=offer.version_id,
        verdict=result["verdict"],
        score=result["score"],
        coverage=result["coverage"],
        result=result,
        facts=inputs,
        digest=_digest(offer, inputs, result),
        computed_at=at,
        checked_at=at,
    )


def _reserved(result):
    """The answer of a fund being set up: 储备, with what its criteria would say kept beside."""
    code = rules.VerdictCode.RESERVE
    basis = {"verdict": result["verdict"], "label": result["label"]}
    reasons = [RESERVE_REASON, *result["reasons"]]
    return {**result, "verdict": code.value, "label": code.label, "basis": basis, "reasons": reasons}


def _fact_json(fact):
    return {
        "value": as_json(fact.value),
        "source": fact.source,
        "as_of": as_json(fact.as_of),
        "note": fact.note,
        "others": [_fact_json(other) for other in fact.others],
    }


def _digest(offer, inputs, result):
    """What the answer rests on; a passing day counts when it changes a result or makes a fact stale."""
    shown = [(leaf["number"], leaf["result"], leaf["stale"]) for leaf in rules.leaves(result["tree"])]
    basis = [offer.version_id, result["verdict"], inputs, shown]
    return sha256(json.dumps(basis, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _is_news(new, old):
    return old is None or old.digest != new.digest


def matches_for(project):
    """The matches of a project as its page shows them: verdict, then score × coverage, then the newest."""
    ranks = [When(verdict=verdict, then=Value(rank)) for rank, verdict in enumerate(ORDER)]
    weight = Coalesce(F("score") * F("coverage"), Value(0.0))
    return (
        Match.objects.filter(project=project)
        .exclude(fund__status=Fund.Status.CLOSED)
        .select_related("fund", "version")
        .annotate(rank=Case(*ranks), weight=weight)
        .order_by("rank", "-weight", "-computed_at", "fund__order", "fund__code")
    )
