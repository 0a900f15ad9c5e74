"""How projects stand with funds and policies: how many of each verdict, and which, read from their sheets."""

from django.db.models import BinaryField, Case, F, Func, IntegerField, Value, When
from django.db.models.lookups import Exact

from crm.paging import Order, amount
from crm.workdays import shanghai_day
from projects.known import facts_of
from projects.matching import answer
from projects.models import Fund, MatchSheet, Project
from projects.offers import offer_of

UNSCORED = bytes([MatchSheet.NO_WEIGHT])


def counts(user, model=Fund):
    """{number: {verdict: number}} over the projects under way that `user` sees, for each fund or policy."""
    seen = Project.objects.open().visible_to(user)
    sheets = MatchSheet.objects.filter(project__in=seen).values_list("verdicts", flat=True)
    letters = [bytes(verdicts) for verdicts in sheets]
    width = max(map(len, letters), default=0)
    packed = b"".join(row.ljust(width, MatchSheet.NONE) for row in letters)
    return {
        pk: {code: packed[slot::width].count(letter) for code, letter in MatchSheet.LETTERS.items()}
        for pk, slot in model.objects.values_list("pk", "slot")
        if slot < width
    }


def with_verdict(one, verdict, projects):
    """Those of `projects` of which the fund or policy says `verdict`."""
    chosen = projects.annotate(letter=_byte("verdicts", one))
    return chosen.filter(letter=MatchSheet.LETTERS[verdict]) if verdict else chosen.none()


def best_first(one):
    """The Order of projects by score × coverage for the fund or policy, those without a score last."""
    weight = _byte("weights", one)
    unscored = When(Exact(weight, Value(UNSCORED)), then=Value(-1))
    return Order(Case(unscored, default=_number(weight), output_field=IntegerField()), amount)


def _byte(column, one):
    """What the sheet keeps in `column` at the place of the fund or policy."""
    place = Value(one.slot + 1), Value(1)
    return Func(F(f"sheet__{column}"), *place, function="substr", output_field=BinaryField())


def _number(byte):
    return Func(byte, Value(0), function="get_byte", output_field=IntegerField())


def explained(one, projects, at):
    """What a fund or policy says of each of these projects with its reasons, as unsaved Match rows."""
    day = shanghai_day(at)
    offer = offer_of(one, day)
    if offer is None:
        return {}
    known = facts_of(projects, day)
    return {project.pk: answer(project, offer, known[project.pk], at) for project in projects}
