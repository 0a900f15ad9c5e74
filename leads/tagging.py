"""标签: marking leads and projects with the words of their unit, and taking the mark away again."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch, Q, prefetch_related_objects

from crm import roles
from crm.errors import Refused
from crm.models import Tag
from crm.permissions import require
from crm.workdays import shanghai_day
from leads.replanning import NothingToTakeBack

MOST = 60  # tags in use of one unit: beyond it nobody finds one
NAME_MOST = 20


class TagRefused(Refused):
    """The record cannot be marked like this; nothing was written."""

    code = "tag"


def shown_tags(user):
    """A prefetch: the tags that `user` may read of each record, as its `shown_tags`."""
    return Prefetch("tags", Tag.objects.visible_to(user), to_attr="shown_tags")


def tell(records, user):
    """Give each of these leads, or projects, its `shown_tags`, by one query."""
    prefetch_related_objects(records, shown_tags(user))


def marks(model, pages, user):
    """The marks on the leads or projects whose keys stand on these pages, of the tags `user` may read: a
    queryset, to be read with the records and then shared out."""
    through, name = model.tags.through, model.tags.field.m2m_field_name()
    keys = [row.pk for page in pages for row in page]
    rows = through.objects.filter(**{f"{name}__in": keys}, tag__in=Tag.objects.visible_to(user))
    return rows.select_related("tag").order_by("tag__name", "tag")


def share_out(found, pages):
    """Give each record on these pages its `shown_tags` out of its `marks`."""
    tags = defaultdict(list)
    for mark in found:
        tags[getattr(mark, mark.RECORD)].append(mark.tag)
    for record in (record for page in pages for record in page):
        record.shown_tags = tags[record.pk]


@transaction.atomic
def mark(record, tag, *, by, at):
    """Mark a lead or project; False when it was marked so already.

    Raises NotAllowed for strangers, TagRefused for a tag of another unit or one that is used no more.
    """
    require(by, "edit", record)
    if tag.unit_id not in (None, record.unit_id):
        raise TagRefused(f"标签「{tag}」是{tag.unit}的，不能用在{record.unit}的记录上。", code="foreign_tag")
    if tag.active_to and tag.active_to < shanghai_day(at):
        raise TagRefused(f"标签「{tag}」已停用。", code="tag_ended")
    return record.taggings.get_or_create(tag=tag, defaults={"by": by, "at": at})[1]


@dataclass(frozen=True)
class Retagged:
    """What one choice of tags changed of a record: the keys of the tags given and of those taken away."""

    given: list
    taken: list


@transaction.atomic
def choose(record, wanted, shown, *, by, at, name=""):
    """Let `record` have the tags `wanted` of which it had those `shown`, and one called `name` if given.

    Only what the person changed is written: what others gave or took meanwhile stays. Returns Retagged.
    Raises what `mark`, `unmark` and `named` raise; then nothing is written.
    """
    require(by, "edit", record)
    new = {*wanted} - {*shown}
    if name.strip():
        new.add(named(name, by=by, at=at))
    given = [tag.pk for tag in _in_order(new) if mark(record, tag, by=by, at=at)]
    taken = [tag.pk for tag in _in_order({*shown} - {*wanted} - new) if unmark(record, tag, by=by)]
    return Retagged(given, taken)


@transaction.atomic
def take_back(record, changed, *, by, at):
    """Undo what `choose` changed; also a tag that has ended since stands again.

    Raises NotAllowed, and NothingToTakeBack when none of it stands as it was left.
    """
    require(by, "edit", record)
    gone = record.taggings.filter(tag__in=changed.given).delete()[0]
    tags = Tag.objects.visible_to(by).filter(pk__in=changed.taken)
    again = [record.taggings.get_or_create(tag=tag, defaults={"by": by, "at": at})[1] for tag in tags]
    if not gone and not any(again):
        raise NothingToTakeBack("标签已经又改了，没有可以撤销的；要改请再选一次。")


def _in_order(tags):
    """Always the same order, so that two people who change the same tags never wait for one another."""
    return sorted(tags, key=lambda tag: tag.pk)


@transaction.atomic
def unmark(record, tag, *, by):
    """Take the tag from a lead or project; False when it had none of it."""
    require(by, "edit", record)
    return bool(record.taggings.filter(tag=tag).delete()[0])


def take_over(record, other):
    """Mark `record`, a lead or project, with what the lead `other` is marked with, as far as its unit gives
    such tags; the keys of those that are new to it. Who marked when stays.
    """
    rows = other.taggings.filter(Q(tag__unit=None) | Q(tag__unit=record.unit_id)).order_by("tag")
    return [
        row.tag_id
        for row in rows
        if record.taggings.get_or_create(tag_id=row.tag_id, defaults={"by_id": row.by_id, "at": row.at})[1]
    ]


def return_taken(record, keys, upto):
    """Take away again what `take_over` gave at `upto`; what somebody has given anew since stays."""
    record.taggings.filter(tag__in=keys, at__lte=upto).delete()


def named(name, *, by, at):
    """The tag of this name that `by` may give: one of the bureau or the own unit, new if there is none.

    The bureau's new tags are for all. Raises TagRefused without a name, and beyond MOST tags of a unit.
    """
    name = name.strip()
    if not name or len(name) > NAME_MOST or "\x00" in name:
        raise TagRefused(f"标签名称请写 1 到 {NAME_MOST} 个字。", field="tag_name")
    unit = None if by.role == roles.MANAGER else by.unit
    today = shanghai_day(at)
    if found := Tag.objects.given_in(unit and unit.pk).active(today).filter(name=name).first():
        return found
    if Tag.objects.filter(unit=unit).active(today).count() >= MOST:
        raise TagRefused(f"标签已有 {MOST} 个，请用已有的，或先停用不再用的。", field="tag_name")
    if Tag.objects.given_in(unit and unit.pk).filter(name=name).exists():
        said = f"标签「{name}」已停用，请换一个，或请系统管理员在设置里重新启用。"
        raise TagRefused(said, code="tag_ended", field="tag_name")
    return Tag.objects.get_or_create(unit=unit, name=name)[0]
