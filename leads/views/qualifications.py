"""资质 of the company of a lead."""

from io import BytesIO

from django.http import FileResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.uploads import served_as
from leads import qualification_forms as pages
from leads.views.record import visible_lead


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def qualifications(request, pk):
    """The list, adding and correcting."""
    return pages.answer(request, visible_lead(request, pk), at=timezone.now())


@deed("leads:qualifications")
def end(request, pk, row):
    """One that holds no more."""
    return pages.ended(request, visible_lead(request, pk), row, at=timezone.now())


@require_safe
def proof(request, pk, row):
    """A certificate, always to be saved."""
    file = pages.proof(visible_lead(request, pk), row)
    kind = served_as(file)
    return FileResponse(BytesIO(file.data), as_attachment=True, filename=file.name, content_type=kind)
