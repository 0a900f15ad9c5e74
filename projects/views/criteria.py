"""The editor of criteria of funds and policies: a draft, looked at before it is published; the versions."""

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from crm import bell, rules
from crm.answers import says_why
from crm.errors import Refused
from crm.permissions import require
from crm.rules import drafting
from crm.rules.estimates import in_words
from projects import publishing
from projects.criteria_forms import LONGEST, Unreadable, read_json, read_rows, rows_of
from projects.edition_forms import EditionForm, PolicyEditionForm
from projects.models import Fund, Policy
from projects.offers import vocabulary
from projects.previewing import preview
from projects.views import doors

MODELS = {model.FIELD: model for model in (Fund, Policy)}
FORMS = {Fund.FIELD: EditionForm, Policy.FIELD: PolicyEditionForm}
MATCHING = {Fund.FIELD: "projects.tasks.match_fund", Policy.FIELD: "projects.tasks.match_policy"}


@require_http_methods(["GET", "HEAD", "POST"])
@says_why
def criteria(request, pk, kind="fund"):
    """The draft of this person: shown, changed, looked at, published. Nothing typed is lost by a refusal."""
    offer = _found(request, kind, pk)
    require(request.user, "edit_criteria")
    if request.method != "POST":
        return _page(request, offer, _draft(request, offer))
    deed, _, number = request.POST.get("do", "check").partition(":")
    if deed in WITHOUT_ROWS:
        return WITHOUT_ROWS[deed](request, offer)
    draft = _typed(request, offer)
    _keep(request, offer, draft)
    if deed in WITH_ROWS:
        return WITH_ROWS[deed](request, offer, draft)
    return _rearranged(request, offer, draft, deed, number)


def _found(request, kind, pk):
    return get_object_or_404(MODELS[kind].objects.visible_to(request.user), pk=pk)


def _key(offer):
    return f"criteria:{offer.pk}" if offer.FIELD == Fund.FIELD else f"criteria:{offer.FIELD}:{offer.pk}"


def _newest(offer):
    return offer.versions.select_related("published_by").order_by("-number").first()


def _draft(request, offer):
    """The draft kept in this person's session, else the newest version to begin from."""
    return request.session.get(_key(offer)) or _begun(offer, _newest(offer))


def _begun(offer, newest):
    return {
        "criteria": drafting.opened(newest.criteria if newest else None),
        "after": newest.number if newest else 0,
        "edition": FORMS[offer.FIELD].begun(newest, doors.today()),
    }


def _keep(request, offer, draft):
    if len(json.dumps(draft)) > LONGEST:
        raise Unreadable("条件写得太长，最后的改动没有存进草稿；请删去一些。")
    request.session[_key(offer)] = draft


def _typed(request, offer):
    """The draft as the form posted it, begun where the kept one was begun."""
    return {
        "criteria": read_rows(request.POST),
        "after": _draft(request, offer)["after"],
        "edition": {name: request.POST.get(name, "") for name in FORMS[offer.FIELD].names()},
    }


def _rearranged(request, offer, draft, deed, number):
    """A rule or group added, moved or taken away."""
    try:
        draft["criteria"], touched = drafting.changed(draft["criteria"], deed, number)
    except drafting.NoSuchPlace as error:
        raise Unreadable("这一条已经不在草稿里了，请刷新页面后再改；其余的内容还在。") from error
    if drafting.is_too_big(draft["criteria"]):
        raise Unreadable(f"最多 {drafting.MAX_NODES} 条规则和组，请先合并或删去一些。")
    _keep(request, offer, draft)
    return (
        _page(request, offer, draft) if request.htmx else _back(offer, f"n-{touched}" if touched else "rows")
    )


def _back(offer, anchor=""):
    address = offer.get_criteria_url()
    return HttpResponseRedirect(f"{address}#{anchor}" if anchor else address)


def _kept(request, offer, draft):
    """Saved while typing: nothing on the page changes."""
    return HttpResponse(status=204)


def _fitted(request, offer, draft):
    return _page(request, offer, draft)


def _checked(request, offer, draft):
    return _page(request, offer, draft, is_checked=True)


def _previewed(request, offer, draft):
    wanted = publishing.cleaned(draft["criteria"])
    if publishing.check(wanted):
        return _page(request, offer, draft, is_checked=True, status=400)
    newest = _newest(offer)
    more = {
        "is_previewed": True,
        "preview": preview(offer, wanted, viewer=request.user, at=timezone.now()),
        "changes": publishing.differences(newest.criteria if newest else {}, wanted, doors.today()),
    }
    return _page(request, offer, draft, is_checked=True, **more)


