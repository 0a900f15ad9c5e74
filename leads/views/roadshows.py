"""行程: the list, one trip with its targets and leads, planning and correcting it."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import joins
from crm.answers import deed, for_readers, says_why
from crm.errors import Refused, StaleVersion
from crm.filtersets import refuse_others
from crm.paging import BadPage
from crm.permissions import may, require
from crm.workdays import shanghai_day
from leads import stages, trips
from leads.models import Lead, Roadshow, RoadshowTarget
from leads.roadshow_forms import TargetForm, TargetsForm, TripForm, UploadForm
from leads.rows import ROW, dress
from leads.views.walk_ins import code_of
from leads.walk_ins import may_read

PAGE = 30
LEADS_SHOWN = 30
DOUBLES_SHOWN = 20
DIGITS = 9  # of a number in an address or a form: longer ones are none of ours


@require_safe
@says_why
@for_readers("行程", Roadshow.objects.visible_to)
def roadshow_list(request):
    """The trips a person may see, newest first, with what came of them."""
    refuse_others(request, page=None)
    trips_seen = Roadshow.objects.visible_to(request.user).select_related("city", "unit", "leader")
    page = _number_of_page(request.GET.get("page", ""))
    first = (page - 1) * PAGE
    counted = trips.with_numbers(trips_seen, request.user)
    found = list(counted.order_by("-starts_on", "-pk")[first : first + PAGE + 1])
    return TemplateResponse(
        request,
        "leads/roadshows.html",
        {
            "trips": found[:PAGE],
            "page": page,
            "has_next": len(found) > PAGE,
            "today": shanghai_day(timezone.now()),
            "may_plan": may(request.user, "plan_trip"),
        },
    )


def _number_of_page(asked):
    if not asked:
        return 1
    if not (asked.isdecimal() and len(asked) <= DIGITS and int(asked)):
        raise BadPage
    return int(asked)


def _seen(request, pk):
    trips_seen = Roadshow.objects.visible_to(request.user).select_related("city", "unit", "leader")
    return get_object_or_404(trips_seen, pk=pk)


@require_safe
def roadshow(request, pk):
    """One trip: targets, leads met, imports."""
    return trip_page(request, _seen(request, pk))


def trip_page(request, trip, *, status=200, **forms):
    """The page of `trip`, with forms that were refused as `forms`; the import's door answers with it too."""
    at = timezone.now()
    leads = Lead.objects.visible_to(request.user).filter(roadshow=trip)
    with joins.as_written():
        met = list(leads.select_related(*ROW).order_by("-created_at", "-pk")[:LEADS_SHOWN])
    shown = dress(met, request.user, at)
    targets = list(trip.targets.select_related("lead"))
    seen = set(leads.filter(targets__roadshow=trip).values_list("pk", flat=True))
    for target in targets:
        target.visible_lead = target.lead if target.lead_id in seen else None
    counts = dict(leads.order_by().values_list("stage").annotate(n=Count("pk")))
    may_plan, may_import = may(request.user, "plan_trip", trip), may(request.user, "import", trip)
    return TemplateResponse(
        request,
        "leads/roadshow.html",
        {
            "trip": trip,
            "members": trip.members.select_related("unit"),
            "targets": targets,
            "states": RoadshowTarget.State.choices,
            "next_stop": trips.next_stop(targets) if _is_on(trip, at) else None,
            "resolved": len(targets) - trip.targets.unresolved().count(),
            "leads": shown,
            "lead_count": sum(counts.values()),
            "stage_counts": [
                (code, stages.MAP.labels[code], counts[code]) for code in stages.MAP.labels if code in counts
            ],
            "imports": trip.imports.visible_to(request.user).select_related("by")[:10],
            "may_plan": may_plan,
            "may_resolve": may_plan or trips.may_resolve(request.user, trip),
            "may_import": may_import,
            "may_capture": may(request.user, "capture"),
            "code": code_of(request, trip, at) if may_read(request.user, trip) else None,
            "upload_form": forms.get("upload_form") or UploadForm(),
            "targets_form": forms.get("targets_form") or TargetsForm(),
            "refusal": forms.get("refusal"),
        },
        status=status,
    )


