"""The starting funds: sound criteria, honest labels, and the published ones held against worked cases."""

import json
from datetime import date
from pathlib import Path

import pytest

from crm import rules
from crm.rules import Fact
from projects.fund_seed import FUNDS

TABLE = json.loads(Path(__file__).with_name("fund_cases.json").read_text())
BY_CODE = {fund["code"]: fund for fund in FUNDS}
ON = date.fromisoformat(TABLE["on"])
PUBLISHED = [fund for fund in FUNDS if not fund["is_local"]]


def rules_of(fund):
    return list(rules.read(fund["version"]["criteria"]).rules())


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_every_worked_case_of_a_fund_comes_out_as_the_table_says(case):
    known = {key: Fact(value, "officer", date(2026, 1, 5)) for key, value in case["facts"].items()}
    answer = rules.evaluate(BY_CODE[case["fund"]]["version"]["criteria"], known, ON).to_json()
    found = {
        "verdict": answer["verdict"],
        "score": answer["score"],
        "coverage": answer["coverage"],
        "missing": [fact["key"] for fact in answer["missing"]],
        "to_settle": [fact["key"] for fact in answer["to_settle"]],
        "near_misses": [miss["text"] for miss in answer["near_misses"]],
    }
    assert found == {key: case[key] for key in found}


def test_every_fund_has_worked_cases():
    assert {case["fund"] for case in TABLE["cases"]} == set(BY_CODE)
    names = [case["name"] for case in TABLE["cases"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("fund", FUNDS, ids=lambda fund: fund["code"])
def test_the_criteria_of_every_fund_are_sound(fund):
    assert rules.check_criteria(fund["version"]["criteria"]) == []


@pytest.mark.parametrize("fund", FUNDS, ids=lambda fund: fund["code"])
def test_every_rule_quotes_its_clause_and_document(fund):
    for rule in rules_of(fund):
        assert rule.raw["document"]
        assert rule.raw.get("clause") or rule.is_note


def test_criteria_are_empty_or_marked_as_examples():
    for fund in FUNDS:
        version = fund["version"]
        assert version["is_example"] or version["criteria"] == {}


def test_own_funds_without_published_criteria_say_so_in_every_rule():
    for fund in FUNDS:
        for rule in rules_of(fund) if fund["is_local"] else ():
            assert "示例，非本基金公布条件" in rule.raw["document"]


def test_the_four_own_funds_stand_as_the_district_says():
    own = {fund["code"]: fund["status"] for fund in FUNDS if fund["is_local"]}
    assert own == {
        "gongshu-kechuang-3": "operating",
        "gongshu-concept": "preparing",
        "gongshu-transfer": "preparing",
        "qizhen": "established",
    }


def test_place_and_reinvestment_are_never_rules_only_notes_with_the_caution():
    for fund in FUNDS:
        answer = rules.evaluate(fund["version"]["criteria"], {}, ON)
        assert not any(rules.FIELDS[shown["field"]].is_note_only for shown in answer.explanations)
        for note in answer.notes:
            assert "返投" not in note["message"] or "国办发〔2025〕1号" in note["caution"]


def test_codes_are_unique_and_the_data_is_json():
    assert len(BY_CODE) == len(FUNDS)
    assert json.loads(json.dumps(FUNDS, ensure_ascii=False)) == FUNDS
