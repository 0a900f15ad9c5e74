"""The ground floor's tasks: each takes ids or nothing and calls one function."""

from celery import shared_task

from django.utils import timezone

from crm.notifications import deliver_all
from crm.outgoing import send_batch

BATCHES = 20  # of one run: what is left waits for the next tick


@shared_task
def deliver():
    """Deliver every waiting message; any number of workers may do so at once."""
    deliver_all(timezone.now())


@shared_task
def send():
    """Send what is due by mail and robot; any number of workers may do so at once."""
    for _ in range(BATCHES):
        if not send_batch(timezone.now()):
            return
