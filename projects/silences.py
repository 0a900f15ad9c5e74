"""Why a rule of the morning scan does not tell of a record today: not due yet and until when, standing still,
or not for a record in this state."""

from datetime import timedelta

from crm.numbers import number
from crm.workdays import ONE_DAY, shanghai_day
from leads.models import Lead
from leads.stages import LeadStage
from projects.models import Project, ReminderSent
from projects.reporting import cadence, owing_reports
from projects.stages import ProjectStage

Rule = ReminderSent.Rule
ENDED = {
    LeadStage.ACCEPTED: "这条线索已转为项目，在项目上提醒。",
    LeadStage.RESERVE: "储备的线索不提醒；转回研判以后重新起算。",
    LeadStage.DROPPED: "线索已流失，这个阶段不提醒；约了回访的看下面的回访。",
    ProjectStage.LOST: "项目已流失，这个阶段不提醒；约了回访的看下面的回访。",
}


def silences(record, scan):
    """{rule: sentence} of every rule of the morning scan that may ever tell of `record`, as of its day."""
    said = _of_lead(record, scan) if isinstance(record, Lead) else _of_project(record, scan)
    if stopped := _stands_still(record):
        said |= dict.fromkeys(said.keys() - {Rule.FEEDBACK}, stopped)
    return said


def _stands_still(record):
    """Why none of its clocks runs, "" while they do. A 回音 is owed whatever becomes of the lead."""
    if not record.is_suspended:
        return ENDED.get(record.stage, "")
    if isinstance(record, Project):
        return f"项目挂起至 {record.suspended_until}，期间不提醒；恢复以后从停住的地方接着数。"
    return "线索在公海里，没有时钟在走；领取以后重新起算。"


def _of_lead(lead, scan):
    return {
        Rule.CONTACT: _contact(lead, scan),
        Rule.RESPONSE: _response(lead, scan),
        Rule.STAGE: _stage(lead, scan),
        Rule.FEEDBACK: _feedback(lead, scan),
    }


def _of_project(project, scan):
    said = {Rule.CONTACT: _contact(project, scan), Rule.STAGE: _stage(project, scan)}
    if project.stage == ProjectStage.AFTERCARE:
        only = f"「{project.stages.labels[project.stage]}」阶段只看定期汇报。"
        said = dict.fromkeys(said, only)
    return {**said, Rule.REPORT: _report(project, scan)}


def _contact(record, scan):
    day = record.next_contact_on
    if day is None:
        return "没有约下次联系日期。"
    told = scan.calendar.shift(day, 0)
    return f"约在 {day}，还没到。" if told == day else f"约在 {day}，还没到；那天休息，{told} 提醒。"


def _response(lead, scan):
    if lead.first_response_at:
        return f"{shanghai_day(lead.first_response_at)} 已有首次响应。"
    if lead.stage != LeadStage.LEAD:
        return "已离开线索阶段，不再提醒首次响应。"
    return _ahead("期限", lead.limit_on, lead.blue_on, scan)


def _stage(record, scan):
    if isinstance(record, Lead) and record.stage == LeadStage.LEAD and record.first_response_at is None:
        return "还没有首次响应，先看首次响应；响应以后才数这个阶段的时限。"
    if record.limit_on is None:
        return f"「{record.stages.labels[record.stage]}」阶段没有时限。"
    return _ahead("时限", record.limit_on, record.blue_on, scan)


def _report(project, scan):
    owing = owing_reports(Project.objects.filter(pk=project.pk)).first()
    if owing is None:
        labels = "、".join(f"「{project.stages.labels[code]}」" for code in cadence())
        return f"只有{labels}阶段要定期汇报。"
    blue_on = _blue(owing.report_due_on, owing.report_interval)
    return _ahead(f"每 {owing.report_interval} 天一报，下次期限", owing.report_due_on, blue_on, scan)


def _feedback(lead, scan):
    if lead.fed_back_on:
        return f"已在 {lead.fed_back_on} 给引荐人回音。"
    if lead.feedback_due_on is None:
        return "没有引荐人，或登记时还没有这一期限。"
    return _ahead("期限", lead.feedback_due_on, _blue(lead.feedback_due_on, number("feedback_days")), scan)


def _blue(due_on, length):
    """From when 蓝灯 is lit for a clock of `length` calendar days; None for one no longer than the notice."""
    notice = number("pre_reminder_days")
    return due_on - timedelta(days=notice) if length > notice else None


def _ahead(word, limit_on, blue_on, scan):
    """「时限 2026-06-03，2026-05-27 起亮蓝灯。」: the next lamp, on the workday somebody is told."""
    first, lamp = (blue_on, "蓝灯") if blue_on and blue_on > scan.day else (limit_on + ONE_DAY, "黄灯")
    return f"{word} {limit_on}，还没到；{scan.calendar.shift(first, 0)} 起亮{lamp}。"
