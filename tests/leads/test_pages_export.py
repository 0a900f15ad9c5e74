"""The list as a workbook: the same filters, masked, defused, limited, written down."""

import io

import pytest
from python_calamine import CalamineWorkbook

from django.utils.html import escape

from crm.models import AuditEvent, Setting
from tests import make

URL = "/leads/export/"


def rows(answer):
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    head, *body = book.get_sheet_by_index(0).to_python()
    return [dict(zip(head, row, strict=True)) for row in body]


def test_the_workbook_holds_what_the_list_shows(as_, owner, outsider):
    make.lead(
        owner, "深圳甲一智能有限公司", amount_wan=3000, contact_name="王海", contact_phone="13800000001"
    )
    make.lead(owner, "上海乙二医疗有限公司")
    make.lead(outsider, "深圳丙三智能有限公司")
    (row,) = rows(as_(owner).get(URL, {"q": "智能"}))
    assert (row["企业"], row["投资额（万元）"], row["阶段"]) == ("深圳甲一智能有限公司", 3000, "线索")
    assert row["联系电话"] == "138****0001"
    event = AuditEvent.objects.get(action="export")
    assert (event.actor, event.detail["rows"]) == (owner, 1)


def test_the_rows_and_columns_stand_as_in_the_list_they_come_from(as_, owner):
    for name, amount in (("甲", 3000), ("乙", None), ("丙", 12000)):
        make.lead(owner, f"深圳{name}一智能有限公司", amount_wan=amount)
    client = as_(owner)
    page = client.get("/leads/", {"q": "智能", "sort": "-amount", "columns": "name.owner.amount"})
    address = page.context["export_query"]
    assert f"/leads/export/?{escape(address)}" in page.content.decode()
    found = rows(client.get(f"{URL}?{address}"))
    assert [(row["企业"][2], row["投资额（万元）"]) for row in found] == [
        ("丙", 12000),
        ("甲", 3000),
        ("乙", ""),
    ]
    assert list(found[0]) == ["企业", "责任单位", "负责人", "投资额（万元）"]
    rising = rows(client.get(URL, {"sort": "amount", "contacts": "full", "purpose": "寄请柬"}))
    assert [row["企业"][2] for row in rising] == ["乙", "甲", "丙"]
    refused = client.get(URL, {"sort": "name"})
    assert refused.status_code == 400
    assert "不能按这一列排序" in refused.content.decode()


def test_full_contacts_are_exported_for_a_purpose_that_is_written_down(as_, owner):
    make.lead(owner, contact_name="王海", contact_phone="13800000001")
    client = as_(owner)
    refused = client.get(URL, {"contacts": "full"})
    assert refused.status_code == 400
    assert "写明用途" in refused.content.decode()
    (row,) = rows(client.get(URL, {"contacts": "full", "purpose": "四月推介会邀请"}))
    assert (row["联系人"], row["联系电话"]) == ("王海", "13800000001")
    assert AuditEvent.objects.get(action="export").detail["联系方式"] == "完整，用途：四月推介会邀请"


def test_who_may_not_reveal_exports_no_full_contacts(as_, owner, leader):
    make.lead(owner, contact_name="王海", contact_phone="13800000001")
    answer = as_(leader).get(URL, {"contacts": "full", "purpose": "看看"})
    assert answer.status_code == 400
    assert not AuditEvent.objects.filter(action="export").exists()


@pytest.mark.parametrize("person", ["leader", "auditor"])
def test_contacts_are_masked_for_who_may_not_reveal(as_, request, person, owner):
    make.lead(owner, contact_name="王海", contact_phone="13800000001")
    (row,) = rows(as_(request.getfixturevalue(person)).get(URL))
    assert (row["联系人"], row["联系电话"]) == ("王*", "138****0001")


def test_a_formula_in_a_name_stays_text(as_, owner):
    make.lead(owner, "=HYPERLINK(1)公司", note="@cmd")
    (row,) = rows(as_(owner).get(URL))
    assert row["企业"].lstrip("'").startswith("=HYPERLINK")


def test_more_than_the_limit_is_refused_clearly_except_for_the_bureau(as_, owner, manager):
    Setting.objects.create(key="export_rows_max", value=1)
    make.lead(owner)
    make.lead(owner)
    answer = as_(owner).get(URL)
    assert answer.status_code == 400
    assert "超过一次 1 行的导出上限，没有导出" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="export").exists()
    assert len(rows(as_(manager).get(URL))) == 2


def test_a_wrong_filter_exports_nothing(as_, owner):
    assert as_(owner).get(URL, {"nonsense": "1"}).status_code == 400
    assert not AuditEvent.objects.filter(action="export").exists()
