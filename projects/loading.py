"""What the page of a project shows, its gates ask and its timeline tells of it, read once."""

from django.db.models import Prefetch, prefetch_related_objects

from leads.models import LeadStageChange, Visit
from leads.timeline import talks
from projects.models import Agreement, Commitment, Evidence, NodePass, ProjectStageChange, Receipt, Suspension


def load(project):
    """Keep on `project` its stays, papers, meetings, dealings and talks, each with its people."""
    prefetch_related_objects([project], *(Prefetch(name, rows()) for name, rows in RELATIONS.items()))


# agreements before commitments, which look at them through their project
RELATIONS = {
    "changes": lambda: ProjectStageChange.objects.select_related("by"),
    "evidence": lambda: Evidence.objects.select_related("by"),
    "passes": lambda: NodePass.objects.select_related("by", "withdrawn_by"),
    "agreements": lambda: Agreement.objects.select_related("supersedes", "supervisor", "by"),
    "commitments": lambda: Commitment.objects.backed().select_related("owner", "partner_owner"),
    "suspensions": lambda: Suspension.objects.select_related("by", "ended_by"),
    "receipts": lambda: Receipt.objects.select_related("by", "withdrawn_by"),
    "lead__changes": lambda: LeadStageChange.objects.select_related("by"),
    "lead__visits": lambda: talks(Visit.objects.all()),
}
