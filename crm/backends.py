"""How a person is loaded for a request: with what every page shows and every scope asks for."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef

from crm.models import Notification, User

MOST = 99  # unread messages that the badge tells apart


class PeopleBackend(ModelBackend):
    """Account and password; the person of a session comes by one query with their unit, and with how many
    messages wait unread (`waiting`, counted up to MOST + 1)."""

    def get_user(self, user_id):
        """The active person of a session, or None: whoever is disabled is out at the next request."""
        unread = Notification.objects.delivered_to(OuterRef("pk")).unread().order_by()
        waiting = Func(
            ArraySubquery(unread.values("pk")[: MOST + 1]),
            function="cardinality",
            output_field=IntegerField(),
        )
        people = User.objects.select_related("unit").annotate(waiting=waiting)
        return people.filter(pk=user_id, is_active=True).first()
