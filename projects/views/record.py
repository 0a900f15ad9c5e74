"""One project: everything about it on one page, and what people add to it."""

from collections import Counter

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import history, roles, rules
from crm.answers import deed, keeps_draft, says_why
from crm.bell import ring
from crm.clash_forms import rows_of
from crm.clashes import Clash, Clashing
from crm.errors import Refused
from crm.facts import open_questions, told_beside
from crm.forms import choices_of
from crm.models import LossReason
from crm.numbers import number
from crm.permissions import may, require
from crm.reading import read_once
from crm.together import read
from crm.workdays import shanghai_day
from leads import next_days
from leads.contacts import add as add_contact
from leads.follow_up import log_visit
from leads.forms import ContactForm, HandoverForm, VisitForm
from leads.handover import is_running
from leads.timeline import stage_bar
from projects import facts, mending, places
from projects.archives import apart
from projects.deciding import DECIDING, course_of, missing_ground
from projects.forms import EditForm, EvidenceForm, FactForm
from projects.freshness import Ranking
from projects.matching import ORDER, match
from projects.models import Match
from projects.stages import CLOSED, MAP, SIGNED_ON, ProjectStage
from projects.step_forms import PassForm, SuspendForm, party_forms
from projects.told import Told
from projects.views import doors
from projects.views.board import ahead

VERBS = ("edit", "move", "log_visit", "force", "reveal", "count", "suspend", "hand_over", "refer")


@require_safe
@says_why
def detail(request, pk):
    """The page of a project, or its timeline alone when that is looked through."""
    project = doors.found(request, pk)
    if request.htmx and request.htmx.target == "timeline":
        return _timeline(request, project)
    return page(request, project)


def _timeline(request, project):
    told = Told(project, request.user, doors.today())
    context = {"project": project, "shown": told.shown(request.GET)}
    return TemplateResponse(request, "projects/_timeline_part.html", context)


@read_once()
def page(request, project, status=200, **given):
    """The page of `project`, with forms that were refused as `given`."""
    at = timezone.now()
    day = shanghai_day(at)
    ranking = Ranking(project, at)
    told = Told(project, request.user, day, *ranking.rows)
    doors.dress([project], request.user, at, MAP.labels, stood={project.pk: told.stood(at)})
    can = {verb: may(request.user, verb, project) for verb in VERBS}
    found = _with_links(project, ranking.fresh(), told.accounts)
    _with_news(told, found, project, can)
    matches = [one for one in found if one.fund_id]
    policy_matches = [one for one in found if one.policy_id]
    forms = {
        **_steps(project, can, day, told.changes, told.passes),
        **_handover(project.lead, can, told.offers),
        **_forms(project, can, day, request.GET),
    }
    losses = LossReason.objects.active(day) if can["move"] else LossReason.objects.none()
    read(told.field_changes, losses, *choices_of(forms))
    context = {
        "project": project,
        "sees_lead": request.user.role in roles.SEES_RECORDS,
        "can": can,
        "bar": stage_bar(project, told.changes, at),
        "ahead": ahead(project, request.user),
        "aside": _aside(project),
        "shown": told.shown(request.GET),
        **_space_panel(told),
        "contacts": told.people,
        "orders": told.orders,
        "today": day,
        "contested": open_questions(told.accounts),
        "apart": apart(project, told.accounts),
        "evidence": told.evidence,
        "candidates": list(project.carriers.all()),
        "agreed": told.signed,
        "matches": matches,
        "totals": _totals(matches),
        "policy_matches": policy_matches,
        "policy_totals": _totals(policy_matches),
        "referrals": told.referrals,
        "open_referrals": sum(one.is_open for one in told.referrals),
        "qualifications": told.qualifications,
        "loss_reasons": losses,
        **forms,
    }
    return TemplateResponse(request, "projects/detail.html", {**context, **given}, status=status)


def _forms(project, can, today, asked):
    """The forms this person may use on the page; the address may ask for a kind of evidence or a contact."""
    forms = {}
    if can["log_visit"]:
        forms["visit_form"] = VisitForm(record=project, today=today, prefix="visit")
        forms["next_days"] = next_days.offers(today)
    if can["edit"]:
        forms["evidence_form"] = EvidenceForm(
            prefix="evidence", initial={"kind": asked.get("evidence", "")}, may_count=can["count"]
        )
        forms["contact_form"] = ContactForm(
            prefix="contact", initial={"has_decision_right": "contact" in asked}
        )
        forms |= party_forms(project)
    return forms


