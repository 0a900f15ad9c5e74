"""A fund's criteria through their door: rows, mistakes in their place, preview, publishing, versions."""

import json
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from crm import bell
from crm.errors import NotAllowed
from crm.models import AuditEvent, Fact
from crm.rules import drafting
from crm.workdays import shanghai_day
from projects import publishing
from projects.criteria_forms import read_rows, rows_of
from projects.fund_seed import FUNDS
from projects.matching import match
from projects.models import CriteriaVersion, Fund, Project
from projects.previewing import preview
from tests import callers, make
from tests.conftest import logged_in

pytestmark = pytest.mark.django_db
TODAY = shanghai_day(make.NOW)
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人", "clause": "员工不超过 100 人"}
ROUND = {"field": "round", "op": "in", "value": ["seed", "angel"]}
OTHERS = ("head", "leader", "reviewer")
ROUNDS = ("seed", "angel", "a", None, None, "seed")
PAPER = {"source": "基金管理办法", "valid_from": f"{TODAY}"}


class Form(HTMLParser):
    """What a browser would send of the editor's form."""

    def __init__(self, text):
        super().__init__()
        self.data, self.inside, self.select, self.area = {}, False, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == "criteria-form"
        if not self.inside:
            return
        if tag == "select":
            self.select = given["name"]
        elif tag == "textarea":
            self.area = given["name"]
            self.data.setdefault(self.area, []).append("")
        elif tag == "option" and "selected" in given:
            self.put(self.select, given["value"])
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.put(given["name"], given.get("value") or ("on" if given.get("type") == "checkbox" else ""))

    def handle_endtag(self, tag):
        if tag in ("form", "textarea"):
            self.inside, self.area = self.inside and tag != "form", None

    def handle_data(self, text):
        if self.area:
            self.data[self.area][-1] += text

    def put(self, name, value):
        self.data.setdefault(name, []).append(value)


def sent(answer):
    return Form(answer.content.decode()).data


@pytest.fixture(scope="module")
def cast(module_db):
    """The people of the fund and around it; what a test writes is undone."""
    bureau, banshan = make.unit("bureau", "区投促局", "bureau"), make.unit()
    people = {
        "owner": make.user("owner", "officer", banshan),
        "fund": make.user("fund", "fund", None, "基金经理"),
    }
    people |= {"manager": make.user("manager", "manager", bureau, "何科长")}
    people |= {role: make.user(role, role, banshan if role == "head" else None) for role in OTHERS}
    one = Fund.objects.create(code="f1", name="钱塘基金", kind="venture", status="operating")
    one.managers.add(people["fund"])
    CriteriaVersion.objects.create(
        fund=one, number=1, criteria={"all": [STAFF]}, valid_from=date(2026, 1, 1), published_at=make.NOW
    )
    crowd = [make.project(people["owner"]) for _ in range(6)]
    for project, staff, stage in zip(crowd, (50, 150, 250, None, 90, None), ROUNDS, strict=True):
        know(project, "staff", staff)
        know(project, "round", stage)
    return {**people, "one": one, "crowd": crowd}


@pytest.fixture
def fund(cast):
    return Fund.objects.get(pk=cast["one"].pk)


@pytest.fixture
def crowd(cast):
    """Projects with few, many, and unknown staff, and rounds."""
    return cast["crowd"]


@pytest.fixture
def owner(cast):
    return cast["owner"]


@pytest.fixture
def manager(cast):
    return cast["manager"]


@pytest.fixture
def fund_user(cast):
    return cast["fund"]


@pytest.fixture(autouse=True)
def _day(freeze):
    freeze(make.NOW)


