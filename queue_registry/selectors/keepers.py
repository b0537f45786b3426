"""Who keeps the queue of an akimat on a day, and whether that is this installation."""

from datetime import date, datetime

from django.db.models import QuerySet

from queue_registry.models import Akimat, QueueKeeper, TrailHead


def list_keepers(akimat: Akimat) -> QuerySet[QueueKeeper]:
    """Return the keepers approved for an akimat, the latest first."""
    return (
        QueueKeeper.objects.filter(akimat=akimat, approved_at__isnull=False, dropped_at__isnull=True)
        .select_related("takeover")
        .order_by("-from_on")
    )


def in_force(akimat: Akimat, *, on: date) -> QueueKeeper | None:
    """Return the keeper on a day, or None if the akimat keeps its queue itself."""
    return list_keepers(akimat).filter(from_on__lte=on).first()


def elsewhere(akimat: Akimat, *, on: date) -> QueueKeeper | None:
    """Return the keeper on a day if it works in another installation: here nothing is done any more."""
    keeper = in_force(akimat, on=on)
    return None if keeper is None or hasattr(keeper, "takeover") else keeper


def is_kept_here(akimat: Akimat, *, on: date) -> bool:
    """Say whether acts on the queue of an akimat are done in this installation on a day."""
    return elsewhere(akimat, on=on) is None


def get_proposal(akimat: Akimat) -> QueueKeeper | None:
    """Return the keeper that waits for a second person, if any."""
    return QueueKeeper.objects.filter(
        akimat=akimat, approved_at__isnull=True, dropped_at__isnull=True
    ).first()


def resting(at: datetime) -> QuerySet[Akimat]:
    """Return the akimats whose queues are kept elsewhere at a moment: no task works on them."""
    closed = TrailHead.objects.filter(closed_from__lte=at)
    return Akimat.objects.filter(kato__in=closed.values("pk"))
