"""推送: by mail and group robot as a person wishes, once, tried again, given up, and always said why."""

import http.client
import io
import logging
import smtplib
import ssl
import threading
from datetime import datetime, time, timedelta

import pytest

from django.core import mail
from django.db import connection
from django.urls import reverse

from config.status import system_status
from crm import outgoing, preferences
from crm.logs import Line
from crm.models import AuditEvent, Delivery, Notification, Preference, User
from crm.notifications import deliver_all, notify
from crm.outgoing import MAX_ATTEMPTS, WAITS, send_batch
from crm.preferences import Wishes
from crm.pushing import robots
from crm.workdays import SHANGHAI
from tests import make
from tests.robots import DINGTALK, WECOM, WECOM_KEY, Fake, serving

RED = [{"kind": "red", "title": "杭州甲", "stage": "在谈", "text": "超过阶段时限 8 个工作日"}]
OK = {"errcode": 0, "errmsg": "ok"}
FORM = {"digest_at": "08:30", "quiet_from": "", "quiet_until": ""}


@pytest.fixture
def robot(monkeypatch):
    with serving(Fake(), monkeypatch, robots) as fake:
        yield fake


@pytest.fixture
def mailing(settings):
    settings.EMAIL_HOST = "mail.example.cn"
    settings.SITE_URL = "https://crm.example.cn"


def wish(user, **wishes):
    return preferences.save(user, Wishes(**wishes), at=make.NOW)


def arrive(user, key="effect", kind="stage", at=make.NOW, **fields):
    """A message that has arrived in the inbox; what goes out of it is queued."""
    notify(user, kind=kind, key=key, title=fields.pop("title", "强制推进了杭州甲"), at=at, **fields)
    deliver_all(at)
    return Notification.objects.get(user=user, key=key)


def the_row():
    return Delivery.objects.get()


# --- what goes out


def test_who_has_wished_nothing_gets_everything_in_the_inbox_and_nothing_elsewhere(owner, mailing):
    arrive(owner)
    assert Notification.objects.visible_to(owner).count() == 1
    assert not Delivery.objects.exists()


def test_a_kind_that_is_chosen_goes_by_mail_with_link_and_without_telephone_numbers(owner, mailing):
    wish(owner, email="lin@example.cn", email_kinds=["digest"])
    other = arrive(owner, key="other", kind="stage")
    message = arrive(owner, kind="digest", title="今日提醒：红灯 1", body="请打 15400000001", items=RED)
    assert send_batch(make.NOW) == 1
    [sent] = mail.outbox
    assert sent.to == ["lin@example.cn"]
    assert sent.subject == "【拱墅招商】今日提醒：红灯 1"
    assert "- 杭州甲，在谈，超过阶段时限 8 个工作日" in sent.body
    assert f"https://crm.example.cn/notifications/{message.pk}/" in sent.body
    assert "15400000001" not in sent.body
    assert (the_row().state, the_row().sent_at, the_row().notification) == ("sent", make.NOW, message)
    assert other.deliveries.count() == 0
    assert send_batch(make.NOW + timedelta(days=1)) == 0


@pytest.mark.parametrize(("url", "host"), [(WECOM, "qyapi.weixin.qq.com"), (DINGTALK, "oapi.dingtalk.com")])
def test_a_group_is_told_the_title_only_at_the_documented_place(owner, robot, url, host):
    wish(owner, robot_url=url, robot_kinds=["stage"])
    arrive(owner, body="内部意见：先不签", title="强" * 120)
    assert send_batch(make.NOW) == 1
    assert robot.hosts == [host]
    assert robot.asked[0][0] == url.removeprefix(f"https://{host}")
    [text] = robot.texts()
    assert text.startswith("【拱墅招商】阶段变动\n强强")
    assert "内部意见" not in text
    assert the_row().state == "sent"


