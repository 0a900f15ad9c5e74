"""判重 while typing: who has the company and until when, on every form where its name is typed first."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Channel
from leads.models import Lead
from projects.opening import accept
from tests import make

URL = "/leads/known/"
NAME = "深圳恒远智能装备有限公司"
CODE, OTHER = "91330105MACPN4X08Y", "91330000755918469E"


@pytest.fixture(autouse=True)
def _monday(freeze):
    freeze(make.NOW)


def told(client, **asked):
    answer = client.post(URL, {"company_name": NAME, **asked})
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_codes_and_two_investors_are_two_companies(as_, owner, outsider):
    make.lead(
        owner, NAME, uscc=CODE, investor_name="甲资本", contact_name="王海", contact_phone="13800000001"
    )
    client = as_(outsider)
    said = told(client)
    assert "已由半山区块于 2026-04-20 首报，保护至 2026-07-19" in said
    assert "王海" not in said
    assert "13800000001" not in said
    assert "/leads/1" not in said
    assert "已由半山区块" in told(client, uscc=CODE)
    assert told(client, uscc=OTHER).strip() == ""
    assert told(client, investor="乙资本").strip() == ""
    assert "已由半山区块" in told(client, uscc=CODE[:9])  # half a code tells nothing


def test_an_expansion_is_told_that_it_may_be_recorded(as_, owner, outsider):
    lead = make.screened(owner, name=NAME)
    accept(lead, by=owner, at=make.NOW)
    channel = Channel.objects.get(code="expansion").pk
    client = as_(owner)
    assert "增资扩产请另记一条，来源渠道选「存量增资扩产」" in told(client)
    said = told(client, channel=channel)
    assert "这次是增资扩产，可以另记一条" in said
    assert lead.get_absolute_url() in said
    assert "可以另记" not in told(as_(outsider), channel=channel)
    make.lead(owner, NAME, channel=Channel.objects.get(code="expansion"))
    assert "可以另记" not in told(client, channel=channel)  # one at a time


def test_the_lead_that_is_edited_does_not_warn_of_itself(as_, owner):
    lead, other = make.lead(owner, NAME), make.lead(owner, "杭州另一家有限公司")
    client = as_(owner)
    assert told(client, besides=lead.pk).strip() == ""
    said = told(client, besides=other.pk)
    assert lead.get_absolute_url() in said
    assert "请先核对是不是同一家" in said
    assert "不用再记" not in said


def test_a_target_list_is_told_line_by_line_by_the_same_number_of_queries(as_, owner, station):
    mine = make.lead(station, "杭州本站企业有限公司")
    names = [f"杭州{number}号智能有限公司" for number in range(12)]
    for name in names:
        make.lead(owner, name, contact_name="王海")
    client = as_(station)
    text = "\n".join(["没人报的公司", names[0].replace("有限公司", " 有限公司"), "", "杭州本站企业"])
    with CaptureQueriesContext(connection) as few:
        said = client.post(URL, {"lines": text}).content.decode()
    assert (
        "第 2 行「杭州0号智能 有限公司」：这家企业已由半山区块于 2026-04-20 首报，保护至 2026-07-19" in said
    )
    assert f'第 4 行「杭州本站企业」：<a class="alert-link" href="{mine.get_absolute_url()}">' in said
    assert "没人报的公司" not in said
    assert "王海" not in said
    with CaptureQueriesContext(connection) as many:
        said = client.post(URL, {"lines": "\n".join(names * 40)}).content.decode()
    assert said.count("<li>") == 10
    assert "另有 470 家" in said
    assert len(many) <= len(few)
    assert client.post(URL, {"lines": ""}).content.decode().strip() == ""


@pytest.mark.parametrize(
    "asked", [{"company_name": "\x00"}, {"uscc": "9" * 400}, {"channel": "x"}, {"besides": "-1"}]
)
def test_strange_words_are_told_nothing_and_break_nothing(as_, owner, asked):
    assert told(as_(owner), **{"company_name": "没有", **asked}).strip() == ""


def test_every_form_where_a_name_is_typed_first_asks(as_, owner, station):
    trip, project = make.roadshow(station), make.project(owner)
    lead = Lead.objects.get(pk=project.lead_id)
    for person, url, besides in (
        (owner, "/leads/new/", ""),
        (owner, f"/leads/{lead.pk}/edit/", f'data-known-besides="{lead.pk}"'),
        (owner, f"/projects/{project.pk}/edit/", f'data-known-besides="{lead.pk}"'),
        (owner, f"/projects/{project.pk}/", f'data-known-besides="{lead.pk}"'),
        (owner, "/conflicts/new/", ""),
        (station, "/roadshows/new/", ""),
        (station, trip.get_absolute_url(), ""),
    ):
        page = as_(person).get(url).content.decode()
        assert page.count('data-known="/leads/known/"') == 1, url
        assert besides in page, url
        assert "crm/known." in page or "crm/record." in page, url  # which holds it (crm/joined.py)
