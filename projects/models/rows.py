"""Which projects: whom they are shown to, which are under way, due, late, found, and counted once."""

from django.db.models import Exists, OuterRef, Q

from crm import roles
from crm.models import LossReason
from crm.scoping import NOTHING, ScopedQuerySet
from crm.search import code_fragment, either, standing_together
from crm.values import search_terms
from leads.credit import leads_of
from projects import stages
from projects.models.incentives import IncentiveItem
from projects.stages import ProjectStage


class ProjectQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Own unit; a station also the projects that came of its leads; a reviewer those with 优惠条款."""
        if user.role == roles.PARTNER:
            return self._scope_of_partner(user)
        if user.role == roles.REVIEWER:
            return Q(Exists(IncentiveItem.objects.filter(project=OuterRef("pk"))))
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return NOTHING
        return Q(unit=user.unit_id) | Q(station=user.unit_id)

    def _scope_of_partner(self, partner):
        """`projects:read` opens the projects that came of leads the partner sent, `projects:read_all` all."""
        if "projects:read_all" in partner.scopes:
            return Q()
        return Q(lead__partner__in=partner.token_ids) if "projects:read" in partner.scopes else NOTHING

    def credited_unseen(self, user):
        """Projects that `user` does not see and in which the own unit has, or had, a part of the credit."""
        if user.role not in roles.SEES_OWN_UNIT or not user.unit_id:
            return self.none()
        return self.filter(lead__in=leads_of(user.unit_id)).exclude(self.scope(user))

    def given_up_as_repeated(self):
        """Those given up because another project stands for them: 流失 with the reason 重复."""
        return self.filter(stage=ProjectStage.LOST, loss_reason__code=LossReason.DUPLICATE)

    def once(self):
        """All but those another project stands for: what counts as 到过 (a project counts once, §1.7)."""
        return self.exclude(pk__in=self.model.objects.repeated())

    def repeated(self):
        """The keys of those another project stands for."""
        return self.order_by().given_up_as_repeated().values("pk")

    def open(self):
        """Projects under way: neither lost nor handed to yearly aftercare."""
        return self.exclude(stage__in=stages.CLOSED)

    def running(self, day):
        """Open projects whose clock runs on `day`: a suspended one is left alone until its last day."""
        return self.open().exclude(suspended_until__gt=day)

    def due(self, day):
        """Running projects whose next contact is due on `day` or was due before."""
        return self.running(day).filter(next_contact_on__lte=day)

    def blue(self, day):
        """Open records whose limit comes near on `day` and is not past."""
        return self.open().filter(blue_on__lte=day, limit_on__gte=day)

    def yellow(self, day):
        """Open projects past their stage limit on `day`."""
        return self.open().filter(limit_on__lt=day)

    def red(self, day):
        """Open projects past their red day on `day`."""
        return self.yellow(day).filter(red_on__lte=day)

    def search(self, query):
        """Projects whose names or number contain every word of `query`, also by pinyin; or of this code."""
        terms = search_terms(query)
        if not terms:
            return self
        renamed = Q(company__other_keys__len__gt=0)
        columns = ("name", "code", "company__name", "company__brand")
        named = standing_together(self.filter(grams__contains=terms), query, *columns, unless=renamed)
        code = code_fragment(query)
        return either(self, named, self.filter(company__uscc__contains=code)) if code else named
