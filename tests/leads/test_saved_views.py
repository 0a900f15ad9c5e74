"""Views of a list: who sees them, what the address says, what is sorted by, which columns show and export."""

import io
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from django.urls import reverse

from crm import saved_views
from crm.models import Channel, ListSetting, Notification, SavedView
from crm.saved_views import Shown
from tests import make
from tests.leads.test_pages_list import URL, many, queries, titles

pytestmark = pytest.mark.django_db


def kept(by, name="星期一看", query="stage=lead", **given):
    """A view of leads saved through its door's function."""
    shown = Shown(query, given.pop("sort", "-created"), tuple(given.pop("columns", ())))
    return saved_views.create("leads", name, shown, by=by, at=make.NOW, **given)


def save(client, name, page, **more):
    """Press 「保存视图」 on a page of the list."""
    given = page.context
    shown = {"query": given["filter_query"], "sort": given["asked"].sort, "columns": given["columns_text"]}
    return client.post(reverse("view_new"), {"kind": "leads", "name": name, **shown, **more})


def do(client, view, deed, **given):
    return client.post(reverse("view_change", args=[view.pk, deed]), given)


def test_a_view_keeps_filters_sort_and_columns_and_the_address_names_it(as_, owner):
    make.lead(owner, "甲一", amount_wan=100)
    make.lead(owner, "乙二", amount_wan=900)
    make.screened(owner, name="丙三")
    client = as_(owner)
    page = client.get(URL, {"stage": "lead", "sort": "-amount", "columns": "name.tags.amount"})
    assert titles(page) == ["乙二", "甲一"]
    answer = save(client, "大的在前", page)
    view = SavedView.objects.get()
    assert answer.url == f"/leads/?view={view.pk}"
    page = client.get(answer.url)
    assert titles(page) == ["乙二", "甲一"]
    assert [column.code for column in page.context["columns"]] == ["name", "tags", "amount"]
    assert page.context["filters"].address() == f"view={view.pk}"
    assert page.context["chips"][0].text == "线索"
    assert not page.context["is_changed"]


def test_what_departs_from_a_view_stands_in_the_address_and_can_be_saved_into_it(as_, owner):
    make.lead(owner, "甲一")
    make.screened(owner, name="乙二")
    client, view = as_(owner), kept(owner)
    page = client.get(f"{URL}?view={view.pk}&stage=screening")
    assert titles(page) == ["乙二"]
    assert page.context["is_changed"]
    assert "已改动，保存" in page.content.decode()
    shown = {"query": page.context["filter_query"], "sort": "-created", "columns": ""}
    do(client, view, "save", **shown)
    assert titles(client.get(f"{URL}?view={view.pk}")) == ["乙二"]
    chip = page.context["chips"][0]
    assert chip.without == f"view={view.pk}&q="
    everything = client.get(f"{URL}?{chip.without}")
    assert len(titles(everything)) == 2
    assert everything.context["is_changed"]


def test_a_shared_view_is_seen_by_the_unit_and_changed_by_its_owner_alone(
    as_, owner, teammate, outsider, manager
):
    view = kept(owner)
    assert as_(teammate).get(f"{URL}?view={view.pk}").status_code == 404
    do(as_(owner), view, "share")
    page = as_(teammate).get(f"{URL}?view={view.pk}")
    assert page.status_code == 200
    assert list(page.context["shared_views"]) == [view]
    for deed in ("save", "rename", "remove", "share"):
        assert do(as_(teammate), view, deed, name="我的").status_code == 403, deed
    view.refresh_from_db()
    assert (view.name, view.query, view.removed_at) == ("星期一看", "stage=lead", None)
    for stranger in (outsider, manager):
        answer = as_(stranger).get(f"{URL}?view={view.pk}")
        assert answer.status_code == 404
        assert "没有共享给您的单位" in answer.content.decode()
        assert do(as_(stranger), view, "save").status_code == 404
        assert "星期一看" not in as_(stranger).get(f"{URL}?view=none").content.decode()


