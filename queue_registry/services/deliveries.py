"""
One delivery of a notice, from its beginning to its end; whoever ends it holds its lock. The end stands in the
trail.
"""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from queue_registry.models import Akimat, ContactPoint, Notice, NoticeChannel, NoticeDelivery, User
from queue_registry.rules.notices import Undelivered
from queue_registry.services import audit
from queue_registry.services.audit import SYSTEM

_State = NoticeDelivery.State
OPEN: Final = (_State.DUE, _State.HANDED_OVER)


def begin(notice: Notice, contact: ContactPoint | None, *, at: datetime) -> NoticeDelivery:
    """Let a notice go to a contact at once, or by letter when somebody posts it."""
    return NoticeDelivery.objects.create(
        notice=notice,
        channel=contact.channel if contact else NoticeChannel.LETTER,
        contact_point=contact,
        next_attempt_at=at if contact else None,
        created_at=at,
    )


def locked(akimat: Akimat | None = None) -> QuerySet[NoticeDelivery]:
    """Deliveries to be locked, with what a text and a record need."""
    rows = NoticeDelivery.objects.select_for_update(of=("self",), no_key=True).select_related(
        "notice__application__akimat", "contact_point"
    )
    return rows if akimat is None else rows.filter(notice__application__akimat=akimat)


def lock(delivery_id: int, akimat: Akimat | None = None) -> NoticeDelivery:
    """Lock one delivery; with an akimat only one of its own is found."""
    return locked(akimat).get(pk=delivery_id)


def arrive(delivery: NoticeDelivery, *, by: User | str, at: datetime) -> None:
    """Close a delivery that reached the household."""
    delivery.state, delivery.closed_at, delivery.next_attempt_at = _State.DELIVERED, at, None
    delivery.save(update_fields=["state", "closed_at", "next_attempt_at"])
    Notice.objects.filter(pk=delivery.notice_id, sent_at__isnull=True).update(sent_at=at)
    record(delivery, "delivered", by=by, at=at)


def give_up(delivery: NoticeDelivery, reason: Undelivered, *, at: datetime, by: User | str = SYSTEM) -> None:
    """Close a delivery that did not arrive: a letter is ordered in its place, and a clerk has a task."""
    delivery.state, delivery.reason = _State.UNDELIVERED, reason
    delivery.closed_at, delivery.next_attempt_at = at, None
    delivery.save(update_fields=["state", "reason", "closed_at", "next_attempt_at"])
    letters = NoticeDelivery.objects.filter(notice=delivery.notice_id, channel=NoticeChannel.LETTER)
    if not letters.exists():
        begin(delivery.notice, None, at=at)
    record(delivery, "undelivered", by=by, at=at, reason=reason)


def act(delivery: NoticeDelivery, what: str, **data: object) -> audit.Act:
    """What the trail is told of a delivery: codes and keys, neither number nor text."""
    application = delivery.notice.application
    told = {
        "notice": delivery.notice_id,
        "kind": delivery.notice.kind,
        "delivery": delivery.pk,
        "channel": delivery.channel,
        "file_number": application.file_number,
    }
    return audit.Act(event=f"notice.{what}", target=f"application:{application.pk}", data=told | data)


def record(delivery: NoticeDelivery, what: str, *, by: User | str, at: datetime, **data: object) -> None:
    """Record one act on a delivery."""
    akimat = delivery.notice.application.akimat
    audit.record_many(akimat=akimat, by=by, at=at, acts=[act(delivery, what, **data)])
