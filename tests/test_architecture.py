"""Who may import whom: the contracts of pyproject.toml hold, and each finds what is planted against it."""

import tomllib
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from importlinter import configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

from config.rooms import RoomsContract

configuration.configure()
ROOT = Path(__file__).parent.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
TYPES = {"layers": LayersContract, "forbidden": ForbiddenContract, "rooms": RoomsContract}
CONTRACTS = [TYPES[one["type"]](one["name"], OPTIONS, one) for one in OPTIONS["contracts"]]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph(*OPTIONS["root_packages"], cache_dir=None)


def broken(graph):
    """The names of the contracts this graph breaks."""
    return [one.name for one in CONTRACTS if not one.check(deepcopy(graph), verbose=False).kept]


def test_the_imports_of_the_house_keep_every_contract(graph):
    assert broken(graph) == []


PLANTED = [
    ("crm.search", "leads.models.leads", "Packages import downwards only"),
    ("leads.board", "projects.board", "Packages import downwards only"),
    ("projects.matching", "config.schedule", "Packages import downwards only"),
    ("projects.views.board", "leads.views.board", "Pages of one app are not imported by another"),
    ("leads.views.listing", "crm.views.audit", "Pages of the ground floor are not imported by leads"),
    ("crm.paging", "crm.forms", "Rooms of crm"),
    ("crm.models.people", "crm.permissions", "Rooms of crm"),
    ("crm.scoping", "crm.models.people", "Rooms of crm"),
    ("crm.admin", "crm.views.audit", "Rooms of crm"),
    ("leads.views.record", "leads.api", "Rooms of leads"),
    ("leads.intake", "leads.forms", "Rooms of leads"),
    ("leads.claims", "leads.tasks", "Rooms of leads"),
    ("leads.roadshow_forms", "leads.views.roadshows", "Rooms of leads"),
    ("leads.models.leads", "leads.intake", "Rooms of leads"),
    ("leads.stages", "leads.models.leads", "Rooms of leads"),
    ("projects.api", "projects.views.doors", "Rooms of projects"),
    ("projects.admin", "projects.api", "Rooms of projects"),
    ("projects.matching", "projects.forms", "Rooms of projects"),
    ("projects.opening", "projects.tasks", "Rooms of projects"),
    ("projects.gates", "projects.models.projects", "Rooms of projects"),
    ("projects.stages", "projects.gates", "Rooms of projects"),
    ("projects.views.record", "projects.urls", "Rooms of projects"),
    ("projects.a_new_module", "projects.views.record", "Rooms of projects"),
]


@pytest.mark.parametrize(("importer", "imported", "contract"), PLANTED)
def test_a_planted_import_breaks_its_contract(graph, importer, imported, contract):
    planted = deepcopy(graph)
    planted.add_import(importer=importer, imported=imported, line_number=1, line_contents="import it")
    assert broken(planted) == [contract]


ALLOWED = [
    ("projects.views.board", "projects.forms"),
    ("projects.views.board", "projects.a_new_module"),
    ("projects.filters", "projects.forms"),
    ("projects.matching", "projects.known"),
    ("projects.tasks", "projects.matching"),
    ("leads.views.moves", "leads.tasks"),
    ("leads.models.leads", "leads.stages"),
]


@pytest.mark.parametrize(("importer", "imported"), ALLOWED)
def test_an_import_downwards_or_within_a_room_breaks_nothing(graph, importer, imported):
    planted = deepcopy(graph)
    planted.add_import(importer=importer, imported=imported, line_number=1, line_contents="import it")
    assert broken(planted) == []
