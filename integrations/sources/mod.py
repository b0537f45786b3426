"""Military service and veterans (Ministry of Defense)."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="statusCode", message="statusNameRu")
STATUSES: Final = {"10": "military", "41": "wwii_veteran"}


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the service records of a person."""
    return requests.element("serviceRequest", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS military or wwii_veteran for every record."""
    return reading.answer(raw, query, definition=DEFINITIONS["mod"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for record in reading.items(body, "record"):
        code = STATUSES.get(reading.required(record, "kindCode"))
        if code is None:
            raise reading.Malformed("record/kindCode: unknown")
        yield reading.status(
            query, code=code, start=reading.day(record, "dateFrom"), until=reading.day(record, "dateTo")
        )
