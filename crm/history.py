"""字段变更 on screen: what of a record was changed, by whom, from what to what."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.apps import apps
from django.db import models
from django.db.models import Q

from crm import audit, authorship, display
from crm.models import Contact, FieldChange
from crm.together import read
from crm.workdays import SHANGHAI

MOST = 200  # changes on one page, the newest
FEW = 10  # enough for what one request changed of a row
STAGES = ("stage", "left_from")  # columns that hold a stage; their words are settings
SHELLS = ("shell", "dbshell")
PERSONAL = "crm.contact"
ALIKE = "（遮蔽的部分有改动）"


@dataclass(frozen=True)
class Line:
    """One column of a change, as a person reads it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """What one request, task or command changed of one row; `subject` names a row other than the record."""

    row: FieldChange
    at: datetime
    who: str
    subject: str
    lines: list

    @property
    def is_removal(self):
        return self.row.is_removal


def of_record(record, contacts=(), children=()):
    """The changes of `record`, of its company, of those `contacts` the reader is shown, and of the rows of
    `children` (kinds) that belong to it, as a queryset: the newest MOST, and one more where there are older.

    Whoever may see the record may see them.
    """
    kind, key = record._meta.label_lower, str(record.pk)
    found = Q(kind=kind, record_key=key)
    if children:
        found |= Q(kind__in=children, parent_key=key)
    if record.company_id:
        found |= Q(kind="crm.company", record_key=str(record.company_id))
        found |= Q(kind="crm.qualification", parent_key=str(record.company_id))
    if contacts:
        found |= Q(kind=PERSONAL, record_key__in=[str(contact.pk) for contact in contacts])
    return FieldChange.objects.filter(found).select_related("by")[: MOST + 1]


def is_by_rule(row):
    """Whether the change went through a door of the product, which tells of its great steps by itself;
    not by SQL or in a shell."""
    return bool(row.channel) and row.name not in SHELLS


def tell(rows, record, told_elsewhere):
    """`rows` (newest first) as Told, without what `told_elsewhere(row, columns)` names of each."""
    kept = []
    for group in _groups(rows):
        changes = _merged(group)
        hidden = told_elsewhere(group[0], changes)
        changes = {column: pair for column, pair in changes.items() if column not in hidden}
        if changes:
            kept.append((group[0], changes))
    names = _Names(kept)
    return [
        Told(row, row.at, who(row), names.subject(row, record), names.lines(row, changes))
        for row, changes in kept
    ]


def latest(record):
    """The last change of the record itself as Told, None if unknown: what a step came too late for."""
    rows = FieldChange.objects.filter(kind=record._meta.label_lower, record_key=str(record.pk))
    told = tell(rows.select_related("by")[:FEW], record, lambda row, columns: ())
    return told[0] if told else None


def last_changes(record, names):
    """{name: (who, when)} of the last change of each of these fields of the record, where one is known."""
    columns = {field.column: field.name for field in record._meta.concrete_fields if field.name in names}
    rows = FieldChange.objects.filter(kind=record._meta.label_lower, record_key=str(record.pk))
    found = {}
    for row in rows.filter(changes__has_any_keys=list(columns)).select_related("by")[:MOST]:
        for column in columns.keys() & row.changes.keys():
            found.setdefault(columns[column], (who(row), row.at))
    return found


def who(row):
    """Who changed it: the person, the partner, or what worked there without one."""
    if row.by_id:
        return str(row.by)
    if row.channel == authorship.API:
        return row.name or "伙伴系统"
    if row.channel == authorship.COMMAND:
        return f"命令 {row.name}"
    return "系统" if row.channel else "直接改数据库"


def _groups(rows):
    """The changes one request made to one row, newest first, as one; without a request each by itself."""
    return [list(group) for _, group in groupby(rows, key=_deed)]


def _deed(row):
    return row.kind, row.record_key, row.is_removal, row.request_id or row.pk


def _merged(group):
    """{column: [before, after]} over all changes of the group, without what ended as it began."""
    merged = {}
    for row in reversed(group):
        for column, (before, after) in row.changes.items():
            merged[column] = [merged.get(column, [before])[0], after]
    is_personal = group[0].kind == PERSONAL  # masked alike is not alike
    return {column: pair for column, pair in merged.items() if is_personal or pair[0] != pair[1]}


class _Names:
    """The words of the rows the changes name, asked for at once."""

    def __init__(self, kept):
        wanted = {}
        for row, changes in kept:
            model = apps.get_model(row.kind)
            wanted.setdefault(model, set()).add(row.record_key)
            for field, pair in _fields(model, changes):
                if field.is_relation:
                    wanted.setdefault(field.related_model, set()).update(map(str, filter(None, pair)))
        rows = {model: model._base_manager.filter(pk__in=keys) for model, keys in wanted.items()}
        read(*rows.values())
        self._found = {model: {str(one.pk): _name(one) for one in found} for model, found in rows.items()}

    def subject(self, row, record):
        """「协议《…》」 for a row that is not the record itself, "" for the record."""
        if (row.kind, row.record_key) == (record._meta.label_lower, str(record.pk)):
            return ""
        name = self._found[apps.get_model(row.kind)].get(row.record_key, "")
        return f"{audit.subject_word(row.kind)}「{name}」" if name else audit.subject_word(row.kind)

    def lines(self, row, changes):
        found = []
        for field, pair in _fields(apps.get_model(row.kind), changes):
            before, after = (self._words(field, value) for value in pair)
            alike = ALIKE if before == after else ""
            found.append(Line(str(field.verbose_name), before, after + alike))
        return found

    def _words(self, field, value):
        if value in (None, "", []):
            return display.UNKNOWN
        if field.is_relation:
            return self._found[field.related_model].get(str(value), f"编号 {value}")
        return _read(field, value)


def _fields(model, changes):
    """(field, [before, after]) in the order of the model; a column the model lost is left out."""
    return [
        (field, changes[field.column]) for field in model._meta.concrete_fields if field.column in changes
    ]


def _name(one):
    return display.mask_name(one.name) if isinstance(one, Contact) else str(one)


def _read(field, value):
    """A stored value as read on screen: choices by their label, amounts, days and moments as elsewhere."""
    if isinstance(value, bool):
        return display.yes_no(value)
    if isinstance(value, list):
        return display.names(value)
    if isinstance(value, dict):
        return "（内容）"
    if field.name.endswith("_wan"):
        return display.money(value, None)
    if isinstance(field, models.DateTimeField):
        return f"{field.to_python(value).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if field.name in STAGES:
        return field.model.stages.labels.get(value, value)
    if isinstance(value, Decimal | int):
        return display.number(value, None)
    return str(dict(field.flatchoices).get(value, value))
