"""What no browser of ours sends, and what an expired session leaves behind: an answer, never a 500."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm import accounts
from crm.api import inputs
from crm.errors import StaleVersion
from crm.models import Channel, FusionSector
from crm.paging import BadPage, keyset_page
from crm.workdays import shanghai_day
from leads import claims, importing
from leads.editing import EditRefused
from leads.editing import edit as edit_lead
from leads.follow_up import FollowUp, FollowUpRefused, log_visit
from leads.handover import hand_over
from leads.intake import CaptureRefused
from leads.models import ImportJob, Lead, RoadshowTarget, Visit
from leads.screening import write_opinion
from projects.mending import MendingRefused
from projects.mending import edit as edit_project
from tests import callers, make

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
NOT_WRITTEN = "刚才的操作没有写入，请再点一次。"
FAR = "最多约到两年以后"
PAST = "不能早于今天"


def token(*parts):
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


DEEP = urlsafe_b64encode(b"[" * 2250).decode().rstrip("=")
FARAWAY = "0001-01-01T00:00:00+23:59"


def test_a_session_key_with_a_nul_is_no_session(client):
    answer = client.get("/leads/", headers={"Cookie": r'session="aaaaaaaa\000aaaa"'})
    assert (answer.status_code, answer.url) == (302, "/login/?next=/leads/")


@pytest.mark.parametrize("address", ["http://[x", "http://testserver/leads/?q=1"])
def test_a_false_current_address_leads_to_the_login(client, address):
    answer = client.get("/leads/", headers={**HTMX, "HX-Current-URL": address})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login/?next=%2F")


@pytest.mark.parametrize("charset", ["hex", "idna", "gbk"])
@pytest.mark.parametrize("path", ["/login/", "/api/v1/leads/"])
def test_another_charset_than_utf_8_is_a_bad_request(client, charset, path):
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    body = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nowner\r\n--x--\r\n'
    assert client.generic("POST", path, body, content_type=kind).status_code == 400


@pytest.mark.parametrize(
    "wrong", ["http://[x", "/leads/board/?zz=1", "/leads/board/?stage=none", "/?" + "a&" * 3000]
)
def test_a_written_step_is_never_answered_by_an_error(as_, owner, wrong):
    client, lead, project = as_(owner), make.lead(owner), make.project(owner)
    moved = client.post(f"/leads/{lead.pk}/move/", {"stage": "screening", "next": wrong}, headers=HTMX)
    lead.refresh_from_db()
    assert (moved.status_code, lead.stage) == (200, "screening")
    make.ready_for_review(project, owner)
    step = {"stage": "lost", "loss_reason": "price", "reason": "租金谈不拢", "next": wrong}
    moved = client.post(f"/projects/{project.pk}/move/", step, headers=HTMX)
    project.refresh_from_db()
    assert (moved.status_code, project.stage) == (200, "lost")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize(
    "address",
    [
        "/leads/?created_to=", "/leads/board/?created_to=", "/leads/export/?created_to=", "/audit/?until=",
        "/projects/?created_to=", "/projects/?lead_to=", "/reports/?end=", "/api/v1/leads/?created_to=",
        "/api/v1/projects/?created_to=", "/leads/?created_from=", "/audit/?since=",
    ],
)  # fmt: skip
def test_a_day_out_of_time_is_refused_at_its_field(as_, manager, auditor, address, day):
    answer = as_(auditor if "audit" in address else manager).get(address + day)
    assert answer.status_code == 400
    assert "2000 年到 2100 年" in answer.content.decode()


@pytest.mark.parametrize("page", [DEEP, token("n", FARAWAY, 1), token("n", "2024-01-01T00:00:00+23:59", 1)])
def test_a_forged_page_is_a_bad_page(as_, owner, page):
    with pytest.raises(BadPage):
        keyset_page(Lead.objects.all(), page)
    assert as_(owner).get("/leads/", {"page": page}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": DEEP[:200]},
        {"cursor": token("created_at", "n", FARAWAY, 1)},
        {"cursor": token("created_at", "n", "2024-01-01T00:00:00+23:59", 1)},
        {"updated_since": "2024-01-01T00:00:00+23:59"},
        {"updated_since": "0001-01-01"},
    ],
)
def test_a_forged_cursor_or_moment_is_a_bad_parameter(owner, query):
    answer = callers.person(owner).get("leads/", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


def test_an_unreadable_hidden_twin_asks_the_person(as_, owner):
    client, lead = as_(owner), make.lead(owner, amount_wan=3000)
    sent = {"title": lead.title, "channel": lead.channel_id, "amount_wan": "4000", "version": 0}
    answer = client.post(f"/leads/{lead.pk}/edit/", {**sent, "initial-amount_wan": "bad"})
    assert answer.status_code == 412
    clash = next(c["clash"] for c in answer.context["clashes"] if c["clash"].name == "amount_wan")
    assert clash.by_them
    assert clash.suggestion == "theirs"


def test_an_unreadable_hidden_twin_of_a_project_overwrites_nothing(as_, owner):
    client, project = as_(owner), make.project(owner)
    sent = {"name": project.name, "amount_wan": "4000", "version": 0, "initial-amount_wan": "bad"}
    answer = client.post(f"/projects/{project.pk}/edit/", {**sent, "initial-name": project.name})
    project.refresh_from_db()
    assert (answer.status_code, project.amount_wan) == (412, None)
    assert "amount_wan" in [row["name"] for row in answer.context["clashes"]]


def talk(at, **changes):
    given = {"kind": "call", "content": "谈了选址。", "next_step": "发材料", "at": at}
    return FollowUp(**{**given, "next_on": shanghai_day(at) + timedelta(days=3), **changes})


def test_a_visit_before_2000_is_refused_at_its_field(as_, owner):
    lead = make.lead(owner, met_at=None)
    soon = shanghai_day(timezone.now()) + timedelta(days=3)
    sent = {"kind": "call", "content": "谈", "next_step": "再谈", "next_on": soon, "at": "0001-01-01T00:00"}
    answer = as_(owner).post(f"/leads/{lead.pk}/visit/", {f"visit-{k}": v for k, v in sent.items()})
    assert answer.status_code == 400
    assert answer.context["visit_form"].errors["at"]
    body = {"company_name": "深圳甲一智能有限公司", "met_at": "0001-01-02T00:00:00+08:00"}
    answer = callers.person(owner).post("leads/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "met_at")
    assert not Visit.objects.exists()


def test_nobody_plans_more_than_two_years_ahead(owner, now):
    lead, project = make.lead(owner), make.project(owner)
    far = {"next_contact_on": shanghai_day(now) + timedelta(days=800)}
    with pytest.raises(FollowUpRefused, match=FAR):
        log_visit(lead, talk(now, next_on=far["next_contact_on"]), by=owner, at=now)
    with pytest.raises(CaptureRefused, match=FAR):
        make.lead(owner, **far)
    with pytest.raises(EditRefused, match=FAR):
        edit_lead(lead, far, by=owner, at=now, version=lead.version)
    with pytest.raises(MendingRefused, match=FAR):
        edit_project(project, far, by=owner, at=now, version=project.version)


def test_nobody_plans_for_yesterday_but_a_day_gone_by_hinders_no_other_change(owner, now):
    lead, project = make.lead(owner), make.project(owner)
    gone = {"next_contact_on": shanghai_day(now) - timedelta(days=1)}
    with pytest.raises(EditRefused, match=PAST):
        edit_lead(lead, gone, by=owner, at=now, version=lead.version)
    with pytest.raises(MendingRefused, match=PAST):
        edit_project(project, gone, by=owner, at=now, version=project.version)
    for record, edit in ((lead, edit_lead), (project, edit_project)):
        type(record).objects.filter(pk=record.pk).update(**gone)
        edit(record, {**gone, "next_step": "再约"}, by=owner, at=now, version=record.version)
        record.refresh_from_db()
        assert (record.next_step, record.next_contact_on) == ("再约", gone["next_contact_on"])


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1"])
def test_a_page_that_is_no_number_is_refused_and_such_a_row_passed_over(as_, station, number):
    trip = make.roadshow(station)
    job = ImportJob.objects.create(
        roadshow=trip, unit=trip.unit, by=station, filename="名单.xlsx", state="checked",
        created_at=make.NOW,
    )  # fmt: skip
    client = as_(station)
    assert client.get("/roadshows/", {"page": number}).status_code == 400
    assert client.post(f"/imports/{job.pk}/confirm/", {"skip": number}).status_code in (302, 400, 409)


@pytest.mark.parametrize(("model", "code"), [(Channel, "knock"), (FusionSector, "smart_manufacturing")])
def test_the_api_takes_no_retired_word(model, code):
    field = inputs.Code(model.objects)
    assert field.to_internal_value(code).code == code
    yesterday = shanghai_day(timezone.now()) - timedelta(days=1)
    model.objects.filter(code=code).update(active_to=yesterday)
    with pytest.raises(inputs.serializers.ValidationError, match=code):
        field.to_internal_value(code)


@pytest.mark.parametrize("person", ["leader", "auditor"])
def test_who_only_reads_does_not_match_anew(as_, request, owner, person):
    project = make.project(owner)
    client = as_(request.getfixturevalue(person))
    assert client.post(f"/projects/{project.pk}/match/").status_code == 403


def test_version_nought_does_not_pass_the_lock(head, wanggu, now):
    lead = make.lead(head)
    with pytest.raises(StaleVersion):
        hand_over(lead, to_unit=wanggu, by=head, at=now, reason="对口", version=0)
    with pytest.raises(StaleVersion):
        write_opinion(lead, {}, by=head, at=now, classification={}, version=0)


def test_no_two_rooms_share_a_lock_space():
    spaces = [room.LOCK_SPACE for room in (accounts, importing, claims)]
    assert len(set(spaces)) == len(spaces)


def test_a_deed_reached_by_get_leads_to_the_record_and_says_so(as_, head, station):
    lead, project, trip = make.lead(head), make.project(head), make.roadshow(station)
    target = RoadshowTarget.objects.create(roadshow=trip, company_name="杭州目标科技有限公司")
    job = ImportJob.objects.create(
        roadshow=trip, unit=trip.unit, by=station, filename="名单.xlsx", created_at=make.NOW
    )
    pages = {
        f"/leads/{lead.pk}/accept/": (head, lead),
        f"/leads/{lead.pk}/move/": (head, lead),
        f"/projects/{project.pk}/match/": (head, project),
        f"/projects/{project.pk}/move/": (head, project),
        f"/imports/{job.pk}/confirm/": (station, job),
        f"/roadshows/{trip.pk}/import/": (station, trip),
        f"/roadshows/{trip.pk}/targets/": (station, trip),
        f"/roadshows/{trip.pk}/targets/{target.pk}/": (station, trip),
    }
    for address, (person, record) in pages.items():
        answer = as_(person).get(address, follow=True)
        assert answer.redirect_chain[0][0].split("#")[0] == record.get_absolute_url(), address
        assert NOT_WRITTEN in answer.content.decode(), address
    assert as_(head).put(f"/leads/{lead.pk}/move/").status_code == 405


@pytest.mark.parametrize("gone", ["idle", "swept"])
def test_a_post_after_the_session_ended_is_said_to_be_lost(as_, owner, gone):
    client = as_(owner)
    session = client.session
    if gone == "idle":
        session["seen_at"] -= 3600
        session.save()
    else:
        session.delete()
    answer = client.post(reverse("leads:capture"), {"company_name": "深圳甲一智能有限公司"}, follow=True)
    assert "刚才填的内容没有写入" in answer.content.decode()
    assert connection.needs_rollback is False


def test_only_what_was_to_be_written_is_said_not_to_be(as_, manager):
    client = as_(manager)
    for address in ("/reports/?start=x", "/reports/export/?group=x", "/leads/?stage=x", "/projects/?page=x"):
        answer = client.get(address)
        assert answer.status_code == 400
        assert "没有写入" not in answer.content.decode(), address
        assert "没有办成" not in answer.content.decode(), address
    assert "没有写入" in client.post(f"/projects/{make.project(manager).pk}/move/", {}).content.decode()


def test_a_broken_page_speaks_of_the_deed_only_when_there_was_one(as_, owner, monkeypatch):
    client = as_(owner)
    client.raise_request_exception = False
    monkeypatch.setattr("leads.views.capture.lookup.known", None)
    monkeypatch.setattr("leads.views.capture.intake.capture", None)
    asked = client.get("/leads/known/?company_name=x")
    sent = client.post("/leads/new/", {"company_name": "杭州新", "next_contact_on": timezone.localdate()})
    assert (asked.status_code, sent.status_code) == (500, 500)
    assert "没有写入" not in asked.content.decode()
    assert "没有写入" in sent.content.decode()


WITHOUT_FILTERS = ["/roadshows/", "/funds/", "/policies/", "/conflicts/", "/handovers/", "/duplicates/"]


@pytest.mark.parametrize("page", [*WITHOUT_FILTERS, "/leads/pool/", "/screen/"])
def test_a_list_without_filters_takes_none(as_, manager, page):
    client = as_(manager)
    assert client.get(page).status_code == 200
    refused = client.get(f"{page}?city=440300")
    assert refused.status_code == 400
    assert "没有「city」这个筛选条件" in refused.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/roadshows/?page=zwei",
        "/roadshows/?page=1&page=2",
        "/conflicts/?decided=yes",
        "/handovers/?closed=yes",
        "/duplicates/?show=all",
        "/leads/board/?page=zwei",
        "/leads/board/?column=nowhere",
    ],
)
def test_a_senseless_condition_of_a_list_is_refused_instead_of_passed_over(as_, manager, address):
    assert as_(manager).get(address).status_code == 400
