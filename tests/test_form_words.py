"""Senseless input at every form and filter: a refusal in our own words at the field, never a 500."""

import re

import pytest

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from crm import bulk
from crm.wording import DASHES
from leads.bulk import HANDS
from leads.filters import LeadFilter
from leads.models import Lead, RoadshowTarget
from projects.compute_forms import DemandForm
from projects.filters import ProjectFilter
from projects.space_filters import SpaceFilter
from projects.space_forms import NeedForm
from tests import make
from tests.test_access import SOON

pytestmark = pytest.mark.django_db

POISONS = ["\x00", "x" * 5000, "9" * 5000, "-1", "9999-12-31T23:59"]
DEADLY = ["甲\x00乙", "9" * 400]  # what a database chokes on when a form lets it through
# how Django would have said it
NOT_OURS = re.compile(r"确保|变量|选择一个|输入一个|输入有效|不允许|字段|必填|Null|valid|Ensure|allowed")
LATIN = re.compile(r"[A-Za-z]{4,}")
KNOWN_WORDS = re.compile(r"name@example\.com|「[^」]*」|信用代码 \S+|xlsx|Excel", re.IGNORECASE)
# a value is named by what it is, the field by its label
VALUES = ("金额", "面积", "电话", "手机号", "信用代码", "日期", "时间", "企业", "理由", "原因")


def assert_ours(label, message):
    assert not NOT_OURS.search(message), message
    assert not LATIN.search(KNOWN_WORDS.sub("", message)), message
    assert label.split("（")[0] in message or any(word in message for word in VALUES), (label, message)


@pytest.fixture(scope="module")
def head(module_db):
    return make.user("head", "head", make.unit("banshan", "半山区块"))


@pytest.fixture(scope="module")
def station(module_db):
    return make.user("station", "station", make.unit("station_sz", "驻深工作站", "station"))


@pytest.fixture(scope="module")
def manager(module_db):
    return make.user("manager", "manager", make.unit("bureau", "区投促局", "bureau"))


@pytest.fixture(scope="module")
def world(head, station):
    """One record behind every form, all of them open to one of two people; what a test writes is undone."""
    trip = make.roadshow(station)
    return {
        "lead": make.screened(head),
        "project": make.project(head),
        "trip": trip,
        "target": RoadshowTarget.objects.create(roadshow=trip, company_name="杭州目标科技有限公司"),
        "elsewhere": make.unit("wanggu", "智慧网谷小镇"),
        "tagging": bulk.begin(HANDS, "tag", Lead.objects.all(), by=head, at=make.NOW),
        "moving": bulk.begin(HANDS, "move", Lead.objects.all(), by=head, at=make.NOW),
    }


