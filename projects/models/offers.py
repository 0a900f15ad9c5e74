"""What projects are matched with, funds and policies alike: a place on the sheets, and rows of either one."""

from django.db import models
from django.db.models import Func, Q
from django.urls import reverse

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet
from crm.versions import Versioned


class NextSlot(Func):
    """The next place on the match sheets; funds and policies draw from one sequence, no place twice."""

    template = "nextval('projects_offer_slot')"
    output_field = models.PositiveSmallIntegerField()


class OfferQuerySet(ScopedQuerySet):
    """Published criteria are for everybody who works on projects, and partners who may read these."""

    def scope(self, user):
        if user.role == roles.PARTNER:
            return Q() if {"projects:read", "projects:read_all"} & user.scopes else NOTHING
        return Q() if user.role in {*roles.SEES_OWN_UNIT, roles.REVIEWER} else NOTHING

    def matchable(self):
        """What a project is held against: all but what is closed; what is being set up gives 储备 only."""
        return self.exclude(status="closed")


class Matchable(Versioned):
    """A fund or a policy, as matching sees it. `FIELD` names the key by which rows belong to it."""

    FIELD = ""
    CRITERIA_PAGE = VERSION_PAGE = ""

    order = models.PositiveSmallIntegerField("顺序", default=0)
    slot = models.PositiveSmallIntegerField(
        "结论表中的位置", unique=True, editable=False, db_default=NextSlot()
    )

    class Meta:
        abstract = True

    @property
    def is_preparing(self):
        return self.status == "preparing"

    def get_criteria_url(self):
        """Where its criteria are edited."""
        return reverse(self.CRITERIA_PAGE, args=[self.pk])


class OfEither(models.Model):
    """A row that belongs to a fund or to a policy; which constraint says so stands in `one_of`."""

    class Meta:
        abstract = True

    @property
    def offer(self):
        return self.policy if self.fund_id is None else self.fund

    @property
    def offer_key(self):
        """(kind, number) of the fund or policy, without loading it."""
        return ("policy", self.policy_id) if self.fund_id is None else ("fund", self.fund_id)


def one_of(name):
    """The constraint that a row has a fund or a policy, and not both."""
    return models.CheckConstraint(
        condition=Q(fund=None, policy__isnull=False) | Q(fund__isnull=False, policy=None), name=name
    )
