"""The rules engine: worked cases as data, words for wrong criteria, explanations one can check."""

import json
from datetime import date
from pathlib import Path

import pytest

from crm import rules
from crm.rules import Fact

TABLE = json.loads(Path(__file__).with_name("rules_cases.json").read_text())
ON = date.fromisoformat(TABLE["on"])
STAFF = {"field": "staff", "op": "lte", "value": 100, "unit": "人"}
VALUATION = {"field": "valuation", "op": "lte", "value": 1, "unit": "亿元"}


def facts(**values):
    return {key: Fact(value, "officer", date(2026, 1, 5)) for key, value in values.items()}


def verdict(criteria, on=ON, **values):
    return rules.evaluate(criteria, facts(**values), on)


def codes(criteria, **options):
    return [problem.code for problem in rules.check_criteria(criteria, **options)]


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_every_worked_case_comes_out_as_the_table_says(case):
    on = date.fromisoformat(case.get("on", TABLE["on"]))
    answer = rules.evaluate(TABLE["criteria"][case["criteria"]], facts(**case["facts"]), on).to_json()
    found = {
        "verdict": answer["verdict"],
        "score": answer["score"],
        "coverage": answer["coverage"],
        "missing": [fact["key"] for fact in answer["missing"]],
        "to_settle": [fact["key"] for fact in answer["to_settle"]],
        "near_misses": [miss["text"] for miss in answer["near_misses"]],
    }
    assert found == {key: case[key] for key in found}
    if "options" in case:
        assert [[fact["key"] for fact in way] for way in answer["to_settle_options"]] == case["options"]


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_a_stored_answer_computes_its_own_verdict_again(case):
    answer = rules.evaluate(TABLE["criteria"][case["criteria"]], facts(**case["facts"]), ON)
    stored = json.loads(json.dumps(answer.to_json(), ensure_ascii=False))
    assert rules.verdict_from(stored["tree"]) == (answer.code, answer.score, answer.coverage)


@pytest.mark.parametrize(
    "has, lacks, words",
    [
        (["srdi"], [], "专精特新中小企业（其余未核对）"),
        (["srdi"], ["gazelle"], "专精特新中小企业（没有 瞪羚企业，其余未核对）"),
        ([], ["gazelle"], "没有 瞪羚企业，其余未核对"),
        ([], [], "未核对"),
    ],
)
def test_a_set_known_in_part_says_that_the_rest_was_not_looked_at(has, lacks, words):
    criteria = {"field": "qualifications", "op": "covers", "value": ["national_high_tech"]}
    (shown,) = verdict(criteria, qualifications={"has": has, "lacks": lacks}).explanations
    assert (shown["value_display"], shown["value"]) == (words, {"has": has, "lacks": lacks})
    assert (shown["result"], shown["needs"], shown["stale"]) == ("unknown", ["qualifications"], False)
    assert shown["reason"] == "资质还没有核对齐全，不能认定有没有"


def test_the_table_names_every_case_once_and_holds_at_least_forty():
    names = [case["name"] for case in TABLE["cases"]]
    assert len(names) == len(set(names)) >= 40


def test_an_explanation_shows_value_source_day_threshold_and_clause():
    criteria = {
        "all": [
            {**VALUATION, "clause": "估值不超过 1 亿元", "document": "示例办法", "document_date": "2025-11"}
        ]
    }
    known = {"valuation": Fact(8000, "document", date(2026, 2, 1), "投资协议")}
    (shown,) = rules.evaluate(criteria, known, ON).explanations
    assert (shown["label"], shown["value_display"], shown["threshold_display"]) == (
        "估值",
        "8,000 万元",
        "不超过 1 亿元",
    )
    assert (shown["source_label"], shown["as_of"], shown["stale"], shown["note"]) == (
        "材料",
        "2026-02-01",
        False,
        "投资协议",
    )
    assert (shown["result"], shown["result_label"]) == ("yes", "满足")
    assert (shown["clause"], shown["document"], shown["document_date"]) == (
        "估值不超过 1 亿元",
        "示例办法",
        "2025-11",
    )


