"""One's own messages: read and unread, marked by POST, digests as lists, the badge in the menu."""

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Notification
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
    page = as_(owner).get("/notifications/?unread=1").content.decode()
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
    assert costs[0] == costs[1] <= 5


def test_the_empty_inbox_says_what_will_come(as_, owner):
    assert "每个工作日 8:30" in as_(owner).get("/notifications/").content.decode()


def test_orders_are_a_kind_of_their_own_and_filters_keep_each_other(as_, owner):
    tell(owner, 1, kind="supervise", title="系统督办：甲")
    tell(owner, 2, kind="stage", title="强制推进了乙")
    client = as_(owner)
    page = client.get("/notifications/?kind=supervise").content.decode()
    assert "系统督办：甲" in page
    assert "强制推进了乙" not in page
    assert "kind=supervise&amp;unread=1" in page
    for wrong in ("kind=none", "unread=2", "sort=old"):
        assert client.get(f"/notifications/?{wrong}").status_code == 400
