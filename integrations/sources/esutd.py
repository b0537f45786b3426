"""Labor contracts (ЕСУТД): who works for an organisation paid from the budget."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="answer/code", message="answer/text")
FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for all contracts of a person."""
    return requests.element("contractsRequest", {"iin": query.iin})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS budget_worker or employee for every contract."""
    return reading.answer(raw, query, definition=DEFINITIONS["esutd"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for contract in reading.items(body, "contracts/contract"):
        is_budget = FLAGS.get(reading.required(contract, "budgetOrganization"))
        if is_budget is None:
            raise reading.Malformed("contract/budgetOrganization: unknown")
        yield reading.status(
            query,
            code="budget_worker" if is_budget else "employee",
            start=reading.day(contract, "contractDate"),
            until=reading.day(contract, "terminationDate"),
        )
