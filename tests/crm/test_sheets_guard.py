"""Hostile and broken files: each is refused in Chinese, in little memory, and nothing dies of it."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from functools import cache

import pytest
import xlsxwriter

from crm.sheets import guard, reader
from crm.sheets.refusals import BadSheet

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
MB = 1024 * 1024


def workbook(rows=(("企业名称",), ("杭州望川有限公司",))):
    """The bytes of an honest workbook."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return file.getvalue()


def repacked(change=None, extra=(), drop=(), compression=zipfile.ZIP_DEFLATED):
    """An honest workbook with parts changed ({name: function of bytes}), added or dropped."""
    file, change = io.BytesIO(), change or {}
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(file, "w", compression) as target:
        for name in source.namelist():
            if name not in drop:
                target.writestr(name, change.get(name, bytes)(source.read(name)))
        for name, content in extra:
            target.writestr(name, content)
    return file.getvalue()


def with_cells(xml):
    return repacked({SHEET: lambda old: old.replace(b"</sheetData>", xml + b"</sheetData>")})


def with_prolog(prolog):
    return repacked({SHEET: lambda old: old.replace(b"?>", b"?>" + prolog, 1)})


def far_cell(ref=b"XFD1048576"):
    number = ref.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return with_cells(b'<row r="%s"><c r="%s"><v>1</v></c></row>' % (number, ref))


