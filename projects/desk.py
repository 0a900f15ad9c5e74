"""工作台 in numbers: the tiles, how much each of its lists holds, and the filters that show it in full."""

from datetime import timedelta

from crm import roles
from projects.agenda import LISTS, SHORT, SORTS
from projects.models import Match, MatchChange

FILTERS = {
    "overdue": "due=overdue",
    "today": "due=today",
    "week": "due=7d",
    "yellow": "light=yellow",
    "red": "light=red",
    "no_next": "no_next=1",
}
NEWS = timedelta(days=30)
WORK, ABOVE = ("now", "ahead", "late", "no_next"), ("red", "no_next")


def names(user):
    """The lists on the page of `user`: who carries records, or who stands above the units."""
    return WORK if user.role in roles.SEES_OWN_UNIT else ABOVE


def tiles(agenda):
    """One tile per sort of task: its word, both numbers, and the filter that lists them."""
    counts, mine = agenda.counts(), _mine(agenda)
    return [
        {
            "sort": sort,
            "label": label,
            "leads": counts["lead"][sort],
            "projects": counts["project"][sort],
            "query": FILTERS[sort] + mine,
        }
        for sort, label in SORTS.items()
    ]


def whole(agenda):
    """For every list of the page how much there is of it, and the filter that shows all."""
    counts, mine = agenda.counts(), _mine(agenda)
    return {
        name: {
            "leads": sum(counts["lead"][sort] for sort in listing.sorts),
            "projects": sum(counts["project"][sort] for sort in listing.sorts),
            "query": listing.query + mine,
        }
        for name, listing in ((name, LISTS[name]) for name in names(agenda.user))
    }


def new_matches(agenda, at):
    """What has become 符合 of the projects of this agenda in the last NEWS, the newest first; a queryset."""
    changes = MatchChange.objects.visible_to(agenda.user).filter(after=Match.Verdict.FIT, at__gte=at - NEWS)
    if agenda.is_personal:
        changes = changes.filter(project__owner=agenda.user)
    return changes.select_related("project", "fund", "policy").order_by("-at", "-pk")[:SHORT]


def _mine(agenda):
    return "&owner=me" if agenda.is_personal else ""
