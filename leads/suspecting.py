"""判重 after the fact: a lead that was written or changed is compared with those it may repeat.

Rows are the queue: `Lead.is_unchecked`. After a commit a worker is rung; what a lost ring, a dead worker,
a renamed company or an upgrade leaves behind, the schedule finds. However many rings there are, one process
compares, and only for seconds before it rings for the next portion: what an import of a whole register left
to compare must not keep all workers from everything else.
"""

import logging
import time
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import Q

from crm import roles
from crm.alone import holding
from crm.bell import ring
from crm.logs import kind
from crm.models import Notification, User
from crm.notifications import notify, responsible
from crm.numbers import number
from crm.reading import read_once
from leads.duplicates import Limits, compare
from leads.models import DuplicatePair, Lead
from leads.stages import LeadStage

logger = logging.getLogger(__name__)

LOCK_SPACE = 7307  # advisory locks of this room
PORTION = 200  # leads one run compares
SECONDS = 5.0  # and for how long at most, so that what stands behind it in the queue has its turn
MOST = 300  # partners compared with one lead, the newest first
PATIENCE = "300ms"  # shorter than the time after which a deadlock is broken at somebody else's cost
RELATED = ("company", "sector", "channel")
# all that a comparison reads, and whose unit and owner are told of it: rows are wide, and many are compared
READ = (
    "title", "company", "unit", "owner", "stage", "channel__has_introducer", "channel_detail", "partner",
    "investor_name", "city_code", "amount_wan", "sector_kind", "sector__name",
    "company__name", "company__former_names", "company__aliases", "company__brand", "company__uscc",
)  # fmt: skip
LIMITS = tuple(f"likeness_{name}" for name in ("near", "similar", "weak", "amount"))
CHECK = "leads.tasks.check_duplicates"


def limits():
    """The thresholds in force, in whole percent."""
    return Limits(*map(number, LIMITS))


def ask():
    """Have a worker compare what waits, once what was just written is committed."""
    ring(CHECK)


def check_now(lead_id, *, at):
    """Compare one lead; when its rows are busy, the schedule does it."""
    try:
        check(lead_id, at=at)
    except OperationalError as error:
        logger.warning("lead %s is compared later: %s", lead_id, kind(error))


@read_once()
def check_waiting(at):
    """Compare the leads that wait, the oldest first, as many as one run takes; returns how many were.

    None while another process is at it: it goes on as long as there are any.
    """
    with holding(LOCK_SPACE, 0) as free:
        return _check_portion(at) if free else 0


def _check_portion(at):
    done, until = 0, time.monotonic() + SECONDS
    for pk in _waiting().order_by("pk").values_list("pk", flat=True)[:PORTION]:
        check_now(pk, at=at)
        done += 1
        if time.monotonic() >= until:
            break
    return done


def _waiting():
    return Lead.objects.filter(is_unchecked=True)


def go_on(at):
    """Compare a portion and ring for the next one, as long as they become fewer; for the task.

    What stays, because its rows are busy, is left to the schedule: nobody rings for it over and over.
    """
    before = _waiting().count()
    if check_waiting(at) and 0 < _waiting().count() < before:
        ask()


@transaction.atomic
def check(lead_id, *, at):
    """Write the pairs of one lead that have a level, renew those still open, drop those no longer alike.

    A pair with a verdict stays as it is, and two companies a person called different stay so for every
    lead of theirs and of what was merged into it. Safe to repeat, also by two workers at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    lead = Lead.objects.select_related(*RELATED).get(pk=lead_id)
    lead.index_anew()
    found = {other.pk: (other, like) for other, like in _partners(lead)}
    known = {_partner_id(pair, lead): pair for pair in DuplicatePair.objects.of_lead(lead.pk)}
    _write([entry for pk, entry in found.items() if pk not in known], lead, at)
    _renew([(known[pk], like) for pk, (_, like) in found.items() if pk in known], at)
    gone = [pair.pk for pk, pair in known.items() if pk not in found]
    DuplicatePair.objects.open().filter(pk__in=gone).delete()
    Lead.objects.filter(pk=lead.pk, likeness=lead.likeness).update(is_unchecked=False)


def _partners(lead):
    """(lead, Likeness) of those that may be the same project as `lead`; nothing for a closed one."""
    if not _standing(Lead.objects.filter(pk=lead.pk)).exists():
        return
    limit, subject = limits(), lead.subject()
    others = list(_candidates(lead))
    settled = _settled(lead, others)
    for other in others:
        one, later = (subject, other.subject()) if lead.pk < other.pk else (other.subject(), subject)
        like = compare(one, later, limit)
        if like.level and other.pk not in settled:
            yield other, like


def compared(pair):
    """The Likeness of the two leads as they read now, side by side."""
    return compare(pair.one.subject(), pair.other.subject(), limits())


def ask_again():
    """Have every lead compared anew, because a limit changed; the schedule does it bit by bit."""
    return _standing(Lead.objects.filter(is_unchecked=False)).update(is_unchecked=True)


def _standing(leads):
    """Leads that are still somebody's prospect or project; a lost one is no duplicate but history."""
    return leads.own().exclude(stage=LeadStage.DROPPED).exclude(project__stage="lost")


