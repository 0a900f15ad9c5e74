"""Criteria as data: reading them into a plan, and saying in Chinese what is wrong with them."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm.rules.dictionary import FIELDS
from crm.rules.fields import Field, WrongValue, read_number
from crm.rules.logic import GROUP_LABELS
from crm.rules.operators import OPERATORS, Operator, read_threshold

MAX_DEPTH = 8
KINDS = {"hard": "硬性条件", "soft": "加分项", "note": "政策提示"}
GROUP_HOLDS = {
    "all": "应是规则和组的清单",
    "any": "应是规则和组的清单",
    "not": "里面只放一条规则或一个组；要排除几项，请在里面再套一个「任一」组",
}
RULE_KEYS = {
    "kind", "field", "op", "value", "unit", "weight",
    "message", "clause", "document", "document_date", "caution",
}  # fmt: skip
# beside them, only where one party's own register makes the rule: what that party has not said
READ_KEYS = RULE_KEYS | {"unstated"}
PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
NO_UNIT_TYPES = ("date", "choice", "set", "bool", "text")

Vocabulary = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in criteria: where (「2.1」), a stable code, and what to do about it, in Chinese."""

    number: str
    code: str
    message: str


@dataclass(slots=True)
class Rule:
    """One rule or note as read. `broken` says in Chinese why it cannot be compared: it answers 信息不足.

    `unstated` says that the bound is not known for sure (「载体台账没有登记层高」): what holds against the
    `threshold` (None: nothing is known at all) holds, what does not is 信息不足 for that reason, not 不满足.
    """

    number: str
    raw: Mapping[str, Any]
    kind: str = "hard"
    field: Field | None = None
    operator: Operator | None = None
    threshold: Any = None
    weight: Decimal = Decimal(0)
    broken: str = ""
    unstated: str = ""
    problems: list[Problem] = dataclasses.field(default_factory=list)

    @property
    def is_note(self) -> bool:
        return self.kind == "note"

    @property
    def is_boundless(self) -> bool:
        """Whether nothing at all is known of the bound."""
        return bool(self.unstated) and self.threshold is None and self.operator.reads != "nothing"


@dataclass(slots=True)
class Group:
    """Rules and groups joined by 全部 / 任一 / 不得."""

    number: str
    name: str
    items: list["Rule | Group"] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """Criteria read once and evaluated many times; `problems` must be empty before they are published.

    Without criteria `awaits` says which are to come, or which were the last.
    """

    root: Group
    problems: tuple[Problem, ...]
    vocabulary: Vocabulary
    asked: tuple[Rule, ...]  # every rule that is compared, in the order written; no notes
    needs: frozenset[str]  # the facts these ask for, a derived field by what it derives from
    awaits: str = ""

    def rules(self) -> Iterator[Rule]:
        return rules_in(self.root)

    def labels(self, key: str) -> Mapping[str, str]:
        """The words for the codes of a field: the vocabulary's of today, else the dictionary's."""
        known = FIELDS.get(key)
        return self.vocabulary.get(key) or (known and known.choices) or {}


def rules_in(node: Rule | Group) -> Iterator[Rule]:
    """The rules of a tree in the order written, notes included."""
    if isinstance(node, Rule):
        yield node
        return
    for item in node.items:
        yield from rules_in(item)


def read(criteria, vocabulary: Vocabulary | None = None, awaits: str = "") -> Plan:
    """A plan of whatever was stored; never raises: what cannot be read becomes a rule that is 信息不足."""
    vocabulary = vocabulary or {}
    root = Group("", "all") if criteria in ({}, None) else _node(criteria, "", vocabulary, ("all",))
    if isinstance(root, Rule):
        root = Group("", "all", [root])
    problems = [*_all_problems(root), *_weight_problems(root)]
    asked = tuple(rule for rule in rules_in(root) if not rule.is_note)
    fields = [rule.field for rule in asked if rule.field]
    needs = frozenset(
        key for field in fields for key in (field.derived.needs if field.derived else (field.key,))
    )
    return Plan(root, tuple(problems), vocabulary, asked, needs, awaits)


def check_criteria(criteria, vocabulary: Vocabulary | None = None) -> list[Problem]:
    """Every mistake an editor must mend before publishing; empty when the criteria are sound."""
    return list(read(criteria, vocabulary).problems)


def check_offered(criteria, vocabulary: Vocabulary | None = None) -> list[Problem]:
    """As `check_criteria`, for what a fund or policy publishes: a need is stated to spaces and compute only,
    so nobody could ever fill in what a rule about it lacks."""
    plan = read(criteria, vocabulary)
    return [
        *plan.problems,
        *(_need_problem(rule) for rule in plan.asked if rule.field and rule.field.is_need),
    ]


