"""An accepted lead becomes a project in 在谈: one decision, one transaction."""

from django.db import connection, transaction

from crm.pipeline import start
from crm.workdays import shanghai_day
from leads.stages import LeadStage
from projects import parties
from projects.models import Project, ProjectTag
from projects.stages import ProjectStage

CARRIED = [
    "company",
    "unit",
    "station",
    "owner",
    "leader",
    "channel",
    "city",
    "roadshow",
    "sector_kind",
    "sector",
    "chain_position",
    "amount_wan",
    "area_sqm",
    "next_step",
    "next_contact_on",
    "last_contact_at",
]


@transaction.atomic
def accept(lead, *, by, at, reason="", forced=False, version=None):
    """Move `lead` to 跟进 and open its project; raises what `move` raises, and then nothing is written."""
    lead.move_to(LeadStage.ACCEPTED, by=by, at=at, reason=reason, forced=forced, version=version)
    return open_from(lead, by=by, at=at)


def open_from(lead, *, by, at):
    """The project of an accepted lead, with the lead's source, owner and classification."""
    project = Project(
        code=_next_code(shanghai_day(at).year),
        name=lead.title,
        lead=lead,
        demands=lead.note,
        stage=ProjectStage.NEGOTIATING,
        furthest=ProjectStage.NEGOTIATING,
        entered_at=at,
        created_at=at,
        updated_at=at,
        **{name: getattr(lead, name) for name in CARRIED},
    )
    if lead.investor_name:
        project.investor = parties.firm(parties.Party(lead.investor_name), at)
    project.save()
    project.tracks.add(*lead.tracks.all())
    given = [
        ProjectTag(project=project, tag_id=one.tag_id, by_id=one.by_id, at=one.at)
        for one in lead.taggings.all()
    ]
    ProjectTag.objects.bulk_create(given)
    start(project, by=by, at=at)
    return project


def _next_code(year):
    """GS2026-0001: the next number of the year, taken under a lock so that two openings never share it."""
    prefix = f"GS{year}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [prefix])
    codes = Project.objects.filter(code__startswith=prefix).order_by("-code").values_list("code", flat=True)
    last = codes.first()
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:06d}"
