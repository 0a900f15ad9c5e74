"""What a page says to a person: its visible text and labels, for finding words that are not Chinese."""

import re
from html.parser import HTMLParser

SPOKEN = {"title", "aria-label", "placeholder", "alt"}
LATIN = re.compile(r"[A-Za-z][A-Za-z_]{2,}")


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.said, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style")
        button = tag == "input" and ("type", "submit") in attrs
        self.said += [
            value for name, value in attrs if value and (name in SPOKEN or button and name == "value")
        ]

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.silent and data.strip():
            self.said.append(data.strip())


def foreign(answer, known=()):
    """The Latin words of three letters and more this page says, but for those in `known`."""
    reader = _Reader()
    reader.feed(answer.content.decode())
    found = {word for text in reader.said for word in LATIN.findall(text)}
    return sorted(found - set(known))
