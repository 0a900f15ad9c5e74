"""What is known of a project's or lead's company, field by field, and which gaps to fill first."""

from dataclasses import dataclass, field
from datetime import date

from crm import rules
from crm.facts import Account, accounts
from crm.rules.dictionary import GROUPS
from crm.rules.settling import smallest_sets
from crm.workdays import shanghai_day
from projects import places
from projects.archives import apart
from projects.facts import askable
from projects.known import facts
from projects.models import Fund
from projects.offers import offers, vocabulary


@dataclass(eq=False)
class Line:
    """One field: the value in use in words, where it is from, and everything recorded of it.

    `place` is where it is entered if not on the table itself; `wanted` says by how many funds it is missed.
    """

    key: str
    label: str
    shown: str = ""
    source: str = ""
    as_of: date | None = None
    is_stale: bool = False
    place: str = ""
    wanted: int = 0
    account: Account | None = None

    @property
    def is_boxes(self):
        """Whether it is filled in by ticking boxes."""
        return rules.FIELDS[self.key].type == "set"


@dataclass
class Sheet:
    """All fields of a record by group, those to be filled in first, and what they would settle."""

    groups: list
    first: list
    question: rules.Question | None = None
    open_funds: int = 0
    contested: list = field(default_factory=list)
    apart: list = field(default_factory=list)
    rows: list = field(default_factory=list)

    @property
    def rest(self):
        """The groups without what stands first already."""
        return [(name, [line for line in lines if line not in self.first]) for name, lines in self.groups]

    @property
    def words(self):
        """The labels of the facts that the question asks for."""
        return [rules.FIELDS[key].label for key in self.question.keys] if self.question else []


def sheet(record, at):
    """The Sheet of a project or lead at `at`; asks every fund that can invest what it misses."""
    day = shanghai_day(at)
    situation = rules.Situation(facts(record, day), day)
    able = (offer for offer in offers(day) if offer.field == Fund.FIELD and not offer.settled)
    open_sets = [ways for offer in able if (ways := _ways(offer, situation))]
    recorded, words = accounts(record.company_id), vocabulary()
    wanted = rules.wanted_first(open_sets)
    question = rules.best_question(open_sets)
    lines = {key: _line(record, key, situation, recorded.get(key), words) for key in askable()}
    for key in wanted:
        lines[key].wanted = sum(any(key in way for way in ways) for ways in open_sets)
    first = [*(question.keys if question else ()), *wanted]
    return Sheet(
        groups=[(name, [lines[key] for key in keys if key in lines]) for name, keys in GROUPS.items()],
        first=[lines[key] for key in dict.fromkeys(first)],
        question=question,
        open_funds=len(open_sets),
        contested=[one for one in recorded.values() if one.is_contested],
        apart=apart(record, recorded),
        rows=list(recorded.values()),
    )


def _ways(offer, situation):
    """The smallest sets of missing facts that would settle what a fund says; none when it is settled."""
    judged = rules.judge(offer.plan, situation)
    if rules.outcome_of(offer.plan, judged).code != rules.VerdictCode.INCOMPLETE:
        return []
    ways = smallest_sets(offer.plan.root, judged)
    return [way for way in ways if askable().keys() >= {*way}]


def _line(record, key, situation, account, words):
    about = rules.FIELDS[key]
    line = Line(key, about.label, place=places.of_column(record, key), account=account)
    known = situation.known(about)
    if known.value is not None:
        line.shown = about.brief(known.value, words.get(key))
        line.is_stale = known.is_stale
    elif known.fact:
        line.shown = str(known.fact.value)
    if known.fact:
        line.source, line.as_of = known.fact.source_label, known.fact.as_of
    return line
