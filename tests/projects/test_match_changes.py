"""A verdict that changes is kept with its reason and told once; a first verdict is told to nobody."""

from datetime import date, timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Fact, Notification
from crm.workdays import shanghai_day
from projects import rematching
from projects.matching import match
from projects.models import Fund, Match, MatchChange, MatchSheet, Policy, Project
from projects.rejudging import rematch_one
from projects.rematching import rematch
from projects.shift_letters import tell
from tests import callers, make
from tests.racing import Other

pytestmark = pytest.mark.django_db
TODAY = shanghai_day(make.NOW)
NIGHT = make.NOW + timedelta(days=1)
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}
ROUND = {"field": "round", "op": "in", "value": ["seed", "angel"]}


@pytest.fixture
def project(owner):
    return make.project(owner, name="深圳星海智能有限公司")


@pytest.fixture
def fund(db):
    return offer(Fund, ROUND, kind="venture")


@pytest.fixture
def policy(db):
    return offer(Policy, STAFF, level="city")


def offer(model, criteria, code="one", status="operating", **fields):
    name = f"{'润苗' if model is Fund else '种子'}{code}"
    one = model.objects.create(code=code, name=name, status=status, **fields)
    publish(one, criteria)
    return one


def publish(one, criteria, number=1, valid_from=date(2026, 1, 1), at=make.NOW, **more):
    return one.versions.create(
        number=number, criteria=criteria, valid_from=valid_from, published_at=at, **more
    )


def know(project, at=make.NOW, **values):
    for key, value in values.items():
        Fact.objects.create(
            company=project.company,
            key=key,
            value=value,
            as_of=shanghai_day(at),
            source="officer",
            created_at=at,
        )


def nights(at):
    after = 0
    while after is not None:
        after = rematch(at, after)


def changes():
    rows = MatchChange.objects.select_related("fund", "policy").order_by("pk")
    return [(str(row.offer), row.before, row.after, row.reason) for row in rows]


def messages():
    return list(Notification.objects.filter(kind="match").order_by("pk"))


def judged_anew(project, at):
    match(project, at=at)
    return list(project.matches.all())


WAYS = {
    "the page": lambda project, one, at: judged_anew(project, at),
    "the night": lambda project, one, at: nights(at),
    "one offer": lambda project, one, at: rematch_one(one, at),
}


@pytest.mark.parametrize("explained", [True, False], ids=["explained", "sheets alone"])
@pytest.mark.parametrize("way", WAYS)
def test_a_new_fact_is_named_and_told_once(project, fund, policy, owner, way, explained):
    know(project, round="a")
    match(project, at=make.NOW)
    if not explained:
        Match.objects.all().delete()
    assert (changes(), messages()) == ([], [])
    know(project, NIGHT - timedelta(hours=1), round="angel")
    for hour in range(2):
        WAYS[way](project, fund, NIGHT + timedelta(hours=hour))
        match(project, at=NIGHT + timedelta(hours=3))
        nights(NIGHT + timedelta(hours=4))
    assert changes() == [("润苗one", "unfit", "fit", "融资轮次 更新为 天使轮")]
    (told,) = messages()
    assert (told.user, told.title) == (owner, "深圳星海智能有限公司：新增符合 润苗one")
    assert told.items[0]["text"] == "新增符合 润苗one；原因：融资轮次 更新为 天使轮"
    assert told.url == f"{project.get_absolute_url()}#matches"


@pytest.mark.parametrize("way", ["the night", "one offer"])
def test_a_new_version_and_a_passing_day_are_the_reason(project, policy, way):
    aged = offer(Fund, {"field": "age_years", "op": "lte", "value": 5, "unit": "年"}, kind="venture")
    know(project, staff=80, established_on="2021-04-20")
    nights(make.NOW)
    publish(policy, STAFF | {"value": 50}, number=2, valid_from=TODAY, at=NIGHT - timedelta(hours=1))
    for one in (policy, aged):
        WAYS[way](project, one, NIGHT)
    assert sorted(changes()) == [
        ("润苗one", "fit", "unfit", "时间推移"),
        ("种子one", "fit", "unfit", "条件更新为第 2 版"),
    ]
    assert [told.title for told in messages()][0].startswith("深圳星海智能有限公司：不再符合")


@pytest.mark.parametrize("way", WAYS)
def test_a_version_that_asks_for_more_blames_no_fact_that_was_known_before(project, policy, way):
    know(project, staff=80, round="a")
    match(project, at=make.NOW)
    publish(policy, {"all": [STAFF, ROUND]}, number=2, valid_from=TODAY, at=NIGHT - timedelta(hours=1))
    WAYS[way](project, policy, NIGHT)
    assert changes() == [("种子one", "fit", "unfit", "条件更新为第 2 版")]


