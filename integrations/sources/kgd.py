"""State revenue committee (КГД): sole traders."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the registration of a taxpayer."""
    return requests.element("taxpayerRequest", {"iin": query.iin, **requests.span(query)})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS sole_trader for every registration."""
    return reading.answer(raw, query, definition=DEFINITIONS["kgd"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="soleTrader", code="sole_trader", start="dateFrom", until="dateTo"
    )
