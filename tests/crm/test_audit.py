"""The audit log: written with the deed, never changed, readable by those whose task it is."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import audit
from crm.models import AuditEvent
from crm.partners import SCOPES
from tests import make
from tests.spoken import foreign


def test_an_event_carries_who_what_which_and_whence(owner, now):
    lead = make.lead(owner)
    with audit.origin("203.0.113.8", "abc"):
        audit.record(owner, "export", lead, detail={"rows": 12}, at=now)
    event = AuditEvent.objects.get(action="export")
    assert (event.actor, event.actor_name, event.at) == (owner, "林晓", now)
    assert (event.subject, event.subject_id, event.detail) == ("leads.lead", lead.pk, {"rows": 12})
    assert (event.ip, event.request_id) == ("203.0.113.8", "abc")


def test_the_origin_ends_with_the_request(owner, now):
    with audit.origin("203.0.113.8", "abc"):
        pass
    audit.record(owner, "export", at=now)
    assert AuditEvent.objects.get().ip is None


def test_every_answer_carries_its_request_number_and_the_event_the_same(client, owner):
    answer = client.post("/login/", {"username": "owner", "password": make.PASSWORD})
    assert AuditEvent.objects.get(action="login").request_id == answer.headers["X-Request-ID"]
    assert AuditEvent.objects.get(action="login").ip == "127.0.0.1"


def test_a_deed_that_is_undone_leaves_no_event(owner, now):
    with transaction.atomic():
        audit.record(owner, "export", at=now)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("change", [{"action": "login"}, None])
def test_the_database_refuses_to_change_or_remove_an_event(owner, now, change):
    audit.record(owner, "export", at=now)
    rows = AuditEvent.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(**change) if change else rows.delete()
    assert AuditEvent.objects.get().action == "export"


@pytest.mark.parametrize("key", ["phone", "email", "password", "token"])
def test_contacts_and_secrets_are_not_accepted_in_an_event(owner, now, key):
    with pytest.raises(ValueError, match=key):
        audit.record(owner, "export", detail={key: "13800000000"}, at=now)


def test_an_unknown_action_is_a_mistake_of_ours(owner, now):
    with pytest.raises(ValueError, match="invented"):
        audit.record(owner, "invented", at=now)


def test_a_person_and_a_partner_and_nobody_are_named(owner, now):
    partner = type("Partner", (), {"name": "杭钢平台", "role": "partner"})()
    for actor in (owner, partner, None):
        audit.record(actor, "export", at=now)
    names = AuditEvent.objects.order_by("pk").values_list("actor_name", flat=True)
    assert list(names) == ["林晓", "杭钢平台", "系统"]


@pytest.mark.parametrize("role", ["owner", "station", "head", "manager", "leader", "reviewer", "fund_user"])
def test_only_auditor_and_administrator_read_the_log(request, as_, db, role):
    assert as_(request.getfixturevalue(role)).get("/audit/").status_code == 403


def fill(owner, teammate, now):
    lead, other = make.lead(owner), make.lead(teammate)
    audit.record(owner, "reveal_contact", lead, at=now - timedelta(days=2))
    audit.record(teammate, "reveal_contact", other, at=now - timedelta(days=1))
    audit.record(owner, "export", detail={"行数": 40}, at=now)
    return lead, other


def found(client, query):
    answer = client.get(f"/audit/?{query}")
    assert answer.status_code == 200, answer.content.decode()
    return [(event.actor_name, event.action) for event in answer.context["page"]]


def test_the_log_is_found_by_person_action_record_and_days(as_, auditor, owner, teammate, now):
    lead, other = fill(owner, teammate, now)
    client = as_(auditor)
    assert found(client, "") == [("林晓", "export"), ("周舟", "reveal_contact"), ("林晓", "reveal_contact")]
    assert found(client, f"person={owner.pk}") == [("林晓", "export"), ("林晓", "reveal_contact")]
    assert found(client, "action=export") == [("林晓", "export")]
    assert found(client, f"subject=leads.lead&number={other.pk}") == [("周舟", "reveal_contact")]
    assert found(client, "since=2026-04-19&until=2026-04-19") == [("周舟", "reveal_contact")]


def test_the_days_of_the_filter_are_shanghai_days(as_, auditor, owner):
    audit.record(owner, "export", at=datetime(2026, 4, 19, 16, 30, tzinfo=UTC))
    assert found(as_(auditor), "since=2026-04-20") == [("林晓", "export")]
    assert found(as_(auditor), "until=2026-04-19") == []


SENSELESS = ["since=x", "number=abc", "number=5", "action=zzz", "person=999999"]


@pytest.mark.parametrize("query", [*SENSELESS, "since=2026-05-02&until=2026-05-01"])
def test_a_senseless_question_is_answered_with_400_and_no_rows(as_, auditor, owner, now, query):
    audit.record(owner, "export", at=now)
    answer = as_(auditor).get(f"/audit/?{query}")
    assert answer.status_code == 400
    assert len(answer.context["page"]) == 0


def test_the_administrator_sees_the_deed_but_no_business_detail(as_, auditor, admin_user, owner, now):
    lead = make.lead(owner)
    audit.record(owner, "force_move", lead, detail={"理由": "区领导已同意"}, at=now)
    link = f'href="/leads/{lead.pk}/"'
    seen = as_(auditor).get("/audit/").content.decode()
    assert "区领导已同意" in seen
    assert link in seen
    seen = as_(admin_user).get("/audit/").content.decode()
    assert "强制推进" in seen
    assert "区领导已同意" not in seen
    assert link not in seen


def test_details_are_read_in_chinese(as_, auditor, owner, now):
    detail = {"list": "leads", "rows": 3, "filters": "", "to": "review", "missing": ["没有投资额。"]}
    audit.record(owner, "export", detail=detail, at=now)
    event = as_(auditor).get("/audit/").context["page"].rows[0]
    assert event.lines == [("列表", "线索"), ("行数", "3"), ("到", "评审决策"), ("缺少", "没有投资额。")]


KEYS = ("Ctrl", "Enter", "Esc")  # as they stand on the keyboard


def test_every_action_and_every_model_reads_in_chinese(as_, auditor, owner, now):
    models = [
        model for app in ("crm", "leads", "projects") for model in apps.get_app_config(app).get_models()
    ]
    for action in audit.ACTIONS:
        audit.record(owner, action, owner, at=now)
    for model in models:
        AuditEvent.objects.create(at=now, actor_name="林晓", action="gone", subject=model._meta.label_lower)
    AuditEvent.objects.create(at=now, actor_name="林晓", action="gone", subject="no.model")
    client, token = as_(auditor), ""
    while True:
        answer = client.get(f"/audit/?page={token}")
        assert foreign(answer, KEYS) == []
        if not (token := answer.context["page"].next):
            break
    assert foreign(client.get("/"), KEYS) == []


def test_what_was_missing_is_read_as_sentences(as_, auditor, owner, now):
    audit.record(owner, "force_move", detail={"missing": ["没有投资额。", "没有企业诉求。"]}, at=now)
    assert as_(auditor).get("/audit/").context["page"].rows[0].lines == [
        ("缺少", "没有投资额。没有企业诉求。")
    ]


def test_codes_in_details_are_read_in_words(as_, auditor, owner, now):
    audit.record(owner, "token_issued", detail={"scopes": ["leads:write", "contacts:read"]}, at=now)
    ((name, text),) = as_(auditor).get("/audit/").context["page"].rows[0].lines
    assert name == "权限范围"
    assert text == "、".join(SCOPES[code] for code in ("leads:write", "contacts:read"))


def test_an_export_is_logged_with_its_filters_in_words(as_, auditor, manager, owner, now):
    make.lead(owner)
    client = as_(manager)
    client.get("/leads/export/?unit=banshan&stage=lead")
    client.get("/projects/export/?light=red")
    client.get("/reports/export/?group=sector&start=2026-01-01")
    told = [dict(event.lines)["筛选"] for event in as_(auditor).get("/audit/?action=export").context["page"]]
    assert told[::-1] == ["阶段 线索；责任单位 半山区块", "亮灯 红灯", "线索登记不早于 2026-01-01；分组 赛道"]


def detail_keys(path):
    """The plain keys of every dict called `detail` in a source file."""
    for node in ast.walk(ast.parse(path.read_text())):
        named = isinstance(node, ast.keyword) and node.arg == "detail"
        put = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "detail"
        if (named or put) and isinstance(node.value, ast.Dict):
            yield from (key.value for key in node.value.keys if isinstance(key, ast.Constant))


def test_every_detail_that_is_written_has_a_chinese_name():
    root = Path(audit.__file__).parent.parent
    files = [path for app in ("crm", "leads", "projects") for path in (root / app).rglob("*.py")]
    found = {key for path in files for key in detail_keys(path)}
    assert len(found) > 10
    assert {key for key in found - audit.WORDS.keys() if key.isascii()} == set()


def test_the_log_costs_the_same_for_ten_and_two_hundred_events(as_, auditor, owner, now):
    client, costs = as_(auditor), []
    for number in (10, 190):
        for n in range(number):
            audit.record(owner, "export", at=now + timedelta(seconds=n))
        with CaptureQueriesContext(connection) as captured:
            client.get("/audit/")
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 6


def test_older_events_are_a_page_away(as_, auditor, owner, now):
    for n in range(60):
        audit.record(owner, "export", detail={"n": n}, at=now)
    client = as_(auditor)
    first = client.get("/audit/").context["page"]
    second = client.get(f"/audit/?page={first.next}").context["page"]
    assert sorted(event.detail["n"] for event in [*first, *second]) == list(range(60))
