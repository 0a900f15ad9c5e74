"""匹配: what is known of a project, held against the criteria of all funds and policies, with the reasons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import BinaryField, Case, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from crm import rules
from crm.models import FutureTrack
from crm.rules.estimates import estimate
from crm.rules.explanations import as_json
from crm.workdays import shanghai_day
from projects import turns
from projects.known import ARCHIVE, facts
from projects.models import Fund, Match, MatchSheet, Policy, Project
from projects.offers import Offer, offers
from projects.shift_letters import tell
from projects.shifts import keep, shifted

ORDER = [Match.Verdict.FIT, Match.Verdict.INCOMPLETE, Match.Verdict.RESERVE, Match.Verdict.UNFIT]
LETTER = Func(
    F("project__sheet__verdicts"),
    Coalesce("fund__slot", "policy__slot") + 1,  # SQL counts from one
    Value(1),
    function="substring",
    output_field=BinaryField(),
)
SHEET = {
    "checked_at": F("project__sheet__explained_at"),
    "judged_at": F("project__sheet__judged_at"),
    "letter": LETTER,
}
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
# one row is the sheet, the others are the matches; asked for at every opening, so in one statement
STANDING = """
SELECT NULL AS fund, NULL AS policy, NULL AS digest, verdicts, judged_at, explained_at
  FROM projects_matchsheet WHERE project_id = %s
UNION ALL
SELECT fund_id, policy_id, digest, NULL, NULL, NULL FROM projects_match WHERE project_id = %s
"""
SHOWN = """
INSERT INTO projects_matchsheet (project_id, verdicts, weights, judged_at, explained_at)
VALUES (%(project)s, %(verdicts)s, %(weights)s, %(at)s, %(at)s)
ON CONFLICT (project_id) DO UPDATE
   SET verdicts = EXCLUDED.verdicts, weights = EXCLUDED.weights,
       judged_at = EXCLUDED.judged_at, explained_at = EXCLUDED.explained_at
"""


@dataclass(frozen=True)
class Judgement:
    """What the rules of one fund or policy answer, before anybody asks for the reasons."""

    offer: Offer
    answers: Mapping[str, object]
    outcome: rules.Outcome
    digest: str

    @property
    def code(self):
        return self.offer.settled.code if self.offer.settled else self.outcome.code


@transaction.atomic(savepoint=False)
def match(project, *, at, among=None):
    """Hold a project against every fund and policy not closed, by the criteria that count on the day of `at`.

    Rows whose inputs, version and results are unchanged stay; the sheet notes that they were looked at.
    What is being set up gives 储备 whatever its criteria say. A verdict that became another one is kept as
    MatchChange and told. At most nine queries while no verdict changes. Many projects at one time share
    `among`, the `offers` of the day.
    """
    turns.beside_others()
    day = shanghai_day(at)
    among = offers(day) if among is None else among
    subject = _subject(project.pk)
    situation = rules.Situation(facts(subject, day), day)
    inputs = Inputs(situation)
    judged = [_judged(offer, situation, inputs) for offer in among]
    sheet, kept = _standing(subject)
    changed = [_explained(subject, one, situation, inputs, at) for one in judged if _is_news(one, kept)]
    letters = _letters(judged)
    shifts = _shifts(subject, judged, letters, sheet, situation)
    keep(shifts, at)
    Match.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["project", "fund", "policy"], update_fields=WRITTEN
    )
    _write_sheet(subject, letters, at)
    if shifts:
        tell(at, subject)


def answer(project, offer, known, at):
    """What one offer says of a project of which these facts are known, with its reasons; nothing is saved."""
    situation = rules.Situation(known, shanghai_day(at))
    inputs = Inputs(situation)
    return _explained(project, _judged(offer, situation, inputs), situation, inputs, at)


def _standing(project):
    """The sheet that stands, (verdicts, judged_at, explained_at), None without one; and what matches were
    written by, {the offer's key: digest}.

    Read when the project is locked and no run over many is on its way, so a change is seen once.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [project.pk, project.pk])
        sheet, digests = None, {}
        for fund, policy, digest, *stood in cursor:
            if fund or policy:
                digests[(Fund.FIELD, fund) if fund else (Policy.FIELD, policy)] = digest
            else:
                sheet = stood
    return sheet, digests


def _shifts(project, judged, letters, sheet, situation):
    """The verdicts that changed against the sheet that stood."""
    if sheet is None:
        return []
    by_slot = {one.offer.slot: one.offer for one in judged}
    return shifted(
        project.pk, by_slot, sheet, letters[0], lambda key: situation.known(rules.FIELDS[key]).value
    )


