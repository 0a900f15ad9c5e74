"""匹配单: what the machine says of one project and one fund or policy, on one sheet of A4."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import rules
from crm.answers import says_why
from crm.facts import accounts, told_beside
from crm.workdays import shanghai_day
from projects import one_page
from projects.freshness import refresh
from projects.matching import all_matches_for
from projects.views import doors

MACHINE = "机器按公布条件逐条比对，结论供参考" * 7  # about as long as the line at the foot


@require_safe
@says_why
def match_sheet(request, pk, match_pk):
    """Verdict, every rule with our value and its source, what is missing, and by which document."""
    project, at = doors.found(request, pk), timezone.now()
    refresh(project, at=at)
    one = get_object_or_404(all_matches_for(project), pk=match_pk)
    told_beside(rules.leaves(one.result["tree"]), accounts(project.company_id))
    lines, notes = list(rules.lines(one.result["tree"])), list(rules.notes(one.result["tree"]))
    documents = one_page.number_documents(lines)
    context = {
        "project": project,
        "match": one,
        "lines": lines,
        "documents": documents,
        "notes": notes,
        "cautions": dict.fromkeys(note["caution"] for note in notes),
        "missing": [fact["label"] for fact in one.result["missing"]],
        "settling": [fact["label"] for fact in one.result["to_settle"]],
        "size": one_page.print_size(one.offer.name, lines, list(_texts(one, documents, notes))),
        "today": shanghai_day(at),
    }
    return TemplateResponse(request, "projects/match_sheet.html", context)


def _texts(match, documents, notes):
    """What stands above and below the rules, for reckoning the print; the wording is the template's."""
    result = match.result
    told = result.get("estimate") or {}
    yield "；".join(result["reasons"])
    yield "、".join(fact["label"] for fact in (*result["missing"], *result["to_settle"]))
    yield "；".join(miss["text"] for miss in result["near_misses"])
    yield "".join(str(told.get(key) or "") for key in ("text", "clause", "disclaimer"))
    yield "、".join(match.policy.documents if match.policy_id else ())
    yield from ("".join(map(str, document)) for document in documents)
    for note in notes:
        yield "".join(note[key] for key in ("message", "clause", "document", "document_date", "caution"))
    yield MACHINE
