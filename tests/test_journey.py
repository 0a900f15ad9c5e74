"""The main line in one story: a roadshow, from the sheet of names to matched funds and the funnel.

Everybody goes through the doors: pages by their forms, the partner by the API, time by the beat's own scan.
"""

import json
from datetime import datetime, timedelta
from io import BytesIO, StringIO

import pytest

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Notification
from crm.notifications import deliver_all
from crm.workdays import SHANGHAI, Calendar
from leads import next_days
from leads.models import ImportJob, Lead, Roadshow
from projects.models import Match, Project
from projects.reminders import morning_scan
from projects.seeding import load_funds
from tests import make_sheets
from tests.paper import send

TRIP = "2026年4月深圳敲门招商"


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, user):
        self.user, self.client = user, Client()
        self.client.force_login(user)

    def get(self, name, *args, **query):
        return self.client.get(reverse(name, args=args), query)

    def post(self, name, *args, **data):
        return self.client.post(reverse(name, args=args), data)

    def send(self, address, name, *args, **changes):
        return send(self.client, address, reverse(name, args=args), **changes)


def words(answer):
    return answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_roadshow_from_the_sheet_of_names_to_matched_funds_and_the_funnel(
    station, owner, outsider, head, manager
):
    load_funds(at=timezone.now())
    trip = plan_the_trip(Person(station), owner)
    upload_the_sheet(Person(station), trip)
    lead = record_at_the_door(Person(owner), trip)
    another_unit_is_told(Person(outsider), lead)
    screen_the_lead(Person(owner), lead)
    project = accept_the_lead(Person(owner), lead)
    move_on_the_board(Person(owner), Person(head), project)
    see_the_funds(Person(owner), project)
    be_reminded(owner, project)
    read_the_funnel(Person(manager))
    a_partner_joins_in(lead)


def plan_the_trip(station, owner):
    today = timezone.localdate()
    station.send(
        reverse("leads:roadshow_new"),
        "leads:roadshow_new",
        title=TRIP,
        city="440300",
        starts_on=str(today),
        ends_on=str(today + timedelta(days=4)),
        members=[station.user.pk, owner.pk],
        targets="深圳星河低空智能装备有限公司\n深圳牧星文旅科技有限公司",
    )
    trip = Roadshow.objects.get(title=TRIP)
    assert (trip.city.name, trip.unit, trip.targets.count()) == ("深圳", station.user.unit, 2)
    return trip


def upload_the_sheet(station, trip):
    made, file = make_sheets.sheet(), BytesIO()
    make_sheets.write(file, made)
    answer = station.post("leads:upload", trip.pk, file=SimpleUploadedFile("对接表.xlsx", file.getvalue()))
    job = ImportJob.objects.get()
    assert answer.url == job.get_absolute_url()
    said = dict(job.rows.values_list("number", "verdict"))
    assert said == {row["row"]: row["verdict"] for row in made.expected}
    assert not Lead.objects.exists()

    station.post("leads:import_confirm", job.pk)
    new = [row for row in made.expected if row["verdict"] == "new"]
    assert Lead.objects.filter(roadshow=trip).count() == len(new)
    rejected = station.get("leads:import_rejected", job.pk)
    assert len(b"".join(rejected.streaming_content)) > 1000


def record_at_the_door(officer, trip):
    """Four fields; the trip is already chosen and the next contact already proposed."""
    answer = officer.send(
        reverse("leads:capture"),
        "leads:capture",
        company_name="深圳星河低空智能装备有限公司",
        contact_name="王景行",
    )
    assert answer.status_code == 302
    lead = Lead.objects.get(title="深圳星河低空智能装备有限公司")
    assert (lead.stage, lead.roadshow, lead.owner, lead.unit) == (
        "lead",
        trip,
        officer.user,
        officer.user.unit,
    )
    assert lead.next_contact_on == next_days.usual(timezone.localdate())
    return lead


def another_unit_is_told(outsider, lead):
    answer = outsider.send(
        reverse("leads:capture"),
        "leads:capture",
        company_name="深圳星河低空智能装备有限公司 ",
        contact_name="李总",
    )
    assert answer.status_code == 409
    assert "已由半山区块于" in words(answer)
    assert "王景行" not in words(answer)
    assert outsider.get("leads:detail", lead.pk).status_code == 404


def screen_the_lead(officer, lead):
    page = lead.get_absolute_url()
    assert officer.post("leads:move", lead.pk, stage="screening").status_code == 302

    refused = officer.send(page, "projects:open", lead.pk)
    assert refused.status_code == 400
    for missing in ("没有融合赛道", "没有链条位置", "没有未来赛道", "研判意见缺「产业方向」"):
        assert missing in words(refused)
    assert not Project.objects.exists()

    track = lead.tracks.model.objects.get(code="low_altitude")
    officer.send(
        page,
        "leads:screening",
        lead.pk,
        industry="低空装备，符合导向",
        market="已有三家客户",
        technology="自研飞控",
        environment="无排放",
        energy="低能耗",
        benefit="第三年税收 400 万元",
        verdict="accepted",
        sector="smart_manufacturing",
        chain_position="outside",
        tracks=[track.pk],
    )
    lead.refresh_from_db()
    assert lead.sector.name == "智能制造"