class Desk:
    """The editor of a fund as one person uses it."""

    def __init__(self, client, fund):
        self.client, self.address = client, f"{fund.get_absolute_url()}criteria/"
        self.answer = client.get(self.address)

    def do(self, deed, changes=()):
        data = {**sent(self.answer), **dict(changes), "do": deed}
        self.answer = self.client.post(self.address, data, follow=True)
        return self.answer

    def json(self, criteria):
        text = criteria if isinstance(criteria, str) else json.dumps(criteria)
        self.answer = self.client.post(self.address, {"do": "json", "json": text})
        return self.answer

    @property
    def draft(self):
        return publishing.cleaned(self.client.session[f"criteria:{self.address.split('/')[2]}"]["criteria"])

    def wrong(self):
        """{number of the row: the codes that stand there}, "" for what stands above all."""
        found = {}

        def walk(rows):
            for row in rows:
                if row.problems:
                    found[row.number] = [one.code for one in row.problems]
                walk(row.rows)

        walk(self.answer.context["rows"])
        above = [one.code for one in self.answer.context["problems"] if one.number not in found]
        return found | ({"": above} if above else {})


@pytest.fixture
def desk(as_, manager, fund):
    return Desk(as_(manager), fund)


def test_every_published_criteria_pass_through_the_form_unchanged():
    for seed in FUNDS:
        draft = drafting.opened(seed["version"]["criteria"])
        assert as_posted(rows_of(draft, {}, {})) == draft, seed["code"]


def as_posted(rows):
    """The rows as the templates show them and a browser sends them back."""
    page = "".join(render_to_string("projects/_criteria_row.html", {"row": row}) for row in rows)
    data = QueryDict(mutable=True)
    for name, values in Form(f'<form id="criteria-form">{page}</form>').data.items():
        data.setlist(name, values)
    return publishing.cleaned(read_rows(data))


def numbers(fund):
    return list(fund.versions.order_by("number").values_list("number", flat=True))


# the editor: rules, groups, places


def test_a_rule_is_chosen_step_by_step_and_the_comparison_fits_the_field(desk):
    desk.do("rule:")
    assert desk.wrong() == {}
    desk.do("fit", {"2.field": "valuation"})
    row = desk.answer.context["rows"][1]
    assert {code for code, _, _ in row.choices["op"]} >= {"lte", "between", "exists"}
    assert "overlaps" not in {code for code, _, _ in row.choices["op"]}
    assert [unit for unit, _, _ in row.choices["unit"]] == ["元", "万元", "亿元"]
    desk.do("fit", {"2.value": "1.5", "2.unit": "亿元"})
    assert desk.draft["all"][1] == {"field": "valuation", "op": "lte", "value": 1.5, "unit": "亿元"}
    desk.do("fit", {"2.op": "between"})
    desk.do("check", {"2.value": ["1", "3"], "2.kind": "soft", "2.weight": "40"})
    wanted = {"kind": "soft", "field": "valuation", "op": "between", "value": [1, 3], "unit": "亿元"}
    assert desk.draft["all"][1] == wanted | {"weight": 40}
    assert desk.wrong() == {}
    desk.do("fit", {"2.field": "qualifications"})
    assert desk.draft["all"][1] == {"kind": "soft", "field": "qualifications", "op": "overlaps", "weight": 40}
    desk.do("check", {"2.value": ["srdi", "gazelle"]})
    assert desk.draft["all"][1]["value"] == ["srdi", "gazelle"]
    assert desk.wrong() == {}


def test_groups_nest_three_deep_and_what_stands_in_them_moves(desk):
    for deed in ("any:", "all:2", "not:2.1", "rule:2.1.1"):
        desk.do(deed)
    desk.do("fit", {"2.1.1.1.field": "exclusions"})
    desk.do("check", {"2.1.1.1.value": ["listed"]})
    inner = {"field": "exclusions", "op": "overlaps", "value": ["listed"]}
    assert desk.draft == {"all": [STAFF, {"any": [{"all": [{"not": [inner]}]}]}]}
    assert desk.wrong() == {}
    assert 'value="rule:2.1.1"' not in desk.answer.content.decode()  # 不得 holds one only
    for deed, wanted in (
        ("out:2.1.1.1", {"all": [STAFF, {"any": [{"all": [{"not": []}, inner]}]}]}),
        ("in:2.1.2", {"all": [STAFF, {"any": [{"all": [{"not": [inner]}]}]}]}),
        ("up:2", {"all": [{"any": [{"all": [{"not": [inner]}]}]}, STAFF]}),
        ("down:1", {"all": [STAFF, {"any": [{"all": [{"not": [inner]}]}]}]}),
        ("remove:2.1.1.1", {"all": [STAFF, {"any": [{"all": [{"not": []}]}]}]}),
        ("remove:2", {"all": [STAFF]}),
    ):
        desk.do(deed)
        assert desk.draft == wanted, deed


