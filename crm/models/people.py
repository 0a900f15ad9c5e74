"""Units and the people in them. A record belongs to a unit first, then to a person."""

import unicodedata

from django.contrib.auth.models import AbstractUser
from django.db import models

from crm import roles


class Unit(models.Model):
    """A responsible unit: bureau, station (驻点工作站), landing platform, street or department."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", "区投促局"
        STATION = "station", "驻外工作站"
        PLATFORM = "platform", "落地平台"
        STREET = "street", "街道"
        DEPARTMENT = "department", "部门"

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60, unique=True)
    kind = models.CharField("类别", max_length=20, choices=Kind)
    city = models.ForeignKey("crm.City", models.PROTECT, null=True, blank=True, verbose_name="驻在城市")
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["kind", "code"]

    def __str__(self):
        return self.name


class User(AbstractUser):
    """A person who logs in. One role, one unit; what they see follows from the two."""

    name = models.CharField("姓名", max_length=30)
    role = models.CharField("角色", max_length=20, choices=roles.ROLE_CHOICES)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="单位"
    )
    # the first steps (crm/guide.py): when they were done or skipped, and when the person first searched
    guide_closed_at = models.DateTimeField("上手引导收起时间", null=True, blank=True, editable=False)
    searched_at = models.DateTimeField("第一次检索时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["unit_id", "name"]

    def __str__(self):
        return self.name or self.username

    @classmethod
    def normalize_username(cls, username):
        """One account name whatever its case, width or surrounding blanks."""
        return unicodedata.normalize("NFKC", str(username)).strip().casefold()

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name
