"""研判: the written opinion, the verdict, and the classification that goes with it."""

from django.db import transaction

from crm.permissions import require
from leads.models import Lead, Screening


@transaction.atomic
def write_opinion(lead, opinion, *, by, at, classification=None, version=None):
    """Save the six aspects and the verdict in `opinion` (dict), and the lead's `classification` (dict).

    Empty aspects are kept as they are: the gate lists them when the lead is moved. Raises StaleVersion
    when `version` is not the lead's, Gone when the lead was taken back.
    """
    Lead.objects.hold(lead.pk)
    require(by, "screen", lead)
    written = {name: opinion.get(name, "") for name in (*Screening.ASPECTS, "verdict")}
    written |= {"by": by, "at": at, "updated_at": at}
    (screening,) = Screening.objects.bulk_create(
        [Screening(lead=lead, **written)],
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=list(written),
    )
    if classification is not None:
        _classify(lead, classification, version, at)
    return screening


def _classify(lead, classification, version, at):
    lead.sector_kind = classification.get("sector_kind", lead.sector_kind)
    lead.sector = classification.get("sector") if lead.sector_kind == "fusion" else None
    lead.chain_position = classification.get("chain_position", lead.chain_position)
    version = lead.version if version is None else version
    lead.index_words()
    lead.save_version(version, ["sector_kind", "sector", "chain_position", *lead.WORDS], at=at)
    if "tracks" in classification:
        lead.tracks.set(classification["tracks"])