def test_a_policy_that_ends_and_one_that_begins_say_so(project, policy):
    policy.versions.update(valid_to=TODAY)
    coming = offer(Policy, STAFF, code="two", level="city")
    coming.versions.update(valid_from=TODAY + timedelta(days=1))
    know(project, staff=80)
    match(project, at=make.NOW)
    nights(NIGHT)
    assert changes() == [
        ("种子one", "fit", "unfit", "政策已于 2026-04-20 到期"),
        ("种子two", "reserve", "fit", "政策已可以申报"),
    ]
    (told,) = messages()
    assert told.title == "深圳星海智能有限公司：新增符合 1 项，不再符合 1 项"


def test_a_change_that_touches_no_fit_is_kept_and_told_to_nobody(project, policy):
    match(project, at=make.NOW)
    know(project, NIGHT, staff=500)
    match(project, at=NIGHT)
    assert changes() == [("种子one", "incomplete", "unfit", "员工人数 更新为 500 人")]
    assert messages() == []
    assert not MatchChange.objects.filter(told_at=None).exists()


def test_what_is_first_judged_is_no_change(project, owner, policy):
    know(project, staff=80)
    match(project, at=make.NOW)
    know(make.project(owner), staff=80)
    offer(Fund, ROUND, kind="venture")
    nights(NIGHT)
    assert (changes(), messages()) == ([], [])


def test_a_change_of_the_record_itself_is_named(project, policy):
    criteria = {"field": "total_investment", "op": "gte", "value": 1000, "unit": "万元"}
    one = offer(Fund, criteria, kind="venture")
    nights(make.NOW)
    Project.objects.filter(pk=project.pk).update(amount_wan=5000, updated_at=NIGHT - timedelta(hours=1))
    rematch_one(one, NIGHT)
    assert changes() == [("润苗one", "incomplete", "fit", "项目或企业档案有更新")]


def test_one_version_that_touches_many_is_one_message_to_each(
    owner, outsider, policy, django_assert_max_num_queries
):
    ours = [make.project(owner) for _ in range(6)]
    theirs = make.project(outsider)
    for one in (*ours, theirs):
        know(one, staff=80)
    nights(make.NOW)
    publish(policy, STAFF | {"value": 50}, number=2, valid_from=TODAY, at=NIGHT)
    with django_assert_max_num_queries(26):
        assert rematch_one(policy, NIGHT) == 7
    told = {row.user: row for row in messages()}
    assert set(told) == {owner, outsider}
    assert told[owner].title == "6 个项目的匹配结论有变化：不再符合 6 项"
    assert told[owner].url == "/match-changes/"
    assert len(told[owner].items) == 6
    assert told[outsider].url == f"{theirs.get_absolute_url()}#matches"
    assert tell(NIGHT) == 0


def test_batches_of_one_night_are_told_together(owner, policy, monkeypatch):
    monkeypatch.setattr(rematching, "BATCH", 2)
    found = [make.project(owner) for _ in range(5)]
    nights(make.NOW)
    for one in found:
        know(one, NIGHT, staff=80)
    nights(NIGHT)
    (told,) = messages()
    assert told.title == "5 个项目的匹配结论有变化：新增符合 5 项"


def test_without_an_owner_who_is_here_the_heads_hear(project, policy, owner, head):
    match(project, at=make.NOW)
    owner.is_active = False
    owner.save()
    know(project, NIGHT, staff=80)
    match(project, at=NIGHT)
    assert [told.user for told in messages()] == [head]


def test_the_project_shows_its_changes_and_the_list_only_visible_ones(
    as_, owner, outsider, project, policy, freeze
):
    freeze(make.NOW)
    match(project, at=make.NOW)
    know(project, make.NOW + timedelta(minutes=1), staff=80)
    match(project, at=make.NOW + timedelta(minutes=2))
    freeze(make.NOW + timedelta(minutes=3))
    client = as_(owner)
    page = client.get(project.get_absolute_url()).content.decode()
    assert "由「待补充」变为「符合」，原因：员工人数 更新为 80 人" in page
    assert "新增符合：" in page
    why = client.get(f"{project.get_absolute_url()}reminders/").content.decode()
    assert "2026-04-20 新增符合：种子one（员工人数 更新为 80 人），当时已告诉。" in why
    listed = client.get("/match-changes/").content.decode()
    assert project.name in listed
    assert "原因：员工人数 更新为 80 人" in listed
    assert project.name not in as_(outsider).get("/match-changes/").content.decode()
    assert client.get("/match-changes/?page=xx").status_code == 400


def test_the_list_costs_the_same_for_one_change_and_for_many(as_, owner, policy):
    client, counts = as_(owner), []
    for number in (1, 9):
        for _ in range(number):
            one = make.project(owner)
            match(one, at=make.NOW)
            know(one, NIGHT, staff=80)
            match(one, at=NIGHT)
        client.get("/match-changes/")
        with CaptureQueriesContext(connection) as found:
            assert len(client.get("/match-changes/").context["page"].rows) in (1, 10)
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", WAYS)
def test_two_runs_at_once_keep_and_tell_one_change(owner, other):
    policy = offer(Policy, STAFF, level="city")
    project = make.project(owner)
    match(project, at=make.NOW)
    know(project, NIGHT, staff=80)
    late = Other(lambda: WAYS[other](Project.objects.get(pk=project.pk), policy, NIGHT + timedelta(hours=1)))
    with late.before('INSERT INTO "projects_matchsheet"'):
        match(project, at=NIGHT)
    late.ended()
    assert len(changes()) == 1
    assert len(messages()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["the page", "one offer"])
