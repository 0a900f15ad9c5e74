"""One run over all subjects on the database of DATABASE_URL: `manage.py bench` starts it."""

import argparse
import json
import os
import sys
from fnmatch import fnmatch
from pathlib import Path

import django
from django.db import connection

django.setup()

from tests.bench import (  # noqa: E402 (models need a set-up Django)
    capturing,
    machine,
    matching,
    matching_many,
    pages,
    reminding,
    searching,
    sheets,
    site,
)
from tests.bench.measure import Book, line  # noqa: E402
from tests.bench.stand import Stand  # noqa: E402
from tests.bench.statements import Bare  # noqa: E402

SMALL = 1000  # leads for which statistics do not matter
SUBJECTS = (matching, pages, searching, capturing, sheets, reminding, matching_many)


def main():
    """Measure, print the table, write the result."""
    asked = _arguments()
    folder, bare = Path(os.environ["DATA_DIR"]), Bare(os.environ["DATABASE_URL"])
    book = Book(asked.leads, asked.calls, _say)
    found = machine.describe(bare)
    with site.running(folder) as running:
        stand = Stand(book, running, bare, folder, asked.plans)
        for subject in SUBJECTS:
            if _is_wanted(subject, asked.only):
                _say(f"\n· {subject.__doc__.splitlines()[0]}")
                subject.measure(stand)
                _tidy(asked.leads)
    found["load_after"] = machine.load()
    result = {"size": asked.leads, "machine": found, "rows": [row.to_json() for row in book.rows]}
    Path(asked.out).write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _say("\n".join(["", f"{asked.leads:,} 条线索，{found}", *map(line, book.rows)]))


def _arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--only", default="*")
    parser.add_argument("--plans", default="")
    parser.add_argument("--out", required=True)
    return parser.parse_args()


def _is_wanted(subject, only):
    return fnmatch(subject.__name__.rpartition(".")[2], only)


def _tidy(size):
    """As autovacuum would after so many new rows: the next subject finds fresh statistics."""
    if size < SMALL:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
