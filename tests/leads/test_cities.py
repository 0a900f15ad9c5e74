"""What a sheet calls a city, and which of ours it is."""

import pytest

from crm.values import city_name
from leads.cities import Cities

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("深圳市", "深圳"),
        ("广东深圳", "深圳"),
        ("广东省深圳市南山区", "深圳"),
        ("上海浦东", "上海"),
        ("苏州工业园区", "苏州"),
        ("南昌市西湖区", "南昌"),
        ("杭州市余杭区", "余杭"),
        ("浙江杭州拱墅区", "拱墅"),
        ("下城区", "拱墅"),
        ("江苏", "江苏(未细分)"),
        ("江苏省", "江苏(未细分)"),
        ("江苏昆山", "江苏(未细分)"),
        ("深圳/东莞", None),
        ("浙江", None),
        ("梁溪", None),
        ("", None),
    ],
)
def test_a_place_belongs_to_the_city_it_begins_with(written, name):
    found = Cities().get(city_name(written))
    assert (found and found.name) == name
