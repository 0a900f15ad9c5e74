"""The API's door to 补链: the cells of the page's matrix over what the caller sees."""

from rest_framework import serializers

from crm.api import inputs, paging
from crm.api.schema import operation
from crm.api.viewsets import ApiViewSet
from crm.permissions import require
from crm.reading import read_once
from crm.workdays import shanghai_day
from projects import chain

NOBODY = ("chain",)  # no token has this scope: a report for people


class CellSchema(serializers.Serializer):
    """One link of the chain in one sector."""

    sector = serializers.CharField(help_text="赛道代码；基础层 foundation，赛道待定 undecided")
    sector_label = serializers.CharField(help_text="赛道（中文）")
    position = serializers.CharField(help_text=inputs.worded("链条位置", chain.POSITIONS.items()))
    position_label = serializers.CharField(help_text="链条位置（中文）")
    landed = serializers.IntegerField(help_text="已落地的项目数：开工/入驻及以后")
    firms = serializers.IntegerField(help_text="已落地的企业家数")
    projects = serializers.IntegerField(help_text="在推的项目数：在谈到注册落地")
    leads = serializers.IntegerField(help_text="线索、研判阶段的线索数")
    is_weak = serializers.BooleanField(help_text="落地企业少于设置的家数")
    is_wanted = serializers.BooleanField(help_text="这一环本来就该有：各赛道的应用，基础层的算力、算法、数据")

    class Meta:
        ref_name = "ChainCell"


class ChainAnswer(paging.WholeAnswer):
    results = CellSchema(many=True)


class ChainViewSet(ApiViewSet):
    """补链."""

    scopes = {"list": NOBODY}

    @operation(
        "补链",
        "融合赛道 × 链条位置，每格一条，同页面；只计看得到的线索和项目。只给能看报表的登录用户。",
        answer=ChainAnswer,
    )
    def list(self, request):
        self._refuse_parameters(request)
        require(request.user, "report")
        with read_once():
            rows = chain.matrix(request.user, shanghai_day(self.now))
        return paging.whole(_entry(row, one) for row in rows for one in row.cells)


def _entry(row, one):
    names = ("sector", "position", "landed", "firms", "projects", "leads", "is_weak", "is_wanted")
    labels = {"sector_label": row.label, "position_label": chain.POSITIONS[one.position]}
    return {**{name: getattr(one, name) for name in names}, **labels}
