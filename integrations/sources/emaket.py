"""Pensions, allowances and benefits (Е-макет): payments, pensioners, awarded mothers and large families."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="status/code", message="status/message")
STATUSES: Final = {"PENSION_AGE": "pensioner", "MOTHER_AWARD": "large_family_mother"}


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for all payments, those of a period if the query has one."""
    return requests.element("paymentsRequest", {"iin": query.iin, **requests.span(query)})


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS for payments that prove one, BENEFIT for all others."""
    return reading.answer(raw, query, definition=DEFINITIONS["emaket"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for payment in reading.items(body, "payments/payment"):
        kind = reading.required(payment, "kind")
        start, until = reading.day(payment, "dateFrom"), reading.day(payment, "dateTo")
        if kind in STATUSES:
            yield reading.status(query, code=STATUSES[kind], start=start, until=until)
            continue
        yield Fact(
            kind=FactKind.BENEFIT,
            subject_iin=query.iin,
            value={
                "kind": kind,
                "amount": reading.decimal_text_or_none(payment, "monthlySum"),
                "from": reading.iso(start),
                "until": reading.iso(until),
            },
            source=query.source,
            valid_from=start,
            valid_to=until,
        )
