"""匹配变化: a verdict that became another one, why, and whether somebody was told."""

from django.db import models
from django.db.models import F, Q

from projects.models.criteria import CriteriaVersion
from projects.models.funds import Fund
from projects.models.matches import Match, MatchQuerySet
from projects.models.offers import OfEither, one_of
from projects.models.policies import Policy
from projects.models.projects import Project

UNCHECKED = {"db_constraint": False, "db_index": False}


class MatchChange(OfEither):
    """A re-match said something else than the sheet did: from which verdict to which, and why.

    The first verdict on a project is no change. `told_at` is empty while somebody has still to be told;
    changes that neither begin nor end a 符合 are told to nobody and count as told.
    """

    # A changed fund writes a hundred thousand at once: no index that another begins with or nobody asks, and
    # no check of each row against tables from which we delete nothing; these checks were half of the time.
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="match_changes", verbose_name="项目", **UNCHECKED
    )
    fund = models.ForeignKey(
        Fund, models.CASCADE, null=True, related_name="+", verbose_name="基金", **UNCHECKED
    )
    policy = models.ForeignKey(
        Policy, models.CASCADE, null=True, related_name="+", verbose_name="政策", **UNCHECKED
    )
    before = models.CharField("原结论", max_length=12, choices=Match.Verdict)
    after = models.CharField("新结论", max_length=12, choices=Match.Verdict)
    reason = models.CharField("原因", max_length=300)
    version = models.ForeignKey(
        CriteriaVersion,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="条件版本",
        **UNCHECKED,
    )
    at = models.DateTimeField("时间")
    told_at = models.DateTimeField("告知时间", null=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "匹配变化"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "at", "fund", "policy"], nulls_distinct=False, name="one_change_at_a_time"
            ),
            one_of("change_of_fund_or_policy"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="change_changes_the_verdict"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="change_newest_first"),
            models.Index(fields=["project"], condition=Q(told_at=None), name="change_untold"),
        ]

    def __str__(self):
        return f"{self.project} × {self.offer}：{self.sentence}"

    @property
    def sentence(self):
        """「新增符合」, 「不再符合」, 「待补充 → 不符合」."""
        return shift_in_words(self.before, self.after)


def shift_in_words(before, after):
    fit, words = Match.Verdict.FIT, dict(Match.Verdict.choices)
    if after == fit:
        return "新增符合"
    ended = f"，{words[after]}" if before == fit else ""
    return f"不再符合{ended}" if before == fit else f"{words[before]} → {words[after]}"
