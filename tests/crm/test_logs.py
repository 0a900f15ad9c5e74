"""What the log says: one line per event, and of an error never the data its message quotes."""

import io
import logging

import pytest

from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from config import tasks
from crm import slots
from crm.logs import Line, kind
from crm.models import Company, JobSlot
from crm.slots import Daily, Job
from leads import importing
from leads.models import ImportJob, Lead
from tests import make

CODE = "91330105MADEMQ012G"


@pytest.fixture
def console(monkeypatch):
    """What the console shows from now on."""
    shown = io.StringIO()
    handler = next(one for one in logging.getLogger().handlers if isinstance(one.formatter, Line))
    monkeypatch.setattr(handler, "stream", shown)
    return shown


@pytest.fixture
def taken(db):
    """Does what the database refuses with the value in its message."""
    given = {"name": "杭州甲", "uscc": CODE, "created_at": make.NOW, "updated_at": make.NOW}
    Company.objects.create(**given)

    @transaction.atomic
    def refuse(*args, **kwargs):
        Company.objects.create(**given)

    return refuse


def assert_without_data(text):
    assert "IntegrityError 23505 crm_company_uscc_key" in text
    assert CODE not in text
    assert "DETAIL" not in text
    assert "杭州甲" not in text


def test_the_database_is_quoted_by_code_and_constraint(taken):
    with pytest.raises(IntegrityError, match=CODE) as refusal:
        taken()
    assert kind(refusal.value) == "IntegrityError 23505 crm_company_uscc_key"


def test_a_page_that_breaks_logs_where_but_not_what(as_, owner, taken, console, monkeypatch):
    monkeypatch.setattr("leads.views.capture.intake.capture", taken)
    client = as_(owner)
    client.raise_request_exception = False
    form = {"company_name": "杭州乙科技有限公司", "next_contact_on": "2099-01-01"}
    assert client.post(reverse("leads:capture"), form).status_code == 500
    assert_without_data(console.getvalue())
    assert "leads/views/capture.py" in console.getvalue()


def test_an_import_that_breaks_leaves_no_cell_in_log_or_message(station, taken, console, monkeypatch, now):
    trip = make.roadshow(station)
    job = ImportJob.objects.create(
        roadshow=trip, unit=trip.unit, by=station, filename="名单.xlsx", state="writing", created_at=now
    )
    job.rows.create(number=3, cells=[], values={"name": "杭州甲"}, verdict="new", decision="write")
    for way in ("capture_many", "capture"):
        monkeypatch.setattr(importing, way, taken)
    importing.resume_all(now)
    job.refresh_from_db()
    assert_without_data(console.getvalue())
    assert console.getvalue().count("\n") == 1
    assert (job.state, CODE in job.message, Lead.objects.exists()) == ("failed", False, False)


def test_a_job_that_breaks_keeps_the_kind_of_its_error_alone(taken, console, monkeypatch, now):
    job = Job("broken", Daily(now.time()), taken)
    monkeypatch.setattr(tasks, "JOBS", {"broken": job})
    assert tasks.run_job.apply(args=["broken", now.isoformat()]).failed()
    assert_without_data(console.getvalue())
    assert_without_data(JobSlot.objects.get().last_error)


def test_a_message_of_several_lines_is_one_line(console):
    logging.getLogger("crm").warning("first\nsecond %s", "a\r\nb")
    assert console.getvalue().endswith("WARNING crm first second a b\n")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"content": "长" * 1_000_000}, 413, "提交的内容超过 2.5 MB"),
        ({f"field{n}": "" for n in range(2001)}, 400, "一次提交超过 2000 项"),
    ],
)
@pytest.mark.parametrize("checks", [True, False])
def test_too_much_of_a_form_is_refused_in_chinese_and_in_one_line(
    owner, console, body, status, words, checks
):
    client = Client(enforce_csrf_checks=checks)
    client.force_login(owner)
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    answer = client.post(reverse("leads:capture"), body)
    assert answer.status_code == status
    assert words in answer.content.decode()
    lines = console.getvalue().splitlines()
    assert len(lines) == 1
    assert "django.security" in lines[0]


def test_a_false_host_is_one_line(client, console):
    answer = client.get("/login/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "请求不合规范" in answer.content.decode()
    assert len(console.getvalue().splitlines()) == 1


def test_a_slot_that_fails_by_refusal_keeps_its_code(db, now):
    slot = slots.take("scan", now, now)
    slots.fail(slot, importing.ImportRefused("「杭州甲」不能再确认。"), now)
    assert JobSlot.objects.get().last_error == "ImportRefused import_state"
