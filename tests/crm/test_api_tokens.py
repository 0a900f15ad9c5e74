"""Tokens: how they are kept, when they stop opening doors, and which doors they open."""

import hashlib
import re
from datetime import timedelta

import pytest

from django.core.management import CommandError, call_command
from django.utils import timezone

from config.api import v1
from crm import partners
from crm.models import AuditEvent, PartnerToken, Setting
from tests import callers, make

pytestmark = pytest.mark.django_db


def issued(capsys, *args):
    call_command("partner_token", *args)
    return capsys.readouterr().out.strip()


def test_the_command_prints_the_token_once_and_keeps_only_its_hash(bureau, capsys):
    text = issued(capsys, "城西科创", "--scopes", "leads:write,projects:read", "--expires", "90d")
    row = PartnerToken.objects.get()
    assert row.digest == hashlib.sha256(text.encode()).hexdigest()
    assert (row.name, row.scopes, row.unit) == ("城西科创", ["leads:write", "projects:read"], bureau)
    assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)
    secret = text.split("_")[2]
    assert len(bytes.fromhex(secret)) * 8 == 256
    kept = " ".join(str(value) for value in PartnerToken.objects.values_list().get())
    assert secret not in kept
    assert secret not in str(list(AuditEvent.objects.values_list()))
    caller = callers.Caller({"Authorization": f"Bearer {text}"})
    assert caller.get("leads/").status_code == 200


@pytest.mark.parametrize(
    "args, words",
    [
        (["--scopes", "leads:write,leads:delete"], "leads:delete"),
        (["--scopes", ""], "没有这样的权限范围"),
        (["--scopes", "leads:write", "--cidr", "10.0.0.0/99"], "不是网段"),
        (["--scopes", "leads:write", "--expires", "soon"], "90d"),
        (["--scopes", "leads:write", "--unit", "nowhere"], "nowhere"),
    ],
)
def test_the_command_refuses_what_it_does_not_understand_and_issues_nothing(bureau, args, words):
    with pytest.raises(CommandError, match=words):
        call_command("partner_token", "城西科创", *args)
    assert not PartnerToken.objects.exists()


def test_a_revoked_token_opens_nothing_from_that_moment(capsys):
    caller = callers.partner("城西科创")
    assert caller.get("leads/").status_code == 200
    call_command("partner_token", "城西科创", "--revoke")
    answer = caller.get("leads/")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    assert AuditEvent.objects.filter(action="token_revoked").exists()


