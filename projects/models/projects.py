"""项目: what an accepted lead becomes, and its stays in the stages."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from crm.errors import Missing
from crm.numbers import number
from crm.pipeline import StageChange, days_between, left_after, stage_setting
from crm.values import grams
from crm.workdays import Calendar, shanghai_day
from leads.models.claims import Claim, HeldByOther
from leads.models.prospects import AMOUNT_KNOWN, NEXT_KNOWN, Prospect
from projects import gates, stages
from projects.models import holding
from projects.models.clearance import NotReviewed, missing_review
from projects.models.decisions import Category
from projects.models.readiness import Decisions, Readiness
from projects.models.rows import ProjectQuerySet
from projects.models.suspensions import Suspended
from projects.stages import ProjectStage, WrongReturn


class LandingMode(models.TextChoices):
    """落地方式: decides which evidence 注册落地 and 开工/入驻 ask for."""

    LAND = "land", "供地"
    PURCHASE = "purchase", "购置"
    LEASE = "lease", "租赁"
    EXPANSION = "expansion", "增资（存量）"
    RELOCATION = "relocation", "并购迁址"
    RESEARCH = "research", "设立研发中心"


class Grade(models.TextChoices):
    """项目级别: how often somebody reports on the project in 在谈 (domain §1.8)."""

    A = "A", "A 级（重点）"
    B = "B", "B 级"
    C = "C", "C 级"


# what the funnel and the chain count and split by stands in the index itself, so that a report reads no row
COUNTED = [
    *("id", "furthest", "amount_wan", "sector", "sector_kind"),
    *("city", "channel", "station", "lead", "chain_position", "company"),
]
# the same for what the matching of all open projects reads (projects/survey.py)
SURVEYED = ["company", "sector", "chain_position", "amount_wan", "area_sqm", "fixed_wan", "land_mu"]


class Project(Prospect):
    """One investment project from 在谈 on. Amounts in 万元, land in 亩, rooms in ㎡.

    `amount_wan` is what counts: of an existing firm that expands (增资) the increment, never `prior_wan`.
    Investor, signer of the agreement and registered company may be three firms; none is needed before 注册.
    """

    code = models.CharField("项目编号", max_length=20, unique=True)
    name = models.CharField("项目名称", max_length=120)
    lead = models.OneToOneField("leads.Lead", models.PROTECT, related_name="project", verbose_name="来源线索")
    company = models.ForeignKey(
        "crm.Company", models.PROTECT, null=True, blank=True, related_name="projects", verbose_name="企业"
    )
    roadshow = models.ForeignKey(
        "leads.Roadshow",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name="来源行程",
    )
    tracks = models.ManyToManyField("crm.FutureTrack", blank=True, related_name="+", verbose_name="未来赛道")
    tags = models.ManyToManyField(
        "crm.Tag", through="projects.ProjectTag", blank=True, related_name="+", verbose_name="标签"
    )
    landing_mode = models.CharField("落地方式", max_length=12, choices=LandingMode, blank=True)
    fixed_wan = models.DecimalField(
        "固定资产投资（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    land_mu = models.DecimalField("用地（亩）", max_digits=12, decimal_places=2, null=True, blank=True)
    carriers = models.ManyToManyField("crm.Carrier", blank=True, related_name="+", verbose_name="候选载体")
    carrier = models.ForeignKey(
        "crm.Carrier", models.PROTECT, null=True, blank=True, related_name="projects", verbose_name="确定载体"
    )
    category = models.CharField("项目分类", max_length=12, choices=Category, blank=True, db_default="")
    public_equity_wan = models.DecimalField(
        "财政或国资出资（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    prior_wan = models.DecimalField(
        "原有投资（万元）", max_digits=16, decimal_places=4, null=True, blank=True
    )
    excess_note = models.CharField("到位超过总投资的说明", max_length=300, blank=True, db_default="")
    investor = models.ForeignKey(
        "crm.Company", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="投资主体"
    )
    registered_company = models.ForeignKey(
        "crm.Company", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="注册公司"
    )
    registered_note = models.CharField("注册公司由别的单位首报", max_length=400, blank=True, db_default="")
    grade = models.CharField("项目级别", max_length=1, choices=Grade, blank=True, db_default="")
    suspended_until = models.DateField("挂起至", null=True, blank=True, editable=False)
    demands = models.TextField("企业诉求", blank=True)
    problems = models.TextField("存在问题", blank=True)
    for_leader = models.TextField("请领导协调", blank=True, db_default="")
    winning_city = models.CharField("流向城市", max_length=30, blank=True)
    loss_reason = models.ForeignKey(
        "crm.LossReason", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="流失原因"
    )
    revisit_on = models.DateField("回访日期", null=True, blank=True)
    left_from = models.CharField("流失前阶段", max_length=20, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()
    stages = stages.MAP
    NAMING = frozenset({"name", "code", "company"})

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sector_kind="fusion", sector__isnull=False)
                | (~Q(sector_kind="fusion") & Q(sector__isnull=True)),
                name="project_sector_only_in_fusion",
            ),
        ]
        indexes = [
            GinIndex(fields=["grams"], name="project_grams"),
            models.Index(fields=["-created_at", "-id"], name="project_newest"),
            # the few given up as 重复, with their leads
            models.Index(
                fields=["loss_reason", "stage"],
                include=["id", "lead"],
                condition=Q(loss_reason__isnull=False),
                name="project_lost_for",
            ),
            models.Index(fields=["unit", "-created_at", "-id"], name="project_unit_newest"),
            models.Index(fields=["unit", "stage"], include=COUNTED, name="project_funnel"),
            models.Index(fields=["stage", "-entered_at", "-id"], name="project_board"),
            models.Index(
                fields=["owner", "next_contact_on"],
                condition=~Q(stage__in=stages.CLOSED),
                name="project_due",
            ),
            models.Index(fields=["limit_on"], condition=~Q(stage__in=stages.CLOSED), name="project_limit"),
            models.Index(
                fields=["unit", "owner"],
                include=["next_contact_on", "limit_on", "red_on", "amount_wan"],
                condition=~Q(stage__in=stages.CLOSED),
                name="project_agenda",
            ),
            models.Index(
                fields=["id"], include=SURVEYED, condition=~Q(stage__in=stages.CLOSED), name="project_survey"
            ),
            models.Index(fields=["updated_at", "id"], name="project_changed"),
            models.Index(AMOUNT_KNOWN.desc(), F("id").desc(), name="project_by_amount"),
            models.Index(NEXT_KNOWN, F("id"), name="project_by_next"),
            models.Index(
                fields=["suspended_until"],
                condition=Q(suspended_until__isnull=False),
                name="project_suspended",
            ),
            models.Index(
                fields=["revisit_on"], condition=Q(revisit_on__isnull=False), name="project_revisit"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:detail", args=[self.pk])

    def index_words(self):
        """Recompute the search grams: the project's name, number and every name of the company."""
        self.grams = grams(self.name, self.code, *(self.company.names if self.company else []))

    @transaction.atomic
    def move_to(self, to, *, by, at, **how):
        """Move along the pipeline; a lost project gives up its claim, a revived one takes it again.

        From 投产达产 on the claim is fulfilled: the firm has settled, its next expansion is reported anew.
        """
        was = self.stage
        change = super().move_to(to, by=by, at=at, **how)
        if to == ProjectStage.LOST:
            self.suspended_until = None
            self._remember_loss(was, at)
        else:
            holding.settle(self, was, by, at)
        if was == ProjectStage.LOST:
            self._forget_loss(at)
        return change

    def hold_claim(self):
        """While the project is suspended nobody's silence ends the first report."""
        Claim.objects.filter(lead=self.lead_id).go_on(Claim.Clock.NONE)

    def _remember_loss(self, was, at):
        self.left_from, self.next_contact_on = was, None  # from now on only the revisit counts
        self.save(update_fields=["left_from", "next_contact_on"])
        holding.finish(self, Claim.Ended.LOST, at)

    def _forget_loss(self, at):
        self.left_from = self.winning_city = ""
        self.loss_reason = self.revisit_on = None
        self.next_contact_on = self.contact_after_return(at)
        told = ["left_from", "winning_city", "loss_reason", "revisit_on", "next_contact_on"]
        self.save(update_fields=told)

    def check_step(self, step):
        """A suspended project leaves its stage for 流失 only; nobody forces past review, claim or return."""
        if self.is_suspended and step.to != ProjectStage.LOST:
            raise Suspended(self.suspended_until)
        super().check_step(step)
        if step.forced:
            self._check_force(step)

    def _check_force(self, step):
        """Nobody forces a signature past 公平竞争审查 (domain §4.2), nor another way back from 流失."""
        if self.stage == ProjectStage.LOST and (missing := holding.missing_return(self, step.to)):
            raise HeldByOther(missing)
        if self.stage == ProjectStage.LOST and (missing := self._missing_place(step.to)):
            raise WrongReturn(f"{missing[0].text}任何人都不能强制。", missing=missing)
        if self.stages.is_forward(self.stage, step.to) and (missing := holding.missing_hold(self)):
            raise HeldByOther(missing)
        if missing := self._unreviewed_for(step.to, shanghai_day(step.at)):
            raise NotReviewed(missing)

    def _unreviewed_for(self, to, day):
        """What the review still lacks before the project comes among the signed ones, from wherever."""
        enters = to in stages.SIGNED_ON and self.stage not in stages.SIGNED_ON
        return missing_review(self, day) if enters else []

    def settle(self, step):
        """A suspended project that is lost is suspended no longer."""
        if self.is_suspended:
            self.end_pause(by=step.by, at=step.at)
            self.save(update_fields=["suspended_until"])

    @property
    def level(self):
        """The Grade in force: what somebody decided, else by the amount; "" while that is unknown too."""
        if self.grade or self.amount_wan is None:
            return self.grade
        if self.amount_wan >= number("major_wan"):
            return Grade.A
        return Grade.B if self.amount_wan >= number("grade_b_wan") else Grade.C

    @property
    def is_lost(self):
        """Whether it has ended in 流失; everything else goes on."""
        return self.stage == ProjectStage.LOST

    def check_takes(self, what, refusal):
        """Raise `refusal` (a kind of Refused) when `what` would be added to a project in 流失.

        What it has already is put right and ended as ever: only what is new says that it goes on.
        """
        if self.is_lost:
            raise refusal(
                f"项目已流失，不能再登记{what}；项目还在做的，请先重新激活，再来登记。"
                "登记解除协议、更正和撤销已有的记录不受影响。",
                code="closed",
            )

    @property
    def is_suspended(self):
        """Whether the clock stands still until `suspended_until`."""
        return self.suspended_until is not None

    @property
    def suspension(self):
        """The running suspension, None while the clock runs; of what the page has read, where it has."""
        if not self.is_suspended:
            return None
        if "suspensions" in getattr(self, "_prefetched_objects_cache", {}):
            return next(one for one in self.suspensions.all() if one.ended_at is None)
        return self.suspensions.select_related("by").get(ended_at=None)

    def runs_until(self, at):
        """The moment the clock was stopped, or `at` while it runs."""
        return min(self.suspension.started_at, at) if self.is_suspended else at

    def pauses(self, since):
        """The suspensions of the present stay that ended after `since`, as pairs of days."""
        ended = self.suspensions.filter(started_at__gte=self.entered_at, ended_at__gte=since)
        return tuple(one.days for one in ended.order_by("started_at", "pk"))

    def workdays_left(self, day):
        """Workdays the stage has left on `day`, below 0 past its limit; None for a stage without a limit."""
        setting = stage_setting(self.stage)
        days = self.clock_days(setting) if setting else None
        if not days:
            return None
        since = self.runs_since(setting)
        pauses = (*self.pauses(since), (day, day))
        return left_after(shanghai_day(since), days, Calendar.load(), pauses)[1]

    def recount_pause(self):
        """Count anew what the running suspension has left, after the limit or the last progress changed."""
        for found in self.suspensions.filter(ended_at=None).select_for_update(of=("self",)):
            found.workdays_left = self.workdays_left(shanghai_day(found.started_at))
            found.save(update_fields=["workdays_left"])

    def end_pause(self, *, by, at):
        """Close the running suspension; the stay keeps how long its clock stood. Saves no project.

        However late that is, the clock has gone on since the agreed day.
        """
        found = self.suspensions.get(ended_at=None)
        found.ended_at, found.ended_by = found.ended_by_day(at), by
        found.save(update_fields=["ended_at", "ended_by"])
        stood = F("paused_days") + days_between(found.started_at, found.ended_at)
        self.changes.filter(left_at=None).update(paused_days=stood)
        self.suspended_until = None
        claim = Claim.objects.filter(lead=self.lead_id)
        claim.stand_still(found.started_at, found.ended_at)
        claim.go_on(holding.clock_in(self.stage))
        return found

    def missing_for(self, to, on=None):
        """What a step to `to` still lacks; the rules stand in projects/gates.py."""
        day = on or shanghai_day(self.entered_at)
        if self.stage == ProjectStage.LOST:
            held = holding.missing_return(self, to)
            return held or self._missing_place(to) or self._unreviewed_for(to, day)
        if to == ProjectStage.LOST and not self.loss_reason_id:
            return [Missing("loss_reason", "没有流失原因。", "loss_reason")]
        if not self.stages.is_forward(self.stage, to):
            return []
        return holding.missing_hold(self) + gates.missing_for(to, Readiness(self, day))

    def _missing_place(self, to):
        """A lost project comes back to the stage it left or to 在谈 (domain §1.10)."""
        ways = tuple(dict.fromkeys((self.left_from or ProjectStage.NEGOTIATING, ProjectStage.NEGOTIATING)))
        if to in ways:
            return []
        words = "」或「".join(self.stages.labels[way] for way in ways)
        return [Missing(WrongReturn.code, f"重新激活只能回到「{words}」，再逐步推进。", "stage")]

    def decisions(self, on):
        """The decision route of the project on the day `on`, with the passes that stand."""
        return Decisions(self, on)


class ProjectStageChange(StageChange):
    """One stay of a project in a stage."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="changes", verbose_name="项目")
    paused_days = models.FloatField("其中挂起天数", default=0, db_default=0)

    class Meta(StageChange.Meta):
        verbose_name = verbose_name_plural = "项目阶段记录"
        constraints = [
            models.UniqueConstraint(fields=["project", "seq"], name="project_change_seq"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(left_at=None), name="project_in_one_stage"
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "entered_at"], include=["days"], name="project_change_stage"),
            models.Index(
                fields=["stage", "days"],
                include=["project"],
                condition=Q(days__isnull=False),
                name="project_stay_closed",
            ),
            models.Index(
                fields=["stage", "entered_at"],
                include=["project", "paused_days"],
                condition=Q(left_at=None),
                name="project_stay_open",
            ),
        ]