def test_another_kind_of_group_is_chosen_and_a_note_keeps_its_comparison_until_published(desk, fund):
    desk.do("any:")
    desk.do("rule:2")
    desk.do("check", {"2.group": "not", "1.kind": "note", "1.message": "以基金方为准"})
    assert desk.draft == {
        "all": [
            {"kind": "note", "message": "以基金方为准", "clause": STAFF["clause"]},
            {"not": [{}]},
        ]
    }
    desk.do("fit", {"1.kind": "hard"})
    assert desk.draft["all"][0] == STAFF | {"message": "以基金方为准"}
    assert numbers(fund) == [1]


@pytest.mark.parametrize("deed", ["up:9", "remove:1.1", "rule:1", "out:1", "in:1", "explode:1", "up:x"])
def test_a_place_that_is_not_there_is_refused_and_the_draft_stays(desk, deed):
    desk.do("check", {"1.value": "80"})
    kept = desk.draft
    answer = desk.client.post(desk.address, {**sent(desk.answer), "do": deed})
    assert answer.status_code == 400
    assert "草稿" in answer.content.decode() or "还在" in answer.content.decode()
    assert desk.draft == kept


def test_what_is_typed_is_kept_before_any_button_is_pressed(desk):
    answer = desk.client.post(desk.address, {**sent(desk.answer), "1.value": "八十", "do": "keep"})
    assert answer.status_code == 204
    assert desk.draft["all"][0]["value"] == "八十"
    assert 'value="八十"' in desk.client.get(desk.address).content.decode()


def test_htmx_receives_the_editor_alone_and_is_led_away_after_publishing(desk):
    data, htmx = {**sent(desk.answer), **PAPER}, {"HX-Request": "true"}
    piece = desk.client.post(desk.address, {**data, "do": "rule:"}, headers=htmx)
    assert piece.status_code == 200
    assert piece.content.decode().lstrip().startswith('<div id="criteria-editor"')
    assert "<html" not in piece.content.decode()
    done = desk.client.post(desk.address, {**data, "1.value": "9", "do": "publish"}, headers=htmx)
    assert (done.status_code, done["HX-Redirect"]) == (204, desk.address.removesuffix("criteria/"))


# mistakes at their place


