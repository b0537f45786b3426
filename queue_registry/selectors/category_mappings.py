"""Versions of the akimat's table of local categories, and what it lacks."""

from collections import Counter

from django.db.models import QuerySet

from queue_registry.models import Akimat, CategoryMappingVersion, ImportRow
from queue_registry.rules.legacy.codes import Code


def list_versions(akimat: Akimat) -> QuerySet[CategoryMappingVersion]:
    """Return every version, the newest first."""
    return (
        CategoryMappingVersion.objects.filter(akimat=akimat)
        .select_related("akimat", "drafted_by", "approved_by", "approved_second_by")
        .order_by("-drafted_at", "-pk")
    )


def open_draft(akimat: Akimat) -> CategoryMappingVersion | None:
    """Return the draft that waits for approval, if there is one."""
    return list_versions(akimat).filter(in_force_at__isnull=True, dropped_at__isnull=True).first()


def unmapped(akimat: Akimat) -> list[tuple[str, int]]:
    """Return the wordings of rows that wait for a list, the most frequent first."""
    rows = ImportRow.objects.in_force(akimat).filter(questions__contains=Code.CATEGORY_UNMAPPED)
    counts = Counter(str(text or "") for text in rows.values_list("cells__category", flat=True))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
