"""督办单 and lapsed first reports: a worker dies in the middle, several run at once, and each comes once."""

import threading
from datetime import datetime, timedelta

import pytest

from django.db import connection
from django.utils import timezone

from crm.models import JobSlot, Notification, Setting
from crm.workdays import SHANGHAI, shanghai_day
from leads.lapses import scan
from leads.models import Claim, ClaimEvent, ClaimWarning, Lead
from projects.models import SupervisionOrder
from projects.supervising import issue_overdue
from tests import make

MORNING = datetime(2026, 4, 20, 8, 20, tzinfo=SHANGHAI)
LATE = timedelta(days=90)


def slow(table, seconds, each):
    """A trigger that makes every insertion into `table` take its time, so that a kill meets it at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;"
            f"CREATE TRIGGER take_time AFTER INSERT ON {table} FOR EACH {each} EXECUTE FUNCTION take_time()"
        )


@pytest.fixture
def slowed(transactional_db):
    """`slowed(table, seconds, each)`; what it returns ends it, and after the test it has ended."""
    begun = []

    def begin(table, seconds, each):
        begun.append(table)
        slow(table, seconds, each)
        return end

    def end():
        with connection.cursor() as cursor:
            while begun:
                cursor.execute(f"DROP TRIGGER take_time ON {begun.pop()}; DROP FUNCTION take_time()")

    yield begin
    end()


def far_past_their_limit(by, number, at):
    """Leads that the ladder supervises; nothing else of them is due."""
    for _ in range(number):
        make.lead(by, at=at - LATE)
    far = (at - LATE).date()
    Lead.objects.update(next_contact_on=None, blue_on=None, limit_on=far, red_on=far)
    Claim.objects.update(clock=Claim.Clock.NONE)
    Setting.objects.create(key="supervision_per_day", value=number)


def silent_claims(by, number, at):
    """First reports whose unit has been silent far too long and was warned; no lamp of their leads is lit."""
    warned = at - LATE + timedelta(days=20)
    last_on = shanghai_day(at - LATE + timedelta(days=30))
    for _ in range(number):
        claim = make.lead(by, at=at - LATE).claim
        ClaimWarning.objects.create(claim=claim, kind="silence", due_on=last_on, at=warned)
    Lead.objects.update(next_contact_on=None, blue_on=None, limit_on=None, red_on=None)


def asleep(table):
    """Whether some process is inside the slow insertion into `table`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE %s",
            [f"%{table}%"],
        )
        return cursor.fetchone()[0] > 0


def let_go():
    """What the time does that passes: nobody waits for the worker that died."""
    JobSlot.objects.filter(state=JobSlot.State.LEASED).update(leased_until=timezone.now())


def is_done(job):
    return JobSlot.objects.filter(job=job, state=JobSlot.State.DONE).exists()


def assert_one_order_each(number, readers):
    orders = SupervisionOrder.objects.all()
    assert orders.count() == orders.values("lead").distinct().count() == number
    assert orders.values("number").distinct().count() == number
    told = Notification.objects.filter(key__startswith="order:")
    assert told.count() == told.values("user", "url").distinct().count() == number * readers


def assert_one_lapse_each(number, readers):
    lapsed = ClaimEvent.objects.filter(kind="lapsed")
    assert lapsed.count() == lapsed.values("claim").distinct().count() == number
    assert Claim.objects.filter(ended="silence").count() == number
    told = Notification.objects.filter(key__startswith="lapsed-")
    assert told.count() == told.values("user").distinct().count() == readers


def test_a_worker_killed_while_it_issues_orders_leaves_the_rest_to_the_next(machine, slowed, owner, head):
    far_past_their_limit(owner, 40, timezone.now())
    at_speed = slowed(SupervisionOrder._meta.db_table, 0.1, "ROW")
    machine.beat()
    worker = machine.worker()
    machine.until(lambda: SupervisionOrder.objects.count() >= 5)
    machine.kill(worker)
    assert SupervisionOrder.objects.count() < 40
    assert not is_done("supervision")
    at_speed()
    let_go()
    machine.worker()
    machine.until(lambda: is_done("supervision"))
    assert_one_order_each(40, readers=2)


def test_a_worker_killed_while_claims_lapse_has_done_nothing_and_the_next_does_it_once(
    machine, slowed, owner, head
):
    silent_claims(owner, 20, timezone.now())
    at_speed = slowed(ClaimEvent._meta.db_table, 2, "STATEMENT")
    machine.beat()
    worker = machine.worker()
    machine.until(lambda: asleep(ClaimEvent._meta.db_table))
    machine.kill(worker)
    assert not Claim.objects.exclude(released_at=None).exists()
    assert not Notification.objects.filter(key__startswith="lapsed-").exists()
    at_speed()
    let_go()
    machine.worker()
    machine.until(lambda: is_done("claims"))
    assert_one_lapse_each(20, readers=2)


def at_once(work, number=4):
    """What `number` threads got that did `work` at the same moment."""
    gate, found = threading.Barrier(number), []

    def run():
        gate.wait()
        try:
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return found


@pytest.mark.django_db(transaction=True)
def test_ladders_at_once_issue_one_order_for_each_record(owner, head):
    far_past_their_limit(owner, 30, MORNING)
    found = at_once(lambda: issue_overdue(MORNING))
    assert (len(found), sum(found)) == (4, 30)
    assert_one_order_each(30, readers=2)


@pytest.mark.django_db(transaction=True)
def test_ladders_at_once_keep_to_what_a_unit_is_given_a_day(owner, outsider):
    far_past_their_limit(owner, 12, MORNING)
    for _ in range(12):
        make.lead(outsider, at=MORNING - LATE)
    far = (MORNING - LATE).date()
    Lead.objects.update(limit_on=far, red_on=far)
    Setting.objects.update(value=5)
    at_once(lambda: issue_overdue(MORNING))
    for unit in (owner.unit, outsider.unit):
        assert SupervisionOrder.objects.filter(unit=unit).count() == 5


def once_before(words, work):
    """A wrapper of statements that does `work` before the first one with these `words`."""
    done = []

    def run(execute, sql, params, many, context):
        if words in sql and not done:
            done.append(True)
            work()
        return execute(sql, params, many, context)

    return run


@pytest.mark.django_db(transaction=True)
def test_a_ladder_between_two_questions_of_another_adds_nothing_to_the_portion(owner):
    far_past_their_limit(owner, 12, MORNING)
    Setting.objects.update(value=5)
    another = once_before("ROW_NUMBER", lambda: at_once(lambda: issue_overdue(MORNING), number=1))
    with connection.execute_wrapper(another):
        assert issue_overdue(MORNING) == 0
    assert SupervisionOrder.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_scans_of_claims_at_once_lapse_and_tell_once(owner, head):
    silent_claims(owner, 30, MORNING)
    assert len(at_once(lambda: scan(MORNING))) == 4
    assert_one_lapse_each(30, readers=2)


@pytest.mark.django_db(transaction=True)
def test_scans_of_claims_at_once_warn_once(owner, head):
    for _ in range(10):
        make.lead(owner, at=MORNING - timedelta(days=21))
    assert len(at_once(lambda: scan(MORNING))) == 4
    assert ClaimWarning.objects.filter(kind="silence").count() == 10
    assert Notification.objects.filter(key__startswith="warn-silence").count() == 2
