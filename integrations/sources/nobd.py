"""National education database (НОБД): orphans and children without parental care."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the care status of a person."""
    return requests.element("careStatusRequest", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS orphan for every time without parental care."""
    return reading.answer(raw, query, definition=DEFINITIONS["nobd"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="withoutParentalCare", code="orphan", start="dateFrom", until="dateTo"
    )
