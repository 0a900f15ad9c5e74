"""Writes that come twice, or many times at once: one effect, one answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from django.db import connection
from django.utils import timezone

from crm.models import IdempotencyKey
from crm.partners import count_call, forget_answers
from leads.models import Lead
from tests import callers

pytestmark = pytest.mark.django_db

THREADS = 8
COMPANY = {"company_name": "深圳星河感知科技有限公司"}
FULL = {**COMPANY, "external_id": "SZ-0007", "uscc": "91440300MA5DEMQ0X8"}


def test_a_repeated_write_gets_the_first_answer_again():
    caller = callers.partner()
    first = caller.post("leads/", COMPANY, Idempotency_Key="k-1")
    again = caller.post("leads/", COMPANY, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert [again[name] for name in ("ETag", "Location")] == [first[name] for name in ("ETag", "Location")]
    assert again["Idempotent-Replayed"] == "true"
    assert Lead.objects.count() == 1
    place = f"leads/{first.json()['id']}/"
    changes = [caller.patch(place, {"note": "甲"}, If_Match='"v1"', Idempotency_Key="k-2") for _ in range(2)]
    assert [answer.status_code for answer in changes] == [200, 200]
    assert Lead.objects.get().version == 2


def test_a_key_belongs_to_one_request_of_one_caller():
    caller = callers.partner()
    caller.post("leads/", COMPANY, Idempotency_Key="k-1")
    other = caller.post("leads/", {"company_name": "深圳乙公司"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert (
        callers.partner("伙伴乙")
        .post("leads/", {"company_name": "深圳乙公司"}, Idempotency_Key="k-1")
        .status_code
        == 201
    )
    for bad in ("", " ", "x" * 121, "键"):
        answer = caller.post("leads/", {"company_name": "深圳丙公司"}, Idempotency_Key=bad)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert Lead.objects.count() == 2


def test_a_refusal_is_not_remembered_so_that_the_corrected_request_counts():
    caller = callers.partner()
    assert caller.post("leads/", {"company_name": ""}, Idempotency_Key="k-1").status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert caller.post("leads/", COMPANY, Idempotency_Key="k-1").status_code == 201


def test_after_a_day_a_key_is_forgotten():
    caller = callers.partner()
    caller.post("leads/", COMPANY, Idempotency_Key="k-1")
    now = timezone.now()
    assert not IdempotencyKey.objects.forgettable(now).exists()
    assert IdempotencyKey.objects.forgettable(now + timedelta(hours=25)).count() == 1
    IdempotencyKey.objects.update(created_at=now - timedelta(hours=25))
    assert caller.post("leads/", COMPANY, Idempotency_Key="k-1").status_code == 409
    assert forget_answers(now) == 1
    assert caller.post("leads/", {"company_name": "深圳乙公司"}, Idempotency_Key="k-1").status_code == 201


def test_a_person_who_sends_again_after_two_months_is_answered_with_the_first_result(as_, owner):
    browser = as_(owner)
    send = {"path": "/api/v1/leads/", "data": COMPANY, "content_type": "application/json"}
    first = browser.post(**send, headers={"Idempotency-Key": "phone-1"})
    now = timezone.now()
    IdempotencyKey.objects.update(created_at=now - timedelta(days=60))
    assert forget_answers(now) == 0
    again = browser.post(**send, headers={"Idempotency-Key": "phone-1"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert Lead.objects.count() == 1
    assert forget_answers(now + timedelta(days=31)) == 1


def in_parallel(count, call):
    """The answers of `count` calls by eight threads at once, each with a connection of its own."""
    barrier = threading.Barrier(THREADS)

    def share(first):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return [call(number) for number in range(first, count, THREADS)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for answers in pool.map(share, range(THREADS)) for answer in answers]


@pytest.mark.django_db(transaction=True)
def test_fifty_repetitions_at_once_write_one_lead_and_get_one_answer():
    headers = callers.partner().headers
    answers = in_parallel(
        50, lambda _: callers.Caller(headers).post("leads/", COMPANY, Idempotency_Key="same")
    )
    assert Lead.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"in_flight"}


@pytest.mark.django_db(transaction=True)
def test_one_external_number_sent_many_times_at_once_is_one_lead():
    headers = callers.partner().headers
    answers = in_parallel(16, lambda _: callers.Caller(headers).post("leads/", FULL))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    names = in_parallel(
        8,
        lambda n: callers.Caller(headers).post(
            "leads/", {"company_name": f"深圳{n}公司", "external_id": "X"}
        ),
    )
    assert sorted(answer.status_code for answer in names) == [201] + [409] * 7
    assert {answer.json().get("code", "external_id_taken") for answer in names} == {"external_id_taken"}
    assert Lead.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_changes_to_one_version_one_is_written():
    caller = callers.partner()
    place = f"leads/{caller.post('leads/', COMPANY).json()['id']}/"
    answers = in_parallel(
        16,
        lambda number: callers.Caller(caller.headers).patch(
            place, {"amount_wan": str(number)}, If_Match='"v1"'
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 15
    assert Lead.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
def test_calls_made_at_once_are_all_counted():
    row, now = callers.partner().token, timezone.now()
    in_parallel(50, lambda _: count_call(row, at=now))
    row.refresh_from_db()
    assert row.window_calls == 50
