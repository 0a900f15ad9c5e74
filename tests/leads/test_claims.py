"""首报首谈: protection, its one extension, its loss by silence or time, and what is told of it when."""

from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEvent, Notification, Setting
from crm.workdays import shanghai_day
from leads import claims, conflicts
from leads.claims import AlreadyReported, ClaimRefused
from leads.editing import edit
from leads.follow_up import FollowUp, log_visit
from leads.lapses import scan
from leads.models import Claim, ClaimEvent, ClaimWarning, Lead
from tests import callers, make

NAME = "深圳云芯科技有限公司"
DAY = timedelta(days=1)


def talk(lead, by, at, target=None):
    next_on = (at + 7 * DAY).date()
    return log_visit(lead, FollowUp("call", "谈了选址", "发材料", next_on, at), by=by, at=at, target=target)


def claim_of(lead):
    return Claim.objects.get(lead=lead)


def titles(person):
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("title", flat=True))


@pytest.fixture
def lead(owner, head):
    return make.lead(owner, NAME)


def test_a_silent_claim_is_announced_on_the_twentieth_day_and_a_week_before_it_is_lost_after_the_thirtieth(
    lead, owner, head, now
):
    make.days_pass(19)
    assert titles(owner) == []
    make.days_pass(22, first=20)
    assert titles(owner) == titles(head) == [f"「{NAME}」没有有效跟进，首报将失效"]
    assert "2026-05-20" in Notification.objects.get(user=owner).body
    make.days_pass(30, first=23)
    assert titles(owner)[1:] == titles(head)[1:] == [f"「{NAME}」没有有效跟进，首报即将失效"]
    assert "最后一天 2026-05-20" in Notification.objects.filter(user=owner).first().body
    assert claim_of(lead).is_open
    scan(now + 31 * DAY)
    claim = claim_of(lead)
    assert (claim.ended, claim.released_at) == ("silence", now + 31 * DAY)
    assert titles(owner)[-1] == titles(head)[-1] == f"「{NAME}」的首报保护已结束"


def test_only_a_follow_up_on_record_ends_the_silence_not_a_step_or_a_correction(lead, owner, now):
    lead.move_to("screening", by=owner, at=now + 10 * DAY)
    edit(lead, {"note": "核实过"}, by=owner, at=now + 10 * DAY, version=lead.version)
    assert claim_of(lead).last_effective_at == now
    talk(lead, owner, now + 12 * DAY)
    assert claim_of(lead).last_effective_at == now + 12 * DAY
    make.days_pass(42, first=12)
    assert claim_of(lead).is_open
    scan(now + 43 * DAY)
    assert claim_of(lead).ended == "silence"


def followed_up(lead, owner, until):
    at = lead.created_at
    while (at := at + 15 * DAY) < until:
        talk(lead, owner, at)


def test_the_end_of_the_protection_is_announced_a_week_before_and_comes_in_spite_of_follow_ups(
    lead, owner, now
):
    followed_up(lead, owner, now + 90 * DAY)
    scan(now + 82 * DAY)
    assert titles(owner) == []
    scan(now + 83 * DAY)
    assert titles(owner) == [f"「{NAME}」的首报保护将期满"]
    scan(now + 90 * DAY)
    assert claim_of(lead).is_open
    scan(now + 91 * DAY)
    assert claim_of(lead).ended == "expired"
    assert titles(owner)[-1] == f"「{NAME}」的首报保护已期满"


def test_the_scan_may_run_as_often_as_it_likes(lead, owner, now):
    for day in (20, 20, 21, 23, 24, 31, 31, 32):
        scan(now + day * DAY)
        scan(now + day * DAY)
    assert len(titles(owner)) == 3
    assert ClaimWarning.objects.count() == 2
    assert ClaimEvent.objects.filter(kind="lapsed").count() == 1


def test_after_a_long_stop_one_pass_tells_everybody_once(owner, head, now):
    for _ in range(40):
        make.lead(owner)
    scan(now + 200 * DAY)
    assert Claim.objects.open().count() == 40
    message = Notification.objects.get(user=owner)
    assert message.title == "40 条首报因没有有效跟进即将失效"
    assert (len(message.items), message.body, message.url) == (30, "另有 10 条。", "/leads/")
    assert Notification.objects.filter(user=head).count() == 1
    make.days_pass(208, first=201)
    assert Claim.objects.filter(ended="silence").count() == 40
    assert titles(owner)[1:] == titles(head)[1:] == ["40 条首报保护已结束"]


