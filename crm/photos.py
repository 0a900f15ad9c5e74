"""Pictures as they are kept: the picture itself and which way up it is; not where and when it was taken.

A telephone writes the place of a photo into it (EXIF, XMP), and may hang a short film behind it. All of that
is cut away here, by what the formats are: segments of a JPEG, chunks of a PNG. The picture itself stays.
"""

import hashlib
import struct

from crm.uploads import Checked, PaperRefused, checked

PICTURES = ("jpg", "jpeg", "png")
ACCEPTED = "image/jpeg,image/png"
SCAN, END, EXIF = 0xDA, 0xD9, 0xE1
RESTARTS = range(0xD0, 0xD8)
KEPT_MARKS = {0xE0, 0xE2, 0xEE}  # JFIF, colour profile, Adobe's colours; the other APPn say where and when
MARKS, COMMENT = range(0xE0, 0xF0), 0xFE
KEPT_CHUNKS = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"sBIT"}
ORIENTATION, UPRIGHT = 0x0112, 1
BROKEN = "这张照片读不出来，请重新拍一张，或另存为 JPG 后再上传。"


def picture(upload):
    """The uploaded picture (name, size, read()) as Checked, without what tells where it was taken.

    Raises PaperRefused for what is no JPG or PNG, is too big or broken.
    """
    file = checked(upload)
    if file.kind not in PICTURES:
        raise PaperRefused(f"「{file.name}」不是照片，请上传 JPG 或 PNG。")
    try:
        data = _png(file.data) if file.kind == "png" else _jpeg(file.data)
    except (struct.error, IndexError) as error:
        raise PaperRefused(BROKEN) from error
    return Checked(file.name, file.kind, data, hashlib.sha256(data).hexdigest())


def _jpeg(data):
    kept, at, orientation = [data[:2]], 2, UPRIGHT
    while True:
        if data[at] != 0xFF:
            raise PaperRefused(BROKEN)
        mark = data[at + 1]
        if mark == END:
            break
        if mark == 0xFF:  # filling
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if mark == EXIF:
            orientation = _orientation(data[at + 4 : end]) or orientation
        if mark == SCAN:
            end = _end_of_scan(data, end)
        if mark in KEPT_MARKS or (mark not in MARKS and mark != COMMENT):
            kept.append(data[at:end])
        at = end
    if orientation != UPRIGHT:
        kept.insert(1, _turned(orientation))
    return b"".join([*kept, b"\xff\xd9"])


def _end_of_scan(data, at):
    """Where the next segment begins: at an FF that is neither stuffed nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise PaperRefused(BROKEN)
        if data[at + 1] == 0xFF:  # filling
            at += 1
        elif data[at + 1] and data[at + 1] not in RESTARTS:
            return at
        else:
            at += 2


def _orientation(segment):
    """The EXIF orientation (1–8) of an APP1 segment's content; 0 when it says none."""
    if not segment.startswith(b"Exif\0\0"):
        return 0
    tiff = segment[6:]
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for number in range(struct.unpack_from(f"{order}H", tiff, start)[0]):
            entry = start + 2 + 12 * number
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _turned(orientation):
    """An EXIF segment that says which way up the picture is, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data):
    kept, at = [data[:8]], 8
    while True:
        size, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + size]
        if len(chunk) != 12 + size:
            raise PaperRefused(BROKEN)
        if kind[:1].isupper() or kind in KEPT_CHUNKS:
            kept.append(chunk)
        at += 12 + size
        if kind == b"IEND":
            return b"".join(kept)
