"""The demo's buildings, spaces and compute, and what twenty projects need of them; figures are invented."""

from datetime import timedelta
from decimal import Decimal

from crm import roles
from crm.models import Carrier, FutureTrack, Unit
from crm.workdays import shanghai_day
from projects import candidates, compute
from projects.compute_fit import offers_for
from projects.models import Building, ComputeOffer, Project, Space
from projects.space_fit import spaces_for
from projects.space_needs import Need, state_need
from projects.stages import SIGNED_ON, ProjectStage

DAY = timedelta(days=1)
# carrier, building, floors, ㎡ of a floor, parts of a floor, 元/㎡/天, height, load, track
HOUSES = [
    ("canal", "运河数创中心", 6, 1600, 2, "2.6", "4.2", 350, "ai"),
    ("wanggu", "智慧网谷 1 号楼", 8, 1800, 2, "2.2", "4.5", 500, "ai"),
    ("wanggu", "智慧网谷数据楼", 3, 1500, 1, "1.9", "5.4", 1200, "ai"),
    ("banshan", "半山智造园 A 栋", 5, 2400, 2, "1.4", "6", 1000, "low_altitude"),
    ("banshan", "半山智造园 B 栋", 4, 2400, 1, "1.3", "7.2", 1500, "low_altitude"),
    ("beiruan", "北软研发楼", 9, 1200, 3, "1.8", "4", 400, "advanced_software"),
    ("beiruan", "北软生命科学楼", 4, 1400, 2, "2.1", "4.8", 600, "synthetic_biology"),
    ("wealth", "财富小镇 5 号楼", 6, 1100, 2, "2.9", "3.9", 350, "other"),
    ("auto_web", "汽车互联网产业楼", 4, 2000, 2, "1.6", "5", 800, "low_altitude"),
    ("wulin", "武林环球中心", 7, 1300, 2, "3.6", "3.8", 300, "other"),
    ("street", "拱宸桥楼宇园", 5, 900, 3, "1.9", "3.6", 300, "advanced_software"),
]
STATES = ["free", "free", "leased", "free", "free", "leased", "free", "reserved", "free", "free", "retired"]
KEEPERS = ("wanggu", "banshan", "beiruan", "wealth")  # carriers whose managing unit has the same code
# base, operator, site, unit, what for, capacity, free, 元 per unit and month, 国产, days since the figures
BASES = [
    ("杭钢云", "杭钢云运营单位", "半山", "rack", "both", 3200, 460, 4200, None, 40),
    ("杭钢云", "杭钢云运营单位", "半山", "card", "training", 2048, 192, 7800, True, 40),
    ("杭钢云", "杭钢云运营单位", "半山", "pflops", "both", 600, 55, 52000, True, 40),
    ("浙江云", "浙江云运营单位", "北部软件园", "card", "inference", 1024, 48, 8600, False, 75),
    ("浙江云", "浙江云运营单位", "北部软件园", "pflops", "", 320, 24, 49000, True, 430),
]
NEEDS = [  # ㎡ from, to, use, kVA, m, kg/㎡, 环评, 元/㎡/天
    (600, 1200, "research", 200, "4", 300, False, "2.5"),
    (300, 800, "office", 0, "0", 0, False, "3"),
    (1000, 2600, "production", 600, "6", 1000, True, "1.8"),
    (500, 900, "lab", 300, "4.5", 500, True, "2.4"),
    (800, 1600, "research", None, "4.5", None, False, "2.2"),
]
# kind, unit, amount, months, 国产, 万元
DEMANDS = [
    ("training", "card", 64, 12, "prefer", 650),
    ("inference", "card", 24, 12, "any", 260),
    ("training", "pflops", 60, 6, "must", 2000),
    ("both", "card", 128, 6, "must", 640),
    ("inference", "rack", 12, 24, "any", 140),
]
NOTES = ["企业看中采光，嫌停车位少", "层高合适，等待报价", "离地铁近，创始人满意"]
ASKING, SHOWN, COMPUTING = 20, 3, 10


