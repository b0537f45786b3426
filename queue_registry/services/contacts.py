"""By what a person is reached: one telephone and one address of e-mail at a time; earlier ones are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from queue_registry.models import Akimat, ContactPoint, NoticeChannel, Person, User
from queue_registry.rules import contacts as rules
from queue_registry.services import audit

_BATCH: Final = 2_000
_NORMALIZED: Final = {NoticeChannel.SMS: rules.phone, NoticeChannel.EMAIL: rules.email}


@transaction.atomic
def record(
    *,
    akimat: Akimat,
    person_id: int,
    channel: NoticeChannel,
    value: str,
    language: str,
    target: str,
    by: User,
    at: datetime,
) -> ContactPoint:
    """
    Record by what a person is reached from now on; what was current by this channel ends. Sent twice it acts
    once.

    :param target: the intake or application at which it was told, for the trail.
    :raises ContactRefused: NOT_A_PHONE, NOT_AN_EMAIL.
    """
    normal = _NORMALIZED[channel](value)
    # Two clerks at once: the second replaces what the first wrote.
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)
    current = ContactPoint.objects.filter(person=person_id, channel=channel, ended_at__isnull=True).first()
    if current is not None:
        if (current.value, current.language) == (normal, language):
            return current
        current.ended_at = at
        current.save(update_fields=["ended_at"])
    contact = ContactPoint.objects.create(
        person_id=person_id, channel=channel, value=normal, language=language, recorded_at=at, recorded_by=by
    )
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="contact_point.recorded",
        target=target,
        channel=channel,
        replaced=current is not None,
    )
    return contact


@transaction.atomic
def end(
    *, akimat: Akimat, person_id: int, channel: NoticeChannel, target: str, by: User, at: datetime
) -> ContactPoint | None:
    """End what is current by a channel: nothing is sent there any more. Sent twice it acts once."""
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)
    current = ContactPoint.objects.filter(person=person_id, channel=channel, ended_at__isnull=True).first()
    if current is None:
        return None
    current.ended_at = at
    current.save(update_fields=["ended_at"])
    audit.record(
        akimat=akimat, by=by, at=at, event="contact_point.ended", target=target, channel=current.channel
    )
    return current


def take_from_lists(*, phones: Mapping[int, str], at: datetime) -> int:
    """
    Record telephones of old lists, by key of the person; return how many were new.

    Whoever ever had a telephone recorded keeps what people said since: a list is read again and again.
    """
    known = set(
        ContactPoint.objects.filter(channel=NoticeChannel.SMS, person__in=phones).values_list(
            "person", flat=True
        )
    )
    new = [
        ContactPoint(person_id=person, channel=NoticeChannel.SMS, value=value, recorded_at=at)
        for person, value in sorted(phones.items())
        if person not in known
    ]
    # Another akimat's list may name the same person at the same moment: whoever was first stays.
    ContactPoint.objects.bulk_create(new, batch_size=_BATCH, ignore_conflicts=True)
    return len(new)
