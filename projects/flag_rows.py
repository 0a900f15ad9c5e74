"""The starting flag rules as rows (projects/flag_seed.py); from then on the rows are the truth."""

from projects.flag_seed import RULES

# what may not be cleared on a reviewer's word alone: it touches a prohibition itself, not only the paperwork
SERIOUS = frozenset(
    {
        *("specific_firm", "tax_linked", "relocation", "local_presence", "local_dealing", "land_price"),
        *("reinvestment", "fund_promise", "uncapped", "fee_relief", "factor_preference"),
    }
)


def load(get_model):
    """Insert the rules that are not there yet; `get_model` maps a name to its model class."""
    rows = get_model("FlagRule").objects
    known = set(rows.values_list("code", flat=True))
    rows.bulk_create(
        rows.model(order=place, **_columns(rule))
        for place, rule in enumerate(RULES, 1)
        if rule.code not in known
    )


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
