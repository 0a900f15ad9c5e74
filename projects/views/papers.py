"""Files: one to be saved, and those of an agreement, proof, receipt or item, with the form for more."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import says_why
from crm.uploads import served_as
from projects import papers
from projects.models import Paper
from projects.paper_forms import PaperForm
from projects.views import doors

MODELS = {kind: model for model, kind in papers.KINDS_OF.items()}


@require_safe
def paper(request, pk):
    """A file, for whoever may see its project; always to be saved, never shown in our pages."""
    found = get_object_or_404(Paper.objects.visible_to(request.user).select_related("content"), pk=pk)
    kind = served_as(found)
    content = BytesIO(found.content.data)
    return FileResponse(content, as_attachment=True, filename=found.name, content_type=kind)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def record_papers(request, pk, row, kind):
    """The files of one record (`kind` of models.papers.RECORDS), and the form to add one."""
    rows = MODELS[kind].objects.filter(project__in=doors.visible(request)).select_related("project__unit")
    found = get_object_or_404(rows, pk=row, project=pk)
    if request.method != "POST":
        return _page(request, found, kind)
    form = PaperForm(request.POST, request.FILES)

    def act():
        papers.attach(found, form.cleaned_data["paper"], by=request.user, at=timezone.now())

    if status := doors.tried(form, act):
        return _page(request, found, kind, status, form)
    messages.success(request, "文件已上传，存下就不改不删；传错了请再传一份正确的。")
    return HttpResponseRedirect(reverse(f"projects:{kind}_papers", args=[pk, row]))


def _page(request, row, kind, status=200, form=None):
    papers.with_files(row.project, [row])
    may_add = papers.may_attach(request.user, row)
    context = {
        "row": row,
        "project": row.project,
        "label": row._meta.verbose_name,
        "back": _back(row, kind),
        "form": (form or PaperForm()) if may_add else None,
        "refused": form,
    }
    return TemplateResponse(request, "projects/papers.html", context, status=status)


def _back(row, kind):
    if kind == "receipt":
        return f"{reverse('projects:receipts', args=[row.project_id])}#receipt-{row.pk}"
    return f"{row.project.get_absolute_url()}#evidence" if kind == "evidence" else row.get_absolute_url()
