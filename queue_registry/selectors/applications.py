"""Applications: one by its numbers, those that wait for a place, everything that a page of one shows."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    HouseholdMember,
    IinChange,
    ImportRow,
    Notice,
    Person,
    QueueEntry,
    QueueEntryEvent,
    RegistrationChange,
    RemovalCase,
    Review,
    SourceAnswer,
)
from queue_registry.rules.file_number import NotAFileNumber, parse_file_number
from queue_registry.rules.iin import is_iin
from queue_registry.rules.legacy.codes import Remark
from queue_registry.selectors import iin_numbers
from queue_registry.selectors.kept_queries import Given, KeptQuery

_SPACES_AND_DASHES: Final = re.compile("[\\s\\-\u2010-\u2015\u2212]+")


def get_application_of(*, file_number: str, iin: str) -> Application:
    """
    Return the application with this file number whose applicant has this IIN.

    A number that was joined to another application leads there; an IIN that he bore before is as good as that
    of today. One query whichever of the two is wrong, so that the answer's time tells nothing.

    :raises Application.DoesNotExist: if there is none.
    """
    for found in _with_both(file_number=file_number, iin=iin):
        return found.joined_into or found
    raise Application.DoesNotExist("No application has both numbers.")


@KeptQuery
def _with_both() -> QuerySet[Application]:
    numbers = iin_numbers.numbers_of(Given("iin"))
    return Application.objects.filter(
        Q(applicant__iin__in=numbers) | Q(joined_into__applicant__iin__in=numbers),
        file_number=Given("file_number"),
    ).select_related("akimat", "joined_into__akimat")


def waiting_file() -> QuerySet[Application]:
    """
    Return the applications of old lists that have a file number and no entry: nobody could give them a place
    yet. Whose rows a person set aside all, or whose files were taken back, waits for nothing.
    """
    rows = ImportRow.objects.in_force().filter(application=OuterRef("pk"))
    counting = rows.exclude(remarks__contains=Remark.SET_ASIDE)
    return Application.objects.filter(Exists(counting), entries__isnull=True, joined_into__isnull=True)


def list_waiting_file(akimat: Akimat) -> QuerySet[Application]:
    """Return the waiting file of an akimat by file number."""
    return waiting_file().filter(akimat=akimat).select_related("applicant").order_by("running_number")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """
    One thing that happened in a case: a move of an entry, an act of the trail, or a notice; one is set.
    """

    at: datetime
    event: QueueEntryEvent | None = None
    act: AuditEvent | None = None
    notice: Notice | None = None

    @property
    def actor(self) -> str:
        """User name of who did it, or the name of the task; empty where nobody is named."""
        if self.act is not None:
            return self.act.actor
        by = self.event.by if self.event is not None else None
        return by.username if by is not None else ""


def list_case_timeline(application: Application) -> list[TimelineLine]:
    """Return everything that happened in a case, the newest first."""
    moves = QueueEntryEvent.objects.filter(entry__application=application).select_related(
        "by", "entry__waiting_list"
    )
    acts = AuditEvent.objects.filter(akimat_kato=application.akimat.kato, target__in=_targets(application))
    # What an entry's own event tells is not told twice.
    acts = acts.exclude(event__in=("queue_entry.registered", "queue_entry.moved", "queue_entry.settled"))
    lines = [
        *(TimelineLine(at=row.recorded_at, event=row) for row in moves.order_by("pk")),
        *(TimelineLine(at=row.at, act=row) for row in acts.order_by("seq")),
        *(TimelineLine(at=row.created_at, notice=row) for row in application.notices.order_by("pk")),
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _targets(application: Application) -> list[str]:
    of_entries = {"entry__application": application}
    targets = [f"application:{application.pk}"]
    if hasattr(application, "intake"):
        targets.append(f"intake:{application.intake.pk}")
    for kind, rows in (
        ("queue_entry", QueueEntry.objects.filter(application=application)),
        ("removal_case", RemovalCase.objects.filter(**of_entries)),
        ("registration_change", RegistrationChange.objects.filter(**of_entries)),
        ("review", Review.objects.filter(application=application)),
        ("iin_change", IinChange.objects.filter(person__applications=application)),
    ):
        targets += [f"{kind}:{key}" for key in rows.order_by("pk").values_list("pk", flat=True)]
    return targets


def find_applications(akimat: Akimat, text: str) -> QuerySet[Application]:
    """
    Return an akimat's applications by what was typed: an IIN (exact, of any member), a file number, names.

    Each word of a name must be part of a name of the applicant or of a member.
    """
    found = Application.objects.filter(akimat=akimat).select_related("applicant").order_by("running_number")
    bare = _SPACES_AND_DASHES.sub("", text)
    if is_iin(bare):
        return found.filter(_of_people(iin_numbers.people_with(bare)))
    try:
        return found.filter(file_number=parse_file_number(bare))
    except NotAFileNumber:
        return found.filter(_of_people(people_named(text)))


def people_named(text: str) -> QuerySet[Person]:
    """Return the people of whose names each typed word is a part; nobody where nothing was typed."""
    people = Person.objects.all()
    words = text.split()
    for word in words:
        people = people.filter(
            Q(last_name__icontains=word) | Q(first_name__icontains=word) | Q(middle_name__icontains=word)
        )
    return people if words else people.none()


def _of_people(people: QuerySet[Person]) -> Q:
    members = HouseholdMember.objects.filter(person__in=people, until_on__isnull=True)
    return Q(applicant__in=people) | Q(pk__in=members.values("application"))
