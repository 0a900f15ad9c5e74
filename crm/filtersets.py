"""Filters of lists: they combine, stay in the address, and refuse what they do not know."""

from dataclasses import dataclass
from functools import cached_property

import django_filters

from django.http import QueryDict
from django.utils import timezone

from crm.errors import Missing, Refused
from crm.values.text import quoted
from crm.wording import in_our_words
from crm.workdays import shanghai_day


class BadParameters(Refused):
    """The address asks for a filter that does not exist or has a senseless value; `missing` names each."""

    code = "bad_parameter"


def refuse_others(request, **known):
    """For a list without filters: refuse what the address asks beyond `known`.

    That is {parameter: the values it takes}, None for any value. Raises BadParameters with the first that is
    unknown, written twice or senseless.
    """
    for name, given in request.GET.lists():
        if name not in known:
            wrong = Missing("unknown_parameter", f"没有{quoted(name)}这个筛选条件。", name)
        elif len(given) > 1:
            wrong = Missing("repeated_parameter", f"「{name}」写了两次，请只留一个。", name)
        elif known[name] is not None and given[0] not in known[name]:
            wrong = Missing("bad_value", f"「{name}」没有{quoted(given[0])}这个选项。", name)
        else:
            continue
        raise BadParameters("地址里的条件有误，列表没有显示。请修改或去掉：", missing=[wrong])


@dataclass(frozen=True)
class Chip:
    """One filter that is set: its words, and the address without it."""

    name: str
    label: str
    text: str
    without: str


class StrictFilterSet(django_filters.FilterSet):
    """A django-filter set that says no. `also` names parameters of the door itself (page, format, …).

    `around` turns the query of the filters into the address of the page, where that says more than filters.
    WRITTEN is how the value of a filter is written where its label does not tell, for who writes addresses;
    INSIDE are the filters by what a partner does not read, and so does not filter by either.
    """

    WRITTEN = {}
    INSIDE = ()

    def __init__(
        self, data=None, queryset=None, *, request=None, prefix=None, today=None, also=(), around=None
    ):
        super().__init__(QueryDict() if data is None else data, queryset, request=request, prefix=prefix)
        self.today = today or shanghai_day(timezone.now())
        self.also = frozenset(also)
        self.around = around or QueryDict.urlencode

    @cached_property
    def form(self):
        """The form behind the filters; its complaints are said after the label of the filter."""
        form = super().form
        for field in form.fields.values():
            in_our_words(field, label="")
        return form

    def rows(self):
        """The filtered queryset; raises BadParameters with one entry per wrong parameter."""
        wrong = self._unknown() + self._repeated() + self._senseless()
        if wrong:
            raise BadParameters("地址里的筛选条件有误，列表没有显示。请修改或去掉：", missing=wrong)
        return self.qs

    def chips(self):
        """What is set, each with the address that leaves it out; only after `rows()` said yes."""
        return [
            Chip(name, self.filters[name].label, self._words(name), self.address(**{name: None}))
            for name in self.filters
            if self.data.get(name, "").strip()
        ]

    def words(self):
        """What is set, to be read: 「责任单位 半山区块；亮灯 红灯」."""
        return "；".join(f"{chip.label} {chip.text}" for chip in self.chips())

    def address(self, **changes):
        """The query string of the page with the filters that are set and `changes` (None removes one)."""
        return self.around(self.query(**changes))

    def query(self, **changes):
        """The filters that are set, with `changes`, as a QueryDict of nothing else."""
        query = QueryDict(mutable=True)
        for name in self.filters:
            value = changes.get(name, self.data.get(name, "")) if name in changes else self.data.get(name, "")
            if value not in (None, "") and str(value).strip():
                query[name] = str(value).strip()
        return query

    @cached_property
    def is_set(self):
        """Whether any filter is set at all."""
        return any(self.data.get(name, "").strip() for name in self.filters)

    def _unknown(self):
        known = self.filters.keys() | self.also
        return [
            Missing("unknown_parameter", f"没有{quoted(name)}这个筛选条件。", name)
            for name in self.data
            if name not in known
        ]

    def _repeated(self):
        return [
            Missing("repeated_parameter", f"「{self._label(name)}」写了两次，请只留一个。", name)
            for name in self.data
            if len(self.data.getlist(name)) > 1
        ]

    def _senseless(self):
        return [
            Missing("bad_value", f"「{self._label(name)}」：{error}", name)
            for name, errors in self.errors.items()
            for error in errors
        ]

    def _label(self, name):
        return self.filters[name].label if name in self.filters else name

    def _words(self, name):
        value = self.data[name].strip()
        options = dict(getattr(self.form.fields[name], "choices", ()) or ())
        return str(options.get(value, value))
