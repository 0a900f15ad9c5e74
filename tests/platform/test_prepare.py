"""Bringing a database up to date before the site starts."""

import json

import pytest

from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from config import prepare
from crm.models import User
from tests import make

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


@pytest.fixture
def officer(settings, tmp_path):
    settings.DATA_DIR, settings.DEMO_PASSWORD, settings.PRODUCTION = tmp_path, "", False
    return make.user("officer", "officer", make.unit("banshan", "半山区块"), "林晓")


def told(answers):
    """What `make run` would be told of the demo accounts."""
    assert prepare.main(answers) == 0
    return json.loads(answers.read_text(encoding="utf-8"))


def test_a_password_that_opens_no_account_is_not_told(officer, settings, tmp_path):
    """Of a database that was filled with DEMO_PASSWORD, or from another folder."""
    answers = tmp_path / "accounts"
    assert told(answers) == {"password": None, "rows": [["officer", "招商专员", "林晓", "半山区块"]]}
    settings.DEMO_PASSWORD = "Wieder-Offen-2026"
    assert told(answers)["password"] == "Wieder-Offen-2026"
    assert User.objects.get(pk=officer.pk).check_password("Wieder-Offen-2026")


def test_the_password_that_was_kept_is_told_at_every_start(officer, tmp_path):
    (tmp_path / "demo_password").write_text("kept-2026")
    officer.set_password("Gs7-kept-2026")
    officer.save()
    assert told(tmp_path / "accounts")["password"] == "Gs7-kept-2026"


def test_pictures_of_nobody_and_of_no_page_are_refused(officer):
    for wishes in ({"users": "niemand"}, {"users": "officer", "only": "没有这一页"}):
        with pytest.raises(CommandError, match="没有可截的页面"):
            call_command("screenshots", **wishes)
