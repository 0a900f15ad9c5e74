"""How projects stand with funds and policies: how many of each verdict, and which, read from their sheets."""

from django.db.models import BinaryField, F, Func, Value

from crm.workdays import shanghai_day
from projects.known import facts_of
from projects.matching import answer
from projects.models import Fund, MatchSheet, Project
from projects.offers import offer_of


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
    """Those of `projects` of which the fund or policy says `verdict`, with when their sheet last changed."""
    letter = Func(
        F("sheet__verdicts"), Value(one.slot + 1), Value(1), function="substr", output_field=BinaryField()
    )
    chosen = projects.annotate(letter=letter, judged_at=F("sheet__judged_at"))
    return chosen.filter(letter=MatchSheet.LETTERS[verdict]) if verdict else chosen.none()


def explained(one, projects, at):
    """What a fund or policy says of each of these projects with its reasons, as unsaved Match rows."""
    day = shanghai_day(at)
    offer = offer_of(one, day)
    if offer is None:
        return {}
    known = facts_of(projects, day)
    return {project.pk: answer(project, offer, known[project.pk], at) for project in projects}
