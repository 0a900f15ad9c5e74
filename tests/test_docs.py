"""The pages in docs/ keep up with the code."""

import re
from pathlib import Path

import pytest

from django.apps import apps

from crm import roles
from crm.models import StageSetting
from leads.stages import LeadStage
from projects.stages import ProjectStage

DOCS = Path(__file__).parent.parent / "docs"
CODE_WORD = re.compile(r"`([A-Za-z_.]+)`")


def glossary():
    return set(CODE_WORD.findall((DOCS / "glossary.md").read_text()))


@pytest.mark.parametrize("app", ["crm", "leads", "projects"])
def test_every_model_stands_in_the_glossary(app):
    names = {m.__name__ for m in apps.get_app_config(app).get_models()}
    assert names - glossary() == set()


def test_every_stage_and_role_stands_in_the_glossary():
    codes = {*LeadStage.values, *ProjectStage.values, *(code for code, _ in roles.ROLE_CHOICES)}
    assert codes - glossary() == set()


def test_the_stage_page_names_every_stage_with_its_limit(db):
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", (DOCS / "stages.md").read_text(), re.M)
    written = {code: (label.strip(), limit.strip()) for code, label, limit in rows}
    in_force = {
        s.code: (s.label, str(s.limit_days) if s.limit_days else "—") for s in StageSetting.objects.all()
    }
    assert written == in_force
