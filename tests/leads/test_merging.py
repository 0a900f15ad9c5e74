"""合并: two leads become one, nothing is lost, and taking it back gives what was there."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest

from django.db import connection

from crm.errors import NotAllowed, Refused
from crm.models import Channel, Company, Fact, LossReason, Notification, Qualification
from leads import conflicts, credit, handover, losing, merging, suspecting, tagging, walk_ins
from leads.claims import AlreadyReported
from leads.follow_up import FollowUp, log_visit
from leads.intake import Capture, capture
from leads.losing import Loss
from leads.merging import MergeRefused
from leads.models import Claim, DuplicatePair, Lead, Merge, Visit
from leads.models.claims import HeldByOther
from projects.losing import lose
from projects.models import Project
from projects.opening import accept
from tests import callers, make

ONE, OTHER = "深圳望川智能装备有限公司", "杭州望川智能装备有限公司"
USCC = "91440300MA5DEMQ0X8"
LATER = timedelta(days=1)


def talk_to(lead, by, at, content):
    next_on = at.date() + timedelta(days=7)
    talk = FollowUp(kind="call", content=content, next_step="寄资料", next_on=next_on, at=at)
    log_visit(lead, talk, by=by, at=at)


@pytest.fixture
def keep(owner, now):
    return make.lead(owner, ONE, contact_name="王总", contact_phone="13287530409")


@pytest.fixture
def gone(owner, now):
    lead = make.lead(
        owner, OTHER, uscc=USCC, contact_name="李总", contact_phone="15400000001", amount_wan=Decimal(5000)
    )
    talk_to(lead, owner, now, "谈了用房")
    return lead


def merged(keep, gone, by, at):
    row = merging.merge(keep, gone, by=by, at=at, reason="同一家，重复登记")
    keep.refresh_from_db()
    gone.refresh_from_db()
    return row


def test_visits_contacts_and_gaps_go_over_and_the_other_points_there(keep, gone, owner, now):
    merged(keep, gone, owner, now + LATER)
    assert set(Visit.objects.values_list("lead", flat=True)) == {keep.pk}
    assert set(keep.company.contacts.values_list("name", flat=True)) == {"王总", "李总"}
    assert keep.amount_wan == 5000
    assert (gone.stage, gone.merged_into) == ("merged", keep)
    assert gone.changes.get(left_at=None).stage == "merged"


def test_the_claim_stays_with_the_kept_one_alone(keep, gone, owner, now):
    merged(keep, gone, owner, now)
    assert Claim.objects.open().get().lead == keep
    assert gone.claim.ended == "merged"


def test_what_a_ruling_gave_another_unit_is_not_lost_by_merging_but_by_the_bureau(
    keep, gone, owner, outsider, manager, as_, now
):
    case = conflicts.open_case(OTHER, uscc=USCC, by=outsider, at=now, reason="我方在先")
    shares = {owner.unit: 60, outsider.unit: 40}
    conflicts.decide(case, verdict="joint", opinion="都谈过", shares=shares, by=manager, at=now)
    with pytest.raises(MergeRefused, match="半山区块 60 %、智慧网谷小镇 40 %.*请保留它") as refusal:
        merged(keep, gone, owner, now)
    assert refusal.value.field == "kept"
    suspecting.check(keep.pk, at=now)
    pair = DuplicatePair.objects.get()
    answer = {"verdict": "same", "kept": keep.pk, "reason": "同一家"}
    page = as_(owner).post(f"/duplicates/{pair.pk}/judge/", {f"judge-{k}": v for k, v in answer.items()})
    api = callers.person(owner).post(f"duplicates/{pair.pk}/judge/", answer)
    assert str(refusal.value) in page.content.decode()
    assert (api.status_code, api.json()["detail"]) == (400, str(refusal.value))
    merged(gone, keep, owner, now)
    assert credit.shares_of(gone) == shares


def test_the_bureau_merges_what_is_shared_and_the_kept_division_stands(
    keep, gone, owner, head, outsider, manager, now
):
    offered = handover.hand_over(
        gone, to_unit=outsider.unit, to_owner=outsider, by=head, at=now, reason="载体"
    )
    handover.accept(offered, by=outsider, at=now)
    merged(keep, gone, manager, now)
    assert credit.shares_of(keep) == {owner.unit: 100}


def test_what_is_offered_of_the_other_is_withdrawn_and_the_last_progress_is_that_of_both(
    keep, gone, owner, head, wanggu, now
):
    offered = handover.hand_over(gone, to_unit=wanggu, by=head, at=now, reason="载体")
    merged(keep, gone, owner, now)
    offered.refresh_from_db()
    assert (offered.state, offered.answer) == ("withdrawn", "线索已合并到另一条。")
    assert keep.progressed_at == now
    merging.undo(gone, by=owner, at=now, reason="不是一家")
    keep.refresh_from_db()
    assert keep.progressed_at is None


def test_a_talk_that_comes_over_ends_the_silence_and_answers_and_both_go_back(owner, as_, now, freeze):
    keep, gone = make.lead(owner, ONE, met_at=None), make.lead(owner, OTHER)
    talked = now + 25 * LATER
    talk_to(gone, owner, talked, "谈了用房")
    first, whole = keep.limit_on, gone.limit_on
    freeze(talked + LATER)
    form = {"judge-verdict": "same", "judge-kept": keep.pk, "judge-reason": "同一家，重复登记"}
    suspecting.check(keep.pk, at=talked)
    judged = as_(owner).post(f"/duplicates/{DuplicatePair.objects.get().pk}/judge/", form)
    assert judged.status_code == 302
    keep.refresh_from_db()
    assert (keep.limit_on, Claim.objects.get(lead=keep).last_effective_at) == (whole, talked)
    make.days_pass(40)
    assert Claim.objects.get(lead=keep).is_open
    merging.undo(gone, by=owner, at=talked + 2 * LATER, reason="不是一家")
    keep.refresh_from_db()
    assert (keep.limit_on, Claim.objects.get(lead=keep).last_effective_at) == (first, now)


def test_a_talk_that_comes_over_is_one_with_the_project_too_and_goes_back(owner, now):
    project, gone = make.project(owner, name=ONE), make.lead(owner, OTHER)
    talked = now + 10 * LATER
    talk_to(gone, owner, talked, "谈了用房")
    before = Project.objects.get(pk=project.pk)
    merged(project.lead, gone, owner, talked)
    after = Project.objects.get(pk=project.pk)
    assert (after.last_contact_at, after.progressed_at) == (talked, talked)
    assert after.limit_on > before.limit_on
    merging.undo(gone, by=owner, at=talked + LATER, reason="不是一家")
    back = Project.objects.get(pk=project.pk)
    for name in ("last_contact_at", "progressed_at", "limit_on"):
        assert getattr(back, name) == getattr(before, name)


def test_what_another_unit_talked_about_does_not_hold_the_first_report(owner, outsider, manager, now):
    keep, gone = make.lead(owner, ONE), make.lead(outsider, OTHER)
    talk_to(gone, outsider, now + 25 * LATER, "谈了用房")
    merged(keep, gone, manager, now + 26 * LATER)
    assert Claim.objects.get(lead=keep).last_effective_at == now


def test_the_name_and_the_code_of_the_other_now_mean_the_kept_company(keep, gone, owner, outsider, now):
    merged(keep, gone, owner, now)
    assert (keep.company.aliases, keep.company.uscc) == ([OTHER], USCC)
    for report in (Capture(OTHER), Capture("望川无人机有限公司", uscc=USCC)):
        with pytest.raises(AlreadyReported, match="半山区块"):
            capture(report, by=outsider, at=now)
    assert Lead.objects.count() == 2


def test_taking_it_back_gives_everything_as_it_was(keep, gone, owner, now):
    state = {"visits": 2, "aliases": [], "code": USCC}
    merged(keep, gone, owner, now)
    merging.undo(gone, by=owner, at=now + LATER, reason="不是同一家")
    keep, gone = Lead.objects.get(pk=keep.pk), Lead.objects.get(pk=gone.pk)
    assert Visit.objects.filter(lead=gone).count() == state["visits"]
    assert [c.name for c in gone.company.contacts.all()] == ["李总"]
    assert (keep.company.aliases, keep.company.uscc, gone.company.uscc) == ([], None, USCC)
    assert (keep.amount_wan, gone.stage, gone.merged_into) == (None, "lead", None)
    assert set(Claim.objects.open().values_list("lead", flat=True)) == {keep.pk, gone.pk}


def test_who_answers_one_of_the_two_has_answered_and_goes_on_with_what_is_kept(gone, station, owner, now):
    trip = make.roadshow(station)
    door = walk_ins.open_door(trip, trip.ends_on + timedelta(days=7), by=station, at=now)
    told = walk_ins.Told("广州望川智能装备有限公司", "赵总", "13800138000")
    keep = walk_ins.register(door, told, address="10.0.0.1", at=now).lead
    mine = make.lead(station, "珠海望川智能装备有限公司", amount_wan=Decimal(800))
    waiting, answered = keep.limit_on, mine.limit_on
    assert (waiting, keep.owner) == (now.date() + LATER, None)  # one workday to answer
    merged(keep, mine, station, now)
    assert (keep.owner, keep.is_untouched, keep.first_response_at) == (station, False, now)
    assert keep.limit_on == answered > waiting
    merging.undo(mine, by=station, at=now, reason="不是同一家")
    keep.refresh_from_db()
    mine.refresh_from_db()
    assert (keep.owner, keep.is_untouched, keep.limit_on) == (None, True, waiting)
    assert mine.owner == station


def test_nobody_of_another_unit_or_who_has_left_becomes_the_owner(keep, gone, owner, outsider, manager, now):
    foreign = make.lead(outsider, "广州望川智能装备有限公司")
    Lead.objects.filter(pk=keep.pk).update(owner=None)
    merged(keep, foreign, manager, now)
    assert keep.owner is None
    owner.is_active = False
    owner.save()
    merged(keep, gone, manager, now)
    assert keep.owner is None


def test_the_tags_of_both_stand_on_the_kept_one_and_its_project_and_go_back(as_, owner, gone, now):
    keep = make.screened(owner, name=ONE)
    project = accept(keep, by=owner, at=now)
    both, hers, later = (tagging.named(name, by=owner, at=now) for name in ("重点", "算力", "后加"))
    for lead, tag in ((keep, both), (gone, both), (gone, hers)):
        tagging.mark(lead, tag, by=owner, at=now)
    merge = merged(keep, gone, owner, now + LATER)
    assert as_(owner).get("/leads/", {"tag": hers.pk}).context["page"].rows == [keep]
    assert (set(keep.tags.all()), set(project.tags.all())) == ({both, hers}, {both, hers})
    tagging.mark(keep, later, by=owner, at=now + LATER)
    tagging.unmark(project, hers, by=owner)
    tagging.mark(project, hers, by=owner, at=merge.at + LATER)
    merging.undo(gone, by=owner, at=merge.at + LATER, reason="不是同一家")
    assert (set(keep.tags.all()), set(gone.tags.all())) == ({both, later}, {both, hers})
    assert set(project.tags.all()) == {hers}  # given by hand since


def test_whom_the_other_unit_knows_is_seen_by_who_goes_on_and_no_more_when_it_is_undone(
    as_, keep, outsider, manager, owner, station, now
):
    foreign = make.lead(
        outsider, "广州望川智能装备有限公司", contact_name="郭晓棠", contact_phone="15400000077"
    )
    third = make.lead(station, "珠海望川智能装备有限公司", contact_name="程知远", contact_phone="15400000078")
    page = keep.get_absolute_url()
    assert "郭**" not in as_(owner).get(page).content.decode()
    merged(foreign, third, manager, now)
    merged(keep, foreign, manager, now)
    shown = as_(owner).get(page).content.decode()
    for person in ("王*", "郭**", "程**"):
        assert person in shown
    assert "15400000077" not in shown
    merging.undo(foreign, by=manager, at=now, reason="不是同一家")
    shown = as_(owner).get(page).content.decode()
    assert "王*" in shown
    assert "郭**" not in shown
    assert as_(outsider).get(page).status_code == 404


def test_a_tag_of_the_other_unit_stays_where_it_is(keep, outsider, manager, owner, now):
    foreign = make.lead(outsider, "广州望川智能装备有限公司")
    tagging.mark(foreign, tagging.named("网谷", by=outsider, at=now), by=outsider, at=now)
    for_all = tagging.named("全区重点", by=manager, at=now)
    tagging.mark(foreign, for_all, by=manager, at=now)
    merged(keep, foreign, manager, now)
    assert set(keep.tags.all()) == {for_all}


def test_after_seven_days_it_stands_and_the_page_says_what_to_do_instead(keep, gone, as_, owner, now, freeze):
    merge = merged(keep, gone, owner, now)
    page = f"/leads/{gone.pk}/"
    freeze(merge.at + merging.UNDO)
    assert "撤销合并" in as_(owner).get(page).content.decode()
    freeze(merge.at + merging.UNDO + timedelta(seconds=1))
    shown = as_(owner).get(page).content.decode()
    assert "合并已超过 7 天，不能再撤销" in shown
    assert "视为新项目" in shown
    assert f"{page}unmerge/" not in shown
    answer = as_(owner).post(f"{page}unmerge/", {"unmerge-reason": "不是同一家"})
    assert answer.status_code == 400
    assert "合并已超过 7 天" in answer.content.decode()
    assert Merge.objects.standing().get() == merge


def test_what_was_written_since_the_merge_stays(keep, gone, owner, now):
    merged(keep, gone, owner, now)
    keep.amount_wan = Decimal(8000)
    keep.save()
    talk_to(keep, owner, now + LATER, "又谈了一次")
    merging.undo(gone, by=owner, at=now + LATER, reason="不是同一家")
    keep = Lead.objects.get(pk=keep.pk)
    assert keep.amount_wan == 8000
    assert keep.visits.filter(content="又谈了一次").exists()


def test_a_merged_lead_takes_no_change_and_says_where_to_go_on(keep, gone, as_, owner, now):
    merged(keep, gone, owner, now)
    client = as_(owner)
    page = client.get(gone.get_absolute_url()).content.decode()
    assert "已合并" in page
    assert f'href="{keep.get_absolute_url()}"' in page
    assert "记录跟进" not in page
    answer = client.post(f"/leads/{gone.pk}/move/", {"stage": "screening"})
    assert answer.status_code == 403
    assert "已经合并到另一条" in answer.content.decode()
    assert client.post(f"/leads/{gone.pk}/edit/", {"title": "改名"}).status_code == 403
    gone.refresh_from_db()
    assert (gone.stage, gone.title) == ("merged", OTHER)


def test_nobody_is_moved_into_the_merged_stage_by_hand(keep, head, as_, now):
    answer = callers.person(head).post(
        f"leads/{keep.pk}/move/", {"stage": "merged", "reason": "重复", "forced": True}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "merged")
    keep.refresh_from_db()
    assert keep.stage == "lead"


def test_lists_board_and_funnel_count_the_two_as_one(keep, gone, as_, owner, manager, now):
    merged(keep, gone, owner, now)
    client = as_(owner)
    assert OTHER not in client.get("/leads/").content.decode()
    assert OTHER in client.get("/leads/?stage=merged").content.decode()
    assert OTHER not in client.get("/leads/board/").content.decode()
    report = as_(manager).get("/reports/").context["funnel"]
    assert report.total.total.count == 1


def test_two_known_codes_that_differ_cannot_be_merged(keep, gone, owner, now):
    Company.objects.filter(pk=keep.company_id).update(uscc="91330105MADEMQ012G")
    with pytest.raises(MergeRefused, match="信用代码不同"):
        merging.merge(keep, gone, by=owner, at=now, reason="同一家")
    assert not Merge.objects.exists()
    assert Visit.objects.filter(lead=gone).count() == 2


def test_the_one_that_is_a_project_must_be_kept(owner, keep, now):
    project = make.project(owner, name=OTHER)
    with pytest.raises(MergeRefused, match="已转为项目，请保留它"):
        merging.merge(keep, project.lead, by=owner, at=now, reason="同一家")
    merging.merge(project.lead, keep, by=owner, at=now, reason="同一家")
    assert Lead.objects.get(pk=keep.pk).merged_into == project.lead


def lost_and_reported_again(owner, now):
    """A project that was lost, and the lead its own unit wrote down when the firm came again."""
    project = make.project(owner, name=ONE)
    lose(project, Loss(LossReason.objects.get(code="no_interest"), "企业暂不外扩"), by=owner, at=now)
    return project, make.lead(owner, ONE, at=now + LATER)


def test_a_firm_that_comes_back_to_a_lost_project_goes_into_it_once_that_is_revived(owner, now):
    project, again = lost_and_reported_again(owner, now)
    kept = Lead.objects.get(pk=project.lead_id)
    with pytest.raises(MergeRefused, match="请先重新激活项目"):
        merging.merge(kept, again, by=owner, at=now + 2 * LATER, reason="同一家")
    project.move_to("negotiating", by=owner, at=now + 2 * LATER, reason="企业又来了")
    merged(Lead.objects.get(pk=project.lead_id), again, owner, now + 2 * LATER)
    assert Claim.objects.open().get().lead == project.lead
    merging.undo(again, by=owner, at=now + 3 * LATER, reason="是另一个项目")
    assert Claim.objects.open().get().lead == project.lead


def test_what_the_unit_reported_anew_after_its_projects_claim_lapsed_goes_into_the_project(owner, now):
    project = make.project(owner, name=ONE)
    Claim.objects.filter(lead=project.lead).end(Claim.Ended.SILENCE, now)
    again = make.lead(owner, ONE, at=now + LATER)
    merged(project.lead, again, owner, now + LATER)
    claim = Claim.objects.open().get()
    assert claim.lead == project.lead
    assert "首报转来" in claim.events.first().text


def test_two_projects_are_not_merged(owner, now):
    one, other = make.project(owner, name=ONE), make.project(owner, name=OTHER)
    with pytest.raises(MergeRefused, match="流失"):
        merging.merge(one.lead, other.lead, by=owner, at=now, reason="同一家")


def test_a_contested_report_waits_for_the_decision(keep, gone, owner, outsider, now):
    conflicts.open_case(ONE, by=outsider, at=now, reason="我方在先")
    with pytest.raises(MergeRefused, match="冲突还没有裁决"):
        merging.merge(keep, gone, by=owner, at=now, reason="同一家")


def test_who_holds_the_first_report_is_kept(keep, gone, owner, now):
    Claim.objects.filter(lead=keep).end(Claim.Ended.SILENCE, now)
    with pytest.raises(MergeRefused, match=f"首报在「{OTHER}」"):
        merging.merge(keep, gone, by=owner, at=now, reason="同一家")


def test_a_merge_in_a_chain_is_taken_back_from_its_end(keep, gone, owner, now):
    third = make.lead(owner, "望川智能装备")
    merged(keep, gone, owner, now)
    merging.merge(third, keep, by=owner, at=now, reason="三条都是一家")
    with pytest.raises(MergeRefused, match="先撤销那一次"):
        merging.undo(gone, by=owner, at=now, reason="不是")
    merging.undo(keep, by=owner, at=now, reason="不是")
    merging.undo(gone, by=owner, at=now, reason="不是")
    assert Visit.objects.filter(lead=gone).count() == 2
    assert Lead.objects.own().count() == 3


def test_a_merge_whose_company_somebody_reported_since_is_not_taken_back(keep, gone, owner, outsider, now):
    merged(keep, gone, owner, now)
    keep.company.aliases = []
    keep.company.save()
    capture(Capture(OTHER), by=outsider, at=now)
    with pytest.raises(HeldByOther):
        merging.undo(gone, by=owner, at=now, reason="不是同一家")
    gone.refresh_from_db()
    assert gone.stage == "merged"


def test_an_expansion_merged_into_its_own_firm_is_taken_back(owner, as_, now, freeze):
    project = make.project(owner, name=ONE)
    again = make.lead(owner, ONE, channel=Channel.objects.get(code="expansion"))
    merged(project.lead, again, owner, now)
    freeze(now + LATER)
    answer = as_(owner).post(f"/leads/{again.pk}/unmerge/", {"unmerge-reason": "是两个项目"})
    assert answer.status_code == 302
    again.refresh_from_db()
    assert (again.stage, again.claim.ended) == ("lead", "covered")
    assert Claim.objects.open().get().lead == project.lead


def test_what_had_ended_before_the_merge_is_over_after_it_is_taken_back(keep, gone, owner, outsider, now):
    """Lapsed, and reported by another unit meanwhile; or lost: neither is held again, and neither forbids."""
    claim = Claim.objects.filter(lead=gone)
    claim.end(Claim.Ended.SILENCE, now)
    capture(Capture(OTHER, uscc=USCC), by=outsider, at=now)
    Company.objects.filter(pk=keep.company_id).update(uscc=None)
    merged(keep, gone, owner, now)
    merging.undo(gone, by=owner, at=now + LATER, reason="不是同一家")
    assert claim.get().ended == "silence"
    third = make.lead(owner, "望川智能装备")
    loss = Loss(LossReason.objects.get(code="no_interest"), "企业暂不外扩")
    losing.step(third, "dropped", loss=loss, by=owner, at=now)
    merged(keep, third, owner, now)
    merging.undo(third, by=owner, at=now + LATER, reason="不是同一家")
    assert Lead.objects.get(pk=third.pk).stage == "dropped"
    assert not Claim.objects.open().filter(lead=third).exists()


def test_the_verdict_merges_and_undoing_asks_again(as_, owner, keep, gone, now):
    suspecting.check_waiting(now)
    pair = DuplicatePair.objects.get()
    client = as_(owner)
    body = {"judge-verdict": "same", "judge-kept": keep.pk}
    refused = client.post(f"/duplicates/{pair.pk}/judge/", body)
    assert refused.status_code == 400
    assert "请填写合并的理由" in refused.content.decode()
    assert client.post(f"/duplicates/{pair.pk}/judge/", {**body, "judge-reason": "同一家"}).status_code == 302
    pair.refresh_from_db()
    assert (pair.verdict, pair.decided_by) == ("same", owner)
    answer = client.post(f"/leads/{gone.pk}/unmerge/", {"unmerge-reason": "弄错了"})
    assert answer.status_code == 302
    pair.refresh_from_db()
    assert pair.verdict == ""
    page = client.get(keep.get_absolute_url()).content.decode()
    assert "撤销合并" in page


def test_the_bureau_merges_leads_of_two_units_and_each_unit_is_told_of_its_own(
    keep, outsider, manager, head, owner, now
):
    theirs = make.lead(outsider, OTHER)
    with pytest.raises(NotAllowed, match="区投促局判定"):
        merging.merge(keep, theirs, by=owner, at=now, reason="同一家")
    merging.merge(keep, theirs, by=manager, at=now, reason="同一家")
    told = {one.user: one for one in Notification.objects.filter(key__startswith="merge:")}
    assert set(told) == {owner, outsider, head}
    assert "望川智能装备" in told[outsider].title
    assert ONE not in told[outsider].title + told[outsider].body


def test_the_api_tells_where_a_merged_lead_went_and_takes_it_back(keep, gone, owner, outsider, now, freeze):
    freeze(now + LATER)
    merged(keep, gone, owner, now)
    mine = callers.person(owner)
    entry = mine.get(f"leads/{gone.pk}/").json()
    assert (entry["stage"], entry["merged_into"]) == ("merged", keep.pk)
    assert callers.person(outsider).post(f"leads/{gone.pk}/unmerge/", {"reason": "x"}).status_code == 404
    assert mine.post(f"leads/{gone.pk}/unmerge/", {"reason": "弄错了"}).json()["stage"] == "lead"
    again = mine.post(f"leads/{gone.pk}/unmerge/", {"reason": "弄错了"})
    assert (again.status_code, again.json()["code"]) == (409, "already_merged")


def at_once(*works):
    """The names of what each of `works`, begun at one moment, gave or was refused with."""
    barrier, outcomes = threading.Barrier(len(works)), []

    def run(work):
        barrier.wait()
        try:
            outcomes.append(type(work()).__name__)
        except Refused as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_one_each_way_give_one(owner, now):
    one, other = make.lead(owner, ONE), make.lead(owner, OTHER)
    ways = [
        lambda: merging.merge(one, other, by=owner, at=now, reason="同一家"),
        lambda: merging.merge(other, one, by=owner, at=now, reason="同一家"),
    ]
    assert at_once(*ways) == ["AlreadyMerged", "Merge"]
    assert Lead.objects.own().count() == 1
    assert Claim.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_merge_and_a_project_opened_at_once_lose_nothing(owner, now):
    keep, gone = make.lead(owner, ONE), make.screened(owner, name=OTHER)
    outcomes = at_once(
        lambda: merging.merge(keep, gone, by=owner, at=now, reason="同一家"),
        lambda: accept(Lead.objects.get(pk=gone.pk), by=owner, at=now),
    )
    assert outcomes in (
        ["AlreadyMoved", "Merge"],
        ["Merge", "NotAllowed"],
        ["MergeRefused", "Project"],
    )
    assert Visit.objects.count() == 2
    assert Claim.objects.open().count() == (1 if "Merge" in outcomes else 2)


def certify(company, by, kind, **fields):
    return Qualification.objects.create(company=company, kind=kind, by=by, **fields)


def state(company, by, value, on):
    return Fact.objects.create(
        company=company, key="employees", value=value, source="officer", as_of=on, recorded_by=by,
        created_at=make.NOW,
    )  # fmt: skip


def test_qualifications_and_facts_go_over_with_where_they_came_from_and_back(as_, owner, gone, now):
    project = make.project(owner, name=ONE)
    mine = certify(project.company, owner, "专精特新", number="甲 1")
    theirs = certify(gone.company, owner, "专精特新", number="乙 2")
    old, new = state(project.company, owner, 80, now.date()), state(gone.company, owner, 120, now.date())
    Company.objects.filter(pk=gone.company_id).update(established_on=date(2020, 5, 1), brand="望川")
    Company.objects.filter(pk=project.company_id).update(brand="望川智能")
    merging.merge(project.lead, gone, by=owner, at=now + LATER, reason="同一家")
    kept = Company.objects.get(pk=project.company_id)
    assert (kept.established_on, kept.brand) == (date(2020, 5, 1), "望川智能")
    client, place = as_(owner), f"/projects/{project.pk}/"
    held = client.get(f"{place}qualifications/").content.decode()
    assert held.count("来自并入的") == held.count(f"来自并入的「{OTHER}」") == 1
    assert "甲 1" in held
    assert "乙 2" in held
    api = callers.person(owner).get(f"leads/{project.lead_id}/qualifications/").json()["results"]
    assert {one["number"]: one["from_company"] for one in api} == {"甲 1": None, "乙 2": OTHER}
    page = client.get(place).content.decode()
    assert f"来自并入的「{OTHER}」" in page
    assert [fact.is_in_use for fact in Fact.objects.order_by("pk")] == [False, True]
    merging.undo(gone, by=owner, at=now + LATER, reason="不是一家")
    companies = [project.company_id, gone.company_id]
    for model, rows in ((Qualification, (mine, theirs)), (Fact, (old, new))):
        found = model.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
        assert list(found.values_list("company", flat=True)) == companies
        assert not found.exclude(from_company=None).exists()
    assert Fact.objects.filter(is_in_use=True).count() == 2
    kept.refresh_from_db()
    assert (kept.established_on, kept.brand) == (None, "望川智能")
    assert "来自并入的" not in client.get(place).content.decode()


def test_what_others_stand_on_stays_with_their_company_and_the_kept_lead_says_so(as_, owner, gone, keep, now):
    another = make.lead(owner, "杭州望川二期")
    Lead.objects.filter(pk=another.pk).update(company=gone.company)
    row = certify(gone.company, owner, "国高企")
    merged(keep, gone, owner, now)
    row.refresh_from_db()
    assert (row.company_id, row.from_company) == (gone.company_id, None)
    page = as_(owner).get(keep.get_absolute_url()).content.decode()
    assert f"1 项资质还在「{OTHER}」名下" in page


def test_through_a_chain_of_merges_a_fact_keeps_its_first_record_and_comes_back_step_by_step(
    keep, gone, owner, now
):
    third = make.lead(owner, "望川智能装备")
    fact, first = state(gone.company, owner, 120, now.date()), gone.company_id
    merged(keep, gone, owner, now)
    merging.merge(third, keep, by=owner, at=now, reason="三条都是一家")
    fact.refresh_from_db()
    assert (fact.company_id, fact.from_company_id) == (third.company_id, first)
    for lead, stands_on, came_from in ((keep, keep.company_id, first), (gone, first, None)):
        merging.undo(lead, by=owner, at=now, reason="不是")
        fact.refresh_from_db()
        assert (fact.company_id, fact.from_company_id) == (stands_on, came_from)
