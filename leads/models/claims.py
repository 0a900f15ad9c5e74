"""首报首谈: who reported a company first and until when."""

from datetime import timedelta

from django.db import IntegrityError, models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.functional import cached_property

from crm.errors import Missing, Refused
from crm.numbers import number
from crm.workdays import shanghai_day
from leads.stages import LeadStage

# claims that ran on side by side have one: to one another they are nobody else (Claim.beside)
ROOT = Coalesce("beside", "pk")


class HeldByOther(Refused):
    """A record was to come back or go on by force although another has reported its company since."""

    code = "claimed_by_other"

    def __init__(self, missing):
        words = "这家企业已由别的线索重新首报，任何人都不能强制激活或推进；如有不同意见，可以提出首报冲突。"
        super().__init__(words, missing=missing)


class ClaimQuerySet(models.QuerySet):
    def open(self):
        """Claims that hold their company."""
        return self.filter(released_at=None)

    def valid(self):
        """Claims that hold their company, or stand under the one with which their unit holds it."""
        return self.filter(Q(released_at=None) | Q(ended=Claim.Ended.COVERED))

    def covering(self, claim):
        """The open claim of the unit of `claim` on the same company."""
        return self.open().filter(company=claim.company_id, lead__unit=claim.lead.unit_id)

    def missing_return(self, lead_id, company_id, *, beside_own=False):
        """What a lost record still lacks to come back: that nobody else holds its company (domain §1.7).

        A project, and a lead recorded as an expansion, may stand beside what the own unit holds.
        """
        own = Claim.objects.filter(lead=lead_id)
        same = Q(company__isnull=False, company=company_id) | Q(key__in=own.values("key"))
        beside = own if beside_own else own.filter(ended=Claim.Ended.COVERED)
        held = self.open().filter(same).exclude(lead=lead_id).annotate(root=ROOT)
        held = held.exclude(root__in=own.values(its_root=ROOT))
        held = held.exclude(lead__unit__in=beside.values("lead__unit")).select_related("unit").first()
        held = held or self.registering(company_id).exclude(lead__unit__in=own.values("lead__unit")).first()
        if held is None:
            return []
        return [Missing(HeldByOther.code, f"这家企业已由{held.unit}重新首报，不能再激活。")]

    def missing_hold(self, lead):
        """What `lead` lacks to go on when its claim has lapsed: that no other unit has its company.

        Once protected, others may not negotiate (domain §1.7); who disagrees contests it.
        """
        own = getattr(lead, "claim", None)
        if own is None or not own.lapsed:
            return []
        same = Q(company__isnull=False, company=own.company_id) | Q(key=own.key)
        others = self.open().filter(same).exclude(lead__unit=lead.unit_id)
        held = others.select_related("unit").first()
        if held is None:
            return []
        text = f"首报已经失效，这家企业现由{held.unit}首报，不能再推进；如有不同意见，可以提出首报冲突。"
        return [Missing(HeldByOther.code, text)]

    def registering(self, company_id):
        """The open claims whose project has this company for its 注册公司."""
        if company_id is None:
            return self.none()
        return self.open().filter(lead__project__registered_company=company_id).select_related("unit")

    def end(self, reason, at):
        """End the open ones of these claims for `reason` (an Ended); returns how many."""
        return self.open().update(released_at=at, ended=reason)

    def reopen(self, at):
        """Take up again the claims that ended with their record (lost, merged, settled), unless held.

        What the own unit holds by another lead covers them. A protection that would have run out meanwhile
        stays over; the silence goes on from where it stopped: to drop a record and take it up again is no
        follow-up. Raises HeldByOther when somebody reports the company
        this very moment. Returns how many are open again.
        """
        same = Q(company=OuterRef("company")) | Q(key=OuterRef("key"))
        gone = self.filter(ended__in=Claim.WITH_ITS_RECORD).annotate(root=ROOT)
        others = Claim.objects.open().filter(same).annotate(its_root=ROOT).exclude(its_root=OuterRef("root"))
        ours = others.filter(lead__unit=OuterRef("lead__unit"))
        gone.filter(Exists(ours)).update(ended=Claim.Ended.COVERED)
        gone = gone.filter(~Exists(others))
        over = Q(clock=Claim.Clock.BOTH, protected_until__lt=shanghai_day(at))
        gone.filter(over).update(ended=Claim.Ended.EXPIRED)
        try:
            return gone.update(released_at=None, ended="", last_effective_at=_resumed(at))
        except IntegrityError as error:
            text = "这家企业刚刚被重新首报，不能再激活。"
            raise HeldByOther([Missing(HeldByOther.code, text)]) from error

    def wind(self, clock, at):
        """Let `clock` (a Clock) run on these claims from `at` on: a silence nobody counted begins then."""
        if clock == Claim.Clock.NONE:
            return self.update(clock=clock)
        begun = Greatest("last_effective_at", Value(at))
        anew = Case(When(clock=Claim.Clock.NONE, then=begun), default=F("last_effective_at"))
        return self.update(clock=clock, last_effective_at=anew)

    def go_on(self, clock):
        """Let `clock` run on where it stood still."""
        return self.update(clock=clock)

    def stand_still(self, since, until):
        """Leave the time from `since` to `until` out of the silence of open claims.

        A follow-up after `until`, before anybody ended the pause, stays the last one.
        """
        begun = Greatest("last_effective_at", Value(since))
        stood = Greatest("last_effective_at", Value(until, models.DateTimeField())) - begun
        moved = F("last_effective_at") + models.ExpressionWrapper(stood, models.DurationField())
        return self.open().update(last_effective_at=moved)

    def follow_up(self, at):
        """Note an effective follow-up at `at`."""
        return self.update(last_effective_at=Greatest("last_effective_at", at))


