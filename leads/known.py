"""What is on file about the companies of a sheet, told to one reader: a lead they see, or the 首报 notice."""

from leads.claims import notice
from leads.models import Claim, Lead
from leads.sheet_rows import Known


class OpenClaims:
    """The companies under an open claim, asked once for all codes and once for all names of a sheet."""

    def __init__(self, user):
        self.user = user

    def by_uscc(self, codes):
        """{code: Known} for the codes that are on file."""
        return {company.uscc: known for company, known in self._found(company__uscc__in=codes)}

    def by_key(self, keys):
        """{company_key: [Known, …]} for the normalised names that are on file."""
        found = {}
        for company, known in self._found(company__name_key__in=keys):
            found.setdefault(company.name_key, []).append(known)
        return found

    def _found(self, **which):
        claims = list(
            Claim.objects.filter(released_at=None, **which)
            .select_related("company", "unit", "lead")
            .order_by("pk")
        )
        seen = Lead.objects.visible_to(self.user).filter(pk__in=[c.lead_id for c in claims])
        visible = set(seen.values_list("pk", flat=True)) if claims else set()
        return [(claim.company, _told(claim, claim.lead_id in visible)) for claim in claims]


def _told(claim, is_visible):
    company = claim.company
    if not is_visible:
        return Known(company.name, company.uscc or "", None, notice(claim))
    return Known(
        company.name, company.uscc or "", claim.lead_id, f"线索「{claim.lead.title}」（{claim.unit}）"
    )
