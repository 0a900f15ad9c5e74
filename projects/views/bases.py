"""依据库: the known clauses, and one of them with what a change would do before it is saved."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import says_why
from crm.errors import Refused
from crm.permissions import may, require
from projects import bases, ruling
from projects.basis_forms import BasisForm
from projects.flags import KINDS
from projects.models import BasisClause, IncentiveItem
from projects.views import doors

PAGE = "projects/basis.html"


@require_safe
@says_why
def basis_list(request):
    """All clauses by document, those withdrawn too."""
    require(request.user, "see_bases")
    rows = list(BasisClause.objects.all())
    for row in rows:
        row.kind_words = "、".join(KINDS[kind] for kind in row.kinds if kind in KINDS)
        row.is_over = row.valid_to is not None and row.valid_to < doors.today()
    context = {"rows": rows, "may_edit": may(request.user, "edit_bases")}
    return TemplateResponse(request, "projects/bases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def basis(request, pk):
    """One clause: to be read and, by the bureau, changed."""
    require(request.user, "see_bases" if request.method != "POST" else "edit_bases")
    return _page(request, get_object_or_404(BasisClause, pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request):
    """A clause that is not there yet."""
    require(request.user, "edit_bases")
    return _page(request, None)


def _page(request, row):
    form = BasisForm(request.POST if request.method == "POST" else None, row=row)
    context = {"row": row, "form": form, "may_edit": may(request.user, "edit_bases")}
    if request.method != "POST":
        return TemplateResponse(request, PAGE, context)
    if not form.is_valid():
        return TemplateResponse(request, PAGE, context, status=400)
    try:
        if "save" in request.POST and request.POST.get("previewed") == form.mark():
            return _saved(request, row, form)
        context |= _looked_at(request, row, form)
    except Refused as refusal:
        form.add_refusal(refusal)
        return TemplateResponse(request, PAGE, context, status=refusal.status)
    return TemplateResponse(request, PAGE, context)


def _saved(request, row, form):
    how = {"by": request.user, "at": timezone.now()}
    entry, version = form.entry(), form.cleaned_data["version"]
    made = bases.change(row, entry, version=version, **how) if row else bases.add(entry, **how)
    messages.success(request, f"{made} 已保存，从现在起按它核对；改了什么记入审计。")
    return HttpResponseRedirect(reverse("projects:bases"))


def _looked_at(request, row, form):
    """What the change would do; the items this person may see by name, the others by number."""
    effect = bases.preview(row, form.entry(), by=request.user, at=timezone.now())
    touched = [item.pk for item in (*effect.hit, *effect.spared)]
    seen = IncentiveItem.objects.visible_to(request.user).filter(pk__in=touched)
    return {
        "effect": effect,
        "parts": [("新增提示", effect.hit), ("不再提示", effect.spared)],
        "named": set(seen.values_list("pk", flat=True)),
        "most": ruling.SHOWN,
        "previewed": form.mark(),
        "is_changed": "save" in request.POST,
    }