def _resumed(at):
    """The last effective follow-up of an ended claim, put off by the time since it ended, to `at` at most."""
    gone = models.ExpressionWrapper(Value(at) - F("released_at"), models.DurationField())
    return Least(models.ExpressionWrapper(F("last_effective_at") + gone, models.DateTimeField()), Value(at))


class Claim(models.Model):
    """The first report of a company by a unit and a person. One open claim per key and per company.

    A lead has one claim in its life; who holds it and since when changes with a renewal, a decision of the
    bureau or a new owner from the pool, and ClaimEvent keeps what was before. The claim on an expansion of a
    firm that the own unit still holds is COVERED: not open, until the other ends and it begins.

    Two that ran when the key came to see through how a city is written, and turned out to be of one company,
    both run on: the later one stands `beside` the first, for the bureau to judge.
    """

    class Clock(models.TextChoices):
        BOTH = "both", "保护期与跟进"
        SILENCE = "silence", "只看跟进"
        NONE = "none", "不计时"

    class Ended(models.TextChoices):
        SILENCE = "silence", "长期没有有效跟进"
        EXPIRED = "expired", "保护期满"
        DROPPED = "dropped", "线索流失"
        LOST = "lost", "项目流失"
        POOLED = "pooled", "进入公海"
        MERGED = "merged", "重复合并"
        SETTLED = "settled", "已落地"
        COVERED = "covered", "由本单位在先的首报保护"

    BY_ITS_CLOCK = (Ended.SILENCE, Ended.EXPIRED)
    WITH_ITS_RECORD = (Ended.DROPPED, Ended.LOST, Ended.SETTLED, Ended.MERGED)

    lead = models.OneToOneField("leads.Lead", models.CASCADE, related_name="claim", verbose_name="线索")
    company = models.ForeignKey(
        "crm.Company", models.PROTECT, null=True, related_name="claims", verbose_name="企业"
    )
    key = models.CharField("查重键", max_length=260)
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="首报单位")
    person = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+", verbose_name="首报人")
    claimed_at = models.DateTimeField("首报时间")
    protected_until = models.DateField("保护至")
    extra_days = models.PositiveIntegerField("延长天数", default=0)
    extended_at = models.DateTimeField("延期时间", null=True, blank=True)
    last_effective_at = models.DateTimeField("最近有效跟进（没有则为首报）")
    clock = models.CharField("计时", max_length=10, choices=Clock, default=Clock.BOTH)
    is_contested = models.BooleanField("裁决中", default=False)
    released_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended = models.CharField("结束原因", max_length=10, choices=Ended, blank=True)
    beside = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="并存的在先首报",
    )  # fmt: skip

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "首报登记"
        constraints = [
            models.UniqueConstraint(
                fields=["company"], condition=Q(released_at=None), name="one_open_claim_per_company"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(released_at=None, beside=None),
                name="one_open_claim_per_key",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, ended="") | (Q(released_at__isnull=False) & ~Q(ended="")),
                name="claim_ended_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["last_effective_at"],
                condition=Q(released_at=None, clock__in=["both", "silence"]),
                name="claim_silent",
            ),
            models.Index(
                fields=["protected_until"],
                condition=Q(released_at=None, clock="both"),
                name="claim_expiring",
            ),
        ]

    def __str__(self):
        return f"{self.unit} {self.claimed_at:%Y-%m-%d}"

    @property
    def is_open(self):
        return self.released_at is None

    @property
    def lapsed(self):
        """Whether it ended by the clock, so that the unit may claim again by an effective follow-up."""
        return self.ended in self.BY_ITS_CLOCK

    @property
    def is_covered(self):
        """Whether another claim of the unit on the same company stands for it."""
        return self.ended == self.Ended.COVERED

    @cached_property
    def stands_under(self):
        """The open claim on the company of a covered one; None when nobody holds it any more."""
        held = Claim.objects.open().filter(company=self.company_id, company__isnull=False)
        return held.select_related("unit", "lead__unit").first() if self.is_covered else None

    @property
    def is_overtaken(self):
        """Whether the claim it stood under went to another unit with its lead: by a ruling or a hand-over."""
        return self.stands_under is not None and self.stands_under.lead.unit_id != self.lead.unit_id

    @property
    def ended_words(self):
        """Why it does not hold the company, in words; of a covered one what holds now."""
        if not self.is_covered:
            return self.get_ended_display()
        if self.stands_under is None:
            return "在先的首报已经结束，现在没有单位首报这家企业"
        if self.is_overtaken:
            return f"企业现由{self.stands_under.lead.unit}的首报保护，不再由本单位在先的首报保护"
        return self.get_ended_display()

    def begin(self, *, unit, person, at, extended_at=None):
        """Let the claim begin (again), held by `unit` and `person`, with the whole protection from `at`."""
        if not self.is_open:
            self.beside = None  # as anybody's: nobody else may hold the company
        self.unit, self.person, self.claimed_at, self.last_effective_at = unit, person, at, at
        self.extra_days, self.extended_at = 0, extended_at
        self.protected_until = shanghai_day(at) + timedelta(days=number("protection_days"))
        self.released_at, self.ended = None, ""
        self.save()

    def finish(self, reason, *, at):
        """End the claim, or its waiting under another, with its record: for `reason`.

        If it held the company, the oldest expansion of the firm that the unit works on begins to.
        """
        was_open = self.is_open
        self.released_at, self.ended = at, reason
        self.save(update_fields=["released_at", "ended"])
        if was_open and self.company_id:
            self._let_follow(at)

    def _let_follow(self, at):
        waiting = Claim.objects.filter(
            company=self.company_id, ended=self.Ended.COVERED, lead__unit=self.lead.unit_id
        )
        waiting = waiting.exclude(lead__stage=LeadStage.DROPPED).select_for_update(of=("self",))
        follower = waiting.order_by("claimed_at", "pk").first()
        if follower is None:
            return
        lead = follower.lead
        follower.begin(unit=lead.unit, person=lead.owner or follower.person, at=at)
        text = f"「{self.lead}」的首报结束，这条线索的首报开始，保护至 {follower.protected_until:%Y-%m-%d}"
        follower.note(ClaimEvent.Kind.BEGUN, text, by=None, at=at)

    def note(self, kind, text, *, by, at):
        """Write what happened to the claim into its history."""
        return self.events.create(kind=kind, at=at, by=by, unit=self.unit, text=text[:400])


