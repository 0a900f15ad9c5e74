"""What changed between two versions of criteria, rule by rule, in words; over the trees of explanations."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GROUPS = {"all": "全部", "any": "任一", "not": "不得"}
SAID = {
    "threshold_display": "要求",
    "kind_label": "类别",
    "weight": "权重",
    "message": "说明",
    "clause": "条款",
    "document": "文件",
    "document_date": "文件日期",
    "group": "所在的组",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule or note of a version: its number, what it compares, and what is said of it."""

    number: str
    subject: tuple[str, str]
    sentence: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `word` is 新增, 删除, 修改 or 移动; `parts` are (what, before, after) of a 修改."""

    word: str
    before: Line | None = None
    after: Line | None = None
    parts: tuple[tuple[str, str, str], ...] = ()


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The changes from one explained tree (`Verdict.tree`) to another, in the order of the newer one.

    Rules are the same when all that is said of them is; of the rest, those about the same field are a
    change of one another, in the order written. A rule that only has another number is no change; one in
    another group is, groups of one kind beside each other being told apart by their order.
    """
    old, new = list(lines(before)), list(lines(after))
    same = _paired(old, new, lambda line: (line.subject, line.said))
    rest_old = [line for line in old if line not in same]
    rest_new = [line for line in new if line not in same.values()]
    origin = _origins(rest_old, rest_new)
    found = [
        _change(origin[line], line) if line in origin else Change("新增", after=line) for line in rest_new
    ]
    return found + [Change("删除", before=line) for line in rest_old if line not in origin.values()]


def _origins(old, new) -> dict[Line, Line]:
    """What each of the changed lines was before: the same in another group, else one about the same field."""
    moved = _paired(old, new, lambda line: (line.subject, _Frozen(line.said | {"group": ""})))
    rest_old = [line for line in old if line not in moved]
    rest_new = [line for line in new if line not in moved.values()]
    pairs = moved | _paired(rest_old, rest_new, lambda line: line.subject)
    return {line: former for former, line in pairs.items()}


def _paired(old, new, key) -> dict[Line, Line]:
    """Each of `old` with the first of `new` that has the same key and is not taken yet."""
    waiting: dict[Any, list[Line]] = {}
    for line in new:
        waiting.setdefault(key(line), []).append(line)
    return {line: waiting[key(line)].pop(0) for line in old if waiting.get(key(line))}


def _change(before, after) -> Change:
    parts = tuple(
        (word, str(before.said[key] or "无"), str(after.said[key] or "无"))
        for key, word in SAID.items()
        if before.said[key] != after.said[key]
    )
    return Change("移动" if [part[0] for part in parts] == ["所在的组"] else "修改", before, after, parts)


def lines(tree) -> Iterator[Line]:
    """The rules and notes of an explained tree in the order written."""
    yield from _lines(tree, () if tree.get("group", "all") == "all" else (GROUPS[tree["group"]],))


def _lines(tree, path) -> Iterator[Line]:
    items = tree.get("items", ())
    groups = [item["group"] for item in items if item["type"] == "group"]
    met = Counter()
    for item in items:
        if item["type"] != "group":
            yield _line(item, path)
            continue
        name = item["group"]
        met[name] += 1
        place = str(met[name]) if groups.count(name) > 1 else ""
        yield from _lines(item, (*path, GROUPS[name] + place))


def _line(item, path) -> Line:
    is_note = item["type"] == "note"
    said = {key: item.get(key, "") for key in SAID} | {"group": " › ".join(path) or "最外层"}
    if is_note:
        said["kind_label"] = "政策提示"
        return Line(item["number"], ("note", ""), f"政策提示：{item['message']}", _Frozen(said))
    sentence = f"{item['label']} {item['threshold_display']}（{item['kind_label']}）"
    return Line(item["number"], ("rule", item["field"]), sentence, _Frozen(said))


class _Frozen(dict):
    """What is said of a line, by which lines are told apart."""

    def __hash__(self):
        return hash(tuple(self.items()))
