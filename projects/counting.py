"""Which projects count as 签约, 注册 or 落地 in a period: by 统计日期, not by the day it happened (§1.3)."""

from datetime import timedelta

from django.db.models import Min, Q

from projects.agreements import Signings, counted_between, counted_papers, standing
from projects.models import Evidence

KINDS = {"signed": "签约", "registered": "注册", "landed": "落地"}
SIGNINGS = {"signed": "signed", "ended": "ended", "amount": "changed"}  # what counts by agreements
PROOFS = {
    "registered": (Evidence.Kind.REGISTRATION,),
    "landed": (Evidence.Kind.MOVE_IN, Evidence.Kind.CONSTRUCTION),
}


def counted(projects, kind, start, end):
    """The projects of a queryset that count as `kind` (a key of KINDS or SIGNINGS) between two days.

    "amount" are those of which more or less stands signed afterwards. A project is counted once: 签约 by
    its first formal agreement, 注册 and 落地 by the first proof with a 统计日期; proof not confirmed by the
    bureau counts nowhere. KeyError for another kind.
    """
    if kind in SIGNINGS:
        return projects.filter(pk__in=getattr(counted_between(projects, start, end), SIGNINGS[kind]))
    proof = Q(evidence__kind__in=PROOFS[kind], evidence__counted_on__isnull=False)
    first = projects.order_by().annotate(first=Min("evidence__counted_on", filter=proof))
    return projects.filter(pk__in=first.filter(first__gte=start, first__lte=end).values("pk"))


def amounts(projects, start, end):
    """{project id: the 万元 by which more stands signed on `end` than before `start`}; one query."""
    before = start - timedelta(days=1)
    return {
        pk: standing(papers, end).amount_wan - standing(papers, before).amount_wan
        for pk, papers in counted_papers(projects).items()
    }


def signings_by_place(projects, start, end):
    """{(unit id, lead id): Signings} of the days `start` to `end`, a project each; two queries."""
    papers = counted_papers(projects)
    found, before = {}, start - timedelta(days=1)
    rows = projects.order_by().filter(pk__in=papers).values_list("pk", "unit", "lead")
    for pk, unit, lead in rows:
        one = found[unit, lead] = Signings()
        one.add(pk, standing(papers[pk], before), standing(papers[pk], end))
    return found
