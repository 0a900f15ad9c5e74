"""The demo's carriers have floors, and its projects look at them."""

from collections import Counter

from crm.models import Carrier, User
from projects.demo import premises
from projects.demo.people import make_people
from projects.models import Building, CandidateSpace, ComputeDemand, Project, Space, SpaceNeed
from tests import make


def test_every_carrier_has_spaces_and_the_projects_need_look_and_settle(db, as_, monkeypatch):
    make_people(None)
    people = {person.username: person for person in User.objects.select_related("unit")}
    monkeypatch.setattr(premises, "HOUSES", [(*h[:2], 2, *h[3:]) for h in premises.HOUSES])
    for number in range(6):
        one = make.project(people["officer" if number % 2 else "officer2"])
        Project.objects.filter(pk=one.pk).update(stage="signed" if number == 2 else "negotiating")
    premises.Premises(make.NOW, people.values()).tell()
    assert set(Building.objects.values_list("carrier__code", flat=True)) == {
        *Carrier.objects.values_list("code", flat=True)
    }
    assert set(Counter(Space.objects.values_list("state", flat=True))) == set(Space.State.values)
    assert (SpaceNeed.objects.count(), ComputeDemand.objects.count()) == (6, 6)
    assert CandidateSpace.objects.final().count() == 1
    assert CandidateSpace.objects.live().exclude(shown_on=None).count() >= 5
    kept = dict(Carrier.objects.exclude(unit=None).values_list("code", "unit__code"))
    assert kept == dict(zip(premises.KEEPERS, premises.KEEPERS, strict=True))
    page = as_(people["head"]).get("/spaces/?carrier=banshan")
    assert "半山智造园 A 栋" in page.content.decode()
    page = as_(people["manager"]).get("/compute/").content.decode()
    assert "缺 " in page
    assert "训练、推理均可" in page
    asked = ComputeDemand.objects.filter(kind="both").first()
    shown = as_(people["manager"]).get(f"/projects/{asked.project_id}/compute/").content.decode()
    assert "只用于训练，需要 训练和推理" in shown