def _steps(project, can, day, changes, passes):
    """Its meetings and its suspension, with the forms this person may use on them."""
    is_signed = project.stage in SIGNED_ON
    may_decide = can["move"] and project.stage in DECIDING
    may_suspend = can["suspend"] and project.stage not in CLOSED and not project.is_suspended
    return {
        "course": course_of(project, day),
        "broken": missing_ground(passes, changes) if is_signed else [],
        "decisions_open": project.stage in DECIDING,
        "pass_form": PassForm(prefix="pass", initial={"passed_on": day}) if may_decide else None,
        "suspension": project.suspension,
        "suspend_form": SuspendForm(prefix="suspend") if may_suspend else None,
    }


def _handover(lead, can, offers):
    """What is offered of it and waits for an answer, or the form to offer it."""
    offered = next((row for row in offers if row.is_open), None)
    if offered or not (can["hand_over"] and is_running(lead)):
        return {"offered": offered}
    initial = {"version": lead.version, "share": number("handover_share")}
    return {"handover_form": HandoverForm(lead=lead, initial=initial, prefix="handover")}


def _aside(project):
    """The other steps from here: back, aside, or back from aside; 流失 has a form of its own."""
    ways = MAP.next(project.stage)
    steps = [code for code in ways if not MAP.is_forward(project.stage, code) and code != ProjectStage.LOST]
    if project.stage == ProjectStage.LOST:
        steps = [code for code in ways if code in (project.left_from, ProjectStage.NEGOTIATING)]
    return [(code, MAP.labels[code]) for code in steps]


def _with_links(project, matches, told):
    """Give each match shown whole what sources say of contested facts, and where to enter missing ones."""
    for one in (one for one in matches if not one.is_brief):
        lacking = (one.result.get("estimate") or {}).get("missing", [])
        one.to_estimate = [(fact, places.of_fact(project, fact["key"])) for fact in lacking]
        one.rules = list(rules.leaves(one.result["tree"]))
        told_beside(one.rules, told)
        one.notes = list(rules.notes(one.result["tree"]))
        one.missing = [(fact, places.of_fact(project, fact["key"])) for fact in one.result["missing"]]
        one.settling = [fact["label"] for fact in one.result["to_settle"]]
    return matches


def _with_news(told, matches, project, can):
    """Each match is told how its verdict changed last, and of its open referral or that there may be one."""
    last = {one.offer_key: one for one in reversed(told.shifts)}
    is_open = {one.fund_id: one for one in told.referrals if one.is_open}
    for one in matches:
        one.change = last.get(one.offer_key)
        one.referred = is_open.get(one.fund_id)
        may_go = can["refer"] and not project.is_lost and one.verdict != Match.Verdict.RESERVE
        one.may_refer = bool(one.fund_id) and may_go and one.referred is None


def _space_panel(told):
    """What the panel of spaces and compute says at a glance."""
    live = [one for one in told.spots if one.dropped_at is None]
    return {
        "live_spaces": live,
        "final_space": next((one for one in live if one.is_final), None),
        "compute_need": next(iter(told.needs), None),
    }


def _totals(matches):
    """(code, label, number) of the verdicts that occur, best first."""
    found = Counter(one.verdict for one in matches)
    return [(verdict.value, verdict.label, found[verdict]) for verdict in ORDER if found[verdict]]


def _answered(request, project, name, form, act, said):
    """Bind, act, answer: the refused form on its page, else back to the page with `said`."""
    try:
        if not form.is_valid():
            return page(request, project, status=400, **{name: form})
        act()
    except Refused as refusal:
        form.add_refusal(refusal)
        return page(request, project, status=refusal.status, **{name: form})
    ring(doors.MATCHING, project.pk)
    messages.success(request, said)
    return HttpResponseRedirect(project.get_absolute_url())


@deed("projects:detail", "visit")
def visit(request, pk):
    """Log a visit or call; the next date is mandatory."""
    project, at = doors.found(request, pk), timezone.now()
    form = VisitForm(request.POST, record=project, today=shanghai_day(at), prefix="visit")

    def act():
        log_visit(project.lead, form.follow_up(at), by=request.user, at=at, target=project)

    return _answered(request, project, "visit_form", form, act, "已记下这次联系。")


@deed("projects:detail", "evidence")
def evidence(request, pk):
    """Add a document or act a gate asks for."""
    project = doors.found(request, pk)
    may_count = may(request.user, "count", project)
    form = EvidenceForm(request.POST, request.FILES, prefix="evidence", may_count=may_count)

    def act():
        scan = form.cleaned_data["paper"]
        mending.add_evidence(project, form.proof(), by=request.user, at=timezone.now(), scan=scan)

    return _answered(request, project, "evidence_form", form, act, "材料已登记。")


