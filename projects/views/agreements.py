"""Agreements of a project: entering, correcting, confirming the day that counts; and the dates of proofs."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.permissions import may, require
from projects import agreements, milestones, papers
from projects.agreement_forms import AgreementForm, CountForm, MilestoneForm
from projects.commitments import keeping, warned
from projects.corrections import in_words
from projects.models import Agreement, Correction, Evidence
from projects.views import doors

FORM = "projects/deal_form.html"


def found(request, pk, agreement_pk):
    """The agreement of a visible project, or 404."""
    rows = Agreement.objects.visible_to(request.user).select_related(
        "project__unit",
        "project__company",
        "project__investor",
        "project__registered_company",
        "supervisor",
        "supersedes",
        "by",
    )
    return get_object_or_404(rows, pk=agreement_pk, project=pk)


def history(**of):
    """The corrections of one record, newest first, each with its changes in words."""
    rows = list(Correction.objects.filter(**of).select_related("by"))
    for row in rows:
        row.words = in_words(row)
    return rows


@require_safe
@says_why
def agreement(request, pk, agreement_pk):
    """One agreement: what it says, whom it binds, what was promised in it, what was corrected."""
    return page(request, found(request, pk, agreement_pk))


def page(request, row, status=200, count_form=None):
    """The page of an agreement; `count_form` is one that was refused."""
    today, project = doors.today(), row.project
    may_count = may(request.user, "count", project)
    papers.with_files(project, [row])
    commitments = list(row.commitments.with_backing().select_related("owner", "partner_owner"))
    for one in commitments:
        one.on_day = one.state(today)
    warned(commitments, today)
    context = {
        "agreement": row,
        "project": project,
        "replaced_by": row.superseded_by.first(),
        "firms": _firms(row),
        "commitments": commitments,
        "keeping": keeping(commitments, today),
        "corrections": history(agreement=row),
        "can": {"edit": may(request.user, "edit", project), "count": may_count},
        "count_form": count_form or CountForm(row=row),
    }
    return TemplateResponse(request, "projects/agreement.html", context, status=status)


def _firms(row):
    """(part, name, USCC) of the firms that may differ: who signed, who invests, who is registered here."""
    project = row.project
    others = [("投资主体", project.investor), ("注册公司", project.registered_company or project.company)]
    known = [(part, firm.name, firm.uscc) for part, firm in others if firm]
    return [("签约主体", row.signer, row.signer_uscc), *known]


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request, pk):
    """Enter an agreement of a project."""
    project = doors.found(request, pk)
    require(request.user, "edit", project)
    form = AgreementForm(request.POST or None, request.FILES or None, project=project)
    title = "登记解除协议" if project.is_lost else "登记协议"
    context = {"form": form, "title": title, "project": project, "back": _place(project)}
    if request.method != "POST":
        agreements.check_begun(project)
        return TemplateResponse(request, FORM, context)

    def act():
        scan = form.cleaned_data["paper"]
        agreements.sign(project, form.agreement(), by=request.user, at=timezone.now(), scan=scan)

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "协议已登记；区投促局确认统计日期后计入签约。")
    return HttpResponseRedirect(_place(project))


def _place(project):
    return f"{project.get_absolute_url()}#agreements"


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def edit(request, pk, agreement_pk):
    """Correct an agreement; what stood there before is kept."""
    row = found(request, pk, agreement_pk)
    require(request.user, "edit", row.project)
    form = AgreementForm(request.POST or None, project=row.project, row=row)
    context = {"form": form, "title": f"更正：{row}", "project": row.project, "back": row.get_absolute_url()}
    if request.method != "POST":
        return TemplateResponse(request, FORM, context)

    def act():
        agreements.correct(row, form.stated(agreements.FIELDS), **_said(request, form))

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "更正已保存，原来的内容留在更正记录里。")
    return HttpResponseRedirect(row.get_absolute_url())


def _said(request, form):
    """Who says it, when, over which version, and why."""
    version = form.cleaned_data["version"] or 0
    return {"by": request.user, "at": timezone.now(), "version": version, "reason": form.text("reason")}


@deed("projects:detail", "agreements")
def count(request, pk, agreement_pk):
    """Confirm the 统计日期 of an agreement, or take it back."""
    row = found(request, pk, agreement_pk)
    form = CountForm(request.POST, row=row)
    require(request.user, "count", row.project)

    def act():
        agreements.count(row, **form.counting(), **_said(request, form))

    if status := doors.tried(form, act):
        return page(request, found(request, pk, agreement_pk), status=status, count_form=form)
    messages.success(request, "统计日期已确认。" if form.cleaned_data["counted_on"] else "已不计入统计。")
    return HttpResponseRedirect(row.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def milestone(request, pk, evidence_pk):
    """The two dates of a proof, and what was corrected of them."""
    rows = Evidence.objects.filter(project__in=doors.visible(request)).select_related("project")
    row = get_object_or_404(rows, pk=evidence_pk, project=pk)
    require(request.user, "edit", row.project)
    form = MilestoneForm(request.POST or None, row=row, user=request.user)
    place = f"{reverse('projects:detail', args=[pk])}#evidence"
    context = {
        "form": form,
        "title": f"{row.get_kind_display()}：两个日期",
        "project": row.project,
        "back": place,
        "corrections": history(evidence=row),
    }
    if request.method != "POST":
        return TemplateResponse(request, FORM, context)

    def act():
        dates = {name: form.cleaned_data[name] for name in ("event_on", "counted_on") if name in form.fields}
        milestones.restate(row, dates, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "日期已保存。")
    return HttpResponseRedirect(place)
