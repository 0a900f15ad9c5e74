"""Many leads with projects and histories, by COPY: for measuring, not for looking at."""

import json
from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from random import Random

from django.db import transaction

from crm.models import (
    Carrier,
    Channel,
    Company,
    Contact,
    Fact,
    FusionSector,
    FutureTrack,
    LossReason,
    Unit,
    User,
)
from crm.workdays import shanghai_day
from leads.claims import claim_key
from leads.models import Claim, Lead, LeadStageChange, Roadshow, Visit
from projects.demo.copying import Copier, set_aside
from projects.demo.crowd import firms
from projects.demo.findings import findings
from projects.demo.firms import AMOUNTS, CITIES, GIVEN, SURNAMES
from projects.models import Project, ProjectStageChange
from projects.stages import LINE

SEED = 7
DAYS = 365
PORTION = 5000  # leads copied at a time
PROJECT_SHARE = 5  # one project for every five leads
TRIP_SHARE = 0.6  # of the leads from a station's city were met on a trip
LEADS_PER_TRIP = 150
FACTS = 8  # known of every project's company
LEAD_STAGES = ["lead"] * 20 + ["screening"] * 20 + ["reserve"] * 15 + ["dropped"] * 25
PROJECT_LIMITS = {"negotiating": 42, "review": 28, "signed": 28}  # days
PROJECT_STAGES = [*LINE, "negotiating", "negotiating", "review", "lost"]
ENDED = {"operating": "settled", "aftercare": "settled", "lost": "lost"}  # claims, by project stage
TRACKS = Lead.tracks.through
MODELS = (Company, Contact, Fact, Lead, TRACKS, Claim, LeadStageChange, Visit, Project, ProjectStageChange)


@transaction.atomic
def make_leads(count, *, now):
    """Write `count` leads, count/5 projects and their histories; returns the number of rows per table.

    The tables are locked for everybody else until it is done.
    """
    writer = _Writer(count, now)
    with set_aside(MODELS):
        for number in range(count):
            writer.lead(number)
            if number % PORTION == PORTION - 1:
                writer.rows.flush()
        return writer.rows.finish()