def _need_problem(rule) -> Problem:
    text = "这是项目对载体、算力的需求，不是企业信息，基金和政策不能拿它作条件，请另选字段"
    return Problem(rule.number, "need_only", f"{_where(rule.number)}（{rule.field.label}）：{text}。")


def _all_problems(node) -> Iterator[Problem]:
    yield from node.problems
    for item in getattr(node, "items", ()):
        yield from _all_problems(item)


def _weight_problems(root) -> list[Problem]:
    soft = [rule for rule in rules_in(root) if rule.kind == "soft" and not rule.broken]
    if not soft or sum(rule.weight for rule in soft) > 0:
        return []
    return [Problem("", "weights_sum_zero", "加分项的权重合计为 0，算不出得分；请至少给一项大于 0 的权重。")]


def _where(number: str) -> str:
    return f"第 {number} 条" if number else "条件"


def _broken(number, raw, code, text) -> Rule:
    message = f"{_where(number)}：{text}。"
    return Rule(
        number,
        raw if isinstance(raw, Mapping) else {},
        broken=text,
        problems=[Problem(number, code, message)],
    )


def _node(raw, number, vocabulary, path) -> Rule | Group:
    if not isinstance(raw, Mapping):
        return _broken(number, raw, "not_an_object", "应是一条规则或一个组")
    if len(path) > MAX_DEPTH:
        return _broken(number, raw, "too_deep", f"组套得太深，最多 {MAX_DEPTH} 层，请拆开")
    names = [name for name in GROUP_LABELS if name in raw]
    if not names:
        return _RuleReader(raw, number, vocabulary, path).read()
    if len(raw) > 1:
        return _broken(number, raw, "mixed_group", "一个组只能写 all、any、not 其中之一，不能再写别的")
    return _group(raw[names[0]], names[0], number, vocabulary, path)


def _group(content, name, number, vocabulary, path) -> Rule | Group:
    content = [content] if name == "not" and isinstance(content, Mapping) else content
    if not isinstance(content, list | tuple) or (name == "not" and len(content) != 1):
        return _broken(
            number, {}, "wrong_group", f"「{GROUP_LABELS[name]}」组的内容写法不对，{GROUP_HOLDS[name]}"
        )
    if number and not content:
        return _broken(number, {}, "empty_group", "组里没有规则，请补上或删除该组")
    group = Group(number, name)
    for index, item in enumerate(content, start=1):
        group.items.append(
            _node(item, f"{number}.{index}" if number else str(index), vocabulary, (*path, name))
        )
    return group


