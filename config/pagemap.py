"""The map of the site: every page a person opens, with a record to open it on. For pictures and benches."""

from django.urls import reverse

from crm.models import BulkJob, ExportJob
from leads.models import Conflict, ImportJob, Lead, Roadshow
from projects.models import Agreement, Commitment, Fund, Policy, Project, Referral, Space

FIXED = (
    "home",
    "leads:list",
    "leads:board",
    "leads:capture",
    "leads:conflicts",
    "leads:handovers",
    "leads:imports",
    "leads:pool",
    "leads:roadshows",
    "leads:roadshow_new",
    "leads:duplicates",
    "projects:search",
    "projects:list",
    "projects:board",
    "projects:commitments",
    "projects:funds",
    "projects:policies",
    "projects:match_changes",
    "projects:referrals",
    "projects:spaces",
    "projects:compute",
    "projects:reviews",
    "projects:orders",
    "projects:bases",
    "projects:exports",
    "reports",
    "delivery",
    "chain",
    "chain_firms",
    "screen",
    "notifications",
    "calendar",
    "preferences",
    "deliveries",
    "password_change",
)
RECORDS = (
    ("lead", Lead, "-pk"),
    ("project", Project, "pk"),
    ("agreement", Agreement, "pk"),
    ("commitment", Commitment, "pk"),
    ("conflict", Conflict, "-pk"),
    ("roadshow", Roadshow, "-pk"),
    ("fund", Fund, "order"),
    ("policy", Policy, "order"),
    ("referral", Referral, "-pk"),
    ("space", Space, "pk"),
    ("import", ImportJob, "-pk"),
    ("bulk", BulkJob, "-pk"),
    ("export", ExportJob, "-pk"),
)
# pages beside the one of a record
ROOMS = (
    ("trip-report", "leads:report", Roadshow, "-pk"),
    ("trip-door", "leads:door", Roadshow, "-pk"),
    ("facts", "projects:facts", Project, "-pk"),
    ("reverse", "projects:fund_reverse", Fund, "order"),
    ("policy-reverse", "projects:policy_reverse", Policy, "order"),
    ("criteria", "projects:criteria", Fund, "order"),
    ("incentives", "projects:incentives", Project, "-pk"),
    ("one-page", "projects:one_page", Project, "pk"),
    ("receipts", "projects:receipts", Project, "pk"),
    ("project-spaces", "projects:project_spaces", Project, "pk"),
    ("project-compute", "projects:project_compute", Project, "pk"),
)


def pages(user):
    """{name: path} of every page of the map, with the first record of each kind that `user` sees."""
    found = {name.replace(":", "-"): reverse(name) for name in FIXED}
    for name, model, order in RECORDS:
        record = model.objects.visible_to(user).order_by(order).first()
        if record:
            found[name] = record.get_absolute_url()
    for name, address, model, order in ROOMS:
        if record := model.objects.visible_to(user).order_by(order).first():
            found[name] = reverse(address, args=[record.pk])
    return found
