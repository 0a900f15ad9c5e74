"""The numbers of the rules: defaults with their basis, overridden by rows an administrator edits."""

from crm.models import Setting
from crm.reading import Reading, is_kept, once

DEFAULTS = {
    "first_response_days": 1,  # workdays; 江门: 1 day response
    "screening_days_major": 5,  # workdays
    "major_wan": 100_000,  # 万元: a project of 10 亿 and more is 重大 (level A)
    "report_days": 14,  # calendar days between two reports in 在谈, level B or amount unknown; 江门
    "report_days_a": 7,  # the same, level A (重点)
    "report_days_c": 30,  # the same, level C
    "grade_b_wan": 10_000,  # 万元: level B from 1 亿 on, below C; level A from major_wan on
    "aftercare_days": 90,  # calendar days between two contacts in 服务
    "red_after_days": 7,  # workdays past a due report or 回音: 红灯; the stages have their own number
    "trip_report_days": 15,  # calendar days after the return until the 小结 of a trip
    "qualification_notice_days": 90,  # calendar days before a 资质 expires
    "policy_notice_days": 60,  # calendar days before the last version of a policy ends
    "qualification_years": 3,  # years a 国高企, 专精特新 or 小巨人 holds unless said otherwise
    "trip_grace_days": 3,  # workdays after a trip before somebody is reminded of targets without result
    "supervision_after_days": 15,  # workdays past the limit: 督办
    "supervision_reply_days": 5,  # workdays to answer a 督办单 the ladder issued
    "supervision_per_day": 20,  # 督办单 the ladder issues per unit and day, the longest overdue first
    "feedback_days": 7,  # calendar days, to the introducer
    "protection_days": 90,  # calendar days; common practice
    "extension_days": 30,  # calendar days, once per 首报
    "silence_days": 30,  # calendar days without effective follow-up after which a 首报 lapses
    "silence_warning_days": 20,  # calendar days without effective follow-up: warning
    "conflict_days": 5,  # workdays to decide a conflict of first reports
    "handover_days": 3,  # workdays to accept or refuse a hand-over
    "handover_share": 40,  # percent of the credit that stay with the giver unless said otherwise
    "handovers_max": 1,  # hand-overs of a lead without the bureau's approval; 武汉: one
    "pool_amount_wan": 1000,  # 万元: leads below it, and those of unknown amount, may go to the pool
    "pool_retention_days": 30,  # calendar days without effective follow-up before the grace
    "pool_grace_days": 7,  # calendar days between the warning and the return
    "pool_takes_per_day": 3,  # per person
    "pool_holdings_max": 20,  # leads of the pool one person has at a time
    "pool_wait_days": 30,  # calendar days before the former owner may take it
    "pool_first_follow_up_hours": 48,  # hours to the first effective follow-up after taking
    "likeness_near": 85,  # percent of similarity of names with one investor: L2
    "likeness_similar": 60,  # percent: L3
    "likeness_weak": 40,  # percent, with one sub-industry: L4
    "likeness_amount": 10,  # percent by which about equal amounts deviate at most
    "lapse_notice_days": 7,  # calendar days before a 首报 is lost: warning
    "announcement_days": 7,  # calendar days at least between a warning and the loss of a 首报; domain §1.7
    "pre_reminder_days": 7,  # calendar days before a limit: 蓝灯
    "commitment_notice_days": 30,  # calendar days before a commitment or agreement falls due
    "suspension_days_max": 180,  # calendar days a project is suspended at a time
    "suspension_days_alone": 30,  # calendar days in one stage beyond which head or bureau suspends
    "referral_receive_days": 5,  # workdays a fund has to receive a referral before both sides are reminded
    "referral_stall_days": 30,  # calendar days an open referral stands at one step: both are reminded
    "chain_firms_min": 2,  # landed firms below which a link of the chain is thin (补链)
    "export_rows_max": 500,  # rows an officer may export without approval
    "door_sends_per_address": 30,  # forms of 扫码登记 from one network address in ten minutes; a fair has one
    "door_sends_per_trip": 300,  # the same to one trip, from anywhere
    "attachment_mb": 20,  # MB per uploaded file
    "login_failures": 5,  # wrong passwords per account and address, or per account and known browser
    "login_failures_anywhere": 5,  # wrong passwords per account from all strange browsers together
    "login_window_minutes": 15,
    "api_calls_per_minute": 600,  # per partner token
}

