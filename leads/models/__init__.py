"""From a roadshow to a verdict: trips, visits, leads, claims, hand-overs, imports."""

from leads.models.claims import Claim, ClaimEvent, ClaimWarning, Handover
from leads.models.conflicts import Conflict, ConflictEvidence, CreditShare, CreditSplit
from leads.models.feedback import Feedback
from leads.models.imports import ImportJob, ImportRow
from leads.models.leads import Lead, LeadStageChange, Screening
from leads.models.pool import PoolEntry
from leads.models.roadshows import Roadshow, RoadshowTarget
from leads.models.visits import Visit

__all__ = [
    "Claim",
    "ClaimEvent",
    "ClaimWarning",
    "Conflict",
    "ConflictEvidence",
    "CreditShare",
    "CreditSplit",
    "Feedback",
    "Handover",
    "ImportJob",
    "ImportRow",
    "Lead",
    "LeadStageChange",
    "PoolEntry",
    "Roadshow",
    "RoadshowTarget",
    "Screening",
    "Visit",
]
