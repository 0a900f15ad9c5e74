"""Keeping views of lists: saved, renamed, shared with the unit, begun with, removed and put back."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from crm import roles
from crm.errors import NotAllowed, Refused
from crm.models import ListSetting, Notification, SavedView
from crm.notifications import notify

MOST = 50  # views a person has of one list
KEPT = timedelta(days=7)  # how long a removed view can be put back
QUERY_MOST = 2000  # characters of the filters of a view
COLUMNS_MOST = 12  # more do not fit beside one another


class ViewRefused(Refused):
    """The view cannot be kept like this; nothing was written."""

    code = "view"


@dataclass(frozen=True)
class Shown:
    """What a view keeps: the filters as an address has them, the order, the columns."""

    query: str = ""
    sort: str = ""
    columns: tuple = ()

    def check(self):
        if len(self.query) > QUERY_MOST:
            raise ViewRefused("筛选条件太长，没有保存。请减少几个条件。")
        if self.sort and not _is_code(self.sort.removeprefix("-")):
            raise ViewRefused("没有这种排序，请刷新后再存。", field="sort")
        checked_columns(self.columns)


def checked_columns(codes):
    """The codes of columns, as a list; raises ViewRefused for more than fit, or for what is none."""
    if len(codes) > COLUMNS_MOST:
        raise ViewRefused(f"最多同时显示 {COLUMNS_MOST} 列，现在选了 {len(codes)} 列。", field="columns")
    if not all(map(_is_code, codes)):
        raise ViewRefused("没有这一列，请刷新后再选。", field="columns")
    return list(codes)


def _is_code(text):
    return text.isidentifier() and len(text) < 20


def create(kind, name, shown, *, by, at, is_shared=False):
    """Save what is shown under a new name. Raises ViewRefused without one, for one used already, and beyond
    MOST views.
    """
    shown.check()
    own = SavedView.objects.standing().filter(owner=by, kind=kind)
    if own.count() >= MOST:
        raise ViewRefused(f"每个列表最多保存 {MOST} 个视图，请先删除不用的。")
    view = SavedView(kind=kind, owner=by, created_at=at, unit=_shared_with(by) if is_shared else None)
    _show(view, shown, at)
    return _named(view, name)


def overwrite(view, shown, *, by, at):
    """Let the view keep what is shown now."""
    _require_owner(view, by)
    shown.check()
    _show(view, shown, at)
    view.save()


def rename(view, name, *, by, at):
    """Give the view another name; raises ViewRefused for one the owner uses already."""
    _require_owner(view, by)
    view.updated_at = at
    _named(view, name)


@transaction.atomic
def share(view, is_shared, *, by, at):
    """Share the view with the unit of its owner, or keep it for oneself again.

    The head of the unit may end the sharing of any view; its owner is told, and whose list began with it.
    """
    _require_owner(view, by, or_head=not is_shared)
    view.unit, view.updated_at = _shared_with(by) if is_shared else None, at
    view.save(update_fields=["unit", "updated_at"])
    if not is_shared:
        _tell_owner(view, "不再共享", "您自己仍可照常使用。", by, at)
        _tell_gone(view, "不再共享", by, at)


def begin_with(kind, view, *, by):
    """Let the list of `by` begin with `view`; None lets it begin with everything."""
    ListSetting.objects.update_or_create(user=by, kind=kind, defaults={"view": view})


def choose_columns(kind, codes, *, by):
    """Let the list of `by` show these columns where no view says otherwise; none restores the usual ones."""
    ListSetting.objects.update_or_create(user=by, kind=kind, defaults={"columns": checked_columns(codes)})


@transaction.atomic
def remove(view, *, by, at):
    """Remove the view; for KEPT it can be put back. The head of the unit may remove a shared one.

    Its owner is told when it was the head, and others whose list began with it.
    """
    _require_owner(view, by, or_head=True)
    view.removed_at = at
    view.save(update_fields=["removed_at"])
    way_back = f"{KEPT.days} 天内可以在{view.get_kind_display()}列表的「视图」里恢复。"
    _tell_owner(view, "已删除", way_back, by, at)
    _tell_gone(view, "已删除", by, at)


def _tell_owner(view, what, next_step, by, at):
    """Tell the owner of what somebody else, the head of the unit, did to the view."""
    if not may_change(view, by) and view.owner.is_active:
        _tell(view, view.owner, f"您的视图「{view.name}」{what}", f"{by}的操作。{next_step}", at)


def _tell_gone(view, what, by, at):
    """Tell those whose list began with `view` that it begins with everything now; its owner knows already."""
    begun = ListSetting.objects.filter(view=view, user__is_active=True).exclude(user__in=[view.owner, by])
    body = f"{by}的操作。您打开{view.get_kind_display()}列表时改为显示全部，可以另选默认视图。"
    for setting in begun.select_related("user"):
        _tell(view, setting.user, f"默认视图「{view.name}」{what}", body, at)


def _tell(view, person, title, body, at):
    key, url = f"view:{view.pk}:{at.isoformat()}", reverse(f"{view.kind}:list")
    notify(person, kind=Notification.Kind.SYSTEM, key=key, title=title, body=body, url=url, at=at)


@transaction.atomic
def restore(view, *, by, at):
    """Put a removed view back; its owner is told when it was the head who did.

    Raises ViewRefused when it is too late, or when its name is used anew.
    """
    _require_owner(view, by, or_head=True)
    if view.removed_at is None:
        return
    if view.removed_at < at - KEPT:
        raise ViewRefused(f"这个视图删除已超过 {KEPT.days} 天，不能再恢复。")
    view.removed_at = None
    _named(view, view.name)
    _tell_owner(view, "已恢复", "可以照常使用。", by, at)


def put_back(views, at):
    """Those of the removed `views` that can still be put back, the newest first."""
    found = [view for view in views if view.removed_at >= at - KEPT]
    return sorted(found, key=lambda view: view.removed_at, reverse=True)


def may_change(view, user):
    """Whether it is the person's own."""
    return view.owner_id == user.pk


def _show(view, shown, at):
    view.query, view.sort, view.columns = shown.query, shown.sort, list(shown.columns)
    view.updated_at = at


def _named(view, name):
    """The view, saved under `name`; the database has the last word on whether it is free."""
    view.name = name.strip()[:40]
    if not view.name or "\x00" in view.name:
        raise ViewRefused("请给视图起个名称。", field="name")
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise ViewRefused(f"您已有名为「{view.name}」的视图，请换个名称。", field="name") from error
    return view


def _shared_with(user):
    if user.unit_id is None:
        raise ViewRefused("您没有所属单位，视图不能共享。")
    return user.unit


def _require_owner(view, user, or_head=False):
    is_head = user.role == roles.HEAD and view.unit_id is not None and view.unit_id == user.unit_id
    if not may_change(view, user) and not (or_head and is_head):
        raise NotAllowed("这个视图是同事共享的，只有他本人可以改；要改请另存为自己的视图。")
