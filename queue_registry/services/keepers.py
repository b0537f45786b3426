"""
Keepers: who keeps a queue from a day on. One person proposes with the act, another approves; from that day on
the trail takes no record here, so no act is done (`audit`), and another installation goes on with it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.core.validators import URLValidator
from django.db import IntegrityError, transaction

from queue_registry.models import Akimat, QueueKeeper, QueueTakeover, TrailHead, User
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.rules.keepers import KeeperRefusal, KeeperRefused
from queue_registry.selectors import keepers as selectors
from queue_registry.services import audit

# What an address of public pages has to be: it becomes a link.
ADDRESS: Final = URLValidator(schemes=("https", "http"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Who it is, where its public pages are, and by which act."""

    name_kk: str
    name_ru: str
    address: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What came from the installation before: who wrote it out, digest of its manifest, head of its trail."""

    by: str
    manifest_sha256: str
    trail_head: str


@transaction.atomic
def propose(*, akimat: Akimat, keeper: Keeper, from_on: date, by: User, at: datetime) -> QueueKeeper:
    """
    Propose a keeper from a later day on; nothing changes before another person approves it.

    :raises KeeperRefused: NOT_IN_FUTURE, PROPOSED_ALREADY.
    """
    if from_on <= civil_day(at):
        raise KeeperRefused(KeeperRefusal.NOT_IN_FUTURE)
    locked = _locked(akimat)
    if selectors.get_proposal(locked) is not None:
        raise KeeperRefused(KeeperRefusal.PROPOSED_ALREADY)
    told = {
        "name_kk": keeper.name_kk.strip(),
        "name_ru": keeper.name_ru.strip(),
        "address": keeper.address.strip(),
        "document": keeper.document.strip(),
    }
    proposed = QueueKeeper.objects.create(
        akimat=locked, from_on=from_on, proposed_by=by, proposed_at=at, **told
    )
    _record(proposed, "proposed", by=by, at=at, from_on=from_on.isoformat(), **told)
    return proposed


@transaction.atomic
def approve(*, akimat: Akimat, by: User, at: datetime, keeper_id: int | None = None) -> QueueKeeper:
    """
    Approve the proposed keeper: from its day on the queue is read here and changed there.

    :param keeper_id: the one that the person has read, so that no other is approved in its stead.
    :raises KeeperRefused: NOTHING_PROPOSED, ANOTHER_PERSON_NEEDED, NOT_IN_FUTURE, DAY_TAKEN.
    """
    proposed = _open_proposal(akimat)
    if keeper_id is not None and proposed.pk != keeper_id:
        raise KeeperRefused(KeeperRefusal.NOTHING_PROPOSED)
    if proposed.proposed_by_id == by.pk:
        raise KeeperRefused(KeeperRefusal.ANOTHER_PERSON_NEEDED)
    if proposed.from_on <= civil_day(at):
        raise KeeperRefused(KeeperRefusal.NOT_IN_FUTURE)
    proposed.approved_by, proposed.approved_at = by, at
    try:
        with transaction.atomic():
            proposed.save(update_fields=["approved_by", "approved_at"])
    except IntegrityError as error:
        raise KeeperRefused(KeeperRefusal.DAY_TAKEN) from error
    _record(proposed, "approved", by=by, at=at, from_on=proposed.from_on.isoformat())
    _close(proposed.akimat)
    return proposed


@transaction.atomic
def drop(*, keeper_id: int, by: User, at: datetime) -> QueueKeeper:
    """
    Take back a keeper, proposed or approved, whose day has not come.

    :raises KeeperRefused: NOTHING_PROPOSED (it was dropped already), IN_FORCE.
    """
    found = QueueKeeper.objects.get(pk=keeper_id)
    _locked(found.akimat)
    keeper = QueueKeeper.objects.select_related("akimat").get(pk=keeper_id)
    if keeper.dropped_at is not None:
        raise KeeperRefused(KeeperRefusal.NOTHING_PROPOSED)
    if keeper.approved_at is not None and keeper.from_on <= civil_day(at):
        raise KeeperRefused(KeeperRefusal.IN_FORCE)
    keeper.dropped_by, keeper.dropped_at = by, at
    keeper.save(update_fields=["dropped_by", "dropped_at"])
    _record(keeper, "dropped", by=by, at=at)
    _close(keeper.akimat)
    return keeper


@transaction.atomic
def take_over(
    *, akimat: Akimat, keeper: QueueKeeper | None, handed_over: HandedOver, at: datetime
) -> QueueTakeover | None:
    """
    Record that this installation took a queue in; without a keeper it was a rehearsal, and nobody took over.

    It is the first record after those that came: the chain goes on where the keeper before ended it.
    """
    _locked(akimat)
    taken = None
    if keeper is not None:
        taken = QueueTakeover.objects.create(
            keeper=keeper,
            taken_at=at,
            handed_over_by=handed_over.by,
            manifest_sha256=handed_over.manifest_sha256,
            trail_head=handed_over.trail_head,
        )
    audit.record(
        akimat=akimat,
        by="import_register",
        at=at,
        event="register.imported",
        target=f"akimat:{akimat.kato}",
        is_rehearsal=keeper is None,
        handed_over_by=handed_over.by,
        manifest_sha256=handed_over.manifest_sha256,
        trail_head=handed_over.trail_head,
    )
    return taken


def _locked(akimat: Akimat) -> Akimat:
    return Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)


def _open_proposal(akimat: Akimat) -> QueueKeeper:
    locked = _locked(akimat)
    proposed = selectors.get_proposal(locked)
    if proposed is None:
        raise KeeperRefused(KeeperRefusal.NOTHING_PROPOSED)
    return proposed


def _close(akimat: Akimat) -> None:
    """The trail is closed from the first midnight of the first keeper elsewhere, by Almaty's calendar."""
    first = selectors.list_keepers(akimat).filter(takeover__isnull=True).order_by("from_on").first()
    closed_from = datetime.combine(first.from_on, time(), tzinfo=TIME_ZONE) if first else None
    TrailHead.objects.filter(pk=akimat.kato).update(closed_from=closed_from)


def _record(keeper: QueueKeeper, act: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=keeper.akimat,
        by=by,
        at=at,
        event=f"queue_keeper.{act}",
        target=f"queue_keeper:{keeper.pk}",
        **data,
    )
