"""The OpenAPI description: what every operation shares is added here, what it means stands beside it."""

import re
from datetime import date

import django_filters
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from django.conf import settings

from crm.api import paging, problems

HEADER, QUERY = OpenApiParameter.HEADER, OpenApiParameter.QUERY
READING = (400, 401, 403, 404, 405, 406, 429, 500, 503)
WRITING = (*READING, 409, 413, 415, 422)
VERSIONED = (412, 428)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    HEADER,
    description=(
        "幂等键，1–120 个可见 ASCII 字符，24 小时内有效。同一个键重发得到第一次的应答"
        "（带 Idempotent-Replayed: true），不会重复写入；同键不同内容 422，仍在处理 409。"
    ),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    HEADER,
    description='您读到的版本，取自 ETag，例如 "v3"。必填：缺少 428，已过期 412。',
)
IF_MATCH_OPTIONAL = OpenApiParameter(
    "If-Match", str, HEADER, description='您读到的版本，取自 ETag，例如 "v3"。可不带；带了而已过期 412。'
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, HEADER, description="您手里的 ETag；记录版本没有变化时得到 304。"
)
ETAG = OpenApiParameter(
    "ETag", str, HEADER, response=[200, 201], description='记录的版本，例如 "v3"，修改时写进 If-Match。'
)
PAGING = [
    OpenApiParameter(
        "cursor", str, QUERY, description="翻页用：原样使用应答里的 next、previous，不要自己拼。"
    ),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": paging.PAGE_SIZE_MAX, "default": paging.PAGE_SIZE},
        QUERY,
        description="每页条数。",
    ),
    OpenApiParameter(
        "updated_since",
        str,
        QUERY,
        description=(
            "只要此刻及以后变动过的记录，按变动先后排列；写成带偏移的时间"
            "（2026-04-20T10:00:00+08:00）或日期（2026-04-20，上海零点）。增量拉取见文档。"
        ),
    ),
]
UNCHANGED = {304: OpenApiResponse(description="没有变化")}


class FieldErrorSchema(serializers.Serializer):
    field = serializers.CharField(help_text="出错的字段或参数；与具体字段无关时为空")
    code = serializers.CharField(help_text="稳定的错误代码")
    detail = serializers.CharField(help_text="中文：哪里错了，怎么改")

    class Meta:
        ref_name = "FieldError"


class ProblemSchema(serializers.Serializer):
    type = serializers.CharField(help_text="错误种类的说明地址")
    title = serializers.CharField(help_text="这类错误的名称（中文）")
    status = serializers.IntegerField(help_text="HTTP 状态码")
    code = serializers.CharField(help_text="稳定的错误代码，程序按它判断")
    detail = serializers.CharField(help_text="中文：发生了什么，怎么办；与页面上的提示相同")
    instance = serializers.CharField(help_text="出错的地址")
    errors = FieldErrorSchema(many=True, help_text="逐字段的错误")
    missing = FieldErrorSchema(
        many=True,
        required=False,
        help_text="逐项：进入下一阶段还缺什么，或一次交来的几项各有什么不对；与页面列出的相同",
    )

    class Meta:
        ref_name = "Problem"


class ApiSchema(AutoSchema):
    """An operation's description with the refusals every operation may answer with."""

    def get_operation_id(self):
        return f"{self._tokenize_path()[0]}_{self.view.action}"

    def _is_list_view(self, serializer=None):
        return False

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            shown = OpenApiResponse(ProblemSchema, problems.TITLES[status])
            bodies[str(status)] = self._get_response_for_code(shown, str(status), [problems.CONTENT_TYPE])
        return dict(sorted(bodies.items()))

    def _map_basic_serializer(self, serializer, direction):
        """A field that says of itself 必填 is required in the document, whichever rule refuses without it."""
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "request":
            told = {name: one for name, one in schema.get("properties", {}).items() if is_needed(one)}
            for one in told.values():
                _never_null(one)
            if needed := sorted({*told, *schema.get("required", ())}):
                schema["required"] = needed
        return schema

    def _refusals(self):
        given = {parameter["name"] for parameter in self._get_parameters()}
        statuses = READING if self.method == "GET" else WRITING
        return (*statuses, *VERSIONED) if "If-Match" in given else statuses


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "crm.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": "区投促局签发的伙伴令牌。"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "crm.api.auth.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "网页登录会话；写入时还要 X-CSRFToken 头。",
        }


def is_needed(field):
    """Whether the description of a field says 必填 without a condition (流失时必填)."""
    return "必填" in re.split("[；，]", field.get("description", ""))


def _never_null(field):
    if isinstance(field.get("type"), list):
        kinds = [kind for kind in field["type"] if kind != "null"]
        field["type"] = kinds if len(kinds) > 1 else kinds[0]


def operation(summary, about, *, answer, body=None, status=200, parameters=(), also=None):
    """Describe an action in Chinese: what it does, its units, its refusals; `also` are other successes."""
    return extend_schema(
        summary=summary,
        description=about,
        request=body,
        responses={status: answer, **(also or {})},
        parameters=[*parameters],
    )


def listed(projection, filterset, summary, about):
    """Describe a list: its filters come from the filter set, its entries from the projection."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="下一页的地址；没有则为 null"),
        "previous": serializers.URLField(allow_null=True, help_text="上一页的地址；没有则为 null"),
        "results": projection.serializer(many=True),
    }
    page = type(f"{projection.serializer.__name__}Page", (serializers.Serializer,), fields)
    return operation(summary, about, answer=page, parameters=[*_filters(filterset), *PAGING])


def _filters(filterset):
    for name, found in filterset.base_filters.items():
        choices = found.extra.get("choices") or ()
        choices = getattr(choices, "standard", choices)  # the document is written before any setting is read
        options = [code for code, _ in choices]
        words = "、".join(f"{code} {word}" for code, word in choices)
        about = f"{found.label}（{words}）" if words else str(found.label)
        about = "；".join(
            filter(None, [about, filterset.WRITTEN.get(name), _not_for_tokens(filterset, name)])
        )
        yield OpenApiParameter(name, _kind(found), QUERY, description=about, enum=options or None)


def _kind(found):
    if isinstance(found, django_filters.DateFilter):
        return date
    return int if isinstance(found, django_filters.NumberFilter) else str


def _not_for_tokens(filterset, name):
    return "令牌不能用" if name in filterset.INSIDE else ""
