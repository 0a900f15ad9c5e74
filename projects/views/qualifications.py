"""资质 of the company of a project; what is written is held against the funds again."""

from io import BytesIO

from django.http import FileResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.bell import ring
from crm.uploads import served_as
from leads import qualification_forms as pages
from projects.freshness import concerned
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
