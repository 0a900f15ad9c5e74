"""Settings of the test suite: its own throw-away database server unless DATABASE_URL names one."""

import os
import tempfile
from pathlib import Path

from config import embedded

os.environ["MODE"] = "local"
os.environ.pop("HTTPS", None)
if "DATA_DIR" not in os.environ or "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="crm-test-")
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = embedded.start(Path(os.environ["DATA_DIR"]) / "postgres", throw_away=True)

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
