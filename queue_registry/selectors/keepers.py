"""Who keeps the queue of an akimat on a day, and whether that is this installation."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, QuerySet, Subquery

from queue_registry.models import Akimat, QueueKeeper, TrailHead
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.keepers import KeeperStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Who keeps a queue in another installation, since when, and where its pages are."""

    name_kk: str
    name_ru: str
    address: str
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A keeper as the dated list of an akimat shows it; `is_here`: this installation took the queue in."""

    keeper: QueueKeeper
    standing: KeeperStanding
    is_here: bool

    @property
    def is_open(self) -> bool:
        """Whether it can still be taken back."""
        return self.standing in {KeeperStanding.PROPOSED, KeeperStanding.TO_COME}


def list_dated(akimat: Akimat, *, on: date) -> list[Dated]:
    """Return all that was ever proposed for an akimat, the latest first, each as it stands on the day."""
    current = in_force(akimat, on=on)
    rows = QueueKeeper.objects.filter(akimat=akimat).order_by("-from_on", "-pk")
    rows = rows.select_related("takeover", "proposed_by", "approved_by", "dropped_by")
    return [
        Dated(
            keeper=row,
            standing=_standing(row, is_current=row == current, on=on),
            is_here=hasattr(row, "takeover"),
        )
        for row in rows
    ]


def _standing(keeper: QueueKeeper, *, is_current: bool, on: date) -> KeeperStanding:
    if keeper.dropped_at is not None:
        return KeeperStanding.DROPPED
    if keeper.approved_at is None:
        return KeeperStanding.PROPOSED
    if keeper.from_on > on:
        return KeeperStanding.TO_COME
    return KeeperStanding.IN_FORCE if is_current else KeeperStanding.PAST


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


def elsewhere(akimat: Akimat, *, on: date) -> Elsewhere | None:
    """Return the keeper on a day if it works in another installation: here nothing is done any more."""
    keeper = in_force(akimat, on=on)
    if keeper is None or hasattr(keeper, "takeover"):
        return None
    return Elsewhere(
        name_kk=keeper.name_kk, name_ru=keeper.name_ru, address=keeper.address, since=keeper.from_on
    )


def is_kept_here(akimat: Akimat, *, on: date) -> bool:
    """Say whether acts on the queue of an akimat are done in this installation on a day."""
    return elsewhere(akimat, on=on) is None


def get_proposal(akimat: Akimat) -> QueueKeeper | None:
    """Return the keeper that waits for a second person, if any."""
    return QueueKeeper.objects.filter(
        akimat=akimat, approved_at__isnull=True, dropped_at__isnull=True
    ).first()


def closed_from() -> Subquery:
    """From when the trail of the akimat of a query takes no record here, None where it does."""
    return Subquery(TrailHead.objects.filter(pk=OuterRef("kato")).values("closed_from"))


def resting(at: datetime) -> QuerySet[Akimat]:
    """Return the akimats whose queues are kept elsewhere at a moment: no task works on them."""
    closed = TrailHead.objects.filter(closed_from__lte=at)
    return Akimat.objects.filter(kato__in=closed.values("pk"))


def list_resting(akimats: QuerySet[Akimat], *, at: datetime) -> list[tuple[Akimat, Elsewhere]]:
    """Return those of the akimats whose queues are kept elsewhere at a moment, each with its keeper."""
    found = resting(at).filter(pk__in=akimats.values("pk")).order_by("kato")
    pairs = ((akimat, elsewhere(akimat, on=civil_day(at))) for akimat in found)
    return [(akimat, keeper) for akimat, keeper in pairs if keeper is not None]
