"""Errors of the API as RFC 9457 problem documents, in the words the pages use."""

import logging

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse

from crm.api.etag import etag
from crm.errors import Refused, StaleVersion
from crm.filtersets import BadParameters

logger = logging.getLogger("django.request")

CONTENT_TYPE = "application/problem+json"
TYPE = "/api/v1/docs/#problem-{}"
TITLES = {
    400: "请求有误",
    401: "需要令牌",
    403: "不允许",
    404: "没有找到",
    405: "不支持的方法",
    406: "不支持的应答格式",
    409: "与现状冲突",
    412: "版本已过期",
    413: "请求体过大",
    415: "不支持的内容类型",
    422: "幂等键用于了另一个请求",
    428: "缺少 If-Match",
    429: "调用过于频繁",
    500: "服务器内部错误",
    503: "服务暂不可用",
}
# exception → (code, Chinese sentence: what happened and what to do)
SENTENCES = {
    exceptions.NotAuthenticated: (
        "token_required",
        "没有带令牌。请在请求头里写 Authorization: Bearer 令牌，或先登录。",
    ),
    exceptions.AuthenticationFailed: ("token_invalid", "令牌无效，请检查 Authorization 头。"),
    exceptions.PermissionDenied: ("not_allowed", "您的角色或令牌不能做此操作，请联系区投促局。"),
    PermissionDenied: ("not_allowed", "您的角色或令牌不能做此操作，请联系区投促局。"),
    exceptions.NotFound: (
        "not_found",
        "没有找到：地址写错了（末尾要有斜杠），或记录不存在，或不在您的可见范围内。",
    ),
    exceptions.MethodNotAllowed: ("method_not_allowed", "这个地址不支持该方法，可用的方法见 Allow 头。"),
    exceptions.NotAcceptable: ("not_acceptable", "只能以 application/json 应答，请修改 Accept 头。"),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        "请求体要用 JSON，请写明 Content-Type: application/json。",
    ),
    exceptions.ParseError: ("malformed", "请求体不是合法的 JSON，请检查括号、引号和编码（UTF-8）。"),
    RequestDataTooBig: ("too_large", "请求体过大，请减少内容后重试。"),
}
STATUS = {PermissionDenied: 403, RequestDataTooBig: 413}
UNAVAILABLE = "数据库暂时连接不上，请稍后重试；同一个 Idempotency-Key 重试不会重复写入。"
BROKEN = "服务器出错，已经记录，什么都没有写入。请稍后重试；仍然失败请把时间告诉区投促局。"
BARE = {
    "bad_request": "请求不合规范，没有处理，请检查地址与请求头。",
    "internal": BROKEN,
    "unavailable": UNAVAILABLE,
}


class Problem(exceptions.APIException):
    """A refusal of the door itself (headers, parameters, sizes), with its status and code."""

    def __init__(self, status, code, detail, *, errors=(), headers=None):
        super().__init__(detail, code)
        self.status_code, self.code, self.text = status, code, detail
        self.errors, self.headers = list(errors), headers or {}


def document(status, code, detail, *, instance="", errors=(), **more):
    """The body of a problem: what kind, how grave, what happened and what to do, and where."""
    return {
        "type": TYPE.format(code),
        "title": TITLES.get(status, "错误"),
        "status": status,
        "code": code,
        "detail": detail,
        "instance": instance,
        "errors": list(errors),
        **more,
    }


def answer(status, code, detail, *, instance="", errors=(), headers=None, **more):
    """A response that carries a problem document."""
    body = document(status, code, detail, instance=instance, errors=errors, **more)
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def bare(request, status, code, headers=None):
    """A problem for what failed before a view was reached: a false host, the database away."""
    body = document(status, code, BARE[code], instance=request.path)
    return JsonResponse(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def handler(error, context):
    """Turn whatever a view raised into a problem; what nobody expected is logged and becomes a 500."""
    set_rollback()
    instance = context["request"].path
    if isinstance(error, Refused):
        return _refused(error, context, instance)
    if isinstance(error, Problem):
        more = {"errors": error.errors, "headers": error.headers}
        return answer(error.status_code, error.code, error.text, instance=instance, **more)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error, instance)
    return _told(error, instance) or _unexpected(error, context, instance)


def _told(error, instance):
    """The problem of an error of the framework, or None when it is none of them."""
    error = exceptions.NotFound() if isinstance(error, Http404) else error
    for kind, (code, detail) in SENTENCES.items():
        if isinstance(error, kind):
            status = STATUS.get(kind) or error.status_code
            return answer(status, code, detail, instance=instance, headers=_headers(error))
    return None


def _refused(refusal, context, instance):
    """A refusal of the rules: the same sentence as on the page, and exactly what is missing."""
    more, detail = {}, refusal.detail
    if isinstance(refusal, BadParameters):
        detail += "".join(m.text for m in refusal.missing[:1])
    elif refusal.missing:
        more["missing"] = [{"code": m.code, "detail": m.text, "field": m.field} for m in refusal.missing]
    more["headers"] = _headers_of(refusal, context)
    return answer(refusal.status, refusal.code, detail, instance=instance, errors=refusal.errors(), **more)


def _headers_of(refusal, context):
    """What the status promises beside the words: the version now, the scheme, the seconds to wait."""
    headers = {}
    if isinstance(refusal, StaleVersion):
        headers["ETag"] = etag(refusal.current.version)
    if refusal.status == 401:
        headers["WWW-Authenticate"] = context["view"].get_authenticate_header(context["request"])
    if refusal.status == 429:
        headers["Retry-After"] = str(refusal.wait)
    return headers


def _invalid(error, instance):
    errors = list(_flat(error.detail))
    detail = to_mend(errors) if errors else "请求内容有误。"
    return answer(400, "invalid", detail, instance=instance, errors=errors)


def to_mend(errors):
    """How many fields are wrong, and what is wrong with the first of them."""
    field, detail = errors[0]["field"], errors[0]["detail"]
    return f"有 {len(errors)} 处需要修改：{field + '：' if field else ''}{detail}"


def _flat(detail, field=""):
    """DRF's nested errors as a flat list of {field, code, detail}; list places are written a.0."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(filter(None, [field, own])))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, field)
    else:
        yield {"field": field, "code": detail.code, "detail": str(detail)}


def _headers(error):
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    return headers


def _unexpected(error, context, instance):
    if isinstance(error, (OperationalError, InterfaceError)):
        logger.error("database away: %s", instance, exc_info=error)
        return answer(503, "unavailable", UNAVAILABLE, instance=instance, headers={"Retry-After": "5"})
    request = context["request"]._request
    extra = {"status_code": 500, "request": request}
    logger.error("Internal Server Error: %s", instance, exc_info=error, extra=extra)
    return answer(500, "internal", BROKEN, instance=instance)
