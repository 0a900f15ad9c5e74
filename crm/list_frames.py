"""What stands around the rows of a list with views: the views, what was changed, heads, columns to choose.

Lists of two packages answer alike by this; it stands below their doors.
"""

from django.http import QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone

from crm import bulk, saved_views
from crm.filtersets import BadParameters
from crm.lists import NEWEST, NO_VIEW, BrokenView
from crm.models import SavedView
from crm.permissions import may


def at_its_address(request, answer, address):
    """The `answer` to filters; one that htmx asked for makes the browser's address say what is shown."""
    if request.htmx:
        answer["HX-Push-Url"] = f"{request.path}?{address}".rstrip("?")
    return answer


def piece_or_page(request, piece, page):
    """The template of a list: the piece with its rows when htmx changes the filters, else the whole page."""
    return piece if request.htmx and not request.htmx.history_restore_request else page


def begins_with_default(request, view):
    """Whether the list was opened without a word, by somebody whose list begins with a view."""
    return not request.GET and not request.htmx and view.default is not None


def broken(view, filters):
    """The filtered rows; where the view itself asks for something there is no more, raises BrokenView."""
    try:
        return filters.rows()
    except BadParameters as refusal:
        if view.view is None or view.is_changed(filters.query()):
            raise
        wrong = {item.field for item in refusal.missing}
        rest = view.address(_without(filters.query(), wrong))
        raise BrokenView(view.view, refusal.missing, rest) from refusal


def _without(query, names):
    kept = QueryDict(mutable=True)
    kept.update({name: value for name, value in query.items() if name not in names})
    return kept


def refused_view(request, refusal):
    """The answer to a view that is broken: what is wrong, and the ways out."""
    ways = [
        ("去掉这些条件再看", f"{request.path}?{refusal.rest}"),
        ("看全部", f"{request.path}?view={NO_VIEW}"),
    ]
    context = {"refusal": refusal, "title": "视图要改一下", "ways": ways}
    template = "_refusal.html" if request.htmx else "refused.html"
    return TemplateResponse(request, template, context, status=refusal.status)


def framed(view, filters, user):
    """The context of templates/crm/_view_bar.html, _columns.html and the heads, for a list as it is shown."""
    query, listing, now = filters.query(), view.listing, timezone.now()
    rest = [column for code, column in listing.columns.items() if code not in view.columns]
    return {
        "asked": view,
        "kind": listing.kind,
        "kind_label": SavedView.Kind(listing.kind).label,
        "view": view.view,
        "is_own_view": view.view is not None and saved_views.may_change(view.view, user),
        "own_views": [one for one in view.views if one.owner_id == user.pk],
        "shared_views": [one for one in view.views if one.owner_id != user.pk],
        "removed_views": saved_views.put_back(view.removed, now),
        "is_changed": view.is_changed(query),
        "ended": filters.ended() if view.view else [],
        "filter_query": query.urlencode(),
        "columns_text": ".".join(view.columns),
        "columns": [listing.columns[code] for code in view.columns],
        "heads": view.heads(query),
        "sorts": view.sorts(query),
        "choices": [(listing.columns[code], True) for code in view.columns] + [(one, False) for one in rest],
        "no_view": f"?view={NO_VIEW}",
        "all_address": f"?view={NO_VIEW}" if view.default else "",
        "kept_parameters": _kept(view),
        "may_bulk": may(user, "edit"),
        "last_bulk": view.last_job if may(user, "edit") and bulk.may_be_undone(view.last_job, now) else None,
        "export_columns": ".".join(view.columns) if view.has_own_columns else "",
        "export_query": _exported(view, query, has_own=view.has_own_columns),
        "export_all_query": _exported(view, query, has_own=False),
    }


def _exported(view, query, has_own):
    """What an export is asked for: the filters, the order and the columns that the list has now."""
    found = query.copy()
    if view.sort != NEWEST:
        found["sort"] = view.sort
    if has_own:
        found["columns"] = ".".join(view.columns)
    return found.urlencode()


def _kept(view):
    """[(name, value)] beside the filters that a form of filters sends along."""
    address = QueryDict(view.address(QueryDict()))
    return [(name, value) for name, value in address.items() if name in ("view", "sort", "columns")]
