"""The OpenAPI document: complete, free of warnings, readable as a page, and true of what the API answers."""

import json
import os
from functools import cache

import pytest
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from config.api import v1
from crm import partners
from crm.api.root import document
from tests import callers, make

pytestmark = pytest.mark.django_db

TRIES = int(os.environ.get("FUZZ", "12"))  # requests made up for every operation
NO_OPERATION = {"root", "schema", "docs"}  # the places, the document and the page about the operations
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TEXTS = st.sampled_from(
    ["", "深圳甲公司", "knock", "440300", "lead", "negotiating", "2030-05-08", "3000.5", "1"]
)


def operations():
    for path, methods in document()["paths"].items():
        for method, described in methods.items():
            yield path, method, described


def test_the_document_is_valid_and_made_without_a_warning(caplog, capsys):
    document.cache_clear()
    reset_generator_stats()
    made = document()
    assert not GENERATOR_STATS
    validate_schema(made)
    assert made["openapi"].startswith("3.1")
    assert made["components"]["securitySchemes"]["token"] == {
        "type": "http",
        "scheme": "bearer",
        "description": "区投促局签发的伙伴令牌。",
    }


def test_every_route_is_described():
    routes = {
        (f"/api/v1/{p.pattern}".replace("<int:pk>", "{id}").replace("<int:row>", "{row}"), method)
        for p in v1
        if p.name not in NO_OPERATION
        for method in p.callback.actions
        if method != "head"
    }
    assert {(path, method) for path, method, _ in operations()} == routes


def test_every_operation_says_what_it_does_and_how_it_refuses():
    for path, method, described in operations():
        assert len(described["description"]) > 10, path
        assert described["summary"]
        answers = described["responses"]
        assert {"401", "403", "404", "429", "500"} <= answers.keys()
        for status, answer in answers.items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"]
        headers = {p["name"] for p in described.get("parameters", []) if p["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method != "get"), path
        assert ("If-Match" in headers) or method != "patch"
        for parameter in described.get("parameters", []):
            assert parameter["in"] == "path" or parameter["description"], (path, parameter)


def test_every_field_is_explained_in_chinese():
    for name, component in document()["components"]["schemas"].items():
        for field, described in component.get("properties", {}).items():
            about = described.get("description", "")
            assert any("\u4e00" <= letter <= "\u9fff" for letter in about) or field == "results", (
                name,
                field,
            )


def test_what_says_of_itself_that_it_is_needed_is_required_in_the_document():
    """A client made from the document asks for what the rules refuse without."""
    shapes = document()["components"]["schemas"]
    assert shapes["LeadInput"]["required"] == ["company_name"]
    assert shapes["VisitInput"]["required"] == ["content", "kind", "next_step"]
    assert shapes["LeadInput"]["properties"]["company_name"]["type"] == "string"
    assert shapes["LeadInput"]["properties"]["note"]["type"] == ["string", "null"]
    assert "required" not in shapes["PatchedLeadChange"]


def test_a_filter_says_how_its_value_is_written_and_who_may_not_use_it():
    told = {one["name"]: one for one in document()["paths"]["/api/v1/leads/"]["get"]["parameters"]}
    assert told["amount_min"]["description"] == "投资额不少于；万元，也可以带单位：1亿"
    assert told["created_from"]["schema"] == {"type": "string", "format": "date"}
    assert told["city"]["description"].endswith("代码，见 /api/v1/vocabularies/；none 未填")
    for name in ("owner", "tag", "due", "no_next", "contested"):
        assert told[name]["description"].endswith("令牌不能用")
        assert callers.partner().get("leads/", {name: "1"}).json()["errors"][0]["code"] == "unknown_parameter"
    bare = [
        (path, one["name"])
        for path, _, described in operations()
        for one in described.get("parameters", [])
        if one["in"] == "query" and one["schema"] == {"type": "string"} and "；" not in one["description"]
    ]
    assert {name for _, name in bare} == {"cursor"}


def test_the_reference_page_reads_without_scripts_from_elsewhere(owner):
    caller = callers.person(owner)
    answer = caller.get("docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("推送线索", "POST /api/v1/leads/", "projects:read_all", 'id="problem-already_reported"'):
        assert words in page
    assert "https://" not in page
    assert "style=" not in page
    assert callers.Caller().get("docs/").status_code == 302


def requests(path, method, described):
    """A strategy of requests to one operation: mostly shaped as described, with nonsense in places."""
    names = [p["name"] for p in described.get("parameters", []) if p["in"] == "query"]
    query = st.dictionaries(st.sampled_from([*names, "zz"]), TEXTS | st.text(max_size=10), max_size=3)
    content = described.get("requestBody", {}).get("content", {})
    body = st.just(None)
    if "application/json" in content:
        name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        fields = list(document()["components"]["schemas"][name]["properties"])
        body = st.dictionaries(st.sampled_from([*fields, "zz"]), TEXTS | JSON, max_size=6) | JSON
    tags = st.sampled_from(['"v1"', '"v2"', "*", "x", ""])
    number = st.sampled_from([1, 2, 99999999, 10**30])
    return st.fixed_dictionaries({"query": query, "body": body, "tag": tags, "number": number})


def answered(caller, path, method, given_request, known):
    """Send one made-up request; the answer must be one the document promises."""
    number = (
        known[given_request["number"] - 1]
        if given_request["number"] <= len(known)
        else given_request["number"]
    )
    address = path.replace("{id}", str(number))
    headers = {"If_Match": given_request["tag"]} if given_request["tag"] else {}
    if method == "get":
        return caller.get(address, given_request["query"], **headers)
    return caller.send(method, address, json.dumps(given_request["body"]), **headers)


def conforms(answer, described):
    promised = described["responses"].get(str(answer.status_code))
    assert promised, (answer.status_code, answer.content)
    assert answer.status_code < 500, answer.content
    for kind, content in promised.get("content", {}).items():
        assert answer["Content-Type"] == kind
        validator(json.dumps(content["schema"])).validate(answer.json())


@cache
def validator(schema):
    return Draft202012Validator({**json.loads(schema), "components": document()["components"]})


@pytest.fixture(scope="module")
def scene(module_db):
    """Who asks: nobody, a partner with every scope, an officer; and the numbers of records they may name."""
    owner = make.user("asker", "officer", make.unit("banshan", "半山区块"))
    everything = callers.partner(scopes=" ".join(partners.SCOPES), unit=owner.unit)
    sent = everything.post("leads/", {"company_name": "杭州启程传感有限公司"}).json()["id"]
    return [callers.Caller(), everything, callers.person(owner)], [make.project(owner).pk, sent]


@pytest.mark.parametrize(
    "path, method, described", [pytest.param(*one, id=one[2]["operationId"]) for one in operations()]
)
def test_no_request_gets_an_answer_the_document_does_not_promise(path, method, described, scene):
    asking, known = scene

    @settings(max_examples=TRIES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(requests(path, method, described), st.sampled_from(asking))
    def fuzz(made, caller):
        conforms(answered(caller, path, method, made, known), described)

    fuzz()
