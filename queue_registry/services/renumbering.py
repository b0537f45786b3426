"""
What changes when a person bears another number: his row, and what was known of him under the new one.

Another row may bear the new number already: a register or a list named it before anybody knew that the two
are one. Nothing of it is deleted: what it knows becomes the person's, and it keeps the old number, which
leads to the person.
"""

from datetime import datetime
from typing import Final

from queue_registry.models import (
    Application,
    Consent,
    ConsentWithdrawal,
    Fact,
    FormerIin,
    HouseholdMember,
    IinChange,
    Person,
    SourceAnswer,
    User,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import Said

# Nobody's number: two rows can't bear one even for a moment.
_NOBODYS: Final = "0" * 12
_CONSENT: Final = (
    "application_id",
    "import_batch_id",
    "text_version",
    "scope",
    "for_household",
    "channel",
    "evidence",
    "given_at",
    "until",
    "recorded_by_id",
)
_WITHDRAWAL: Final = ("withdrawn_at", "channel", "evidence", "recorded_by_id")


def bring_about(change: IinChange, *, bearer: Person | None, at: datetime) -> None:
    """Let the person bear the new number; the caller holds the locks and records it."""
    person = change.person
    # That the old number is another's now says nothing of him any more: he is asked about anew.
    SourceAnswer.objects.filter(
        person=person, outcome=Said.IDENTITY_MISMATCH, superseded_at__isnull=True
    ).update(superseded_at=at)
    if bearer is not None:
        _take_answers(person, bearer, at)
        _take_household(person, bearer, at)
        _take_consents(person, bearer)
        _take_applications(person, bearer)
        User.objects.filter(person=bearer).update(person=person)
        _write(bearer, _NOBODYS)
    _write(person, change.current_iin)
    if bearer is not None:
        _write(bearer, change.former_iin)
    FormerIin.objects.create(iin=change.former_iin, person=person, change=change, since=at)


def _write(person: Person, iin: str) -> None:
    person.iin = iin
    person.save(update_fields=["iin"])


def _take_answers(person: Person, bearer: Person, at: datetime) -> None:
    """What the systems said under the new number is newer than what they said under the old one."""
    theirs = SourceAnswer.objects.filter(person=bearer, superseded_at__isnull=True)
    sources = list(theirs.values_list("source", flat=True))
    SourceAnswer.objects.filter(person=person, source__in=sources, superseded_at__isnull=True).update(
        superseded_at=at
    )
    Fact.objects.filter(person=bearer, answer__in=theirs).update(person=person)
    theirs.update(person=person)
    Fact.objects.filter(relative=bearer).update(relative=person)


def _take_household(person: Person, bearer: Person, at: datetime) -> None:
    """Whoever named the number as a member's, named the person; one who is named already is so once."""
    named = HouseholdMember.objects.filter(person=bearer, until_on__isnull=True)
    already = HouseholdMember.objects.filter(person=person, until_on__isnull=True).values("application")
    fresh = [
        HouseholdMember(
            application_id=one.application_id, person=person, relation=one.relation, from_on=one.from_on
        )
        for one in named.exclude(application__in=already).exclude(application__applicant=person)
    ]
    named.update(until_on=civil_day(at))
    HouseholdMember.objects.bulk_create(fresh)


def _take_consents(person: Person, bearer: Person) -> None:
    """Consents and withdrawals are never rewritten: they are his as they were given, once more."""
    batches = Consent.objects.filter(person=person, import_batch__isnull=False).values("import_batch")
    given = Consent.objects.filter(person=bearer).exclude(import_batch__in=batches).order_by("pk")
    Consent.objects.bulk_create(
        Consent(person=person, **{name: getattr(one, name) for name in _CONSENT}) for one in given
    )
    taken_back = ConsentWithdrawal.objects.filter(person=bearer).order_by("pk")
    ConsentWithdrawal.objects.bulk_create(
        ConsentWithdrawal(person=person, **{name: getattr(one, name) for name in _WITHDRAWAL})
        for one in taken_back
    )


def _take_applications(person: Person, bearer: Person) -> None:
    """Applications without a place, in akimats where the person has none: he is their applicant now."""
    own = Application.objects.filter(applicant=person, joined_into__isnull=True).values("akimat")
    Application.objects.filter(applicant=bearer).exclude(akimat__in=own).update(applicant=person)
