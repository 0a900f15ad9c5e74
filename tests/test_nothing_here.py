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
