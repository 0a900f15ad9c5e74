"""A4 as PDF with Chinese in it: the letters used are put into the file, so that it reads the same everywhere.

The font is one of the machine (settings.PDF_FONT, else where fonts-noto-cjk puts it): none is part of the
product. A machine without one prints pages by the browser. The drawing is done in a process of its own
(crm/pdf_child.py), so that no server carries the library along for what is asked twice a day.
"""

import json
import logging
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from crm.errors import Refused

log = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("pdf_child.py")
PATIENCE = 30  # seconds
USUAL = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
)


class NoFont(Refused):
    """The machine has no Chinese font to put into a PDF."""

    code = "no_font"
    status = 409

    def __init__(self):
        super().__init__(
            "服务器上没有中文字体，不能生成 PDF；请用浏览器的打印另存为 PDF。"
            "管理员安装 fonts-noto-cjk 或设置 PDF_FONT 以后即可。"
        )


class NotDrawn(Refused):
    """The drawing failed or took too long; nothing was made."""

    code = "not_drawn"
    status = 503

    def __init__(self):
        super().__init__("PDF 没有生成，请稍后再试，或用浏览器的打印另存为 PDF。")


def font():
    """The path of the font in use; "" when the machine has none."""
    paths = [settings.PDF_FONT] if settings.PDF_FONT else USUAL
    return next((path for path in paths if Path(path).is_file()), "")


def sheet(title, blocks, *, author, at):
    """The bytes of a PDF of one A4, in letters as large as fit. Takes a second or two.

    Blocks, from top to bottom: ("text", words[, points larger[, is grey]]), ("gap",), and
    ("row", [(label, words, is marked)], number of columns). Raises NoFont, NotDrawn.
    """
    path = font()
    if not path:
        raise NoFont
    job = {"font": path, "title": title, "author": author, "at": at.isoformat(), "blocks": blocks}
    command = [sys.executable, "-I", str(CHILD)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job).encode(),
            capture_output=True,
            env={"LANG": "C.UTF-8"},  # none of our secrets
            timeout=PATIENCE,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        log.warning("pdf child: %s", type(error).__name__)
        raise NotDrawn from error
    return done.stdout
