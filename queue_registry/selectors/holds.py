"""Holds of the state systems: the current one, and when the last was let go."""

from datetime import datetime

from queue_registry.models import SourceHold


def get_current(source: str) -> SourceHold | None:
    """Return the hold of a source that nobody has let go, if there is one."""
    return SourceHold.objects.filter(source=source, released_at__isnull=True).first()


def released_at(source: str) -> datetime | None:
    """Return when a source was let go the last time."""
    rows = SourceHold.objects.filter(source=source, released_at__isnull=False).order_by("-released_at")
    return rows.values_list("released_at", flat=True).first()
