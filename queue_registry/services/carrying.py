"""
Carrying notices to a provider: what the task calls.

The row of a delivery is the queue. No transaction is open while a provider is called: the attempt is counted
before, and the delivery's key keeps a provider from sending twice what a dead worker did not write down.
"""

from datetime import datetime

from django.db import transaction

from queue_registry.models import NoticeChannel, NoticeDelivery
from queue_registry.notices import providers, texts
from queue_registry.notices.providers import Fate, Message, Provider
from queue_registry.rules import notices as rules
from queue_registry.rules.notices import Undelivered
from queue_registry.selectors import keepers
from queue_registry.services import deliveries
from queue_registry.services.audit import SYSTEM

_State = NoticeDelivery.State


def deliver_next(*, provider: Provider, at: datetime) -> bool:
    """
    Hand one due message over, or ask what became of one; return whether there was any.

    Two workers never have the same one. An attempt is counted before the call, so that a message which kills
    its worker ends by its number of attempts.
    """
    taken = _take(at)
    if taken is None:
        return False
    if taken.state == _State.DUE:
        _hand_over(taken, provider, at)
    elif taken.state == _State.HANDED_OVER:
        _ask(taken, provider, at)
    return True


@transaction.atomic
def _take(at: datetime) -> NoticeDelivery | None:
    """Take what is due, moved on to its next attempt already; given up if there is none left."""
    delivery = (
        NoticeDelivery.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(state__in=deliveries.OPEN, next_attempt_at__lte=at)
        .exclude(channel=NoticeChannel.LETTER)
        .exclude(notice__application__akimat__in=keepers.resting(at))
        .select_related("notice__application__akimat", "contact_point")
        .order_by("next_attempt_at", "pk")
        .first()
    )
    if delivery is None:
        return None
    if delivery.state == _State.HANDED_OVER:
        handed_over_at = delivery.handed_over_at or at
        delivery.next_attempt_at = rules.next_report(handed_over_at=handed_over_at, at=at)
    else:
        reason = _hopeless(delivery, at)
        if reason is not None:
            deliveries.give_up(delivery, reason, at=at)
            return delivery
        delivery.attempts += 1
        delivery.next_attempt_at = rules.next_attempt(attempts=delivery.attempts, at=at)
    delivery.save(update_fields=["attempts", "next_attempt_at"])
    return delivery


def _hopeless(delivery: NoticeDelivery, at: datetime) -> Undelivered | None:
    if delivery.contact_point is None or delivery.contact_point.ended_at is not None:
        return Undelivered.CONTACT_ENDED
    return rules.given_up(attempts=delivery.attempts, next_at=at, due_on=delivery.notice.due_on)


def _hand_over(taken: NoticeDelivery, provider: Provider, at: datetime) -> None:
    try:
        receipt = providers.send(provider, _message(taken))
    except providers.TemporaryFailure:
        next_at = rules.next_attempt(attempts=taken.attempts, at=at)
        reason = rules.given_up(attempts=taken.attempts, next_at=next_at, due_on=taken.notice.due_on)
        if reason is not None:
            _fail(taken, reason, at)
    except providers.PermanentFailure as failure:
        _fail(taken, failure.reason, at)
    else:
        _keep_receipt(taken, receipt.reference, at)


def _message(delivery: NoticeDelivery) -> Message:
    if delivery.contact_point is None:
        raise ValueError("A letter is no message.")
    text = texts.text_of(delivery.notice, language=delivery.contact_point.language)
    return Message(
        key=f"notice-delivery-{delivery.pk}-{delivery.created_at.isoformat()}",
        channel=delivery.channel,
        address=delivery.contact_point.value,
        subject=text.subject,
        text=text.short if delivery.channel == NoticeChannel.SMS else "\n\n".join(text.paragraphs),
    )


@transaction.atomic
def _keep_receipt(taken: NoticeDelivery, reference: str, at: datetime) -> None:
    delivery = deliveries.lock(taken.pk)
    if delivery.state != _State.DUE:
        return  # another worker, after our time was over, was told the same
    delivery.state, delivery.provider_reference, delivery.handed_over_at = _State.HANDED_OVER, reference, at
    delivery.next_attempt_at = rules.next_report(handed_over_at=at, at=at)
    delivery.save(update_fields=["state", "provider_reference", "handed_over_at", "next_attempt_at"])


@transaction.atomic
def _fail(taken: NoticeDelivery, reason: Undelivered, at: datetime) -> None:
    delivery = deliveries.lock(taken.pk)
    if (delivery.state, delivery.attempts) == (taken.state, taken.attempts):
        deliveries.give_up(delivery, reason, at=at)


def _ask(taken: NoticeDelivery, provider: Provider, at: datetime) -> None:
    try:
        fate = provider.fate(taken.provider_reference)
    except providers.TemporaryFailure:
        fate = Fate.ON_ITS_WAY
    if fate is Fate.DELIVERED:
        _arrive(taken, at)
    elif fate is Fate.DEAD:
        _fail(taken, Undelivered.DEAD_ADDRESS, at)
    elif at - (taken.handed_over_at or at) >= rules.REPORT_PATIENCE:
        _fail(taken, Undelivered.NO_REPORT, at)


@transaction.atomic
def _arrive(taken: NoticeDelivery, at: datetime) -> None:
    delivery = deliveries.lock(taken.pk)
    if delivery.state == _State.HANDED_OVER:
        deliveries.arrive(delivery, by=SYSTEM, at=at)
