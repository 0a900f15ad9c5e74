"""Logging in, being locked out, being logged out: through the doors."""

import threading
from datetime import timedelta

import pytest

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm import accounts
from crm.models import AuditEvent, LoginAttempt, Setting, User
from tests import make

WRONG = "Wrong-canal-2026"
HOUR = 3600


def attempt(client, username="owner", password=WRONG, **extra):
    return client.post("/login/", {"username": username, "password": password}, **extra)


def fail(client, times, **extra):
    return [attempt(client, **extra) for _ in range(times)][-1]


def is_in(client):
    return client.get("/password/").status_code == 200


def test_a_page_asks_for_login_and_leads_back_to_itself(client, owner):
    asked = client.get("/notifications/?unread=1")
    assert asked.status_code == 302
    assert asked.url == "/login/?next=/notifications/%3Funread%3D1"
    typed = {"username": "owner", "password": make.PASSWORD, "next": "/notifications/?unread=1"}
    entered = client.post(asked.url, typed)
    assert entered.status_code == 302
    assert entered.url == "/notifications/?unread=1"


def test_a_wrong_password_is_refused_in_chinese_and_leaves_nobody_logged_in(client, owner):
    answer = attempt(client)
    assert answer.status_code == 400
    assert "账号或密码不对" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_login_never_leads_to_another_site(client, owner, target):
    answer = client.post("/login/", {"username": "owner", "password": make.PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer.url == "/"


def test_unknown_wrong_and_disabled_accounts_get_the_same_answer(client, owner, teammate):
    teammate.is_active = False
    teammate.save()
    answers = []
    for name, password in (("nobody", WRONG), ("owner", WRONG), ("teammate", make.PASSWORD)):
        answer = attempt(Client(), name, password)
        body = answer.content.decode().replace(name, "NAME")
        token = answer.context["csrf_token"]
        answers.append((answer.status_code, body.replace(str(token), "TOKEN")))
    assert answers[0] == answers[1] == answers[2]


def test_an_account_of_letters_that_are_long_when_written_out_is_only_a_wrong_one(client, owner):
    answer = attempt(client, "\ufdfa" * 150)
    assert answer.status_code == 400
    assert "账号或密码不对" in answer.content.decode()


def test_the_sixth_try_is_refused_even_with_the_right_password_and_says_until_when(client, owner):
    fail(client, 5)
    answer = attempt(client, password=make.PASSWORD)
    assert answer.status_code == 429
    assert "请在" in answer.content.decode()
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert not is_in(client)


def test_a_locked_try_hashes_nothing(client, owner, monkeypatch):
    fail(client, 5)
    hashed = []
    monkeypatch.setattr(User, "check_password", lambda self, raw: hashed.append(raw))
    attempt(client, password=make.PASSWORD)
    assert hashed == []


def test_unknown_accounts_are_locked_like_known_ones(client, db):
    assert fail(client, 5, username="nobody").status_code == 400
    assert attempt(client, "nobody").status_code == 429


def test_case_width_and_blanks_do_not_make_another_account(client, owner):
    for name in ("owner", "OWNER", "Ｏｗｎｅｒ", " owner ", "oWnEr"):
        attempt(client, name)
    assert attempt(client, "owner", make.PASSWORD).status_code == 429
    assert LoginAttempt.objects.values_list("username", flat=True).distinct().get() == "owner"


def test_any_spelling_of_the_account_logs_in(client, owner):
    attempt(client, " ＯＷＮＥＲ ", make.PASSWORD)
    assert is_in(client)


def test_forged_forwarding_headers_give_no_further_tries(client, owner):
    for number in range(20):
        attempt(client, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert LoginAttempt.objects.count() == 5
    assert {one.ip for one in LoginAttempt.objects.all()} == {"127.0.0.1"}


def test_a_trusted_proxy_is_believed_and_only_for_what_it_added_itself(client, owner, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
    attempt(client, HTTP_X_FORWARDED_FOR="198.51.100.7, 203.0.113.9")
    assert LoginAttempt.objects.get().ip == "203.0.113.9"


def test_twenty_addresses_together_get_no_more_tries_than_one(client, owner):
    for number in range(20):
        attempt(Client(), REMOTE_ADDR=f"203.0.113.{number}")
    assert LoginAttempt.objects.count() == 5


def test_the_administrator_may_allow_more_tries_from_anywhere(client, owner):
    Setting.objects.create(key="login_failures_anywhere", value=8)
    for number in range(20):
        attempt(Client(), REMOTE_ADDR=f"203.0.113.{number}")
    assert LoginAttempt.objects.count() == 8


def test_a_stranger_cannot_lock_the_owner_out_of_the_browser_they_use(client, owner):
    attempt(client, password=make.PASSWORD)
    client.post("/logout/")
    fail(Client(), 10)
    assert attempt(Client(), password=make.PASSWORD).status_code == 429
    assert attempt(client, password=make.PASSWORD).status_code == 302


def test_a_known_browser_has_its_own_limit_and_only_for_its_account(client, owner, teammate):
    attempt(client, password=make.PASSWORD)
    client.post("/logout/")
    fail(client, 5)
    assert attempt(client, password=make.PASSWORD).status_code == 429
    assert fail(client, 5, username="teammate").status_code == 400
    assert attempt(client, "teammate", make.PASSWORD).status_code == 429
    assert {one.device for one in LoginAttempt.objects.filter(username="teammate")} == {""}


def test_the_lock_ends_after_the_window(client, owner, now):
    stranger = accounts.Caller("owner", "203.0.113.5")
    for minute in range(5):
        accounts.take_try(stranger, now + timedelta(minutes=minute))
    with pytest.raises(accounts.LockedOut) as locked:
        accounts.take_try(stranger, now + timedelta(minutes=14))
    assert locked.value.until == now + timedelta(minutes=15)
    accounts.take_try(stranger, now + timedelta(minutes=15))


def test_success_takes_back_the_failed_tries(client, owner):
    fail(client, 4)
    attempt(client, password=make.PASSWORD)
    assert not LoginAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_tries_at_once_are_checked_no_more_often_than_the_limit(db):
    make.user("owner", "leader")
    outcomes = []

    def one():
        outcomes.append(attempt(Client()).status_code)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [400] * 5 + [429] * 15


def test_an_empty_form_says_which_field_is_missing_and_counts_no_try(client, db):
    answer = client.post("/login/", {})
    assert answer.status_code == 400
    assert "请填写账号。" in answer.content.decode()
    assert "请填写密码。" in answer.content.decode()
    assert not LoginAttempt.objects.exists()


def test_the_session_key_changes_at_login(client, owner):
    client.get("/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    before = session.session_key
    attempt(client, password=make.PASSWORD)
    assert client.session.session_key != before


def shift(client, **moved):
    session = client.session
    for name, seconds in moved.items():
        session[name] -= seconds
    session.save()


def test_half_an_hour_without_a_click_ends_the_session_and_says_so(as_, owner):
    client = as_(owner)
    shift(client, seen_at=HOUR / 2 + 5)
    answer = client.get("/password/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/login/")
    assert "太久没有操作" in answer.content.decode()
    assert not is_in(client)


def test_a_click_keeps_the_session_for_another_half_hour(as_, owner):
    client = as_(owner)
    for _ in range(3):
        shift(client, seen_at=HOUR / 2 - 60)
        assert is_in(client)


def test_twelve_hours_end_the_session_whatever_is_clicked(as_, owner):
    client = as_(owner)
    shift(client, started_at=12 * HOUR + 5)
    assert not is_in(client)


def test_a_disabled_person_is_out_at_the_next_request(as_, owner):
    client = as_(owner)
    assert is_in(client)
    get_user_model().objects.filter(pk=owner.pk).update(is_active=False)
    assert not is_in(client)


def test_logging_out_works_by_post_only(as_, owner):
    client = as_(owner)
    assert client.get("/logout/").status_code == 405
    assert is_in(client)
    assert client.post("/logout/").status_code == 302
    assert not is_in(client)


def test_logging_in_needs_no_broker(client, owner, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    attempt(client, password=make.PASSWORD)
    assert is_in(client)


def change(client, old=make.PASSWORD, new="Kaiyuan-road-88", again=None):
    typed = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post("/password/", typed)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(as_, owner):
    client, other = as_(owner), Client()
    other.force_login(owner)
    assert change(client).status_code == 302
    assert is_in(client)
    assert not is_in(other)
    assert attempt(Client(), password="Kaiyuan-road-88").status_code == 302


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("Ab1!x", "密码只有 5 位，至少要 10 位"),
        ("abcdefghijk1", "密码只有 2 类字符"),
        ("Owner-2026-xyz", "密码里不能含有账号名"),
        ("xx-ＯＷＮＥＲ-2026A", "密码里不能含有账号名"),
    ],
)
def test_a_weak_password_is_refused_and_the_old_one_stays(as_, owner, new, why):
    client = as_(owner)
    answer = change(client, new=new)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(make.PASSWORD)


def test_the_old_password_cannot_be_guessed_by_whoever_sits_at_the_desk(as_, owner):
    client = as_(owner)
    for _ in range(5):
        assert change(client, old=WRONG).status_code == 400
    answer = change(client)
    assert answer.status_code == 429
    assert "请在" in answer.content.decode()


def test_a_piece_asked_for_without_login_sends_the_whole_page_to_the_login(client, db):
    answer = client.get(
        "/notifications/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/leads/?q=a"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login/?next=%2Fleads%2F%3Fq%3Da"


def test_sessions_that_ended_are_forgotten_at_night(client, owner):
    attempt(client, password=make.PASSWORD)
    now = timezone.now()
    accounts.forget_sessions(now)
    assert is_in(client)
    accounts.forget_sessions(now + timedelta(hours=13))
    assert not Session.objects.exists()


def test_old_tries_are_forgotten(owner):
    now = timezone.now()
    accounts.take_try(accounts.Caller("owner", "203.0.113.5"), now - timedelta(days=2))
    accounts.take_try(accounts.Caller("owner", "203.0.113.5"), now)
    accounts.forget_tries(now)
    assert LoginAttempt.objects.get().at == now


def test_every_login_failure_and_logout_is_one_event(client, owner):
    attempt(client)
    attempt(client, "Grand-canal-2026", WRONG)
    attempt(client, password=make.PASSWORD)
    client.post("/logout/")
    events = list(AuditEvent.objects.order_by("pk").values_list("action", "actor_name", "detail"))
    assert events == [
        ("login_failed", "未登录", {"account": "owner"}),
        ("login_failed", "未登录", {"account": "（没有这个账号）"}),
        ("login", "林晓", {}),
        ("logout", "林晓", {}),
    ]
