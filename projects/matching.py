"""匹配: what is known of a project, held against the criteria of every fund, kept with its reasons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from crm import rules
from crm.models import FusionSector, FutureTrack
from crm.rules.explanations import as_json
from crm.workdays import shanghai_day
from projects.known import facts
from projects.models import Fund, Match, MatchSheet, Project

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
]


@dataclass(frozen=True)
class Offer:
    """A fund as matching needs it: whether it can invest yet, the criteria in force, its place on sheets."""

    fund_id: int
    is_preparing: bool
    version_id: int | None
    plan: rules.Plan
    slot: int


@dataclass(frozen=True)
class Judgement:
    """What one fund's rules answer, before anybody asks for the reasons."""

    offer: Offer
    answers: Mapping[str, object]
    outcome: rules.Outcome
    digest: str

    @property
    def code(self):
        return rules.VerdictCode.RESERVE if self.offer.is_preparing else self.outcome.code


@transaction.atomic(savepoint=False)
def match(project, *, at, among=None):
    """Hold a project against every fund that is not closed, by the criteria in force on the day of `at`.

    Rows whose inputs, version and results are unchanged stay; the sheet notes that they were looked at.
    A fund in 筹建 gives 储备 whatever its criteria say. Returns one Match per fund; at most nine queries.
    Many projects at one time share `among`, the `offers` of the day.
    """
    day = shanghai_day(at)
    among = offers(day) if among is None else among
    subject = _subject(project.pk)
    situation = rules.Situation(facts(subject, day), day)
    inputs = _inputs(situation)
    judged = [_judged(offer, situation, inputs) for offer in among]
    kept = {old.fund_id: old for old in Match.objects.filter(project=subject).defer("result", "facts")}
    changed = [_explained(subject, one, situation, inputs, at) for one in judged if _is_news(one, kept)]
    Match.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["project", "fund"], update_fields=WRITTEN
    )
    fresh = {new.fund_id: new for new in changed}
    _write_sheet(subject, judged, at)
    return [fresh.get(one.offer.fund_id) or kept[one.offer.fund_id] for one in judged]


def answer(project, offer, known, at):
    """What one fund says of a project of which these facts are known, with its reasons; nothing is saved."""
    situation = rules.Situation(known, shanghai_day(at))
    inputs = _inputs(situation)
    return _explained(project, _judged(offer, situation, inputs), situation, inputs, at)


def _inputs(situation):
    """{key: (the fact as it is kept beside an answer, the same as text)} in the order of the keys."""
    kept = {key: _fact_json(fact) for key, fact in sorted(situation.facts.items())}
    return {key: (fact, json.dumps(fact, ensure_ascii=False, sort_keys=True)) for key, fact in kept.items()}


def _subject(pk):
    """The project as the database holds it now, locked, with its company and the codes of its tracks."""
    rows = Project.objects.select_for_update(of=("self",))
    return knowable(rows).get(pk=pk)


def knowable(projects):
    """These projects with what `known.facts` reads beside them: company, sector and the codes of tracks."""
    tracks = FutureTrack.objects.filter(pk__in=_track_ids()).order_by("code").values("code")
    return projects.select_related("company", "sector").annotate(track_codes=ArraySubquery(tracks))


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
    valid = Q(versions__valid_from__lte=day) & (Q(versions__valid_to=None) | Q(versions__valid_to__gte=day))
    rows = (
        Fund.objects.matchable()
        .annotate(now=FilteredRelation("versions", condition=valid))
        .order_by("order", "code", "-now__number")
        .values_list("pk", "status", "now__pk", Cast("now__criteria", TextField()), "slot")
    )
    words, found = json.dumps(vocabulary(), sort_keys=True), {}
    for pk, status, version_id, criteria, slot in rows:
        if pk not in found:
            is_preparing = status == Fund.Status.PREPARING
            found[pk] = Offer(pk, is_preparing, version_id, _plan(criteria or "null", words), slot)
    return list(found.values())


def in_force(versions, day):
    """The newest version valid on `day`, or None."""
    valid = [v for v in versions if v.valid_from <= day and (v.valid_to is None or v.valid_to >= day)]
    return max(valid, key=lambda v: v.number, default=None)


@lru_cache(maxsize=2000)
def _plan(criteria, words):
    """Criteria as they are stored, read; of a version that is in force for months once per process."""
    return rules.read(json.loads(criteria), json.loads(words))


def _judged(offer, situation, inputs):
    """The answers of one fund's rules."""
    answers = rules.judge(offer.plan, situation)
    outcome = rules.outcome_of(offer.plan, answers)
    return Judgement(offer, answers, outcome, _digest(offer, inputs, outcome, answers))


def _explained(project, judged, situation, inputs, at):
    """The match of one fund with its reasons, not yet saved."""
    offer = judged.offer
    told = rules.explained(offer.plan, situation, judged.answers).to_json()
    result = _reserved(told) if offer.is_preparing else told
    return Match(
        project=project,
        fund_id=offer.fund_id,
        version_id=offer.version_id,
        verdict=result["verdict"],
        score=result["score"],
        coverage=result["coverage"],
        result=result,
        facts={key: fact for key, (fact, _) in inputs.items() if key in offer.plan.needs},
        digest=judged.digest,
        computed_at=at,
    )


def _write_sheet(project, judged, at):
    """All verdicts of a project on its sheet."""
    verdicts, weights = bytearray(), bytearray()
    for one in judged:
        missing = one.offer.slot + 1 - len(verdicts)
        verdicts.extend(MatchSheet.NONE * missing)
        weights.extend(bytes([MatchSheet.NO_WEIGHT]) * missing)
        verdicts[one.offer.slot] = MatchSheet.LETTERS[one.code][0]
        weights[one.offer.slot] = MatchSheet.weight(one.outcome.score, one.outcome.coverage)
    values = {"verdicts": bytes(verdicts), "weights": bytes(weights), "judged_at": at, "explained_at": at}
    MatchSheet.objects.bulk_create(
        [MatchSheet(project=project, **values)],
        update_conflicts=True,
        unique_fields=["project"],
        update_fields=list(values),
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
        **fact.marks,
    }


def _digest(offer, inputs, outcome, answers):
    """What the answer rests on; a passing day counts when it changes a result or makes a fact stale."""
    basis = [f"{offer.version_id} {offer.is_preparing} {outcome.code}"]
    basis += [f"{key}={text}" for key, (_, text) in inputs.items() if key in offer.plan.needs]
    basis += [f"{number}:{one.result}{one.known.is_stale}" for number, one in answers.items()]
    return sha256("\n".join(basis).encode()).hexdigest()


def _is_news(judged, kept):
    old = kept.get(judged.offer.fund_id)
    return old is None or old.digest != judged.digest


def matches_for(project):
    """The matches of a project as its page shows them: verdict, then score × coverage, then the newest."""
    ranks = [When(verdict=verdict, then=Value(rank)) for rank, verdict in enumerate(ORDER)]
    weight = Coalesce(F("score") * F("coverage"), Value(0.0))
    return (
        Match.objects.filter(project=project)
        .exclude(fund__status=Fund.Status.CLOSED)
        .select_related("fund", "version")
        .annotate(rank=Case(*ranks), weight=weight, checked_at=F("project__sheet__explained_at"))
        .order_by("rank", "-weight", "-computed_at", "fund__order", "fund__code")
    )
