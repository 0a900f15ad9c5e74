"""Companies, their qualifications and facts with provenance."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, Greatest
from django.db.models.lookups import LessThan

from crm.values import WORKING_TITLE_ENDS, company_key, grams
from crm.versions import Versioned

CALLED = """
SELECT id FROM crm_company WHERE name_key = ANY(%s::varchar[]) UNION
SELECT c.id FROM (SELECT %s::varchar[] AS keys OFFSET 0) AS asked
  JOIN crm_company c ON c.other_keys && asked.keys
"""
# reported under a working title: whether there is a company yet, nobody has said
IS_WORKING_TITLE = Q(uscc=None, name__regex=f"({'|'.join(WORKING_TITLE_ENDS)})$")


class CompanyQuerySet(models.QuerySet):
    def called(self, *keys):
        """Companies that bear, or once bore, a name with one of these keys."""
        return self.filter(Q(name_key__in=keys) | Q(other_keys__overlap=keys))

    def keys_called(self, keys):
        """The primary keys of those that `called` finds, for hundreds of names.

        Of so many the planner thinks that they name half of the companies, and would read the whole table;
        an array that it does not know yet is looked up in the index, once for all of them.
        """
        with connection.cursor() as cursor:
            cursor.execute(CALLED, [list(keys)] * 2)
            return {key for (key,) in cursor.fetchall()}

    def working_titles(self):
        """Those of which nobody has said whether there is a company yet, as `Company.is_working_title`."""
        return self.filter(IS_WORKING_TITLE)

    def coded(self, fragment):
        """Companies whose 统一社会信用代码 holds `fragment`; answered by an index alone."""
        return self.filter(uscc__contains=fragment)

    def same_as(self, name, uscc=""):
        """Candidates for one company: equal USCC decides; else the same key unless both codes are known."""
        called = self.called(company_key(name))
        if not uscc:
            return called
        return self.filter(uscc=uscc) | called.filter(uscc=None)


class Company(Versioned):
    """A firm or a team. The name is not the key; the USCC is optional until registration."""

    name = models.CharField("企业全称", max_length=120)
    name_key = models.CharField("名称归一", max_length=120, db_index=True, editable=False)
    former_names = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name="曾用名"
    )
    aliases = ArrayField(
        models.CharField(max_length=120), default=list, db_default=[], blank=True, verbose_name="其他名称"
    )  # names under which it was reported here by mistake, known since the reports were merged
    other_keys = ArrayField(
        models.CharField(max_length=120),
        default=list,
        db_default=[],
        editable=False,
        verbose_name="其他名称归一",
    )
    brand = models.CharField("简称/品牌", max_length=60, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True, unique=True)
    city = models.ForeignKey("crm.City", models.PROTECT, null=True, blank=True, verbose_name="所在城市")
    established_on = models.DateField("成立日期", null=True, blank=True)
    description = models.TextField("企业简介", blank=True)
    grams = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    created_at = models.DateTimeField("建档时间")
    updated_at = models.DateTimeField("更新时间")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        indexes = [
            GinIndex(fields=["grams"], name="company_grams"),
            # asked at every capture: what waits to be sorted in would be read through each time
            GinIndex(fields=["other_keys"], name="company_other_keys", fastupdate=False),
            # the codes beside their keys: a fragment is looked for in this small index, not in the wide rows
            models.Index(
                fields=["uscc"], include=["id"], condition=Q(uscc__isnull=False), name="company_codes"
            ),
            # the day beside the key: matching reads it of all companies
            models.Index(fields=["id"], include=["established_on"], name="company_founded"),
            # the few under a working title: matching asks for them among all companies
            models.Index(fields=["id"], condition=IS_WORKING_TITLE, name="company_working_title"),
        ]

    def __str__(self):
        return self.name

    @property
    def names(self):
        """Every name it goes by, the one in force first."""
        return [name for name in (self.name, self.brand, *self.former_names, *self.aliases) if name]

    @property
    def is_working_title(self):
        """Whether it may be a team or project (「人形机器人创业团队」): called like one, without a code."""
        return self.uscc is None and self.name.endswith(WORKING_TITLE_ENDS)

    def is_called(self, name):
        """Whether `name` is its name, or one it bore before."""
        return company_key(name) in {self.name_key, *self.other_keys}

    def may_be(self, name, uscc=""):
        """Whether this row is one of those that `same_as` finds."""
        if uscc and self.uscc:
            return self.uscc == uscc
        return self.is_called(name)

    def index_words(self):
        """Recompute the normalised names and the search grams from the names."""
        self.name_key = company_key(self.name)
        others = {company_key(name) for name in (*self.former_names, *self.aliases)}
        self.other_keys = sorted(others - {"", self.name_key})
        self.grams = grams(*self.names)

    def save(self, *args, **kwargs):
        self.index_words()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "name_key", "other_keys", "grams"}
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if not is_new:
            transaction.on_commit(self._index_records)

    def _index_records(self):
        """Let leads and projects be found by what their company is called now.

        After the commit, because whoever changes a lead holds it before its company: never the other way.
        """
        for record in self.records():
            record.index_anew()

    def records(self):
        """Its leads and projects."""
        found = [*self.leads.all(), *self.projects.all()]
        for record in found:
            record.company = self
        return found


class QualificationQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not ended (revoked, entered by mistake); an expired one stands."""
        return self.filter(ended_on=None)

    def telling(self):
        """Those that tell what a company has or has no more: not what was entered by mistake."""
        return self.filter(Q(ended_on=None) | Q(ended_as=Qualification.Ending.LOST))


