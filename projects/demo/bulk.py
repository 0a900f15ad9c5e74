"""Many leads with projects and histories, by COPY: for measuring, not for looking at."""

from datetime import timedelta
from random import Random

from django.db import connection, transaction

from crm.models import Carrier, Channel, City, Company, Contact, FusionSector, FutureTrack, Unit, User
from crm.values import company_key, grams
from leads.models import Claim, Lead, LeadStageChange, Visit
from projects.demo.firms import AMOUNTS, BRANDS, CITIES, ENDINGS, FIELDS, GIVEN, SURNAMES, demo_code
from projects.models import Project, ProjectStageChange
from projects.stages import LINE

SEED = 7
DAYS = 365
PROJECT_SHARE = 5  # one project for every five leads
LEAD_STAGES = ["lead"] * 20 + ["screening"] * 20 + ["reserve"] * 15 + ["dropped"] * 25
PROJECT_STAGES = [*LINE, "negotiating", "negotiating", "review", "lost"]
LETTERS = [chr(c) for c in range(0x4E00, 0x4E00 + 2400, 3)]


@transaction.atomic
def make_leads(count, *, now):
    """Write `count` leads, count/5 projects and their histories; returns the number of rows per table."""
    writer = _Writer(count, now)
    for number in range(count):
        writer.lead(number)
    return writer.finish()


