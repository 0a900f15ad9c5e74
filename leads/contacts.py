"""联系人: the people at a company, as the unit that works on its lead or project got to know them."""

import hashlib
from collections import defaultdict
from dataclasses import astuple, dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from crm import audit
from crm.errors import Refused
from crm.models import Contact, Unit
from crm.permissions import require
from leads.models import Conflict, Handover, Lead, PoolEntry


class ContactRefused(Refused):
    """The contact cannot be written as given; `field` names why."""

    code = "invalid"


class ContactChanged(Refused):
    """Somebody else corrected the contact first; nothing was written."""

    code = "stale_version"
    status = 412


@dataclass(frozen=True)
class Person:
    """What is noted of a contact; `has_decision_right` is what the gate to 评审决策 asks for."""

    name: str
    title: str = ""
    phone: str = ""
    email: str = ""
    has_decision_right: bool = False

    LABELS = ("姓名", "职务", "电话", "邮箱", "决策权")

    @classmethod
    def of(cls, contact):
        return cls(**{name: getattr(contact, name) for name in cls.__dataclass_fields__})

    def mark(self):
        """A short mark of all of it: two persons of one mark are noted alike."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]

    def changes_to(self, other):
        """The names, on screen, of what differs in `other`; never the values."""
        pairs = zip(self.LABELS, astuple(self), astuple(other), strict=True)
        return [label for label, mine, theirs in pairs if mine != theirs]


def known(company, units, lead):
    """The contacts of `company` (a key) that one of `units` got to know, or who handed `lead` over to them or
    had a lead merged into it, and the one with whom the lead began."""
    found = Q(pk=lead.contact_id)
    if company:
        ours = Q(unit__in=units) | Q(unit__in=givers(lead))
        found |= Q(ours | Q(unit__in=_units_of_merged(lead)), company=company)
    return Contact.objects.filter(found).select_related("unit")


def givers(lead):
    """The units that handed `lead` over, for a subquery: whom they know goes along with it.

    Not from before the bureau gave it to another unit, or before it lay in the pool: nobody gave that away.
    """
    return _given(Q(lead=lead.pk)).values("from_unit")


def _given(which):
    """The hand-overs of the leads `which` (a Q) that still say whom one knows."""
    ruled = Conflict.objects.filter(
        claim__lead=OuterRef("lead"),
        verdict=Conflict.Verdict.TRANSFER,
        decided_at__gte=OuterRef("answered_at"),
    )
    pooled = PoolEntry.objects.filter(lead=OuterRef("lead"), entered_at__gte=OuterRef("answered_at"))
    taken_over = Handover.objects.filter(which, state=Handover.State.ACCEPTED)
    return taken_over.filter(~Exists(ruled), ~Exists(pooled)).order_by()


def _units_of_merged(lead):
    """The units of the leads merged into this one, and into those, for a subquery: the bureau merges across
    units, and who goes on with the one project needs whom the other knew.
    """
    merged = Lead.objects.filter(Q(merged_into=lead.pk) | Q(merged_into__merged_into=lead.pk)).order_by()
    return Unit.objects.filter(Q(pk__in=merged.values("unit")) | Q(pk__in=merged.values("station"))).values(
        "pk"
    )


def known_through(leads):
    """{lead: the units whose people are known with it} of several leads (keys), as `known` has them: those
    that handed it over, and those of the leads merged into it. Two statements.
    """
    units = defaultdict(set)
    for lead, unit in _given(Q(lead__in=leads)).values_list("lead", "from_unit"):
        units[lead].add(unit)
    merged = Lead.objects.filter(Q(merged_into__in=leads) | Q(merged_into__merged_into__in=leads)).order_by()
    for row in merged.values_list("merged_into", "merged_into__merged_into", "unit", "station"):
        into, further, *theirs = row
        for lead in {into, further} & set(leads):
            units[lead].update(unit for unit in theirs if unit)
    return units


def of_lead(lead):
    """The people at the company whom the lead's unit, its source or its first reporter knows."""
    reported = lead.claim.unit_id if hasattr(lead, "claim") else None
    return known(lead.company_id, {lead.unit_id, lead.station_id, reported} - {None}, lead)


@transaction.atomic
def add(lead, person, *, by, at, target=None):
    """Write a contact of the company, held by the unit of `target` (the lead, or the project it became).

    A lead without a contact takes this one for its own; a team that is no company yet has no other.
    Raises NotAllowed for strangers, ContactRefused for a second one of a team and for somebody noted already.
    """
    target = target or lead
    require(by, "edit", target)
    row = Lead.objects.hold(lead.pk)
    if target.company is None and row.contact_id:
        raise ContactRefused("团队已有联系人；还要登记别人，请先关联企业。", code="no_company")
    _refuse_double(target.company_id, target.unit_id, person)
    found = Contact.objects.create(company=target.company, unit=target.unit, created_at=at, **vars(person))
    if row.contact_id is None:
        _renew(Lead.objects.filter(pk=row.pk), at, contact=found)
        lead.contact = found
    return found


@transaction.atomic
def correct(lead, contact, person, *, seen, by, at):
    """Write `person` over `contact` of `lead`; `seen` is the mark of what stood there when the form opened.

    Raises NotAllowed for those who do not edit the lead or read its numbers, ContactChanged when somebody
    corrected it meanwhile, ContactRefused when the same person is noted already. The audit log keeps what
    was corrected, without the values.
    """
    require(by, "edit", lead)
    require(by, "reveal", lead)
    row = Contact.objects.select_for_update().get(pk=contact.pk)
    before = Person.of(row)
    if before.mark() != seen:
        raise ContactChanged("这位联系人刚被别人更正过，您的修改没有写入。请重新查看号码后再更正。")
    changed = before.changes_to(person)
    if not changed:
        return row
    _refuse_double(row.company_id, row.unit_id, person, besides=row.pk)
    for name, value in vars(person).items():
        setattr(row, name, value)
    row.save(update_fields=list(vars(person)))
    _renew(Lead.objects.filter(contact=row), at)
    detail = {"lead": lead.pk, "title": lead.title, "更正内容": changed}
    audit.record(by, "correct_contact", row, detail=detail, at=at)
    return row


def _refuse_double(company, unit, person, besides=None):
    """One person stands once in a unit's book of a company: same name, same number."""
    alike = Contact.objects.filter(company=company, unit=unit, name=person.name, phone=person.phone)
    if company and alike.exclude(pk=besides).exists():
        raise ContactRefused("这位联系人已经登记过（姓名和电话都相同），请更正原来的那一条。", field="name")


def _renew(leads, at, **fields):
    """Let those who read the lead elsewhere (API) see that something about it is new."""
    leads.update(updated_at=at, version=F("version") + 1, **fields)
