"""流转: a station or a unit passes a lead to the unit that will carry it on."""

from django.db import transaction

from crm.errors import Refused
from crm.notifications import notify
from crm.permissions import require
from leads import stages
from leads.models import Handover, Lead


class HandoverRefused(Refused):
    """The lead cannot be passed on as asked; `field` names why."""

    code = "invalid"


@transaction.atomic
def hand_over(lead, *, to_unit, by, at, reason, to_owner=None, version=None):
    """Give `lead` to `to_unit` (and `to_owner` there), keep the claim and the source station.

    Raises HandoverRefused without a reason, to the own unit, for a closed lead or an owner of another
    unit; StaleVersion when somebody changed the lead meanwhile.
    """
    require(by, "hand_over", lead)
    row = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
    _check(row, to_unit, to_owner, reason)
    handover = Handover.objects.create(
        lead=row, from_unit=row.unit, to_unit=to_unit, to_owner=to_owner, reason=reason.strip(), by=by, at=at
    )
    row.unit, row.owner = to_unit, to_owner
    row.save_version(row.version if version is None else version, ["unit", "owner"], at=at)
    for person in [to_owner] if to_owner else to_unit.people.filter(role="head", is_active=True):
        notify(
            person,
            kind="handover",
            key=f"handover:{handover.pk}",
            title=f"{handover.from_unit}移交线索：{row.title}",
            body=reason.strip(),
            url=row.get_absolute_url(),
            at=at,
        )
    return handover


def _check(lead, to_unit, to_owner, reason):
    if lead.stage not in stages.OPEN:
        raise HandoverRefused("只有线索和研判阶段的线索可以移交。", field="to_unit")
    if to_unit.pk == lead.unit_id:
        raise HandoverRefused(f"这条线索已经在{to_unit}。", field="to_unit")
    if to_owner and to_owner.unit_id != to_unit.pk:
        raise HandoverRefused(f"{to_owner}不属于{to_unit}。", field="to_owner")
    if not reason.strip():
        raise HandoverRefused("请填写移交理由。", field="reason")
