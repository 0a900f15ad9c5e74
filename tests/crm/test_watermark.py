"""Every workbook that leaves the system says who took it and when."""

import io

import pytest
from python_calamine import CalamineWorkbook

from django.urls import reverse

from crm.sheets.watermark import watermark
from projects.seeding import load_funds
from tests import make

pytestmark = pytest.mark.django_db
DOORS = [
    ("leads:export", ()),
    ("projects:export", ()),
    ("projects:fund_reverse_export", ("fund",)),
    ("reports_export", ()),
    ("stays_export", ("lead",)),
    ("projects:plain_export", ("orders",)),
    ("delivery_export", ("credited",)),
    ("delivery_list_export", ("receipts",)),
    ("chain_firms_export", ()),
    ("chain_export", (), "?sector=foundation&position=data"),
]


@pytest.mark.parametrize("door", DOORS)
def test_an_export_carries_the_person_and_the_time(as_, manager, freeze, door):
    name, args, query = (*door, "")[:3]
    freeze(make.NOW)
    make.project(manager)
    args = [load_funds(at=make.NOW)[0].pk] if "fund" in args else args
    answer = as_(manager).get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.get_sheet_by_name("导出信息").to_python() == [[watermark(manager, make.NOW)]]
