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
    "login_failures": 5,  # wrong passwords per account and address
    "login_window_minutes": 15,
}


def number(key):
    """The value in force for `key`; KeyError for a name that is not a rule's number."""
    default = DEFAULTS[key]
    value = Setting.objects.filter(key=key).values_list("value", flat=True).first()
    return default if value is None else value
