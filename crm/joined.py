"""What every page loads, as one file each: fewer requests for a page, and no tool to build anything.

The parts stay files of their own; they are written one behind the other when the static files are collected,
or when one is asked for in development.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage

PARTS = {
    "crm/site.css": ("vendor/tabler.min.css", "crm/app.css", "crm/palette.css"),
    "vendor/site.js": ("vendor/tabler.min.js", "vendor/htmx.min.js"),
    "crm/site.js": ("crm/app.js", "crm/drafts.js", "crm/palette.js", "crm/outbox.js"),
    "crm/boards.js": ("crm/board.js", "crm/board_keys.js", "crm/board_hints.js"),
    "crm/record.js": ("crm/capture.js", "crm/known.js", "crm/colleagues.js"),
}
FOLDER = settings.FRONTEND_DIR / "joined"
BETWEEN = {".css": b"\n", ".js": b"\n;\n"}  # a script may end without its semicolon


class JoinedFinder(finders.BaseFinder):
    """Finds the joined files, anew where a part has changed; FileNotFoundError where one is missing."""

    def find(self, path, find_all=False, **kwargs):
        found = [str(_written(path))] if path in PARTS else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns):
        for name in PARTS:
            _written(name)
            yield name, FileSystemStorage(FOLDER)


def _written(name):
    """The path of a joined file that is up to date."""
    path, whole = FOLDER / name, joined(name)
    if not path.is_file() or path.read_bytes() != whole:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(whole)
        Path(file.name).chmod(0o644)
        os.replace(file.name, path)  # several processes may do so at once
    return path


def joined(name):
    """The parts of `name`, one behind the other."""
    return BETWEEN[Path(name).suffix].join(map(content, PARTS[name]))


def content(part):
    """One part; FileNotFoundError when there is none."""
    path = finders.find(part)
    if path is None:
        raise FileNotFoundError(part)
    return Path(path).read_bytes()
