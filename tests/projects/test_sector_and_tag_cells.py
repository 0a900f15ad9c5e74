"""赛道 and 标签 in the row of both lists: the rules of the forms, and a way back that overwrites nobody."""

from datetime import date, timedelta

import pytest

from django.urls import reverse

from crm.models import FusionSector, Tag
from leads import tagging
from projects.models import Project
from tests import make
from tests.projects.test_cells import HTMX, change, save

pytestmark = pytest.mark.django_db
GREEN, BLUE = "绿标", "蓝标"


@pytest.fixture(autouse=True)
def _today(freeze):
    freeze(make.NOW)


@pytest.fixture(params=["leads", "projects"])
def row(request, owner):
    """(kind, record) of each list."""
    return request.param, make.lead(owner, "甲一") if request.param == "leads" else make.project(owner)


@pytest.fixture
def tags(owner):
    return [Tag.objects.create(name=name, unit=owner.unit) for name in (GREEN, BLUE)]


def at(kind, record, cell):
    return f"/{kind}/{record.pk}/cell/{cell}/"


def sent(client, kind, record, cell, **changes):
    """The cell's form as a browser sends it back, with `changes`."""
    form = client.get(at(kind, record, cell), headers=HTMX).context["form"]
    given = {"version": form["version"].value()} if "version" in form.fields else {}
    for field in form.visible_fields():
        value = "" if field.value() is None else field.value()
        given[field.name] = given[f"initial-{field.name}"] = value
    return {**given, **changes}


def names(record):
    return sorted(tagging.name for tagging in record.tags.all())


def code(record):
    record.refresh_from_db()
    return record.sector.code if record.sector else record.sector_kind


def undo(client, kind, record, cell, answer):
    token = answer.context["undo"]["token"]
    return client.post(at(kind, record, cell), {"undo": token}, headers=HTMX)


def test_the_sector_is_chosen_in_the_row_and_taken_back(as_, owner, row):
    kind, record = row
    client, was = as_(owner), code(record)
    assert f'hx-get="{at(kind, record, "sector")}"' in client.get(f"/{kind}/").content.decode()
    wanted = FusionSector.objects.exclude(code=was).first()
    answer = save(client, kind, record, "sector", sent(client, kind, record, "sector", sector=wanted.code))
    assert answer.status_code == 200
    assert wanted.name in answer.content.decode()
    assert (code(record), record.sector_kind) == (wanted.code, "fusion")
    answer = undo(client, kind, record, "sector", answer)
    assert (answer.status_code, "已撤销" in answer.content.decode()) == (200, True)
    assert code(record) == was


@pytest.mark.parametrize("chosen", ["foundation", "none", ""])
def test_no_sector_is_a_choice_too(as_, owner, row, chosen):
    kind, record = row
    client = as_(owner)
    first = FusionSector.objects.first().code
    for wanted in (first, chosen):
        given = sent(client, kind, record, "sector", sector=wanted)
        assert save(client, kind, record, "sector", given).status_code == 200
    assert code(record) == chosen
    assert record.sector is None


def test_an_ended_sector_is_not_offered_and_not_taken_but_stands_again_by_undo(as_, owner, row):
    kind, record = row
    client = as_(owner)
    old, new = FusionSector.objects.all()[:2]
    save(client, kind, record, "sector", sent(client, kind, record, "sector", sector=old.code))
    FusionSector.objects.filter(pk=old.pk).update(active_to=make.NOW.date() - timedelta(days=1))
    answer = save(client, kind, record, "sector", sent(client, kind, record, "sector", sector=new.code))
    refused = save(client, kind, record, "sector", sent(client, kind, record, "sector", sector=old.code))
    assert (refused.status_code, code(record)) == (400, new.code)
    assert undo(client, kind, record, "sector", answer).status_code == 200
    assert code(record) == old.code


