"""What leaves the site carries no telephone number, however it is written."""

import pytest

from crm.values.phones import without_numbers

MOBILE = "13800000001|138 0000 0001|138-0000-0001|138.0000.0001|１３８０００００００１"
LANDLINE = "0571-88886666|0571-8888 6666|0571-8888-6666|0571 8888 6666|（0571）88886666|0571-88886666转801"
OTHERS = "+86 138 0000 0001|13800000001转8|(0571) 8888-6666|400-888-6666|+852 9123 4567|0085291234567"
NONE = (
    "2026-04-08 前回复，投资 12,000 万元。",
    "统一社会信用代码 91330105MA2CC0001X",
    "面积 08-2 地块 1200.50 ㎡",
    "项目 GS2026-778899",
)


@pytest.mark.parametrize("number", f"{MOBILE}|{LANDLINE}|{OTHERS}".split("|"))
def test_a_number_is_hidden_whole(number):
    assert without_numbers(f"请打 {number}，找王工。") == "请打 （号码略），找王工。"


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_stays(text):
    assert without_numbers(text) == text
