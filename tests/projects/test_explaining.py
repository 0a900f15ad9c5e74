"""「为什么（没）提醒我」: the page answers for every rule, and says what reached whom."""

from datetime import date, datetime, timedelta

from django.urls import reverse

from crm.models import Channel, Qualification
from crm.workdays import SHANGHAI
from leads import conflicts
from leads.handover import hand_over
from leads.lapses import scan
from leads.models import Lead
from projects.deadlines import remind_deadlines
from projects.explaining import explain
from projects.models import Project
from projects.reminders import morning_scan
from projects.supervising import issue
from projects.suspending import suspend
from projects.unanswered import tell_unanswered
from tests import make

MORNING = datetime(2026, 4, 20, 8, 30, tzinfo=SHANGHAI)
EARLIER = MORNING - timedelta(days=60)


def findings(record, person, at=MORNING):
    """What the page says of the record as it stands in the database."""
    row = type(record).objects.get(pk=record.pk)
    return {one.rule: one for one in explain(row, person, at)[0]}


def test_what_tells_is_said_with_its_readers(owner, head, teammate):
    lead = make.lead(owner, at=EARLIER)
    Lead.objects.update(limit_on=date(2026, 4, 17), red_on=date(2026, 4, 28), blue_on=None)
    found = findings(lead, owner)["阶段时限"]
    assert found.says == "黄灯：超过阶段时限 1 个工作日"
    assert found.readers == [owner.name, head.name]
    assert found.tells_me
    assert not findings(lead, teammate)["阶段时限"].tells_me


def test_what_is_silent_says_why(owner):
    lead = make.lead(owner, at=MORNING, next_contact_on=date(2026, 4, 27))
    assert findings(lead, owner)["下次联系日期"].says == "约在 2026-04-27，还没到。"
    assert findings(make.lead(owner), owner)["下次联系日期"].says == "没有约下次联系日期。"
    dropped = make.lead(owner)
    dropped.move_to("dropped", by=owner, at=MORNING, reason="联系不上")
    assert "这个阶段不提醒" in findings(dropped, owner)["阶段时限"].says
    project = make.project(owner)
    Project.objects.update(suspended_until=date(2026, 6, 1))
    project.refresh_from_db()
    assert "挂起至 2026-06-01" in findings(project, owner)["阶段时限"].says


def test_an_unanswered_lead_is_explained_by_the_clock_it_runs_on(owner, head, manager, leader):
    lead = make.lead(owner, at=EARLIER, met_at=None)
    found = findings(lead, owner)
    assert found["首次响应"].says.startswith("督办：没有首次响应，超过 ")
    assert found["首次响应"].readers == [one.name for one in (owner, head, manager, leader)]
    assert found["阶段时限"].says == "还没有首次响应，先看首次响应；响应以后才数这个阶段的时限。"
    assert found["阶段时限"].readers == []
    fresh = make.lead(owner, at=MORNING, met_at=None)
    assert findings(fresh, owner)["首次响应"].says == "期限 2026-04-21，还没到；2026-04-22 起亮黄灯。"
    met = make.lead(owner, at=MORNING)
    found = findings(met, owner)
    assert found["首次响应"].says == "2026-04-20 已有首次响应。"
    assert found["阶段时限"].says == "时限 2026-06-25，还没到；2026-06-18 起亮蓝灯。"


def test_a_report_is_explained_while_it_is_silent(owner, head):
    project = make.project(owner, at=MORNING)
    assert findings(project, owner)["定期汇报"].says == (
        "每 14 天一报，下次期限 2026-05-04，还没到；2026-04-27 起亮蓝灯。"
    )
    Project.objects.update(grade="A")
    assert findings(project, owner)["定期汇报"].says == (
        "每 7 天一报，下次期限 2026-04-27，还没到；2026-04-28 起亮黄灯。"
    )
    Project.objects.update(last_contact_at=MORNING - timedelta(days=12))
    project.refresh_from_db()
    found = findings(project, owner)["定期汇报"]
    assert (found.says, found.readers) == ("黄灯：没有汇报进展，超过 3 个工作日", [owner.name, head.name])
    project.move_to("review", by=head, at=MORNING, forced=True, reason="急")
    assert findings(project, owner)["定期汇报"].says == "只有「在谈」、「服务」阶段要定期汇报。"


