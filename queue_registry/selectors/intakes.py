"""
Intakes: what the registers say of a household that is being entered, what is still missing, and whether
the same household is known already.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q, QuerySet

from queue_registry.models import (
    Akimat,
    Application,
    Fact,
    HouseholdMember,
    Intake,
    Person,
    QueueEntry,
)
from queue_registry.rules import categories
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.facts import PersonFacts, Said, Source
from queue_registry.rules.household import Household, household
from queue_registry.rules.intakes import Paper, needed_papers
from queue_registry.rules.sources import Question, questions
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import consents
from queue_registry.selectors.consents import Consents, Given
from queue_registry.selectors.facts import people_facts

# Before anybody knows which list it will be, only identity and family are asked.
_FIRST: Final = frozenset({Source.GBD_FL, Source.ZAGS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An intake or an application in which a person stands already; `own` is false in another akimat."""

    person: int
    own: bool
    applicant: bool
    intake: Intake | None = None
    application: Application | None = None

    @property
    def file_number(self) -> str:
        """The file number of the application, or nothing where it is another akimat's or has none."""
        return self.application.file_number if self.application and self.own else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    An intake as the registers show it on a day: cases by list, the household, the questions, what is missing.

    `askable` are unanswered questions that a consent on record covers, with the consent; `without_consent`
    are members of whom there is none.
    """

    cases: Mapping[ListNumber, Case]
    household: Household
    wanted: frozenset[Question]
    unanswered: frozenset[Question]
    askable: Mapping[Question, Given]
    without_consent: tuple[int, ...]
    papers: tuple[Paper, ...]


def open_intakes(akimat: Akimat) -> QuerySet[Intake]:
    """Return the intakes of an akimat that are neither filed nor dropped, the newest first."""
    return (
        Intake.objects.filter(akimat=akimat, application__isnull=True, dropped_at__isnull=True)
        .select_related("applicant", "opened_by")
        .order_by("-opened_at", "-pk")
    )


def live_applications() -> QuerySet[Application]:
    """Return what a second application of the same people would repeat: pending, active, waiting file."""
    active = QueueEntry.objects.active().values("application")
    waiting_file = Q(status=Application.Status.ACCEPTED, entries__isnull=True, joined_into__isnull=True)
    return Application.objects.filter(Q(status=Application.Status.PENDING) | Q(pk__in=active) | waiting_file)


def find_known(people: Collection[int], *, akimat: Akimat, but: Intake | None = None) -> list[Known]:
    """Return where people stand already, as applicant or as a member, in any akimat; `but` is left out."""
    live = live_applications()
    applications = live.filter(applicant__in=people).select_related("akimat").distinct()
    found = [
        Known(person=row.applicant_id or 0, own=row.akimat_id == akimat.pk, applicant=True, application=row)
        for row in applications
    ]
    members = HouseholdMember.objects.filter(person__in=people, until_on__isnull=True, application__in=live)
    found += [
        Known(
            person=row.person_id,
            own=row.application.akimat_id == akimat.pk,
            applicant=False,
            application=row.application,
        )
        for row in members.select_related("application").order_by("pk")
    ]
    intakes = Intake.objects.filter(application__isnull=True, dropped_at__isnull=True)
    named = Q(applicant__in=people)
    for person in people:
        named |= Q(members__contains=[{"person": person}])
    for row in intakes.filter(named).exclude(pk=but.pk if but else 0).order_by("pk"):
        keys = {row.applicant_id, *named_in(row)}
        found += [
            Known(
                person=person,
                own=row.akimat_id == akimat.pk,
                applicant=person == row.applicant_id,
                intake=row,
            )
            for person in sorted(keys & set(people))
        ]
    return found


def find_alike(person: Person, facts: PersonFacts) -> list[Person]:
    """
    Return other people with the same name and birth date: a proposal for a person to look at, no more.

    The name is compared as the population register writes it.
    """
    if facts.identity is None or not person.last_name:
        return []
    same_name = Person.objects.filter(
        last_name__iexact=person.last_name, first_name__iexact=person.first_name
    ).exclude(pk=person.pk)
    born = Fact.objects.filter(
        person__in=same_name,
        kind="PERSON",
        answer__superseded_at__isnull=True,
        value__birth_date=facts.identity.birth_date.isoformat(),
    )
    return list(same_name.filter(pk__in=born.values("person")).order_by("pk"))


def named_in(intake: Intake) -> tuple[int, ...]:
    """Return the keys of the people whom an intake names beside its applicant."""
    return tuple(sorted(int(member["person"]) for member in intake.members))


def numbers_of(claims: Sequence[Mapping[str, str]]) -> tuple[ListNumber, ...]:
    """Return the lists of claims, by number."""
    return tuple(sorted({ListNumber(claim["list"]) for claim in claims}))


def cases_of(
    *, akimat: Akimat, applicant: int, named: tuple[int, ...], numbers: Collection[ListNumber]
) -> dict[ListNumber, Case]:
    """Return what the rules judge of a household that has no entry yet, by list."""
    people = people_facts({applicant, *named})
    kin = {relative.person for relative in people[applicant].kin}
    people |= people_facts(kin - people.keys())
    return {
        number: Case(
            list_number=number, akimat_kato=akimat.kato, applicant=applicant, named=named, people=people
        )
        for number in numbers
    }


def get_picture(intake: Intake, *, at: datetime) -> Picture:
    """Return the intake as the registers and the consents show it at the moment."""
    on = civil_day(at)
    numbers = numbers_of(intake.claims)
    cases = cases_of(
        akimat=intake.akimat,
        applicant=intake.applicant_id,
        named=named_in(intake),
        numbers=numbers or (ListNumber.VETERANS,),
    )
    case = next(iter(cases.values()))
    people = household(applicant=case.people[case.applicant], named=case.named, people=case.people, on=on)
    asked = {one for each in cases.values() for one in questions(case=each, on=on)}
    wanted = frozenset(one for one in asked if numbers or one.source in _FIRST)
    unanswered = frozenset(one for one in wanted if not _answered(case, one))
    given = consents.of_cases([case], at=at)
    return Picture(
        cases=consents.fill_gaps(cases, at=at, consents=given) if numbers else {},
        household=people,
        wanted=wanted,
        unanswered=unanswered,
        askable=consents.due(case, wanted, given, on=on),
        without_consent=tuple(_without_consent(people, given, on)),
        papers=needed_papers(
            identity_confirmed=people.applicant.facts.identity is not None,
            family_confirmed=people.applicant.facts.confirmed(Source.ZAGS),
            categories_confirmed=bool(numbers)
            and all(categories.grounds(number=number, household=people, on=on) for number in numbers),
        ),
    )


def _answered(case: Case, question: Question) -> bool:
    facts = case.people.get(question.person)
    receipt = facts.receipts.get(question.source) if facts else None
    return receipt is not None and receipt.said is not Said.NO_CONSENT


def _without_consent(people: Household, given: Consents, on: date) -> Iterator[int]:
    """Members whom no consent covers, for whatever source."""
    applicant = people.applicant.facts.person
    for member in people.members:
        is_minor = member.is_minor(on) or (member.role == "child" and member.facts.identity is None)
        if not given.covering(member.facts.person, applicant=applicant, is_minor=is_minor):
            yield member.facts.person