def test_a_value_older_than_twelve_months_is_flagged_and_still_used():
    known = {"staff": Fact(80, "officer", date(2025, 4, 7))}
    (shown,) = rules.evaluate({"all": [STAFF]}, known, ON).explanations
    assert (shown["stale"], shown["result"]) == (True, "yes")
    (shown,) = rules.evaluate(
        {"all": [STAFF]}, {"staff": Fact(80, "officer", date(2025, 4, 8))}, ON
    ).explanations
    assert not shown["stale"]


def test_a_day_of_establishment_never_goes_stale():
    criteria = {"all": [{"field": "age_years", "op": "lte", "value": 50, "unit": "年"}]}
    known = {"established_on": Fact("2010-05-01", "registry", date(2012, 1, 1))}
    (shown,) = rules.evaluate(criteria, known, ON).explanations
    assert not shown["stale"]
    assert shown["note"] == "由成立日期 2010-05-01 推算至 2026-04-08"
    assert shown["source_label"] == "工商登记"


def test_differing_values_of_other_sources_are_shown_beside_the_one_used():
    other = Fact(150, "registry", date(2025, 6, 1))
    known = {"staff": Fact(80, "officer", date(2026, 1, 1), others=(other,))}
    (shown,) = rules.evaluate({"all": [STAFF]}, known, ON).explanations
    assert shown["conflicts"] == [
        {"value_display": "150 人", "source_label": "工商登记", "as_of": "2025-06-01"}
    ]


def test_years_are_read_with_one_decimal_and_exactly_where_that_would_hide_the_verdict():
    young = {"all": [{"field": "age_years", "op": "lte", "value": 5, "unit": "年"}]}
    for established, shown, result in (
        ("2017-08-30", "8.6 年", "no"),
        ("2022-12-01", "3.4 年", "yes"),
        ("2021-04-08", "5 年", "yes"),
        ("2021-04-07", "5.003 年", "no"),
    ):
        answer = verdict(young, established_on=established)
        assert (answer.explanations[0]["value_display"], answer.explanations[0]["result"]) == (shown, result)
        assert result == "yes" or answer.reasons == [f"成立年限 {shown}，要求不超过 5 年"]


def test_a_failed_rule_is_named_in_the_reasons_with_our_value():
    assert verdict({"all": [STAFF]}, staff=150).reasons == ["员工人数 150 人，要求不超过 100 人"]
    assert verdict({"not": STAFF}, staff=50).reasons == ["员工人数 50 人，属于不得有的情形（不超过 100 人）"]


def test_what_is_missing_is_named_in_the_reasons():
    assert verdict({"all": [STAFF, VALUATION]}).reasons == ["信息不足：员工人数、估值"]
    assert verdict({}).reasons == ["尚未设置条件，不能判定为符合"]


def test_a_removed_field_is_explained_instead_of_crashing():
    answer = verdict({"all": [STAFF, {"field": "lucky", "op": "eq", "value": 8}]}, staff=80)
    assert answer.label == "待补充"
    assert "字段“lucky”不在词典里" in answer.explanations[1]["reason"]
    assert answer.to_settle == ()


def test_policy_notes_carry_the_caution_and_decide_nothing():
    note = {"kind": "note", "message": "基金要求返投 1.5 倍", "field": "reinvestment_ratio"}
    answer = verdict({"all": [STAFF, note]}, staff=80)
    assert (answer.label, len(answer.explanations)) == ("符合", 1)
    assert "国办发〔2025〕1号" in answer.notes[0]["caution"]


def test_the_near_miss_share_is_a_setting():
    assert verdict({"all": [STAFF]}, staff=130).near_misses == []
    wide = rules.evaluate({"all": [STAFF]}, facts(staff=130), ON, near_ratio=rules.NEAR_RATIO * 3)
    assert [miss["text"] for miss in wide.near_misses] == ["员工人数 130 人，上限 100 人"]


