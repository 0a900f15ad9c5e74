"""A form saved in whole that knows what was touched in it, so that after a clash nobody writes the rest."""

import json

from django import forms

from crm.forms import NamedForm

APART = ("opened", "version", "reason")  # no part of the row


class Opened(NamedForm):
    """A form over a row that is saved in whole and knows which of its fields a person touched.

    What every field showed when the form was opened goes along in one hidden field, `opened`. After a clash
    the fields nobody touched here show what others wrote, so that saving once more writes no more than what
    was typed.
    """

    opened = forms.CharField(widget=forms.HiddenInput, label="打开时的内容", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, "opened": json.dumps(self.present())}

    def present(self):
        """{field: its texts} of the row as it was read for this form."""
        names = [name for name in self.fields if name not in APART and not self._is_file(name)]
        return {name: texts(self[name].field.prepare_value(self._initial(name))) for name in names}

    def _initial(self, name):
        return self.get_initial_for_field(self.fields[name], name)

    def _is_file(self, name):
        return isinstance(self.fields[name], forms.FileField)

    def untouched(self):
        """The fields that were sent as they had been shown; none of a form that says nothing of it."""
        try:
            before = json.loads(self.data.get(self.add_prefix("opened"), ""))
            return {name for name in before if name in self.fields and self._sent(name) == before[name]}
        except (ValueError, TypeError):
            return set()

    def _sent(self, name):
        widget = self.fields[name].widget
        return texts(widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))

    def over_present(self, version):
        """The data of this form over the row as it stands: what was touched stays as typed.

        `version` is that of the row; of one that moved on again since it was read here, the version read.
        """
        data, present = self.data.copy(), self.present()
        for name in self.untouched() & present.keys():
            data.setlist(self.add_prefix(name), present[name])
        data[self.add_prefix("opened")] = json.dumps(present)
        data[self.add_prefix("version")] = f"{self.initial.get('version') or version}"
        return data


def texts(value):
    """A value as a form sends it: a list of texts, empty for nothing and for a box without a tick."""
    if value is None or value is False or value == "":
        return []
    several = (
        value if isinstance(value, list | tuple | set | frozenset) or hasattr(value, "model") else [value]
    )
    return [str(getattr(one, "pk", one)).replace("\r\n", "\n").strip() for one in several]
