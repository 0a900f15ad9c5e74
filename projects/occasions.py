"""What else is told of a record beside the morning scan: first report, conflict, hand-over, 督办单, promises,
revisit, suspension, 资质, 基金推荐, 匹配变化, 政策到期. Each answers as it stands: told, not yet and on which
day, still, or not at all."""

from dataclasses import dataclass, field
from datetime import timedelta

from crm.models import Qualification
from crm.numbers import number
from crm.workdays import ONE_DAY, shanghai_day
from leads import pool
from leads.claims import SILENCE_WARNINGS, silent_until
from leads.lapses import Row
from leads.models import Claim, ClaimWarning, Conflict, Handover, Lead
from leads.reminders import DUE, RED
from projects import stages
from projects.models import Agreement, Commitment, Match
from projects.policy_endings import nearest_ending
from projects.pressing import due_on
from projects.spreading import fund_side, unit_side
from projects.stages import ProjectStage

OWNER = DUE  # the level of Readers at which the owner alone is told
WITH_HEADS = RED


@dataclass(frozen=True)
class Occasion:
    """One rule: its name, what it says of the record, and the numbers of those it tells ([]: nobody)."""

    rule: str
    says: str
    people: list = field(default_factory=list)


def occasions(record, scan):
    """The Occasions of a lead or project as of the day of `scan`, each rule once."""
    of_lead = isinstance(record, Lead)
    lead = record if of_lead else record.lead
    found = [*_claim(lead, record, scan), _conflict(lead, scan), _handover(lead), _order(record, scan)]
    found += (
        [_pool(lead, scan)]
        if of_lead
        else [*_promises(record, scan), _pause(record, scan), *_matching(record, scan)]
    )
    return [*found, _revisit(record, scan), _qualification(record, scan)]


def _people(record, scan, level):
    place = record.unit_id, record.station_id, record.owner_id
    return scan.readers.of(Row(record.pk, str(record), None, *place, level=level))


def _claim(lead, record, scan):
    claim = getattr(lead, "claim", None)
    if stopped := _claim_is_still(claim):
        return [Occasion("首报跟进", stopped), Occasion("首报保护期", stopped)]
    people = _people(record, scan, WITH_HEADS)
    last = claim.last_effective_at
    warned_on = shanghai_day(last) + timedelta(days=number("silence_warning_days"))
    warned = _warned(claim, SILENCE_WARNINGS, last, warned_on, scan)
    silence = f"{silent_until(claim, scan.day)} 前要有有效跟进，否则次日失效；{warned}。"
    if claim.clock == Claim.Clock.SILENCE:
        return [
            Occasion("首报跟进", silence, people),
            Occasion("首报保护期", "已转为项目，保护期不再按天数计算，只看有效跟进。"),
        ]
    warned_on = claim.protected_until - timedelta(days=number("lapse_notice_days"))
    warned = _warned(claim, [ClaimWarning.Kind.EXPIRY], claim.claimed_at, warned_on, scan)
    expiry = f"保护至 {claim.protected_until}；{warned}。"
    return [Occasion("首报跟进", silence, people), Occasion("首报保护期", expiry, people)]


def _claim_is_still(claim):
    """Why the first report is not counted at all, "" while it is."""
    if claim is None:
        return "没有首报登记，不预警。"
    if claim.ended == Claim.Ended.COVERED:
        return f"{claim.ended_words}，不另计时。"
    if not claim.is_open:
        ended = shanghai_day(claim.released_at)
        return f"首报已于 {ended} 结束（{claim.get_ended_display()}），不再预警。"
    if claim.is_contested:
        return "正在裁决首报冲突，裁决以前不计时、不失效。"
    if claim.clock == Claim.Clock.NONE:
        return "项目挂起期间和签约以后首报一直有效，不计时。"
    return ""


def _warned(claim, kinds, since, warned_on, scan):
    """「2026-05-10 起预警，还没到」, or when a loss was announced after `since`; the job runs hourly."""
    warned = claim.warnings.filter(kind__in=kinds, at__gte=since).order_by("-at").first()
    if warned:
        return f"{shanghai_day(warned.at)} 已预警"
    return f"{warned_on} 起预警，还没到" if warned_on > scan.day else "一小时内预警"


