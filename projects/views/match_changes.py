"""匹配变化 of all visible projects, newest first: where a message of many changes leads."""

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from crm.answers import says_why
from crm.paging import keyset_page
from projects.change_filters import MatchChangeFilter
from projects.models import MatchChange
from projects.views import doors


@require_safe
@says_why
def change_list(request):
    """A page of the changes this person sees and asks for."""
    seen = MatchChange.objects.visible_to(request.user)
    filters = MatchChangeFilter(request.GET, seen, request=request, today=doors.today(), also=("page",))
    rows = filters.rows().select_related("project__unit", "fund", "policy")
    context = {
        "verdicts": [
            (code, label, filters.address(after=code))
            for code, label in [("", "全部"), *MatchChange._meta.get_field("after").choices]
        ],
        "wanted": filters.form.cleaned_data["after"],
        "chips": filters.chips(),
        "address": filters.address(),
        "page": keyset_page(rows, request.GET.get("page", ""), by="at"),
    }
    return TemplateResponse(request, "projects/match_changes.html", context)
