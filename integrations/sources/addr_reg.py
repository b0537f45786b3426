"""Address register: the address of a person's registration, or of a registration code (RKA)."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask by the RKA that the query refers to, else by the person."""
    by_code = {"rka": query.reference} if query.reference else {}
    return requests.element("addressRequest", {"iin": query.iin, **by_code})


def parse(raw: bytes, query: Query) -> Answer:
    """Return one ADDRESS."""
    return reading.answer(raw, query, definition=DEFINITIONS["addr_reg"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for address in reading.items(body, "address"):
        rka = reading.required(address, "rka")
        if query.reference not in {"", rka}:
            raise reading.Malformed("address/rka: another address was asked for")
        yield Fact(
            kind=FactKind.ADDRESS,
            subject_iin=query.iin,
            value={"rka": rka, "kato": reading.required(address, "kato")},
            source=query.source,
            source_record_id=rka,
        )
