"""Holds of the state systems in the past."""

from datetime import datetime

from queue_registry.models import SourceHold


def released_at(source: str) -> datetime | None:
    """Return when a source was let go the last time."""
    rows = SourceHold.objects.filter(source=source, released_at__isnull=False).order_by("-released_at")
    return rows.values_list("released_at", flat=True).first()
