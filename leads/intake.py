"""The one entrance for a new lead: the phone form, the sheet and the API all call `capture`."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from crm import mentions, roles
from crm.display import UNNAMED
from crm.errors import Refused
from crm.models import Channel, Company, Contact
from crm.permissions import require
from crm.pipeline import start
from crm.reading import read_once
from crm.values import clean_text, company_key
from crm.workdays import shanghai_day
from leads import feedback, inheriting, suspecting
from leads.claims import (
    AlreadyReported,
    claim,
    claim_key,
    expansion_under_way,
    lock,
    may_expand,
    met,
)
from leads.follow_up import before_our_time, unplannable
from leads.models import Lead, Visit
from leads.on_file import OfOne
from leads.stages import LeadStage
from leads.trips import link_targets

LONGEST_NAME = 120


class CaptureRefused(Refused):
    """A required field is missing or senseless; `field` names it."""

    code = "invalid"


@dataclass
class Capture:
    """What a door knows about a company just met. Amount in 万元, area in ㎡; None means unknown."""

    name: str
    contact_name: str = ""
    contact_title: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    uscc: str = ""
    city: object = None
    roadshow: object = None
    channel: object = None
    channel_detail: str = ""
    next_contact_on: date | None = None
    met_at: datetime | None = None
    content: str = ""
    next_step: str = ""
    amount_wan: Decimal | None = None
    area_sqm: Decimal | None = None
    sector_kind: str = ""
    sector: object = None
    investor_name: str = ""
    city_code: str = ""
    note: str = ""
    partner: object = None
    external_id: str = ""
    unit: object = None
    names_colleagues: bool = False  # a person wrote the content, and an @ in it means somebody
    is_self_reported: bool = False  # by the company itself: nobody of ours has met it
    is_distinct: bool = False  # a person said: another firm, though the name is the same

    @property
    def person(self):
        """(name, phone) under which the contact is kept; two empty ones when nothing of a person is known."""
        is_known = self.contact_name or self.contact_title or self.contact_phone or self.contact_email
        return (self.contact_name or UNNAMED, self.contact_phone) if is_known else ("", "")


@transaction.atomic
@read_once()
def capture(data, *, by, at):
    """Write a company met on the road as a 线索 owned by `by`, with its claim, contact and first visit.

    Raises CaptureRefused for missing fields, AlreadyReported (with the notice everybody may read) when
    an open claim holds the company, MentionRefused for a colleague named who will not see the lead,
    NotAllowed for roles that do not record. Two simultaneous reports
    of one company give one lead: the second waits for the first and is told.
    """
    check(data, by, at)
    lock(*lock_keys(data))
    file = OfOne()
    company, key, held = free_company(data, by, at, file)
    is_known = company is not None
    company = _write_company(company, data, at)
    lead = _write_lead(data, company, by, at, file)
    claim(lead, key or own_key(company), at=at, is_covered=bool(held))
    if is_known and not held:
        inheriting.carry([lead], at=at)
    start(lead, by=author(by), at=at)
    suspecting.ask()
    return lead


def check(data, by, at):
    """Clean the name; raise CaptureRefused or NotAllowed for what no company on file has to do with."""
    data.name = clean_text(data.name)
    if len(company_key(data.name)) < 2:
        raise CaptureRefused("请填写企业名称（至少两个字）。", code="required", field="company_name")
    if len(data.name) > LONGEST_NAME:
        raise CaptureRefused(f"企业名称最多 {LONGEST_NAME} 个字。", field="company_name")
    if wrong := unplannable(data.next_contact_on, at):
        raise CaptureRefused(wrong, field="next_contact_on")
    if too_early := before_our_time(data.met_at):
        raise CaptureRefused(too_early, field="met_at")
    if data.met_at and data.met_at > at:
        raise CaptureRefused("联系时间不能晚于现在。", field="met_at")
    if data.partner is None:
        require(by, "capture")
        if not by.unit_id:
            raise CaptureRefused("您的账号没有所属单位，请联系管理员。", code="no_unit")


def lock_keys(data):
    """Both names of the company: held until commit, reports of it queue up."""
    return claim_key(data.name), claim_key(data.name, data.uscc)


def own_key(company):
    """The key of a claim on a firm that was declared distinct from its namesakes."""
    return f"company:{company.pk}"


def free_company(data, by, at, file):
    """The known company (or None), the key of its claim, and the claims of the own unit it stands beside.

    Raises AlreadyReported while somebody holds the company, unless this is an expansion of an own firm; also
    of what another unit's project has registered here. Who let a lead of the company into the pool waits.

    A firm that a person declared distinct from its namesakes is a new company under a key of its own (""),
    but only against claims the own unit has: another unit's is not talked away. `file` is what is on file,
    an OfOne.
    """
    found, held = met(file, data.name, data.uscc, data.investor_name)
    if not held and (waits := file.waits(found, by, at)):
        raise CaptureRefused(waits, code="pool", field="company_name")
    if not held and (other := file.registered_elsewhere(found, by.unit_id)):
        raise AlreadyReported(other, by, data.name)
    is_known_by_code = bool(data.uscc) and any(company.uscc == data.uscc for company in found)
    is_own = all(claim.lead.unit_id == by.unit_id for claim in held)
    if data.is_distinct and not is_known_by_code and is_own:
        return None, "", []
    if held and not may_expand(held, data.channel, by):
        raise AlreadyReported(held[0], by, data.name)
    if held and (other := expansion_under_way(held[0])):
        raise AlreadyReported(other, by, data.name)
    return (found or [None])[0], claim_key(data.name, data.uscc, data.investor_name), held


def _write_company(company, data, at):
    company = new_company(data, at) if company is None else complete(company, data, at)
    company.save()
    return company


def complete(company, data, at):
    """The known company with its gaps filled, under the name it has now, not saved."""
    if data.uscc and not company.uscc:
        company.uscc = data.uscc
    company.city = company.city or data.city
    if not company.is_called(data.name):
        company.former_names = [*company.former_names, company.name]
        company.name = data.name
    company.updated_at = at
    return company


def new_company(data, at):
    """The company of `data` as it is written the first time, not saved."""
    return Company(name=data.name, uscc=data.uscc or None, city=data.city, created_at=at, updated_at=at)


def _write_lead(data, company, by, at, file):
    lead = new_lead(data, company, _channel(data), by, at)
    lead.contact = known_contact(data, file.people(company, lead.unit)) or new_contact(
        data, company, lead.unit, at
    )
    if lead.contact and lead.contact._state.adding:
        lead.contact.save()
    lead.save()
    if lead.first_response_at:
        _log_first_visit(lead, data, at)
    if lead.roadshow:
        link_targets(lead.roadshow, lead)
    return lead


def new_lead(data, company, channel, by, at):
    """The lead of a company just met, as it is written; without its contact, not saved."""
    person = author(by)
    unit = data.unit or by.unit
    roadshow = data.roadshow
    lead = Lead(
        company=company,
        title=data.name,
        unit=unit,
        station=roadshow.unit if roadshow else (unit if by.role == roles.STATION else None),
        owner=person,
        reporter=person,
        roadshow=roadshow,
        channel=channel,
        channel_detail=data.channel_detail or (roadshow.title if roadshow else ""),
        city=data.city or (roadshow.city if roadshow else None),
        sector_kind=data.sector_kind,
        sector=data.sector,
        amount_wan=data.amount_wan,
        area_sqm=data.area_sqm,
        investor_name=clean_text(data.investor_name),
        city_code=clean_text(data.city_code),
        next_step=data.next_step,
        next_contact_on=data.next_contact_on,
        note=data.note,
        partner=data.partner,
        external_id=data.external_id,
        is_pending=data.partner is not None or data.is_self_reported,
        stage=LeadStage.LEAD,
        furthest=LeadStage.LEAD,
        entered_at=at,
        created_at=at,
        updated_at=at,
    )
    feedback.owe(lead, shanghai_day(at))
    _mark_first_visit(lead, data, at)
    return lead


def _mark_first_visit(lead, data, at):
    """A company met has been answered by that meeting itself: on a trip that has begun, or when it talked."""
    if data.is_self_reported:
        return
    is_met = data.content or (data.roadshow and data.roadshow.starts_on <= shanghai_day(at))
    lead.first_response_at = lead.last_contact_at = data.met_at or (at if is_met else None)
    if data.content and data.next_step and data.next_contact_on:
        lead.progressed_at = lead.first_response_at


def _log_first_visit(lead, data, at):
    named = mentions.find(data.content, lead, field="content") if data.names_colleagues else []
    visit = first_visit(lead, data, at)
    visit.mentioned = [one.text for one in named]
    visit.save()
    by = lead.reporter
    mentions.tell(named, lead, key=f"visit:{visit.pk}", where="跟进", text=data.content, by=by, at=at)


def first_visit(lead, data, at):
    """The meeting at which the company of `lead` was met, not saved."""
    return Visit(
        lead_id=lead.pk,
        roadshow_id=lead.roadshow_id,
        unit_id=lead.unit_id,
        by_id=lead.reporter_id,
        at=lead.first_response_at,
        place=lead.city.name if lead.city else "",
        content=data.content,
        next_step=data.next_step,
        next_on=data.next_contact_on,
        created_at=at,
    )


def known_contact(data, people):
    """Which of `people` was met; None for nobody and for somebody new."""
    return next((one for one in people if _is_person(one, data)), None) if data.person[0] else None


def _is_person(one, data):
    if (one.name, one.phone) != data.person:
        return False
    return one.name != UNNAMED or (one.title, one.email) == (data.contact_title, data.contact_email)


def new_contact(data, company, unit, at):
    """The person met, not saved; None when nothing of a person is known."""
    name, phone = data.person
    if not name:
        return None
    return Contact(
        company_id=company.pk,
        unit_id=unit.pk,
        name=name,
        title=data.contact_title,
        phone=phone,
        email=data.contact_email,
        created_at=at,
    )


def _channel(data):
    return data.channel or Channel.objects.get(code=channel_code(data.roadshow))


def channel_code(roadshow):
    """The channel of a company of which nobody said one: met on `roadshow`, or none."""
    if roadshow is None:
        return "walk_in"
    return "knock" if roadshow.kind == "knock" else "event"


def author(by):
    """The user behind `by`; a partner token has none."""
    return None if by.role == roles.PARTNER else by
