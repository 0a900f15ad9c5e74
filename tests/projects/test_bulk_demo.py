"""Data for measuring: as much as asked for, distinct, and a database as strict afterwards as before."""

import re

from django.db import connection

from crm.models import User
from leads.models import Claim, Lead, LeadStageChange
from projects.demo.bulk import make_leads
from projects.demo.people import make_people
from projects.models import Project
from tests import make

STRUCTURE = """
SELECT conname AS name, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
 ORDER BY 1, 2
"""


def structure():
    with connection.cursor() as cursor:
        return cursor.execute(STRUCTURE).fetchall()


def test_bulk_data_is_complete_distinct_and_leaves_the_structure_as_it_was(db, now):
    make_people("x")
    before = structure()
    make_leads(60, now=now)
    make_leads(40, now=now)
    assert structure() == before
    assert Lead.objects.count() == Lead.objects.values("company__name_key").distinct().count() == 100
    assert Project.objects.count() == Lead.objects.filter(stage="accepted").count() == 20
    assert LeadStageChange.objects.filter(left_at=None).count() == 100
    assert Claim.objects.count() == Lead.objects.exclude(stage="dropped").count()


def test_a_project_opened_after_bulk_data_has_a_number_of_its_own(db, now):
    make_people("x")
    owner = User.objects.filter(role="officer").first()
    make.project(owner)
    make_leads(60, now=now)
    project = make.project(owner)
    assert re.fullmatch(r"GS2026-\d{6}", project.code)
    assert Project.objects.filter(code=project.code).count() == 1


def test_bulk_leads_are_found_by_their_names(db, now):
    make_people("x")
    make_leads(20, now=now)
    lead = Lead.objects.order_by("pk").first()
    stored = list(lead.grams)
    lead.index_words()
    assert stored == lead.grams
    assert lead in Lead.objects.search(lead.title[2:4])
