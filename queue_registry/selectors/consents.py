"""
Consents in force at a moment: whose covers which question about whom. This is the one place that works it
out.

Covered is a person by an own consent whose scope names the source (an empty one names all); a minor, and a
child whose age nobody told yet, by the applicant's. The applicant's paper with the signatures of all adults
counts for each signer apart: for an adult who was one on the day of the paper, until that person takes it
back, whatever the applicant does later. Some systems need none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final, TypeVar

from django.db.models import Max

from integrations.models import CheckRequest
from integrations.sources import ADAPTERS
from queue_registry.models import Consent, ConsentWithdrawal, Person
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.facts import PersonFacts, Receipt, Said, Source
from queue_registry.rules.household import MAJORITY, kin_of
from queue_registry.rules.sources import Question
from queue_registry.selectors import many
from queue_registry.selectors.facts import people_facts

WITHOUT: Final = frozenset(source for source in Source if not ADAPTERS[source].definition.consent_required)
"""Systems that are asked without anybody's consent."""

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One consent in force; `key` is None where the system needs none."""

    key: int | None
    scope: frozenset[str]
    for_household: bool
    given_at: datetime

    @property
    def reference(self) -> str:
        """How a question names the consent that it rests on."""
        return "" if self.key is None else str(self.key)

    def names(self, source: str) -> bool:
        """Return whether the consent lets the source be asked."""
        return not self.scope or source in self.scope


_NEEDLESS: Final = Given(
    key=None, scope=frozenset(), for_household=False, given_at=datetime.min.replace(tzinfo=UTC)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """
    What people signed that stands at a moment, the newest first, when each last took consents back, and what
    is known of them where somebody read it.
    """

    at: datetime
    given: Mapping[int, tuple[Given, ...]]
    taken_back: Mapping[int, datetime]
    people: Mapping[int, PersonFacts] = field(default_factory=dict)

    def covering(self, person: int, *, applicant: int, is_minor: bool = False) -> tuple[Given, ...]:
        """Return the consents that cover a person of the applicant's household, own ones first."""
        own = self._not_taken_back(self.given.get(person, ()), by=person)
        if person == applicant:
            return own
        if is_minor:
            # The applicant signed for the child: it falls with the applicant's withdrawal.
            others = self._not_taken_back(self.given.get(applicant, ()), by=applicant)
        else:
            others = tuple(one for one in self.given.get(applicant, ()) if self._has_signed(person, one))
        return own + self._not_taken_back(others, by=person)

    def _not_taken_back(self, given: Iterable[Given], *, by: int) -> tuple[Given, ...]:
        since = self.taken_back.get(by)
        return tuple(given) if since is None else tuple(one for one in given if one.given_at > since)

    def _has_signed(self, person: int, one: Given) -> bool:
        """An adult signs for himself; who was none on the day of the paper has not."""
        return one.for_household and was_adult(self.people.get(person), on=civil_day(one.given_at))

    def of(self, question: Question, *, applicant: int, is_minor: bool = False) -> Given | None:
        """Return the consent by which a question may be put, or None if there is none."""
        if question.source in WITHOUT:
            return _NEEDLESS
        found = self.covering(question.person, applicant=applicant, is_minor=is_minor)
        return next((one for one in found if one.names(question.source)), None)


def in_force(
    people: Collection[int], *, at: datetime, facts: Mapping[int, PersonFacts] = MappingProxyType({})
) -> Consents:
    """Return the consents of people at a moment: two queries however many people."""
    given: dict[int, list[Given]] = defaultdict(list)
    rows = Consent.objects.standing(at).filter(person__in=many.these(people)).order_by("-given_at", "-pk")
    for person, key, scope, for_household, given_at in rows.values_list(
        "person_id", "pk", "scope", "for_household", "given_at"
    ):
        given[person].append(
            Given(key=key, scope=frozenset(scope), for_household=for_household, given_at=given_at)
        )
    return Consents(
        at=at,
        given={key: tuple(rows) for key, rows in given.items()},
        taken_back=_taken_back(people, at=at),
        people=facts,
    )


def _taken_back(people: Collection[int], *, at: datetime) -> dict[int, datetime]:
    rows = ConsentWithdrawal.objects.filter(person__in=many.these(people), withdrawn_at__lte=at)
    return dict(rows.values("person").annotate(last=Max("withdrawn_at")).values_list("person", "last"))


def minors(case: Case, *, on: date) -> frozenset[int]:
    """Return those of a case for whom the applicant speaks: under eighteen, or a child of unknown age."""
    applicant = case.people.get(case.applicant, PersonFacts(person=case.applicant))
    return minors_of(applicant, case.people, on=on)


def minors_of(applicant: PersonFacts, people: Mapping[int, PersonFacts], *, on: date) -> frozenset[int]:
    """Return those of some people for whom an applicant speaks."""
    kin = kin_of(applicant, on)
    return frozenset(key for key, facts in people.items() if _is_minor(facts, kin.get(key), on))


def _is_minor(facts: PersonFacts, relation: str | None, on: date) -> bool:
    age = facts.age(on)
    return relation == "child" if age is None else age < MAJORITY


def was_adult(facts: PersonFacts | None, *, on: date) -> bool:
    """Say whether somebody was of age on a day, or nobody knows the age: no child, so an adult."""
    age = facts.age(on) if facts is not None else None
    return age is None or age >= MAJORITY


