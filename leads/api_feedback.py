"""The API's doors to 回音: what an introducer was told, and telling him."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.projection import INTERNAL
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.api.viewsets import ApiViewSet
from leads.api import READ, WRITE, read
from leads.feedback import LONGEST, Said, feed_back
from leads.models import Feedback, Lead

FEEDBACK = projection.Projection(
    "Feedback",
    projection.number("id", about="回音编号"),
    projection.day("said_on", "回音日期"),
    projection.text("to", about="回音对象"),
    projection.text("content", about="回音内容"),
    projection.text("by_label", "by__name", "回音人；令牌不可见", guard=INTERNAL),
    projection.moment("at", "记录时间"),
)


class FeedbackAnswer(paging.WholeAnswer):
    results = FEEDBACK.serializer(many=True)


class FeedbackInput(inputs.StrictSerializer):
    """What the introducer was told."""

    to = inputs.Text(80, required=True, help_text="回音对象：引荐的机构或人")
    said_on = serializers.DateField(help_text="回音日期，登记日期到今天之间")
    content = inputs.Text(LONGEST, required=True, multiline=True, help_text="回音说了什么")


class FeedbackViewSet(ApiViewSet):
    """回音."""

    scopes = {"feedback": READ, "feed_back": WRITE}

    @operation(
        "引荐人回音",
        "一条线索给引荐人的回音，最近的在前；伙伴令牌读到自己推送的线索的回音。",
        answer=FeedbackAnswer,
    )
    def feedback(self, request, pk):
        return self._answer(Feedback.objects.filter(lead=self._lead(pk)))

    @operation(
        "记录回音",
        "记下何时对引荐人说了什么；第一次回音即办结回音期限，可以再记。只有责任单位和区投促局的登录用户可以记，"
        "令牌得到 403；没有引荐人的渠道 400 no_introducer。",
        body=FeedbackInput,
        answer=FEEDBACK.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def feed_back(self, request, pk):
        said = Said(**read(FeedbackInput, request))
        made = feed_back(self._lead(pk), said, by=request.user, at=self.now)
        entry = FEEDBACK.entries(Feedback.objects.filter(pk=made.pk), request.user)[0]
        return Response(entry, status=201)

    def _lead(self, pk):
        lead = Lead.objects.visible_to(self.request.user).filter(pk=pk).first()
        if lead is None:
            raise NotFound
        return lead

    def _answer(self, rows):
        return paging.whole(FEEDBACK.entries(rows, self.request.user))
