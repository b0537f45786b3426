"""What was last said of entries, and what a held source leaves of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import Assessment, QueueEntry, SourceAnswer, SourceHold
from queue_registry.rules.need import SOURCE_UNANSWERED, Eligibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """
    What was said of an entry before: whether it was eligible but for the word of a source that is held now,
    and which answer turned its verdict, if one did.
    """

    eligible: bool
    turned_by: str
    turned_at: datetime | None


def get_before(entry_ids: Collection[int]) -> dict[int, Before]:
    """Return what was last said of entries, by their keys; those that were never judged are left out."""
    since = {hold.source: doubted_since(hold) for hold in SourceHold.objects.filter(released_at__isnull=True)}
    rows = Assessment.objects.filter(entry__in=list(entry_ids))
    return {
        key: Before(
            eligible=eligibility == Eligibility.ELIGIBLE
            or (turned_at is not None and turned_by in since and turned_at >= since[turned_by]),
            turned_by=turned_by,
            turned_at=turned_at,
        )
        for key, eligibility, turned_by, turned_at in rows.values_list(
            "entry_id", "eligibility", "turned_by", "turned_at"
        )
    }


def doubted_since(hold: SourceHold) -> datetime:
    """Return from which moment on the answers of a held source are doubted: the window that gave it away."""
    definition = DEFINITIONS.get(hold.source)
    return hold.held_at if definition is None else hold.held_at - definition.flip_window


def list_turned(source: str, *, since: datetime) -> QuerySet[QueueEntry]:
    """Return the entries whose verdict an answer of a source turned after a moment, and that lost by it."""
    turned = Assessment.objects.filter(
        turned_by=source, turned_at__gt=since, eligibility=Eligibility.INELIGIBLE
    )
    return _active().filter(pk__in=turned.values("entry"))


def count_answers(source: str, *, since: datetime, at: datetime) -> int:
    """Return how many people a source said something of after a moment."""
    return SourceAnswer.objects.filter(
        source=source,
        answered_at__gt=since,
        answered_at__lte=at,
        outcome__in=["FOUND", "NOT_FOUND_CONFIRMED"],
    ).count()


def list_doubted(source: str) -> QuerySet[QueueEntry]:
    """Return the entries about which the word of a source was doubted, as far as their verdicts tell."""
    doubted = Assessment.objects.filter(
        Q(turned_by=source) | Q(code=SOURCE_UNANSWERED, findings__contains=[{"held": True}])
    )
    return _active().filter(pk__in=doubted.values("entry"))


def _active() -> QuerySet[QueueEntry]:
    return QueueEntry.objects.active().select_related("akimat", "waiting_list").order_by("pk")
