"""
Written notices: ordered by the act that they tell of, and looked after by a clerk where they did not arrive.

Services `carrying` hands them to a provider.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction

from queue_registry.models import Akimat, Application, Notice, NoticeChannel, NoticeDelivery, User
from queue_registry.notices import providers
from queue_registry.rules.notices import NoticeRefusal, NoticeRefused, Undelivered
from queue_registry.selectors import notices as selectors
from queue_registry.services import audit, deliveries

_State = NoticeDelivery.State
# Notices and how each goes: by SMS, else by e-mail, else by letter.
_ORDER_MANY: Final = """
    WITH ordered AS (
        INSERT INTO queue_registry_notice (application_id, kind, facts, due_on, created_at)
        SELECT given.application, %(kind)s, given.facts, %(due_on)s, %(at)s
        FROM unnest(%(applications)s::bigint[], %(facts)s::jsonb[]) AS given (application, facts)
        RETURNING id, application_id
    )
    INSERT INTO queue_registry_noticedelivery (
        notice_id, channel, contact_point_id, state, attempts, next_attempt_at,
        provider_reference, reason, created_at, settled_how
    )
    SELECT ordered.id, COALESCE(reached.channel, 'LETTER'), reached.id, 'DUE', 0,
        CASE WHEN reached.id IS NULL THEN NULL ELSE %(at)s::timestamptz END, '', '', %(at)s, ''
    FROM ordered
    JOIN queue_registry_application AS application ON application.id = ordered.application_id
    LEFT JOIN LATERAL (
        SELECT contact.id, contact.channel
        FROM queue_registry_contactpoint AS contact
        WHERE %(by_provider)s
            AND contact.person_id = application.applicant_id
            AND contact.ended_at IS NULL
        ORDER BY contact.channel = 'SMS' DESC
        LIMIT 1
    ) AS reached ON TRUE
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A notice to one household, among many of one kind."""

    application_id: int
    facts: Mapping[str, Any]


@transaction.atomic
def order(
    *,
    application: Application,
    kind: Notice.Kind,
    facts: Mapping[str, Any],
    due_on: date,
    at: datetime,
    handed_over: bool = False,
) -> Notice:
    """
    Order a notice to the household and send it on its way: by SMS, else by e-mail, else by letter.

    :param handed_over: a clerk gave it to them already, on paper; then nothing is sent.
    """
    notice = Notice.objects.create(
        application=application,
        kind=kind,
        facts=dict(facts),
        due_on=due_on,
        created_at=at,
        sent_at=at if handed_over else None,
    )
    if not handed_over:
        contact = selectors.contact_of(application.applicant_id) if providers.is_set() else None
        deliveries.begin(notice, contact, at=at)
    return notice


@transaction.atomic
def order_many(*, orders: Sequence[Order], kind: Notice.Kind, due_on: date, at: datetime) -> int:
    """
    Order a notice to each of many households by one statement, however many; return how many.

    Each goes by what its applicant is reached by, as `order` does it.
    """
    if not orders:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _ORDER_MANY,
            {
                "applications": [order.application_id for order in orders],
                "facts": [json.dumps(dict(order.facts)) for order in orders],
                "kind": str(kind),
                "due_on": due_on,
                "at": at,
                "by_provider": providers.is_set(),
            },
        )
        return int(cursor.rowcount)


@transaction.atomic
def send_again(
    *, akimat: Akimat, notice_id: int, channel: NoticeChannel, by: User, at: datetime
) -> NoticeDelivery:
    """
    Send a notice once more, by a channel that a clerk chooses.

    :raises NoticeRefused: ON_ITS_WAY if it is on its way by this channel, NO_CONTACT.
    """
    notice = (
        Notice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("application__akimat")
        .get(pk=notice_id, application__akimat=akimat)
    )
    if notice.deliveries.filter(channel=channel, state__in=deliveries.OPEN).exists():
        raise NoticeRefused(NoticeRefusal.ON_ITS_WAY)
    contact = None
    if channel != NoticeChannel.LETTER:
        contact = selectors.contact_of(notice.application.applicant_id, [channel])
        if contact is None or not providers.is_set():
            raise NoticeRefused(NoticeRefusal.NO_CONTACT)
    delivery = deliveries.begin(notice, contact, at=at)
    deliveries.record(delivery, "sent_again", by=by, at=at)
    return delivery


@transaction.atomic
def settle(*, akimat: Akimat, delivery_id: int, how: str, by: User, at: datetime) -> NoticeDelivery:
    """
    Say what was done about a notice that did not arrive; the task is off the working list then.

    :raises NoticeRefused: HOW_MISSING, CHANGED_MEANWHILE.
    """
    if not how.strip():
        raise NoticeRefused(NoticeRefusal.HOW_MISSING)
    delivery = deliveries.lock(delivery_id, akimat)
    if delivery.state != _State.UNDELIVERED or delivery.settled_at is not None:
        raise NoticeRefused(NoticeRefusal.CHANGED_MEANWHILE)
    delivery.settled_at, delivery.settled_by, delivery.settled_how = at, by, how.strip()
    delivery.save(update_fields=["settled_at", "settled_by", "settled_how"])
    deliveries.record(delivery, "settled", by=by, at=at)
    return delivery


@transaction.atomic
def post(*, akimat: Akimat, delivery_ids: Collection[int], by: User, at: datetime) -> int:
    """
    Record that letters were posted; return how many. What somebody else posted meanwhile is left as it is.

    :raises NoticeRefused: NOTHING_CHOSEN; CHANGED_MEANWHILE if none of them waits any more.
    """
    if not delivery_ids:
        raise NoticeRefused(NoticeRefusal.NOTHING_CHOSEN)
    letters = list(
        deliveries.locked(akimat)
        .filter(pk__in=delivery_ids, channel=NoticeChannel.LETTER, state=_State.DUE)
        .order_by("pk")
    )
    if not letters:
        raise NoticeRefused(NoticeRefusal.CHANGED_MEANWHILE)
    for letter in letters:
        letter.state, letter.handed_over_at = _State.HANDED_OVER, at
    NoticeDelivery.objects.bulk_update(letters, ["state", "handed_over_at"])
    notices = [letter.notice_id for letter in letters]
    Notice.objects.filter(pk__in=notices, sent_at__isnull=True).update(sent_at=at)
    audit.record_many(
        akimat=akimat, by=by, at=at, acts=[deliveries.act(letter, "posted") for letter in letters]
    )
    return len(letters)


@transaction.atomic
def report(
    *, akimat: Akimat, delivery_id: int, received: bool, document: str, by: User, at: datetime
) -> NoticeDelivery:
    """
    Record what became of a posted letter: the household has it, or the post brought it back.

    :param document: what shows it: number of the return slip, a signature.
    :raises NoticeRefused: HOW_MISSING without it, CHANGED_MEANWHILE.
    """
    if not document.strip():
        raise NoticeRefused(NoticeRefusal.HOW_MISSING)
    delivery = deliveries.lock(delivery_id, akimat)
    if (delivery.channel, delivery.state) != (NoticeChannel.LETTER, _State.HANDED_OVER):
        raise NoticeRefused(NoticeRefusal.CHANGED_MEANWHILE)
    delivery.provider_reference = document.strip()[:64]
    delivery.save(update_fields=["provider_reference"])
    if received:
        deliveries.arrive(delivery, by=by, at=at)
    else:
        deliveries.give_up(delivery, Undelivered.RETURNED, by=by, at=at)
    return delivery
