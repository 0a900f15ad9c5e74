"""Looks at an uploaded file before anything parses it: kind by content, size, everything hostile."""

from crm.sheets import package
from crm.sheets.refusals import BadSheet
from crm.values.text import quoted

MB = 1024 * 1024
MAX_BYTES = 20 * MB
SNIFF = 64 * 1024
ZIP, OLE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
WORKBOOK_NAMES = (".xlsx", ".xls", ".xlsm", ".xlsb", ".et", ".ods")
TEXT_NAMES = (".csv", ".txt")
XLSX, XLS, CSV = "xlsx", "xls", "csv"


def inspect(file, name="", *, max_bytes=MAX_BYTES):
    """The kind of the open binary `file` (XLSX, XLS or CSV), found by its content; leaves it at position 0.

    `name` sharpens messages, and text must be named .csv or .txt to be a table. Uses a few MB and at most
    a few seconds, whatever the file contains.
    Raises BadSheet with a Chinese message for anything that is not an honest table of at most `max_bytes`.
    """
    size = file.seek(0, 2)
    file.seek(0)
    _check_size(size, max_bytes)
    head = file.read(SNIFF)
    kind = _kind(file, head, size, name.lower())
    file.seek(0)
    return kind


def _check_size(size, max_bytes):
    if size == 0:
        raise BadSheet("文件是空的（0 字节），请重新选择文件。", code="empty_file")
    if size > max_bytes:
        raise BadSheet(
            f"文件有 {size / MB:.1f} MB，超过 {max_bytes / MB:g} MB 的上限，请删去图片和多余的工作表再上传。",
            code="file_too_large",
        )


def _kind(file, head, size, name):
    if head.startswith((ZIP, b"PK\x05\x06")):
        package.check(file, size)
        return XLSX
    if head.startswith(OLE):
        return _old_workbook(file)
    _refuse_other_formats(head, name)
    return CSV


def _old_workbook(file):
    """.xls keeps a stream Workbook or Book; an .xlsx with a password a stream EncryptedPackage."""
    file.seek(0)
    content = file.read()
    if _utf16("EncryptedPackage") in content:
        raise BadSheet("这个工作簿设了打开密码，请在 Excel 中去掉密码后再上传。", code="encrypted")
    if _utf16("_VBA_PROJECT") in content:
        raise BadSheet("这个工作簿含有宏，请另存为不带宏的 .xlsx 后再上传。", code="macros")
    if _utf16("Workbook") in content or _utf16("Book") in content:
        return XLS
    raise BadSheet("这不是 Excel 表格（可能是 Word 或其他文件），请上传 .xlsx 或 .csv。", code="wrong_type")


def _utf16(text):
    return text.encode("utf-16-le")


def _refuse_other_formats(head, name):
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<")):
        raise BadSheet("这是网页或 XML 文件，请用 Excel 打开后另存为 .xlsx 再上传。", code="wrong_type")
    if head.startswith(PDF):
        raise BadSheet("这是 PDF 文件，不是表格，请上传 .xlsx 或 .csv。", code="wrong_type")
    if not head.startswith(UTF16) and _is_binary(head):
        raise BadSheet("这不是 Excel 表格，请上传 .xlsx、.xls 或 .csv 文件。", code="wrong_type")
    if name.endswith(WORKBOOK_NAMES):
        raise BadSheet(
            "文件名是 Excel 工作簿，内容却是普通文本，请用 Excel 打开后另存为 .xlsx 再上传。",
            code="wrong_type",
        )
    if name and not name.endswith(TEXT_NAMES):
        raise BadSheet(f"{quoted(name)}不是表格，请上传 .xlsx、.xls、.csv 或 .txt 文件。", code="wrong_type")


def _is_binary(head):
    return b"\x00" in head or sum(byte < 9 or 13 < byte < 32 for byte in head) > len(head) / 100