def due(case: Case, needed: Iterable[Question], consents: Consents, *, on: date) -> dict[Question, Given]:
    """
    Return those of a case's questions that a consent covers and that nobody answered, with the consent.

    A system that said that there was no consent is asked again once there is a newer one.
    """
    children = minors(case, on=on)
    found = {}
    for question in needed:
        given = consents.of(question, applicant=case.applicant, is_minor=question.person in children)
        receipt = _receipt(case, question)
        if given is not None and (receipt is None or _is_overtaken(receipt, given)):
            found[question] = given
    return found


def lacking(case: Case, needed: Iterable[Question], consents: Consents, *, on: date) -> frozenset[int]:
    """
    Return the people whose consent the questions of a case lack, by our rows or by a system's own word.

    For a minor that is the applicant.
    """
    children = minors(case, on=on)
    found = set()
    for question in needed:
        is_minor = question.person in children
        given = consents.of(question, applicant=case.applicant, is_minor=is_minor)
        receipt = _receipt(case, question)
        refused = receipt is not None and receipt.said is Said.NO_CONSENT
        if given is None or (receipt is not None and refused and not _is_overtaken(receipt, given)):
            found.add(case.applicant if is_minor else question.person)
    return frozenset(found)


def _receipt(case: Case, question: Question) -> Receipt | None:
    facts = case.people.get(question.person)
    return facts.receipts.get(question.source) if facts else None


def _is_overtaken(receipt: Receipt, given: Given) -> bool:
    return receipt.said is Said.NO_CONSENT and receipt.as_of < given.given_at


def of_cases(cases: Iterable[Case], *, at: datetime) -> Consents:
    """Return the consents of everybody in the cases."""
    people = {key: facts for case in cases for key, facts in case.people.items()}
    return in_force(people, at=at, facts=people)


def fill_gaps(
    cases: Mapping[Key, Case], *, at: datetime, consents: Consents | None = None
) -> dict[Key, Case]:
    """
    Return the cases with NO_CONSENT wherever a source has not answered and no consent lets it be asked.

    The rules see it as the source's word; nobody was asked, and nothing is stored.
    """
    known = consents or of_cases(cases.values(), at=at)
    return {key: _filled(case, known, civil_day(at)) for key, case in cases.items()}


def _filled(case: Case, consents: Consents, on: date) -> Case:
    children = minors(case, on=on)
    people = {
        key: _with_gaps(facts, consents, applicant=case.applicant, is_minor=key in children)
        for key, facts in case.people.items()
    }
    # Most people signed for everything: their case is as it was.
    is_same = all(people[key] is facts for key, facts in case.people.items())
    return case if is_same else replace(case, people=people)


def _with_gaps(facts: PersonFacts, consents: Consents, *, applicant: int, is_minor: bool) -> PersonFacts:
    found = consents.covering(facts.person, applicant=applicant, is_minor=is_minor)
    if any(not one.scope for one in found):
        return facts
    gaps: dict[str, Receipt] = {
        source: Receipt(said=Said.NO_CONSENT, as_of=consents.at)
        for source in Source
        if source not in WITHOUT
        and source not in facts.receipts
        and not any(one.names(source) for one in found)
    }
    return replace(facts, receipts={**facts.receipts, **gaps}) if gaps else facts


def list_refused(rows: Iterable[CheckRequest], *, at: datetime) -> set[int]:
    """
    Return the keys of questions that may not be asked at a moment: they name no consent, or one that ended or
    was taken back since they were put, by whom they are about, or by who signed for them.
    """
    asked = [row for row in rows if ADAPTERS[row.source].definition.consent_required]
    named = {int(row.consent_ref) for row in asked if row.consent_ref.isdecimal()}
    given = {str(one.pk): one for one in Consent.objects.standing(at).filter(pk__in=named)}
    subjects = dict(
        Person.objects.filter(iin__in={row.subject_iin for row in asked}).values_list("iin", "pk")
    )
    givers = {one.person_id for one in given.values()}
    taken_back = _taken_back({*givers, *subjects.values()}, at=at)
    # Few papers are taken back by one of their signers: only of these it matters who is a child.
    fallen = {one.person_id for one in given.values() if _is_taken_back(one, one.person_id, taken_back)}
    people = people_facts({*fallen, *subjects.values()}) if fallen else {}
    return {
        row.pk
        for row in asked
        if not _holds(given.get(row.consent_ref), subjects.get(row.subject_iin), taken_back, people, at=at)
    }


def _holds(
    one: Consent | None,
    subject: int | None,
    taken_back: Mapping[int, datetime],
    people: Mapping[int, PersonFacts],
    *,
    at: datetime,
) -> bool:
    if one is None or (subject is not None and _is_taken_back(one, subject, taken_back)):
        return False
    if not _is_taken_back(one, one.person_id, taken_back):
        return True
    # Whoever gave it took it back: it still counts for another adult who signed it.
    return (
        one.for_household
        and subject is not None
        and subject not in minors_of(people[one.person_id], people, on=civil_day(at))
        and was_adult(people[subject], on=civil_day(one.given_at))
    )


def _is_taken_back(one: Consent, by: int, taken_back: Mapping[int, datetime]) -> bool:
    since = taken_back.get(by)
    return since is not None and one.given_at <= since


def list_ended(*, since: datetime, at: datetime) -> set[int]:
    """Return the people who gave a consent that ended between two moments."""
    ended = Consent.objects.filter(until__gt=since, until__lte=at)
    return set(ended.values_list("person_id", flat=True))
