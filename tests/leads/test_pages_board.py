"""The board of leads: columns with count and sum, more cards by key, and a move that the gate decides."""

import re
from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import AuditEvent
from crm.workdays import shanghai_day
from leads.models import Lead, LeadStageChange
from tests import callers, make
from tests.leads.test_pages_list import many

URL = "/leads/board/"
HTMX = {"HX-Request": "true"}


def columns(page):
    return {column.code: column for column in page.context["columns"]}


def test_columns_count_and_sum_what_a_person_may_see(as_, owner, outsider):
    make.lead(owner, "甲一", amount_wan=3000)
    make.lead(owner, "乙二", amount_wan=2000)
    make.lead(owner, "丙三")
    make.lead(outsider, "丁四", amount_wan=9000)
    column = columns(as_(owner).get(URL))["lead"]
    assert (column.number, column.amount_wan, column.unknown) == (3, 5000, 1)
    assert {card.title for card in column.cards} == {"甲一", "乙二", "丙三"}


@pytest.mark.parametrize("board", [URL, "/projects/board/"])
def test_a_column_whose_amounts_are_all_unknown_says_so_and_not_nought(as_, owner, board):
    make.project(owner)
    make.lead(owner, "甲一")
    assert "未填" in (page := as_(owner).get(board).content.decode())
    assert "0 万元" not in page


def test_a_column_of_nought_says_nought(as_, owner):
    make.lead(owner, "甲一", amount_wan=0)
    assert '<span class="board-sum">0 万元</span>' in as_(owner).get(URL).content.decode()


def test_a_column_shows_twenty_cards_and_fetches_the_next(as_, owner):
    many(owner, 45)
    client = as_(owner)
    cards = columns(client.get(URL))["lead"].cards
    assert len(cards) == 20
    seen = {card.pk for card in cards}
    answer = client.get(URL, {"column": "lead", "page": cards.next}, headers=HTMX)
    text = answer.content.decode()
    assert text.count("<article") == 20
    assert not any(f'data-board-card="{pk}"' in text for pk in seen)
    assert "更多" in text
    assert "<html" not in text


def test_the_board_takes_the_filters_of_the_list_and_refuses_others(as_, owner):
    make.lead(owner, "深圳甲一智能有限公司")
    make.lead(owner, "上海乙二医疗有限公司")
    assert columns(as_(owner).get(URL, {"q": "医疗"}))["lead"].number == 1
    assert as_(owner).get(URL, {"nonsense": "1"}).status_code == 400


@pytest.mark.parametrize("person", ["owner", "manager"])
def test_the_board_costs_the_same_for_10_and_100_cards(as_, request, owner, person):
    client = as_(request.getfixturevalue(person))
    many(owner, 10)
    few = queries(client)
    Lead.objects.all().delete()
    many(owner, 100)
    assert queries(client) == few <= 6


def queries(client):
    client.get(URL)
    with CaptureQueriesContext(connection) as found:
        assert client.get(URL).status_code == 200
    return len(found)


def move(client, lead, stage, **data):
    data = {"stage": stage, "version": lead.version, "next": URL, **data}
    headers = data.pop("headers", HTMX)
    return client.post(f"/leads/{lead.pk}/move/", data, headers=headers)


def test_a_drop_answers_with_the_card_and_the_new_heads(as_, owner):
    lead = make.lead(owner, "甲一", amount_wan=3000)
    answer = move(as_(owner), lead, "screening")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'data-board-card="{lead.pk}" data-version="2" data-stage="screening"' in text
    assert text.count("data-board-head=") == 5
    assert "3,000 万元" in text
    lead.refresh_from_db()
    assert lead.stage == "screening"


def test_the_heads_of_a_drop_count_by_the_filters_of_the_board(as_, owner):
    lead = make.lead(owner, "深圳甲一智能有限公司")
    make.lead(owner, "上海乙二医疗有限公司")
    answer = move(as_(owner), lead, "screening", next=f"{URL}?q=智能")
    assert {c.code: c.number for c in answer.context["columns"]}["lead"] == 0


def test_a_refused_drop_says_what_is_missing_and_leaves_no_trace(as_, owner):
    lead = make.lead(owner, "甲一", met_at=None)
    answer = move(as_(owner), lead, "screening")
    assert answer.status_code == 400
    assert "没有首次响应，请先记录一次联系。" in answer.content.decode()
    assert "强制推进" not in answer.content.decode()
    lead.refresh_from_db()
    assert (lead.stage, lead.version) == ("lead", 1)
    assert LeadStageChange.objects.filter(lead=lead).count() == 1


