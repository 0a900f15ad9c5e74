"""What a list is asked to show: by its address, by a saved view, by what a person chose once.

The address names the view and only what departs from it: the filters as a whole, the order, the columns.
"""

from dataclasses import dataclass, field

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, CharField, DateTimeField, F, Q, Value
from django.http import QueryDict

from crm.errors import Missing, Refused
from crm.filtersets import BadParameters
from crm.models import BulkJob, ListSetting, SavedView
from crm.paging import Order

PARAMETERS = ("view", "sort", "columns")
DONE, EXPORT = BulkJob.State.DONE, BulkJob.Action.EXPORT
NO_VIEW = "none"  # as a value of `view`: everything, also for who has a default view
NEWEST = "-created"
# how an order reads, rising and falling; of the others the key is a moment
WAYS = {"amount": ("小的在前", "大的在前"), "next": ("先联系的在前", "后联系的在前")}
IN_TIME = ("早的在前", "新的在前")


class ViewGone(Refused):
    """There is no such view, it was removed, or it is not shared with this person."""

    code = "view_gone"
    status = 404

    def __init__(self):
        super().__init__("没有这个视图：它已被删除，或没有共享给您的单位。列表没有显示。")


class BrokenView(BadParameters):
    """A saved view asks for something there is no more; `rest` is the address of what is left of it."""

    code = "broken_view"

    def __init__(self, view, missing, rest):
        super().__init__(
            f"视图「{view}」里有条件不能再用，列表没有显示。请去掉下面的条件，看过以后再保存：",
            missing=missing,
        )
        self.rest = rest


@dataclass(frozen=True)
class Column:
    """One column of a list. `sort` is the order its head offers first, "" where one cannot turn pages by it.

    `sheet` names the columns of the workbook it stands for.
    """

    code: str
    label: str
    sort: str = ""
    sheet: tuple = ()


@dataclass(frozen=True)
class Listing:
    """A list that has views: its columns, which of them show unless chosen otherwise, and its orders.

    The first column always stands first: it is the record's name and the way to its page.
    """

    kind: str
    columns: dict
    shown: tuple
    orders: dict

    @property
    def first(self):
        return next(iter(self.columns))

    def known(self, codes):
        """The columns of these codes, each once, the name in front; codes of no column are left out."""
        kept = dict.fromkeys([self.first, *codes])
        return [code for code in kept if code in self.columns]

    def order(self, sort):
        """The Order of 「amount」 or, the other way round, 「-amount」."""
        order = self.orders[sort.removeprefix("-")]
        return order.turned() if sort.startswith("-") else order

    def knows(self, sort):
        return sort.removeprefix("-") in self.orders


@dataclass
class Asked:
    """One request for a list, read: the view, and filters, order and columns as they hold now."""

    listing: Listing
    data: QueryDict
    views: list
    setting: ListSetting
    removed: list  # the own ones that were removed
    last_job: BulkJob | None = None  # the newest bulk job of the person on this list that was done
    view: SavedView | None = None
    sort: str = NEWEST
    columns: list = field(default_factory=list)

    @property
    def default(self):
        """The view the person's list begins with, if it is still there for them."""
        return next((view for view in self.views if view.pk == self.setting.view_id), None)

    @property
    def order(self) -> Order:
        return self.listing.order(self.sort)

    @property
    def base_columns(self):
        """The columns unless the address says otherwise."""
        chosen = (self.view.columns if self.view else ()) or self.setting.columns or self.listing.shown
        return self.listing.known(chosen)

    @property
    def base_sort(self):
        kept = self.view.sort if self.view else ""
        return kept if kept and self.listing.knows(kept) else NEWEST

    @property
    def has_own_columns(self):
        """Whether somebody chose the columns: a workbook then has the same."""
        return self.columns != self.listing.known(self.listing.shown)

    def address(self, query, sort=None, columns=None):
        """The address of this list with these filters (a QueryDict): the view, and what departs from it."""
        found = QueryDict(mutable=True)
        if self.view or self.default:
            found["view"] = self.view.pk if self.view else NO_VIEW
        if query.dict() != self._base().dict():
            found.update(query)
            if not query:
                found["q"] = ""  # says that the filters of the view were taken away
        sort, columns = sort or self.sort, columns or self.columns
        if sort != self.base_sort:
            found["sort"] = sort
        if columns != self.base_columns:
            found["columns"] = ".".join(columns)
        return found.urlencode()

    def is_changed(self, query):
        """Whether what is shown, with these filters, departs from the view."""
        if self.view is None:
            return False
        same = (query.dict(), self.sort, self.columns)
        return same != (self._base().dict(), self.base_sort, self.base_columns)

    def heads(self, query):
        """(column, address of its order or "", how it is sorted: rising, falling or "") of each column."""
        return [self._head(self.listing.columns[code], query) for code in self.columns]

    def _head(self, column, query):
        if not column.sort:
            return column, "", ""
        is_sorted = self.sort.removeprefix("-") == column.sort.removeprefix("-")
        how = ("falling" if self.sort.startswith("-") else "rising") if is_sorted else ""
        return column, self.address(query, sort=_turned(self.sort) if is_sorted else column.sort), how

    def sorts(self, query):
        """(words, address, whether it holds now) of each order, both ways, the one its head offers first."""
        return [
            (f"{column.label}：{_way(sort)}", self.address(query, sort=sort), sort == self.sort)
            for column in self.listing.columns.values()
            if column.sort
            for sort in (column.sort, _turned(column.sort))
        ]

    def _base(self):
        return QueryDict(self.view.query if self.view else "")