def test_an_expired_token_says_so():
    past = timezone.now() - timedelta(days=2)
    answer = callers.partner(at=past, lifetime=timedelta(days=1)).get("leads/")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_a_token_works_only_from_its_network():
    assert callers.partner(cidr="127.0.0.0/8").get("leads/").status_code == 200
    stranger = callers.partner(cidr="10.0.0.0/8")
    answer = stranger.get("leads/")
    assert (answer.status_code, answer.json()["code"]) == (403, "token_network")
    spoofed = stranger.get("leads/", X_Forwarded_For="10.1.2.3")
    assert spoofed.status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer gs_00000000_" + "0" * 64,
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "Bearer " + "x" * 5000,
        "Bearer gs_é",
        "Bearer a b",
    ],
)
def test_a_false_token_is_told_nothing_but_that_it_is_false(header):
    answer = callers.Caller({"Authorization": header}).get("leads/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_the_prefix_alone_with_another_secret_opens_nothing():
    header = callers.partner().headers["Authorization"]
    forged = header[:-1] + ("1" if header.endswith("0") else "0")
    assert callers.Caller({"Authorization": forged}).get("leads/").status_code == 401


def test_a_new_token_of_the_same_partner_sees_what_the_old_one_sent():
    old = callers.partner("城西科创")
    sent = old.post("leads/", {"company_name": "杭州启程传感有限公司", "external_id": "A-1"}).json()
    new, stranger = callers.partner("城西科创"), callers.partner("另一家")
    assert new.get(f"leads/{sent['id']}/").status_code == 200
    again = new.post("leads/", {"company_name": "杭州启程传感有限公司", "external_id": "A-1"})
    assert (again.status_code, again.json()["id"]) == (200, sent["id"])
    assert stranger.get(f"leads/{sent['id']}/").status_code == 404


def test_the_last_use_is_remembered():
    caller = callers.partner()
    caller.get("leads/")
    caller.token.refresh_from_db()
    assert timezone.now() - caller.token.last_used_at < timedelta(minutes=1)


def test_calls_above_the_limit_of_a_minute_are_refused_with_the_seconds_to_wait():
    Setting.objects.create(key="api_calls_per_minute", value=3)
    caller, other = callers.partner("甲"), callers.partner("乙")
    answers = [caller.get("vocabularies/") for _ in range(8)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:3] == [200, 200, 200]
    if 429 not in statuses:  # the minute turned in between: then the next three calls were free
        answers = [caller.get("vocabularies/") for _ in range(4)]
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_calls")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert other.get("vocabularies/").status_code == 200


def test_the_counter_counts_by_the_minute():
    row = callers.partner().token
    Setting.objects.create(key="api_calls_per_minute", value=2)
    minute = timezone.now().replace(second=10, microsecond=0)
    partners.count_call(row, at=minute)
    partners.count_call(row, at=minute)
    with pytest.raises(partners.TooManyCalls) as refusal:
        partners.count_call(row, at=minute)
    assert refusal.value.wait == 50
    partners.count_call(row, at=minute + timedelta(minutes=1))


# which scopes open which door; () is any token, None no token at all (people only)
DOORS = {
    ("root", "get"): (),
    ("schema", "get"): (),
    ("vocabularies", "get"): (),
    ("leads", "get"): ("leads:read", "leads:write"),
    ("leads", "post"): ("leads:write",),
    ("lead", "get"): ("leads:read", "leads:write"),
    ("lead", "patch"): ("leads:write",),
    ("lead_move", "post"): ("leads:write",),
    ("visits", "get"): ("leads:read", "leads:write"),
    ("visits", "post"): ("leads:write",),
    ("accept", "post"): ("leads:write",),
    ("projects", "get"): ("projects:read", "projects:read_all"),
    ("project", "get"): ("projects:read", "projects:read_all"),
    ("project_move", "post"): ("projects:read", "projects:read_all"),
    ("matches", "get"): ("projects:read", "projects:read_all"),
    ("funds", "get"): ("projects:read", "projects:read_all"),
    ("funds", "post"): ("no token",),
    ("fund", "get"): ("projects:read", "projects:read_all"),
    ("fund", "patch"): ("no token",),
    ("fund_criteria", "get"): ("projects:read", "projects:read_all"),
    ("fund_criteria", "post"): ("no token",),
    ("policies", "get"): ("projects:read", "projects:read_all"),
    ("policies", "post"): ("no token",),
    ("policy", "patch"): ("no token",),
    ("policy", "get"): ("projects:read", "projects:read_all"),
    ("policy_criteria", "get"): ("projects:read", "projects:read_all"),
    ("policy_criteria", "post"): ("no token",),
    ("feedback", "get"): ("leads:read", "leads:write"),
    ("feedback", "post"): ("leads:write",),
    ("lead_facts", "get"): ("leads:read", "leads:write"),
    ("lead_facts", "post"): ("leads:write",),
    ("lead_qualifications", "get"): ("leads:read", "leads:write"),
    ("project_qualifications", "get"): ("projects:read", "projects:read_all"),
    ("claim", "get"): ("leads:read", "leads:write"),
    ("claim_extend", "post"): ("leads:write",),
}
OF_PROJECTS = """
    agreements:get agreements:post agreement:get agreement:patch agreement_count:post
    commitments:get commitments:post commitment_judge:post commitment:get commitment:patch
    receipts:get receipts:post receipt_withdraw:post
    project_spaces:get space_matches:get compute_matches:get spaces:get space:get compute_offers:get
    match_changes:get
    project_suspend:post project_resume:post project_passes:get project_passes:post project_pass_withdraw:post
"""
OF_UNITS = """
    pool:get pool_take:post pool_give:post
    hand_over:post project_hand_over:post handovers:get handover_accept:post handover_refuse:post
    handover_approve:post handover_withdraw:post
    conflicts:get conflicts:post conflict:get conflict_evidence:get
    conflict_evidence:post conflict_decide:post
    duplicates:get duplicate:get duplicate_judge:post duplicate_reopen:post unmerge:post
    incentives:get incentives:post incentive:get incentive:patch incentive_remove:post incentive_review:post
    papers:get papers:post fair_review:get fair_review:post
    deliveries:get chain:get
    project_referrals:get project_referrals:post referrals:get referral_steps:get referral_steps:post
    referral_step:patch referral_step_undo:post
    bases:get bases:post basis:get basis:patch basis_preview:post basis_preview_new:post
    project_facts:get project_facts:post
    lead_qualifications_checked:post project_qualifications_checked:post
    lead_fact_choose:post lead_fact_withdraw:post project_fact_choose:post project_fact_withdraw:post
    lead_links:get lead_links:post lead_link_end:post
    project_links:get project_links:post project_link_end:post
    orders:get order:get order_reply:post order_close:post
"""
DOORS |= {tuple(door.split(":")): ("projects:read", "projects:read_all") for door in OF_PROJECTS.split()}
DOORS |= {tuple(door.split(":")): ("no token",) for door in OF_UNITS.split()}  # between units, for people


def doors():
    return [(p.name, m) for p in v1 if p.name != "docs" for m in p.callback.actions if m != "head"]


def address(name):
    pattern = next(str(p.pattern) for p in v1 if p.name == name)
    return re.sub(r"<int:\w+>", "1", pattern)


def test_every_door_of_the_api_stands_in_the_matrix():
    assert set(doors()) == set(DOORS)


@pytest.mark.parametrize("name, method", list(DOORS))
def test_nobody_enters_without_a_token_or_a_login(name, method):
    answer = callers.Caller().send(method, address(name), "{}" if method != "get" else "")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_required")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scope", list(partners.SCOPES))
def test_a_scope_opens_its_doors_and_no_other(scope):
    caller = callers.partner(scopes=scope)
    for (name, method), scopes in DOORS.items():
        answer = caller.send(method, address(name), "{}" if method != "get" else "")
        closed = answer.status_code == 403 and answer.json()["code"] == "scope"
        assert closed == bool(scopes and scope not in scopes), (name, method, answer.status_code)
        assert answer.status_code < 500


def test_a_token_opens_no_page(owner):
    caller = callers.partner(scopes=" ".join(partners.SCOPES))
    lead = make.lead(owner)
    for page in ("/", lead.get_absolute_url(), "/api/v1/docs/"):
        assert caller.client.get(page, headers=caller.headers).status_code == 302
