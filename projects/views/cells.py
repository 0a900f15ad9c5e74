"""Editing in the row of both lists: the cell as a form, saved by the call of the edit page, shown again."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from crm import display, history
from crm.answers import says_why
from crm.bell import ring
from crm.clash_forms import only, rows_of, typed_over
from crm.clashes import Clashing
from crm.errors import Refused, StaleVersion
from crm.lists import Listing
from crm.permissions import require
from leads import cells, editing, screening, tagging
from leads.classifying import sector_of
from leads.columns import LISTING as LEADS
from leads.forms import EditForm as LeadForm
from leads.forms import ScreeningForm
from leads.models import Lead
from leads.rows import ROW, dress
from leads.tag_forms import TagsForm
from leads.tagging import shown_tags
from projects import cell_undo, cell_values, mending
from projects.columns import LISTING as PROJECTS
from projects.forms import EditForm as ProjectForm
from projects.stages import MAP
from projects.views import doors

VERBS = {"owner": "assign"}  # cell → what it takes; the others take what editing takes
TAGS = {"tags": ("tags", "tag_name")}
OF_LEADS = {**cells.FIELDS, "sector": ("sector",), **TAGS}
OF_PROJECTS = {
    "next": ("next_contact_on", "next_step"),
    "owner": ("owner",),
    "amount": ("amount_wan",),
    "demands": ("demands",),
    "sector": ("sector",),
    **TAGS,
}


@dataclass(frozen=True)
class Kind:
    """How one list edits in the row. `find` reads a record as its row does, `form` makes the form of a cell,
    `save` writes it and returns what `cell_undo` needs to take it back, if it can be."""

    listing: Listing
    fields: dict
    template: str
    name: str
    cell_url: str
    find: Callable
    form: Callable
    save: Callable
    dress: Callable


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def cell(request, pk, name, kind):
    """The cell as a form; saved, or with `show`, as it stands. Without htmx it is a page of its own."""
    how = KINDS[kind]
    if name not in how.fields:
        raise Http404
    record = how.find(request, pk)
    require(request.user, VERBS.get(name, "edit"), record)
    if request.method != "POST":
        show = _shown if request.GET.get("show") and request.htmx else _asked
        return show(request, how, record, name)
    if "undo" in request.POST:
        return _taken_back(request, how, record, name)
    return _saved(request, how, record, name)


def _shown(request, how, record, name, status=200, **undo):
    """The cell as the list shows it; after a change with the way back (`undo`)."""
    if not request.htmx:
        return _left(request, how, record, name, **undo)
    how.dress(request, record)
    context = {"columns": [how.listing.columns[name]], how.name: record, "columns_text": ""}
    if undo:
        context["undo"] = {"url": reverse(how.cell_url, args=[record.pk, name]), **undo}
    return TemplateResponse(request, how.template, context, status=status)


def _left(request, how, record, name, said="没有改动。", token="", refusal=None):
    """Without htmx: what was saved, on the page of the cell with the way back; else to the record."""
    if token:
        here = reverse(how.cell_url, args=[record.pk, name])
        return HttpResponseRedirect(f"{here}?{urlencode({'undo': token})}")
    (messages.warning if refusal else messages.success)(request, str(refusal or said))
    return HttpResponseRedirect(record.get_absolute_url())


def _taken_back(request, how, record, name):
    """Undo what this person just did in this cell, if it still stands so."""
    try:
        cell_undo.take_back(request.POST["undo"], record, name, by=request.user, at=timezone.now())
    except Refused as refusal:
        fresh = how.find(request, record.pk)
        return _shown(request, how, fresh, name, status=refusal.status, refusal=refusal)
    _match(how, record, name)
    return _shown(request, how, how.find(request, record.pk), name, said="已撤销。")


def _match(how, record, name):
    """A project whose fields are others is matched again."""
    if how.name == "project" and name not in TAGS:
        ring(doors.MATCHING, record.pk)


def _asked(request, how, record, name, form=None, status=200, **told):
    context = {
        "form": form or _form(how, request, record, name),
        "column": how.listing.columns[name],
        "cell_url": reverse(how.cell_url, args=[record.pk, name]),
        **told,
    }
    if not request.htmx:
        token = request.GET.get("undo", "")
        undo = {"url": context["cell_url"], "said": "已保存。", "token": token} if token else None
        context |= {"record": record, "undo": undo}
        return TemplateResponse(request, "crm/cell_page.html", context, status=status)
    return TemplateResponse(request, "crm/_cell_form.html", context, status=status)


def _form(how, request, record, name, data=None):
    """The fields of the edit page that stand in this cell."""
    form = how.form(data, record, request.user, name, auto_id=f"cell-{record.pk}-%s")
    return only(form, how.fields[name])


def _saved(request, how, record, name):
    form = _form(how, request, record, name, request.POST)
    if not form.is_valid():
        return _asked(request, how, record, name, form, status=400)
    if not form.has_changed():
        return _shown(request, how, record, name)
    try:
        changed = how.save(record, form, name, by=request.user, at=timezone.now())
    except StaleVersion as refusal:
        return _stale(request, how, form, refusal, name)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _asked(request, how, record, name, form, status=refusal.status)
    undo = {}
    if changed:
        undo = {"said": "已保存。", "token": cell_undo.token_of(changed, record, name, by=request.user)}
    return _shown(request, how, how.find(request, record.pk), name, **undo)


def _stale(request, how, form, refusal, name):
    """What was typed stays, over the row as it stands; beside it what others wrote, who and when."""
    current = how.find(request, refusal.current.pk)
    rows = _theirs(form, refusal)
    last = history.last_changes(current, [row["name"] for row in rows])
    for row in rows:
        row["last"] = last.get(row["name"])
    fresh = _form(how, request, current, name)
    over = _form(how, request, current, name, typed_over(form, fresh))
    return _asked(request, how, current, name, over, status=refusal.status, stale=rows)


def _theirs(form, refusal):
    """[{name, label, theirs}] of the fields of the cell that somebody else changed."""
    if isinstance(refusal, Clashing):
        return rows_of(form, refusal.clashes, {})
    found = editing.clashes(refusal.current, form.values(), form.shown())
    return [
        {"name": one.name, "label": form.fields[one.name].label, "theirs": _words(one.theirs)}
        for one in found
        if one.by_them
    ]


def _words(value):
    if value in (None, ""):
        return display.UNKNOWN
    return display.number(value, None) if hasattr(value, "normalize") else str(value)


def _find_lead(request, pk):
    rows = Lead.objects.visible_to(request.user).select_related(*ROW)
    return get_object_or_404(rows.prefetch_related(shown_tags(request.user)), pk=pk)


def _lead_form(data, lead, user, name, **how):
    today = doors.today()
    if name in TAGS:
        return TagsForm(data, record=lead, user=user, today=today, **how)
    if name == "sector":
        return ScreeningForm(data, lead=lead, today=today, **how)
    return LeadForm(data, instance=lead, user=user, today=today, **how)


def _save_lead(lead, form, name, *, by, at):
    if name in TAGS:
        return _save_tags(lead, form, by, at)
    version, shown = form.cleaned_data["version"], form.shown()
    if name == "sector":
        return _save_sector(lead, form.cleaned_data["sector"], shown["sector"], by, at, version)
    row = cells.save(lead, form.values(), shown, by=by, at=at, version=version)
    return cell_values.changed(lead, row, OF_LEADS[name])


def _save_sector(lead, code, shown, by, at, version):
    before = sector_of(lead)
    return [before, sector_of(screening.classify(lead, code, shown=shown, by=by, at=at, version=version))]


def _save_tags(record, form, by, at):
    given = form.cleaned_data
    changed = tagging.choose(record, given["tags"], form.was_shown(), by=by, at=at, name=given["tag_name"])
    return [changed.given, changed.taken] if changed.given or changed.taken else None


def _dress_lead(request, lead):
    dress([lead], request.user, timezone.now())


def _find_project(request, pk):
    rows = doors.visible(request).select_related(*doors.ROW, "carrier", "leader")
    return get_object_or_404(rows.prefetch_related(shown_tags(request.user)), pk=pk)


def _project_form(data, project, user, name, **how):
    if name in TAGS:
        return TagsForm(data, record=project, user=user, today=doors.today(), **how)
    return ProjectForm(data, project=project, user=user, today=doors.today(), **how)


def _save_project(project, form, name, *, by, at):
    if name in TAGS:
        return _save_tags(project, form, by, at)
    version, shown, before = form.cleaned_data["version"], form.shown(), sector_of(project)
    row = mending.edit(project, form.changes_by_name(), by=by, at=at, version=version, shown=shown)
    ring(doors.MATCHING, project.pk)
    if name == "sector":
        return [before, sector_of(row)]
    return cell_values.changed(project, row, OF_PROJECTS[name])


def _dress_project(request, project):
    doors.dress([project], request.user, timezone.now(), MAP.labels)


KINDS = {
    "leads": Kind(
        listing=LEADS,
        fields=OF_LEADS,
        template="leads/_cells.html",
        name="lead",
        cell_url="projects:lead_cell",
        find=_find_lead,
        form=_lead_form,
        save=_save_lead,
        dress=_dress_lead,
    ),
    "projects": Kind(
        listing=PROJECTS,
        fields=OF_PROJECTS,
        template="projects/_cells.html",
        name="project",
        cell_url="projects:cell",
        find=_find_project,
        form=_project_form,
        save=_save_project,
        dress=_dress_project,
    ),
}
