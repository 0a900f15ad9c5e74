"""What the stages of a project mean for the first report of its lead: its clock, its end, its return."""

from leads.models.claims import Claim, ClaimEvent
from projects import stages
from projects.stages import ProjectStage


def clock_in(stage):
    """From 签约 on the first report holds until the firm has settled; before, only silence ends it."""
    return Claim.Clock.SILENCE if stage in stages.BEFORE_SIGNING else Claim.Clock.NONE


def settle(project, was, by, at):
    """After a step from the stage `was`: fulfilled from 投产达产 on, taken up again when one goes back.

    A revived project takes up its claim, too, unless somebody else reported the company meanwhile.
    """
    mine = Claim.objects.filter(lead=project.lead_id)
    mine.wind(clock_in(project.stage), at)
    label = project.stages.labels[project.stage]
    if project.stage in stages.FULFILLED:
        if claim := finish(project, Claim.Ended.SETTLED, at):
            claim.note(ClaimEvent.Kind.SETTLED, f"项目进入「{label}」，增资扩产另行首报", by=by, at=at)
    elif was in stages.FULFILLED:
        if mine.reopen(at):
            mine.get().note(ClaimEvent.Kind.RESUMED, f"项目退回「{label}」，没有别人首报", by=by, at=at)
    elif was == ProjectStage.LOST:
        mine.reopen(at)


def finish(project, reason, at):
    """End the claim for `reason` if it is open or waits under another of the unit; returns it, or None."""
    valid = Claim.objects.valid().filter(lead=project.lead_id)
    claim = valid.select_for_update(of=("self",)).first()
    if claim:
        claim.finish(reason, at=at)
    return claim


def missing_return(project, to):
    """That nobody else holds the company; where the firm has settled, the project needs no claim."""
    if to in stages.FULFILLED:
        return []
    return Claim.objects.missing_return(project.lead_id, project.company_id, beside_own=True)


def missing_hold(project):
    """Before 签约, that no other unit has reported the firm since the first report lapsed."""
    return Claim.objects.missing_hold(project.lead) if project.stage in stages.BEFORE_SIGNING else []
