"""Whether a run of the bench is complete: `python -m tests.bench.complete bench.json`. Never a time.

.ci/run measures little data with it; the suite leaves the bench out, for it takes as long as 300 tests.
"""

import json
import sys
from pathlib import Path

NAMED = {
    "lead_list", "lead_list_deep", "lead_search_2char_rare", "lead_search_common", "search_palette",
    "project_board", "project_detail", "home", "funnel", "capture", "import_preview", "import_commit",
    "import_20000", "export_xlsx", "morning_scan", "dispatch_10000", "match_one", "match_fund", "match_all",
    "match_fund_many", "match_fund_many_all", "match_all_many",
    "api_lead_list", "api_lead_create",
    "page:/", "page:/leads/", "page:/leads/board/", "page:/projects/", "page:/projects/board/",
    "page:/roadshows/", "page:/funds/", "page:/reports/", "page:/screen/", "page:/notifications/",
}  # fmt: skip
JOBS = {
    "import_preview",
    "import_commit",
    "import_20000",
    "export_xlsx",
    "morning_scan",
    "dispatch_10000",
    "match_fund",
    "match_all",
    "match_fund_many",
    "match_fund_many_all",
    "match_all_many",
}


def wanting(result):
    """What a result lacks, a sentence each; empty when every row stands beside a floor of the same run."""
    rows = {row["name"]: row for row in result["rows"]}
    found = [f"no row {name}" for name in sorted(NAMED - rows.keys())]
    if len(rows) != len(result["rows"]):
        found.append("two rows of one name")
    for name, row in rows.items():
        found += [f"{name}: {what}" for what in _wrong(name, row)]
    if not result["machine"].get("postgresql"):
        found.append("no word of the machine's database")
    return found


def _wrong(name, row):
    if row["unit"] not in {"ms", "s"}:
        yield f"unit {row['unit']}"
    if not (row["value"] > 0 and row["floor"] > 0 and row["ratio"] > 0 and row["floor_is"]):
        yield "no value beside a floor"
    if name in JOBS and not row.get("peak_mb", 0) > 0:
        yield "no peak of memory"
    if name.startswith("page:") and not row.get("queries", 0) > 0:
        yield "no number of queries"
    if name.startswith("match_all") and not row.get("pairs", 0) > 0:
        yield "no pairs"


def main():
    """Say what is wanting and fail, or say that nothing is."""
    found = wanting(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write("\n".join(found or ["every row stands beside a floor of the same run"]) + "\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
