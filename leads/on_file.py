"""What is on file of companies that are just met: asked for one report, or once for all of a lot."""

from collections import defaultdict

from django.db.models import Q

from crm import roles
from crm.models import Company, Contact
from crm.values import company_key
from crm.workdays import shanghai_day
from leads import claims
from leads.models import Claim, PoolEntry

LOCKED = Company.objects.select_for_update(
    of=("self",), no_key=True
)  # a report of one under its other name waits, too


class OfOne(claims.OnFile):
    """For one report: each question to the database. The companies found stay locked until commit."""

    def __init__(self):
        super().__init__(LOCKED.all())

    def waits(self, companies, by, at):
        """Why `by` has to wait for a lead of theirs that he let into the pool; "" when he need not."""
        if not companies or by.role in (roles.PARTNER, roles.MANAGER):
            return ""
        return PoolEntry.objects.filter(lead__company__in=companies).wait_for(by, shanghai_day(at))

    def registered_elsewhere(self, companies, unit_id):
        """The open claim of another unit than `unit_id` whose project has registered one of them, or None."""
        return claims.registered_elsewhere(companies, unit_id)

    def people(self, company, unit):
        """The contacts of this company that `unit` knows, in their order."""
        return company.contacts.filter(unit=unit)


class OfLot(OfOne):
    """For many reports (Captures): all is read at once. What speaks against few is asked when it does."""

    def __init__(self, lot):
        keys = {company_key(data.name) for data in lot}
        codes = {data.uscc for data in lot if data.uscc}
        claim_keys = {claims.claim_key(data.name, data.uscc, data.investor_name) for data in lot}
        self._companies, self._by_word = _companies(keys, codes)
        self._claims = _claims(self._companies, claim_keys)
        self._pooled = _companies_of(PoolEntry.objects, "lead__company", self._companies)
        registered = "lead__project__registered_company"
        self._registered = _companies_of(Claim.objects.open(), registered, self._companies)
        self._people = defaultdict(list)
        for person in Contact.objects.filter(company__in=self._companies):
            self._people[person.company_id, person.unit_id].append(person)

    def same_as(self, name, uscc):
        words = (company_key(name), uscc) if uscc else (company_key(name),)
        found = {pk for word in words for pk in self._by_word.get(word, ())}
        return [self._companies[pk] for pk in sorted(found) if self._companies[pk].may_be(name, uscc)]

    def holder(self, company, key):
        return self._claims.get(key) or (self._claims.get(company.pk) if company else None)

    def waits(self, companies, by, at):
        return super().waits(companies, by, at) if _any_in(companies, self._pooled) else ""

    def registered_elsewhere(self, companies, unit_id):
        is_any = _any_in(companies, self._registered)
        return super().registered_elsewhere(companies, unit_id) if is_any else None

    def people(self, company, unit):
        return self._people[company.pk, unit.pk]


def _companies(keys, codes):
    """({key: row}, locked in one order; {name or code: keys})."""
    named = Company.objects.keys_called(keys)
    coded = Company.objects.filter(uscc__in=codes).values_list("pk", flat=True)
    rows = {
        one.pk: one for one in LOCKED.select_related("city").filter(pk__in={*named, *coded}).order_by("pk")
    }
    words = defaultdict(set)
    for one in rows.values():
        for word in filter(None, (one.name_key, *one.other_keys, one.uscc)):
            words[word].add(one.pk)
    return rows, words


def _claims(companies, keys):
    """{key, or primary key of the company: its open claim}."""
    rows = Claim.objects.open().select_related("unit", "company", "lead__unit")
    found = {}
    rows = rows.filter(Q(key__in=keys) | Q(company__in=companies))
    for one in rows.order_by("-claimed_at", "-pk"):  # of two side by side the first to report
        found[one.key] = found[one.company_id] = one
    found.pop(None, None)
    return found


def _companies_of(rows, path, companies):
    return set(rows.filter(**{f"{path}__in": companies}).values_list(path, flat=True)) if companies else set()


def _any_in(companies, keys):
    return any(one.pk in keys for one in companies)
