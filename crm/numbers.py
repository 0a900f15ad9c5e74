"""The numbers of the rules: defaults with their basis, overridden by rows an administrator edits."""

from crm.models import Setting

DEFAULTS = {
    "first_response_days": 1,  # workdays; 江门: 1 day response
    "screening_days": 3,  # workdays; 江门: 3 days
    "screening_days_major": 5,  # workdays
    "feedback_days": 7,  # calendar days, to the introducer
    "protection_days": 90,  # calendar days; common practice
    "pre_reminder_days": 7,  # calendar days before a limit: 蓝灯
    "red_after_days": 7,  # workdays past the limit: 红灯
    "follow_up_days": 14,  # calendar days, level B
    "export_rows_max": 500,  # rows an officer may export without approval
    "attachment_mb": 20,  # MB per uploaded file
    "login_failures": 5,  # wrong passwords per account and address, or per account and known browser
    "login_failures_anywhere": 5,  # wrong passwords per account from all strange browsers together
    "login_window_minutes": 15,
    "api_calls_per_minute": 600,  # per partner token
}

LABELS = {
    "first_response_days": "首次响应（工作日）",
    "screening_days": "研判（工作日）",
    "screening_days_major": "重大项目研判（工作日）",
    "feedback_days": "向引荐人反馈（天）",
    "protection_days": "首报保护期（天）",
    "pre_reminder_days": "到期前提醒（天）",
    "red_after_days": "超限转红灯（工作日）",
    "follow_up_days": "跟进间隔（天）",
    "export_rows_max": "免审批导出上限（行）",
    "attachment_mb": "附件大小上限（MB）",
    "login_failures": "同一地址允许的密码错误次数",
    "login_failures_anywhere": "同一账号允许的密码错误次数",
    "login_window_minutes": "登录锁定时长（分钟）",
    "api_calls_per_minute": "接口每分钟调用上限（每个令牌）",
}


def number(key):
    """The value in force for `key`; KeyError for a name that is not a rule's number."""
    default = DEFAULTS[key]
    value = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    return default if value is None else value
