"""Many people edit one lead at once, by the form and by the API: what was accepted stands, the rest is told.

In the suite 8 people make 5 edits each. This makes it the thousand of docs/measurements.md:

    EDITORS=50 EDITS=20 make test ARGS="-n 0 -s tests/faults/test_lost_updates.py"
"""

import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from django.db import connection
from django.test import Client

from leads.models import Lead
from tests import make
from tests.conftest import logged_in

EDITORS, EDITS = int(os.environ.get("EDITORS", "8")), int(os.environ.get("EDITS", "5"))
ACCEPTED, STALE, WITHOUT_VERSION = (200, 302), (409, 412), 428
PATIENCE = 300  # seconds for all threads together


@dataclass(frozen=True)
class Edit:
    """One attempt: what was read, what was to be written over it, and the answer."""

    door: str
    version: int
    seen: str
    wrote: str
    status: int


class Editor(threading.Thread):
    """Reads the lead and writes its own words over what it read, again and again."""

    def __init__(self, number, person, lead, start):
        super().__init__(name=f"editor-{number}")
        self.number, self.lead, self.begin = number, lead, start
        self.client = logged_in(Client(), person)
        self.edits, self.failure = [], None

    def run(self):
        door = self.by_form if self.number % 2 else self.by_api
        try:
            self.begin.wait()
            for turn in range(EDITS):
                self.edits.append(door(turn, f"{self.number}-{turn}"))
        except Exception as error:  # noqa: BLE001 (told in the main thread, which fails)
            self.failure = error
        finally:
            connection.close()

    def by_form(self, turn, words):
        """What a browser does: the form as it was shown, with one field changed."""
        address = f"/leads/{self.lead}/edit/"
        form = self.client.get(address).context["form"]
        sent = {"version": form["version"].value()}
        for field in form.visible_fields():
            value = "" if field.value() is None else str(field.value())
            sent[field.name] = sent[f"initial-{field.name}"] = value
        seen = sent["next_step"]
        answer = self.client.post(address, {**sent, "next_step": words})
        return Edit("form", int(sent["version"]), seen, words, answer.status_code)

    def by_api(self, turn, words):
        """What a program does: If-Match with what it read; every fifth forgets it."""
        address = f"/api/v1/leads/{self.lead}/"
        read = self.client.get(address).json()
        version, seen = read["version"], read["next_step"]
        headers = {} if turn % 5 == 4 else {"If-Match": f'"v{version}"'}
        body = json.dumps({"next_step": words})
        answer = self.client.patch(address, body, content_type="application/json", headers=headers)
        return Edit("api", version, seen, words, answer.status_code)


@pytest.mark.django_db(transaction=True)
def test_of_many_edits_at_once_none_is_overwritten_unseen(owner, teammate, head, manager):
    lead = make.lead(owner, next_step="开始")
    people, start = (owner, teammate, head, manager), threading.Event()
    editors = [Editor(n, people[n % len(people)], lead.pk, start) for n in range(EDITORS)]
    for editor in editors:
        editor.start()
    began, used = time.monotonic(), time.process_time()
    start.set()
    for editor in editors:
        editor.join(max(began + PATIENCE - time.monotonic(), 0))
    assert [editor.failure for editor in editors if editor.failure] == []
    edits = [edit for editor in editors for edit in editor.edits]
    assert len(edits) == EDITORS * EDITS
    told(edits, time.monotonic() - began, time.process_time() - used)
    assert_nothing_lost(edits, Lead.objects.get())


def assert_nothing_lost(edits, lead):
    """Every accepted edit is one version; it was written over exactly what its author had read."""
    accepted = sorted((edit for edit in edits if edit.status in ACCEPTED), key=lambda edit: edit.version)
    refused = [edit for edit in edits if edit.status not in ACCEPTED]
    assert len(accepted) == lead.version - 1
    assert [edit.version for edit in accepted] == list(range(1, lead.version))
    assert {edit.status for edit in refused} <= {*STALE, WITHOUT_VERSION}
    assert [edit.seen for edit in accepted] == ["开始", *(edit.wrote for edit in accepted[:-1])]
    assert lead.next_step == accepted[-1].wrote
    assert {edit.door for edit in accepted} == {"form", "api"}
    assert {edit.status for edit in refused} >= {WITHOUT_VERSION, 412}


def told(edits, seconds, cpu):
    """The figures of the run, for whoever asked to see them (-s)."""
    counts = Counter((edit.door, edit.status) for edit in edits)
    print(f"\n{EDITORS} x {EDITS}: {seconds:.1f} s, {cpu:.1f} s CPU; {sorted(counts.items())}")  # noqa: T201
