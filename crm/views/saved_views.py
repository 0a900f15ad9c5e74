"""Saving, renaming, sharing and removing views of lists, choosing columns; each leads back to its list."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm import saved_views
from crm.addresses import query_of
from crm.answers import says_why
from crm.models import SavedView
from crm.saved_views import Shown

DIGITS = 3  # of a place in the order of columns


@require_POST
@says_why
def create(request):
    """Save what the list shows as a new view."""
    post = request.POST
    view = saved_views.create(
        _kind(post), post.get("name", ""), _shown(post), by=request.user, at=timezone.now(),
        is_shared=bool(post.get("shared")),
    )  # fmt: skip
    messages.success(request, f"已保存视图「{view}」。")
    return HttpResponseRedirect(view.get_absolute_url())


@require_POST
@says_why
def change(request, pk, deed):
    """One deed on a view: save, rename, share, private, default, usual, remove, restore."""
    if deed not in DEEDS:
        raise Http404
    view = get_object_or_404(SavedView.objects.visible_to(request.user).select_related("unit"), pk=pk)
    if view.removed_at and deed != "restore":
        raise Http404
    said, address = DEEDS[deed](request, view, timezone.now())
    tags = f"undo:{reverse('view_change', args=[view.pk, 'restore'])}" if deed == "remove" else ""
    messages.success(request, said, extra_tags=tags)
    return HttpResponseRedirect(address)


@require_POST
@says_why
def columns(request):
    """The chosen columns in the order of their numbers: kept as one's own, or only in the address."""
    post, kind = request.POST, _kind(request.POST)
    codes = saved_views.checked_columns(sorted(post.getlist("column"), key=lambda code: _place(post, code)))
    query = query_of(post.get("next", "")).copy()
    query.pop("columns", None)
    if post.get("keep") == "usual":
        saved_views.choose_columns(kind, [], by=request.user)
    elif post.get("keep") == "own":
        saved_views.choose_columns(kind, codes, by=request.user)
        messages.success(request, "已记住您的列，以后打开这个列表都这样显示。")
    elif codes:
        query["columns"] = ".".join(codes)
    return HttpResponseRedirect(_address(kind, query))


def _save(request, view, at):
    saved_views.overwrite(view, _shown(request.POST), by=request.user, at=at)
    return f"视图「{view}」已按现在的样子保存。", view.get_absolute_url()


def _rename(request, view, at):
    saved_views.rename(view, request.POST.get("name", ""), by=request.user, at=at)
    return f"视图已改名为「{view}」。", view.get_absolute_url()


def _share(request, view, at):
    saved_views.share(view, True, by=request.user, at=at)
    return f"视图「{view}」已共享给{view.unit}，同事在「视图」里能看到。", view.get_absolute_url()


def _keep_private(request, view, at):
    saved_views.share(view, False, by=request.user, at=at)
    is_own = saved_views.may_change(view, request.user)
    return f"视图「{view}」不再共享。", view.get_absolute_url() if is_own else _address(view.kind)


def _begin_with(request, view, at):
    saved_views.begin_with(view.kind, view, by=request.user)
    return f"以后打开{view.get_kind_display()}列表先看「{view}」。", view.get_absolute_url()


def _begin_with_all(request, view, at):
    saved_views.begin_with(view.kind, None, by=request.user)
    return f"以后打开{view.get_kind_display()}列表先看全部。", view.get_absolute_url()


def _remove(request, view, at):
    saved_views.remove(view, by=request.user, at=at)
    days = saved_views.KEPT.days
    return f"视图「{view}」已删除，{days} 天内可以恢复。", _address(view.kind)


def _restore(request, view, at):
    saved_views.restore(view, by=request.user, at=at)
    return f"视图「{view}」已恢复。", view.get_absolute_url()


DEEDS = {
    "save": _save,
    "rename": _rename,
    "share": _share,
    "private": _keep_private,
    "default": _begin_with,
    "usual": _begin_with_all,
    "remove": _remove,
    "restore": _restore,
}


def _kind(post):
    """Which list it is about; what is none of ours does not exist."""
    if post.get("kind") not in SavedView.Kind.values:
        raise Http404
    return post["kind"]


def _shown(post):
    """What the page says its list shows; read again, so that only an address can be kept."""
    query = query_of(f"?{post.get('query', '')[: saved_views.QUERY_MOST + 1]}").urlencode()
    codes = [code for code in post.get("columns", "").split(".") if code]
    return Shown(query, post.get("sort", ""), tuple(codes))


def _place(post, code):
    text = post.get(f"place-{code}", "")
    return int(text) if text.isdecimal() and len(text) <= DIGITS else 0


def _address(kind, query=None):
    found = query.urlencode() if query else ""
    return reverse(f"{kind}:list") + (f"?{found}" if found else "")
