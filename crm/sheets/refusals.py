"""The refusal of a file as a whole."""

from crm.errors import Refused


class BadSheet(Refused):
    """The file cannot be taken. `detail` is Chinese: what is wrong with it and what to do."""

    code = "bad_sheet"

    def __init__(self, detail, *, code=None):
        super().__init__(detail, code=code, field="file")


class NoHeader(BadSheet):
    """No row has the required columns.

    `near` is the Header of the row that comes nearest, None when nothing looks like a table; `lines` are the
    first rows as [(number, texts)], for a person to say which is the header.
    """

    code = "no_header"

    def __init__(self, detail, near=None, lines=()):
        super().__init__(detail)
        self.near, self.lines = near, lines
