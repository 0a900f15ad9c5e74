"""The collector is set aside while a job makes many rows, and is as before afterwards."""

import gc

import pytest

from crm.collecting import SELDOM, seldom_collected


@pytest.fixture(autouse=True)
def usual():
    """As a worker has it; the suite's own thresholds come back."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_of_two_jobs_at_once_the_last_gives_the_collector_back():
    first, second = seldom_collected(), seldom_collected()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == SELDOM
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 10, 10)


@seldom_collected()
def _breaks(text):
    assert gc.get_threshold() == SELDOM
    return int(text)


def test_a_job_that_breaks_gives_it_back_too():
    with pytest.raises(ValueError, match="12x"):
        _breaks("12x")
    assert gc.get_threshold() == (700, 10, 10)


def test_a_job_asks_for_it_every_time_it_runs(monkeypatch):
    asked = []
    monkeypatch.setattr(gc, "set_threshold", lambda *numbers: asked.append(numbers))

    @seldom_collected()
    def job():
        asked.append("job")

    job()
    job()
    assert asked == [SELDOM, "job", (700, 10, 10)] * 2
