"""The starting flag rules as rows (projects/flag_seed.py); from then on the rows are the truth.

When the starting wordings get better, `refresh` brings them to databases that have the rules already, and
leaves alone what an administrator has made his own.
"""

import hashlib
import json

from projects.flag_seed import RULES

# what may not be cleared on a reviewer's word alone: it touches a prohibition itself, not only the paperwork
SERIOUS = frozenset(
    {
        *("specific_firm", "tax_linked", "relocation", "local_presence", "local_dealing", "land_price"),
        *("reinvestment", "fund_promise", "uncapped", "fee_relief", "factor_preference"),
    }
)
# the digests of rules as they were loaded once and read otherwise now
FORMER = frozenset(
    {
        *("2b6f08ed4922f342", "37ca56677ce8d1ae", "6d3b29f586d1aa08", "675c8ef56c1046fc", "67f2e0077534a19e"),
        *("233d1bf3c07a63e9", "4b9119fdc9b7c80c", "b7681b1a910afb0e", "ffe429c66c5afc16", "64921780bd34f894"),
        *("3fa38687e5822fbf", "0cef1a7daac754a9", "49376e3b74398365"),
        *("f0873c7a7fce2007", "4589ba027c846f79", "22dc311a5a60f413", "66bb4088c0652ecf", "012e89a26dcb5586"),
        *("36c7d0cf8415cb5d", "9f5a410e8811da7e", "61df10702d0047cc", "395e80749b044888", "61ef85beaf7965de"),
        "0191bfcc02b15bc9",
        *("2bf605e639ecb683", "d95a0d05f3bf8627", "8aecd80356aed294", "cda1ca4f396fa4d8", "2e37e7eaa78b4c9d"),
        *("02c746932b37270d", "be233869942d3cf9", "10a4fff27d492504", "752a5a41319ed936"),
        *("e896e61bf552243a", "657742909e10cce6", "4fb40fe53694ea62"),
        *("5321034c7ae07f39", "e28b5c1da84a4bd0", "f3aaa9d8ef21ec9e", "09877409ee82bdc1", "4c2b10f285d42bd5"),
        *("5c8b67629cbe0a73", "cd48cd01ebcf2640", "69be44c6c4a1a132", "7c1b2a778cf76a8e", "f3d4a490f4bf2d71"),
        *("b27940b2e57ef8f3", "2f2e73aa059978eb", "73af65410a6d9cd1"),
        *("91eb1de0200382c2", "00f04496ee6b8963", "d81129b686196bf5", "39dae4719b38f45f", "6a42095643590301"),
        *("a38ee0620d5f267a", "c7e7c43e3c9aac18", "ae521344dea28de0", "5d992d5310873ca5", "067fe1a809f4483f"),
    }
)


def load(get_model):
    """Insert the rules that are not there yet; returns them. `get_model` maps a name to its model class."""
    rows = get_model("FlagRule").objects
    known = set(rows.values_list("code", flat=True))
    return rows.bulk_create(
        rows.model(order=place, **_columns(rule))
        for place, rule in enumerate(RULES, 1)
        if rule.code not in known
    )


def refresh(get_model):
    """Give the rules that read as they were loaded their present wording; returns those changed, by name.

    Rules that somebody changed, and the days a rule is in force, stay as they are.
    """
    rows = {row.code: row for row in get_model("FlagRule").objects.all()}
    seeds = {rule.code: _columns(rule) for rule in RULES if rule.code in rows}
    changed = [rows[code] for code, columns in seeds.items() if _digest(rows[code], columns) in FORMER]
    for row in changed:
        for name, value in seeds[row.code].items():
            setattr(row, name, value)
        row.version += 1
        row.save()
    return changed


def _digest(row, columns):
    text = json.dumps({name: getattr(row, name) for name in columns}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _columns(rule):
    return {
        "code": rule.code,
        "name": rule.name,
        "reason": rule.reason,
        "advice": rule.advice,
        "patterns": list(rule.patterns),
        "exempting": list(rule.exempting),
        "check_name": rule.check,
        "unless": rule.unless,
        "fields": list(rule.fields),
        "needs_opinion": rule.code in SERIOUS,
    }
