"""A4 as PDF with Chinese in it: the letters used are put into the file, so that it reads the same everywhere.

The font is one of the machine (settings.PDF_FONT, else where fonts-noto-cjk puts it): none is part of the
product. A machine without one prints pages by the browser.
"""

from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection
from fpdf import FPDF

from django.conf import settings

from crm.errors import Refused

USUAL = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
)
SIMPLIFIED = " SC"  # how the face for mainland China is called in a collection
FAMILY_NAME = 1  # of the name table
FONT = "cjk"
MARGIN = 12  # mm


class NoFont(Refused):
    """The machine has no Chinese font to put into a PDF."""

    code = "no_font"
    status = 409

    def __init__(self):
        super().__init__(
            "服务器上没有中文字体，不能生成 PDF；请用浏览器的打印另存为 PDF。"
            "管理员安装 fonts-noto-cjk 或设置 PDF_FONT 以后即可。"
        )


def has_font():
    """Whether this machine can write Chinese into a PDF."""
    return _font() is not None


class Paper(FPDF):
    """A4 upright with one Chinese font; sizes in mm and points. Raises NoFont."""

    def __init__(self, title, author, at):
        if (found := _font()) is None:
            raise NoFont
        super().__init__(format="A4")
        path, face = found
        self.add_font(FONT, fname=path, collection_font_number=face)
        self.set_font(FONT)
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.set_title(title)
        self.set_author(author)
        self.set_creator("拱墅招商")
        self.set_creation_date(at)
        self.set_lang("zh-CN")
        self.add_page()

    def write_block(self, width, text, size, *, grey=False):
        """Write `text` from here on, `width` mm wide, lines broken between any two letters."""
        self.set_font(FONT, size=size)
        self.set_text_color(110 if grey else 0)
        height = size * 0.5
        self.multi_cell(width, height, text, align="L", wrapmode="CHAR", new_x="LEFT", new_y="NEXT")


@cache
def _font():
    """(path, number of the face in it) of the font in use, or None."""
    paths = [settings.PDF_FONT] if settings.PDF_FONT else USUAL
    path = next((one for one in paths if Path(one).is_file()), None)
    return (path, _face(path)) if path else None


def _face(path):
    """Which face of a collection is the simplified Chinese one; 0 for a file with one face."""
    if not path.endswith((".ttc", ".otc")):
        return 0
    with TTCollection(path, lazy=True) as faces:
        names = [str(face["name"].getDebugName(FAMILY_NAME)) for face in faces]
    return next((place for place, name in enumerate(names) if name.endswith(SIMPLIFIED)), 0)
