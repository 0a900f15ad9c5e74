"""Correcting a lead: saved once, never over somebody else's change without a choice."""

import re

import pytest

from django.utils import timezone

from crm.errors import NotAllowed
from leads.editing import EditRefused, edit
from leads.models import Lead
from projects.opening import accept
from tests import callers, make


@pytest.fixture
def lead(owner):
    return make.lead(owner, "深圳恒远智能装备有限公司", amount_wan=3000, next_step="寄材料")


def opened(client, lead):
    """The fields of the form as a browser would send them back unchanged."""
    page = client.get(f"/leads/{lead.pk}/edit/")
    form = page.context["form"]
    sent = {"version": lead.version}
    for field in form.visible_fields():
        value = field.value()
        value = "" if value is None else str(value)
        sent[field.name] = sent[f"initial-{field.name}"] = value
    return sent


def save(client, lead, sent, **changes):
    return client.post(f"/leads/{lead.pk}/edit/", {**sent, **changes})


def test_a_correction_is_saved_and_found_under_its_new_name(as_, owner, lead):
    client = as_(owner)
    answer = save(client, lead, opened(client, lead), title="深圳恒远机器人有限公司", amount_wan="1.2亿")
    assert answer.status_code == 302
    lead.refresh_from_db()
    assert (lead.title, lead.amount_wan, lead.version) == ("深圳恒远机器人有限公司", 12000, 2)
    assert [r.title for r in Lead.objects.search("机器人")] == ["深圳恒远机器人有限公司"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "请填写"),
        ({"amount_wan": "五千"}, "看不出确切数字"),
        ({"area_sqm": "3亩"}, "土地面积"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(as_, owner, lead, changes, words):
    client = as_(owner)
    answer = save(client, lead, opened(client, lead), next_step="改过的下一步", **changes)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "改过的下一步" in answer.content.decode()
    lead.refresh_from_db()
    assert (lead.version, lead.next_step) == (1, "寄材料")


def test_who_may_assign_links_a_leader_and_the_project_keeps_it(as_, owner, head, leader):
    lead = make.screened(owner)
    assert "leader" not in as_(owner).get(f"/leads/{lead.pk}/edit/").context["form"].fields
    save(as_(owner), lead, opened(as_(owner), lead), leader=leader.pk)
    assert Lead.objects.get().leader is None
    with pytest.raises(NotAllowed):
        edit(lead, {"leader": leader}, by=owner, at=timezone.now(), version=Lead.objects.get().version)
    lead.refresh_from_db()
    client = as_(head)
    assert save(client, lead, opened(client, lead), leader=owner.pk).status_code == 400
    with pytest.raises(EditRefused, match="不是在岗的区领导"):
        edit(lead, {"leader": owner}, by=head, at=timezone.now(), version=lead.version)
    assert save(client, lead, opened(client, lead), leader=leader.pk).status_code == 302
    page = as_(owner).get(lead.get_absolute_url()).content.decode()
    assert "<dt>联系区领导</dt><dd>区领导</dd>" in page
    assert callers.person(owner).get(f"leads/{lead.pk}/").json()["leader_label"] == "区领导"
    lead.refresh_from_db()
    assert accept(lead, by=owner, at=timezone.now()).leader == leader


def stale(as_, owner, teammate, lead, **mine):
    client = as_(owner)
    sent = opened(client, lead)
    theirs = {"next_step": "周舟写的", "area_sqm": 800}
    edit(lead, theirs, by=teammate, at=timezone.now(), version=1)
    return client, sent, save(client, lead, sent, **mine)


def test_a_stale_save_shows_both_values_and_writes_nothing(as_, owner, teammate, lead):
    _, _, answer = stale(as_, owner, teammate, lead, next_step="我写的", amount_wan="5000")
    text = answer.content.decode()
    assert answer.status_code == 412
    rows = {row["clash"].name: row for row in answer.context["clashes"]}
    assert rows.keys() == {"next_step", "amount_wan", "area_sqm"}
    assert (rows["next_step"]["chosen"], rows["amount_wan"]["chosen"], rows["area_sqm"]["chosen"]) == (
        "theirs", "mine", "theirs",
    )  # fmt: skip
    assert "我写的" in text
    assert "周舟写的" in text
    assert 'name="choose-next_step" value="theirs" required checked' in text
    assert "现在的内容（默认）" in text
    lead.refresh_from_db()
    assert (lead.next_step, lead.amount_wan, lead.area_sqm) == ("周舟写的", 3000, 800)


def hidden(answer):
    """Every field of the page of both values, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", answer.content.decode().split('class="panel"')[1]):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden" and attributes["name"] != "csrfmiddlewaretoken":
            found.setdefault(attributes["name"], []).append(attributes.get("value", ""))
    return found


def test_the_person_chooses_per_field_and_then_it_is_saved(as_, owner, teammate, lead):
    client, _, answer = stale(as_, owner, teammate, lead, next_step="我写的", amount_wan="5000")
    choice = {"choose-next_step": "mine", "choose-amount_wan": "mine", "choose-area_sqm": "theirs"}
    done = client.post(f"/leads/{lead.pk}/edit/", {**hidden(answer), **choice})
    assert done.status_code == 302
    lead.refresh_from_db()
    assert (lead.next_step, lead.amount_wan, lead.area_sqm, lead.version) == ("我写的", 5000, 800, 3)


def test_a_field_both_changed_is_not_saved_without_a_choice(as_, owner, teammate, lead):
    client, _, answer = stale(as_, owner, teammate, lead, next_step="我写的")
    again = client.post(f"/leads/{lead.pk}/edit/", {**hidden(answer), "choose-area_sqm": "theirs"})
    assert again.status_code == 412
    lead.refresh_from_db()
    assert (lead.next_step, lead.version) == ("周舟写的", 2)


def test_only_who_may_assign_is_offered_an_owner_of_the_own_unit(as_, owner, head, teammate, outsider, lead):
    assert "owner" not in as_(owner).get(f"/leads/{lead.pk}/edit/").context["form"].fields
    client = as_(head)
    sent = opened(client, lead)
    assert save(client, lead, sent, owner=outsider.pk).status_code == 400
    assert save(client, lead, sent, owner=teammate.pk).status_code == 302
    lead.refresh_from_db()
    assert lead.owner == teammate


def test_a_trip_one_may_not_see_stays_where_it_is(as_, station, outsider, wanggu):
    lead = make.lead(station, roadshow=make.roadshow(station))
    Lead.objects.filter(pk=lead.pk).update(unit=wanggu, owner=outsider)
    client = as_(outsider)
    assert save(client, lead, opened(client, lead), next_step="约参观").status_code == 302
    lead.refresh_from_db()
    assert lead.roadshow is not None


@pytest.mark.parametrize("person", ["leader", "auditor"])
def test_readers_do_not_correct(as_, request, person, lead):
    client = as_(request.getfixturevalue(person))
    assert client.get(f"/leads/{lead.pk}/edit/").status_code == 403
    assert client.post(f"/leads/{lead.pk}/edit/", {"title": "别的", "version": 1}).status_code == 403
    lead.refresh_from_db()
    assert lead.version == 1