MISTAKES = [
    ({"field": "lucky", "op": "eq", "value": 1}, "unknown_field"),
    ({"op": "lte", "value": 1}, "unknown_field"),
    ({"field": "staff", "op": "near", "value": 1, "unit": "人"}, "unknown_op"),
    ({"field": "staff", "value": 1, "unit": "人"}, "unknown_op"),
    ({"field": "fund_leads", "op": "lte", "value": True}, "op_not_for_type"),
    ({"field": "staff", "op": "lte", "value": 1}, "missing_unit"),
    ({"field": "valuation", "op": "lte", "value": 1, "unit": "人"}, "wrong_unit"),
    ({"field": "round", "op": "eq", "value": "a", "unit": "轮"}, "wrong_unit"),
    ({"field": "staff", "op": "lte", "value": "很多", "unit": "人"}, "wrong_value"),
    ({"field": "staff", "op": "lte", "unit": "人"}, "wrong_value"),
    ({"field": "staff", "op": "between", "value": [9, 3], "unit": "人"}, "wrong_value"),
    ({"field": "established_on", "op": "gte", "value": "去年"}, "wrong_value"),
    ({"field": "team_stake", "op": "gte", "value": 0.3, "unit": "%"}, "fraction_percent"),
    ({"field": "age_years", "op": "lte", "value": 2020, "unit": "年"}, "implausible"),
    ({"field": "ticket", "op": "lte", "value": 500, "unit": "亿元"}, "implausible"),
    ({"field": "round", "op": "in", "value": ["z"]}, "unknown_choice"),
    ({"field": "reinvestment_ratio", "op": "gte", "value": 50, "unit": "%"}, "note_only"),
    ({"field": "area_most", "op": "lte", "value": 500, "unit": "㎡"}, "need_only"),
    (STAFF | {"kind": "soft", "weight": "多"}, "wrong_weight"),
    (STAFF | {"weight": 5}, "weight_on_hard"),
    (STAFF | {"document_date": "去年"}, "wrong_date"),
    (STAFF | {"kind": "maybe"}, "unknown_kind"),
    (STAFF | {"colour": "red"}, "unknown_key"),
    (STAFF | {"clause": 5}, "wrong_text"),
    ({"kind": "note"}, "note_without_text"),
    ({"any": []}, "empty_group"),
    ({"not": [STAFF, ROUND]}, "wrong_group"),
    ({"all": [STAFF], "any": [ROUND]}, "mixed_group"),
    ("员工", "not_an_object"),
]


@pytest.mark.parametrize(
    ("rule", "code"), MISTAKES, ids=[f"{code}-{at}" for at, (_, code) in enumerate(MISTAKES)]
)
def test_every_mistake_stands_at_its_rule_and_nothing_is_published(desk, fund, rule, code):
    desk.json({"all": [ROUND, {"all": [STAFF, rule]}]})
    assert code in desk.wrong()["2.2"]
    text = desk.answer.content.decode()
    assert "第 2.2 条" in text
    answer = desk.do("publish", PAPER)
    assert answer.status_code == 400
    assert desk.wrong().get("2.2"), "the form gave the mistake back"
    assert numbers(fund) == [1]
    assert not AuditEvent.objects.filter(action="publish_criteria").exists()


def test_weights_of_nothing_and_too_deep_groups_are_told_too(desk):
    desk.json({"all": [STAFF | {"kind": "soft"}]})
    assert desk.wrong() == {"": ["weights_sum_zero"]}
    desk.json({"any": [STAFF | {"kind": "soft", "weight": 1}]})
    assert desk.wrong() == {"1.1": ["soft_inside_choice"]}
    deep = STAFF
    for _ in range(8):
        deep = {"all": [deep]}
    desk.json({"any": [deep]})
    assert [code for codes in desk.wrong().values() for code in codes] == ["too_deep"]


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"all": [', "JSON"), ('{"all": [NaN]}', "JSON"), ("[" * 3000, "没有读入"), (None, "最多")],
)
def test_json_that_cannot_be_read_stays_in_its_box_and_the_draft_as_it_was(desk, text, words):
    desk.do("check", {"1.value": "80"})
    text = text or json.dumps({"all": [STAFF] * 90})
    answer = desk.json(text)
    assert answer.status_code == 400
    assert answer.context["json"] == text
    assert words in answer.context["json_error"]
    assert desk.draft == {"all": [STAFF | {"value": 80}]}


def test_a_character_no_database_takes_is_told_and_not_published(desk, fund):
    desk.do("publish", PAPER | {"1.clause": "员工\x00"})
    assert (desk.answer.status_code, desk.wrong()) == (400, {"": ["unstorable"]})
    assert numbers(fund) == [1]


# before publishing


def know(project, key, value):
    if value is not None:
        Fact.objects.create(
            company=project.company, key=key, value=value, as_of=TODAY, source="officer", created_at=make.NOW
        )