def test_a_project_in_aftercare_says_which_rule_there_is(owner):
    project = make.project(owner, at=MORNING)
    Project.objects.update(stage="aftercare", last_contact_at=MORNING)
    project.refresh_from_db()
    found = findings(project, owner)
    assert found["阶段时限"].says == found["下次联系日期"].says == "「服务」阶段只看定期汇报。"
    assert found["定期汇报"].says.startswith("每 90 天一报，下次期限 2026-07-19")


def test_what_has_ended_says_so_for_every_clock(owner):
    project = make.project(owner, at=MORNING)
    lead = project.lead
    assert findings(lead, owner)["阶段时限"].says == "这条线索已转为项目，在项目上提醒。"
    Project.objects.update(stage="lost", revisit_on=date(2026, 5, 2))
    project.refresh_from_db()
    found = findings(project, owner)
    for rule in ("下次联系日期", "阶段时限", "定期汇报"):
        assert found[rule].says.startswith("项目已流失")
    assert found["回访"].says == "约定 2026-05-02 回访，2026-05-06 提醒一次。"
    assert found["回访"].readers == [owner.name]
    assert findings(make.lead(owner), owner)["回访"].says == "没有流失，不约回访。"


def test_the_first_report_says_when_it_warns_and_why_it_stands_still(owner, head, manager, outsider):
    lead = make.lead(owner, "深圳云芯科技有限公司", at=MORNING)
    found = findings(lead, owner)
    assert found["首报跟进"].says == "2026-05-20 前要有有效跟进，否则次日失效；2026-05-10 起预警，还没到。"
    assert found["首报保护期"].says == "保护至 2026-07-19；2026-07-12 起预警，还没到。"
    assert found["首报跟进"].readers == [owner.name, head.name]
    later = MORNING + timedelta(days=25)
    assert "一小时内预警" in findings(lead, owner, later)["首报跟进"].says
    scan(later)
    assert findings(lead, owner, later)["首报跟进"].says.endswith("2026-05-15 已预警。")
    case = conflicts.open_case(lead.title, by=outsider, at=MORNING, reason="我方在先")
    found = findings(lead, owner)
    assert found["首报跟进"].says == "正在裁决首报冲突，裁决以前不计时、不失效。"
    assert f"{case.due_on} 前裁决" in found["首报冲突"].says
    assert found["首报冲突"].readers == [manager.name]
    shares = {owner.unit: 100, outsider.unit: 0}
    conflicts.decide(case, verdict="keep", opinion="证据", shares=shares, by=manager, at=MORNING)
    lead.refresh_from_db()
    assert findings(lead, owner)["首报冲突"].says == "没有等待裁决的首报冲突。"
    lead.move_to("dropped", by=owner, at=MORNING, reason="联系不上")
    assert "首报已于 2026-04-20 结束（线索流失）" in findings(lead, owner)["首报保护期"].says
    project = make.project(owner, at=MORNING)
    assert findings(project, owner)["首报保护期"].says.startswith("已转为项目")
    suspend(project, until=date(2026, 5, 6), reason="等土地", by=owner, at=MORNING)
    found = findings(project, owner)
    assert "不计时" in found["首报跟进"].says
    assert found["挂起到期"].says == "2026-05-06 自动恢复，当时告诉负责人。"
    assert found["挂起到期"].tells_me


