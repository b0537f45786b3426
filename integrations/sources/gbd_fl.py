"""
State database of natural persons (ГБД ФЛ): who a person is, and where they are registered.

Asked about a former number, it answers about the person under the number of today and names the former ones
(`previousIin`). That field is an assumption of ours until the owner confirms it.
"""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query, Renumbered
from integrations.gateway.envelope import text
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

SEXES: Final = {"1": "m", "2": "f"}
LAYOUT: Final = reading.Layout(code="messageResult/code", message="messageResult/nameRu", echo="person/iin")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for one person by IIN; the consent token, if there is one, goes inside."""
    consent = {"kdpToken": token.code, "publicKey": token.public_key} if token else {}
    return requests.element("getPerson", {"requestId": query.key[:36], "iin": query.iin, **consent})


def parse(raw: bytes, query: Query) -> Answer:
    """Return PERSON, and REGISTRATION if the answer speaks of it at all."""
    return reading.answer(
        raw,
        query,
        definition=DEFINITIONS["gbd_fl"],
        layout=LAYOUT,
        facts=_facts,
        renumbered=_renumbered,
    )


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    people = reading.items(body, "person")
    if len(people) != 1:
        raise reading.Malformed("person: exactly one expected")
    yield _person(people[0], query)
    # A missing element says nothing; an element marked nil says that there is no registration.
    for address in reading.items(people[0], "regAddress"):
        yield _registration(address, query)


def _person(person: reading.Element, query: Query) -> Fact:
    born, died = reading.required_day(person, "birthDate"), reading.day(person, "deathDate")
    sex = SEXES.get(reading.required(person, "gender/code"))
    if sex is None:
        raise reading.Malformed("gender/code: unknown")
    return Fact(
        kind=FactKind.PERSON,
        subject_iin=query.iin,
        value={
            "last": reading.required(person, "surname"),
            "first": text(person, "name"),
            "middle": text(person, "patronymic"),
            "birth_date": reading.iso(born),
            "death_date": reading.iso(died),
            "sex": sex,
            "citizenship": reading.required(person, "citizenship/code"),
        },
        source=query.source,
        valid_from=born,
    )


def _registration(address: reading.Element, query: Query) -> Fact:
    is_nil = address.get(reading.NIL) in {"true", "1"}
    since = None if is_nil else reading.day(address, "beginDate")
    return Fact(
        kind=FactKind.REGISTRATION,
        subject_iin=query.iin,
        value={
            "kato": None if is_nil else reading.required(address, "kato"),
            "rka": None if is_nil else text(address, "arCode") or None,
            "since": reading.iso(since),
        },
        source=query.source,
        valid_from=since,
    )


def _renumbered(body: reading.Element, query: Query) -> Renumbered | None:
    """Return whose former number was asked about, if the one person of the answer bore it."""
    people = reading.items(body, "person")
    if len(people) != 1 or query.iin not in (text(one, ".") for one in _former(people[0])):
        return None
    return Renumbered(
        iin=reading.iin(people[0], "iin"),
        last=reading.required(people[0], "surname"),
        first=text(people[0], "name"),
        middle=text(people[0], "patronymic"),
        birth_date=reading.required_day(people[0], "birthDate"),
    )


def _former(person: reading.Element) -> list[reading.Element]:
    return reading.items(person, "previousIin")
