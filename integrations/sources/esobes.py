"""Targeted social aid (Е-Собес); its answers are XML escaped inside XML."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="state", message="stateText")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask whether a person receives targeted aid."""
    return requests.element("getAddressSocialAssistance", {"iin": query.iin, "requestNumber": query.key[:20]})


def parse(raw: bytes, query: Query) -> Answer:
    """Return BENEFIT targeted_aid for every grant."""
    return reading.answer(raw, query, definition=DEFINITIONS["esobes"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for grant in reading.items(body, "assistance"):
        start, until = reading.day(grant, "dateFrom"), reading.day(grant, "dateTo")
        yield Fact(
            kind=FactKind.BENEFIT,
            subject_iin=query.iin,
            value={
                "kind": "targeted_aid",
                "amount": reading.decimal_text_or_none(grant, "sum"),
                "from": reading.iso(start),
                "until": reading.iso(until),
            },
            source=query.source,
            valid_from=start,
            valid_to=until,
        )
