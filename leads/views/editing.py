"""更正 a lead; when somebody else saved meanwhile, both values stand side by side and the person chooses."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm import history
from crm.answers import keeps_draft, says_why
from crm.errors import Refused, StaleVersion
from crm.permissions import require
from crm.workdays import shanghai_day
from leads import editing
from leads.forms import EditForm
from leads.views.record import visible_lead


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
@says_why
def edit(request, pk):
    """The form, or the saving of it."""
    lead = visible_lead(request, pk)
    require(request.user, "edit", lead)
    today = shanghai_day(timezone.now())
    if request.method != "POST":
        return _page(request, lead, EditForm(instance=lead, user=request.user, today=today))
    form = EditForm(request.POST, instance=lead, user=request.user, today=today)
    if not form.is_valid():
        return _page(request, lead, form, status=400)
    try:
        values, undecided = _chosen(request.POST, form.values(), lead)
        if undecided:
            raise StaleVersion(lead)
        editing.edit(lead, values, by=request.user, at=timezone.now(), version=form.cleaned_data["version"])
    except StaleVersion as refusal:
        return _stale(request, form, refusal, today)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _page(request, lead, form, status=refusal.status)
    messages.success(request, "修改已保存。")
    return HttpResponseRedirect(lead.get_absolute_url())


def _chosen(post, mine, lead):
    """`mine` with the fields for which the person chose theirs, and the fields still without a choice."""
    asked = [name for name in post.getlist("clash") if name in mine]
    undecided = [name for name in asked if post.get(f"choose-{name}") not in ("mine", "theirs")]
    theirs = [name for name in asked if post.get(f"choose-{name}") == "theirs"]
    return {**mine, **{name: getattr(lead, name) for name in theirs}}, undecided


def _stale(request, form, refusal, today):
    """Mine and theirs per field; my typing travels on in hidden fields, over the version as it stands now."""
    current = visible_lead(request, refusal.current.pk)
    found = [
        _shown(clash, form, request.POST) for clash in editing.clashes(current, form.values(), form.shown())
    ]
    if not found:
        messages.info(request, "您的修改和别人刚保存的内容一样，没有需要再写入的。")
        return HttpResponseRedirect(current.get_absolute_url())
    last = history.last_changes(current, [row["clash"].name for row in found])
    for row in found:
        row["last"] = last.get(row["clash"].name)
    fresh = EditForm(instance=current, user=request.user, today=today)
    context = {"lead": current, "form": form, "fresh": fresh, "clashes": found, "refusal": refusal}
    return TemplateResponse(request, "leads/stale.html", context, status=refusal.status)


def _shown(clash, form, post):
    """A clash with its Chinese label and the choice already made, if any."""
    both = clash.by_me and clash.by_them
    return {
        "clash": clash,
        "label": form.fields[clash.name].label,
        "chosen": post.get(f"choose-{clash.name}") or clash.suggestion,
        "both": both,
        "note": "两边都改过，请选" if both else "对方改的" if clash.by_them else "我改的",
    }


def _page(request, lead, form, status=200):
    return TemplateResponse(request, "leads/edit.html", {"lead": lead, "form": form}, status=status)
