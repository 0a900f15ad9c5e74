"""Two at once on one referral: one step is taken, the other person is told, and nothing is written twice."""

import pytest

from crm.pipeline import AlreadyMoved
from projects.models import Fund, Referral, ReferralStep
from projects.referring import AlreadyReferred, Move, advance
from tests import make
from tests.racing import Other

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = make.NOW.date()


@pytest.fixture
def fund(fund_user):
    one = Fund.objects.create(code="own", name="钱塘一号基金", kind="venture", status="operating")
    one.managers.add(fund_user)
    return one


def test_of_two_steps_at_once_one_is_taken_and_the_other_refused(owner, fund_user, fund):
    row = make.referral(make.project(owner), fund, owner)
    seen = Referral.objects.get(pk=row.pk)
    withdrawn = Move("withdrawn", TODAY, "企业改变主意")
    other = Other(lambda: advance(seen, withdrawn, by=owner, at=make.NOW))
    with other.before('INSERT INTO "projects_referralstep"'):
        advance(row, Move("received", TODAY), by=fund_user, at=make.NOW)
    assert isinstance(other.ended(), AlreadyMoved)
    assert "接收" in other.found.detail
    assert list(ReferralStep.objects.values_list("to_step", flat=True)) == ["referred", "received"]
    assert Referral.objects.values_list("step", "version").get() == ("received", 2)


def test_of_two_referrals_at_once_one_is_made(owner, head, fund):
    project = make.project(owner)
    other = Other(lambda: make.referral(project, fund, head))
    with other.before('INSERT INTO "projects_referral"'):
        make.referral(project, fund, owner)
    assert isinstance(other.ended(), AlreadyReferred)
    assert Referral.objects.count() == 1
