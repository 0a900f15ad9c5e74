"""流失 of leads and projects: explained alike at every door, asked again on its day, undone whole."""

from datetime import date, timedelta

import pytest

from django.utils import timezone

from crm.models import LossReason, Notification
from crm.workdays import shanghai_day
from leads.losing import Loss, LossRefused, step
from leads.models import Lead, Visit
from projects.losing import lose
from projects.models import Fund, Project
from projects.models.referrals import Step
from projects.referring import Move, ReferralRefused, advance
from projects.retracting import retract
from projects.revisits import remind_revisits
from tests import callers, make

MONTH = timedelta(days=30)


def reason(code="strategy"):
    return LossReason.objects.get(code=code)


def stored(record):
    return type(record).objects.get(pk=record.pk)


def revisit_on(days=30):
    return timezone.localdate() + timedelta(days=days)


@pytest.mark.parametrize(
    ("loss", "field"),
    [
        (Loss(None, "谈不拢"), "loss_reason"),
        (Loss("strategy", " "), "reason"),
        (Loss("other_city", "去了外地"), "winning_city"),
        (Loss("strategy", "谈不拢", revisit_on=date(2026, 4, 20)), "revisit_on"),
    ],
)
def test_a_loss_that_is_not_explained_is_refused_alike_for_lead_and_project(owner, loss, field):
    lead, project = make.lead(owner), make.project(owner)
    given = Loss(loss.reason and reason(loss.reason), loss.text, loss.city, loss.revisit_on)
    said = []
    for deed in (
        lambda: step(lead, "dropped", loss=given, by=owner, at=make.NOW),
        lambda: lose(project, given, by=owner, at=make.NOW),
    ):
        with pytest.raises(LossRefused) as refusal:
            deed()
        said.append((refusal.value.field, refusal.value.detail))
    assert said[0] == said[1]
    assert said[0][0] == field
    assert (stored(lead).stage, stored(project).stage) == ("lead", "negotiating")


def test_a_lead_is_dropped_on_its_page_with_reason_city_and_revisit(as_, owner):
    lead = make.lead(owner, at=timezone.now())
    client, place = as_(owner), f"/leads/{lead.pk}/move/"
    refused = client.post(place, {"stage": "dropped", "reason": "去了合肥"})
    assert refused.status_code == 400
    assert "请选择流失原因" in refused.content.decode()
    assert stored(lead).stage == "lead"
    told = {"loss_reason": "other_city", "winning_city": "合肥", "revisit_on": revisit_on()}
    assert client.post(place, {"stage": "dropped", "reason": "去了合肥高新区", **told}).status_code == 302
    row = stored(lead)
    assert (row.stage, row.loss_reason.code, row.winning_city) == ("dropped", "other_city", "合肥")
    assert (row.revisit_on, row.changes.last().reason) == (revisit_on(), "去了合肥高新区")
    page = client.get(lead.get_absolute_url()).content.decode()
    assert f"流向合肥，约定 {revisit_on()} 回访" in page


