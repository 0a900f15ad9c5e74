"""档案与登记不一致: a column of a project or lead says another thing than what was recorded of its company.

What was recorded has a date and is in use; the column yields to it. A person may let the column stand: it is
then recorded too, by them, as of that day, and chosen (docs/facts.md). Or the column is mended where it is.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from crm import rules
from crm.facts import Account, accounts
from crm.models import Fact
from crm.permissions import require
from crm.rules.fields import WrongValue
from crm.workdays import shanghai_day
from projects import facts, places
from projects.known import ARCHIVED, archived


@dataclass(frozen=True)
class Apart:
    """One field on which column and recorded value differ: the column in words, the day its record was last
    written, the Account of what was recorded, and where the column is mended ("" for nowhere)."""

    key: str
    label: str
    shown: str
    as_of: date
    account: Account
    place: str


class NotApart(facts.FactRefused):
    """Column and recorded value no longer differ as the person saw them; nothing was written."""

    code = "newer_fact"
    status = 409

    def __init__(self):
        super().__init__("档案或登记的值刚有变化，没有选用。请看过现在的值再选。")


def apart(record, found):
    """The Aparts of a project or lead whose company's accounts are `found`; no query when none can be."""
    if not found.keys() & ARCHIVED:
        return []
    return [
        Apart(key, one.label, said, fact.as_of, one, places.of_column(record, key))
        for key, fact in archived(record).items()
        if (one := found.get(key)) and one.used and (said := _differing(key, fact.value, one.used.value))
    ]


def _differing(key, column, recorded):
    """The value of the column in words when it is another than the recorded one; "" otherwise."""
    about = rules.FIELDS[key]
    try:
        value = about.read(column)
        return "" if value == about.read(recorded) else about.brief(value)
    except WrongValue:
        return ""


@transaction.atomic
def keep(record, key, *, by, at, reason, seen, version):
    """Let the column of a project or lead be the value in use: recorded as of today and chosen; the Fact.

    `seen` is the newest fact of the field and `version` that of the record as the person was shown them.
    Raises NotAllowed; NotApart when either has changed or nothing differs; FactRefused without a reason.
    """
    require(by, "edit", record)
    if record.company_id:
        facts.lock(record.company_id)
    one = next((one for one in apart(record, accounts(record.company_id)) if one.key == key), None)
    if one is None or (one.account.seen, record.version) != (seen, version):
        raise NotApart
    reason = facts.reasoned(reason, "请写明为什么以档案为准，例如已向企业核实。")
    entry = facts.Entry(key, archived(record)[key].value, shanghai_day(at), Fact.Source.OFFICER, reason[:120])
    row = facts.answer(record, entry, by=by, at=at)
    return facts.choose(record, row.pk, by=by, at=at, reason=reason)
