"""Who sees which rows: every query begins with `visible_to(user)`; what it hides does not exist."""

from django.db import models
from django.db.models import Q

from crm import roles

NOTHING = Q(pk__in=[])


class ScopedQuerySet(models.QuerySet):
    """A queryset that knows its readers. Subclasses answer `scope(user)` for roles that see a part."""

    def visible_to(self, user):
        """The rows `user` (a User or a partner token's principal) may see."""
        if not getattr(user, "is_active", False) or not getattr(user, "is_authenticated", False):
            return self.none()
        if user.role in roles.SEES_EVERYTHING:
            return self
        return self.filter(self.scope(user))

    def scope(self, user):
        """The Q of a person who does not see everything."""
        return NOTHING
