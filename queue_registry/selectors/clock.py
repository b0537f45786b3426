"""
What time it is. Production: the machine's clock. A demo: the clock of its invented world.

Only views, tasks and commands ask; everything below them is told.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from queue_registry.models import DemoClock


def now() -> datetime:
    """Return the aware moment that this installation lives in."""
    machine = timezone.now()  # noqa: TID251 - this is the one place that reads it
    if not settings.DEMO:
        return machine
    clock = DemoClock.objects.filter(pk=1).first()
    return machine + timedelta(seconds=clock.offset_seconds) if clock else machine
