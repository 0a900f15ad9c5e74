"""供需匹配: what a register offers, held by the rule engine against what a project needs.

Spaces and compute alike: an offer becomes criteria (its own figures, with the register as their paper), the
need becomes facts, and the engine answers 符合 / 待补充 / 不符合 with every reason. What the register does
not say is no more 符合 than what the project did not say.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm import rules
from crm.rules import Result, VerdictCode
from crm.rules.explanations import weighed
from crm.rules.settling import near_misses

RANK = {VerdictCode.FIT: 0, VerdictCode.INCOMPLETE: 1, VerdictCode.UNFIT: 3}
NEAR_RANK = 2
EMPTY = (None, "", [], ())


@dataclass(frozen=True)
class Term:
    """One thing an offer says, as a rule on what is needed: need `field`, compared by `op`, against `column`.

    `supplied` and `wanted` are the words of both sides: 「层高 4.2 m，需要 4.5 m」. `least` is the bound that
    holds even while the column is empty (who needs 0 m is content); `shown` names the bound where the column
    itself is no such thing, `named` says what an offer of each value is called instead. A column of a few
    values names its `bounds`; a value it does not name asks nothing, nor does an empty column that
    `is_open`. With a `weight` it is a bonus.
    """

    field: str
    op: str
    column: str
    supplied: str
    wanted: str = "需要"
    least: Any = None
    weight: int = 0
    bounds: Mapping | None = None
    is_open: bool = False
    shown: str = ""
    named: Mapping | None = None

    @property
    def needs(self):
        """The facts the rule asks for."""
        field = rules.FIELDS[self.field]
        return field.derived.needs if field.derived else (field.key,)

    def rule(self, value, register):
        """The rule of an offer that has `value`; None when it asks nothing."""
        is_known = value not in EMPTY
        asks = value in self.bounds if self.bounds is not None else is_known or not self.is_open
        if not asks:
            return None
        rule = {
            "kind": "soft" if self.weight else "hard",
            "field": self.field,
            "op": self.op,
            "value": self._bound(value, is_known),
            "unit": rules.FIELDS[self.field].unit,
            "weight": self.weight,
        }
        return rule if is_known else {**rule, "unstated": f"{register}没有登记{self.supplied}"}

    def _bound(self, value, is_known):
        if self.bounds is not None:
            return self.bounds[value]
        if not is_known:
            return self.least
        return [value] if self.op == "overlaps" and isinstance(value, str) else value


@dataclass(frozen=True)
class Register:
    """A kind of offer: its name (the paper its rules quote) and its terms."""

    name: str
    terms: tuple[Term, ...]

    @property
    def columns(self):
        return [term.column for term in self.terms]

    def criteria(self, values, document, on):
        """The criteria tree of one offer: `values` in the order of the terms, as known on the day `on`."""
        paper = {"clause": self.name, "document": document, "document_date": on.isoformat()}
        made = [
            {**rule, **paper}
            for term, value in zip(self.terms, values, strict=True)
            if (rule := term.rule(value, self.name))
        ]
        return {"all": made}


def read_off(offer, columns):
    """The values of these columns («building__carrier__code») of one offer, as `values_list` gives them."""
    return [_followed(offer, column.split("__")) for column in columns]


def _followed(found, names):
    for name in names:
        found = getattr(found, name)
    return found


class Judge:
    """Many offers and many needs of one register: each distinct comparison is read and judged once.

    The answers are those of the engine; only the sentences are left out, which `explained` adds for the few
    that are shown.
    """

    def __init__(self, register, day):
        self.register, self.day = register, day
        self._answers, self._outcomes = {}, {}

    def asked(self, known):
        """What a need of which {key: value} is `known` says to each term, for `place`."""
        return [tuple(_hashable(known.get(key)) for key in term.needs) for term in self.register.terms]

    def place(self, values, asked):
        """(sort key, VerdictCode) of an offer with `values` and a need, `asked`.

        The key sorts the best first: the verdict, near misses before others, then score × coverage.
        """
        answers = tuple(map(self._answer, self.register.terms, values, asked))
        if answers not in self._outcomes:
            self._outcomes[answers] = self._added_up(answers)
        return self._outcomes[answers]

    def _answer(self, term, value, needed):
        value = _hashable(value)
        question = (id(term), value, needed)
        if question not in self._answers:
            self._answers[question] = self._judged(term, value, needed)
        return self._answers[question]

    def _judged(self, term, value, needed):
        """(result, whether it is a near miss) of one rule alone; None when the offer asks nothing."""
        rule = term.rule(value, self.register.name)
        if rule is None:
            return None
        given = zip(term.needs, needed, strict=True)
        facts = {key: rules.Fact(found) for key, found in given if found not in EMPTY}
        plan = rules.read(rule)
        said = rules.judge(plan, rules.Situation(facts, self.day))
        (answer,) = said.values()
        return answer.result, answer.result == Result.NO and bool(near_misses(plan.root, said))

    def _added_up(self, answers):
        pairs = [(term, one) for term, one in zip(self.register.terms, answers, strict=True) if one]
        hard = [one for term, one in pairs if not term.weight]
        code = rules.verdict_of(rules.combine("all", [result for result, _ in hard]))
        score, coverage = weighed([(Decimal(term.weight), one[0]) for term, one in pairs if term.weight])
        is_near = code == VerdictCode.UNFIT and all(near for result, near in hard if result == Result.NO)
        weight = score * coverage if score is not None else 0
        return (NEAR_RANK if is_near else RANK[code], -weight), code


def _hashable(value):
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Fit:
    """How one offer and one need go together, in words; `subject` is what a page lists, offer or project."""

    subject: Any
    verdict: rules.Verdict
    reasons: list[str]
    near: list[str]

    @property
    def code(self):
        return self.verdict.code

    @property
    def label(self):
        return self.verdict.label

    @property
    def score(self):
        return self.verdict.score

    @property
    def coverage(self):
        return self.verdict.coverage

    @property
    def missing(self):
        """What the project has not said yet, of the hard rules."""
        return [fact["label"] for fact in self.verdict.missing if fact["hard"]]


@dataclass(frozen=True)
class Fits:
    """The best few with their reasons, and how many there are of each verdict."""

    rows: list[Fit]
    counts: Counter

    @property
    def totals(self):
        """(code, label, number) of the verdicts that occur, best first."""
        codes = (VerdictCode.FIT, VerdictCode.INCOMPLETE, VerdictCode.UNFIT)
        return [(code.value, code.label, self.counts[code]) for code in codes if self.counts[code]]

    @property
    def number(self):
        return self.counts.total()


def explained(register, subject, criteria, facts, on, words):
    """The Fit of one offer (its criteria) and one need (its facts) on a day."""
    verdict = rules.evaluate(criteria, facts, on, vocabulary=words)
    failed = [leaf for leaf in verdict.explanations if leaf["result"] == Result.NO]
    said = {(leaf["field"], leaf["kind"] == "hard"): _against(register, leaf, words) for leaf in failed}
    reasons = verdict.reasons
    if verdict.code == VerdictCode.UNFIT:
        reasons = [text for (_, is_hard), text in said.items() if is_hard]
    return Fit(subject, verdict, reasons, [said[miss["field"], miss["hard"]] for miss in verdict.near_misses])


def _against(register, leaf, words):
    """「层高 4.2 m，需要 4.5 m」: what is offered, and what is needed."""
    field = rules.FIELDS[leaf["field"]]
    is_soft = leaf["kind"] == "soft"
    term = next(one for one in register.terms if one.field == field.key and bool(one.weight) == is_soft)
    bound, labels = leaf["threshold"], words.get(field.key)
    if term.named:
        value = next(value for value, allowed in term.bounds.items() if allowed == bound)
        return f"{term.named[value]}，{term.wanted} {leaf['value_display']}"
    bounds = bound if isinstance(bound, list) and field.type != "set" else [bound]
    shown = "、".join(field.show(field.read(one), labels) for one in bounds)
    return f"{term.shown or term.supplied} {shown}，{term.wanted} {leaf['value_display']}"
