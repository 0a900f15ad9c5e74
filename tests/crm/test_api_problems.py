"""Whatever is sent, the answer is a problem document in Chinese with a stable code, and never a 500."""

import ast
import json
from pathlib import Path

import pytest

from django.conf import settings
from django.test import Client

from crm.api import problems
from crm.api.codes import CODES
from crm.bulk import BulkRefused
from crm.errors import Refused
from crm.models import AuditEvent
from crm.sheets.refusals import BadSheet
from leads.models import Lead
from tests import callers, make

pytestmark = pytest.mark.django_db

PATHS = ["nowhere/", "leads", "leads/1", "leads/99999999/", "/api/", "/api/v2/leads/"]
NUMBERS = ["9" * 25, "9" * 5000, "9223372036854775808", "-1", "1.5", "0x1", "%00", "１"]
BROKEN = ["{", "nonsense", '{"a": NaN}', '{"a": ' + "9" * 5000 + "}", "[" * 100_000, b'{"a": "\xff\xfe"}']
NO_OBJECTS = ["[]", "null", '"text"', "1", "true", '[{"company_name": "深圳甲公司"}]']
UNKEEPABLE = [
    '{"company_name": "深圳\\ud800公司"}',
    '{"company_name": "a\\u0000b"}',
    '{"\\u0000": 1}',
    '{"x": [{"y": "\\ud800"}]}',
]
NO_AMOUNTS = ["1e400", "1e999999999", "-1", "9" * 400, "0.00001", "true", '"1亿"', '"面议"', "[]", "{}"]
FIELDS = [
    "company_name",
    "uscc",
    "city",
    "channel",
    "contact_phone",
    "contact_email",
    "sector",
    "sector_kind",
    "next_contact_on",
    "external_id",
    "note",
    "area_sqm",
]
VALUES = [[], {}, [1], {"a": 1}, True, 12345678901234567890, "x" * 5000, "💥", "１２３", "'; --"]
QUERIES = [
    "zz=1",
    "stage=zz",
    "stage=lead&stage=lead",
    "page_size=0",
    "page_size=1000",
    "page_size=x",
    "cursor=zz",
    "cursor=%00",
    "cursor=W10",
    "updated_since=yesterday",
    "updated_since=2026-04-20T10:00:00",
    "updated_since=0001-01-01T00:00:00%2B14:00",
    "q=%00",
    "amount_min=1e400",
    "created_from=x",
    "owner=" + "9" * 30,
    "page=x",
]
SOURCES = [
    path
    for app in ("crm", "leads", "projects")
    for path in Path(settings.BASE_DIR, app).rglob("*.py")
    if "migrations" not in path.parts
]
PAGE_ONLY = {
    "refused",
    "bad_page",
    "bad_sheet",
    "wrong_password",
    "locked_out",
    "too_many_rows",
    "too_many_reads",
    "import_state",
    "no_header",
    "export",
    "columns",
    "view",
    "view_gone",
    "broken_view",
    "tag",
    "bulk",
    "too_many",
    "already_changed",
    "not_pending",
    "result_given",
    "no_font",
    "not_drawn",
}


def is_problem(answer, status, code):
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["type"] == f"/api/v1/docs/#problem-{code}"
    assert body["instance"].startswith("/api/")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail"])
    assert body["title"]
    return body


def test_what_is_not_there_is_a_problem_and_no_page():
    caller = callers.partner()
    for path in PATHS:
        is_problem(caller.get(path), 404, "not_found")


