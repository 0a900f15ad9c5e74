"""Holding facts against criteria: one function, one answer with all its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm import display
from crm.rules.criteria import Plan, Vocabulary, read
from crm.rules.dictionary import FIELDS
from crm.rules.explanations import Outcome, as_json, explain, leaves, notes, verdict_from, weighed
from crm.rules.facts import Fact
from crm.rules.logic import Result, VerdictCode, verdict_of
from crm.rules.operators import show_threshold, show_value
from crm.rules.settling import (
    NEAR_RATIO,
    failing,
    missing_facts,
    near_misses,
    result_of,
    smallest_sets,
)
from crm.rules.situation import STALE_MONTHS, Judged, Situation


@dataclass(frozen=True, slots=True)
class Verdict:
    """符合 / 待补充 / 不符合 with everything it rests on; `to_json` is what gets stored and shown."""

    code: VerdictCode
    score: Decimal | None
    coverage: Decimal | None
    tree: Mapping[str, Any]
    missing: list[dict[str, Any]]
    ways: list[tuple[str, ...]]
    near_misses: list[dict[str, Any]]
    reasons: list[str]
    on: date

    @property
    def label(self) -> str:
        return self.code.label

    @property
    def explanations(self) -> list[Mapping[str, Any]]:
        return list(leaves(self.tree))

    @property
    def notes(self) -> list[Mapping[str, Any]]:
        return list(notes(self.tree))

    @property
    def to_settle(self) -> tuple[str, ...]:
        """The smallest set of missing facts that would settle the verdict; the first of several."""
        return self.ways[0] if self.ways else ()

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON; `verdict_from(result["tree"])` gives the same verdict again."""
        return {
            "verdict": self.code.value,
            "label": self.label,
            "score": None if self.score is None else float(self.score),
            "coverage": None if self.coverage is None else float(self.coverage),
            "on": as_json(self.on),
            "reasons": self.reasons,
            "missing": self.missing,
            "to_settle": [_named(key) for key in self.to_settle],
            "to_settle_options": [[_named(key) for key in way] for way in self.ways],
            "near_misses": self.near_misses,
            "tree": self.tree,
        }


def _named(key) -> dict[str, str]:
    return {"key": key, "label": FIELDS[key].label}


def evaluate(
    criteria,
    facts: Mapping[str, Fact] | Situation,
    on: date | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    near_ratio: Decimal = NEAR_RATIO,
    stale_months: int = STALE_MONTHS,
) -> Verdict:
    """Hold `facts` against `criteria` on a day; never raises for bad data, which counts as 信息不足.

    `criteria` is stored JSON or a Plan read before; `facts` a mapping key → Fact, or a Situation kept
    for many funds (then `on` and `stale_months` are its own).
    """
    plan = criteria if isinstance(criteria, Plan) else read(criteria, vocabulary)
    situation = facts if isinstance(facts, Situation) else Situation(facts, on, stale_months)
    return explained(plan, situation, judge(plan, situation), near_ratio)


def judge(plan: Plan, situation: Situation) -> dict[str, Judged]:
    """The answer of every rule by its number, without the reasons: a tenth of the work of `evaluate`."""
    return {rule.number: situation.judge(rule) for rule in plan.asked}


def outcome_of(plan: Plan, judged: Mapping[str, Judged]) -> Outcome:
    """What the answers add up to, as `explained` says it."""
    soft = [(answer.rule.weight, answer.result) for answer in judged.values() if answer.rule.kind == "soft"]
    return Outcome(verdict_of(result_of(plan.root, judged)), *weighed(soft))


def explained(
    plan: Plan, situation: Situation, judged: Mapping[str, Judged], near_ratio: Decimal = NEAR_RATIO
) -> Verdict:
    """The answers of `judge` with all their reasons."""
    tree = explain(plan.root, judged, plan)
    outcome = verdict_from(tree)
    return Verdict(
        *outcome,
        tree=tree,
        missing=missing_facts(judged),
        ways=smallest_sets(plan.root, judged) if outcome.code == VerdictCode.INCOMPLETE else [],
        near_misses=near_misses(plan.root, judged, near_ratio),
        reasons=_reasons(outcome.code, plan, judged),
        on=situation.on,
    )


def _reasons(code, plan, judged) -> list[str]:
    """Why the verdict is what it is, in sentences for the officer."""
    if code == VerdictCode.FIT:
        return ["硬性条件均已满足"]
    if code == VerdictCode.UNFIT:
        return [
            _failure(answer, wanted, plan)
            for answer, wanted in failing(plan.root, judged)
            if answer.rule.kind == "hard"
        ]
    return _gaps(judged, plan.awaits)


def _failure(answer, wanted, plan) -> str:
    rule = answer.rule
    about, labels = rule.field, plan.labels(rule.field.key)
    demand = show_threshold(rule.operator, about, rule.threshold, labels)
    shown = f"{about.label} {show_value(about, answer.known.value, rule.threshold, labels)}"
    return f"{shown}，要求{demand}" if wanted == Result.YES else f"{shown}，属于不得有的情形（{demand}）"


def _gaps(judged, awaits) -> list[str]:
    hard = [answer for answer in judged.values() if answer.rule.kind == "hard"]
    if not judged:
        return [f"{awaits or '尚未设置条件'}，不能判定为符合"]
    if not hard:
        return ["没有硬性条件，只有加分项，不能判定为符合"]
    unknown = [answer for answer in hard if answer.result == Result.UNKNOWN]
    wrong = [f"第 {a.rule.number} 条条件有误：{a.rule.broken}" for a in unknown if a.rule.broken]
    unstated = [a.rule.unstated for a in unknown if a.rule.unstated and not a.known.needs]
    lacking = missing_facts({answer.rule.number: answer for answer in unknown})
    words = display.names(fact["label"] for fact in lacking)
    return [*wrong, *([f"信息不足：{words}"] if lacking else []), *unstated]
