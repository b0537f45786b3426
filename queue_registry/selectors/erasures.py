"""Erasures of an akimat, the open ones first."""

from typing import Final

from django.db.models import F, QuerySet

from queue_registry.models import Akimat, Erasure

SHOWN: Final = 50


def list_erasures(akimat: Akimat) -> QuerySet[Erasure]:
    """Return what was proposed, the open ones first, then the newest."""
    rows = Erasure.objects.filter(application__akimat=akimat)
    rows = rows.select_related("application", "proposed_by", "decided_by")
    return rows.order_by(F("decided_at").desc(nulls_first=True), "-pk")
