"""A form that remembers what it showed, and after a clash stands over the row as others left it."""

from datetime import date
from decimal import Decimal

from django.db.models import Model
from django.forms import ValidationError

from crm import display

UNREADABLE = object()  # what a form showed when its hidden twin cannot be read: equal to no value


class Remembering:
    """Every field but `version` has a hidden twin of what it showed when the form was opened."""

    def remember(self):
        """Give the fields their twins; the last thing a form does when it is made."""
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"

    def shown(self):
        """What each field held when the form was opened, as values."""
        return {name: self._value(name, self._shown_raw(name)) for name in self.fields if name != "version"}

    def changes_by_name(self):
        """The cleaned values of what the person changed, and of nothing else."""
        return {
            n: plain(self.cleaned_data[n])
            for n in self.changed_data
            if n in self.cleaned_data and n != "version"
        }

    def asked(self, changes):
        """{name: mine, theirs or None} of those `changes` for which the person was asked to choose."""
        given = self.data
        return {
            name: given.get(f"choose-{name}") if given.get(f"choose-{name}") in ("mine", "theirs") else None
            for name in getattr(given, "getlist", lambda _: ())("clash")
            if name in changes
        }

    def typed_over(self, fresh):
        """The data of this form over the `fresh` one."""
        return typed_over(self, fresh)

    def words(self, name, value):
        """A value of field `name` as read on screen."""
        if isinstance(value, frozenset):
            return display.names(sorted(map(str, value)))
        if value in (None, ""):
            return display.UNKNOWN
        options = dict(getattr(self.fields[name], "choices", ())) if isinstance(value, str) else {}
        return str(options.get(value, value))

    def _shown_raw(self, name):
        field = self.fields[name]
        return field.hidden_widget().value_from_datadict(self.data, self.files, self[name].html_initial_name)

    def _value(self, name, raw):
        field = self.fields[name]
        try:
            return plain(field.clean(raw) if field.required is False or raw else None)
        except ValidationError:
            return UNREADABLE


def typed_over(form, fresh):
    """The data of `form` over the `fresh` one: own typing stays, the rest shows what others wrote."""
    data = form.data.copy()
    for name in fresh.fields:
        values = fresh[name].value()
        texts = (
            [str(v) for v in values] if isinstance(values, list) else ["" if values is None else str(values)]
        )
        data.setlist(fresh[name].html_initial_name, texts)
        if name not in form.changed_data or name == "version":
            data.setlist(name, texts)
    return data


def only(form, names):
    """The form with these of its fields, in their order, and its version alone; returns it."""
    for name in form.fields.keys() - {*names, "version"}:
        del form.fields[name]
    form.order_fields(names)
    return form


def plain(value):
    """Several chosen rows as a set, so that the order they were ticked in does not matter."""
    return frozenset(value) if hasattr(value, "model") or isinstance(value, list) else value


def rows_of(form, clashes, last):
    """The fields two people changed as templates/_clash.html shows them; `last` = {name: (who, when)}.

    Unless the person chooses otherwise what stands there stays.
    """
    return [
        {
            "name": one.name,
            "label": form.fields[one.name].label,
            "mine": form.words(one.name, one.mine),
            "theirs": form.words(one.name, one.theirs),
            "last": last.get(one.name),
            "chosen": form.data.get(f"choose-{one.name}") or "theirs",
        }
        for one in clashes
    ]


def differing(form, row):
    """{name: (mine, theirs)} in words, of the fields in which a valid form says otherwise than `row` does."""
    found = {}
    for name, field in form.fields.items():
        mine, theirs = _bare(form.cleaned_data.get(name)), _bare(getattr(row, name, None))
        if name != "version" and hasattr(row, name) and mine != theirs:
            found[name] = _in_words(field, mine), _in_words(field, theirs)
    return found


def _bare(value):
    """A value that can be compared: of records their keys, of several a set, of no text nothing."""
    if hasattr(value, "all"):
        value = value.all()
    if hasattr(value, "model") or isinstance(value, list | tuple):
        return frozenset(map(_bare, value)) or None
    return value.pk if isinstance(value, Model) else value if value != "" else None


def _in_words(field, value):
    if value is None:
        return display.UNKNOWN
    options = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, frozenset):
        return display.names(sorted(options.get(str(one), str(one)) for one in value))
    if isinstance(value, bool):
        return options.get(str(value).lower()) or display.yes_no(value)
    if isinstance(value, Decimal):
        return display.number(value, None)
    return display.day(value) if isinstance(value, date) else options.get(str(value), str(value))