def _is_on(trip, at):
    """Whether the trip is under way, or will be tomorrow."""
    day = shanghai_day(at)
    return not trip.is_cancelled and trip.starts_on <= day + timedelta(days=1) and day <= trip.ends_on


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def roadshow_new(request):
    """Plan a trip."""
    require(request.user, "plan_trip")
    form = TripForm(request.POST or None, initial={"kind": "knock", "members": [request.user.pk]})
    if request.method == "POST" and form.is_valid():
        try:
            trip, added = trips.plan(
                form.values(),
                members=form.cleaned_data["members"],
                targets=form.cleaned_data["targets"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"行程「{trip}」已建立。")
            _tell_doubles(request, added)
            return redirect(trip)
    context = {"form": form, "title": "安排行程"}
    return TemplateResponse(request, "leads/roadshow_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def roadshow_edit(request, pk):
    """Correct a trip."""
    trip = _seen(request, pk)
    require(request.user, "plan_trip", trip)
    form = TripForm(request.POST or None, instance=trip)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            trips.change(
                _seen(request, pk),
                _chosen(form, trip),
                members=form.cleaned_data["members"],
                by=request.user,
                at=timezone.now(),
                version=form.cleaned_data["version"],
            )
        except StaleVersion as stale:
            return _stale_page(request, form, stale)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "行程已更新。")
            return redirect(trip)
    if form.errors:
        status = 400
    context = {"form": form, "trip": trip, "title": "修改行程"}
    return TemplateResponse(request, "leads/roadshow_form.html", context, status=status)


def _chosen(form, trip):
    """The values of the person, but for the fields of which he chose what stands there now."""
    mine, given = form.values(), form.data
    asked = [name for name in given.getlist("clash") if name in mine]
    if any(given.get(f"choose-{name}") not in ("mine", "theirs") for name in asked):
        raise StaleVersion(trip)
    theirs = [name for name in asked if given[f"choose-{name}"] == "theirs"]
    return {**mine, **{name: getattr(trip, name) for name in theirs}}


def _stale_page(request, form, stale):
    """Both values side by side; the form goes on with the row's version, what stands there is the default."""
    mine, theirs = form.values(), stale.current
    differing = [
        {
            "name": name,
            "label": form.fields[name].label,
            "mine": _as_read(form, name, mine[name]),
            "theirs": _as_read(form, name, getattr(theirs, name)),
            "chosen": form.data.get(f"choose-{name}") or "theirs",
        }
        for name in mine
        if getattr(theirs, name) != mine[name]
    ]
    data = form.data.copy()
    data["version"] = theirs.version
    again = TripForm(data, instance=theirs)
    context = {"form": again, "trip": theirs, "title": "修改行程", "refusal": stale, "differing": differing}
    return TemplateResponse(request, "leads/roadshow_form.html", context, status=409)


def _as_read(form, name, value):
    """A value of the form as a person reads it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    words = dict(form.fields[name].choices) if name == "kind" else {}
    return words.get(value, value) if value not in (None, "") else "（空）"


@deed("leads:roadshow")
def targets_add(request, pk):
    """Add companies to the target list."""
    trip = _seen(request, pk)
    require(request.user, "plan_trip", trip)
    form = TargetsForm(request.POST)
    if not form.is_valid():
        return trip_page(request, trip, status=400, targets_form=form)
    added = trips.add_targets(trip, form.cleaned_data["targets"], by=request.user)
    messages.success(request, f"目标清单新增 {added.number} 家。")
    _tell_doubles(request, added)
    return redirect(trip)


def _tell_doubles(request, added):
    """Say which lines of a target list were left out, and why."""
    if added.doubles:
        rest = len(added.doubles) - DOUBLES_SHOWN
        more = [f"另有 {rest} 行也是重复的，没有再加。"] if rest > 0 else []
        messages.warning(request, "\n".join([*added.doubles[:DOUBLES_SHOWN], *more]))


@deed("leads:roadshow")
def target_resolve(request, pk, target):
    """Say what became of one target."""
    trip = _seen(request, pk)
    row = get_object_or_404(trip.targets.select_related("roadshow"), pk=target)
    form = TargetForm(request.POST)
    if not form.is_valid():
        raise trips.TripRefused("请选择结果，说明最多 200 个字。", field="state")
    trips.resolve(row, **form.result(), by=request.user)
    messages.success(request, f"「{row}」已标为{row.get_state_display()}。")
    return redirect(trip)