def test_the_pool_a_hand_over_and_an_order_are_explained(owner, head, leader, wanggu):
    lead = make.lead(owner, at=MORNING, channel=Channel.objects.get(code="walk_in"))
    assert findings(make.lead(owner), owner)["退回公海"].says.startswith("不退回公海")
    says = "一直没有有效跟进，2026-05-27 夜间退回；2026-05-20 起预警，还没到。"
    assert findings(lead, owner)["退回公海"].says == says
    assert findings(lead, owner)["流转"].says == "没有等待答复的移交。"
    hand_over(lead, to_unit=wanggu, by=head, at=MORNING, reason="载体")
    assert findings(lead, owner)["流转"].says == (
        "2026-04-20 已请智慧网谷小镇答复；2026-04-23 前没有答复自动退回，双方都收到。"
    )
    order = issue(lead, demand="请约见。", due_on=date(2026, 4, 24), by=leader, at=MORNING)
    found = findings(lead, leader)["督办单"]
    assert found.says == f"{order} 期限 2026-04-24，没有回复的 2026-04-27 告诉签发人。"
    assert found.tells_me
    tell_unanswered(MORNING + timedelta(days=7))
    assert "2026-04-27 已告诉签发人" in findings(lead, leader)["督办单"].says


def test_promises_and_qualifications_are_explained(owner):
    project = make.project(owner, at=MORNING)
    assert findings(project, owner)["承诺到期"].says == "没有等待核实的承诺。"
    paper = make.agreement(project, owner, expires_on=date(2026, 5, 10))
    promise = make.commitment(paper, date(2026, 6, 30), item="投资 1 亿元")
    Qualification.objects.create(company=project.company, kind="瞪羚企业", expires_on=date(2026, 12, 31))
    found = findings(project, owner)
    assert found["承诺到期"].says == (
        "「投资 1 亿元」2026-06-30 到期，2026-06-01 起提醒，还没到；过期还没核实再提醒一次。"
    )
    assert "下一个工作日提醒" in found["协议到期"].says
    assert found["资质到期"].says == "瞪羚企业 2026-12-31 到期，2026-10-08 起提醒，还没到。"
    remind_deadlines(MORNING)
    assert "2026-05-10，已提醒过" in findings(project, owner)["协议到期"].says
    type(promise).objects.update(due_on=date(2026, 4, 1))
    assert "还没有核实，下一个工作日催办" in findings(project, owner)["承诺到期"].says


def test_the_page_answers_for_every_rule_at_a_fixed_cost(as_, owner, django_assert_max_num_queries):
    lead, project = make.lead(owner), make.project(owner)
    client = as_(owner)
    both = {"下次联系日期", "阶段时限", "首报跟进", "首报保护期", "首报冲突"}
    both |= {"流转", "督办单", "回访", "资质到期"}
    of_lead = both | {"首次响应", "引荐人回音", "退回公海"}
    of_project = both | {"定期汇报", "承诺到期", "协议到期", "挂起到期", "基金推荐", "匹配变化", "政策到期"}
    for name, record, rules in (
        ("projects:lead_reminders", lead, of_lead),
        ("projects:reminders", project, of_project),
    ):
        with django_assert_max_num_queries(39):
            page = client.get(reverse(name, args=[record.pk]))
        assert {one.rule for one in page.context["daily"] + page.context["others"]} == rules
        assert all(f"<dt>{rule}</dt>" in page.content.decode() for rule in rules)


def test_the_log_says_what_was_told_when_and_whether_it_reached_me(as_, owner, head, teammate):
    lead = make.lead(owner, at=EARLIER, next_contact_on=date(2026, 3, 20))
    Lead.objects.update(limit_on=None, blue_on=None, next_contact_on=date(2026, 4, 20))
    morning_scan(MORNING)
    (mine,), (theirs,) = explain(lead, owner, MORNING)[1], explain(lead, teammate, MORNING)[1]
    assert (mine.level, mine.due_on, mine.first, mine.reached_me) == (
        "到期联系",
        date(2026, 4, 20),
        owner,
        True,
    )
    assert not theirs.reached_me
    page = as_(owner).get(reverse("projects:lead_reminders", args=[lead.pk]))
    assert "收到，列在当天的今日提醒里" in page.content.decode()


def test_a_page_of_another_unit_does_not_exist(as_, owner, outsider):
    lead, project = make.lead(owner), make.project(owner)
    for name, record in (("projects:lead_reminders", lead), ("projects:reminders", project)):
        assert as_(outsider).get(reverse(name, args=[record.pk])).status_code == 404
        assert as_(owner).get(reverse(name, args=[record.pk])).status_code == 200
