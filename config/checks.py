"""Refuses settings and servers that lose work or freeze requests; each check names a measured failure.

Those that ask a server run with `manage.py check --database default` and at every start of `make run`.
"""

import redis

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import OperationalError, connections

LONGEST_POOL_WAIT = 3  # seconds; the default of 30 holds every request that long while the database is away
BROKER_PATIENCE = 1.0
PLAIN_CTYPES = ("C", "POSIX")


@register
def visibility_timeout(app_configs, **kwargs):
    """A task longer than the visibility timeout is started again beside itself."""
    if not settings.CELERY_BROKER_URL.startswith(("redis", "sentinel")):
        return []
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout", 3600)
    if visible >= 2 * settings.CELERY_TASK_TIME_LIMIT:
        return []
    hint = "把 visibility_timeout 设为任务最长时限的两倍以上，否则长任务会被重复执行。"
    return [Error(f"visibility_timeout 只有 {visible} 秒。", hint=hint, id="wiring.E001")]


@register
def sessions_in_database(app_configs, **kwargs):
    """Sessions in a cache fail with the cache: nobody could log in while Redis is away."""
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.db":
        return []
    hint = "会话要存在数据库里：django.contrib.sessions.backends.db。"
    return [Error(f"SESSION_ENGINE 是 {settings.SESSION_ENGINE}。", hint=hint, id="wiring.E002")]


@register
def connections_recover(app_configs, **kwargs):
    """Without health checks a restart of the database answers 6-8 of 60 requests with an error page."""
    database = settings.DATABASES["default"]
    if database.get("CONN_MAX_AGE", 0) == 0 or database.get("CONN_HEALTH_CHECKS"):  # None: kept for ever
        return []
    hint = "打开 CONN_HEALTH_CHECKS，否则数据库重启后会有请求出错。"
    return [Error("数据库长连接没有健康检查。", hint=hint, id="wiring.E003")]


@register
def pool_does_not_hang(app_configs, **kwargs):
    """The default pool makes every request wait 30 s while the database is away."""
    pool = settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
    wait = pool.get("timeout", 30) if isinstance(pool, dict) else 30
    if not pool or wait <= LONGEST_POOL_WAIT:
        return []
    hint = f"连接池的 timeout 不要超过 {LONGEST_POOL_WAIT} 秒，或不用连接池。"
    return [Error(f"数据库连接池最长等待 {wait} 秒。", hint=hint, id="wiring.E004")]


@register(Tags.database)
def database_knows_chinese(app_configs, databases=None, **kwargs):
    """Under the C locale trigrams of Chinese names are empty and lower() leaves letters alone."""
    return [problem for alias in databases or () for problem in _locale_problems(connections[alias])]


def _locale_problems(connection):
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT datctype, pg_encoding_to_char(encoding), lower('ÀÉ') "
                "FROM pg_database WHERE datname = current_database()"
            )
            ctype, encoding, lowered = cursor.fetchone()
    except OperationalError as error:
        return [Error(f"数据库连不上：{error}", hint="检查 DATABASE_URL。", id="wiring.E005")]
    if encoding == "UTF8" and ctype not in PLAIN_CTYPES and lowered == "àé":
        return []
    hint = "重新建库：createdb -T template0 -E UTF8 --locale=C.UTF-8 库名，再导入数据。"
    return [
        Error(f"数据库的字符类型是 {ctype}、编码是 {encoding}，不能处理中文。", hint=hint, id="wiring.E006")
    ]


@register(Tags.database)
def broker_forgets_nothing(app_configs, databases=None, **kwargs):
    """A Redis that evicts keys under memory pressure drops tasks; silent when it cannot be reached."""
    if not databases or not settings.REDIS_URL:
        return []
    patience = {"socket_timeout": BROKER_PATIENCE, "socket_connect_timeout": BROKER_PATIENCE}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, **patience) as server:
            policy = server.info("memory").get("maxmemory_policy", "noeviction")
    except (redis.RedisError, OSError) as error:
        return [Warning(f"Redis 连不上：{error}", hint="检查 REDIS_URL。", id="wiring.W001")]
    if policy == "noeviction":
        return []
    hint = "在 Redis 配置里设 maxmemory-policy noeviction，否则内存不足时任务会丢失。"
    return [Error(f"Redis 的 maxmemory-policy 是 {policy}。", hint=hint, id="wiring.E007")]
