"""工作台: what each role finds there, that every number opens its list, and that the page does not grow."""

import re
from datetime import date, datetime, timedelta
from html import escape, unescape

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import schedule, status
from crm.models import AuditEvent, JobSlot, Notification
from crm.workdays import SHANGHAI, shanghai_day
from leads.filters import LeadFilter
from leads.models import Lead
from projects.agenda import Agenda
from projects.filters import ProjectFilter
from projects.incentives import draft
from projects.models import Fund, Match, Project
from projects.reminders import morning_scan
from tests import make

MOST_QUERIES = 5  # one of them reads numbers and lists, one counts what stands behind the links of the page


@pytest.fixture
def today():
    return shanghai_day(timezone.now())


def put(record, day, contact=None, limit=None, red=None):
    """Set the clocks of a record in days from `day`; None leaves the date empty."""
    dates = {"next_contact_on": contact, "limit_on": limit, "red_on": red}
    values = {name: None if shift is None else day + timedelta(days=shift) for name, shift in dates.items()}
    type(record).objects.filter(pk=record.pk).update(**values)
    return record


def text(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_officer_sees_what_is_late_first_with_the_action_beside_it(as_, owner, today):
    soon = put(make.lead(owner, "杭州晚照科技有限公司"), today, contact=3)
    late = put(make.lead(owner, "杭州早霞科技有限公司"), today, contact=-4)
    page = text(as_(owner))
    assert page.index("杭州早霞科技有限公司") < page.index("杭州晚照科技有限公司")
    assert "逾期 4 天" in page
    assert "3 天后" in page
    for lead, where in ((soon, "ahead"), (late, "now")):
        assert f'href="/work/{where}/lead/{lead.pk}/do/visit/"' in page


def test_lamps_and_gaps_are_listed_with_their_project_or_lead(as_, owner, today):
    put(make.lead(owner, "深圳红枫科技有限公司"), today, contact=30, limit=-20, red=-10)
    project = put(make.project(owner, name="深圳黄杨科技有限公司"), today, contact=30, limit=-2, red=8)
    put(make.lead(owner, "深圳无期科技有限公司"), today)
    answer = as_(owner).get("/")
    lamps = {task.title: task.light for task in answer.context["lists"]["late"]}
    assert lamps == {"深圳红枫科技有限公司": "red", "深圳黄杨科技有限公司": "yellow"}
    assert "深圳无期科技有限公司" in [task.title for task in answer.context["lists"]["no_next"]]
    assert f'href="/work/late/project/{project.pk}/do/visit/"' in answer.content.decode()


def test_an_officer_sees_their_own_and_a_head_the_whole_unit(as_, owner, teammate, outsider, head, today):
    for person, name in ((owner, "甲方智能"), (teammate, "乙方智能"), (outsider, "丙方智能")):
        put(make.lead(person, name), today, contact=0)
    mine, unit = text(as_(owner)), text(as_(head))
    assert "甲方智能" in mine
    assert "乙方智能" not in mine
    assert "甲方智能" in unit
    assert "乙方智能" in unit
    assert "丙方智能" not in mine + unit


def test_the_links_to_all_trips_and_messages_say_how_many_there_are(as_, owner, outsider, fund_user, today):
    long_ago = today - timedelta(days=99)
    for person, number in ((owner, 8), (outsider, 3)):
        for n in range(number):
            make.roadshow(person, f"第 {n} 次", starts_on=long_ago, ends_on=long_ago)
            Notification.objects.create(
                user=person, kind="system", key=f"n{n}", created_at=make.NOW, sent_at=make.NOW
            )
    page = text(as_(owner))
    assert "近期没有行程" in page
    assert "全部行程 8 次</a>" in page
    assert "全部消息 8 条</a>" in page
    assert "全部消息 0 条</a>" in text(as_(fund_user))


def spread(person, today):
    """Records in every sort of task, leads and projects, with dates on both sides of every border."""
    clocks = [(-3, 5, 9), (0, -2, 4), (2, -30, -10), (7, None, None), (8, 0, 7), (None, -1, 5), (-1, -9, 0)]
    for contact, limit, red in clocks:
        put(make.lead(person), today, contact=contact, limit=limit, red=red)
    for contact, limit, red in clocks[:6]:
        put(make.project(person), today, contact=contact, limit=limit, red=red)


@pytest.mark.parametrize("role", ["owner", "head", "manager"])
def test_every_number_is_the_length_of_the_list_it_opens(request, as_, rf, owner, teammate, today, role):
    person = request.getfixturevalue(role)
    spread(owner, today)
    spread(teammate, today)
    tiles = as_(person).get("/").context["tiles"]
    for tile in tiles:
        asked = rf.get(f"/?{tile['query']}")
        asked.user = person
        for name, filters, model in (("leads", LeadFilter, Lead), ("projects", ProjectFilter, Project)):
            rows = filters(asked.GET, model.objects.visible_to(person), request=asked, today=today).rows()
            assert tile[name] == rows.count(), (tile["sort"], name)
    assert all(tile["leads"] and tile["projects"] for tile in tiles)


@pytest.mark.parametrize("role", ["owner", "station", "head", "manager", "leader"])
def test_ten_records_and_a_hundred_cost_the_same_few_queries(request, as_, owner, station, today, role):
    person = request.getfixturevalue(role)
    client = as_(person)
    worker = station if role == "station" else owner

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    make.roadshow(worker, starts_on=today, ends_on=today)
    spread(worker, today)
    client.get("/")  # the words of the stages are kept for a while
    few = cost()
    Lead.objects.all().update(next_contact_on=today)
    _copy_leads(worker, 90, today)
    assert cost() == few
    assert few <= MOST_QUERIES


def _copy_leads(person, number, today):
    source = make.lead(person)
    Notification.objects.bulk_create(
        Notification(user=person, kind="system", key=f"n{n}", created_at=make.NOW, sent_at=make.NOW)
        for n in range(number)
    )
    for n in range(number):
        source.pk, source.title, source._state.adding = None, f"杭州群星 {n} 号", True
        source.next_contact_on = today + timedelta(days=n % 7 - 3)
        source.limit_on = source.red_on = today - timedelta(days=n % 5)
        source.save()


def test_an_empty_home_says_what_to_do_first(as_, owner, station):
    page = text(as_(owner))
    assert "记第一家" in page
    assert "建一次行程" not in page
    assert "建一次行程" in text(as_(station))


def test_trips_under_way_show_how_many_were_recorded(as_, station, today):
    trip = make.roadshow(station, title="苏州敲门招商", starts_on=today - timedelta(days=1), ends_on=today)
    make.roadshow(
        station, title="早已结束", starts_on=today - timedelta(days=60), ends_on=today - timedelta(days=50)
    )
    assert "还没有记一家" in text(as_(station))
    make.lead(station, roadshow=trip)
    page = text(as_(station))
    assert "已记 1 家" in page
    assert "早已结束" not in page


def test_the_bureau_and_the_leader_see_red_lamps_by_unit_and_only_who_may_gets_the_button(
    as_, owner, outsider, manager, leader, today
):
    put(make.lead(owner, "深圳赤峰科技有限公司"), today, contact=3, limit=-30, red=-20)
    put(make.project(outsider, name="深圳丹霞科技有限公司"), today, contact=3, limit=-30, red=-20)
    answer = as_(manager).get("/")
    assert answer.context["red_by_unit"] == [("banshan", "半山区块", 1, 0), ("wanggu", "智慧网谷小镇", 0, 1)]
    assert "记录跟进" in answer.content.decode()
    page = text(as_(leader))
    assert "深圳赤峰科技有限公司" in page
    assert "记录跟进" not in page


LINK = re.compile(r'href="(/(?:leads|projects)/\?unit=[^"]+)">(\d+)</a>')


@pytest.mark.parametrize("role", ["manager", "leader"])
def test_every_red_number_of_a_unit_opens_the_list_of_so_many(request, as_, owner, outsider, today, role):
    spread(owner, today)
    spread(outsider, today)
    put(make.lead(outsider), today, limit=-30, red=-20)
    client = as_(request.getfixturevalue(role))
    links = LINK.findall(text(client))
    assert len(links) == 4
    for url, shown in links:
        page = client.get(unescape(url))
        assert (page.status_code, page.context["count"].number) == (200, int(shown)), url


@pytest.mark.parametrize("role", ["manager", "leader"])
def test_the_sums_of_the_overview_stand_above_their_lists(request, as_, owner, head, today, role):
    make.project(owner, amount_wan=3000)
    signed = make.project(owner, amount_wan=500)
    signed.move_to("signed", by=head, at=make.NOW, reason="区领导已定", forced=True)
    make.project(owner)
    client = as_(request.getfixturevalue(role))
    page = client.get("/").context
    for url, number, amount in (
        ("/projects/?open=1&count=exact", page["projects"]["open"], page["projects"]["amount"]),
        ("/projects/?reached=signed&count=exact", page["signed"]["number"], page["signed"]["amount"]),
    ):
        assert f'href="{escape(url)}"' in text(client)
        total = client.get(url).context["total"]
        assert (total.count, total.amount) == (number, amount)


def test_a_limit_is_over_by_workdays_and_a_contact_by_days_as_in_the_digest(owner):
    """The holiday of 1 to 5 May lies between the limit and the day."""
    lead, at = make.lead(owner), datetime(2026, 5, 7, 8, 30, tzinfo=SHANGHAI)
    april = date(2026, 4, 30)
    Lead.objects.filter(pk=lead.pk).update(limit_on=april, red_on="2026-05-14", next_contact_on=april)
    agenda = Agenda(owner, at.date())
    assert [task.over for task in agenda.lists("late")["late"]] == ["超时限 2 个工作日"]
    assert [task.when for task in agenda.lists("now")["now"]] == ["逾期 7 天"]
    morning_scan(at)
    told = {item["kind"]: item["text"] for item in Notification.objects.get().items}
    assert told == {"yellow": "超过阶段时限 2 个工作日", "due": "约定联系日已过 7 天"}


def test_a_limit_that_ended_on_friday_is_just_over_on_saturday(owner):
    lead = make.lead(owner)
    Lead.objects.filter(pk=lead.pk).update(limit_on="2026-04-17", red_on="2026-04-28")
    assert [task.over for task in Agenda(owner, date(2026, 4, 18)).lists("late")["late"]] == ["刚过时限"]


def test_a_fund_manager_sees_the_own_funds_only(as_, fund_user):
    for code in ("一号", "二号"):
        Fund.objects.create(code=f"f{code}", name=f"钱塘{code}基金", kind="venture", status="operating")
    Fund.objects.get(name="钱塘一号基金").managers.add(fund_user)
    page = text(as_(fund_user))
    assert "钱塘一号基金" in page
    assert "钱塘二号基金" not in page


@pytest.fixture
def own(fund_user):
    """Two funds of the fund manager, one still being set up, and one of somebody else."""
    for code, state in (("run", "operating"), ("plan", "preparing"), ("other", "operating")):
        fund = Fund.objects.create(code=code, name=f"{code}基金", kind="venture", status=state)
        if code != "other":
            fund.managers.add(fund_user)
    return {fund.code: fund for fund in Fund.objects.all()}


def matched(project, **verdicts):
    for code, verdict in verdicts.items():
        fund = Fund.objects.get(code=code)
        Match.objects.create(
            project=project, fund=fund, verdict=verdict, result={}, facts={}, digest="",
            computed_at=make.NOW,
        )  # fmt: skip


def test_a_fund_reads_of_no_project_before_one_is_referred_not_even_how_many(as_, fund_user, own, owner):
    for name, verdict in (("甲", "fit"), ("乙", "fit"), ("丙", "incomplete"), ("丁", "unfit")):
        project = make.project(owner, name=f"深圳{name}号机密有限公司")
        matched(project, run=verdict, plan="reserve", other="fit")
    lost = make.project(owner, name="深圳戊号机密有限公司")
    matched(lost, run="fit", plan="reserve")
    Project.objects.filter(pk=lost.pk).update(stage="lost")
    page = text(as_(fund_user))
    counts = {code: re.findall(r">(\S+ \d+)</span>", row) for code, row in fund_rows(page).items()}
    assert counts == {"run": [], "plan": []}
    assert "机密" not in page
    assert "还没有推荐给您的项目" in page


def fund_rows(page):
    return dict(re.findall(r'data-fund="(\w+)">(.*?)</div>', page))


def test_a_fund_with_nothing_and_a_manager_without_fund_are_told_so(as_, fund_user, own):
    assert "还没有推荐来的项目" in text(as_(fund_user))
    own["run"].managers.clear()
    own["plan"].managers.clear()
    assert "还没有对应的基金" in text(as_(fund_user))
    assert "推荐给您" not in text(as_(fund_user))


def test_what_waits_for_the_fund_is_listed_the_longest_waiting_first(as_, fund_user, own, owner):
    for place, name in enumerate("乙甲"):
        project = make.project(owner, name=f"深圳{name}号有限公司")
        make.referral(project, own["run"], owner, at=make.NOW + timedelta(hours=1 - place), reason="示例")
        make.referral(project, own["other"], owner, reason="示例")
    page = as_(fund_user).get("/")
    assert [row.project.name for row in page.context["waiting"]] == ["深圳甲号有限公司", "深圳乙号有限公司"]
    found = page.content.decode()
    assert re.findall(r">(\S+ \d+)</span>", fund_rows(found)["run"]) == [
        "待接收 2",
        "在尽调 0",
        "已出资 0",
        "共推荐 2",
    ]
    assert "还没有推荐给您的项目" not in found


def test_a_reviewer_finds_what_waits_for_review_and_what_was_flagged(as_, reviewer, owner):
    assert "没有等待审查的条款" in text(as_(reviewer))
    project = make.project(owner, name="深圳送审科技有限公司")
    draft(project, {"kind": "tax", "text": "按税收地方留成的一半返还。"}, by=owner, at=make.NOW)
    page = text(as_(reviewer))
    assert "深圳送审科技有限公司" in page
    assert "税收挂钩" in page


def test_the_auditor_sees_the_newest_events(as_, auditor, now):
    AuditEvent.objects.create(at=now, actor_name="林晓", action="export", detail={})
    page = text(as_(auditor))
    assert "林晓" in page
    assert "导出" in page


def test_the_administrator_sees_the_machinery_and_no_business(as_, admin_user, owner):
    make.lead(owner, "深圳机密科技有限公司")
    now = timezone.now()
    JobSlot.objects.create(job="tick", period_start=now, leased_until=now, finished_at=now, state="done")
    JobSlot.objects.create(
        job="rematch", period_start=now, leased_until=now, state="dead", last_error="Boom: 坏了"
    )
    Notification.objects.create(
        user=owner, kind="system", key="k", title="x", created_at=now - timedelta(hours=1)
    )
    page = text(as_(admin_user))
    assert "最近一次" in page
    assert "消息中间件" in page
    assert "最早一条已超过 10 分钟" in page
    assert "Boom: 坏了" in page
    assert "深圳机密科技有限公司" not in page


def test_agenda_words_tell_how_near_a_date_is(owner, today):
    for shift in (-2, 0, 1, 6):
        put(make.lead(owner, f"企业{shift}号有限公司"), today, contact=shift)
    lists = Agenda(owner, today).lists("now", "ahead")
    words = [task.when for name in ("now", "ahead") for task in lists[name]]
    assert words == ["逾期 2 天", "今天", "明天", "6 天后"]


def test_every_scheduled_job_is_named_in_chinese():
    assert schedule.JOBS.keys() - status.JOB_WORDS.keys() == set()


def test_below_every_short_list_stands_how_much_there_is_and_the_way_to_all_of_it(as_, owner, head, today):
    for days in range(7):
        put(make.lead(owner), today, contact=days - 3, limit=-days - 1)
    put(make.project(owner), today, contact=20, limit=-3, red=-1)
    client = as_(owner)
    page = text(client)
    for query, leads, projects in (("due=now", 4, 0), ("due=ahead", 3, 0), ("light=late", 7, 1)):
        assert f'href="/leads/?{query}&amp;owner=me">线索 {leads} 条</a>' in page
        assert (f'href="/projects/?{query}&amp;owner=me">项目 {projects} 个</a>' in page) == bool(projects)
        assert f"共 <b>{leads}</b> 条" in client.get(f"/leads/?{query}&owner=me").content.decode()
    assert "全部 8 条" in page
    assert "全部 0 条" not in text(as_(head)).split('id="news"')[0]


def test_who_has_nothing_yet_finds_what_to_do_first_beside_trips_and_messages(as_, owner):
    page = as_(owner).get("/").content.decode()
    wide, side = page.index('class="col-lg-8"'), page.index('class="col-lg-4"')
    assert wide < page.index("您名下还没有在办的线索和项目") < side < page.index("近期行程")
