"""The ways to split the funnel: a row's key in the database, its code in addresses, its name on screen."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from crm.models import Channel, City, FusionSector, Unit

NOTHING = "none"
BESIDE_SECTORS = {
    -1: ("foundation", "基础层/跨领域"),
    -2: (NOTHING, "未分类"),
    -3: ("undecided", "待定"),
}


@dataclass(frozen=True)
class Group:
    """One way to split: its word, the column, the vocabulary behind it, the word for an empty column."""

    label: str
    column: str
    words: type[models.Model]
    nothing: str = "未填"

    def key(self):
        """The row's key: the number or code of the word; what stands for nothing is -1 or ""."""
        if self.words is FusionSector:
            return Coalesce(F(self.column), _beside_sectors())
        return Coalesce(F(self.column), Value("" if self.words is City else -1))

    def names(self):
        """{key: (code in addresses, name)} of everything that may occur, in the order of the vocabulary."""
        code = "pk" if self.words is City else "code"
        found = {pk: (code, name) for pk, code, name in self.words.objects.values_list("pk", code, "name")}
        if self.words is FusionSector:
            return found | BESIDE_SECTORS
        return found | {"" if self.words is City else -1: (NOTHING, self.nothing)}


def _beside_sectors():
    """The key of a row in no sector: 基础层, 未分类 or nobody has said."""
    whens = [When(sector_kind="foundation", then=Value(-1)), When(sector_kind="none", then=Value(-2))]
    return Case(*whens, default=Value(-3), output_field=models.BigIntegerField())


GROUPS = {
    "sector": Group("赛道", "sector_id", FusionSector),
    "city": Group("来源城市", "city_id", City),
    "channel": Group("来源渠道", "channel_id", Channel),
    "unit": Group("责任单位", "unit_id", Unit),
    "station": Group("来源工作站", "station_id", Unit, "非工作站来源"),
}
