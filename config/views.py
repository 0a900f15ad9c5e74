"""Whether the process lives, whether it can work, and what a person sees when it cannot."""

import os
import sys
import threading
import time

import redis

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.api import problems
from crm.slots import last_tick

DATABASE_PATIENCE = 1.5
BROKER_PATIENCE = 1.0
RETRY = {"Retry-After": "5"}
DOWN = "down"
MEGABYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1e6
TOO_MUCH = {
    RequestDataTooBig: (
        413,
        f"提交的内容超过 {MEGABYTES:g} MB，没有收下。请返回上一页缩短后再提交。",
    ),
    TooManyFieldsSent: (
        400,
        f"一次提交超过 {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} 项，没有收下。请返回上一页，分几次提交。",
    ),
}


class Probe(threading.Thread):
    """Asks one question in a thread of its own, so that a silent server cannot hold up the answer."""

    def __init__(self, question, patience):
        super().__init__(daemon=True)
        self.question, self.deadline, self.answer = question, time.monotonic() + patience, None
        self.start()

    def run(self):
        self.answer = self.question()

    def result(self):
        """What was answered in time, else None."""
        self.join(max(0.0, self.deadline - time.monotonic()))
        return self.answer


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """The process lives; nothing else is asked, so that an outage elsewhere restarts nobody."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request):
    """Database, broker and the age of the last beat; 503 only when the database is away."""
    broker, database = Probe(broker_state, BROKER_PATIENCE), Probe(_database, DATABASE_PATIENCE)
    told = database.result()
    body = {
        "database": told["database"] if told else DOWN,
        "broker": broker.result() or DOWN,
        "beat_age_seconds": told["beat_age_seconds"] if told else None,
    }
    if body["database"] == DOWN:
        return JsonResponse(body, status=503, headers=RETRY)
    return JsonResponse(body)


def _database():
    """What the database says in a connection of its own; None when it says nothing."""
    try:
        ticked = last_tick()
    except DatabaseError:
        return None
    finally:
        connection.close()
    age = (timezone.now() - ticked).total_seconds() if ticked else None
    return {"database": "ok", "beat_age_seconds": age and round(age, 1)}


def broker_state():
    """`ok` or `down`; within the broker's patience, whatever it does."""
    if not settings.REDIS_URL:
        return "ok" if os.access(settings.DATA_DIR, os.W_OK) else DOWN
    try:
        patience = {"socket_timeout": BROKER_PATIENCE, "socket_connect_timeout": BROKER_PATIENCE}
        with redis.Redis.from_url(settings.REDIS_URL, **patience) as server:
            server.ping()
    except (redis.RedisError, OSError):
        return DOWN
    return "ok"


def failed(request):
    """The page for what nobody expected; with the database away it says so, and when to come back."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if is_api(request):
        told = (503, "unavailable", RETRY) if away else (500, "internal")
        return problems.bare(request, *told)
    if not away:
        return HttpResponse(_page("500.html", request), status=500)
    return HttpResponse(_page("503.html", request), status=503, headers=RETRY)


def _page(template, request):
    """A page that needs no database; it speaks of what was not written only where something was to be."""
    return render_to_string(template, {"is_deed": request.method not in ("GET", "HEAD")})


def bad_request(request, exception):
    """What is refused before any view (a false host, too many fields), as a page or as a problem."""
    if is_api(request):
        return problems.bare(request, 400, "bad_request")
    status, words = TOO_MUCH.get(type(exception), (400, "请求不合规范，没有处理。请返回上一页，刷新后再试。"))
    return HttpResponse(render_to_string("400.html", {"words": words}), status=status)


def is_api(request):
    return request.path.startswith("/api/")
