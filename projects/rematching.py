"""The nightly re-match: every open project against every fund, in batches, as days pass and facts age."""

import logging

from crm.workdays import shanghai_day
from projects.matching import match, offers
from projects.models import Project

logger = logging.getLogger(__name__)

BATCH = 200


def rematch(at, after):
    """Match the next open projects behind number `after`; returns the last number, None when none was left.

    A project that cannot be matched is logged and does not keep the others waiting.
    """
    projects = list(Project.objects.open().filter(pk__gt=after).order_by("pk")[:BATCH])
    among = offers(shanghai_day(at))
    for project in projects:
        try:
            match(project, at=at, among=among)
        except Exception:
            logger.exception("project %s could not be matched", project.pk)
    return projects[-1].pk if projects else None
