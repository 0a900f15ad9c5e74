"""判重 at the doors: what is found when a lead is written, who sees and judges it, and asking only once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from django.db import connection

from crm.models import Notification, Setting
from leads import judging, merging, suspecting
from leads.intake import Capture, capture
from leads.models import DuplicatePair, Lead
from leads.tasks import check_duplicates
from tests import callers, make

ONE, OTHER = "深圳望川智能装备制造有限公司", "杭州望川智能装备制造有限公司"
INVESTOR = "甲资本管理有限公司"


@pytest.fixture
def pair(owner, now):
    """A pair of the own unit: near names, one investor."""
    for name in (ONE, OTHER):
        make.lead(owner, name, investor_name=INVESTOR)
    suspecting.check_waiting(now)
    return DuplicatePair.objects.get()


def test_a_near_name_of_the_same_investor_is_found_with_level_confidence_and_reason(pair):
    assert (pair.one.title, pair.other.title) == (ONE, OTHER)
    assert (pair.level, pair.confidence, pair.verdict) == ("L2", 85, "")
    assert [reason["code"] for reason in pair.reasons] == ["near_name_and_investor"]
    assert "投资方相同" in pair.reasons[0]["text"]


def test_a_worker_is_rung_for_what_was_written_and_leaves_nothing_waiting(owner, now, monkeypatch):
    rung = []
    monkeypatch.setattr(suspecting, "ring", rung.append)
    make.lead(owner, ONE)
    make.lead(owner, OTHER)
    assert rung == [suspecting.CHECK] * 2
    check_duplicates()
    assert DuplicatePair.objects.get().level == "L3"
    assert not Lead.objects.filter(is_unchecked=True).exists()


def test_a_large_import_leaves_the_workers_free_for_others(owner, now, monkeypatch):
    """A portion ends with the time, and the next one stands behind whatever was asked for meanwhile."""
    rung = []
    monkeypatch.setattr(suspecting, "ring", rung.append)
    monkeypatch.setattr(suspecting, "SECONDS", 0)
    for name in (ONE, OTHER, "广州望山影像技术有限公司"):
        make.lead(owner, name)
    for left in (2, 1, 0):
        rung.clear()
        check_duplicates()
        assert Lead.objects.filter(is_unchecked=True).count() == left
        assert rung == ([suspecting.CHECK] if left else [])


def test_what_cannot_be_compared_now_is_not_rung_for_over_and_over(owner, monkeypatch):
    rung = []
    make.lead(owner, ONE)
    monkeypatch.setattr(suspecting, "ring", rung.append)
    monkeypatch.setattr(suspecting, "check_now", lambda pk, *, at: None)  # its rows are busy
    check_duplicates()
    assert rung == []


def test_a_second_worker_does_not_compare_the_same_leads_again(owner, now):
    make.lead(owner, ONE)
    elsewhere = connection.copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [suspecting.LOCK_SPACE])
            assert suspecting.check_waiting(now) == 0
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [suspecting.LOCK_SPACE])
    finally:
        elsewhere.close()
    assert suspecting.check_waiting(now) == 1


def test_checking_again_writes_nothing_new(pair, now):
    Lead.objects.update(is_unchecked=True)
    assert suspecting.check_waiting(now + timedelta(days=1)) == 2
    assert DuplicatePair.objects.get().updated_at == pair.updated_at


def test_two_known_codes_that_differ_are_never_a_pair(owner, now):
    make.lead(owner, ONE, uscc="91440300MA5DEMQ0X8", investor_name=INVESTOR)
    make.lead(owner, OTHER, uscc="91330105MADEMQ012G", investor_name=INVESTOR)
    suspecting.check_waiting(now)
    assert not DuplicatePair.objects.exists()


def test_a_former_name_is_found_by_its_likeness(owner, now):
    lead = make.lead(owner, "深圳蓝芯感知技术有限公司")
    lead.company.former_names = [ONE]
    lead.company.save()
    lead.index_anew()
    make.lead(owner, OTHER)
    suspecting.check_waiting(now)
    assert "曾用名" in DuplicatePair.objects.get().reasons[0]["text"]


def test_names_alike_with_different_investors_are_two_projects_and_two_claims(owner, outsider, now):
    name = "大运河算力中心项目"
    capture(Capture(name, investor_name="甲资本"), by=owner, at=now)
    theirs = capture(Capture(name, investor_name="乙资本"), by=outsider, at=now)
    assert theirs.claim.unit == outsider.unit
    suspecting.check_waiting(now)
    assert DuplicatePair.objects.get().reasons[0]["code"] == "same_name_other_investor"


def test_a_corrected_investor_makes_another_level_of_the_open_pair(pair, owner, now):
    lead = Lead.objects.get(pk=pair.other_id)
    answer = callers.person(owner).patch(
        f"leads/{lead.pk}/", {"investor_name": "乙资本"}, If_Match=f'"v{lead.version}"'
    )
    assert answer.status_code == 200
    assert suspecting.check_waiting(now) == 1
    pair.refresh_from_db()
    assert (pair.level, [reason["code"] for reason in pair.reasons]) == ("L3", ["similar_name"])


def test_a_pair_that_is_no_longer_alike_goes_when_nobody_has_judged_it(pair, now):
    company = pair.other.company
    company.name = pair.other.title = "杭州朔风医疗器械有限公司"
    pair.other.investor_name = ""
    company.save()
    pair.other.save()
    suspecting.check_waiting(now)
    assert not DuplicatePair.objects.exists()


def test_a_sure_pair_holds_up_研判_until_it_is_judged(pair, as_, owner, now):
    client = as_(owner)
    refused = client.post(f"/leads/{pair.other_id}/move/", {"stage": "screening"})
    assert refused.status_code == 400
    assert "疑似重复" in refused.content.decode()
    judging.judge(pair, "different", by=owner, at=now)
    assert client.post(f"/leads/{pair.other_id}/move/", {"stage": "screening"}).status_code == 302


def test_a_weak_pair_holds_up_nobody(owner, now):
    make.lead(owner, ONE)
    lead = make.lead(owner, OTHER)
    suspecting.check_waiting(now)
    assert DuplicatePair.objects.get().level == "L3"
    assert lead.missing_for("screening") == []


def test_what_was_called_different_is_not_asked_again_of_what_one_of_the_two_was_merged_into(
    pair, owner, now
):
    """The kept lead bears the merged one's name from then on; apart again, it has nothing of the answer."""
    judging.judge(pair, "different", by=owner, at=now, reason="两家独立的公司")
    kept = make.lead(owner, "苏州朔风感知技术有限公司", at=now)
    further = make.lead(owner, "朔风感知控股有限公司", at=now)
    for merged_into, merged in ((kept, pair.one), (further, kept)):
        merging.merge(merged_into, merged, by=owner, at=now, reason="改了名称")
    for lead in (pair.one, pair.other, kept, further):
        suspecting.check(lead.pk, at=now)
    assert DuplicatePair.objects.open().of_lead(pair.other_id).count() == 0
    judging.undo_merge(kept, by=owner, at=now, reason="弄错了")
    judging.undo_merge(pair.one, by=owner, at=now, reason="弄错了")
    suspecting.check_waiting(now)
    assert DuplicatePair.objects.open().of_lead(pair.other_id).count() == 0