# --- refusals of the robots


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, "发得太快，企业微信限制每分钟 20 条"),
        ((429, b"slow down"), "发得太快，企业微信限制每分钟 20 条"),
        ({"errcode": -1, "errmsg": "system busy"}, "错误代码 -1"),
        ({"errcode": "瞎", "errmsg": ""}, "错误代码 不明"),
        ((502, b"bad gateway"), "回答的状态是 502"),
        ((302, b""), "回答的状态是 302"),
        (b"<html>", "的回答看不懂"),
        ({"ok": True}, "的回答看不懂"),
    ],
)
def test_a_refusal_that_may_pass_is_said_and_tried_again_until_it_passes(owner, robot, said, why):
    wish(owner, robot_url=WECOM, robot_kinds=["stage"])
    arrive(owner)
    robot.says(said, OK)
    send_batch(make.NOW)
    row = the_row()
    assert why in row.last_error
    assert (row.state, row.attempts, row.due_at) == ("waiting", 1, make.NOW + WAITS[0])
    assert send_batch(make.NOW + WAITS[0] - timedelta(seconds=1)) == 0
    assert send_batch(make.NOW + WAITS[0]) == 1
    row = the_row()
    assert (row.state, row.attempts, row.last_error) == ("sent", 2, "")
    assert [path for path, _ in robot.asked] == ["/cgi-bin/webhook/send?key=" + WECOM_KEY] * 2


