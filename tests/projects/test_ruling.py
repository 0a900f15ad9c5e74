"""The editor of the flag rules: looked at before saving, refused in words, on record, apart from reviews."""

import threading
import time
from datetime import timedelta

import pytest

from django.db import connection, transaction
from django.urls import reverse

from crm.errors import NotAllowed, StaleVersion
from crm.models import AuditEvent
from projects import flag_patterns, flag_rows
from projects.flag_patterns import PLACEHOLDERS
from projects.flag_seed import RULES
from projects.flag_text import SHAPES, Folded
from projects.incentives import draft, flagged, remove, rules_in_force
from projects.models import FlagRule, IncentiveItem, ItemReview
from projects.reviewing import ReviewRefused, Verdict, review
from projects.ruling import RuleRefused, Wording, add, change, hold_rules, preview, tried
from tests import make

FINE = {
    "kind": "rent",
    "text": "按实际租金的50%补贴，每年最高30万元",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "市级专项资金",
}
CLEAR = Verdict("conforms", "依据公开政策，条件对所有企业相同。")
DEADLINE = 20  # seconds for what another thread must have done


def rule(code="uncapped"):
    return FlagRule.objects.get(code=code)


def wording(row, **more):
    """The rule as it stands, with what a test changes."""
    given = {name: getattr(row, name) for name in Wording.__dataclass_fields__}
    given |= {name: tuple(given[name]) for name in ("patterns", "exempting", "fields")}
    return Wording(**{**given, **more})


def item(by, text=FINE["text"], **more):
    make.known_basis()
    return draft(make.project(by), {**FINE, "text": text, **more}, by=by, at=make.NOW)


def codes(one):
    return [flag.code for flag in flagged([IncentiveItem.objects.get(pk=one.pk)], at=make.NOW)[0].flags]


def fields(row, **more):
    """What the form of a rule sends."""
    given = wording(row)
    body = {
        "name": given.name,
        "reason": given.reason,
        "advice": given.advice,
        "patterns": "\n".join(given.patterns),
        "exempting": "\n".join(given.exempting),
        "fields_": given.fields,
        "version": row.version,
    }
    return {**body, **({"needs_opinion": "on"} if given.needs_opinion else {}), **more}


def test_a_preview_says_whom_a_change_hits_and_spares_and_writes_nothing(owner, reviewer, now):
    rent, endless = item(owner), item(owner, "设备补助不设上限，按发票兑付。")
    gone = item(owner)
    remove(gone, by=owner, at=now)
    row = rule()
    changed = wording(row, patterns=("租金 ..8 补贴",))
    effect = preview(row, changed, by=reviewer, at=now)
    assert (effect.hit, effect.spared, effect.looked, effect.is_complete) == ([rent], [endless], 2, True)
    assert rule().patterns == row.patterns
    assert codes(endless) == ["uncapped"]


def test_a_rule_that_ends_yesterday_spares_and_one_that_begins_tomorrow_hits_nobody(owner, reviewer, now):
    endless = item(owner, "设备补助不设上限，按发票兑付。")
    row, today = rule(), now.date()
    ended = preview(row, wording(row, active_to=today - timedelta(days=1)), by=reviewer, at=now)
    assert ended.spared == [endless]
    assert preview(row, wording(row, active_to=today), by=reviewer, at=now).spared == []
    new = wording(row, name="新", active_from=today + timedelta(days=1))
    assert preview(None, new, by=reviewer, at=now).hit == []


def test_a_change_counts_from_then_on_and_leaves_conclusions_as_they_are(owner, reviewer, admin_user, now):
    rent = item(owner)
    review(rent, CLEAR, digest=rent.digest, by=reviewer, at=now)
    row = rule()
    change(row, wording(row, patterns=("租金 ..8 补贴",)), by=admin_user, at=now, version=1)
    assert codes(rent) == ["uncapped"]
    assert ItemReview.objects.get().flags == []
    (event,) = AuditEvent.objects.filter(action="change_rule")
    assert (event.subject_id, event.detail["触发措辞，增加"]) == (row.pk, ["租金 ..8 补贴"])
    assert event.detail["触发措辞，去掉"] == row.patterns


