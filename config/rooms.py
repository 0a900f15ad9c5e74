"""The order inside an app, checked by import-linter: every module stands in a room, and imports go down.

A contract of type `rooms` in pyproject.toml names a package and its rooms from top to bottom, each by
patterns of the modules directly under the package: `a | b` are doors that do not import one another,
`a : b` share a room. The room `*` holds every module that no other pattern names: what does the work is
called after its work, so that a new module needs no new line. Migrations stand outside.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple

from importlinter import Contract, ContractCheck, fields, output

REST = "*"
OUTSIDE = ("migrations",)


class Place(NamedTuple):
    """How deep a module stands, and behind which of the doors on that floor."""

    floor: int
    door: int


class RoomsContract(Contract):
    package = fields.StringField()
    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph, verbose):
        """Kept unless a module imports one of a higher floor, or one behind another door of its own."""
        wrong = [
            (importer, imported)
            for importer in sorted(self._inside(graph))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self._is_wrong(importer, imported)
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check):
        for importer, imported in check.metadata["wrong"]:
            output.print_error(f"{importer} must not import {imported}")
        output.new_line()

    def _inside(self, graph):
        return [name for name in graph.modules if self._name(name) and self._name(name) not in OUTSIDE]

    def _name(self, module):
        """The part of `module` directly under the package; "" for the package itself and for others."""
        package, _, rest = module.partition(".")
        return rest.partition(".")[0] if package == self.package else ""

    def _is_wrong(self, importer, imported):
        if not self._name(imported):
            return False
        above, below = self._place(self._name(importer)), self._place(self._name(imported))
        return below.floor < above.floor or (below.floor == above.floor and below.door != above.door)

    def _place(self, name):
        rest = None
        for floor, room in enumerate(self.rooms):
            for door, patterns in enumerate(room.split("|")):
                wanted = [pattern.strip() for pattern in patterns.split(":")]
                if REST in wanted:
                    rest = Place(floor, door)
                elif any(fnmatchcase(name, pattern) for pattern in wanted):
                    return Place(floor, door)
        return rest
