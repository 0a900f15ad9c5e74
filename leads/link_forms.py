"""企业关系 in forms, and the one answer that the page of a lead's and that of a project's company give."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from crm.errors import Refused
from crm.forms import NamedForm, PlausibleDayField, ValueField
from crm.models import CompanyLink
from crm.permissions import may, require
from crm.values import uscc
from crm.workdays import shanghai_day
from leads import linking
from leads.models import Lead

SIDES = [("", "请选择"), *((code, word) for code, (_, _, word) in CompanyLink.SIDES.items())]


class LinkForm(NamedForm):
    """What another company is to this one."""

    side = forms.ChoiceField(label="它是这家企业的", choices=SIDES)
    name = forms.CharField(label="企业全称", max_length=120)
    uscc = ValueField(label="统一社会信用代码（知道的话）", reads=uscc)
    source = forms.CharField(label="从哪里知道的", max_length=200)
    known_on = PlausibleDayField(label="日期")

    def stated(self):
        given = dict(self.cleaned_data)
        return linking.Stated(**{**given, "uscc": given["uscc"] or ""})


class EndLinkForm(NamedForm):
    """Why a link is taken back."""

    reason = forms.CharField(label="撤销理由", max_length=200)


def answer(request, record, *, at):
    """The page of the links of a visible record's company; a POST adds one."""
    if request.method != "POST":
        return _page(request, record, at)
    require(request.user, "edit", record)
    form = LinkForm(request.POST)
    status = _tried(form, lambda: linking.link(record, form.stated(), by=request.user, at=at))
    if status:
        return _page(request, record, at, status, form)
    messages.success(request, "关系已登记，两家企业的页面都看得到。")
    return HttpResponseRedirect(address(record))


def ended(request, record, pk, *, at):
    """Take one back; a refusal is shown on the page."""
    row = linking.of_company(record.company_id or 0).filter(pk=pk).first()
    if row is None:
        raise Http404
    form = EndLinkForm(request.POST, prefix=f"end{row.pk}")
    how = {"by": request.user, "at": at}
    status = _tried(form, lambda: linking.end(record, row, reason=form.cleaned_data["reason"], **how))
    if status:
        return _page(request, record, at, status, ending=form)
    messages.success(request, "这条关系已撤销，记录仍然保留。")
    return HttpResponseRedirect(address(record))


def _tried(form, act):
    """Do `act` when the form is right; the status of the refusal shown in it, or None when done."""
    if not form.is_valid():
        return 400
    try:
        act()
    except Refused as refusal:
        if refusal.status == 403:
            raise
        form.add_refusal(refusal)
        return refusal.status
    return None


def address(record):
    """Where the links of the record's company are."""
    space = "leads" if isinstance(record, Lead) else "projects"
    return reverse(f"{space}:links", args=[record.pk])


def _page(request, record, at, status=200, refused=None, ending=None):
    can_edit = may(request.user, "edit", record) and record.company_id is not None
    rows = list(linking.of_company(record.company_id or 0))
    for row in rows:
        row.other, row.word = row.seen_from(record.company_id)
        if can_edit and row.ended_at is None:
            own = ending if ending and ending.prefix == f"end{row.pk}" else None
            row.ending = own or EndLinkForm(prefix=f"end{row.pk}")
    places = linking.whereabouts(request.user, [row.other.pk for row in rows])
    context = {
        "record": record,
        "space": "leads" if isinstance(record, Lead) else "projects",
        "rows": [(row, places.get(row.other.pk)) for row in rows],
        "form": (refused or LinkForm(initial={"known_on": shanghai_day(at)})) if can_edit else None,
    }
    return TemplateResponse(request, "leads/links.html", context, status=status)
