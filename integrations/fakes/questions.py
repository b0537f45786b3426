"""
How strictly the mock gateway reads a question: schema, random message ids, rules for the business body.

Written apart from what builds the questions; only the schema of `integrations/schemas/` is shared.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from integrations.fakes.manners import MANNERS
from integrations.fakes.tellings import Asked
from integrations.gateway import schema

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES: Final = "http://bip.bee.kz/SyncChannel/v10/Types"
CONSENT_SERVICE: Final = "KDP_SERVICE"
CONSENT: Final = "kdp"
"""Stands for the consent service where other questions name their system."""

BY_SERVICE: Final = {manner.service_id: code for code, manner in MANNERS.items()} | {CONSENT_SERVICE: CONSENT}
_REQUEST: Final = f"{{{SOAP}}}Body/{{{TYPES}}}SendMessage/request"
_IIN: Final = re.compile(r"[0-9]{12}", re.ASCII)
# In the order of what they say about the sender.
_TOKENS: Final = (("kdpToken", "publicKey"), ("InfoAbtToken/tokens/code", "InfoAbtToken/tokens/publicKey"))


class Refused(Exception):
    """The question breaks the envelope's rules; `code` goes into the fault."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that keeps all rules of form; whether its message id is new, its reader has to know."""

    source: str
    message_id: str
    correlation_id: str
    asked: Asked


def read(root: etree._Element) -> Question:
    """:raises Refused: if the question breaks a rule."""
    request = root.find(_REQUEST)
    if request is None:
        raise Refused("VAL-JSR-001", "no SendMessage/request with unqualified elements in the body")
    breach = schema.first_breach(root)
    if breach is not None:
        raise Refused("VAL-JSR-001", breach)
    message_id = _message_id(_text(request, "requestInfo/messageId"))
    correlation_id = _text(request, "requestInfo/correlationId")
    if not correlation_id:
        raise Refused("VAL-JSR-001", "correlationId: empty")
    source = BY_SERVICE.get(_text(request, "requestInfo/serviceId"))
    if source is None:
        raise Refused("SBF-VE-8", "serviceId: unknown")
    data = request.find("requestData/data")
    if data is None or len(data) != 1:
        raise Refused("VAL-JSR-001", "data: one element with the business body expected")
    return Question(
        source=source, message_id=message_id, correlation_id=correlation_id, asked=_asked(source, data[0])
    )


def parse(raw: bytes) -> etree._Element:
    """:raises Refused: if the bytes are no XML, or hold a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        raise Refused("VAL-JSR-001", "not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("VAL-JSR-001", "DOCTYPE is not allowed")
    return root


def _message_id(value: str) -> str:
    try:
        parsed = uuid.UUID(value)
    except ValueError:
        raise Refused("VAL-JSR-001", "messageId: not a UUID") from None
    if str(parsed) != value or parsed.version != 4:
        raise Refused("VAL-JSR-001", "messageId: not a random UUID in lower case")
    return value


def _asked(source: str, body: etree._Element) -> Asked:
    iin = _text(body, "uin") if source == CONSENT else _text(body, "iin")
    if source == "ekyzmet" and _text(body, "key") == "iin":
        iin = _text(body, "value")
    if not _IIN.fullmatch(iin):
        raise Refused("VAL-JSR-001", "data: no IIN of twelve digits")
    code, public_key = next(
        ((_text(body, code), _text(body, key)) for code, key in _TOKENS if _text(body, code)), ("", "")
    )
    return Asked(
        iin=iin,
        start=_day(body, "dateFrom"),
        until=_day(body, "dateTo"),
        rka=_text(body, "rka"),
        token=code,
        public_key=public_key,
        service=_text(body, "access_name"),
        expires_in=_milliseconds(body) if source == CONSENT else 0,
    )


def _milliseconds(body: etree._Element) -> int:
    value = _text(body, "expiresIn")
    if not (value.isascii() and value.isdigit()) or not 0 < int(value[:12]) <= 132_000_000:
        raise Refused("VAL-JSR-001", "data/expiresIn: from 1 to 132000000 milliseconds")
    return int(value)


def _day(body: etree._Element, name: str) -> date | None:
    value = _text(body, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Refused("VAL-JSR-001", f"data/{name}: not a date") from None


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
