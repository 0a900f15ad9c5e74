"""One's own messages: read and unread, marked by POST, digests as lists, the badge in the menu."""

import threading
from datetime import datetime, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Notification
from crm.snoozing import bring_back
from crm.workdays import SHANGHAI
from tests import make

ITEMS = [
    {"kind": "red", "record": "lead", "id": 7, "title": "深圳红星公司", "stage": "线索", "owner": "林晓",
     "days": 3, "text": "超过阶段时限 3 个工作日", "next_step": "约第二次见面", "url": "/leads/7/"},
    {"kind": "due", "record": "more", "id": None, "title": "另有 4 项到期联系，请到工作台查看", "url": "/"},
]  # fmt: skip


def tell(user, number=1, **fields):
    fields = {
        "kind": "system",
        "created_at": make.NOW,
        "sent_at": make.NOW,
        "title": f"第 {number} 条",
        **fields,
    }
    return Notification.objects.create(user=user, key=f"k{number}", **fields)


def test_a_digest_is_a_list_with_lamps_and_links_not_raw_data(as_, owner):
    tell(owner, kind="digest", title="今日提醒：红灯 1", body="其中 1 项之前已提醒。", items=ITEMS)
    page = as_(owner).get("/notifications/").content.decode()
    assert 'class="lamp lamp-red"' in page
    assert '<a class="wrap-any" href="/leads/7/">深圳红星公司</a>' in page
    assert "另有 4 项到期联系" in page
    assert "None" not in page
    assert "{&#x27;" not in page


def test_messages_of_others_and_those_not_yet_sent_are_not_there(as_, owner, outsider):
    tell(outsider, title="别人的消息")
    tell(owner, 2, title="还没送出的消息", sent_at=None)
    page = as_(owner).get("/notifications/").content.decode()
    assert "别人的消息" not in page
    assert "还没送出的消息" not in page


def test_marking_one_read_leaves_the_others_and_works_by_post_only(as_, owner):
    one, other = tell(owner, 1), tell(owner, 2)
    client = as_(owner)
    assert client.get(f"/notifications/{one.pk}/read/").status_code == 405
    assert client.post(f"/notifications/{one.pk}/read/").status_code == 302
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.read_at is not None
    assert other.read_at is None


def test_going_where_a_message_points_marks_it_read(as_, owner):
    one = tell(owner, url="/leads/7/")
    answer = as_(owner).post(f"/notifications/{one.pk}/read/", {"go": "1"})
    assert answer.url == "/leads/7/"
    one.refresh_from_db()
    assert one.read_at is not None


def test_a_message_that_points_outside_leads_back_to_the_inbox(as_, owner):
    one = tell(owner, url="https://evil.example/")
    assert as_(owner).post(f"/notifications/{one.pk}/read/", {"go": "1"}).url == "/notifications/"


