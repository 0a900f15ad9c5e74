"""Idempotency-Key: a write happens once; whoever repeats it gets the first answer again.

Key, effect and answer are one transaction: a process killed in between leaves nothing, so a repetition
starts afresh, and a repetition that comes too early waits for the first at the unique row.
"""

import hashlib
import json
import re
from functools import wraps

from rest_framework.response import Response

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from crm.api.problems import Problem
from crm.models import IdempotencyKey
from crm.models.partners import PERSON

KEY = re.compile(r"[\x21-\x7e]{1,120}")
KEPT_HEADERS = ("ETag", "Location")
PATIENCE = "3s"  # how long a repetition waits for the first one
LOCK_NOT_AVAILABLE = "55P03"


def once(write):
    """Let a writing view method accept an Idempotency-Key. Only answers of success are kept: a refusal
    wrote nothing, and a corrected repetition shall be judged anew."""

    @wraps(write)
    def answer(view, request, *args, **kwargs):
        if "Idempotency-Key" not in request.headers:
            return write(view, request, *args, **kwargs)
        with transaction.atomic():
            row = _take(request)
            if row.status is not None:
                return _replay(row, request)
            response = write(view, request, *args, **kwargs)
            _keep(row, response)
            return response

    answer.is_idempotent = True
    return answer


def _take(request):
    """The row of this key: a new one of ours, or the finished one of an earlier request."""
    key = request.headers["Idempotency-Key"]
    if not KEY.fullmatch(key):
        raise Problem(400, "bad_idempotency_key", "Idempotency-Key 要是 1 到 120 个可见的 ASCII 字符。")
    row = IdempotencyKey(
        caller=_caller(request.user), key=key, fingerprint=_fingerprint(request), created_at=timezone.now()
    )
    IdempotencyKey.objects.forgettable(row.created_at).filter(caller=row.caller, key=key).delete()
    _insert(row)
    return IdempotencyKey.objects.get(caller=row.caller, key=key)


def _insert(row):
    """Insert, or wait a little for the request that inserted first; it may still be writing: 409."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        try:
            IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            raise Problem(
                409,
                "in_flight",
                "同一个 Idempotency-Key 的请求还在处理，请稍后重试。",
                headers={"Retry-After": "1"},
            ) from error
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def _replay(row, request):
    if row.fingerprint != _fingerprint(request):
        raise Problem(422, "key_reused", "这个 Idempotency-Key 已经用于另一个请求，请换一个新的键。")
    headers = {**row.headers, "Idempotent-Replayed": "true"}
    return Response(json.loads(row.body), status=row.status, headers=headers)


def _keep(row, response):
    row.status, row.body = response.status_code, json.dumps(response.data, ensure_ascii=False)
    row.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    row.save(update_fields=["status", "body", "headers"])


def _told_apart(value):
    """A value JSON does not know as text; of an uploaded file its name and what is in it."""
    if not hasattr(value, "chunks"):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"{value.name} {digest.hexdigest()}"


def _caller(user):
    return f"token:{user.token_id}" if user.pk is None else f"{PERSON}{user.pk}"


def _fingerprint(request):
    body = json.dumps(request.data, sort_keys=True, default=_told_apart)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()