def test_words_of_the_day_replace_the_dictionary_in_explanations():
    criteria = {"all": [{"field": "tracks", "op": "overlaps", "value": ["quantum"]}]}
    answer = rules.evaluate(
        criteria, facts(tracks=["quantum"]), ON, vocabulary={"tracks": {"quantum": "量子科技"}}
    )
    assert answer.explanations[0]["value_display"] == "量子科技"
    assert answer.explanations[0]["threshold_display"] == "至少含其一 量子科技"


def test_criteria_read_once_serve_many_companies():
    plan = rules.read({"all": [STAFF]})
    assert [rules.evaluate(plan, facts(staff=n), ON).code for n in (50, 500)] == ["fit", "unfit"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"field": "lucky", "op": "eq", "value": 1}, "unknown_field"),
        ({"field": ["staff"], "op": "eq", "value": 1}, "unknown_field"),
        ({"field": "staff", "op": "about", "value": 1, "unit": "人"}, "unknown_op"),
        ({"field": "staff", "op": "overlaps", "value": ["a"], "unit": "人"}, "op_not_for_type"),
        ({"field": "staff", "op": "lte", "value": 100}, "missing_unit"),
        ({"field": "staff", "op": "lte", "value": 100, "unit": "万元"}, "wrong_unit"),
        ({"field": "valuation", "op": "lte", "value": 1, "unit": "人"}, "wrong_unit"),
        ({"field": "is_dishonest", "op": "eq", "value": False, "unit": "%"}, "wrong_unit"),
        ({"field": "valuation", "op": "lte", "value": 1e8, "unit": "亿元"}, "implausible"),
        ({"field": "valuation", "op": "lte", "value": 10000, "unit": "亿元"}, "implausible"),
        ({"field": "valuation", "op": "lte", "value": 1, "unit": "万元"}, "implausible"),
        ({"field": "ticket", "op": "lte", "value": 500, "unit": "亿元"}, "implausible"),
        ({"field": "ticket", "op": "between", "value": [50, 300], "unit": "元"}, "implausible"),
        ({"field": "revenue", "op": "lt", "value": 2000, "unit": "亿元"}, "implausible"),
        ({"field": "compute_contract", "op": "lte", "value": 50, "unit": "元"}, "implausible"),
        ({"field": "age_years", "op": "lte", "value": 60, "unit": "年"}, "implausible"),
        ({"field": "established_on", "op": "gte", "value": "0202-01-01"}, "implausible"),
        ({"field": "staff", "op": "lte", "value": "一百", "unit": "人"}, "wrong_value"),
        ({"field": "staff", "op": "lte", "value": True, "unit": "人"}, "wrong_value"),
        ({"field": "staff", "op": "lte", "unit": "人"}, "wrong_value"),
        ({"field": "staff", "op": "lte", "value": "NaN", "unit": "人"}, "wrong_value"),
        ({"field": "trl", "op": "between", "value": [5, 3], "unit": "级"}, "wrong_value"),
        ({"field": "trl", "op": "between", "value": [3], "unit": "级"}, "wrong_value"),
        ({"field": "round", "op": "in", "value": "angel"}, "wrong_value"),
        ({"field": "round", "op": "in", "value": []}, "wrong_value"),
        ({"field": "staff", "op": "exists", "value": False}, "wrong_value"),
        ({"field": "is_dishonest", "op": "eq", "value": "否"}, "wrong_value"),
        ({"field": "established_on", "op": "gte", "value": "2022年"}, "wrong_value"),
        ({"field": "rd_cost_ratio", "op": "gte", "value": 0.3, "unit": "%"}, "fraction_percent"),
        ({"field": "round", "op": "eq", "value": "d"}, "unknown_choice"),
        ({"field": "registered_place", "op": "eq", "value": "拱墅区"}, "note_only"),
        ({**STAFF, "kind": "nice"}, "unknown_kind"),
        ({**STAFF, "kind": ["soft"]}, "unknown_kind"),
        ({**STAFF, "weight": 5}, "weight_on_hard"),
        ({**STAFF, "kind": "soft", "weight": 0}, "weights_sum_zero"),
        ({**STAFF, "kind": "soft", "weight": "很多"}, "wrong_weight"),
        ({**STAFF, "kind": "soft", "weight": -5}, "wrong_weight"),
        ({**STAFF, "treshold": 5}, "unknown_key"),
        ({**STAFF, "document_date": "去年"}, "wrong_date"),
        ({**STAFF, "clause": 5}, "wrong_text"),
        ({"kind": "note"}, "note_without_text"),
        ("员工", "not_an_object"),
        ({"all": []}, "empty_group"),
        ({"all": [STAFF], "any": [STAFF]}, "mixed_group"),
        ({"all": "员工"}, "wrong_group"),
        ({"not": [STAFF, VALUATION]}, "wrong_group"),
        ({"any": [STAFF, {**VALUATION, "kind": "soft", "weight": 5}]}, "soft_inside_choice"),
    ],
)
def test_wrong_criteria_are_named_at_editing_time_and_never_crash_matching(rule, code):
    criteria = {"all": [STAFF, rule]}
    problems = rules.check_criteria(criteria)
    assert code in [problem.code for problem in problems]
    assert all(problem.message.endswith("。") for problem in problems)
    json.dumps(verdict(criteria, staff=80, valuation=900).to_json())


