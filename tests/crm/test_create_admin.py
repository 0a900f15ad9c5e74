"""The first account of a new installation."""

import pytest

from django.core.management import CommandError, call_command
from django.urls import reverse

from crm.management.commands import create_admin
from crm.models import AuditEvent, User


@pytest.fixture
def typed(monkeypatch):
    """What the person types at the password prompt."""

    def types(password):
        monkeypatch.setattr(create_admin, "getpass", lambda prompt: password)

    return types


def test_the_first_administrator_opens_the_settings_and_no_business_record(db, typed, as_):
    typed("Grand-canal-2026")
    call_command("create_admin", "root")
    admin = User.objects.get(username="root")
    assert admin.check_password("Grand-canal-2026")
    assert as_(admin).get(reverse("admin:index")).status_code == 200
    assert AuditEvent.objects.filter(action="admin_add").count() == 1


def test_the_administrator_logs_in_however_the_account_was_typed(db, typed, client):
    typed("Grand-canal-2026")
    call_command("create_admin", " Ｒoot ")
    answer = client.post("/login/", {"username": "ROOT", "password": "Grand-canal-2026"})
    assert answer.status_code == 302
    assert User.objects.get().username == "root"


def test_a_weak_password_or_a_taken_name_makes_no_account(db, typed):
    typed("12345")
    with pytest.raises(CommandError):
        call_command("create_admin", "root")
    assert not User.objects.exists()
    typed("Grand-canal-2026")
    call_command("create_admin", "root")
    with pytest.raises(CommandError, match="已经存在"):
        call_command("create_admin", "ROOT")
