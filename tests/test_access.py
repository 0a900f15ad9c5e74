"""Doors × people as data: what every address answers to everybody, and that no other unit's data leaks.

A new address needs its row in DOORS; a test names every address without one. A row reads `name METHOD`
and one status per person in the order of PEOPLE. Where a request must say something to get past the form,
`World.body` says it; elsewhere nothing is sent, and 400 means "may, but said nothing". What a person may
not see is 404, what their role may not do with what they see is 403, and who is not logged in is led to
the login (302) or, in the API, refused (401).
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pytest

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from crm import bulk, exporting, saved_views
from crm.admin_site import site
from crm.models import BulkJob, Carrier, Channel, Contact, ExportJob, Notification, SavedView, Unit
from crm.saved_views import Shown
from leads import (
    conflicts,
    handover,
    linking,
    merging,
    picturing,
    pool,
    qualifying,
    reporting,
    suspecting,
    walk_ins,
)
from leads.bulk import HANDS as LEAD_HANDS
from leads.contacts import Person
from leads.models import (
    Conflict,
    DuplicatePair,
    Handover,
    ImportJob,
    Lead,
    PoolEntry,
    Roadshow,
    RoadshowTarget,
)
from leads.qualifying import Certificate
from projects import candidates, facts, papers
from projects.incentives import draft
from projects.matching import match
from projects.models import (
    Agreement,
    BasisClause,
    CandidateSpace,
    Commitment,
    ComputeDemand,
    ComputeOffer,
    CriteriaVersion,
    Evidence,
    FlagRule,
    Fund,
    IncentiveItem,
    NodePass,
    Paper,
    Policy,
    Project,
    Receipt,
    Referral,
    Space,
    SupervisionOrder,
)
from projects.referring import Move, advance
from projects.supervising import issue
from tests import make
from tests.conftest import logged_in

PEOPLE = "anonymous owner teammate outsider station head manager leader reviewer fund_user auditor admin_user"
PEOPLE = PEOPLE.split()
pytestmark = pytest.mark.django_db
PUBLIC = {"healthz", "readyz", "login", "calendar_feed"}
PUBLIC |= {"manifest", "icon", "worker", "offline", "leads:walk_in"}
SOON = f"{timezone.localdate() + timedelta(days=30)}"
TODAY = f"{timezone.localdate()}"
AGREED = {"shared": ["company"], "consent": "on", "consent_way": "written", "consent_on": "2026-04-20"}
POLICY = {"name": "钱塘新办法", "level": "district", "status": "operating"}
FUND = {"name": "钱塘新基金", "kind": "venture", "status": "operating"}
READS = ("GET", "HEAD")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# whether the door opens is decided before the page is written: of these its words are not asked for, because
# others of the matrix get the same page: the owner, the manager, the leader
UNREAD = ("teammate", "head", "auditor")
HEADED = "teammate"  # may do what the owner may: asks by HEAD what the owner gets, and is answered alike
SHEET = Path(__file__).parent / "data" / "roadshow.xlsx"
OF_PROJECT = {
    "space_matches",
    "compute_matches",
    "project",
    "project_move",
    "matches",
    "agreements",
    "commitments",
    "receipts",
}
TRIP_DOORS = {"roadshow", "roadshow_edit", "targets_add", "upload"}

# name METHOD: anonymous owner teammate outsider station head manager leader reviewer fund auditor admin
DOORS = """
healthz GET                 200 200 200 200 200 200 200 200 200 200 200 200
readyz GET                  200 200 200 200 200 200 200 200 200 200 200 200
manifest GET                200 200 200 200 200 200 200 200 200 200 200 200
icon GET                    200 200 200 200 200 200 200 200 200 200 200 200
worker GET                  200 200 200 200 200 200 200 200 200 200 200 200
offline GET                 200 200 200 200 200 200 200 200 200 200 200 200
home GET                    302 200 200 200 200 200 200 200 200 200 200 200
login GET                   200 302 302 302 302 302 302 302 302 302 302 302
login POST                  400 302 302 302 302 302 302 302 302 302 302 302
logout POST                 302 302 302 302 302 302 302 302 302 302 302 302
password_change GET         302 200 200 200 200 200 200 200 200 200 200 200
password_change POST        302 400 400 400 400 400 400 400 400 400 400 400
notifications GET           302 200 200 200 200 200 200 200 200 200 200 200
notification GET            302 404 404 404 404 404 200 404 404 404 404 404
notifications_read_all POST 302 302 302 302 302 302 302 302 302 302 302 302
notifications_read POST     302 302 404 404 404 404 404 404 404 404 404 404
notifications_unread POST   302 302 404 404 404 404 404 404 404 404 404 404
notifications_snooze POST   302 302 404 404 404 404 404 404 404 404 404 404
notifications_wake POST     302 302 404 404 404 404 404 404 404 404 404 404
notifications_undo POST     302 302 302 302 302 302 302 302 302 302 302 302
preferences GET             302 200 200 200 200 200 200 200 200 200 200 200
preferences POST            302 302 302 302 302 302 302 302 302 302 302 302
preferences_test POST       302 302 302 302 302 302 302 302 302 302 302 302
deliveries GET              302 200 200 200 200 200 200 200 200 200 200 200
leads:colleagues GET        302 200 200 404 404 200 200 200 404 404 200 404
projects:colleagues GET     302 200 200 404 404 200 200 200 404 404 200 404
calendar GET                302 200 200 200 200 200 200 200 200 200 200 200
calendar_open POST          302 200 200 200 200 200 200 200 200 200 200 200
calendar_close POST         302 302 302 302 302 302 302 302 302 302 302 302
calendar_feed GET           404 404 404 404 404 404 404 404 404 404 404 404
guide_close POST            302 302 302 302 302 302 302 302 302 302 302 302
guide_reopen POST           302 302 302 302 302 302 302 302 302 302 302 302
audit GET                   302 403 403 403 403 403 403 403 403 403 200 200
view_new POST               302 302 302 302 302 302 302 302 302 302 302 302
view_columns POST           302 302 302 302 302 302 302 302 302 302 302 302
view_change POST            302 302 404 404 404 404 404 404 404 404 404 404
api:root GET                401 200 200 200 200 200 200 200 200 200 200 200
api:schema GET              401 200 200 200 200 200 200 200 200 200 200 200
api:docs GET                302 200 200 200 200 200 200 200 200 200 200 200
api:vocabularies GET        401 200 200 200 200 200 200 200 200 200 200 200
api:leads GET               401 200 200 200 200 200 200 200 200 200 200 200
api:leads POST              401 201 201 201 201 201 201 403 403 403 403 403
api:lead GET                401 200 200 404 404 200 200 200 404 404 200 404
api:lead PATCH              401 200 200 404 404 200 200 403 404 404 403 404
api:lead_move POST          401 200 200 404 404 200 200 403 404 404 403 404
api:visits GET              401 200 200 404 404 200 200 200 404 404 200 404
api:visits POST             401 201 201 404 404 201 201 403 404 404 403 404
api:hand_over POST          401 403 403 404 404 201 201 403 404 404 403 404
api:handovers GET           401 200 200 200 200 200 200 200 200 200 200 200
api:handover_accept POST    401 403 403 404 404 403 200 403 404 404 403 404
api:handover_refuse POST    401 403 403 404 404 403 200 403 404 404 403 404
api:handover_approve POST   401 403 403 404 404 403 409 403 404 404 403 404
api:handover_withdraw POST  401 403 403 404 404 200 200 403 404 404 403 404
api:pool GET                401 200 200 200 200 200 200 200 403 403 200 403
api:pool_take POST          401 200 200 200 200 200 403 403 403 403 403 403
api:pool_give POST          401 201 403 404 404 201 201 403 404 404 403 404
api:conflicts GET           401 200 200 200 200 200 200 200 200 200 200 200
api:conflicts POST          401 400 400 400 400 400 403 403 403 403 403 403
api:conflict GET            401 200 200 404 404 200 200 200 404 404 200 404
api:conflict_evidence GET   401 200 200 404 404 200 200 200 404 404 200 404
api:conflict_evidence POST  401 201 201 404 404 201 403 403 404 404 403 404
api:conflict_decide POST    401 403 403 404 404 403 200 403 404 404 403 404
api:duplicates GET          401 200 200 200 200 200 200 200 200 200 200 200
api:duplicate GET           401 200 200 404 404 200 200 200 404 404 200 404
api:duplicate_judge POST    401 200 200 404 404 200 200 403 404 404 403 404
api:duplicate_reopen POST   401 400 400 404 404 400 400 403 404 404 403 404
api:unmerge POST            401 200 200 404 404 200 200 403 404 404 403 404
api:claim GET               401 200 200 404 404 200 200 200 404 404 200 404
api:claim_extend POST       401 200 403 404 404 200 200 403 404 404 403 404
api:lead_qualifications GET 401 200 200 404 404 200 200 200 404 404 200 404
api:project_qualifications GET 401 200 200 404 404 200 200 200 404 404 200 404
api:lead_qualifications_checked POST 401 201 201 404 404 201 201 403 404 404 403 404
api:project_qualifications_checked POST 401 201 201 404 404 201 201 403 404 404 403 404
api:lead_facts GET          401 200 200 404 404 200 200 200 404 404 200 404
api:lead_facts POST         401 201 201 404 404 201 201 403 404 404 403 404
api:project_facts GET       401 200 200 404 404 200 200 200 404 404 200 404
api:project_facts POST      401 201 201 404 404 201 201 403 404 404 403 404
api:lead_fact_choose POST   401 200 200 404 404 200 200 403 404 404 403 404
api:lead_fact_withdraw POST 401 200 200 404 404 200 200 403 404 404 403 404
api:project_fact_choose POST 401 200 200 404 404 200 200 403 404 404 403 404
api:project_fact_withdraw POST 401 200 200 404 404 200 200 403 404 404 403 404
api:lead_links GET          401 200 200 404 404 200 200 200 404 404 200 404
api:lead_links POST         401 201 201 404 404 201 201 403 404 404 403 404
api:lead_link_end POST      401 200 200 404 404 200 200 403 404 404 403 404
api:project_links GET       401 200 200 404 404 200 200 200 404 404 200 404
api:project_links POST      401 201 201 404 404 201 201 403 404 404 403 404
api:project_link_end POST   401 200 200 404 404 200 200 403 404 404 403 404
api:match_changes GET       401 200 200 200 200 200 200 200 200 200 200 200
api:feedback GET            401 200 200 404 404 200 200 200 404 404 200 404
api:feedback POST           401 201 201 404 404 201 201 403 404 404 403 404
api:accept POST             401 201 201 404 404 201 201 403 404 404 403 404
api:projects GET            401 200 200 200 200 200 200 200 200 200 200 200
api:project GET             401 200 200 404 404 200 200 200 404 404 200 404
api:project_move POST       401 400 400 404 404 400 400 403 404 404 403 404
api:project_hand_over POST  401 403 403 404 404 201 201 403 404 404 403 404
api:project_suspend POST    401 200 200 404 404 200 200 403 404 404 403 404
api:project_resume POST     401 400 400 404 404 400 400 403 404 404 403 404
api:project_passes GET      401 200 200 404 404 200 200 200 404 404 200 404
api:project_passes POST     401 400 400 404 404 400 400 403 404 404 403 404
api:project_pass_withdraw POST 401 200 200 404 404 200 200 403 404 404 403 404
api:matches GET             401 200 200 404 404 200 200 200 404 404 200 404
api:agreements GET          401 200 200 404 404 200 200 200 404 404 200 404
api:agreements POST         401 201 201 404 404 201 201 403 404 404 403 404
api:agreement GET           401 200 200 404 404 200 200 200 404 404 200 404
api:agreement PATCH         401 200 200 404 404 200 200 403 404 404 403 404
api:agreement_count POST    401 403 403 404 404 403 200 403 404 404 403 404
api:commitments GET         401 200 200 404 404 200 200 200 404 404 200 404
api:commitments POST        401 201 201 404 404 201 201 403 404 404 403 404
api:commitment GET          401 200 200 404 404 200 200 200 404 404 200 404
api:commitment PATCH        401 200 200 404 404 200 200 403 404 404 403 404
api:commitment_judge POST   401 200 200 404 404 200 200 403 404 404 403 404
api:receipts GET            401 200 200 404 404 200 200 200 404 404 200 404
api:receipts POST           401 201 201 404 404 201 201 403 404 404 403 404
api:receipt_withdraw POST   401 200 200 404 404 200 200 403 404 404 403 404
api:incentives GET          401 200 200 404 404 200 200 200 200 404 200 404
api:incentives POST         401 201 201 404 404 201 201 403 403 404 403 404
api:incentive GET           401 200 200 404 404 200 200 200 200 404 200 404
api:incentive PATCH         401 200 200 404 404 200 200 403 403 404 403 404
api:incentive_remove POST   401 200 200 404 404 200 200 403 403 404 403 404
api:incentive_review POST   401 403 403 404 404 403 403 403 201 404 403 404
api:papers GET              401 200 200 404 404 200 200 200 200 404 200 404
api:papers POST             401 415 415 404 404 415 415 403 415 404 403 404
api:fair_review GET         401 200 200 404 404 200 200 200 200 404 200 404
api:fair_review POST        401 403 403 404 404 403 403 403 400 404 403 404
api:project_referrals GET   401 200 200 404 404 200 200 200 404 404 200 404
api:project_referrals POST  401 201 201 404 404 201 201 403 404 404 403 404
api:referrals GET           401 200 200 200 200 200 200 200 200 200 200 200
api:referral_steps GET      401 200 200 404 404 200 200 200 404 200 200 404
api:referral_steps POST     401 403 403 404 404 403 403 403 404 201 403 404
api:referral_step PATCH     401 403 403 404 404 403 403 403 404 200 403 404
api:referral_step_undo POST 401 403 403 404 404 403 403 403 404 200 403 404
api:project_spaces GET      401 200 200 404 404 200 200 200 404 404 200 404
api:space_matches GET       401 200 200 404 404 200 200 200 404 404 200 404
api:compute_matches GET     401 200 200 404 404 200 200 200 404 404 200 404
api:spaces GET              401 200 200 200 200 200 200 200 200 200 200 200
api:space GET               401 200 200 200 200 200 200 200 404 404 200 404
api:compute_offers GET      401 200 200 200 200 200 200 200 200 200 200 200
api:orders GET              401 200 200 200 200 200 200 200 200 200 200 200
api:order GET               401 200 200 404 404 200 200 200 404 404 200 404
api:order_reply POST        401 200 200 404 404 200 403 403 404 404 403 404
api:order_close POST        401 403 403 404 404 403 403 400 404 404 403 404
api:deliveries GET          401 200 200 200 200 200 200 200 403 403 200 403
api:funds GET               401 200 200 200 200 200 200 200 200 200 200 200
api:funds POST             401 403 403 403 403 403 201 403 403 403 403 403
api:fund GET               401 200 200 200 200 200 200 200 200 200 200 404
api:fund PATCH             401 403 403 403 403 403 200 403 403 403 403 404
api:fund_criteria GET       401 200 200 200 200 200 200 200 200 200 200 404
api:fund_criteria POST      401 403 403 403 403 403 201 403 403 201 403 404
api:policies GET            401 200 200 200 200 200 200 200 200 200 200 200
api:policies POST          401 403 403 403 403 403 201 403 403 403 403 403
api:policy GET              401 200 200 200 200 200 200 200 200 404 200 404
api:policy PATCH           401 403 403 403 403 403 200 403 403 404 403 404
api:policy_criteria GET     401 200 200 200 200 200 200 200 200 404 200 404
api:policy_criteria POST    401 403 403 403 403 403 201 403 403 404 403 404
reports GET                 302 200 200 200 200 200 200 200 403 403 200 403
reports_export GET          302 200 200 200 200 200 200 200 403 403 200 403
chain_firms GET             302 200 200 200 200 200 200 200 403 403 200 403
chain_firms_export GET      302 200 200 200 200 200 200 200 403 403 200 403
leads:links GET             302 200 200 404 404 200 200 200 404 404 200 404
leads:links POST            302 302 302 404 404 302 302 403 404 404 403 404
leads:link_end POST         302 302 302 404 404 302 302 403 404 404 403 404
projects:links GET          302 200 200 404 404 200 200 200 404 404 200 404
projects:links POST         302 302 302 404 404 302 302 403 404 404 403 404
projects:link_end POST      302 302 302 404 404 302 302 403 404 404 403 404
chain GET                   302 200 200 200 200 200 200 200 403 403 200 403
chain_export GET            302 400 400 400 400 400 400 400 403 403 400 403
api:chain GET               401 200 200 200 200 200 200 200 403 403 200 403
delivery GET                302 200 200 200 200 200 200 200 403 403 200 403
delivery_export GET         302 200 200 200 200 200 200 200 403 403 200 403
stays GET                   302 200 200 200 200 200 200 200 403 403 200 403
stays_export GET            302 200 200 200 200 200 200 200 403 403 200 403
delivery_list GET           302 200 200 200 200 200 200 200 403 403 200 403
delivery_list_export GET    302 200 200 200 200 200 200 200 403 403 200 403
screen GET                  302 200 200 200 200 200 200 200 403 403 200 403
leads:list GET              302 200 200 200 200 200 200 200 200 200 200 200
leads:board GET             302 200 200 200 200 200 200 200 200 200 200 200
leads:export GET            302 200 200 200 200 200 200 200 200 200 200 200
leads:capture GET           302 200 200 200 200 200 200 403 403 403 403 403
leads:capture POST          302 302 302 302 302 302 302 403 403 403 403 403
leads:known GET             302 200 200 200 200 200 200 403 403 403 403 403
leads:known POST            302 200 200 200 200 200 200 403 403 403 403 403
leads:unsent GET            302 200 200 200 200 200 200 403 403 403 403 403
leads:detail GET            302 200 200 404 404 200 200 200 404 404 200 404
leads:qualifications GET  302 200 200 404 404 200 200 200 404 404 200 404
leads:qualifications POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:lead_qualifications_checked GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:lead_qualifications_checked POST 302 400 400 404 404 400 400 403 404 404 403 404
leads:qualification_end GET 302 302 302 302 302 302 302 302 302 302 302 302
leads:qualification_end POST 302 400 400 404 404 400 400 403 404 404 403 404
leads:qualification_proof GET 302 200 200 404 404 200 200 200 404 404 200 404
leads:edit GET              302 200 200 404 404 200 200 403 404 404 403 404
leads:edit POST             302 400 400 404 404 400 400 403 404 404 403 404
leads:move GET              302 302 302 302 302 302 302 302 302 302 302 302
leads:move POST             302 302 302 404 404 302 302 403 404 404 403 404
leads:place GET             302 302 302 302 302 302 302 302 302 302 302 302
leads:place POST            302 302 302 404 404 302 302 302 404 404 302 404
leads:natural GET           302 302 302 302 302 302 302 302 302 302 302 302
leads:natural POST          302 302 302 302 302 302 302 302 302 302 302 302
leads:missing GET           302 200 200 404 404 200 200 200 404 404 200 404
leads:visit GET             302 302 302 302 302 302 302 302 302 302 302 302
leads:visit POST            302 302 302 404 404 302 302 403 404 404 403 404
leads:photo_add GET         302 302 302 302 302 302 302 302 302 302 302 302
leads:photo_add POST        302 302 302 404 404 302 302 403 404 404 403 404
leads:photo GET             302 200 200 404 404 200 200 200 404 404 200 404
leads:photo_remove GET      302 302 302 302 302 302 302 302 302 302 302 302
leads:photo_remove POST     302 302 302 404 404 302 302 403 404 404 403 404
leads:screening GET         302 302 302 302 302 302 302 302 302 302 302 302
leads:screening POST        302 302 302 404 404 302 302 403 404 404 403 404
leads:hand_over GET         302 302 302 302 302 302 302 302 302 302 302 302
leads:hand_over POST        302 403 403 404 404 302 302 403 404 404 403 404
leads:handovers GET         302 200 200 200 200 200 200 200 200 200 200 200
leads:handover_answer GET   302 302 302 302 302 302 302 302 302 302 302 302
leads:handover_answer POST  302 403 403 404 404 403 302 403 404 404 403 404
leads:pool GET              302 200 200 200 200 200 200 200 403 403 200 403
leads:pool_tonight GET      302 403 403 403 403 200 200 403 403 403 403 403
leads:pool_take GET         302 302 302 302 302 302 302 302 302 302 302 302
leads:pool_take POST        302 302 302 302 302 302 403 403 403 403 403 403
leads:pool_give GET         302 302 302 302 302 302 302 302 302 302 302 302
leads:pool_give POST        302 302 403 404 404 302 302 403 404 404 403 404
leads:conflicts GET         302 200 200 200 200 200 200 200 200 200 200 200
leads:conflict_new GET      302 200 200 200 200 200 403 403 403 403 403 403
leads:conflict_new POST     302 400 400 400 400 400 403 403 403 403 403 403
leads:conflict GET          302 200 200 404 404 200 200 200 404 404 200 404
leads:evidence_add GET      302 302 302 302 302 302 302 302 302 302 302 302
leads:evidence_add POST     302 302 302 404 404 302 403 403 404 404 403 404
leads:conflict_decide GET   302 302 302 302 302 302 302 302 302 302 302 302
leads:conflict_decide POST  302 403 403 404 404 403 302 403 404 404 403 404
leads:duplicates GET        302 200 200 200 200 200 200 200 200 200 200 200
leads:duplicate GET         302 200 200 404 404 200 200 200 404 404 200 404
leads:duplicate_judge GET   302 302 302 302 302 302 302 302 302 302 302 302
leads:duplicate_judge POST  302 302 302 404 404 302 302 403 404 404 403 404
leads:duplicate_reopen GET  302 302 302 302 302 302 302 302 302 302 302 302
leads:duplicate_reopen POST 302 400 400 404 404 400 400 403 404 404 403 404
leads:unmerge GET           302 302 302 302 302 302 302 302 302 302 302 302
leads:unmerge POST          302 302 302 404 404 302 302 403 404 404 403 404
leads:claim_extend GET      302 302 302 302 302 302 302 302 302 302 302 302
leads:claim_extend POST     302 302 403 404 404 302 302 403 404 404 403 404
leads:feedback GET          302 302 302 302 302 302 302 302 302 302 302 302
leads:feedback POST         302 302 302 404 404 302 302 403 404 404 403 404
leads:reveal POST           302 200 200 404 404 200 200 403 404 404 403 404
leads:contact GET           302 302 302 302 302 302 302 302 302 302 302 302
leads:contact POST          302 302 302 404 404 302 302 403 404 404 403 404
leads:contact_correct GET   302 302 302 302 302 302 302 302 302 302 302 302
leads:contact_correct POST  302 302 302 404 404 302 302 403 404 404 403 404
leads:roadshows GET         302 200 200 200 200 200 200 200 200 200 200 200
leads:roadshow_new GET      302 403 403 403 200 200 200 403 403 403 403 403
leads:roadshow_new POST     302 403 403 403 200 200 200 403 403 403 403 403
leads:roadshow GET          302 200 200 404 404 200 200 200 404 404 200 404
leads:roadshow_edit GET     302 403 403 404 404 200 200 403 404 404 403 404
leads:roadshow_edit POST    302 403 403 404 404 200 200 403 404 404 403 404
leads:targets_add POST      302 403 403 404 404 302 302 403 404 404 403 404
leads:target_resolve POST   302 403 403 404 404 302 302 403 404 404 403 404
leads:upload POST           302 403 403 404 404 302 302 403 404 404 403 404
leads:report GET            302 200 200 404 404 200 200 200 404 404 200 404
leads:report POST           302 403 403 404 404 302 302 403 404 404 403 404
leads:report_final GET      302 200 200 404 404 200 200 200 404 404 200 404
leads:report_file GET       302 200 200 404 404 200 200 200 404 404 200 404
leads:door GET              302 200 200 404 404 200 200 200 404 404 200 404
leads:door_open GET         302 302 302 302 302 302 302 302 302 302 302 302
leads:door_open POST        302 403 403 404 404 302 302 403 404 404 403 404
leads:door_close GET        302 302 302 302 302 302 302 302 302 302 302 302
leads:door_close POST       302 403 403 404 404 302 302 403 404 404 403 404
leads:door_reveal GET       302 302 302 302 302 302 302 302 302 302 302 302
leads:door_reveal POST      302 403 403 404 404 200 200 403 404 404 403 404
leads:walk_in GET           200 200 200 200 200 200 200 200 200 200 200 200
leads:walk_in POST          400 400 400 400 400 400 400 400 400 400 400 400
leads:take GET              302 302 302 302 302 302 302 302 302 302 302 302
leads:take POST             302 302 302 404 404 302 403 403 404 404 403 404
leads:imports GET           302 200 200 200 200 200 200 200 200 200 200 200
leads:import_new GET        302 302 302 302 302 302 302 302 302 302 302 302
leads:import_new POST       302 403 403 403 400 400 400 403 403 403 403 403
leads:import_template GET   302 200 200 200 200 200 200 200 200 200 200 200
leads:import GET            302 200 200 404 404 200 200 200 404 404 200 404
leads:import_choose GET     302 302 302 302 302 302 302 302 302 302 302 302
leads:import_choose POST    302 403 403 404 404 200 200 403 404 404 403 404
leads:import_columns GET    302 302 302 302 302 302 302 302 302 302 302 302
leads:import_columns POST   302 403 403 404 404 400 400 403 404 404 403 404
leads:import_stop GET       302 302 302 302 302 302 302 302 302 302 302 302
leads:import_stop POST      302 403 403 404 404 409 409 403 404 404 403 404
leads:import_discard GET    302 302 302 302 302 302 302 302 302 302 302 302
leads:import_discard POST   302 403 403 404 404 302 302 403 404 404 403 404
leads:import_confirm POST   302 403 403 404 404 302 302 403 404 404 403 404
leads:import_undo GET       302 403 403 404 404 409 409 403 404 404 403 404
leads:import_undo POST      302 403 403 404 404 409 409 403 404 404 403 404
leads:import_rejected GET   302 403 403 404 404 200 200 403 404 404 403 404
projects:search GET         302 200 200 200 200 200 200 200 200 200 200 200
projects:work_row GET       302 200 200 404 404 200 200 200 404 404 200 404
projects:work GET           302 302 302 404 404 302 302 403 404 404 403 404
projects:work POST          302 302 302 404 404 302 302 403 404 404 403 404
projects:work_undo POST     302 409 409 404 404 409 409 403 404 404 403 404
projects:list GET           302 200 200 200 200 200 200 200 200 200 200 200
projects:export GET         302 200 200 200 200 200 200 200 200 200 200 200
projects:bulk_begin POST    302 302 302 400 400 302 302 403 403 403 403 403
projects:lead_bulk_begin POST 302 302 302 400 400 302 302 403 403 403 403 403
projects:bulk GET           302 404 404 404 404 404 200 404 404 404 404 404
projects:bulk_ask POST      302 404 404 404 404 404 302 404 404 404 404 404
projects:bulk_confirm POST  302 404 404 404 404 404 409 404 404 404 404 404
projects:bulk_export POST   302 404 404 404 404 404 400 404 404 404 404 404
projects:bulk_undo POST     302 404 404 404 404 404 409 404 404 404 404 404
projects:bulk_stop POST     302 404 404 404 404 404 409 404 404 404 404 404
projects:exports GET        302 200 200 200 200 200 200 200 200 200 200 200
projects:export_new POST    302 302 302 400 400 302 302 302 302 400 302 400
projects:export_job GET     302 404 404 404 404 404 200 404 404 404 404 404
projects:export_cancel POST 302 404 404 404 404 404 302 404 404 404 404 404
projects:export_decide POST 302 404 404 404 404 404 409 404 404 404 404 404
projects:export_file GET    302 404 404 404 404 404 409 404 404 404 404 404
projects:cell GET           302 200 200 404 404 200 200 403 404 404 403 404
projects:cell POST          302 400 400 404 404 400 400 403 404 404 403 404
projects:lead_cell GET      302 200 200 404 404 200 200 403 404 404 403 404
projects:lead_cell POST     302 400 400 404 404 400 400 403 404 404 403 404
projects:board GET          302 200 200 200 200 200 200 200 200 200 200 200
projects:column GET         302 200 200 200 200 200 200 200 200 200 200 200
projects:detail GET         302 200 200 404 404 200 200 200 404 404 200 404
projects:qualifications GET  302 200 200 404 404 200 200 200 404 404 200 404
projects:qualifications POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:qualifications_checked GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:qualifications_checked POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:qualification_end GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:qualification_end POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:qualification_proof GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:edit GET           302 200 200 404 404 200 200 403 404 404 403 404
projects:edit POST          302 400 400 404 404 400 400 403 404 404 403 404
projects:move POST          302 400 400 404 404 400 400 403 404 404 403 404
projects:place GET          302 302 302 302 302 302 302 302 302 302 302 302
projects:place POST         302 302 302 404 404 302 302 302 404 404 302 404
projects:natural GET        302 302 302 302 302 302 302 302 302 302 302 302
projects:natural POST       302 302 302 302 302 302 302 302 302 302 302 302
projects:missing GET        302 200 200 404 404 200 200 200 404 404 200 404
projects:visit GET          302 302 302 302 302 302 302 302 302 302 302 302
projects:visit POST         302 302 302 404 404 302 302 403 404 404 403 404
projects:evidence GET       302 302 302 302 302 302 302 302 302 302 302 302
projects:evidence POST      302 302 302 404 404 302 302 403 404 404 403 404
projects:contact GET        302 302 302 302 302 302 302 302 302 302 302 302
projects:contact POST       302 302 302 404 404 302 302 403 404 404 403 404
projects:reveal POST        302 200 200 404 404 200 200 403 404 404 403 404
projects:match POST         302 302 302 404 404 302 302 403 404 404 403 404
projects:one_page GET       302 200 200 404 404 200 200 200 404 404 200 404
projects:one_page_file GET  302 200 200 404 404 200 200 200 404 404 200 404
projects:match_sheet GET    302 200 200 404 404 200 200 200 404 404 200 404
projects:fact GET           302 200 200 404 404 200 200 403 404 404 403 404
projects:fact POST          302 302 302 404 404 302 302 403 404 404 403 404
projects:facts GET          302 200 200 404 404 200 200 200 404 404 200 404
projects:facts POST         302 400 400 404 404 400 400 403 404 404 403 404
projects:fact_choose GET    302 302 302 302 302 302 302 302 302 302 302 302
projects:fact_choose POST   302 400 400 404 404 400 400 403 404 404 403 404
projects:fact_withdraw GET  302 302 302 302 302 302 302 302 302 302 302 302
projects:fact_withdraw POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:fact_keep GET      302 302 302 302 302 302 302 302 302 302 302 302
projects:fact_keep POST     302 409 409 404 404 409 409 403 404 404 403 404
projects:lead_facts GET     302 200 200 404 404 200 200 200 404 404 200 404
projects:lead_facts POST    302 400 400 404 404 400 400 403 404 404 403 404
projects:lead_fact_choose GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:lead_fact_choose POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:lead_fact_withdraw GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:lead_fact_withdraw POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:lead_fact_keep GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:lead_fact_keep POST 302 409 409 404 404 409 409 403 404 404 403 404
projects:hand_over GET      302 302 302 302 302 302 302 302 302 302 302 302
projects:hand_over POST     302 403 403 404 404 302 302 403 404 404 403 404
projects:suspend GET        302 302 302 302 302 302 302 302 302 302 302 302
projects:suspend POST       302 302 302 404 404 302 302 403 404 404 403 404
projects:resume GET         302 302 302 302 302 302 302 302 302 302 302 302
projects:resume POST        302 400 400 404 404 400 400 403 404 404 403 404
projects:pass GET           302 302 302 302 302 302 302 302 302 302 302 302
projects:pass POST          302 400 400 404 404 400 400 403 404 404 403 404
projects:pass_withdraw GET  302 302 302 302 302 302 302 302 302 302 302 302
projects:pass_withdraw POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:investor GET       302 302 302 302 302 302 302 302 302 302 302 302
projects:investor POST      302 302 302 404 404 302 302 403 404 404 403 404
projects:registered GET     302 302 302 302 302 302 302 302 302 302 302 302
projects:registered POST    302 302 302 404 404 302 302 403 404 404 403 404
projects:open POST          302 302 302 404 404 302 302 403 404 404 403 404
projects:reviews GET        302 200 200 200 200 200 200 200 200 200 200 200
projects:incentives GET     302 200 200 404 404 200 200 200 200 404 200 404
projects:incentive_new GET  302 200 200 404 404 200 200 403 403 404 403 404
projects:incentive_new POST 302 302 302 404 404 302 302 403 403 404 403 404
projects:conclude GET       302 302 302 302 302 302 302 302 302 302 302 302
projects:conclude POST      302 403 403 404 404 403 403 403 400 404 403 404
projects:incentive GET      302 200 200 404 404 200 200 200 200 404 200 404
projects:incentive_edit GET 302 200 200 404 404 200 200 403 403 404 403 404
projects:incentive_edit POST 302 302 302 404 404 302 302 403 403 404 403 404
projects:incentive_remove GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:incentive_remove POST 302 302 302 404 404 302 302 403 403 404 403 404
projects:incentive_review GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:incentive_review POST 302 403 403 404 404 403 403 403 302 404 403 404
projects:paper GET          302 200 200 404 404 200 200 200 200 404 200 404
projects:agreement_papers GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:agreement_papers POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:evidence_papers GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:evidence_papers POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:receipt_papers GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:receipt_papers POST 302 302 302 404 404 302 302 403 404 404 403 404
api:bases GET               401 200 200 200 200 200 200 200 200 403 200 200
api:bases POST              401 403 403 403 403 403 400 403 403 403 403 403
api:basis GET               401 200 200 200 200 200 200 200 200 403 200 200
api:basis PATCH             401 403 403 403 403 403 400 403 403 403 403 403
api:basis_preview POST      401 403 403 403 403 403 200 403 403 403 403 403
api:basis_preview_new POST  401 403 403 403 403 403 200 403 403 403 403 403
projects:incentive_papers GET 302 200 200 404 404 200 200 200 200 404 200 404
projects:incentive_papers POST 302 302 302 404 404 302 302 403 403 404 403 404
projects:rules GET          302 403 403 403 403 403 200 403 200 403 200 200
projects:rule GET           302 403 403 403 403 403 200 403 200 403 200 200
projects:rule POST          302 403 403 403 403 403 400 403 400 403 400 400
projects:rule_new GET       302 403 403 403 403 403 403 403 403 403 403 200
projects:rule_new POST      302 403 403 403 403 403 403 403 403 403 403 400
projects:bases GET          302 200 200 200 200 200 200 200 200 403 200 200
projects:basis GET          302 200 200 200 200 200 200 200 200 403 200 200
projects:basis POST         302 403 403 403 403 403 400 403 403 403 403 403
projects:basis_new GET      302 403 403 403 403 403 200 403 403 403 403 403
projects:basis_new POST     302 403 403 403 403 403 400 403 403 403 403 403
projects:orders GET         302 200 200 200 200 200 200 200 200 200 200 200
projects:order GET          302 200 200 404 404 200 200 200 404 404 200 404
projects:order_answer GET   302 302 302 302 302 302 302 302 302 302 302 302
projects:order_answer POST  302 302 302 404 404 302 403 403 404 404 403 404
projects:order_close GET    302 302 302 302 302 302 302 302 302 302 302 302
projects:order_close POST   302 403 403 404 404 403 403 400 404 404 403 404
projects:issue GET          302 403 403 404 404 403 200 200 404 404 403 404
projects:issue POST         302 403 403 404 404 403 302 302 404 404 403 404
projects:issue_lead GET     302 403 403 404 404 403 200 200 404 404 403 404
projects:issue_lead POST    302 403 403 404 404 403 302 302 404 404 403 404
projects:reminders GET      302 200 200 404 404 200 200 200 404 404 200 404
projects:lead_reminders GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:commitments GET    302 200 200 200 200 200 200 200 200 200 200 200
projects:commitment GET     302 200 200 404 404 200 200 200 404 404 200 404
projects:commitment_edit GET 302 200 200 404 404 200 200 403 404 404 403 404
projects:commitment_edit POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:commitment_judge GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:commitment_judge POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:commitment_new GET 302 200 200 404 404 200 200 403 404 404 403 404
projects:commitment_new POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:agreement GET      302 200 200 404 404 200 200 200 404 404 200 404
projects:agreement_new GET  302 200 200 404 404 200 200 403 404 404 403 404
projects:agreement_new POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:agreement_edit GET 302 200 200 404 404 200 200 403 404 404 403 404
projects:agreement_edit POST 302 400 400 404 404 400 400 403 404 404 403 404
projects:agreement_count GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:agreement_count POST 302 403 403 404 404 403 302 403 404 404 403 404
projects:receipts GET       302 200 200 404 404 200 200 200 404 404 200 404
projects:receipts POST      302 302 302 404 404 302 302 403 404 404 403 404
projects:receipt_withdraw GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:receipt_withdraw POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:milestone GET      302 200 200 404 404 200 200 403 404 404 403 404
projects:milestone POST     302 302 302 404 404 302 302 403 404 404 403 404
projects:refer GET          302 200 200 404 404 200 200 403 404 404 403 404
projects:refer POST         302 302 302 404 404 302 302 403 404 404 403 404
projects:referrals GET      302 200 200 200 200 200 200 200 200 200 200 200
projects:referral GET       302 200 200 404 404 200 200 200 404 200 200 404
projects:referral_step GET  302 302 302 302 302 302 302 302 302 302 302 302
projects:referral_step POST 302 302 302 404 404 302 302 403 404 403 403 404
projects:referral_correct GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:referral_correct POST 302 403 403 404 404 403 403 403 404 302 403 404
projects:referral_undo GET  302 302 302 302 302 302 302 302 302 302 302 302
projects:referral_undo POST 302 403 403 404 404 403 403 403 404 302 403 404
projects:referral_reveal GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:referral_reveal POST 302 403 403 404 404 403 403 403 404 200 403 404
projects:project_spaces GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:space_need GET     302 302 302 302 302 302 302 302 302 302 302 302
projects:space_need POST    302 302 302 404 404 302 302 403 404 404 403 404
projects:space_propose GET  302 302 302 302 302 302 302 302 302 302 302 302
projects:space_propose POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:candidate GET      302 302 302 302 302 302 302 302 302 302 302 302
projects:candidate POST     302 302 302 404 404 302 302 403 404 404 403 404
projects:project_compute GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:compute_demand GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:compute_demand POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:compute_choose GET 302 302 302 302 302 302 302 302 302 302 302 302
projects:compute_choose POST 302 302 302 404 404 302 302 403 404 404 403 404
projects:plain_export GET   302 200 200 200 200 200 200 200 403 403 200 403
projects:spaces GET         302 200 200 200 200 200 200 200 403 403 200 403
projects:space GET          302 200 200 200 200 200 200 200 403 403 200 403
projects:space_edit GET     302 200 200 403 403 200 200 403 403 403 403 403
projects:space_edit POST    302 400 400 403 403 400 400 403 403 403 403 403
projects:space_new GET      302 200 200 200 403 200 200 403 403 403 403 403
projects:space_new POST     302 400 400 400 403 400 400 403 403 403 403 403
projects:building_new GET   302 200 200 200 403 200 200 403 403 403 403 403
projects:building_new POST  302 400 400 400 403 400 400 403 403 403 403 403
projects:building GET       302 200 200 403 403 200 200 403 403 403 403 403
projects:building POST      302 400 400 403 403 400 400 403 403 403 403 403
projects:compute GET        302 200 200 200 200 200 200 200 403 403 200 403
projects:compute_new GET    302 403 403 403 403 403 200 403 403 403 403 403
projects:compute_new POST   302 403 403 403 403 403 400 403 403 403 403 403
projects:compute_offer GET  302 403 403 403 403 403 200 403 403 403 403 403
projects:compute_offer POST 302 403 403 403 403 403 400 403 403 403 403 403
projects:funds GET          302 200 200 200 200 200 200 200 200 200 200 200
projects:fund GET           302 200 200 200 200 200 200 200 200 200 200 404
projects:fund_new GET       302 403 403 403 403 403 200 403 403 403 403 403
projects:fund_new POST      302 403 403 403 403 403 302 403 403 403 403 403
projects:fund_edit GET      302 403 403 403 403 403 200 403 403 403 403 404
projects:fund_edit POST     302 403 403 403 403 403 302 403 403 403 403 404
projects:fund_reverse GET     302 200 200 200 200 200 200 200 200 403 200 404
projects:fund_reverse_export GET 302 200 200 200 200 200 200 200 200 403 200 404
projects:fund_reverse_one GET      302 200 200 404 404 200 200 200 404 403 200 404
projects:policy_reverse GET 302 200 200 200 200 200 200 200 200 404 200 404
projects:policy_reverse_export GET 302 200 200 200 200 200 200 200 200 404 200 404
projects:policy_reverse_one GET 302 200 200 404 404 200 200 200 404 404 200 404
projects:space_reverse GET  302 200 200 200 200 200 200 200 403 403 200 403
projects:space_reverse_export GET 302 200 200 200 200 200 200 200 403 403 200 403
projects:space_reverse_one GET 302 200 200 404 404 200 200 200 403 403 200 403
projects:criteria GET       302 403 403 403 403 403 200 403 403 200 403 404
projects:criteria POST      302 403 403 403 403 403 302 403 403 302 403 404
projects:criteria_version GET 302 200 200 200 200 200 200 200 200 200 200 404
projects:match_changes GET  302 200 200 200 200 200 200 200 200 200 200 200
projects:policies GET       302 200 200 200 200 200 200 200 200 200 200 200
projects:policy_new GET     302 403 403 403 403 403 200 403 403 403 403 403
projects:policy_new POST    302 403 403 403 403 403 302 403 403 403 403 403
projects:policy_edit GET    302 403 403 403 403 403 200 403 403 404 403 404
projects:policy_edit POST   302 403 403 403 403 403 302 403 403 404 403 404
projects:policy GET         302 200 200 200 200 200 200 200 200 404 200 404
projects:policy_criteria GET 302 403 403 403 403 403 200 403 403 404 403 404
projects:policy_criteria POST 302 403 403 403 403 403 302 403 403 404 403 404
projects:policy_version GET 302 200 200 200 200 200 200 200 200 404 200 404
"""

ROWS = {
    tuple(words[:2]): [int(code) for code in words[2:]]
    for words in map(str.split, DOORS.strip().splitlines())
}


@dataclass
class World:
    """What 半山 has, under the names its addresses ask for."""

    lead: Lead
    screened: Lead
    project: Project
    contact: Contact
    roadshow: Roadshow
    target: RoadshowTarget
    job: ImportJob
    fund: Fund
    policy: Policy
    referral: Referral
    agreement: Agreement
    commitment: Commitment
    receipt: Receipt
    proof: Evidence
    order: SupervisionOrder
    item: IncentiveItem
    rule: FlagRule
    basis: BasisClause
    passed: NodePass
    message: Notification
    letter: Notification
    elsewhere: Unit
    case: Conflict
    offer: Handover
    walk_in: Lead
    pooled: PoolEntry
    pair: DuplicatePair
    absorbed: Lead
    introduced: Lead
    view: SavedView
    bulk: BulkJob
    export: ExportJob
    paper: Paper
    spot: Space
    candidate: CandidateSpace
    offering: ComputeOffer
    certified: list
    linked: list
    noted: list
    came: list
    found: dict = field(default_factory=dict)

    def url(self, name, pattern):
        """The address `name` of our records, found once for everybody who asks there."""
        if name not in self.found:
            self.found[name] = self._url(name, pattern)
        return self.found[name]

    @cached_property
    def stepped(self):
        """The number of the last step of our referral."""
        return self.referral.steps.last().pk

    @cached_property
    def _places(self):
        """The numbers in those addresses that name another record than their kind says."""
        return {
            "api:accept": [self.screened.pk],
            "icon": [192],
            "leads:walk_in": [self.came[0].door.secret],
            "leads:door_reveal": [self.came[0].door.roadshow_id, self.came[1].pk],
            "leads:photo_add": [self.lead.pk, self.lead.visits.first().pk],
            "leads:photo": [self.lead.pk, self.lead.visits.first().photos.get().pk],
            "leads:photo_remove": [self.lead.pk, self.lead.visits.first().photos.get().pk],
            "leads:report_final": [self.came[0].door.roadshow_id, 1],
            "leads:report_file": [self.came[0].door.roadshow_id, 1],
            "leads:take": [self.came[0].lead_id],
            "leads:contact_correct": [self.lead.pk, self.lead.contact_id],
            "leads:link_end": [self.lead.pk, self.linked[0].pk],
            "projects:link_end": [self.project.pk, self.linked[1].pk],
            "projects:lead_qualifications_checked": [self.lead.pk],
            "leads:qualification_end": [self.lead.pk, self.certified[0].pk],
            "leads:qualification_proof": [self.lead.pk, self.certified[0].proofs.get().pk],
            "projects:qualification_end": [self.project.pk, self.certified[1].pk],
            "projects:qualification_proof": [self.project.pk, self.certified[1].proofs.get().pk],
            "leads:feedback": [self.introduced.pk],
            "api:feedback": [self.introduced.pk],
            "leads:handover_answer": [self.offer.pk, "accept"],
            "leads:target_resolve": [self.roadshow.pk, self.target.pk],
            "calendar_feed": ["of-nobody"],
            "notification": [self.letter.pk],
            "notifications_read": [self.message.pk],
            "notifications_unread": [self.message.pk],
            "notifications_snooze": [self.message.pk],
            "notifications_wake": [self.message.pk],
            "projects:column": ["negotiating"],
            "view_change": [self.view.pk, "save"],
            "projects:cell": [self.project.pk, "next"],
            "projects:lead_cell": [self.lead.pk, "next"],
            **{
                f"projects:export_{what}": [self.export.token] for what in ("job", "cancel", "decide", "file")
            },
            "projects:bulk": [self.bulk.pk],
            "projects:bulk_ask": [self.bulk.pk],
            "projects:bulk_confirm": [self.bulk.pk],
            "projects:bulk_export": [self.bulk.pk],
            "projects:bulk_undo": [self.bulk.pk],
            "projects:bulk_stop": [self.bulk.pk],
            "projects:plain_export": ["spaces"],
            "projects:work_row": ["now", "lead", self.lead.pk],
            "projects:work": ["now", "lead", self.lead.pk, "visit"],
            "projects:work_undo": ["now", "lead", self.lead.pk],
            "projects:fact": [self.project.pk, "staff"],
            "projects:fact_choose": [self.project.pk, 1],
            "projects:fact_withdraw": [self.project.pk, 1],
            "projects:fact_keep": [self.project.pk, "staff"],
            "projects:lead_fact_keep": [self.lead.pk, "staff"],
            "projects:lead_facts": [self.lead.pk],
            "projects:lead_fact_choose": [self.lead.pk, 1],
            "projects:lead_fact_withdraw": [self.lead.pk, 1],
            "projects:fund_reverse": [self.fund.pk],
            "projects:fund_reverse_export": [self.fund.pk],
            "projects:fund_reverse_one": [self.fund.pk, "project", self.project.pk],
            "projects:policy_reverse": [self.policy.pk],
            "projects:policy_reverse_export": [self.policy.pk],
            "projects:policy_reverse_one": [self.policy.pk, "project", self.project.pk],
            "projects:space_reverse": [self.spot.pk],
            "projects:space_reverse_export": [self.spot.pk],
            "projects:space_reverse_one": [self.spot.pk, "lead", self.lead.pk],
            "api:lead_fact_choose": [self.lead.pk, self.noted[0].pk],
            "api:lead_fact_withdraw": [self.lead.pk, self.noted[0].pk],
            "api:project_fact_choose": [self.project.pk, self.noted[1].pk],
            "api:project_fact_withdraw": [self.project.pk, self.noted[1].pk],
            "api:lead_link_end": [self.lead.pk, self.linked[0].pk],
            "api:project_link_end": [self.project.pk, self.linked[1].pk],
            "projects:match_sheet": [self.project.pk, self.project.matches.first().pk],
            "projects:fund": [self.fund.pk],
            "projects:fund_edit": [self.fund.pk],
            "projects:criteria": [self.fund.pk],
            "api:fund": [self.fund.pk],
            "api:fund_criteria": [self.fund.pk],
            "projects:criteria_version": [self.fund.pk, 1],
            "projects:policy": [self.policy.pk],
            "projects:policy_criteria": [self.policy.pk],
            "projects:policy_edit": [self.policy.pk],
            "api:policy": [self.policy.pk],
            "api:policy_criteria": [self.policy.pk],
            "projects:policy_version": [self.policy.pk, 1],
            "projects:refer": [self.project.pk, self.fund.pk],
            "projects:referral": [self.referral.pk],
            "projects:referral_step": [self.referral.pk],
            "projects:referral_reveal": [
                self.referral.pk,
                self.referral.project.company.contacts.first().pk,
            ],
            "api:referral_steps": [self.referral.pk],
            "api:referral_step": [self.referral.pk, self.stepped],
            "projects:referral_undo": [self.referral.pk, self.stepped],
            "api:referral_step_undo": [self.referral.pk, self.stepped],
            "projects:referral_correct": [self.referral.pk, self.stepped],
            "projects:open": [self.screened.pk],
            "projects:issue_lead": [self.lead.pk],
            "projects:lead_reminders": [self.lead.pk],
            "leads:import_choose": [self.job.pk, 5],
            "leads:unmerge": [self.absorbed.pk],
            "api:unmerge": [self.absorbed.pk],
            "projects:pass_withdraw": [self.project.pk, self.passed.pk],
            "projects:reveal": [self.project.pk, self.contact.pk],
            "projects:milestone": [self.project.pk, self.proof.pk],
            "delivery_list": ["signed"],
            "delivery_list_export": ["signed"],
            "stays": ["lead"],
            "stays_export": ["lead"],
            "delivery_export": ["credited"],
            "projects:paper": [self.paper.pk],
            "projects:agreement_papers": [self.project.pk, self.agreement.pk],
            "projects:evidence_papers": [self.project.pk, self.proof.pk],
            "projects:receipt_papers": [self.project.pk, self.receipt.pk],
            "projects:incentive_papers": [self.item.project_id, self.item.pk],
            "projects:rule": [self.rule.pk],
            "projects:basis": [self.basis.pk],
            "projects:candidate": [self.project.pk, self.candidate.pk],
            "projects:space": [self.spot.pk],
            "projects:space_edit": [self.spot.pk],
            "projects:building": [self.spot.building_id],
            "projects:compute_offer": [self.offering.pk],
            "api:space": [self.spot.pk],
            "api:basis": [self.basis.pk],
            "api:basis_preview": [self.basis.pk],
        }

    def _url(self, name, pattern):
        if not re.search(r"[<(]", pattern):
            return reverse(name)
        places = {**self._places}
        if name.endswith(("agreement", "agreement_edit", "agreement_count", "commitment_new")):
            places[name] = [self.project.pk, self.agreement.pk]
        if name.startswith("projects:commitment_") or name == "projects:commitment":
            places.setdefault(name, [self.commitment.pk])
        places |= {
            "api:commitment": [self.project.pk, self.commitment.pk],
            "api:commitment_judge": [self.project.pk, self.commitment.pk],
            "api:receipt_withdraw": [self.project.pk, self.receipt.pk],
            "projects:receipt_withdraw": [self.project.pk, self.receipt.pk],
        }
        if name.startswith("api:incentive_") or name == "api:incentive":
            places[name] = [self.item.project_id, self.item.pk]
        return reverse(name, args=places.get(name) or [self._number(*name.split(":"))])

    def _number(self, space, kind):
        if space == "leads" and kind.startswith(("door", "report")):
            return self.came[0].door.roadshow_id
        if kind.startswith("order"):
            return self.order.pk
        if kind in {"incentives", "incentive_new", "conclude", "fair_review", "papers"}:
            return self.item.project_id
        if kind.startswith("incentive"):
            return self.item.pk
        if space == "projects" or kind.startswith("project") or kind in OF_PROJECT:
            return self.project.pk
        if kind == "pool_take":
            return self.pooled.pk
        if kind == "pool_give":
            return self.walk_in.pk
        if kind.startswith("handover_"):
            return self.offer.pk
        if kind.startswith("conflict") or kind == "evidence_add":
            return self.case.pk
        if kind.startswith("duplicate"):
            return self.pair.pk
        if kind.startswith("import"):
            return self.job.pk
        return self.roadshow.pk if kind in TRIP_DOORS else self.lead.pk

    def body(self, name):
        """What a form must say so that the answer is about the person and not about an empty field."""
        talk = {"kind": "call", "content": "谈了选址。", "next_step": "发材料", "next_on": SOON}
        passed = {"to_unit": self.elsewhere.pk, "reason": "落在他处", "version": self.lead.version}
        passed["share"] = 40
        fallen = {"on": "2026-04-20", "reason": "条款有变"}
        known, prefix = {"name": "莺语", "seen": Person.of(self.lead.contact).mark()}, self.lead.contact_id
        judged = {"version": self.lead.version, "verdict": "reserve"}
        contested = {"company_name": "杭州新来者科技有限公司", "reason": "我方在先"}
        shown = {"happened_on": "2026-04-20", "text": "企业来访"}
        decided = {"verdict": "keep", "opinion": "在先", f"share-{self.case.first_unit_id}": 100}
        decided[f"share-{self.case.unit_id}"] = 0
        shares = [{"unit": "banshan", "percent": 100}]
        heard = {"to": "商会", "said_on": "2026-04-20", "content": "已研判。"}
        told = {"key": "staff", "value": 80, "source": "document", "as_of": "2026-04-20"}
        return {
            "preferences": {"digest_at": "08:30"},
            "notifications_snooze": {"way": "tomorrow"},
            "api:lead_qualifications_checked": {"source": "document", "as_of": "2026-04-20"},
            "api:project_qualifications_checked": {"source": "document", "as_of": "2026-04-20"},
            "api:lead_facts": told,
            "api:project_facts": told,
            "leads:capture": {"company_name": "杭州新来者科技有限公司", "next_contact_on": SOON},
            "leads:contact": {"contact-name": "新联系人"},
            "leads:contact_correct": {f"contact{prefix}-{key}": value for key, value in known.items()},
            "leads:hand_over": {f"handover-{key}": value for key, value in passed.items()},
            "projects:hand_over": {
                f"handover-{key}": value
                for key, value in {**passed, "version": self.project.lead.version}.items()
            },
            "leads:feedback": {f"feedback-{key}": value for key, value in heard.items()},
            "api:feedback": heard,
            "leads:duplicate_judge": {"judge-verdict": "different"},
            "api:duplicate_judge": {"verdict": "different"},
            "leads:unmerge": {"unmerge-reason": "不是同一家"},
            "api:unmerge": {"reason": "不是同一家"},
            "leads:claim_extend": {"extension-reason": "等土地指标"},
            "leads:conflict_new": contested,
            "leads:evidence_add": {f"evidence-{key}": value for key, value in shown.items()},
            "leads:conflict_decide": {f"decision-{key}": value for key, value in decided.items()},
            "api:conflicts": contested,
            "leads:pool_give": {"pool-reason": "暂无精力"},
            "api:pool_give": {"reason": "暂无精力"},
            "api:hand_over": {"to_unit": self.elsewhere.code, "reason": "落在他处"},
            "api:project_hand_over": {"to_unit": self.elsewhere.code, "reason": "落在他处"},
            "api:handover_refuse": {"reason": "没有载体"},
            "api:conflict_evidence": shown,
            "api:conflict_decide": {"verdict": "keep", "opinion": "在先", "shares": shares},
            "leads:move": {"stage": "screening"},
            "view_new": {"kind": "leads", "name": "新视图"},
            "view_columns": {"kind": "leads", "column": "name"},
            "projects:bulk_begin": {"action": "tag", "pk": self.project.pk},
            "projects:lead_bulk_begin": {"action": "tag", "pk": self.lead.pk},
            "projects:export_new": {"kind": "projects"},
            "projects:export_decide": {"decision": "approve"},
            "projects:bulk_ask": {"tag_name": "重点"},
            "leads:reveal": {"contact": self.lead.contact_id},
            "leads:screening": judged,
            "leads:target_resolve": {"state": "not_visited", "note": "临时改期"},
            "leads:targets_add": {"targets": "杭州新目标科技有限公司"},
            "leads:upload": {"file": SimpleUploadedFile("名单.xlsx", SHEET.read_bytes())},
            "leads:photo_add": {"paper": make.photo()},
            "leads:door_open": {"last_day": SOON},
            "leads:visit": {f"visit-{key}": value for key, value in talk.items()},
            "projects:work": {f"now-lead-{self.lead.pk}-{key}": value for key, value in talk.items()},
            "projects:work_undo": {"deed": "replan", "token": "0"},
            **self._deals(name),
            "projects:contact": {"contact-name": "新联系人"},
            "projects:fact": {"value": "120", "as_of": "2026-04-20", "source": "officer"},
            "projects:evidence": {"evidence-kind": "legal_review", "evidence-event_on": "2026-04-20"},
            "projects:move": {"stage": "review"},
            "projects:issue": {"demand": "请一周内反馈。", "due_on": SOON},
            "projects:issue_lead": {"demand": "请一周内反馈。", "due_on": SOON},
            "projects:order_answer": {"reply": "已办。"},
            "projects:incentive_new": {"kind": "rent", "text": "首年租金减半"},
            "projects:incentive_edit": {"kind": "rent", "text": "首年租金减半", "version": 1},
            "projects:incentive_review": {
                "digest": self.item.digest,
                "conclusion": "violates",
                "reason": "没有依据。",
            },
            "api:incentives": {"kind": "rent", "text": "首年租金减半"},
            "api:incentive": {"text": "首年租金减半"},
            "api:incentive_review": {
                "digest": self.item.digest,
                "conclusion": "violates",
                "reason": "没有依据。",
            },
            "api:fair_review": {"number": "公审1号", "legal_number": "合审1号"},
            **dict.fromkeys(
                ("leads:links", "projects:links", "api:lead_links", "api:project_links"),
                {
                    "side": "customer",
                    "name": "杭州客户科技有限公司",
                    "source": "企业介绍",
                    "known_on": "2026-04-20",
                },
            ),
            "leads:link_end": {f"end{self.linked[0].pk}-reason": "登记有误"},
            "projects:link_end": {f"end{self.linked[1].pk}-reason": "登记有误"},
            "api:lead_link_end": {"reason": "登记有误"},
            "api:project_link_end": {"reason": "登记有误"},
            "api:lead_fact_choose": {"reason": "核实过"},
            "api:lead_fact_withdraw": {"reason": "登记有误"},
            "api:project_fact_choose": {"reason": "核实过"},
            "api:project_fact_withdraw": {"reason": "登记有误"},
            "api:basis": {"summary": "核对过。"},
            "api:bases": {"document": "示例办法"},
            "api:basis_preview_new": {"document": "示例办法"},
            "api:order_reply": {"reply": "已办。"},
            "api:funds": {**FUND, "code": "new-fund"},
            "api:fund": {"operator": "运河资本"},
            "api:policies": {**POLICY, "code": "new-policy"},
            "api:policy": {"office": "区科技局"},
            "api:fund_criteria": {"after": 1, "criteria": {}, "valid_from": SOON, "source": "管理办法"},
            "api:policy_criteria": {"after": 1, "criteria": {}, "valid_from": SOON, "source": "管理办法"},
            "projects:criteria": {"do": "publish", "valid_from": SOON, "source": "管理办法"},
            "projects:fund_new": {**FUND, "code": "new-fund"},
            "projects:fund_edit": {**FUND, "version": self.fund.version},
            "projects:policy_new": {**POLICY, "code": "new-policy"},
            "projects:policy_edit": {**POLICY, "version": self.policy.version},
            "projects:policy_criteria": {"do": "publish", "valid_from": SOON, "source": "管理办法"},
            "projects:suspend": {"suspend-until": SOON, "suspend-reason": "等待土地挂牌"},
            "projects:pass": {
                "pass-node": "committee",
                "pass-passed_on": "2026-04-20",
                "pass-minutes": "1号",
            },
            "projects:pass_withdraw": {
                f"withdraw-{self.passed.pk}-{key}": value for key, value in fallen.items()
            },
            "projects:investor": {"investor-name": "杭州新投资有限公司"},
            "projects:registered": {
                "registered-name": "杭州新设有限公司",
                "registered-uscc": "91330105MA2CDTJ07C",
            },
            "projects:space_need": {"need-version": self.project.version},
            "projects:compute_demand": {"demand-version": self.project.version},
            "projects:space_propose": {"space": self.spot.pk},
            "projects:candidate": {"do": "show"},
            "projects:visit": {f"visit-{key}": value for key, value in talk.items()},
            "projects:refer": AGREED,
            "projects:referral_step": {
                "withdrawn-step": "withdrawn",
                "withdrawn-on": TODAY,
                "withdrawn-reason": "企业改变主意",
            },
            "projects:referral_correct": {
                f"fix{self.stepped}-{key}": value
                for key, value in (
                    ("on", "2026-04-20"),
                    ("note", "电话确认"),
                    ("why", "漏记"),
                    ("version", 2),
                )
            },
            "projects:referral_undo": {f"undo{self.stepped}-why": "点错"},
            "api:referral_step_undo": {"why": "点错"},
            "api:referral_step": {"note": "电话确认", "why": "漏记"},
            "api:project_referrals": {**AGREED, "fund": self.fund.code, "consent": True},
            "api:referral_steps": {"step": "screening", "on": TODAY},
            "api:leads": {"company_name": "杭州接口来客科技有限公司"},
            "api:lead": {"note": "核实过。"},
            "api:claim_extend": {"reason": "等土地指标"},
            "api:lead_move": {"stage": "screening"},
            "api:visits": talk,
            "api:project_move": {"stage": "review"},
            "api:project_suspend": {"until": SOON, "reason": "等待土地挂牌"},
            "api:project_passes": {"node": "committee", "passed_on": "2026-04-20", "minutes": "1号"},
            "api:project_pass_withdraw": {**fallen, "node": "committee"},
        }.get(name, {})

    def _deals(self, name):
        """What the doors of agreements, commitments and receipts must be told."""
        day = "2026-04-20"
        paper = {"kind": "investment", "title": "协议", "signed_on": day, "signer": "杭州星海科技有限公司"}
        promise = {"side": "company", "item": "用工 80 人", "due_on": "2027-01-01"}
        verdict = {"outcome": "breached", "judged_on": day, "reason": "没有完成", "version": 1}
        money = {"amount_wan": "10", "received_on": day, "purpose": "实缴", "proof": "bank"}
        withdrawn = {"reason": "写错"}
        bodies = {
            "agreement_new": paper,
            "agreements": paper,
            "agreement": {"title": "协议书"},
            "agreement_count": {"counted_on": day, "version": 1},
            "commitment": {"metric": "社保人数"},
            "commitment_new": promise,
            "commitments": {**promise, "agreement": self.agreement.pk},
            "commitment_judge": verdict,
            "receipts": {**money, "proof_number": "新 1"},
            "receipt_withdraw": withdrawn,
            "milestone": {"event_on": "2026-04-19"},
        }
        space, _, kind = name.partition(":")
        if space == "projects" and kind.endswith("_papers"):
            return {name: {"paper": make.paper()}}
        if space not in ("projects", "api") or kind not in bodies:
            return {}
        body = dict(bodies[kind])
        if space == "api":
            body.pop("version", None)
        return {name: body}

    def ask(self, client, name, pattern, method):
        """The answer `client` gets, with whatever the request did undone."""
        url, cookies = self.url(name, pattern), client.cookies.copy()
        body = {} if method in READS else self.body(name)
        with transaction.atomic():
            if method in READS:
                answer = client.generic(method, url)
            elif name.startswith("api:"):
                answer = client.generic(
                    method, url, json.dumps(body), "application/json", headers=self._seen(name)
                )
            else:
                answer = getattr(client, method.lower())(url, body)
            transaction.set_rollback(True)
        client.cookies = cookies
        return answer

    def _seen(self, name):
        """The version a partner has read, as the API wants it back."""
        kind = name.removeprefix("api:")
        records = {"accept": self.screened, "agreement": self.agreement}
        records |= {"agreement_count": self.agreement, "commitment_judge": self.commitment}
        records["commitment"] = self.commitment
        records["incentive"] = self.item
        records |= dict.fromkeys(("referral_steps", "referral_step", "referral_step_undo"), self.referral)
        records["basis"] = self.basis
        other = self.project if kind.startswith("project") else self.lead
        if kind.endswith("_fact_choose"):
            return {"If-Match": f'"v{self.noted[other is self.project].pk}"'}
        return {"If-Match": f'"v{records.get(kind, other).version}"'}


@pytest.fixture(scope="module")
def cast(module_db):
    """Everybody of PEOPLE who can log in, by name."""
    banshan, bureau = make.unit("banshan", "半山区块"), make.unit("bureau", "区投促局", "bureau")
    station = make.unit("station_sz", "驻深工作站", "station")
    Unit.objects.filter(pk=station.pk).update(city="440300")
    homes = dict.fromkeys(["owner", "teammate", "head"], banshan)
    homes |= {"outsider": make.unit("wanggu", "智慧网谷小镇"), "station": station}
    homes["manager"] = bureau
    roles = {"owner": "officer", "teammate": "officer", "outsider": "officer"}
    roles |= {"fund_user": "fund", "admin_user": "admin"}
    return {name: make.user(name, roles.get(name, name), homes.get(name)) for name in PEOPLE[1:]}


@pytest.fixture(scope="module")
def world(cast):
    """One of everything, all of it 半山's; the trip is led by 半山 too. What a test does to it is undone."""
    owner, fund_user, leader = cast["owner"], cast["fund_user"], cast["leader"]
    wanggu, now = cast["outsider"].unit, make.NOW
    trip = make.roadshow(owner, title="金丝雀行程")
    lead = make.lead(
        owner, "杭州金丝雀甲科技有限公司", contact_name="莺语", contact_phone="13900001111", roadshow=trip,
        area_sqm=800,
    )  # fmt: skip
    project = make.project(
        owner, name="杭州金丝雀乙科技有限公司", contact_name="燕飞", contact_phone="13900002222"
    )
    project.code = "GS2026-778899"
    project.save()
    offer = handover.hand_over(
        make.lead(owner, "杭州金丝雀戊科技有限公司"),
        to_unit=make.unit("beiruan", "北部软件园区块"),
        by=make.user("giver", "head", owner.unit),
        at=timezone.now(),
        reason="载体在北部软件园",
    )
    giver = make.user("pool_giver", "head", make.unit("beiruan", "北部软件园区块"))
    unwanted = make.lead(giver, "杭州无人问津科技有限公司", channel=Channel.objects.get(code="walk_in"))
    pooled = pool.give(unwanted, by=giver, at=timezone.now(), reason="暂无精力")
    rival = make.user("rival", "officer", make.unit("beiruan", "北部软件园区块"))
    case = conflicts.open_case(project.lead.title, by=rival, at=now, reason="我方在先")
    alike = [
        make.lead(owner, f"{place}金丝雀辛感知装备有限公司", investor_name="金丝雀资本", at=now)
        for place in ("杭州", "上海")
    ]
    suspecting.check(alike[1].pk, at=now)
    absorbed = make.lead(owner, "杭州金丝雀壬生物科技有限公司", at=now)
    merging.merge(alike[0], absorbed, by=owner, at=timezone.now(), reason="同一家")
    fund = Fund.objects.create(code="own_fund", name="钱塘基金", kind="venture", status="operating")
    fund.managers.add(fund_user)
    CriteriaVersion.objects.create(
        fund=fund,
        number=1,
        criteria={"all": [{"field": "staff", "op": "lte", "value": 100, "unit": "人"}]},
        valid_from=now.date(),
        published_at=now,
    )
    policy = Policy.objects.create(code="own_policy", name="钱塘办法", level="district", status="operating")
    policy.versions.create(
        number=1,
        criteria={"all": [{"field": "staff", "op": "lte", "value": 100, "unit": "人"}]},
        valid_from=now.date(),
        published_at=now,
    )
    referral = make.referral(
        make.project(owner, name="杭州荐投子科技有限公司", contact_name="柳浪"), fund, owner, at=now
    )
    advance(referral, Move("received", now.date()), by=fund_user, at=now)
    match(project, at=now)
    agreement = make.scanned(make.agreement(project, owner, title="金丝雀协议"), owner)
    item = draft(
        make.project(owner, name="杭州送审戊科技有限公司"),
        {"kind": "rent", "text": "首年免租"},
        by=owner,
        at=now,
    )
    Carrier.objects.filter(code="banshan").update(unit=owner.unit)
    candidate = candidates.propose(project, make.space("候选层"), by=owner, at=now)
    offering = make.compute_offer()
    ComputeDemand.objects.create(project=project, updated_at=now)
    job = ImportJob.objects.create(
        roadshow=trip, unit=owner.unit, by=owner, filename="金丝雀.xlsx", state="checked", created_at=now
    )
    row = {"name": "杭州金丝雀癸科技有限公司"}
    job.rows.create(number=5, cells=["金丝雀"], values=row, verdict="new", decision="write")
    named = Certificate("金丝雀资质")
    known = linking.Stated("supplier", "杭州供应科技有限公司", "企业介绍", now.date())
    certified = [qualifying.add(r, named, by=owner, at=now, proof=make.paper()) for r in (lead, project)]
    told = facts.Entry("staff", 80, now.date(), "document")
    picturing.add(lead, lead.visits.first(), make.photo(), by=owner, at=now)
    return World(
        certified=certified,
        noted=[facts.answer(record, told, by=owner, at=now) for record in (lead, project)],
        spot=make.space("空置层"),
        candidate=candidate,
        offering=offering,
        linked=[linking.link(record, known, by=owner, at=now) for record in (lead, project)],
        lead=lead,
        screened=make.screened(owner, name="杭州金丝雀丙科技有限公司"),
        project=project,
        contact=project.company.contacts.first(),
        roadshow=trip,
        target=RoadshowTarget.objects.create(roadshow=trip, company_name="杭州金丝雀丁科技有限公司"),
        job=job,
        fund=fund,
        policy=policy,
        referral=referral,
        agreement=agreement,
        commitment=make.commitment(agreement, date(2026, 4, 10)),
        receipt=make.receipt(project, owner),
        proof=make.evidence(project, "registration", by=owner)[0],
        item=item,
        rule=FlagRule.objects.first(),
        basis=BasisClause.objects.first(),
        paper=papers.keep(item.project, make.paper(), by=cast["reviewer"], at=now),
        order=issue(project, demand="请约见董事长。", due_on=now.date(), by=leader, at=now),
        passed=NodePass.objects.create(
            project=project,
            code="committee",
            name="投委会",
            passed_on="2026-04-20",
            minutes="金丝雀1号",
            by=owner,
            at=now,
        ),
        message=_message(owner, now),
        letter=_message(cast["manager"], now),
        elsewhere=wanggu,
        case=case,
        offer=offer,
        walk_in=make.lead(owner, "杭州金丝雀己科技有限公司", channel=Channel.objects.get(code="walk_in")),
        pooled=pooled,
        pair=DuplicatePair.objects.get(),
        absorbed=absorbed,
        view=saved_views.create("leads", "金丝雀的视图", Shown(), by=owner, at=now),
        export=exporting.begin("leads", 600, by=cast["manager"], at=now),
        bulk=bulk.begin(LEAD_HANDS, "tag", Lead.objects.filter(pk=lead.pk), by=cast["manager"], at=now),
        came=_come_in(owner, cast["head"]),
        introduced=make.lead(
            owner, "杭州金丝雀庚科技有限公司", channel=Channel.objects.get(code="chamber"), at=now
        ),
    )


