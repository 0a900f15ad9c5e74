"""Two people publish a fund's criteria at the same moment."""

from datetime import date

import pytest

from crm.workdays import shanghai_day
from projects import publishing
from projects.models import CriteriaVersion, Fund
from tests import make
from tests.racing import Other

TODAY = shanghai_day(make.NOW)
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_write_one_version(manager, fund_user):
    fund = Fund.objects.create(code="f1", name="钱塘基金", kind="venture", status="operating")
    fund.managers.add(fund_user)
    CriteriaVersion.objects.create(
        fund=fund, number=1, criteria={"all": [STAFF]}, valid_from=date(2026, 1, 1), published_at=make.NOW
    )

    def published(by, value, source):
        edition = publishing.Edition(TODAY, source)
        return publishing.publish(
            fund, {"all": [STAFF | {"value": value}]}, edition, by=by, at=make.NOW, after=1
        )

    other = Other(lambda: published(fund_user, 20, "乙"))
    with other.before('INSERT INTO "projects_criteriaversion"'):
        published(manager, 30, "甲")
    assert isinstance(other.ended(), publishing.PublishedMeanwhile)
    assert [one.source for one in fund.versions.order_by("number")] == ["", "甲"]
