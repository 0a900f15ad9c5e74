"""How a person is loaded for a request: with what every page shows and every scope asks for."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef

from crm.models import Notification, User

MOST = 99  # unread messages that the badge tells apart
UNREAD = Notification.objects.delivered_to(OuterRef("pk")).unread().order_by().values("pk")[: MOST + 1]
WAITING = Func(ArraySubquery(UNREAD), function="cardinality", output_field=IntegerField())
# put together once, as every request asks it: that is half of what it costs
PEOPLE = User.objects.select_related("unit").annotate(waiting=WAITING).filter(is_active=True)


class PeopleBackend(ModelBackend):
    """Account and password; the person of a session comes by one query with their unit, and with how many
    messages wait unread (`waiting`, counted up to MOST + 1)."""

    def get_user(self, user_id):
        """The active person of a session, or None: whoever is disabled is out at the next request."""
        try:
            return PEOPLE.get(pk=user_id)
        except User.DoesNotExist:
            return None
