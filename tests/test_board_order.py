"""看板次序: where a person puts a card, there it stands for him alone, until the record moves."""

import random
from datetime import timedelta

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import arranging
from leads.models import Lead, LeadPlace
from projects.models import Project, ProjectPlace
from tests import make
from tests.leads.test_pages_list import many
from tests.projects.test_pages_board import many as many_projects

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


class Leads:
    base, stage, model, places = "/leads/", "lead", Lead, LeadPlace

    @staticmethod
    def some(by, names):
        for minutes, name in enumerate(reversed(names)):
            make.lead(by, name, at=make.NOW + timedelta(minutes=minutes))

    @staticmethod
    def columns(answer):
        return {column.code: column.cards.rows for column in answer.context["columns"]}

    @staticmethod
    def next(answer):
        return next(c.cards.next for c in answer.context["columns"] if c.code == "lead")

    @staticmethod
    def more(client, token):
        return client.get("/leads/board/", {"column": "lead", "page": token}, headers=HTMX)

    @staticmethod
    def name(card):
        return card.title


class Projects:
    base, stage, model, places = "/projects/", "negotiating", Project, ProjectPlace

    @staticmethod
    def some(by, names):
        for minutes, name in enumerate(reversed(names)):
            make.project(by, name=name, at=make.NOW + timedelta(minutes=minutes))

    @staticmethod
    def columns(answer):
        return {column.head.code: column.cards for column in answer.context["columns"]}

    @staticmethod
    def next(answer):
        return answer.context["columns"][0].next

    @staticmethod
    def more(client, token):
        return client.get("/projects/board/negotiating/", {"after": token}, headers=HTMX)

    @staticmethod
    def name(card):
        return card.name


BOARDS = pytest.mark.parametrize("board", [Leads, Projects])


def order(client, board, stage="", query=""):
    answer = client.get(f"{board.base}board/{query}")
    return [board.name(card)[:2] for card in board.columns(answer)[stage or board.stage]]


def card_of(board, name):
    return next(one for one in board.model.objects.all() if board.name(one).startswith(name))


def put(client, board, name, after, headers=HTMX):
    above = card_of(board, after).pk if after else ""
    return client.post(f"{board.base}{card_of(board, name).pk}/place/", {"after": above}, headers=headers)


@BOARDS
def test_a_card_stands_where_its_person_put_it_and_nobody_else_sees_it(as_, owner, teammate, board):
    board.some(owner, ["甲一有限公司", "乙二有限公司", "丙三有限公司", "丁四有限公司"])
    client = as_(owner)
    assert order(client, board) == ["甲一", "乙二", "丙三", "丁四"]
    before = card_of(board, "丁四").version
    assert put(client, board, "丁四", "甲一").status_code == 204
    assert put(client, board, "乙二", "丙三").status_code == 204
    assert order(client, board) == ["甲一", "丁四", "丙三", "乙二"]
    assert put(client, board, "乙二", "").status_code == 204
    assert order(client, board) == ["乙二", "甲一", "丁四", "丙三"]
    assert card_of(board, "丁四").version == before
    assert order(as_(teammate), board) == ["甲一", "乙二", "丙三", "丁四"]


@BOARDS
def test_what_comes_later_stands_on_top_and_a_filter_keeps_the_order(as_, owner, board):
    board.some(owner, ["甲一有限公司", "乙二有限公司", "丙三有限公司"])
    client = as_(owner)
    put(client, board, "丙三", "")
    if board is Leads:
        make.lead(owner, "丁四有限公司", at=make.NOW + timedelta(days=1))
    else:
        make.project(owner, name="丁四有限公司", at=make.NOW + timedelta(days=1))
    assert order(client, board) == ["丁四", "丙三", "甲一", "乙二"]
    assert order(client, board, query="?q=有限") == ["丁四", "丙三", "甲一", "乙二"]
    assert order(client, board, query="?q=丙三") == ["丙三"]


@BOARDS
def test_put_back_where_it_stood_nothing_is_kept_and_one_click_takes_all_back(as_, owner, board):
    board.some(owner, ["甲一有限公司", "乙二有限公司", "丙三有限公司"])
    client = as_(owner)
    put(client, board, "丙三", "")
    put(client, board, "丙三", "乙二")
    assert not board.places.objects.exists()
    put(client, board, "丙三", "甲一")
    assert "恢复默认次序" in client.get(f"{board.base}board/").content.decode()
    answer = client.post(f"{board.base}board/natural/", follow=True)
    assert "看板已恢复默认次序" in answer.content.decode()
    assert order(client, board) == ["甲一", "乙二", "丙三"]
    assert "恢复默认次序：" not in client.get(f"{board.base}board/").content.decode()


def test_a_card_that_moved_on_and_came_back_stands_on_top_again(as_, owner):
    Leads.some(owner, ["甲一有限公司", "乙二有限公司", "丙三有限公司"])
    client = as_(owner)
    put(client, Leads, "甲一", "丙三")
    lead = card_of(Leads, "甲一")
    later = make.NOW + timedelta(days=1)
    lead.move_to("screening", by=owner, at=later)
    lead.move_to("lead", by=owner, at=later + timedelta(hours=1), reason="重新联系")
    assert order(client, Leads) == ["甲一", "乙二", "丙三"]
    put(client, Leads, "丙三", "乙二")
    assert not LeadPlace.objects.exists()  # what was put in a stay that ended is cleared away