def _published(request, offer, draft):
    form = FORMS[offer.FIELD](request.POST)
    if not form.is_valid():
        return _page(request, offer, draft, is_checked=True, form=form, status=400)
    wanted, edition = publishing.cleaned(draft["criteria"]), form.edition()
    how = {"by": request.user, "at": timezone.now(), "after": draft["after"]}
    try:
        made = publishing.publish(offer, wanted, edition, **how)
    except Refused as refusal:
        if not refusal.missing and not isinstance(refusal, publishing.PublishedMeanwhile):
            form.add_refusal(refusal)  # the page says by itself which version came meanwhile
        return _page(request, offer, draft, is_checked=True, form=form, status=refusal.status)
    del request.session[_key(offer)]
    bell.ring(MATCHING[offer.FIELD], offer.pk)
    messages.success(
        request, f"第 {made.number} 版已发布，{made.valid_from} 起生效；所有在办项目将按它重新匹配。"
    )
    return doors.go(request, offer.get_absolute_url())


def _from_json(request, offer):
    """The whole draft replaced by what an expert typed; a text that cannot be read stays in its box."""
    draft, text = _draft(request, offer), request.POST.get("json", "")
    try:
        draft = {**draft, "criteria": read_json(text)}
    except Unreadable as refusal:
        return _page(request, offer, draft, json=text, json_error=refusal.detail, status=400)
    _keep(request, offer, draft)
    return _page(request, offer, draft, is_checked=True)


def _discarded(request, offer):
    request.session.pop(_key(offer), None)
    messages.success(request, "草稿已放弃，下面是最新一版的条件。")
    return doors.go(request, offer.get_criteria_url())


def _rebased(request, offer):
    """The draft goes on after the version that was published meanwhile."""
    newest = _newest(offer)
    _keep(request, offer, {**_draft(request, offer), "after": newest.number if newest else 0})
    return doors.go(request, offer.get_criteria_url())


WITHOUT_ROWS = {"json": _from_json, "discard": _discarded, "rebase": _rebased}
WITH_ROWS = {
    "keep": _kept,
    "fit": _fitted,
    "check": _checked,
    "preview": _previewed,
    "publish": _published,
}


def _page(request, offer, draft, *, is_checked=False, form=None, status=200, **more):
    """The editor with the draft; before it is checked, what was just added is not complained about."""
    written = publishing.cleaned(draft["criteria"])
    still_blank = set() if is_checked else drafting.blank(draft["criteria"])
    problems = [one for one in publishing.check(written) if one.number not in still_blank]
    at_row = {}
    for one in problems:
        at_row.setdefault(one.number, []).append(one)
    newest = _newest(offer)
    context = {
        "offer": offer,
        "rows": rows_of(draft["criteria"], at_row, vocabulary()),
        "problems": problems,
        "form": form or FORMS[offer.FIELD](initial=draft["edition"]),
        "json": json.dumps(written, ensure_ascii=False, indent=2),
        "newest": newest,
        "overtaken": newest if newest and newest.number != draft["after"] else None,
        "draft": draft,
        "has_draft": _key(offer) in request.session,
        "is_checked": is_checked,
        **more,
    }
    template = "projects/_criteria_editor.html" if request.htmx else "projects/criteria.html"
    return TemplateResponse(request, template, context, status=status)


@require_safe
@says_why
def version(request, pk, number, kind="fund"):
    """One version of the criteria of a fund or policy, and what it changed against the one before."""
    offer = _found(request, kind, pk)
    one = get_object_or_404(offer.versions.select_related("published_by"), number=number)
    before = offer.versions.filter(number__lt=number).order_by("-number").first()
    tree = rules.evaluate(one.criteria, {}, one.valid_from, vocabulary=vocabulary()).tree
    context = {
        "offer": offer,
        "version": one,
        "before": before,
        "after": offer.versions.filter(number__gt=number).order_by("number").first(),
        "changes": publishing.changes_of(one, before),
        "tree": tree,
        "notes": list(rules.notes(tree)),
        "tiers": in_words(one.tiers, one.cap_wan, vocabulary()) if one.tiers else [],
    }
    return TemplateResponse(request, "projects/criteria_version.html", context)
