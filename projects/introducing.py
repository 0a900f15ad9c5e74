"""引见: from 接收 on the fund's accounts may see the contacts of a project; each look is logged."""

from django.db import transaction

from crm import audit, roles
from crm.errors import NotAllowed
from projects import mending
from projects.models.referrals import Step


def contacts(referral, user):
    """The people at the company, for an account of the fund while the referral is received and goes on.

    Everybody else reads them on the project's page, if at all.
    """
    is_theirs = user.role == roles.FUND and referral.is_introduced
    return list(mending.contacts(referral.project)) if is_theirs else []


@transaction.atomic
def reveal(referral, contact, *, by, at):
    """Note that `by` looked at the numbers of `contact`; NotAllowed for whom they are not."""
    if contact not in contacts(referral, by):
        step = Step(referral.step).label
        raise NotAllowed(f"推荐处于「{step}」，联系人只在基金方接收以后、没有撤回或否决时给基金方看。")
    detail = {"project": referral.project_id, "name": referral.project.name, "fund": referral.fund.name}
    audit.record(by, "reveal_contact", contact, detail=detail, at=at)