def test_what_was_called_different_is_not_asked_again_for_any_lead_of_the_two(pair, owner, now):
    judging.judge(pair, "different", by=owner, at=now, reason="两家独立的公司")
    pair.other.move_to("dropped", by=owner, at=now, reason="联系不上")
    make.lead(owner, OTHER, investor_name=INVESTOR)
    suspecting.check_waiting(now)
    assert DuplicatePair.objects.open().count() == 0


def test_a_verdict_can_be_taken_back_and_given_anew(pair, as_, owner):
    client = as_(owner)
    page = f"/duplicates/{pair.pk}/"
    assert client.post(f"{page}judge/", {"judge-verdict": "different"}).status_code == 302
    assert "撤回判定" in client.get(page).content.decode()
    assert client.post(f"{page}reopen/").status_code == 302
    pair.refresh_from_db()
    assert (pair.verdict, pair.decided_by, pair.decided_at) == ("", None, None)


def test_the_owners_and_heads_of_one_unit_are_told_of_a_sure_pair_once(owner, head, now):
    for name in (ONE, OTHER):
        make.lead(owner, name, investor_name=INVESTOR)
    for _ in range(2):
        Lead.objects.update(is_unchecked=True)
        suspecting.check_waiting(now)
    told = Notification.objects.filter(key__startswith="duplicate:")
    assert {one.user for one in told} == {owner, head}
    assert told.count() == 2