def test_what_the_law_touches_can_be_made_to_ask_for_an_opinion(owner, reviewer, admin_user, now):
    row = rule("no_budget")
    bare = item(owner, budget_source="")
    change(row, wording(row, needs_opinion=True), by=admin_user, at=now, version=1)
    with pytest.raises(ReviewRefused, match="没有资金来源"):
        review(bare, CLEAR, digest=bare.digest, by=reviewer, at=now)
    (event,) = AuditEvent.objects.filter(action="change_rule")
    assert event.detail["放行须有市场监管部门意见"] == "否 → 是"


def test_a_rule_of_our_own_flags_and_has_its_place_at_the_end(owner, admin_user, now):
    made = add(Wording("上门服务", "占用人力。", "改为窗口办理。", ("上门 ..4 代办",)), by=admin_user, at=now)
    assert made == FlagRule.objects.last()
    assert codes(item(owner, FINE["text"] + "，由专员上门代办。")) == [made.code]
    assert AuditEvent.objects.get(action="add_rule").detail["触发措辞，增加"] == ["上门 ..4 代办"]


@pytest.mark.parametrize(
    "changed, match",
    [
        ({"patterns": ("(a+)+$",)}, "不是正则表达式，不能用「\\(」"),
        ({"patterns": ("税收.*返还",)}, "不是正则表达式"),
        ({"exempting": ("[^税]+",)}, "不是正则表达式"),
        ({"patterns": ("税收 ..99 返还",)}, "不超过 60 个字"),
        ({"patterns": ("..8 返还",)}, "间隔写在两个词之间|首尾要有词"),
        (
            {"patterns": ("税收 {rat}",)},
            "没有「{rat}」这个占位符。能用的是 {rate}、{share}、{years}、{holiday}",
        ),
        ({"exempting": ("税收{rate}",)}, "没有「税收{rate}」这个占位符"),
        ({"advice": "请把 {rate} 改掉"}, "「怎么办」是给人看的文字，不会替换 {rate} 这样的占位符"),
        ({"patterns": ("不与 ..16 @",)}, "只能用在豁免措辞里"),
        ({"patterns": ("税" * 601,)}, "最多 600 个字"),
        ({"patterns": tuple(f"税收{n}" for n in range(151))}, "各最多 150 条"),
        ({"patterns": ()}, "请至少写一项"),
        ({"name": " "}, "请填写名称"),
        ({"advice": ""}, "请填写怎么办"),
        ({"fields": ()}, "至少选一个要检查的栏目"),
    ],
)
def test_a_bad_rule_is_refused_in_words_and_the_old_one_stays(admin_user, now, changed, match):
    row = rule()
    for attempt in (
        lambda: preview(row, wording(row, **changed), by=admin_user, at=now),
        lambda: change(row, wording(row, **changed), by=admin_user, at=now, version=1),
    ):
        with pytest.raises(RuleRefused, match=match):
            attempt()
    assert rule().version == 1
    assert not AuditEvent.objects.filter(action="change_rule").exists()


def test_the_worst_pattern_one_may_write_works_in_proportion_to_the_text(now, monkeypatch):
    """Four times the text is four times the work; steps are counted, as a clock counts neighbours too."""
    pattern = " ...60 ".join(["税|税收|收税|税税"] * 6)
    greedy = Wording("贪心", "慢。", "快。", (pattern,), (f"{'税 ...60 ' * 5}@",))
    work = []
    monkeypatch.setattr(Folded, "is_clear", counted(Folded.is_clear, work))
    monkeypatch.setattr(flag_patterns, "_touches", counted(flag_patterns._touches, work))
    steps = []
    for times in (250, 1000):
        work.clear()
        tried(None, greedy, "税收" * times, at=now)
        steps.append(len(work))
    assert 1000 < steps[1] <= 4.2 * steps[0]


