"""
A person has another IIN now: told by the population register, confirmed by a clerk with a document, approved
by another person. The person stays one row; the old number leads to him for ever.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from integrations import withdrawals
from queue_registry.models import Akimat, Application, IinChange, ImportSettlement, Person, QueueEntry, User
from queue_registry.rules.reasons import EntryGround
from queue_registry.rules.renumbering import RenumberingRefusal, require
from queue_registry.selectors import iin_changes as selectors
from queue_registry.selectors import keepers, legacy
from queue_registry.services import (
    assessment_requests,
    audit,
    entry_changes,
    queue_entries,
    renumbering,
)


@transaction.atomic
def confirm(*, change_id: int, document: str, by: User, at: datetime) -> IinChange:
    """
    Confirm by a document that two numbers are one person's; nothing changes before a second person approves.

    Sent twice it acts once.

    :raises RenumberingRefused: DOCUMENT_MISSING, CLOSED, DOUBTED.
    """
    require(document.strip(), RenumberingRefusal.DOCUMENT_MISSING)
    change = _locked(change_id)
    if change.confirmed_by_id == by.pk and change.document == document.strip():
        return change
    require(not selectors.doubts_of(change), RenumberingRefusal.DOUBTED)
    change.document, change.confirmed_by, change.confirmed_at = document.strip(), by, at
    change.save(update_fields=["document", "confirmed_by", "confirmed_at"])
    _record(change, "confirmed", by=by, at=at, document=change.document)
    return change


@transaction.atomic
def approve(*, change_id: int, by: User, at: datetime) -> IinChange:
    """
    Let the person bear the new number: he is asked about, found and written down under it, and found under
    the old one, too. What is known under the new number already is his.

    :raises RenumberingRefused: CLOSED, NOT_CONFIRMED, SECOND_PERSON_NEEDED, DOUBTED, NUMBER_HAS_A_CASE.
    """
    change = _locked(change_id)
    require(change.confirmed_at is not None, RenumberingRefusal.NOT_CONFIRMED)
    require(change.confirmed_by_id != by.pk, RenumberingRefusal.SECOND_PERSON_NEEDED)
    bearer = selectors.bearer_of(change)
    following = _following(change, bearer, at)
    # Entries, then questions, then people; the trail last.
    queue_entries.lock_entries(
        QueueEntry.objects.filter(application__in=following).values_list("pk", flat=True)
    )
    withdrawals.close_about(iins=[change.former_iin], at=at)
    keys = [change.person_id, *([bearer.pk] if bearer else [])]
    people = Person.objects.select_for_update(no_key=True).order_by("pk").in_bulk(keys)
    require(not selectors.doubts_of(change), RenumberingRefusal.DOUBTED)
    require(bearer is None or not selectors.has_case(bearer), RenumberingRefusal.NUMBER_HAS_A_CASE)
    change.approved_by, change.approved_at = by, at
    change.save(update_fields=["approved_by", "approved_at"])
    change.person = people[change.person_id]
    renumbering.bring_about(change, bearer=people[bearer.pk] if bearer else None, at=at)
    _settle_again(change, at)
    concerned = assessment_requests.entries_about({change.person_id}, at=at)
    assessment_requests.request_assessments(entries=concerned, at=at)
    _record_approved(change, concerned, following, by=by, at=at)
    return change


@transaction.atomic
def drop(*, change_id: int, why: str, by: User, at: datetime) -> IinChange:
    """
    Give a changed number up: the register is wrong, or nobody can tell. The person stays under the old one.

    :raises RenumberingRefused: REASON_MISSING, CLOSED.
    """
    require(why.strip(), RenumberingRefusal.REASON_MISSING)
    change = _locked(change_id)
    change.dropped_by, change.dropped_at, change.why_dropped = by, at, why.strip()
    change.save(update_fields=["dropped_by", "dropped_at", "why_dropped"])
    _record(change, "dropped", by=by, at=at, why=change.why_dropped)
    return change


def _locked(change_id: int) -> IinChange:
    change = (
        IinChange.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "person")
        .get(pk=change_id)
    )
    require(change.is_open, RenumberingRefusal.CLOSED)
    return change


def _following(change: IinChange, bearer: Person | None, at: datetime) -> list[Application]:
    """
    Applications of old lists under the new number that become the person's. Where he has an application of
    his own, the ledger of the lists makes one of the two.
    """
    if bearer is None:
        return []
    own = Application.objects.filter(applicant=change.person, joined_into__isnull=True)
    return list(
        Application.objects.filter(applicant=bearer, joined_into__isnull=True)
        .exclude(akimat__in=own.values("akimat"))
        .exclude(akimat__in=keepers.resting(at))
        .select_related("akimat")
        .order_by("pk")
    )


def _settle_again(change: IinChange, at: datetime) -> None:
    """Old lists that name one of the numbers are read anew: both are one applicant's now."""
    akimats = legacy.akimats_concerned({change.former_iin, change.current_iin})
    ImportSettlement.objects.bulk_create(
        [ImportSettlement(akimat_id=key, requested_at=at) for key in sorted(akimats)], ignore_conflicts=True
    )


def _record_approved(
    change: IinChange,
    concerned: Sequence[QueueEntry],
    following: Sequence[Application],
    *,
    by: User,
    at: datetime,
) -> None:
    """One record in each akimat that the person stands in; entries of the new number follow him."""
    akimats: dict[int, Akimat] = {change.akimat_id: change.akimat}
    akimats |= {entry.akimat_id: entry.akimat for entry in concerned}
    by_akimat: dict[int, list[Application]] = defaultdict(list)
    for application in following:
        akimats[application.akimat_id] = application.akimat
        by_akimat[application.akimat_id].append(application)
    for key, akimat in sorted(akimats.items()):
        audit.record(
            akimat=akimat,
            by=by,
            at=at,
            event="iin_change.approved",
            target=f"iin_change:{change.pk}",
            document=change.document,
            confirmed_by=change.confirmed_by.username if change.confirmed_by else "",
        )
        for application in by_akimat[key]:
            entry_changes.follow(
                application=application,
                applicant_id=change.person_id,
                ground=EntryGround.IIN_CHANGED,
                document=change.document,
                by=by,
                at=at,
                iin_change=change.pk,
            )


def _record(change: IinChange, what: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=change.akimat,
        by=by,
        at=at,
        event=f"iin_change.{what}",
        target=f"iin_change:{change.pk}",
        **data,
    )
