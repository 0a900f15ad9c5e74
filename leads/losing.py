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
from leads.handover import withdraw_all
from leads.stages import LeadStage

OTHER_CITY = "other_city"
OFFER_ENDS = "已流失，移交随之撤回；重新激活以后可以再移交。"


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
        _keep(lead, None, "", None, lead.contact_after_return(at))
    return change


def _lose(lead, loss, how):
    """The words go into the history, the rest stays on the lead until it comes back; no contact is planned
    any more, only the revisit counts, and nobody is asked to take the lead over."""
    require(how["by"], "move", lead)
    loss.check(how["at"])
    change = lead.move_to(LeadStage.DROPPED.value, reason=loss.text, **how)
    withdraw_all(lead, by=how["by"], at=how["at"], why=OFFER_ENDS)
    _keep(lead, loss.reason, loss.city.strip(), loss.revisit_on, None)
    return change


def _keep(lead, reason, city, revisit_on, next_contact_on):
    """Write what is known of the loss onto the row that the step has locked."""
    lead.loss_reason, lead.winning_city, lead.revisit_on = reason, city, revisit_on
    lead.next_contact_on = next_contact_on
    lead.save(update_fields=["loss_reason", "winning_city", "revisit_on", "next_contact_on"])
