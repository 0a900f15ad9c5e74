"""Editing in the row: the fields of the edit page, saved by its rules; nobody is overwritten unseen."""

from datetime import timedelta

import pytest

from crm.models import FieldChange, Notification
from leads.editing import edit
from leads.models import Lead
from projects import mending
from projects.models import Project
from tests import make
from tests.leads.test_pages_edit import opened

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SOON = f"{make.NOW.date() + timedelta(days=5)}"


@pytest.fixture(autouse=True)
def _today(freeze):
    freeze(make.NOW)


@pytest.fixture(params=["leads", "projects"])
def row(request, owner):
    """(kind, record) of each list."""
    made = make.lead(owner, "甲一", next_step="寄材料") if request.param == "leads" else make.project(owner)
    return request.param, made


def typed(client, kind, record, cell, **changes):
    """The form of the cell as a browser would send it back, with `changes`."""
    form = client.get(f"/{kind}/{record.pk}/cell/{cell}/", headers=HTMX).context["form"]
    sent = {"version": form["version"].value()}
    for field in form.visible_fields():
        value = field.value()
        sent[field.name] = sent[f"initial-{field.name}"] = "" if value is None else str(value)
    return {**sent, **changes}


def save(client, kind, record, cell, sent):
    return client.post(f"/{kind}/{record.pk}/cell/{cell}/", sent, headers=HTMX)


def change(kind, record, by, **values):
    """Somebody saves the edit page meanwhile."""
    how = {"by": by, "at": make.NOW, "version": type(record).objects.get(pk=record.pk).version}
    edit(record, values, **how) if kind == "leads" else mending.edit(record, values, **how)


def test_the_next_contact_is_changed_in_the_row(as_, owner, row):
    kind, record = row
    client = as_(owner)
    assert f"/{kind}/{record.pk}/cell/next/" in client.get(f"/{kind}/").content.decode()
    sent = typed(client, kind, record, "next", next_contact_on=SOON, next_step="约参观")
    answer = save(client, kind, record, "next", sent)
    assert answer.status_code == 200
    text = answer.content.decode().strip()
    assert text.startswith('<td class="w-next">')
    assert SOON in text
    record.refresh_from_db()
    assert (f"{record.next_contact_on}", record.next_step) == (SOON, "约参观")


def test_a_refusal_stands_in_the_row_and_keeps_what_was_typed(as_, owner, row):
    kind, record = row
    client, was = as_(owner), (record.next_contact_on, record.version)
    for day, words in (("2026-04-01", "不能早于今天"), ("明天", "请写成 2026-04-20")):
        answer = save(client, kind, record, "next", typed(client, kind, record, "next", next_contact_on=day))
        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert f'value="{day}"' in answer.content.decode()
    record.refresh_from_db()
    assert (record.next_contact_on, record.version) == was


def test_what_others_changed_elsewhere_stays_and_the_cell_is_saved(as_, owner, teammate, row):
    kind, record = row
    client = as_(owner)
    sent = typed(client, kind, record, "next", next_step="约参观")
    change(kind, record, teammate, area_sqm=800)
    assert save(client, kind, record, "next", sent).status_code == 200
    record.refresh_from_db()
    assert (record.next_step, record.area_sqm) == ("约参观", 800)


def test_a_cell_others_changed_says_who_and_what_and_keeps_the_typing(as_, owner, teammate, row):
    kind, record = row
    client = as_(owner)
    sent = typed(client, kind, record, "next", next_step="我写的")
    other = as_(teammate)
    save(other, kind, record, "next", typed(other, kind, record, "next", next_step="周舟写的"))
    client = as_(owner)
    answer = save(client, kind, record, "next", sent)
    text = answer.content.decode()
    assert answer.status_code == 412
    assert "刚被周舟于" in text
    assert "<b>周舟写的</b>" in text
    assert 'value="我写的"' in text
    record.refresh_from_db()
    assert record.next_step == "周舟写的"
    form = answer.context["form"]
    again = {name: form.data[name] for name in form.data}
    assert save(client, kind, record, "next", again).status_code == 200
    record.refresh_from_db()
    assert record.next_step == "我写的"


