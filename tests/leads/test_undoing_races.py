"""撤销导入 and somebody who corrects, hands over, lets go or extends at once: one waits, and is told."""

import pytest

from crm.errors import Gone
from crm.models import Channel
from leads import claims, pool, undoing
from leads.editing import edit
from leads.handover import hand_over
from leads.models import Claim, Handover, ImportJob, Lead, PoolEntry
from leads.undoing import UndoRefused
from tests import make
from tests.leads.test_undoing import imported
from tests.racing import Other

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("无锡极目低空信息技术有限公司",)
AT = {"at": make.NOW}
DEEDS = {
    "edit": lambda lead, by: edit(lead, {"next_step": "寄资料"}, by=by, version=1, **AT),
    "hand_over": lambda lead, by: hand_over(lead, to_unit=make.unit(), by=by, reason="载体在半山", **AT),
    "give": lambda lead, by: pool.give(lead, by=by, reason="无力跟进", **AT),
    "extend": lambda lead, by: claims.extend(lead, by=by, reason="对方董事会推迟", **AT),
}


@pytest.fixture
def lead(station, bureau, banshan):
    imported(station, make.roadshow(station), NAMES)
    Lead.objects.update(channel=Channel.objects.get(code="walk_in"))
    return Lead.objects.get()


def take_back(by):
    return undoing.undo(ImportJob.objects.get(), foreseen=1, reason="传错了", by=by, **AT)


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_taken_back_first_is_gone_for_who_comes_second(lead, station, name):
    undo = Other(lambda: take_back(station))
    with undo.before("FOR UPDATE"), pytest.raises(Gone):
        DEEDS[name](lead, station)
    assert undo.ended().leads == [lead.pk]
    for model in (Lead, Claim, Handover, PoolEntry):
        assert not model.objects.exists()


@pytest.mark.parametrize("name", DEEDS)
def test_what_was_worked_on_first_is_not_taken_back(lead, station, name):
    undo = Other(lambda: take_back(station))
    words = {"edit": 'UPDATE "leads_lead"', "extend": 'UPDATE "leads_claim"'}.get(name, "INSERT")
    with undo.before(words):
        DEEDS[name](lead, station)
    assert isinstance(undo.ended(), UndoRefused)
    assert Lead.objects.get() == lead
