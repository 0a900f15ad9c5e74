"""The bench runs from end to end on little data; every row says what the contract asks. Never a time."""

import json
import os

import pytest

from django.core.management import CommandError, call_command

from tests import pristine

SIZE = 300
NAMED = {
    "lead_list", "lead_list_deep", "lead_search_2char_rare", "lead_search_common", "project_board",
    "project_detail", "home", "funnel", "capture", "import_preview", "import_commit", "export_xlsx",
    "morning_scan", "dispatch_10000", "match_one", "match_all", "api_lead_list", "api_lead_create",
    "page:/", "page:/leads/", "page:/leads/board/", "page:/projects/", "page:/projects/board/",
    "page:/roadshows/", "page:/funds/", "page:/reports/", "page:/screen/", "page:/notifications/",
}  # fmt: skip
JOBS = {"import_preview", "import_commit", "export_xlsx", "morning_scan", "dispatch_10000", "match_all"}


def test_every_row_stands_beside_a_floor_of_the_same_run(db, monkeypatch, tmp_path):
    monkeypatch.setenv("FORCE", "1")
    out = tmp_path / "bench.json"
    call_command("bench", leads=SIZE, calls=1, out=str(out), template=pristine.name(), drop=True)
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["size"] == SIZE
    assert result["machine"]["postgresql"]
    rows = {row["name"]: row for row in result["rows"]}
    assert len(rows) == len(result["rows"])
    assert rows.keys() >= NAMED
    for row in rows.values():
        assert row["unit"] in {"ms", "s"}
        assert row["value"] > 0 < row["floor"]
        assert row["floor_is"]
        assert row["ratio"] > 0
    assert all(rows[name]["peak_mb"] > 0 for name in JOBS)
    assert all(row["queries"] > 0 for name, row in rows.items() if name.startswith("page:"))
    assert rows["match_all"]["pairs"] > 0


def test_a_busy_machine_is_not_measured(monkeypatch):
    monkeypatch.delenv("FORCE", raising=False)
    monkeypatch.setattr(os, "getloadavg", lambda: (3.2, 3.2, 3.2))
    with pytest.raises(CommandError, match=r"负载 3\.2.*FORCE=1"):
        call_command("bench", leads=SIZE)
