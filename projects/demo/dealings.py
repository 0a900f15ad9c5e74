"""What passes between the demo's units: contested first reports, hand-overs, the pool, repeats; and 回音."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from crm import roles
from crm.models import Channel, City, Unit
from crm.workdays import SHANGHAI, shanghai_day
from leads import conflicts, handover, judging, pool, suspecting
from leads.feedback import Said, feed_back
from leads.follow_up import FollowUp, log_visit
from leads.intake import Capture, capture
from leads.models import DuplicatePair, Lead

DAY = timedelta(days=1)
FEW = 3
UNANSWERED = 2  # introducers who still wait though their day has passed
CLAIMS = ["我方三月已在展会上与企业创始人洽谈", "企业总部由我方驻点上门在先", "我方载体已带看两次"]
PROOFS = [("上门洽谈，留有会议纪要", "展会接洽，交换名片"), ("带看楼宇", "电话沟通落地意向")]
SAID = ["已完成研判，正与企业洽谈载体。", "企业暂无外扩计划，列入储备，半年后再联系。", "已安排来杭考察。"]
WALK_INS = [("440300", None), ("310000", Decimal(300)), ("320500", Decimal(600)), ("440300", Decimal(80))]
INVESTORS = ["钱江澜石创业投资", "之江禾谷资本"]
SAME = "同一家企业：杭州公司是深圳团队为落地准备的主体，电话核实过。"
WHY_GIVEN = ["暂无精力跟进", "载体不匹配，请其他区块看看", "企业要求近地铁，本区块没有"]


class Dealings:
    """Told over the leads of the story up to `now`; by the domain's verbs alone, in a fixed order."""

    def __init__(self, now, people, firms):
        self.now, self.firms = now, firms
        self.people = list(people)
        self.manager = self._of(roles.MANAGER)[0]

    def tell(self):
        """Feedback first, for it needs the people of the unit that has the lead; then what changes units."""
        self._feed_back()
        leads = self._open_leads()
        self._contest(leads[:FEW])
        self._pass_on(leads[FEW : 2 * FEW])
        self._pool()
        self._repeat()

    def _of(self, role):
        return [person for person in self.people if person.role == role]

    def _of_unit(self, unit, *wanted):
        found = [one for one in self.people if one.unit_id == unit.pk and one.role in wanted]
        return found[0] if found else self.manager

    def _open_leads(self):
        """Leads that are not judged yet and under protection, the newest first."""
        found = Lead.objects.open().filter(claim__released_at=None, channel__is_poolable=False)
        found = found.filter(created_at__lte=self.now - 4 * DAY).select_related("unit", "owner")
        return list(found.order_by("-created_at", "-pk")[: 2 * FEW])

    def _feed_back(self):
        """Introducers hear within the week; the last whose day has passed still wait."""
        today = shanghai_day(self.now)
        owing = (
            Lead.objects.owing_feedback().order_by("-feedback_due_on", "-pk").select_related("unit", "owner")
        )
        late = [lead for lead in owing if lead.feedback_due_on < today]
        for number, lead in enumerate(reversed(late[UNANSWERED:])):
            said_on = lead.introduced_on + (2 + number % 5) * DAY
            said = Said(lead.channel_detail or lead.channel.name, said_on, SAID[number % len(SAID)])
            at = datetime.combine(said_on, time(17), SHANGHAI)
            feed_back(lead, said, by=lead.owner or self.manager, at=at)

    def _contest(self, leads):
        """One case waits with the evidence of both sides, one is kept, one is shared."""
        for number, lead in enumerate(leads):
            officers = [one for one in self._of(roles.OFFICER) if one.unit_id != lead.unit_id]
            rival = officers[number % len(officers)]
            at = self.now - 3 * DAY
            reason = CLAIMS[number % len(CLAIMS)]
            case = conflicts.open_case(lead.title, by=rival, at=at, reason=reason)
            proofs = zip((lead.owner, rival), PROOFS[number % len(PROOFS)], strict=True)
            for person, text in proofs:
                on = shanghai_day(at) - (5 + number) * DAY
                conflicts.add_evidence(case, by=person, at=at + DAY, happened_on=on, text=text)
            if number:
                self._decide(case, lead, rival, joint=number > 1)

    def _decide(self, case, lead, rival, joint):
        verdict, part = ("joint", 60) if joint else ("keep", 100)
        opinion = "双方都有实质接触，联合推进。" if joint else "首报单位接触在先，有会议纪要。"
        shares = {lead.unit: part, rival.unit: 100 - part}
        at = self.now - DAY
        conflicts.decide(case, verdict=verdict, opinion=opinion, shares=shares, by=self.manager, at=at)

    def _pass_on(self, leads):
        """One hand-over waits for its answer, one was accepted, one sent back."""
        platforms = list(Unit.objects.filter(code__in=["banshan", "wanggu", "beiruan"]).order_by("pk"))
        for number, lead in enumerate(leads):
            to_unit = next(unit for unit in platforms[number:] + platforms if unit.pk != lead.unit_id)
            giver = self._of_unit(lead.unit, roles.STATION, roles.HEAD)
            at = self.now - DAY
            reason = f"企业看中{to_unit}的载体"
            offer = handover.hand_over(lead, to_unit=to_unit, by=giver, at=at, reason=reason)
            head = self._of_unit(to_unit, roles.HEAD)
            if number == 1:
                handover.accept(offer, by=head, at=self.now)
            elif number > 1:
                handover.refuse(offer, by=head, at=self.now, reason="暂时没有合适的面积")

    def _pool(self):
        """Walk-ins nobody kept: some wait, one was taken and followed up at once."""
        officers = self._of(roles.OFFICER)
        entries = [
            self._given(officers[number % len(officers)], city, amount, WHY_GIVEN[number % len(WHY_GIVEN)])
            for number, (city, amount) in enumerate(WALK_INS)
        ]
        entry = entries[0]
        taker = next(one for one in officers if one.unit_id != entry.from_unit_id)
        pool.take(entry, by=taker, at=self.now - DAY)
        lead = Lead.objects.get(pk=entry.lead_id)
        at = self.now - timedelta(hours=3)
        next_on = shanghai_day(self.now) + 7 * DAY
        talk = FollowUp("call", "企业愿意来看半山的研发楼", "约看楼", next_on, at)
        log_visit(lead, talk, by=taker, at=at)

    def _repeat(self):
        """Two firms are reported twice: one pair waits for its verdict, the other is one project."""
        officer = self._of(roles.OFFICER)[0]
        at, pairs = self.now - 2 * DAY, []
        for investor in INVESTORS:
            name = self.firms.next("440300")["name"]
            names = (name, name.replace("深圳", "杭州"))
            pairs.append([self._reported(one, investor, officer, at) for one in names])
        while suspecting.check_waiting(self.now):
            pass
        kept, other = pairs[-1]
        pair = DuplicatePair.objects.get(one=kept, other=other)
        judging.judge(pair, "same", by=officer, at=self.now, kept=kept.pk, reason=SAME)

    def _reported(self, name, investor, by, at):
        data = Capture(name, investor_name=investor, city=City.objects.get(pk="440300"), met_at=at)
        return capture(data, by=by, at=at)

    def _given(self, by, city, amount, why):
        firm = self.firms.next(city)
        known = {"name": firm["name"], "uscc": firm.get("uscc") or ""}
        walk_in = Channel.objects.get(code="walk_in")
        place = City.objects.get(pk=city)
        data = Capture(**known, city=place, channel=walk_in, channel_detail="园区前台", amount_wan=amount)
        lead = capture(data, by=by, at=self.now - 9 * DAY)
        return pool.give(lead, by=by, at=self.now - 4 * DAY, reason=why)
