"""The editor of a fund's criteria: a kept draft, looked at before it is published; and the versions."""

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import bell, rules
from crm.answers import says_why
from crm.errors import Refused
from crm.permissions import require
from crm.rules import drafting
from projects import publishing
from projects.criteria_forms import LONGEST, EditionForm, Unreadable, read_json, read_rows, rows_of
from projects.matching import vocabulary
from projects.models import CriteriaVersion, Fund
from projects.previewing import preview
from projects.views import doors

MATCHING = "projects.tasks.match_fund"
EDITION = ("valid_from", "source", "source_date", "is_example")


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def criteria(request, pk):
    """The draft of this person: shown, changed, looked at, published. Nothing typed is lost by a refusal."""
    fund = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)
    require(request.user, "edit_criteria")
    if request.method != "POST":
        return _page(request, fund, _draft(request, fund))
    deed, _, number = request.POST.get("do", "check").partition(":")
    if deed in WITHOUT_ROWS:
        return WITHOUT_ROWS[deed](request, fund)
    draft = _typed(request, fund)
    _keep(request, fund, draft)
    if deed in WITH_ROWS:
        return WITH_ROWS[deed](request, fund, draft)
    return _rearranged(request, fund, draft, deed, number)


def _key(fund):
    return f"criteria:{fund.pk}"


def _newest(fund):
    return fund.versions.select_related("published_by").order_by("-number").first()


def _draft(request, fund):
    """The draft kept in this person's session, else the newest version to begin from."""
    return request.session.get(_key(fund)) or _begun(_newest(fund))


def _begun(newest):
    edition = {"valid_from": str(doors.today()), "source": "", "source_date": "", "is_example": ""}
    if newest is None:
        return {"criteria": drafting.opened(None), "after": 0, "edition": edition}
    edition |= {"source": newest.source, "source_date": str(newest.source_date or "")}
    edition["is_example"] = "on" if newest.is_example else ""
    return {"criteria": drafting.opened(newest.criteria), "after": newest.number, "edition": edition}


def _keep(request, fund, draft):
    if len(json.dumps(draft)) > LONGEST:
        raise Unreadable("条件写得太长，最后的改动没有存进草稿；请删去一些。")
    request.session[_key(fund)] = draft


def _typed(request, fund):
    """The draft as the form posted it, begun where the kept one was begun."""
    return {
        "criteria": read_rows(request.POST),
        "after": _draft(request, fund)["after"],
        "edition": {name: request.POST.get(name, "") for name in EDITION},
    }


def _rearranged(request, fund, draft, deed, number):
    """A rule or group added, moved or taken away."""
    try:
        draft["criteria"], touched = drafting.changed(draft["criteria"], deed, number)
    except drafting.NoSuchPlace as error:
        raise Unreadable("这一条已经不在草稿里了，请刷新页面后再改；其余的内容还在。") from error
    if drafting.is_too_big(draft["criteria"]):
        raise Unreadable(f"最多 {drafting.MAX_NODES} 条规则和组，请先合并或删去一些。")
    _keep(request, fund, draft)
    return _page(request, fund, draft) if request.htmx else _back(fund, f"n-{touched}" if touched else "rows")


def _back(fund, anchor=""):
    address = reverse("projects:criteria", args=[fund.pk])
    return HttpResponseRedirect(f"{address}#{anchor}" if anchor else address)


def _kept(request, fund, draft):
    """Saved while typing: nothing on the page changes."""
    return HttpResponse(status=204)


def _fitted(request, fund, draft):
    return _page(request, fund, draft)


def _checked(request, fund, draft):
    return _page(request, fund, draft, is_checked=True)


def _previewed(request, fund, draft):
    wanted = publishing.cleaned(draft["criteria"])
    if publishing.check(wanted):
        return _page(request, fund, draft, is_checked=True, status=400)
    newest = _newest(fund)
    more = {
        "preview": preview(fund, wanted, viewer=request.user, at=timezone.now()),
        "changes": publishing.differences(newest.criteria if newest else {}, wanted, doors.today()),
    }
    return _page(request, fund, draft, is_checked=True, **more)