def test_nobody_marks_the_message_of_another(as_, owner, outsider):
    foreign = tell(outsider)
    assert as_(owner).post(f"/notifications/{foreign.pk}/read/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_marking_all_read_touches_only_ones_own(as_, owner, outsider):
    for number in range(3):
        tell(owner, number)
    foreign = tell(outsider)
    as_(owner).post("/notifications/read/")
    assert not Notification.objects.filter(user=owner, read_at=None).exists()
    foreign.refresh_from_db()
    assert foreign.read_at is None


@pytest.mark.parametrize(("number", "badge"), [(0, ""), (1, "1"), (99, "99"), (120, "99+")])
def test_the_badge_counts_unread_messages_up_to_99(as_, owner, number, badge):
    for one in range(number):
        tell(owner, one)
    tell(owner, 500, read_at=make.NOW)
    page = as_(owner).get("/password/")
    assert str(page.context["unread_count"]) == badge
    assert (f"，{badge} 条未读" in page.content.decode()) == bool(badge)


def test_the_unread_filter_hides_what_was_read(as_, owner):
    tell(owner, 1, title="读过的", read_at=make.NOW)
    tell(owner, 2, title="没读的")
    page = as_(owner).get("/notifications/?state=unread").content.decode()
    assert "没读的" in page
    assert "读过的" not in page


def test_pages_follow_each_other_without_gap_or_repetition(as_, owner):
    for number in range(45):
        tell(owner, number, created_at=make.NOW + timedelta(minutes=number // 3))
    client, token, seen = as_(owner), "", []
    for _ in range(3):
        page = client.get(f"/notifications/?page={token}").context["page"]
        seen += [row.pk for row in page]
        token = page.next
    assert token == ""
    assert len(seen) == len(set(seen)) == 45


def test_a_page_token_that_is_not_ours_is_refused_in_chinese(as_, owner):
    answer = as_(owner).get("/notifications/?page=%00x")
    assert answer.status_code == 400
    assert "从第一页重新翻" in answer.content.decode()


def test_the_inbox_costs_the_same_for_ten_and_a_hundred_messages(as_, owner):
    client, costs = as_(owner), []
    for numbers in (range(10), range(10, 100)):
        for number in numbers:
            tell(owner, number, items=ITEMS)
        with CaptureQueriesContext(connection) as captured:
            client.get("/notifications/")
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 6


def test_the_empty_inbox_says_what_will_come(as_, owner):
    assert "每个工作日 8:30" in as_(owner).get("/notifications/").content.decode()


def test_orders_are_a_kind_of_their_own_and_filters_keep_each_other(as_, owner):
    tell(owner, 1, kind="supervise", title="系统督办：甲")
    tell(owner, 2, kind="stage", title="强制推进了乙")
    client = as_(owner)
    page = client.get("/notifications/?kind=supervise").content.decode()
    assert "系统督办：甲" in page
    assert "强制推进了乙" not in page
    assert "kind=supervise&amp;state=unread" in page
    for wrong in ("kind=none", "state=none", "sort=old"):
        assert client.get(f"/notifications/?{wrong}").status_code == 400


def shanghai(*moment):
    return datetime(*moment, tzinfo=SHANGHAI)


def test_all_on_the_filter_are_marked_and_taken_back_in_one_go(as_, owner, outsider):
    orders = [tell(owner, number, kind="supervise") for number in range(3)]
    other, foreign = tell(owner, 10, kind="stage"), tell(outsider, kind="supervise")
    long_read = tell(owner, 11, kind="supervise", read_at=make.NOW)
    client = as_(owner)
    client.post("/notifications/read/?kind=supervise")
    assert list(Notification.objects.unread().order_by("pk")) == [other, foreign]
    page = client.get("/notifications/?kind=supervise")
    assert "3 条已标为已读" in page.content.decode()
    assert "撤销" not in client.get("/notifications/").content.decode()  # offered once, where it was done
    client.post("/notifications/undo/", {"at": page.context["undo"]["at"]})
    assert set(Notification.objects.unread()) == {*orders, other, foreign}
    long_read.refresh_from_db()
    assert long_read.read_at == make.NOW


def test_what_arrived_after_the_page_was_opened_stays_unread(as_, owner):
    tell(owner, 1)
    client = as_(owner)
    until = client.get("/notifications/").context["until"]
    soon = datetime.fromisoformat(until) + timedelta(seconds=1)
    late, returned = tell(owner, 2, sent_at=soon), tell(owner, 3, returned_at=soon)
    client.post("/notifications/read/", {"until": until})
    assert set(Notification.objects.unread()) == {late, returned}


@pytest.mark.parametrize("at", ["", "yesterday", "2026-04-20", "2026-04-20T10:00:00+08:00"])
def test_an_undo_of_nothing_changes_nothing_and_says_so(as_, owner, at):
    tell(owner, read_at=make.NOW + timedelta(hours=5))
    answer = as_(owner).post("/notifications/undo/", {"at": at}, follow=True)
    assert "没有可以撤销的" in answer.content.decode()
    assert not Notification.objects.unread().exists()


def test_a_message_read_by_mistake_can_wait_again(as_, owner):
    one = tell(owner, read_at=make.NOW)
    as_(owner).post(f"/notifications/{one.pk}/unread/?state=read")
    assert list(Notification.objects.unread()) == [one]


@pytest.mark.parametrize(
    ("at", "way", "on", "until"),
    [
        (shanghai(2026, 4, 20, 10, 0), "today", "", shanghai(2026, 4, 20, 16, 30)),
        (shanghai(2026, 4, 20, 10, 0), "tomorrow", "", shanghai(2026, 4, 21, 8, 30)),
        (shanghai(2026, 4, 24, 10, 0), "tomorrow", "", shanghai(2026, 4, 27, 8, 30)),  # a Friday
        (shanghai(2026, 4, 20, 10, 0), "monday", "", shanghai(2026, 4, 27, 8, 30)),
        (shanghai(2026, 4, 20, 10, 0), "day", "2026-05-01", shanghai(2026, 5, 6, 8, 30)),  # a holiday
        (shanghai(2026, 4, 20, 10, 0), "day", "2027-04-20", shanghai(2027, 4, 20, 8, 30)),
    ],
)
def test_a_message_put_off_comes_back_unread_on_a_workday_and_once(as_, owner, freeze, at, way, on, until):
    one = tell(owner, created_at=at, sent_at=at, read_at=at)
    freeze(at)
    client = as_(owner)
    client.post(f"/notifications/{one.pk}/snooze/", {"way": way, "on": on})
    one.refresh_from_db()
    assert one.snoozed_until == until
    page = client.get("/notifications/")
    assert "撤销" in page.content.decode()
    assert not page.context["page"].rows
    assert client.get("/notifications/?state=later").context["page"].rows == [one]
    assert bring_back(until - timedelta(seconds=1)) == 0
    assert [bring_back(until), bring_back(until)] == [1, 0]
    one.refresh_from_db()
    assert (one.read_at, one.snoozed_until, one.shown_at) == (None, None, until)
    assert bring_back(until + timedelta(days=30)) == 0


def test_what_is_offered_is_called_what_it_is_and_no_moment_stands_there_twice(as_, owner, freeze):
    tell(owner)
    freeze(shanghai(2026, 4, 20, 10, 0))  # a Monday
    page = as_(owner).get("/notifications/").content.decode()
    for words in ("今天下班前（16:30）", "明天（4月21日 8:30）", "下周一（4月27日 8:30）"):
        assert words in page
    freeze(shanghai(2026, 4, 25, 10, 0))  # a Saturday: tomorrow is not worked, and the next workday is Monday
    page = as_(owner).get("/notifications/").content.decode()
    assert "下个工作日（4月27日 8:30）" in page
    assert "明天（" not in page
    assert page.count("4月27日 8:30") == 1


@pytest.mark.parametrize(
    ("at", "way", "on", "words"),
    [
        (shanghai(2026, 4, 20, 16, 30), "today", "", "已经过了下班前"),
        (shanghai(2026, 4, 19, 10, 0), "today", "", "今天不上班"),
        (shanghai(2026, 4, 20, 10, 0), "day", "", "请选哪一天"),
        (shanghai(2026, 4, 20, 10, 0), "day", "2026-04-20", "请选明天到一年以内"),
        (shanghai(2026, 4, 20, 10, 0), "day", "2027-04-22", "请选明天到一年以内"),
        (shanghai(2026, 4, 20, 10, 0), "day", "昨天", "哪一天再提醒"),
        (shanghai(2026, 4, 20, 10, 0), "later", "", "什么时候再提醒"),
    ],
)
def test_a_moment_that_makes_no_sense_is_refused_and_the_message_stays(
    as_, owner, freeze, at, way, on, words
):
    one = tell(owner)
    freeze(at)
    answer = as_(owner).post(f"/notifications/{one.pk}/snooze/", {"way": way, "on": on})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    one.refresh_from_db()
    assert one.snoozed_until is None


def test_putting_off_is_taken_back_and_neither_it_nor_reading_is_done_by_others(as_, owner, outsider):
    one = tell(owner)
    for deed in ("snooze", "wake", "unread", "read"):
        answer = as_(outsider).post(f"/notifications/{one.pk}/{deed}/", {"way": "tomorrow"})
        assert answer.status_code == 404
    client = as_(owner)
    client.post(f"/notifications/{one.pk}/snooze/", {"way": "tomorrow"})
    assert client.get("/notifications/").context["undo"]["wake"] == one.pk
    client.post(f"/notifications/{one.pk}/wake/")
    one.refresh_from_db()
    assert (one.snoozed_until, one.returned_at, one.read_at) == (None, None, None)


def test_what_is_put_off_is_counted_by_no_badge_and_marked_by_nobody(as_, owner):
    tell(owner, 1, snoozed_until=make.NOW + timedelta(days=400))
    client = as_(owner)
    assert str(client.get("/password/").context["unread_count"]) == ""
    client.post("/notifications/read/")
    assert Notification.objects.get().read_at is None
    assert "第 1 条" not in client.get("/").content.decode()


def test_what_came_back_stands_on_top_under_its_day(as_, owner, freeze):
    freeze(shanghai(2026, 4, 21, 9, 0))
    tell(owner, 1, created_at=shanghai(2026, 4, 1, 9, 0), returned_at=shanghai(2026, 4, 21, 8, 30))
    tell(owner, 2, created_at=shanghai(2026, 4, 20, 10, 0))
    tell(owner, 3, created_at=shanghai(2025, 12, 31, 23, 59))
    page = as_(owner).get("/notifications/")
    assert [(heading, [one.title for one in found]) for heading, found in page.context["days"]] == [
        ("今天，4月21日 周二", ["第 1 条"]),
        ("昨天，4月20日 周一", ["第 2 条"]),
        ("2025年12月31日 周三", ["第 3 条"]),
    ]
    assert "再次提醒，首次 2026-04-01 09:00" in page.content.decode()


def test_two_workers_bring_a_message_back_once(transactional_db, owner):
    for number in range(200):
        tell(owner, number, snoozed_until=make.NOW)
    gate, counts = threading.Barrier(4), []

    def worker():
        gate.wait()
        counts.append(bring_back(make.NOW))
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(counts) == 200
    assert not Notification.objects.exclude(returned_at=make.NOW, snoozed_until=None).exists()


def test_the_number_in_the_head_costs_every_page_one_query_inside_an_index(as_, owner):
    tell(owner)
    with CaptureQueriesContext(connection) as captured:
        as_(owner).get("/password/")
    asked = [query["sql"] for query in captured if "crm_notification" in query["sql"]]
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked[0]}")
        assert "notification_to_read" in str(cursor.fetchall())