TALK = {"kind": "call", "content": "谈了选址。", "next_step": "发材料", "next_on": SOON}
LINK = {"side": "supplier", "name": "杭州供应公司", "source": "企业介绍", "known_on": "2026-04-20"}
TRIP = {
    "title": "行程",
    "kind": "knock",
    "city": "440300",
    "starts_on": "2026-04-13",
    "ends_on": "2026-04-17",
}
SPACE = {"building": "1", "label": "3 层", "floor": "3", "area_sqm": "900", "uses": "office", "state": "free"}
NEED = dict.fromkeys(NeedForm.base_fields, "") | {"version": "1"}
DEMAND = dict.fromkeys(DemandForm.base_fields, "")
# address, record, person, prefix, the form in the page's context ("" where the refusal alone is shown), input
FORMS = {
    "capture": ("leads:capture", (), "head", "", "form", {"company_name": "杭州新", "next_contact_on": SOON}),
    "edit": ("leads:edit", ("lead",), "head", "", "form", {"title": "甲", "channel": "1", "version": "1"}),
    "visit": ("leads:visit", ("lead",), "head", "visit-", "visit_form", TALK),
    "links": ("leads:links", ("lead",), "head", "", "form", LINK),
    "screening": ("leads:screening", ("lead",), "head", "", "screening_form", {"version": "1"}),
    "handover": (
        "leads:hand_over",
        ("lead",),
        "head",
        "handover-",
        "handover_form",
        {"to_unit": "1", "reason": "对口", "version": "1"},
    ),
    "move": (
        "leads:move",
        ("lead",),
        "head",
        "",
        "",
        {"stage": "lead", "reason": "", "version": "", "forced": ""},
    ),
    "trip": ("leads:roadshow_new", (), "station", "", "form", TRIP),
    "trip edit": ("leads:roadshow_edit", ("trip",), "station", "", "form", {**TRIP, "version": "1"}),
    "door": ("leads:door_open", ("trip",), "station", "", "form", {"last_day": SOON}),
    "targets": ("leads:targets_add", ("trip",), "station", "", "targets_form", {"targets": "杭州甲乙"}),
    "target": (
        "leads:target_resolve",
        ("trip", "target"),
        "station",
        "",
        "",
        {"state": "visited", "note": ""},
    ),
    "upload": ("leads:upload", ("trip",), "station", "", "upload_form", {"file": ""}),
    "project visit": ("projects:visit", ("project",), "head", "visit-", "visit_form", TALK),
    "evidence": (
        "projects:evidence",
        ("project",),
        "head",
        "evidence-",
        "evidence_form",
        {"kind": "legal_review", "event_on": "2026-04-20"},
    ),
    "contact": ("projects:contact", ("project",), "head", "contact-", "contact_form", {"name": "王总"}),
    "lead contact": ("leads:contact", ("lead",), "head", "contact-", "contact_form", {"name": "王总"}),
    "facts": (
        "projects:facts",
        ("project",),
        "head",
        "",
        "form",
        {"as_of": "2026-04-20", "source": "officer", "staff": "80"},
    ),
    "project edit": ("projects:edit", ("project",), "head", "", "form", {"name": "甲", "version": "1"}),
    "project move": (
        "projects:move",
        ("project",),
        "head",
        "",
        "",
        {
            "stage": "lost",
            "loss_reason": "price",
            "reason": "贵",
            "winning_city": "",
            "version": "",
            "forced": "",
        },
    ),
    "space": ("projects:space_new", (), "head", "", "form", SPACE),
    "building": ("projects:building_new", (), "head", "", "form", {"carrier": "1", "name": "甲楼"}),
    "need": ("projects:space_need", ("project",), "head", "need-", "", NEED),
    "candidate": ("projects:space_propose", ("project",), "head", "", "", {"space": "1", "note": ""}),
    "compute": ("projects:compute_new", (), "manager", "", "form", {"base": "甲", "unit": "card"}),
    "demand": ("projects:compute_demand", ("project",), "head", "demand-", "", DEMAND),
    "preferences": (
        "preferences",
        (),
        "head",
        "",
        "form",
        {"digest_at": "08:30", "email": "a@b.cn", "robot_url": "", "quiet_from": "", "quiet_until": ""},
    ),
    "bulk tag": ("projects:bulk_ask", ("tagging",), "head", "", "form", {"tag_name": "重点"}),
    "bulk move": ("projects:bulk_ask", ("moving",), "head", "", "form", {"stage": "screening"}),
    "accept": ("projects:open", ("lead",), "head", "", "", {"version": "", "reason": "", "forced": ""}),
}


@pytest.mark.parametrize("which", FORMS)
def test_senseless_input_is_refused_at_its_field_in_our_words(as_, head, station, manager, world, which):
    name, records, person, prefix, shown, given = FORMS[which]
    client = as_({"head": head, "station": station, "manager": manager}[person])
    address = reverse(name, args=[world[record].pk for record in records])
    given = {f"{prefix}{key}": value for key, value in given.items()}
    names = {*given, *fields(client.post(address, {}), shown, prefix)}
    for poison in POISONS:
        try_out(client, address, dict.fromkeys(names, poison), shown)
    for deadly in DEADLY:
        answer = try_out(client, address, dict.fromkeys(names, deadly), shown)
        refused = {f"{prefix}{field}" for field in answer.context[shown].errors} if shown else set()
        for field in names - refused:  # alone, with all else in order, it may get as far as the database
            try_out(client, address, {**given, field: deadly}, shown)


def try_out(client, address, typed, shown):
    """The answer to `typed`: never a 500, every complaint in our words."""
    answer = post(client, address, typed)
    assert answer.status_code in (200, 302, 400, 403, 404, 409, 412), typed
    for label, message in complaints(answer, shown):
        assert_ours(label, message)
    return answer


def fields(answer, shown, prefix):
    """The names of all inputs of the form that an empty request was answered with."""
    return [f"{prefix}{name}" for name in answer.context[shown].fields] if shown else []


def post(client, address, given):
    """The answer, with whatever was written undone."""
    with transaction.atomic():
        answer = client.post(address, given)
        transaction.set_rollback(True)
    return answer


