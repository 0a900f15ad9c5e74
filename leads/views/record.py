"""One lead: everything about it on one page."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm import joins, mentions
from crm.answers import says_why
from crm.forms import choices_of
from crm.models import LossReason
from crm.numbers import number
from crm.permissions import may
from crm.reading import read_once
from crm.together import read
from crm.workdays import shanghai_day
from leads import merging, next_days, places, pool, stages
from leads.claim_forms import ExtensionForm, GiveForm
from leads.claims import may_extend, silent_until
from leads.duplicate_forms import UnmergeForm
from leads.feedback_forms import FeedbackForm
from leads.forms import ContactForm, HandoverForm, ScreeningForm, VisitForm
from leads.models import Lead
from leads.rows import dress
from leads.stages import LeadStage
from leads.timeline import stage_bar
from leads.told import Told

RELATED = (
    "company", "unit", "station", "owner", "leader", "reporter", "channel", "city", "sector", "roadshow",
    "screening__by", "claim__unit", "project", "loss_reason",
)  # fmt: skip
VERBS = ("edit", "move", "screen", "log_visit", "hand_over", "force", "reveal", "feed_back", "supervise")


def visible_lead(request, pk):
    """The lead `pk` if this person may see it; a 404 otherwise."""
    with joins.as_written():
        return get_object_or_404(Lead.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


@require_safe
@says_why
def detail(request, pk):
    """The page of a lead, or its timeline alone when that is looked through."""
    lead = visible_lead(request, pk)
    return (
        _timeline(request, lead)
        if request.htmx and request.htmx.target == "timeline"
        else page(request, lead)
    )


def _timeline(request, lead):
    told = Told(lead, request.user, shanghai_day(timezone.now()))
    context = {"lead": lead, "shown": told.shown(request.GET), **_duplicates(told)}
    return TemplateResponse(request, "leads/_timeline_part.html", context)


@read_once()
def page(request, lead, status=200, **given):
    """The page of `lead`, with forms that were refused, or a refusal, as `given`."""
    at = timezone.now()
    today = shanghai_day(at)
    told = Told(lead, request.user, today)
    dress([lead], request.user, at)
    can = {verb: may(request.user, verb, lead) for verb in VERBS}
    steps, forms = _steps(lead, can, request.user), _forms(told, can, given)
    poolable = pool.poolable().filter(pk=lead.pk)
    read(told.field_changes, poolable, steps["loss_reasons"], *choices_of(forms | given))
    if poolable and may(request.user, "give_to_pool", lead):
        forms.setdefault("pool_form", GiveForm(prefix="pool"))
    context = {
        "lead": lead,
        "can": can,
        "today": today,
        "bar": stage_bar(lead, told.changes, at),
        "shown": told.shown(request.GET),
        "contacts": told.people,
        "orders": told.orders,
        "contested": told.contested,
        "qualifications": told.qualifications,
        "screening": getattr(lead, "screening", None),
        "next_days": next_days.offers(today),
        **steps,
        **_claim(lead, request.user, today),
        **_duplicates(told),
        "offered": next((row for row in told.offers if row.is_open), None),
        **forms,
        "named_in_note": mentions.names_in(lead.note),
        "pool_wait_days": number("pool_wait_days"),
    }
    return TemplateResponse(request, "leads/detail.html", {**context, **given}, status=status)


def _steps(lead, can, user):
    """Where the lead may go, and what the step forward still lacks, each with the place to fill it in."""
    if not can["move"] or lead.stage == LeadStage.ACCEPTED:
        return {"forward": "", "missing": [], "aside": [], "loss_reasons": LossReason.objects.none()}
    ways = stages.MAP.next(lead.stage)
    forward = next((code for code in ways if stages.MAP.is_forward(lead.stage, code)), "")
    return {
        "forward": forward,
        "forward_label": stages.MAP.labels.get(forward, ""),
        "missing": places.beside(lead, lead.missing_for(forward), user) if forward else [],
        "aside": [(code, stages.MAP.labels[code]) for code in ways if code != forward],
        "may_lose": LeadStage.DROPPED in ways,
        "loss_reasons": LossReason.objects.active(shanghai_day(timezone.now())),
    }


def _claim(lead, user, today):
    """How the 首报 stands and, where it may still be extended, the form for it."""
    claim = getattr(lead, "claim", None)
    if claim is None or not claim.is_open:
        return {"claim": claim}
    form = ExtensionForm(prefix="extension") if may_extend(claim, user, today) else None
    return {"claim": claim, "silent_until": silent_until(claim, today), "extension_form": form}


def _duplicates(told):
    """Pairs to be judged, what was merged into this lead, and where it went if it was merged itself."""
    lead, user = told.lead, told.reader
    standing = [merge for merge in told.merges if merge.undone_at is None]
    context = {
        "pairs": told.pairs,
        "merged_here": [merge for merge in standing if merge.kept_id == lead.pk],
    }
    if lead.merged_into_id is None:
        return context
    merge = next(merge for merge in standing if merge.merged_id == lead.pk)
    context |= {"merge": merge, "kept": Lead.objects.visible_to(user).filter(pk=merge.kept_id).first()}
    if all(may(user, "judge_duplicates", one) for one in (lead, merge.kept)):
        is_open = merging.may_be_undone(merge, timezone.now())
        context |= {"unmerge_form": UnmergeForm(prefix="unmerge") if is_open else None}
        context |= {"undo_until": merge.at + merging.UNDO, "too_late": merging.TOO_LATE}
    return context


def _forms(told, can, given):
    """The forms this person may use on the page, unless a refused one is `given`."""
    lead, today, forms = told.lead, told.day, {}
    if can["log_visit"] and lead.stage != LeadStage.ACCEPTED and "visit_form" not in given:
        forms["visit_form"] = VisitForm(record=lead, today=today, prefix="visit")
    if can["screen"] and lead.stage != LeadStage.ACCEPTED and "screening_form" not in given:
        forms["screening_form"] = ScreeningForm(lead=lead, today=today)
    if can["feed_back"] and lead.has_introducer and "feedback_form" not in given:
        initial = {"to": lead.channel_detail, "said_on": today}
        forms["feedback_form"] = FeedbackForm(initial=initial, prefix="feedback")
    offered = any(row.is_open for row in told.offers)
    wants_form = can["hand_over"] and lead.stage in stages.OPEN and not offered  # projects: their page
    wants_form = wants_form and not lead.is_suspended
    if wants_form and "handover_form" not in given:
        initial = {"version": lead.version, "share": number("handover_share")}
        forms["handover_form"] = HandoverForm(lead=lead, initial=initial, prefix="handover")
    if can["edit"] and (lead.company_id or not lead.contact_id) and "contact_form" not in given:
        forms["contact_form"] = ContactForm(prefix="contact")
    return forms
