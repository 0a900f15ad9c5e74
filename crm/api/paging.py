"""Cursor pages of the API: `next` and `previous` are addresses; nothing shifts while one reads.

Without `updated_since` newest first; with it in the order of change, so that a reader can stop anywhere
and go on later.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, time

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.dateparse import parse_date, parse_datetime

from crm.api.problems import Problem
from crm.paging import stored
from crm.workdays import SHANGHAI

PARAMETERS = ("cursor", "page_size", "updated_since")
PAGE_SIZE = 50
PAGE_SIZE_MAX = 200
CURSOR_MAX = 200
LOST_PLUS = re.compile(r"(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$")


@dataclass(frozen=True)
class Order:
    """The column rows are read by, and whether upwards."""

    column: str
    upwards: bool

    def rows(self, queryset, backwards):
        sign = "" if self.upwards != backwards else "-"
        return queryset.order_by(f"{sign}{self.column}", f"{sign}pk")

    def beyond(self, queryset, key, backwards):
        compare = TupleGreaterThan if self.upwards != backwards else TupleLessThan
        return queryset.filter(compare(Tuple(self.column, "pk"), key))


NEWEST = Order("created_at", upwards=False)
CHANGED = Order("updated_at", upwards=True)


def page(request, queryset, project):
    """A response with one page of `queryset`; `project(rows)` turns a queryset into (key, entry) pairs.

    Problems: 400 for a cursor that is not ours, a page size outside 1–200, a moment without offset.
    """
    order, queryset = _ordered(request, queryset)
    backwards, key = _cursor(request.query_params.get("cursor", ""), order)
    size = _size(request.query_params.get("page_size", ""))
    if key:
        queryset = order.beyond(queryset, key, backwards)
    found = project(order.rows(queryset, backwards)[: size + 1], order.column)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    ahead, behind = (bool(key), more) if backwards else (more, bool(key))
    return Response(
        {
            "next": _link(request, order, found[-1][0], "n") if ahead and found else None,
            "previous": _link(request, order, found[0][0], "p") if behind and found else None,
            "results": [entry for _, entry in found],
        }
    )


class WholeAnswer(serializers.Serializer):
    """A list that is short enough to be given whole, in the shape of a page: there is no other."""

    next = serializers.CharField(allow_null=True, help_text="总是 null：一次给出全部")
    previous = serializers.CharField(allow_null=True, help_text="总是 null")


def whole(entries):
    """A response with all of a short list."""
    return Response({"next": None, "previous": None, "results": list(entries)})


def _ordered(request, queryset):
    text = request.query_params.get("updated_since", "")
    if not text:
        return NEWEST, queryset
    return CHANGED, queryset.filter(updated_at__gte=_moment(text))


def _moment(text):
    """A moment with offset, or a day (from its midnight in Shanghai)."""
    text = LOST_PLUS.sub(r"\1+\2", text)  # a "+" that was not escaped arrives as a space
    try:
        moment = parse_datetime(text) if "T" in text else _midnight(parse_date(text))
        return stored(moment) if moment else _no_moment()
    except ValueError:
        return _no_moment()


def _no_moment():
    raise _wrong("updated_since", "请写成带时区偏移的时间，例如 2026-04-20T10:00:00+08:00。")


def _midnight(day):
    return datetime.combine(day, time.min, SHANGHAI) if day else None


def _size(text):
    if not text:
        return PAGE_SIZE
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= PAGE_SIZE_MAX:
        raise _wrong("page_size", f"每页条数要在 1 到 {PAGE_SIZE_MAX} 之间。")
    return int(text)


def _cursor(text, order):
    """(backwards, key) of a cursor; no key for the first page."""
    if not text:
        return False, None
    try:
        column, direction, at, pk = json.loads(urlsafe_b64decode(text[:CURSOR_MAX].encode() + b"=="))
        moment = stored(datetime.fromisoformat(at))
    except (ValueError, TypeError, RecursionError) as error:
        raise _bad_cursor() from error
    ours = column == order.column and direction in ("n", "p") and type(pk) is int and 0 < pk < 2**63
    if not ours:
        raise _bad_cursor()
    return direction == "p", (moment, pk)


def _link(request, order, key, direction):
    moment, pk = key
    text = json.dumps([order.column, direction, moment.isoformat(), pk], separators=(",", ":"))
    cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    address = remove_query_param(request.build_absolute_uri(), "cursor")
    return replace_query_param(address, "cursor", cursor)


def _bad_cursor():
    return _wrong("cursor", "游标无效。请从第一页重新读，之后原样使用应答里的 next 或 previous。")


def _wrong(name, detail):
    errors = [{"field": name, "code": "bad_value", "detail": detail}]
    return Problem(400, "bad_parameter", f"参数 {name} 有误：{detail}", errors=errors)