def test_two_people_choose_a_sector_and_the_second_is_shown_the_first(as_, owner, teammate, row):
    kind, record = row
    mine, theirs = FusionSector.objects.all()[:2]
    given = sent(as_(owner), kind, record, "sector", sector=mine.code)
    other = as_(teammate)
    save(other, kind, record, "sector", sent(other, kind, record, "sector", sector=theirs.code))
    answer = save(as_(owner), kind, record, "sector", given)
    assert answer.status_code == 412
    text = answer.content.decode()
    assert f"<b>{theirs.name}</b>" in text
    assert f'<option value="{mine.code}" selected>' in text
    assert code(record) == theirs.code


def test_what_others_changed_elsewhere_stays_beside_a_sector(as_, owner, teammate, row):
    kind, record = row
    client, wanted = as_(owner), FusionSector.objects.first().code
    given = sent(client, kind, record, "sector", sector=wanted)
    change(kind, record, teammate, area_sqm=800)
    assert save(client, kind, record, "sector", given).status_code == 200
    assert (code(record), record.area_sqm) == (wanted, 800)


def test_undo_overwrites_nobody_and_is_no_one_elses(as_, owner, teammate, row):
    kind, record = row
    client = as_(owner)
    first, second = FusionSector.objects.all()[:2]
    answer = save(client, kind, record, "sector", sent(client, kind, record, "sector", sector=first.code))
    other = as_(teammate)
    stranger = undo(other, kind, record, "sector", answer)
    assert (stranger.status_code, "没有撤销" in stranger.content.decode()) == (400, True)
    save(other, kind, record, "sector", sent(other, kind, record, "sector", sector=second.code))
    late = undo(as_(owner), kind, record, "sector", answer)
    assert late.status_code == 409
    assert "没有可以撤销的" in late.content.decode()
    assert code(record) == second.code


def test_a_forged_or_old_slip_changes_nothing(as_, owner, row, tags, freeze):
    kind, record = row
    client = as_(owner)
    given = sent(client, kind, record, "tags", tags=[tags[0].pk])
    answer = save(client, kind, record, "tags", given)
    slip = answer.context["undo"]["token"]
    for token in ("", "x", f"{slip}x", slip):
        where = "sector" if token == slip else "tags"
        assert client.post(at(kind, record, where), {"undo": token}, headers=HTMX).status_code == 400
    assert names(record) == [GREEN]


def test_tags_are_ticked_in_the_row_and_taken_back(as_, owner, row, tags):
    kind, record = row
    client = as_(owner)
    green, blue = tags
    tagging.mark(record, green, by=owner, at=make.NOW)
    page = client.get(f"/{kind}/?columns=name.tags").content.decode()
    assert f'hx-get="{at(kind, record, "tags")}"' in page
    given = sent(client, kind, record, "tags", tags=[blue.pk], tag_name="新标")
    answer = save(client, kind, record, "tags", given)
    assert answer.status_code == 200
    assert names(record) == sorted([BLUE, "新标"])
    assert all(word in answer.content.decode() for word in (BLUE, "新标", "撤销"))
    assert undo(client, kind, record, "tags", answer).status_code == 200
    assert names(record) == [GREEN]
    again = undo(client, kind, record, "tags", answer)
    assert (again.status_code, names(record)) == (409, [GREEN])


def test_tags_others_changed_meanwhile_stay(as_, owner, teammate, row, tags):
    kind, record = row
    green, blue = tags
    client = as_(owner)
    given = sent(client, kind, record, "tags", tags=[green.pk])
    tagging.mark(record, blue, by=teammate, at=make.NOW)
    answer = save(client, kind, record, "tags", given)
    assert names(record) == sorted([GREEN, BLUE])
    undo(client, kind, record, "tags", answer)
    assert names(record) == [BLUE]


