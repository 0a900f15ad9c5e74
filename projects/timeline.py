"""时间线 of a project: moves, visits, what was signed and concluded, recorded facts, newest first."""

from itertools import groupby

from leads.timeline import Entry, feedback_entries, field_entries, message_entries, newest_first
from projects.deciding import broke_signature
from projects.models import ItemReview

CHILDREN = ["evidence", "agreement", "commitment", "receipt", "incentiveitem"]
CHILDREN += ["spaceneed", "computedemand"]


def timeline(
    project,
    changes,
    evidence,
    agreements,
    passes,
    handovers,
    contacts,
    referrals=(),
    spaces=(),
    facts=(),
    shifts=(),
    files=(),
    reader=None,
):
    """All entries; the lists of what belongs to the project are already loaded with `by`, referrals with
    their steps, `spaces` (its candidates, those dropped too) with their space and people, `facts` in
    words, `files` with who uploaded them. Verdicts that changed in one run (`shifts`, newest first) are one
    entry; what `reader` was told of the project stands among it."""
    entries = [Entry("move", change.entered_at, change) for change in changes]
    entries += [Entry("lead_move", c.entered_at, c) for c in project.lead.changes.all()]
    visits = list(project.lead.visits.all())
    entries += [Entry("visit", visit.at, visit) for visit in visits]
    entries += field_entries(project, contacts, visits, [f"projects.{name}" for name in CHILDREN])
    entries += [Entry("evidence", row.created_at, row) for row in evidence]
    entries += [Entry("agreement", row.created_at, row) for row in agreements]
    entries += [Entry("paper", row.at, row) for row in files]
    entries += message_entries(project, reader) if reader else []
    entries += _conclusions(project)
    entries += _meetings(passes, changes) + _pauses(project)
    entries += [entry for row in referrals for step in row.steps.all() for entry in _step(step)]
    entries += [entry for row in spaces for entry in _space(row)]
    entries += [Entry("shift", at, list(rows)) for at, rows in groupby(shifts, key=lambda row: row.at)]
    entries += [Entry("handover", row.at, row) for row in handovers] + feedback_entries(project.lead)
    return newest_first(entries + _fact_entries(facts))


def _meetings(passes, changes):
    for row in broke_signature(passes, changes):
        row.broke_signature = True
    taken_back = [Entry("withdrawal", row.withdrawn_at, row) for row in passes if row.withdrawn_at]
    return [Entry("pass", row.at, row) for row in passes] + taken_back


def _step(step):
    """A step of a referral, what of it was corrected, and that it was taken back."""
    corrected = [Entry("referral_corrected", one.at, one) for one in step.corrections.all()]
    undone = [Entry("referral_undone", step.undone_at, step)] if step.undone_at else []
    return [Entry("referral", step.at, step), *corrected, *undone]


def _space(row):
    """A space proposed, made final, and dropped or given back."""
    moments = (
        ("space_added", row.added_at),
        ("space_final", row.final_at),
        ("space_dropped", row.dropped_at),
    )
    return [Entry(kind, at, row) for kind, at in moments if at]


def _conclusions(project):
    """What 公平竞争审查 said of the items, whoever sees the project sees them, and of the set."""
    reviews = list(ItemReview.objects.filter(item__project=project).select_related("item", "by"))
    sets = project.fair_reviews.select_related("by") if reviews else []
    return [Entry("review", row.at, row) for row in reviews] + [
        Entry("fair_review", row.at, row) for row in sets
    ]


def _pauses(project):
    rows = project.suspensions.all()
    ended = [Entry("resumption", row.ended_at, row) for row in rows if row.ended_at]
    return [Entry("suspension", row.started_at, row) for row in rows] + ended


def _fact_entries(rows):
    """What was recorded of the company, chosen among what sources say, and withdrawn.

    What one person recorded within a minute is one thing that happened.
    """
    groups = [list(group) for _, group in groupby(sorted(rows, key=_occasion), key=_occasion)]
    return [
        *(Entry("facts", group[0].created_at, group) for group in groups),
        *(Entry("fact_chosen", row.chosen_at, row) for row in rows if row.chosen_at),
        *(Entry("fact_withdrawn", row.withdrawn_at, row) for row in rows if row.withdrawn_at),
    ]


def _occasion(fact):
    return fact.created_at.replace(second=0, microsecond=0), fact.recorded_by_id or 0, fact.partner_id or 0
