"""Settings of the web server (gunicorn): threads, so that a slow or silent browser holds up nobody else."""

import os
from pathlib import Path

from config import environment

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = environment.web_workers(os.environ)
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 3
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
limit_request_line = 8190
forwarded_allow_ips = os.environ.get("TRUSTED_PROXIES") or "127.0.0.1,::1"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (memory: a full disk stops no heartbeat)
loglevel = "warning"
