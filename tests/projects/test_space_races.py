"""Two at once on one space: one project has it, the other is told, and nothing stands half-written."""

import pytest

from projects import candidates, spaces
from projects.models import CandidateSpace, Space
from projects.space_forms import SpaceForm
from tests import make
from tests.racing import Other

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_projects_taking_one_space_at_once_one_wins_and_the_other_is_told(owner, outsider):
    space = make.space()
    mine = candidates.propose(make.project(owner), space, by=owner, at=make.NOW)
    theirs = candidates.propose(make.project(outsider), space, by=outsider, at=make.NOW)
    other = Other(lambda: candidates.settle(theirs, by=outsider, at=make.NOW))
    with other.before('UPDATE "projects_space"'):
        candidates.settle(mine, by=owner, at=make.NOW)
    assert isinstance(other.ended(), candidates.SpaceTaken)
    assert "刚被其他项目确定" in other.found.detail
    assert CandidateSpace.objects.final().get() == mine
    assert list(CandidateSpace.objects.live()) == [mine]
    assert Space.objects.values_list("state", "version").get() == ("reserved", 2)


def test_a_space_let_while_a_project_takes_it_is_not_had_by_both(owner, manager):
    space = make.space()
    one = candidates.propose(make.project(owner), space, by=owner, at=make.NOW)
    form = SpaceForm({**_sent(space), "state": "leased"}, user=manager, row=space)
    assert form.is_valid(), form.errors
    entry = form.entry()
    other = Other(lambda: candidates.settle(one, by=owner, at=make.NOW))
    with other.before('UPDATE "projects_candidatespace"'):
        spaces.change_space(space, entry, by=manager, at=make.NOW, version=1)
    assert isinstance(other.ended(), candidates.CandidateRefused)
    assert not CandidateSpace.objects.live().exists()
    assert Space.objects.values_list("state", "version").get() == ("leased", 2)


def _sent(space):
    names = ("label", "floor", "area_sqm", "available_from", "uses", "version")
    return {"building": space.building_id, **{name: getattr(space, name) for name in names}}
