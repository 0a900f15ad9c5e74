"""Reading forms off a page as a browser would, so that tests post what a person would post."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """Collects every form of a page: its action and the values its controls hold."""

    def __init__(self):
        super().__init__()
        self.forms, self._open, self._select, self._area = [], None, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._open = {"action": attrs.get("action", ""), "values": {}}
            self.forms.append(self._open)
        elif self._open is not None:
            self._control(tag, attrs)

    def _control(self, tag, attrs):
        name = attrs.get("name")
        if tag == "input" and name:
            ticked = attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs
            if ticked and attrs.get("type") not in ("submit", "file", "button"):
                self._put(name, attrs.get("value") or ("on" if attrs.get("type") == "checkbox" else ""))
        elif tag == "select":
            self._select = (name, "multiple" in attrs)
        elif tag == "option" and self._select:
            chosen, many = self._select
            if "selected" in attrs or (not many and chosen not in self._open["values"]):
                self._put(chosen, attrs.get("value", ""), replace=not many)
        elif tag == "textarea":
            self._area = name
            self._put(name, "")

    def handle_data(self, data):
        if self._area and self._open is not None:
            self._open["values"][self._area] = [self._open["values"][self._area][0] + data]

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def _put(self, name, value, replace=False):
        held = self._open["values"].setdefault(name, [])
        if replace:
            held.clear()
        held.append(value)


def forms(answer):
    """Every form of the answer as {action, values}."""
    reader = _Forms()
    reader.feed(answer.content.decode())
    return reader.forms


def send(client, address, action="", **changes):
    """Open `address`, fill `changes` into its form that posts to `action` ("" = itself), and post it."""
    here = address.split("?")[0]
    action = action or here
    found = [form["values"] for form in forms(client.get(address)) if (form["action"] or here) == action]
    assert found, f"no form to {action!r} on {address}"
    return client.post(action, found[0] | changes)
