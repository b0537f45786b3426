"""
The state gateway as a process of its own: speaks the envelope over HTTP and answers from an invented world.

It is as strict as the real one: an envelope that breaks the schema, a message id used before or a date
without an offset is refused with a fault. It keeps nothing, needs no database and logs no IIN.
"""

import asyncio
import hashlib
import hmac
import json
import re
import secrets
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web
from lxml import etree

from integrations.fakes import answers
from integrations.fakes.answers import MANNERS, Asked
from integrations.fakes.faults import Fault, Profile
from integrations.fakes.world import World

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES: Final = "http://bip.bee.kz/SyncChannel/v10/Types"
ALMATY: Final = timezone(timedelta(hours=5))
REQUEST_LIMIT: Final = 64 * 1024
RETRY_AFTER_S: Final = 2
HOLD_S: Final = 600
BY_SERVICE: Final = {manner.service_id: code for code, manner in MANNERS.items()}

_IIN: Final = re.compile(r"[0-9]{12}", re.ASCII)
_HTML: Final = "<html><head><title>502</title></head><body>Bad gateway<br>Please try later</body></html>"
_BAD_SIGNATURE: Final = (
    '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>AAAA</ds:SignatureValue>'
    "</ds:Signature></wsse:Security>"
)


class Refused(Exception):
    """The question breaks the envelope's rules; `code` goes into the fault."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that passed all checks."""

    source: str
    message_id: str
    correlation_id: str
    asked: Asked


