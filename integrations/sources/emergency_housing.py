"""Register of condemned houses of the akimats: whose only home is one."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask whether the dwelling of a person is condemned."""
    return requests.element("emergencyDwellingRequest", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS emergency_dwelling for every such dwelling."""
    return reading.answer(
        raw, query, definition=DEFINITIONS["emergency_housing"], layout=LAYOUT, facts=_facts
    )


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="dwelling", code="emergency_dwelling", start="recognizedDate", until="resettledDate"
    )
