"""撤销导入: what a finished import wrote goes again while nobody has worked on it.

Of a usual sheet in one step or not at all; of a large one lot by lot in a worker (undoing_lots.py). A lead
somebody has touched stays with all that belongs to it, and the import names it and says why. Contacts and
companies go only when this import made them and nothing else refers to them.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from crm import audit
from crm.errors import Refused, StaleVersion
from crm.models import AuditEvent, Company, Contact
from crm.permissions import require
from leads import import_updates
from leads.models import Claim, DuplicatePair, ImportJob, ImportRow, Lead, RoadshowTarget, Visit
from leads.stages import LeadStage

FINISHED = (ImportJob.State.DONE, ImportJob.State.FAILED, ImportJob.State.STOPPED)
WRITTEN = Q(lead__isnull=False) | Q(left_version__isnull=False)
NAMED = 200  # leads that the audit event names
MANY = 1000  # leads that go while the person waits: about a second


class UndoRefused(Refused):
    """The import cannot be taken back, or not like this; nothing happened."""

    code = "import_state"
    status = 409


@dataclass(frozen=True)
class Undoing:
    """What taking an import back would do: keys of what goes, {lead: why it stays}."""

    leads: list
    contacts: list
    companies: list
    kept: dict = field(default_factory=dict)
    filled: int = 0  # leads that were filled by a row, and are to be emptied again
    old_companies: int = 0  # of leads that go, but not their companies: known before, or used elsewhere


def may_be_undone(job):
    """Whether the import has written anything that somebody could take back."""
    return job.state in FINISHED and not job.is_being_undone and job.rows.filter(WRITTEN).exists()


def foresee(job):
    """What `undo` would do now, without doing it."""
    filled = job.rows.filter(left_version=F("of_lead__version")).exclude(filled={}).count()
    return plan_for(job.rows.exclude(lead=None).values("lead"), filled)


def plan_for(written, filled=0):
    """The Undoing of these leads: keys, or for a whole import a query, which the database joins at once."""
    kept = _worked_on(written)
    going = Lead.objects.filter(pk__in=written).exclude(pk__in=list(kept)).order_by("pk").values("pk")
    people = _contacts(going)
    leads = list(going.values_list("pk", flat=True))
    contacts = list(people.values_list("pk", flat=True))
    companies = list(_companies(going, people.values("pk")).values_list("pk", flat=True))
    named = Lead.objects.filter(pk__in=going, company__isnull=False).values("company").distinct().count()
    return Undoing(leads, contacts, companies, kept, filled, named - len(companies))


@transaction.atomic
def undo(job, *, foreseen, reason, by, at):
    """Take the import back and return the Undoing that was done; `foreseen` leads were announced to go.

    Of more than MANY leads it only begins, and the caller rings for a worker: `job.is_being_undone` then.
    Whoever may confirm imports there may. Raises UndoRefused without a reason, when there is nothing to take
    back, and when by now other leads would go than were announced.
    """
    row = ImportJob.objects.select_for_update(of=("self",)).select_related("roadshow").get(pk=job.pk)
    require(by, "import", row.roadshow)
    if not may_be_undone(row):
        raise UndoRefused(f"这次导入{row.state_words}，没有可以撤销的。")
    if not reason.strip():
        raise UndoRefused("请填写撤销的理由。", code="required", field="reason")
    is_large = job.rows.exclude(lead=None).count() > MANY
    if not is_large:
        lock(job.rows.exclude(lead=None).values("lead"))
    plan = _as_announced(row, foreseen)
    named = Lead.objects.filter(pk__in=plan.leads[:NAMED]).order_by("pk")
    titles = list(named.values_list("title", flat=True))
    job.undone_by, row.undone_by, row.undo_reason = by, by, reason.strip()[:200]
    if is_large:
        row.counts, row.message = {**row.counts, "going": len(plan.leads) + plan.filled}, ""
        row.save(update_fields=["undone_by", "undo_reason", "counts", "message"])
    else:
        _finish(row, plan, by, at)
    detail = {"file": row.filename, "count": len(plan.leads), "leads": titles, "reason": row.undo_reason}
    audit.record(by, "undo_import", row, detail=detail, at=at)
    job.undone_at = row.undone_at
    return plan


def _as_announced(job, foreseen):
    plan = foresee(job)
    if not plan.leads and not plan.filled:
        raise UndoRefused("写入的线索都有人跟进过，没有可以撤销的。")
    if len(plan.leads) != foreseen:
        raise UndoRefused("刚才有人在跟进这些线索，可以撤销的变了，请核对后再确认。")
    return plan


def _finish(job, plan, by, at):
    """Do it all now, and write down on the import what was taken back."""
    job.state, job.undone_at = ImportJob.State.UNDONE, at
    gone = job.counts.get("undone", 0) + len(plan.leads)
    job.counts = {**job.counts, "undone": gone, "kept": len(plan.kept)}
    job.save(update_fields=["state", "undone_by", "undone_at", "undo_reason", "counts"])
    keep(job.rows.filter(lead__in=plan.kept), plan)
    delete(plan)
    empty(job.rows.filter(left_version__isnull=False), by, at)


def lock(written):
    """Hold these leads, their claims and their companies: who works on one now is waited for, or waits."""
    leads = Lead.objects.filter(pk__in=written)
    companies = list(leads.exclude(company=None).values_list("company", flat=True))
    for rows in (leads, Claim.objects.filter(lead__in=written), Company.objects.filter(pk__in=companies)):
        list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _worked_on(written):
    """{lead: why it stays} of those leads that somebody has worked on since they were written."""
    rows, found = Lead.objects.filter(pk__in=written), defaultdict(list)
    for words, condition in _traces(written).items():
        for pk in rows.filter(condition).distinct().values_list("pk", flat=True):
            found[pk].append(words)
    for pk in rows.exclude(version=1).exclude(pk__in=list(found)).values_list("pk", flat=True):
        found[pk].append("修改过")
    return {pk: "、".join(words) for pk, words in found.items()}


def _traces(written):
    """{what somebody has done to a lead: how it shows}; what the machine writes by itself is no trace."""
    later = Visit.objects.filter(lead=OuterRef("pk")).exclude(created_at=OuterRef("created_at"))
    judged = DuplicatePair.objects.exclude(verdict="").filter(Q(one=OuterRef("pk")) | Q(other=OuterRef("pk")))
    added = Contact.objects.filter(
        company=OuterRef("company"), unit=OuterRef("unit"), created_at__gt=OuterRef("created_at")
    )
    corrected = AuditEvent.objects.filter(
        action="correct_contact", subject="crm.contact", subject_id=OuterRef("contact")
    )
    return {
        "已转为项目": Q(project__isnull=False),
        "已离开线索阶段": ~Q(stage=LeadStage.LEAD),
        "阶段变动过": Q(changes__seq__gt=1),
        "记录过跟进": Q(Exists(later)),
        "加过照片": Q(visits__photos__isnull=False),
        "写过研判意见": Q(screening__isnull=False),
        "登记过联系人": Q(Exists(added)),
        "更正过联系人": Q(Exists(corrected)),
        "移交过": Q(handovers__isnull=False),
        "进过公海": Q(pool_entries__isnull=False),
        "有首报冲突": Q(claim__conflicts__isnull=False),
        "首报办理过延期等事项": Q(claim__events__by__isnull=False),
        "加过标签": Q(taggings__isnull=False),
        "划分过业绩": Q(credit_splits__isnull=False),
        "判定过疑似重复": Q(Exists(judged)),
        "合并过线索": Q(merges__isnull=False) | Q(merged_by__isnull=False),
        "给引荐人回过音": Q(feedbacks__isnull=False),
        "有督办单": Q(orders__isnull=False),
    }


def _contacts(leads):
    """The people whom the import itself wrote with these leads and nobody else refers to."""
    own = Lead.objects.filter(pk__in=leads, contact=OuterRef("pk"), created_at=OuterRef("created_at"))
    rows = Contact.objects.filter(Exists(own))
    return _unused(rows, Contact, {Lead: leads})


def _companies(leads, contacts):
    """The companies that the import itself wrote with these leads, as it left them, and nobody else uses."""
    own = Lead.objects.filter(pk__in=leads, company=OuterRef("pk"), created_at=OuterRef("created_at"))
    rows = Company.objects.filter(Exists(own), version=1, updated_at=F("created_at"))
    claims = list(Claim.objects.filter(lead__in=leads).values_list("pk", flat=True))
    return _unused(rows, Company, {Lead: leads, Claim: claims, Contact: contacts})


def _unused(rows, model, going):
    """Those of `rows` to which nothing refers but what is `going` itself: {model: keys}."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            others = relation.related_model._base_manager.exclude(
                pk__in=going.get(relation.related_model, ())
            )
            rows = rows.filter(~Exists(others.filter(**{relation.field.name: OuterRef("pk")})))
    return rows


def keep(rows, plan):
    """Write down on the rows of leads that stay why they do."""
    kept = list(rows)
    for row in kept:
        row.kept_because = plan.kept[row.lead_id][:300]
    ImportRow.objects.bulk_update(kept, ["kept_because"], batch_size=500)


def empty(rows, by, at):
    """What rows filled in leads that nobody has changed since is empty again; whoever may edit them may."""
    for row in rows.select_related("of_lead"):
        try:
            import_updates.take_back(row, by=by, at=at)
            row.left_version = None
        except StaleVersion:
            row.kept_because = "补充以后修改过"
        except Refused as refusal:
            row.kept_because = refusal.detail[:300]
        row.save(update_fields=["left_version", "kept_because"])


def delete(plan):
    """The leads with claims and first visits, the people, the companies; their targets are open again."""
    planned, visited = RoadshowTarget.State.PLANNED, RoadshowTarget.State.VISITED
    RoadshowTarget.objects.filter(lead__in=plan.leads, state=visited).update(state=planned)
    Lead.objects.filter(pk__in=plan.leads).delete()
    Contact.objects.filter(pk__in=plan.contacts).delete()
    Company.objects.filter(pk__in=plan.companies).delete()
