"""Cleaning what people type: invisible characters, full-width letters, words that mean "unknown"."""

import re
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]"
)
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
PLAIN = re.compile("[!-~\u4e00-\u9fff]*")  # most cells: nothing to clean, and found out in one step
CLEAN = re.compile("[!-~\u4e00-\u9fff、。，；：？！（）“”《》]*")
WORD = re.compile(r"[^\W_]+")
UNKNOWN = frozenset(
    [
        "面议",
        "待定",
        "待议",
        "待确认",
        "待核实",
        "待补充",
        "待补",
        "待洽谈",
        "暂无",
        "暂缺",
        "暂未确定",
        "未定",
    ]
    + [
        "未知",
        "未确定",
        "未提供",
        "不详",
        "不明",
        "保密",
        "空",
        "无",
        "/",
        "//",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
    ]
    + ["办理中", "注册中", "待注册", "未注册", "n/a", "na", "none", "null", "nil", "?"]
    + [
        "拟设立",
        "拟注册",
        "待设立",
        "筹建中",
        "筹备中",
        "未成立",
        "另议",
        "另行商议",
        "待商议",
        "待商定",
        "待沟通",
    ]
    + ["未透露", "不便透露", "未披露", "不清楚", "不知道", "未谈及", "未涉及", "待评估", "待测算"]
)
FORMULA_ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!)", re.IGNORECASE)
LONGEST_UNKNOWN = 10  # characters: the longest of these words with brackets and a few spaces inside


class BadValue(ValueError):
    """A cell or field cannot be read. `detail` is Chinese: what is wrong and what to do."""

    def __init__(self, detail):
        super().__init__(detail)
        self.detail = detail


def as_text(value):
    """Any cell as the text a person sees: None is empty, whole floats lose their `.0`."""
    if type(value) is str:  # nearly all are, and a long sheet asks millions of times
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)


def clean_text(value, *, multiline=False):
    """Text without invisible and control characters, letters and digits half-width, spaces single.

    Chinese punctuation and brackets stay as written. With `multiline` line breaks stay, too.
    """
    text = as_text(value)
    if CLEAN.fullmatch(text):
        return text
    text = CONTROL.sub("", INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    text = WORD.sub(lambda word: unicodedata.normalize("NFKC", word[0]), text)
    if not multiline:
        return " ".join(text.split())
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def plain(value):
    """The cell as half-width text for parsing: NFKC, nothing invisible, spaces single. Not for keeping."""
    text = as_text(value)
    if PLAIN.fullmatch(text):
        return text
    if not text.isascii():
        text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(CONTROL.sub("", text).split())


def unspaced(value):
    """A number of a document to compare it by: half-width, upper case, without spaces. Not for keeping."""
    return plain(value).replace(" ", "").upper()


def is_unknown(value):
    """True for an empty cell and for words that say nobody knows yet (面议, 待定, /, -, 暂无 …)."""
    if value is None:
        return True
    if not isinstance(value, str) or len(value.strip()) > LONGEST_UNKNOWN:
        return False
    text = plain(value).lower().strip("。.()")
    return not text or text in UNKNOWN


def is_formula_error(value):
    """True for what a sheet shows where a formula failed: #DIV/0!, #N/A, #REF! … Nobody meant it."""
    return isinstance(value, str) and "#" in value[:4] and bool(FORMULA_ERROR.fullmatch(value.strip()))


def quoted(value):
    """The offending text for a message, shortened to 30 characters."""
    text = clean_text(value)
    return f"「{text[:30]}…」" if len(text) > 30 else f"「{text}」"
