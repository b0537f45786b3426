"""Applications: one by its numbers, those that wait for a place, everything that a page of one shows."""

from django.db.models import Q, QuerySet

from queue_registry.models import (
    Akimat,
    Application,
    Person,
    QueueEntry,
    QueueEntryEvent,
    SourceAnswer,
)


def get_application_of(*, file_number: str, iin: str) -> Application:
    """
    Return the application with this file number whose applicant has this IIN.

    A number that was joined to another application leads there. One query whichever of the two is wrong, so
    that the answer's time tells nothing.

    :raises Application.DoesNotExist: if there is none.
    """
    found = (
        Application.objects.filter(Q(applicant__iin=iin) | Q(joined_into__applicant__iin=iin))
        .select_related("akimat", "joined_into__akimat")
        .get(file_number=file_number)
    )
    return found.joined_into or found


def list_waiting_file(akimat: Akimat) -> QuerySet[Application]:
    """Return the applications that have a file number and no entry: nobody could give them a place yet."""
    return (
        Application.objects.filter(akimat=akimat, entries__isnull=True, joined_into__isnull=True)
        .select_related("applicant")
        .order_by("running_number")
    )


def list_answers(people: list[Person]) -> list[SourceAnswer]:
    """Return the newest answer of every source about these people, each with its facts."""
    return list(
        SourceAnswer.objects.filter(person__in=people, superseded_at__isnull=True)
        .select_related("person")
        .prefetch_related("facts__relative")
        .order_by("person_id", "source")
    )


def list_timeline(entry: QueueEntry) -> list[QueueEntryEvent]:
    """Return every event of an entry, the newest first."""
    return list(
        QueueEntryEvent.objects.filter(entry=entry).select_related("by").order_by("-recorded_at", "-pk")
    )
