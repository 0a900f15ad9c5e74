"""首报冲突: the list of cases, one case with both sides' evidence, opening, adding, deciding."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.errors import Refused
from crm.filtersets import refuse_others
from crm.paging import keyset_page
from crm.permissions import may, require
from crm.values import BadValue
from crm.values import uscc as read_uscc
from crm.workdays import shanghai_day
from leads import claims, conflicts, credit
from leads.claim_forms import ConflictForm, DecisionForm, EvidenceForm
from leads.models import Conflict, Lead

RELATED = ("unit", "first_unit", "person", "claim__unit", "claim__lead__unit", "decided_by")


@require_safe
@says_why
def conflict_list(request):
    """The cases a person may see: those that wait first asked for, the decided ones on demand."""
    cases = Conflict.objects.visible_to(request.user).select_related("unit", "first_unit")
    refuse_others(request, page=None, decided=("", "1"))
    is_open = request.GET.get("decided") != "1"
    page = keyset_page(cases.filter(decided_at__isnull=is_open), request.GET.get("page", ""), by="opened_at")
    context = {
        "page": page,
        "is_open": is_open,
        "today": shanghai_day(timezone.now()),
        "may_open": may(request.user, "open_conflict"),
    }
    return TemplateResponse(request, "leads/conflicts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def conflict_new(request):
    """Contest the first report of a company; GET shows what may be known of it."""
    require(request.user, "open_conflict")
    form = ConflictForm(request.POST or None, initial=request.GET.dict())
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                case = conflicts.open_case(
                    given["company_name"], uscc=given["uscc"] or "", investor=given["investor_name"],
                    reason=given["reason"], by=request.user, at=timezone.now(),
                )  # fmt: skip
            except Refused as refusal:
                form.add_refusal(refusal)
                status = refusal.status
            else:
                messages.success(request, f"已提出，区投促局在 {case.due_on:%Y-%m-%d} 前裁决。请补充证据。")
                return HttpResponseRedirect(case.get_absolute_url())
    context = {"form": form, "claim": _named(request)}
    return TemplateResponse(request, "leads/conflict_new.html", context, status=status)


def _named(request):
    """The claim on the company in the form, for its notice."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        code = read_uscc(asked.get("uscc", "")[:60]) or ""
    except BadValue:
        code = ""
    name, investor = (asked.get(field, "")[:120] for field in ("company_name", "investor_name"))
    unit_id = request.user.unit_id
    try:
        claim = claims.contestable(name, code, investor, unit_id=unit_id) if name.strip() else None
    except claims.ClaimRefused:
        claim = None
    return {"notice": claims.notice(claim, unit_id)} if claim else None


def _case(request, pk):
    return get_object_or_404(Conflict.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


@require_safe
@says_why
def conflict(request, pk):
    """One case."""
    return case_page(request, _case(request, pk))


def case_page(request, case, status=200, **forms):
    """The page of a case, with forms that were refused as `forms`."""
    user, lead = request.user, case.claim.lead
    context = {
        "case": case,
        "today": shanghai_day(timezone.now()),
        "evidence": case.evidence.select_related("unit", "by", "visit").order_by("happened_on", "pk"),
        "lead": Lead.objects.visible_to(user).filter(pk=lead.pk).first(),
        "shares": credit.in_words(credit.shares_of(lead)),
    }
    if case.is_open and may(user, "add_evidence", case):
        context["evidence_form"] = EvidenceForm(visits=conflicts.own_visits(case, user), prefix="evidence")
    if case.is_open and may(user, "decide_conflict", case):
        context["decision_form"] = DecisionForm(shares=shares_to_decide(case), prefix="decision")
    return TemplateResponse(request, "leads/conflict.html", {**context, **forms}, status=status)


def shares_to_decide(case):
    """The shares in force, with a place for both sides."""
    lead = case.claim.lead
    return {case.first_unit: 0, lead.unit: 0, case.unit: 0, **credit.shares_of(lead)}


@deed("leads:conflict", "evidence")
def evidence_add(request, pk):
    """Add evidence of one's own side."""
    case = _case(request, pk)
    require(request.user, "add_evidence", case)
    form = EvidenceForm(request.POST, visits=conflicts.own_visits(case, request.user), prefix="evidence")
    if not form.is_valid():
        return case_page(request, case, status=400, evidence_form=form)
    try:
        conflicts.add_evidence(case, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        form.add_refusal(refusal)
        return case_page(request, case, status=refusal.status, evidence_form=form)
    messages.success(request, "证据已补充，双方和区投促局都能看到。")
    return HttpResponseRedirect(case.get_absolute_url())


@deed("leads:conflict", "decision")
def conflict_decide(request, pk):
    """Decide the case."""
    case = _case(request, pk)
    require(request.user, "decide_conflict", case)
    form = DecisionForm(request.POST, shares=shares_to_decide(case), prefix="decision")
    if not form.is_valid():
        return case_page(request, case, status=400, decision_form=form)
    given = form.cleaned_data
    try:
        conflicts.decide(
            case, verdict=given["verdict"], opinion=given["opinion"], shares=form.shares(),
            by=request.user, at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        form.add_refusal(refusal)
        return case_page(request, case, status=refusal.status, decision_form=form)
    messages.success(request, "已裁决，双方单位收到通知。")
    return HttpResponseRedirect(case.get_absolute_url())