def test_the_pass_asks_the_same_few_questions_however_many_claims_there_are(owner, head, now):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            for day in (20, 23, 31):
                scan(now + day * DAY)
        return len(asked)

    make.lead(owner)
    one = queries()
    for _ in range(12):
        make.lead(owner)
    assert queries() <= one


def test_a_lapsed_claim_stays_in_the_history_and_another_unit_may_report(lead, owner, outsider, as_, now):
    make.days_pass(31)
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert "首报失效" in page
    assert "连续 30 天没有有效跟进" in page
    assert Lead.objects.get(pk=lead.pk).unit == owner.unit
    theirs = make.lead(outsider, NAME, at=now + 32 * DAY)
    assert theirs.claim.unit == outsider.unit


def test_the_old_unit_claims_again_by_an_effective_follow_up_while_nobody_else_has(lead, owner, now):
    make.days_pass(31)
    talk(lead, owner, now + 33 * DAY)
    claim = claim_of(lead)
    assert claim.is_open
    assert claim.protected_until == (now + 123 * DAY).date()
    assert ClaimEvent.objects.filter(claim__lead=lead, kind="renewed").count() == 1


def test_it_comes_too_late_when_another_unit_has_reported_meanwhile(lead, owner, outsider, now):
    make.days_pass(31)
    theirs = make.lead(outsider, NAME, at=now + 32 * DAY)
    talk(lead, owner, now + 33 * DAY)
    assert not claim_of(lead).is_open
    assert claim_of(theirs).is_open


def test_a_visit_from_before_the_lapse_renews_nothing(lead, owner, now):
    make.days_pass(31)
    follow_up = FollowUp("call", "谈过", "发材料", (now + 40 * DAY).date(), now + 30 * DAY)
    log_visit(lead, follow_up, by=owner, at=now + 33 * DAY)
    assert not claim_of(lead).is_open


def extend(client, lead, reason="等土地指标"):
    return client.post(f"/leads/{lead.pk}/claim/extend/", {"extension-reason": reason})


def test_the_owner_extends_once_with_a_reason(as_, lead, owner):
    at = begun_now(lead)
    refused = extend(as_(owner), lead, reason=" ")
    assert refused.status_code == 400
    assert claim_of(lead).extended_at is None
    assert extend(as_(owner), lead).status_code == 302
    claim = claim_of(lead)
    assert claim.protected_until == shanghai_day(at) + 120 * DAY
    again = extend(as_(owner), lead)
    assert again.status_code == 400
    assert "只能延期一次" in again.content.decode()
    assert claim_of(lead).protected_until == claim.protected_until


def begun_now(lead):
    """Let the claim have begun just now, for the doors read the real clock."""
    at = timezone.now()
    claim_of(lead).begin(unit=lead.unit, person=lead.owner, at=at)
    return at


def test_a_colleague_who_is_not_the_owner_may_not_extend_and_a_stranger_sees_nothing(
    as_, lead, teammate, outsider, head, manager
):
    begun_now(lead)
    assert extend(as_(teammate), lead).status_code == 403
    assert extend(as_(outsider), lead).status_code == 404
    assert claim_of(lead).extended_at is None
    assert extend(as_(head), lead).status_code == 302


@pytest.mark.parametrize("days, why", [(91, "已于 2026-07-19 期满"), (200, "已于 2026-07-19 期满")])
def test_after_the_end_nothing_is_extended(lead, owner, now, days, why):
    followed_up(lead, owner, now + 90 * DAY)
    make.days_pass(84)
    with pytest.raises(ClaimRefused, match=why):
        claims.extend(lead, by=owner, at=now + days * DAY, reason="等土地指标")
    assert claim_of(lead).extended_at is None


def test_what_holds_past_its_day_is_extended(lead, owner, outsider, manager, now):
    """Because the bureau has not decided yet, or because nobody was warned of the end."""
    conflicts.open_case(NAME, by=outsider, at=now + 80 * DAY, reason="我方在先")
    with pytest.raises(AlreadyReported, match="正在裁决冲突，裁决前仍在保护中"):
        make.lead(outsider, NAME, at=now + 95 * DAY)
    claims.extend(lead, by=owner, at=now + 95 * DAY, reason="等裁决")
    assert claim_of(lead).protected_until == (now + 120 * DAY).date()
    silent = make.lead(owner, at=now)
    claims.extend(silent, by=owner, at=now + 95 * DAY, reason="等土地指标")
    assert claim_of(silent).protected_until == (now + 120 * DAY).date()