def test_the_head_ends_the_sharing_of_a_colleague(as_, owner, head, teammate):
    view = kept(owner, is_shared=True)
    assert do(as_(head), view, "private").url == URL
    assert as_(teammate).get(f"{URL}?view={view.pk}").status_code == 404
    assert as_(owner).get(f"{URL}?view={view.pk}").status_code == 200


def test_a_list_begins_with_the_default_view_unless_the_address_asks(as_, owner, teammate):
    make.lead(owner, "甲一")
    make.screened(owner, name="乙二")
    client, view = as_(owner), kept(owner, is_shared=True)
    do(client, view, "default")
    assert client.get(URL).url == f"/leads/?view={view.pk}"
    assert len(titles(client.get(URL, {"view": "none"}))) == 2
    assert titles(client.get(URL, {"stage": "screening"})) == ["乙二"]
    assert client.get(URL, {"stage": "screening"}).context["filters"].address() == "view=none&stage=screening"
    assert as_(teammate).get(URL).status_code == 200
    do(as_(teammate), view, "default")
    assert as_(teammate).get(URL).url == f"/leads/?view={view.pk}"
    client = as_(owner)
    do(client, view, "private")
    assert as_(teammate).get(URL).status_code == 200
    client = as_(owner)
    do(client, view, "usual")
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize("deed, told", [("remove", "已删除"), ("private", "不再共享")])
def test_whose_list_began_with_a_view_that_goes_is_told_once(as_, owner, teammate, deed, told):
    view = kept(owner, is_shared=True)
    do(as_(owner), view, "default")
    do(as_(teammate), view, "default")
    do(as_(owner), view, deed)
    (message,) = Notification.objects.all()
    assert (message.user, message.title) == (teammate, f"默认视图「星期一看」{told}")
    assert "改为显示全部" in message.body
    assert message.url == URL
    assert as_(teammate).get(message.url).status_code == 200


@pytest.mark.parametrize("deed, told", [("remove", "已删除"), ("private", "不再共享")])
def test_the_owner_is_told_what_the_head_did_to_a_view_and_how_to_go_on(as_, owner, head, deed, told):
    view = kept(owner, is_shared=True)
    do(as_(owner), view, "default")
    do(as_(head), view, deed)
    (message,) = Notification.objects.all()
    assert (message.user, message.title, message.url) == (owner, f"您的视图「星期一看」{told}", URL)
    assert str(head) in message.body
    page = as_(owner).get(message.url, follow=True).content.decode()
    assert (reverse("view_change", args=[view.pk, "restore"]) in page) == (deed == "remove")


def test_the_owner_is_told_when_the_head_puts_the_view_back(as_, owner, head):
    view = kept(owner, is_shared=True)
    do(as_(head), view, "remove")
    do(as_(head), view, "restore")
    assert [one.title for one in Notification.objects.filter(user=owner).order_by("pk")] == [
        "您的视图「星期一看」已删除",
        "您的视图「星期一看」已恢复",
    ]


def test_nobody_is_told_what_the_owner_does_to_a_view_alone(as_, owner):
    view = kept(owner, is_shared=True)
    for deed in ("private", "share", "remove", "restore"):
        do(as_(owner), view, deed)
    assert not Notification.objects.exists()


def test_a_removed_view_is_put_back_with_all_it_was(as_, owner, freeze):
    client, view = as_(owner), kept(owner)
    do(client, view, "default")
    answer = do(client, view, "remove")
    page = client.get(answer.url)
    assert reverse("view_change", args=[view.pk, "restore"]) in page.content.decode()
    assert client.get(f"{URL}?view={view.pk}").status_code == 404
    do(client, view, "restore")
    assert client.get(URL).url == f"/leads/?view={view.pk}"
    do(client, view, "remove")
    SavedView.objects.update(removed_at=make.NOW - timedelta(days=30))
    assert "不能再恢复" in do(client, view, "restore").content.decode()
    assert SavedView.objects.standing().count() == 0