class ClaimEvent(models.Model):
    """What happened to a claim: it was extended, lapsed, was renewed, passed to somebody else."""

    class Kind(models.TextChoices):
        EXTENDED = "extended", "首报延期"
        LAPSED = "lapsed", "首报失效"
        RENEWED = "renewed", "重新首报"
        CONTESTED = "contested", "提出冲突裁决"
        DECIDED = "decided", "冲突裁决"
        SETTLED = "settled", "首报完成"
        RESUMED = "resumed", "恢复首报"
        BEGUN = "begun", "首报开始"
        MOOT = "moot", "冲突了结"
        BESIDE = "beside", "首报并存"
        CREDITED = "credited", "业绩沿用"

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="events", verbose_name="首报登记")
    kind = models.CharField("事项", max_length=10, choices=Kind)
    at = models.DateTimeField("时间")
    by = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    unit = models.ForeignKey("crm.Unit", models.PROTECT, related_name="+", verbose_name="首报单位")
    text = models.CharField("说明", max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "首报记录"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at", "kind"], name="claim_event_at")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class ClaimWarning(models.Model):
    """That a loss was announced: once per claim, kind and the last day on which it can be averted.

    Without one a claim does not lapse. A loss noticed late is announced for a later day than the rule has it.
    """

    class Kind(models.TextChoices):
        SILENCE = "silence", "没有有效跟进"
        IMMINENT = "imminent", "没有有效跟进，即将失效"
        EXPIRY = "expiry", "保护期将满"
        POOL = "pool", "将退回公海"

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="warnings", verbose_name="首报登记")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    due_on = models.DateField("最后一天")
    at = models.DateTimeField("预警时间")

    class Meta:
        verbose_name = verbose_name_plural = "首报预警"
        constraints = [
            models.UniqueConstraint(fields=["claim", "kind", "due_on"], name="claim_warned_once"),
        ]
        indexes = [models.Index(fields=["at", "kind"], name="claim_warning_at")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.due_on}"
