"""照片 of the visits of a lead."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.answers import deed
from crm.uploads import served_as
from leads import picturing
from leads.models import VisitPhoto
from leads.views.record import visible_lead


def _found(lead, row):
    return get_object_or_404(VisitPhoto.objects.filter(visit__lead=lead), pk=row)


@deed("leads:detail", "timeline")
def add(request, pk, visit):
    """Add a picture to a visit."""
    lead = visible_lead(request, pk)
    talk = get_object_or_404(lead.visits, pk=visit)
    picturing.add(lead, talk, request.FILES.get("paper"), by=request.user, at=timezone.now())
    messages.success(request, "照片已存下，拍摄地点已去掉。")
    return HttpResponseRedirect(f"{lead.get_absolute_url()}#timeline")


@require_safe
def photo(request, pk, row):
    """A picture, for whoever sees the lead."""
    found = _found(visible_lead(request, pk), row)
    return FileResponse(BytesIO(found.data), filename=found.name, content_type=served_as(found))


@deed("leads:detail", "timeline")
def remove(request, pk, row):
    """Take a picture back."""
    lead = visible_lead(request, pk)
    picturing.remove(lead, _found(lead, row), by=request.user, at=timezone.now())
    messages.success(request, "照片已删除。")
    return HttpResponseRedirect(f"{lead.get_absolute_url()}#timeline")
