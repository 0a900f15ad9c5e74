"""What the page of a project shows, its gates ask and its timeline tells of it, read by one message."""

from crm.together import belong, read
from leads.timeline import talks


def load(project, *further):
    """Keep on `project` its stays, papers, meetings, dealings and talks, each with its people; what `further`
    querysets and Readings ask for comes with them."""
    rows = {name: rows(getattr(project, name)) for name, rows in RELATIONS.items()}
    lead_rows = {name: rows(getattr(project.lead, name)) for name, rows in OF_LEAD.items()}
    read(*belong(project, **rows), *belong(project.lead, **lead_rows), *further)


# agreements before commitments, which look at them through their project
RELATIONS = {
    "changes": lambda rows: rows.select_related("by"),
    "evidence": lambda rows: rows.select_related("by"),
    "passes": lambda rows: rows.select_related("by", "withdrawn_by"),
    "agreements": lambda rows: rows.select_related("supersedes", "supervisor", "by"),
    "commitments": lambda rows: rows.backed().select_related("owner", "partner_owner"),
    "suspensions": lambda rows: rows.select_related("by", "ended_by"),
    "receipts": lambda rows: rows.select_related("by", "withdrawn_by"),
    "incentives": lambda rows: rows.prefetch_related("reviews"),
    "fair_reviews": lambda rows: rows.select_related("by"),
    "carriers": lambda rows: rows.all(),
    "tracks": lambda rows: rows.all(),
}
OF_LEAD = {
    "changes": lambda rows: rows.select_related("by"),
    "visits": lambda rows: talks(rows.all()),
}
