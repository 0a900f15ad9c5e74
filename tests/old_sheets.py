"""A minimal .xls, BIFF8 in an OLE shell, made by hand: no package of ours writes what Excel 97 wrote."""


def old_workbook(rows):
    """The bytes of an .xls with one sheet of these rows of texts; None is a blank cell. Some dozens fit."""
    bof = b"\x09\x08\x10\x00\x00\x06%c\x00" + b"\0" * 12
    eof = b"\x0a\x00\x00\x00"
    cells = [
        (row, column, text) for row, texts in enumerate(rows) for column, text in enumerate(texts) if text
    ]
    labels = b"".join(_label(*cell) for cell in cells)
    name = b"\x85\x00" + (8 + 1).to_bytes(2, "little")
    head = bof % 5
    start = len(head) + 4 + 9 + len(eof)
    stream = head + name + start.to_bytes(4, "little") + b"\0\0\x01\0A" + eof + bof % 16 + labels + eof
    return _ole(stream.ljust(SIZE, b"\0"))


SIZE = 4096  # of the one stream, eight sectors


def _label(row, column, text):
    """The record of a cell with text, in UTF-16."""
    place = row.to_bytes(2, "little") + column.to_bytes(2, "little") + b"\0\0"
    body = place + len(text).to_bytes(2, "little") + b"\x01" + text.encode("utf-16-le")
    return b"\x04\x02" + len(body).to_bytes(2, "little") + body


def _ole(stream):
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]
    fat = b"".join(n.to_bytes(4, "little") for n in fat).ljust(512, b"\xff")
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry("Workbook", 2, 2, len(stream))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + b"\0" * 10
        + (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + b"\0" * 4 + (4096).to_bytes(4, "little")
        + b"\xfe\xff\xff\xff" + b"\0" * 4 + b"\xfe\xff\xff\xff" + b"\0" * 4 + b"\0" * 4
    ).ljust(512, b"\xff")  # fmt: skip
    return header + fat + entries.ljust(512, b"\0") + stream


def _entry(name, kind, start, size, child=0xFFFFFFFF):
    text = name.encode("utf-16-le") + b"\0\0"
    links = b"\xff" * 8 + child.to_bytes(4, "little")
    return (
        text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes([kind, 1]) + links + b"\0" * 36
        + start.to_bytes(4, "little") + size.to_bytes(8, "little")
    )  # fmt: skip
