"""
Written notices: ordered by the act that they tell of, carried by a provider or by the post, looked after by
a clerk where they did not arrive.

The row of a delivery is the queue. No transaction is open while a provider is called: the attempt is counted
before, and the delivery's key keeps a provider from sending twice what a dead worker did not write down.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from queue_registry.models import (
    Akimat,
    Application,
    ContactPoint,
    Notice,
    NoticeChannel,
    NoticeDelivery,
    User,
)
from queue_registry.notices import providers, texts
from queue_registry.notices.providers import Fate, Message, Provider
from queue_registry.rules import notices as rules
from queue_registry.rules.notices import NoticeRefusal, NoticeRefused, Undelivered
from queue_registry.selectors import notices as selectors
from queue_registry.services import audit
from queue_registry.services.queue_entries import SYSTEM

_State = NoticeDelivery.State
_OPEN: Final = (_State.DUE, _State.HANDED_OVER)


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
        _begin(notice, contact, at=at)
    return notice


def _begin(notice: Notice, contact: ContactPoint | None, *, at: datetime) -> NoticeDelivery:
    return NoticeDelivery.objects.create(
        notice=notice,
        channel=contact.channel if contact else NoticeChannel.LETTER,
        contact_point=contact,
        next_attempt_at=at if contact else None,
        created_at=at,
    )


# Carrying: what the task calls


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
        .filter(state__in=_OPEN, next_attempt_at__lte=at)
        .exclude(channel=NoticeChannel.LETTER)
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
            _give_up(delivery, reason, at=at)
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
    delivery = _lock(taken.pk)
    if delivery.state != _State.DUE:
        return  # another worker, after our time was over, was told the same
    delivery.state, delivery.provider_reference, delivery.handed_over_at = _State.HANDED_OVER, reference, at
    delivery.next_attempt_at = rules.next_report(handed_over_at=at, at=at)
    delivery.save(update_fields=["state", "provider_reference", "handed_over_at", "next_attempt_at"])


@transaction.atomic
def _fail(taken: NoticeDelivery, reason: Undelivered, at: datetime) -> None:
    delivery = _lock(taken.pk)
    if (delivery.state, delivery.attempts) == (taken.state, taken.attempts):
        _give_up(delivery, reason, at=at)


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
    delivery = _lock(taken.pk)
    if delivery.state == _State.HANDED_OVER:
        _deliver(delivery, by=SYSTEM, at=at)


# Looking after: what a clerk does


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
    if notice.deliveries.filter(channel=channel, state__in=_OPEN).exists():
        raise NoticeRefused(NoticeRefusal.ON_ITS_WAY)
    contact = None
    if channel != NoticeChannel.LETTER:
        contact = selectors.contact_of(notice.application.applicant_id, [channel])
        if contact is None or not providers.is_set():
            raise NoticeRefused(NoticeRefusal.NO_CONTACT)
    delivery = _begin(notice, contact, at=at)
    _record(delivery, "sent_again", by=by, at=at)
    return delivery


@transaction.atomic
def settle(*, akimat: Akimat, delivery_id: int, how: str, by: User, at: datetime) -> NoticeDelivery:
    """
    Say what was done about a notice that did not arrive; the task is off the working list then.

    :raises NoticeRefused: HOW_MISSING, CHANGED_MEANWHILE.
    """
    if not how.strip():
        raise NoticeRefused(NoticeRefusal.HOW_MISSING)
    delivery = _lock(delivery_id, akimat)
    if delivery.state != _State.UNDELIVERED or delivery.settled_at is not None:
        raise NoticeRefused(NoticeRefusal.CHANGED_MEANWHILE)
    delivery.settled_at, delivery.settled_by, delivery.settled_how = at, by, how.strip()
    delivery.save(update_fields=["settled_at", "settled_by", "settled_how"])
    _record(delivery, "settled", by=by, at=at)
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
        _locked(akimat)
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
    audit.record_many(akimat=akimat, by=by, at=at, acts=[_act(letter, "posted") for letter in letters])
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
    delivery = _lock(delivery_id, akimat)
    if (delivery.channel, delivery.state) != (NoticeChannel.LETTER, _State.HANDED_OVER):
        raise NoticeRefused(NoticeRefusal.CHANGED_MEANWHILE)
    delivery.provider_reference = document.strip()[:64]
    delivery.save(update_fields=["provider_reference"])
    if received:
        _deliver(delivery, by=by, at=at)
    else:
        _give_up(delivery, Undelivered.RETURNED, by=by, at=at)
    return delivery


# What both share


def _locked(akimat: Akimat | None = None) -> Any:
    rows = NoticeDelivery.objects.select_for_update(of=("self",), no_key=True).select_related(
        "notice__application__akimat", "contact_point"
    )
    return rows if akimat is None else rows.filter(notice__application__akimat=akimat)


def _lock(delivery_id: int, akimat: Akimat | None = None) -> NoticeDelivery:
    found: NoticeDelivery = _locked(akimat).get(pk=delivery_id)
    return found


def _deliver(delivery: NoticeDelivery, *, by: User | str, at: datetime) -> None:
    delivery.state, delivery.closed_at, delivery.next_attempt_at = _State.DELIVERED, at, None
    delivery.save(update_fields=["state", "closed_at", "next_attempt_at"])
    Notice.objects.filter(pk=delivery.notice_id, sent_at__isnull=True).update(sent_at=at)
    _record(delivery, "delivered", by=by, at=at)


def _give_up(delivery: NoticeDelivery, reason: Undelivered, *, at: datetime, by: User | str = SYSTEM) -> None:
    """Close a delivery that did not arrive: a letter is ordered in its place, and a clerk has a task."""
    delivery.state, delivery.reason = _State.UNDELIVERED, reason
    delivery.closed_at, delivery.next_attempt_at = at, None
    delivery.save(update_fields=["state", "reason", "closed_at", "next_attempt_at"])
    letters = NoticeDelivery.objects.filter(notice=delivery.notice_id, channel=NoticeChannel.LETTER)
    if not letters.exists():
        _begin(delivery.notice, None, at=at)
    _record(delivery, "undelivered", by=by, at=at, reason=reason)


def _act(delivery: NoticeDelivery, what: str, **data: object) -> audit.Act:
    application = delivery.notice.application
    told = {
        "notice": delivery.notice_id,
        "kind": delivery.notice.kind,
        "delivery": delivery.pk,
        "channel": delivery.channel,
        "file_number": application.file_number,
    }
    return audit.Act(event=f"notice.{what}", target=f"application:{application.pk}", data=told | data)


def _record(delivery: NoticeDelivery, what: str, *, by: User | str, at: datetime, **data: object) -> None:
    akimat = delivery.notice.application.akimat
    audit.record_many(akimat=akimat, by=by, at=at, acts=[_act(delivery, what, **data)])
