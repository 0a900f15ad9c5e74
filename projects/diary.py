"""日历: the days that lie before one person over leads and projects, as events for their own calendar.

Only what is theirs to do and what they may see at this moment. What is done, lost or cancelled is gone.
"""

from datetime import timedelta

from django.db.models import Q

from crm import roles
from crm.ics import Event
from crm.models import StageSetting
from crm.reading import read_once
from crm.values.phones import without_numbers
from leads.models import Lead, Roadshow
from projects.models import Commitment, Project, SupervisionOrder
from projects.reporting import owing_reports

BEHIND, AHEAD = timedelta(days=90), timedelta(days=366)
MOST = 500  # of one sort


@read_once()
def diary(user, day, site):
    """The events of `user` around `day`, ordered by day; `site` is the address their links begin with."""
    return sorted(Diary(user, day, site).events(), key=lambda event: (event.on, event.uid))


class Diary:
    """One reading: the person, the days that count, and the words of the stages."""

    def __init__(self, user, day, site):
        self.user, self.day, self.site = user, day, site
        self.days = (day - BEHIND, day + AHEAD)
        self.stages = dict(StageSetting.objects.values_list("code", "label"))

    def events(self):
        yield from self._of_leads()
        yield from self._of_projects()
        yield from self._trips()
        yield from self._orders()
        yield from self._commitments()

    def _of_leads(self):
        rows = Lead.objects.visible_to(self.user).filter(owner=self.user).select_related("unit")
        wanted = Q(next_contact_on__range=self.days) | Q(limit_on__range=self.days)
        for lead in rows.open().filter(wanted).order_by("pk")[:MOST]:
            yield from self._of_record("lead", lead, lead.title)
        owing = rows.owing_feedback().filter(feedback_due_on__range=self.days)
        for lead in owing.order_by("pk")[:MOST]:
            yield self._day("lead", lead, lead.title, "feedback", "回音期限", lead.feedback_due_on)

    def _of_projects(self):
        rows = Project.objects.visible_to(self.user).filter(owner=self.user).select_related("unit")
        wanted = Q(next_contact_on__range=self.days) | Q(limit_on__range=self.days)
        for project in rows.running(self.day).filter(wanted).order_by("pk")[:MOST]:
            yield from self._of_record("project", project, project.name)
        owing = owing_reports(rows).filter(report_due_on__range=self.days)
        for project in owing.order_by("pk")[:MOST]:
            yield self._day("project", project, project.name, "report", "汇报期限", project.report_due_on)

    def _of_record(self, kind, record, title):
        """The next contact and the limit of the stage, as far as they lie within the days."""
        for name, word, on in (
            ("contact", "联系", record.next_contact_on),
            ("limit", "阶段时限", record.limit_on),
        ):
            if on and self.days[0] <= on <= self.days[1]:
                yield self._day(kind, record, title, name, word, on)

    def _day(self, kind, record, title, name, word, on):
        about = [f"阶段：{self.stages.get(record.stage, record.stage)}", f"责任单位：{record.unit}"]
        if record.next_step:
            about.append(f"下一步：{record.next_step}")
        uid = f"{kind}-{record.pk}-{name}"
        return self._event(uid, on, record.updated_at, f"{word}：{title}", about, word, record)

    def _trips(self):
        mine = Q(members=self.user) | Q(leader=self.user) | Q(leader=None, created_by=self.user)
        near = Q(starts_on__lte=self.days[1], ends_on__gte=self.days[0], is_cancelled=False)
        rows = Roadshow.objects.visible_to(self.user).filter(mine, near).select_related("city", "unit")
        for trip in rows.order_by("pk").distinct()[:MOST]:
            about = [f"类型：{trip.get_kind_display()}", f"城市：{trip.city}", f"牵头单位：{trip.unit}"]
            title = f"行程：{trip.title}"
            yield self._event(
                f"trip-{trip.pk}", trip.starts_on, trip.updated_at, title, about, "行程", trip, trip.ends_on
            )

    def _orders(self):
        """督办 to be answered: of one's own records, and for the head of a unit all of the unit."""
        mine = Q(lead__owner=self.user) | Q(project__owner=self.user) | Q(issuer=self.user)
        if self.user.role == roles.HEAD:
            mine |= Q(unit=self.user.unit_id)
        rows = SupervisionOrder.objects.visible_to(self.user).open().filter(mine, replied_at=None)
        rows = rows.filter(due_on__range=self.days).select_related("lead", "project", "unit")
        for order in rows.order_by("pk")[:MOST]:
            about = [order.demand, f"责任单位：{order.unit}", f"编号：{order.number}"]
            title = f"督办回复：{order.record}"
            yield self._event(f"order-{order.pk}", order.due_on, order.issued_at, title, about, "督办", order)

    def _commitments(self):
        mine = Q(owner=self.user) | Q(partner_owner=self.user)
        rows = Commitment.objects.visible_to(self.user).standing(self.day).filter(mine, outcome="")
        rows = rows.filter(due_on__range=self.days).select_related("project", "agreement")
        for promise in rows.order_by("pk")[:MOST]:
            about = [f"{promise.get_side_display()}：{promise.item}", f"项目：{promise.project.name}"]
            title = f"承诺到期：{promise.project.name}"
            yield self._event(
                f"commitment-{promise.pk}",
                promise.due_on,
                promise.created_at,
                title,
                about,
                "承诺",
                promise,
            )

    def _event(self, uid, on, changed_at, title, about, kind, record, until=None):
        return Event(
            uid=uid,
            on=on,
            changed_at=changed_at,
            title=without_numbers(title),
            about=without_numbers("\n".join(about)),
            kind=kind,
            url=self.site + record.get_absolute_url(),
            until=until,
        )
