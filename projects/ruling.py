"""审查提示规则 as data: looked through before they are changed, changed under a lock, every change on record.

A changed rule counts from its saving on; conclusions reached before stand (domain rule §4.2). A review and a
change wait for one another: no review is judged half by the old rules and half by the new ones.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.db import connection, transaction
from django.db.models import Max

from crm import audit
from crm.errors import Refused, StaleVersion
from crm.permissions import require
from crm.workdays import shanghai_day
from projects.flags import ASKS_LIBRARY, CLAUSE_FIELDS, READABLE, Item, Rule, check_rule, flags_of
from projects.models import FlagRule, IncentiveItem
from projects.models.bases import known_clauses

RULES_LOCK = 7304  # any number of our own
LOOKED_THROUGH = 5000  # items, the latest changed first
SHOWN = 50
OWN = "own_"
LISTS = {"patterns": "触发措辞", "exempting": "豁免措辞"}


class RuleRefused(Refused):
    """The rule cannot be as asked; `field` names why."""

    code = "invalid"


@dataclass(frozen=True)
class Wording:
    """What of a rule can be edited; checks of fields and pardons belong to the program."""

    name: str
    reason: str
    advice: str
    patterns: tuple[str, ...] = ()
    exempting: tuple[str, ...] = ()
    fields: tuple[str, ...] = CLAUSE_FIELDS
    needs_opinion: bool = False
    active_from: date | None = None
    active_to: date | None = None

    def is_active(self, day):
        """Whether the rule would be in force on `day`."""
        return (self.active_from is None or self.active_from <= day) and (
            self.active_to is None or day <= self.active_to
        )


@dataclass(frozen=True)
class Effect:
    """What a change would do to the items promised today: those flagged only then, those only now."""

    hit: list
    spared: list
    looked: int
    is_complete: bool


def hold_rules(*, to_change=False):
    """Keep the rules as they are until the transaction ends; who changes them waits for all who judge."""
    verb = "pg_advisory_xact_lock" if to_change else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {verb}(%s)", [RULES_LOCK])


def preview(row, wording, *, by, at):
    """The Effect of giving the rule `row` (None: a new one) this `wording`; writes nothing.

    Raises NotAllowed, and RuleRefused for what could not be saved either.
    """
    require(by, "see_rules")
    _check(row, wording)
    day = shanghai_day(at)
    return compare(_before(row, day), _after(row, wording, day), day)


def compare(before, after, day):
    """The Effect of judging by the rule `after` instead of `before`; each a list of one rule or none."""
    standing = IncentiveItem.objects.standing().with_parties().select_related("unit")
    items = list(standing.order_by("-updated_at", "-pk")[: LOOKED_THROUGH + 1])
    looked = items[:LOOKED_THROUGH]
    rules = [
        replace(rule, code=code) for code, part in (("before", before), ("after", after)) for rule in part
    ]
    hit, spared = [], []
    for item in looked:
        found = {flag.code for flag in flags_of(item.as_flagged(), rules, day)}
        if len(found) == 1:
            (hit if found == {"after"} else spared).append(item)
    return Effect(hit, spared, len(looked), len(items) <= LOOKED_THROUGH)


def tried(row, wording, text, *, at):
    """The words this `wording` of `row` flags in `text`, a clause nobody has promised."""
    day = shanghai_day(at)
    rules = [replace(rule, check="", unless="") for rule in _after(row, wording, day) if rule.patterns]
    found = flags_of(Item(text=text), rules, day)
    return [hit.words for flag in found for hit in flag.hits]


def _before(row, day):
    is_in_force = row is not None and FlagRule.objects.active(day).filter(pk=row.pk).exists()
    return [row.as_rule(known_clauses())] if is_in_force else []


def _after(row, wording, day):
    return [_rule(row, wording)] if wording.is_active(day) else []


def _rule(row, wording):
    check, unless = (row.check_name, row.unless) if row else ("", "")
    return Rule(
        row.code if row else OWN,
        wording.name,
        wording.reason,
        wording.advice,
        tuple(wording.patterns),
        tuple(wording.exempting),
        check,
        unless,
        tuple(wording.fields),
        known_clauses() if check == ASKS_LIBRARY else (),
    )


@transaction.atomic
def change(row, wording, *, by, at, version):
    """Give the rule `row` this wording from now on, with a line in the audit log; returns the row.

    Reviews under way end first, later ones wait. Raises NotAllowed, StaleVersion, RuleRefused.
    """
    require(by, "edit_rules")
    hold_rules(to_change=True)
    kept = FlagRule.objects.select_for_update().get(pk=row.pk)
    if kept.version != version:
        raise StaleVersion(kept)
    _check(kept, wording)
    changes = _changes(kept, wording)
    if not changes:
        return kept
    _write(kept, wording)
    kept.version += 1
    kept.save()
    audit.record(by, "change_rule", kept, detail={"object": kept.name, **changes}, at=at)
    return kept


@transaction.atomic
def add(wording, *, by, at):
    """Write a new rule, in force from now on; returns it. Raises NotAllowed, RuleRefused."""
    require(by, "edit_rules")
    hold_rules(to_change=True)
    _check(None, wording)
    place = (FlagRule.objects.aggregate(last=Max("order"))["last"] or 0) + 1
    made = FlagRule(code=f"{OWN}{place}", order=place)
    _write(made, wording)
    made.save()
    audit.record(by, "add_rule", made, detail={"object": made.name, **_changes(FlagRule(), wording)}, at=at)
    return made


def _write(row, wording):
    for name, value in vars(wording).items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)


def _check(row, wording):
    for name, label in (("name", "名称"), ("reason", "问题与依据"), ("advice", "怎么办")):
        if not getattr(wording, name).strip():
            raise RuleRefused(f"请填写{label}。", code="required", field=name)
        if "{" in getattr(wording, name):
            words = "是给人看的文字，不会替换 {rate} 这样的占位符；占位符只用在触发措辞和豁免措辞里。"
            raise RuleRefused(f"「{label}」{words}", field=name)
    if not wording.fields or not set(wording.fields) <= set(READABLE):
        raise RuleRefused("请至少选一个要检查的栏目。", code="required", field="fields")
    if wording.active_from and wording.active_to and wording.active_from > wording.active_to:
        raise RuleRefused("停用日期不能早于启用日期。", field="active_to")
    if problems := check_rule(_rule(row, wording)):
        raise RuleRefused("措辞有误，没有保存：" + "".join(problems[:3]), field="patterns")


def _changes(row, wording):
    """{column in words: what changed} for the audit log; of lists what was added and what taken away."""
    changes = {}
    for name, value in vars(wording).items():
        before, label = getattr(row, name), str(FlagRule._meta.get_field(name).verbose_name)
        if name in LISTS:
            changes |= _list_change(LISTS[name], before, value)
        elif (tuple(before) if isinstance(value, tuple) else before) != value:
            changes[label] = f"{_said(before)} → {_said(value)}"
    return changes


def _list_change(label, before, after):
    added, gone = [one for one in after if one not in before], [one for one in before if one not in after]
    found = {f"{label}，增加": added, f"{label}，去掉": gone}
    return {words: ones for words, ones in found.items() if ones}


def _said(value):
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(value) if isinstance(value, (list, tuple)) else str(value or "空")
