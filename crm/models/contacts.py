"""The people at companies, as a unit got to know them."""

from django.db import models
from django.db.models.functions import Length, Right

from crm.models.companies import Company

MASKED_BUT_FOUR = 8  # digits from which the mask of a number shows its last four (crm/display.py)


class ContactQuerySet(models.QuerySet):
    def ending(self, digits):
        """Those whose number ends in these four digits, of numbers whose mask shows as many."""
        ends = self.alias(tail=Right("phone", 4), size=Length("phone"))
        return ends.filter(tail=digits, size__gte=MASKED_BUT_FOUR)


class Contact(models.Model):
    """A person at a company. Phone and e-mail are masked unless the reader may reveal them (logged)."""

    company = models.ForeignKey(
        Company, models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name="企业"
    )
    unit = models.ForeignKey("crm.Unit", models.PROTECT, verbose_name="掌握单位")
    name = models.CharField("姓名", max_length=40)
    title = models.CharField("职务", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True)
    email = models.EmailField("邮箱", blank=True)
    has_decision_right = models.BooleanField("有决策权", default=False)
    created_at = models.DateTimeField("登记时间")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系人"
        ordering = ["-has_decision_right", "pk"]
        indexes = [models.Index(Right("phone", 4), name="contact_tail")]

    def __str__(self):
        return self.name
