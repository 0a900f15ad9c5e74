"""判重: the pairs that wait for a verdict, one pair side by side, the verdict, and taking it back."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.answers import deed, for_readers, says_why
from crm.errors import Refused
from crm.filtersets import refuse_others
from crm.paging import keyset_page
from crm.permissions import may
from crm.reading import read_once
from leads import judging, merge_choices, merging, suspecting
from leads.duplicate_forms import JudgeForm, UnmergeForm
from leads.models import DuplicatePair, Lead
from leads.views.record import page as lead_page
from leads.views.record import visible_lead

RELATED = (
    "one__unit", "other__unit", "one__company", "other__company", "one__owner", "other__owner",
    "one__sector", "other__sector", "one__channel", "other__channel", "decided_by",
)  # fmt: skip


@require_safe
@says_why
@for_readers("疑似重复", Lead.objects.visible_to)
def duplicate_list(request):
    """The pairs a person sees: those that wait, the surest of them alone, or those with a verdict."""
    refuse_others(request, page=None, show=("", "sure", "decided"))
    shown = request.GET.get("show", "")
    pairs = DuplicatePair.objects.visible_to(request.user)
    pairs = pairs.exclude(verdict="") if shown == "decided" else pairs.open()
    if shown == "sure":
        pairs = pairs.filter(level__in=DuplicatePair.SURE)
    by = "decided_at" if shown == "decided" else "found_at"
    page = keyset_page(pairs.select_related(*RELATED), request.GET.get("page", ""), by=by)
    return TemplateResponse(request, "leads/duplicates.html", {"page": page, "shown": shown})


def _pair(request, pk):
    return get_object_or_404(DuplicatePair.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


@require_safe
@says_why
def duplicate(request, pk):
    """One pair."""
    return pair_page(request, _pair(request, pk))


@read_once()
def pair_page(request, pair, status=200, form=None):
    """The page of a pair, with a form that was refused."""
    can_judge = all(may(request.user, "judge_duplicates", lead) for lead in pair.leads)
    if form is None and can_judge and not pair.verdict:
        form = JudgeForm(pair=pair, initial={"kept": judging.suggested(pair)}, prefix="judge")
    context = {
        "pair": pair,
        "likeness": suspecting.compared(pair),
        "form": form,
        "goes_over": merge_choices.belongings(*pair.leads) if form else [],
        "undo_days": merging.UNDO.days,
        "may_take_back": can_judge and pair.verdict == DuplicatePair.Verdict.DIFFERENT,
    }
    return TemplateResponse(request, "leads/duplicate.html", context, status=status)


@deed("leads:duplicate", "judge")
def judge(request, pk):
    """Say what the pair is."""
    pair = _pair(request, pk)
    form = JudgeForm(request.POST, pair=pair, prefix="judge")
    if not form.is_valid():
        return pair_page(request, pair, status=400, form=form)
    try:
        row = judging.judge(pair, by=request.user, at=timezone.now(), **form.told())
    except Refused as refusal:
        if refusal.status in (403, 409, 412):
            raise
        form.add_refusal(refusal)
        return pair_page(request, pair, status=refusal.status, form=form)
    if row.verdict == DuplicatePair.Verdict.SAME:
        messages.success(request, "已合并。合并错了，可以在并入的线索上撤销。")
        return HttpResponseRedirect(Lead.objects.get(pk=form.cleaned_data["kept"]).get_absolute_url())
    messages.success(request, "已记下：视为新项目，以后不再提示这两家。")
    return HttpResponseRedirect(row.get_absolute_url())


@deed("leads:duplicate", "judge")
def take_back(request, pk):
    """Ask about the pair again."""
    row = judging.take_back(_pair(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "判定已撤回，请重新判定。")
    return HttpResponseRedirect(row.get_absolute_url())


@deed("leads:detail", "merged")
def unmerge(request, pk):
    """Take the merge of a lead back."""
    lead = visible_lead(request, pk)
    form = UnmergeForm(request.POST, prefix="unmerge")
    if not form.is_valid():
        return lead_page(request, lead, status=400, unmerge_form=form)
    judging.undo_merge(lead, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "合并已撤销，两条线索各自继续。")
    return HttpResponseRedirect(lead.get_absolute_url())