def test_a_claim_that_lapsed_is_not_extended(lead, owner, now):
    make.days_pass(31)
    with pytest.raises(ClaimRefused, match="首报保护已经结束"):
        claims.extend(lead, by=owner, at=now + 32 * DAY, reason="等土地指标")


def test_a_project_in_negotiation_loses_its_claim_by_silence_alone(owner, head, now):
    project = make.project(owner)
    for days in range(20, 200, 20):
        talk(project.lead, owner, now + days * DAY, target=project)
    scan(now + 200 * DAY)
    assert claim_of(project.lead).is_open
    make.days_pass(210, first=201)
    assert claim_of(project.lead).is_open
    make.days_pass(211, first=211)
    assert claim_of(project.lead).ended == "silence"


def test_from_signing_on_the_claim_holds_until_the_project_is_lost(owner, head, outsider, now):
    project = make.project(owner)
    for stage in ("review", "signed"):
        project.move_to(stage, by=head, at=now, forced=True, reason="专题会")
    scan(now + 400 * DAY)
    assert claim_of(project.lead).is_open
    with pytest.raises(AlreadyReported, match="仍在保护中"):
        make.lead(outsider, project.name, at=now + 400 * DAY)
    project.move_to("negotiating", by=head, at=now + 400 * DAY, forced=True, reason="解约重谈")
    make.days_pass(430, first=401)
    assert claim_of(project.lead).is_open
    assert [title.split("，")[-1] for title in titles(head)] == ["首报将失效", "首报即将失效"]
    scan(now + 431 * DAY)
    assert claim_of(project.lead).ended == "silence"


def test_when_nobody_was_warned_in_time_the_warning_comes_first_and_the_loss_a_week_later(
    as_, lead, owner, head, now, freeze
):
    make.days_pass(19)
    scan(now + 33 * DAY)
    assert titles(owner) == titles(head) == [f"「{NAME}」没有有效跟进，首报即将失效"]
    assert "最后一天 2026-05-30" in Notification.objects.get(user=owner).body
    freeze(now + 34 * DAY)
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert "有效跟进不晚于</dt><dd>2026-05-30</dd>" in page
    make.days_pass(40, first=34)
    assert claim_of(lead).is_open
    scan(now + 41 * DAY)
    assert claim_of(lead).ended == "silence"


def test_a_follow_up_in_the_days_after_a_late_warning_keeps_the_claim(lead, owner, now):
    scan(now + 33 * DAY)
    talk(lead, owner, now + 40 * DAY)
    make.days_pass(70, first=41)
    assert claim_of(lead).is_open
    scan(now + 71 * DAY)
    assert claim_of(lead).ended == "silence"


def test_a_protection_nobody_was_warned_of_in_time_lasts_a_week_longer_and_says_so(
    lead, owner, outsider, now
):
    followed_up(lead, owner, now + 100 * DAY)
    make.days_pass(80)
    scan(now + 95 * DAY)
    assert titles(owner) == [f"「{NAME}」的首报保护将期满"]
    assert claim_of(lead).protected_until == (now + 102 * DAY).date()
    with pytest.raises(AlreadyReported, match="保护至 2026-07-31"):
        make.lead(outsider, NAME, at=now + 96 * DAY)
    make.days_pass(102, first=96)
    assert claim_of(lead).is_open
    scan(now + 103 * DAY)
    assert claim_of(lead).ended == "expired"


def test_a_shorter_protection_ends_a_week_from_now_at_the_earliest_and_is_announced(
    as_, admin_user, lead, owner, now, freeze
):
    followed_up(lead, owner, now + 60 * DAY)
    make.days_pass(55)
    freeze(now + 56 * DAY)
    as_(admin_user).post("/admin/crm/setting/add/", {"key": "protection_days", "value": "50"})
    assert claim_of(lead).protected_until == (now + 63 * DAY).date()
    make.days_pass(63, first=56)
    assert claim_of(lead).is_open
    assert titles(owner) == [f"「{NAME}」的首报保护将期满"]
    scan(now + 64 * DAY)
    assert claim_of(lead).ended == "expired"


def test_a_longer_announcement_holds_from_the_next_warning_on(lead, owner, now):
    Setting.objects.create(key="announcement_days", value=14)
    scan(now + 25 * DAY)
    assert "2026-05-29" in Notification.objects.get(user=owner).body
    Setting.objects.update(value=3)
    make.days_pass(39, first=26)
    assert claim_of(lead).is_open
    scan(now + 40 * DAY)
    assert claim_of(lead).ended == "silence"


