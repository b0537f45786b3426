"""Bank of data on persons with disability (ЦБДИ): the group and its term, never the cause."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/resultCode", message="result/resultText")
GROUPS: Final[dict[str, int | str]] = {"1": 1, "2": 2, "3": 3, "CHILD": "child"}


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the disability status of a person."""
    return requests.element("getStatus", {"iin": query.iin, "statusKind": "DISABILITY"})


def parse(raw: bytes, query: Query) -> Answer:
    """Return DISABILITY for every term on record; a term without an end is for life."""
    return reading.answer(raw, query, definition=DEFINITIONS["cbdi"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for record in reading.items(body, "disability"):
        start, until = reading.day(record, "dateFrom"), reading.day(record, "reexamDate")
        group = GROUPS.get(reading.required(record, "group"))
        if group is None:
            raise reading.Malformed("disability/group: unknown")
        yield Fact(
            kind=FactKind.DISABILITY,
            subject_iin=query.iin,
            value={"group": group, "from": reading.iso(start), "until": reading.iso(until)},
            source=query.source,
            valid_from=start,
            valid_to=until,
        )
