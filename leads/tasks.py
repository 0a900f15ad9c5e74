"""The tasks of this room: each takes an id and calls one function."""

from celery import shared_task

from django.utils import timezone

from leads import importing, suspecting
from leads.models import ImportJob


@shared_task
def resume_import(pk):
    """Read or write one import in a worker; running it twice changes nothing."""
    importing.resume(ImportJob.objects.get(pk=pk), at=timezone.now())


@shared_task
def check_duplicates():
    """Compare some of the leads that wait, then ring for the rest; a second one meanwhile does nothing."""
    suspecting.go_on(timezone.now())
