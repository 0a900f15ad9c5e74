"""The test stand: what every subject measures with, and how a page is put on it."""

from dataclasses import dataclass
from pathlib import Path

from projects.models import Project
from tests.bench import statements
from tests.bench.measure import Book
from tests.bench.site import Site, Visitor
from tests.bench.statements import Bare

REPLAYED = "the page's own SELECTs by plain psycopg + an empty page of the same server"
ROWS = "the same rows by plain psycopg + an empty page of the same server"
WARM = 6
SAMPLE = 30


@dataclass
class Stand:
    """The book, the running site, a plain connection, a folder for files, and a file for plans (or "")."""

    book: Book
    site: Site
    bare: Bare
    folder: Path
    plans: str = ""

    def visitor(self, username):
        """Somebody at the site with a session."""
        return Visitor(self.site, username)

    def page(self, name, visitor, path, floor=None, floor_is=ROWS, **more):
        """One row: `path` is an address or gives the n-th; `floor(n)` fetches its rows; else replayed."""
        address = path if callable(path) else lambda number: path
        asked = visitor.statements(address(0))
        self.keep_plans(f"{name} {address(0)}", asked)
        reads = statements.reads_of(asked)
        if floor is None:
            floor, floor_is = (lambda number: self.bare.replay(reads)), REPLAYED
        size = [visitor.get(address(number)) for number in range(min(WARM, self.book.calls))][0]
        more |= {"queries": len(asked), "kb": round(size / 1000, 1)}
        self.book.calls_of(
            name, lambda number: visitor.get(address(number)), self.beside_empty(floor), floor_is, **more
        )

    def beside_empty(self, floor):
        """The floor's work and an empty page through the same server."""

        def least(number):
            floor(number)
            self.site.empty()

        return least

    def keep_plans(self, title, asked):
        """Keep the plans of slow statements when a file for them was named."""
        if self.plans:
            statements.keep_plans(self.bare, title, asked, self.plans)

    def projects(self):
        """The numbers of some projects under way, the same ones for every subject."""
        return list(Project.objects.open().order_by("pk").values_list("pk", flat=True)[:SAMPLE])