def test_going_aside_asks_for_a_reason_and_takes_it(as_, owner):
    lead = make.screened(owner, "reserve")
    answer = move(as_(owner), lead, "reserve")
    assert answer.status_code == 400
    assert "data-board-retry" in answer.content.decode()
    assert move(as_(owner), lead, "reserve", reason="等二期融资").status_code == 200
    assert LeadStageChange.objects.get(lead=lead, stage="reserve").reason == "等二期融资"


def test_nobody_puts_into_reserve_what_was_not_judged_but_what_is_no_lead_may_be_dropped(as_, owner):
    lead = make.lead(owner)
    refused = move(as_(owner), lead, "reserve", reason="以后再说")
    assert refused.status_code == 400
    assert "没有研判结论，应为「储备」。" in refused.content.decode()
    lead.refresh_from_db()
    assert (lead.stage, lead.version) == ("lead", 1)
    gone = {"loss_reason": "no_contact", "reason": "号码是空号"}
    assert move(as_(owner), lead, "dropped", **gone).status_code == 200


def test_a_card_of_yesterday_is_refused(as_, owner, teammate):
    lead = make.lead(owner)
    make_move = {"by": teammate, "at": make.NOW + timedelta(hours=1)}
    Lead.objects.get(pk=lead.pk).move_to("screening", **make_move)
    stale = move(as_(owner), lead, "reserve", reason="暂缓")
    assert stale.status_code == 412
    assert "刚被别人改过" in stale.content.decode()
    assert LeadStageChange.objects.filter(lead=lead).count() == 2


def test_only_a_head_is_offered_force_and_the_reason_is_kept(as_, owner, head):
    lead = make.lead(owner, met_at=None)
    offered = move(as_(head), lead, "screening").content.decode()
    assert 'name="forced" value="1"' in offered
    assert move(as_(owner), lead, "screening", forced="1", reason="急").status_code == 403
    assert move(as_(head), lead, "screening", forced="1").status_code == 400
    assert move(as_(head), lead, "screening", forced="1", reason="区领导交办").status_code == 200
    page = as_(head).get(lead.get_absolute_url()).content.decode()
    assert "强制推进" in page
    assert "理由：区领导交办" in page
    assert "当时缺少：没有首次响应" in page
    assert AuditEvent.objects.filter(action="force_move", subject_id=lead.pk).count() == 1


def test_without_javascript_a_move_goes_back_to_the_board(as_, owner):
    lead = make.lead(owner)
    answer = move(as_(owner), lead, "screening", headers={})
    assert (answer.status_code, answer.headers["Location"]) == (302, URL)
    refused = move(as_(owner), lead, "reserve", headers={}, version=9)
    assert refused.status_code in (400, 412)
    assert "data-refusal" in refused.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_move_never_leads_to_a_foreign_address(as_, owner, elsewhere):
    lead = make.lead(owner)
    answer = move(as_(owner), lead, "screening", headers={}, next=elsewhere)
    assert answer.headers["Location"] == lead.get_absolute_url()


def test_a_lead_never_becomes_accepted_without_its_project(as_, owner):
    lead = make.screened(owner)
    answer = as_(owner).post(f"/leads/{lead.pk}/move/", {"stage": "accepted"}, follow=True)
    assert answer.redirect_chain[0] == (f"/leads/{lead.pk}/accept/", 307)
    lead.refresh_from_db()
    assert (lead.stage, answer.context["project"].lead) == ("accepted", lead)


