"""反向匹配: the projects and leads that meet what a fund, policy or space asks, on one page."""

from django.db import transaction
from django.http import FileResponse, Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, exporting, roles, rules
from crm.answers import says_why
from crm.errors import NotAllowed
from crm.export_pages import ask_page
from crm.facts import accounts, told_beside
from crm.workdays import shanghai_day
from projects import exports, reversing, sheet_size
from projects.reverse_filters import ReverseFilter
from projects.views import doors
from projects.views.reverse_subjects import subject_of
from projects.what_if import NotLooser, loosenable, what_if

ALSO = ("page", "rule", "bound")
NOT_YET = "反向匹配由招商单位和区投促局使用：项目推荐给您的基金以后，在「推荐」里看得到。"


@require_safe
@says_why
def reverse_list(request, whose, pk):
    """The projects and leads that fit a fund, policy or space."""
    day = doors.today()
    return listing(request, subject_of(request, whose, pk, day), day)


@require_safe
@says_why
@transaction.atomic
def reverse_export(request, whose, pk):
    """The same list as a workbook."""
    at = timezone.now()
    return export(request, subject_of(request, whose, pk, shanghai_day(at)), at, whose, pk)


@require_safe
@says_why
def reverse_one(request, whose, pk, kind, number):
    """Why one project or lead fits a fund, policy or space or not, clause by clause."""
    day = doors.today()
    return explanation(request, subject_of(request, whose, pk, day), kind, number, day)


def listing(request, subject, day):
    """The page of a Subject's list; no fund's account is told of whom it was not recommended."""
    _refuse_funds(request.user)
    if request.user.role not in roles.SEES_RECORDS:
        return TemplateResponse(request, "nothing_here.html", {"what": "项目和线索"})
    seen = subject.seen_by(request.user)
    filters = ReverseFilter(request.GET, seen.rows["project"], request=request, today=day, also=ALSO)
    pool = filters.narrowed(seen)
    (standing,) = reversing.judged([subject.plan], pool, day)
    verdict, tried = _verdict(filters, standing), _tried(request, subject, pool, day)
    page = reversing.page_of(standing.with_verdict(verdict), request.GET.get("page", ""))
    context = {
        "subject": subject,
        **_asked(filters, standing, verdict),
        "page": page,
        "rows": reversing.explained(subject.plan, page.rows, pool, day),
        "rules": loosenable(subject.plan, pool),
        "tried": tried,
    }
    status = 400 if tried and "error" in tried else 200
    return TemplateResponse(request, "projects/reverse.html", context, status=status)


def _asked(filters, standing, verdict):
    """The filters as the page shows them, and their addresses for each verdict and for the export."""
    counts = standing.counts
    return {
        "filters": filters,
        "chips": [chip for chip in filters.chips() if chip.name != "verdict"],
        "wanted": verdict,
        "address": filters.address(verdict=verdict.value),
        "verdicts": [
            (code.value, code.label, counts[code], filters.address(verdict=code.value))
            for code in reversing.ORDER
        ],
    }


def _verdict(filters, standing):
    """The verdict asked for; without one the best that occurs."""
    if wanted := filters.form.cleaned_data["verdict"]:
        return rules.VerdictCode(wanted)
    counts = standing.counts
    return next((code for code in reversing.ORDER if counts[code]), reversing.ORDER[0])


def _tried(request, subject, pool, day):
    """What the person tried to loosen: what was typed, and its outcome or why there is none."""
    number, text = request.GET.get("rule", ""), request.GET.get("bound", "")
    if not number and not text:
        return None
    typed = {"rule": number, "bound": text[:40]}
    try:
        return typed | {"outcome": what_if(subject.plan, number, text, pool, day)}
    except NotLooser as refusal:
        return typed | {"error": refusal.detail}


def export(request, subject, at, whose, pk):
    """The filtered list of a Subject as a workbook with the reasons; a large one is asked for first."""
    _refuse_funds(request.user)
    seen, day = subject.seen_by(request.user), shanghai_day(at)
    filters = ReverseFilter(request.GET, seen.rows["project"], request=request, today=day)
    pool = filters.narrowed(seen)
    (standing,) = reversing.judged([subject.plan], pool, day)
    if wanted := filters.form.cleaned_data["verdict"]:
        standing = standing.with_verdict(rules.VerdictCode(wanted))
    if exporting.way(len(standing.numbers), request.user) != exporting.NOW:
        query = request.GET.copy()
        query.update({"whose": whose, "pk": pk})
        words = "，".join(filter(None, (subject.name, filters.words())))
        return ask_page(request, "reverse", len(standing.numbers), words, query=query.urlencode())
    how = {"by": request.user, "at": at, "settled": subject.settled}
    file, rows = exports.reverse_workbook(subject.plan, standing, pool, **how)
    detail = {"list": "reverse", "name": subject.name, "rows": rows, "filters": filters.words()}
    audit.record(request.user, "export", detail=detail, at=at)
    return FileResponse(file, as_attachment=True, filename=f"反向匹配-{subject.name}-{day:%Y%m%d}.xlsx")


def explanation(request, subject, kind, number, day):
    """The page of one project or lead under the criteria of a Subject."""
    _refuse_funds(request.user)
    if kind not in reversing.KINDS or number >= 2**63:
        raise Http404
    seen = subject.seen_by(request.user)
    key = (reversing.NO_SCORE, reversing.KINDS.index(kind), number)
    found = reversing.explained(subject.plan, [key], seen, day)
    if not found:
        raise Http404
    one, tree = found[0], found[0].verdict.tree
    told_beside(rules.leaves(tree), accounts(one.record.company_id))
    mend, words = subject.mend[kind]
    context = {
        "subject": subject,
        "one": one,
        "facts_url": reverse(mend, args=[number]),
        "mend": words,
        "day": day,
        **sheet_size.sheet(f"{one.record} × {subject.name}", tree, one.why),
    }
    return TemplateResponse(request, "projects/reverse_one.html", context)


def _refuse_funds(user):
    if user.role == roles.FUND:
        raise NotAllowed(NOT_YET)
