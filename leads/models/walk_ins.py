"""扫码登记: the secret address of a trip under which a company tells of itself, and what it told."""

from django.db import models
from django.db.models import Q


class TripDoorQuerySet(models.QuerySet):
    def open(self, at):
        """Addresses that work at `at`: neither closed nor expired, and of a trip that takes place."""
        return self.filter(closed_at=None, expires_at__gt=at, roadshow__is_cancelled=False)


class TripDoor(models.Model):
    """One secret address of a trip, shown as a QR code. It works until it expires or is closed.

    The secret stands here as it is: the code is shown again and again, and it opens nothing but a form.
    """

    roadshow = models.ForeignKey("leads.Roadshow", models.CASCADE, related_name="doors", verbose_name="行程")
    secret = models.CharField("地址", max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField("有效至")
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="开启人")
    created_at = models.DateTimeField("开启时间")

    objects = TripDoorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "扫码登记地址"
        constraints = [
            models.UniqueConstraint(
                fields=["roadshow"], condition=Q(closed_at=None), name="one_open_door_per_trip"
            )
        ]

    def __str__(self):
        return f"{self.roadshow} {self.expires_at:%Y-%m-%d}"


class WalkIn(models.Model):
    """What a company told of itself. The contact stands here only as long as no lead holds it."""

    door = models.ForeignKey(TripDoor, models.CASCADE, related_name="walk_ins", verbose_name="扫码登记地址")
    company_name = models.CharField("企业", max_length=120)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_title = models.CharField("职务", max_length=40, blank=True)
    contact_phone = models.CharField("电话", max_length=30, blank=True)
    wishes = models.TextField("诉求", blank=True)
    at = models.DateTimeField("登记时间")
    lead = models.ForeignKey(
        "leads.Lead", models.SET_NULL, null=True, blank=True, related_name="walk_ins", verbose_name="线索"
    )
    why_no_lead = models.TextField("没有成为线索的原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "扫码登记"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.company_name


class DoorTry(models.Model):
    """One form sent to a public address, from where and when: what the limits count. Kept for a day."""

    door = models.ForeignKey(TripDoor, models.CASCADE, related_name="tries", verbose_name="扫码登记地址")
    address = models.GenericIPAddressField("网络地址")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "扫码登记次数"
        indexes = [models.Index(fields=["door", "at"], name="door_try_recent")]

    def __str__(self):
        return f"{self.door_id} {self.at}"