def said(fund, projects):
    found = {}
    for project in projects:
        match(project, at=make.NOW)
        row = project.matches.get(fund=fund)
        code = row.result["basis"]["verdict"] if row.verdict == "reserve" else row.verdict
        found[project.pk] = str(code)
    return found


def tally(verdicts):
    return {code: list(verdicts.values()).count(code) for code in ("fit", "incomplete", "unfit")}


def shown(rows, column):
    return {row[0]: row[column] for row in rows}


@pytest.mark.parametrize("status", ["operating", "preparing"])
def test_the_preview_says_what_matching_says_after_publishing(desk, manager, fund, crowd, status):
    Fund.objects.filter(pk=fund.pk).update(status=status)
    before = said(fund, crowd)
    desk.json({"all": [STAFF | {"value": 200}, ROUND]})
    desk.answer = desk.client.get(desk.address)
    found = desk.do("preview", PAPER).context["preview"]
    assert (found.looked, found.is_preparing) == (6, status == "preparing")
    desk.do("publish", PAPER)
    after = said(fund, crowd)
    assert numbers(fund) == [1, 2]
    assert (shown(found.rows, 2), shown(found.rows, 3)) == (tally(before), tally(after))
    moved = {one.project.pk: (str(one.before), str(one.after)) for one in found.moved}
    assert moved == {pk: (old, after[pk]) for pk, old in before.items() if old != after[pk]}
    assert len(moved) == found.changed > 1


def test_the_preview_names_the_reasons_and_writes_nothing(desk, fund, crowd):
    text = desk.do("preview", {"1.value": "200", **PAPER}).content.decode()
    assert crowd[1].name in text
    assert "员工人数 150 人，要求不超过 100 人" in text  # why it did not fit before
    assert crowd[2].name not in text
    assert "不超过 100 人</del> → <ins>不超过 200 人" in text
    assert numbers(fund) == [1]
    desk.do("preview", {"1.value": "60"})
    assert "员工人数 90 人，要求不超过 60 人" in desk.answer.content.decode()
    assert desk.do("preview", {"1.value": "很多"}).status_code == 400


def test_the_nearest_looser_bounds_say_what_matching_would_say(desk, fund, manager, crowd):
    wanted = [STAFF, {"field": "staff", "op": "gt", "value": 60, "unit": "人"}]
    found = preview(fund, {"all": wanted}, viewer=manager, at=make.NOW).loosenings
    told = [(one.number, one.sentence, one.bound, one.before, one.after) for one in found]
    assert told == [
        ("2", "员工人数 高于 60 人", "49 人", 1, 2),
        ("1", "员工人数 不超过 100 人", "150 人", 1, 2),
    ]
    for place, bound, fitting in ((0, 150, 2), (0, 149, 1), (1, 49, 2), (1, 50, 1)):
        other = [rule | {"value": bound} if at == place else rule for at, rule in enumerate(wanted)]
        known = preview(fund, {"all": other}, viewer=manager, at=make.NOW)
        assert shown(known.rows, 3)["fit"] == fitting
    between = {"field": "staff", "op": "between", "value": [60, 145], "unit": "人"}
    found = preview(fund, {"all": [between]}, viewer=manager, at=make.NOW).loosenings
    assert [(one.bound, one.before, one.after) for one in found] == [("介于 60 人 与 150 人 之间", 1, 2)]
    inside = {"all": [STAFF, {"not": [wanted[1]]}]}
    assert [one.number for one in preview(fund, inside, viewer=manager, at=make.NOW).loosenings] == []
    text = desk.do("preview").content.decode()
    assert "若把「员工人数 不超过 100 人」改为 150 人，符合 2 → 3" in text