def test_a_name_is_used_once_and_never_empty(as_, owner):
    client = as_(owner)
    kept(owner, "甲")
    other = kept(owner, "乙")
    page = client.get(URL)
    for name in ("甲", "  ", ""):
        assert save(client, name, page).status_code == 400
    assert do(client, other, "rename", name="甲").status_code == 400
    for wrong in ({"sort": "\x00"}, {"columns": "name.\x00"}, {"query": "q=" + "9" * 3000}):
        assert save(client, "丙", page, **wrong).status_code == 400
    assert client.post(reverse("view_new"), {"kind": "colours", "name": "丙"}).status_code == 404
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["乙", "甲"]


def test_a_view_whose_word_has_ended_says_so_and_shows_what_there_is(as_, owner):
    make.lead(owner, "甲一")
    make.lead(owner, "乙二", channel=Channel.objects.get(code="walk_in"))
    Channel.objects.filter(code="knock").update(active_to=date(2026, 1, 31))
    page = as_(owner).get(f"{URL}?view={kept(owner, query='channel=knock').pk}")
    assert titles(page) == ["甲一"]
    assert "「来源渠道 敲门招商」已于 2026-01-31 停用" in page.content.decode()


def test_a_view_whose_word_is_gone_is_refused_with_a_way_out_and_never_shows_everything(as_, owner, teammate):
    make.lead(owner, "甲一")
    view = kept(owner, query=f"stage=lead&owner={teammate.pk}")
    teammate.is_active = False
    teammate.save()
    client = as_(owner)
    do(client, view, "default")
    answer = client.get(f"{URL}?view={view.pk}")
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "视图「星期一看」里有条件不能再用" in text
    assert "甲一" not in text
    rest = dict(answer.context["ways"])["去掉这些条件再看"]
    assert rest == f"/leads/?view={view.pk}&stage=lead"
    page = client.get(rest)
    assert titles(page) == ["甲一"]
    assert page.context["is_changed"]


@pytest.mark.parametrize(
    ("query", "words"), [("sort=owner", "不能按这一列排序"), ("columns=name.colour", "没有这一列")]
)
def test_an_order_or_column_that_does_not_exist_is_refused(as_, owner, query, words):
    answer = as_(owner).get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert words in answer.content.decode()


def walked(client, address):
    """The titles of all pages from `address` on, and the address of the last page."""
    seen = []
    while address:
        page = client.get(address)
        seen.append(titles(page))
        last, token = address, page.context["page"].next
        address = token and f"{URL}?{page.context['address']}&page={token}"
    return seen, page, last


def test_every_order_can_be_chosen_without_a_head_and_keeps_the_filters(as_, owner):
    make.lead(owner, "甲一")
    client = as_(owner)
    page = client.get(URL, {"stage": "lead", "sort": "-amount", "columns": "name.stage"})
    orders = {words: (way, is_now) for words, way, is_now in page.context["sorts"]}
    assert [words for words, (_, is_now) in orders.items() if is_now] == ["投资额：大的在前"]
    assert {"投资额：小的在前", "下次联系：先联系的在前", "登记时间：新的在前", "更新时间：早的在前"} < set(
        orders
    )
    then = client.get(f"{URL}?{orders['下次联系：先联系的在前'][0]}")
    assert (then.context["asked"].sort, then.context["columns_text"]) == ("next", "name.stage")
    assert then.context["filter_query"] == "stage=lead"


