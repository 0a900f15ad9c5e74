"""The files every page loads are their parts, one behind the other, and anew when a part is another."""

import pytest

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from crm import joined


@pytest.mark.parametrize("name", joined.PARTS)
def test_a_joined_file_is_its_parts_in_their_order(name):
    path = joined.JoinedFinder().find(name)
    with open(path, "rb") as file:
        whole = file.read()
    parts = [joined.content(part) for part in joined.PARTS[name]]
    places = [whole.index(part) for part in parts]
    assert places == sorted(places)
    assert len(whole) > sum(map(len, parts))
    assert finders.find(name) == path
    assert static(name).startswith("/static/")


def test_a_file_is_written_anew_when_a_part_is_another(monkeypatch, tmp_path):
    monkeypatch.setattr(joined, "FOLDER", tmp_path)
    finder, first = joined.JoinedFinder(), []
    for parts in (("crm/app.js", "crm/drafts.js"), ("crm/app.js", "crm/palette.js")):
        monkeypatch.setitem(joined.PARTS, "crm/site.js", parts)
        assert finder.find("crm/site.js") == str(tmp_path / "crm" / "site.js")
        first.append((tmp_path / "crm" / "site.js").read_bytes())
    assert first[0] != first[1]
    assert sorted(name for name, _ in finder.list([])) == sorted(joined.PARTS)
    assert [path.name for path in (tmp_path / "vendor").iterdir()] == ["site.js"]


def test_a_part_that_is_missing_stops_the_collecting(monkeypatch):
    monkeypatch.setitem(joined.PARTS, "crm/site.js", ("crm/app.js", "crm/gone.js"))
    with pytest.raises(FileNotFoundError, match=r"crm/gone\.js"):
        list(joined.JoinedFinder().list([]))
