"""Versions over HTTP: `ETag: "v7"`, If-Match for a change (428, 412), If-None-Match for a read (304)."""

import re

from crm.errors import Refused, StaleVersion

# proxies that compress make a tag weak; the version it names is the same
TAG = re.compile(r'(?:W/)?("v[0-9]+")')


class VersionRequired(Refused):
    """A change was asked for without saying which version it is based on."""

    code = "version_required"
    status = 428


def etag(version):
    """The entity tag of a record's version."""
    return f'"v{version}"'


def required_version(request, row):
    """The version an update is based on; raises VersionRequired without If-Match or with one that is no
    version, StaleVersion for another.

    `*` names no version and counts as missing: nobody overwrites what he has not read.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise VersionRequired('请带 If-Match 头，写明您读到的版本，例如 If-Match: "v3"（取自 ETag）。')
    return _checked(given, row)


def optional_version(request, row):
    """The same for actions that decide by themselves: None when no If-Match is given."""
    given = request.headers.get("If-Match", "").strip()
    return _checked(given, row) if given not in ("", "*") else None


def is_unchanged(request, tag):
    """Whether the reader already has the version tagged `tag` (If-None-Match)."""
    given = request.headers.get("If-None-Match", "")
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return "*" in tags or tag in tags


def _checked(given, row):
    tags = {found[1] for tag in given.split(",") if (found := TAG.fullmatch(tag.strip()))}
    if not tags:
        raise VersionRequired('If-Match 要原样写读到的 ETag，连同引号，例如 If-Match: "v3"。')
    if etag(row.version) not in tags:
        raise StaleVersion(row)
    return row.version
