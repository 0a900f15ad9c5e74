"""Correcting something else never empties a field whose choice may no longer be made anew."""

from datetime import date

import pytest

from django.urls import reverse

from crm.models import Carrier, FutureTrack, User
from leads.models import Lead
from projects.models import Project
from tests import make

pytestmark = pytest.mark.django_db
PAST = date(2026, 1, 1)


def sent_back(form, **changes):
    """What a browser would send back unchanged, with the hidden twins of the fields."""
    data = {}
    for field in form:
        value = field.value()
        value = (
            [str(one) for one in value] if isinstance(value, list) else "" if value is None else str(value)
        )
        data[field.html_name] = value
        if field.field.show_hidden_initial:
            data[field.html_initial_name] = twin(form, field, value)
    return {**data, **changes}


def twin(form, field, value):
    """What the hidden twin of `field` holds: on a refused form what that page put there."""
    if not form.is_bound:
        return value
    kept = form.data.getlist(field.html_initial_name)
    return kept if isinstance(value, list) else kept[0]


def corrected(client, address, **changes):
    form = client.get(address).context["form"]
    answer = client.post(address, sent_back(form, **changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return form


def leave(*people):
    User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=False)


def test_a_trip_keeps_its_people_who_have_left(as_, owner, teammate, outsider, station):
    trip = make.roadshow(station, leader=teammate)
    trip.members.set([owner, teammate, outsider])
    leave(owner, teammate)
    corrected(as_(station), reverse("leads:roadshow_edit", args=[trip.pk]), title="改了标题的行程")
    trip.refresh_from_db()
    assert (trip.title, trip.leader) == ("改了标题的行程", teammate)
    assert set(trip.members.all()) == {owner, teammate, outsider}


@pytest.mark.parametrize("gone", [True, False])
def test_a_lead_keeps_an_owner_who_left_or_works_elsewhere(as_, owner, outsider, head, gone):
    lead = make.lead(owner)
    Lead.objects.filter(pk=lead.pk).update(owner=owner if gone else outsider)
    leave(owner)
    corrected(as_(head), reverse("leads:edit", args=[lead.pk]), next_step="约见")
    lead.refresh_from_db()
    assert (lead.next_step, lead.owner) == ("约见", owner if gone else outsider)


@pytest.mark.parametrize("gone", [True, False])
def test_a_project_keeps_an_owner_who_left_or_works_elsewhere(as_, owner, outsider, head, gone):
    project = make.project(owner)
    Project.objects.filter(pk=project.pk).update(owner=owner if gone else outsider)
    leave(owner)
    corrected(as_(head), reverse("projects:edit", args=[project.pk]), next_step="约见")
    project.refresh_from_db()
    assert (project.next_step, project.owner) == ("约见", owner if gone else outsider)


def test_retired_words_stay_where_they_are_and_are_offered_nowhere_else(as_, owner, head):
    project, other, lead = make.project(owner), make.project(owner), make.screened(owner)
    track, carrier = FutureTrack.objects.get(code="ai"), Carrier.objects.get(code="banshan")
    project.carriers.set([carrier])
    project.tracks.set([track])
    other.tracks.clear()
    Project.objects.filter(pk=project.pk).update(carrier=carrier)
    for model, word in ((FutureTrack, track), (Carrier, carrier)):
        model.objects.filter(pk=word.pk).update(active_to=PAST)
    client = as_(head)
    corrected(client, reverse("projects:edit", args=[project.pk]), next_step="约见")
    project.refresh_from_db()
    assert (project.carrier, list(project.carriers.all()), list(project.tracks.all())) == (
        carrier, [carrier], [track],
    )  # fmt: skip
    fields = client.get(reverse("projects:edit", args=[other.pk])).context["form"].fields
    assert track not in fields["tracks"].queryset
    assert carrier not in fields["carrier"].queryset
    screening = client.get(lead.get_absolute_url()).context["screening_form"]
    assert track in screening.fields["tracks"].queryset
    fresh = make.lead(owner)
    fresh.move_to("screening", by=owner, at=make.NOW)
    screening = client.get(fresh.get_absolute_url()).context["screening_form"]
    assert track not in screening.fields["tracks"].queryset
