"""已核对：没有其他资质: from then on the certificates of a company, and nothing else, are what it has."""

from dataclasses import replace

from django.db import transaction

from crm import certificates, rules
from crm.models import Qualification
from crm.permissions import require
from projects.facts import Entry, answer, lock


@transaction.atomic
def check_off(record, entry, *, by, at):
    """Record that the company of a project or lead had on a day the 资质 of its certificates and no other,
    also none at all; returns the Fact. Day, source and note are those of `entry`, its value is found here.

    Raises NotAllowed and FactRefused, as `facts.answer`: without a company, without a day, for one to come.
    """
    require(by, "edit", record)
    if record.company_id:
        lock(record.company_id)
    return answer(record, replace(entry, value=_valid(record, entry.as_of)), by=by, at=at)


def entry_of(as_of, source, note=""):
    """The Entry that `check_off` completes."""
    return Entry(certificates.KEY, None, as_of, source, note)


def _valid(record, day):
    """The codes of the certificates valid on `day`. A kind that the dictionary lacks is on no list: its
    certificate counts beside any (crm/certificates.py)."""
    if day is None or record.company_id is None:
        return []
    rows = Qualification.objects.telling().filter(company=record.company_id)
    valid = [row for row in rows if certificates.was_valid(row, day)]
    return sorted({rules.qualification_code(row.kind) for row in valid} & rules.QUALIFICATIONS.keys())
