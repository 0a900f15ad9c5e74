"""Settings of the real worker and beat processes under test: the product's own, with a fast beat."""

import os

from celery.schedules import schedule

from config.settings import *  # noqa: F403
from config.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS

CELERY_BEAT_SCHEDULE["tick"]["schedule"] = schedule(1)
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
if prefix := os.environ.get("FAULTS_KEY_PREFIX"):
    CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = prefix
if folder := os.environ.get("FAULTS_MAILS"):
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", folder
