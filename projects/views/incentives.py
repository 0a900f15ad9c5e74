"""优惠条款: the items of a deal and their review, one item with its wordings, and what waits for review."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm.answers import deed, says_why
from crm.permissions import may, require
from projects import incentives, papers, reviewing
from projects.incentive_forms import ConclusionForm, ItemForm, VerdictForm
from projects.models import IncentiveItem
from projects.models.clearance import change_since, missing_review
from projects.views import doors

FORM = "projects/incentive_form.html"


def _items(request):
    rows = IncentiveItem.objects.visible_to(request.user)
    return rows.with_parties().select_related("project__unit", "drafted_by", "unit")


def found(request, pk):
    """The item `pk` if this person sees it, with its reviews; else 404."""
    return get_object_or_404(_items(request).prefetch_related("reviews__by", "reviews__paper"), pk=pk)


def _dressed(items, at):
    """Each item with its flags, its state and the words of its state."""
    for item in incentives.dressed(items, at=at):
        item.all_reviews = item.reviews.all()
    return items


@require_safe
@says_why
def project_items(request, pk):
    """All items on one page, as the audit reads them: bases, flags, conclusions, dates, people."""
    return _sheet(request, doors.found(request, pk))


def _sheet(request, project, status=200, form=None):
    items = list(_items(request).filter(project=project).prefetch_related("reviews__by", "reviews__paper"))
    standing = [item for item in items if item.removed_at is None]
    papers.with_files(project, standing)
    conclusions = list(project.fair_reviews.select_related("by", "paper"))
    context = {
        "project": project,
        "items": _dressed(standing, timezone.now()),
        "removed": [item for item in items if item.removed_at],
        "missing": missing_review(project, doors.today()),
        "conclusions": conclusions,
        "change": change_since(conclusions[-1], standing) if conclusions else "",
        "may_draft": may(request.user, "draft_incentive", project),
        "may_review": may(request.user, "review_incentive"),
        "form": form or ConclusionForm(project=project),
        "today": doors.today(),
    }
    return TemplateResponse(request, "projects/incentives.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def new(request, pk):
    """Draft an item; the machine's flags are shown at once on its page."""
    project = doors.found(request, pk)
    require(request.user, "draft_incentive", project)
    form = ItemForm(request.POST or None, request.FILES or None)
    context = {"form": form, "title": "新增优惠条款", "project": project, "back": _sheet_url(project)}
    if request.method != "POST":
        return TemplateResponse(request, FORM, context)
    made = []

    def act():
        scan = form.cleaned_data["paper"]
        made.append(incentives.draft(project, form.content(), by=request.user, at=timezone.now(), scan=scan))

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "条款已录入，等待公平竞争审查。")
    return HttpResponseRedirect(made[0].get_absolute_url())


def _sheet_url(project):
    return reverse("projects:incentives", args=[project.pk])


@require_safe
@says_why
def incentive(request, pk):
    """One item: what it promises, what the machine flags, every wording and every conclusion."""
    return _page(request, found(request, pk))


def _page(request, item, status=200, form=None):
    _dressed([item], timezone.now())
    papers.with_files(item.project, [item])
    is_standing = item.removed_at is None
    context = {
        "item": item,
        "project": item.project,
        "drafts": item.drafts.select_related("by"),
        "may_draft": is_standing and may(request.user, "draft_incentive", item.project),
        "may_review": is_standing and may(request.user, "review_incentive"),
        "form": form or VerdictForm(project=item.project, initial={"digest": item.digest}),
    }
    return TemplateResponse(request, "projects/incentive.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def edit(request, pk):
    """Amend an item; a review of the old wording no longer counts."""
    item = found(request, pk)
    require(request.user, "draft_incentive", item.project)
    form = ItemForm(request.POST or None, request.FILES or None, row=item)
    back = item.get_absolute_url()
    context = {"form": form, "title": "修改优惠条款", "project": item.project, "back": back}
    if request.method != "POST":
        return TemplateResponse(request, FORM, context)

    def act():
        said = {"version": form.cleaned_data["version"], "scan": form.cleaned_data["paper"]}
        incentives.amend(item, form.content(), by=request.user, at=timezone.now(), **said)

    if status := doors.tried(form, act):
        return TemplateResponse(request, FORM, context, status=status)
    messages.success(request, "修改已保存，原来的文字留在条款稿里；审查须重新进行。")
    return HttpResponseRedirect(back)


@deed("projects:incentive")
def remove(request, pk):
    """Take an item out of the deal."""
    item = found(request, pk)
    incentives.remove(item, by=request.user, at=timezone.now())
    messages.success(request, "这条优惠已撤下，记录仍然保留。")
    return HttpResponseRedirect(_sheet_url(item.project))


@deed("projects:incentive", "review")
def review(request, pk):
    """A reviewer concludes on one item."""
    item = found(request, pk)
    form = VerdictForm(request.POST, request.FILES, project=item.project)

    def act():
        digest = form.cleaned_data["digest"]
        reviewing.review(item, form.verdict(), digest=digest, by=request.user, at=timezone.now())

    if status := doors.tried(form, act):
        return _page(request, item, status, form)
    messages.success(request, "审查结论已写入。")
    return HttpResponseRedirect(_sheet_url(item.project))


@deed("projects:incentives", "conclusion")
def conclude(request, pk):
    """A reviewer concludes on the whole set."""
    project = doors.found(request, pk)
    form = ConclusionForm(request.POST, request.FILES, project=project)

    def act():
        reviewing.conclude(project, **form.conclusion(), by=request.user, at=timezone.now())

    if status := doors.tried(form, act):
        return _sheet(request, project, status, form)
    messages.success(request, "公平竞争审查结论已出具。")
    return HttpResponseRedirect(_sheet_url(project))


@require_safe
@says_why
def waiting(request):
    """What waits for review, the oldest change first, for those who review; others see their own unit's."""
    items = incentives.waiting(request.user, timezone.now())
    return TemplateResponse(request, "projects/reviews.html", {"items": items})