def _candidates(lead):
    rows = _standing(Lead.objects.filter(likeness__overlap=lead.partner_words)).exclude(pk=lead.pk)
    if lead.company and lead.company.uscc:
        rows = rows.filter(Q(company=None) | Q(company__uscc=None) | Q(company__uscc=lead.company.uscc))
    return rows.select_related(*RELATED).only(*READ).order_by("-pk")[:MOST]


def _settled(lead, others):
    """The keys of those `others` that a person has called different from `lead`.

    He said it of the two, of other records of their companies, or of what was merged into one of them.
    """
    families = _families([lead, *others])
    mine = families.pop(lead.pk)
    ours = Lead.objects.filter(Q(pk__in=mine.leads) | Q(company__in=mine.companies)).values("pk")
    said = DuplicatePair.objects.filter(verdict=DuplicatePair.Verdict.DIFFERENT)
    said = said.filter(Q(one__in=ours) | Q(other__in=ours))
    told = set()
    for one, of_one, other, of_other in said.values_list("one", "one__company", "other", "other__company"):
        told |= {(other, of_other)} if mine.has(one, of_one) else {(one, of_one)}
    # two leads of one company were called different, not the company from itself
    told = {(far, None if company in mine.companies else company) for far, company in told}
    return {pk for pk, theirs in families.items() if any(theirs.has(*side) for side in told)}


@dataclass
class _Family:
    """A lead with all that was merged into it: the keys of the leads and of their companies."""

    leads: set
    companies: set

    def has(self, lead, company):
        return lead in self.leads or company in self.companies


def _families(leads):
    """{key: _Family} of these leads; what was merged into a merged one belongs to them, too."""
    families = {one.pk: _Family({one.pk}, {one.company_id} - {None}) for one in leads}
    of, newest = dict(families), list(families)
    while newest:
        merged = Lead.objects.filter(merged_into__in=newest).values_list("pk", "company", "merged_into")
        newest = []
        for pk, company, into in merged:
            family = of[pk] = of[into]
            family.leads.add(pk)
            family.companies |= {company} - {None}
            newest.append(pk)
    return families


def _partner_id(pair, lead):
    return pair.other_id if pair.one_id == lead.pk else pair.one_id


def _write(entries, lead, at):
    """The new pairs, the older lead first; who must judge the sure ones is told."""
    rows = []
    for other, like in entries:
        one, later = sorted((lead, other), key=lambda row: row.pk)
        rows.append(DuplicatePair(one=one, other=later, found_at=at, updated_at=at, **_figures(like)))
    DuplicatePair.objects.bulk_create(rows, ignore_conflicts=True)
    for pair in rows:
        if pair.level in DuplicatePair.SURE:
            _tell(pair, at)


def _figures(like):
    return {
        "level": like.level,
        "confidence": like.confidence,
        "reasons": [{"code": reason.code, "text": reason.text} for reason in like.reasons],
    }


def _renew(entries, at):
    """Open pairs whose level or reasons are others now."""
    for pair, like in entries:
        figures = _figures(like)
        if not pair.verdict and any(getattr(pair, name) != value for name, value in figures.items()):
            DuplicatePair.objects.open().filter(pk=pair.pk).update(**figures, updated_at=at)


def _tell(pair, at):
    """Those who may say what the pair is: of one unit its owners and heads, of two units the bureau."""
    if pair.one.unit_id == pair.other.unit_id:
        owners = [lead.owner for lead in pair.leads if lead.owner and lead.owner.unit_id == lead.unit_id]
        people = {one.pk: one for one in (*owners, *responsible(pair.one.unit)) if one.is_active}
    else:
        people = {one.pk: one for one in User.objects.filter(role=roles.MANAGER, is_active=True)}
    for person in people.values():
        notify(
            person,
            kind=Notification.Kind.CLAIM,
            key=f"duplicate:{pair.one_id}:{pair.other_id}",
            title=f"疑似重复（{pair.level}）：「{pair.one.title[:40]}」与「{pair.other.title[:40]}」",
            body="请判定是同一项目还是视为新项目；判定之前后登记的线索不能进入研判。",
            url=f"{pair.other.get_absolute_url()}#duplicates",
            at=at,
        )
