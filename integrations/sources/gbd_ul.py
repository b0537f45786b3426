"""State database of legal persons (ГБД ЮЛ): founders and heads."""

from collections.abc import Iterator
from typing import Final

from integrations.contract import Answer, ConsentToken, Fact, Query
from integrations.sources import reading, requests
from integrations.sources.definitions import DEFINITIONS

LAYOUT: Final = reading.Layout(code="status/code", message="status/nameRu")


def build(query: Query, token: ConsentToken | None) -> bytes:
    """Ask for the organizations that a person founded or heads; the consent token goes inside."""
    tokens = {"code": token.code, "publicKey": token.public_key} if token else {}
    inner = requests.element("InfoAbtToken", {}, inside=requests.element("tokens", tokens)) if token else b""
    return requests.element("affiliationRequest", {"iin": query.iin}, inside=inner)


def parse(raw: bytes, query: Query) -> Answer:
    """Return STATUS founder for every organization."""
    return reading.answer(raw, query, definition=DEFINITIONS["gbd_ul"], layout=LAYOUT, facts=_facts)


def _facts(body: reading.Element, query: Query) -> Iterator[Fact]:
    yield from reading.statuses(
        body, query, path="organizations/organization", code="founder", start="regDate", until="endDate"
    )