@BOARDS
def test_a_neighbour_that_left_the_column_is_told(as_, owner, outsider, board):
    board.some(owner, ["甲一有限公司", "乙二有限公司"])
    board.some(outsider, ["丙三有限公司"])
    client = as_(owner)
    for after in (card_of(board, "丙三").pk, "x", "9" * 30):
        url = f"{board.base}{card_of(board, '乙二').pk}/place/"
        answer = client.post(url, {"after": after}, headers=HTMX)
        assert answer.status_code == 409
        assert "那一列的卡片刚有变动" in answer.content.decode()
    assert put(client, board, "丙三", "").status_code == 404
    assert not board.places.objects.exists()


def test_who_only_reads_orders_his_own_board_too(as_, owner, leader):
    Leads.some(owner, ["甲一有限公司", "乙二有限公司"])
    client = as_(leader)
    assert put(client, Leads, "乙二", "").status_code == 204
    assert order(client, Leads) == ["乙二", "甲一"]
    assert order(as_(owner), Leads) == ["甲一", "乙二"]


@BOARDS
def test_any_order_made_by_hand_is_the_one_every_page_shows(as_, owner, board):
    """Some came at one moment (an import): put at random, read page by page, compared with a plain list."""
    chance = random.Random(11)
    (many if board is Leads else many_projects)(owner, 50)
    keys = list(board.model.objects.order_by("pk").values_list("pk", flat=True))
    board.model.objects.filter(pk__in=chance.sample(keys, 25)).update(entered_at=make.NOW)
    rows = list(board.model.objects.filter(stage=board.stage).order_by("-entered_at", "-pk"))
    wanted, client = [row.pk for row in rows], as_(owner)
    for _ in range(40):
        card, after = chance.choice(wanted), chance.choice([*wanted, None])
        if card == after:
            continue
        url = f"{board.base}{card}/place/"
        assert client.post(url, {"after": after or ""}, headers=HTMX).status_code == 204
        wanted.remove(card)
        wanted.insert(wanted.index(after) + 1 if after else 0, card)
    assert read_through(client, board) == wanted


def read_through(client, board):
    """The numbers of all cards of the first column, page after page."""
    answer = client.get(f"{board.base}board/")
    found, token = [card.pk for card in board.columns(answer)[board.stage]], board.next(answer)
    while token:
        answer = board.more(client, token)
        cards = answer.context["cards"]
        found += [card.pk for card in cards]
        token = cards.next if board is Leads else answer.context["next"]
    return found


@BOARDS
def test_an_order_costs_one_query_more_however_many_cards_were_put(as_, owner, board):
    board.some(owner, [f"{number:02}号有限公司" for number in range(12)])
    client = as_(owner)
    queries(client, board)  # the words of the stages are read once
    plain = queries(client, board)
    put(client, board, "07", "")
    few = queries(client, board)
    for name in ("08", "09", "10", "11"):
        put(client, board, name, "")
    assert (few, queries(client, board)) == (plain + 1, plain + 1)


def queries(client, board):
    with CaptureQueriesContext(connection) as found:
        client.get(f"{board.base}board/")
    return len(found)


@pytest.mark.parametrize("token", ["xx", "W10", arranging.token_of(arranging.Key(make.NOW, "NaN", 1))])
@BOARDS
def test_a_token_not_ours_is_refused(as_, owner, board, token):
    Leads.some(owner, ["甲一有限公司"])
    assert board.more(as_(owner), token).status_code == 400


def test_what_a_lead_lacks_is_a_piece_with_places_and_nothing_for_strangers(as_, owner, outsider, leader):
    lead = make.lead(owner, met_at=None)
    url = f"/leads/{lead.pk}/missing/"
    text = as_(owner).get(url, headers=HTMX).content.decode()
    assert 'data-missing="first_response"' in text
    assert f"{lead.get_absolute_url()}#visit" in text
    assert "<html" not in text
    assert "去补充" not in as_(leader).get(url, headers=HTMX).content.decode()
    assert as_(outsider).get(url).status_code == 404
    done = make.project(owner).lead
    assert "已转为项目" in as_(owner).get(f"/leads/{done.pk}/missing/").content.decode()


@pytest.mark.parametrize("kind", ["lead", "project"])
def test_an_opened_card_brings_its_form_and_without_javascript_the_way_to_the_steps(as_, owner, leader, kind):
    record = make.lead(owner) if kind == "lead" else make.project(owner)
    address = record.get_absolute_url()
    board = as_(owner).get(f"/{kind}s/board/").content.decode()
    assert f'hx-get="{address}missing/?form=1"' in board
    assert f'href="{address}#steps"' in board
    assert 'id="steps"' in as_(owner).get(address).content.decode()
    form = f'action="{address}move/"'
    assert form not in board
    assert form not in as_(owner).get(f"{address}missing/").content.decode()
    assert form in as_(owner).get(f"{address}missing/?form=1").content.decode()
    assert form not in as_(leader).get(f"{address}missing/?form=1").content.decode()


def test_the_form_of_a_card_moves_a_project(as_, owner):
    project = make.ready_for_review(make.project(owner), owner)
    piece = as_(owner).get(f"/projects/{project.pk}/missing/?form=1").content.decode()
    assert '<option value="review" selected>评审决策</option>' in piece
    answer = as_(owner).post(f"/projects/{project.pk}/move/", {"stage": "review", "version": project.version})
    project.refresh_from_db()
    assert (answer.status_code, project.stage) == (302, "review")
