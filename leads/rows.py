"""What a row or a card shows beside the record itself: lamp, days, what is wrong with its next contact."""

from crm.permissions import may
from crm.workdays import shanghai_day
from leads import stages

ROW = ("company", "unit", "owner", "city", "channel", "sector", "roadshow")


def dress(leads, user, at):
    """Give each lead its marks for the templates, without a query: lamp, days, overdue, what may be done."""
    today = shanghai_day(at)
    for lead in leads:
        is_open = lead.is_open = lead.stage in stages.OPEN
        lead.lamp = lead.light(today) if is_open else ""
        lead.days_in_stage = max((at - lead.entered_at).days, 0)
        lead.has_no_next = is_open and lead.next_contact_on is None
        lead.is_overdue = is_open and lead.next_contact_on is not None and lead.next_contact_on < today
        lead.is_due_today = is_open and lead.next_contact_on == today
        lead.stage_label = stages.MAP.labels[lead.stage]
        lead.may_move = may(user, "move", lead)
        lead.may_edit = may(user, "edit", lead)
        lead.may_assign = may(user, "assign", lead)
        lead.may_classify = lead.stage != stages.LeadStage.ACCEPTED and may(user, "screen", lead)
    return leads
