"""The 依据库: what no known clause carries is questioned, the bureau keeps the clauses, all on record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from django.urls import reverse

from crm.errors import NotAllowed, StaleVersion
from crm.models import AuditEvent
from projects.bases import BasisRefused, Entry, add, change, preview
from projects.flag_basis import Clause, doubts
from projects.flags import COMPARES, flags_of
from projects.incentives import draft, flagged
from projects.models import BasisClause, ItemReview
from projects.reviewing import Verdict, review
from tests import callers, make
from tests.projects.wordings import ON, RULES, SOUND
from tests.projects.wordings_relations import MISSED

RENT = Clause(
    "拱墅区科创载体租金补助办法",
    "拱科〔2025〕8号",
    "第三条",
    kinds=("rent", "fitout"),
    measures=("租金", "房租"),
    most_percent=Decimal(50),
    cap_wan=Decimal(30),
    valid_from=date(2025, 1, 1),
    valid_to=date(2026, 12, 31),
)
QUOTED = "《拱墅区科创载体租金补助办法》（拱科〔2025〕8号）第三条"
PROMISE = replace(SOUND, kind="rent", text="按实际租金的50%补贴，每年最高30万元", basis=QUOTED)


def whys(on=ON, clauses=(RENT,), **more):
    return "；".join(doubt.why for doubt in doubts(replace(PROMISE, **more), clauses, on))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"basis": "《拱墅区科创载体租金补助办法》第三条"},
        {"basis": "拱科〔2025〕8号 第3条第二款"},
        {"basis": "拱科[2025]8号《拱墅区科创载体租金补助办法》第三条"},
        {"basis": "《拱墅区人才办法》第五条、《拱墅区科创载体租金补助办法》第三条"},
        {"kind": "general_policy"},
        {"kind": "fitout", "text": "房租补助三成"},
        {"amount_wan": Decimal(30), "cap_wan": Decimal(30)},
        {"text": "按实际租金的百分之五十补贴，每年不超过三十万元"},
        {"text": "研发人员占比达60%以上的企业，按租金的50%补贴"},
        {"text": "按租金的50%补贴。补助资金分两期拨付，首期60%，次年6月前结清。"},
        {"text": "按租金的50%补贴。企业年投资不低于5000万元的优先。"},
        {"on": date(2026, 12, 31)},
    ],
)
def test_what_a_known_clause_carries_stays_clear(more):
    assert whys(**more) == ""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"basis": "《拱墅区某某办法》第三条"}, "没有这份文件"),
        ({"basis": "《拱墅区科创载体租金补助办法（修订）》第三条"}, "没有这份文件"),
        ({"basis": "《拱墅区科创载体租金补助办法》第四条"}, "没有所引的这一条"),
        ({"basis": "《拱墅区科创载体租金补助办法》（拱科〔2023〕8号）第三条"}, "文号对不上"),
        ({"basis": "《拱墅区科创载体租金补助办法》第十三条"}, "没有所引的这一条"),
        ({"basis": "《拱墅区科创载体租金补助办法》第四条、《拱墅区人才办法》第三条"}, "没有所引的这一条"),
        ({"on": date(2027, 1, 1)}, "有效期至 2026-12-31，已过"),
        ({"on": date(2024, 12, 31)}, "起才有效"),
        ({"kind": "rnd"}, "不是这一类"),
        ({"text": "按企业发展情况给予支持"}, "条款里没有写到"),
        ({"text": "按租金的60%补贴"}, "“60%”高于拱科〔2025〕8号第三条的 50%"),
        ({"text": "租金补贴六成"}, "“六成”高于"),
        ({"text": "按租金的1.2倍补贴"}, "高于"),
        ({"text": "租金全额补贴"}, "高于"),
        ({"text": "前三年免租，第四年租金补贴50%"}, "高于"),
        ({"amount_wan": Decimal("30.01")}, "30.01 万元超过拱科〔2025〕8号第三条的上限 30 万元"),
        ({"cap_wan": Decimal(60)}, "60 万元超过"),
        ({"text": "按租金的50%补贴，每年最高四十万元"}, "40 万元超过"),
        ({"text": "按租金的50%补贴，每年最高0.01亿元"}, "100 万元超过"),
        ({"text": "按租金的50%补贴。另按其发展情况给予综合支持。"}, "“另按其发展情况给予综合支持”不在"),
        ({"text": "按租金的50%补贴，另给200万元综合支持"}, "“另给200万元综合支持”不在"),
        ({"clauses": ()}, "没有这份文件"),
        ({"clauses": (replace(RENT, is_read=False),)}, "还没有人核对过原文"),
    ],
)
def test_what_goes_beyond_the_clause_is_told(more, why):
    assert why in whys(**more)


def test_of_two_clauses_the_one_that_carries_the_promise_counts():
    other = replace(RENT, kinds=("compute",), measures=("算力",))
    assert whys(clauses=(other, RENT)) == whys(clauses=(RENT, other)) == ""


def test_a_whole_document_may_be_known_and_its_number_alone_may_be_quoted():
    whole = replace(RENT, clause="")
    assert whys(clauses=(whole,), basis="拱科〔2025〕8号第九条") == ""


def clause(row):
    document, number, place, kinds, measures, percent, cap, text = row.split(" | ")
    return Clause(
        document,
        number,
        place,
        tuple(kinds.split("、")),
        tuple(measures.split("、")),
        Decimal(percent) if percent != "—" else None,
        Decimal(cap) if cap != "—" else None,
        text=text,
    )


PUBLISHED = """
人工智能产业若干措施 | 示例〔2025〕18号 | 第五条 | rnd | 研发费用、研发投入 | 20 | 300 | 对经认定的人工
    智能企业，按年度研发费用的5%给予补助，研发费用以专项审计报告为准，单家企业每年不超过300万元。
