"""Civil servants (е-Қызмет); its answers are fields under an xsi:type."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="resultCode", message="resultMessage")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the service of a person, as key and value."""
    return requests.element(
        "Request", {"key": "iin", "value": query.iin}, attributes={"serviceName": "civilServant"}
    )


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS civil_servant for every appointment."""
    return reading.answer(raw, query, definition=DEFINITIONS["ekyzmet"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="appointment", code="civil_servant", start="dateFrom", until="dateTo"
    )
