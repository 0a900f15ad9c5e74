"""All settings, from the environment only (.env.example names each variable); works with none of them."""

import os

from celery.schedules import schedule

from django.core.exceptions import ImproperlyConfigured

from config import embedded, environment

try:
    MODE = environment.mode(os.environ)
    PRODUCTION = MODE == "production"
    if PRODUCTION:
        environment.refuse_unsafe(os.environ)
    DEBUG = environment.flag(os.environ, "DEBUG")
    DATA_DIR = environment.data_dir(os.environ)
    SECRET_KEY = environment.secret_key(os.environ, PRODUCTION)
    DATABASE = environment.database(os.environ.get("DATABASE_URL") or embedded.start(DATA_DIR / "postgres"))
    REDIS_URL = environment.redis(os.environ.get("REDIS_URL", "").strip())
    HTTPS = environment.flag(os.environ, "HTTPS") if "HTTPS" in os.environ else PRODUCTION
    ALLOWED_HOSTS = [*environment.hosts(os.environ), "localhost", "127.0.0.1", "[::1]"]
    CSRF_TRUSTED_ORIGINS = environment.words(os.environ, "CSRF_TRUSTED_ORIGINS")
    TRUSTED_PROXIES = environment.networks(os.environ, "TRUSTED_PROXIES")
    SITE_URL = environment.site_url(os.environ)
    EMAIL = environment.email(os.environ)
    PDF_FONT = environment.font(os.environ)
    DEMO_PASSWORD = os.environ.get("DEMO_PASSWORD", "")
except (environment.Refused, embedded.CannotStart) as refusal:
    raise ImproperlyConfigured(str(refusal)) from None

BASE_DIR = environment.BASE_DIR

# --- the site

INSTALLED_APPS = [
    "config",
    "projects",
    "leads",
    "crm",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "crm.middleware.request_context",
    "crm.security.headers",
    "crm.middleware.readable",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "crm.middleware.PersonMiddleware",
    "crm.middleware.LoginRequired",
    "crm.middleware.numbers_withheld",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.context.unread",
            ],
        },
    },
]

# --- database: plain persistent connections recover 0.15 s after an outage, a pool after 29 s

DATABASES = {
    "default": {
        **DATABASE,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 2,
            "application_name": "crm",
            "options": "-c timezone=UTC -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
            **DATABASE["OPTIONS"],
        },
        "TEST": {"CHARSET": "UTF8", "TEMPLATE": "template0"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- language and time

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- people: sessions live in the database, so that a login never depends on the broker

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["crm.backends.PeopleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "crm.passwords.LongEnough"},
    {"NAME": "crm.passwords.SeveralKinds"},
    {"NAME": "crm.passwords.NotTheAccount"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE_SECONDS = 30 * 60
SESSION_ABSOLUTE_SECONDS = 12 * 3600
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- transport: strict over https, usable over http on one's own machine

COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_PERMISSIONS = 0o600
MEDIA_ROOT = DATA_DIR / "uploads"

# --- files for the browser: installed from npm by the set-up, served with hashed names

FRONTEND_DIR = BASE_DIR / ".frontend"
ICONS_DIR = FRONTEND_DIR / "icons"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [("vendor", FRONTEND_DIR / "vendor")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crm.joined.JoinedFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}

# --- background work: rows are the queue, the broker is a doorbell, the beat only ticks

TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_TIME_LIMIT = TASK_TIME_LIMIT
CELERY_TASK_SOFT_TIME_LIMIT = TASK_TIME_LIMIT - 30
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "config.tasks.tick", "schedule": schedule(30), "options": {"expires": 60}}
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
CELERY_BEAT_MAX_LOOP_INTERVAL = 30

if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 2 * TASK_TIME_LIMIT,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "retry_on_timeout": True,
        "max_retries": 0,
        "health_check_interval": 10,
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
        "polling_interval": 0.5,
    }

# --- mail: off as long as no server is named; what is sent and what became of it are rows

EMAIL_HOST, EMAIL_PORT = EMAIL["EMAIL_HOST"], EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_USER"], EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL["EMAIL_USE_TLS"], EMAIL["EMAIL_USE_SSL"]
DEFAULT_FROM_EMAIL = EMAIL.get("DEFAULT_FROM_EMAIL", "")
EMAIL_TIMEOUT = 5
EMAIL_DOMAINS = EMAIL.get("EMAIL_DOMAINS", [])

# --- API

# crm/api/viewsets.py states authentication, scopes, parsing and errors; these only close what forgets to.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.ApiSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "拱墅招商 API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "DESCRIPTION": (
        "招商线索与项目的接口。金额是以万元为单位的十进制文本，面积单位㎡，时间是带偏移的 ISO 8601，"
        "代码旁都有 *_label 中文。错误是 application/problem+json（RFC 9457）。"
    ),
}

# --- logs: one line per event, no personal data

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "crm.logs.Line", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
for folder in ("uploads", "broker", "broker-control"):
    (DATA_DIR / folder).mkdir(parents=True, exist_ok=True)