@pytest.mark.parametrize(
    ("url", "said", "why"),
    [
        (WECOM, {"errcode": 93000, "errmsg": "invalid webhook url"}, "请在群里重新添加机器人"),
        (DINGTALK, {"errcode": 310000, "errmsg": "keywords not in content"}, "自定义关键词"),
        (WECOM, {"errcode": 93008, "errmsg": "not in group"}, "机器人不在这个群里了"),
        (DINGTALK, {"errcode": 300001, "errmsg": "token is not exist"}, "机器人地址已失效"),
        (DINGTALK, {"errcode": 310000, "errmsg": "sign not match, more: [https://…]"}, "取消“加签”"),
        (DINGTALK, {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配;"}, "取消“加签”"),
        (DINGTALK, {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in whitelist"}, "允许的 IP 范围"),
        (DINGTALK, {"errcode": 310000, "errmsg": "其他"}, "安全设置没有放行"),
        (DINGTALK, {"errcode": 310000}, "安全设置没有放行"),
        (DINGTALK, {"errcode": 430102, "errmsg": ""}, "不合适的文字"),
    ],
)
def test_a_refusal_that_never_passes_is_given_up_at_once_with_what_to_do(owner, robot, url, said, why):
    wish(owner, robot_url=url, robot_kinds=["stage"])
    arrive(owner)
    robot.says(said)
    send_batch(make.NOW)
    assert (the_row().state, the_row().attempts) == ("given_up", 1)
    assert why in the_row().last_error
    assert send_batch(make.NOW + timedelta(days=1)) == 0


def test_a_robot_that_does_not_answer_is_left_after_its_patience(owner, robot, monkeypatch):
    monkeypatch.setattr(robots, "PATIENCE", 0.2)
    wish(owner, robot_url=WECOM, robot_kinds=["stage"])
    arrive(owner)
    robot.hangs()
    send_batch(make.NOW)
    assert "秒内没有回答" in the_row().last_error
    assert the_row().state == "waiting"


def test_a_server_that_is_down_is_asked_once_a_minute_and_holds_up_no_other(
    owner, teammate, head, mailing, robot, monkeypatch
):
    monkeypatch.setattr(robots, "PATIENCE", 0.2)
    for person in (owner, teammate):
        wish(person, robot_url=WECOM, robot_kinds=["stage"])
        for number in range(4):
            arrive(person, key=f"effect {number}")
    wish(head, email="a@b.cn", email_kinds=["stage"])
    arrive(head)
    robot.hangs()
    while send_batch(make.NOW):
        pass
    assert len(robot.asked) == 1
    assert len(mail.outbox) == 1
    waiting = Delivery.objects.filter(channel="robot", state="waiting")
    assert set(waiting.values_list("due_at", flat=True)) == {make.NOW + outgoing.REST}
    assert sorted(waiting.values_list("attempts", flat=True)) == [0] * 7 + [1]
    assert all("没有回答" in why for why in waiting.values_list("last_error", flat=True))
    robot.says(OK)
    while send_batch(make.NOW + outgoing.REST):
        pass
    assert len(robot.asked) == 9


def test_a_server_that_cannot_be_reached_is_said(owner, monkeypatch):
    def refuse(host):
        raise AssertionError(host)

    class Closed:
        def connect(self):
            raise ConnectionRefusedError

        def close(self):
            pass

    monkeypatch.setattr(robots, "connect", lambda host: Closed())
    wish(owner, robot_url=WECOM, robot_kinds=["stage"])
    arrive(owner)
    send_batch(make.NOW)
    assert (the_row().last_error, the_row().attempts) == ("连不上企业微信的服务器。", 0)
    assert the_row().due_at == make.NOW + timedelta(minutes=1)


def test_a_group_that_is_told_too_often_lets_the_next_messages_wait(owner, robot):
    wish(owner, robot_url=WECOM, robot_kinds=["stage"])
    for number in range(3):
        arrive(owner, key=f"effect {number}")
    robot.says({"errcode": 45009, "errmsg": "api freq out of limit"}, OK)
    send_batch(make.NOW, size=1)
    assert send_batch(make.NOW) == 0
    assert send_batch(make.NOW + timedelta(minutes=1)) == 3
    assert len(robot.asked) == 4


def test_after_the_last_try_it_is_given_up_and_stays_in_the_inbox(as_, owner, robot):
    wish(owner, robot_url=WECOM, robot_kinds=["stage"])
    message = arrive(owner)
    robot.says((500, b""))
    at = make.NOW
    for wait in [*WAITS, timedelta(0)]:
        assert send_batch(at) == 1
        at += wait
    row = the_row()
    assert (row.state, row.attempts) == ("given_up", MAX_ATTEMPTS)
    assert send_batch(at + timedelta(days=1)) == 0
    assert list(Notification.objects.visible_to(owner)) == [message]
    page = as_(owner).get(reverse("deliveries")).content.decode()
    assert "已放弃" in page
    assert "企业微信没有收下，回答的状态是 500。" in page
    assert f"试了 {MAX_ATTEMPTS} 次" in page


def test_the_real_connection_checks_certificates_and_has_patience():
    server = robots.connect("oapi.dingtalk.com")
    assert isinstance(server, http.client.HTTPSConnection)
    assert (server.host, server.port, server.timeout) == ("oapi.dingtalk.com", 443, robots.PATIENCE)
    assert server._context.verify_mode == ssl.CERT_REQUIRED
    assert server._context.check_hostname


# --- mail


@pytest.mark.parametrize(
    ("error", "state", "why"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no such user")}), "given_up", "核对邮箱"),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"later")}), "waiting", "暂时不收"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "waiting", "不认系统的账号"),
        (smtplib.SMTPDataError(554, b"spam"), "waiting", "没有收下（554）"),
        (smtplib.SMTPServerDisconnected("gone"), "waiting", "没有回答或断开"),
        (TimeoutError(), "waiting", "没有回答"),
        (ConnectionRefusedError(), "waiting", "连不上发信服务器"),
    ],
)
def test_what_the_mail_server_refuses_is_said_in_our_words(owner, mailing, monkeypatch, error, state, why):
    def fail(self, messages):
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    wish(owner, email="lin@example.cn", email_kinds=["stage"])
    arrive(owner)
    send_batch(make.NOW)
    assert the_row().state == state
    assert why in the_row().last_error


def test_an_outage_of_hours_costs_a_message_no_try(owner, mailing, monkeypatch):
    def fail(self, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    wish(owner, email="lin@example.cn", email_kinds=["stage"])
    arrive(owner)
    for minute in range(0, 240, 20):
        assert send_batch(make.NOW + timedelta(minutes=minute)) == 1
    assert (the_row().state, the_row().attempts) == ("waiting", 0)


def test_a_message_that_breaks_holds_up_no_other_and_is_given_up(owner, head, mailing, monkeypatch):
    def write(message):
        if message.user == owner:
            raise ZeroDivisionError
        return "正文"

    monkeypatch.setattr("crm.pushing.letters.mail", write)
    for person in (owner, head):
        wish(person, email=f"{person.username}@example.cn", email_kinds=["stage"])
        notify(person, kind="stage", key="effect", title="推进了杭州甲", at=make.NOW)
    deliver_all(make.NOW)
    assert send_batch(make.NOW) == 2
    assert [one.to for one in mail.outbox] == [["head@example.cn"]]
    row = Delivery.objects.get(notification__user=owner)
    assert (row.state, row.attempts, row.due_at) == ("waiting", 1, make.NOW + WAITS[0])
    assert "系统出错" in row.last_error
    for hours in range(1, MAX_ATTEMPTS + 1):
        send_batch(make.NOW + timedelta(hours=2 * hours))
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("given_up", MAX_ATTEMPTS)


def test_a_test_message_goes_out_in_quiet_hours_too(owner, mailing):
    at = shanghai(2026, 4, 20, 23, 0)
    quiet = {"quiet_from": time(22, 0), "quiet_until": time(7, 30)}
    wish(owner, email="lin@example.cn", email_kinds=["stage"], **quiet)
    arrive(owner, at=at)
    assert outgoing.try_out(owner, at=at)
    send_batch(at)
    assert [one.subject for one in mail.outbox] == ["【拱墅招商】测试消息：收到它，说明推送设置好了"]


def test_a_mail_leads_to_its_message_however_many_came_after_it(as_, owner, outsider, mailing):
    message = arrive(owner, key="old", at=make.NOW - timedelta(days=200))
    for number in range(25):
        arrive(owner, key=f"new {number}", title="别的事")
    address = reverse("notification", args=[message.pk])
    page = as_(owner).get(address).content.decode()
    assert "强制推进了杭州甲" in page
    assert "别的事" not in page
    assert as_(outsider).get(address).status_code == 404


def test_without_a_mail_server_the_page_says_so_and_the_record_too(as_, owner, settings):
    settings.EMAIL_HOST = ""
    wish(owner, email="lin@example.cn", email_kinds=["stage"])
    arrive(owner)
    send_batch(make.NOW)
    assert (the_row().state, the_row().last_error) == (
        "given_up",
        "系统没有设置发信服务器，邮件发不出去。",
    )
    client = as_(owner)
    assert "系统没有设置发信服务器" in client.get(reverse("preferences")).content.decode()
    assert "邮件现在送不出去：系统没有设置发信服务器" in client.get(reverse("deliveries")).content.decode()


@pytest.mark.parametrize(
    ("change", "why"),
    [({"is_active": False}, "账号已停用"), ({"email": ""}, "没有填邮箱")],
)
def test_what_became_impossible_meanwhile_is_not_sent(owner, mailing, change, why):
    wish(owner, email="lin@example.cn", email_kinds=["stage"])
    arrive(owner)
    User.objects.filter(pk=owner.pk).update(**change)
    send_batch(make.NOW)
    assert why in the_row().last_error
    assert mail.outbox == []


def test_the_administrator_sees_what_is_late_and_what_was_given_up(owner, mailing):
    def line(at):
        return next(one for one in system_status(at)["lines"] if one.name == "推送")

    assert (line(make.NOW).text, line(make.NOW).is_well) == ("没有积压。", True)
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    arrive(owner)
    late = line(make.NOW + timedelta(minutes=10))
    assert "1 条该送出的已迟了" in late.text
    assert not late.is_well
    User.objects.filter(pk=owner.pk).update(email="")
    send_batch(make.NOW)
    assert "最近一天有 1 条没送到" in line(make.NOW + timedelta(minutes=10)).text


def test_mail_goes_to_the_domains_the_settings_allow_only(as_, owner, mailing, settings):
    wish(owner, email="lin@elsewhere.cn", email_kinds=["stage"])
    arrive(owner)
    settings.EMAIL_DOMAINS = ["gongshu.gov.cn"]
    send_batch(make.NOW)
    assert (the_row().state, mail.outbox) == ("given_up", [])
    assert the_row().last_error == "只能推送到gongshu.gov.cn的邮箱。"
    answer = post(as_(owner), email="lin@gongshu.gov.cn.evil.cn")
    assert "只能推送到gongshu.gov.cn" in answer.context["form"].errors["email"][0]
    assert post(as_(owner), email="lin@Gongshu.gov.cn").status_code == 302


# --- quiet time


def shanghai(*moment):
    return datetime(*moment, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "fields", "due"),
    [
        (shanghai(2026, 4, 20, 21, 59), {}, shanghai(2026, 4, 20, 21, 59)),
        (shanghai(2026, 4, 20, 22, 0), {}, shanghai(2026, 4, 21, 7, 30)),
        (shanghai(2026, 4, 21, 3, 0), {}, shanghai(2026, 4, 21, 7, 30)),
        (shanghai(2026, 4, 21, 7, 30), {}, shanghai(2026, 4, 21, 7, 30)),
        (shanghai(2026, 4, 20, 23, 0), {"kind": "supervise"}, shanghai(2026, 4, 20, 23, 0)),
        (shanghai(2026, 4, 20, 23, 0), {"kind": "digest", "items": RED}, shanghai(2026, 4, 20, 23, 0)),
        (
            shanghai(2026, 4, 20, 23, 0),
            {"kind": "digest", "items": [{"kind": "due"}]},
            shanghai(2026, 4, 21, 7, 30),
        ),
    ],
)
def test_in_the_quiet_time_nothing_is_sent_but_what_is_urgent_and_all_of_it_arrives(
    owner, mailing, at, fields, due
):
    kinds = ["stage", "digest", "supervise"]
    wish(owner, email="a@b.cn", email_kinds=kinds, quiet_from=time(22), quiet_until=time(7, 30))
    message = arrive(owner, at=at, **fields)
    assert message.sent_at == at
    assert the_row().due_at == due
    if due > at:
        assert send_batch(due - timedelta(seconds=1)) == 0
    assert send_batch(due) == 1
    assert len(mail.outbox) == 1


def test_who_wants_quiet_from_everything_gets_it(owner, mailing):
    quiet = {"quiet_from": time(12), "quiet_until": time(14), "is_urgent_excepted": False}
    wish(owner, email="a@b.cn", email_kinds=["supervise"], **quiet)
    arrive(owner, kind="supervise", at=shanghai(2026, 4, 20, 12, 30))
    assert the_row().due_at == shanghai(2026, 4, 20, 14, 0)


def test_quiet_time_chosen_later_holds_for_what_waits_and_is_no_try(owner, mailing):
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    arrive(owner, at=shanghai(2026, 4, 20, 22, 0))
    wish(owner, email="a@b.cn", email_kinds=["stage"], quiet_from=time(22), quiet_until=time(7, 30))
    send_batch(shanghai(2026, 4, 20, 22, 5))
    assert (the_row().attempts, the_row().due_at) == (0, shanghai(2026, 4, 21, 7, 30))
    assert mail.outbox == []


# --- exactly once


def test_two_workers_send_every_message_once(transactional_db, owner, teammate, robot):
    for person in (owner, teammate):
        wish(person, robot_url=WECOM, robot_kinds=["stage"])
        for number in range(20):
            arrive(person, key=f"effect {number}", title=f"{person} {number}")
    gate = threading.Barrier(4)

    def worker():
        gate.wait()
        while send_batch(make.NOW, size=3):
            pass
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(robot.texts()) == len(set(robot.texts())) == 40
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_what_a_killed_worker_held_is_taken_over_when_its_lease_ends_and_its_late_note_is_void(
    owner, mailing
):
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    arrive(owner)
    [held] = outgoing._claim(make.NOW, 10)
    assert send_batch(make.NOW + timedelta(minutes=4)) == 0
    later = make.NOW + outgoing.LEASE + timedelta(seconds=1)
    assert send_batch(later) == 1
    outgoing._end(held, "given_up", "迟到的")
    assert (the_row().state, the_row().attempts, the_row().sent_at) == ("sent", 2, later)


def test_workers_that_die_every_time_do_not_try_for_ever(owner, mailing):
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    arrive(owner)
    at = make.NOW
    for _ in range(MAX_ATTEMPTS):
        assert len(outgoing._claim(at, 10)) == 1
        at += outgoing.LEASE + timedelta(seconds=1)
    assert send_batch(at) == 0
    assert (the_row().state, the_row().last_error) == ("given_up", outgoing.LOST)


def test_an_arrival_queues_a_row_per_channel_once(owner, mailing):
    wish(owner, email="a@b.cn", email_kinds=["stage"], robot_url=WECOM, robot_kinds=["stage"])
    message = arrive(owner)
    outgoing.queue_out([message.pk], make.NOW)
    assert sorted(Delivery.objects.values_list("channel", flat=True)) == ["email", "robot"]


def test_a_batch_costs_the_same_queries_for_one_and_for_many_arrivals(
    owner, mailing, django_assert_num_queries
):
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    pks = [arrive(owner, key=f"effect {number}").pk for number in range(12)]
    for some in (pks[:1], pks):
        Delivery.objects.all().delete()
        with django_assert_num_queries(2):
            outgoing.queue_out(some, make.NOW)


# --- the page


def post(client, **fields):
    return client.post(reverse("preferences"), {**FORM, **fields})


def test_the_wishes_are_kept_and_the_robot_is_never_shown_again(as_, owner, settings):
    client = as_(owner)
    answer = post(
        client,
        digest_at="07:30",
        email="lin@example.cn",
        email_kinds=["digest", "supervise"],
        robot_url=f" {WECOM} ",
        robot_kinds=["supervise"],
        quiet_from="22:00",
        quiet_until="07:00",
    )
    assert answer.status_code == 302
    row = Preference.objects.get()
    assert (row.digest_at, row.quiet_from, row.quiet_until) == (time(7, 30), time(22), time(7))
    assert (row.email_kinds, row.robot_kinds) == (["digest", "supervise"], ["supervise"])
    assert row.is_urgent_excepted is False
    owner.refresh_from_db()
    assert owner.email == "lin@example.cn"
    page = client.get(reverse("preferences")).content.decode()
    assert "企业微信群机器人（…5aaa）" in page
    assert WECOM_KEY not in page
    assert WECOM_KEY not in str(list(AuditEvent.objects.values()))
    post(client, robot_kinds=["supervise"])
    assert Preference.objects.get().robot_url == WECOM
    post(client, drop_robot="on")
    assert Preference.objects.get().robot_url == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
        "https://evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
        "https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key=" + WECOM_KEY,
        "https://user@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY,
        "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=" + WECOM_KEY,
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/upload_media?key=" + WECOM_KEY,
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + WECOM_KEY + "&debug=1",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=短",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?access_token=" + WECOM_KEY,
        "https://oapi.dingtalk.com/robot/send?access_token=a b",
        "https://127.0.0.1/robot/send?access_token=" + "a" * 64,
        "https://[::1]/robot/send?access_token=" + "a" * 64,
        "https://[bad/robot/send",
        "https://oapi.dingtalk.com:port/robot/send?access_token=" + "a" * 64,
        "file:///etc/passwd",
        "gopher://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64,
    ],
)
def test_an_address_that_is_none_of_the_documented_robots_is_refused_at_its_field(as_, owner, url):
    answer = post(as_(owner), robot_url=url, robot_kinds=["stage"])
    assert answer.status_code == 400
    [words] = answer.context["form"].errors["robot_url"]
    assert "形如：https://qyapi.weixin.qq.com" in words
    assert WECOM_KEY not in words
    assert not Preference.objects.exclude(robot_url="").exists()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_until": "07:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"email_kinds": ["stage"]}, "email"),
        ({"email": "不是邮箱"}, "email"),
        ({"robot_kinds": ["stage"]}, "robot_url"),
        ({"digest_at": "08:15"}, "digest_at"),
        ({"digest_at": "21:00"}, "digest_at"),
        ({"email_kinds": ["none"]}, "email_kinds"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused_at_the_field_and_nothing_is_kept(
    as_, owner, fields, name
):
    answer = post(as_(owner), **fields)
    assert answer.status_code == 400
    assert answer.context["form"].errors[name]
    assert not Preference.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_test_message_goes_by_every_channel_that_is_set_up_once_a_minute(
    as_, owner, mailing, robot, freeze
):
    freeze(make.NOW)
    client = as_(owner)
    answer = client.post(reverse("preferences_test"), follow=True)
    assert "还没有可用的邮件或群机器人" in answer.content.decode()
    freeze(make.NOW + timedelta(minutes=1))
    post(client, email="lin@example.cn", robot_url=WECOM)
    for _ in range(3):
        client.post(reverse("preferences_test"))
    send_batch(make.NOW + timedelta(minutes=1))
    assert len(mail.outbox) == len(robot.asked) == 1


def test_nobody_sees_what_was_sent_to_another(as_, owner, outsider, mailing):
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    arrive(owner, title="只给林晓的消息")
    assert "只给林晓的消息" in as_(owner).get(reverse("deliveries")).content.decode()
    assert "只给林晓的消息" not in as_(outsider).get(reverse("deliveries")).content.decode()


def test_the_records_cost_the_same_for_three_and_thirty(as_, owner, mailing, django_assert_max_num_queries):
    wish(owner, email="a@b.cn", email_kinds=["stage"])
    client = as_(owner)
    for number in range(30):
        arrive(owner, key=f"effect {number}")
        if number in (2, 29):
            with django_assert_max_num_queries(5):  # session, person, wishes, rows, the badge
                client.get(reverse("deliveries"))


def test_no_secret_is_logged_when_sending_fails(owner, robot, monkeypatch):
    shown = io.StringIO()
    handler = next(one for one in logging.getLogger().handlers if isinstance(one.formatter, Line))
    monkeypatch.setattr(handler, "stream", shown)
    wish(owner, robot_url=WECOM, robot_kinds=["stage"])
    arrive(owner)
    robot.says((500, b""))
    send_batch(make.NOW)
    logging.getLogger("django.request").warning("Not Found: %s", "/calendar/feed/abc-DEF_123.ics")
    assert WECOM_KEY not in shown.getvalue()
    assert "abc-DEF_123" not in shown.getvalue()
    assert "/calendar/feed/….ics" in shown.getvalue()