def _pool(lead, scan):
    rule, entry = "退回公海", lead.pool_entries.lying().first()
    if entry:
        return Occasion(rule, f"{shanghai_day(entry.entered_at)} 已在公海，当时已告诉原负责人和单位负责人。")
    claim = getattr(lead, "claim", None)
    if claim is None or not pool.is_poolable(lead):
        return Occasion(rule, "不退回公海：只有主动来访、网络等渠道，小额、还在线索或研判的才退回。")
    last = shanghai_day(claim.last_effective_at)
    warned_on = last + timedelta(days=number("pool_retention_days"))
    due = warned_on + timedelta(days=number("pool_grace_days"))
    when = _warned(claim, [ClaimWarning.Kind.POOL], claim.last_effective_at, warned_on, scan)
    says = f"一直没有有效跟进，{due} 夜间退回；{when}。"
    return Occasion(rule, says, _people(lead, scan, WITH_HEADS))


def _referral(project, scan):
    """The referral that is late first, and who hears of it: the project's side and the fund's accounts."""
    rule, rows = (
        "基金推荐",
        project.referrals.open().select_related("project__unit", "project__owner", "fund"),
    )
    numbers = number("referral_receive_days"), number("referral_stall_days")
    due = sorted((due_on(one, scan.calendar, *numbers), one.pk, one) for one in rows)
    if not due:
        return Occasion(rule, "没有进行中的基金推荐。")
    if project.is_suspended:
        return Occasion(rule, "项目挂起，期间不催办基金推荐。")
    untold = [entry for entry in due if entry[2].late_told_at is None]
    if not untold:
        return Occasion(rule, f"{shanghai_day(due[0][2].late_told_at)} 已催办，有了新的进展以后重新起算。")
    last, _, row = untold[0]
    people = [person.pk for person in dict.fromkeys([*unit_side(row), *fund_side(row)])]
    return Occasion(
        rule, f"{row.fund}停在「{row.get_step_display()}」，{last} 之后还没有进展就催办双方。", people
    )


def _matching(project, scan):
    """What became of the matches, and what will: a referral, a verdict that changed, a policy that ends."""
    return [_referral(project, scan), _shift(project, scan), _policy(project, scan)]


def _policy(project, scan):
    """The policy that ends first, of those the project could apply for; told once of each end."""
    row = nearest_ending(project, scan.day) if project.stage not in stages.CLOSED else None
    if row is None:
        return Occasion("政策到期", "没有结论为符合、待补充而将到期的政策。")
    when = _when(row.valid_to, row.told_for, scan, "policy_notice_days")
    return Occasion("政策到期", f"{row.policy} {row.valid_to} 到期，{when}。", _people(project, scan, OWNER))


def _shift(project, scan):
    """The last verdict of a re-match that became another one; only 符合 that begins or ends is told."""
    rule = "匹配变化"
    last = project.match_changes.select_related("fund", "policy").first()
    if last is None:
        return Occasion(rule, "重新匹配后结论没有变过；新增符合、不再符合时当次告诉一次。")
    what = f"{shanghai_day(last.at)} {last.sentence}：{last.offer}（{last.reason}）"
    if last.told_at is None:
        return Occasion(rule, f"{what}，最迟明天夜里告诉。", _people(project, scan, OWNER))
    is_told = Match.Verdict.FIT in (last.before, last.after)
    return Occasion(rule, f"{what}，{'当时已告诉' if is_told else '与符合无关，只记不提醒'}。")


def _conflict(lead, scan):
    rule, cases = "首报冲突", Conflict.objects.open().filter(claim__lead=lead)
    case = cases.select_related("unit").order_by("due_on").first()
    if case is None:
        return Occasion(rule, "没有等待裁决的首报冲突。")
    late = "已过裁决期限" if case.due_on < scan.day else "当天和过期后各提醒区投促局一次"
    says = f"{case.unit}提出，{case.due_on} 前裁决，{late}；裁决后双方都收到。"
    return Occasion(rule, says, scan.readers.bureau)


def _handover(lead):
    rule, rows = "流转", Handover.objects.open().filter(lead=lead)
    row = rows.select_related("to_unit").first()
    if row is None:
        return Occasion(rule, "没有等待答复的移交。")
    if row.state == Handover.State.APPROVAL:
        return Occasion(rule, f"移交{row.to_unit}等区投促局审批，提出当时已告诉区投促局。")
    return Occasion(
        rule, f"{shanghai_day(row.at)} 已请{row.to_unit}答复；{row.due_on} 前没有答复自动退回，双方都收到。"
    )


