"""Who sees no leads, projects or trips is told so, and where their work is; no filters over nothing."""

import pytest

from django.db.models import Q

from projects.models import Project
from tests import make

pytestmark = pytest.mark.django_db

LISTS = {
    "/leads/": "线索",
    "/leads/board/": "线索",
    "/projects/": "项目",
    "/projects/board/": "项目",
    "/roadshows/": "行程",
}
STRANGERS = {"fund_user": "基金", "reviewer": "基金", "admin_user": "设置"}


@pytest.mark.parametrize("person", STRANGERS)
def test_who_sees_none_is_led_to_their_own_work(as_, request, person):
    client = as_(request.getfixturevalue(person))
    for address, what in LISTS.items():
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert f"的账号不看{what}" in page
        assert '<form class="filters' not in page
        assert 'class="btn btn-primary" href="/"' in page
        assert STRANGERS[person] in page


@pytest.mark.parametrize("person", STRANGERS)
def test_their_menu_does_not_offer_what_they_do_not_see(as_, request, person):
    page = as_(request.getfixturevalue(person)).get("/").content.decode()
    assert [address for address in LISTS if f'href="{address}"' in page] == []


@pytest.mark.parametrize("person", ["owner", "station", "leader", "auditor"])
def test_who_may_see_some_finds_the_list_even_when_it_is_empty(as_, request, person):
    client = as_(request.getfixturevalue(person))
    for address in LISTS:
        assert "data-nothing-here" not in client.get(address).content.decode(), address


def test_one_visible_record_is_reason_enough_for_the_list(as_, reviewer, owner, monkeypatch):
    project = make.project(owner)
    monkeypatch.setattr(type(Project.objects.all()), "scope", lambda rows, user: Q(pk=project.pk))
    page = as_(reviewer).get("/projects/").content.decode()
    assert project.name in page


FIRST = {
    "/": ("记第一家", "建一次行程"),
    "/leads/": ("记一家", "记一家"),
    "/leads/board/": ("先记一家", "先记一家"),
    "/roadshows/": ("由站长或单位负责人安排", "安排行程"),
    "/projects/": ("去看线索", "去看线索"),
    "/projects/board/": ("转为项目", "转为项目"),
    "/projects/commitments/": ("登记协议", "登记协议"),
    "/funds/": ("由区投促局登记", "先登记一只"),
    "/policies/": ("由区投促局登记", "先登记一项"),
    "/spaces/": ("先登记楼宇", "先登记楼宇"),
    "/compute/": ("请联系他们", "先点右上角「登记算力」"),
    "/referrals/": ("取得企业同意后", "取得企业同意后"),
    "/match-changes/": ("会记在这里", "会记在这里"),
    "/reviews/": ("录入优惠条款后", "录入优惠条款后"),
    "/orders/": ("系统签发督办", "系统签发督办"),
    "/conflicts/": ("可以提出冲突", "可以提出冲突"),
    "/handovers/": ("提出移交", "提出移交"),
    "/duplicates/": ("由人判定", "由人判定"),
    "/leads/pool/": ("谁都可以领取", "谁都可以领取"),
    "/reports/": ("先记一家", "先记一家"),
    "/reports/chain/firms/": ("写下它的供应商", "写下它的供应商"),
    "/notifications/": ("每个工作日 8:30", "每个工作日 8:30"),
}


@pytest.mark.parametrize("person, place", [("owner", 0), ("manager", 1)])
def test_an_empty_page_says_what_to_do_first(as_, request, person, place):
    client = as_(request.getfixturevalue(person))
    silent = {url for url, said in FIRST.items() if said[place] not in client.get(url).content.decode()}
    assert silent == set()
