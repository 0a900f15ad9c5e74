"""The timeline: what happened later stands above, also when two things carry the same moment."""

from datetime import timedelta

from crm.workdays import shanghai_day
from leads.follow_up import FollowUp, log_visit
from leads.handover import hand_over
from tests import make


def told(answer):
    """(kind, stage or words) of the entries on the page, from the top; changes of fields keep real time."""
    return [
        (e.kind, getattr(e.record, "stage", getattr(e.record, "content", "")))
        for e in answer.context["shown"].entries
        if e.kind != "fields"
    ]


def talk(at, content):
    day = shanghai_day(at) + timedelta(days=3)
    return FollowUp(kind="call", content=content, next_step="再谈", next_on=day, at=at)


def test_everything_of_one_moment_stands_in_the_order_it_must_have_happened(as_, head, manager, wanggu, now):
    lead = make.lead(head, content="初次见面")
    lead.move_to("screening", by=head, at=now)
    log_visit(lead, talk(now, "同一分钟的电话"), by=head, at=now)
    log_visit(lead, talk(now, "事后补记"), by=head, at=now + timedelta(minutes=5))
    hand_over(lead, to_unit=wanggu, by=head, at=now, reason="对口")
    page = as_(manager).get(lead.get_absolute_url())
    assert told(page) == [
        ("visit", "事后补记"),
        ("move", "screening"),
        ("handover", ""),
        ("move", "lead"),
        ("visit", "同一分钟的电话"),
        ("visit", "初次见面"),
    ]


def test_a_project_opened_in_one_moment_begins_above_the_last_step_of_its_lead(as_, owner):
    project = make.project(owner, content="初次见面")
    page = as_(owner).get(project.get_absolute_url())
    assert told(page) == [
        ("move", "negotiating"),
        ("lead_move", "accepted"),
        ("lead_move", "screening"),
        ("lead_move", "lead"),
        ("visit", "初次见面"),
    ]