class Qualification(Versioned):
    """资质 with level, number, issue and expiry, as named in the qualification dictionary.

    Of rows from before it was entered here nobody knows who wrote them. `ended_on`: it holds no more, for the
    reason given. `ended_as` LOST says that the company has it no more; what was entered by mistake, or ended
    before that was asked, counts nowhere. All are kept.
    """

    class Ending(models.TextChoices):
        LOST = "lost", "企业不再有"
        MISTAKE = "mistake", "登记有误"

    class Level(models.TextChoices):
        NATIONAL = "national", "国家级"
        PROVINCIAL = "provincial", "省级"
        MUNICIPAL = "municipal", "市级"
        DISTRICT = "district", "区级"

    company = models.ForeignKey(Company, models.CASCADE, related_name="qualifications", verbose_name="企业")
    from_company = models.ForeignKey(
        Company, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name="合并前属于",
    )  # fmt: skip
    kind = models.CharField("资质", max_length=40)
    level = models.CharField("级别", max_length=10, choices=Level, blank=True, db_default="")
    number = models.CharField("证书编号", max_length=80, blank=True, db_default="")
    issued_on = models.DateField("认定日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    ended_as = models.CharField("终止情形", max_length=10, choices=Ending, blank=True, db_default="")
    ended_reason = models.CharField("终止原因", max_length=200, blank=True, db_default="")
    told_for = models.DateField("已提醒的到期日", null=True, blank=True, editable=False)
    by = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    updated_at = models.DateTimeField("更新时间", null=True, editable=False)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资质"
        ordering = ["kind"]
        indexes = [
            models.Index(
                fields=["expires_on"], condition=Q(expires_on__isnull=False), name="qualification_expiring"
            ),
            models.Index(
                fields=["from_company"],
                condition=Q(from_company__isnull=False),
                name="qualification_from",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | ~Q(ended_reason=""), name="qualification_ended_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(ended_as="") | Q(ended_on__isnull=False), name="qualification_ended_somehow"
            ),
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("issued_on")),
                name="qualification_expires_after_issue",
            ),
        ]

    def __str__(self):
        return self.kind

    def state(self, day):
        """The word of its state on `day`: 已终止, 已过期, 有效, or 长期 without an expiry."""
        if self.ended_on:
            return "已终止"
        if self.expires_on is None:
            return "长期有效"
        return "已过期" if self.expires_on < day else "有效"


class QualificationProof(models.Model):
    """The certificate of a 资质 as it was uploaded: never changed, never removed."""

    qualification = models.ForeignKey(
        Qualification, models.CASCADE, related_name="proofs", verbose_name="资质"
    )
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("格式", max_length=5)
    size = models.PositiveIntegerField("字节数")
    digest = models.CharField("内容摘要", max_length=64)
    data = models.BinaryField("内容")
    by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "资质证明"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.name


