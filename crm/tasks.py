"""The ground floor's tasks: each takes ids or nothing and calls one function."""

from celery import shared_task

from django.utils import timezone

from crm.notifications import deliver_all


@shared_task
def deliver():
    """Deliver every waiting message; any number of workers may do so at once."""
    deliver_all(timezone.now())
