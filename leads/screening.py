"""研判: the written opinion, the verdict, and the classification that goes with it."""

from django.db import transaction

from crm.clashes import check_clashes
from crm.errors import NotAllowed
from crm.models import FusionSector
from crm.permissions import require
from leads.models import Lead, Screening
from leads.models.prospects import SectorKind
from leads.stages import LeadStage

WRITTEN = (*Screening.ASPECTS, "verdict")


@transaction.atomic
def revise(lead, values, *, by, at, version, shown):
    """Save `values` of the form that showed `shown` when it was opened over `version`; returns the Screening.

    Names are those of `standing`. When somebody saved in between, what only one side changed is merged.
    Raises Clashing for what both did (nothing is written), NotAllowed, Gone.
    """
    row = Lead.objects.select_related("sector").hold(lead.pk)
    if row.version != version:
        theirs = standing(row)
        changes = {name: value for name, value in values.items() if value != shown[name]}
        check_clashes(row, changes, shown, theirs)
        values = {**theirs, **changes}
    sector = FusionSector.objects.filter(code=values["sector"]).first()
    classification = {
        "sector_kind": SectorKind.FUSION.value if sector else values["sector"],
        "sector": sector,
        "chain_position": values["chain_position"],
        "tracks": list(values["tracks"]),
    }
    return write_opinion(row, values, by=by, at=at, classification=classification)


def standing(lead):
    """{name: value} of all that a form of 研判 shows: texts, the sector by its code, the tracks as a set."""
    written = Screening.objects.filter(lead=lead).first()
    return {
        **{name: getattr(written, name, "") for name in WRITTEN},
        "sector": lead.sector.code if lead.sector else lead.sector_kind,
        "chain_position": lead.chain_position,
        "tracks": frozenset(lead.tracks.all()),
    }


@transaction.atomic
def classify(lead, code, *, shown, by, at, version):
    """Put the lead into the sector of this `code`, 基础层, 未分类 or nowhere yet; the rest of 研判 stays.

    `shown` is the code its cell held when it was opened over `version`. Raises Clashing when somebody chose
    another meanwhile, NotAllowed also for a lead that became a project, Gone.
    """
    row = Lead.objects.select_related("sector").hold(lead.pk)
    require(by, "screen", row)
    if row.stage == LeadStage.ACCEPTED:
        raise NotAllowed("这条线索已转为项目，赛道请在项目里改。")
    if row.version != version:
        theirs = {"sector": row.sector.code if row.sector else row.sector_kind}
        check_clashes(row, {"sector": code}, {"sector": shown}, theirs)
    sector = FusionSector.objects.filter(code=code).first()
    kind = SectorKind.FUSION.value if sector else code
    _classify(row, {"sector_kind": kind, "sector": sector}, row.version, at)
    return row


@transaction.atomic
def write_opinion(lead, opinion, *, by, at, classification=None, version=None):
    """Save the six aspects and the verdict in `opinion` (dict), and the lead's `classification` (dict).

    Empty aspects are kept as they are: the gate lists them when the lead is moved. Raises StaleVersion
    when `version` is not the lead's, Gone when the lead was taken back.
    """
    Lead.objects.hold(lead.pk)
    require(by, "screen", lead)
    written = {name: opinion.get(name, "") for name in WRITTEN}
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