@pytest.mark.parametrize("group", [{"any": []}, {"all": []}, {"not": {"any": []}}])
def test_a_stored_group_without_rules_is_told_and_never_passes(group):
    answer = verdict({"all": [STAFF, group]}, staff=80)
    assert (answer.code, answer.score) == ("incomplete", None)
    assert "组里没有规则，请补上或删除该组" in answer.reasons[0]


@pytest.mark.parametrize("criteria", [None, {}, [], "x", 5, {"all": None}, {"maybe": []}, STAFF, [STAFF]])
def test_whatever_was_stored_is_evaluated_without_a_crash(criteria):
    answer = verdict(criteria, staff=80)
    assert answer.code == ("fit" if criteria == STAFF else "incomplete")


def test_groups_nested_too_deep_are_refused():
    criteria = STAFF
    for _ in range(2000):
        criteria = {"all": [criteria]}
    assert codes(criteria) == ["too_deep"]
    assert verdict(criteria, staff=80).code == "incomplete"


def test_a_problem_says_where_what_and_what_to_do():
    (problem,) = rules.check_criteria({"all": [STAFF, {"any": [VALUATION, {**VALUATION, "unit": "人"}]}]})
    assert problem.number == "2.2"
    assert problem.message == "第 2.2 条（估值）：单位“人”不对，请写 元、万元、亿元。"


def test_no_fund_asks_for_what_a_project_states_as_its_need_and_nobody_could_fill_in():
    criteria = {"all": [STAFF, {"not": {"field": "area_most", "op": "gt", "value": 500, "unit": "㎡"}}]}
    (problem,) = rules.check_offered(criteria)
    assert (problem.number, problem.code) == ("2.1", "need_only")
    assert "用房面积上限" in problem.message
    assert rules.check_criteria(criteria) == rules.check_offered({"all": [STAFF]}) == []


def test_the_smallest_set_of_missing_facts_is_found_among_however_many():
    keys = [key for key, field in rules.FIELDS.items() if not (field.derived or field.is_note_only)]
    asks = [{"field": key, "op": "exists"} for key in keys[:20]]
    both, others = {"all": [asks[8], asks[17]]}, {"all": asks[18:20]}
    wide = {"all": [{"any": asks[:9]}, {"any": asks[9:18]}, {"any": [both, others]}]}
    assert verdict(wide).ways == [(keys[8], keys[17])]


def test_a_choice_unknown_to_the_vocabulary_of_the_day_is_found():
    criteria = {"all": [{"field": "tracks", "op": "overlaps", "value": ["ai", "steam"]}]}
    assert codes(criteria) == []
    assert codes(criteria, vocabulary={"tracks": {"ai": "人工智能"}}) == ["unknown_choice"]


