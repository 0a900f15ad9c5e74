"""载体空间 through its doors: who keeps the register, what fits whom and why, one space for one project."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent, Carrier, FieldChange, LossReason, Notification
from leads.losing import Loss
from projects import candidates
from projects.incentives import draft
from projects.losing import lose
from projects.models import CandidateSpace, Project, Space, SpaceNeed
from projects.space_fit import spaces_for
from tests import callers, make

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _kept(banshan):
    Carrier.objects.filter(code="banshan").update(unit=banshan)


@pytest.fixture
def project(owner):
    return make.space_need(make.project(owner, name="杭州云岭机器人有限公司"), owner)


@pytest.fixture
def rival(outsider):
    return make.space_need(make.project(outsider, name="杭州别家科技有限公司"), outsider)


def room(project):
    return f"/projects/{project.pk}/spaces/"


def proposed(project, space, by, at=make.NOW):
    return candidates.propose(project, space, by=by, at=at)


def fit(project, *spaces):
    """[(verdict, reasons, near)] of the project and these spaces, in the order of the page."""
    rows = spaces_for(project, Space.objects.filter(pk__in=[one.pk for one in spaces]), make.NOW).rows
    return [(one.code.value, one.reasons, one.near) for one in rows]


def form_of(client, address, **changes):
    """What the browser sends back of the form at `address`, with `changes`."""
    form, data = client.get(address).context["form"], {}
    for field in form:
        value = field.value()
        value = [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
        data[field.html_name] = "" if value is None else value
    return {**data, **changes}


# --- the register


def test_the_keeper_of_a_carrier_enters_building_and_space_and_the_audit_says_so(as_, head, outsider):
    carrier = Carrier.objects.get(code="banshan").pk
    client = as_(head)
    made = client.post("/spaces/buildings/new/", {"carrier": carrier, "name": "创新大厦"})
    blank = form_of(client, made["Location"])
    given = {**blank, "label": "5 层", "floor": "5", "area_sqm": "1200", "uses": ["research", "lab"]}
    space_page = client.post("/spaces/new/", {**given, "state": "free", "rent_daily": "2.5", "tracks": []})
    space = Space.objects.get()
    assert (space_page["Location"], space.rent_daily, space.height_m) == (
        f"/spaces/{space.pk}/", Decimal("2.5"), None,
    )  # fmt: skip
    told = AuditEvent.objects.get(action="add_space").detail
    assert (told["面积（㎡）"], told["允许用途"]) == ("空 → 1,200", "空 → 研发、实验")
    page = client.get(f"/spaces/{space.pk}/").content.decode()
    assert "创新大厦 5 层" in page
    refused = as_(outsider).post(f"/spaces/{space.pk}/edit/", given)
    assert (refused.status_code, "由区投促局和载体的管理单位维护" in refused.content.decode()) == (403, True)
    assert as_(outsider).get(f"/spaces/{space.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("area_sqm", "0", "面积要大于 0"),
        ("area_sqm", "三亩", "面积"),
        ("uses", [], "请填写允许用途"),
        ("available_from", "", "请填写可用日期"),
        ("label", "3 层 302", "已经有「3 层 302」"),
        ("valid_to", "2020-01-01", "不能早于"),
        ("height_m", "-1", "不能小于"),
    ],
)
def test_a_bad_entry_is_refused_in_words_and_nothing_is_written(as_, manager, field, value, words):
    space = make.space(valid_from=make.NOW.date())
    make.space("3 层 302")
    client = as_(manager)
    address = f"/spaces/{space.pk}/edit/"
    answer = client.post(address, form_of(client, address, **{field: value}))
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    space.refresh_from_db()
    assert (space.version, space.area_sqm) == (1, 1000)
    assert not AuditEvent.objects.filter(action="change_space").exists()


def test_who_was_too_late_sees_both_sides_and_may_save_what_he_typed(as_, manager, head):
    space = make.space(height_m=Decimal("4.2"))
    address = f"/spaces/{space.pk}/edit/"
    mine = form_of(as_(head), address, height_m="5", uses=["office", "research"], note="顶层")
    as_(manager).post(address, form_of(as_(manager), address, height_m="4.5", uses=["office"]))
    late = as_(head).post(address, mine)
    page = unescape(late.content.decode())
    assert re.search(r"层高（m）：现在是 4.5（何科长 \d\d-\d\d \d\d:\d\d 改），您填的是 5。", page)
    assert "允许用途：现在是 办公（何科长" in page
    assert "您填的是 办公、研发。" in page
    assert "说明：现在是 未填，您填的是 顶层。" in page
    assert "可用日期：" not in page
    form = late.context["form"]
    assert (form["note"].value(), form["version"].value()) == ("顶层", "2")
    space.refresh_from_db()
    assert (space.height_m, space.note) == (Decimal("4.5"), "")
    assert as_(head).post(address, {**mine, "version": form["version"].value()}).status_code == 302
    space.refresh_from_db()
    assert (space.height_m, space.note, sorted(space.uses)) == (5, "顶层", ["office", "research"])


def test_who_was_too_late_writes_no_more_than_he_touched(as_, manager, head):
    space = make.space(height_m=Decimal("4.2"))
    address = f"/spaces/{space.pk}/edit/"
    mine = form_of(as_(head), address, note="顶层")
    theirs = form_of(as_(manager), address, height_m="4.5", uses=["office"], available_from="2026-08-01")
    as_(manager).post(address, theirs)
    late = as_(head).post(address, mine)
    page = unescape(late.content.decode())
    assert late.status_code == 412
    assert re.search(r"层高（m）：现在是 4.5（何科长 .* 改），您没有动过，表格里已换成现在的。", page)
    shown = late.context["form"]
    again = {name: shown[name].value() for name in shown.fields}
    assert (again["height_m"], again["uses"], again["note"]) == ("4.5", ["office"], "顶层")
    again = {name: "" if value is None else value for name, value in again.items()}
    assert as_(head).post(address, again).status_code == 302
    space.refresh_from_db()
    assert (space.height_m, space.uses, space.note) == (Decimal("4.5"), ["office"], "顶层")
    assert space.available_from == date(2026, 8, 1)


def test_who_saves_over_an_older_sight_is_told_and_each_change_is_kept(as_, manager, head):
    space = make.space()
    address = f"/spaces/{space.pk}/edit/"
    seen = form_of(as_(head), address, height_m="5")
    as_(manager).post(address, form_of(as_(manager), address, height_m="4.5"))
    late = as_(head).post(address, seen)
    assert (late.status_code, "刚被别人改过" in late.content.decode()) == (412, True)
    space.refresh_from_db()
    assert (space.height_m, space.version) == (Decimal("4.5"), 2)
    assert FieldChange.objects.get(kind="projects.space").changes == {
        "height_m": [Decimal("4.2"), Decimal("4.5")]
    }
    assert AuditEvent.objects.get(action="change_space").detail["层高（m）"] == "4.2 → 4.5"


def test_the_list_filters_and_draws_each_building_by_state(as_, owner):
    make.space(tracks=["ai"])
    make.space("4 层", floor=4, state="leased", area_sqm=300)
    make.space("1 层", house="B座", carrier="wanggu", floor=1, available_from="2027-01-01")
    client = as_(owner)
    found = {
        query: [str(one) for one in client.get("/spaces/?" + query).context["page"]]
        for query in (
            *("carrier=wanggu", "area_min=500", "area_max=500", "state=leased", "track=ai"),
            *("available_to=2026-06-01", "use=lab"),
        )
    }
    a3, a4, b1 = "A座 3 层 301", "A座 4 层", "B座 1 层"
    assert found == {
        "carrier=wanggu": [b1], "area_min=500": [b1, a3], "area_max=500": [a4], "state=leased": [a4],
        "track=ai": [a3], "available_to=2026-06-01": [a4, a3], "use=lab": [],
    }  # fmt: skip
    page = client.get("/spaces/").content.decode()
    assert ("cell cell-free" in page, "cell cell-leased" in page) == (True, True)
    assert "4 层：300 ㎡，已租" in page
    wrong = client.get("/spaces/?area_min=很大")
    assert (wrong.status_code, "面积不少于" in wrong.content.decode()) == (400, True)


def test_the_pages_cost_the_same_for_ten_and_for_forty(as_, owner, project):
    def cost(address):
        client = as_(owner)
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        return len(found)

    first = make.space("0 层", floor=0)
    pages = ("/spaces/", f"/spaces/{first.pk}/", room(project))
    for number in range(10):
        make.space(f"{number} 室", house=f"{number % 5} 号楼")
    few = [cost(page) for page in pages]
    for number in range(10, 40):
        make.space(f"{number} 室", house=f"{number % 5} 号楼")
    assert [cost(page) for page in pages] == few
    assert max(few) <= 32


# --- what fits


def test_a_space_that_offers_what_is_needed_fits_and_the_register_is_the_paper(project):
    space = make.space(tracks=["ai"])
    (one,) = spaces_for(project, Space.objects.filter(pk=space.pk), make.NOW).rows
    assert (one.label, one.score, one.coverage, one.missing) == ("符合", 100, Decimal("0.7000"), [])
    (area, *_) = one.verdict.explanations
    assert (area["clause"], area["document"], area["document_date"]) == (
        "载体台账", "A座 3 层 301", "2026-04-20",
    )  # fmt: skip
    assert area["source_label"] == "项目档案"


@pytest.mark.parametrize(
    ("need", "offer", "reason", "near"),
    [
        ({"height_m": Decimal("4.5")}, {}, "层高 4.2 m，需要 4.5 m", ["层高 4.2 m，需要 4.5 m"]),
        ({"height_m": Decimal(9)}, {}, "层高 4.2 m，需要 9 m", []),
        ({"load_kg": 800}, {}, "承重 500 kg/㎡，需要 800 kg/㎡", []),
        ({}, {"area_sqm": 760}, "面积 760 ㎡，需要 800 ㎡", ["面积 760 ㎡，需要 800 ㎡"]),
        ({}, {"area_sqm": 2300}, "面积 2,300 ㎡，最多要 1,200 ㎡", []),
        ({"use": "production"}, {}, "允许用途 研发、办公，需要 生产", []),
        ({"needs_eia": True}, {}, "可办环评 否，需要 是", []),
        ({}, {"available_from": "2026-07-02"}, "可用日期 2026-07-02，需用日期 2026-07-01", []),
    ],
)
def test_what_does_not_fit_says_why_and_by_how_little(owner, need, offer, reason, near):
    project = make.space_need(make.project(owner), owner, **need)
    assert fit(project, make.space(**offer)) == [("unfit", [reason], near)]


@pytest.mark.parametrize(
    "need", ["area_sqm", "area_most_sqm", "use", "needed_by", "power_kva", "height_m", "load_kg", "needs_eia"]
)
def test_a_need_that_was_not_said_is_never_a_fit(owner, need):
    blank = "" if need == "use" else None
    project = make.space_need(make.project(owner), owner, **{need: blank})
    ((code, (reason,), _),) = fit(project, make.space())
    assert (code, reason.startswith("信息不足：")) == ("incomplete", True)


def test_what_the_register_does_not_say_is_no_fit_for_who_asks_and_one_for_who_does_not(owner):
    space = make.space(height_m=None, rent_daily=None, allows_eia=None)
    asks = make.space_need(make.project(owner), owner, height_m=Decimal(4), needs_eia=True)
    assert fit(asks, space) == [
        ("incomplete", ["载体台账没有登记层高", "载体台账没有登记可办环评"], []),
    ]  # fmt: skip
    content = make.space_need(make.project(owner), owner)
    assert fit(content, space) == [("fit", ["硬性条件均已满足"], [])]


def test_the_best_stand_first_near_misses_before_the_rest_and_all_are_counted(owner):
    project = make.space_need(
        make.project(owner), owner, carriers=frozenset(Carrier.objects.filter(code="banshan"))
    )
    dear = make.space("贵", rent_daily=5)
    liked = make.space("好")
    near = make.space("近", area_sqm=780)
    far = make.space("远", area_sqm=500)
    make.space("小", area_sqm=399)  # less than half: not compared
    unknown = make.space("缺", uses=["research"], height_m=None)
    SpaceNeed.objects.filter(project=project).update(height_m=4)
    fits = spaces_for(project, Space.objects.all(), make.NOW)
    assert [one.subject for one in fits.rows] == [liked, dear, unknown, near, far]
    assert [number for *_, number in fits.totals] == [2, 1, 2]
    assert spaces_for(project, Space.objects.all(), make.NOW, most=1).number == 5


def test_the_page_of_a_space_shows_the_projects_that_fit_to_those_who_see_them(
    as_, owner, outsider, project, rival
):
    space = make.space()
    mine, theirs = as_(owner).get(f"/spaces/{space.pk}/"), as_(outsider).get(f"/spaces/{space.pk}/")
    assert [one.subject.name for one in mine.context["fits"].rows] == [project.name]
    assert rival.name not in mine.content.decode()
    assert [one.subject.name for one in theirs.context["fits"].rows] == [rival.name]
    (shown,) = mine.context["fits"].rows
    (same,) = spaces_for(project, Space.objects.filter(pk=space.pk), make.NOW).rows
    assert (shown.verdict.tree, shown.score) == (same.verdict.tree, same.score)


def test_the_need_is_written_on_the_page_of_the_project_and_a_stale_sight_writes_nothing(as_, owner):
    project = make.project(owner)
    client = as_(owner)
    wish = Carrier.objects.get(code="banshan")
    given = {"area_sqm": "800", "use": "lab", "height_m": "4.5", "needs_eia": "true", "carriers": [wish.pk]}
    given = {f"need-{name}": value for name, value in given.items()} | {"need-version": project.version}
    assert client.post(room(project) + "need/", given).status_code == 302
    project.refresh_from_db()
    need = project.space_need
    assert (project.area_sqm, list(project.carriers.all())) == (800, [wish])
    assert (need.use, need.height_m, need.needs_eia, need.load_kg) == ("lab", Decimal("4.5"), True, None)
    late = client.post(room(project) + "need/", {**given, "need-use": "office"})
    assert late.status_code == 412
    bad = client.post(
        room(project) + "need/", {**given, "need-version": project.version, "need-area_most_sqm": "10"}
    )
    assert "面积上限不能小于面积下限" in bad.content.decode()
    need.refresh_from_db()
    assert (need.use, need.area_most_sqm) == ("lab", None)


# --- candidates, and the one that is final


def test_a_space_is_proposed_shown_ranked_and_dropped_on_the_page(as_, owner, project):
    first, second = make.space(), make.space("4 层")
    client = as_(owner)
    for space in (first, second):
        assert client.post(room(project) + "add/", {"space": space.pk}).status_code == 302
    again = client.post(room(project) + "add/", {"space": first.pk})
    assert (again.status_code, "已经在这个项目的候选里" in again.content.decode()) == (400, True)
    one, two = project.candidates.order_by("rank")
    client.post(f"{room(project)}{two.pk}/", {"do": "up"})
    assert [c.pk for c in project.candidates.live().shown_in_order()] == [two.pk, one.pk]
    client.post(f"{room(project)}{one.pk}/", {"do": "show", "shown_on": "2026-04-20", "note": "嫌层高低"})
    assert client.post(f"{room(project)}{two.pk}/", {"do": "drop"}).status_code == 400
    client.post(f"{room(project)}{two.pk}/", {"do": "drop", "reason": "离地铁远"})
    page = client.get(project.get_absolute_url()).content.decode()
    for words in ("候选 1 处：A座 3 层 301（04-20 带看）", "候选载体退出", "理由：离地铁远"):
        assert words in page
    gone = client.post(f"{room(project)}{two.pk}/", {"do": "settle"})
    assert (gone.status_code, "已不在项目的候选里" in gone.content.decode()) == (400, True)


def test_a_space_made_final_leaves_all_others_who_are_told_once_and_not_who_took_it(
    as_, owner, outsider, project, rival
):
    space = make.space()
    mine, theirs = proposed(project, space, owner), proposed(rival, space, outsider)
    assert as_(owner).post(f"{room(project)}{mine.pk}/", {"do": "settle"}).status_code == 302
    space.refresh_from_db()
    project.refresh_from_db()
    theirs.refresh_from_db()
    assert (space.state, project.carrier.code) == ("reserved", "banshan")
    assert (theirs.drop_reason, theirs.dropped_by) == ("空间已确定给其他项目", None)
    told = Notification.objects.get(key=f"candidate:{theirs.pk}:gone")
    assert (told.user, told.title) == (outsider, f"「{rival.name}」的候选载体「A座 3 层 301」不再可选")
    page = as_(outsider).get(rival.get_absolute_url()).content.decode()
    assert "理由：空间已确定给其他项目" in page
    assert project.name not in page + told.body + as_(outsider).get(f"/spaces/{space.pk}/").content.decode()
    late = as_(outsider).post(room(rival) + "add/", {"space": space.pk})
    assert (late.status_code, "已确定给其他项目" in late.content.decode()) == (409, True)
    assert AuditEvent.objects.get(action="settle_space").detail["project"] == project.name
    assert not rival.candidates.live().exists()


def test_giving_back_frees_the_space_and_so_does_a_lost_project(as_, owner, head, project, rival, outsider):
    space = make.space()
    one = candidates.settle(proposed(project, space, owner), by=owner, at=make.NOW)
    client = as_(owner)
    assert client.post(f"{room(project)}{one.pk}/", {"do": "drop", "reason": "x"}).status_code == 400
    assert client.post(f"{room(project)}{one.pk}/", {"do": "give_back"}).status_code == 400
    client.post(f"{room(project)}{one.pk}/", {"do": "give_back", "reason": "企业缩减规模"})
    space.refresh_from_db()
    assert (space.state, project.candidates.live().exists()) == ("free", False)
    assert "交还空间" in client.get(project.get_absolute_url()).content.decode()
    candidates.settle(proposed(rival, space, outsider), by=outsider, at=LATER)
    loss = Loss(LossReason.objects.get(code="price"), "租金谈不拢", "", make.NOW.date() + timedelta(days=60))
    lose(Project.objects.get(pk=rival.pk), loss, by=outsider, at=LATER)
    space.refresh_from_db()
    assert (space.state, rival.candidates.live().exists()) == ("free", False)
    assert rival.candidates.get().drop_reason == "项目流失"


def test_one_final_space_for_a_project_and_its_state_and_carrier_stay_with_it(as_, owner, manager, project):
    space, other = make.space(), make.space("4 层")
    final, spare = proposed(project, space, owner), proposed(project, other, owner)
    candidates.settle(final, by=owner, at=make.NOW)
    client = as_(owner)
    second = client.post(f"{room(project)}{spare.pk}/", {"do": "settle"})
    assert (second.status_code, "要换请先交还" in second.content.decode()) == (400, True)
    bureau, address = as_(manager), f"/spaces/{space.pk}/edit/"
    freed = bureau.post(address, form_of(bureau, address, state="free"))
    assert (freed.status_code, "请先由项目交还" in freed.content.decode()) == (400, True)
    assert bureau.post(address, form_of(bureau, address, state="leased")).status_code == 302
    elsewhere = Carrier.objects.get(code="wanggu").pk
    form = bureau.get(f"/projects/{project.pk}/edit/").context["form"]
    sent = {field.html_name: "" if field.value() is None else field.value() for field in form}
    moved = bureau.post(f"/projects/{project.pk}/edit/", {**sent, "carrier": elsewhere})
    assert (moved.status_code, "请先交还这处空间" in moved.content.decode()) == (400, True)
    project.refresh_from_db()
    assert (project.carrier.code, CandidateSpace.objects.final().get()) == ("banshan", final)


def test_a_space_marked_let_or_withdrawn_leaves_every_list(as_, owner, head, project):
    for state, reason in (("leased", "空间已租出"), ("retired", "空间已停用")):
        space = make.space(state)
        one = proposed(project, space, owner)
        client, address = as_(head), f"/spaces/{space.pk}/edit/"
        assert client.post(address, form_of(client, address, state=state)).status_code == 302
        one.refresh_from_db()
        assert one.drop_reason == reason
        assert Notification.objects.filter(user=owner, key=f"candidate:{one.pk}:gone").count() == 1
        late = as_(owner).post(room(project) + "add/", {"space": space.pk})
        assert (late.status_code, "不能选" in late.content.decode()) == (400, True)
    assert not project.candidates.live().exists()


def test_a_space_reserved_by_hand_stays_below_is_no_fit_and_its_people_are_told(as_, owner, head, project):
    first, reserved, third = (make.space(label) for label in ("3 层", "4 层", "5 层"))
    one, two, three = (proposed(project, space, owner) for space in (first, reserved, third))
    client, address = as_(head), f"/spaces/{reserved.pk}/edit/"
    assert client.post(address, form_of(client, address, state="reserved")).status_code == 302
    told = Notification.objects.get(
        user=owner, title="「杭州云岭机器人有限公司」的候选载体「A座 4 层」已预留"
    )
    assert "没有写给哪个项目" in told.body
    client = as_(owner)
    page = client.get(room(project))
    assert [(c.pk, c.hindrance) for c in page.context["candidates"]] == [
        (one.pk, ""), (three.pk, ""), (two.pk, "已预留"),
    ]  # fmt: skip
    assert '<span class="verdict verdict-reserve">已预留</span>' in page.content.decode()
    assert page.content.decode().count('value="settle"') == 2
    assert "A座 4 层（已预留）" in client.get(project.get_absolute_url()).content.decode()
    answer = callers.person(owner).get(f"projects/{project.pk}/spaces/").json()["results"]
    assert {row["space"]: row["space_state"] for row in answer} == {
        first.pk: "free", reserved.pk: "reserved", third.pk: "free",
    }  # fmt: skip
    refused = client.post(f"{room(project)}{two.pk}/", {"do": "settle"})
    assert (refused.status_code, "现在是已预留" in refused.content.decode()) == (400, True)
    client.post(f"{room(project)}{three.pk}/", {"do": "up"})  # past the reserved one, as the page lists them
    assert [c.pk for c in client.get(room(project)).context["candidates"]] == [three.pk, one.pk, two.pk]
    client = as_(head)
    client.post(address, form_of(client, address, state="free"))
    assert as_(owner).post(f"{room(project)}{two.pk}/", {"do": "settle"}).status_code == 302
    page = as_(owner).get(room(project))
    assert [(c.pk, c.hindrance) for c in page.context["candidates"]][0] == (two.pk, "")


def test_a_space_in_question_is_a_candidate_carrier_for_the_gate(owner, project):
    codes = {item.code for item in project.missing_for("review")}
    assert "carrier" in codes
    proposed(project, make.space(), owner)
    project = Project.objects.get(pk=project.pk)
    assert "carrier" not in {item.code for item in project.missing_for("review")}


def test_who_sees_no_register_is_offered_no_door_to_it(as_, project, owner, reviewer):
    draft(project, {"kind": "rent", "text": "按实际租金补贴", "scope": "all"}, by=owner, at=make.NOW)
    space = make.space()
    candidates.settle(proposed(project, space, owner), by=owner, at=make.NOW)
    for address in (project.get_absolute_url(), room(project), f"/projects/{project.pk}/compute/"):
        page = as_(reviewer).get(address)
        assert page.status_code == 200
        assert 'href="/spaces/' not in page.content.decode()
        assert 'href="/compute/' not in page.content.decode()
    assert f'href="{space.get_absolute_url()}"' in as_(owner).get(room(project)).content.decode()
