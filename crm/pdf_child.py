"""Draws one sheet as PDF: a job as JSON on stdin, the file on stdout. Run as a script, alone in its process.

Imports nothing of ours: it must start fast, and what it needs (40 MB, a second of work) is gone with it.
"""

import json
import logging
import resource
import sys
import tempfile
from datetime import datetime

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable
from fpdf import FPDF

MEMORY, SECONDS = 2 * 1024**3, 20  # bytes of address space, seconds of CPU
SIZES = (11, 10, 9, 8, 7, 6, 5)  # points; the largest with which all stands on one sheet
SIMPLIFIED = " SC"  # how the face for mainland China is called in a collection
FAMILY_NAME = 1  # of the name table
FONT = "cjk"
# of the machine that shapes letters for screens, which ours do not use
UNUSED_SIZES = (
    "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
    "maxStackElements", "maxSizeOfInstructions", "maxComponentElements",
)  # fmt: skip
MARGIN, GAP = 12, 2  # mm
LINE = 0.5  # mm of height a point of size takes
GREY, BLACK = 110, 0


def main():
    """Draw in ever smaller letters until the sheet holds everything."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    logging.disable(logging.CRITICAL)  # the library quotes letters a font lacks
    job = json.load(sys.stdin)
    with tempfile.NamedTemporaryFile(suffix=".ttf") as letters:
        put_letters(job, letters)
        for size in SIZES:
            paper = begun(job, letters.name)
            for kind, *told in job["blocks"]:
                DRAW[kind](paper, size, *told)
            if paper.page_no() == 1:
                break
        sys.stdout.buffer.write(bytes(paper.output()))


def put_letters(job, file):
    """Write the letters of the sheet as a font of their own into `file`.

    With curves as TrueType has them: what is written in the other kind (CFF with numbered letters) shows well
    everywhere, but several programs that read, search or copy the words find none, or a space in each word.
    """
    font = TTFont(job["font"], fontNumber=face_of(job["font"]))
    options = Options()
    options.layout_features, options.notdef_outline = [], True
    subsetter = Subsetter(options)
    subsetter.populate(text=job["title"] + job["author"] + json.dumps(job["blocks"], ensure_ascii=False))
    subsetter.subset(font)
    if "CFF " in font:
        draw_anew(font)
    font.save(file)
    file.flush()


def draw_anew(font):
    """Replace the cubic curves of `font` by quadratic ones, a thousandth of a letter away at most."""
    letters, drawn = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(letters)
        letters[name].draw(Cu2QuPen(pen, max_err=1, reverse_direction=True))
        drawn[name] = pen.glyph()
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), drawn
    font["maxp"].tableVersion = 0x00010000
    for name in UNUSED_SIZES:
        setattr(font["maxp"], name, 0)
    font["post"].formatType = 3
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


def face_of(path):
    """Which face of a collection is the simplified Chinese one; 0 for a file with one face."""
    if not path.endswith((".ttc", ".otc")):
        return 0
    with TTCollection(path, lazy=True) as faces:
        names = [str(face["name"].getDebugName(FAMILY_NAME)) for face in faces]
    return next((place for place, name in enumerate(names) if name.endswith(SIMPLIFIED)), 0)


def begun(job, font):
    """An empty A4 that names what it is."""
    paper = FPDF(format="A4")
    paper.add_font(FONT, fname=font)
    paper.set_margin(MARGIN)
    paper.set_auto_page_break(True, MARGIN)
    paper.set_title(job["title"])
    paper.set_author(job["author"])
    paper.set_creator("拱墅招商")
    paper.set_creation_date(datetime.fromisoformat(job["at"]))
    paper.set_lang("zh-CN")
    paper.add_page()
    return paper


def text(paper, size, words, larger=0, is_grey=False):
    """A paragraph over the whole width; `larger` points are added to the size."""
    block(paper, 0, words, size + larger, is_grey)


def block(paper, width, words, size, is_grey=False):
    """`words` from here on, `width` mm wide, lines broken between any two letters."""
    paper.set_font(FONT, size=size)
    paper.set_text_color(GREY if is_grey else BLACK)
    paper.multi_cell(width, size * LINE, words, align="L", wrapmode="CHAR", new_x="LEFT", new_y="NEXT")


def row(paper, size, cells, columns):
    """Cells side by side, a label above each text; the one that is marked has a line above it."""
    width, top, low = paper.epw / columns, paper.get_y(), 0
    for place, (label, words, is_marked) in enumerate(cells):
        left = MARGIN + place * width
        paper.set_xy(left, top)
        if is_marked:
            paper.line(left, top, left + width - GAP, top)
        block(paper, width - GAP, label, size - 1, is_grey=True)
        block(paper, width - GAP, words, size)
        low = max(low, paper.get_y())
    paper.set_xy(MARGIN, low + GAP)


def gap(paper, size):
    """A little room."""
    paper.ln(GAP)


DRAW = {"text": text, "row": row, "gap": gap}

if __name__ == "__main__":
    main()