def test_the_fund_learns_of_no_project_by_name_or_number(as_, fund, fund_user, crowd):
    desk = Desk(as_(fund_user), fund)
    answer = desk.do("preview", {"1.value": "200", **PAPER})
    assert answer.context["preview"] is None
    assert "由区投促局核对" in answer.content.decode()
    for project in crowd:
        assert project.name not in answer.content.decode()
        assert project.company.name not in answer.content.decode()
    assert desk.do("publish", PAPER).status_code == 200
    assert "若把" not in answer.content.decode()  # it would tell the figures of single firms
    assert fund.versions.get(number=2).published_by == fund_user


def test_without_projects_the_preview_counts_none(fund, manager, crowd):
    Project.objects.filter(pk__in=[one.pk for one in crowd]).update(stage="lost")
    age = {"field": "age_years", "op": "lte", "value": 5, "unit": "年"}
    found = preview(fund, {"all": [STAFF, age]}, viewer=manager, at=make.NOW)
    assert (found.looked, found.changed, found.moved) == (0, 0, [])
    assert shown(found.rows, 3) == {"fit": 0, "incomplete": 0, "unfit": 0}


def test_the_preview_costs_the_same_however_many_projects(fund, manager, crowd, django_assert_num_queries):
    criteria = {"all": [STAFF | {"value": 200}]}
    with django_assert_num_queries(12, exact=False) as few:
        preview(fund, criteria, viewer=manager, at=make.NOW)
    for project in crowd:
        know(make.project(project.owner), "staff", 150)
    with django_assert_num_queries(len(few)):
        preview(fund, criteria, viewer=manager, at=make.NOW)


# publishing


