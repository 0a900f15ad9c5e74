"""基金推荐: refer a project, the list and the page of referrals, their steps, and the contacts they open."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import roles
from crm.answers import deed, for_readers, keeps_draft, says_why
from crm.errors import Refused
from crm.paging import keyset_page
from crm.permissions import require
from projects import introducing
from projects.freshness import fresh_matches
from projects.models import Fund, Referral
from projects.models.referrals import PRICED, Step, is_note_withheld, is_withheld
from projects.referral_filters import ReferralFilter
from projects.referral_forms import ReferForm, RestateForm, StepForm, UndoForm
from projects.referring import advance, has_account, refer, steps_open_to
from projects.restating import may_restate, restate, stated
from projects.retracting import may_retract, retract
from projects.sharing import shareable
from projects.told import CORRECTIONS
from projects.views import doors

ROW = ("project__unit", "project__owner", "project__lead", "project__sector", "fund", "by")


def _visible(request):
    return Referral.objects.visible_to(request.user).select_related(*ROW)


@require_safe
@says_why
@for_readers("基金推荐", Referral.objects.visible_to)
def referral_list(request):
    """The referrals this person sees, the newest first; one fund's when the address asks for it."""
    asked = ReferralFilter(request.GET, _visible(request), request=request, also=("page",))
    page = keyset_page(asked.rows().prefetch_related("steps"), request.GET.get("page", ""), by="at")
    chosen = asked.form.cleaned_data["fund"]
    fund = Fund.objects.visible_to(request.user).filter(pk=chosen).first() if chosen else None
    return TemplateResponse(request, "projects/referrals.html", {"page": page, "fund": fund})


@require_safe
@says_why
def referral(request, pk):
    """One referral with its steps; the fund reads here what was shared, and nothing else of the project."""
    return _page(request, _found(request, pk))


def _found(request, pk):
    return get_object_or_404(_visible(request), pk=pk)


def _page(request, one, status=200, **given):
    steps = list(one.steps.select_related("by", "undone_by").prefetch_related(CORRECTIONS))
    for step in steps:
        step.said = "" if is_note_withheld(step.to_step, one.step, request.user) else step.note
    _mending_forms(one, steps, request.user, given.pop("refused_mending", None))
    is_fund = request.user.role == roles.FUND
    ways = steps_open_to(one, request.user)
    context = {
        "referral": one,
        "project": one.project,
        "steps": steps,
        "is_fund": is_fund,
        "called": one.called_by(request.user),
        "is_withheld": is_withheld(one.step, request.user),
        "forms": _step_forms(one, ways, given.pop("refused_form", None)),
        "is_for_unit": not is_fund and one.is_open and not has_account(one.fund),
        "contacts": introducing.contacts(one, request.user),
    }
    return TemplateResponse(request, "projects/referral.html", {**context, **given}, status=status)


def _step_forms(one, ways, refused):
    """A form for every step one may take, in its prefix; the refused one as it was sent."""
    forms = []
    for step in ways:
        initial = {"step": step, "version": one.version, "on": doors.today()}
        form = StepForm(prefix=step, initial=initial)
        if refused and refused.prefix == step:
            form = refused
        forms.append({"step": step, "form": form, "is_priced": step in PRICED, "is_end": step in ENDS})
    return forms


def _mending_forms(one, steps, user, refused):
    """Each step that this person may put right gets its form, and the last one a second to take it back;
    the refused one as it was sent."""
    last = next((step for step in reversed(steps) if step.undone_at is None), None)
    for step in steps:
        if not may_restate(one, step, user):
            continue
        form = RestateForm(prefix=f"fix{step.pk}", stated=stated(step), version=one.version)
        step.form = _as_sent(form, refused)
        if may_retract(one, step, last, user):
            step.undo_form = _as_sent(UndoForm(prefix=f"undo{step.pk}"), refused)
        step.is_priced, step.is_end = step.to_step in PRICED, step.to_step in ENDS


def _as_sent(form, refused):
    return refused if refused and refused.prefix == form.prefix else form


ENDS = (Step.REJECTED, Step.WITHDRAWN)


