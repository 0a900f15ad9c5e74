"""资质 of a company: entered, corrected and ended by who may edit a lead or project of it (domain §2.6)."""

from dataclasses import dataclass, fields
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F

from crm import rules
from crm.errors import Refused
from crm.models import Company, Qualification, QualificationProof
from crm.numbers import number
from crm.permissions import require
from crm.uploads import checked
from crm.values import clean_text
from crm.workdays import shanghai_day

DICTIONARY = dict(rules.QUALIFICATIONS)  # code → word
FOR_YEARS = ("national_high_tech", "srdi", "little_giant")  # valid for `qualification_years` from the issue
LONGEST_KIND = 40


class QualificationRefused(Refused):
    """The 资质 cannot stand as stated; `field` names what to mend."""

    code = "invalid"


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. Without `expires_on` some kinds get the usual years, unless `is_lasting`."""

    kind: str
    level: str = ""
    number: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    is_lasting: bool = False


FIELDS = tuple(f.name for f in fields(Certificate) if f.name != "is_lasting")


def suggested_expiry(kind, issued_on):
    """The last day a certificate of this kind usually holds, None where no rule says."""
    if issued_on is None or rules.qualification_code(kind) not in FOR_YEARS:
        return None
    year = issued_on.year + number("qualification_years")
    is_leap_day = (issued_on.month, issued_on.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else issued_on.replace(year=year)


@transaction.atomic
def add(record, certificate, *, by, at, proof=None):
    """Enter a 资质 of the company of `record`, a lead or project; returns the Qualification.

    Raises NotAllowed, QualificationRefused (also for what stands there already), PaperRefused.
    """
    require(by, "edit", record)
    if record.company_id is None:
        raise QualificationRefused("还没有企业，先登记企业再填资质。", field="kind")
    Company.objects.select_for_update(no_key=True).get(pk=record.company_id)
    row = Qualification(company_id=record.company_id, by=by, updated_at=at)
    _write(row, certificate, at)
    row.save()
    _keep(row, proof, by, at)
    return row


@transaction.atomic
def correct(record, row, certificate, *, by, at, version, proof=None):
    """Write what the certificate says over `version`; a new expiry is told of anew. Raises as `add`."""
    row = _held(record, row, by)
    _write(row, certificate, at)
    row.by = by
    row.save_version(version, [*FIELDS, "by"], at=at)
    _keep(row, proof, by, at)
    return row


@transaction.atomic
def end(record, row, *, by, at, ended_as, reason, version):
    """Let a 资质 hold no more, for a reason; it is kept. `ended_as` says whether the company has it no more
    (LOST), which matching counts, or it was entered by mistake. Raises as `add`."""
    row = _held(record, row, by)
    if ended_as not in Qualification.Ending.values:
        raise QualificationRefused("请选择终止情形：企业不再有，还是登记有误。", field="ended_as")
    if not reason.strip():
        raise QualificationRefused("请写明终止原因，例如被取消、登记有误。", field="reason")
    row.ended_on, row.ended_as, row.ended_reason = shanghai_day(at), ended_as, reason.strip()[:200]
    row.by = by
    row.save_version(version, ["ended_on", "ended_as", "ended_reason", "by"], at=at)
    return row


def _held(record, row, by):
    require(by, "edit", record)
    found = Qualification.objects.select_for_update().get(pk=row.pk, company=record.company_id)
    if found.ended_on:
        raise QualificationRefused(
            f"这项资质已于 {found.ended_on} 终止，不能再改；请另登记一项。", field="kind"
        )
    return found


def _write(row, certificate, at):
    for name in FIELDS:
        setattr(row, name, getattr(certificate, name))
    row.kind = _named(certificate.kind)
    row.number = clean_text(certificate.number)
    if row.expires_on is None and not certificate.is_lasting:
        row.expires_on = suggested_expiry(row.kind, row.issued_on)
    _check(row, certificate, at)


def _named(kind):
    """The word of the dictionary for what was written (国高企), else as written."""
    kind = clean_text(kind)
    return DICTIONARY.get(rules.qualification_code(kind), kind)


def _check(row, certificate, at):
    if not row.kind or len(row.kind) > LONGEST_KIND:
        raise QualificationRefused(f"请选择或写明资质，最多 {LONGEST_KIND} 个字。", field="kind")
    if row.issued_on and row.issued_on > shanghai_day(at):
        raise QualificationRefused("认定日期不能晚于今天。", field="issued_on")
    if certificate.is_lasting and row.expires_on:
        raise QualificationRefused("勾选了长期有效，请不要填有效期。", field="expires_on")
    if row.issued_on and row.expires_on and row.expires_on < row.issued_on:
        raise QualificationRefused("有效期不能早于认定日期。", field="expires_on")
    same = Qualification.objects.standing().filter(company=row.company_id, kind=row.kind, level=row.level)
    if same.filter(issued_on=row.issued_on, number=row.number).exclude(pk=row.pk).exists():
        raise QualificationRefused(f"「{row.kind}」已经登记过同一份，请更正那一项。", field="kind")


def _keep(row, upload, by, at):
    if upload is not None:
        file = checked(upload)
        QualificationProof.objects.create(qualification=row, data=file.data, by=by, at=at, **file.columns())


def standing(company_id):
    """The standing 资质 of a company, what ends first above; none without one."""
    rows = Qualification.objects.filter(company=company_id) if company_id else Qualification.objects.none()
    return rows.standing().order_by(F("expires_on").asc(nulls_last=True), "kind", "pk")


def at_a_glance(found, day):
    """These `standing` 资质 as they are on `day`: each `is_over` or `is_ending` (within the days of
    `qualification_notice_days`)."""
    last = day + timedelta(days=number("qualification_notice_days"))
    for row in found:
        row.is_over = row.expires_on is not None and row.expires_on < day
        row.is_ending = row.expires_on is not None and day <= row.expires_on <= last
    return found