def accept_the_lead(officer, lead):
    answer = officer.send(lead.get_absolute_url(), "projects:open", lead.pk)
    project = Project.objects.get(lead=lead)
    assert answer.status_code == 302
    assert (project.stage, project.roadshow) == ("negotiating", lead.roadshow)
    board = words(officer.get("projects:board"))
    assert project.name in board
    return project


def move_on_the_board(officer, head, project):
    dragged = officer.client.post(
        reverse("projects:move", args=[project.pk]),
        {"stage": "review", "version": project.version},
        headers={"HX-Request": "true"},
    )
    assert dragged.status_code == 400
    for missing in ("有决策权的联系人", "没有投资额", "没有候选载体", "没有书面的企业诉求"):
        assert missing in words(dragged)
    project.refresh_from_db()
    assert project.stage == "negotiating"

    forced = head.post("projects:move", project.pk, stage="review", forced="1", reason="区长专题会已定")
    assert forced.status_code == 302
    page = words(officer.get("projects:detail", project.pk))
    assert "强制推进" in page
    assert "区长专题会已定" in page
    back = officer.post("projects:move", project.pk, stage="negotiating", reason="补齐材料")
    assert back.status_code == 302


def see_the_funds(officer, project):
    page = words(officer.get("projects:detail", project.pk))
    said = {m.fund.name: m for m in Match.objects.filter(project=project).select_related("fund")}
    assert len(said) >= 8
    for name, match in said.items():
        assert name in page
        assert match.verdict == "reserve" or match.fund.status != "preparing"
    runmiao = next(m for name, m in said.items() if "润苗" in name)
    assert runmiao.verdict == "incomplete"

    today = timezone.localdate()
    for key, value in (("staff", "60"), ("total_investment", None)):
        if value:
            address = reverse("projects:fact", args=[project.pk, key])
            send(
                officer.client,
                address,
                "",
                value=value,
                as_of=str(today),
                source="officer",
                note="创始人口述",
            )
    page = words(officer.get("projects:detail", project.pk))
    assert "60 人" in page
    assert "招商员填报" in page
    assert str(today) in page or f"{today:%Y-%m-%d}" in page


def be_reminded(owner, project):
    """On the first workday after the stage limit the owner gets one digest, however often the scan runs."""
    calendar, day = Calendar.load(), project.limit_on + timedelta(days=1)
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    morning = datetime(day.year, day.month, day.day, 8, 30, tzinfo=SHANGHAI)
    morning_scan(morning)
    morning_scan(morning)
    deliver_all(morning)
    digest = Notification.objects.get(user=owner, kind="digest")
    assert ("yellow", "project", project.pk) in {(i["kind"], i["record"], i["id"]) for i in digest.items}
    assert digest.sent_at == morning
    assert digest.attempts.count() == 1
    inbox = words(Person(owner).get("notifications"))
    assert project.name in inbox


def read_the_funnel(manager):
    """Every record counts once, and the groups add up to the whole."""
    page = manager.get("reports", group="city")
    found = page.context["funnel"]
    assert found.total.total.count == Lead.objects.count()
    assert sum(row.total.count for row in found.rows) == found.total.total.count
    assert found.total.line("negotiating").now.count == 1
    assert "深圳" in words(page)
    behind = manager.get("projects:list", stage="negotiating")
    assert len(behind.context["page"].rows) == 1


def a_partner_joins_in(lead):
    printed = StringIO()
    call_command(
        "partner_token",
        "商会平台",
        scopes="leads:write,leads:read,projects:read",
        unit=lead.unit.code,
        stdout=printed,
        stderr=StringIO(),
    )
    partner = Client(headers={"Authorization": f"Bearer {printed.getvalue().strip()}"})
    again = partner.post("/api/v1/leads/", {"company_name": lead.title}, content_type="application/json")
    assert again.status_code == 409
    assert again.headers["Content-Type"].startswith("application/problem+json")
    assert "已由半山区块于" in again.json()["detail"]
    posted = partner.post(
        "/api/v1/leads/",
        {"company_name": "上海远瞻视觉信息有限公司", "external_id": "SH-1", "amount_wan": "3000"},
        content_type="application/json",
    )
    assert posted.status_code == 201, posted.content
    assert posted.json()["amount_wan"] == "3000"
    mine = partner.get("/api/v1/leads/").json()["results"]
    assert [row["company_name"] for row in mine] == ["上海远瞻视觉信息有限公司"]
    moved = partner.post(
        f"/api/v1/leads/{mine[0]['id']}/move/",
        json.dumps({"stage": "screening"}),
        content_type="application/json",
    )
    assert moved.status_code in (400, 403)
    assert partner.get(f"/api/v1/leads/{lead.pk}/").status_code == 404
    assert partner.get("/api/v1/projects/").json()["results"] == []
