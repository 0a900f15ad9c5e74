"""Settings of the test suite: its own throw-away database server unless DATABASE_URL names one."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config import embedded


def _own_folder():
    """A fresh DATA_DIR for this run; workers of the run inherit it with the server's address."""
    folder = tempfile.mkdtemp(prefix="crm-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


os.environ["MODE"] = "local"
os.environ.pop("HTTPS", None)
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATA_DIR"] = _own_folder()
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = embedded.start(Path(os.environ["DATA_DIR"]), throw_away=True)

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# whitenoise lists every static file anew for each test client; Django's own handler serves the browser tests
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]  # noqa: F405
# a test database needs not survive a fall of the server, and few rows are no work to compile
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off -c jit=off"  # noqa: F405
