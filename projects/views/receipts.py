"""到位资金 of a project: by year, with what was withdrawn; entering and withdrawing."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm.answers import deed, says_why
from crm.permissions import may, require
from projects import papers, receipts
from projects.agreement_forms import ReceiptForm, WithdrawForm
from projects.models import Receipt
from projects.views import doors


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def project_receipts(request, pk):
    """The receipts of a project, and the form to enter one."""
    project = doors.found(request, pk)
    if request.method != "POST":
        return page(request, project)
    require(request.user, "edit", project)
    form = ReceiptForm(request.POST, request.FILES)

    def act():
        scan = form.cleaned_data["paper"]
        receipts.receive(project, form.money(), by=request.user, at=timezone.now(), scan=scan)

    if status := doors.tried(form, act):
        return page(request, project, status=status, form=form)
    messages.success(request, "到位资金已登记。")
    return HttpResponseRedirect(reverse("projects:receipts", args=[pk]))


def page(request, project, status=200, form=None, **refused):
    """The page; `form` is one that was refused, `refused` a withdrawal that was."""
    rows = list(project.receipts.select_related("by", "withdrawn_by"))
    papers.with_files(project, rows)
    can_edit = may(request.user, "edit", project)
    total = sum((row.amount_wan for row in rows if not row.withdrawn_at), receipts.ZERO)
    context = {
        "project": project,
        "years": receipts.by_year(rows),
        "total": total,
        "is_beyond": project.amount_wan is not None and total > project.amount_wan,
        "can": {"edit": can_edit},
        "form": form or (ReceiptForm() if can_edit and receipts.takes(project, rows) else None),
        **refused,
    }
    return TemplateResponse(request, "projects/receipts.html", context, status=status)


@deed("projects:receipts")
def withdraw(request, pk, receipt_pk):
    """Take back a wrong receipt; it stays visible."""
    project = doors.found(request, pk)
    rows = Receipt.objects.visible_to(request.user).select_related("project")
    row = get_object_or_404(rows, pk=receipt_pk, project=project)
    require(request.user, "edit", project)
    form = WithdrawForm(request.POST)

    def act():
        receipts.withdraw(row, form.cleaned_data["reason"], by=request.user, at=timezone.now())

    if status := doors.tried(form, act):
        return page(request, project, status=status, withdrawing=row.pk, withdraw_form=form)
    messages.success(request, "已撤销，不再计入合计；请重新登记正确的一笔。")
    return HttpResponseRedirect(reverse("projects:receipts", args=[pk]))