def test_who_comes_while_a_night_writes_waits_and_finds_nothing_new(owner, other):
    policy = offer(Policy, STAFF, level="city")
    project = make.project(owner)
    match(project, at=make.NOW)
    know(project, NIGHT, staff=80)
    late = Other(lambda: WAYS[other](Project.objects.get(pk=project.pk), policy, NIGHT + timedelta(hours=1)))
    with late.before("INSERT INTO projects_matchsheet"):
        nights(NIGHT)
    assert late.ended() is not None
    assert len(changes()) == 1
    assert len(messages()) == 1
    assert bytes(MatchSheet.objects.get().verdicts)[-1:] == b"f"


def test_page_and_api_filter_alike_and_nobody_reads_of_others_projects(
    as_, owner, outsider, project, fund, policy, freeze
):
    match(project, at=make.NOW)
    know(project, staff=80)
    match(project, at=make.NOW + timedelta(minutes=2))
    know(project, NIGHT, round="b")
    match(project, at=NIGHT)
    freeze(NIGHT + timedelta(minutes=1))
    person, client = callers.person(owner), as_(owner)
    (unfit, fit) = person.get("match-changes/").json()["results"]
    assert (fit["policy"], fit["fund"], fit["before"], fit["after"]) == ("one", None, "incomplete", "fit")
    assert fit["reason"] == "员工人数 更新为 80 人"
    assert (unfit["fund"], unfit["after_label"], unfit["criteria_version"]) == ("one", "不符合", 1)
    for query, wanted in (
        ({"after": "fit"}, [fit["id"]]), ({"project": project.pk}, [unfit["id"], fit["id"]]),
        ({"project": project.pk + 1}, []), ({"since": "2026-04-21"}, [unfit["id"]]),
    ):  # fmt: skip
        assert [row["id"] for row in person.get("match-changes/", query).json()["results"]] == wanted, query
        assert [row.pk for row in client.get("/match-changes/", query).context["page"].rows] == wanted, query
    for query in ({"after": "maybe"}, {"project": "x"}, {"since": "soon"}, {"fund": "one"}):
        assert person.get("match-changes/", query).status_code == 400, query
        assert client.get("/match-changes/", query).status_code == 400, query
    first = person.get("match-changes/", {"page_size": 1}).json()
    assert [first["results"][0]["id"], person.get(first["next"]).json()["results"][0]["id"]] == [
        unfit["id"], fit["id"],
    ]  # fmt: skip
    since = person.get("match-changes/", {"updated_since": unfit["updated_at"]}).json()
    assert [row["id"] for row in since["results"]] == [unfit["id"]]
    assert callers.person(outsider).get("match-changes/").json()["results"] == []
    assert callers.partner().get("match-changes/").json()["results"] == []
    assert len(callers.partner("全看", "projects:read_all").get("match-changes/").json()["results"]) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", WAYS)
def test_who_comes_while_one_offer_is_judged_waits_and_finds_nothing_new(owner, other):
    policy = offer(Policy, STAFF, level="city")
    project = make.project(owner)
    match(project, at=make.NOW)
    know(project, NIGHT, staff=80)
    late = Other(lambda: WAYS[other](Project.objects.get(pk=project.pk), policy, NIGHT + timedelta(hours=1)))
    with late.before("UPDATE projects_matchsheet"):
        rematch_one(policy, NIGHT)
    late.ended()
    assert changes() == [("种子one", "incomplete", "fit", "员工人数 更新为 80 人")]
    assert len(messages()) == 1
    assert not MatchChange.objects.filter(told_at=None).exists()


def test_of_many_that_change_each_has_its_own_reason(owner, outsider, policy):
    """Most share the reason, some were explained before, of some a fact is newer; all stand in one letter."""
    projects = [make.project(owner, name=name) for name in ("一直没看", "看过", "刚更新")]
    for one in projects:
        know(one, staff=80, round="a")
    nights(make.NOW)
    match(projects[1], at=make.NOW)
    publish(policy, STAFF | {"value": 50}, number=2, valid_from=TODAY, at=NIGHT - timedelta(hours=1))
    know(projects[2], NIGHT - timedelta(hours=1), staff=90)
    know(projects[1], NIGHT - timedelta(hours=1), staff=70)
    rematch_one(policy, NIGHT)
    found = MatchChange.objects.order_by("project_id").values_list("project__name", "reason")
    assert list(found) == [
        ("一直没看", "条件更新为第 2 版"),
        ("看过", "条件更新为第 2 版；员工人数 更新为 70 人"),
        ("刚更新", "条件更新为第 2 版；员工人数 更新为 90 人"),
    ]
    (told,) = messages()
    assert told.title == "3 个项目的匹配结论有变化：不再符合 3 项"
    assert [item["text"] for item in told.items] == [
        f"不再符合，不符合 种子one；原因：{reason}" for _, reason in found
    ]
