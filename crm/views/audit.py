"""The auditor's page: who did what to which record, newest first. Contacts never stand here."""

from datetime import datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm import audit, roles
from crm.answers import says_why
from crm.forms import AuditForm
from crm.models import AuditEvent, StageSetting
from crm.paging import Page, keyset_page
from crm.partners import SCOPES
from crm.workdays import SHANGHAI

READERS = frozenset({roles.AUDITOR, roles.ADMIN})
OF_THE_SYSTEM = (
    "login",
    "logout",
    "password",
    "token",
    "admin",
)  # how the actions the administrator reads begin
PAGES = {"leads.lead": "leads:detail", "projects.project": "projects:detail"}


@require_safe
@says_why
def events(request):
    """The audit log, filtered by person, action, record and days."""
    if request.user.role not in READERS:
        raise PermissionDenied("审计记录只对审计人员和系统管理员开放。")
    form, page = AuditForm(request.GET), Page([])
    if form.is_valid():
        page = keyset_page(_asked(form), request.GET.get("page", ""), by="at")
    labels = {**SCOPES, **dict(StageSetting.objects.values_list("code", "label"))}
    for event in page:
        _describe(event, request.user, labels)
    context = {"form": form, "page": page, "has_filter": any(request.GET.get(name) for name in form.fields)}
    return TemplateResponse(request, "crm/audit.html", context, status=200 if form.is_valid() else 400)


def _asked(form):
    """The events the form asks for; it has been found valid."""
    asked = form.cleaned_data
    wanted = {
        "actor": asked["person"],
        "action": asked["action"],
        "subject": asked["subject"],
        "subject_id": asked["number"],
        "at__gte": _midnight(asked["since"]),
        "at__lt": _midnight(asked["until"], days=1),
    }
    return AuditEvent.objects.filter(**{name: value for name, value in wanted.items() if value})


def _midnight(day, days=0):
    return day and datetime.combine(day + timedelta(days=days), time(), tzinfo=SHANGHAI)


def _describe(event, reader, labels):
    """Give the event its words; business details and links are for the auditor, not for the administrator."""
    event.label = audit.action_word(event.action)
    event.what = audit.subject_word(event.subject)
    event.lines = audit.in_words(event.detail, labels)
    event.url = ""
    if reader.role == roles.ADMIN and not event.action.startswith(OF_THE_SYSTEM):
        event.lines = []
    if reader.role == roles.AUDITOR and event.subject in PAGES and event.subject_id:
        event.url = reverse(PAGES[event.subject], args=[event.subject_id])
