"""回音: who introduced a lead hears within seven days; late ones climb the ladder; once said, it is quiet."""

from datetime import date, datetime, timedelta

import pytest

from django.utils import timezone

from crm.errors import NotAllowed
from crm.models import Channel, Notification, Setting
from crm.workdays import SHANGHAI
from leads.editing import edit
from leads.feedback import FeedbackRefused, Said, feed_back
from leads.models import Feedback, Lead
from projects.explaining import explain
from projects.models import ReminderSent, SupervisionOrder
from projects.reminders import Scan, morning_scan
from projects.supervising import issue_overdue
from tests import callers, make

MONDAY = datetime(2026, 4, 20, 8, 30, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
NAME = "杭州云栖数据有限公司"


def introduced(by, code="chamber", at=make.NOW, **more):
    return make.lead(by, NAME, at=at, channel=Channel.objects.get(code=code), **more)


def owing(by, due_on, **more):
    """A lead whose introducer waits since `due_on`; nothing else of it is due."""
    lead = introduced(by, **more)
    quiet = {"next_contact_on": None, "blue_on": None, "limit_on": None, "red_on": None}
    Lead.objects.filter(pk=lead.pk).update(feedback_due_on=due_on, **quiet)
    lead.refresh_from_db()
    return lead


def said(on=date(2026, 4, 22), content="已研判，拟在半山洽谈。"):
    return Said("杭州软件商会", on, content)


def told(person):
    return {n: [item["text"] for item in n.items] for n in Notification.objects.filter(user=person)}


def texts(person):
    return [text for items in told(person).values() for text in items]


def test_seven_days_from_the_registration_for_introduced_leads_alone(owner):
    assert introduced(owner).feedback_due_on == date(2026, 4, 27)
    assert make.lead(owner).feedback_due_on is None


def test_a_partner_that_pushed_a_lead_introduced_it_whatever_the_channel(db):
    partner = callers.partner()
    partner.post("leads/", {"company_name": NAME, "channel": "contest"})
    lead = Lead.objects.get()
    assert lead.feedback_due_on == timezone.localdate() + 7 * DAY


def test_a_corrected_channel_starts_or_ends_the_clock_from_that_day(owner, now):
    lead = make.lead(owner)
    chamber, knock = Channel.objects.get(code="chamber"), lead.channel
    edit(lead, {"channel": chamber}, by=owner, at=now + 20 * DAY, version=lead.version)
    lead.refresh_from_db()
    assert lead.feedback_due_on == date(2026, 5, 17)
    edit(lead, {"channel": knock}, by=owner, at=now + 21 * DAY, version=lead.version)
    lead.refresh_from_db()
    assert (lead.introduced_on, lead.feedback_due_on) == (None, None)


def test_the_page_says_by_when_and_afterwards_when_what_was_said(as_, owner, freeze):
    freeze(make.NOW)
    lead = introduced(owner, channel_detail="杭州软件商会")
    client = as_(owner)
    page = client.get(lead.get_absolute_url()).content.decode()
    assert "请在 2026-04-27 前告诉引荐人处理情况" in page
    assert 'value="杭州软件商会"' in page
    form = {"feedback-to": "软件商会秘书长", "feedback-said_on": "2026-04-20", "feedback-content": "拟约见。"}
    page = client.post(f"/leads/{lead.pk}/feedback/", form, follow=True).content.decode()
    assert "2026-04-20 已回音，期限 2026-04-27" in page
    assert "2026-04-20 告诉软件商会秘书长：拟约见。" in page
    row = Feedback.objects.get()
    assert (row.by, row.said_on, lead.version + 1) == (
        owner,
        date(2026, 4, 20),
        Lead.objects.get().version,
    )


def test_a_lead_that_nobody_introduced_has_no_such_panel(as_, owner):
    page = as_(owner).get(make.lead(owner).get_absolute_url()).content.decode()
    assert "引荐人回音" not in page


def test_the_project_it_became_tells_it_too(as_, owner, now):
    project = make.project(owner, channel=Channel.objects.get(code="chamber"))
    feed_back(project.lead, said(date(2026, 4, 20)), by=owner, at=now)
    assert "告诉杭州软件商会：已研判" in as_(owner).get(project.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "given, match",
    [
        (Said(" ", date(2026, 4, 22), "已研判。"), "请写明回音给谁"),
        (Said("商会", date(2026, 4, 22), " "), "请写明回音说了什么"),
        (Said("商会", date(2026, 4, 19), "已研判。"), "登记日期 2026-04-20 到今天之间"),
        (Said("商会", date(2026, 4, 24), "已研判。"), "登记日期 2026-04-20 到今天之间"),
        (Said("商会", None, "已研判。"), "登记日期 2026-04-20 到今天之间"),
        (Said("商会", date(2026, 4, 22), "长" * 2001), "最多 2000 个字"),
    ],
)
def test_without_name_words_or_a_possible_day_nothing_is_recorded(owner, now, given, match):
    lead = introduced(owner)
    with pytest.raises(FeedbackRefused, match=match):
        feed_back(lead, given, by=owner, at=now + 3 * DAY)
    lead.refresh_from_db()
    assert (lead.fed_back_on, lead.version, Feedback.objects.count()) == (None, 1, 0)


def test_strangers_record_none_and_a_lead_without_introducer_has_none(as_, owner, outsider, now, freeze):
    with pytest.raises(NotAllowed):
        feed_back(introduced(owner), said(), by=outsider, at=now + 3 * DAY)
    freeze(now)
    form = {"feedback-to": "商会", "feedback-said_on": "2026-04-20", "feedback-content": "已研判。"}
    answer = as_(owner).post(f"/leads/{make.lead(owner).pk}/feedback/", form)
    assert answer.status_code == 400
    assert "来源渠道「敲门招商」没有引荐人，不用回音" in answer.content.decode()
    assert not Feedback.objects.exists()


def test_the_first_feedback_counts_also_when_it_is_recorded_last(owner, now):
    lead = introduced(owner)
    feed_back(lead, said(date(2026, 4, 24)), by=owner, at=now + 5 * DAY)
    feed_back(lead, said(date(2026, 4, 22)), by=owner, at=now + 5 * DAY)
    lead.refresh_from_db()
    assert lead.fed_back_on == date(2026, 4, 22)


@pytest.mark.parametrize(
    "due_on, level, owner_told, head_told, bureau_told",
    [
        ("2026-04-20", "", False, False, False),
        ("2026-04-17", "黄灯", True, True, False),
        ("2026-04-08", "红灯", True, True, False),
        ("2026-03-26", "督办", True, True, True),
    ],
)
def test_the_ladder(owner, head, manager, due_on, level, owner_told, head_told, bureau_told):
    owing(owner, date.fromisoformat(due_on), at=MONDAY - 60 * DAY)
    morning_scan(MONDAY)
    heard = [bool(texts(person)) for person in (owner, head, manager)]
    assert heard == [owner_told, head_told, bureau_told]
    if level:
        (digest,) = Notification.objects.filter(user=owner)
        assert digest.title == f"今日提醒：{level} 1"
        assert "没有给引荐人回音，超过" in texts(owner)[0]


def test_a_longer_term_has_a_blue_lamp(owner):
    Setting.objects.create(key="feedback_days", value=10)
    introduced(owner, at=MONDAY - 4 * DAY)
    Lead.objects.update(limit_on=None, red_on=None, blue_on=None)
    morning_scan(MONDAY)
    assert texts(owner) == ["离回音期限还有 4 个工作日"]


def test_told_once_as_new_and_silent_once_the_introducer_heard(owner):
    lead = owing(owner, date(2026, 4, 17))
    morning_scan(MONDAY)
    morning_scan(MONDAY + DAY)
    assert sorted(texts(owner))[1] == "没有给引荐人回音，超过 2 个工作日，仍未处理"
    assert ReminderSent.objects.get().rule == "feedback"
    feed_back(lead, said(date(2026, 4, 21)), by=owner, at=MONDAY + DAY)
    assert list(Scan(MONDAY + 2 * DAY).reminders()) == []


def test_it_is_owed_also_after_the_lead_was_dropped_and_the_page_of_reasons_says_so(owner):
    lead = owing(owner, date(2026, 4, 17))
    lead.move_to("dropped", by=owner, at=make.NOW, reason="联系不上")
    found = {one.rule: one.says for one in explain(lead, owner, MONDAY)[0]}
    assert found["引荐人回音"] == "黄灯：没有给引荐人回音，超过 1 个工作日"
    feed_back(lead, said(date(2026, 4, 20)), by=owner, at=make.NOW)
    lead.refresh_from_db()
    found = {one.rule: one.says for one in explain(lead, owner, MONDAY)[0]}
    assert found["引荐人回音"] == "已在 2026-04-20 给引荐人回音。"


def test_sixteen_workdays_late_the_ladder_issues_an_order_once_beside_the_one_of_the_stage(owner):
    past = date(2026, 3, 26)
    lead = owing(owner, past, at=MONDAY - 60 * DAY)
    Lead.objects.update(limit_on=past, red_on=past)
    assert issue_overdue(MONDAY) == 2
    assert issue_overdue(MONDAY + DAY) == 0
    demands = {order.rule: order.demand for order in SupervisionOrder.objects.filter(lead=lead)}
    assert demands["feedback"].startswith("没有给引荐人回音，超过 16 个工作日，")
    assert demands["stage"].startswith("超过阶段时限 16 个工作日")


def test_an_introducer_who_heard_brings_no_order(owner):
    lead = owing(owner, date(2026, 3, 26), at=MONDAY - 60 * DAY)
    feed_back(lead, said(date(2026, 4, 17)), by=owner, at=MONDAY)
    assert issue_overdue(MONDAY) == 0


def test_a_new_number_of_days_counts_at_once_for_those_that_wait(as_, owner, admin_user, now):
    heard = make.lead(owner, channel=Channel.objects.get(code="alumni"))
    feed_back(heard, said(date(2026, 4, 20)), by=owner, at=now)
    waiting = introduced(owner)
    page = as_(admin_user).post(
        "/admin/crm/setting/add/", {"key": "feedback_days", "value": "10"}, follow=True
    )
    assert "已按新的天数重算 1 条线索的回音期限" in page.content.decode()
    due = dict(Lead.objects.values_list("pk", "feedback_due_on"))
    assert due == {waiting.pk: date(2026, 4, 30), heard.pk: date(2026, 4, 27)}


def test_api_records_and_reads_it_and_the_partner_hears_it(owner, outsider, manager):
    partner = callers.partner(unit=owner.unit)
    partner.post("leads/", {"company_name": NAME})
    lead = Lead.objects.get()
    body = {"to": "伙伴甲", "said_on": f"{timezone.localdate()}", "content": "已转研判。"}
    assert partner.post(f"leads/{lead.pk}/feedback/", body).status_code == 403
    assert callers.person(outsider).post(f"leads/{lead.pk}/feedback/", body).status_code == 404
    person = callers.person(owner)
    wrong = person.post(f"leads/{lead.pk}/feedback/", {**body, "said_on": "2020-01-01"})
    assert wrong.status_code == 400
    assert "回音日期要在登记日期" in wrong.json()["errors"][0]["detail"]
    first = person.post(f"leads/{lead.pk}/feedback/", body, Idempotency_Key="fb-1")
    again = person.post(f"leads/{lead.pk}/feedback/", body, Idempotency_Key="fb-1")
    assert (first.status_code, again.content) == (201, first.content)
    (read,) = partner.get(f"leads/{lead.pk}/feedback/").json()["results"]
    assert (read["content"], read["by_label"]) == ("已转研判。", None)
    assert partner.get(f"leads/{lead.pk}/").json()["fed_back_on"] == body["said_on"]