class Premises:
    """Told up to `now`, without chance: the registers as rows, what projects do with them by the verbs."""

    def __init__(self, now, people):
        self.now, self.today = now, shanghai_day(now)
        self.manager = next(one for one in people if one.role == roles.MANAGER)

    def tell(self):
        """The registers, and then the needs of the oldest projects under way."""
        self._keep()
        self._build()
        self._supply()
        rows = Project.objects.exclude(stage=ProjectStage.LOST).select_related("owner", "unit", "carrier")
        projects = list(rows.order_by("created_at", "pk")[:ASKING])
        for number, project in enumerate(projects):
            self._ask(project, number)
        for number, project in enumerate(projects[:COMPUTING]):
            self._compute(project, number)

    def _keep(self):
        for unit in Unit.objects.filter(code__in=KEEPERS):
            Carrier.objects.filter(code=unit.code, unit=None).update(unit=unit)

    def _build(self):
        carriers = {one.code: one for one in Carrier.objects.all()}
        tracks = {one.code: one for one in FutureTrack.objects.all()}
        stamps = {"created_at": self.now - 200 * DAY, "updated_at": self.now - 20 * DAY}
        for number, (carrier, name, *figures, track) in enumerate(HOUSES):
            house = Building.objects.create(carrier=carriers[carrier], name=name, **stamps)
            made = Space.objects.bulk_create(self._floors(house, number, *figures))
            through = Space.tracks.through
            links = [through(space=one, futuretrack=tracks[track]) for one in made if one.floor > 1]
            through.objects.bulk_create(links)

    def _floors(self, house, place, floors, area, parts, rent, height, load):
        """The spaces of one building: shops below, then floors of one or more parts."""
        for floor in range(1, floors + 1):
            for part in range(1, parts + 1):
                number = place + floor * parts + part
                yield Space(
                    building=house,
                    label=f"{floor} 层" if parts == 1 else f"{floor} 层 {floor}0{part}",
                    floor=floor,
                    area_sqm=Decimal(area) / parts - 40 * (part - 1),
                    available_from=self.today + (number % 4 - 2) * 30 * DAY,
                    rent_daily=None if number % 13 == 0 else Decimal(rent),
                    power_kva=None if number % 9 == 0 else load // 2 + 100,
                    racks=load // 10 if "数据" in house.name else 0,
                    height_m=Decimal(height),
                    load_kg=load,
                    uses=_uses(house.name, floor),
                    allows_eia=load >= 600,
                    limits="" if load < 600 else "不得有电镀、喷漆工序",
                    state=STATES[number % len(STATES)],
                    created_at=self.now - (200 - number) * DAY,
                    updated_at=self.now - 20 * DAY,
                )

    def _supply(self):
        for base, operator, site, unit, serves, capacity, free, price, is_domestic, days in BASES:
            ComputeOffer.objects.create(
                base=base, operator=operator, site=site, unit=unit, serves=serves, capacity=capacity,
                free=free, price_monthly=price, is_domestic=is_domestic, as_of=self.today - days * DAY,
                source="运营单位月报（演示数据）",
            )  # fmt: skip

    def _ask(self, project, number):
        """Its need; most look at a few spaces, and who has signed has settled on one."""
        least, most, use, power, height, load, needs_eia, rent = NEEDS[number % len(NEEDS)]
        by = self._who(project)
        need = Need(
            area_sqm=project.area_sqm or Decimal(least),
            carriers=frozenset(project.carriers.all()),
            area_most_sqm=max(Decimal(most), project.area_sqm or 0),
            use=use,
            needed_by=self.today + (30 + 15 * (number % 5)) * DAY,
            power_kva=power,
            racks=0,
            height_m=Decimal(height),
            load_kg=load,
            needs_eia=needs_eia,
            rent_most=Decimal(rent),
        )
        state_need(project, need, by=by, at=self.now, version=project.version)
        project.refresh_from_db()
        if number % 5 != 4:
            self._look(project, number, by)

    def _look(self, project, number, by):
        free = Space.objects.on_offer(self.today)
        if project.stage in SIGNED_ON and project.carrier_id:
            free = free.filter(building__carrier=project.carrier_id)
        fits = spaces_for(project, free, self.now, most=SHOWN).rows
        at = max(self.now - (9 + number) * DAY, project.created_at)
        rows = [candidates.propose(project, fit.subject, by=by, at=at) for fit in fits]
        for place, one in enumerate(rows[:-1]):
            shown = min(shanghai_day(at) + place * DAY, self.today)
            note = NOTES[(number + place) % len(NOTES)]
            candidates.describe(one, shown_on=shown, note=note, by=by, at=self.now)
        if rows and project.stage in SIGNED_ON:
            candidates.settle(rows[0], by=by, at=self.now)

    def _compute(self, project, number):
        kind, unit, amount, months, domestic, budget = DEMANDS[number % len(DEMANDS)]
        by = self._who(project)
        project.refresh_from_db(fields=["version"])  # settling on a space wrote the project
        asked = compute.Demand(
            kind=kind, unit=unit, amount=Decimal(amount), months=months,
            starts_on=self.today + 30 * DAY, domestic=domestic, budget_wan=Decimal(budget),
        )  # fmt: skip
        row = compute.demand(project, asked, by=by, at=self.now, version=project.version)
        fits = offers_for(row, ComputeOffer.objects.on_offer(self.today), self.now).rows
        if number % 2 == 0 and fits[0].code != "unfit":
            compute.choose(project, fits[0].subject, by=by, at=self.now)

    def _who(self, project):
        owner = project.owner
        return owner if owner and owner.unit_id == project.unit_id else self.manager


def _uses(name, floor):
    if floor == 1:
        return ["retail", "office"]
    if "数据" in name:
        return ["data_room", "research"]
    if "智造" in name or "汽车" in name:
        return ["production", "research", "storage"]
    return ["lab", "research", "office"] if "生命" in name else ["office", "research"]
