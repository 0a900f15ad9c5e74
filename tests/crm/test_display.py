"""Values as officers read them: amounts by size, unknown never zero, people masked."""

from datetime import date
from decimal import Decimal

import pytest

from crm import display


@pytest.mark.parametrize(
    ("wan", "shown"),
    [
        (None, "未填"),
        (0, "0 万元"),
        (Decimal("0.5"), "5,000 元"),
        (Decimal("0.0001"), "1 元"),
        (500, "500 万元"),
        (Decimal("1234.5"), "1,234.5 万元"),
        (9999, "9,999 万元"),
        (10000, "1 亿元"),
        (10500, "1.05 亿元"),
        (Decimal("10001"), "1 亿元"),
        (123456789, "12,345.68 亿元"),
        (-500, "-500 万元"),
        ("800", "800 万元"),
    ],
)
def test_money_is_written_in_yi_wan_or_yuan_by_size(wan, shown):
    assert display.money(wan) == shown


def test_exact_money_hides_no_difference_from_a_limit():
    assert display.money(10001, None) == "1.0001 亿元"


def test_a_range_of_amounts_is_written_once_when_both_ends_agree():
    assert display.money_range(10000, 20000) == "1 亿元–2 亿元"
    assert display.money_range(10000, Decimal(10000)) == "1 亿元"
    assert display.money_range(None, None) == "未填"


def test_numbers_with_units_carry_no_trailing_zeros():
    assert display.percent(Decimal("12.50")) == "12.5%"
    assert display.share(Decimal("0.75")) == "75%"
    assert display.area(Decimal("800.00")) == "800 ㎡"
    assert display.land(12.5) == "12.5 亩"
    assert display.years(3) == "3 年"
    assert display.workdays(5) == "5 个工作日"
    assert display.number(Decimal("-0.001")) == "0"
    assert display.quantity(None, "人") == "未填"


def test_unknown_is_neither_yes_nor_no():
    assert [display.yes_no(value) for value in (True, False, None)] == ["是", "否", "未核实"]


def test_days_and_lists_are_written_in_one_line():
    assert display.day(date(2026, 4, 8)) == "2026-04-08"
    assert display.day(None) == "未填"
    assert display.names(["甲", "乙", "丙"], limit=2) == "甲、乙 等 3 项"
    assert display.names([]) == "无"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800000001", "138****0001"),
        ("0571-88000001", "057******0001"),
        ("88000001", "****0001"),
        ("123456", "****56"),
        ("12", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_shows_its_ends_only(phone, shown):
    assert display.mask_phone(phone) == shown


def test_names_and_addresses_keep_their_first_character():
    assert [display.mask_name(name) for name in ("王小明", "王", "欧阳小明", "", None)] == [
        "王**",
        "王*",
        "欧***",
        "",
        "",
    ]
    assert display.mask_name(display.UNNAMED) == "（未留姓名）"
    assert display.mask_email("wang@example.com") == "w***@example.com"
    assert display.mask_email("wang") == "w***"
    assert display.mask_email("") == ""
