"""Labor market (Рынок труда): registered unemployed."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the registration of a job seeker."""
    return requests.element("unemployedRequest", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS unemployed for every registration."""
    return reading.answer(raw, query, definition=DEFINITIONS["labour"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="registration", code="unemployed", start="dateFrom", until="dateTo"
    )
