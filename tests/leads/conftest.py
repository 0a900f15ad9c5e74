"""A clock for page tests: the doors read it, the domain takes it as an argument."""

import pytest

from django.utils import timezone


@pytest.fixture
def freeze(monkeypatch):
    """Let the doors believe it is `at`: `freeze(make.NOW + timedelta(days=1))`. Log in after freezing."""

    def stop(at):
        monkeypatch.setattr(timezone, "now", lambda: at)

    return stop
