"""What changed between two versions of criteria, rule by rule, in words; over the trees of explanations."""

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
    change of one another, in the order written. A rule that only has another number is no change.
    """
    old, new = list(lines(before)), list(lines(after))
    same = _paired(old, new, lambda line: (line.subject, tuple(line.said.items())))
    rest_old = [line for line in old if line not in same]
    rest_new = [line for line in new if line not in same.values()]
    pairs = _paired(rest_old, rest_new, lambda line: line.subject)
    origin = {line: former for former, line in pairs.items()}
    found = [
        _change(origin[line], line) if line in origin else Change("新增", after=line) for line in rest_new
    ]
    return found + [Change("删除", before=line) for line in rest_old if line not in pairs]


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


def lines(tree, path=()) -> Iterator[Line]:
    """The rules and notes of an explained tree in the order written."""
    for item in tree.get("items", ()):
        if item["type"] == "group":
            yield from lines(item, (*path, GROUPS[item["group"]]))
        else:
            yield _line(item, path)


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
