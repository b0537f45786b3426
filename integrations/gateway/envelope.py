"""
The synchronous envelope of the state gateway (SOAP 1.1, one operation SendMessage); pure.

Inner elements are unqualified. `data` holds the business body in one of four forms: a typed element, fields
under an `xsi:type`, an XML document escaped as text, or nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

SIZE_LIMIT: Final = 2 * 1024 * 1024
FAULT_DEPTH_LIMIT: Final = 20
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES: Final = "http://bip.bee.kz/SyncChannel/v10/Types"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
SIGNATURE_TAG: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
PROCESSED: Final = "SCSS001"

_XML_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")


class EnvelopeError(ValueError):
    """The bytes are no envelope; `code` says why: TOO_LARGE, EMPTY, NOT_XML, DOCTYPE or NOT_ENVELOPE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """
    An answer taken out of its envelope.

    `fault_codes` runs from the outermost error to the innermost and is empty when there is no fault; `body`
    is the business body, None when `data` is missing or empty.
    """

    status_code: str = ""
    status_message: str = ""
    correlation_id: str = ""
    session_id: str = ""
    is_signed: bool = False
    body: etree._Element | None = None
    is_fault: bool = False
    fault_codes: tuple[str, ...] = ()


def wrap(
    body: bytes,
    *,
    message_id: str,
    correlation_id: str,
    service_id: str,
    message_date: datetime,
    sender_id: str,
    properties: Mapping[str, str] | None = None,
) -> bytes:
    """
    Return the request envelope around a business body (one XML element without declaration, UTF-8).

    :raises ValueError: if `message_date` is naive or a property is longer than the schema allows (30 and
    500).
    """
    if message_date.utcoffset() is None:
        raise ValueError("message_date: needs a UTC offset")
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header/>'
        f'<soapenv:Body><sync:SendMessage xmlns:sync="{TYPES}"><request xmlns=""><requestInfo>'
        f"<messageId>{escape(message_id)}</messageId><correlationId>{escape(correlation_id)}</correlationId>"
        f"<serviceId>{escape(service_id)}</serviceId>"
        f"<messageDate>{message_date.isoformat(timespec='seconds')}</messageDate>"
        f"<sender><senderId>{escape(sender_id)}</senderId></sender>{_properties(properties or {})}"
        "</requestInfo><requestData><data>"
    )
    tail = "</data></requestData></request></sync:SendMessage></soapenv:Body></soapenv:Envelope>"
    return head.encode() + body + tail.encode()


def _properties(properties: Mapping[str, str]) -> str:
    for key, value in properties.items():
        if len(key) > 30 or len(value) > 500:
            raise ValueError(f"properties.{key[:30]}: key up to 30, value up to 500 characters")
    return "".join(
        f"<properties><key>{escape(key)}</key><value>{escape(value)}</value></properties>"
        for key, value in properties.items()
    )


def open_envelope(raw: bytes) -> Opened:
    """
    Return the parts of an answer.

    :raises EnvelopeError: if the bytes are not a well-formed answer of the gateway.
    """
    root = parse_xml(raw)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise EnvelopeError("NOT_ENVELOPE")
    is_signed = next(root.iter(SIGNATURE_TAG), None) is not None
    body = root.find(f"{{{SOAP}}}Body")
    content = next(iter(body), None) if body is not None else None
    if content is None:
        raise EnvelopeError("NOT_ENVELOPE")
    if content.tag == f"{{{SOAP}}}Fault":
        codes = _fault_codes(content)
        return Opened(
            is_fault=True, is_signed=is_signed, fault_codes=codes, session_id=text(content, ".//sessionId")
        )
    response = content.find("{*}response")
    info = response.find("{*}responseInfo") if response is not None else None
    if response is None or info is None:
        raise EnvelopeError("NOT_ENVELOPE")
    return Opened(
        status_code=text(info, "status/code"),
        status_message=text(info, "status/message"),
        correlation_id=text(info, "correlationId"),
        session_id=text(info, "sessionId"),
        is_signed=is_signed,
        body=_business_body(response.find("{*}responseData/{*}data")),
    )


def parse_xml(raw: bytes) -> etree._Element:
    """
    Parse bytes of an unknown sender: no entities, no network, no DTD, limited size and depth.

    :raises EnvelopeError: TOO_LARGE, EMPTY, NOT_XML or DOCTYPE.
    """
    if len(raw) > SIZE_LIMIT:
        raise EnvelopeError("TOO_LARGE")
    if not raw.strip():
        raise EnvelopeError("EMPTY")
    # Refused before parsing, so that no entity is ever declared; asked again below for other encodings.
    if b"<!DOCTYPE" in raw:
        raise EnvelopeError("DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise EnvelopeError("NOT_XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise EnvelopeError("DOCTYPE")
    return root


def text(element: etree._Element, path: str) -> str:
    """Return the stripped text at a path of local names ("status/code"), "" if there is none."""
    found = element.find(any_namespace(path))
    return (found.text or "").strip() if found is not None else ""


@cache
def any_namespace(path: str) -> str:
    """Return a path of local names as one that finds them in whatever namespace ("{*}status/{*}code")."""
    return "/".join(step if step in {"", "."} else "{*}" + step for step in path.split("/"))


def _fault_codes(fault: etree._Element) -> tuple[str, ...]:
    codes: list[str] = []
    error = fault.find(".//{*}errorCode")
    holder = error.getparent() if error is not None else None
    while holder is not None and len(codes) < FAULT_DEPTH_LIMIT:
        codes.append(text(holder, "errorCode"))
        holder = holder.find("{*}subError")
    return tuple(code for code in codes if code)


def _business_body(data: etree._Element | None) -> etree._Element | None:
    if data is None:
        return None
    if len(data) == 0:
        inner = (data.text or "").strip()
        return parse_xml(_XML_DECLARATION.sub("", inner).encode()) if inner else None
    if len(data) > 1 or data.get(f"{{{XSI}}}type") is not None:
        return data
    return data[0]
