"""Cadastre of real estate (ЕГКН): what a person owns or owned, with shares and dates."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.gateway.envelope import text
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="result/code", message="result/message")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for rights that held on any day of the period; without a period, for all on record."""
    return requests.element("personRightsRequest", {"iin": query.iin, **requests.span(query)})


def parse(raw: bytes, query: Query) -> Answer:
    """Return PROPERTY_RIGHT for every right, also for those that ended."""
    return reading.answer(raw, query, definition=DEFINITIONS["egkn"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for right in reading.items(body, "rights/right"):
        acquired, disposed = reading.day(right, "regDate"), reading.day(right, "endDate")
        cadastral = text(right, "cadastralNumber").replace("-", ":")
        yield Fact(
            kind=FactKind.PROPERTY_RIGHT,
            subject_iin=query.iin,
            value={
                "cadastral": cadastral or None,
                "rka": text(right, "rka") or None,
                "kind": reading.required(right, "objectKind").lower(),
                "kato": text(right, "kato") or None,
                "area": reading.decimal_text_or_none(right, "areaTotal"),
                "share": reading.share(right, "shareNum", "shareDen"),
                "acquired": reading.iso(acquired),
                "disposed": reading.iso(disposed),
            },
            source=query.source,
            valid_from=acquired,
            valid_to=disposed,
            source_record_id=cadastral,
        )
