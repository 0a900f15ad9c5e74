"""From negotiation to aftercare: projects, what they signed and promised, funds and matches."""

from projects.models.agreements import Agreement, Commitment, Correction, Receipt
from projects.models.bases import BasisClause
from projects.models.boards import ProjectPlace
from projects.models.changes import MatchChange
from projects.models.compute import ComputeDemand, ComputeOffer
from projects.models.criteria import CriteriaVersion
from projects.models.decisions import Category, DecisionNode, DecisionRoute, NodePass
from projects.models.evidence import Evidence
from projects.models.funds import Fund
from projects.models.incentives import FairReview, FlagRule, IncentiveItem, ItemDraft, ItemReview
from projects.models.marking import ProjectBulkRow, ProjectTag
from projects.models.matches import Match, MatchSheet
from projects.models.papers import Paper, PaperContent
from projects.models.policies import Policy
from projects.models.projects import Project, ProjectStageChange
from projects.models.referrals import Referral, ReferralStep
from projects.models.reminders import ReminderSent
from projects.models.spaces import Building, CandidateSpace, Space, SpaceNeed
from projects.models.supervision import OrderTransfer, SupervisionOrder
from projects.models.suspensions import Suspension

__all__ = [
    "Agreement",
    "BasisClause",
    "Building",
    "CandidateSpace",
    "Category",
    "Commitment",
    "ComputeDemand",
    "ComputeOffer",
    "Correction",
    "CriteriaVersion",
    "DecisionNode",
    "DecisionRoute",
    "Evidence",
    "FairReview",
    "FlagRule",
    "Fund",
    "IncentiveItem",
    "ItemDraft",
    "ItemReview",
    "Match",
    "MatchChange",
    "MatchSheet",
    "NodePass",
    "OrderTransfer",
    "Paper",
    "PaperContent",
    "Policy",
    "Project",
    "ProjectBulkRow",
    "ProjectPlace",
    "ProjectStageChange",
    "ProjectTag",
    "Receipt",
    "Referral",
    "ReferralStep",
    "ReminderSent",
    "Space",
    "SpaceNeed",
    "SupervisionOrder",
    "Suspension",
]