OCTETS = Func(Cast("value", models.TextField()), function="octet_length", output_field=models.IntegerField())
IS_SHORT = Q(LessThan(OCTETS, 250))  # Fact.SHORT


class FactQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not withdrawn as mistaken."""
        return self.filter(withdrawn_at=None)

    def in_use(self):
        """Of every company and key the one value that counts (docs/facts.md)."""
        return self.filter(is_in_use=True)

    def contested(self):
        """Values in use which another source contradicts and nobody has decided about since."""
        return self.filter(is_contested=True)


class Fact(models.Model):
    """One value about a company with where it came from and when; never overwritten, only followed.

    Somebody may choose a value among those that disagree: `chosen_over` is the newest row he chose over, so
    that what comes later is known to be later. A mistaken one is withdrawn for a reason, never removed.
    """

    class Source(models.TextChoices):
        OFFICER = "officer", "招商员填报"
        REGISTRY = "registry", "工商登记"
        DOCUMENT = "document", "材料"
        API = "api", "接口"

    company = models.ForeignKey(
        Company, models.CASCADE, related_name="facts", db_index=False, verbose_name="企业"
    )
    from_company = models.ForeignKey(
        Company, models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name="合并前属于",
    )  # fmt: skip
    key = models.SlugField("字段", max_length=40, db_index=False)
    value = models.JSONField("值")
    source = models.CharField("来源", max_length=10, choices=Source)
    as_of = models.DateField("数据日期")
    note = models.CharField("说明", max_length=120, blank=True)
    recorded_by = models.ForeignKey("crm.User", models.PROTECT, null=True, blank=True, verbose_name="记录人")
    partner = models.ForeignKey(
        "crm.PartnerToken", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="推送伙伴"
    )
    created_at = models.DateTimeField("记录时间")
    chosen_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="选定人"
    )
    chosen_at = models.DateTimeField("选定时间", null=True, editable=False)
    chosen_reason = models.CharField("选定理由", max_length=200, blank=True, default="", db_default="")
    chosen_over = models.BigIntegerField("选定时最新的一条", null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="撤回人"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True, default="", db_default="")
    # both kept by a trigger, whoever writes: the one place where the rule stands (docs/facts.md)
    is_in_use = models.BooleanField("现用的值", default=False, editable=False)
    is_contested = models.BooleanField("有分歧", default=False, db_default=False, editable=False)

    # Values that fit into a row of an index however they are written; all but a few are a dozen letters long.
    # The condition of its index in the very words by which the planner knows it again.
    SHORT = "octet_length(value::text) < 250"

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业事实"
        indexes = [
            models.Index(fields=["company", "key", "-as_of"], name="fact_newest"),
            models.Index(
                fields=["key", "value", "company"], condition=Q(is_in_use=True) & IS_SHORT, name="fact_values"
            ),
            models.Index(fields=["key"], condition=Q(is_in_use=True) & ~IS_SHORT, name="fact_long"),
            models.Index(Greatest("created_at", "chosen_at", "withdrawn_at"), name="fact_touched"),
            models.Index(fields=["company"], condition=Q(is_contested=True), name="fact_contested"),
            models.Index(fields=["from_company"], condition=Q(from_company__isnull=False), name="fact_from"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen_at=None, chosen_by=None, chosen_over=None, chosen_reason="")
                | Q(chosen_at__isnull=False, chosen_by__isnull=False, chosen_over__isnull=False)
                & ~Q(chosen_reason=""),
                name="fact_chosen_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason=""),
                name="fact_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.key} = {self.value}"

    @property
    def noted(self):
        """The note, with the company record it stood on before that was merged into this one."""
        origin = f"来自并入的「{self.from_company}」" if self.from_company_id else ""
        return "；".join(filter(None, (self.note, origin)))

    @property
    def who(self):
        """Who entered it: the person, the partner system, or 系统."""
        if self.recorded_by_id:
            return str(self.recorded_by)
        return self.partner.name if self.partner_id else "系统"
