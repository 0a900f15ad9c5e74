"""The editor of criteria in a browser: fields follow the choice, what is typed is kept, then published."""

import pytest

from projects.matching import match
from projects.models import Fund
from projects.seeding import load_funds
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def looked_at(one, what):
    assert not one.scrolls_sideways(), what


def asks(page, status):
    """Look what it would change, and wait until the answer stands there: for who types on meanwhile there is
    test_fast_clicks.py."""
    with page.expect_response(lambda answer: "do=preview" in (answer.request.post_data or "")) as answered:
        page.click("text=看看会影响哪些项目")
    assert answered.value.status == status
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")


def test_a_rule_is_added_looked_at_and_published_on_a_phone(desk, owner, manager):
    load_funds(at=make.NOW)
    match(make.project(owner), at=make.NOW)
    fund = Fund.objects.get(code="runmiao")
    one = desk(manager, width=390)
    page = one.open(fund.get_absolute_url())
    page.click("text=编辑条件")
    looked_at(one, "begin")
    page.click("#add-")
    page.wait_for_selector("#id_10_field")
    page.select_option("#id_10_field", "valuation")
    page.wait_for_selector("#id_10_unit")
    page.select_option("#id_10_op", "between")
    page.wait_for_selector("#id_10_value2")
    page.fill("#id_10_value1", "很少")
    page.fill("#id_10_value2", "8000")
    with page.expect_response(lambda answer: answer.status == 204 and "8000" in answer.request.post_data):
        page.press("#id_10_value2", "Tab")
    page.reload()
    assert page.input_value("#id_10_value1") == "很少"
    asks(page, 400)
    page.wait_for_selector("text=应填数字，现为“很少”")
    looked_at(one, "wrong")
    page.fill("#id_10_value1", "100")
    asks(page, 200)
    page.wait_for_selector("text=发布以后会怎样")
    looked_at(one, "preview")
    page.fill("[name=source]", "管理办法")
    page.click("button:has-text('发布'):visible >> nth=-1")
    page.wait_for_selector("text=第 2 版已发布")
    page.click("text=第 2 版 >> nth=-1")
    page.wait_for_selector("text=和第 1 版相比")
    looked_at(one, "version")
    assert one.troubles == []