class _Writer:
    """Collects rows per table and copies them in one stream each."""

    def __init__(self, count, now):
        self.now, self.random = now, Random(SEED)  # noqa: S311 (measuring data)
        self.tables = {}
        models = (Company, Contact, Lead, Claim, LeadStageChange, Visit, Project, ProjectStageChange)
        self.base = {model: _top(model) for model in (*models, Lead.tracks.through)}
        self.units = list(Unit.objects.filter(kind="platform").order_by("pk"))
        self.stations = {u.city_id: u.pk for u in Unit.objects.filter(kind="station", city__isnull=False)}
        self.owners = {u.pk: list(User.objects.filter(unit=u, role="officer").values_list("pk", flat=True)) for u in self.units}
        self.channels = list(Channel.objects.values_list("pk", flat=True))
        self.sectors = dict(FusionSector.objects.values_list("code", "pk"))
        self.tracks = dict(FutureTrack.objects.values_list("code", "pk"))
        self.cities = [c for c in CITIES if City.objects.filter(pk=c).exists()]
        self.carrier = Carrier.objects.values_list("pk", flat=True).first()
        self.first_company = self.base[Company]
        self.first_code = Project.objects.count()

    def lead(self, number):
        row = self._facts(number)
        is_project = number % PROJECT_SHARE == 0
        row["stage"] = "accepted" if is_project else self.random.choice(LEAD_STAGES)
        company, contact = self._company(row, number), self._contact(row)
        lead = self._lead(row, company, contact)
        self._history(row, lead)
        self._visit(row, lead)
        self._add(Lead.tracks.through, lead=lead, futuretrack=self.tracks[row["field"][3][0]])
        if row["stage"] != "dropped":
            key = f"name:{row['key']}"
            self._add(Claim, lead=lead, company=company, key=key, unit=row["unit"], person=row["owner"],
                      claimed_at=row["at"], protected_until=row["at"].date() + timedelta(days=90), released_at=None)  # fmt: skip
        if is_project:
            self._project(row, lead, company)

    def finish(self):
        for model, rows in self.tables.items():
            _copy(model, rows)
        return {model._meta.db_table: len(rows) for model, rows in self.tables.items()}

    def _facts(self, number):
        pick = self.random.choice
        city, field, unit = pick(self.cities), pick(FIELDS), pick(self.units)
        brand = pick(BRANDS) + pick(LETTERS) + (pick(LETTERS) if number % 3 else "")
        name = f"{CITIES[city][0]}{brand}{field[0]}{pick(ENDINGS)}"
        at = self.now - timedelta(seconds=self.random.randrange(3600, DAYS * 86400))
        return {
            "name": name, "key": f"{company_key(name)}#{number + self.base[Lead]}", "city": city, "field": field,
            "unit": unit.pk, "owner": pick(self.owners[unit.pk] or [None]), "station": self.stations.get(city),
            "channel": pick(self.channels), "at": at, "amount": pick(AMOUNTS) if number % 10 else None,
            "area": pick([200, 500, 1200, None]),
        }  # fmt: skip

    def _company(self, row, number):
        code = demo_code(row["city"], self.first_company + number) if number % 3 else None
        return self._add(
            Company, name=row["name"], name_key=row["key"][:120], former_names="{}", brand="", uscc=code, city=row["city"],
            established_on=None, description="", grams=_array(grams(row["name"])), created_at=row["at"], updated_at=row["at"],
            version=1,
        )  # fmt: skip

    def _contact(self, row):
        name = self.random.choice(SURNAMES) + self.random.choice(GIVEN)
        phone = f"154{self.random.randrange(10**8):08d}"
        return self._add(
            Contact, company=self.base[Company], unit=row["unit"], name=name, title="总经理", phone=phone, email="",
            has_decision_right=True, created_at=row["at"],
        )  # fmt: skip

    def _prospect(self, row, entered_at, limit_days):
        sector = self.sectors.get(row["field"][1])
        limit_on = entered_at.date() + timedelta(days=limit_days) if limit_days else None
        return dict(
            unit=row["unit"], station=row["station"], owner=row["owner"], channel=row["channel"], city=row["city"],
            sector_kind="fusion" if sector else "foundation", sector=sector, chain_position=row["field"][2],
            amount_wan=row["amount"], area_sqm=row["area"], next_step="约企业来杭考察",
            next_contact_on=self.now.date() + timedelta(days=self.random.randrange(-20, 30)),
            last_contact_at=row["at"], grams=self.tables[Company][-1]["grams"], created_at=row["at"], updated_at=entered_at,
            entered_at=entered_at, limit_on=limit_on, red_on=limit_on and limit_on + timedelta(days=9), version=1,
        )  # fmt: skip

    def _lead(self, row, company, contact):
        row["entered_at"] = row["at"] if row["stage"] == "lead" else self._after(row["at"], 9)
        limit = {"lead": 1, "screening": 5}.get(row["stage"])
        furthest = {"accepted": "accepted", "lead": "lead"}.get(row["stage"], "screening")
        return self._add(
            Lead, **self._prospect(row, row["entered_at"], limit), stage=row["stage"], furthest=furthest, company=company,
            title=row["name"], contact=contact, reporter=row["owner"], roadshow=None, channel_detail="", note=row["field"][4],
            first_response_at=row["at"], is_pending=False, partner=None, external_id="", loss_reason=None,
        )  # fmt: skip

    def _history(self, row, lead):
        steps = ["lead"] if row["stage"] == "lead" else ["lead", "screening"]
        steps += [row["stage"]] if row["stage"] not in steps else []
        self._stays(LeadStageChange, "lead", lead, steps, row["at"], row["entered_at"], row["owner"])

    def _stays(self, model, owner_name, record, steps, begins, enters_last, by):
        marks = [begins + (enters_last - begins) * n / max(len(steps) - 1, 1) for n in range(len(steps))] + [None]
        for n, stage in enumerate(steps):
            left = marks[n + 1]
            self._add(
                model, **{owner_name: record}, stage=stage, previous=steps[n - 1] if n else "", entered_at=marks[n],
                left_at=left, days=(left - marks[n]).total_seconds() / 86400 if left else None, by=by, reason="",
                is_forced=False, missing="[]", seq=n + 1,
            )  # fmt: skip

    def _visit(self, row, lead):
        self._add(
            Visit, lead=lead, roadshow=None, unit=row["unit"], by=row["owner"], kind="out", at=row["at"], place="",
            content="介绍载体与政策，企业有意来杭考察", next_step="约企业来杭考察", next_on=None, created_at=row["at"],
        )  # fmt: skip

    def _project(self, row, lead, company):
        stage = self.random.choice(PROJECT_STAGES)
        steps = list(LINE[: LINE.index(stage) + 1]) if stage != "lost" else ["negotiating", "review", "lost"]
        enters = row["entered_at"] if len(steps) == 1 else self._after(row["entered_at"], 40 * len(steps))
        number = self.first_code + len(self.tables.get(Project, ())) + 1
        project = self._add(
            Project, **self._prospect(row, enters, {"negotiating": 42, "review": 28, "signed": 28}.get(stage)), stage=stage,
            furthest="review" if stage == "lost" else stage, code=f"GS{row['at'].year}-B{number:06d}", name=row["name"],
            lead=lead, company=company, roadshow=None, landing_mode="lease", fixed_wan=None, land_mu=None,
            carrier=self.carrier, demands=row["field"][4], problems="", winning_city="", loss_reason=None,
            left_from="review" if stage == "lost" else "",
        )  # fmt: skip
        self._stays(ProjectStageChange, "project", project, steps, row["entered_at"], enters, row["owner"])

    def _after(self, at, days):
        return min(at + timedelta(seconds=self.random.randrange(3600, days * 86400)), self.now)

    def _add(self, model, **values):
        self.base[model] += 1
        self.tables.setdefault(model, []).append({"id": self.base[model], **values})
        return self.base[model]


def _top(model):
    last = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return last or 0


def _copy(model, rows):
    """COPY the rows into the model's table and move its sequence past them."""
    table = model._meta.db_table
    columns = [model._meta.get_field(name).column for name in rows[0]]
    quoted = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        with cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:  # noqa: S608 (names of our own models)
            for row in rows:
                copy.write_row(row.values())
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, rows[-1]["id"]])


def _array(words):
    """A text[] literal; grams hold neither quotes nor backslashes."""
    return "{" + ",".join(f'"{word}"' for word in words) + "}"