@cache
def bomb():
    """A sheet part of 512 MB that packs to a few, as a stream that never stands in memory whole."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for name in source.namelist():
            if name != SHEET:
                target.writestr(name, source.read(name))
        with target.open(SHEET, "w") as part:
            for _ in range(512):
                part.write(b" " * MB)
    return file.getvalue()


@cache
def lying_bomb():
    """The same bomb whose directory claims 100 kB."""
    content = bytearray(bomb())
    while (at := content.find(struct.pack("<L", 512 * MB))) >= 0:
        content[at : at + 4] = struct.pack("<L", 100_000)
    return bytes(content)


def encrypted():
    """What Excel makes of a workbook with a password, as far as we look: an OLE file with that stream."""
    return guard.OLE + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 3000


def locked_entry():
    content = bytearray(workbook())
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def many_entries():
    return repacked(extra=[(f"xl/part{n}.xml", b"<a/>") for n in range(2000)])


def many_styles():
    return repacked({STYLES: lambda old: old.replace(b"</cellXfs>", b"<xf/>" * 10**6 + b"</cellXfs>")})


def macros():
    return repacked(extra=[("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")])


def macro_type():
    def enable(old):
        return old.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )

    return repacked({"[Content_Types].xml": enable})


def word_document():
    return repacked(
        {"[Content_Types].xml": lambda old: old.replace(b"spreadsheetml.sheet", b"wordprocessingml.document")}
    )


def plain_zip():
    return repacked(drop=["[Content_Types].xml"])


def twice_the_same_name():
    with pytest.warns(UserWarning, match="Duplicate name"):
        return repacked(extra=[(SHEET, b"<worksheet/>")])


def utf16_part():
    return repacked({SHEET: lambda old: old.decode().replace("UTF-8", "UTF-16").encode("utf-16")})


LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HOSTILE = {
    "far cell": (far_cell, "far_cell"),
    "far column": (lambda: far_cell(b"GS5"), "far_cell"),
    "far row": (lambda: far_cell(b"A200001"), "far_cell"),
    "far cell with odd quotes": (lambda: with_cells(b"<row><c r = 'xfd9'><v>1</v></c></row>"), "far_cell"),
    "bomb": (bomb, "hostile"),
    "lying bomb": (lying_bomb, "damaged"),
    "billion laughs": (lambda: with_prolog(LAUGHS), "hostile"),
    "external entity": (lambda: with_prolog(XXE), "hostile"),
    "late doctype": (lambda: with_prolog(b"<!--" + b"x" * (2 * MB - 50) + b"-->" + XXE), "hostile"),
    "odd encoding": (utf16_part, "hostile"),
    "a million styles": (many_styles, "hostile"),
    "two thousand entries": (many_entries, "hostile"),
    "path out": (lambda: repacked(extra=[("../../evil.xml", b"<a/>")]), "hostile"),
    "absolute path": (lambda: repacked(extra=[("/etc/evil.xml", b"<a/>")]), "hostile"),
    "same name twice": (twice_the_same_name, "hostile"),
    "macro project": (macros, "macros"),
    "macro type": (macro_type, "macros"),
    "password": (encrypted, "encrypted"),
    "locked entry": (locked_entry, "encrypted"),
    "cut in the middle": (lambda: workbook()[:3000], "damaged"),
    "cut at the end": (lambda: workbook()[:-30], "damaged"),
    "broken stream": (lambda: workbook().replace(workbook()[60:160], b"\xff" * 100, 1), "damaged"),
    "unusual compression": (lambda: repacked(compression=zipfile.ZIP_BZIP2), "damaged"),
    "document": (word_document, "wrong_type"),
    "plain zip": (plain_zip, "wrong_type"),
    "empty zip": (lambda: b"PK\x05\x06" + b"\0" * 18, "wrong_type"),
    "no bytes": (lambda: b"", "empty_file"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "wrong_type"),
    "program": (lambda: b"MZ\x90\0\x03\0\0\0" + b"\x01" * 500, "wrong_type"),
    "pdf": (lambda: b"%PDF-1.7\n" + b"text " * 50, "wrong_type"),
    "web page": (lambda: b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "wrong_type"),
    "text called xlsx": (lambda: "企业名称,城市\n甲,杭州\n".encode(), "wrong_type"),
    "old document": (lambda: guard.OLE + b"\0" * 500 + "WordDocument".encode("utf-16-le"), "wrong_type"),
    "old macros": (
        lambda: guard.OLE + "_VBA_PROJECT".encode("utf-16-le") + "Workbook".encode("utf-16-le"),
        "macros",
    ),
    "nonsense after the old head": (
        lambda: guard.OLE + "Workbook".encode("utf-16-le") + b"\7" * 5000,
        "unreadable",
    ),
}


@pytest.fixture
def upload(tmp_path):
    """Read these bytes as if they had been uploaded under a name."""

    def send(content, name="名单.xlsx"):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return reader.read(path, name)

    return send


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_a_chinese_message(upload, case, record_property):
    make, code = HOSTILE[case]
    content = make()
    began = time.monotonic()
    with pytest.raises(BadSheet) as caught:
        upload(content)
    record_property("seconds", round(time.monotonic() - began, 3))
    assert caught.value.code == code
    assert caught.value.field == "file"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.detail)


@pytest.mark.parametrize(
    "case", ["far cell", "bomb", "lying bomb", "a million styles", "two thousand entries"]
)
def test_looking_at_a_hostile_file_takes_little_memory(case):
    content = io.BytesIO(HOSTILE[case][0]())
    tracemalloc.start()
    with pytest.raises(BadSheet):
        guard.inspect(content, "x.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * MB


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path):
    path = tmp_path / "big"
    with open(path, "wb") as file:
        file.truncate(50 * MB)
    with pytest.raises(BadSheet, match=r"50\.0 MB.*20 MB"):
        reader.read(path, "big.xlsx")


def test_a_crashing_child_takes_nobody_along(upload, monkeypatch):
    """Past a guard that sees nothing, the far cell aborts the child; it is refused all the same."""
    monkeypatch.setattr(guard, "inspect", lambda *args, **options: guard.XLSX)
    with pytest.raises(BadSheet) as caught:
        upload(far_cell())
    assert caught.value.code == "unreadable"


BUSY = "resource.setrlimit(resource.RLIMIT_CPU, (0, 5))\nwhile True: pass"


@pytest.mark.parametrize("what", ["time.sleep(60)", BUSY])
def test_a_slow_child_is_stopped(monkeypatch, tmp_path, what):
    slow = tmp_path / "slow.py"
    slow.write_text(f"import resource, time\n{what}\n")
    monkeypatch.setattr(reader, "CHILD", slow)
    monkeypatch.setattr(reader, "WAIT", 2)
    path = tmp_path / "book"
    path.write_bytes(workbook())
    with pytest.raises(BadSheet, match="已停止") as caught:
        reader.read(path, "x.xlsx", seconds=1)
    assert caught.value.code == "slow"


def test_a_styled_empty_cell_far_away_does_no_harm(upload):
    """Formatting a whole row leaves empty styled cells up to the last column; no reason to refuse."""
    content = with_cells(b'<row r="3"><c r="XFD3" s="0"/></row><row r="1048576" ht="15"/>')
    assert [row.number for row in upload(content)[0].rows] == [1, 2]


def test_an_honest_file_passes_by_content_whatever_its_name(upload):
    assert upload(workbook(), "名单.csv")[0].rows[1].cells == ["杭州望川有限公司"]
    assert upload("企业名称,城市\n甲,杭州\n".encode(), "名单.txt")[0].rows[1].cells == ["甲", "杭州"]


def test_the_guard_leaves_the_file_at_its_beginning():
    file = io.BytesIO(workbook())
    assert guard.inspect(file) == guard.XLSX
    assert file.tell() == 0


def test_a_checksum_that_does_not_fit_is_damage(upload):
    content = bytearray(workbook())
    at = content.find(b"PK\x01\x02")
    content[at + 16 : at + 20] = struct.pack("<L", zlib.crc32(b"something else"))
    with pytest.raises(BadSheet) as caught:
        upload(bytes(content))
    assert caught.value.code == "damaged"
