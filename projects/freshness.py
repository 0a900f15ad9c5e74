"""Matches a page or a partner can read at once: computed here when the worker has not come to them yet."""

from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Greatest

from crm.models import Fact
from crm.workdays import shanghai_day
from projects.matching import all_matches_for, match
from projects.models import CriteriaVersion, Fund, Policy, Project


def fresh_matches(project, *, at):
    """The matches of `project` with funds and policies, best first; judged anew when something changed since
    they last were."""
    found = list(all_matches_for(project))
    if not _is_stale(project, found, at):
        return found
    match(project, at=at)
    return list(all_matches_for(project))


def refresh(project, *, at):
    """Judge `project` anew if what its matches say is no longer what they would say at `at`."""
    if _is_stale(project, list(all_matches_for(project).defer("result", "facts")), at):
        match(project, at=at)


def refresh_company(company_id, *, at):
    """Judge every project under way of a company anew: something else is known of it now."""
    for project in concerned(company_id):
        match(project, at=at)


def concerned(company_id):
    """The projects under way of a company: what is known of it decides what they match."""
    return Project.objects.open().filter(company=company_id)


def _is_stale(project, matches, at):
    """Whether one is missing, a night or a day has passed since, or what is known or asked changed."""
    slots = (model.objects.matchable().values("slot") for model in (Fund, Policy))
    if len(matches) != next(slots).union(next(slots), all=True).count():
        return True
    if not matches:
        return False
    looked_at = matches[0].checked_at
    if looked_at is None or matches[0].judged_at > looked_at or shanghai_day(looked_at) != shanghai_day(at):
        return True
    return _changed_at(project, at) > looked_at


def _changed_at(project, at):
    known = [project.updated_at]
    if project.company_id:
        known.append(_facts_changed_at(project.company_id))
        known.append(project.company.updated_at)
    counting = Q(policy__isnull=False) | Q(valid_from__lte=shanghai_day(at))  # one to come settles a policy
    known.append(CriteriaVersion.objects.filter(counting).aggregate(at=Max("published_at"))["at"])
    return max(moment for moment in known if moment)


def _facts_changed_at(company_id):
    """When something of a company was last recorded, chosen or withdrawn; None without any."""
    deeds = (Coalesce(name, "created_at") for name in ("chosen_at", "withdrawn_at"))
    latest = Max(Greatest("created_at", *deeds))
    return Fact.objects.filter(company=company_id).aggregate(at=latest)["at"]