@pytest.fixture
def foreign(owner, outsider, manager, now):
    """A pair of two units."""
    make.lead(owner, ONE, investor_name=INVESTOR)
    make.lead(outsider, OTHER, investor_name=INVESTOR)
    suspecting.check_waiting(now)
    return DuplicatePair.objects.get()


def test_a_pair_of_two_units_is_the_bureaus_alone(foreign, as_, owner, outsider, manager):
    for person, status in ((owner, 404), (outsider, 404), (manager, 200)):
        assert as_(person).get(f"/duplicates/{foreign.pk}/").status_code == status
    for person in (owner, outsider):
        page = as_(person).get("/duplicates/").content.decode()
        assert "望川" not in page
    assert {one.user for one in Notification.objects.filter(key__startswith="duplicate:")} == {manager}


def test_only_the_unit_of_both_leads_judges(pair, as_, teammate, leader):
    assert "判定" in as_(teammate).get(f"/duplicates/{pair.pk}/").content.decode()
    assert (
        as_(leader).post(f"/duplicates/{pair.pk}/judge/", {"judge-verdict": "different"}).status_code == 403
    )
    pair.refresh_from_db()
    assert pair.verdict == ""


def test_a_second_verdict_is_told_of_the_first(pair, owner, teammate, now):
    judging.judge(pair, "different", by=owner, at=now)
    with pytest.raises(judging.AlreadyJudged, match="林晓于 2026-04-20 判定为「视为新项目」"):
        judging.judge(pair, "same", by=teammate, at=now, kept=pair.one_id, reason="同一家")
    assert Lead.objects.own().count() == 2


def test_the_limits_are_settings_and_a_change_asks_again(owner, now):
    make.lead(owner, "望川智能")
    make.lead(owner, "望川智造云")
    Setting.objects.create(key="likeness_similar", value=60)
    suspecting.check_waiting(now)
    before = DuplicatePair.objects.count()
    Setting.objects.update(value=50)
    assert suspecting.ask_again() == 2
    suspecting.check_waiting(now)
    assert (before, DuplicatePair.objects.count()) == (0, 1)


def test_the_page_shows_both_sides_field_by_field(pair, as_, owner):
    page = as_(owner).get(f"/duplicates/{pair.pk}/").content.decode()
    for word in ("逐项对照", "投资方", INVESTOR, "名称", "判定"):
        assert word in page
    assert pair.other.title in as_(owner).get(pair.one.get_absolute_url()).content.decode()


def test_the_api_lists_reads_and_judges_in_the_same_words(pair, owner, outsider):
    mine = callers.person(owner)
    (row,) = mine.get("duplicates/?verdict=open").json()["results"]
    assert (row["level"], row["one_name"], row["verdict"]) == ("L2", ONE, "")
    assert mine.get(f"duplicates/?lead={pair.one_id}&level=L1").json()["results"] == []
    assert callers.person(outsider).get(f"duplicates/{pair.pk}/").status_code == 404
    refused = mine.post(f"duplicates/{pair.pk}/judge/", {"verdict": "same"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "kept")
    answer = mine.post(f"duplicates/{pair.pk}/judge/", {"verdict": "different"})
    assert (answer.status_code, answer.json()["verdict_label"]) == (200, "视为新项目")
    again = mine.post(f"duplicates/{pair.pk}/judge/", {"verdict": "different"})
    assert (again.status_code, again.json()["code"]) == (409, "already_judged")


def test_amounts_and_sectors_speak_when_the_investor_is_the_same(owner, now):
    make.lead(owner, "数字人总部项目", investor_name=INVESTOR, amount_wan=Decimal(10000))
    make.lead(owner, "合成生物工厂项目", investor_name=INVESTOR, amount_wan=Decimal(9500))
    suspecting.check_waiting(now)
    assert DuplicatePair.objects.get().reasons[0]["code"] == "investor_and_amount"


@pytest.mark.parametrize("number", [10, 40])
def test_the_list_costs_the_same_for_many(as_, owner, now, number, django_assert_num_queries):
    for place in range(number):
        make.lead(owner, f"望川智能装备制造{chr(0x4E00 + place)}厂", investor_name=INVESTOR)
    suspecting.check_waiting(now)
    client = as_(owner)
    client.get("/duplicates/")
    with django_assert_num_queries(3):
        client.get("/duplicates/")
