"""What can be exported as a job: for each list its rows for a person and an address, and its writer."""

from dataclasses import dataclass

from django.http import QueryDict

from crm import exporting, lists
from crm.models import ExportJob, User
from crm.workdays import shanghai_day
from leads import exports as lead_exports
from leads.bulk import HANDS as LEADS
from leads.columns import LISTING as LEAD_LIST
from leads.columns import sheet_headers
from leads.filters import listed
from projects import exports
from projects.bulk import HANDS as PROJECTS
from projects.columns import LISTING as PROJECT_LIST
from projects.filters import ProjectFilter
from projects.models import Project

BESIDE = ("contacts", "purpose", "columns")  # what an export's address says besides the filters


@dataclass(frozen=True)
class _Asker:
    """Who asks, and for what: all that a filter set needs of a request."""

    user: User
    GET: QueryDict


def _leads(user, given, keys, at):
    if keys is not None:
        return LEADS.records(user).filter(pk__in=keys)
    return listed(_Asker(user, given), shanghai_day(at), given, BESIDE).rows()


def _projects(user, given, keys, at):
    if keys is not None:
        return PROJECTS.records(user).filter(pk__in=keys)
    visible, asker = Project.objects.visible_to(user), _Asker(user, given)
    return ProjectFilter(given, visible, request=asker, today=shanghai_day(at), also=BESIDE).rows()


def _write_leads(file, rows, by, at, purpose, given, tell):
    columns = sheet_headers(LEAD_LIST, lists.columns_of(LEAD_LIST, given.get("columns", "")))
    lead_exports.write(file, rows, by=by, at=at, purpose=purpose, columns=columns, tell=tell)


def _write_projects(file, rows, by, at, purpose, given, tell):
    columns = sheet_headers(PROJECT_LIST, lists.columns_of(PROJECT_LIST, given.get("columns", "")))
    exports.write(file, rows, by=by, at=at, columns=columns, tell=tell)


HANDS = {
    ExportJob.Kind.LEADS: exporting.Hands(_leads, _write_leads),
    ExportJob.Kind.PROJECTS: exporting.Hands(_projects, _write_projects),
}


def make(job, *, at):
    """Write the workbook of a job that waits for it."""
    exporting.make(HANDS, job, at=at)


def resume_all(at):
    """Make what waits or broke off; the schedule calls it, so a lost ring or a dead worker loses nothing."""
    exporting.resume_all(HANDS, at)