def _message(user, at):
    fields = {"kind": "system", "key": "canary", "title": "金丝雀的消息"}
    return Notification.objects.create(user=user, created_at=at, sent_at=at, **fields)


def _come_in(owner, head):
    """Two companies that came by the QR code of a trip: one is a pending lead, one is held already."""
    trip, at = make.roadshow(owner, title="半山推介会"), timezone.now()
    door = walk_ins.open_door(trip, at.date() + timedelta(days=7), by=head, at=at)
    texts = {"overview": "金丝雀", "results": "两家", "next": "联系"}
    reporting.hand_in(trip, texts, by=head, at=at)
    names = ("杭州金丝雀午科技有限公司", "杭州金丝雀甲科技有限公司")
    told = [walk_ins.Told(name, "莺语", "13900001111") for name in names]
    return [walk_ins.register(door, one, address="10.0.0.1", at=at) for one in told]


def addresses():
    """(name, pattern) of every named address except those of Django's admin."""
    return ((name, str(place.pattern)) for name, place in places(get_resolver().url_patterns))


def places(patterns, space=""):
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from places(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield f"{space}{one.name}", one


def is_deed(view):
    """Whether the door is `crm.answers.deed`: by GET it leads everybody to the record, whoever they are."""
    while view and not view.__code__.co_qualname.startswith("deed."):
        view = getattr(view, "__wrapped__", None)
    return view is not None


def rows_for(person):
    """The rows to ask as `person`; a deed is asked by GET as nobody, and as one of the others by turns."""
    if person == "anonymous":
        return ROWS
    deeds = {name for name, place in places(get_resolver().url_patterns) if is_deed(place.callback)}
    led = [key for key in ROWS if key[0] in deeds and key[1] == "GET"]
    mine = led[PEOPLE.index(person) - 1 :: len(PEOPLE) - 1]
    return {key: codes for key, codes in ROWS.items() if key not in led or key in mine}


def client_of(cast, person):
    client = Client(raise_request_exception=False)
    return client if person == "anonymous" else logged_in(client, cast[person])


def test_every_address_has_a_row():
    known = {name for name, _ in ROWS}
    missing = sorted({name for name, _ in addresses()} - known)
    assert not missing, f"give these addresses a row in tests/test_access.py: {', '.join(missing)}"


def test_no_row_is_left_of_an_address_that_is_gone():
    gone = sorted({name for name, _ in ROWS} - {name for name, _ in addresses()})
    assert not gone, f"these rows have no address any more: {', '.join(gone)}"


def test_every_row_speaks_of_everybody():
    assert {key: len(codes) for key, codes in ROWS.items() if len(codes) != len(PEOPLE)} == {}


@pytest.mark.parametrize("person", PEOPLE)
def test_every_door_answers_as_the_matrix_says(cast, world, person, monkeypatch):
    if person in UNREAD:
        monkeypatch.setattr(TemplateResponse, "rendered_content", "")
    monkeypatch.setattr("crm.pdf.sheet", lambda *_, **__: b"%PDF-")  # a process of its own, two seconds each
    client, place = client_of(cast, person), PEOPLE.index(person)
    patterns, wrong = dict(addresses()), []
    for (name, method), codes in rows_for(person).items():
        asked = "HEAD" if method == "GET" and person == HEADED else method
        answer = world.ask(client, name, patterns[name], asked)
        if answer.status_code != codes[place]:
            wrong.append(f"{name} {asked}: {answer.status_code} instead of {codes[place]}")
        if person in STRANGERS:
            wrong += leaks(text_of(answer), f"{name} {method}")
    assert not wrong, f"{person}\n" + "\n".join(wrong)


def test_a_method_without_a_row_is_refused_or_leads_to_the_page(cast, world):
    """POST everywhere, of the others one by turns: what refuses one refuses all that it does not name."""
    client, wrong = client_of(cast, "manager"), []
    for place, (name, pattern) in enumerate(addresses()):
        absent = [method for method in WRITES if (name, method) not in ROWS]
        for method in {*absent[:1], absent[place % len(absent)]} if absent else ():
            got = world.ask(client, name, pattern, method).status_code
            if got not in (302, 405):
                wrong.append(f"{name} {method}: {got}")
    assert not wrong, "\n".join(wrong)


def test_the_rows_of_a_deed_by_get_are_the_same_for_everybody_and_all_asked():
    asked = [set(rows_for(person)) for person in PEOPLE[1:]]
    by_turns = set(ROWS) - set.intersection(*asked)
    assert set.union(*asked) == set(ROWS)
    assert len(by_turns) > 50
    assert {code for key in by_turns for code in ROWS[key]} == {302}


def test_the_owner_and_who_asks_by_head_may_do_the_same_so_that_their_answers_compare():
    owner, headed = PEOPLE.index("owner"), PEOPLE.index(HEADED)
    assert not [key for key, codes in ROWS.items() if key[1] == "GET" and codes[owner] != codes[headed]]


def test_without_login_only_the_public_addresses_say_anything():
    for (name, method), codes in ROWS.items():
        if name not in PUBLIC:
            assert codes[0] in (302, 401), f"{name} {method}"


@pytest.mark.parametrize("person", PEOPLE)
def test_the_settings_open_for_the_administrator_and_words_and_limits_for_the_bureau(cast, person):
    client = client_of(cast, person)
    expected = {"anonymous": 302, "admin_user": 200}.get(person, 403)
    for model in site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        answer = 200 if person == "manager" and name in OF_THE_BUREAU else expected
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == answer, name


OF_THE_BUREAU = {
    *("crm_channel", "crm_city", "crm_carrier", "crm_fusionsector", "crm_futuretrack", "crm_holiday"),
    *("crm_lossreason", "crm_setting", "crm_stagesetting", "crm_tag"),
}


CANARIES = ("金丝雀", "莺语", "燕飞", "13900001111", "13900002222", "GS2026-778899")
SPYGLASSES = ["?q=金丝雀", "?q=13900001111", "?unit=banshan"]
CURIOUS = ("outsider", "station")  # they work on leads: all questions are asked as them
STRANGERS = (*CURIOUS, "reviewer", "fund_user", "admin_user")  # of what banshan has they see nothing anywhere


def every_list(client, questions):
    """Every answer one can get by asking: all pages that need no number, with questions."""
    for name, pattern in addresses():
        if "<" not in pattern and name not in {"logout", "login", "healthz", "readyz"}:
            for question in questions:
                yield f"{name}{question}", client.get(reverse(name) + question)


def text_of(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", errors="replace")


def leaks(text, place):
    return [f"{place}: {one}" for one in CANARIES if one in text]


@pytest.mark.parametrize("person", STRANGERS)
def test_what_banshan_has_stands_in_no_answer_to_others(cast, world, person):
    """Nor when one asks for it; what the doors themselves answer is read by the test of the matrix."""
    client, found = client_of(cast, person), []
    for place, answer in every_list(client, SPYGLASSES if person in CURIOUS else SPYGLASSES[:1]):
        found += leaks(_without_question(text_of(answer), place), place)
    assert not found, "\n".join(found)


def _without_question(text, place):
    """The page minus the words the person typed, which it may show again."""
    asked = place.partition("?q=")[2]
    return text.replace(asked, "") if asked else text


def test_reading_roles_see_everything_with_the_numbers_masked(cast, world):
    for person in ("leader", "auditor"):
        client = client_of(cast, person)
        page = text_of(client.get(world.url("leads:detail", "<pk>")))
        assert "杭州金丝雀甲科技有限公司" in page
        assert "13900001111" not in page


def test_a_report_of_a_foreign_company_says_who_holds_it_and_nothing_else(cast, world):
    client = client_of(cast, "outsider")
    body = {"company_name": "杭州金丝雀甲科技有限公司", "next_contact_on": SOON}
    answer = client.post(reverse("leads:capture"), body)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "半山区块" in page
    for canary in ("莺语", "13900001111"):
        assert canary not in page
    assert Lead.objects.filter(unit__code="wanggu").count() == 0
