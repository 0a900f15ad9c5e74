"""What is on file about the companies of a sheet, told to a unit: its own lead, or the 首报 notice."""

from dataclasses import replace

from crm.models import Company
from leads.claims import notice
from leads.models import Claim
from leads.sheet_rows import Known


class OpenClaims:
    """The companies under an open claim, asked once for all codes and once for all names of a sheet.

    The answer is kept with the import, which everybody of `unit` may read: it names no lead of another unit.
    """

    def __init__(self, unit):
        self.unit = unit

    def by_uscc(self, codes):
        """{code: Known} for the codes that are on file."""
        return {company.uscc: known for company, known in self._found(company__uscc__in=codes)}

    def by_key(self, keys):
        """{company_key: [Known, …]} for the normalised names that are on file, former ones among them."""
        found = {}
        for company, known in self._found(company__in=Company.objects.keys_called(keys)):
            found.setdefault(company.name_key, []).append(known)
            for key in company.other_keys:
                found.setdefault(key, []).append(replace(known, text=f"{known.text}（表中写的是它的曾用名）"))
        return found

    def _found(self, **which):
        claims = list(
            Claim.objects.filter(released_at=None, **which)
            .select_related("company", "unit", "lead__unit")
            .order_by("pk")
        )
        return [(claim.company, self._told(claim)) for claim in claims]

    def _told(self, claim):
        company, lead = claim.company, claim.lead
        is_ours = self.unit.pk in (lead.unit_id, lead.station_id)
        text = f"线索「{lead.title}」（{claim.unit}）" if is_ours else notice(claim, self.unit.pk)
        number = lead.pk if is_ours else None
        return Known(company.name, company.uscc or "", number, text, lead.investor_name)
