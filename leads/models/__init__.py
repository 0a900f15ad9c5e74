"""From a roadshow to a verdict: trips, visits, leads, claims, hand-overs, imports."""

from leads.models.boards import LeadPlace
from leads.models.claims import Claim, ClaimEvent, ClaimWarning
from leads.models.conflicts import Conflict, ConflictEvidence, CreditShare, CreditSplit
from leads.models.duplicates import DuplicatePair, Merge
from leads.models.feedback import Feedback
from leads.models.handovers import Handover
from leads.models.imports import ColumnChoice, ImportJob, ImportRow
from leads.models.leads import Lead, LeadStageChange
from leads.models.marking import LeadBulkRow, LeadTag
from leads.models.photos import VisitPhoto
from leads.models.pool import PoolEntry
from leads.models.roadshows import Roadshow, RoadshowTarget
from leads.models.screenings import Screening
from leads.models.trip_reports import TripReport
from leads.models.visits import Visit
from leads.models.walk_ins import DoorTry, TripDoor, WalkIn

__all__ = [
    "Claim",
    "ClaimEvent",
    "ClaimWarning",
    "ColumnChoice",
    "Conflict",
    "ConflictEvidence",
    "CreditShare",
    "CreditSplit",
    "DoorTry",
    "DuplicatePair",
    "Feedback",
    "Handover",
    "ImportJob",
    "ImportRow",
    "Lead",
    "LeadBulkRow",
    "LeadPlace",
    "LeadStageChange",
    "LeadTag",
    "Merge",
    "PoolEntry",
    "Roadshow",
    "RoadshowTarget",
    "Screening",
    "TripDoor",
    "TripReport",
    "Visit",
    "VisitPhoto",
    "WalkIn",
]
