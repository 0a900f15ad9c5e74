"""行程小结 as a Word document in the shape of official papers: it is printed, sealed and edited elsewhere.

The fonts are named, not put in: 仿宋 and 黑体 come with the Office of every office.
"""

from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from crm.withholding import for_reader
from crm.workdays import shanghai_day
from leads.reporting import PARTS

BODY, HEADING, TITLE = "仿宋", "黑体", "宋体"
BODY_SIZE, TITLE_SIZE, TABLE_SIZE = Pt(16), Pt(22), Pt(10.5)  # 三号, 二号, 五号
LINE = Pt(28)
NUMERALS = "一二三四五六"


def document(report, *, reader):
    """The handed-in `report` as the bytes of a .docx file, as `reader` may read it."""
    paper = Document()
    _page(paper)
    paper.core_properties.title = f"{report.roadshow} 行程小结"
    paper.core_properties.author = str(report.handed_in_by)
    paper.core_properties.created = paper.core_properties.modified = report.handed_in_at
    _line(paper, f"{report.roadshow.title}小结", TITLE, TITLE_SIZE, align=WD_ALIGN_PARAGRAPH.CENTER)
    found, texts = for_reader([report.figures, report.texts], reader)
    _table(paper, [], [*found["facts"], *found["counts"]])
    for numeral, (name, label) in zip(NUMERALS, PARTS.items(), strict=False):
        _line(paper, f"{numeral}、{label}", HEADING, BODY_SIZE, indent=True)
        for text in (texts[name] or "无。").splitlines():
            _line(paper, text, BODY, BODY_SIZE, indent=True)
    _appendix(paper, "附表一　目标企业", ["企业", "结果", "说明"], found["targets"])
    _beyond(paper, found, "targets", "另有 {} 家目标企业未列，见系统中的行程。")
    _appendix(paper, "附表二　记下的线索", ["企业", "赛道", "投资额", "研判结论", "下一步"], found["leads"])
    _beyond(paper, found, "leads", "按投资额从大到小列出，另有 {} 家未列，见系统中这次行程的线索名单。")
    _line(paper, str(report.roadshow.unit), BODY, BODY_SIZE, align=WD_ALIGN_PARAGRAPH.RIGHT)
    day = f"{shanghai_day(report.handed_in_at):%Y-%m-%d}"
    _line(paper, day, BODY, BODY_SIZE, align=WD_ALIGN_PARAGRAPH.RIGHT)
    file = BytesIO()
    paper.save(file)
    return file.getvalue()


def _page(paper):
    """A4 with the margins of official papers (GB/T 9704)."""
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)


def _line(paper, text, font, size, *, indent=False, align=None):
    line = paper.add_paragraph()
    line.alignment = align
    shape = line.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    shape.space_before = shape.space_after = Pt(0)
    if indent:
        shape.first_line_indent = 2 * size
    _write(line, text, font, size)


def _write(line, text, font, size):
    run = line.add_run(text)
    run.font.name, run.font.size = font, size
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _appendix(paper, title, head, rows):
    if rows:
        _line(paper, title, HEADING, BODY_SIZE)
        _table(paper, head, rows)


def _beyond(paper, found, what, words):
    """Say how many the appendix leaves out; reports of before there was a limit leave out none."""
    if more := found.get("more", {}).get(what):
        _line(paper, words.format(more), BODY, TABLE_SIZE)


def _table(paper, head, rows):
    lines = [head, *rows] if head else rows
    table = paper.add_table(rows=len(lines), cols=len(lines[0]), style="Table Grid")
    for row, texts in zip(table.rows, lines, strict=True):
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            is_label = texts is head or (not head and place == 0)
            _write(cell.paragraphs[0], text, HEADING if is_label else TITLE, TABLE_SIZE)