class Inputs:
    """The facts of a situation as they are kept beside an answer, in the order of their keys."""

    def __init__(self, situation):
        self.kept = {key: _fact_json(fact) for key, fact in sorted(situation.facts.items())}
        self._texts = {}

    def among(self, needs):
        """Those an answer rests on: {key: the fact}."""
        return {key: fact for key, fact in self.kept.items() if key in needs}

    def text(self, needs):
        """The same as text, a line each; many offers ask for the same facts."""
        if needs not in self._texts:
            facts = self.among(needs).items()
            self._texts[needs] = "".join(
                f"\n{key}={json.dumps(fact, ensure_ascii=False, sort_keys=True)}" for key, fact in facts
            )
        return self._texts[needs]


def _subject(pk):
    """The project as the database holds it now, locked, with its company and the codes of its tracks."""
    rows = Project.objects.select_for_update(of=("self",))
    return knowable(rows).only(*ARCHIVE).get(pk=pk)


def knowable(projects):
    """These projects with what `known.facts` reads beside them: company, sector and the codes of tracks."""
    tracks = FutureTrack.objects.filter(pk__in=_track_ids()).order_by("code").values("code")
    return projects.select_related("company", "sector").annotate(track_codes=ArraySubquery(tracks))


def _track_ids():
    through = Project.tracks.through.objects.filter(project=OuterRef(OuterRef("pk")))
    return through.values("futuretrack_id")


def _judged(offer, situation, inputs):
    """The answers of the rules of one fund or policy."""
    answers = rules.judge(offer.plan, situation)
    outcome = rules.outcome_of(offer.plan, answers)
    return Judgement(offer, answers, outcome, _digest(offer, inputs, outcome, answers))


def _explained(project, judged, situation, inputs, at):
    """The match of one fund or policy with its reasons, not yet saved."""
    offer = judged.offer
    result = rules.explained(offer.plan, situation, judged.answers).to_json()
    if offer.benefit:
        result["estimate"] = estimate(offer.benefit, situation).to_json()
    if offer.settled:
        result = _settled(result, offer.settled)
    return Match(
        project=project,
        **{f"{offer.field}_id": offer.pk},
        version_id=offer.version_id,
        verdict=result["verdict"],
        score=result["score"],
        coverage=result["coverage"],
        result=result,
        facts=inputs.among(offer.needs),
        digest=judged.digest,
        computed_at=at,
    )


def _letters(judged):
    """The verdicts and weights as they stand on a sheet."""
    verdicts, weights = bytearray(), bytearray()
    for one in judged:
        missing = one.offer.slot + 1 - len(verdicts)
        verdicts.extend(MatchSheet.NONE * missing)
        weights.extend(bytes([MatchSheet.NO_WEIGHT]) * missing)
        verdicts[one.offer.slot] = MatchSheet.LETTERS[one.code][0]
        weights[one.offer.slot] = MatchSheet.weight(one.outcome.score, one.outcome.coverage)
    return bytes(verdicts), bytes(weights)


def _write_sheet(project, letters, at):
    """All verdicts of a project on its sheet."""
    verdicts, weights = letters
    values = {"project": project.pk, "verdicts": verdicts, "weights": weights, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, values)


def _settled(result, settled):
    """The answer of what is not open yet or no longer, with what its criteria would say kept beside."""
    basis = {"verdict": result["verdict"], "label": result["label"]}
    reasons = [settled.reason, *result["reasons"]]
    verdict = {"verdict": settled.code.value, "label": settled.code.label}
    return {**result, **verdict, "basis": basis, "reasons": reasons}


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
    settled = f"\n{offer.settled.reason}" if offer.settled and offer.field == Policy.FIELD else ""
    settled += f"\n{offer.plan.awaits}" if offer.plan.awaits else ""
    found = "".join([f"\n{number}:{one.result}{one.known.is_stale}" for number, one in answers.items()])
    basis = (
        f"{offer.version_id} {offer.is_preparing} {outcome.code}{settled}{inputs.text(offer.needs)}{found}"
    )
    return sha256(basis.encode()).hexdigest()


def _is_news(judged, kept):
    return kept.get(judged.offer.key) != judged.digest


def all_matches_for(project):
    """The matches of a project as its page shows them: verdict, then score × coverage, then the newest."""
    ranks = [When(verdict=verdict, then=Value(rank)) for rank, verdict in enumerate(ORDER)]
    weight = Coalesce(F("score") * F("coverage"), Value(0.0))
    place = Coalesce("fund__order", "policy__order"), Coalesce("fund__code", "policy__code")
    return (
        Match.objects.filter(project=project)
        .exclude(Q(fund__status=Fund.Status.CLOSED) | Q(policy__status=Policy.Status.CLOSED))
        .select_related("fund", "policy", "version")
        .annotate(rank=Case(*ranks), weight=weight, **SHEET)
        .order_by("rank", "-weight", "-computed_at", *place)
    )


def matches_for(project):
    """Those with funds."""
    return all_matches_for(project).filter(policy=None)


def policy_matches_for(project):
    """Those with policies."""
    return all_matches_for(project).filter(fund=None)
