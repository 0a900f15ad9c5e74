"""The API's doors to the files of a project: listing and uploading; saving one is a page."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from django.db import transaction

from crm.api import inputs, paging, projection
from crm.api.idempotency import once
from crm.api.schema import IDEMPOTENCY_KEY, operation
from crm.api.viewsets import ApiViewSet
from crm.permissions import may, require
from leads.api import read
from projects import papers
from projects.incentives_api import NOBODY
from projects.models import Paper, Project
from projects.models.papers import RECORDS

MODELS = {kind: model for model, kind in papers.KINDS_OF.items()}

OF = [(name, str(Paper._meta.get_field(name).verbose_name)) for name in RECORDS]
PAPER = projection.Projection(
    "Paper",
    projection.number("id", about="文件编号；审查文件在审查时写进 paper"),
    *(
        projection.number(name, f"{name}_id", f"所属{label}；不属于它为 null", nullable=True)
        for name, label in OF
    ),
    projection.text("name", about="文件名"),
    projection.number("size", about="字节数"),
    projection.text("digest", about="内容的 SHA-256"),
    projection.text("by_label", "by__name", "上传人"),
    projection.moment("at", "上传时间"),
)


class PapersAnswer(paging.WholeAnswer):
    results = PAPER.serializer(many=True)


def _number(about):
    return serializers.IntegerField(required=False, min_value=1, help_text=about)


class PaperInput(inputs.StrictSerializer):
    """A file as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True, help_text="PDF、OFD、Word（docx）、JPG 或 PNG")
    agreement = _number("协议编号：这份文件是哪一份协议的")
    evidence = _number("阶段材料编号：是哪一项材料的")
    receipt = _number("到位资金编号：是哪一笔的凭证")
    incentive = _number("优惠条款编号：是哪一条的一事一议批复")


class PaperViewSet(ApiViewSet):
    """项目文件."""

    scopes = {"papers": NOBODY, "upload": NOBODY}
    parser_classes = (MultiPartParser,)

    @operation(
        "项目文件列表",
        "一个项目的全部文件，最近的在前：协议、材料、到位资金、一事一议批复的写明属于哪一条，"
        "其余是审查文件。",
        answer=PapersAnswer,
    )
    def papers(self, request, pk):
        return paging.whole(PAPER.entries(self._rows(pk), request.user))

    @operation(
        "上传文件",
        "以 multipart/form-data 上传一份文件（字段 file），并写明它属于哪一条（agreement、evidence、receipt、"
        "incentive 中的一个），由责任单位和区投促局上传；都不写的是审查文件，由公平竞争审查人员上传，之后在"
        "审查、出具结论时写它的编号。存下就不改不删；过大或格式不收的 400 bad_paper。",
        body=PaperInput,
        answer=PAPER.serializer,
        status=201,
        parameters=[IDEMPOTENCY_KEY],
    )
    @once
    def upload(self, request, pk):
        project = self._project(pk)
        self._require_some(project)
        values = read(PaperInput, request)
        file, how = values.pop("file"), {"by": request.user, "at": self.now}
        if record := self._record(project, values):
            made = papers.attach(record, file, **how)
        else:
            require(request.user, "review_incentive")
            with transaction.atomic():
                made = papers.keep(project, file, **how)
        entry = PAPER.entries(Paper.objects.filter(pk=made.pk), request.user)[0]
        return Response(entry, status=201)

    def _project(self, pk):
        found = Project.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def _require_some(self, project):
        """Whoever may upload nothing here is told so before the file is read."""
        if not may(self.request.user, "edit", project):
            require(self.request.user, "review_incentive")

    def _record(self, project, values):
        """The record of `project` that the file is to belong to; None for a paper of the review."""
        if not values:
            return None
        if len(values) > 1:
            raise serializers.ValidationError("一份文件只属于一条记录，请只写一个编号。", code="invalid")
        ((kind, pk),) = values.items()
        found = MODELS[kind].objects.filter(project=project, pk=pk).select_related("project").first()
        if found is None:
            detail = serializers.ErrorDetail(f"这个项目没有这条{dict(OF)[kind]}。", code="unknown_code")
            raise serializers.ValidationError({kind: [detail]})
        return found

    def _rows(self, pk):
        return Paper.objects.visible_to(self.request.user).filter(project=self._project(pk))
