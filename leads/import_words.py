"""The words of a sheet as our lists have them, and a row of it as intake takes it."""

from datetime import datetime, time

from crm.models import FusionSector
from crm.workdays import SHANGHAI, shanghai_day
from leads.cities import Cities
from leads.intake import Capture
from leads.models import ImportRow
from leads.models.prospects import SectorKind
from leads.sheet_columns import LABELS
from leads.sheet_rows import from_json

MORNING = time(9, 0)
SECTOR_WORDS = {
    "基础层": SectorKind.FOUNDATION,
    "基础层/跨领域": SectorKind.FOUNDATION,
    "未分类": SectorKind.NONE,
}


class Words:
    """The vocabulary a sheet's words are looked up in, loaded once per job."""

    def __init__(self):
        self.cities = Cities()
        self.sectors = {sector.name: sector for sector in FusionSector.objects.all()}

    def doubts(self, values):
        """What the preview says about words of a row that are not as our lists have them."""
        return [
            f"{LABELS[key]}「{values[key]}」{fate}，原文记入情况说明。"
            for key, fate in self._fates(values).items()
        ]

    def _fates(self, values):
        """{key: what becomes of the word} for the words of a row that are not as our lists have them."""
        fates, city, sector = {}, values.get("city"), values.get("sector")
        if city and city not in self.cities.names:
            found = self.cities.get(city)
            fates["city"] = f"按「{found}」登记" if found else "不在词表里，按行程的城市登记"
        if sector and sector not in self.sectors and sector not in SECTOR_WORDS:
            fates["sector"] = "不在词表里，赛道留空"
        return fates

    def capture_of(self, job, row, at):
        """The row as what intake takes."""
        values, today = from_json(row.values), shanghai_day(at)
        sector = self.sectors.get(values.get("sector"))
        kind = SectorKind.FUSION if sector else SECTOR_WORDS.get(values.get("sector"), "")
        next_on = values.get("next_contact_on")
        return Capture(
            name=values["name"],
            uscc=values.get("uscc") or "",
            contact_name=values.get("contact_name") or "",
            contact_title=values.get("contact_title") or "",
            contact_phone=values.get("contact_phone") or "",
            contact_email=values.get("contact_email") or "",
            city=self.cities.get(values.get("city")),
            roadshow=job.roadshow,
            unit=job.unit,
            met_at=_met_at(values.get("met_on"), job.roadshow, at),
            content=values.get("content") or "",
            next_step=values.get("next_step") or "",
            next_contact_on=next_on if next_on and next_on >= today else None,
            investor_name=values.get("investor_name") or "",
            amount_wan=values.get("amount_wan"),
            area_sqm=values.get("area_sqm"),
            sector_kind=kind,
            sector=sector,
            note=self._note(values, today),
            is_distinct=row.verdict == ImportRow.Verdict.SUSPECTED,
        )

    def _note(self, values, today):
        """The note, with every cell of the row that found no place in the lead as it was written."""
        left = [*self._fates(values)]
        if values.get("met_on") and values["met_on"] > today:
            left.append("met_on")
        if values.get("next_contact_on") and values["next_contact_on"] < today:
            left.append("next_contact_on")
        kept = [f"（原表{LABELS[key]}：{values[key]}）" for key in left]
        return "".join([values.get("note") or "", *kept])


def _met_at(day, trip, at):
    """When a company on the list of `trip` was met: on its `day`, else on the last day so far of the trip.

    None: the trip is still to come. A day that has not come is none.
    """
    today = shanghai_day(at)
    if day is None or day > today:
        day = min(trip.ends_on, today) if trip.starts_on <= today else None
    return day and min(datetime.combine(day, MORNING, SHANGHAI), at)
