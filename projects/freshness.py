"""Matches a page or a partner can read at once: computed here when the worker has not come to them yet."""

from django.db.models import Max
from django.db.models.functions import Coalesce, Greatest

from crm.models import Fact
from crm.workdays import shanghai_day
from projects.matching import match, matches_for
from projects.models import CriteriaVersion, Fund, Project


def fresh_matches(project, *, at):
    """The matches of `project`, best first; judged anew when something changed since they last were."""
    found = list(matches_for(project))
    if not _is_stale(project, found, at):
        return found
    match(project, at=at)
    return list(matches_for(project))


def refresh(project, *, at):
    """Judge `project` anew if what its matches say is no longer what they would say at `at`."""
    if _is_stale(project, list(matches_for(project).defer("result", "facts")), at):
        match(project, at=at)


def refresh_company(company_id, *, at):
    """Judge every project under way of a company anew: something else is known of it now."""
    for project in Project.objects.open().filter(company=company_id):
        match(project, at=at)


def _is_stale(project, matches, at):
    """Whether a fund is missing, or a day has passed, or what is known or the criteria changed since."""
    if len(matches) != Fund.objects.matchable().count():
        return True
    if not matches:
        return False
    looked_at = matches[0].checked_at
    if looked_at is None or shanghai_day(looked_at) != shanghai_day(at):
        return True
    return _changed_at(project, at) > looked_at


def _changed_at(project, at):
    known = [project.updated_at]
    if project.company_id:
        known.append(_facts_changed_at(project.company_id))
        known.append(project.company.updated_at)
    in_force = CriteriaVersion.objects.filter(valid_from__lte=shanghai_day(at))
    known.append(in_force.aggregate(at=Max("published_at"))["at"])
    return max(moment for moment in known if moment)


def _facts_changed_at(company_id):
    """When something of a company was last recorded, chosen or withdrawn; None without any."""
    deeds = (Coalesce(name, "created_at") for name in ("chosen_at", "withdrawn_at"))
    latest = Max(Greatest("created_at", *deeds))
    return Fact.objects.filter(company=company_id).aggregate(at=latest)["at"]
