"""A building drawn floor by floor: each space as long as its area, in the colour of its state."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from projects.models import Space

WIDTH, LEFT, ROW, BAR = 300, 34, 14, 11  # of the picture, in its own units


@dataclass(frozen=True)
class Cell:
    """One space as a bar."""

    space: Space
    x: float
    y: int
    width: float


@dataclass(frozen=True)
class Floor:
    number: int
    y: int
    cells: list[Cell]

    @property
    def name(self):
        return f"地下{-self.number}" if self.number < 0 else f"{self.number} 层"


@dataclass(frozen=True)
class Plan:
    """A building with its floors from top to bottom, and its areas in ㎡."""

    building: object
    floors: list[Floor]
    total: Decimal
    free: Decimal

    @property
    def box(self):
        return f"0 0 {WIDTH} {max(len(self.floors), 1) * ROW}"


def plans(buildings, spaces):
    """The Plans of these buildings, in their order, drawn from these spaces."""
    of = defaultdict(list)
    for space in spaces:
        of[space.building_id].append(space)
    return [_plan(building, of[building.pk]) for building in buildings]


def _plan(building, spaces):
    levels = defaultdict(list)
    for space in sorted(spaces, key=lambda one: (one.label, one.pk)):
        levels[space.floor].append(space)
    widest = max((sum(one.area_sqm for one in level) for level in levels.values()), default=Decimal(1))
    floors = [
        _floor(number, levels[number], place * ROW, widest)
        for place, number in enumerate(sorted(levels, reverse=True))
    ]
    free = sum(one.area_sqm for one in spaces if one.state == Space.State.FREE)
    return Plan(building, floors, Decimal(sum(one.area_sqm for one in spaces)), Decimal(free))


def _floor(number, spaces, y, widest):
    cells, x = [], float(LEFT)
    for space in spaces:
        width = float(space.area_sqm / widest) * (WIDTH - LEFT)
        cells.append(Cell(space, round(x, 1), y, max(round(width - 1, 1), 1)))
        x += width
    return Floor(number, y, cells)
