"""Invented households for tests of the rules: everything answered, nothing barring, one thing changed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from queue_registry.rules.case import Case
from queue_registry.rules.facts import (
    Identity,
    Kin,
    PersonFacts,
    Receipt,
    Registration,
    Right,
    Said,
    Source,
    Status,
)
from queue_registry.rules.income import window
from queue_registry.rules.policy import Policy
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.services import policies

ON = date(2026, 9, 1)
KATO = "271010000"
APPLICANT, SPOUSE, CHILD = 1, 2, 3


def policy(code: str = "akimat-2022") -> Policy:
    """The policy as shipped."""
    document, _ = policies.read(policies.FOLDER / f"{code.replace('-', '_')}.toml")
    return Policy.from_document(document)


def receipts(*, without: tuple[str, ...] = (), **said: Said) -> dict[str, Receipt]:
    as_of = datetime(2026, 9, 1, 4, tzinfo=UTC)
    answers = dict.fromkeys(Source, Said.NOT_FOUND_CONFIRMED) | said
    return {
        source: Receipt(said=outcome, as_of=as_of, answered_at=as_of)
        for source, outcome in answers.items()
        if source not in without
    }


def person(key: int, *, born: date, sex: str = "f", **changes: object) -> PersonFacts:
    facts = PersonFacts(
        person=key,
        receipts=receipts(gbd_fl=Said.FOUND),
        identity=Identity(birth_date=born, death_date=None, sex=sex, citizenship="KAZ"),
        registration=Registration(kato=KATO, since=date(2010, 1, 1)),
    )
    return replace(facts, **changes)


def marriage(to: int) -> Kin:
    """One side of it."""
    return Kin(person=to, relation="spouse", since=date(2015, 6, 1), until=None)


def family(**of_applicant: object) -> dict[int, PersonFacts]:
    """A mother of thirty-five, her husband and their daughter of nine; no property, no income."""
    kin = (
        marriage(SPOUSE),
        Kin(person=CHILD, relation="child", since=date(2017, 3, 4), until=None),
    )
    return {
        APPLICANT: person(APPLICANT, born=date(1991, 2, 3), **({"kin": kin} | of_applicant)),
        SPOUSE: person(SPOUSE, born=date(1990, 5, 6), sex="m", kin=(marriage(APPLICANT),)),
        CHILD: person(CHILD, born=date(2017, 3, 4)),
    }


def case(
    people: dict[int, PersonFacts], *, number: ListNumber = ListNumber.PUBLIC_SERVICE, kato: str = KATO
) -> Case:
    return Case(list_number=number, akimat_kato=kato, applicant=APPLICANT, named=(), people=people)


def status(code: str, source: Source, **changes: object) -> Status:
    return Status(code=code, source=source, since=date(2012, 1, 1), until=None)._replace(**changes)


def dwelling(**changes: object) -> Right:
    return replace(
        Right(
            kind="dwelling",
            kato=KATO,
            area=Decimal("54.2"),
            share=Fraction(1),
            acquired=date(2018, 1, 1),
            disposed=None,
        ),
        **changes,
    )


def earning(monthly: str, *, without: tuple[str, ...] = ()) -> dict[str, Decimal]:
    return {month: Decimal(monthly) for month in window(ON) if month not in without}
