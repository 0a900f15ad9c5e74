"""审查提示规则: the list, and one rule with what a change of it would hit before it is saved."""

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
from projects import ruling
from projects.models import FlagRule, IncentiveItem
from projects.rule_forms import RuleForm
from projects.views import doors


@require_safe
@says_why
def rule_list(request):
    """All rules in their order, those out of force too."""
    require(request.user, "see_rules")
    today = doors.today()
    in_force = set(FlagRule.objects.active(today).values_list("pk", flat=True))
    rules = list(FlagRule.objects.all())
    for rule in rules:
        rule.is_in_force = rule.pk in in_force
    context = {"rules": rules, "may_edit": may(request.user, "edit_rules")}
    return TemplateResponse(request, "projects/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def rule(request, pk):
    """One rule: to be read, tried and, by the administrator, changed."""
    require(request.user, "see_rules")
    return _page(request, get_object_or_404(FlagRule, pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request):
    """A rule of our own."""
    require(request.user, "edit_rules")
    return _page(request, None)


def _page(request, row):
    form = RuleForm(request.POST or None, row=row) if request.method == "POST" else RuleForm(row=row)
    context = {"rule": row, "form": form, "may_edit": may(request.user, "edit_rules")}
    if request.method != "POST":
        return TemplateResponse(request, "projects/rule.html", context)
    if not form.is_valid():
        return TemplateResponse(request, "projects/rule.html", context, status=400)
    try:
        if "save" in request.POST and request.POST.get("previewed") == form.mark():
            return _saved(request, row, form)
        context |= _looked_at(request, row, form)
    except Refused as refusal:
        form.add_refusal(refusal)
        return TemplateResponse(request, "projects/rule.html", context, status=refusal.status)
    return TemplateResponse(request, "projects/rule.html", context)


def _saved(request, row, form):
    how = {"by": request.user, "at": timezone.now()}
    wording = form.wording()
    version = form.cleaned_data["version"]
    made = ruling.change(row, wording, version=version, **how) if row else ruling.add(wording, **how)
    messages.success(request, f"规则「{made.name}」已保存，从现在起按它提示；改了什么记入审计。")
    return HttpResponseRedirect(reverse("projects:rules"))


def _looked_at(request, row, form):
    """What the change would do, with the items this person may see by name and the others by number."""
    at, wording = timezone.now(), form.wording()
    effect = ruling.preview(row, wording, by=request.user, at=at)
    known = IncentiveItem.objects.visible_to(request.user)
    named = set(
        known.filter(pk__in=[item.pk for item in (*effect.hit, *effect.spared)]).values_list("pk", flat=True)
    )
    sample = form.cleaned_data["sample"]
    return {
        "effect": effect,
        "parts": [("新增提示", effect.hit), ("不再提示", effect.spared)],
        "named": named,
        "most": ruling.SHOWN,
        "sample": sample,
        "words": ruling.tried(row, wording, sample, at=at) if sample else [],
        "previewed": form.mark(),
        "is_changed": "save" in request.POST,
    }