算力券实施细则 | 示例〔2025〕3号 | 第六条 | compute | 算力 | 50 | 800 | 企业租用算力服务的，按算力合同实
    际支付额的30%给予算力券；年度合同额不超过50万元的中小企业按50%给予。单家企业每年不超过800万元。
科创载体补助办法 | 示例〔2025〕8号 | 第三条 | rent | 租金、房租 | 50 | 60 | 对租用经认定的科创载体用于研
    发办公的企业，前三年按实际租金的50%给予补贴，补贴面积不超过1000平方米，每年最高60万元。
科创载体补助办法 | 示例〔2025〕8号 | 第四条 | fitout | 装修 | 30 | 200 | 对入驻科创载体的企业，按审计确
    认的装修费用的30%给予一次性补助，每平方米不超过800元，最高200万元。
技术改造实施意见 | 示例〔2025〕2号 | 第七条 | equipment | 设备、技术改造 | 15 | 500 | 对企业实施的技术改
    造项目，按设备实际投资额（不含税）的15%给予补助，单个项目最高500万元，项目应在备案后两年内完成。
人才政策 | 示例〔2025〕1号 | 第九条 | talent | 人才、博士、硕士 | — | 100 | 对新引进的博士、硕士在区内企
    业全职工作满一年的，分别给予10万元、3万元生活补贴，分三年发放；可按规定申请人才公寓。
企业认定奖励办法 | 示例〔2025〕9号 | 第二条 | general_policy | 高新技术企业、专精特新、认定 | — | 20
    0 | 对首次认定的高新技术企业给予一次性20万元奖励；对首次认定的专精特新中小企业给予10万元奖励，“小巨
    人”企业50万元。
产业用地管理办法 | 示例〔2025〕7号 | 第四条 | land | 公开出让、挂牌、出让 | — | — | 工业用地依法通过招标
    、拍卖、挂牌方式公开出让，起始价不低于最低价标准。
