"""Whose consent is missing: people of a household, each covered or not, and the list of whom to contact."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery

from queue_registry.models import (
    Akimat,
    Application,
    ConsentContact,
    HouseholdMember,
    MissingConsent,
    Person,
    QueueEntry,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.household import household
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import consents
from queue_registry.selectors.facts import people_facts
from queue_registry.selectors.intakes import cases_of, numbers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of a household: whether some consent covers them, and when they last took theirs back."""

    person: Person
    role: str
    covered: bool
    is_minor: bool
    taken_back: datetime | None


def cases_of_application(application: Application) -> list[Case]:
    """Return what the rules judge of an application, by its entries' lists or by those that it claims."""
    if application.applicant_id is None:
        return []
    entries = QueueEntry.objects.filter(application=application)
    numbers = {ListNumber(number) for number in entries.values_list("waiting_list__number", flat=True)}
    named = application.members.filter(until_on__isnull=True).order_by("person")
    cases = cases_of(
        akimat=application.akimat,
        applicant=application.applicant_id,
        named=tuple(named.values_list("person", flat=True)),
        numbers=numbers | set(numbers_of(application.claims)) or {ListNumber.VETERANS},
    )
    return list(cases.values())


def household_of(application: Application, *, on: date) -> dict[int, str]:
    """Return the people of an application's household on a day with their roles, the applicant first."""
    cases = cases_of_application(application)
    return _roles(cases[0], on) if cases else {}


def _roles(case: Case, on: date) -> dict[int, str]:
    people = household(applicant=case.people[case.applicant], named=case.named, people=case.people, on=on)
    return {member.facts.person: member.role for member in people.members}


def list_members(application: Application, *, at: datetime) -> list[Member]:
    """Return the people of an application's household, each with whether some consent covers them."""
    cases = cases_of_application(application)
    if not cases:
        return []
    case, on = cases[0], civil_day(at)
    roles = _roles(case, on)
    given, children = consents.in_force(roles, at=at, facts=case.people), consents.minors(case, on=on)
    people = Person.objects.in_bulk(list(roles))
    return [
        Member(
            person=people[key],
            role=role,
            covered=bool(given.covering(key, applicant=case.applicant, is_minor=key in children)),
            is_minor=key in children,
            taken_back=given.taken_back.get(key),
        )
        for key, role in roles.items()
    ]


def people_spoken_for(person_id: int) -> set[int]:
    """Return a person and everybody whom their consent may cover, in whatever household they apply."""
    named = HouseholdMember.objects.filter(application__applicant=person_id, until_on__isnull=True)
    kin = people_facts({person_id})[person_id].kin
    return {person_id, *named.values_list("person_id", flat=True), *(one.person for one in kin)}


def count_missing(akimat: Akimat) -> int:
    """Return how many people of active entries have to be asked for their consent."""
    return _missing(akimat).values("person").distinct().count()


def list_missing(akimat: Akimat) -> QuerySet[Any, Any]:
    """
    Return the people of active entries whose consent is missing: `person`, `application`, `since`, `last`.

    Who was contacted longest ago comes first, before them those whom nobody contacted, by how long they wait.
    """
    last = ConsentContact.objects.filter(person=OuterRef("person")).order_by()
    newest = last.values("person").annotate(last=Max("at")).values("last")
    return (
        _missing(akimat)
        .values("person")
        .annotate(
            application=Min("entry__application"),
            since=Min("since"),
            last=Subquery(newest),
        )
        .order_by(F("last").asc(nulls_first=True), "since", "person")
    )


def _missing(akimat: Akimat) -> QuerySet[MissingConsent]:
    active = QueueEntry.objects.active().filter(akimat=akimat)
    return MissingConsent.objects.filter(entry__in=active)


def list_contacts(people: Collection[int]) -> dict[int, list[ConsentContact]]:
    """Return how people were contacted, the newest first, by person."""
    found: dict[int, list[ConsentContact]] = defaultdict(list)
    rows = ConsentContact.objects.filter(person__in=people).select_related("by").order_by("-at", "-pk")
    for row in rows:
        found[row.person_id].append(row)
    return found
