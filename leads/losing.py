"""流失: why somebody does not come, where they went instead, and when to ask again (domain rule §1.10).

The rule is one for leads and projects; projects/losing.py writes it for projects.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from crm.errors import Refused
from crm.models import LossReason
from crm.permissions import require
from crm.workdays import shanghai_day
from leads.models import Lead
from leads.stages import LeadStage

OTHER_CITY = "other_city"
LONGEST = 300  # characters of the reason a stage change keeps


class LossRefused(Refused):
    """The loss is not explained as domain rule §1.10 asks; `field` names what is missing."""

    code = "invalid"


@dataclass(frozen=True)
class Loss:
    """Why a lead or project is lost. `city` won it, asked for when it settled elsewhere.

    `revisit_on` is the day to ask again; None says that it will not come back.
    """

    reason: LossReason | None
    text: str
    city: str = ""
    revisit_on: date | None = None

    def check(self, at):
        """Raise LossRefused unless everything is said that must be."""
        if self.reason is None:
            raise LossRefused("请选择流失原因。", field="loss_reason")
        if not self.text.strip():
            raise LossRefused("请写明流失经过。", field="reason")
        if self.reason.code == OTHER_CITY and not self.city.strip():
            raise LossRefused("落户外地请写明流向哪个城市。", field="winning_city")
        if self.revisit_on and self.revisit_on <= shanghai_day(at):
            raise LossRefused("回访日期要晚于今天；不再激活就不填。", field="revisit_on")


@transaction.atomic
def step(lead, to, *, loss, by, at, reason="", forced=False, version=None):
    """Move `lead` to stage `to`: 流失 with its `loss`, back from it without. Raises what `move_to` raises."""
    how = {"by": by, "at": at, "forced": forced, "version": version}
    if to == LeadStage.DROPPED:
        return _lose(lead, loss, how)
    was = lead.stage
    change = lead.move_to(to, reason=reason, **how)
    if was == LeadStage.DROPPED:
        Lead.objects.filter(pk=lead.pk).update(loss_reason=None)
    return change


def _lose(lead, loss, how):
    """The reason stays on the lead, words and city in its history; the next contact is the revisit."""
    require(how["by"], "move", lead)
    loss.check(how["at"])
    went = f"（流向{loss.city.strip()}）" if loss.city.strip() else ""
    words = loss.text.strip()[: LONGEST - len(went)] + went
    change = lead.move_to(LeadStage.DROPPED.value, reason=words, **how)
    rows = Lead.objects.filter(pk=lead.pk)
    rows.update(loss_reason=loss.reason, next_contact_on=loss.revisit_on)
    return change