"""
CLAUSES = [clause(row) for row in PUBLISHED.strip().replace("\n    ", "").splitlines()]
QUOTING = [
    (0, "对乙方按年度研发费用的5%给予补助，每年最高300万元，以专项审计报告为准。"),
    (0, "补助资金由区科技局按验收结果分两期拨付，首期60%，研发费用以审计报告为准。"),
    (0, "对研发投入给予补助，标准、上限按示例〔2025〕18号第五条执行，乙方与其他企业同等对待。"),
    (1, "按算力服务合同实际支付金额的30%兑付算力券，每年不超过800万元，凡符合条件的企业同等享受。"),
    (1, "中小企业年度算力合同额在50万元以内的，补助50%。"),
    (2, "入驻研发用房前三年租金补贴50%，每年不超过60万元。"),
    (2, "乙方租用智慧网谷A座用于研发办公，租金补贴按示例〔2025〕8号第三条执行，每年最高60万元。"),
    (3, "装修完工并经第三方审计后，一次性拨付装修补助，最高200万元。"),
    (4, "技改项目备案后两年内完成的，按设备投资额（不含税）15%补助。"),
    (4, "设备补助以增值税专用发票载明的不含税金额为准，按15%计算。"),
    (5, "企业高层次人才可按规定申请人才公寓，轮候配租。"),
    (5, "博士、硕士来企业全职工作满一年，分别补贴10万元、3万元。"),
    (6, "乙方首次通过国家高新技术企业认定的，给予一次性20万元奖励。"),
    (7, "项目用地通过公开挂牌方式出让，起始价不低于最低价标准，以成交确认书为准。"),
]
ADDING = [
    (2, "按实际租金的50%补贴，每年最高60万元，逐年对照企业给街道添的收成核拨。"),
    (2, "租金补贴50%，企业的账房先生须把流水做在本街道。"),
    (3, "装修补助最高200万元，用料须出自指定的三家门店。"),
    (4, "设备补助15%，设备十年里不许出园区大门。"),
]
THROUGH = {  # a rent waived in other words, a condition let off: for the reviewer to see
    ("区长办公会已定调，乙方的租金标准按全免掌握。", "示例〔2025〕8号第三条"),
    ("乙方未达到专精特新标准的，甲方仍按专精特新标准兑付。", "示例〔2025〕9号第二条"),
}


def quoting(text, one):
    """The promise with `text` that quotes the clause."""
    basis = f"《{one.document}》（{one.number}）{one.clause}"
    return replace(SOUND, text=text, kind=one.kinds[0], basis=basis)


@pytest.mark.parametrize(("place", "text"), QUOTING)
def test_a_wording_that_repeats_the_text_of_its_clause_stays_clear(place, text):
    assert doubts(quoting(text, CLAUSES[place]), CLAUSES, ON) == []


@pytest.mark.parametrize(("place", "text"), ADDING)
def test_what_the_text_of_the_clause_does_not_say_is_quoted(place, text):
    one = CLAUSES[place]
    found = doubts(quoting(text, one), CLAUSES, ON)
    assert [doubt.words in text for doubt in found] == [True]
    assert "的原文里读不到" in found[0].why


def test_what_the_words_alone_miss_is_carried_by_no_clause_but_where_it_is_said():
    """The worst case: whoever writes it may quote any clause there is."""
    of_words = [rule for rule in RULES if rule.check != COMPARES]
    assert [text for text in MISSED if flags_of(replace(SOUND, text=text), of_words, ON)] == []
    let = {
        (text, str(one)) for text in MISSED for one in CLAUSES if not doubts(quoting(text, one), CLAUSES, ON)
    }
    assert let == THROUGH


FINE = {
    "kind": "rent",
    "text": "按实际租金的50%补贴，每年最高30万元",
    "scope": "all",
    "basis": "杭政办函〔2024〕10号第三条",
    "budget_source": "市级专项资金",
}
ENTRY = Entry("示例办法", "杭政办函〔2024〕10号", "第三条", read_on=date(2026, 4, 1))


def item(by, **more):
    return draft(make.project(by), {**FINE, **more}, by=by, at=make.NOW)


def codes(one):
    return [flag.code for flag in flagged([one], at=make.NOW)[0].flags]


def fields(entry=ENTRY, **more):
    given = {name: value or "" for name, value in vars(entry).items()}
    return {**given, "kinds": list(entry.kinds), "measures": "\n".join(entry.measures), **more}


def test_the_starting_documents_were_read_by_nobody_and_carry_nothing(db, owner):
    assert BasisClause.objects.count() >= 7
    assert not BasisClause.objects.exclude(read_on=None).exists()
    one = item(owner, kind="compute", text="按合同额的30%给予算力券", basis="《杭州市算力券》第三条")
    (flag,) = flagged([one], at=make.NOW)[0].flags
    assert (flag.code, "还没有人核对过原文" in flag.reason) == ("basis_unverified", True)


def test_an_unknown_basis_is_flagged_and_may_be_cleared_with_a_reason(owner, reviewer, now):
    one = item(owner)
    assert codes(one) == ["basis_unverified"]
    made = review(one, Verdict("conforms", "查过原文。"), digest=one.digest, by=reviewer, at=now)
    assert (made.flags, ItemReview.objects.count()) == (["basis_unverified"], 1)


def test_what_the_bureau_enters_is_asked_from_then_on_and_on_record(owner, manager, now):
    one = item(owner)
    effect = preview(None, ENTRY, by=manager, at=now)
    assert (effect.hit, effect.spared) == ([], [one])
    assert codes(one) == ["basis_unverified"]
    row = add(ENTRY, by=manager, at=now)
    assert codes(one) == []
    withdrawn = Entry(**{**vars(ENTRY), "is_withdrawn": True})
    assert preview(row, withdrawn, by=manager, at=now).hit == [one]
    change(row, withdrawn, by=manager, at=now, version=1)
    assert codes(one) == ["basis_unverified"]
    added, changed = AuditEvent.objects.filter(action__in=["add_basis", "change_basis"]).order_by("pk")
    assert (added.detail["文件名称"], changed.detail["停用"]) == ("空 → 示例办法", "否 → 是")


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"document": " "}, "请填写文件名称"),
        ({"kinds": ("fund",)}, "没有这样的条款类别"),
        ({"most_percent": Decimal(101)}, "不超过 100"),
        ({"cap_wan": Decimal(0)}, "大于 0 万元"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "不能早于生效日期"),
        ({"read_on": date(2026, 4, 21)}, "不能晚于今天"),
    ],
)
def test_a_bad_entry_is_refused_in_words_and_nothing_is_written(manager, now, more, match):
    before = BasisClause.objects.count()
    entry = Entry(**{**vars(ENTRY), **more})
    for attempt in (
        lambda: preview(None, entry, by=manager, at=now),
        lambda: add(entry, by=manager, at=now),
    ):
        with pytest.raises(BasisRefused, match=match):
            attempt()
    assert BasisClause.objects.count() == before
    assert not AuditEvent.objects.filter(action="add_basis").exists()


def test_the_same_clause_is_not_entered_twice_nor_overwritten_unseen(manager, owner, now):
    row = add(ENTRY, by=manager, at=now)
    with pytest.raises(BasisRefused, match="已经有这一条"):
        add(ENTRY, by=manager, at=now)
    with pytest.raises(NotAllowed, match="由区投促局维护"):
        change(row, ENTRY, by=owner, at=now, version=1)
    change(row, Entry(**{**vars(ENTRY), "cap_wan": Decimal(5)}), by=manager, at=now, version=1)
    with pytest.raises(StaleVersion):
        change(row, ENTRY, by=manager, at=now, version=1)
    row.refresh_from_db()
    assert (row.cap_wan, row.version) == (5, 2)


def test_the_page_previews_first_saves_what_was_seen_and_says_what_is_wrong(as_, owner, manager):
    one, client, address = item(owner), as_(manager), reverse("projects:basis_new")
    bad = client.post(address, fields(most_percent="300", preview="1"))
    assert (bad.status_code, "大于 0、不超过 100" in bad.content.decode()) == (400, True)
    seen = client.post(address, fields(preview="1"))
    assert one.get_absolute_url() in seen.content.decode()
    unseen = client.post(address, fields(cap_wan="9", save="1", previewed=seen.context["previewed"]))
    assert "请看过新的影响再保存" in unseen.content.decode()
    assert not BasisClause.objects.filter(document="示例办法").exists()
    client.post(address, fields(save="1", previewed=seen.context["previewed"]))
    row = BasisClause.objects.get(document="示例办法")
    listed = as_(owner).get(reverse("projects:bases")).content.decode()
    assert "《示例办法》（杭政办函〔2024〕10号）第三条" in listed
    assert "补录一条" not in listed
    page = as_(owner).get(reverse("projects:basis", args=[row.pk])).content.decode()
    assert "保存，从现在起生效" not in page
    assert as_(owner).post(reverse("projects:basis", args=[row.pk]), fields()).status_code == 403


def test_over_the_api_it_is_read_previewed_and_then_saved_as_it_was_seen(owner, manager, fund_user):
    one, caller, reader = item(owner), callers.person(manager), callers.person(owner)
    body = {
        "document": "示例办法", "number": "杭政办函〔2024〕10号", "clause": "第三条", "kinds": ["rent"],
        "measures": ["租金"], "most_percent": "50", "read_on": "2026-04-01",
    }  # fmt: skip
    assert reader.post("bases/preview/", body).status_code == 403
    effect = caller.post("bases/preview/", body).json()
    assert (effect["hit_count"], effect["spared_count"], effect["is_complete"]) == (0, 1, True)
    assert effect["spared"] == [
        {"id": one.pk, "kind_label": one.get_kind_display(), "unit_label": "半山区块", "text": FINE["text"]}
    ]
    unseen = caller.post("bases/", {**body, "most_percent": "40", "previewed": effect["mark"]})
    assert (unseen.status_code, unseen.json()["code"]) == (400, "preview_required")
    assert not BasisClause.objects.filter(document="示例办法").exists()
    made = caller.post("bases/", {**body, "previewed": effect["mark"]})
    assert (made.status_code, made["ETag"], made.json()["kinds_label"]) == (201, '"v1"', ["租金"])
    assert codes(one) == []
    place = f"bases/{made.json()['id']}/"
    assert reader.get(place).json() == made.json() in reader.get("bases/").json()["results"]
    assert callers.person(fund_user).get(place).status_code == 403
    ended = {"is_withdrawn": True}
    seen = caller.post(f"{place}preview/", ended).json()
    assert [row["id"] for row in seen["hit"]] == [one.pk]
    assert reader.patch(place, {**ended, "previewed": seen["mark"]}, If_Match='"v1"').status_code == 403
    assert caller.patch(place, {**ended, "previewed": seen["mark"]}).status_code == 428
    stale = caller.patch(place, {**ended, "previewed": seen["mark"]}, If_Match='"v0"')
    assert (stale.status_code, stale["ETag"]) == (412, '"v1"')
    assert codes(one) == []
    saved = caller.patch(place, {**ended, "previewed": seen["mark"]}, If_Match='"v1"')
    assert (saved.status_code, saved["ETag"], saved.json()["is_withdrawn"]) == (200, '"v2"', True)
    assert (saved.json()["most_percent"], saved.json()["measures"]) == ("50", ["租金"])
    assert codes(one) == ["basis_unverified"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kinds": ["fund"]}, "kinds.0"),
        ({"most_percent": "300"}, "most_percent"),
        ({"read_on": "2099-01-01"}, "read_on"),
        ({"measures": "租金"}, "measures"),
        ({"cap": 5}, "cap"),
        ({"document": ""}, "document"),
    ],
)
def test_over_the_api_what_is_wrong_is_said_at_its_field(manager, more, field):
    before = BasisClause.objects.count()
    caller, body = callers.person(manager), {"document": "示例办法", **more}
    answer = caller.post("bases/preview/", body)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, [field])
    assert caller.post("bases/", {**body, "previewed": "x"}).status_code == 400
    assert BasisClause.objects.count() == before


def test_the_item_says_why_its_basis_is_not_verified(as_, owner):
    page = as_(owner).get(item(owner).get_absolute_url()).content.decode()
    assert "依据未核实" in page
    assert "依据库里没有这份文件" in page


def test_the_settings_of_the_bureau_lead_to_the_library(as_, manager):
    assert reverse("projects:bases") in as_(manager).get(reverse("admin:index")).content.decode()
