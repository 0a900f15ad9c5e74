"""企业信息 of a project or lead: the table of all facts, filling in several, choosing, withdrawing."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm.answers import deed, keeps_draft, says_why
from crm.errors import Refused
from crm.permissions import may, require
from projects import archives, facts, places
from projects.asking import sheet
from projects.fact_forms import FactsForm
from projects.freshness import refresh_company
from projects.views import doors

PAGES = {"project": "projects:facts", "lead": "projects:lead_facts"}


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def table(request, pk, kind):
    """All facts of the company; a POST records what was filled in, all of it or nothing."""
    record = doors.of_kind(request, kind, pk)
    if request.method != "POST":
        return _page(request, record, kind)
    require(request.user, "edit", record)
    form, at = _form(record, request.POST), timezone.now()
    written = []

    def act():
        written.extend(facts.answer_all(record, form.entries(), by=request.user, at=at))

    if status := doors.tried(form, act):
        return _page(request, record, kind, status=status, form=form)
    return _done(request, record, kind, f"已登记 {len(written)} 项，匹配结果已更新。", at)


def _page(request, record, kind, status=200, **given):
    can_edit = may(request.user, "edit", record)
    found = sheet(record, timezone.now())
    form = given.get("form") or (_form(record) if can_edit and record.company_id else None)
    for line in _lines(found):
        line.field = form[line.key] if form and line.key in form.fields else None
    row = given.get("row")
    context = {
        "record": record,
        "kind": kind,
        "is_over": isinstance(row, str) and row not in {one.key for one in found.apart},
        "sheet": found,
        "form": form,
        "can_edit": can_edit,
        "refusal": given.get("refusal"),
        "refused_row": row,
        "reason": given.get("reason", ""),
    }
    return TemplateResponse(request, "projects/facts.html", context, status=status)


def _lines(found):
    return (line for _, lines in found.groups for line in lines)


def _form(record, data=None):
    """The form of the fields that have no place of their own."""
    keys = [key for key in facts.askable() if not places.of_column(record, key)]
    return FactsForm(data, keys=keys, initial={"as_of": doors.today()})


def _done(request, record, kind, said, at):
    refresh_company(record.company_id, at=at)
    messages.success(request, said)
    return HttpResponseRedirect(reverse(PAGES[kind], args=[record.pk]))


def _chosen(request, pk, kind, row):
    """The value of one source is the one in use from now on."""
    record, at, reason = doors.of_kind(request, kind, pk), timezone.now(), request.POST.get("reason", "")
    seen = _number(request.POST.get("seen", ""))
    try:
        facts.choose(record, row, by=request.user, at=at, reason=reason, seen=seen)
    except facts.FactRefused as refusal:
        return _refused(request, record, kind, row, refusal, reason)
    return _done(request, record, kind, "已选定，匹配结果已更新。有更新的值登记时会再提请核对。", at)


def _withdrawn(request, pk, kind, row):
    """A value that was recorded by mistake counts no more."""
    record, at, reason = doors.of_kind(request, kind, pk), timezone.now(), request.POST.get("reason", "")
    try:
        facts.withdraw(record, row, by=request.user, at=at, reason=reason)
    except facts.FactRefused as refusal:
        return _refused(request, record, kind, row, refusal, reason)
    return _done(request, record, kind, "已撤回，这一条留着、不再作数，匹配结果已更新。", at)


def _kept(request, pk, kind, key):
    """The column of the record is the value in use from now on, and what was recorded stands beside it."""
    record, at, reason = doors.of_kind(request, kind, pk), timezone.now(), request.POST.get("reason", "")
    seen = {name: _number(request.POST.get(name, "")) for name in ("seen", "version")}
    try:
        archives.keep(record, key, by=request.user, at=at, reason=reason, **seen)
    except facts.FactRefused as refusal:
        return _refused(request, record, kind, key, refusal, reason)
    return _done(request, record, kind, "已以档案为准，匹配结果已更新。", at)


def _number(text):
    """A number that was sent along; 0, which is nobody's, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _refused(request, record, kind, row, refusal: Refused, reason):
    return _page(request, record, kind, refusal.status, refusal=refusal, row=row, reason=reason)


choose_of_project, choose_of_lead = (deed(PAGES[kind])(_chosen) for kind in ("project", "lead"))
withdraw_of_project, withdraw_of_lead = (deed(PAGES[kind])(_withdrawn) for kind in ("project", "lead"))
keep_of_project, keep_of_lead = (deed(PAGES[kind])(_kept) for kind in ("project", "lead"))