@pytest.mark.parametrize("sort", ["-amount", "amount", "next", "-next", "-updated", "created"])
def test_pages_in_every_order_show_each_row_once_and_lead_back(as_, owner, sort):
    many(owner, 120)
    model = make.lead(owner).__class__
    for place, one in enumerate(model.objects.order_by("pk")):
        model.objects.filter(pk=one.pk).update(
            amount_wan=None if place % 3 == 0 else place % 7,
            next_contact_on=None if place % 4 == 0 else make.NOW.date() + timedelta(days=place % 5),
            updated_at=make.NOW + timedelta(minutes=place % 11),
        )
    client = as_(owner)
    pages, last, _ = walked(client, f"{URL}?sort={sort}")
    assert [len(rows) for rows in pages] == [50, 50, 21]
    assert len({title for rows in pages for title in rows}) == 121
    rows = list(model.objects.all())
    key = {
        "amount": "amount_wan",
        "next": "next_contact_on",
        "updated": "updated_at",
        "created": "created_at",
    }
    known = {row.title: getattr(row, key[sort.lstrip("-")]) for row in rows}
    values = [known[title] for rows in pages for title in rows if known[title] is not None]
    assert values == sorted(values, reverse=sort.startswith("-"))
    back = client.get(f"{URL}?sort={sort}&page={last.context['page'].previous}")
    assert titles(back) == pages[1]


def test_a_page_of_another_order_is_refused(as_, owner):
    many(owner, 60)
    client = as_(owner)
    token = client.get(f"{URL}?sort=next").context["page"].next
    assert client.get(f"{URL}?sort=-amount&page={token}").status_code == 400


def test_chosen_columns_are_kept_for_the_person_or_only_in_the_address(as_, owner, teammate):
    client = as_(owner)
    chosen = {"kind": "leads", "column": ["note", "name", "amount"], "place-note": "2", "place-amount": "1"}
    answer = client.post(reverse("view_columns"), {**chosen, "next": "?stage=lead"})
    assert answer.url == "/leads/?stage=lead&columns=name.amount.note"
    assert ListSetting.objects.count() == 0
    client.post(reverse("view_columns"), {**chosen, "next": "", "keep": "own"})
    assert [c.code for c in client.get(URL).context["columns"]] == ["name", "amount", "note"]
    assert len(as_(teammate).get(URL).context["columns"]) == 7
    client = as_(owner)
    client.post(reverse("view_columns"), {**chosen, "next": "", "keep": "usual"})
    assert len(client.get(URL).context["columns"]) == 7


def test_the_workbook_has_the_columns_of_the_list(as_, owner):
    make.lead(owner, "甲一", amount_wan=500)
    client = as_(owner)
    page = client.get(URL, {"columns": "name.next.amount"})
    address = f"/leads/export/?columns={page.context['export_columns']}"
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(client.get(address).streaming_content)))
    head = book.get_sheet_by_index(0).to_python()[0]
    assert head == ["企业", "下次联系日期", "下一步", "投资额（万元）"]
    assert client.get(URL).context["export_columns"] == ""


def test_views_add_a_fixed_price_to_the_list(as_, owner):
    many(owner, 10)
    client = as_(owner)
    few = queries(client, URL)
    for number in range(20):
        view = kept(owner, f"视图 {number}", query="channel=knock")
    assert queries(client, f"{URL}?view={view.pk}") == few + 1  # whether its word has ended


def test_projects_have_views_orders_and_columns_alike(as_, owner):
    make.project(owner, name="甲一", amount_wan=100)
    make.project(owner, name="乙二", amount_wan=900)
    make.project(owner, name="丙三")
    client = as_(owner)
    page = client.get("/projects/", {"sort": "-amount", "columns": "name.demands.tags"})
    assert [one.name for one in page.context["page"]] == ["乙二", "甲一", "丙三"]
    shown = {"query": "stage=negotiating", "sort": "-amount", "columns": page.context["columns_text"]}
    answer = client.post(reverse("view_new"), {"kind": "projects", "name": "大的", **shown})
    page = client.get(answer.url)
    assert [one.name for one in page.context["page"]] == ["乙二", "甲一", "丙三"]
    assert page.context["columns_text"] == "name.demands.tags"
    assert client.get(f"{URL}?view={SavedView.objects.get().pk}").status_code == 404
