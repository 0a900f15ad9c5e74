"""Due times live in the database: no task is ever sent with an ETA, a countdown or by a bare delay."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
FORBIDDEN = re.compile(r"\b(eta|countdown)\s*=|\.(delay|apply_async|delay_on_commit|apply_async_on_commit)\(")
ROOMS = ("config", "crm", "leads", "projects")


def findings(text):
    return FORBIDDEN.findall(text)


def test_no_task_waits_in_the_broker_and_none_is_sent_past_the_bell():
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert len(files) > 50
    guilty = [str(path.relative_to(ROOT)) for path in files if findings(path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_the_search_finds_what_it_looks_for():
    assert findings("tick.apply_async(countdown=60)")
    assert findings("send(eta=later)")
    assert not findings("ring(deliver)  # a meta = word")
