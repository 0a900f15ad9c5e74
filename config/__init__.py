"""Wiring: settings, addresses, processes. No rule of the business lives here."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
