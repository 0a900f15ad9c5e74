"""合并: two leads that are one project become one; nothing is lost, and it can be taken back.

What people wrote and whom they know goes over to the lead that is kept; the other stays as a record that
points there (domain §1.4 side stage 重复合并, §7.4 merged_into). The row `Merge` remembers all that moved.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from crm import audit, roles
from crm.errors import Refused
from crm.models import Contact, Notification
from crm.notifications import notify, responsible
from crm.permissions import require
from crm.pipeline import Step, relocate, wind
from leads import carrying, claims, contacts, credit, hearing, joining, tagging
from leads.handover import withdraw_all
from leads.joining import repoint
from leads.models import Claim, Conflict, Lead, LeadStageChange, Merge, RoadshowTarget, Visit
from leads.models.claims import HeldByOther
from leads.stages import LeadStage

# what the kept lead takes over where it says nothing itself
FILLED = (
    "city", "sector_kind", "sector", "chain_position", "amount_wan", "area_sqm", "investor_name", "city_code",
    "contact", "next_step", "next_contact_on",
)  # fmt: skip


# of which a person may also take the value of the lead that goes; a sector goes with its kind
CHOSEN = ("title", *(name for name in FILLED if name != "sector"), "note")
UNDO = timedelta(days=7)  # afterwards too much has been built on the kept lead to take it apart
TOO_LATE = (
    f"合并已超过 {UNDO.days} 天，不能再撤销。确实不是同一家的，请另外登记一条线索，判重时选「视为新项目」。"
)


class MergeRefused(Refused):
    """The two cannot become one, or not that way round; `field` names what to change."""

    code = "merge"


class AlreadyMerged(Refused):
    """One of the two was merged, or the merge was taken back, a moment ago; nothing happened."""

    code = "already_merged"
    status = 409


@transaction.atomic
def merge(kept, merged, *, by, at, reason, take=(), take_for_project=()):
    """Take the lead `merged` into `kept`, and return the Merge.

    Visits, contacts, tags and the marks of trips go over and count there, gaps are filled, the names of its
    company become further names of the kept one, its claim and open hand-over end. `take` names columns (of
    CHOSEN) whose value of `merged` stands from now on, though the kept one says something else, and
    `take_for_project` those of its project (carrying.CHOSEN). Raises NotAllowed for others than the unit of
    both (the bureau for two units), MergeRefused, AlreadyMerged, ProjectRefused.
    """
    keep, gone = _locked(kept, merged)
    for lead in (keep, gone):
        require(by, "judge_duplicates", lead)
    _check(keep, gone, reason)
    _check_credit(keep, gone, by)
    carrying.locked(keep)  # before the orders, and these before the companies: one order of locks
    orders = gone.orders.follow(_on_the_way(keep), by=by, at=at)
    for claim in Claim.objects.filter(lead__in=[keep, gone]).select_related("company", "lead"):
        claims.lock_company(claim)
    row = Merge(kept=keep, merged=gone, by=by, at=at, reason=reason.strip())
    row.moved, row.filled = _move(keep, gone, at) | {"orders": orders}, _fill(keep, gone, take, at)
    withdraw_all(gone, by=by, at=at, why="线索已合并到另一条。")
    _end_claim(keep, gone, by, at)
    row.moved |= hearing.take(keep, gone, row.moved["visits"], at)
    row.moved["project"] = carrying.take(keep, gone, take_for_project, at)
    Lead.objects.filter(pk=gone.pk).update(merged_into=keep)
    relocate(gone, Step(LeadStage.MERGED, by, at, row.reason))
    row.save()
    _tell(row, "已合并", row.reason, by, at)
    return row


@transaction.atomic
def undo(lead, *, by, at, reason):
    """Take the merge of `lead` into another back: it stands again where it stood, with what it had.

    Raises NotAllowed, AlreadyMerged when it is merged no more, MergeRefused while the other is itself merged
    and after the days of UNDO, HeldByOther when somebody has reported its company since.
    """
    row = Merge.objects.standing().filter(merged=lead.pk).first()
    if row is None:
        raise AlreadyMerged("这条线索现在没有合并到别的线索，请刷新后再看。")
    keep, gone = _locked(row.kept, lead)
    row = Merge.objects.select_for_update().get(pk=row.pk)
    for one in (keep, gone):
        require(by, "judge_duplicates", one)
    _check_undo(row, keep, reason, at)
    carrying.locked(keep)
    _move_back(row, keep, gone, by, at)
    _take_back_filled(row, keep, at)
    hearing.part(keep, row.moved, at)
    carrying.part(keep, row.moved.get("project", {}), at)
    _stand_again(gone, by, at, reason)
    row.undone_by, row.undone_at, row.undo_reason = by, at, reason.strip()
    row.save(update_fields=["undone_by", "undone_at", "undo_reason"])
    _tell(row, "已撤销合并", row.undo_reason, by, at)
    return row


def of_lead(lead):
    """Every merge in which `lead` stands, on either side, also those taken back."""
    related = ("kept__unit", "merged__company", "by", "undone_by")
    return Merge.objects.filter(Q(kept=lead) | Q(merged=lead)).select_related(*related)


def _locked(one, other):
    """Both leads, locked in the order of their numbers; AlreadyMerged when they are one row."""
    rows = Lead.objects.select_for_update(of=("self",)).select_related("company", "unit", "channel")
    found = {lead.pk: lead for lead in rows.filter(pk__in=[one.pk, other.pk]).order_by("pk")}
    if len(found) < 2:
        raise MergeRefused("请选两条不同的线索。")
    return found[one.pk], found[other.pk]


def _check(keep, gone, reason):
    for lead in (keep, gone):
        if lead.stage == LeadStage.MERGED:
            raise AlreadyMerged(f"「{lead}」刚被合并到另一条线索，请刷新后再操作。")
    if not reason.strip():
        raise MergeRefused("请填写合并的理由。", field="reason")
    codes = {lead.company.uscc for lead in (keep, gone) if lead.company and lead.company.uscc}
    if len(codes) > 1:
        raise MergeRefused("两家企业的统一社会信用代码不同，不是同一家，不能合并。", code="other_uscc")
    _check_projects(keep, gone)
    if Conflict.objects.open().filter(claim__lead__in=[keep, gone]).exists():
        raise MergeRefused("首报冲突还没有裁决，裁决以后再合并。", code="contested")
    _check_kept(keep, gone)


def _check_kept(keep, gone):
    """What is kept goes on, and has the first report."""
    if keep.stage == LeadStage.DROPPED:
        raise MergeRefused(f"「{keep}」已流失，请保留另一条，或先激活它。", field="kept")
    if hasattr(keep, "project") and keep.project.is_lost:
        said = f"「{keep}」的项目已流失；企业又来谈的，请先重新激活项目，再把另一条并进来。"
        raise MergeRefused(said, field="kept")
    held = set(Claim.objects.open().filter(lead__in=[keep, gone]).values_list("lead", flat=True))
    if held == {gone.pk} and not _may_take_claim(keep, gone):
        raise MergeRefused(f"有效的首报在「{gone}」，请保留它，把另一条并进来。", field="kept")


def _may_take_claim(keep, gone):
    """What has become a project must be kept, so the claim its unit holds by the other passes to it."""
    return hasattr(keep, "project") and keep.unit_id == gone.unit_id


def _check_projects(keep, gone):
    if not hasattr(gone, "project"):
        return
    if hasattr(keep, "project"):
        said = "两条都已转为项目，不能合并；请把重复的那个项目以「重复」为原因流失。"
        raise MergeRefused(said, code="two_projects")
    raise MergeRefused(f"「{gone}」已转为项目，请保留它，把另一条并进来。", field="kept")


def _check_credit(keep, gone, by):
    """What a ruling or a hand-over gave to other units is lost with a lead that goes by the bureau alone."""
    shares = credit.shares_of(gone)
    is_shared = any(part and unit.pk != gone.unit_id for unit, part in shares.items())
    if is_shared and by.role != roles.MANAGER and shares != credit.shares_of(keep):
        told = f"「{gone}」的业绩已有划分（{credit.in_words(shares)}），并进去就没有了"
        raise MergeRefused(f"{told}：请保留它，把另一条并进来，或由区投促局合并。", field="kept")


def _end_claim(keep, gone, by, at):
    """End the claim of `gone`, or its waiting; one that lapsed on the project that is kept begins then."""
    claim = Claim.objects.valid().select_for_update(of=("self",)).filter(lead=gone).first()
    if claim is None:
        return
    was_open = claim.is_open
    claim.finish(Claim.Ended.MERGED, at=at)
    mine = Claim.objects.select_for_update(of=("self",)).filter(lead=keep, ended__in=claims.RENEWABLE).first()
    if was_open and mine and _may_take_claim(keep, gone):
        claims.renew(mine, keep, by, at, why=f"「{gone.title[:60]}」并入，首报转来")


def _move(keep, gone, at):
    """What goes over: {what: keys}, with what the kept company takes (leads/joining.py)."""
    moved = {
        "visits": repoint(Visit.objects.filter(lead=gone), lead=keep),
        "targets": repoint(RoadshowTarget.objects.filter(lead=gone), lead=keep),
        **{name: tagging.take_over(record, gone) for name, record in _marked(keep).items()},
    }
    if gone.company_id != keep.company_id:
        moved["contacts"] = repoint(contacts.of_lead(gone), company=keep.company)
        moved |= joining.join(keep.company, gone.company, gone, at)
    return moved


def _on_the_way(lead):
    """What goes on of a lead: the project it became, else itself."""
    return carrying.project_of(lead) or lead


def _marked(lead):
    """{where a Merge keeps the tags: record}: the lead, and its project, which has tags of its own."""
    return {"tags": lead, **({"project_tags": lead.project} if hasattr(lead, "project") else {})}


def _fill(keep, gone, take, at):
    """Fill the gaps of the kept lead, and what is to be taken; {column: [before, after]}.

    First and last contact are those of both.
    """
    if unknown := set(take) - set(CHOSEN):
        raise MergeRefused(f"不能逐项选择：{'、'.join(sorted(unknown))}。", code="invalid")
    before = _columns(keep)
    gaps = [name for name in (*FILLED, *_owned(keep, gone)) if not _says(keep, name) and _says(gone, name)]
    if "sector_kind" not in gaps and "sector" in gaps:
        gaps.remove("sector")  # the kept lead has said that it belongs to none
    taken = [name for name in take if _says(gone, name)]
    also = ["sector"] if "sector_kind" in taken else []
    for name in (*gaps, *taken, *also):
        setattr(keep, name, getattr(gone, name))
    _meet(keep, gone)
    keep.save_version(keep.version, _written(keep, before), at=at)
    wind(keep)  # who has been answered, or is a major one, has longer
    keep.index_anew()
    after = _columns(keep)
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _owned(keep, gone):
    """Its owner goes over to a lead of the same unit that has none, unless nobody shall have it: the pool."""
    is_here = gone.owner is not None and gone.owner.is_active and gone.owner.unit_id == keep.unit_id
    return ["owner"] if is_here and not keep.is_pooled else []


def _says(lead, name):
    return getattr(lead, name) not in (None, "")


def _meet(keep, gone):
    first = [at for at in (keep.first_response_at, gone.first_response_at) if at]
    last = [at for at in (keep.last_contact_at, gone.last_contact_at) if at]
    progress = [at for at in (keep.progressed_at, gone.progressed_at) if at]
    keep.first_response_at, keep.last_contact_at = min(first, default=None), max(last, default=None)
    keep.progressed_at = max(progress, default=None)


TAKEN = [*FILLED, "owner", "title", "note", "first_response_at", "last_contact_at", "progressed_at"]


def _columns(lead):
    """{field: its value as text, None for nothing} of all that a merge may write."""
    fields = {name: lead._meta.get_field(name) for name in TAKEN}
    return {
        name: None if getattr(lead, field.attname) is None else field.value_to_string(lead)
        for name, field in fields.items()
    }


def _written(lead, before):
    after = _columns(lead)
    return [name for name in after if before[name] != after[name]]


def may_be_undone(row, at):
    """Whether a merge that stands may still be taken back at `at`, as far as time goes."""
    return at <= row.at + UNDO


def _check_undo(row, keep, reason, at):
    if row.undone_at:
        raise AlreadyMerged("这次合并刚被撤销，请刷新后再看。")
    if not may_be_undone(row, at):
        raise MergeRefused(TOO_LATE, code="too_late")
    if not reason.strip():
        raise MergeRefused("请填写撤销合并的理由。", field="reason")
    if keep.stage == LeadStage.MERGED:
        raise MergeRefused(f"「{keep}」后来又合并到另一条线索，请先撤销那一次。", code="merged_on")


def _move_back(row, keep, gone, by, at):
    moved = row.moved
    Visit.objects.filter(pk__in=moved["visits"], lead=keep).update(lead=gone)
    RoadshowTarget.objects.filter(pk__in=moved["targets"], lead=keep).update(lead=gone)
    for record in [keep, *([keep.project] if hasattr(keep, "project") else [])]:
        record.orders.give_back(moved.get("orders", ()), gone, by=by, at=at)
    for name, record in _marked(keep).items():
        tagging.return_taken(record, moved.get(name, ()), row.at)
    people = Contact.objects.filter(pk__in=moved.get("contacts", ()), company=keep.company_id)
    people.update(company=gone.company)
    if keep.company_id != gone.company_id and "aliases" in moved:
        joining.part(keep.company, gone.company, moved, at)


def _take_back_filled(row, keep, at):
    """What the merge filled in goes, unless somebody has written something else there since."""
    now = _columns(keep)
    back = [name for name, (_, after) in row.filled.items() if now[name] == after]
    for name in back:
        field, before = keep._meta.get_field(name), row.filled[name][0]
        setattr(keep, field.attname, None if before is None else field.to_python(before))
    if keep.sector_kind != "fusion":
        keep.sector = None
    keep.save_version(keep.version, {*back, "sector"} if back else set(), at=at)
    wind(keep)
    keep.index_anew()


def _stand_again(gone, by, at, reason):
    """The lead stands in the stage it left; the claim that the merge ended is taken up again.

    Beside what its own unit holds it may stand as before, and what had ended by itself stays over.
    """
    ended = Claim.objects.filter(lead=gone, ended=Claim.Ended.MERGED)
    missing = Claim.objects.missing_return(gone.pk, gone.company_id, beside_own=True)
    if missing and ended.exists():
        raise HeldByOther(missing)
    left = LeadStageChange.objects.get(lead=gone, left_at=None).previous
    relocate(gone, Step(left, by, at, f"撤销合并：{reason.strip()}"))
    Lead.objects.filter(pk=gone.pk).update(merged_into=None, is_unchecked=True)
    ended.reopen(at)


def _tell(row, what, reason, by, at):
    """The audit log; and, each of the lead of his own unit, owners and heads but for who just did it."""
    action = "unmerge" if row.undone_at else "merge"
    detail = {"title": row.merged.title, "into": row.kept.title, "reason": reason}
    audit.record(by, action, row.merged, detail=detail, at=at)
    told = {by.pk}
    for lead in (row.merged, row.kept):
        people = [*responsible(lead.unit), *([lead.owner] if lead.owner else [])]
        for person in people:
            if person.is_active and person.pk not in told:
                told.add(person.pk)
                _notify(person, row, lead, what, reason, by, at)


def _notify(person, row, lead, what, reason, by, at):
    other = row.kept if lead is row.merged else row.merged
    named = f"「{other.title[:40]}」" if other.unit_id == lead.unit_id else f"{other.unit}的一条线索"
    way = "并入" if lead is row.merged else "收进"
    notify(
        person,
        kind=Notification.Kind.CLAIM,
        key=f"merge:{row.pk}:{'undone' if row.undone_at else 'done'}",
        title=f"{what}：「{lead.title[:40]}」{way}{named}",
        body=f"{by}操作，理由：{reason}",
        url=lead.get_absolute_url(),
        at=at,
    )
