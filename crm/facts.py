"""企业事实 as they are read: values in words, the one in use, where sources disagree (docs/facts.md)."""

from dataclasses import dataclass, field
from itertools import groupby

from crm.models import Fact
from crm.rules.dictionary import FIELDS, ORDER
from crm.rules.fields import WrongValue

RELATED = ("recorded_by", "partner", "chosen_by", "withdrawn_by", "from_company")


@dataclass
class Account:
    """All that was recorded of one field of a company, the newest first.

    `sources` are the latest standing value of every source: those that compete.
    """

    key: str
    label: str
    rows: list = field(default_factory=list)

    @property
    def used(self):
        """The fact in use; None when all were withdrawn."""
        return next((row for row in self.rows if row.is_in_use), None)

    @property
    def is_contested(self):
        return self.used is not None and self.used.is_contested

    @property
    def seen(self):
        """The number of the newest row shown: a choice is made over no more than that."""
        return max((row.pk for row in self.rows), default=0)

    @property
    def sources(self):
        latest = {}
        for row in self.rows:
            if row.withdrawn_at is None:
                latest.setdefault(row.source, row)
        return [row for row in self.rows if row in latest.values() or row.is_in_use]

    @property
    def choice(self):
        """The row that somebody chose and by which the value in use stands: that row itself, or one whose
        source has said the same again since; None without one."""
        chosen, used = self._last_chosen(), self.used
        if used is None or chosen is None or not chosen.chosen_over:
            return None
        return chosen if (chosen.source, chosen.shown) == (used.source, used.shown) else None

    @property
    def former_choice(self):
        """The choice that a newer value has ended, to be told beside the open question; None without one."""
        is_over = self.is_contested and self.choice is None
        return self._last_chosen() if is_over else None

    def _last_chosen(self):
        chosen = [row for row in self.rows if row.chosen_at and not row.withdrawn_at]
        return max(chosen, key=lambda row: row.chosen_at, default=None)


def recorded(company_id):
    """All facts of a company, with their people, in the order `accounts_of` asks for; none without one."""
    facts = Fact.objects.filter(company=company_id) if company_id else Fact.objects.none()
    return facts.select_related(*RELATED).order_by("key", "-as_of", "-created_at", "-pk")


def accounts(company_id):
    """{key: Account} of a company, in the order of the dictionary, by one query."""
    return accounts_of(recorded(company_id))


def accounts_of(facts):
    """{key: Account} of the facts `recorded` of a company."""
    found = [
        Account(key, label_of(key), [worded(row) for row in rows])
        for key, rows in groupby(facts, key=lambda row: row.key)
    ]
    return {one.key: one for one in sorted(found, key=lambda one: ORDER.get(one.key, len(ORDER)))}


def contested(company_id):
    """The Accounts of a company that are open to be decided about."""
    if company_id is None or not Fact.objects.contested().filter(company=company_id).exists():
        return []
    return open_questions(accounts(company_id))


def open_questions(found):
    """Of these `accounts` those that are open to be decided about."""
    return [one for one in found.values() if one.is_contested]


def told_beside(leaves, found):
    """Give each explained rule the Accounts on which its answer rests and sources disagree, as `told`."""
    for leaf in leaves:
        leaf["told"] = [found[key] for key in leaf.get("contested", ()) if key in found]


def label_of(key):
    """The word of a field; a key the dictionary lost as it stands."""
    return FIELDS[key].label if key in FIELDS else key


def worded(fact):
    """The fact with its `label` and its value in words as `shown`; what cannot be read as it stands."""
    about = FIELDS.get(fact.key)
    fact.label = label_of(fact.key)
    try:
        fact.shown = about.brief(about.read(fact.value)) if about else str(fact.value)
    except WrongValue:
        fact.shown = str(fact.value)
    return fact
