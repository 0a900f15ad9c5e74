"""The morning scan, and ten thousand messages delivered by two workers at once."""

from django.utils import timezone

from crm.models import Notification, User
from crm.notifications import BATCH, deliver_all
from crm.workdays import shanghai_day
from projects.reminders import morning_scan
from tests.bench.measure import apart, together, typical
from tests.bench.statements import Bare

MESSAGES = 10_000
FEW = 200
SMALL = 1000  # leads below which the small number will do
WORKERS = 2
OPEN_LEAD = "stage IN ('lead', 'screening')"
OPEN_PROJECT = "stage NOT IN ('aftercare', 'lost')"
DUE = """
SELECT id, {title}, stage, unit_id, station_id, owner_id, next_step, next_contact_on, limit_on, red_on
  FROM {table} WHERE {open} AND {condition}
"""
QUEUE = """
CREATE TABLE bench_queue (LIKE crm_notification INCLUDING ALL EXCLUDING GENERATED);
INSERT INTO bench_queue SELECT * FROM crm_notification WHERE sent_at IS NULL;
"""
CLAIM = """
WITH taken AS (
  SELECT id FROM bench_queue WHERE sent_at IS NULL ORDER BY created_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE bench_queue SET sent_at = now() FROM taken WHERE bench_queue.id = taken.id
"""


def measure(stand):
    """Scan first: it leaves few messages; then many."""
    _scan(stand)
    _dispatch(stand)


def _scan(stand):
    at = timezone.now()
    plain = [_due(*kind, condition, shanghai_day(at)) for kind in _kinds() for condition in _conditions()]
    rows = sum(len(stand.bare.rows(statement)) for statement in plain)
    floor = typical(lambda: [stand.bare.rows(statement) for statement in plain])
    spent = apart(morning_scan, at)
    more = {"rows": rows, "digests": spent.result, "peak_mb": spent.peak_mb}
    floor_is = "the due rows fetched by plain psycopg"
    stand.book.add("morning_scan", spent.seconds, "s", floor, floor_is, **more)


def _kinds():
    return ("leads_lead", "title", OPEN_LEAD), ("projects_project", "name", OPEN_PROJECT)


def _conditions():
    return "next_contact_on <= '{day}'", "limit_on < '{day}'"


def _due(table, title, is_open, condition, day):
    return DUE.format(table=table, title=title, open=is_open, condition=condition.format(day=day))


def _dispatch(stand):
    number = MESSAGES if stand.book.size >= SMALL else FEW
    deliver_all(timezone.now())
    _queue(number)
    stand.bare.do(QUEUE)
    address = stand.bare.url
    floor = _span(together([(_bare_loop, address)] * WORKERS))
    spent = together([(deliver_all, timezone.now())] * WORKERS)
    more = {"rows": sum(one.result for one in spent), "peak_mb": max(one.peak_mb for one in spent)}
    floor_is = f"two bare SKIP LOCKED loops over the same rows, {BATCH} at a time"
    stand.book.add("dispatch_10000", _span(spent), "s", floor, floor_is, **more)


def _queue(number):
    """Reminders that wait, for everybody in turn."""
    at, people = timezone.now(), list(User.objects.filter(is_active=True).values_list("pk", flat=True))
    rows = [
        Notification(
            user_id=people[n % len(people)], kind="system", key=f"bench:{n}", title="提醒", created_at=at
        )
        for n in range(number)
    ]
    Notification.objects.bulk_create(rows, batch_size=2000)


def _bare_loop(address):
    bare = Bare(address)
    while bare.connection.execute(CLAIM, [BATCH]).rowcount:
        continue


def _span(spent):
    """From the first to begin to the last to end."""
    return max(one.ended for one in spent) - min(one.began for one in spent)