def test_a_shorter_silence_is_announced_before_it_counts(lead, owner, now):
    make.days_pass(22)
    Setting.objects.create(key="silence_days", value=20)
    make.days_pass(29, first=22)
    assert claim_of(lead).is_open
    assert "最后一天 2026-05-19" in Notification.objects.filter(user=owner).first().body
    scan(now + 30 * DAY)
    assert claim_of(lead).ended == "silence"


def test_a_revived_lead_takes_its_claim_again_but_not_a_protection_that_has_run_out(lead, owner, now):
    lead.move_to("dropped", by=owner, at=now + 10 * DAY, reason="联系不上")
    lead.move_to("lead", by=owner, at=now + 50 * DAY, reason="企业回电")
    scan(now + 50 * DAY)
    assert claim_of(lead).is_open
    lead.move_to("dropped", by=owner, at=now + 60 * DAY, reason="又联系不上")
    lead.move_to("lead", by=owner, at=now + 95 * DAY, reason="企业回电")
    assert claim_of(lead).ended == "expired"


def test_a_lapsed_claim_is_not_woken_by_dropping_and_reviving_the_lead(lead, owner, now):
    make.days_pass(31)
    lead.move_to("dropped", by=owner, at=now + 32 * DAY, reason="联系不上")
    lead.move_to("lead", by=owner, at=now + 33 * DAY, reason="企业回电")
    assert claim_of(lead).ended == "silence"


def test_a_new_number_counts_at_once_for_running_claims_and_is_audited(
    as_, admin_user, lead, owner, now, freeze
):
    freeze(now)
    lapsed = make.lead(owner)
    Claim.objects.filter(lead=lapsed).end("expired", now)
    before = claim_of(lapsed).protected_until
    page = as_(admin_user).post(
        "/admin/crm/setting/add/", {"key": "protection_days", "value": "60"}, follow=True
    )
    assert "已按新的保护期重算 1 条首报的到期日" in page.content.decode()
    assert claim_of(lead).protected_until == (now + 60 * DAY).date()
    assert claim_of(lapsed).protected_until == before
    assert AuditEvent.objects.filter(action="admin_add", subject="crm.setting").count() == 1
    as_(admin_user).post("/admin/crm/setting/protection_days/delete/", {"post": "yes"})
    assert claim_of(lead).protected_until == (now + 90 * DAY).date()


def test_a_new_silence_limit_counts_from_the_next_pass(lead, now):
    Setting.objects.create(key="silence_days", value=45)
    scan(now + 44 * DAY)
    assert claim_of(lead).is_open


def test_a_partner_and_a_person_read_and_extend_by_the_same_rule(lead, owner, outsider):
    begun_now(lead)
    seen = callers.person(owner).get(f"leads/{lead.pk}/claim/").json()
    assert (seen["unit_label"], seen["is_open"], seen["ended"]) == ("半山区块", True, "")
    refused = callers.person(owner).post(f"leads/{lead.pk}/claim/extend/", {"reason": " "})
    assert refused.status_code == 400
    done = callers.person(owner).post(f"leads/{lead.pk}/claim/extend/", {"reason": "等土地指标"})
    assert done.status_code == 200
    assert done.json()["is_extended"] is True
    again = callers.person(owner).post(f"leads/{lead.pk}/claim/extend/", {"reason": "等土地指标"})
    assert "只能延期一次" in again.json()["detail"]
    assert callers.person(outsider).get(f"leads/{lead.pk}/claim/").status_code == 404


def test_to_drop_a_lead_and_take_it_up_again_is_no_follow_up(lead, owner, now):
    make.days_pass(25)
    lead.move_to("dropped", by=owner, at=now + 25 * DAY, reason="暂缓")
    make.days_pass(34, first=26)
    lead.move_to("lead", by=owner, at=now + 35 * DAY, reason="再看")
    assert claims.silent_until(claim_of(lead), shanghai_day(now + 35 * DAY)) == shanghai_day(now + 40 * DAY)
    make.days_pass(42, first=35)
    assert claim_of(lead).is_open  # announced on the day of its return, a week ahead
    make.days_pass(43, first=43)
    assert claim_of(lead).ended == "silence"


def test_a_follow_up_before_it_is_taken_up_again_counts(lead, owner, now):
    lead.move_to("dropped", by=owner, at=now + 25 * DAY, reason="暂缓")
    told = FollowUp("call", "谈了选址", "发材料", None, now + 30 * DAY)
    log_visit(lead, told, by=owner, at=now + 30 * DAY)
    lead.move_to("lead", by=owner, at=now + 31 * DAY, reason="再看")
    assert claim_of(lead).last_effective_at == now + 31 * DAY
