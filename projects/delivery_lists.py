"""The list behind one number of 签约与到位: its rows, the shares in them, and what only a share tells of."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import QueryDict

from crm import display
from crm.workdays import shanghai_day
from projects import stages
from projects.agreements import standing
from projects.counting import KINDS, amounts, counted
from projects.crediting import ZERO, Credit, of_unit, together
from projects.deliveries import unseen
from projects.exports import CHUNK, Listing
from projects.models import Project, Receipt
from projects.receipts import sums

RECEIPTS, AMOUNT = "receipts", "amount"
TITLES = {**KINDS, "ended": "解除", AMOUNT: "签约额", RECEIPTS: "到位资金"}
PARTS = {RECEIPTS: "received_wan", AMOUNT: "amount_wan"}
SHARED = (("份额（%）", 10), ("首报（看不到项目的）", 26), ("计入本单位", 26))
COLUMNS = (
    ("项目（看不到的写企业）", 34), ("项目编号", 16), ("责任单位", 16), ("阶段", 10),
    ("年末签约额（万元）", 18), ("负责人", 10), *SHARED,
)  # fmt: skip
OF_AMOUNT = (*COLUMNS[:4], ("本年增减（万元）", 18), *COLUMNS[4:])
OF_RECEIPTS = (
    ("项目（看不到的写企业）", 34), ("项目编号", 16), ("责任单位", 16), ("到位日期", 13),
    ("金额（万元）", 14), ("用途", 24), ("凭证", 16), ("凭证编号", 24), *SHARED,
)  # fmt: skip


@dataclass(frozen=True)
class Behind:
    """What stands behind a number of `kind`: receipts, or projects; `given` are year, unit and credited.

    `shares` is {project id: percent} where a unit with shares is asked for; `nets` {project id: 万元} what
    each adds to 签约额 in the year, where that is asked; `hidden` are [(Unseen, its part in words)] of what
    the reader's unit is credited with unseen.
    """

    kind: str
    given: dict
    rows: QuerySet
    shares: dict
    nets: dict
    hidden: list

    def mark(self, rows):
        """Give each row what the list says of its project: the percent, the standing as the year ends."""
        last = date(self.given["year"], 12, 31)
        for row in rows:
            project = row.project if self.kind == RECEIPTS else row
            project.percent, project.net = self.shares.get(project.pk), self.nets.get(project.pk)
            if self.kind != RECEIPTS:
                project.standing = standing(project.agreements.all(), last)
        return rows

    def sums(self):
        """The `sum` of a list of money, and the `part` of the unit with shares: the number behind which it
        stands."""
        if self.kind not in PARTS:
            return {}
        name, unit, wholes = PARTS[self.kind], self.given["credited"], self._wholes()
        found = {"sum": sum((getattr(one, name) for one in wholes.values()), ZERO)}
        if unit:
            own = getattr(together(wholes, unit.pk, date(self.given["year"], 12, 31)), name)
            found["part"] = sum((getattr(one.credit, name) for one, _ in self.hidden), own)
        return found

    def _wholes(self):
        """{lead id: Credit} of the money, undivided."""
        if self.kind == RECEIPTS:
            found = sums(self.rows, self.given["year"])
            return {lead: Credit(received_wan=money) for (_, lead), (_, money) in found.items()}
        leads = self.rows.order_by().values_list("pk", "lead")
        return {lead: Credit(amount_wan=self.nets[pk]) for pk, lead in leads}

    def query(self, **more):
        """What was asked for, as the address says it."""
        query = QueryDict(mutable=True)
        query["year"] = self.given["year"]
        for name in ("unit", "credited"):
            if self.given[name]:
                query[name] = self.given[name].code
        query.update(more)
        return query

    def words(self):
        """What was asked for, to be read."""
        named = (("责任单位", "unit"), ("有份额的单位", "credited"))
        units = [f"{label} {self.given[name]}" for label, name in named if self.given[name]]
        return "；".join((f"{self.given['year']} 年{TITLES[self.kind]}", *units))


def behind(user, kind, given):
    """The Behind of one number for `user`, who reads reports (projects/deliveries.py)."""
    start, end = date(given["year"], 1, 1), date(given["year"], 12, 31)
    projects = Project.objects.visible_to(user).filter(**({"unit": given["unit"]} if given["unit"] else {}))
    if kind == RECEIPTS:
        received = Receipt.objects.visible_to(user).standing().filter(received_on__range=(start, end))
        projects = projects.filter(pk__in=received.values("project"))
    else:
        projects = counted(projects, kind, start, end)
    shares = of_unit(projects, given["credited"], end) if given["credited"] else {}
    if given["credited"]:
        projects = projects.filter(pk__in=list(shares))
    if kind == RECEIPTS:
        rows = received.filter(project__in=projects).select_related("project__unit", "by")
    else:
        rows = projects.select_related("unit", "owner").prefetch_related("agreements")
    nets = amounts(projects, start, end) if kind == AMOUNT else {}
    return Behind(kind, given, rows, shares, nets, _hidden(user, kind, given))


def _hidden(user, kind, given):
    if given["unit"] or (given["credited"] and given["credited"].pk != user.unit_id):
        return []
    found = unseen(user, given["year"])
    return [(one, _part(one.credit, kind)) for one in found if getattr(one.credit, PARTS.get(kind, kind))]


def _part(credit, kind):
    """What the own part of a project comes to, in the words of the kind."""
    if kind in PARTS:
        return display.money(getattr(credit, PARTS[kind]), None)
    number = f"{display.number(getattr(credit, kind), None)} 个"
    return f"{number}，{display.money(credit.amount_wan, None)}" if kind in ("signed", "ended") else number


def listing_of(found):
    """The Listing of a Behind: its rows in the order of the page, and below them what is not seen."""
    columns = {RECEIPTS: OF_RECEIPTS, AMOUNT: OF_AMOUNT}.get(found.kind, COLUMNS)
    number = found.rows.order_by().count() + len(found.hidden)

    def lines():
        for row in found.rows.order_by("-created_at", "-pk").iterator(CHUNK):
            yield (_receipt if found.kind == RECEIPTS else _project)(*found.mark([row]))
        for one, part in found.hidden:
            yield _unseen(one, part, len(columns))

    return Listing(f"{TITLES[found.kind]}-{found.given['year']}", columns, number, lines)


def _project(row):
    signed = row.standing.amount_wan if row.standing.is_signed else None
    stage = stages.MAP.labels[row.stage]
    nets = [] if row.net is None else [row.net]
    return [
        str(row),
        row.code,
        row.unit.name,
        stage,
        *nets,
        signed,
        str(row.owner or ""),
        row.percent,
        "",
        "",
    ]


def _receipt(row):
    project = row.project
    paid = [row.received_on, row.amount_wan, row.purpose, row.get_proof_display(), row.proof_number]
    return [str(project), project.code, project.unit.name, *paid, project.percent, "", ""]


def _unseen(one, part, width):
    lead, claim = one.lead, one.lead.claim
    name = lead.company.name if lead.company else lead.title
    shared = [one.percent, f"{claim.unit} {shanghai_day(claim.claimed_at)}", part]
    return [name, *[""] * (width - 1 - len(shared)), *shared]
