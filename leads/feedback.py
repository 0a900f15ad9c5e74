"""回音: whoever introduced a lead hears within `feedback_days` calendar days what has become of it.

Domain §1.4 and §1.13 (after 江门: feedback within a week). The days count from the registration of the lead,
also when it is judged, refused or dropped before: just then the introducer should hear of it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, IntegerField, Value

from crm.errors import Refused
from crm.numbers import number
from crm.permissions import require
from crm.workdays import shanghai_day
from leads.models import Feedback, Lead

COLUMNS = ["introduced_on", "feedback_due_on"]
LONGEST = 2000


class FeedbackRefused(Refused):
    """The feedback cannot be recorded as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Said:
    """To whom, on which day, what."""

    to: str
    said_on: date | None
    content: str


def owe(lead, day):
    """Start the clock of `lead` on `day` if somebody introduced it and it does not run yet; not saved.

    Returns the names of the columns it set. A channel corrected to one without an introducer ends the clock.
    """
    if not lead.has_introducer:
        lead.introduced_on = lead.feedback_due_on = None
    elif lead.introduced_on is None:
        lead.introduced_on = day
        lead.feedback_due_on = day + timedelta(days=number("feedback_days"))
    return COLUMNS


@transaction.atomic
def feed_back(lead, said, *, by, at):
    """Record what the introducer of `lead` was told; the first time ends the clock. Returns the Feedback.

    May be repeated. Raises NotAllowed for other units, FeedbackRefused for a lead nobody introduced, without
    name or words, and for a day before the registration or after today.
    """
    row = Lead.objects.select_related("channel").hold(lead.pk)
    require(by, "feed_back", row)
    _check(row, said, shanghai_day(at))
    made = Feedback.objects.create(
        lead=row, to=said.to.strip(), said_on=said.said_on, content=said.content.strip(), by=by, at=at
    )
    first = min(filter(None, (row.fed_back_on, said.said_on)))
    values = {"fed_back_on": first, "updated_at": at}
    Lead.objects.filter(pk=row.pk).update(**values, version=F("version") + 1)
    return made


def _check(row, said, today):
    if not row.has_introducer:
        raise FeedbackRefused(
            f"来源渠道「{row.channel}」没有引荐人，不用回音；渠道登记错了，请先更正。", code="no_introducer"
        )
    if not said.to.strip():
        raise FeedbackRefused("请写明回音给谁。", code="required", field="to")
    if not said.content.strip():
        raise FeedbackRefused("请写明回音说了什么。", code="required", field="content")
    if len(said.content) > LONGEST:
        raise FeedbackRefused(f"回音内容最多 {LONGEST} 个字。", field="content")
    registered = shanghai_day(row.created_at)
    if said.said_on is None or not registered <= said.said_on <= today:
        raise FeedbackRefused(f"回音日期要在登记日期 {registered} 到今天之间。", field="said_on")


def rewind():
    """Count the days of every clock that runs anew by the number in force; returns how many changed."""
    days = Value(number("feedback_days"), IntegerField())
    due = ExpressionWrapper(F("introduced_on") + days, output_field=DateField())
    return Lead.objects.owing_feedback().exclude(feedback_due_on=due).update(feedback_due_on=due)