@pytest.mark.parametrize(("unit", "value"), [("元", 100_000_000), ("万元", 10_000), ("亿元", 1), ("亿", 1)])
def test_units_of_money_are_converted(unit, value):
    criteria = {"all": [{"field": "valuation", "op": "lte", "value": value, "unit": unit}]}
    assert codes(criteria) == []
    assert [verdict(criteria, valuation=n).code for n in (10_000, 10_001)] == ["fit", "unfit"]


def test_a_bound_of_strange_size_is_told_and_one_already_stored_is_still_compared_as_written():
    """万元 taken for 亿元: an editor must mend it, but what was once published keeps its meaning."""
    criteria = {"all": [{"field": "ticket", "op": "lte", "value": 500, "unit": "亿元"}]}
    (problem,) = rules.check_criteria(criteria)
    assert problem.message == (
        "第 1 条（拟申请基金出资额）：500 亿元 超出该字段可能的范围（10 万元 至 100 亿元），请核对单位。"
    )
    assert verdict(criteria, ticket=300).code == "fit"
    assert codes({"all": [{"field": "compute_contract", "op": "gt", "value": 0, "unit": "万元"}]}) == []


def test_every_field_has_a_chinese_label_and_can_be_asked_about():
    for field in rules.FIELDS.values():
        assert any("\u4e00" <= char <= "\u9fff" for char in field.label)
        assert field.is_note_only or codes({"all": [{"field": field.key, "op": "exists"}]}) == []


def test_verdict_labels_suit_a_model_field():
    assert rules.VerdictCode.choices() == [
        ("fit", "符合"),
        ("incomplete", "待补充"),
        ("unfit", "不符合"),
        ("reserve", "储备"),
    ]


def test_a_bound_that_is_not_known_for_sure_passes_what_it_holds_and_never_fails_the_rest():
    rule = {"field": "height_need", "op": "lte", "value": 0, "unit": "m", "unstated": "台账没有登记层高"}
    nothing_known = {"field": "rent_ceiling", "op": "gte", "unit": "元/㎡/天", "unstated": "台账没有登记租金"}
    assert codes({"all": [rule, nothing_known]}) == []
    assert verdict(rule, height_need=0).label == "符合"
    unsure = verdict({"all": [rule, {**nothing_known, "kind": "soft", "weight": 5}]}, height_need=4.5)
    assert (unsure.label, unsure.reasons, unsure.missing[0]["key"]) == (
        "待补充",
        ["台账没有登记层高"],
        "rent_ceiling",
    )
    (height, rent) = unsure.explanations
    assert (height["threshold_display"], height["value_display"]) == ("台账没有登记层高", "4.5 m")
    assert verdict(nothing_known, rent_ceiling=3).label == "待补充"
    assert verdict({"not": rule}, height_need=0).label == "不符合"
    assert codes({"all": [{**rule, "unstated": ""}, {**nothing_known, "unstated": ""}]}) == ["wrong_value"]


@pytest.mark.parametrize(
    "open_sets, keys, settled",
    [
        ([[("staff",)], [("staff",), ("valuation",)], [("trl",)]], ("staff", "trl"), 3),
        ([[("staff", "trl")], [("valuation",)], [("valuation",)]], ("staff", "trl", "valuation"), 3),
        ([[("staff", "trl", "round", "ticket")]], None, 0),  # more than is asked for at once
        ([[("staff", "trl", "round", "ticket")], [("ticket",)]], ("ticket",), 1),
        ([], None, 0),
    ],
)
def test_the_few_facts_that_settle_most_are_asked_for_first(open_sets, keys, settled):
    found = rules.best_question(open_sets)
    assert (found and found.keys, found.settled if found else 0) == (keys, settled)


def test_facts_are_wanted_in_the_order_of_how_many_ask_for_them():
    assert rules.wanted_first([[("trl",)], [("trl", "staff")], [("valuation",)]])[0] == "trl"
