"""Files from a form: honest ones of a few kinds and bounded size, known by how they begin. Stores nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from crm.errors import Refused
from crm.numbers import number
from crm.values import clean_text

MB = 1024 * 1024
LONGEST_NAME = 120
ZIP, JPEG = b"PK\x03\x04", b"\xff\xd8\xff"
# ending → (how the content begins, what it is served as)
KINDS = {
    "pdf": (b"%PDF-", "application/pdf"),
    "ofd": (ZIP, "application/ofd"),
    "docx": (ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "jpg": (JPEG, "image/jpeg"),
    "jpeg": (JPEG, "image/jpeg"),
    "png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}
ACCEPTED = ",".join(f".{kind}" for kind in KINDS)


class PaperRefused(Refused):
    """The file is none that is kept."""

    code = "bad_paper"

    def __init__(self, detail):
        super().__init__(detail, field="paper")


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its name, its kind of KINDS, its bytes and their SHA-256."""

    name: str
    kind: str
    data: bytes
    digest: str

    def columns(self):
        """What the row of a kept file says of it."""
        return {"name": self.name, "kind": self.kind, "size": len(self.data), "digest": self.digest}


def checked(upload):
    """The uploaded file (name, size, read()) as Checked; raises PaperRefused."""
    name, kind = _named(upload.name)
    most = number("attachment_mb")
    if upload.size == 0:
        raise PaperRefused(f"「{name}」是空的（0 字节），请重新选择文件。")
    if upload.size > most * MB:
        raise PaperRefused(f"「{name}」有 {upload.size / MB:.1f} MB，超过 {most} MB 的上限，请压缩后再上传。")
    data = upload.read()
    if not data.startswith(KINDS[kind][0]):
        raise PaperRefused(f"「{name}」的内容不是 {kind.upper()}，请用原来的程序另存后再上传。")
    return Checked(name, kind, data, hashlib.sha256(data).hexdigest())


def _named(name):
    """(the name to keep, its kind); the kind decides how it is served, so no other is let in."""
    name = clean_text(name.replace("\\", "/").rpartition("/")[2])
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise PaperRefused(f"「{name[:40]}」不能上传，请上传 PDF、OFD、Word（docx）、JPG 或 PNG 文件。")
    return name[-LONGEST_NAME:], kind


def served_as(file):
    """The media type of a kept file."""
    return KINDS[file.kind][1]
