"""资质 in forms, and the one answer that the page of a lead's and that of a project's company give."""

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from crm.certificates import KEY
from crm.errors import Refused
from crm.facts import accounts
from crm.forms import DayField, NamedForm, PlausibleDayField, paper_field
from crm.models import Fact, Qualification, QualificationProof
from crm.permissions import may, require
from crm.rules import STALE_MONTHS, add_months
from crm.workdays import shanghai_day
from leads import qualifying
from leads.models import Lead

LEVELS = [("", "未写明"), *Qualification.Level.choices]


class QualificationForm(NamedForm):
    """What a certificate says; `row` is the one that is corrected."""

    kind = forms.CharField(label="资质", max_length=qualifying.LONGEST_KIND)
    level = forms.ChoiceField(label="级别", choices=LEVELS, required=False)
    number = forms.CharField(label="证书编号", max_length=80, required=False)
    issued_on = DayField(label="认定日期", required=False)
    expires_on = PlausibleDayField(label="有效期至", required=False)
    is_lasting = forms.BooleanField(label="长期有效", required=False)
    paper = paper_field("证明文件")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput, label="版本")

    def __init__(self, *args, row=None, **kwargs):
        if row:
            shown = {name: getattr(row, name) for name in (*qualifying.FIELDS, "version")}
            kwargs |= {"prefix": f"q{row.pk}", "initial": {**shown, "is_lasting": row.expires_on is None}}
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["kind"].widget.attrs["list"] = "qualification-kinds"

    def certificate(self):
        names = (*qualifying.FIELDS, "is_lasting")
        return qualifying.Certificate(**{name: self.cleaned_data[name] for name in names})


class EndForm(NamedForm):
    """Why a 资质 holds no more."""

    ended_as = forms.ChoiceField(
        label="终止情形", choices=[("", "请选择"), *Qualification.Ending.choices], required=False
    )
    reason = forms.CharField(label="终止原因", max_length=200, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput, label="版本")


class CheckedForm(NamedForm):
    """已核对：没有其他资质: on which day, by whom it is said, by what."""

    as_of = PlausibleDayField(label="数据日期", help_text="这一天企业的资质就是登记的这些。")
    source = forms.ChoiceField(label="来源", choices=Fact.Source.choices)
    note = forms.CharField(label="依据", max_length=120, required=False, help_text="例如公示名单、谈话人。")


def answer(request, record, *, at):
    """The page of the 资质 of a visible record's company; a POST adds one, or corrects that of `row`."""
    if request.method != "POST":
        return page(request, record, at)
    require(request.user, "edit", record)
    row = find(record, request.POST["row"]) if request.POST.get("row") else None
    form = QualificationForm(request.POST, request.FILES, row=row)

    def act():
        how = {"by": request.user, "at": at, "proof": form.cleaned_data["paper"]}
        if row is None:
            return qualifying.add(record, form.certificate(), **how)
        version = form.cleaned_data["version"] or 0
        return qualifying.correct(record, row, form.certificate(), version=version, **how)

    written, status = _tried(form, act)
    if written is None:
        return page(request, record, at, status, form)
    until = f"有效期至 {written.expires_on}" if written.expires_on else "没有有效期"
    messages.success(request, f"「{written}」已保存，{until}。")
    return HttpResponseRedirect(address(record))


def ended(request, record, pk, *, at):
    """End one 资质; a refusal is shown on the page."""
    row = find(record, pk)
    form = EndForm(request.POST, prefix=f"end{row.pk}")

    def act():
        said = {**form.cleaned_data, "version": form.cleaned_data["version"] or 0}
        return qualifying.end(record, row, by=request.user, at=at, **said)

    written, status = _tried(form, act)
    if written is None:
        return page(request, record, at, status, ending=form)
    counts = "匹配时作没有这一项" if written.ended_as == Qualification.Ending.LOST else "也不再用于匹配"
    messages.success(request, f"「{written}」已终止，不再提醒，{counts}。")
    return HttpResponseRedirect(address(record))


def _tried(form, act):
    """(what `act` wrote, 200), or (None, status) with the form told why not."""
    if not form.is_valid():
        return None, 400
    try:
        return act(), 200
    except Refused as refusal:
        form.add_refusal(refusal)
        return None, refusal.status


def find(record, pk):
    """The 资质 `pk` of the record's company, or 404."""
    rows = Qualification.objects.filter(company=record.company_id) if record.company_id else None
    row = (
        rows.filter(pk=pk).first() if rows is not None and str(pk).isdecimal() and len(str(pk)) < 19 else None
    )
    if row is None:
        raise Http404
    return row


def proof(record, pk):
    """The certificate `pk` of one of the company's 资质, with its bytes; or 404."""
    for row in Qualification.objects.filter(company=record.company_id, proofs=pk):
        return row.proofs.get(pk=pk)
    raise Http404


def address(record):
    """Where the 资质 of the record's company are."""
    space = "leads" if isinstance(record, Lead) else "projects"
    return reverse(f"{space}:qualifications", args=[record.pk])


def page(request, record, at, status=200, refused=None, ending=None, checked=None):
    """The page, with the form that was refused in its place."""
    day, can_edit = shanghai_day(at), may(request.user, "edit", record) and record.company_id is not None
    rows = Qualification.objects.filter(company=record.company_id or 0).select_related("by", "from_company")
    rows = rows.prefetch_related(Prefetch("proofs", QualificationProof.objects.defer("data").order_by("pk")))
    rows = list(rows.order_by("ended_on", "kind", "-issued_on", "pk"))
    for row in rows:
        row.on_day = row.state(day)
        row.form = _form_of(row, refused) if can_edit and not row.ended_on else None
        row.ending = _ending_of(row, ending) if row.form else None
    new = refused if refused and refused.row is None else QualificationForm()
    context = {
        "record": record,
        "space": "leads" if isinstance(record, Lead) else "projects",
        "rows": rows,
        "form": new if can_edit else None,
        "checked": (checked or CheckedForm(prefix="checked", initial={"as_of": day})) if can_edit else None,
        "listed": listed(record.company_id, day),
        "kinds": qualifying.DICTIONARY.values(),
        "today": day,
    }
    return TemplateResponse(request, "leads/qualifications.html", context, status=status)


def listed(company_id, day):
    """The list of 资质 in use that somebody checked, as a Fact in words that `is_stale` after twelve months;
    None before anybody did."""
    account = accounts(company_id).get(KEY)
    if account is None or account.used is None:
        return None
    account.used.is_stale = add_months(account.used.as_of, STALE_MONTHS) < day
    return account.used


def _form_of(row, refused):
    return refused if refused and refused.row == row else QualificationForm(row=row)


def _ending_of(row, refused):
    if refused and refused.prefix == f"end{row.pk}":
        return refused
    return EndForm(prefix=f"end{row.pk}", initial={"version": row.version})
