"""Households of a settlement: the members whom the lists name, their telephones, whose a name is."""

from collections import defaultdict
from datetime import date
from typing import Final

from queue_registry.models import HouseholdMember
from queue_registry.rules.contacts import first_phone
from queue_registry.rules.facts import Source
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.outcomes import Case, LedgerApplicant
from queue_registry.rules.legacy.register import Kin, Relation, current_kin, is_minor
from queue_registry.rules.sources import Question
from queue_registry.selectors import consents
from queue_registry.services import persons, source_questions
from queue_registry.services.settlement_work import Settlement

_BATCH: Final = 2_000


def settle_households(made: Settlement) -> None:
    """Members whom the lists name: new ones come in, those whom no row names any more go out."""
    applicants = {made.numbered[one.key].pk: one for one in made.applicants if one.iin is not None}
    current: dict[int, dict[int, HouseholdMember]] = defaultdict(dict)
    rows = HouseholdMember.objects.filter(application__in=applicants, until_on__isnull=True)
    for member in rows:
        current[member.application_id][member.person_id] = member
    new, gone = [], []
    for application, applicant in applicants.items():
        relations = _relations(made, applicant)
        wanted = {made.people[iin].pk: iin for iin in applicant.members}
        new += [
            HouseholdMember(
                application_id=application,
                person_id=person,
                relation=relations.get(iin, HouseholdMember.Relation.OTHER),
            )
            for person, iin in wanted.items()
            if person not in current[application]
        ]
        gone += [one.pk for person, one in current[application].items() if person not in wanted]
    HouseholdMember.objects.bulk_create(new, batch_size=_BATCH)
    HouseholdMember.objects.filter(pk__in=gone).update(until_on=made.on)


def phones_of(made: Settlement) -> dict[int, str]:
    """The telephone of each applicant as the strongest of the rows that has one says it."""
    found = {}
    for applicant in made.applicants:
        # Of a row with shifted columns nobody knows which cell is a telephone.
        read = (first_phone(row.phone) for row in applicant.rows if row.phone and not row.malformed)
        phone = next((phone for phone in read if phone is not None), None)
        if applicant.iin is not None and phone is not None:
            found[made.people[applicant.iin].pk] = phone
    return found


def _relations(made: Settlement, applicant: LedgerApplicant) -> dict[str, str]:
    kin = made.families.get(applicant.iin or "", ())
    return {one.iin: one.relation.value for one in current_kin(kin, on=made.on)}


def ask_whose_name_it_is(made: Settlement) -> None:
    """Where a row has another's name, ask who the relatives are: it may be a slip inside one family."""
    mismatched = {_iin_of(case) for case in made.ledger.cases if case.key.code is Code.IDENTITY_MISMATCH}
    kin = {(iin, one) for iin in mismatched for one in made.families.get(iin, ())}
    people = persons.by_iin(mismatched | {one.iin for _, one in kin})
    given = consents.in_force([person.pk for person in people.values()], at=made.at)
    found = {}
    for iin, one in sorted(kin, key=_by_iin):
        question = Question(person=people[one.iin].pk, source=Source.GBD_FL)
        consent = given.of(question, applicant=people[iin].pk, is_minor=_is_minor(one, made.on))
        if consent is not None:
            found[question] = consent
    source_questions.put(found, at=made.at, by="imports")


def _by_iin(pair: tuple[str, Kin]) -> tuple[str, str]:
    return pair[0], pair[1].iin


def _is_minor(kin: Kin, on: date) -> bool:
    """As `consents.minors`: a child whose age nobody told yet is one."""
    return kin.relation is Relation.CHILD and (kin.born_on is None or is_minor(kin.born_on, on=on))


def _iin_of(case: Case) -> str:
    return case.rows[0].iin.iin or ""
