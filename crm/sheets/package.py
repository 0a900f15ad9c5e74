"""Looks into an .xlsx package without trusting it: entry list, sizes, and a scan of every part's XML."""

import re
import zipfile
import zlib

from crm.sheets.refusals import BadSheet

MAX_ENTRIES = 1000
MAX_DIRECTORY = 512 * 1024  # bytes of the central directory, read whole by zipfile
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO, RATIO_FROM = 200, 10 * 1024 * 1024  # an honest sheet packs 5–60 times
MAX_STYLES = 65_536  # Excel's own limit is 64,000 cell formats
MAX_ROWS, MAX_COLUMNS = 200_000, 200
CHUNK, OVERLAP = 1024 * 1024, 1024
PICTURES = ("xl/media/", "docprops/thumbnail")
FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
UTF16_XML = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
# A cell reference past column GR (200) or row 200,000: three letters, two from GS on, or a long number.
# A plain letter first lets the search skip fast; the look-behind makes r a whole attribute name.
FAR = re.compile(
    rb"""r(?<=\sr)\s*=\s*["']\s*(?:[A-Za-z]{3,}0*[1-9]|[H-Zh-z][A-Za-z]0*[1-9]|[Gg][S-Zs-z]0*[1-9]"""
    rb"""|[A-Za-z]+0*(?:[2-9]\d{5}|\d{7,}))[^>]{0,200}>?"""
)


def check(file, size):
    """Refuse (BadSheet) a package that is damaged, no workbook, has macros or a password, or is hostile."""
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
            _check_entries(entries)
            _check_is_workbook(package, entries)
            for entry in entries:
                if not entry.filename.lower().startswith(PICTURES):
                    _scan(package, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, UnicodeError) as error:
        raise _damaged() from error


def _damaged():
    return BadSheet("文件不完整或已损坏，请在 Excel 中重新打开、另存为 .xlsx 后再上传。", code="damaged")


def _check_directory(file, size):
    """The end record must be there and small: zipfile builds an object per entry before we can count."""
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise _damaged()
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if entries > MAX_ENTRIES or directory > MAX_DIRECTORY:
        raise BadSheet("文件里的部件太多，不像正常的表格，请另存为新的 .xlsx 后再上传。", code="hostile")


def _check_entries(entries):
    names = [entry.filename for entry in entries]
    if len(names) > MAX_ENTRIES or len(set(names)) != len(names) or any(map(_is_path_trick, names)):
        raise BadSheet(
            "文件结构异常（部件过多、重名或路径越界），请另存为新的 .xlsx 后再上传。", code="hostile"
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadSheet("这个文件设了密码，请去掉密码后再上传。", code="encrypted")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise _damaged()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or any(map(_is_bomb, entries)):
        raise BadSheet(
            f"文件解压后有 {unpacked / 1024 / 1024:.0f} MB，不像正常的表格，请只保留需要的行和列后再上传。",
            code="hostile",
        )


def _is_path_trick(name):
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _is_bomb(entry):
    return entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)


def _check_is_workbook(package, entries):
    names = {entry.filename.lower() for entry in entries}
    if "mimetype" in names or "[content_types].xml" not in names:
        raise BadSheet("这不是 Excel 工作簿，请在原软件中另存为 .xlsx 后再上传。", code="wrong_type")
    with package.open("[Content_Types].xml") as part:
        types = part.read(CHUNK).lower()
    if b"macroenabled" in types or any(name.endswith("vbaproject.bin") for name in names):
        raise BadSheet("这个工作簿含有宏，请另存为不带宏的 .xlsx 后再上传。", code="macros")
    if b"spreadsheetml.sheet.main" not in types and b"spreadsheetml.template.main" not in types:
        raise BadSheet(
            "这不是 .xlsx 工作簿（可能是 .xlsb、Word 或压缩包），请另存为 .xlsx 后再上传。", code="wrong_type"
        )


def _scan(package, entry):
    """Unpack one part in pieces, never whole, and look for what must not be in a table."""
    styles, kept = 0, b""
    with package.open(entry) as part:
        while piece := part.read(CHUNK):
            if not kept and piece.startswith(UTF16_XML):
                raise BadSheet("文件里有异常编码的内容，请另存为新的 .xlsx 后再上传。", code="hostile")
            styles += piece.count(b"<xf ") + piece.count(b"<xf>") + piece.count(b"<xf/")
            window = kept + piece
            _check_window(window, styles)
            kept = window[-OVERLAP:]


def _check_window(window, styles):
    if FORBIDDEN.search(window):
        raise BadSheet("文件里有外部引用（DOCTYPE），不安全，请另存为新的 .xlsx 后再上传。", code="hostile")
    if styles > MAX_STYLES:
        raise BadSheet("文件里的单元格样式太多，请把数据粘贴（仅数值）到新工作簿后再上传。", code="hostile")
    for far in FAR.finditer(window):
        if not far[0].rstrip(b">").rstrip().endswith(b"/"):
            raise BadSheet(
                f"表格里有内容在第 {MAX_ROWS} 行或第 {MAX_COLUMNS} 列以外，请删去数据区以外的内容后再上传。",
                code="far_cell",
            )
