"""督办单: a numbered demand on a project or lead that only its issuer closes; and who had it before."""

from datetime import date

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from crm import roles
from crm.models import Notification
from crm.notifications import notify, responsible
from crm.scoping import NOTHING, ScopedQuerySet


class LadderRule(models.TextChoices):
    """The clocks whose ladder ends in an order."""

    STAGE = "stage", "阶段时限"
    RESPONSE = "response", "首次响应"
    REPORT = "report", "定期汇报"
    FEEDBACK = "feedback", "引荐人回音"


class OrderQuerySet(ScopedQuerySet):
    def scope(self, user):
        """The unit that must answer; whoever sees everything sees every order."""
        return Q(unit=user.unit_id) if user.role in roles.SEES_OWN_UNIT and user.unit_id else NOTHING

    def open(self):
        """Orders nobody has closed."""
        return self.filter(closed_at=None)

    def overdue(self, day):
        """Open orders without an answer past their day."""
        return self.open().filter(replied_at=None, due_on__lt=day)

    @transaction.atomic
    def pass_on(self, unit, *, by, at):
        """Let the open ones go to `unit` with their record: it answers from now on, and is told so.

        What is closed stays with the unit that answered it.
        """
        for order in self.open().exclude(unit=unit).order_by("pk").select_for_update(of=("self",)):
            order.transfers.create(from_unit=order.unit, to_unit=unit, by=by, at=at)
            order.unit = unit
            order.save(update_fields=["unit"])
            order.tell_of_transfer(at)

    @transaction.atomic
    def follow(self, record, *, by, at):
        """Let the open ones stand on `record`, into which theirs was merged; what `give_back` needs of them.

        Whoever has `record` answers from now on, and is told so. Where `record` has an order of the ladder
        for the same limit, the second one goes without it.
        """
        moved = []
        for order in self.open().order_by("pk").select_for_update(of=("self",)):
            moved.append([order.pk, order.limit_on and order.limit_on.isoformat()])
            unit, owner = order.unit_id, order.record.owner_id
            order.stand_on(record)
            if unit == record.unit_id and owner != record.owner_id:
                order.tell_of_transfer(at)
        self.model.objects.filter(pk__in=[pk for pk, _ in moved]).pass_on(record.unit, by=by, at=at)
        return moved

    @transaction.atomic
    def give_back(self, moved, record, *, by, at):
        """Let those of `moved` (of `follow`) that are here stand on `record` again, where they came from.

        What was answered or closed meanwhile stays so; the open ones are its unit's to answer again.
        """
        limits = dict(moved)
        for order in self.filter(pk__in=limits).order_by("pk").select_for_update(of=("self",)):
            order.limit_on = limits[order.pk] and date.fromisoformat(limits[order.pk])
            order.stand_on(record)
        record.orders.filter(pk__in=limits).pass_on(record.unit, by=by, at=at)


class SupervisionOrder(models.Model):
    """One 督办单: what is wrong, who must answer by when, the answer, and the closing by the issuer.

    `issuer` is empty when the ladder issued it (limit + 15 workdays); the bureau closes such an order.
    """

    number = models.CharField("督办编号", max_length=20, unique=True)
    lead = models.ForeignKey(
        "leads.Lead", models.CASCADE, null=True, blank=True, related_name="orders", verbose_name="线索"
    )
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="orders", verbose_name="项目"
    )
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="责任单位")
    issuer = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签发人"
    )
    demand = models.CharField("督办要求", max_length=300)
    issued_at = models.DateTimeField("签发时间")
    due_on = models.DateField("办结期限")
    limit_on = models.DateField("所超时限", null=True, blank=True)
    rule = models.CharField(  # which clock `limit_on` is of; says nothing of an order a person issued
        "所超时限的规则", max_length=12, choices=LadderRule, default=LadderRule.STAGE, db_default="stage"
    )
    reply = models.TextField("办理情况", blank=True)
    replied_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回复人"
    )
    replied_at = models.DateTimeField("回复时间", null=True, blank=True)
    late_told_at = models.DateTimeField("逾期告知时间", null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closing_note = models.CharField("办结意见", max_length=300, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办单"
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lead=None, project__isnull=False) | Q(lead__isnull=False, project=None),
                name="order_of_one_record",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(replied_at__isnull=False), name="order_closed_after_reply"
            ),
            models.UniqueConstraint(
                fields=["lead", "rule", "limit_on"],
                condition=Q(limit_on__isnull=False),
                name="lead_supervised_once_per_limit",
            ),
            models.UniqueConstraint(
                fields=["project", "rule", "limit_on"],
                condition=Q(limit_on__isnull=False),
                name="project_supervised_once_per_limit",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "due_on"], condition=Q(closed_at=None), name="order_open"),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("projects:order", args=[self.pk])

    @property
    def record(self):
        """The lead or project it is about."""
        return self.project or self.lead

    @property
    def state(self):
        """待回复, 待办结 or 已办结."""
        if self.closed_at:
            return "已办结"
        return "待办结" if self.replied_at else "待回复"

    def stand_on(self, record):
        """Belong to `record`, a lead or project, instead of the one it was issued on."""
        name = record._meta.model_name
        there = type(self).objects.filter(**{name: record}, rule=self.rule, limit_on=self.limit_on)
        if self.limit_on and there.exclude(pk=self.pk).exists():
            self.limit_on = None
        self.lead = self.project = None
        setattr(self, name, record)
        self.save(update_fields=["lead", "project", "limit_on"])

    def tell_of_transfer(self, at):
        """Tell those who answer for the unit, and the owner of the record, that the order is theirs now."""
        owner = self.record.owner
        people = {person.pk: person for person in responsible(self.unit)}
        if owner and owner.is_active and owner.unit_id == self.unit_id:
            people[owner.pk] = owner
        for person in people.values():
            notify(
                person,
                kind=Notification.Kind.SUPERVISE,
                key=f"order:{self.pk}:passed:{at.isoformat()}",
                title=f"督办 {self.number} 随记录转来：{self.record}",
                body=f"{self.demand}\n请在 {self.due_on} 前回复。",
                url=self.get_absolute_url(),
                at=at,
            )


class OrderTransfer(models.Model):
    """An order went to another unit together with its record; the older ones say who had it before."""

    order = models.ForeignKey(
        SupervisionOrder, models.CASCADE, related_name="transfers", verbose_name="督办单"
    )
    from_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="原责任单位")
    to_unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="新责任单位")
    by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作人"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "督办转交"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.from_unit} → {self.to_unit}"
