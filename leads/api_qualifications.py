"""The API's doors to the 资质 of a company, read where its lead or project is read."""

from rest_framework.exceptions import NotFound

from crm.api import paging, projection
from crm.api.projection import INTERNAL
from crm.api.schema import operation
from crm.api.viewsets import ApiViewSet
from crm.models import Qualification
from leads.models import Lead

QUALIFICATION = projection.Projection(
    "Qualification",
    projection.number("id", about="资质编号（系统内）"),
    projection.text("kind", about="资质"),
    *projection.choice("level", Qualification.Level.choices, "级别；未写明为空"),
    projection.text("number", about="证书编号；未填为空"),
    projection.day("issued_on", "认定日期；未知为 null"),
    projection.day("expires_on", "有效期至；长期有效为 null"),
    projection.day("ended_on", "终止日期；没有终止为 null"),
    *projection.choice("ended_as", Qualification.Ending.choices, "终止情形；没有终止、没有写明为空"),
    projection.text("from_company", "from_company__name", "合并前属于哪家企业；没有为 null"),
    projection.text("ended_reason", about="终止原因；令牌不可见", guard=INTERNAL),
    projection.text("by_label", "by__name", "登记人；令牌不可见", guard=INTERNAL),
)


class QualificationsAnswer(paging.WholeAnswer):
    results = QUALIFICATION.serializer(many=True)


class LeadQualificationViewSet(ApiViewSet):
    """线索的企业的资质."""

    scopes = {"qualifications": ("leads:read", "leads:write")}
    model = Lead

    @operation(
        "资质",
        "企业登记过的资质，终止的也在内（ended_on 不为 null）；还没有企业的为空。只能读，写在页面上。",
        answer=QualificationsAnswer,
    )
    def qualifications(self, request, pk):
        record = self.model.objects.visible_to(request.user).filter(pk=pk).first()
        if record is None:
            raise NotFound
        rows = Qualification.objects.filter(company=record.company_id or 0)
        return paging.whole(QUALIFICATION.entries(rows.order_by("kind", "pk"), request.user))
