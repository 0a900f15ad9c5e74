"""Entering and correcting the record of a fund or a policy: one page for both."""

from dataclasses import dataclass
from types import ModuleType

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm import bell
from crm.answers import says_why
from crm.permissions import require
from projects import funds, policies
from projects.fund_forms import FundForm
from projects.models import Fund, Policy
from projects.policy_forms import PolicyForm
from projects.views import doors


@dataclass(frozen=True)
class Room:
    """Where records of one kind are kept: who may, by which form and rules, and what matches them anew."""

    model: type
    right: str
    form: type
    rules: ModuleType
    page: str
    matching: str


ROOMS = {
    "fund": Room(Fund, "edit_funds", FundForm, funds, "projects/fund_form.html", "projects.tasks.match_fund"),
    "policy": Room(
        Policy,
        "edit_policies",
        PolicyForm,
        policies,
        "projects/policy_form.html",
        "projects.tasks.match_policy",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request, whose):
    """A record that is not there yet; its criteria are published afterwards."""
    room = ROOMS[whose]
    require(request.user, room.right)
    form = room.form(doors.sent(request))

    def act():
        code = form.cleaned_data["code"]
        form.saved = room.rules.add(code, form.entry(), by=request.user, at=timezone.now())

    return _answered(request, room, form, act, "已登记，请接着写条件。", None)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def edit(request, whose, pk):
    """A record corrected; another status matches every open project anew."""
    room = ROOMS[whose]
    one = get_object_or_404(room.model.objects.visible_to(request.user), pk=pk)
    require(request.user, room.right)
    form = room.form(doors.sent(request), record=one)

    def act():
        how = {"by": request.user, "at": timezone.now(), "version": form.cleaned_data["version"]}
        form.saved = room.rules.change(one, form.entry(), **how)
        bell.ring(room.matching, one.pk)

    return _answered(request, room, form, act, "修改已保存，改了什么记入审计。", one)


def _answered(request, room, form, act, said, one):
    context = {"form": form, "offer": one}
    if request.method != "POST":
        return TemplateResponse(request, room.page, context)
    if status := doors.tried(form, act):
        return TemplateResponse(request, room.page, context, status=status)
    messages.success(request, said)
    return HttpResponseRedirect(form.saved.get_absolute_url())
