"""资质 of the company of a project; what is written is held against the funds again."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.bell import ring
from crm.permissions import require
from crm.uploads import served_as
from leads import qualification_forms as pages
from projects.checking import check_off, entry_of
from projects.freshness import concerned, refresh_company
from projects.views import doors


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def qualifications(request, pk):
    """The list, adding and correcting."""
    project = doors.found(request, pk)
    return _rematched(project, pages.answer(request, project, at=timezone.now()))


@deed("projects:qualifications")
def end(request, pk, row):
    """One that holds no more."""
    project = doors.found(request, pk)
    return _rematched(project, pages.ended(request, project, row, at=timezone.now()))


def _checked(request, pk, kind):
    """What is registered is all the company has."""
    record, at = doors.of_kind(request, kind, pk), timezone.now()
    require(request.user, "edit", record)
    form = pages.CheckedForm(request.POST, prefix="checked")

    def act():
        return check_off(record, entry_of(**form.cleaned_data), by=request.user, at=at)

    if status := doors.tried(form, act):
        return pages.page(request, record, at, status, checked=form)
    refresh_company(record.company_id, at=at)
    messages.success(request, "已记下：没有其他资质。匹配结果已更新。")
    return HttpResponseRedirect(pages.address(record))


checked_of_project = deed("projects:qualifications", "checked")(_checked)
checked_of_lead = deed("leads:qualifications", "checked")(_checked)


def _rematched(project, response):
    if response.status_code == 302:
        for one in concerned(project.company_id):
            ring(doors.MATCHING, one.pk)
    return response


@require_safe
def proof(request, pk, row):
    """A certificate, always to be saved."""
    file = pages.proof(doors.found(request, pk), row)
    kind = served_as(file)
    return FileResponse(BytesIO(file.data), as_attachment=True, filename=file.name, content_type=kind)
