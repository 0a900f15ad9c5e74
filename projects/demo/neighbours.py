"""Whom the landed firms of the demo know, and whom they brought: what 以商招商 lives on."""

from datetime import timedelta

from crm.workdays import shanghai_day
from leads import linking
from leads.linking import Stated
from leads.models import Lead
from projects.models import Project
from projects.stages import LANDED_ON

FEW = 4
UNKNOWN = [
    ("supplier", "杭州磐石精密部件有限公司", "采购负责人介绍"),
    ("customer", "宁波远帆装备集团有限公司", "企业年报里的前五大客户"),
    ("upstream", "苏州澜芯半导体有限公司", "技术负责人说正在国产替代"),
    ("downstream", "杭州云栖数据服务有限公司", "座谈会上企业提到"),
]


class Neighbours:
    """Links between companies, entered by who has the landed firm; in a fixed order."""

    def __init__(self, now):
        self.now = now

    def tell(self):
        """One unknown neighbour for each landed firm, and two leads that the first of them brought."""
        rows = Project.objects.filter(stage__in=LANDED_ON, owner__isnull=False, company__isnull=False)
        landed = list(rows.select_related("owner", "unit", "company").order_by("pk")[:FEW])
        for project, (side, name, source) in zip(landed, UNKNOWN, strict=False):
            self._link(project, side, name, source)
        if landed:
            self._introduce(landed[0])

    def _introduce(self, anchor):
        others = Lead.objects.filter(unit=anchor.unit, company__isnull=False).exclude(company=anchor.company)
        for lead in others.select_related("company", "unit").order_by("pk")[:2]:
            self._link(anchor, "introduced", lead.company.name, "企业负责人当面引荐")

    def _link(self, project, side, name, source):
        day = shanghai_day(self.now - timedelta(days=20))
        linking.link(project, Stated(side, name, source, day), by=project.owner, at=self.now)
