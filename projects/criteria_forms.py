"""The form of criteria: rows of rules and groups as they are posted and as they are shown."""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from crm.errors import Refused
from crm.rules import FIELDS, OPERATORS
from crm.rules.criteria import KINDS, NO_UNIT_TYPES, RULE_KEYS
from crm.rules.drafting import MAX_NESTED, MAX_NODES, as_number, group_of, is_too_big, opened, tidy
from crm.rules.fields import MONEY_UNITS, NUMERIC
from crm.rules.operators import label_of

GROUPS = {"all": "全部满足", "any": "任一满足", "not": "不得满足"}
TEXTS = ("message", "clause", "document", "document_date", "caution")
PLAIN = (str, int, float, bool)
FIRST_OP = {
    "number": "lte",
    "money": "lte",
    "percent": "gte",
    "date": "gte",
    "choice": "in",
    "set": "overlaps",
}
BETWEEN_VALUES = re.compile(r"[、，,；;\s]+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
YES_NO = {"true": "是", "false": "否"}
BOOLEANS = {"true": True, "false": False}
WHERE = [
    ("企业", "applicant_kind", "exclusions"),
    ("业务与技术", "industries", "team_stake"),
    ("融资与投资", "round", "land_need"),
    ("只能写成政策提示", "registered_place", "relocation_bar"),
]
LONGEST = 100_000


class Unreadable(Refused):
    """What was posted is not the form we gave, or not JSON."""

    code = "bad_parameter"


def read_rows(data):
    """The draft that a posted form describes; values that are no numbers stay as they were typed."""
    root = {"all": []}
    homes = {"": root["all"]}
    for entry in data.getlist("node"):
        number, _, kind = entry.partition(":")
        home = homes.get(number.rpartition(".")[0])
        if home is None or kind not in READERS or len(homes) > MAX_NODES:
            raise Unreadable("页面和草稿对不上了，请刷新页面后再改；草稿还在。")
        node = READERS[kind](data, f"{number}.")
        home.append(node)
        if kind == "group":
            homes[number] = node[group_of(node)]
    return root


def _read_group(data, at):
    name = data.get(f"{at}group", "")
    return {name if name in GROUPS else "all": []}


def _read_raw(data, at):
    text = data.get(f"{at}raw", "")
    try:
        node = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return text
    return text if is_too_big(node) else tidy(node)


def _read_rule(data, at):
    kind, key = data.get(f"{at}kind", "hard"), data.get(f"{at}field", "")
    rule = {} if kind == "hard" else {"kind": kind}
    rule |= {"field": key} if key else {}
    is_new = key in FIELDS and key != data.get(f"{at}was", "")
    rule |= _fresh_comparison(data, at, FIELDS[key]) if is_new else _comparison(data, at, FIELDS.get(key))
    if weight := data.get(f"{at}weight", "").strip():
        rule["weight"] = _number(weight)
    return rule | {name: text for name in TEXTS if (text := data.get(f"{at}{name}", "").strip())}


def _comparison(data, at, about):
    op, unit = data.get(f"{at}op", ""), data.get(f"{at}unit", "").strip()
    value = _value(about, OPERATORS.get(op), [text.strip() for text in data.getlist(f"{at}value")])
    return {
        key: given for key, given in (("op", op), ("value", value), ("unit", unit)) if given not in ("", None)
    }


def _fresh_comparison(data, at, about):
    """Another field was chosen: what fits it stays, the rest begins anew."""
    before = FIELDS.get(data.get(f"{at}was", ""))
    kept = _comparison(data, at, about)
    if before and before.type == about.type and before.unit == about.unit and not about.choices:
        return kept
    op = kept.get("op")
    fits = op in OPERATORS and about.type in OPERATORS[op].types
    unit = {"unit": about.unit} if about.type not in NO_UNIT_TYPES else {}
    return {"op": op if before and fits else FIRST_OP.get(about.type, "eq"), **unit}


def _value(about, operator, texts):
    if operator and operator.reads == "nothing" or not any(texts):
        return None
    if operator and operator.reads in ("list", "codes") and about and not about.choices:
        texts = [part for text in texts for part in BETWEEN_VALUES.split(text)]
    if operator is None or operator.reads != "pair":
        texts = [text for text in texts if text]
    values = [_typed(about, text) for text in texts]
    is_one = operator.reads == "one" if operator else len(values) == 1
    return values[0] if is_one else values


def _typed(about, text):
    if about and about.type in NUMERIC:
        return _number(text)
    return BOOLEANS.get(text, text) if about and about.type == "bool" else text


def _number(text):
    """A plain number as JSON holds it, exactly; anything else as it was typed."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number) >= Decimal(10) ** 18:
        return text
    return as_number(number)


READERS = {"rule": _read_rule, "group": _read_group, "raw": _read_raw}


def read_json(text):
    """The draft of criteria typed as JSON; Unreadable says what is wrong with the text."""
    try:
        criteria = json.loads(text[:LONGEST], parse_constant=_refuse_constant)
    except RecursionError as error:
        raise Unreadable("括号套得太深，没有读入。", field="json") from error
    except ValueError as error:
        line = getattr(error, "lineno", None)
        where = f"第 {line} 行附近" if line else "内容"
        raise Unreadable(
            f"{where}不是正确的 JSON，没有读入；请检查逗号、引号和括号。", field="json"
        ) from error
    if is_too_big(criteria):
        raise Unreadable(f"最多 {MAX_NODES} 条规则和组，没有读入；请合并或删去一些。", field="json")
    return opened(criteria)


def _refuse_constant(name):
    raise ValueError(name)


@dataclass
class Row:
    """One rule, group or unreadable piece of a draft, with all a template needs to show it."""

    number: str
    kind: str
    problems: list
    name: str = ""
    rows: list = field(default_factory=list)
    depth: int = 0
    is_first: bool = False
    is_last: bool = False
    follows_group: bool = False
    raw: str = ""
    rule: dict = field(default_factory=dict)
    choices: dict = field(default_factory=dict)
    widget: str = ""
    values: list = field(default_factory=list)

    @property
    def shows_weight(self):
        return self.rule.get("kind") == "soft" or "weight" in self.rule

    @property
    def is_note(self):
        return self.rule.get("kind") == "note"

    @property
    def has_papers(self):
        return any(self.rule.get(name) for name in TEXTS)

    @property
    def has_day(self):
        """Whether a calendar can show the value; what was mistyped stays to be read as text."""
        return not self.values[0] or bool(DAY.fullmatch(self.values[0]))

    @property
    def is_full(self):
        """Whether a 不得 group has the one it may have."""
        return self.name == "not" and bool(self.rows)


def rows_of(draft, problems, words):
    """The draft as Rows; `problems` by number stand at their rows, `words` are the vocabulary of today."""
    return _rows(draft["all"], "", problems, words, 1)


def _rows(items, above, problems, words, depth):
    found = []
    for index, node in enumerate(items):
        number = f"{above}.{index + 1}" if above else str(index + 1)
        row = _row(node, number, problems, words, depth)
        row.is_first, row.is_last, row.depth = index == 0, index == len(items) - 1, depth
        row.follows_group = bool(found) and found[-1].kind == "group"
        found.append(row)
    return found


def _row(node, number, problems, words, depth):
    own = problems.get(number, [])
    if (name := group_of(node)) and depth < MAX_NESTED:
        return Row(number, "group", own, name, _rows(node[name], number, problems, words, depth + 1))
    if not _fits_form(node):
        text = node if isinstance(node, str) else json.dumps(node, ensure_ascii=False, indent=2)
        return Row(number, "raw", own, raw=text)
    return _rule_row(node, number, own, words)


def _fits_form(rule):
    """Whether every part of a rule has its place in the form, so that nothing is lost by showing it."""
    if not isinstance(rule, dict) or not set(rule) <= RULE_KEYS:
        return False
    texts = all(isinstance(rule.get(key, ""), str) for key in (*TEXTS, "kind", "field", "op", "unit"))
    value = rule.get("value", "")
    operator = OPERATORS.get(rule.get("op")) if isinstance(rule.get("op"), str) else None
    takes_list = operator is None or operator.reads not in ("one", "nothing")
    listed = isinstance(value, list) and takes_list and all(isinstance(one, PLAIN) for one in value)
    return texts and (listed or isinstance(value, PLAIN)) and isinstance(rule.get("weight", ""), PLAIN)


def _rule_row(rule, number, problems, words):
    about, operator = FIELDS.get(rule.get("field", "")), OPERATORS.get(rule.get("op", ""))
    value = rule.get("value", "")
    values = [_shown(one) for one in (value if isinstance(value, list) else [value])] or [""]
    labels = words.get(about.key) or about.choices or {} if about else {}
    row = Row(
        number,
        "rule",
        problems,
        rule={**rule, "weight": _shown(rule["weight"])} if "weight" in rule else rule,
    )
    row.widget = _widget(about, operator)
    row.values = (values + ["", ""])[:2] if row.widget == "pair" else values
    row.choices = {
        "kind": _offered(KINDS, rule.get("kind", "hard")),
        "field": _fields(rule.get("field", "")),
        "op": _offered(_operators(about), rule.get("op", "")),
        "unit": _offered(_units(about), rule.get("unit", "")),
        "value": _boxes(YES_NO if about and about.type == "bool" else labels, values),
    }
    return row


def _widget(about, operator):
    if about is None:
        return "text"
    if operator and operator.reads in ("nothing", "pair"):
        return operator.reads
    if about.choices or about.type == "bool":
        return "boxes" if operator and operator.reads in ("list", "codes") else "select"
    return "list" if operator and operator.reads == "list" else "date" if about.type == "date" else "text"


def _shown(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{Decimal(str(value)).normalize():f}"


def _offered(labels, *chosen):
    """(code, label, is chosen) of what can be chosen, and of what was chosen and is no longer offered."""
    gone = [(code, f"{code}（不在词典里）", True) for code in chosen if code and code not in labels]
    return [(code, label, code in chosen) for code, label in labels.items()] + gone


def _boxes(labels, chosen):
    """What is chosen, in its order, before what can be chosen beside it: so the order survives the form."""
    offered = _offered(labels, *chosen)
    return sorted(offered, key=lambda one: chosen.index(one[0]) if one[2] else len(chosen))


def _fields(chosen):
    """The dictionary in groups: [(group, [(key, label, is chosen)])]."""
    keys = list(FIELDS)
    found = [
        (
            title,
            [
                (key, FIELDS[key].label, key == chosen)
                for key in keys[keys.index(first) : keys.index(last) + 1]
            ],
        )
        for title, first, last in WHERE
    ]
    gone = [(chosen, f"{chosen}（不在词典里）", True)] if chosen and chosen not in FIELDS else []
    return [*found, *([("已停用", gone)] if gone else [])]


def _operators(about):
    fitting = (
        OPERATORS.values()
        if about is None
        else [one for one in OPERATORS.values() if about.type in one.types]
    )
    return {one.code: label_of(one, about) if about else one.label for one in fitting}


def _units(about):
    if about is None or about.type in NO_UNIT_TYPES:
        return {}
    return {unit: unit for unit in MONEY_UNITS} if about.type == "money" else {about.unit: about.unit}