def _order(record, scan):
    rule, orders = "督办单", record.orders.open().filter(replied_at=None)
    order = orders.select_related("issuer").order_by("due_on", "pk").first()
    if order is None:
        return Occasion(rule, "没有等待回复的督办单；到督办级别由系统签发。")
    if order.late_told_at:
        day = shanghai_day(order.late_told_at)
        return Occasion(rule, f"{order} 过了期限 {order.due_on} 没有回复，{day} 已告诉签发人和联系区领导。")
    told = scan.calendar.shift(order.due_on + ONE_DAY, 0)
    people = [order.issuer_id] if order.issuer_id in scan.readers.by_pk else scan.readers.bureau
    leader = getattr(record, "leader_id", None)
    people = [*people, *([leader] if leader in scan.readers.leaders else [])]
    return Occasion(rule, f"{order} 期限 {order.due_on}，没有回复的 {told} 告诉签发人。", people)


def _promises(project, scan):
    """Of what was promised and signed: the next thing that falls due, and whether it was told."""
    if project.stage == ProjectStage.LOST:
        return [Occasion(rule, "项目已流失，不提醒。") for rule in ("承诺到期", "协议到期")]
    promise = Commitment.objects.filter(project=project, outcome="").order_by("due_on", "pk").first()
    standing = Agreement.objects.filter(project=project, expires_on__gte=scan.day)
    ending = standing.order_by("expires_on", "pk").first()
    return [
        Occasion("承诺到期", _promised(promise, scan) if promise else "没有等待核实的承诺。"),
        Occasion("协议到期", _ending(ending, scan) if ending else "没有写了有效期、还没到期的协议。"),
    ]


def _promised(row, scan):
    if row.due_on < scan.day:
        told = "已催办过" if row.told_overdue_for == row.due_on else "下一个工作日催办"
        return f"「{row}」{row.due_on} 已到期，还没有核实，{told}；双方责任人各一次。"
    when = _when(row.due_on, row.told_soon_for, scan)
    return f"「{row}」{row.due_on} 到期，{when}；过期还没核实再提醒一次。"


def _ending(row, scan):
    return f"「{row}」有效期至 {row.expires_on}，{_when(row.expires_on, row.told_ending_for, scan)}。"


def _when(due_on, told_for, scan, days="commitment_notice_days"):
    """「已提醒过」, or from which workday on."""
    if told_for == due_on:
        return "已提醒过"
    first = max(due_on - timedelta(days=number(days)), scan.day)
    return f"{scan.calendar.shift(first, 0)} 起提醒，还没到" if first > scan.day else "下一个工作日提醒"


def _pause(project, scan):
    if not project.is_suspended:
        return Occasion("挂起到期", "没有挂起。")
    says = f"{project.suspended_until} 自动恢复，当时告诉负责人。"
    return Occasion("挂起到期", says, _people(project, scan, OWNER))


def _revisit(record, scan):
    is_lost = record.stage in ("dropped", ProjectStage.LOST)
    if not is_lost:
        return Occasion("回访", "没有流失，不约回访。")
    if record.revisit_on is None:
        return Occasion("回访", "没有写回访日期，不再提醒。")
    told = scan.calendar.shift(record.revisit_on, 0)
    if told < scan.day:
        return Occasion("回访", f"约定 {record.revisit_on} 回访，{told} 已提醒过，只说一次。")
    return Occasion("回访", f"约定 {record.revisit_on} 回访，{told} 提醒一次。", _people(record, scan, OWNER))


def _qualification(record, scan):
    rule = "资质到期"
    rows = Qualification.objects.standing().filter(company=record.company_id, expires_on__gte=scan.day)
    row = rows.order_by("expires_on", "pk").first() if record.company_id else None
    if row is None:
        return Occasion(rule, "企业没有登记还在有效期内的资质。")
    when = _when(row.expires_on, row.told_for, scan, "qualification_notice_days")
    return Occasion(rule, f"{row} {row.expires_on} 到期，{when}。", _people(record, scan, OWNER))
