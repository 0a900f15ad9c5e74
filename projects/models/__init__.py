"""From negotiation to aftercare: projects, what they signed and promised, funds and matches."""

from projects.models.agreements import Agreement, Commitment, Receipt
from projects.models.decisions import Category, DecisionNode, DecisionRoute, NodePass
from projects.models.funds import CriteriaVersion, Fund, Match
from projects.models.incentives import FlagRule, IncentiveItem, ItemDraft, ItemReview
from projects.models.projects import Evidence, Project, ProjectStageChange
from projects.models.reminders import ReminderSent
from projects.models.supervision import SupervisionOrder
from projects.models.suspensions import Suspension

__all__ = [
    "Agreement",
    "Category",
    "Commitment",
    "CriteriaVersion",
    "DecisionNode",
    "DecisionRoute",
    "Evidence",
    "FlagRule",
    "Fund",
    "IncentiveItem",
    "ItemDraft",
    "ItemReview",
    "Match",
    "NodePass",
    "Project",
    "ProjectStageChange",
    "Receipt",
    "ReminderSent",
    "SupervisionOrder",
    "Suspension",
]
