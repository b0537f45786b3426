"""Wiring only: settings, addresses, the Celery app. No domain words live here."""

from housing_queue.celery import app as celery_app

__all__ = ["celery_app"]