def _published(request, fund, draft):
    form = EditionForm(request.POST)
    if not form.is_valid():
        return _page(request, fund, draft, is_checked=True, form=form, status=400)
    wanted, edition = publishing.cleaned(draft["criteria"]), publishing.Edition(**form.cleaned_data)
    how = {"by": request.user, "at": timezone.now(), "after": draft["after"]}
    try:
        made = publishing.publish(fund, wanted, edition, **how)
    except Refused as refusal:
        if not refusal.missing and not isinstance(refusal, publishing.PublishedMeanwhile):
            form.add_refusal(refusal)  # the page says by itself which version came meanwhile
        return _page(request, fund, draft, is_checked=True, form=form, status=refusal.status)
    del request.session[_key(fund)]
    bell.ring(MATCHING, fund.pk)
    messages.success(
        request, f"第 {made.number} 版已发布，{made.valid_from} 起生效；所有在办项目将按它重新匹配。"
    )
    return doors.go(request, fund.get_absolute_url())


def _from_json(request, fund):
    """The whole draft replaced by what an expert typed; a text that cannot be read stays in its box."""
    draft, text = _draft(request, fund), request.POST.get("json", "")
    try:
        draft = {**draft, "criteria": read_json(text)}
    except Unreadable as refusal:
        return _page(request, fund, draft, json=text, json_error=refusal.detail, status=400)
    _keep(request, fund, draft)
    return _page(request, fund, draft, is_checked=True)


def _discarded(request, fund):
    request.session.pop(_key(fund), None)
    messages.success(request, "草稿已放弃，下面是最新一版的条件。")
    return doors.go(request, reverse("projects:criteria", args=[fund.pk]))


def _rebased(request, fund):
    """The draft goes on after the version that was published meanwhile."""
    newest = _newest(fund)
    _keep(request, fund, {**_draft(request, fund), "after": newest.number if newest else 0})
    return doors.go(request, reverse("projects:criteria", args=[fund.pk]))


WITHOUT_ROWS = {"json": _from_json, "discard": _discarded, "rebase": _rebased}
WITH_ROWS = {
    "keep": _kept,
    "fit": _fitted,
    "check": _checked,
    "preview": _previewed,
    "publish": _published,
}


def _page(request, fund, draft, *, is_checked=False, form=None, status=200, **more):
    """The editor with the draft; before it is checked, what was just added is not complained about."""
    written = publishing.cleaned(draft["criteria"])
    still_blank = set() if is_checked else drafting.blank(draft["criteria"])
    problems = [one for one in publishing.check(written) if one.number not in still_blank]
    at_row = {}
    for one in problems:
        at_row.setdefault(one.number, []).append(one)
    newest = _newest(fund)
    context = {
        "fund": fund,
        "rows": rows_of(draft["criteria"], at_row, vocabulary()),
        "problems": problems,
        "form": form or EditionForm(initial=draft["edition"]),
        "json": json.dumps(written, ensure_ascii=False, indent=2),
        "newest": newest,
        "overtaken": newest if newest and newest.number != draft["after"] else None,
        "draft": draft,
        "has_draft": _key(fund) in request.session,
        "is_checked": is_checked,
        **more,
    }
    template = "projects/_criteria_editor.html" if request.htmx else "projects/criteria.html"
    return TemplateResponse(request, template, context, status=status)


@require_safe
@says_why
def version(request, pk, number):
    """One version of a fund's criteria, and what it changed against the one before."""
    fund = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)
    one = get_object_or_404(fund.versions.select_related("published_by"), number=number)
    before = CriteriaVersion.objects.filter(fund=fund, number__lt=number).order_by("-number").first()
    tree = rules.evaluate(one.criteria, {}, one.valid_from, vocabulary=vocabulary()).tree
    context = {
        "fund": fund,
        "version": one,
        "before": before,
        "after": fund.versions.filter(number__gt=number).order_by("number").first(),
        "changes": publishing.changes_of(one, before),
        "tree": tree,
        "notes": list(rules.notes(tree)),
        "never_began": one.valid_to is not None and one.valid_to < one.valid_from,
    }
    return TemplateResponse(request, "projects/criteria_version.html", context)
