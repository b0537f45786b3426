"""Pension contributions (ЕНПФ): income by month, as employers reported it."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, FactKind, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="responseCode", message="responseMessage")
MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the income of the months that begin inside the period."""
    number = {"requestNumber": query.key[:20], "requestType": "1"}
    return requests.element("getPensionInfo", {"iin": query.iin, **number, **requests.span(query)})


def parse(raw: bytes, query: Query) -> Answer:
    """Return one INCOME_MONTH for every month that has a contribution: the sum over all payers."""
    return reading.answer(raw, query, definition=DEFINITIONS["enpf"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    for month, amount in sorted(_sums(body).items()):
        yield Fact(
            kind=FactKind.INCOME_MONTH,
            subject_iin=query.iin,
            value={"month": month, "amount": str(amount)},
            source=query.source,
            source_record_id=month,
        )


def _sums(body: reading.Element) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for month, _payer, amount in dict.fromkeys(
        map(_contribution, reading.items(body, "contributions/contribution"))
    ):
        sums[month] = sums.get(month, Decimal(0)) + Decimal(amount)
    return sums


def _contribution(item: reading.Element) -> tuple[str, str, str]:
    month = reading.required(item, "month")
    if not MONTH.fullmatch(month):
        raise reading.Malformed("contribution/month: not a month")
    return month, reading.required(item, "payerBin"), reading.decimal_text(item, "base")