def test_a_senseless_number_is_not_found():
    caller = callers.partner()
    for number in NUMBERS:
        is_problem(caller.get(f"leads/{number}/"), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_a_method_that_is_not_offered_names_those_that_are(method):
    answer = callers.partner().send(method, "leads/", "")
    is_problem(answer, 405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST", "HEAD"}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "x"])
def test_a_body_that_is_not_json_is_refused(kind):
    answer = callers.partner().send("POST", "leads/", "company_name=x", Content_Type=kind)
    is_problem(answer, 415, "unsupported_media_type")


def test_an_answer_in_another_format_is_refused():
    is_problem(callers.partner().get("leads/", Accept="text/html"), 406, "not_acceptable")
    is_problem(callers.partner().get("leads/", {"format": "xml"}), 400, "bad_parameter")


def test_a_field_written_twice_is_refused_instead_of_one_value_lost():
    caller = callers.partner()
    text = '{"company_name": "深圳甲测试有限公司", "company_name": "深圳乙测试有限公司"}'
    body = is_problem(caller.send("POST", "leads/", text), 400, "malformed")
    assert "「company_name」写了两次" in body["detail"]
    assert not Lead.objects.exists()


def test_the_sentence_on_top_names_the_first_wrong_field():
    caller = callers.partner()
    body = is_problem(caller.post("leads/", {"company_name": 5}), 400, "invalid")
    assert body["detail"].startswith("有 1 处需要修改：company_name：")


def test_a_broken_body_is_malformed():
    caller = callers.partner()
    for text in BROKEN:
        is_problem(caller.send("POST", "leads/", text), 400, "malformed")
    assert not Lead.objects.exists()


def test_an_empty_body_lacks_the_company():
    body = is_problem(callers.partner().send("POST", "leads/", ""), 400, "required")
    assert body["errors"][0]["field"] == "company_name"


def test_a_body_that_is_no_object_is_refused():
    caller = callers.partner()
    for text in NO_OBJECTS:
        is_problem(caller.send("POST", "leads/", text), 400, "not_an_object")


def test_a_body_above_the_limit_is_refused():
    text = json.dumps({"company_name": "深圳甲公司", "note": "长" * 300_000})
    is_problem(callers.partner().send("POST", "leads/", text), 413, "too_large")


def test_characters_no_database_keeps_are_named():
    caller = callers.partner()
    for text in UNKEEPABLE:
        body = is_problem(caller.send("POST", "leads/", text), 400, "invalid")
        assert body["errors"][0]["code"] == "bad_text"


def test_an_amount_that_is_none_is_named():
    caller = callers.partner()
    for number in NO_AMOUNTS:
        text = f'{{"company_name": "深圳甲公司", "amount_wan": {number}}}'
        body = is_problem(caller.send("POST", "leads/", text), 400, "invalid")
        assert body["errors"][0]["field"] == "amount_wan"


def test_no_value_of_any_field_breaks_the_server():
    caller = callers.partner()
    for field in FIELDS:
        for value in VALUES:
            answer = caller.post("leads/", {"company_name": "深圳甲公司", field: value})
            assert answer.status_code in (200, 201, 400, 409), (field, value, answer.content)
            if answer.status_code == 400:
                assert answer.json()["errors"][0]["field"] == field


def test_a_parameter_that_is_unknown_or_senseless_is_a_400():
    caller = callers.partner()
    for query in QUERIES:
        body = is_problem(caller.get(f"leads/?{query}"), 400, "bad_parameter")
        assert body["errors"][0]["field"] == query.split("=")[0]
        assert "missing" not in body


def test_several_mistakes_are_told_at_once():
    wrong = {"company_name": "甲", "uscc": "O", "city": "000000", "stage": "signed"}
    body = is_problem(callers.partner().post("leads/", wrong), 400, "invalid")
    assert {error["field"] for error in body["errors"]} == {"uscc", "city", "stage"}


def test_what_nobody_expected_is_logged_and_answered_as_a_problem(caplog, monkeypatch):
    def broken(self):
        raise RuntimeError("canary")

    monkeypatch.setattr("leads.api.LeadViewSet.rows", broken)
    body = is_problem(callers.partner().get("leads/"), 500, "internal")
    assert "canary" not in str(body)
    assert "canary" in caplog.text


def test_what_fails_before_a_view_is_a_problem_too(client):
    is_problem(client.get("/api/v1/leads/", headers={"Host": "evil.example"}), 400, "bad_request")
    page = client.get("/leads/", headers={"Host": "evil.example"})
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_a_lead_that_is_a_project_says_so_by_a_documented_code(banshan):
    owner = make.user("owner", "officer", banshan)
    place = f"leads/{make.project(owner).lead_id}/move/"
    is_problem(callers.person(owner).post(place, {"stage": "reserve", "reason": "缓办"}), 400, "has_project")
    assert "has_project" in CODES


def test_every_refusal_of_the_rules_has_a_documented_code():
    ours = {code for code, _ in problems.SENTENCES.values()} | {kind.code for kind in _kinds(Refused)}
    assert ours - PAGE_ONLY - set(CODES) == set()


def test_a_code_given_to_a_single_refusal_is_documented_too():
    kinds = {kind.__name__ for kind in _kinds(Refused)} - {BadSheet.__name__, BulkRefused.__name__}
    given = {code for path in SOURCES for code in _codes_given(path, {*kinds, Refused.__name__})}
    assert len(given) > 40
    assert given - PAGE_ONLY - set(CODES) == set()


def _codes_given(path, kinds):
    """The codes that calls of these classes name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
            yield from (
                key.value.value
                for key in node.keywords
                if key.arg == "code" and isinstance(key.value, ast.Constant)
            )


def _kinds(kind):
    for inner in kind.__subclasses__():
        yield inner
        yield from _kinds(inner)


def test_a_session_writes_only_with_its_csrf_token(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    is_problem(callers.Caller(client=client).post("leads/", {"company_name": "深圳甲公司"}), 403, "csrf")
    assert not Lead.objects.exists()


def test_reading_contacts_in_full_leaves_a_trace():
    caller = callers.partner(scopes="leads:write contacts:read")
    met = {"company_name": "深圳甲公司", "contact_name": "王小明", "contact_phone": "13287530409"}
    sent = caller.post("leads/", met)
    body = caller.get(f"leads/{sent.json()['id']}/").json()
    assert (body["contact_name"], body["contact_phone"]) == ("王小明", "13287530409")
    event = AuditEvent.objects.get(action="api_contacts")
    assert (event.actor_name, event.detail) == ("伙伴甲", {"leads": [body["id"]]})
    caller.get("leads/")
    assert AuditEvent.objects.filter(action="api_contacts").count() == 2
