"""反向匹配: the projects and leads that meet criteria in force; the same page for whatever has criteria.

A page says what it is about by a Subject; for funds and policies that is made here.
"""

from dataclasses import dataclass

from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import audit, roles, rules
from crm.answers import says_why
from crm.errors import NotAllowed, Refused
from crm.facts import accounts, told_beside
from crm.workdays import shanghai_day
from projects import exports, reversing
from projects.models import CriteriaVersion, Fund, Policy
from projects.offers import offer_of
from projects.reverse_filters import ReverseFilter
from projects.views import doors
from projects.what_if import NotLooser, loosenable, what_if

ALSO = ("page", "rule", "bound")
SETTLED = {
    Fund: "基金筹建中，尚不能出资，现在一律只列入储备；下面是设立以后的结论。",
    Policy: "下面是只按条件比对的结论。",
}
CLOSED = {
    Fund: Refused("基金已关闭，不再和项目、线索匹配。", code="fund_closed"),
    Policy: Refused("政策已废止，不再和项目、线索匹配。", code="policy_closed"),
}
NAMES_LATER = "项目和线索由招商单位推荐后才会以名称出现，这里只给数目。"


@dataclass(frozen=True)
class Subject:
    """What the criteria belong to: its name and page, the plan in force, and the addresses of its list.

    `caution` is said above the list, of a fund that cannot invest yet, say.
    """

    name: str
    url: str
    plan: rules.Plan
    version: CriteriaVersion | None
    address: str
    export: str
    caution: str = ""


MODELS = {Fund.FIELD: Fund, Policy.FIELD: Policy}


def _subject(request, whose, pk, day):
    """The Subject of a visible fund or policy; Refused when it is closed, 404 when it is invisible."""
    model = MODELS[whose]
    one = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    offer = offer_of(one, day)
    if offer is None:
        raise CLOSED[model]
    return Subject(
        name=one.name,
        url=one.get_absolute_url(),
        plan=offer.plan,
        version=CriteriaVersion.objects.filter(pk=offer.version_id).first(),
        address=reverse(f"projects:{whose}_reverse", args=[pk]),
        export=reverse(f"projects:{whose}_reverse_export", args=[pk]),
        caution=_caution(offer, model),
    )


def _caution(offer, model):
    if offer.settled is None:
        return ""
    reason = f"{offer.settled.reason}；" if model is Policy else ""
    return f"{reason}{SETTLED[model]}"


@require_safe
@says_why
def reverse_list(request, whose, pk):
    """The projects and leads that fit a fund or policy."""
    day = doors.today()
    return listing(request, _subject(request, whose, pk, day), day)


@require_safe
@says_why
@transaction.atomic
def reverse_export(request, whose, pk):
    """The same list as a workbook."""
    at = timezone.now()
    return export(request, _subject(request, whose, pk, shanghai_day(at)), at)


@require_safe
@says_why
def reverse_one(request, whose, pk, kind, number):
    """Why one project or lead fits a fund or policy or not, clause by clause."""
    day = doors.today()
    return explanation(request, _subject(request, whose, pk, day), kind, number, day)


def listing(request, subject, day):
    """The page of a Subject's list; a fund's own account is told numbers only."""
    if request.user.role == roles.FUND:
        return _numbers(request, subject, day)
    if request.user.role not in roles.SEES_RECORDS:
        return TemplateResponse(request, "nothing_here.html", {"what": "项目和线索"})
    seen = reversing.seen_by(request.user)
    filters = ReverseFilter(request.GET, seen["project"], request=request, today=day, also=ALSO)
    records = filters.narrowed(seen)
    (standing,) = reversing.judged([subject.plan], records, day)
    verdict, tried = _verdict(filters, standing), _tried(request, subject, records, day)
    page = reversing.page_of(standing.with_verdict(verdict), request.GET.get("page", ""))
    context = {
        **_frame(subject, standing),
        **_asked(filters, standing, verdict),
        "page": page,
        "rows": reversing.explained(subject.plan, page.rows, records, day),
        "rules": loosenable(subject.plan),
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


def _frame(subject, standing):
    counts = standing.counts
    return {"subject": subject, "looked": sum(counts.values()), "counts": counts}


def _numbers(request, subject, day):
    """For a fund's own account: how many of all, and no names before they are recommended."""
    doors.refuse_parameters(request)
    (standing,) = reversing.judged([subject.plan], reversing.everything(), day)
    numbers = [(code.value, code.label, standing.counts[code]) for code in reversing.ORDER]
    context = {**_frame(subject, standing), "numbers": numbers, "names_later": NAMES_LATER}
    return TemplateResponse(request, "projects/reverse.html", context)


def _verdict(filters, standing):
    """The verdict asked for; without one the best that occurs."""
    if wanted := filters.form.cleaned_data["verdict"]:
        return rules.VerdictCode(wanted)
    counts = standing.counts
    return next((code for code in reversing.ORDER if counts[code]), reversing.ORDER[0])


def _tried(request, subject, records, day):
    """What the person tried to loosen: what was typed, and its outcome or why there is none."""
    number, text = request.GET.get("rule", ""), request.GET.get("bound", "")
    if not number and not text:
        return None
    typed = {"rule": number, "bound": text[:40]}
    try:
        return typed | {"outcome": what_if(subject.plan, number, text, records, day)}
    except NotLooser as refusal:
        return typed | {"error": refusal.detail}


def export(request, subject, at):
    """The filtered list of a Subject as a workbook with the reasons; written into the audit log."""
    _names_allowed(request.user)
    seen, day = reversing.seen_by(request.user), shanghai_day(at)
    filters = ReverseFilter(request.GET, seen["project"], request=request, today=day)
    records = filters.narrowed(seen)
    (standing,) = reversing.judged([subject.plan], records, day)
    if wanted := filters.form.cleaned_data["verdict"]:
        standing = standing.with_verdict(rules.VerdictCode(wanted))
    file, rows = exports.reverse_workbook(subject.plan, standing, records, by=request.user, at=at)
    detail = {"list": "reverse", "name": subject.name, "rows": rows, "filters": filters.words()}
    audit.record(request.user, "export", detail=detail, at=at)
    return FileResponse(file, as_attachment=True, filename=f"反向匹配-{subject.name}-{day:%Y%m%d}.xlsx")


def explanation(request, subject, kind, number, day):
    """The page of one project or lead under the criteria of a Subject."""
    _names_allowed(request.user)
    if kind not in reversing.KINDS or number >= 2**63:
        raise Http404
    seen = reversing.seen_by(request.user)
    key = (reversing.NO_SCORE, reversing.KINDS.index(kind), number)
    found = reversing.explained(subject.plan, [key], seen, day)
    if not found:
        raise Http404
    tree = found[0].verdict.tree
    told_beside(rules.leaves(tree), accounts(found[0].record.company_id))
    space = "projects:lead_facts" if kind == "lead" else "projects:facts"
    context = {
        "subject": subject,
        "one": found[0],
        "tree": tree,
        "notes": list(rules.notes(tree)),
        "facts_url": reverse(space, args=[number]),
        "day": day,
    }
    return TemplateResponse(request, "projects/reverse_one.html", context)


def _names_allowed(user):
    if user.role == roles.FUND:
        raise NotAllowed(NAMES_LATER)
