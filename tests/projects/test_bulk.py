"""批量操作: foreseen before it is done, by the rules of one record, taken back where it is as it was left."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import bulk
from crm.models import AuditEvent, BulkJob, FieldChange, Notification, SavedView, Tag, User
from leads import tagging
from leads.bulk import HANDS
from leads.editing import edit
from leads.models import Lead
from projects import bulk as of_projects
from projects.models import Project
from projects.opening import accept
from projects.tasks import resume_bulk
from tests import make
from tests.leads.test_pages_list import many, titles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(freeze):
    freeze(make.NOW + timedelta(hours=1))


def begin(client, action, records, kind="leads", **more):
    """The address of the job that ticking these records began."""
    given = {"action": action, "pk": [one.pk for one in records], **more}
    return client.post(f"/{kind}/bulk/", given)


def ask(client, address, **given):
    return client.get(client.post(f"{address}ask/", given).url)


def press(client, address, deed):
    return client.get(client.post(f"{address}{deed}/").url)


def groups(page):
    """{heading: {reason: number}} of what the page shows."""
    found = {}
    for heading, reasons in page.context["groups"]:
        found[heading] = {reason: number for reason, number, _ in reasons}
    return found


def test_assigning_shows_what_it_would_do_then_does_it_and_takes_it_back(as_, head, owner, teammate, manager):
    one, other = make.lead(owner, "甲一"), make.lead(owner, "乙二")
    mine = make.lead(teammate, "丙三")
    client = as_(head)
    address = begin(client, "assign", [one, other, mine]).url
    page = ask(client, address, owner=teammate.pk)
    assert groups(page) == {"可以办理": {"": 2}, "不能办理": {"已经由这个人负责，不用改。": 1}}
    assert {lead.owner_id for lead in Lead.objects.all()} == {owner.pk, teammate.pk}
    assert Lead.objects.get(pk=one.pk).version == one.version
    page = press(client, address, "confirm")
    assert groups(page)["已办理"] == {"": 2}
    assert set(Lead.objects.values_list("owner", flat=True)) == {teammate.pk}
    event = AuditEvent.objects.get(action="bulk")
    assert (event.actor, event.detail["rows"], sorted(event.detail["名单"])) == (head, 2, ["乙二", "甲一"])

    edit(
        Lead.objects.get(pk=other.pk),
        {"note": "后来写的"},
        by=teammate,
        at=make.NOW,
        version=other.version + 1,
    )
    page = press(client, address, "undo")
    assert groups(page) == {
        "已撤销": {"": 1},
        "没有撤销": {"办理以后又有人改过。": 1},
        "当时就没有办理": {"已经由这个人负责，不用改。": 1},
    }
    assert "乙二" in page.content.decode()
    assert "，1 条没有动，原因见下" in page.content.decode()
    assert Lead.objects.get(pk=one.pk).owner == owner
    assert Lead.objects.get(pk=other.pk).owner == teammate
    assert AuditEvent.objects.get(action="undo_bulk").detail["rows"] == 1
    assert as_(owner).get(address).status_code == 404
    assert as_(manager).get(address).status_code == 404


def test_who_may_not_assign_begins_no_such_job(as_, owner, leader):
    lead = make.lead(owner)
    for person, action in ((owner, "assign"), (leader, "tag")):
        assert begin(as_(person), action, [lead]).status_code == 403
    assert not BulkJob.objects.exists()


def test_moving_asks_the_gate_of_each_and_groups_what_is_missing(as_, owner):
    ready, again = make.lead(owner, "甲一"), make.screened(owner, name="乙二")
    untalked = make.lead(owner, "丙三", met_at=None)
    client = as_(owner)
    address = begin(client, "move", [ready, again, untalked]).url
    page = ask(client, address, stage="screening")
    refused = groups(page)["不能办理"]
    assert refused == {
        "已经在「研判」。": 1,
        "还不能进入「研判」，缺少 1 项。没有首次响应，请先记录一次联系。": 1,
    }
    press(client, address, "confirm")
    assert Lead.objects.get(pk=ready.pk).stage == "screening"
    assert Lead.objects.get(pk=untalked.pk).stage == "lead"
    page = press(client, address, "undo")
    assert "没有动" not in page.content.decode()  # nobody had touched it
    ready.refresh_from_db()
    assert (ready.stage, ready.changes.last().reason) == ("lead", "撤销批量移动")
    assert ready.furthest == "lead"
    assert [one.title for one in client.get("/leads/", {"reached": "screening"}).context["page"]] == ["乙二"]


def test_many_are_not_moved_back_and_an_undo_wipes_no_lamp_out(as_, owner):
    back, late = make.screened(owner, name="甲一"), make.lead(owner, "乙二")
    client = as_(owner)
    address = begin(client, "move", [back]).url
    assert groups(ask(client, address, stage="lead"))["不能办理"] == {"退回要逐条办理，各写各的理由。": 1}
    Lead.objects.filter(pk=late.pk).update(limit_on=timezone.localdate() - timedelta(days=9))
    address = begin(client, "move", [late]).url
    ask(client, address, stage="screening")
    press(client, address, "confirm")
    page = press(client, address, "undo")
    assert groups(page)["没有撤销"] == {"移动前已超时限，退回会重新计时，请逐条退回并写明理由。": 1}
    assert Lead.objects.get(pk=late.pk).stage == "screening"


def test_nobody_who_left_is_given_records(as_, head, owner, teammate):
    lead = make.lead(owner, "甲一")
    client = as_(head)
    address = begin(client, "assign", [lead]).url
    ask(client, address, owner=teammate.pk)
    User.objects.filter(pk=teammate.pk).update(is_active=False)
    page = press(client, address, "confirm")
    assert list(groups(page)["没有办理"]) == [f"{teammate}已停用或不再跟进线索，请换一位负责人。"]
    assert Lead.objects.get().owner == owner


def test_a_tag_that_was_ended_does_not_come_back_by_its_name(as_, owner):
    lead = make.lead(owner)
    Tag.objects.create(unit=owner.unit, name="重点", active_to=timezone.localdate() - timedelta(days=1))
    client = as_(owner)
    address = begin(client, "tag", [lead]).url
    page = ask(client, address, tag_name="重点")
    (why,) = groups(page)["不能办理"]
    assert why == "标签「重点」已停用，请换一个，或请系统管理员在设置里重新启用。"
    assert Tag.objects.get().active_to is not None


def test_a_row_somebody_changed_after_the_preview_is_left_alone(as_, head, owner, teammate):
    one, other = make.lead(owner, "甲一"), make.lead(owner, "乙二")
    client = as_(head)
    address = begin(client, "assign", [one, other]).url
    ask(client, address, owner=teammate.pk)
    edit(one, {"note": "刚写的"}, by=owner, at=make.NOW, version=one.version)
    page = press(client, address, "confirm")
    assert groups(page)["没有办理"] == {bulk.CHANGED_SINCE: 1}
    assert Lead.objects.get(pk=one.pk).owner == owner
    again = client.post(f"{address}confirm/")
    assert again.status_code == 409
    assert Lead.objects.get(pk=other.pk).owner == teammate


def test_tags_are_made_when_given_filtered_by_and_seen_by_the_unit(
    as_, owner, outsider, station, manager, leader
):
    lead, other = make.lead(owner, "甲一"), make.lead(owner, "乙二")
    client = as_(owner)
    address = begin(client, "tag", [lead]).url
    ask(client, address, tag_name="重点跟")
    assert not Tag.objects.exists()
    press(client, address, "confirm")
    tag = Tag.objects.get()
    assert (tag.name, tag.unit) == ("重点跟", owner.unit)
    page = client.get("/leads/", {"tag": tag.pk})
    assert titles(page) == ["甲一"]
    assert '<span class="tag-chip">重点跟</span>' in page.content.decode()
    assert "重点跟" in client.get("/leads/board/").content.decode()
    assert "重点跟" in as_(leader).get("/leads/").content.decode()
    Lead.objects.update(station=station.unit)
    for stranger in (station, outsider):
        assert "重点跟" not in as_(stranger).get("/leads/").content.decode()
        assert as_(stranger).get("/leads/", {"tag": tag.pk}).status_code == 400
    client = as_(owner)
    again = begin(client, "tag", [lead, other]).url
    assert groups(ask(client, again, tag=tag.pk))["不能办理"] == {"已经有这个标签，不用加。": 1}
    press(client, again, "confirm")
    press(client, again, "undo")
    assert titles(client.get("/leads/", {"tag": tag.pk})) == ["甲一"]
    away = begin(client, "untag", [lead, other]).url
    ask(client, away, tag=tag.pk)
    press(client, away, "confirm")
    assert titles(client.get("/leads/", {"tag": tag.pk})) == []
    press(client, away, "undo")
    assert titles(client.get("/leads/", {"tag": tag.pk})) == ["甲一"]


def test_the_project_keeps_the_tags_of_its_lead(as_, owner):
    lead = make.screened(owner, name="甲一")
    tagging.mark(lead, tagging.named("重点", by=owner, at=make.NOW), by=owner, at=make.NOW)
    accept(lead, by=owner, at=make.NOW)
    assert '<span class="tag-chip">重点</span>' in as_(owner).get("/projects/").content.decode()
    assert '<span class="tag-chip">重点</span>' in as_(owner).get("/projects/board/").content.decode()
    for record in (lead, lead.project):
        assert (
            '<span class="tag-chip">重点</span>' in as_(owner).get(record.get_absolute_url()).content.decode()
        )


def test_a_tag_of_another_unit_is_refused_on_its_records(as_, manager, owner):
    lead = make.lead(owner)
    tag = Tag.objects.create(name="别家的", unit=make.unit("wanggu", "智慧网谷小镇"))
    client = as_(manager)
    address = begin(client, "tag", [lead]).url
    page = ask(client, address, tag=tag.pk)
    (reason,) = groups(page)["不能办理"]
    assert "是智慧网谷小镇的，不能用在半山区块" in reason
    assert client.post(f"{address}confirm/").status_code == 409
    assert not lead.taggings.exists()


def test_everything_under_the_filters_is_chosen_up_to_a_limit(as_, owner, monkeypatch):
    many(owner, 60)
    make.screened(owner)
    client = as_(owner)
    job = BulkJob.objects.get(
        pk=client.get(begin(client, "tag", [], all="1", shown="stage=lead").url).context["job"].pk
    )
    assert (job.lead_rows.count(), job.filters) == (60, "阶段 线索")
    monkeypatch.setattr(bulk, "MOST", 50)
    answer = begin(client, "tag", [], all="1", shown="stage=lead")
    assert answer.status_code == 400
    assert "一次最多 50 条" in answer.content.decode()
    assert begin(client, "tag", [], all="1", shown="colour=red").status_code == 400
    assert begin(client, "tag", []).status_code == 400
    assert BulkJob.objects.count() == 1


def test_what_the_page_showed_is_chosen_whatever_became_of_the_view(as_, owner, head):
    """Between look and click a colleague keeps the shared view with other filters."""
    many(owner, 2)
    make.screened(owner)
    view = SavedView.objects.create(
        kind="leads", name="在手", owner=head, unit=owner.unit, query="stage=lead",
        created_at=make.NOW, updated_at=make.NOW,
    )  # fmt: skip
    client = as_(owner)
    page = client.get(f"/leads/?view={view.pk}").content.decode()
    assert '<input type="hidden" name="shown" value="stage=lead">' in page
    SavedView.objects.filter(pk=view.pk).update(query="")
    begin(client, "tag", [], all="1", shown="stage=lead", next=f"?view={view.pk}")
    job = BulkJob.objects.get()
    assert (job.lead_rows.count(), job.filters) == (2, "阶段 线索")
    assert begin(client, "tag", [], all="1").status_code == 400
    assert BulkJob.objects.count() == 1


def test_jobs_are_forgotten_when_their_days_are_over(as_, owner):
    lead = make.lead(owner, "甲一")
    client = as_(owner)
    begin(client, "tag", [lead])
    address = begin(client, "tag", [lead]).url
    ask(client, address, tag_name="重点")
    client.post(f"{address}confirm/")
    now = timezone.now()
    assert bulk.forget(now + timedelta(days=6)) == 0
    assert bulk.forget(now + timedelta(days=8)) == 1
    assert [job.state for job in BulkJob.objects.all()] == ["done"]
    assert bulk.forget(now + timedelta(days=91)) == 1
    assert [str(one.tag) for one in lead.taggings.all()] == ["重点"]


def test_what_one_does_not_see_cannot_be_chosen(as_, owner, outsider):
    mine, foreign = make.lead(owner, "甲一"), make.lead(outsider, "乙二")
    client = as_(owner)
    page = client.get(begin(client, "tag", [mine, foreign]).url)
    assert page.context["total"] == 1
    assert begin(client, "tag", [foreign]).status_code == 400


def test_many_rows_are_worked_on_in_the_background_with_progress(as_, head, owner, teammate, monkeypatch):
    monkeypatch.setattr(bulk, "SMALL", 2)
    for number in range(4):
        make.lead(owner, f"甲{number}")
    client = as_(head)
    address = begin(client, "assign", [], all="1", shown="").url
    page = ask(client, address, owner=teammate.pk)
    assert page.context["progress"] == (0, 4)
    assert "hx-trigger" in page.content.decode()
    of_projects.resume_all(make.NOW)
    assert groups(client.get(address)) == {"可以办理": {"": 4}, "不能办理": {}}
    assert press(client, address, "confirm").context["progress"] == (0, 4)
    assert set(Lead.objects.values_list("owner", flat=True)) == {owner.pk}
    resume_bulk(BulkJob.objects.get().pk)
    of_projects.resume_all(make.NOW)
    assert set(Lead.objects.values_list("owner", flat=True)) == {teammate.pk}
    told = FieldChange.objects.filter(kind="leads.lead", changes__has_key="owner_id")
    assert {(row.by, row.channel) for row in told} == {(head, "task")}
    message = Notification.objects.get(kind="system")
    assert (message.user, message.title) == (head, "批量指定负责人办理完成：4 条")


def test_it_is_too_late_to_undo_after_a_day(as_, head, owner, teammate, freeze):
    lead = make.lead(owner)
    client = as_(head)
    address = begin(client, "assign", [lead]).url
    ask(client, address, owner=teammate.pk)
    press(client, address, "confirm")
    freeze(make.NOW + timedelta(hours=26))
    client = as_(head)
    assert client.post(f"{address}undo/").status_code == 409
    assert Lead.objects.get().owner == teammate
    assert "可以撤销" not in client.get("/leads/").content.decode()


def test_a_job_that_breaks_says_so_and_holds_up_no_other(as_, owner, teammate, monkeypatch):
    def broken(*given):
        raise KeyError("nobody foresaw this")

    monkeypatch.setattr(bulk, "SMALL", 0)
    lead, client = make.lead(owner), as_(owner)
    first = begin(client, "move", [lead]).url
    ask(client, first, stage="screening")
    second = begin(client, "tag", [lead]).url
    ask(client, second, tag_name="重点")
    monkeypatch.setitem(HANDS.deeds, "move", bulk.Deed(broken, broken))
    of_projects.resume_all(make.NOW)
    assert "中断了" in client.get(first).content.decode()
    assert groups(client.get(second))["可以办理"] == {"": 1}
    assert Lead.objects.get().stage == "lead"


def test_the_chosen_are_exported_with_the_columns_that_were_shown(as_, owner):
    chosen, _ = make.lead(owner, "甲一", amount_wan=30), make.lead(owner, "乙二")
    client = as_(owner)
    address = begin(client, "export", [chosen], next="?columns=name.amount").url
    assert "导出 1 条" in client.get(address).content.decode()
    answer = client.post(f"{address}export/")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.get_sheet_by_index(0).to_python()[:2] == [["企业", "投资额（万元）"], ["甲一", 30]]
    assert AuditEvent.objects.get(action="export").detail["rows"] == 1


def test_what_had_come_farther_or_was_moved_on_since_keeps_how_far_it_came(as_, owner, head):
    farther, on = make.screened(owner, name="甲一"), make.lead(owner, "乙二")
    farther.move_to("lead", by=head, at=timezone.now(), reason="再等等", forced=True)
    client = as_(owner)
    address = begin(client, "move", [farther, on]).url
    ask(client, address, stage="screening")
    press(client, address, "confirm")
    Lead.objects.get(pk=on.pk).move_to("reserve", by=head, at=timezone.now(), reason="等厂房", forced=True)
    assert groups(press(client, address, "undo"))["没有撤销"] == {"办理以后又有人改过。": 1}
    found = Lead.objects.in_bulk([farther.pk, on.pk])
    assert (found[farther.pk].stage, found[farther.pk].furthest) == ("lead", "screening")
    assert (found[on.pk].stage, found[on.pk].furthest) == ("reserve", "screening")


def test_projects_are_assigned_moved_and_taken_back_alike(as_, head, owner, teammate):
    one, other = make.project(owner, name="甲一"), make.project(owner, name="乙二")
    make.ready_for_review(one, owner)
    client = as_(head)
    address = begin(client, "move", [one, other], kind="projects").url
    page = ask(client, address, stage="review")
    assert sum(groups(page)["可以办理"].values()) == 1
    (reason,) = groups(page)["不能办理"]
    assert reason.startswith("还不能进入「评审决策」，缺少")
    press(client, address, "confirm")
    assert Project.objects.get(pk=one.pk).stage == "review"
    press(client, address, "undo")
    found = Project.objects.get(pk=one.pk)
    assert (found.stage, found.furthest) == ("negotiating", "negotiating")
    address = begin(client, "assign", [one, other], kind="projects").url
    ask(client, address, owner=teammate.pk)
    press(client, address, "confirm")
    assert set(Project.objects.values_list("owner", flat=True)) == {teammate.pk}
    address = begin(client, "tag", [one], kind="projects").url
    ask(client, address, tag_name="重点")
    press(client, address, "confirm")
    assert [p.name for p in client.get("/projects/", {"tag": Tag.objects.get().pk}).context["page"]] == [
        "甲一"
    ]


def test_the_page_of_a_job_costs_the_same_for_3_and_30_rows(as_, head, owner, teammate):
    client = as_(head)

    def cost(number):
        Lead.objects.all().delete()
        many(owner, number)
        address = begin(client, "assign", [], all="1", shown="").url
        ask(client, address, owner=teammate.pk)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        return len(found)

    assert cost(3) == cost(30) <= 12
    assert HANDS.kind == "leads"


def test_too_many_lead_back_to_the_list_as_it_stood_and_an_export_to_that_of_the_whole_list(
    as_, owner, monkeypatch
):
    monkeypatch.setattr(bulk, "MOST", 1)
    make.lead(owner, "甲一")
    make.lead(owner, "乙二")
    client = as_(owner)
    page = client.get("/leads/?stage=lead&columns=name.tags")
    given = {"all": "1", "next": f"?{page.context['address']}", "shown": page.context["filter_query"]}
    refused = begin(client, "tag", [], **given)
    assert refused.status_code == 400
    ((words, back),) = refused.context["ways"]
    assert words == "回到列表"
    assert titles(client.get(back)) == titles(page)
    assert client.get(back).context["columns_text"] == "name.tags"
    (_, (words, export)) = begin(client, "export", [], **given).context["ways"]
    assert words == "导出整个列表"
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(client.get(export).streaming_content)))
    assert [len(row) for row in book.get_sheet_by_index(0).to_python()] == [2, 2, 2]
    assert not BulkJob.objects.exists()


def test_nothing_ticked_leads_back_to_the_list(as_, owner):
    refused = begin(as_(owner), "tag", [], next="?q=甲")
    assert refused.status_code == 400
    assert refused.context["ways"] == [("回到列表", "/leads/?q=%E7%94%B2")]


@pytest.fixture
def going(as_, owner, monkeypatch):
    """(client, address) of a job on four leads that a worker has yet to preview."""
    monkeypatch.setattr(bulk, "SMALL", 2)
    for number in range(4):
        make.lead(owner, f"甲{number}")
    client = as_(owner)
    address = begin(client, "tag", [], all="1", shown="").url
    ask(client, address, tag_name="重点")
    return client, address


def tagged():
    return Lead.objects.filter(tags__name="重点").count()


def pressed_after(monkeypatch, client, address, name, rows):
    """Press 「停止」 while a worker is at the row after the first `rows` of the step `name`."""
    real, done = getattr(bulk, name), []

    def step(*given):
        done.append(real(*given))
        if len(done) == rows:
            client.post(f"{address}stop/")

    monkeypatch.setattr(bulk, name, step)


def test_a_preview_is_stopped_and_asked_for_anew(going):
    client, address = going
    assert f'action="{address}stop/"' in client.get(address).content.decode()
    assert "正在停止" in press(client, address, "stop").content.decode()
    of_projects.resume_all(make.NOW)
    page = client.get(address)
    assert (page.context["job"].state, page.context["form"] is not None) == ("draft", True)
    ask(client, address, tag_name="重点")
    of_projects.resume_all(make.NOW)
    assert groups(client.get(address))["可以办理"] == {"": 4}


def test_what_was_done_before_the_stop_stays_and_is_taken_back(going, monkeypatch):
    client, address = going
    of_projects.resume_all(make.NOW)
    client.post(f"{address}confirm/")
    pressed_after(monkeypatch, client, address, "_do", 1)
    of_projects.resume_all(make.NOW)
    page = client.get(address)
    assert groups(page) == {"已办理": {"": 1}, "没有办理": {"中途停止，没有办理。": 3}}
    assert tagged() == 1
    assert AuditEvent.objects.get(action="bulk").detail["rows"] == 1
    client.post(f"{address}undo/")
    of_projects.resume_all(make.NOW)
    assert (client.get(address).context["undone"], tagged()) == (1, 0)


def test_an_undo_is_stopped_and_the_rest_stays_done(going, monkeypatch):
    client, address = going
    of_projects.resume_all(make.NOW)
    client.post(f"{address}confirm/")
    of_projects.resume_all(make.NOW)
    client.post(f"{address}undo/")
    pressed_after(monkeypatch, client, address, "_undo", 3)
    of_projects.resume_all(make.NOW)
    assert groups(client.get(address))["没有撤销"] == {"中途停止，没有撤销。": 1}
    assert tagged() == 1


def test_nothing_is_stopped_that_is_not_under_way_and_nobody_elses(going, as_, teammate):
    client, address = going
    of_projects.resume_all(make.NOW)
    assert client.post(f"{address}stop/").status_code == 409
    assert as_(teammate).post(f"{address}stop/").status_code == 404
