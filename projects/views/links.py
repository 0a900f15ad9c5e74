"""企业关系 of the company of a project."""

from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm.answers import deed, says_why
from leads import link_forms as pages
from projects.views import doors


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def links(request, pk):
    """The list, and adding one."""
    return pages.answer(request, doors.found(request, pk), at=timezone.now())


@deed("projects:links")
def end(request, pk, row):
    """One that is taken back."""
    return pages.ended(request, doors.found(request, pk), row, at=timezone.now())