def counted(function, work):
    def count(*args):
        work.append(None)
        return function(*args)

    return count


def test_who_may_not_edit_looks_at_most(owner, reviewer, now):
    row = rule()
    for person in (owner, reviewer):
        with pytest.raises(NotAllowed):
            change(row, wording(row, name="改名"), by=person, at=now, version=1)
    with pytest.raises(NotAllowed):
        preview(row, wording(row), by=owner, at=now)
    assert rule().name == row.name


def test_two_administrators_do_not_overwrite_one_another(admin_user, now):
    row = rule()
    change(row, wording(row, name="不封顶"), by=admin_user, at=now, version=1)
    with pytest.raises(StaleVersion):
        change(row, wording(row, name="无上限"), by=admin_user, at=now, version=1)
    assert rule().name == "不封顶"


def test_the_page_previews_first_and_saves_what_was_previewed(as_, owner, admin_user):
    rent = item(owner)
    row, client = rule(), as_(admin_user)
    address = reverse("projects:rule", args=[row.pk])
    changed = fields(row, patterns="租金 ..8 补贴", sample="给予租金全额补贴。")
    unseen = client.post(address, {**changed, "save": "1"})
    assert "请看过新的影响再保存" in unseen.content.decode()
    assert rule().version == 1
    seen = client.post(address, {**changed, "preview": "1"})
    page = seen.content.decode()
    assert "新增提示 1 条" in page
    assert f"条款 {rent.pk}（租金，半山区块）" in page
    assert rent.text not in page  # an administrator sees no records
    assert "<mark>租金全额补贴</mark>" in page
    other = {**changed, "name": "另一个名字", "save": "1", "previewed": seen.context["previewed"]}
    assert "请看过新的影响再保存" in client.post(address, other).content.decode()
    saved = client.post(
        address, {**changed, "save": "1", "previewed": seen.context["previewed"]}, follow=True
    )
    assert "已保存，从现在起按它提示" in saved.content.decode()
    assert rule().patterns == ["租金 ..8 补贴"]


def test_a_bad_wording_is_told_at_its_field_and_nothing_is_saved(as_, admin_user):
    row = rule()
    answer = as_(admin_user).post(
        reverse("projects:rule", args=[row.pk]), fields(row, patterns="(a+)+$", save="1")
    )
    assert answer.status_code == 400
    assert "措辞不是正则表达式，不能用「(」" in answer.content.decode()
    assert rule().version == 1


def test_a_reviewer_tries_by_name_of_the_item_and_is_offered_no_saving(as_, owner, reviewer):
    rent = item(owner)
    row, client = rule(), as_(reviewer)
    address = reverse("projects:rule", args=[row.pk])
    changed = fields(row, patterns="租金 ..8 补贴")
    seen = client.post(address, changed)
    assert rent.get_absolute_url() in seen.content.decode()
    assert "保存，从现在起生效" not in seen.content.decode()
    forced = client.post(address, {**changed, "save": "1", "previewed": seen.context["previewed"]})
    assert forced.status_code == 403
    assert rule().version == 1


def test_a_new_rule_through_the_page(as_, admin_user):
    client, address = as_(admin_user), reverse("projects:rule_new")
    body = fields(rule(), name="上门服务", patterns="上门 ..4 代办", exempting="")
    body.pop("version")
    seen = client.post(address, body)
    client.post(address, {**body, "save": "1", "previewed": seen.context["previewed"]})
    made = FlagRule.objects.get(name="上门服务")
    assert made.as_rule() in rules_in_force(make.NOW.date())


def test_the_list_asks_as_often_whatever_the_number_of_rules(
    as_, admin_user, now, django_assert_max_num_queries
):
    client = as_(admin_user)
    for n in range(20):
        add(Wording(f"规则{n}", "问题。", "改。", (f"措辞{n}甲",)), by=admin_user, at=now)
    with django_assert_max_num_queries(6):
        assert client.get(reverse("projects:rules")).status_code == 200