def test_a_dropped_lead_refused_on_the_board_is_asked_for_its_loss(as_, owner):
    lead = make.lead(owner, at=timezone.now())
    answer = as_(owner).post(
        f"/leads/{lead.pk}/move/", {"stage": "dropped", "reason": "算了"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 400
    assert 'name="loss_reason"' in answer.content.decode()


def test_page_and_api_drop_a_lead_in_the_same_words(owner):
    lead = make.lead(owner, at=timezone.now())
    caller, place = callers.person(owner), f"leads/{lead.pk}/move/"
    body = caller.post(place, {"stage": "dropped", "reason": "算了"}).json()
    assert (body["code"], body["detail"]) == ("invalid", "请选择流失原因。")
    done = caller.post(
        place, {"stage": "dropped", "reason": "算了", "loss_reason": "price", "revisit_on": str(revisit_on())}
    )
    assert done.status_code == 200, done.content
    assert stored(lead).loss_reason.code == "price"
    assert done.json()["revisit_on"] == str(revisit_on())


def test_a_lead_that_comes_back_has_its_history_and_no_loss(as_, owner):
    lead = make.lead(owner, at=timezone.now() - MONTH)
    step(lead, "dropped", loss=Loss(reason(), "暂缓"), by=owner, at=timezone.now() - MONTH / 2)
    as_(owner).post(f"/leads/{lead.pk}/move/", {"stage": "lead", "reason": "又来了"})
    row = stored(lead)
    assert (row.stage, row.loss_reason, row.winning_city, row.revisit_on) == ("lead", None, "", None)
    assert row.changes.count() == 3


def test_a_lost_project_keeps_its_revisit_and_comes_back_to_where_it_was(as_, owner):
    project = make.project(owner, at=timezone.now())
    told = {"stage": "lost", "reason": "暂缓", "loss_reason": "strategy", "revisit_on": revisit_on()}
    client = as_(owner)
    assert client.post(f"/projects/{project.pk}/move/", told).status_code == 302
    assert stored(project).revisit_on == revisit_on()
    assert f"约定 {revisit_on()} 回访" in client.get(project.get_absolute_url()).content.decode()
    client.post(f"/projects/{project.pk}/move/", {"stage": "negotiating", "reason": "又来了"})
    row = stored(project)
    assert (row.stage, row.revisit_on, row.loss_reason) == ("negotiating", None, None)
    assert row.changes.count() == 3


def test_what_still_waits_for_a_fund_is_withdrawn_with_the_project_and_the_fund_told(owner, fund_user):
    project, at = make.project(owner), timezone.now()
    waiting, over = (
        Fund.objects.create(code=code, name=code, kind="venture", status="operating") for code in ("水", "火")
    )
    waiting.managers.add(fund_user)
    open_one, ended = (make.referral(project, fund, owner, at=at) for fund in (waiting, over))
    advance(ended, Move(Step.REJECTED, shanghai_day(at), reason="不投"), by=owner, at=at)
    Notification.objects.all().delete()
    lose(project, Loss(reason(), "暂缓"), by=owner, at=at)
    assert (stored(open_one).step, stored(ended).step) == (Step.WITHDRAWN, Step.REJECTED)
    assert "项目已流失" in open_one.steps.last().reason
    assert ended.steps.count() == 2
    assert [one.url for one in Notification.objects.filter(user=fund_user)] == [open_one.get_absolute_url()]
    withdrawn = stored(open_one)
    with pytest.raises(ReferralRefused, match="重新激活"):
        retract(withdrawn.steps.last(), "点错了", by=owner, at=at, version=withdrawn.version)


def test_on_the_day_of_the_revisit_the_owner_is_told_once(owner, head):
    lead, project, gone = make.lead(owner), make.project(owner), make.project(owner)
    day = date(2026, 5, 18)
    step(lead, "dropped", loss=Loss(reason(), "暂缓", revisit_on=day), by=owner, at=make.NOW)
    lose(project, Loss(reason(), "暂缓", revisit_on=day), by=owner, at=make.NOW)
    lose(gone, Loss(reason(), "不来了"), by=owner, at=make.NOW)
    remind_revisits(make.NOW + timedelta(days=27))
    assert not Notification.objects.exists()
    for days in (28, 28, 29):
        remind_revisits(make.NOW + timedelta(days=days))
    told = Notification.objects.filter(user=owner)
    assert {one.url for one in told} == {lead.get_absolute_url(), project.get_absolute_url()}
    assert told.count() == Notification.objects.count() == 2


def test_without_an_owner_the_head_is_told(owner, head):
    project = make.project(owner)
    lose(project, Loss(reason(), "暂缓", revisit_on=date(2026, 5, 18)), by=owner, at=make.NOW)
    Project.objects.filter(pk=project.pk).update(owner=None)
    remind_revisits(make.NOW + timedelta(days=28))
    assert Notification.objects.get().user == head


def test_what_came_back_is_not_asked_again(owner):
    lead = make.lead(owner)
    step(lead, "dropped", loss=Loss(reason(), "暂缓", revisit_on=date(2026, 5, 18)), by=owner, at=make.NOW)
    step(stored(lead), "lead", loss=None, reason="又来了", by=owner, at=make.NOW + timedelta(days=2))
    remind_revisits(make.NOW + timedelta(days=28))
    assert Lead.objects.get().stage == "lead"
    assert not Notification.objects.exists()


def test_of_what_is_lost_only_the_revisit_is_shown_and_a_contact_planned_before_is_gone(as_, owner):
    now, planned = timezone.now(), timezone.localdate() + timedelta(days=3)
    lead, project = make.lead(owner, at=now, next_contact_on=planned), make.project(owner, at=now)
    Project.objects.filter(pk=project.pk).update(next_contact_on=planned)
    loss = Loss(reason(), "暂缓", revisit_on=revisit_on())
    step(lead, "dropped", loss=loss, by=owner, at=now)
    lose(stored(project), loss, by=owner, at=now)
    for record, board in ((lead, "/leads/board/"), (project, "/projects/board/")):
        assert stored(record).next_contact_on is None
        page = as_(owner).get(record.get_absolute_url()).content.decode()
        assert "<dt>回访日期</dt>" in page
        assert f"回访 {revisit_on()}" in page
        assert "下次联系</dt>" not in page
        assert f"{revisit_on():%m-%d} 回访" in as_(owner).get(board).content.decode()


def test_who_still_talks_to_what_is_lost_plans_no_next_contact(as_, owner):
    now, client = timezone.now(), as_(owner)
    lead, project = make.lead(owner, at=now), make.project(owner, at=now)
    lost = Loss(reason(), "暂缓", revisit_on=revisit_on())
    step(lead, "dropped", loss=lost, by=owner, at=now)
    lose(stored(project), lost, by=owner, at=now)
    for record, address in ((lead, f"/leads/{lead.pk}/"), (project, f"/projects/{project.pk}/")):
        page = client.get(address).content.decode()
        assert f"不约下次联系；回访日期 {revisit_on()}" in page
        assert 'name="visit-next_on"' not in page
        said = {"visit-kind": "call", "visit-content": "还在观望", "visit-next_step": "年底再问"}
        assert client.post(f"{address}visit/", said).status_code == 302
        row = stored(record)
        assert (row.next_contact_on, row.next_step, row.revisit_on) == (None, "年底再问", revisit_on())
    assert Visit.objects.filter(content="还在观望", next_on=None).count() == 2
    given = {"kind": "call", "content": "还在观望", "next_step": "年底再问", "next_on": str(revisit_on())}
    refused = callers.person(owner).post(f"leads/{lead.pk}/visits/", given)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "next_on")
    assert "只约回访日期" in refused.json()["errors"][0]["detail"]
    assert stored(lead).next_contact_on is None


def test_what_comes_back_is_not_overdue_by_a_contact_planned_before(as_, owner):
    lead = make.lead(owner)
    step(lead, "dropped", loss=Loss(reason(), "暂缓"), by=owner, at=make.NOW)
    Lead.objects.filter(pk=lead.pk).update(next_contact_on=date(2026, 4, 21))
    step(stored(lead), "lead", loss=None, reason="又来了", by=owner, at=make.NOW + timedelta(days=9))
    assert stored(lead).next_contact_on is None


def test_who_was_lost_before_screening_comes_back_into_it_by_its_gate(as_, owner, head):
    lead = make.lead(owner, met_at=None, at=timezone.now() - timedelta(hours=1))
    step(lead, "dropped", loss=Loss(reason(), "联系不上"), by=owner, at=timezone.now())
    client, place = as_(owner), f"/leads/{lead.pk}/move/"
    refused = client.post(place, {"stage": "screening", "reason": "又来找我们"})
    assert "没有首次响应" in refused.content.decode()
    answer = callers.person(owner).post(f"leads/{lead.pk}/move/", {"stage": "screening", "reason": "又来了"})
    assert [one["code"] for one in answer.json()["missing"]] == ["first_response"]
    assert stored(lead).stage == "dropped"
    assert client.post(place, {"stage": "lead", "reason": "又来找我们"}).status_code == 302
    assert stored(lead).stage == "lead"


def test_whose_first_report_lapsed_goes_no_further_once_another_unit_has_reported(
    as_, owner, head, outsider, freeze
):
    name, later = "深圳云芯科技有限公司", make.NOW + timedelta(days=32)
    lead, project = make.screened(owner, name=name), make.project(owner, name="深圳望川智能有限公司")
    make.days_pass(31)
    ready = make.ready_for_review(stored(project), owner)
    assert ready.missing_for("review") == []  # free again, and nobody has reported it
    for taken in (name, "深圳望川智能有限公司"):
        make.lead(outsider, taken, at=later)
    freeze(later)
    told = "首报已经失效，这家企业现由智慧网谷小镇首报，不能再推进；如有不同意见，可以提出首报冲突。"
    api = callers.person(owner)
    for path, to in ((f"leads/{lead.pk}/", "accepted"), (f"projects/{project.pk}/", "review")):
        answer = api.post(f"{path}move/", {"stage": to})
        assert [one["detail"] for one in answer.json()["missing"]] == [told]
    assert told in as_(owner).post(f"/projects/{project.pk}/move/", {"stage": "review"}).content.decode()
    forced = {"stage": "review", "reason": "区里急件", "forced": "on"}
    assert "不能强制" in as_(head).post(f"/projects/{project.pk}/move/", forced).content.decode()
    assert (stored(lead).stage, stored(project).stage) == ("screening", "negotiating")