class _RuleReader:
    """Reads one rule step by step; the first mistake that makes comparing senseless breaks the rule."""

    def __init__(self, raw, number, vocabulary, path):
        self.raw, self.vocabulary, self.path = raw, vocabulary, path
        self.rule = Rule(number, raw)

    def read(self) -> Rule:
        self._kind()
        self._papers()
        if not self.rule.is_note:
            self._comparison()
            self._weight()
        elif not self._text("message"):
            self._problem("note_without_text", "政策提示没有写内容，请填写说明")
        return self.rule

    def _problem(self, code, text, breaks=False):
        rule = self.rule
        name = f"（{rule.field.label}）" if rule.field else ""
        rule.problems.append(Problem(rule.number, code, f"{_where(rule.number)}{name}：{text}。"))
        if breaks and not rule.broken:
            rule.broken = text

    def _text(self, key) -> str:
        value = self.raw.get(key)
        return value.strip() if isinstance(value, str) else ""

    def _kind(self):
        kind = self.raw.get("kind", "hard")
        if isinstance(kind, str) and kind in KINDS:
            self.rule.kind = kind
        else:
            self._problem("unknown_kind", f"不认识的类别“{kind}”，请选 hard、soft 或 note", breaks=True)
        if self.rule.kind == "soft" and {"any", "not"} & set(self.path):
            self._problem("soft_inside_choice", "加分项不能放在「任一满足」或「不得满足」组里，请移到外层")

    def _papers(self):
        if unknown := sorted(str(key) for key in self.raw if key not in READ_KEYS):
            self._problem("unknown_key", f"不认识的写法 {'、'.join(unknown)}，请删除或改正")
        for key in ("message", "clause", "document", "caution", "unstated"):
            if not isinstance(self.raw.get(key, ""), str):
                self._problem("wrong_text", f"{key} 应是文字")
        self.rule.unstated = self._text("unstated")
        day = self.raw.get("document_date", "")
        if day and not (isinstance(day, str) and PARTIAL_DATE.fullmatch(day)):
            self._problem("wrong_date", f"文件日期“{day}”应写成 2025、2025-11 或 2025-11-03")

    def _comparison(self):
        """Field, operator, unit and threshold; each only makes sense when the one before does."""
        for step in (self._field, self._operator, self._threshold, self._plausible):
            step()
            if self.rule.broken or self.rule.is_note:
                return
        self._choices()

    def _field(self):
        key = self.raw.get("field")
        found = FIELDS.get(key) if isinstance(key, str) else None
        if found is None:
            text = f"字段“{key}”不在词典里（可能已停用），请另选字段" if key else "没有选字段，请选一个字段"
            self._problem("unknown_field", text, breaks=True)
            return
        self.rule.field = found
        if found.is_note_only:
            self._problem(
                "note_only",
                "注册地、返投、迁出等要求不得作为判定或计分条件（国办发〔2025〕1号），请改为政策提示 note",
            )
            self.rule.kind = "note"

    def _operator(self):
        code = self.raw.get("op")
        operator = OPERATORS.get(code) if isinstance(code, str) else None
        if operator is None:
            text = f"不认识的比较方式“{code}”" if code else "没有选比较方式，请选一种"
            self._problem("unknown_op", text, breaks=True)
        elif self.rule.field.type not in operator.types:
            self._problem("op_not_for_type", f"「{operator.label}」不能用于{self._noun}字段", breaks=True)
        self.rule.operator = operator

    @property
    def _noun(self):
        return {"bool": "是否", "choice": "单选", "set": "多选", "text": "文字", "date": "日期"}.get(
            self.rule.field.type, "数值"
        )

    def _factor(self) -> Decimal | None:
        """What the threshold is multiplied by to be in the field's unit; None when the unit is wrong."""
        about, unit = self.rule.field, self.raw.get("unit") or ""
        if self.rule.operator.reads == "nothing":
            return Decimal(1)
        if about.type in NO_UNIT_TYPES:
            factor, text = (None if unit else Decimal(1)), f"{self._noun}字段没有单位，请删除“{unit}”"
        else:
            factor = about.factor(unit) if isinstance(unit, str) else None
            text = f"单位“{unit}”不对，请写 {about.allowed_units}"
        if not unit and factor is None:
            self._problem("missing_unit", f"没有写单位，请写 {about.allowed_units}", breaks=True)
        elif factor is None:
            self._problem("wrong_unit", text, breaks=True)
        return factor

    def _threshold(self):
        factor = self._factor()
        if factor is None or (self.rule.unstated and self.raw.get("value") is None):
            return
        try:
            self.rule.threshold = read_threshold(
                self.rule.operator, self.rule.field, self.raw.get("value"), factor
            )
        except WrongValue as error:
            self._problem("wrong_value", str(error), breaks=True)

    def _numbers(self) -> tuple:
        threshold = self.rule.threshold
        return threshold if isinstance(threshold, tuple) else () if threshold is None else (threshold,)

    def _plausible(self):
        about = self.rule.field
        for value in self._numbers():
            if about.type == "percent" and 0 < value < 1:
                shown, meant = (f"{one.normalize():f}%" for one in (value, value * 100))
                text = f"{shown} 像是把 {meant} 写成了小数，百分比请写 30 而不是 0.3"
                self._problem("fraction_percent", text, breaks=True)
            elif not about.is_plausible(value):
                self._problem("implausible", self._beyond(value, about.low, about.high), breaks=True)
            elif not about.is_askable(value):
                self._problem("implausible", self._beyond(value, *about.asked))

    def _beyond(self, value, low, high) -> str:
        about = self.rule.field
        span = f"{about.show(low)} 至 {about.show(high)}"
        return f"{about.show(value)} 超出该字段可能的范围（{span}），请核对单位"

    def _choices(self):
        about = self.rule.field
        known = self.vocabulary.get(about.key) or (None if about.is_open else about.choices)
        if known is None or about.type not in ("choice", "set") or self.rule.threshold is None:
            return
        threshold = self.rule.threshold
        codes = {threshold} if isinstance(threshold, str) else set(threshold)
        if unknown := sorted(codes - set(known)):
            self._problem("unknown_choice", f"选项 {'、'.join(unknown)} 不在词典里，请改选或停用该选项")

    def _weight(self):
        weight = self.raw.get("weight", 0)
        try:
            self.rule.weight = read_number(weight)
        except WrongValue as error:
            self._problem("wrong_weight", f"权重{error}")
            return
        if self.rule.weight < 0:
            self._problem("wrong_weight", f"权重不能小于 0，现为 {weight}")
            self.rule.weight = Decimal(0)
        if self.rule.kind == "hard" and self.rule.weight:
            self._problem("weight_on_hard", "硬性条件不计分，请删除权重，或改为加分项 soft")
