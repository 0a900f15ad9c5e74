"""Cells and form fields become values here, or a BadValue says in Chinese what is wrong. No database."""

from crm.values.codes import uscc, uscc_warnings
from crm.values.contacts import tells_contact
from crm.values.dates import FARTHEST, is_near, lacks_year, sheet_date
from crm.values.measures import area_sqm, integer
from crm.values.money import amount_wan, is_money_unit, unit_factor
from crm.values.names import (
    WORKING_TITLE_ENDS,
    city_name,
    company_key,
    is_other_spelling,
    loose_key,
    spelled_key,
)
from crm.values.phones import phone
from crm.values.search import closeness, grams, matches, search_terms
from crm.values.text import BadValue, as_text, clean_text, is_formula_error, is_unknown, plain, unspaced

__all__ = [
    "FARTHEST",
    "WORKING_TITLE_ENDS",
    "BadValue",
    "amount_wan",
    "area_sqm",
    "as_text",
    "city_name",
    "clean_text",
    "closeness",
    "company_key",
    "grams",
    "integer",
    "is_formula_error",
    "is_money_unit",
    "is_near",
    "is_other_spelling",
    "is_unknown",
    "lacks_year",
    "loose_key",
    "matches",
    "phone",
    "plain",
    "search_terms",
    "sheet_date",
    "spelled_key",
    "tells_contact",
    "unit_factor",
    "unspaced",
    "uscc",
    "uscc_warnings",
]
