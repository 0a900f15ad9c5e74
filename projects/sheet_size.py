"""匹配单 on one A4: documents quoted by several rules stand once, and the print is as large as lets all fit.

The size is reckoned from the texts, by the columns `sheet.css` gives the table on paper, so that it needs
no script; a little is left over for what wraps otherwise than reckoned.
"""

from collections import Counter
from math import ceil

from crm import rules

FOOT = "机器按公布条件逐条比对，结论供参考" * 7  # about as long as what stands at the foot
SIZES = (8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4)  # pt; a class .sheet-pt-… in sheet.css for each
MM = 0.3528  # a pt
WIDTH, HEIGHT = 186, 273  # mm of an A4 within its margins
DEMAND, OURS, PAPERS = 0.21, 0.21, 0.42  # shares of the columns
LINE, PADDING, SIDES = 1.35, 0.6, 1.0  # em: of a line, above and below, left and right of a cell
HEAD, TITLE = 22, 13  # mm around the title, pt of its letters
BORDER = 0.3  # mm under a row
WIDE, SPARE = "\u2e7f", 1.04  # from here on letters are as wide as high; what wrapping wastes


def number_documents(lines):
    """Number the documents several lines quote: [(number, document, day)]; each such line gets a `paper`."""
    rules = [line for line in lines if line["type"] != "group"]
    times = Counter(_document(line) for line in rules if line["document"])
    shared = {document: number for number, document in enumerate((d for d, n in times.items() if n > 1), 1)}
    for line in rules:
        line["paper"] = shared.get(_document(line))
    return [(number, *document) for document, number in shared.items()]


def _document(line):
    return line["document"], line["document_date"]


def sheet(title, tree, texts):
    """What the template of a sheet needs of an explained tree, and the class of its print.

    `texts` are what else the page says, for reckoning.
    """
    lines, notes = list(rules.lines(tree)), list(rules.notes(tree))
    documents = number_documents(lines)
    around = [*texts, *("".join(map(str, document)) for document in documents), *map(_note, notes), FOOT]
    return {
        "lines": lines,
        "documents": documents,
        "notes": notes,
        "cautions": dict.fromkeys(note["caution"] for note in notes),
        "size": print_size(title, lines, around),
    }


def _note(note):
    return "".join(note[key] for key in ("message", "clause", "document", "document_date", "caution"))


def print_size(title, lines, texts):
    """The class of the largest print that fits `title`, the `lines` of the table and the `texts` around."""
    fitting = (size for size in SIZES if _height(title, lines, texts, size) <= HEIGHT)
    return f"sheet-pt-{next(fitting, SIZES[-1]) * 10:.0f}"


def _height(title, lines, texts, size):
    em = size * MM
    rows = sum(_row(line, em) * LINE + PADDING + BORDER / em for line in lines)
    around = sum(_wrapped(text, WIDTH / em) * LINE + PADDING for text in texts)
    return HEAD + _wrapped(title, WIDTH / (TITLE * MM)) * TITLE * MM * LINE + (rows + around + LINE) * em


def _row(line, em):
    if line["type"] == "group":
        return 1
    cells = (DEMAND, _demand(line)), (OURS, _ours(line)), (PAPERS, _papers(line))
    return max(_wrapped(text, share * WIDTH / em - SIDES) for share, text in cells)


def _wrapped(text, width):
    """How many lines of `width` em the text takes."""
    return max(ceil(sum(1 if letter > WIDE else 0.56 for letter in text) * SPARE / width), 1)


def _demand(line):
    return f"{line['label']} {line['threshold_display']}" + "（加分 100）" * (line["kind"] == "soft")


def _ours(line):
    said = line["reason"] if line["value"] is None else line["value_display"] + line["source_label"]
    told = [f"{row.shown}{row.who}" for one in line.get("told", ()) for row in one.sources]
    others = told or [f"{one['value_display']}{one['source_label']}" for one in line["conflicts"]]
    return (
        "".join(f"{one}，来源登记 2026-01-01" for one in (said, *others)) + "（超过 12 个月）" * line["stale"]
    )


def _papers(line):
    quoted = "（文件 1）" if line["paper"] else f"——{line['document']}（{line['document_date']}）"
    return (line["clause"] or line["message"] or "未注明条款") + (quoted if line["document"] else "")
