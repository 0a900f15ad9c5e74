"""Bringing a database up to date before the site starts."""

import pytest

from django.core.management import CommandError
from django.db.migrations.recorder import MigrationRecorder

from config import prepare

pytestmark = pytest.mark.django_db
DONE = MigrationRecorder.Migration.objects


def test_a_database_of_the_steps_before_they_were_one_has_nothing_to_do():
    before = set(DONE.values_list("app", "name"))
    assert ("crm", "0151_company_links") in before
    DONE.filter(name__in=["0001_tables", "0002_triggers", "0003_words"]).delete()
    prepare.migrate()
    assert set(DONE.values_list("app", "name")) == before


def test_a_database_that_stopped_between_those_steps_is_told_the_way_to_go():
    DONE.filter(app="crm", name__gte="0070").delete()
    with pytest.raises(CommandError, match="fbaa275"):
        prepare.migrate()
