"""时间线 of a project: moves, visits, what was signed and concluded, recorded facts, newest first."""

from itertools import groupby

from leads.timeline import Entry, each, field_entries, newest_first
from projects.deciding import broke_signature

# kinds of rows whose changes are told with those of the project
CHILDREN = [f"projects.{name}" for name in ("evidence", "agreement", "commitment", "receipt")]
CHILDREN += ["projects.incentiveitem", "projects.spaceneed", "projects.computedemand"]


def timeline(told):
    """All entries of what is `told` of a project (projects/told.py), newest first. Verdicts that changed in
    one run are one entry; what the reader was told of the project stands among it."""
    project, lead, reviews = told.project, told.project.lead, told.reviews
    visits = lead.visits.all()
    entries = [
        *each("move", "entered_at", told.changes),
        *each("lead_move", "entered_at", lead.changes.all()),
        *each("visit", "at", visits),
        *field_entries(project, told.field_changes, visits),
        *each("evidence", "created_at", told.evidence),
        *each("agreement", "created_at", told.signed.agreements),
        *each("paper", "at", told.files),
        *each("message", "created_at", told.letters),
        *each("review", "at", reviews),
        *each("fair_review", "at", project.fair_reviews.all() if reviews else []),
        *_meetings(told.passes, told.changes),
        *_pauses(project),
        *(entry for row in told.referrals for step in row.steps.all() for entry in _step(step)),
        *(entry for row in told.spots for entry in _space(row)),
        *(Entry("shift", at, list(rows)) for at, rows in groupby(told.shifts, key=lambda row: row.at)),
        *each("handover", "at", told.offers),
        *each("feedback", "at", told.feedbacks),
    ]
    return newest_first(entries + _fact_entries(told.facts))


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
