"""Text that a spreadsheet program would run as a formula is kept as text, and comes back as it was."""

import re

# Spaces and invisible characters do not stop a spreadsheet from seeing the sign behind them.
IGNORED = r"[\s\x00-\x1f\x7f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3000\ufeff]*"
DANGEROUS = re.compile(rf"'*(?:[\t\r\n\x00]|{IGNORED}[=+\-@＝＋－＠﹦﹢﹣﹫])")
DEFUSED = re.compile(rf"'{DANGEROUS.pattern}")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def defuse(value):
    """Text that begins (behind spaces, quotes, invisible characters) with = + - @ gets a single quote first.

    Numbers, dates and None pass unchanged: a negative number stays a number.
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if DANGEROUS.match(value) else value


def undefuse(value):
    """The inverse of `defuse`, for a sheet of ours that comes back."""
    return value[1:] if isinstance(value, str) and DEFUSED.match(value) else value


def printable(value):
    """Text without the characters that XML cannot carry."""
    return NOT_IN_XML.sub("", value) if isinstance(value, str) else value
