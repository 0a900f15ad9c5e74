"""Projects of the demo referred to funds: one of every step, so that the pages of a fund are not empty."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from crm import roles
from crm.workdays import shanghai_day
from projects.models import Fund, Project
from projects.models.referrals import Step
from projects.referring import Consent, Move, advance, refer
from projects.restating import restate, stated
from projects.sharing import shareable
from projects.stages import ProjectStage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACCOUNTED, UNACCOUNTED = "qizhen", "gongshu-kechuang-3"
SHARED = {
    *("company", "city", "sector", "total_investment", "round", "product_stage"),
    *("staff", "trl", "result_source", "has_clear_ip", "established_on"),
}
PAID = {"amount_wan": Decimal(800), "stake": Decimal("4.5"), "valuation_wan": Decimal(17000)}
MISTAKEN, WHY = {**PAID, "amount_wan": Decimal(80)}, "按银行回单更正，登记时少写一个零"
# fund; days before today of the referral and of each step after it; reason of what broke off
CASES = [
    (ACCOUNTED, [2], ""),
    (ACCOUNTED, [12], ""),
    (ACCOUNTED, [20, 18, 10], ""),
    (ACCOUNTED, [60, 57, 50, 38], ""),
    (ACCOUNTED, [90, 88, 80, 60, 30, 12], ""),
    (ACCOUNTED, [75, 73, 66], "技术路线与基金投向不一致，暂不跟进"),
    (ACCOUNTED, [45], "企业本轮融资已由其他机构完成"),
    (UNACCOUNTED, [30, 24], ""),
]
ENDS = {5: (Step.REJECTED, 55), 6: (Step.WITHDRAWN, 40)}  # of which case, and how many days ago
LINE = [Step.RECEIVED, Step.SCREENING, Step.DILIGENCE, Step.DECISION, Step.FUNDED]


class Referrals:
    """Told up to `now` by the domain's verbs, without chance: the oldest projects under way in turn."""

    def __init__(self, now, people):
        self.now = now
        self.manager = next(one for one in people if one.role == roles.MANAGER)
        self.funds = {fund.code: fund for fund in Fund.objects.filter(code__in=[ACCOUNTED, UNACCOUNTED])}

    def tell(self):
        """Every case on a project of its own, as far as there are projects old enough."""
        rows = Project.objects.exclude(stage=ProjectStage.LOST).select_related("owner", "unit")
        free = list(rows.order_by("created_at", "pk"))
        for place, (code, days, reason) in enumerate(CASES):
            at = self._ago(days[0])
            project = next((one for one in free if one.created_at < at), None)
            if project is not None:
                free.remove(project)
                self._tell(project, self.funds[code], days, (*ENDS.get(place, ("", 0)), reason))

    def _tell(self, project, fund, days, end):
        by, at = project.owner or self.manager, self._ago(days[0])
        known = shareable(project, shanghai_day(at))
        keys = tuple(one["key"] for one in known if one["key"] in SHARED)
        consent = Consent(keys, True, "written", shanghai_day(at) - DAY)
        note = "创始人希望对接产业方，可安排路演。"
        referral = refer(project, fund, consent, by=by, at=at, note=note, reason="企业补充材料后可再判断")
        for to, ago in zip(LINE, days[1:], strict=False):
            self._step(referral, to, ago, by, MISTAKEN if to == Step.FUNDED else {})
        if referral.step == Step.FUNDED:
            self._correct(referral.steps.last())
        to, ago, reason = end
        if to:
            self._step(referral, to, ago, by, {"reason": reason})

    def _step(self, referral, to, ago, by, more):
        account = referral.fund.managers.filter(is_active=True).first()
        at = self._ago(ago)
        who = by if account is None or to == Step.WITHDRAWN else account
        advance(referral, Move(to=to, on=shanghai_day(at), **more), by=who, at=at)

    def _correct(self, step):
        """The amount was entered wrongly, and put right on the same day."""
        move = replace(stated(step), **PAID)
        restate(step, move, WHY, by=step.by, at=step.at + HOUR, version=step.version)

    def _ago(self, days):
        return self.now - days * DAY