def test_only_who_may_assign_changes_the_owner_in_the_row(as_, owner, head, teammate, outsider, row):
    kind, record = row
    address = f"/{kind}/{record.pk}/cell/owner/"
    assert as_(owner).get(address, headers=HTMX).status_code == 403
    assert f'hx-get="{address}"' not in as_(owner).get(f"/{kind}/").content.decode()
    client = as_(head)
    assert f'hx-get="{address}"' in client.get(f"/{kind}/").content.decode()
    assert (
        save(
            client, kind, record, "owner", typed(client, kind, record, "owner", owner=outsider.pk)
        ).status_code
        == 400
    )
    assert (
        save(
            client, kind, record, "owner", typed(client, kind, record, "owner", owner=teammate.pk)
        ).status_code
        == 200
    )
    record.refresh_from_db()
    assert record.owner == teammate


def undo(client, kind, record, cell, answer):
    given = {"undo": answer.context["undo"]["token"]}
    return client.post(f"/{kind}/{record.pk}/cell/{cell}/", given, headers=HTMX)


def overdue(record):
    """The next contact of the record is past, and its amount known."""
    was = {"next_contact_on": "2026-04-01", "next_step": "寄材料", "amount_wan": 100}
    type(record).objects.filter(pk=record.pk).update(**was)
    record.refresh_from_db()


WORDS = {"leads": "note", "projects": "demands"}
CELLS = [
    ("next", {"next_contact_on": SOON, "next_step": "约参观"}),
    ("next", {"next_step": "约参观"}),
    ("amount", {"amount_wan": "1.5亿"}),
    ("amount", {"amount_wan": ""}),
    ("words", {"words": "要一层厂房"}),
]


@pytest.mark.parametrize(("cell", "given"), CELLS)
def test_what_was_changed_in_the_row_is_taken_back_and_the_history_has_both(as_, owner, row, cell, given):
    kind, record = row
    overdue(record)
    if cell == "words":
        cell = WORDS[kind]
        given = {cell: given["words"]}
    was = {name: getattr(record, name) for name in given}
    client = as_(owner)
    answer = save(client, kind, record, cell, typed(client, kind, record, cell, **given))
    assert (answer.status_code, "已保存。" in answer.content.decode()) == (200, True)
    record.refresh_from_db()
    assert all(getattr(record, name) != value for name, value in was.items())
    back = undo(client, kind, record, cell, answer)
    assert (back.status_code, "已撤销。" in back.content.decode()) == (200, True)
    record.refresh_from_db()
    assert {name: getattr(record, name) for name in given} == was
    rows = FieldChange.objects.filter(kind=record._meta.label_lower, record_key=str(record.pk), by=owner)
    pairs = [one.changes[name] for one in rows.order_by("pk") for name in given if name in one.changes]
    half = len(pairs) // 2
    assert pairs[half:] == [pair[::-1] for pair in pairs[:half]]
    assert half == len(given)


def test_the_owner_is_taken_back_by_who_may_assign_and_only_to_who_may_own(
    as_, head, owner, teammate, row, django_user_model
):
    kind, record = row
    client = as_(head)
    sent = typed(client, kind, record, "owner", owner=teammate.pk)
    answer = save(client, kind, record, "owner", sent)
    assert undo(client, kind, record, "owner", answer).status_code == 200
    record.refresh_from_db()
    assert record.owner == owner
    answer = save(client, kind, record, "owner", {**sent, "version": record.version})
    django_user_model.objects.filter(pk=owner.pk).update(is_active=False)
    refused = undo(client, kind, record, "owner", answer)
    assert (refused.status_code, "已停用" in refused.content.decode()) == (400, True)
    record.refresh_from_db()
    assert record.owner == teammate


def test_undo_of_a_cell_overwrites_nobody_and_leaves_what_others_changed_beside_it(as_, owner, teammate, row):
    kind, record = row
    client = as_(owner)
    answer = save(client, kind, record, "next", typed(client, kind, record, "next", next_step="约参观"))
    change(kind, record, teammate, area_sqm=800)
    assert undo(client, kind, record, "next", answer).status_code == 200
    record.refresh_from_db()
    assert (record.area_sqm, record.next_step) != (800, "约参观")
    assert record.area_sqm == 800
    answer = save(client, kind, record, "next", typed(client, kind, record, "next", next_step="再约"))
    change(kind, record, teammate, next_step="周舟写的")
    late = undo(client, kind, record, "next", answer)
    assert (late.status_code, "没有可以撤销的" in late.content.decode()) == (409, True)
    record.refresh_from_db()
    assert record.next_step == "周舟写的"