LABELS = {
    "first_response_days": "首次响应（工作日）",
    "screening_days_major": "重大项目研判（工作日）",
    "major_wan": "重大项目门槛（万元）",
    "report_days": "在谈项目汇报间隔：B 级、投资额未填（天）",
    "report_days_a": "在谈项目汇报间隔：A 级（天）",
    "report_days_c": "在谈项目汇报间隔：C 级（天）",
    "grade_b_wan": "B 级项目门槛（万元）",
    "aftercare_days": "服务阶段联系间隔（天）",
    "red_after_days": "汇报、回音超期转红灯（工作日）",
    "trip_report_days": "行程小结期限（返程后天数）",
    "qualification_notice_days": "资质到期前提醒（天）",
    "policy_notice_days": "政策到期前提醒（天）",
    "qualification_years": "国高企、专精特新、小巨人的有效期（年）",
    "trip_grace_days": "行程结束后催报结果（工作日）",
    "supervision_after_days": "超限转督办（工作日）",
    "supervision_reply_days": "督办回复期限（工作日）",
    "supervision_per_day": "每单位每日自动督办上限（件）",
    "feedback_days": "向引荐人反馈（天）",
    "protection_days": "首报保护期（天）",
    "extension_days": "首报延期（天，限一次）",
    "silence_days": "首报无有效跟进失效（天）",
    "silence_warning_days": "首报无有效跟进预警（天）",
    "conflict_days": "首报冲突裁决（工作日）",
    "handover_days": "流转接收（工作日）",
    "handover_share": "流转时移出单位保留业绩（%）",
    "handovers_max": "免审批流转次数",
    "pool_amount_wan": "公海线索投资额低于（万元）",
    "pool_retention_days": "公海保留期（天）",
    "pool_grace_days": "公海宽限期（天）",
    "pool_takes_per_day": "每人每天领取公海线索（条）",
    "pool_holdings_max": "每人持有公海线索上限（条）",
    "pool_wait_days": "原负责人再领等待（天）",
    "pool_first_follow_up_hours": "领取后首次有效跟进（小时）",
    "likeness_near": "判重：名称很像（%）",
    "likeness_similar": "判重：名称相似（%）",
    "likeness_weak": "判重：名称有些像（%）",
    "likeness_amount": "判重：金额相近（%）",
    "lapse_notice_days": "首报失效前预警（天）",
    "announcement_days": "首报失效至少提前预警（天）",
    "pre_reminder_days": "到期前提醒（天）",
    "commitment_notice_days": "承诺、协议到期前提醒（天）",
    "suspension_days_max": "一次挂起上限（天）",
    "suspension_days_alone": "无须负责人同意的累计挂起（天）",
    "referral_receive_days": "基金接收推荐（工作日）",
    "referral_stall_days": "基金推荐没有进展（天）",
    "chain_firms_min": "补链：落地企业少于几家算薄弱",
    "export_rows_max": "免审批导出上限（行）",
    "door_sends_per_address": "扫码登记：同一网络地址十分钟上限（次）",
    "door_sends_per_trip": "扫码登记：同一行程十分钟上限（次）",
    "attachment_mb": "附件大小上限（MB）",
    "login_failures": "同一地址允许的密码错误次数",
    "login_failures_anywhere": "同一账号允许的密码错误次数",
    "login_window_minutes": "登录锁定时长（分钟）",
    "api_calls_per_minute": "接口每分钟调用上限（每个令牌）",
}

RANGES = {  # the least and the most a number may be set to, both included
    "first_response_days": (1, 30),
    "screening_days_major": (1, 60),
    "major_wan": (1_000, 10_000_000),
    "report_days": (1, 180),
    "report_days_a": (1, 180),
    "report_days_c": (1, 180),
    "grade_b_wan": (1, 10_000_000),
    "aftercare_days": (1, 366),
    "supervision_after_days": (1, 120),
    "supervision_reply_days": (1, 60),
    "supervision_per_day": (1, 1_000),
    "feedback_days": (1, 90),
    "red_after_days": (0, 60),
    "trip_grace_days": (0, 30),
    "trip_report_days": (1, 45),  # trips that ended 60 days ago are let rest
    "qualification_notice_days": (1, 365),
    "policy_notice_days": (1, 365),
    "qualification_years": (1, 10),
    "protection_days": (7, 730),
    "extension_days": (1, 365),
    "silence_days": (7, 365),
    "silence_warning_days": (1, 364),
    "conflict_days": (1, 60),
    "handover_days": (1, 60),
    "handover_share": (0, 100),
    "handovers_max": (0, 100),  # 0: the bureau approves every hand-over
    "pool_amount_wan": (0, 1_000_000),  # 0: only leads of unknown amount
    "pool_retention_days": (7, 365),
    "pool_grace_days": (1, 60),
    "pool_takes_per_day": (1, 100),
    "pool_holdings_max": (1, 1_000),
    "pool_wait_days": (0, 365),
    "pool_first_follow_up_hours": (1, 720),
    "likeness_near": (70, 100),  # the four ranges follow one another: near ≥ similar ≥ weak
    "likeness_similar": (50, 69),
    "likeness_weak": (30, 49),
    "likeness_amount": (0, 50),
    "lapse_notice_days": (1, 60),
    "announcement_days": (1, 60),
    "pre_reminder_days": (1, 60),
    "commitment_notice_days": (1, 365),
    "suspension_days_max": (1, 730),
    "suspension_days_alone": (0, 365),  # 0: every suspension by head or bureau
    "referral_receive_days": (1, 60),
    "referral_stall_days": (1, 365),
    "chain_firms_min": (1, 100),
    "export_rows_max": (0, 100_000),
    "door_sends_per_address": (1, 1_000),
    "door_sends_per_trip": (1, 10_000),
    "attachment_mb": (1, 100),
    "login_failures": (3, 100),
    "login_failures_anywhere": (3, 100),
    "login_window_minutes": (1, 1_440),
    "api_calls_per_minute": (1, 100_000),
}


def out_of_range(key, value):
    """The sentence against setting the number `key` to `value`, "" when it lies in its range."""
    least, most = RANGES[key]
    if least <= value <= most:
        return ""
    return f"「{LABELS[key]}」请填 {least} 到 {most} 的整数，现在填的是 {value}。"


def number(key):
    """The value in force for `key`; KeyError for a name that is not a rule's number."""
    default = DEFAULTS[key]
    if is_kept():
        value = once(NUMBERS).get(key)
    else:
        value = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    return default if value is None else value


NUMBERS = Reading(lambda: Setting.objects.values_list("key", "value"), dict)
