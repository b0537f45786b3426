"""Register of listed illnesses (ЭРДБ): on the housing list or not, since when; never a diagnosis."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the housing list only."""
    return requests.element("registerRequest", {"iin": query.iin, "listCode": "HOUSING"})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS chronic_illness if the person is on the list."""
    return reading.answer(raw, query, definition=DEFINITIONS["health"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for record in reading.items(body, "record"):
        if reading.required(record, "onHousingList") not in {"true", "1"}:
            raise reading.Malformed("record/onHousingList: not true in a positive answer")
        yield reading.status(
            query,
            code="chronic_illness",
            start=reading.day(record, "registeredDate"),
            until=reading.day(record, "removedDate"),
        )
