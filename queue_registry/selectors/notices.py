"""Notices on their way: by what a person is reached, what is due, what did not arrive, letters to print."""

from collections.abc import Collection

from django.db.models import Prefetch, QuerySet

from queue_registry.models import (
    Akimat,
    Application,
    ContactPoint,
    Notice,
    NoticeChannel,
    NoticeDelivery,
    Person,
    RemovalCase,
)

_State = NoticeDelivery.State
ELECTRONIC = (NoticeChannel.SMS, NoticeChannel.EMAIL)


def contact_of(
    person_id: int | None, channels: Collection[NoticeChannel] = ELECTRONIC
) -> ContactPoint | None:
    """Return by what a person is reached now: the telephone before the e-mail; None if by neither."""
    current = ContactPoint.objects.filter(person=person_id, channel__in=channels, ended_at__isnull=True)
    found = {contact.channel: contact for contact in current}
    return next((found[channel] for channel in ELECTRONIC if channel in found), None)


def list_contacts(person: Person | None) -> list[ContactPoint]:
    """Return every telephone and address of a person, the current ones first, then the newest."""
    found = ContactPoint.objects.filter(person=person).select_related("recorded_by").order_by("-pk")
    return sorted(found, key=lambda contact: contact.ended_at is not None)


def list_case_notices(application: Application) -> list[Notice]:
    """Return the notices of a case, the newest first, each with its deliveries in their order."""
    return list(
        Notice.objects.filter(application=application).prefetch_related(_deliveries()).order_by("-pk")
    )


def list_removal_notices(case: RemovalCase) -> list[Notice]:
    """Return the written notices of a case of removal to its household, in their order."""
    kinds = [Notice.Kind.REMOVAL_PROPOSED, Notice.Kind.DEREGISTERED, Notice.Kind.REINSTATED]
    notices = Notice.objects.filter(
        application=case.entry.application_id, kind__in=kinds, created_at__gte=case.proposed_at
    )
    return list(notices.prefetch_related(_deliveries()).order_by("pk"))


def _deliveries() -> "Prefetch[str]":
    rows = NoticeDelivery.objects.select_related("contact_point", "settled_by").order_by("pk")
    return Prefetch("deliveries", queryset=rows)


def list_deliveries_of(case: RemovalCase) -> QuerySet[NoticeDelivery]:
    """Return the deliveries of the notice of this proposed removal and of no other, the newest first."""
    return NoticeDelivery.objects.filter(
        notice__application=case.entry.application_id,
        notice__kind=Notice.Kind.REMOVAL_PROPOSED,
        notice__facts__case=case.pk,
    ).order_by("-pk")


def list_undelivered(akimat: Akimat) -> QuerySet[NoticeDelivery]:
    """Return the deliveries that were given up and that nobody looked at yet, the earliest last day first."""
    return _of(akimat).filter(state=_State.UNDELIVERED, settled_at__isnull=True)


def list_due_letters(akimat: Akimat) -> QuerySet[NoticeDelivery]:
    """Return the letters that wait to be printed and posted, the earliest last day first."""
    return _of(akimat).filter(channel=NoticeChannel.LETTER, state=_State.DUE)


def list_posted_letters(akimat: Akimat) -> QuerySet[NoticeDelivery]:
    """Return the letters that were posted and of which nobody knows more, the longest out first."""
    posted = _of(akimat).filter(channel=NoticeChannel.LETTER, state=_State.HANDED_OVER)
    return posted.order_by("handed_over_at", "pk")


def list_letters(akimat: Akimat, keys: Collection[int]) -> list[NoticeDelivery]:
    """Return these letters of an akimat, in the order of the list; posted ones may be printed again."""
    return list(_of(akimat).filter(channel=NoticeChannel.LETTER, pk__in=keys))


def _of(akimat: Akimat) -> QuerySet[NoticeDelivery]:
    return (
        NoticeDelivery.objects.filter(notice__application__akimat=akimat)
        .select_related("notice__application__akimat", "notice__application__applicant", "contact_point")
        .order_by("notice__due_on", "pk")
    )
