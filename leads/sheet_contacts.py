"""A cell that holds a contact whole, as under 联系人/职务/电话: the name, the title and the number apart."""

import re

from crm.values import is_formula_error, plain

NUMBER = re.compile(r"\+?\d[\d -]{5,}\d")
BETWEEN = re.compile(r"\s*[/,;:|()（）]+\s*")


def contact_cells(header, cells):
    """{key: text} of the columns that share the cell of 联系人 in one row; {} where none does.

    The number is what looks like one, the name what stands first, before a stroke or else before a space;
    several numbers stay together, for the parser of numbers to refuse. A column that the sheet has by
    itself keeps its own cell.
    """
    found = header.columns.get("contact_name")
    shares = [key for key in found.shares if key not in header.columns] if found else []
    text = plain(header.cell(cells, "contact_name")) if shares else ""
    if not text or is_formula_error(text):
        return {}
    apart = {}
    if "contact_phone" in shares:
        apart["contact_phone"] = "/".join(NUMBER.findall(text)) or None
        text = NUMBER.sub(" ", text)
    parts = [part for part in BETWEEN.split(text) if part.strip()]
    name, *rest = parts if len(parts) > 1 else text.split() or [""]
    if "contact_title" in shares:
        return {**apart, "contact_name": name, "contact_title": " ".join(rest) or None}
    return {**apart, "contact_name": " ".join([name, *rest])}
