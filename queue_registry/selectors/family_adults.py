"""An adult of a household, found by the household's file number and the adult's own IIN."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from queue_registry.models import Application, Fact, HouseholdMember, Person
from queue_registry.selectors import consent_work, iin_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Adult:
    """Somebody who consents for himself, in the household of an application."""

    application: Application
    person: Person


def get_adult_of(*, file_number: str, iin: str, at: datetime) -> Adult:
    """
    Return the adult with this IIN, now or before, of the household with this file number: the applicant, the
    spouse, whoever the list names. One query whichever of the two is wrong, so that the answer's time tells
    nothing.

    :raises Application.DoesNotExist: if there is none.
    """
    numbers = iin_numbers.numbers_of(iin)
    filed = Application.objects.filter(_has_in_its_family(numbers), file_number=file_number)
    found = filed.select_related("akimat", "joined_into__akimat").first()
    if found is not None:
        people = set(iin_numbers.people_with(iin).values_list("pk", flat=True))
        for adult in _adults(found.joined_into or found, at):
            if adult.person.pk in people:
                return adult
    raise Application.DoesNotExist("No household has an adult with both numbers.")


def get_adult(*, application_id: int, person_id: int, at: datetime) -> Adult | None:
    """Return an adult who was found a while ago, or None if he is not of the household any more."""
    application = Application.objects.select_related("akimat").filter(pk=application_id).first()
    if application is None:
        return None
    return next((one for one in _adults(application, at) if one.person.pk == person_id), None)


def _adults(application: Application, at: datetime) -> list[Adult]:
    members = consent_work.list_members(application, at=at)
    return [Adult(application=application, person=one.person) for one in members if not one.is_minor]


def _has_in_its_family(numbers: RawSQL) -> Q:
    named = HouseholdMember.objects.filter(
        Q(application=OuterRef("pk")) | Q(application=OuterRef("joined_into")),
        until_on__isnull=True,
        person__iin__in=numbers,
    )
    kin = Fact.objects.filter(
        Q(person=OuterRef("applicant")) | Q(person=OuterRef("joined_into__applicant")),
        kind="KINSHIP",
        relative__iin__in=numbers,
        answer__superseded_at__isnull=True,
    )
    own = Q(applicant__iin__in=numbers) | Q(joined_into__applicant__iin__in=numbers)
    return own | Q(Exists(named)) | Q(Exists(kin))