@deed("projects:detail", "contact")
def contact(request, pk):
    """Add a person at the company."""
    project = doors.found(request, pk)
    form = ContactForm(request.POST, prefix="contact")

    def act():
        add_contact(project.lead, form.person(), by=request.user, at=timezone.now(), target=project)

    return _answered(request, project, "contact_form", form, act, "联系人已登记。")


@deed("projects:detail")
def reveal(request, pk, contact_pk):
    """Show one contact's numbers in full, and write down that this person looked."""
    project = doors.found(request, pk)
    person = get_object_or_404(mending.contacts(project), pk=contact_pk)
    mending.reveal(project, person, by=request.user, at=timezone.now())
    context = {"contact": person, "project": project, "is_open": True}
    if request.htmx:
        return TemplateResponse(request, "projects/_contact.html", context)
    return page(request, project, revealed=person)


@deed("projects:detail", "matches")
def rematch(request, pk):
    """Hold the project against every fund and policy again, now."""
    project = doors.found(request, pk)
    require(request.user, "edit", project)
    match(project, at=timezone.now())
    messages.success(request, "已按现有信息重新匹配。")
    return HttpResponseRedirect(f"{project.get_absolute_url()}#matches")


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def fact(request, pk, key):
    """Enter one fact about the company; the match is computed again at once."""
    project = doors.found(request, pk)
    require(request.user, "edit", project)
    if key not in facts.askable():
        raise Http404
    form = FactForm(request.POST or None, key=key, initial={"as_of": doors.today()})
    context = {"project": project, "form": form, "field": rules.FIELDS[key]}
    if request.method != "POST":
        return TemplateResponse(request, "projects/fact.html", context)
    refusal = _recorded(request, project, form)
    if refusal or not form.is_valid():
        return TemplateResponse(
            request, "projects/fact.html", context, status=getattr(refusal, "status", 400)
        )
    messages.success(request, f"{rules.FIELDS[key].label}已登记，匹配结果已更新。")
    return HttpResponseRedirect(f"{project.get_absolute_url()}#matches")


def _recorded(request, project, form):
    """Write the fact and match anew; the refusal, shown at its field, when there is one."""
    if not form.is_valid():
        return None
    at = timezone.now()
    try:
        facts.answer(project, form.entry(), by=request.user, at=at)
    except Refused as refusal:
        form.add_refusal(refusal)
        return refusal
    match(project, at=at)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def edit(request, pk):
    """Correct a project; a field that two people changed is shown with both values."""
    project = doors.found(request, pk)
    require(request.user, "edit", project)
    form = EditForm(request.POST or None, project=project, user=request.user, today=doors.today())
    if request.method != "POST":
        return TemplateResponse(request, "projects/edit.html", {"project": project, "form": form})
    if not form.is_valid():
        return TemplateResponse(request, "projects/edit.html", {"project": project, "form": form}, status=400)
    try:
        _edit(project, form, by=request.user)
    except Clashing as refusal:
        return _clashing(request, pk, form, refusal)
    except mending.MendingRefused as refusal:
        form.add_refusal(refusal)
        return TemplateResponse(
            request, "projects/edit.html", {"project": project, "form": form}, status=refusal.status
        )
    ring(doors.MATCHING, project.pk)
    messages.success(request, "修改已保存。")
    return HttpResponseRedirect(project.get_absolute_url())


def _edit(project, form, *, by):
    changes = _chosen(project, form)
    version = form.cleaned_data["version"]
    return mending.edit(project, changes, by=by, at=timezone.now(), version=version, shown=form.shown())


def _chosen(project, form):
    """The changes of the person, without the fields for which he chose what stands there now.

    Raises Clashing while he has not chosen for each field that both changed.
    """
    changes = form.changes_by_name()
    asked = form.asked(changes)
    if None in asked.values():
        found = [Clash(name, changes[name], mending.current(project, name)) for name in asked]
        raise Clashing(project, found)
    return {name: value for name, value in changes.items() if asked.get(name) != "theirs"}


def _clashing(request, pk, form, refusal):
    """The same form over the row as it stands: own typing is kept, fields both changed show both values.

    Unless he chooses otherwise what stands there stays: nobody is overwritten unasked.
    """
    project = doors.found(request, pk)
    kept = form.over(project)
    last = history.last_changes(project, [c.name for c in refusal.clashes])
    clashes = rows_of(form, refusal.clashes, last)
    context = {"project": project, "form": kept, "refusal": refusal, "clashes": clashes}
    return TemplateResponse(request, "projects/edit.html", context, status=refusal.status)