def waiting():
    """Whether somebody waits for an advisory lock in this database; the server has those of others, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def until(condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def beside(work):
    """`work` in a thread of its own, with what it raised or returned."""
    outcome = []

    def run():
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 (handed to the test)
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


@pytest.mark.django_db(transaction=True)
def test_a_review_that_comes_while_a_rule_is_changed_is_judged_by_the_new_rule(
    owner, reviewer, admin_user, now
):
    rent, row = item(owner), rule()
    with transaction.atomic():
        changed = wording(row, patterns=("租金 ..8 补贴",), needs_opinion=True)
        change(row, changed, by=admin_user, at=now, version=1)
        thread, outcome = beside(lambda: review(rent, CLEAR, digest=rent.digest, by=reviewer, at=now))
        until(waiting)
        assert not ItemReview.objects.exists()
    thread.join(DEADLINE)
    (refusal,) = outcome
    assert (type(refusal), refusal.code) == (ReviewRefused, "opinion_required")
    assert not ItemReview.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rule_is_changed_after_the_reviews_that_have_begun_and_two_reviews_do_not_wait(
    owner, reviewer, admin_user, now
):
    one, two, row = item(owner), item(owner), rule()
    with transaction.atomic():
        review(one, CLEAR, digest=one.digest, by=reviewer, at=now)
        other, reviewed = beside(lambda: review(two, CLEAR, digest=two.digest, by=reviewer, at=now))
        other.join(DEADLINE)
        assert [type(found) for found in reviewed] == [ItemReview]
        changed = wording(row, patterns=("租金 ..8 补贴",))
        thread, outcome = beside(lambda: change(row, changed, by=admin_user, at=now, version=1))
        until(waiting)
        assert rule().version == 1
    thread.join(DEADLINE)
    assert [found.version for found in outcome] == [2]


def test_holding_the_rules_twice_in_one_transaction_waits_for_nobody(db):
    with transaction.atomic():
        hold_rules()
        hold_rules(to_change=True)
        assert not waiting()


def test_a_seeded_rule_may_be_saved_as_it_stands_and_changes_nothing(owner, admin_user, now):
    item(owner, "前三年按企业对地方经济贡献的 70% 给予扶持，上不封顶。", scope="single")
    for row in FlagRule.objects.all():
        effect = preview(row, wording(row), by=admin_user, at=now)
        assert (effect.hit, effect.spared, effect.looked) == ([], [], 1)


def test_a_rule_as_it_was_loaded_gets_the_better_wording_and_one_made_ones_own_does_not(db, monkeypatch):
    old, own = rule("uncapped"), rule("relocation")
    wanted = old.patterns
    for row in (old, own):
        row.patterns = ["上不封顶"]
        row.save()
    columns = flag_rows._columns(next(seed for seed in RULES if seed.code == "uncapped"))
    monkeypatch.setattr(flag_rows, "FORMER", {flag_rows._digest(old, columns)})
    assert [row.code for row in flag_rows.refresh(lambda name: FlagRule)] == ["uncapped"]
    old.refresh_from_db()
    own.refresh_from_db()
    assert (old.patterns, old.version, own.patterns, own.version) == (wanted, 2, ["上不封顶"], 1)
    assert flag_rows.refresh(lambda name: FlagRule) == []


def test_beside_the_wordings_stands_every_placeholder_there_is(as_, admin_user):
    assert PLACEHOLDERS.keys() == SHAPES.keys()
    page = as_(admin_user).get(reverse("projects:rule", args=[rule().pk])).content.decode()
    for name, words in PLACEHOLDERS.items():
        assert page.count(f"<code>{{{name}}}</code> {words}") == 2
        examples = words.partition("如 ")[2] or words.partition("还有 ")[2]
        assert all(SHAPES[name].fullmatch(example) for example in examples.split("、"))


def test_what_was_loaded_once_is_known_by_whole_digests(db):
    assert {len(digest) for digest in flag_rows.FORMER} == {16}
    assert (
        not {flag_rows._digest(rule(seed.code), flag_rows._columns(seed)) for seed in RULES}
        & flag_rows.FORMER
    )
