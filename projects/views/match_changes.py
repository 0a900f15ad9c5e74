"""匹配变化 of all visible projects, newest first: where a message of many changes leads."""

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from crm.answers import says_why
from crm.paging import keyset_page
from projects.models import MatchChange


@require_safe
@says_why
def change_list(request):
    """A page of the changes this person sees."""
    seen = MatchChange.objects.visible_to(request.user).select_related("project__unit", "fund", "policy")
    context = {"page": keyset_page(seen, request.GET.get("page", ""), by="at")}
    return TemplateResponse(request, "projects/match_changes.html", context)
