"""Funds: one project against all of them, and the nightly run over many projects."""

from django.db import transaction
from django.utils import timezone

from projects.matching import match
from projects.models import Fund, Project
from projects.rematching import rematch
from tests.bench import statements
from tests.bench.measure import apart, typical

ONE = "its SELECTs replayed by plain psycopg + COPY of the same rows"
ALL = "the same projects' facts fetched by plain psycopg + COPY of the same rows"
MOST = 1000  # projects of the nightly run that are timed; the time grows with their number
FACTS = """
SELECT p.id, f.key, f.value, f.source, f.as_of FROM projects_project p
  JOIN crm_fact f ON f.company_id = p.company_id WHERE p.id IN (SELECT project_id FROM projects_match)
"""


def measure(stand):
    """One project first, then many that are new to the matcher."""
    _one(stand)
    _all(stand)


def _one(stand):
    sample = list(Project.objects.filter(pk__in=stand.projects()).order_by("pk"))
    asked = _asked(sample[-1])
    reads, copy = statements.reads_of(asked), None
    match(sample[-1], at=timezone.now())
    copy = stand.bare.copy_again({"projects_match": f"project_id = {sample[-1].pk}"})

    def floor(number):
        stand.bare.replay(reads)
        copy()

    stand.book.calls_of(
        "match_one",
        lambda n: match(sample[n % len(sample)], at=timezone.now()),
        floor,
        ONE,
        queries=len(asked),
    )


def _asked(project):
    """The statements of one match; nothing of it stays."""

    def call():
        with transaction.atomic():
            match(project, at=timezone.now())
            transaction.set_rollback(True)

    return statements.asked_by(call)


def _all(stand):
    spent = apart(_nightly, max(20, min(MOST, stand.book.size // 20)))
    copy = stand.bare.copy_again({"projects_match": "true"})

    def floor():
        stand.bare.rows(FACTS)
        copy()

    pairs = spent.result * Fund.objects.matchable().count()
    more = {"pairs": pairs, "projects": spent.result, "of": Project.objects.open().count()}
    stand.book.add("match_all", spent.seconds, "s", typical(floor, 1), ALL, **more, peak_mb=spent.peak_mb)


def _nightly(least):
    """Batch after batch as the worker does, for at least so many projects if there are; how many it were."""
    at, after = timezone.now(), 0
    waiting = Project.objects.open().order_by("pk")
    while after is not None and waiting.filter(pk__lte=after).count() < least:
        after = rematch(at, after)
    return waiting.filter(pk__lte=after).count() if after else waiting.count()
