"""The API's doors to the papers of a review: listing and uploading; reading one is a page."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from django.db import transaction

from crm.api import inputs, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.api.viewsets import ApiViewSet
from crm.permissions import require
from leads.api import read
from projects import papers
from projects.incentives_api import NOBODY
from projects.models import Paper, Project

PAPER = projection.Projection(
    "Paper",
    projection.number("id", about="文件编号；审查时写进 paper"),
    projection.text("name", about="文件名"),
    projection.number("size", about="字节数"),
    projection.text("digest", about="内容的 SHA-256"),
    projection.text("by_label", "by__name", "上传人"),
    projection.moment("at", "上传时间"),
)


class PapersAnswer(serializers.Serializer):
    results = PAPER.serializer(many=True)


class PaperInput(inputs.StrictSerializer):
    """A file as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True, help_text="PDF、OFD、Word（docx）、JPG 或 PNG")


class PaperViewSet(ApiViewSet):
    """审查文件."""

    scopes = {"papers": NOBODY, "upload": NOBODY}
    parser_classes = (MultiPartParser,)

    @operation("审查文件列表", "一个项目的意见文件和合法性审查文件，最近的在前。", answer=PapersAnswer)
    def papers(self, request, pk):
        return Response({"results": PAPER.entries(self._rows(pk), request.user)})

    @operation(
        "上传审查文件",
        "以 multipart/form-data 上传一份文件（字段 file），之后在审查、出具结论时写它的编号。"
        "只有公平竞争审查人员可以上传；过大或格式不收的 400 bad_paper。",
        body=PaperInput,
        answer=PAPER.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def upload(self, request, pk):
        project = self._project(pk)
        require(request.user, "review_incentive")
        file = read(PaperInput, request)["file"]
        with transaction.atomic():
            made = papers.keep(project, file, by=request.user, at=self.now)
        entry = PAPER.entries(Paper.objects.filter(pk=made.pk), request.user)[0]
        return Response(entry, status=201)

    def _project(self, pk):
        found = Project.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _rows(self, pk):
        return Paper.objects.visible_to(self.request.user).filter(project=self._project(pk))