def test_a_slip_of_one_cell_takes_nothing_back_in_another_or_for_another(as_, owner, teammate, row):
    kind, record = row
    client = as_(owner)
    answer = save(client, kind, record, "next", typed(client, kind, record, "next", next_step="约参观"))
    assert undo(client, kind, record, "amount", answer).status_code == 400
    assert undo(as_(teammate), kind, record, "next", answer).status_code == 400
    record.refresh_from_db()
    assert record.next_step == "约参观"


def test_the_amount_of_a_project_does_not_go_back_below_what_has_arrived(as_, owner):
    project = make.project(owner, amount_wan=100)
    client = as_(owner)
    answer = save(
        client, "projects", project, "amount", typed(client, "projects", project, "amount", amount_wan="5000")
    )
    make.receipt(project, owner, 3000, make.NOW.date())
    refused = undo(client, "projects", project, "amount", answer)
    assert (refused.status_code, "到位" in refused.content.decode()) == (400, True)
    project.refresh_from_db()
    assert project.amount_wan == 5000


def test_a_colleague_the_text_named_before_is_not_told_again_by_undo(as_, owner, teammate):
    lead = make.lead(owner)
    client = as_(owner)
    for text in (f"@{teammate} 请看", "看过了"):
        answer = save(client, "leads", lead, "note", typed(client, "leads", lead, "note", note=text))
    told = Notification.objects.filter(user=teammate, kind="mention").count()
    assert told == 1
    assert undo(client, "leads", lead, "note", answer).status_code == 200
    assert Notification.objects.filter(user=teammate, kind="mention").count() == told
    lead.refresh_from_db()
    assert lead.note == f"@{teammate} 请看"


def test_without_a_script_the_cell_is_a_page_with_a_way_back(as_, owner, row):
    kind, record = row
    client, address = as_(owner), f"/{kind}/{record.pk}/cell/amount/"
    assert f'href="{address}"' in client.get(f"/{kind}/").content.decode()
    page = client.get(address)
    assert "<h1" in page.content.decode()
    before = type(record).objects.get(pk=record.pk).amount_wan
    given = typed(client, kind, record, "amount", amount_wan="一百")
    refused = client.post(address, given)
    assert (refused.status_code, "<h1" in refused.content.decode()) == (400, True)
    saved = client.post(address, {**given, "amount_wan": "4321"})
    assert type(record).objects.get(pk=record.pk).amount_wan == 4321
    done = client.get(saved.url)
    assert "已保存。" in done.content.decode()
    back = client.post(address, {"undo": done.context["undo"]["token"]})
    assert back.url == record.get_absolute_url()
    assert type(record).objects.get(pk=record.pk).amount_wan == before


def test_nobody_changes_a_cell_who_may_not(as_, owner, outsider, leader, row):
    kind, record = row
    address = f"/{kind}/{record.pk}/cell/next/"
    assert as_(owner).get(f"/{kind}/{record.pk}/cell/stage/", headers=HTMX).status_code == 404
    assert as_(outsider).get(address, headers=HTMX).status_code == 404
    assert as_(leader).get(address, headers=HTMX).status_code == 403
    assert "cell-edit" not in as_(leader).get(f"/{kind}/").content.decode()
    model = Lead if kind == "leads" else Project
    assert model.objects.get(pk=record.pk).version == record.version


def test_not_changing_anything_writes_nothing(as_, owner, row):
    kind, record = row
    client = as_(owner)
    assert save(client, kind, record, "amount", typed(client, kind, record, "amount")).status_code == 200
    assert type(record).objects.get(pk=record.pk).version == record.version
    shown = client.get(f"/{kind}/{record.pk}/cell/amount/?show=1", headers=HTMX).content.decode()
    assert "data-cell-form" not in shown


def test_the_edit_page_and_the_cell_have_the_same_fields(as_, owner):
    lead = make.lead(owner)
    client = as_(owner)
    fields = opened(client, lead)
    for cell in ("next", "amount", "note"):
        assert typed(client, "leads", lead, cell).items() <= fields.items()
