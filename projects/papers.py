"""Keeping papers: what a review rests on, and the files of agreements, proofs, money and 一事一议批复.

Honest files of a few kinds and bounded size; kept once, never changed and never removed (domain §1.4, §2.7).
"""

from collections import defaultdict

from django.db import transaction

from crm.permissions import may, require
from crm.uploads import PaperRefused, checked
from projects.models import Agreement, Evidence, IncentiveItem, Project, Receipt
from projects.models.papers import Paper, PaperContent

KINDS_OF = {Agreement: "agreement", Evidence: "evidence", Receipt: "receipt", IncentiveItem: "incentive"}


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


def of(project):
    """All files of a project, those of the review too, with who uploaded them; the oldest first."""
    return project.papers.select_related("by").reverse()


def with_files(project, *lists):
    """Give every row of `lists` (records of `project`) its `files`, the oldest first; one query."""
    share_out(of(project), *lists)


def share_out(every, *lists):
    """Give every row of `lists` those of `every` file of their project that belong to it, as its `files`."""
    found = defaultdict(list)
    for paper in every:
        found[paper.record].append(paper)
    for rows in found.values():
        number_editions(rows, lambda paper: paper.name.casefold())
    for rows in lists:
        for row in rows:
            row.files = found[KINDS_OF[type(row)], row.pk]


def number_editions(rows, kind):
    """Give each of `rows`, the oldest first, its `edition` among those alike by `kind(row)`, and the `newer`
    one that has taken its place (None: it is the one in force).

    Nothing is removed or changed by it: an old edition says so wherever it is listed.
    """
    last = {}
    for row in rows:
        before = last.get(kind(row))
        row.edition, row.newer = (before.edition + 1 if before else 1), None
        if before:
            before.newer = row
        last[kind(row)] = row


def keep(project, upload, *, by, at, **record):
    """Store the uploaded file (name, size, read()) and return its Paper; raises PaperRefused.

    `record` says what it belongs to, by a name of models.papers.RECORDS; nothing: the review of the project.
    """
    file = checked(upload)
    paper = Paper.objects.create(project=project, by=by, at=at, **file.columns(), **record)
    PaperContent.objects.create(paper=paper, data=file.data)
    return paper
