"""
Erasure by blanking: of a case that is over, by two people, as an act that stays on record.

Blanked are the scans, their titles, telephones and e-mails, the kept envelopes and the names, as far as no
other case of the person needs them. The IIN stays: by it nobody is housed twice. Facts, findings and rows of
old lists stay, too: a court may ask years later why somebody was removed. So the trail and every round verify
as before. Locks: the akimat, then the application.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from integrations import kept_envelopes
from queue_registry.models import (
    Akimat,
    Application,
    ApplicationDocument,
    ContactPoint,
    Erasure,
    Person,
    QueueEntry,
    Review,
    User,
)
from queue_registry.rules.erasures import BLANK, ErasureRefusal, ErasureRefused, is_closed
from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus
from queue_registry.services import audit

_PENDING, _ACCEPTED = Application.Status.PENDING, Application.Status.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was blanked: digests of scans, and how much of the rest."""

    scans: list[str]
    contacts: int
    envelopes: int
    names: int


@transaction.atomic
def propose(*, application_id: int, document: str, by: User, at: datetime) -> Erasure:
    """
    Propose to erase what is no longer needed of a closed case.

    :raises ErasureRefused: DOCUMENT_MISSING, CASE_NOT_CLOSED, REVIEW_OPEN, PROPOSED_ALREADY.
    """
    application = _locked(application_id)
    if not document.strip():
        raise ErasureRefused(ErasureRefusal.DOCUMENT_MISSING)
    _must_be_closed(application)
    if application.erasures.filter(Q(decided_at__isnull=True) | Q(erased__isnull=False)).exists():
        raise ErasureRefused(ErasureRefusal.PROPOSED_ALREADY)
    erasure = Erasure.objects.create(
        application=application, document=document.strip(), proposed_by=by, proposed_at=at
    )
    _record(erasure, "proposed", by=by, at=at, document=erasure.document)
    return erasure


@transaction.atomic
def carry_out(*, erasure_id: int, by: User, at: datetime) -> Erasure:
    """
    Blank it; the files are removed once the transaction is committed.

    :raises ErasureRefused: DECIDED_ALREADY, ANOTHER_PERSON_NEEDED, CASE_NOT_CLOSED, REVIEW_OPEN.
    """
    erasure = _open(erasure_id)
    if by.pk == erasure.proposed_by_id:
        raise ErasureRefused(ErasureRefusal.ANOTHER_PERSON_NEEDED)
    _must_be_closed(erasure.application)
    erased = _blank(erasure.application, by=by, at=at)
    erasure.decided_at, erasure.decided_by, erasure.erased = at, by, asdict(erased)
    erasure.save(update_fields=["decided_at", "decided_by", "erased"])
    _record(erasure, "carried_out", by=by, at=at, **asdict(erased))
    return erasure


@transaction.atomic
def drop(*, erasure_id: int, by: User, at: datetime) -> Erasure:
    """
    Leave everything as it is.

    :raises ErasureRefused: DECIDED_ALREADY.
    """
    erasure = _open(erasure_id)
    erasure.decided_at, erasure.decided_by = at, by
    erasure.save(update_fields=["decided_at", "decided_by"])
    _record(erasure, "dropped", by=by, at=at)
    return erasure


def _locked(application_id: int) -> Application:
    akimat = Application.objects.values_list("akimat", flat=True).get(pk=application_id)
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat)
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("akimat").get(pk=application_id)


def _open(erasure_id: int) -> Erasure:
    application = _locked(Erasure.objects.values_list("application", flat=True).get(pk=erasure_id))
    erasure = Erasure.objects.select_for_update(of=("self",), no_key=True).get(pk=erasure_id)
    erasure.application = application
    if erasure.decided_at is not None:
        raise ErasureRefused(ErasureRefusal.DECIDED_ALREADY)
    return erasure


def _must_be_closed(application: Application) -> None:
    statuses = application.entries.values_list("status", flat=True)
    if not is_closed(
        is_accepted=application.status == _ACCEPTED,
        is_pending=application.status == _PENDING,
        entries=[QueueEntryStatus(status) for status in statuses],
    ):
        raise ErasureRefused(ErasureRefusal.CASE_NOT_CLOSED)
    if Review.objects.filter(application=application, decided_at__isnull=True).exists():
        raise ErasureRefused(ErasureRefusal.REVIEW_OPEN)


def _blank(application: Application, *, by: User, at: datetime) -> Erased:
    scans = _blank_scans(application)
    Application.objects.filter(pk=application.pk).update(applicant_name="")
    person = application.applicant
    if person is None or _is_needed(person, besides=application):
        return Erased(scans=scans, contacts=0, envelopes=0, names=0)
    contacts = ContactPoint.objects.filter(person=person).exclude(value=BLANK)
    ended = contacts.filter(ended_at__isnull=True)
    ended.update(ended_at=at)
    names = Person.objects.filter(pk=person.pk).update(last_name=BLANK, first_name="", middle_name="")
    return Erased(
        scans=scans,
        contacts=contacts.update(value=BLANK),
        envelopes=kept_envelopes.erase(iin=person.iin, by=by.username, at=at),
        names=names,
    )


def _blank_scans(application: Application) -> list[str]:
    rows = ApplicationDocument.objects.filter(Q(application=application) | Q(intake__application=application))
    kept = list(rows.exclude(file="").order_by("pk"))
    paths = [str(document.file.name) for document in kept]
    rows.update(title=BLANK, file="", sha256="")
    transaction.on_commit(lambda: _remove(paths))
    return [document.sha256 for document in kept]


def _remove(paths: Sequence[str]) -> None:
    for path in paths:
        default_storage.delete(path)


def _is_needed(person: Person, *, besides: Application) -> bool:
    """Say whether another case, or the staff, still needs who it is."""
    of_the_person = Q(applicant=person) | Q(members__person=person)
    others = Application.objects.filter(of_the_person).exclude(pk=besides.pk)
    housed = QueueEntry.objects.filter(
        application__in=others, status__in=sorted({*ACTIVE, QueueEntryStatus.HOUSED})
    )
    return others.filter(status=_PENDING).exists() or housed.exists() or person.staff_users.exists()


def _record(erasure: Erasure, what: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=erasure.application.akimat,
        by=by,
        at=at,
        event=f"erasure.{what}",
        target=f"application:{erasure.application_id}",
        erasure=erasure.pk,
        file_number=erasure.application.file_number,
        **data,
    )