@deed("projects:referral", "steps")
def take_step(request, pk):
    """Take the referral one step on, or break it off."""
    one = _found(request, pk)
    prefix = next((step for step in Step.values if f"{step}-step" in request.POST), None)
    form = StepForm(request.POST, prefix=prefix)
    stands_there = prefix in steps_open_to(one, request.user)  # else the page has no form to show it in
    if not form.is_valid():
        if not stands_there:
            raise doors.refusal_of(form)
        return _page(request, one, status=400, refused_form=form)
    try:
        version = form.cleaned_data["version"]
        step = advance(one, form.move(), by=request.user, at=timezone.now(), version=version)
    except Refused as refusal:
        if refusal.status != 400 or not stands_there:
            raise
        form.add_refusal(refusal)
        return _page(request, _found(request, pk), status=400, refused_form=form)
    messages.success(request, f"已登记：{step.get_to_step_display()}。")
    return HttpResponseRedirect(one.get_absolute_url())


@deed("projects:referral", "steps")
def correct_step(request, pk, step_pk):
    """Put right what was entered of a step; what it said before stays on the page."""
    step = _step(request, pk, step_pk)
    form = RestateForm(request.POST, prefix=f"fix{step.pk}", stated=stated(step))
    said = f"已更正：{step.get_to_step_display()}。原来的内容留在进展里。"
    has_form = may_restate(step.referral, step, request.user)
    return _mended(request, step, form, has_form, lambda how: restate(step, form.move(), **how), said)


@deed("projects:referral", "steps")
def undo_step(request, pk, step_pk):
    """Take back the last step, which did not happen; it stays on the page, struck out."""
    step = _step(request, pk, step_pk)
    form = UndoForm(request.POST, prefix=f"undo{step.pk}")
    said = f"已撤销：{step.get_to_step_display()}，推荐回到「{step.get_from_step_display()}」。"
    has_form = may_retract(step.referral, step, step.referral.steps.standing().last(), request.user)
    return _mended(request, step, form, has_form, lambda how: retract(step, **how), said)


def _step(request, pk, step_pk):
    one = _found(request, pk)
    step = get_object_or_404(one.steps, pk=step_pk)
    step.referral = one
    return step


def _mended(request, step, form, has_form, act, said):
    """What `act` does to the step by what the form says; a refusal stands in the form, if the page has it."""
    if not form.is_valid():
        if not has_form:
            raise doors.refusal_of(form)
        return _page(request, step.referral, status=400, refused_mending=form)
    given = form.cleaned_data
    how = {"why": given["why"], "by": request.user, "at": timezone.now(), "version": given["version"]}
    try:
        act(how)
    except Refused as refusal:
        if refusal.status != 400 or not has_form:
            raise
        form.add_refusal(refusal)
        return _page(request, _found(request, step.referral_id), status=400, refused_mending=form)
    messages.success(request, said)
    return HttpResponseRedirect(step.referral.get_absolute_url())


@deed("projects:referral", "contacts")
def reveal(request, pk, contact_pk):
    """Show the fund one contact's numbers in full, and write down that this person looked."""
    one = _found(request, pk)
    people = introducing.contacts(one, request.user)
    person = next((person for person in people if person.pk == contact_pk), None)
    introducing.reveal(one, person, by=request.user, at=timezone.now())
    return _page(request, one, revealed=person)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def refer_project(request, pk, fund_pk):
    """Refer a project to a fund: what is shared, and how the company agreed to it."""
    project = doors.found(request, pk)
    fund = get_object_or_404(Fund.objects.visible_to(request.user), pk=fund_pk)
    require(request.user, "refer", project)
    known, at = shareable(project, doors.today()), timezone.now()
    form = ReferForm(request.POST or None, known=known)
    status = doors.tried(form, lambda: _refer(request, project, fund, form, at)) if form.is_bound else 200
    if form.is_bound and status is None:
        messages.success(request, f"「{project}」已推荐给{fund}，基金方接收以前看不到联系人。")
        return HttpResponseRedirect(f"{project.get_absolute_url()}#referrals")
    chosen = form["shared"].value() or []
    match = next((one for one in fresh_matches(project, at=at) if one.fund_id == fund.pk), None)
    context = {"project": project, "fund": fund, "form": form, "known": known, "chosen": chosen}
    return TemplateResponse(
        request, "projects/refer.html", {**context, "match": match, "has_account": has_account(fund)},
        status=status or 200,
    )  # fmt: skip


def _refer(request, project, fund, form, at):
    given = form.cleaned_data
    words = {"reason": given["reason"], "note": given["note"]}
    refer(project, fund, form.agreed(), by=request.user, at=at, **words)