def test_publishing_writes_the_next_version_and_ends_the_one_before(
    desk, fund, manager, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(bell, "_publish", lambda name, args: rung.append((name, *args)))
    start = TODAY + timedelta(days=10)
    paper = {"valid_from": f"{start}", "source": "新办法", "source_date": "2026-04-01", "is_example": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        desk.do("publish", {"1.value": "120", **paper})
    old, new = fund.versions.order_by("number")
    assert old.valid_to == start - timedelta(days=1)
    assert (new.number, new.valid_from, new.valid_to) == (2, start, None)
    assert (new.source, str(new.source_date), new.is_example) == ("新办法", "2026-04-01", True)
    assert (new.published_by, new.published_at) == (manager, make.NOW)
    assert new.criteria == {"all": [STAFF | {"value": 120}]}
    assert rung == [("projects.tasks.match_fund", fund.pk)]
    event = AuditEvent.objects.get(action="publish_criteria")
    assert (event.actor, event.subject, event.subject_id) == (manager, "projects.fund", fund.pk)
    assert event.detail["改动"] == [
        "修改 员工人数 不超过 120 人（硬性条件）：要求 不超过 100 人 → 不超过 120 人"
    ]
    assert f"criteria:{fund.pk}" not in desk.client.session


def test_a_version_that_begins_before_a_later_one_takes_its_place(fund, manager):
    for value, day in ((110, 10), (120, 5), (130, 20)):
        edition = publishing.Edition(TODAY + timedelta(days=day), "办法")
        wanted = {"all": [STAFF | {"value": value}]}
        newest = numbers(fund)[-1]
        publishing.publish(fund, wanted, edition, by=manager, at=make.NOW, after=newest)
    spans = [(one.valid_from, one.valid_to) for one in fund.versions.order_by("number")]
    day = [TODAY + timedelta(days=n) for n in range(21)]
    assert spans == [(date(2026, 1, 1), day[4]), (day[10], day[4]), (day[5], day[19]), (day[20], None)]


def test_a_version_replaced_on_its_first_day_was_in_force_and_one_replaced_before_it_was_not(fund, manager):
    for value, days in ((110, 0), (120, 1), (130, 0)):
        edition = publishing.Edition(TODAY + timedelta(days=days), "办法")
        wanted = {"all": [STAFF | {"value": value}]}
        publishing.publish(fund, wanted, edition, by=manager, at=make.NOW, after=numbers(fund)[-1])
    page = logged_in(Client(), manager).get(fund.get_absolute_url()).content.decode()
    first, second = (fund.versions.get(number=number) for number in (2, 3))
    assert f"{first.valid_from} 起，生效当天即被取代" in page
    assert f"{second.valid_from} 起，未生效即被取代" in page
    for version, words in ((first, "生效当天即被取代"), (second, "未生效即被取代")):
        assert f"<dd>{words}" in logged_in(Client(), manager).get(version.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": f"{TODAY - timedelta(days=1)}"}, "valid_from"),
        ({"valid_from": "明天"}, "valid_from"),
        ({"valid_from": "9999-12-31"}, "valid_from"),
        ({"source": " "}, "source"),
        ({"source_date": f"{TODAY + timedelta(days=1)}"}, "source_date"),
    ],
)
def test_a_wrong_edition_is_told_at_its_field_and_the_draft_is_kept(desk, fund, changes, field):
    answer = desk.do("publish", {"1.value": "77", **PAPER, **changes})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert desk.draft["all"][0]["value"] == 77
    assert numbers(fund) == [1]


def test_the_same_again_is_no_new_version(desk, fund):
    desk.do("publish", PAPER)
    desk.answer = desk.client.get(desk.address)
    assert "完全一样" in desk.do("publish", PAPER).content.decode()
    assert numbers(fund) == [1, 2]


def test_the_second_of_two_publishers_is_told_and_keeps_the_own_draft(desk, client, fund, fund_user, manager):
    desk.do("check", {"1.value": "77"})
    publishing.publish(
        fund, {"all": [ROUND]}, publishing.Edition(TODAY, "办法"), by=fund_user, at=make.NOW, after=1
    )
    answer = desk.do("publish", PAPER)
    assert answer.status_code == 409
    assert "第 2 版" in answer.content.decode()
    assert "基金经理" in answer.content.decode()
    assert numbers(fund) == [1, 2]
    assert desk.draft["all"][0]["value"] == 77
    desk.client.post(desk.address, {"do": "rebase"})
    desk.answer = desk.client.get(desk.address)
    assert desk.answer.context["overtaken"] is None
    desk.do("publish", PAPER)
    assert fund.versions.get(number=3).criteria["all"][0]["value"] == 77


def test_the_draft_can_be_given_up(desk):
    desk.do("check", {"1.value": "77"})
    desk.client.post(desk.address, {"do": "discard"})
    assert 'value="100"' in desk.client.get(desk.address).content.decode()


# who may, and the versions


def test_only_the_bureau_and_the_own_fund_edit(client, cast, fund, owner, fund_user):
    other = Fund.objects.create(code="f2", name="别家基金", kind="venture", status="operating")
    address = reverse("projects:criteria", args=[fund.pk])
    for person in (owner, *(cast[role] for role in OTHERS)):
        assert logged_in(client, person).get(address).status_code == 403
        assert client.post(address, {"do": "publish", **PAPER}).status_code == 403
        with pytest.raises(NotAllowed):
            preview(fund, {}, viewer=person, at=make.NOW)
        with pytest.raises(NotAllowed):
            publishing.publish(
                fund, {"all": [ROUND]}, publishing.Edition(TODAY, "办法"), by=person, at=make.NOW, after=1
            )
    assert logged_in(client, fund_user).get(address).status_code == 200
    assert client.get(reverse("projects:criteria", args=[other.pk])).status_code == 404
    assert numbers(fund) == [1]


def test_a_version_page_tells_rule_by_rule_what_changed(as_, owner, manager, fund):
    wanted = {
        "all": [ROUND, {"any": [STAFF | {"value": 120}]}, {"kind": "note", "message": "注册地不作要求"}]
    }
    publishing.publish(fund, wanted, publishing.Edition(TODAY, "办法"), by=manager, at=make.NOW, after=1)
    client = as_(owner)
    page = client.get(f"{fund.get_absolute_url()}versions/2/")
    told = [(one.word, (one.after or one.before).sentence, one.parts) for one in page.context["changes"]]
    assert told == [
        ("新增", "融资轮次 属于 种子轮、天使轮（硬性条件）", ()),
        (
            "修改",
            "员工人数 不超过 120 人（硬性条件）",
            (("要求", "不超过 100 人", "不超过 120 人"), ("所在的组", "最外层", "任一")),
        ),
        ("新增", "政策提示：注册地不作要求", ()),
    ]
    first = client.get(f"{fund.get_absolute_url()}versions/1/")
    assert [one.word for one in first.context["changes"]] == ["新增"]
    assert client.get(f"{fund.get_absolute_url()}versions/9/").status_code == 404
    assert "编辑条件" not in client.get(fund.get_absolute_url()).content.decode()
    assert "编辑条件" in as_(manager).get(fund.get_absolute_url()).content.decode()


def told(before, after):
    return [
        (one.word, (one.after or one.before).number, [part[0] for part in one.parts])
        for one in publishing.differences(before, after, TODAY)
    ]


def test_a_rule_in_another_group_is_a_change_and_another_number_is_none():
    a, b, c, d = (STAFF | {"value": value} for value in (1, 2, 3, 4))
    assert told({"all": [a, {"any": [b, c]}]}, {"all": [{"any": [c, b]}, a]}) == []
    assert told({"any": [a, b]}, {"all": [{"any": [a, b]}]}) == []
    assert {word for word, *_ in told({"any": [a, b]}, {"all": [a, b]})} == {"移动"}
    pairs = {"all": [{"any": [a, b]}, {"any": [c, d]}]}
    crossed = {"all": [{"any": [a, c]}, {"any": [b, d]}]}
    assert told(pairs, crossed) == [("移动", "1.2", ["所在的组"]), ("移动", "2.1", ["所在的组"])]
    assert told({"all": [a]}, {"all": [a | {"clause": "新条款"}]}) == [("修改", "1", ["条款"])]
    assert told({"all": [a, b]}, {"all": [b]}) == [("删除", "1", [])]


# the API


def sent_to(person, fund, **body):
    given = {"after": 1, "criteria": {"all": [ROUND]}, "valid_from": f"{TODAY}", "source": "办法", **body}
    return callers.person(person).post(f"funds/{fund.pk}/criteria/", given)


def test_the_api_publishes_by_the_same_rules(fund, manager, fund_user, owner):
    answer = sent_to(
        manager, fund, criteria={"all": [STAFF, {"any": [STAFF | {"unit": "年", "value": 1.5}]}]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "criteria")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("2.1", "wrong_unit")]
    assert sent_to(manager, fund, valid_from="2020-01-01").json()["errors"][0]["field"] == "valid_from"
    assert sent_to(owner, fund).status_code == 403
    assert numbers(fund) == [1]
    money = {"field": "valuation", "op": "lte", "value": 1.25, "unit": "亿元"}
    made = sent_to(fund_user, fund, criteria={"all": [money]})
    assert (made.status_code, made.json()["number"], made.json()["is_in_force"]) == (201, 2, True)
    assert fund.versions.get(number=2).criteria == {"all": [money]}
    late = sent_to(manager, fund, criteria={})
    assert (late.status_code, late.json()["code"]) == (409, "published_meanwhile")
    listed = callers.person(owner).get(f"funds/{fund.pk}/criteria/").json()["results"]
    assert [(one["number"], one["is_in_force"]) for one in listed] == [(2, True), (1, False)]
    assert listed[0]["criteria"] == {"all": [money]}


@pytest.mark.parametrize(
    "criteria",
    [{"all": [STAFF] * 90}, [[[[[]]]]] * 2, {"all": [10**400]}, {"all": [STAFF | {"value": 1e999}]}],
)
def test_the_api_refuses_what_nobody_could_read(fund, manager, criteria):
    assert sent_to(manager, fund, criteria=criteria).status_code == 400
    assert numbers(fund) == [1]
