"""One parser per kind of cell: what it reads, what it leaves unknown, what it refuses and how it says so."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from crm.values import (
    BadValue,
    amount_wan,
    area_sqm,
    city_name,
    clean_text,
    company_key,
    grams,
    integer,
    is_unknown,
    loose_key,
    matches,
    phone,
    search_terms,
    sheet_date,
    tells_contact,
    unit_factor,
    uscc,
    uscc_warnings,
)
from crm.values.codes import ALPHABET

TODAY = date(2026, 4, 20)
VALID_CODES = (
    "91330105MACPN4X08Y",
    "91330000755918469E",
    "91330100799655058B",
    "91330105MA2TEXT08E",
    "91330105MADEMQ012G",
    "91440300MA5DEMQ0X8",
    "91310000MA1DEMQ029",
)
UNKNOWNS = (None, "", "  ", "\u3000", "面议", "待定", "/", "-", "—", "暂无", "（待定）", "面议。", "N/A")


def refusal(parse, *args):
    with pytest.raises(BadValue) as caught:
        parse(*args)
    return caught.value.detail


def test_text_loses_what_cannot_be_seen_and_keeps_chinese_punctuation():
    assert (
        clean_text("\ufeff\u3000杭州（中国）ＡＩ\u200b科技\u00a0有限公司 \n") == "杭州（中国）AI科技 有限公司"
    )
    assert clean_text("a\x00b\x07c\td") == "abc d"
    assert clean_text(None) == ""
    assert clean_text(1200.0) == "1200"
    assert clean_text("有意来杭，\r\n 拟5月  回访", multiline=True) == "有意来杭，\n拟5月 回访"


@pytest.mark.parametrize("value", UNKNOWNS)
def test_unknown_is_none_or_empty_and_never_zero(value):
    assert is_unknown(value)
    assert amount_wan(value) is None
    assert area_sqm(value) is None
    assert integer(value) is None
    assert sheet_date(value, TODAY) is None
    assert phone(value) == ""
    assert uscc(value) == ""


@pytest.mark.parametrize(
    "value, unit, expected",
    [
        ("0.3亿", "万元", "3000"),
        ("3.5亿", "万元", "35000"),
        ("0.12亿元", "万元", "1200"),
        ("0.08 亿", "万元", "800"),
        ("8,000 万元", "万元", "8000"),
        ("12,000万", "万元", "12000"),
        ("５０００万", "万元", "5000"),
        ("5千万", "万元", "5000"),
        ("3百万元", "万元", "300"),
        ("3000w", "万元", "3000"),
        ("1亿2000万元", "元", "12000"),
        ("3万5000元", "亿元", "3.5"),
        ("人民币3000万元", "万元", "3000"),
        ("3000万元（人民币）", "万元", "3000"),
        ("￥500万", "万元", "500"),
        ("3亿元整", "万元", "30000"),
        ("1.2億", "万元", "12000"),
        ("1.2个亿", "元", "12000"),
        ("800萬元", "元", "800"),
        (800, "万元", "800"),
        (12000.0, "万元", "12000"),
        (0.1 + 0.2, "万元", "0.3"),
        (1.1 * 3, "亿元", "33000"),
        ("800", "亿元", "8000000"),
        (0.35, "亿元", "3500"),
        (30000000, "元", "3000"),
        ("30000000元", "万元", "3000"),
        ("12345.67元", "万元", "1.2346"),
        (0, "万元", "0"),
        ("100000000000000", "元", "10000000000"),
    ],
)
def test_amounts_are_exact_in_wan(value, unit, expected):
    if Decimal(expected) > 100_000_000:
        assert "10000 亿元" in refusal(amount_wan, value, unit)
    else:
        assert amount_wan(value, unit) == Decimal(expected)


@pytest.mark.parametrize(
    "value, expected",
    [
        ("4月16日", "2026-04-16"),
        ("4.16", "2026-04-16"),
        ("3/20", "2026-03-20"),
        ("6月15日", "2026-06-15"),
        ("26.4.16", "2026-04-16"),
        ("26/4/9", "2026-04-09"),
        ("26年4月9日", "2026-04-09"),
        ("2月1日", None),
        ("6月30日", None),
        ("2.30", None),
        ("4.1", None),
        (4.16, None),
    ],
)
def test_a_day_without_a_year_is_of_the_trip_it_lies_near_to(value, expected):
    trip = (date(2026, 4, 13), date(2026, 4, 17))
    if expected:
        assert sheet_date(value, TODAY, near=trip).isoformat() == expected
    else:
        with pytest.raises(BadValue, match="没有写年份"):
            sheet_date(value, TODAY, near=trip)


@pytest.mark.parametrize("value", ["25.4.16", "16/4/26", "26.9.1"])
def test_two_digits_are_a_year_only_near_the_trip(value):
    with pytest.raises(BadValue, match="只有两位"):
        sheet_date(value, TODAY, near=(date(2026, 4, 13), date(2026, 4, 17)))


def test_a_trip_over_new_year_has_days_of_two_years():
    trip = (date(2025, 12, 29), date(2026, 1, 3))
    assert sheet_date("12月30日", TODAY, near=trip) == date(2025, 12, 30)
    assert sheet_date("1月2日", TODAY, near=trip) == date(2026, 1, 2)


@pytest.mark.parametrize(
    "value, word",
    [
        ("面议较大", "只填一个数"),
        ("约一亿左右吧", "只填一个数"),
        ("约8000万", "只填一个数"),
        ("5000万以上", "只填一个数"),
        ("1-2亿", "范围"),
        ("3000万～5000万", "范围"),
        ("2000至3000", "范围"),
        ("-5", "负数"),
        (-5.5, "负数"),
        ("1000万美元", "外币"),
        ("USD 300", "外币"),
        ("€20万", "外币"),
        ("200000亿", "10000 亿元"),
        ("1,2000", "只填一个数"),
        ("0,3亿", "只填一个数"),
        ("1亿2000", "只填一个数"),
        ("2000万1亿", "只填一个数"),
        ("=SUM(A1:A3)", "只填一个数"),
        ("#REF!", "只填一个数"),
        (True, "不是数字"),
        (float("nan"), "不是有效"),
        (date(2026, 3, 1), "不是数字"),
    ],
)
def test_an_amount_that_is_not_one_number_is_refused_with_what_to_do(value, word):
    assert word in refusal(amount_wan, value)


def test_the_unit_of_a_column_is_known_or_refused():
    assert unit_factor("亿元") == 10000
    assert unit_factor("元") == Decimal("0.0001")
    assert unit_factor("亩") is None
    assert "折算" in refusal(amount_wan, 300, "万美元")
    assert "不认识" in refusal(amount_wan, 300, "吨")
    assert amount_wan("300万", "吨") == 300


@pytest.mark.parametrize(
    "value, expected",
    [
        ("2026年3月13日", "2026-03-13"),
        ("2026 年 3 月 5 日", "2026-03-05"),
        ("2026.3.16", "2026-03-16"),
        ("2026/03/17", "2026-03-17"),
        ("2026-9-2", "2026-09-02"),
        ("20260913", "2026-09-13"),
        (20260913, "2026-09-13"),
        (20260913.0, "2026-09-13"),
        (46091, "2026-03-10"),
        (46091.75, "2026-03-10"),
        ("46091", "2026-03-10"),
        (datetime(2026, 3, 12, 23, 59), "2026-03-12"),
        (date(2026, 3, 1), "2026-03-01"),
        ("2026-03-12T09:30:00", "2026-03-12"),
        ("2026-03-12 14:30", "2026-03-12"),
        ("2026-03-12T23:00:00Z", "2026-03-13"),
        ("2026-03-12T23:00:00+08:00", "2026-03-12"),
        (datetime(2026, 3, 12, 20, tzinfo=timezone(timedelta(0))), "2026-03-13"),
        ("2026年3月13日（周五）", "2026-03-13"),
        ("2026年3月13日下午3点", "2026-03-13"),
        ("2026年3月13日 周五 上午", "2026-03-13"),
        ("２０２６．３．１６", "2026-03-16"),
        ("2026–3—16", "2026-03-16"),
    ],
)
def test_dates_in_every_form_that_officers_write(value, expected):
    assert sheet_date(value, TODAY).isoformat() == expected


@pytest.mark.parametrize(
    "value, word",
    [
        ("2026-13-40", "没有这一天"),
        ("2026-02-30", "没有这一天"),
        ("尽快", "看不懂"),
        ("上周三", "看不懂"),
        ("2026年3月", "看不懂"),
        ("2026.3.16-17", "看不懂"),
        ("26.3.16", "只有两位"),
        ("3月5日", "没有写年份"),
        ("3.5", "没有写年份"),
        ("1999-12-31", "1999"),
        (date(2101, 1, 1), "2101"),
        (99999, "2173"),
        (time(3, 4), "看不懂"),
        (timedelta(days=3), "看不懂"),
        (True, "看不懂"),
        (-3, "看不懂"),
    ],
)
def test_what_is_no_day_is_refused(value, word):
    assert word in refusal(sheet_date, value, TODAY)


@pytest.mark.parametrize(
    "value, expected",
    [
        (13287530409, "13287530409"),
        (13287530409.0, "13287530409"),
        ("132 8753-0409", "13287530409"),
        ("+86 132 8753 0409", "13287530409"),
        (8613287530409, "13287530409"),
        ("００８６１３２８７５３０４０９", "13287530409"),
        ("1.3287530409E+10", "13287530409"),
        ("13287530409.0", "13287530409"),
        ("0571-88886666", "0571-88886666"),
        ("（0571）8888 6666", "0571-88886666"),
        ("057188886666", "0571-88886666"),
        ("+86 571 8888 6666", "0571-88886666"),
        ("010-12345678转801", "010-12345678-801"),
        ("0571-88886666-801", "0571-88886666-801"),
        ("400-800-1234", "400-800-1234"),
        ("+852 1234 5678", "+85212345678"),
        ("0571——88886666", "0571-88886666"),
        ("132－8753–0409", "13287530409"),
        ("13287530409（微信同号）", "13287530409"),
        ("手机：13287530409", "13287530409"),
        ("Tel: 0571-88886666转801", "0571-88886666-801"),
        ("办公室 0571-88886666", "0571-88886666"),
    ],
)
def test_phones_get_one_written_form(value, expected):
    assert phone(value) == expected
    assert phone(phone(value)) == expected


@pytest.mark.parametrize(
    "value, word",
    [
        ("1380013", "缺区号"),
        ("88886666", "缺区号"),
        ("1328753040", "10 位"),
        ("12387530409", "号段不对"),
        ("13287530409、13287530408", "两个号码"),
        ("13287530409/0571-88886666", "两个号码"),
        ("13287530409 13287530408", "两个号码"),
        ("1.33E+10", "后几位已丢失"),
        ("1.32875304E+10", "后几位已丢失"),
        ("林先生", "看不懂"),
        ("13287530409 林先生", "看不懂"),
        ("微信 lin13287530409", "看不懂"),
        (date(2026, 1, 1), "电话"),
        (True, "电话"),
    ],
)
def test_a_bad_phone_is_refused(value, word):
    assert word in refusal(phone, value)


@pytest.mark.parametrize("code", VALID_CODES)
def test_valid_codes_pass_in_any_dress(code):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert (
        uscc(code)
        == uscc(code.lower())
        == uscc(wide)
        == uscc(f" {code[:8]} {code[8:12]}-{code[12:]}\u200b")
        == code
    )


def test_every_single_substitution_in_the_first_code_is_detected():
    code = VALID_CODES[0]
    for place in range(17):
        for other in set(ALPHABET) - {code[place]}:
            assert "校验位" in refusal(uscc, code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    "letter, meant", [("O", "数字 0"), ("I", "数字 1"), ("S", "数字 5"), ("Z", "数字 2"), ("V", "字母 U")]
)
def test_a_letter_that_the_standard_lacks_is_named_with_its_place_and_meaning(letter, meant):
    said = refusal(uscc, f"9133{letter}105MACPN4X08Y"[:18])
    assert f"第 5 位是字母 {letter}" in said
    assert meant in said


@pytest.mark.parametrize(
    "value, word",
    [
        ("91330105MA00567890", "校验位"),
        ("9133010", "7 位"),
        ("91330105MACPN4X08YY", "19 位"),
        (9.13301057994e17, "数字"),
        ("9.1330E+17", "数字"),
        ("统一代码待查", "第 1 位"),
    ],
)
def test_a_bad_code_says_what_is_wrong(value, word):
    assert word in refusal(uscc, value)


def test_a_failing_inner_digit_is_only_a_warning():
    assert [code for code in VALID_CODES if uscc_warnings(code)] == []
    from_inside = "91330105MACPN4X19"
    odd = next(from_inside + c for c in ALPHABET if _is_valid(from_inside + c))
    assert "第 9–17 位" in uscc_warnings(odd)[0]


def _is_valid(code):
    try:
        return bool(uscc(code))
    except BadValue:
        return False


@pytest.mark.parametrize(
    "value, expected",
    [
        (1200.0, "1200"),
        ("1,200㎡", "1200"),
        ("1200平方米", "1200"),
        ("0.5万平方米", "5000"),
        ("500 平", "500"),
        (0, "0"),
    ],
)
def test_areas_are_square_metres(value, expected):
    assert area_sqm(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value, word", [("30亩", "土地"), ("500-1000", "一个数"), ("-3", "负数"), ("约500", "一个数")]
)
def test_land_and_ranges_are_no_floor_area(value, word):
    assert word in refusal(area_sqm, value)


def test_integers_are_whole():
    assert integer("1,200") == integer(1200.0) == 1200
    assert "整数" in refusal(integer, "12.5")
    assert "整数" in refusal(integer, "十二")


@pytest.mark.parametrize(
    "other",
    [
        "杭州望川（集团）智能有限公司",
        "杭州望川(集团)智能有限责任公司",
        " 杭州望川 集团智能股份有限公司",
        "杭州望川集团\u200b智能公司",
        "=杭州望川集团智能有限公司",
        "“杭州望川”集团智能有限公司",
    ],
)
def test_spellings_of_one_name_have_one_key(other):
    assert company_key(other) == company_key("杭州望川集团智能有限公司")


@pytest.mark.parametrize(
    "one, two",
    [
        ("深圳望川科技有限公司", "深圳望川技术有限公司"),
        ("深圳望川有限公司", "杭州望川有限公司"),
        ("深圳望川有限公司", "深圳望川有限公司杭州分公司"),
        ("望川集团有限公司", "望川有限公司"),
    ],
)
def test_different_companies_keep_different_keys(one, two):
    assert company_key(one) != company_key(two)


def test_keys_of_odd_names_hold():
    assert company_key("Acme Co., Ltd.") == company_key("ACME") == "acme"
    assert company_key("宁波甲合伙企业（有限合伙）") == "宁波甲合伙企业"
    assert company_key("有限公司") == company_key(None) == company_key("!!!") == ""
    assert company_key("=cmd|' /C calc'!A0深圳望川有限公司").endswith("深圳望川")
    assert len(company_key("ﷺ" * 120)) <= 120
    assert loose_key("深圳望川信息技术有限公司") == loose_key("深圳望川信息科技有限公司")


def test_cities_lose_their_suffix():
    assert {city_name(c) for c in ("无锡", "无锡市", "江苏省无锡市", "无 锡")} == {"无锡"}
    assert city_name(None) == ""


@pytest.mark.parametrize(
    "query", ["相", "相芯", "xx", "hzxx", "xiangxin", "xiang", "xiangx", "keji", "XX", "相芯 杭州"]
)
def test_a_name_is_found_by_characters_initials_and_pinyin(query):
    name = "杭州相芯科技有限公司"
    assert set(search_terms(query)) <= set(grams(name))
    assert matches(query, [name])


@pytest.mark.parametrize("query", ["芯相", "xinxiang", "深圳", "()", "xz"])
def test_a_name_is_not_found_by_what_it_lacks(query):
    name = "杭州相芯科技有限公司"
    assert not (set(search_terms(query)) <= set(grams(name)) and matches(query, [name]))


def test_latin_names_brackets_and_blank_queries():
    assert set(search_terms("openai")) <= set(grams("杭州OpenAI（中国）有限公司"))
    assert matches("AI中国", ["杭州OpenAI（中国）有限公司"])
    assert search_terms("  ") == []
    assert matches("", ["任何公司"])
    assert grams("", None) == []
    assert matches("cq", ["重庆望川有限公司"])


def test_grams_are_few_short_sorted_and_unique():
    found = grams("深圳朗润云算技术有限公司", "朗润", "深圳朗润云计算有限公司")
    assert found == sorted(set(found))
    assert len(found) < 100
    assert max(map(len, found)) <= 3


@pytest.mark.parametrize(
    "text",
    [
        *("联系了 13287530409", "１３８００００１２３４", "138.0000.1234", "138-0000-1234", "138 0000 1234"),
        *("13800 001234", "1 3 8 0 0 0 0 1 2 3 4", "+86 13800001234", "86-138-0000-1234", "138·0000·1234"),
        *("13800001234，2026-04-20 联系", "tel13800001234", "①③⑧00001234", "138\u200b00001234"),
        *("0571-88888888", "05718888 1234", "057188881234", "(0571)88881234", "（０５７１）８８８８１２３４"),
        *("0571—8888-1234", "010 6666 1234", "+86 571 8888 1234", "86-0571-88881234", "0575-8123456"),
        *(
            "400-826-1234",
            "电话：88881234",
            "座机号码 8888-1234",
            "wang@example.com",
            "ｗａｎｇ＠example．com",
        ),
        *("1.13800001234", "2、13800001234", "0086-13800001234", "008613800001234"),
        *("wang(at)example.com", "微信号：wangjx", "微信:13800a", "加微信 wangjx_88", "VX：wang_jx"),
        *("一三八零零零零一二三四", "手机幺三八〇〇〇〇一二三四", "座机八八八八一二三四"),
        *("wechat id wangjx", "QQ 12345678", "ＱＱ号：１２３４５６７８", "扣扣12345678", "QQ群 123456789"),
    ],
)
def test_a_contact_is_seen_however_it_is_written(text):
    assert tells_contact(text)
    assert tells_contact(f"我方三月到企业（见纪要），{text}，后来去了园区")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "投资 13800001234 元",
            "总投资 1380000 万元，固投 1,380,000.00 元",
            "约 15900000000 美元",
            "139 亿元",
        ),
        *("15000㎡，租金 1380 元", "年产值 18600000000元", "用电 13800001234 度", "亩均 38.5 万元"),
        *("2026-04-20 14:30 上门", "2026.04.20—2026.05.20", "20260420", "2026年4月20日15:30", "4/20-5/15"),
        *("2026-1-3 2026-04-20 1 次", "4 月 15 日-18 日 13:00-15:30", "15 时 30 分到 17 时"),
        *("91330105MA2GYX0Q1D", "代码 913301057200123456", "９１３３０１０５ＭＡ２ＧＹＸ０Ｑ１Ｄ"),
        *("杭拱政办〔2026〕13 号", "项目代码 2604-330105-04-01-138000", "ZL202610001234.5", "GS2026-000138"),
        *(
            "拱发改备〔2026〕1380 号",
            "发票 24332000000138000012",
            "合同 HT-2026-0138-1590",
            "杭地〔2026〕0571 号",
        ),
        *(
            "微信小程序 2026 版",
            "微信公众号推送",
            "企业微信已接入 3 个区",
            "用过 QQ 浏览器",
            "QQ 10000 万用户",
        ),
        *("电话沟通 3 次", "电话 2026-04-20 沟通", "手机产业投资 1200000 万元", "热线 12345 转来"),
        *("二〇二六〇四二〇", "一二三四五六七八九号楼", "三八零零元", "一三八零零零零一二三四元"),
        *("15、16、17、18、19 号楼", "1500 2000 1300 ㎡", "一期 138.5、二期 159.25 亩", "@所有人"),
    ],
)
def test_amounts_dates_codes_and_numbers_of_documents_are_no_contact(text):
    assert not tells_contact(text)
    assert not tells_contact(f"我方三月到企业（见纪要），{text}，后来去了园区")
