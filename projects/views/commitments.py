"""Commitments: the list over all projects, one commitment, entering, correcting and judging it."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.permissions import may, require
from projects import commitments
from projects.agreement_forms import CommitmentForm, VerdictForm
from projects.commitment_filters import CommitmentFilter, page_of
from projects.models import Commitment
from projects.views import doors
from projects.views.agreements import FORM, history
from projects.views.agreements import found as found_agreement

ROW = ("project__unit", "agreement", "owner", "partner_owner", "judged_by")


@require_safe
@says_why
def commitment_list(request):
    """承诺: what is promised on the projects this person sees, the earliest due first."""
    filters = CommitmentFilter(
        request.GET,
        Commitment.objects.visible_to(request.user).with_end(),
        request=request,
        today=doors.today(),
        also=("page",),
    )
    rows = filters.rows()
    page = page_of(rows.with_backing().select_related(*ROW), request.GET.get("page", ""))
    for one in commitments.warned(page.rows, filters.today):
        one.on_day = one.state(filters.today)
    by_unit = commitments.keeping_by_unit(rows, filters.today)
    context = {
        "filters": filters,
        "chips": filters.chips(),
        "page": page,
        "keeping": sum(by_unit.values(), commitments.Keeping()),
        "address": filters.address(),
        "today": filters.today,
    }
    return TemplateResponse(request, "projects/commitments.html", context)


def found(request, pk):
    """The visible commitment `pk`, or 404."""
    rows = Commitment.objects.visible_to(request.user).with_backing()
    return get_object_or_404(rows.select_related(*ROW), pk=pk)


@require_safe
@says_why
def commitment(request, pk):
    """One commitment: what was promised, what became of it, and the form to say so."""
    return page(request, found(request, pk))


def page(request, row, status=200, form=None):
    """The page of a commitment; `form` is a verdict that was refused."""
    today = doors.today()
    row.on_day, is_ended = row.state(today), row.has_ended(today)
    commitments.warned([row], today)
    can_edit = may(request.user, "edit", row.project)
    if can_edit and form is None and (row.outcome or not is_ended):
        form = VerdictForm(row=row, user=request.user, today=today)
    context = {
        "commitment": row,
        "project": row.project,
        "form": form,
        "is_ended": is_ended,
        "can": {"edit": can_edit},
        "corrections": history(commitment=row),
    }
    return TemplateResponse(request, "projects/commitment.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request, pk, agreement_pk):
    """Enter a commitment of an agreement."""
    agreement = found_agreement(request, pk, agreement_pk)
    require(request.user, "edit", agreement.project)
    form = CommitmentForm(request.POST or None, project=agreement.project)
    back = agreement.get_absolute_url()
    context = {"form": form, "title": f"登记承诺：{agreement}", "project": agreement.project, "back": back}
    if request.method != "POST":
        agreement.project.check_takes("承诺", commitments.CommitmentRefused)
        return TemplateResponse(request, FORM, context)

    entered = []

    def act():
        entered.append(commitments.promise(agreement, form.promise(), by=request.user, at=timezone.now()))

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "承诺已登记。")
    _tell_lack(request, entered[0].pk)
    return HttpResponseRedirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def edit(request, pk):
    """Correct a commitment; what stood there before is kept."""
    row = found(request, pk)
    require(request.user, "edit", row.project)
    form = CommitmentForm(request.POST or None, project=row.project, row=row)
    context = {"form": form, "title": f"更正：{row}", "project": row.project, "back": row.get_absolute_url()}
    if request.method != "POST":
        return TemplateResponse(request, FORM, context)

    def act():
        said = {"version": form.cleaned_data["version"] or 0, "reason": form.text("reason")}
        changes = form.stated(commitments.FIELDS)
        commitments.correct(row, changes, by=request.user, at=timezone.now(), **said)

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "更正已保存，原来的内容留在更正记录里。")
    _tell_lack(request, row.pk)
    return HttpResponseRedirect(row.get_absolute_url())


def _tell_lack(request, pk):
    """Say at once what 公平竞争审查 asks of a promise as it was just written."""
    (row,) = commitments.warned([found(request, pk)], doors.today())
    if row.lack:
        messages.warning(request, row.lack.text)


@deed("projects:commitment")
def judge(request, pk):
    """Record what became of a commitment."""
    row = found(request, pk)
    require(request.user, "edit", row.project)
    form = VerdictForm(request.POST, row=row, user=request.user, today=doors.today())

    def act():
        version = form.cleaned_data["version"] or 0
        commitments.judge(row, form.verdict(), by=request.user, at=timezone.now(), version=version)

    if status := doors.tried(form, act):
        return page(request, found(request, pk), status=status, form=form)
    messages.success(request, "履约结果已记录。")
    return HttpResponseRedirect(row.get_absolute_url())