@dataclass(slots=True, kw_only=True)
class Gateway:
    """State of one process: what it answers from, what it has been asked, where it writes its log."""

    world: World
    profile: Profile
    log: Callable[[str], object]
    clock: Callable[[], datetime]
    log_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    seen_message_ids: set[str] = field(default_factory=set)
    turns: Counter[str] = field(default_factory=Counter)
    iins: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Keep the IINs in order, to pick a wrong person from."""
        self.iins = list(self.world.lines)

    def application(self) -> web.Application:
        """Return the web application: questions are posted to any path, `/healthz` says that it lives."""
        app = web.Application(client_max_size=REQUEST_LIMIT)
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/{path:.*}", self._handle)
        return app

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "people": len(self.world.lines), "sources": len(MANNERS)})

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            question = self.accept(await request.read())
        except Refused as refusal:
            self._record("gateway.refused", code=refusal.code, reason=str(refusal))
            return _fault(refusal.code, str(refusal), self.clock())
        rates = self.profile.sources[question.source]
        if rates.latency_ms:
            await asyncio.sleep(rates.latency_ms / 1000)
        if rates.down:
            self._record_question(question, "down")
            return _fault("SCSE001", "Service call failed", self.clock(), sub="SOURCE_UNAVAILABLE")
        turn = self.turns[question.correlation_id]
        self.turns[question.correlation_id] += 1
        # Drawn by person, not by correlation id: the same profile hits the same people whoever asks.
        fault = self.profile.draw(question.source, question=question.asked.iin, turn=turn)
        return await self._respond(question, fault)

    async def _respond(self, question: Question, fault: Fault | None) -> web.Response:
        if fault is Fault.TIMEOUT:
            self._record_question(question, fault.value)
            await asyncio.sleep(HOLD_S)
        if fault in {Fault.TIMEOUT, Fault.HTTP_500}:
            self._record_question(question, Fault.HTTP_500.value)
            return web.Response(status=500, text="Internal Server Error")
        if fault is Fault.RATE_LIMITED:
            self._record_question(question, fault.value)
            return web.Response(status=429, text="", headers={"Retry-After": str(RETRY_AFTER_S)})
        if fault is Fault.HTML_200:
            self._record_question(question, fault.value)
            return web.Response(text=_HTML, content_type="text/html")
        asked = question.asked
        who = self._somebody_else(asked.iin) if fault is Fault.WRONG_PERSON else asked.iin
        document, code = self._answer(
            question, Asked(iin=who, start=asked.start, until=asked.until, rka=asked.rka)
        )
        self._record_question(question, fault.value if fault else code)
        header = _BAD_SIGNATURE if fault is Fault.BAD_SIGNATURE else ""
        content = envelope(question, document, self.clock(), header=header).encode()
        if fault is Fault.TRUNCATED:
            content = content[: len(content) // 2]
        return web.Response(body=content, content_type="text/xml", charset="utf-8")

    def _answer(self, question: Question, asked: Asked) -> tuple[str, str]:
        manner = MANNERS[question.source]
        return answers.body(manner, self.world.get_person(asked.iin), asked, as_of=self.world.as_of)

    def _somebody_else(self, iin: str) -> str:
        """Return another person of the world; an IIN of nobody if there is no other."""
        if len(self.iins) < 2:
            return "111111111111"
        start = int.from_bytes(hashlib.sha256(iin.encode()).digest()[:6]) % len(self.iins)
        return self.iins[start] if self.iins[start] != iin else self.iins[(start + 1) % len(self.iins)]

    def accept(self, raw: bytes) -> Question:
        """:raises Refused: if the question breaks a rule."""
        info, data = _open(raw)
        message_id = _message_id(info)
        if message_id in self.seen_message_ids:
            raise Refused("VAL-R-004", "messageId: used before")
        source = BY_SERVICE.get(_text(info, "serviceId"))
        if source is None:
            raise Refused("SBF-VE-8", "serviceId: unknown")
        _check_info(info)
        asked = _asked(source, data)
        self.seen_message_ids.add(message_id)
        return Question(
            source=source, message_id=message_id, correlation_id=_text(info, "correlationId"), asked=asked
        )

    def _record_question(self, question: Question, answered: str) -> None:
        self._record(
            "gateway.asked",
            source=question.source,
            message_id=question.message_id,
            question=self._keyed(question.correlation_id),
            person=self._keyed(question.asked.iin),
            answered=answered,
        )

    def _record(self, event: str, **fields: str) -> None:
        self.log(json.dumps({"event": event, "at": self.clock().isoformat(), **fields}, ensure_ascii=False))

    def _keyed(self, value: str) -> str:
        """Return a digest that can be counted but not guessed: the key lives as long as the process."""
        return hmac.new(self.log_key, value.encode(), hashlib.sha256).hexdigest()[:24]


def _open(raw: bytes) -> tuple[etree._Element, etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        raise Refused("VAL-JSR-001", "not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("VAL-JSR-001", "DOCTYPE is not allowed")
    path = f"{{{SOAP}}}Body/{{{TYPES}}}SendMessage/request"
    request = root.find(path) if root.tag == f"{{{SOAP}}}Envelope" else None
    if request is None:
        raise Refused("VAL-JSR-001", "no SendMessage/request with unqualified elements in the body")
    info, data = request.find("requestInfo"), request.find("requestData/data")
    if info is None or data is None:
        raise Refused("VAL-JSR-001", "requestInfo and requestData/data are required")
    return info, data


def _message_id(info: etree._Element) -> str:
    value = _text(info, "messageId")
    try:
        parsed = uuid.UUID(value)
    except ValueError:
        raise Refused("VAL-JSR-001", "messageId: not a UUID") from None
    if str(parsed) != value or parsed.version != 4:
        raise Refused("VAL-JSR-001", "messageId: not a random UUID in lower case")
    return value


def _check_info(info: etree._Element) -> None:
    if not _text(info, "correlationId"):
        raise Refused("VAL-JSR-001", "correlationId: empty")
    if not _text(info, "sender/senderId"):
        raise Refused("VAL-JSR-001", "sender/senderId: empty")
    if _text(info, "sessionId"):
        raise Refused("VAL-JSR-001", "sessionId: is set by the gateway")
    try:
        moment = datetime.fromisoformat(_text(info, "messageDate"))
    except ValueError:
        raise Refused("VAL-JSR-001", "messageDate: not a dateTime") from None
    if moment.tzinfo is None:
        raise Refused("VAL-JSR-001", "messageDate: no UTC offset")
    for item in info.findall("properties"):
        if not 0 < len(_text(item, "key")) <= 30 or len(_text(item, "value")) > 500:
            raise Refused("VAL-JSR-001", "properties: key up to 30, value up to 500 characters")


def _asked(source: str, data: etree._Element) -> Asked:
    if len(data) != 1:
        raise Refused("VAL-JSR-001", "data: one element with the business body expected")
    body = data[0]
    iin = _text(body, "value") if source == "ekyzmet" and _text(body, "key") == "iin" else _text(body, "iin")
    if not _IIN.fullmatch(iin):
        raise Refused("VAL-JSR-001", "data: no IIN of twelve digits")
    return Asked(iin=iin, start=_day(body, "dateFrom"), until=_day(body, "dateTo"), rka=_text(body, "rka"))


def _day(body: etree._Element, name: str) -> date | None:
    value = _text(body, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Refused("VAL-JSR-001", f"data/{name}: not a date") from None


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def envelope(question: Question, document: str, at: datetime, *, header: str = "") -> str:
    """Return the answer around the element `data`."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{SOAP}">'
        f"<soap:Header>{header}</soap:Header>"
        f'<soap:Body><SendMessageResponse xmlns="{TYPES}"><response xmlns=""><responseInfo>'
        f"<messageId>{uuid.uuid4()}</messageId><correlationId>{escape(question.correlation_id)}</correlationId>"
        f"<responseDate>{at.astimezone(ALMATY).isoformat(timespec='seconds')}</responseDate>"
        "<status><code>SCSS001</code><message>Message has been processed successfully</message></status>"
        f"<sessionId>{{{uuid.uuid4()}}}</sessionId></responseInfo><responseData>{document}</responseData>"
        "</response></SendMessageResponse></soap:Body></soap:Envelope>"
    )


def _fault(code: str, message: str, at: datetime, *, sub: str = "") -> web.Response:
    date_ = f"<errorDate>{at.astimezone(ALMATY).isoformat(timespec='seconds')}</errorDate>"
    below = (
        f"<subError><errorCode>{sub}</errorCode><errorMessage>{sub}</errorMessage>{date_}</subError>"
        if sub
        else ""
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{SOAP}">'
        f"<soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>{escape(message)}</faultstring><detail>"
        f'<SendMessageFault1_SendMessageFault xmlns="{TYPES}"><ErrorInfo xmlns="">'
        f"<errorCode>{escape(code)}</errorCode><errorMessage>{escape(message)}</errorMessage>{date_}{below}</ErrorInfo>"
        "</SendMessageFault1_SendMessageFault></detail></soap:Fault></soap:Body></soap:Envelope>"
    )
    return web.Response(status=500, body=content.encode(), content_type="text/xml", charset="utf-8")
