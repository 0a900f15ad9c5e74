"""A year of work, told through the domain's own verbs: trips, leads, opinions, projects in every stage."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from crm.models import Carrier, Channel, City, Contact, Fact, FusionSector, FutureTrack, LossReason, User
from crm.workdays import Calendar, shanghai_day
from leads.follow_up import FollowUp, log_visit
from leads.intake import Capture, capture
from leads.losing import Loss, step
from leads.models import Roadshow, RoadshowTarget
from leads.screening import write_opinion
from projects import stages
from projects.deciding import Passing, course_of, record_pass
from projects.demo.dealings import Dealings
from projects.demo.deals import Deals
from projects.demo.findings import findings, for_policies, source_of
from projects.demo.firms import CITIES, Firms, former_names, known_as
from projects.demo.neighbours import Neighbours
from projects.demo.pauses import Pauses
from projects.demo.promises import Promises
from projects.losing import lose
from projects.models import Evidence
from projects.opening import accept
from projects.parties import Party, link_registered

SEED = 20260420
SHANGHAI = ZoneInfo("Asia/Shanghai")
# city, station, days before today, length, leads met
TRIPS = [
    ("440300", "station_sz", 244, 5, 60),
    ("310000", "station_sh", 153, 4, 55),
    ("320500", "station_js", 12, 4, 40),
]
OTHER_LEADS = 145
OLD_DAYS = 25  # an older lead has been judged by now
PROJECTS = 62
FATE = [("lead", 18), ("screening", 22), ("reserve", 18), ("dropped", 22), ("accepted", 20)]
# how many projects end up where
PROJECT_FATE = {
    "negotiating": 18,
    "review": 9,
    "signed": 8,
    "registered": 7,
    "landed": 6,
    "operating": 4,
    "aftercare": 3,
    "lost": 7,
}
EVIDENCE_FOR = {
    "review": ["proposal"],
    "signed": ["diligence", "fair_competition", "legal_review", "agreement"],
    "registered": ["commitments", "registration"],
    "landed": ["premises", "capital", "move_in"],
    "operating": ["operation"],
}
TALKS = [
    "介绍大运河数智未来城与半山区块载体，企业有意来杭考察",
    "企业正在比较余杭、滨江，关注租金与算力政策",
    "创始人团队来自浙大，计划设立研发中心",
    "新一轮融资交割后启动选址，希望对接基金",
    "实地看过两处楼宇，等待物业报价",
]
STEPS = [
    "发送载体清单",
    "约企业来杭考察",
    "请基金方参加视频会",
    "核实能耗与环评",
    "准备条款初稿",
    "回访并确认选址意向",
]
# why a head went ahead of the gate; every sixth project is in a hurry, and so it is if it comes to be signed
HURRY = 6
HURRIES = [
    "区政府专题会议已定，评审材料会后补齐",
    "企业月底前须完成外迁决策，区领导同意先签约",
    "省级活动现场签约，审查意见一周内补登",
]
# reason, the city that won, what happened
LOSSES = [
    ("other_city", "苏州", "最终选择苏州工业园区，看重当地上下游配套"),
    ("funding", "", "本轮融资没有到位，企业暂缓外扩，半年后可再联系"),
    ("other_city", "合肥", "合肥给出整栋厂房，半年内不会再动"),
    ("price", "", "租金与企业预算差距大，换载体后可再谈"),
    ("other_city", "宁波", "创始人家在宁波，总部落在鄞州"),
    ("strategy", "", "企业内部决定暂缓，半年后可再联系"),
]
OPINIONS = {
    "industry": ["属于{sector}方向，符合1+4+N导向", "与区内链主业务互补"],
    "market": ["近两年营收增长超过 30%", "已有三家头部客户，市场可验证"],
    "technology": ["核心算法自研，发明专利 6 件", "技术路线成熟，有产品出货"],
    "environment": ["研发办公，无生产性排放", "仅少量生活污水"],
    "energy": ["年用电约 60 万度，低能耗", "机房用电需单独评估，已初核"],
    "benefit": ["预计第三年税收 400 万元", "预计带动就业 80 人"],
}


class Story:
    """Tells the demo year up to `now`; the same `now` day gives the same data."""

    def __init__(self, now):
        self.now = now
        self.random = Random(SEED)  # noqa: S311 (a demo, not a secret)
        self.firms = Firms(self.random)
        self.calendar = Calendar.load()
        self.people = {p.username: p for p in User.objects.select_related("unit")}
        self.words = {
            model: {w.code: w for w in model.objects.all()} for model in (Channel, FusionSector, FutureTrack)
        }
        self.officers = [p for p in self.people.values() if p.role == "officer"]
        self.accepted = []
        self.met = self.hurried = self.lost = 0

    def tell(self):
        """Everything, in order of time within each lead."""
        for city, station, days_ago, length, met in TRIPS:
            self._trip(city, self.people_of(station), days_ago, length, met)
        for _ in range(OTHER_LEADS):
            self._other_lead()
        for number, (project, place) in enumerate(zip(self.accepted, self._places(), strict=False)):
            self._carry_on(project, place, in_a_hurry=number % HURRY == HURRY // 2)
        Deals(self.now, self.people.values()).tell(self.accepted)
        Promises(self.now, self.people.values()).tell(self.accepted)
        Pauses(self.now, self.people["manager"]).tell(self.accepted)
        Dealings(self.now, self.people.values(), self.firms).tell()
        Neighbours(self.now).tell()

    def people_of(self, unit):
        return next(p for p in self.people.values() if p.unit and p.unit.code == unit)

    def _trip(self, city, station, days_ago, length, met):
        starts = self._workday(days_ago)
        place = City.objects.get(pk=city)
        team = [station, *self.random.sample(self.officers, 3)]
        area = "江苏" if city == "320500" else place.name
        trip = Roadshow.objects.create(
            title=f"{starts.year}年{starts.month}月{area}敲门招商",
            city=place,
            starts_on=starts.date(),
            ends_on=starts.date() + timedelta(days=length - 1),
            unit=station.unit,
            leader=station,
            purpose="人工智能、低空经济、合成生物",
            budget_wan=8,
            created_by=station,
            created_at=starts - timedelta(days=20),
            updated_at=starts,
        )
        trip.members.set(team)
        for n in range(met):
            lead_city = self.random.choice(["320500", "320100", "320200"]) if city == "320500" else city
            at = starts + timedelta(
                days=n % length, hours=self.random.randrange(7), minutes=self.random.randrange(60)
            )
            lead = self._lead(lead_city, team[n % len(team)], at, trip)
            if n < 24:
                RoadshowTarget.objects.create(
                    roadshow=trip, company_name=lead.title, state="visited", lead=lead
                )
        for n in range(4):
            state, note = (("not_visited", "负责人出差，改约线上"), ("planned", ""))[days_ago < 30 and n > 1]
            name = self.firms.next(city)["name"]
            RoadshowTarget.objects.create(roadshow=trip, company_name=name, state=state, note=note)

    def _other_lead(self):
        channel = self.random.choice(
            ["enterprise", "fund", "contest", "chamber", "walk_in", "scenario", "government"]
        )
        city = self.random.choice(list(CITIES))
        self._lead(
            city,
            self.random.choice(self.officers),
            self._workday(self.random.randrange(2, 350)),
            None,
            channel,
        )

    def _lead(self, city, by, at, trip, channel="knock"):
        firm = self.firms.next(city)
        field, brand = firm.pop("field"), firm.pop("brand")
        lead = capture(
            Capture(
                **firm,
                city=City.objects.get(pk=city),
                roadshow=trip,
                channel=self.words[Channel][channel],
                met_at=at,
                channel_detail=trip.title if trip else "",
                content=self.random.choice(TALKS),
                next_step=self.random.choice(STEPS),
                next_contact_on=shanghai_day(at) + timedelta(days=7),
                note=field[4],
            ),
            by=by,
            at=at,
        )
        self._name(lead, city, brand)
        self._judge(lead, field, by, at)
        return lead

    def _name(self, lead, city, brand):
        """The other words by which the firm is known, and found."""
        self.met += 1
        company = lead.company
        company.brand = known_as(brand, self.met)
        company.former_names = former_names(city, brand, self.met)
        if company.brand or company.former_names:
            company.save()

    def _judge(self, lead, field, by, at):
        fate = self.random.choices([f for f, _ in FATE], [w for _, w in FATE])[0]
        at = self._later(at, 1, 3)
        if fate in ("lead", "screening") and (self.now - at).days > OLD_DAYS:
            fate = self.random.choice(["dropped", "reserve", "accepted"])
        if fate == "lead":
            return self._contact_lately(lead, lead, by)
        lead.move_to("screening", by=by, at=at)
        self._opinion(lead, field, fate, by, at)
        if fate == "screening":
            return self._contact_lately(lead, lead, by)
        at = self._later(at, 1, 6)
        if fate == "accepted" and len(self.accepted) < PROJECTS:
            self.accepted.append(accept(lead, by=by, at=at))
            return None
        if fate == "accepted":
            return self._contact_lately(lead, lead, by)
        reason = "载体条件未到位，列入储备" if fate == "reserve" else ""
        loss = Loss(LossReason.objects.get(code="no_interest"), "企业暂无外扩计划")
        step(lead, fate, loss=loss, reason=reason, by=by, at=at)
        return None

    def _opinion(self, lead, field, fate, by, at):
        word, sector, chain, tracks, _ = field
        name = self.words[FusionSector][sector].name if sector else "基础层"
        verdict = fate if fate != "screening" else self.random.choice(["", "accepted"])
        aspects = {key: self.random.choice(lines).format(sector=name) for key, lines in OPINIONS.items()}
        if not verdict:
            aspects["energy"] = ""
        write_opinion(
            lead,
            {**aspects, "verdict": verdict},
            by=by,
            at=at,
            classification={
                "sector_kind": "fusion" if sector else "foundation",
                "sector": self.words[FusionSector].get(sector),
                "chain_position": chain,
                "tracks": [self.words[FutureTrack][t] for t in tracks],
            },
        )

    def _contact_lately(self, lead, target, by):
        """Some were called last week, some should have been, some have no next step."""
        when = self.now - timedelta(days=self.random.randrange(1, 25), hours=self.random.randrange(6))
        if when <= target.entered_at or self.random.random() < 0.15:
            return
        next_on = shanghai_day(when) + timedelta(days=self.random.choice([7, 10, 14, 21]))
        follow_up = FollowUp("call", self.random.choice(TALKS), self.random.choice(STEPS), next_on, when)
        log_visit(lead, follow_up, by=by, at=when, target=target)

    def _places(self):
        places = [stage for stage, count in PROJECT_FATE.items() for _ in range(count)]
        self.random.shuffle(places)
        return places

    def _carry_on(self, project, place, in_a_hurry):
        by, at = project.owner, project.entered_at
        self._know(project, by, at)
        line = stages.LINE[: stages.LINE.index(place) + 1] if place != "lost" else stages.LINE[:2]
        for stage in line[1:]:
            at = self._later(at, 6, 26)
            if at > self.now - timedelta(days=2):
                break
            self._step(project, stage, by, at, in_a_hurry)
        if place == "lost":
            self._lose(project, by, self._later(at, 5, 20))
        else:
            self._contact_lately(project.lead, project, by)

    def _step(self, project, stage, by, at, in_a_hurry):
        """To the next stage with its papers; in a hurry past 评审决策, ahead of the papers of 签约."""
        if in_a_hurry and stage == "review":
            return
        if in_a_hurry and stage == "signed":
            reason = HURRIES[self.hurried % len(HURRIES)]
            self.hurried += 1
            project.move_to(stage, by=self._head_of(project.unit), at=at, reason=reason, forced=True)
            return
        self._prove(project, stage, by, at)
        project.move_to(stage, by=by, at=at)

    def _head_of(self, unit):
        """Who may force for a unit: its head, the bureau where there is none."""
        heads = [p for p in self.people.values() if p.role == "head" and p.unit_id == unit.pk]
        return heads[0] if heads else self.people["manager"]

    def _know(self, project, by, at):
        """What the officer found out at the first meetings: decision maker, demands, facts for the funds."""
        codes = ["banshan", "wanggu", "beiruan", "wealth"]
        project.carrier = Carrier.objects.get(
            code=project.unit.code if project.unit.code in codes else "wulin"
        )
        project.landing_mode = self.random.choice(["lease", "lease", "lease", "purchase", "research"])
        project.category = self.random.choice(["policy", "policy", "investment", "other"])
        if project.category == "investment":
            project.public_equity_wan = self.random.choice([1000, 3000, 8000])
        project.fixed_wan = project.amount_wan and project.amount_wan * 6 / 10
        project.save()
        Contact.objects.filter(pk=project.lead.contact_id).update(has_decision_right=True)
        company = project.company
        company.established_on = shanghai_day(at) - timedelta(days=self.random.randrange(300, 3600))
        company.save()
        known = findings(self.random)
        sources = {key: source_of(key, self.random) for key in known}
        for key, value in {**known, **for_policies(known)}.items():
            Fact.objects.create(
                company=company,
                key=key,
                value=value,
                source=sources.get(key, "document"),
                as_of=shanghai_day(at),
                recorded_by=by,
                created_at=at,
            )

    def _prove(self, project, stage, by, at):
        kinds = EVIDENCE_FOR.get(stage, ())
        if stage == "registered" and not project.evidence.filter(kind="agreement").exists():
            kinds = ("agreement", *kinds)  # signed in a hurry, the paper came afterwards
        for kind in kinds:
            Evidence.objects.create(
                project=project,
                kind=kind,
                event_on=shanghai_day(at),
                counted_on=shanghai_day(at),
                by=by,
                created_at=at,
                number=f"{project.code}-{kind[:3].upper()}",
            )
        if stage == "signed":
            self._pass_meetings(project, by, at)
        if stage == "registered":
            party = Party(project.company.name, project.company.uscc or self.firms.fresh_code("330105"), True)
            link_registered(project, party, by=by, at=at)
        if stage == "review" and project.amount_wan is None:
            project.amount_wan = Decimal(3000)
            project.save()

    def _pass_meetings(self, project, by, at, most=9):
        """The meetings of the project's route, one day after the other, up to the day before `at`."""
        stops = course_of(project, shanghai_day(at)).stops
        for n, stop in enumerate(stops[:most]):
            held = at - timedelta(days=len(stops) - n)
            minutes = f"{stop.node.name}〔{held.year}〕{self.random.randrange(1, 40)}号"
            passing = Passing(stop.node.code, max(held, project.entered_at).date(), minutes)
            record_pass(project, passing, by=by, at=at)

    def _lose(self, project, by, at):
        reason, city, text = LOSSES[self.lost % len(LOSSES)]
        self.lost += 1
        again_on = None if city else shanghai_day(self.now) + timedelta(days=20 * self.lost)
        loss = Loss(LossReason.objects.get(code=reason), text, city, again_on)
        lose(project, loss, by=by, at=min(at, self.now))

    def _workday(self, days_ago):
        day = shanghai_day(self.now) - timedelta(days=days_ago)
        while not self.calendar.is_workday(day):
            day -= timedelta(days=1)
        return datetime(day.year, day.month, day.day, 9, 30, tzinfo=SHANGHAI)

    def _later(self, at, least, most):
        at += timedelta(days=self.random.randrange(least, most + 1), hours=self.random.randrange(-1, 3))
        return min(at, self.now)
