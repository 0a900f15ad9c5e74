"""项目一页纸 as a PDF: the words of the page (projects/one_page.py) on one A4 whatever is written in it."""

from crm import pdf
from crm.withholding import for_reader
from projects import one_page

COLUMNS = 3


def one_page_pdf(project, *, bar, candidates, visits, today, by, at):
    """The bytes of the PDF for `by`; `bar`, `candidates` and `visits` as projects/views/one_page.py has them.

    `project` is dressed (views/doors.py). Raises crm.pdf.NoFont, crm.pdf.NotDrawn.
    """
    facts = [_cell(line) for line in one_page.facts(project, candidates)]
    talks = [f"{talk.day} {talk.said}" for talk in one_page.talks(visits)] or [one_page.NEVER_TALKED]
    blocks = [
        ("text", str(project), 5),
        ("text", f"{project.code} · {one_page.who(project)}", 0, True),
        ("gap",),
        ("row", [(stop.label, stop.words, stop.state == "now") for stop in bar], len(bar)),
        *(("row", facts[first : first + COLUMNS], COLUMNS) for first in range(0, len(facts), COLUMNS)),
        *(("row", [_cell(line)], 1) for line in one_page.long_lines(project)),
        ("text", one_page.LAST_TALKS, 1),
        *(("text", talk) for talk in talks),
        ("gap",),
        ("text", one_page.foot(today, by), -1, True),
    ]
    return pdf.sheet(one_page.title(project), for_reader(blocks, by), author=str(by), at=at)


def _cell(line):
    return line.label, f"{line.text}\n{line.note}".strip(), False
