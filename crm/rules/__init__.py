"""Three-valued rules as data for funds, policies, carriers and compute: pure, no ORM, no Django."""

from crm.rules.asking import Question, best_question, wanted_first
from crm.rules.criteria import Plan, Problem, check_criteria, check_offered, read
from crm.rules.dictionary import FIELDS, QUALIFICATIONS, qualification_code
from crm.rules.evaluation import Verdict, evaluate, explained, judge, outcome_of
from crm.rules.explanations import CAUTION, Outcome, leaves, lines, notes, verdict_from
from crm.rules.facts import SOURCES, Fact, add_months
from crm.rules.fields import Field, Partly, WrongValue
from crm.rules.logic import Result, VerdictCode, combine, negate, verdict_of
from crm.rules.operators import OPERATORS
from crm.rules.settling import NEAR_RATIO
from crm.rules.situation import STALE_MONTHS, Situation

__all__ = [
    "CAUTION",
    "FIELDS",
    "NEAR_RATIO",
    "OPERATORS",
    "QUALIFICATIONS",
    "SOURCES",
    "STALE_MONTHS",
    "Fact",
    "Field",
    "Outcome",
    "Partly",
    "Plan",
    "Problem",
    "Question",
    "Result",
    "Situation",
    "Verdict",
    "VerdictCode",
    "WrongValue",
    "add_months",
    "best_question",
    "check_criteria",
    "check_offered",
    "combine",
    "evaluate",
    "explained",
    "judge",
    "leaves",
    "lines",
    "negate",
    "notes",
    "outcome_of",
    "qualification_code",
    "read",
    "verdict_from",
    "verdict_of",
    "wanted_first",
]
