"""The API's doors to the 企业关系 of a lead's company: read them, add one, take one back; for people."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, paging
from crm.api.idempotency import once
from crm.api.projection import in_shanghai
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.api.viewsets import ApiViewSet
from crm.models import CompanyLink
from leads import linking
from leads.api import read
from leads.models import Lead

NOBODY = ("links",)  # no token has this scope: what one company is to another is between our units
SIDES = [(code, word) for code, (_, _, word) in CompanyLink.SIDES.items()]


class LinkSchema(serializers.Serializer):
    """One company beside that of the record."""

    id = serializers.IntegerField(help_text="编号")
    side = serializers.CharField(help_text=inputs.worded("它是这家企业的", SIDES))
    side_label = serializers.CharField(help_text="它是这家企业的（中文）")
    company_name = serializers.CharField(help_text="另一家企业")
    lead = serializers.IntegerField(allow_null=True, help_text="另一家企业的、您可见的线索编号；没有为 null")
    source = serializers.CharField(help_text="从哪里知道的")
    known_on = serializers.DateField(help_text="日期")
    by_label = serializers.CharField(help_text="登记人")
    created_at = serializers.DateTimeField(help_text="登记时间")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="撤销时间；没有撤销为 null")
    end_reason = serializers.CharField(help_text="撤销理由；没有撤销为空")

    class Meta:
        ref_name = "CompanyLink"


class LinksAnswer(paging.WholeAnswer):
    results = LinkSchema(many=True)


class LinkInput(inputs.StrictSerializer):
    """What another company is to this one."""

    side = serializers.ChoiceField(SIDES, help_text=inputs.worded("它是这家企业的", SIDES))
    name = inputs.Text(120, required=True, help_text="企业全称；没有建过档的按名称建档，不占首报")
    uscc = inputs.Uscc(help_text="统一社会信用代码，知道的话")
    source = inputs.Text(200, required=True, help_text="从哪里知道的")
    known_on = serializers.DateField(help_text="日期，不晚于今天")


class EndLinkInput(inputs.StrictSerializer):
    """Why a link is taken back."""

    reason = inputs.Text(200, required=True, help_text="撤销理由")


class LeadLinkViewSet(ApiViewSet):
    """线索的企业的上下游与引荐."""

    scopes = dict.fromkeys(("links", "link", "end"), NOBODY)
    model = Lead

    @operation(
        "企业关系",
        "登记过的上下游、供应、引荐关系，撤销的排在最后；两家企业的线索、项目都读得到。还没有企业的为空。只给登录用户。",
        answer=LinksAnswer,
    )
    def links(self, request, pk):
        company = self._record(pk).company_id or 0
        return paging.whole(self._entries(company, linking.of_company(company)))

    @operation(
        "登记企业关系",
        "登记另一家企业是这家的什么。能修改这条线索、项目的登录用户可以登记；"
        "已经登记过的、写成自己的 400 invalid。",
        body=LinkInput,
        answer=LinkSchema,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def link(self, request, pk):
        record, given = self._record(pk), read(LinkInput, request)
        stated = linking.Stated(**{**given, "uscc": given.get("uscc") or ""})
        row = linking.link(record, stated, by=request.user, at=self.now)
        return Response(self._one(record, row), status=201)

    @operation(
        "撤销企业关系",
        "写错了、不再合作，写明理由撤销，记录保留。撤销过的 400 invalid。",
        body=EndLinkInput,
        answer=LinkSchema,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def end(self, request, pk, row):
        record, given = self._record(pk), read(EndLinkInput, request)
        found = linking.of_company(record.company_id or 0).filter(pk=row).first()
        if found is None:
            raise NotFound
        linking.end(record, found, by=request.user, at=self.now, reason=given["reason"])
        return Response(self._one(record, found))

    def _record(self, pk):
        record = self.model.objects.visible_to(self.request.user).filter(pk=pk).first()
        if record is None:
            raise NotFound
        return record

    def _one(self, record, row):
        return self._entries(record.company_id, linking.of_company(record.company_id).filter(pk=row.pk))[0]

    def _entries(self, company, rows):
        rows = list(rows)
        others = {row.pk: row.seen_from(company) for row in rows}
        places = linking.whereabouts(self.request.user, [other.pk for other, _ in others.values()])
        return [_entry(row, row.side_from(company), *others[row.pk], places) for row in rows]


def _entry(row, side, other, word, places):
    lead = places.get(other.pk, {}).get("lead")
    return {
        "id": row.pk,
        "side": side,
        "side_label": word,
        "company_name": other.name,
        "lead": lead.pk if lead else None,
        "source": row.source,
        "known_on": str(row.known_on),
        "by_label": str(row.by),
        "created_at": in_shanghai(row.created_at),
        "ended_at": row.ended_at and in_shanghai(row.ended_at),
        "end_reason": row.end_reason,
    }
