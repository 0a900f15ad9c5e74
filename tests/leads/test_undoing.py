"""撤销导入: a finished import goes as a whole, but for what somebody has worked on."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from django.db import connection
from django.urls import reverse

from crm.models import AuditEvent, Channel, Company, Contact, Notification, Qualification
from leads import importing, picturing, undoing
from leads.follow_up import FollowUp, log_visit
from leads.models import Claim, ImportJob, Lead, RoadshowTarget, Visit
from leads.sheet_rows import to_json
from tests import callers, make
from tests.paper import forms

NAMES = ("无锡极目低空信息技术有限公司", "上海远瞻视觉信息技术有限公司", "常州拓界科技有限公司")


@pytest.fixture
def trip(station):
    return make.roadshow(station)


@pytest.fixture
def job(station, trip):
    return imported(station, trip)


def imported(by, trip, names=NAMES):
    """A finished import of these companies, each with a person."""
    job = ImportJob.objects.create(
        roadshow=trip, unit=by.unit, by=by, filename="名单.xlsx", state="checked", created_at=make.NOW
    )
    for number, name in enumerate(names, 5):
        values = to_json({"name": name, "contact_name": "王怀瑾", "contact_phone": f"1540000000{number}"})
        job.rows.create(number=number, cells=[name], values=values, verdict="new", decision="write")
    importing.confirm(job, by=by, at=make.NOW)
    importing.write_rows(job, at=make.NOW)
    return job


def place(job):
    return reverse("leads:import_undo", args=[job.pk])


def stored(job):
    return ImportJob.objects.get(pk=job.pk)


def test_an_import_nobody_worked_on_goes_as_a_whole(as_, station, outsider, trip):
    target = RoadshowTarget.objects.create(roadshow=trip, company_name=NAMES[0])
    job = imported(station, trip)
    client = as_(station)
    assert place(job) in client.get(job.get_absolute_url()).content.decode()
    page = client.get(place(job)).content.decode()
    assert "<b>3</b> 条没有人跟进过的线索" in page
    assert "<b>3</b> 家企业、<b>3</b> 位联系人" in page
    assert client.post(place(job), {"reason": "传错了文件", "foreseen": 3}).status_code == 302
    for model in (Lead, Claim, Company, Contact, Visit):
        assert not model.objects.exists(), model
    assert (stored(job).state, stored(job).undone_by, stored(job).undo_reason) == (
        "undone",
        station,
        "传错了文件",
    )
    event = AuditEvent.objects.get(action="undo_import")
    assert (event.detail["count"], event.detail["leads"], event.actor) == (3, list(NAMES), station)
    target.refresh_from_db()
    assert (target.lead, target.state) == (None, "planned")
    outcome = client.get(job.get_absolute_url()).content.decode()
    assert "这次导入已撤销：删除 <b>3</b> 条线索" in outcome
    assert outcome.count("已撤销</span>") == 3
    assert make.lead(outsider, NAMES[0]).claim.is_open


def test_rows_somebody_worked_on_stay_and_are_named_with_what_was_done(as_, station, job):
    first, second, _ = Lead.objects.order_by("pk")
    talk = FollowUp("call", "聊了用房", "寄资料", date(2026, 4, 27), make.NOW + timedelta(hours=1))
    log_visit(first, talk, by=station, at=make.NOW + timedelta(hours=2))
    second.move_to("screening", by=station, at=make.NOW + timedelta(hours=2))
    page = as_(station).get(place(job)).content.decode()
    assert "<b>1</b> 条没有人跟进过的线索" in page
    assert "记录过跟进" in page
    assert "已离开线索阶段" in page
    as_(station).post(place(job), {"reason": "传错了", "foreseen": 1})
    assert set(Lead.objects.all()) == {first, second}
    assert Company.objects.count() == Contact.objects.count() == 2
    assert [row.kept_because for row in job.rows.exclude(lead=None)] == [
        "记录过跟进",
        "已离开线索阶段、阶段变动过",
    ]
    assert "记录过跟进" in as_(station).get(job.get_absolute_url()).content.decode()


def test_a_company_known_before_or_used_elsewhere_stays(station, trip):
    known = Company.objects.create(name=NAMES[0], created_at=make.NOW, updated_at=make.NOW)
    Company.objects.filter(pk=known.pk).update(created_at=make.NOW - timedelta(days=9))
    job = imported(station, trip)
    used = Company.objects.get(name=NAMES[1])
    Qualification.objects.create(company=used, kind="专精特新")
    plan = undoing.undo(job, foreseen=3, reason="传错了", by=station, at=make.NOW)
    assert plan.old_companies == 2
    assert set(Company.objects.all()) == {known, used}
    assert not Contact.objects.exists()


def test_an_edited_lead_stays(station, job):
    lead = Lead.objects.first()
    lead.note = "核实过"
    lead.save_version(1, ["note"], at=make.NOW)
    assert undoing.foresee(job).kept == {lead.pk: "修改过"}


@pytest.mark.parametrize(
    ("given", "words", "status"),
    [
        ({"reason": " ", "foreseen": 3}, "请填写撤销的理由", 400),
        ({"reason": "传错了", "foreseen": 2}, "可以撤销的变了", 409),
    ],
)
def test_a_refused_undoing_leaves_everything(as_, station, job, given, words, status):
    answer = as_(station).post(place(job), given)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert Lead.objects.count() == Company.objects.count() == 3
    assert stored(job).state == "done"


def test_only_those_who_import_there_take_it_back_and_only_once(as_, station, owner, leader, job):
    for person, status in ((owner, 404), (leader, 403)):
        assert as_(person).post(place(job), {"reason": "传错了", "foreseen": 3}).status_code == status
    assert Lead.objects.count() == 3
    client = as_(station)
    client.post(place(job), {"reason": "传错了", "foreseen": 3})
    again = client.post(place(job), {"reason": "传错了", "foreseen": 3})
    assert again.status_code == 409
    assert "没有可以撤销的" in again.content.decode()
    assert AuditEvent.objects.filter(action="undo_import").count() == 1


def test_what_breaks_off_leaves_nothing_half_done(station, job, monkeypatch):
    def breaks(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(undoing.audit, "record", breaks)
    with pytest.raises(RuntimeError):
        undoing.undo(job, foreseen=3, reason="传错了", by=station, at=make.NOW)
    assert Lead.objects.count() == Contact.objects.count() == 3
    assert stored(job).state == "done"


def test_whatever_refers_to_a_lead_is_a_trace_of_work_or_written_by_the_machine():
    """A new table that refers to leads must be named in `_traces`, or here when no person writes it."""
    by_machine = {"Claim", "LeadStageChange", "DuplicatePair", "ImportRow", "ReminderSent", "RoadshowTarget"}
    by_machine |= {"Lead_tracks", "Visit"}  # the first visit; later ones are a trace
    by_machine |= {"LeadPlace"}  # where somebody put the card on his own board: no work on the lead
    by_machine |= {"LeadBulkRow"}  # chosen for a bulk job: what the job did is a trace of its own
    by_machine |= {"WalkIn"}  # by the company itself, and never of a lead that a sheet brought
    work = {"Project", "SupervisionOrder", "Handover", "CreditSplit", "Merge", "Feedback", "PoolEntry"}
    work |= {"Screening", "Lead", "DuplicatePair", "LeadTag"}
    relations = Lead._meta.get_fields(include_hidden=True)
    found = {one.related_model.__name__ for one in relations if one.auto_created and not one.concrete}
    assert found == by_machine | work


def test_a_large_import_asks_no_more_questions_than_a_small_one(station, trip, django_assert_max_num_queries):
    job = imported(station, trip, [f"杭州星海{n}号科技有限公司" for n in range(30)])
    with django_assert_max_num_queries(90):
        undoing.undo(job, foreseen=30, reason="传错了", by=station, at=make.NOW)


def test_what_was_told_of_a_lead_that_went_leads_to_no_missing_page(as_, station, job):
    gone, kept, _ = Lead.objects.order_by("pk")
    told = [
        Notification.objects.create(
            user=station, kind="digest", key=f"k{lead.pk}", title=lead.title, url=lead.get_absolute_url(),
            items=[{"kind": "due", "title": lead.title, "url": f"{lead.get_absolute_url()}#duplicates"}],
            created_at=make.NOW, sent_at=make.NOW,
        )
        for lead in (gone, kept)
    ]  # fmt: skip
    kept.move_to("screening", by=station, at=make.NOW)
    undoing.undo(job, foreseen=2, reason="传错了", by=station, at=make.NOW)
    client = as_(station)
    page = client.get(reverse("notifications")).content.decode()
    assert f'href="{gone.get_absolute_url()}' not in page
    assert f"{gone.title}（记录已撤销）" in page
    assert f'href="{kept.get_absolute_url()}#duplicates"' in page
    assert page.count("去看看") == page.count("记录已撤销</span>") == 1
    answers = [
        client.post(reverse("notifications_read", args=[one.pk]), {"go": "1"}, follow=True) for one in told
    ]
    assert [answer.redirect_chain[0][0] for answer in answers] == [
        reverse("notifications"),
        kept.get_absolute_url(),
    ]
    assert "这条消息说的记录已撤销" in answers[0].content.decode()
    assert not Notification.objects.filter(read_at=None, user=station, kind="digest").exists()


TALK = {
    "kind": "call",
    "content": "聊了用房，对方周五来看场地",
    "next_step": "寄资料",
    "next_on": "2026-04-27",
}
DEEDS = {
    "visit": {f"visit-{name}": value for name, value in TALK.items()},
    "move": {"stage": "screening"},
    "screening": {"industry": "聊了用房，对方周五来看场地", "version": 1},
    "contact": {"contact-name": "李想"},
    "edit": {"next_step": "聊了用房，对方周五来看场地"},
    "hand_over": {"handover-version": 1, "handover-share": 40, "handover-reason": "聊了用房，载体在网谷"},
    "pool_give": {"pool-reason": "聊了用房，无力跟进"},
    "claim_extend": {"extension-reason": "聊了用房，对方董事会推迟"},
    "feedback": {"feedback-to": "王怀瑾", "feedback-said_on": "2026-04-20", "feedback-content": "聊了用房"},
}


@pytest.mark.parametrize("name", DEEDS)
def test_who_saves_in_the_moment_of_the_undoing_is_told_and_keeps_his_words(
    as_, freeze, station, job, name, wanggu
):
    freeze(make.NOW)
    lead = Lead.objects.first()
    lead.channel = Channel.objects.filter(has_introducer=True).first()
    lead.save()
    Lead.objects.filter(pk=lead.pk).update(contact=None)
    client, sent = as_(station), {**DEEDS[name], "handover-to_unit": wanggu.pk}
    if name == "edit":
        sent = {**forms(client.get(f"{lead.get_absolute_url()}edit/"))[-1]["values"], **sent}
    with taken_back_before("SAVEPOINT", job, station):
        answer = client.post(reverse(f"leads:{name}", args=[lead.pk]), sent)
    page = answer.content.decode()
    assert (answer.status_code, "这条记录刚被撤销" in page) == (409, True)
    assert name in ("move", "contact") or "聊了用房" in page
    assert stored(job).state == "undone"
    assert not Lead.objects.filter(pk=lead.pk).exists()
    assert not Visit.objects.exists()


def test_the_api_says_so_with_a_code_of_its_own(freeze, station, job):
    freeze(make.NOW)
    lead, caller = Lead.objects.first(), callers.person(station)
    with taken_back_before("SAVEPOINT", job, station):
        answer = caller.post(f"leads/{lead.pk}/visits/", TALK)
    assert (answer.status_code, answer.json()["code"]) == (409, "gone")
    assert stored(job).state == "undone"
    assert not Visit.objects.exists()


@contextmanager
def taken_back_before(words, job, by):
    """The import is undone as the first statement with `words` is about to run, before its deed began."""
    done = []

    def run(execute, sql, params, many, context):
        if words in sql and not done:
            done.append(sql)
            undoing.undo(job, foreseen=len(undoing.foresee(job).leads), reason="传错了", by=by, at=make.NOW)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield


def test_a_lead_with_a_photo_of_the_visit_stays(station, job):
    lead = Lead.objects.order_by("pk").first()
    picturing.add(lead, lead.visits.get(), make.photo(), by=station, at=make.NOW)
    undoing.undo(job, foreseen=2, reason="传错了", by=station, at=make.NOW)
    assert Lead.objects.get() == lead
    assert lead.visits.get().photos.count() == 1
