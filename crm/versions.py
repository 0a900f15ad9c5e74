"""Optimistic locking: a form saved over somebody else's change is refused, never written."""

from django.db import models
from django.db.models import F

from crm.errors import StaleVersion


class Versioned(models.Model):
    """A record that several people edit. `version` rises with every accepted change."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True

    def save_version(self, version, fields, *, at):
        """Write `fields` of this instance if the row still has `version`; raise StaleVersion otherwise.

        `at` becomes `updated_at` where the model has one.
        """
        values = {name: getattr(self, name) for name in fields}
        if any(f.name == "updated_at" for f in self._meta.concrete_fields):
            values["updated_at"] = at
        rows = type(self)._base_manager.filter(pk=self.pk, version=version)
        if not rows.update(version=F("version") + 1, **values):
            raise StaleVersion(type(self)._base_manager.get(pk=self.pk))
        self.version = version + 1