def complaints(answer, shown):
    """(label, message) of every error the page shows."""
    if answer.status_code == 302 or not answer.context:
        return []
    if shown and (form := answer.context.get(shown)) is not None:
        return [
            (str(form.fields[name].label) if name in form.fields else "", message)
            for name, messages in form.errors.items()
            for message in messages
        ]
    refusal = answer.context.get("refusal")
    return [("", refusal.detail), *(("", item.text) for item in refusal.missing)] if refusal else []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("company_name", "甲" * 121, "企业最多 120 个字，现在有 121 个。"),
        ("company_name", "甲\x00乙", "企业含有不能保存的字符，请重新填写。"),
        ("city", "\x00", "来源城市含有不能保存的字符，请重新填写。"),
        ("channel", "none", "来源渠道没有这个选项，或不在您的可见范围内。"),
        ("next_contact_on", "明天", "下次联系日期请写成 2026-04-20。"),
        ("next_contact_on", "9999-12-31", "下次联系日期要在 2000 年到 2100 年之间，请核对年份。"),
    ],
)
def test_a_field_says_its_name_and_what_it_wants(as_, head, field, value, words):
    given = {"company_name": "杭州新", "next_contact_on": SOON, field: value}
    answer = as_(head).post(reverse("leads:capture"), given)
    assert answer.status_code == 400
    assert answer.context["form"].errors[field] == [words]


def test_a_file_that_did_not_arrive_is_asked_for(as_, station):
    trip = make.roadshow(station)
    answer = as_(station).post(reverse("leads:upload", args=[trip.pk]), {"file": "名单.xlsx"})
    assert answer.context["upload_form"].errors["file"] == ["请选择名单文件。"]
    long = SimpleUploadedFile("名" * 300 + ".csv", b"a,b\n1,2\n")
    assert as_(station).post(reverse("leads:upload", args=[trip.pk]), {"file": long}).status_code == 400


@pytest.mark.parametrize(
    ("address", "filters"),
    [
        ("/leads/", LeadFilter),
        ("/leads/board/", LeadFilter),
        ("/projects/", ProjectFilter),
        ("/projects/export/", ProjectFilter),
        ("/spaces/", SpaceFilter),
    ],
)
def test_a_senseless_filter_is_refused_in_our_words(as_, manager, address, filters):
    client, names = as_(manager), list(filters.base_filters)
    tries = [dict.fromkeys([*names, "\x00"], poison) for poison in POISONS]
    tries += [{name: poison} for name in names for poison in DEADLY]
    for asked in tries:
        answer = client.get(address, asked)
        assert answer.status_code in (200, 400), asked
        if answer.status_code == 400:
            assert "\x00" not in answer.content.decode()
            for _, message in complaints(answer, ""):
                assert not NOT_OURS.search(message), message
                assert not LATIN.search(KNOWN_WORDS.sub("", message)), message


@pytest.mark.parametrize(
    "address", ["/reports/", "/reports/chain/", "/audit/", "/notifications/", "/roadshows/", "/leads/known/"]
)
def test_a_senseless_question_is_no_error_of_ours(as_, manager, auditor, address):
    client = as_(auditor if address == "/audit/" else manager)
    names = ["start", "end", "group", "measure", "person", "action", "subject", "number", "since", "until"]
    for name in [*names, "page", "unread", "company_name", "sector", "position"]:
        for poison in DEADLY:
            assert client.get(address, {name: poison}).status_code in (200, 400), (name, poison)


def test_no_form_offers_a_row_of_dashes(as_, head, station, admin_user, world):
    pages = {
        head: [world["lead"], world["project"]],
        station: [world["trip"]],
    }
    for person, records in pages.items():
        client = as_(person)
        for record in records:
            for address in (record.get_absolute_url(), f"{record.get_absolute_url()}edit/"):
                assert DASHES not in client.get(address).content.decode(), address
    for address in (reverse("leads:capture"), reverse("leads:roadshow_new")):
        assert DASHES not in as_(station).get(address).content.decode(), address
    for model in ("unit", "carrier", "user", "setting"):
        assert DASHES not in as_(admin_user).get(f"/admin/crm/{model}/add/").content.decode(), model
    page = as_(head).get(f"{world['lead'].get_absolute_url()}edit/").content.decode()
    assert re.search(r'<option value="" selected>\s*未填', page)