def _turned(sort):
    return sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"


def _way(sort):
    return WAYS.get(sort.removeprefix("-"), IN_TIME)[sort.startswith("-")]


def read(listing, given, user, also=()):
    """The Asked of the address `given` (a QueryDict) by `user`; `also` are further parameters of the page.

    One query. Raises ViewGone for a view that this person does not see, BadParameters for an order or
    a column that does not exist.
    """
    found, setting, last_job = _kept(listing.kind, user)
    views = [view for view in found if view.removed_at is None]
    removed = [view for view in found if view.removed_at is not None]
    asked = Asked(listing, given.copy(), views, setting, removed, last_job)
    asked.view = _named(given.get("view", ""), views)
    if asked.view and not given.keys() - {*PARAMETERS, *also}:
        asked.data.update(QueryDict(asked.view.query))
    asked.sort, asked.columns = asked.base_sort, asked.base_columns
    _take_sort(asked, given.get("sort", ""))
    asked.columns = columns_of(listing, given.get("columns", "")) or asked.columns
    return asked


VIEW = {
    "number": F("pk"),
    "words": F("name"),
    "of": F("owner_id"),
    "shared": F("unit_id"),
    "asks": F("query"),
    "sorted_by": F("sort"),
    "codes": F("columns"),
    "moment": F("removed_at"),
}
SETTING = {"number": F("view_id"), "codes": F("columns")}
JOB = {"number": F("pk"), "words": F("action"), "moment": F("finished_at")}
BLANK = {
    "number": Value(None, BigIntegerField()),
    "words": Value(""),
    "of": Value(None, BigIntegerField()),
    "shared": Value(None, BigIntegerField()),
    "asks": Value(""),
    "sorted_by": Value(""),
    "codes": Value([], ArrayField(CharField())),
    "moment": Value(None, DateTimeField()),
}


def _kept(kind, user):
    """The views this person sees, by name, their ListSetting and their newest bulk job that was done.

    Three tables by one statement: every page of a list asks them.
    """
    views = SavedView.objects.visible_to(user).filter(Q(removed_at=None) | Q(owner=user.pk), kind=kind)
    settings = ListSetting.objects.filter(user=user.pk, kind=kind)
    jobs = BulkJob.objects.visible_to(user).filter(kind=kind, state=DONE).exclude(action=EXPORT)
    of = {"view": [], "setting": [], "job": []}
    for row in _arm(views.order_by(), "view", VIEW).union(
        _arm(settings.order_by(), "setting", SETTING),
        _arm(jobs.order_by("-finished_at")[:1], "job", JOB),
        all=True,
    ):
        of[row["what"]].append(row)
    found = sorted((_view(kind, row) for row in of["view"]), key=lambda view: (view.name, view.pk))
    setting = next((_setting(row) for row in of["setting"]), ListSetting())
    return found, setting, next((_job(kind, row) for row in of["job"]), None)


def _arm(rows, what, columns):
    """These rows in the shape that all three have in common."""
    return rows.values(what=Value(what), **{**BLANK, **columns})


def _view(kind, row):
    return SavedView(
        pk=row["number"],
        kind=kind,
        name=row["words"],
        owner_id=row["of"],
        unit_id=row["shared"],
        query=row["asks"],
        sort=row["sorted_by"],
        columns=row["codes"],
        removed_at=row["moment"],
    )


def _setting(row):
    return ListSetting(view_id=row["number"], columns=row["codes"])


def _job(kind, row):
    return BulkJob(pk=row["number"], kind=kind, action=row["words"], state=DONE, finished_at=row["moment"])


def _named(word, views):
    if word in ("", NO_VIEW):
        return None
    found = next((view for view in views if str(view.pk) == word), None)
    if found is None:
        raise ViewGone
    return found


def _take_sort(asked, sort):
    if sort:
        order_of(asked.listing, sort)
        asked.sort = sort


def order_of(listing, sort):
    """The Order of 「-amount」, the newest first for an empty text. Raises BadParameters for no order."""
    if sort and not listing.knows(sort):
        raise _wrong("sort", "排序", "不能按这一列排序。")
    return listing.order(sort or NEWEST)


def columns_of(listing, text):
    """The codes in 「name.stage」; none for an empty text. Raises BadParameters for a code of no column."""
    codes = text.split(".") if text else []
    if not set(codes) <= listing.columns.keys():
        raise _wrong("columns", "列", "没有这一列。")
    return listing.known(codes) if codes else []


def _wrong(name, label, words):
    missing = [Missing("bad_value", f"「{label}」：{words}", name)]
    return BadParameters("地址里的条件有误，列表没有显示。请修改或去掉：", missing=missing)
