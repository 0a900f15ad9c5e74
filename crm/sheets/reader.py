"""Reads a guarded table file in a child process under memory and time limits; this one always survives."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from crm.sheets import guard
from crm.sheets.refusals import BadSheet

log = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("child.py")
SECONDS = 30  # of processor time; a busy machine may take WAIT times as long on the clock
WAIT = 4
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG")
REFUSALS = {
    "far_cell": "表格超过 200000 行或 200 列，请删去数据区以外的内容，或分成几个文件上传。",
    "cells": "表格里的单元格超过 300 万个，请分成几个文件上传。",
    "merged": "表格里合并单元格的范围太大，请取消合并后再上传。",
    "encrypted": "这个工作簿设了打开密码，请去掉密码后再上传。",
    "encoding": "看不懂这个文本文件的编码，请用 Excel 打开后另存为 .xlsx 再上传。",
    "csv": "这个 CSV 文件的引号不成对或单元格过长，请用 Excel 打开后另存为 .xlsx 再上传。",
}


class Row(NamedTuple):
    """One row as it stands in the sheet: its 1-based number, its cells from column A on, if it is hidden."""

    number: int
    cells: list
    is_hidden: bool = False


@dataclass
class Sheet:
    """A visible sheet with content; empty rows are left out, numbers stay true. `hidden` are the 0-based
    places of the columns that its people do not see."""

    name: str
    rows: list = field(default_factory=list)
    hidden: tuple = ()


def read(path, name="", *, max_bytes=guard.MAX_BYTES, seconds=SECONDS):
    """The visible sheets with content of the file at `path`, which was uploaded as `name`.

    Cells are str, int, float, bool, date, datetime or None. Raises BadSheet, whatever the file contains.
    """
    with open(path, "rb") as file:
        kind = guard.inspect(file, name or str(path), max_bytes=max_bytes)
    with tempfile.TemporaryFile() as output:
        _run_child(kind, path, seconds, output)
        return _sheets(output)


def _run_child(kind, path, seconds, output):
    command = [sys.executable, "-I", "-X", "utf8", str(CHILD), kind, os.fspath(path), str(seconds)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            env={key: os.environ[key] for key in KEPT_ENVIRONMENT if key in os.environ},
            timeout=seconds * WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow() from error
    if done.returncode == -signal.SIGXCPU:
        raise _too_slow()
    if done.returncode:
        log.warning("sheet child ended with %s: %s", done.returncode, _kind_of(done.stderr))
        raise BadSheet("文件读不出来（已损坏或内容异常），请另存为新的 .xlsx 后再上传。", code="unreadable")


def _kind_of(stderr):
    """The type of the error a child died of, from the last line it wrote; what follows may quote a cell."""
    last = stderr[-2000:].decode(errors="replace").strip().rpartition("\n")[2]
    return re.match(r"[\w.]*", last)[0][:80]


def _too_slow():
    return BadSheet("文件太复杂，读取超时，已停止。请删去多余的内容，或分成几个文件上传。", code="slow")


def _sheets(output):
    end = _last_line(output)
    if "done" not in end:
        raise BadSheet(REFUSALS[end["refused"]], code=end["refused"])
    sheets = []
    for line in output:
        found = json.loads(line, object_hook=_moment)
        if isinstance(found, list):
            sheets[-1].rows.append(Row(*found))
        elif "sheet" in found:
            sheets.append(Sheet(found["sheet"], hidden=tuple(found.get("hidden", ()))))
    if not any(sheet.rows for sheet in sheets):
        raise BadSheet("工作表里没有内容（隐藏的工作表不读），请核对后再上传。", code="empty_sheet")
    return [sheet for sheet in sheets if sheet.rows]


def _last_line(output):
    """What the child says at its end; leaves `output` at its beginning."""
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - 200))
    end = output.read().splitlines()[-1]
    output.seek(0)
    return json.loads(end)


def _moment(pairs):
    """{"@": ISO} back to a date or datetime; other objects as they are."""
    if "@" not in pairs:
        return pairs
    text = pairs["@"]
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
