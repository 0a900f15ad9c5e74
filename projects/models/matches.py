"""匹配: what the machine says of a project and a fund or policy: the reasons, and all verdicts on a sheet."""

from django.db import models
from django.db.models import Q

from crm import roles
from crm.scoping import NOTHING, ScopedQuerySet
from projects.models.criteria import CriteriaVersion
from projects.models.funds import Fund
from projects.models.offers import OfEither, one_of
from projects.models.policies import Policy
from projects.models.projects import Project


class MatchQuerySet(ScopedQuerySet):
    def scope(self, user):
        """Matches of the projects one sees; a fund manager sees none before a referral."""
        if user.role == roles.FUND:
            return NOTHING
        return Q(project__in=Project.objects.visible_to(user))


class Match(OfEither):
    """The machine's answer for one project and one fund or policy: verdict, score, coverage and every reason.

    `computed_at` is when the answer last changed; when it was last looked at stands on the sheet.
    """

    class Verdict(models.TextChoices):
        FIT = "fit", "符合"
        INCOMPLETE = "incomplete", "待补充"
        UNFIT = "unfit", "不符合"
        RESERVE = "reserve", "储备"

    project = models.ForeignKey(Project, models.CASCADE, related_name="matches", verbose_name="项目")
    fund = models.ForeignKey(Fund, models.CASCADE, null=True, related_name="matches", verbose_name="基金")
    policy = models.ForeignKey(Policy, models.CASCADE, null=True, related_name="matches", verbose_name="政策")
    version = models.ForeignKey(
        CriteriaVersion, models.PROTECT, null=True, related_name="matches", verbose_name="条件版本"
    )
    verdict = models.CharField("结论", max_length=12, choices=Verdict)
    score = models.FloatField("得分", null=True)
    coverage = models.FloatField("覆盖率", null=True)
    result = models.JSONField("逐条说明")
    facts = models.JSONField("所用数据")
    digest = models.CharField("输入摘要", max_length=64)
    computed_at = models.DateTimeField("匹配时间")

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "匹配"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "fund", "policy"], nulls_distinct=False, name="one_match_per_offer"
            ),
            one_of("match_of_fund_or_policy"),
        ]

    def __str__(self):
        return f"{self.project} × {self.offer}：{self.get_verdict_display()}"


class MatchSheet(models.Model):
    """The verdicts of one project for all funds and policies, a letter for each at its `slot`.

    The reasons stand in Match, for whoever opened the project; the sheet is what the nightly run compares,
    counts and lists: two hundred letters instead of two hundred rows. `judged_at` is when a letter last
    changed, `explained_at` when the reasons were last held against what is known, changed or not.
    """

    LETTERS = {"fit": b"f", "incomplete": b"i", "unfit": b"u", "reserve": b"r"}
    NONE = b"-"
    NO_WEIGHT = 255

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="sheet", verbose_name="项目"
    )
    verdicts = models.BinaryField("各基金、政策的结论")
    weights = models.BinaryField("各基金、政策的得分 × 覆盖率", help_text="0–100，255 为没有得分")
    judged_at = models.DateTimeField("结论时间")
    explained_at = models.DateTimeField("逐条核对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "匹配结论表"

    def __str__(self):
        return f"{self.project} 的匹配结论"

    @classmethod
    def weight(cls, score, coverage):
        """Score × coverage in whole points, as a sheet keeps it; NO_WEIGHT without a score."""
        return cls.NO_WEIGHT if score is None else round(score * coverage)
