"""The API's door to 匹配变化: which verdicts became others, and why, of the projects one sees."""

from django.db.models import F

from crm.api import projection
from crm.api.schema import listed
from crm.api.viewsets import Resource
from projects.change_filters import MatchChangeFilter
from projects.models import Match, MatchChange

CHANGE = projection.Projection(
    "MatchChange",
    projection.number("id", about="编号"),
    projection.number("project", "project_id", "项目编号"),
    projection.text("project_name", "project__name", "项目名称"),
    projection.text("fund", "fund__code", "基金代码；是政策的为 null"),
    projection.text("fund_label", "fund__name", "基金（中文）；是政策的为 null"),
    projection.text("policy", "policy__code", "政策代码；是基金的为 null"),
    projection.text("policy_label", "policy__name", "政策（中文）；是基金的为 null"),
    *projection.choice("before", Match.Verdict.choices, "原结论"),
    *projection.choice("after", Match.Verdict.choices, "新结论"),
    projection.text("reason", about="原因"),
    projection.number("criteria_version", "version__number", "当时的条件版本", nullable=True),
    projection.moment("updated_at", "变化的时间", "at"),
)


class MatchChangeViewSet(Resource):
    """匹配变化."""

    scopes = {"list": ("projects:read", "projects:read_all")}
    projection = CHANGE
    filterset = MatchChangeFilter

    def rows(self):
        rows = MatchChange.objects.visible_to(self.request.user)
        return rows.annotate(created_at=F("at"), updated_at=F("at"))

    @listed(
        CHANGE,
        MatchChangeFilter,
        "匹配变化",
        "可见项目里，重新匹配后结论变了的，最新的在前；第一次匹配不算变化。记下的不再改，"
        "updated_at 就是变化的时间。",
    )
    def list(self, request):
        return self.page(request)