class _Writer:
    """Invents one lead after the other, with everything that hangs on it."""

    def __init__(self, count, now):
        self.rows = Copier(MODELS)
        self.now, self.today = now, shanghai_day(now)
        first = self.rows.first[Company]
        self.random = Random(f"{SEED} {first}")  # noqa: S311 (measuring data)
        taken = set(Company.objects.values_list("name_key", flat=True))
        self.firms = firms(count, first=first, taken=taken)
        units = Unit.objects.filter(kind="platform").order_by("pk")
        self.owners = {unit.pk: list(_officers(unit)) for unit in units}
        self.units = list(self.owners)
        self.knock = Channel.objects.get(code="knock").pk
        self.channels = list(Channel.objects.exclude(code="knock").values_list("pk", flat=True))
        self.sectors = dict(FusionSector.objects.values_list("code", "pk"))
        self.tracks = dict(FutureTrack.objects.values_list("code", "pk"))
        self.reasons = list(LossReason.objects.values_list("pk", flat=True))
        self.carriers = list(Carrier.objects.values_list("pk", flat=True))
        self.first_code = Project.objects.count()
        self.trips = _trips(max(3, count // LEADS_PER_TRIP), now)

    def lead(self, number):
        """One lead, and every fifth time the project it became."""
        row = self._facts(next(self.firms), number)
        is_project = number % PROJECT_SHARE == 0
        row["stage"] = "accepted" if is_project else self._pick(LEAD_STAGES)
        row["project_stage"] = self._pick(PROJECT_STAGES) if is_project else ""
        company, contact = self._company(row), self._contact(row)
        lead = self._lead(row, company, contact)
        self._history(row, lead)
        self._visit(row, lead)
        self.rows.add(TRACKS, lead=lead, futuretrack=self.tracks[row["field"][3][0]])
        if row["stage"] != "dropped":
            self._claim(row, lead, company)
        if is_project:
            self._project(row, lead, company)

    def _pick(self, words):
        """As random.choice, three times as fast."""
        return words[int(self.random.random() * len(words))]

    def _facts(self, firm, number):
        pick = self._pick
        trips = self.trips.get(firm.city)
        trip = pick(trips) if trips and self.random.random() < TRIP_SHARE else None
        unit, at = pick(self.units), self._met(trip)
        return {
            "name": firm.name, "key": firm.key, "grams": firm.grams, "city": firm.city,
            "field": firm.field, "uscc": firm.uscc, "trip": trip and trip.pk, "at": at,
            "day": shanghai_day(at), "unit": unit, "owner": pick(self.owners[unit] or [None]),
            "station": trip and trip.unit_id, "channel": self.knock if trip else pick(self.channels),
            "amount": pick(AMOUNTS) if number % 10 else None, "area": pick([200, 500, 1200, None]),
            "likeness": firm.likeness,
        }  # fmt: skip

    def _met(self, trip):
        """When the company was met: on a day of the trip, or some time in the year."""
        if trip is None:
            return self.now - timedelta(seconds=3600 + int(self.random.random() * DAYS * 86400))
        since = (self.today - trip.starts_on).days * 86400
        return self.now - timedelta(seconds=max(60, since - int(self.random.random() * 3 * 86400)))

    def _company(self, row):
        return self.rows.add(
            Company, name=row["name"], name_key=row["key"], former_names="{}", brand="",
            uscc=row["uscc"], city=row["city"], description="", grams=row["grams"],
            established_on=row["day"] - timedelta(days=200 + int(self.random.random() * 3800)),
            created_at=row["at"], updated_at=row["at"], version=1,
        )  # fmt: skip

    def _contact(self, row):
        return self.rows.add(
            Contact, company=self.rows.top[Company], unit=row["unit"], title="总经理", email="",
            name=self._pick(SURNAMES) + self._pick(GIVEN), has_decision_right=True,
            phone=f"154{int(self.random.random() * 10**8):08d}", created_at=row["at"],
        )  # fmt: skip

    def _prospect(self, row, entered_at, limit_days):
        sector = self.sectors.get(row["field"][1])
        limit_on = shanghai_day(entered_at) + timedelta(days=limit_days) if limit_days else None
        is_long = bool(limit_days) and limit_days > 7
        return {
            "unit": row["unit"], "station": row["station"], "owner": row["owner"],
            "channel": row["channel"], "city": row["city"], "roadshow": row["trip"],
            "sector_kind": "fusion" if sector else "foundation", "sector": sector,
            "chain_position": row["field"][2], "amount_wan": row["amount"], "area_sqm": row["area"],
            "next_step": "约企业来杭考察", "last_contact_at": row["at"], "grams": row["grams"],
            "next_contact_on": self.today + timedelta(days=int(self.random.random() * 50) - 20),
            "created_at": row["at"], "updated_at": entered_at, "entered_at": entered_at,
            "blue_on": limit_on - timedelta(days=7) if is_long else None,
            "limit_on": limit_on, "red_on": limit_on and limit_on + timedelta(days=9), "version": 1,
        }  # fmt: skip

    def _lead(self, row, company, contact):
        stage = row["stage"]
        row["entered_at"] = row["at"] if stage == "lead" else self._after(row["at"], 9)
        limit = {"lead": 63, "screening": 5}.get(stage)
        return self.rows.add(
            Lead, **self._prospect(row, row["entered_at"], limit), stage=stage, company=company,
            furthest={"accepted": "accepted", "lead": "lead"}.get(stage, "screening"),
            title=row["name"], contact=contact, reporter=row["owner"], channel_detail="",
            note=row["field"][4], first_response_at=row["at"], is_pending=False, partner=None,
            external_id="", loss_reason=self._pick(self.reasons) if stage == "dropped" else None,
            is_unchecked=False, likeness=row["likeness"],
        )  # fmt: skip

    def _history(self, row, lead):
        steps = ["lead"] if row["stage"] == "lead" else ["lead", "screening"]
        steps += [row["stage"]] if row["stage"] not in steps else []
        self._stays(LeadStageChange, "lead", lead, steps, row["at"], row["entered_at"], row["owner"])

    def _stays(self, model, owner_name, record, steps, begins, enters_last, by):
        stay = (enters_last - begins) / max(len(steps) - 1, 1)
        days = stay.total_seconds() / 86400
        for n, stage in enumerate(steps):
            is_last = n == len(steps) - 1
            self.rows.add(
                model, **{owner_name: record}, stage=stage, previous=steps[n - 1] if n else "",
                entered_at=begins + stay * n, left_at=None if is_last else begins + stay * (n + 1),
                days=None if is_last else days, by=by, reason="", is_forced=False, missing="[]",
                seq=n + 1,
            )  # fmt: skip

    def _visit(self, row, lead):
        self.rows.add(
            Visit, lead=lead, roadshow=row["trip"], unit=row["unit"], by=row["owner"], kind="out",
            at=row["at"], place="", content="介绍载体与政策，企业有意来杭考察",
            next_step="约企业来杭考察", next_on=None, created_at=row["at"],
        )  # fmt: skip

    def _claim(self, row, lead, company):
        ended = ENDED.get(row["project_stage"], "")
        self.rows.add(
            Claim, lead=lead, company=company, key=claim_key(row["name"], row["uscc"]),
            unit=row["unit"], person=row["owner"], claimed_at=row["at"],
            protected_until=row["day"] + timedelta(days=90), extra_days=0,
            ended=ended, released_at=row["entered_at"] if ended else None,
            extended_at=None, last_effective_at=row["at"], is_contested=False,
            clock="none" if row["stage"] == "accepted" else "both",
        )  # fmt: skip

    def _project(self, row, lead, company):
        stage = row["project_stage"]
        is_lost = stage == "lost"
        steps = ["negotiating", "review", "lost"] if is_lost else LINE[: LINE.index(stage) + 1]
        enters = row["entered_at"] if len(steps) == 1 else self._after(row["entered_at"], 40 * len(steps))
        number = self.first_code + self.rows.top[Project] - self.rows.first[Project] + 1
        project = self.rows.add(
            Project, **self._prospect(row, enters, PROJECT_LIMITS.get(stage)), stage=stage,
            furthest="review" if is_lost else stage, left_from="review" if is_lost else "",
            code=f"GS{row['at'].year}-{number:06d}", name=row["name"], lead=lead, company=company,
            landing_mode="lease", fixed_wan=None, land_mu=None, carrier=self._pick(self.carriers),
            demands=row["field"][4], problems="", for_leader="", winning_city="",
            loss_reason=self._pick(self.reasons) if is_lost else None,
        )  # fmt: skip
        self._stays(ProjectStageChange, "project", project, steps, row["entered_at"], enters, row["owner"])
        self._known(row, company)

    def _known(self, row, company):
        """What the officer found out about the firm, for the funds."""
        for key, value in self._pick(_findings()):
            self.rows.add(
                Fact, company=company, key=key, value=value, source="officer", as_of=row["day"], note="",
                recorded_by=row["owner"], created_at=row["at"], is_in_use=True,
            )  # fmt: skip

    def _after(self, at, days):
        return min(at + timedelta(seconds=3600 + int(self.random.random() * days * 86400)), self.now)


def _trips(count, now):
    """Trips of the stations over the year, the last ones of these days: city → trips."""
    leaders = list(User.objects.filter(role="station", unit__city__isnull=False).select_related("unit"))
    found, today = defaultdict(list), shanghai_day(now)
    for number in range(count if leaders else 0):
        starts = today - timedelta(days=3 + (count - number - 1) * (DAYS - 10) // count)
        leader = leaders[number % len(leaders)]
        found[leader.unit.city_id].append(_trip(leader, starts, now))
    Roadshow.objects.bulk_create([trip for trips in found.values() for trip in trips])
    return found


def _trip(leader, starts, now):
    city = leader.unit.city_id
    return Roadshow(
        title=f"{starts.year}年{starts.month}月{starts.day}日{CITIES[city][0]}敲门招商", city_id=city,
        starts_on=starts, ends_on=starts + timedelta(days=3), unit=leader.unit, leader=leader,
        created_by=leader, created_at=now - timedelta(days=DAYS), updated_at=now - timedelta(days=DAYS),
    )  # fmt: skip


def _officers(unit):
    return User.objects.filter(unit=unit, role="officer").order_by("pk").values_list("pk", flat=True)


@lru_cache(maxsize=1)
def _findings():
    """A hundred sets of facts as (key, JSON text) pairs."""
    random = Random(SEED)  # noqa: S311 (measuring data)
    return [_some(findings(random), random) for _ in range(100)]


def _some(known, random):
    keys = sorted(random.sample(sorted(known), FACTS))
    return [(key, json.dumps(known[key], ensure_ascii=False)) for key in keys]
