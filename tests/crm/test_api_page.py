"""The page for a partner's programmer tells the truth: every example is sent, and answered as it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from crm import partners
from crm.api.codes import CODES
from leads.models import Lead
from tests import callers, make

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
EXAMPLE = re.compile(r"```sh\n(curl .*?)```\n+应答 (\d{3})(?:：\n+```json\n(.*?)```)?", re.DOTALL)


def read_curl(command):
    """(method, address, headers, body) of a curl command."""
    words = shlex.split(command.replace("\\\n", " "))[1:]
    method, address, headers, body = "GET", "", {}, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, value = words.pop(0).split(": ", 1)
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        else:
            address = word
    return method, address, headers, body


def send(client, command, names):
    for name, value in names.items():
        command = command.replace(f"${name}", str(value))
    method, address, headers, body = read_curl(command)
    kind = headers.pop("Content-Type", "")
    return client.generic(method, address, body, content_type=kind, headers=headers)


def test_every_example_is_answered_as_the_page_says(client, owner):
    caller = callers.partner(unit=owner.unit)
    project = make.project(owner)
    Lead.objects.update(partner=caller.token)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    names = {"BASE": "/api/v1", "TOKEN": token, "PROJECT": project.pk, "LEAD": ""}
    examples = EXAMPLE.findall(PAGE)
    assert len(examples) == PAGE.count("```sh") == 13
    for command, status, shown in examples:
        answer = send(client, command, names)
        assert answer.status_code == int(status), (command, answer.content.decode())
        if status == "201":
            names["LEAD"] = answer.json()["id"]
        if shown:
            agrees(answer.json(), json.loads(shown))


def agrees(body, shown):
    """Everything shown stands in the answer; a list is shown entry by entry."""
    for name, value in shown.items():
        if isinstance(value, list):
            assert [{key: one[key] for key in value[0]} for one in body[name]] == value
        else:
            assert body[name] == value


def test_the_page_names_every_scope_and_only_codes_that_exist():
    for scope in partners.SCOPES:
        assert f"| `{scope}` |" in PAGE
    for code in ("already_reported", "in_flight", "invalid", "unknown_field"):
        assert f"{code}" in PAGE
        assert code in CODES or code == "unknown_field"
