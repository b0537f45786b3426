"""Kandas (АИС «Кандас»): ethnic Kazakhs who came back."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for certificates of a person."""
    return requests.element("kandasRequest", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS kandas for every certificate."""
    return reading.answer(raw, query, definition=DEFINITIONS["kandas"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="certificate", code="kandas", start="dateFrom", until="dateTo"
    )
