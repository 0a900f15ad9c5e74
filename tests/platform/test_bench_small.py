"""The bench measures no busy machine, and a run that lacks something is told so. The run itself: .ci/run."""

import os

import pytest

from django.core.management import CommandError, call_command

from tests.bench import complete

ROW = {"unit": "ms", "value": 2.0, "floor": 1.0, "floor_is": "it", "ratio": 2.0, "peak_mb": 9, "queries": 3}


def result(**changes):
    rows = [{"name": name, **ROW, "pairs": 7, **changes.get(name, {})} for name in sorted(complete.NAMED)]
    return {"machine": {"postgresql": "18"}, "rows": rows}


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("home", {"unit": "min"}, "home: unit min"),
        ("funnel", {"floor": 0}, "funnel: no value beside a floor"),
        ("capture", {"floor_is": ""}, "capture: no value beside a floor"),
        ("match_all", {"pairs": 0}, "match_all: no pairs"),
        ("import_commit", {"peak_mb": 0}, "import_commit: no peak of memory"),
        ("page:/", {"queries": 0}, "page:/: no number of queries"),
    ],
)
def test_what_a_run_lacks_is_told(name, change, told):
    assert complete.wanting(result()) == []
    assert complete.wanting(result(**{name: change})) == [told]


def test_a_missing_or_doubled_row_is_told():
    short = result()
    short["rows"] = [*short["rows"][1:], short["rows"][-1]]
    assert complete.wanting(short) == [f"no row {min(complete.NAMED)}", "two rows of one name"]


def test_a_busy_machine_is_not_measured(monkeypatch):
    monkeypatch.delenv("FORCE", raising=False)
    monkeypatch.setattr(os, "getloadavg", lambda: (3.2, 3.2, 3.2))
    with pytest.raises(CommandError, match=r"负载 3\.2.*FORCE=1"):
        call_command("bench", leads=300)