def test_a_tag_of_another_unit_or_one_that_ended_is_refused(as_, owner, outsider, row, tags):
    kind, record = row
    client = as_(owner)
    foreign = Tag.objects.create(name="别家的", unit=outsider.unit)
    Tag.objects.filter(pk=tags[1].pk).update(active_to=date(2026, 1, 1))
    for wrong in (foreign.pk, tags[1].pk, "x"):
        given = sent(client, kind, record, "tags", tags=[wrong])
        assert save(client, kind, record, "tags", given).status_code == 400
    ended = save(client, kind, record, "tags", sent(client, kind, record, "tags", tag_name=BLUE))
    assert (ended.status_code, "已停用" in ended.content.decode()) == (400, True)
    assert "别家的" not in client.get(at(kind, record, "tags"), headers=HTMX).content.decode()
    assert names(record) == []


def test_the_name_of_a_new_tag_is_refused_at_its_field_and_kept(as_, owner, row, tags, monkeypatch):
    kind, record = row
    monkeypatch.setattr(tagging, "MOST", 2)
    client = as_(owner)
    answer = save(client, kind, record, "tags", sent(client, kind, record, "tags", tag_name="第三个"))
    assert answer.status_code == 400
    assert "标签已有 2 个" in answer.context["form"].errors["tag_name"][0]
    assert 'value="第三个"' in answer.content.decode()


def test_only_who_may_edit_changes_sector_or_tags(as_, leader, outsider, row, tags):
    kind, record = row
    for cell, given in (("sector", {"sector": "none"}), ("tags", {"tags": [tags[0].pk]})):
        assert save(as_(leader), kind, record, cell, given).status_code == 403
        assert save(as_(outsider), kind, record, cell, given).status_code == 404
        assert (
            at(kind, record, cell)
            not in as_(leader).get(f"/{kind}/?columns=name.sector.tags").content.decode()
        )
    assert names(record) == []


def test_without_a_script_tags_and_sector_have_a_page_with_a_way_back(as_, owner, row, tags):
    kind, record = row
    client = as_(owner)
    record_page = client.get(record.get_absolute_url()).content.decode()
    assert f'href="{at(kind, record, "tags")}"' in record_page
    page = client.get(at(kind, record, "tags"))
    assert "<h1" in page.content.decode()
    given = {"tags": [tags[0].pk], "tag_name": ""}
    answer = client.post(at(kind, record, "tags"), given)
    assert names(record) == [GREEN]
    done = client.get(answer.url)
    back = client.post(at(kind, record, "tags"), {"undo": done.context["undo"]["token"]})
    assert back.url == record.get_absolute_url()
    assert names(record) == []
    assert 'name="sector"' in client.get(at(kind, record, "sector")).content.decode()


def test_the_sector_of_a_lead_that_became_a_project_is_changed_there(as_, owner):
    project = make.project(owner)
    client, lead = as_(owner), project.lead
    assert at("leads", lead, "sector") not in client.get("/leads/?project=yes").content.decode()
    answer = save(
        client, "leads", lead, "sector", {"sector": "none", "initial-sector": "", "version": lead.version}
    )
    assert (answer.status_code, "请在项目里改" in answer.content.decode()) == (403, True)
    assert Project.objects.get(pk=project.pk).sector_kind == project.sector_kind


def test_a_project_whose_sector_changed_is_matched_anew(as_, owner, monkeypatch):
    project, rung = make.project(owner), []
    monkeypatch.setattr("projects.views.cells.ring", lambda task, pk: rung.append(pk))
    client = as_(owner)
    given = sent(client, "projects", project, "sector", sector=FusionSector.objects.first().code)
    answer = save(client, "projects", project, "sector", given)
    undo(client, "projects", project, "sector", answer)
    assert rung == [project.pk, project.pk]


def test_the_page_of_tags_is_reached_from_the_record(as_, owner, leader, row):
    kind, record = row
    name = "projects:lead_cell" if kind == "leads" else "projects:cell"
    address = reverse(name, args=[record.pk, "tags"])
    assert address in as_(owner).get(record.get_absolute_url()).content.decode()
    assert address not in as_(leader).get(record.get_absolute_url()).content.decode()
