"""
Consents in force at a moment: whose covers which question about whom. This is the one place that works it
out.

Covered is a person by an own consent whose scope names the source (an empty one names all); a minor, and a
child whose age nobody told yet, by the applicant's; anybody of the household by the applicant's paper with
the signatures of all adults, unless the person took back what was given before. Some systems need none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from django.db.models import Max

from integrations.models import CheckRequest
from integrations.sources import ADAPTERS
from queue_registry.models import Consent, ConsentWithdrawal
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.facts import PersonFacts, Receipt, Said, Source
from queue_registry.rules.household import MAJORITY, kin_of
from queue_registry.rules.sources import Question

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
    """What people consented to at a moment, the newest first, and when each last took consents back."""

    at: datetime
    given: Mapping[int, tuple[Given, ...]]
    taken_back: Mapping[int, datetime]

    def covering(self, person: int, *, applicant: int, is_minor: bool = False) -> tuple[Given, ...]:
        """Return the consents that cover a person of the applicant's household, own ones first."""
        own = self.given.get(person, ())
        if person == applicant:
            return own
        since = self.taken_back.get(person)
        return own + tuple(
            one
            for one in self.given.get(applicant, ())
            if (is_minor or one.for_household) and (since is None or one.given_at > since)
        )

    def of(self, question: Question, *, applicant: int, is_minor: bool = False) -> Given | None:
        """Return the consent by which a question may be put, or None if there is none."""
        if question.source in WITHOUT:
            return _NEEDLESS
        found = self.covering(question.person, applicant=applicant, is_minor=is_minor)
        return next((one for one in found if one.names(question.source)), None)


def in_force(people: Collection[int], *, at: datetime) -> Consents:
    """Return the consents of people at a moment: two queries however many people."""
    given: dict[int, list[Given]] = defaultdict(list)
    rows = Consent.objects.in_force(at).filter(person__in=people).order_by("-given_at", "-pk")
    for row in rows.only("person_id", "scope", "for_household", "given_at"):
        given[row.person_id].append(
            Given(
                key=row.pk,
                scope=frozenset(row.scope),
                for_household=row.for_household,
                given_at=row.given_at,
            )
        )
    withdrawals = ConsentWithdrawal.objects.filter(person__in=people, withdrawn_at__lte=at)
    taken_back = withdrawals.values("person").annotate(last=Max("withdrawn_at")).values_list("person", "last")
    return Consents(
        at=at, given={key: tuple(rows) for key, rows in given.items()}, taken_back=dict(taken_back)
    )


def minors(case: Case, *, on: date) -> frozenset[int]:
    """Return those of a case for whom the applicant speaks: under eighteen, or a child of unknown age."""
    kin = kin_of(case.people.get(case.applicant, PersonFacts(person=case.applicant)), on)
    return frozenset(key for key, facts in case.people.items() if _is_minor(facts, kin.get(key), on))


def _is_minor(facts: PersonFacts, relation: str | None, on: date) -> bool:
    age = facts.age(on)
    return relation == "child" if age is None else age < MAJORITY


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
    return in_force({person for case in cases for person in case.people}, at=at)


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
    return replace(case, people=people)


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
    was taken back since they were put, by whoever gave it or by whom they are about.
    """
    asked = [row for row in rows if ADAPTERS[row.source].definition.consent_required]
    named = {int(row.consent_ref) for row in asked if row.consent_ref.isdecimal()}
    given = {str(one.pk): one for one in Consent.objects.in_force(at).filter(pk__in=named)}
    withdrawals = ConsentWithdrawal.objects.filter(
        person__iin__in={row.subject_iin for row in asked}, withdrawn_at__lte=at
    )
    taken_back = dict(
        withdrawals.values("person__iin")
        .annotate(last=Max("withdrawn_at"))
        .values_list("person__iin", "last")
    )
    return {row.pk for row in asked if not _holds(row, given, taken_back)}


def _holds(row: CheckRequest, given: Mapping[str, Consent], taken_back: Mapping[str, datetime]) -> bool:
    consent, since = given.get(row.consent_ref), taken_back.get(row.subject_iin)
    return consent is not None and (since is None or consent.given_at > since)


def list_ended(*, since: datetime, at: datetime) -> set[int]:
    """Return the people who gave a consent that ended between two moments."""
    ended = Consent.objects.filter(until__gt=since, until__lte=at)
    return set(ended.values_list("person_id", flat=True))