@pytest.mark.parametrize("stage", ["accepted", "merged", "nowhere", "reserve"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_step_is_refused_on_the_page_in_the_words_of_the_interface(as_, owner, stage, headers):
    lead = make.lead(owner)
    lead.move_to("screening", by=owner, at=make.NOW)
    body = {"stage": stage, "reason": "先放一放"}
    told = callers.person(owner).post(f"leads/{lead.pk}/move/", body).json()
    answer = as_(owner).post(f"/leads/{lead.pk}/move/", body, headers=headers, follow=True)
    assert (answer.status_code, told["detail"] in answer.content.decode()) == (400, True)
    for missing in told.get("missing", ()):
        assert missing["detail"] in answer.content.decode()
    lead.refresh_from_db()
    assert (lead.stage, lead.version) == ("screening", 2)


def test_what_has_become_a_project_is_not_even_forced_back(as_, manager, owner, leader):
    lead = Lead.objects.get(pk=make.project(owner).lead.pk)
    before = (lead.version, lead.changes.count())
    plain = move(as_(manager), lead, "screening", reason="重新研判")
    assert plain.status_code == 400
    assert "已经转为项目" in plain.content.decode()
    assert 'name="forced"' not in plain.content.decode()
    forced = move(as_(manager), lead, "screening", reason="重新研判", forced="1")
    assert (forced.status_code, "已经转为项目" in forced.content.decode()) == (400, True)
    assert move(as_(leader), lead, "screening", reason="重新研判", forced="1").status_code == 403
    lead.refresh_from_db()
    assert (lead.stage, lead.version, lead.changes.count()) == ("accepted", *before)
    assert not AuditEvent.objects.filter(action="force_move").exists()


def test_strangers_move_nothing(as_, owner, outsider, leader):
    lead = make.lead(owner)
    assert move(as_(outsider), lead, "screening").status_code == 404
    assert move(as_(leader), lead, "screening").status_code == 403
    lead.refresh_from_db()
    assert lead.stage == "lead"


def test_who_may_not_move_is_offered_no_move(as_, owner, leader):
    make.lead(owner)
    assert "data-moves" not in as_(leader).get(URL).content.decode()
    assert "data-moves" in as_(owner).get(URL).content.decode()


@pytest.mark.parametrize(
    ("url", "label"),
    [(URL, "线索"), ("/projects/board/", "项目"), ("/projects/", "项目"), ("/leads/", "线索")],
)
def test_filters_of_lists_and_boards_answer_htmx_with_the_piece_and_its_short_address(as_, owner, url, label):
    make.project(owner)
    client, given = as_(owner), {"q": "", "light": "", "owner": "me"}
    whole = client.get(url).content.decode()
    form = whole[whole.index('class="filters"') :]
    assert f'hx-get="{url}" hx-target="#results"' in form[: form.index(">")]
    assert 'id="results"' in whole
    answer = client.get(url, given, headers=HTMX)
    text = answer.content.decode()
    assert "<html" not in text
    assert 'class="filters"' not in text
    assert answer.headers["HX-Push-Url"] == f"{url}?owner=me"
    if "board" in url:
        assert 'id="board-links" hx-swap-oob="true"' in text
        assert f'href="{url.removesuffix("board/")}?owner=me"' in text
        assert "hx-swap-oob" not in whole
    wide = client.get(url, {"city": "440300"}).content.decode()
    assert '<details class="filters-more" open>' in wide  # what is set is not hidden


@pytest.mark.parametrize("url", [URL, "/projects/board/"])
def test_a_board_without_a_fitting_card_says_so_and_one_without_any_what_to_do_first(as_, owner, url):
    client = as_(owner)
    assert "没有符合条件的" not in (page := client.get(url).content.decode())
    assert "empty-title" in page
    make.project(owner)
    page = client.get(url, {"q": "没有这家"}).content.decode()
    assert "没有符合条件的" in page
    assert "empty-title" not in page
    assert "没有符合条件的" not in client.get(url).content.decode()


def test_a_filter_the_board_refuses_is_told_in_its_place(as_, owner):
    answer = as_(owner).get(URL, {"amount_min": "很多"}, headers=HTMX)
    assert answer.status_code == 400
    assert "data-refusal" in answer.content.decode()
    assert "HX-Push-Url" not in answer.headers


@pytest.mark.parametrize("door", ["move", "accept", "project"])
def test_who_comes_too_late_sees_who_changed_what_and_may_go_on_over_it(as_, owner, head, door):
    record = {"move": make.lead, "accept": make.screened}.get(door, make.project)(owner)
    if door == "project":
        make.ready_for_review(record, owner)
        record.refresh_from_db()
    kind = record._meta.model_name
    seen, stage = record.version, {"move": "screening", "accept": "accepted", "project": "review"}[door]
    note = {
        "next_step": "寄清单",
        "next_contact_on": f"{shanghai_day(timezone.now()) + timedelta(days=9)}",
        "version": seen,
    }
    prefix = f"now-{kind}-{record.pk}"
    given = {f"{prefix}-{name}": value for name, value in note.items()}
    assert as_(head).post(f"/work/now/{kind}/{record.pk}/do/replan/", given, headers=HTMX).status_code == 200
    url = f"{record.get_absolute_url()}{'accept' if door == 'accept' else 'move'}/"
    client, step = as_(owner), {"stage": stage, "version": seen}
    answer = client.post(url, step, headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code == 412
    assert re.search(r"沈主任 \d+-\d+ \d\d:\d\d 改了：[^<]*下一步 [^<]* → 寄清单", text)
    assert "看过了，仍然移到「" in text
    record.refresh_from_db()
    assert f'action="{url}" data-board-retry data-version="{record.version}"' in text
    again = client.post(url, {**step, "version": record.version}, headers=HTMX)
    assert again.status_code == 200
    record.refresh_from_db()
    assert record.stage == stage
