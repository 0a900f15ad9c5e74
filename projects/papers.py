"""Keeping papers: what a review rests on, and the files of agreements, proofs, money and 一事一议批复.

Honest files of a few kinds and bounded size; kept once, never changed and never removed (domain §1.4, §2.7).
"""

import hashlib
from collections import defaultdict
from pathlib import PurePath

from django.db import transaction

from crm.errors import Refused
from crm.numbers import number
from crm.permissions import may, require
from crm.values import clean_text
from projects.models import Agreement, Evidence, IncentiveItem, Project, Receipt
from projects.models.papers import Paper, PaperContent

KINDS_OF = {Agreement: "agreement", Evidence: "evidence", Receipt: "receipt", IncentiveItem: "incentive"}

MB = 1024 * 1024
LONGEST_NAME = 120
ZIP, JPEG = b"PK\x03\x04", b"\xff\xd8\xff"
# ending → (how the content begins, what it is served as)
KINDS = {
    "pdf": (b"%PDF-", "application/pdf"),
    "ofd": (ZIP, "application/ofd"),
    "docx": (ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "jpg": (JPEG, "image/jpeg"),
    "jpeg": (JPEG, "image/jpeg"),
    "png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}
ACCEPTED = ",".join(f".{kind}" for kind in KINDS)


class PaperRefused(Refused):
    """The file is none that is kept."""

    code = "bad_paper"

    def __init__(self, detail):
        super().__init__(detail, field="paper")


def settle(project, given, *, by, at):
    """`given` as a Paper of `project`: a Paper as it is, an uploaded file kept now, None when there is none.

    Call it inside the transaction of the review. Raises PaperRefused.
    """
    if given is None or isinstance(given, Paper):
        if given is not None and given.project_id != project.pk:
            raise PaperRefused("这份文件属于别的项目，请重新选择。")
        return given
    return keep(project, given, by=by, at=at)


@transaction.atomic
def attach(row, upload, *, by, at):
    """Keep the uploaded file with `row`, an Agreement, Evidence, Receipt or IncentiveItem; returns the Paper.

    A record may have many; none replaces another. Raises NotAllowed, PaperRefused.
    """
    require(by, _verb(row), row.project)
    if upload is None:
        raise PaperRefused("请选择要上传的文件。")
    if _is_over(row):
        raise PaperRefused("这条记录已经撤销，不再收文件；请传到现在有效的那一条。")
    paper = keep(row.project, upload, by=by, at=at, **{KINDS_OF[type(row)]: row})
    Project.objects.filter(pk=row.project_id).update(updated_at=at)
    return paper


def may_attach(user, row):
    """Whether `user` may add a file to `row`, which stands."""
    return may(user, _verb(row), row.project) and not _is_over(row)


def _verb(row):
    return "draft_incentive" if isinstance(row, IncentiveItem) else "edit"


def _is_over(row):
    return bool(getattr(row, "withdrawn_at", None) or getattr(row, "removed_at", None))


def with_files(project, *lists):
    """Give every row of `lists` (records of `project`) its `files`, the oldest first; one query."""
    found = defaultdict(list)
    for paper in project.papers.attached().select_related("by").reverse():
        found[paper.record].append(paper)
    for rows in lists:
        for row in rows:
            row.files = found[KINDS_OF[type(row)], row.pk]


def keep(project, upload, *, by, at, **record):
    """Store the uploaded file (name, size, read()) and return its Paper; raises PaperRefused.

    `record` says what it belongs to, by a name of models.papers.RECORDS; nothing: the review of the project.
    """
    name, kind = _named(upload.name)
    most = number("attachment_mb")
    if upload.size == 0:
        raise PaperRefused(f"「{name}」是空的（0 字节），请重新选择文件。")
    if upload.size > most * MB:
        raise PaperRefused(f"「{name}」有 {upload.size / MB:.1f} MB，超过 {most} MB 的上限，请压缩后再上传。")
    data = upload.read()
    if not data.startswith(KINDS[kind][0]):
        raise PaperRefused(f"「{name}」的内容不是 {kind.upper()}，请用原来的程序另存后再上传。")
    digest = hashlib.sha256(data).hexdigest()
    paper = Paper.objects.create(
        project=project, name=name, kind=kind, size=len(data), digest=digest, by=by, at=at, **record
    )
    PaperContent.objects.create(paper=paper, data=data)
    return paper


def _named(name):
    """(the name to keep, its kind); the kind decides how it is served, so no other is let in."""
    name = clean_text(name.replace("\\", "/").rpartition("/")[2])
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise PaperRefused(f"「{name[:40]}」不能上传，请上传 PDF、OFD、Word（docx）、JPG 或 PNG 文件。")
    return name[-LONGEST_NAME:], kind


def served_as(paper):
    """The media type of a paper."""
    return KINDS[paper.kind][1]
