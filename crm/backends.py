"""How a person is loaded for a request: with the unit, which every page shows and every scope asks for."""

from django.contrib.auth.backends import ModelBackend

from crm.models import User


class PeopleBackend(ModelBackend):
    """Account and password; the person of a session comes with their unit in one query."""

    def get_user(self, user_id):
        """The active person of a session, or None: whoever is disabled is out at the next request."""
        return User.objects.select_related("unit").filter(pk=user_id, is_active=True).first()
