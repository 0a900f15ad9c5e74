"""A company recorded at the door, by the form and by the API; the floor writes the same rows bare."""

import json
from datetime import timedelta
from itertools import count

from django.db.models import Max, Q
from django.utils import timezone

from crm import partners
from crm.models import Setting, Unit
from crm.workdays import shanghai_day
from leads.models import Lead
from projects.demo.crowd import firms
from tests.bench import statements
from tests.bench.pages import FIRST

INSERTS = "the same INSERTs in one transaction by plain psycopg + an empty page of the same server"
LISTED = "the same rows by plain psycopg as JSON + an empty page of the same server"
OWN_IDS = 10**9  # far above what sequences give
NEW_FIRMS = 4_000_000  # seeds names that are not in the database
JSON_ROWS = "SELECT to_jsonb(t) FROM {table} t WHERE {where}"
ROWS_OF = (
    ("crm_company", "id = (SELECT company_id FROM leads_lead WHERE id = %s)"),
    ("crm_contact", "id = (SELECT contact_id FROM leads_lead WHERE id = %s)"),
    ("leads_lead", "id = %s"),
    ("leads_visit", "lead_id = %s"),
    ("leads_claim", "lead_id = %s"),
    ("leads_leadstagechange", "lead_id = %s"),
)


def measure(stand):
    """The form, the API's list, the API's entrance."""
    new = firms(stand.book.calls * 4 + 20, first=NEW_FIRMS, taken=set())
    _form(stand, new)
    _api_list(stand)
    _api_create(stand, new)


def _form(stand, new):
    officer = stand.visitor("officer")
    soon = shanghai_day(timezone.now()) + timedelta(days=3)

    def fields():
        return {"company_name": next(new).name, "contact_name": "王总", "next_contact_on": soon}

    for _ in range(4):
        officer.post("/leads/new/", fields())
    queries = _queries(lambda: officer.inside.post("/leads/new/", fields()))
    floor = stand.beside_empty(_Again(stand.bare).write)
    stand.book.calls_of(
        "capture", lambda n: officer.post("/leads/new/", fields()), floor, INSERTS, queries=queries
    )


def _api_list(stand):
    manager = stand.visitor("manager")
    path = "/api/v1/leads/?page_size=50"

    def floor(number):
        json.dumps(stand.bare.rows(FIRST), default=str)

    stand.page("api_lead_list", manager, path, floor, floor_is=LISTED)


def _api_create(stand, new):
    token = _token()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    numbers = count()

    def call(number):
        firm = next(new)
        body = {"company_name": firm.name, "contact_name": "王总", "external_id": f"B{next(numbers)}"}
        stand.site.ask("POST", "/api/v1/leads/", json.dumps(body), headers, expect=201)

    for number in range(4):
        call(number)
    floor = stand.beside_empty(_Again(stand.bare).write)
    stand.book.calls_of("api_lead_create", call, floor, INSERTS)


def _token():
    """A partner that may write, and call as often as the bench needs."""
    Setting.objects.update_or_create(key="api_calls_per_minute", defaults={"value": 10**6})
    unit = Unit.objects.get(code="bureau")
    return partners.issue("测速", ["leads:write"], unit=unit, at=timezone.now())[1]


def _queries(call):
    return len(statements.asked_by(call))


class _Again:
    """The rows of the lead written last, written again under other numbers and names."""

    def __init__(self, bare):
        self.bare = bare
        self.lead = Lead.objects.aggregate(last=Max("pk", filter=Q(pk__lt=OWN_IDS)))["last"]
        self.rows = [(table, row) for table, where in ROWS_OF for row in self._found(table, where)]
        self.numbers = count(OWN_IDS + self.lead * 1000)

    def _found(self, table, where):
        found = self.bare.rows(JSON_ROWS.format(table=table, where=where), [self.lead])
        return [row for (row,) in found]

    def write(self, _):
        """One lead with everything that hangs on it."""
        number = next(self.numbers)
        self.bare.insert_again([(table, self._renamed(row, number)) for table, row in self.rows])

    def _renamed(self, row, number):
        new = dict.fromkeys(row.keys() & {"id", "company_id", "contact_id", "lead_id"}, number)
        new |= {name: f"{row[name]}#{number}" for name in ("key", "name_key") if row.get(name)}
        new |= {name: str(number) for name in ("external_id",) if row.get(name)}
        return {**row, **{name: value for name, value in new.items() if row[name] is not None}}
