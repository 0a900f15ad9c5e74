"""The Celery application; every setting of it stands in config/settings.py under CELERY_."""

import os

from celery import Celery, Task

from config import broker
from crm import authorship

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class SignedTask(Task):
    """A task that signs with its name what it changes."""

    def __call__(self, *args, **kwargs):
        with authorship.acting(authorship.TASK, self.name):
            return super().__call__(*args, **kwargs)


broker.install()
app = Celery("config", task_cls=SignedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
