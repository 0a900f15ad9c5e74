"""What the pages of projects share: a visible record, its marks for templates, where to go after."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from crm import history, joins
from crm.clash_forms import differing
from crm.errors import Missing, Refused, StaleVersion
from crm.opened_forms import Opened
from crm.permissions import may
from crm.pipeline import days_between
from crm.workdays import shanghai_day
from leads.models import Lead
from projects import stages
from projects.filters import ProjectFilter
from projects.models import Project
from projects.stays import stood_still

ROW = ("company", "unit", "owner", "sector", "city", "channel")
RECORD = (*ROW, "roadshow", "carrier", "station", "loss_reason", "investor", "registered_company", "leader")
RECORD += ("lead__contact", "lead__reporter", "lead__claim")
MATCHING = "projects.tasks.match_project"


class BadForm(Refused):
    """A form that was not filled in as its fields ask; `missing` names each."""

    code = "invalid"


def visible(request):
    """The projects this person sees: every query here begins with them."""
    return Project.objects.visible_to(request.user)


def found(request, pk):
    """The visible project `pk` with what its page shows; 404 for what does not exist for this person."""
    with joins.as_written():
        return get_object_or_404(visible(request).select_related(*RECORD), pk=pk)


def of_kind(request, kind, pk):
    """The visible "project" or "lead" `pk` with its company, for pages that both have; or 404."""
    with joins.as_written():
        seen = {"project": Project, "lead": Lead}[kind].objects.visible_to(request.user)
        return get_object_or_404(seen.select_related("company", "sector", "unit"), pk=pk)


def asked(request, also=(), data=None, around=None):
    """The filter set of this request over what its person may see."""
    data = request.GET if data is None else data
    return ProjectFilter(data, visible(request), request=request, today=today(), also=also, around=around)


def today():
    return shanghai_day(timezone.now())


def dress(projects, user, at, labels, stood=None):
    """Give each project its marks for the templates: url, lamp, days, steps, overdue.

    By one query, unless it is known for how many days the clock of each `stood` still.
    """
    day, stood = shanghai_day(at), stood_still(projects, at) if stood is None else stood
    for project in projects:
        is_open = project.stage not in stages.CLOSED
        project.url = project.get_absolute_url()
        project.lamp = project.light(day) if is_open else ""
        project.days_in_stage = int(max(days_between(project.entered_at, at) - stood.get(project.pk, 0), 0))
        project.stage_label = labels.get(project.stage, project.stage)
        project.is_overdue = is_open and project.next_contact_on is not None and project.next_contact_on < day
        project.has_no_next = is_open and project.next_contact_on is None
        project.may_move = may(user, "move", project)
        project.onward = onward(project)
        project.may_edit = may(user, "edit", project)
        project.may_assign = may(user, "assign", project)
        project.steps = [(code, labels.get(code, code)) for code in project.stages.next(project.stage)]
    return projects


def onward(project):
    """The next stage on the line; "" at its end or beside it."""
    line = project.stages.line
    return line[line.index(project.stage) + 1] if project.stage in line[:-1] else ""


def sent(request):
    """What a form was sent with, also when that is nothing; None when it was only opened."""
    return request.POST if request.method == "POST" else None


def refusal_of(form, detail="表单有误，没有写入。"):
    """The errors of a form in the shape of a refusal that says `detail`."""
    wrong = [
        Missing("invalid", _labelled(form.fields[name].label, error) if name in form.fields else error, name)
        for name, errors in form.errors.items()
        for error in errors
    ]
    return BadForm(detail, missing=wrong)


def _labelled(label, error):
    """The error with the name of its field before it, unless it says that itself."""
    return error if label and error.startswith(label) else f"{label}：{error}"


def tried(form, act):
    """Do `act` when the form is right; the status of the refusal, shown in the form, or None when done."""
    if not form.is_valid():
        return 400
    try:
        act()
    except StaleVersion as stale:
        _show_both(form, stale)
        return stale.status
    except Refused as refusal:
        form.add_refusal(refusal)
        return refusal.status
    return None


def _show_both(form, stale):
    """Above the form what the row says otherwise now, and who changed it; what was typed stays in the form.

    Fields that nobody touched here show what stands there by now. Who has read it may save once more: then
    what the form says stands.
    """
    found, untouched = differing(form, stale.current), getattr(form, "untouched", set)()
    last = history.last_changes(stale.current, found) if found else {}
    form.add_refusal(stale)
    for name, (mine, theirs) in found.items():
        who, at = last.get(name, ("", None))
        by = f"（{who} {timezone.localtime(at):%m-%d %H:%M} 改）" if who else ""
        yours = "您没有动过，表格里已换成现在的" if name in untouched else f"您填的是 {mine}"
        form.add_error(None, f"{form.fields[name].label}：现在是 {theirs}{by}，{yours}。")
    if found.keys() - untouched:
        form.add_error(None, "看过以后再保存一次，以表格里的为准；要留别人改的，请先照上面改回来。")
    if isinstance(form, Opened):
        form.data = form.over_present(stale.current.version)
    else:
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = f"{stale.current.version}"


def go(request, url):
    """To `url`: by redirect, and for htmx by telling it to load the page."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": str(url)})
    return HttpResponseRedirect(url)
