"""The gates as a table: which evidence which step asks for, by 落地方式."""

import pytest

from projects.gates import GateFacts, missing_for

SIGNING = frozenset({"proposal", "diligence", "decision", "fair_competition", "legal_review", "agreement"})

CASES = [
    ("signed", GateFacts(), ["landing_mode", *sorted(SIGNING)]),
    ("signed", GateFacts(landing_mode="lease", evidence=SIGNING), []),
    ("signed", GateFacts(landing_mode="lease", evidence=SIGNING - {"legal_review"}), ["legal_review"]),
    ("registered", GateFacts(), ["commitments", "registration", "uscc"]),
    ("registered", GateFacts(has_uscc=True, evidence=frozenset({"commitments", "registration"})), []),
    ("landed", GateFacts(), ["landing_mode", "move_in"]),
    ("landed", GateFacts(landing_mode="lease"), ["capital", "move_in", "premises"]),
    ("landed", GateFacts(landing_mode="land"), ["capital", "construction", "land_contract"]),
    ("landed", GateFacts(landing_mode="expansion"), ["capital", "move_in"]),
    ("landed", GateFacts(landing_mode="relocation"), ["move_in", "premises"]),
    ("operating", GateFacts(), ["operation"]),
    ("aftercare", GateFacts(), []),
]


@pytest.mark.parametrize(("to", "facts", "expected"), CASES)
def test_a_gate_lists_exactly_what_is_missing(to, facts, expected):
    assert sorted(m.code for m in missing_for(to, facts)) == sorted(expected)


def test_a_phone_call_is_not_a_visit():
    missing = missing_for("review", GateFacts(visit_kinds=frozenset({"call", "online"})))
    assert missing[0].code == "visit"
