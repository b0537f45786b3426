"""
The state gateway as a process of its own: speaks the envelope over HTTP and answers from an invented world.

It is as strict as the real one: an envelope that breaks the schema, a message id that is fixed or was used
before, a date without an offset, a missing or bad signature where keys are set: each is refused with a fault.
It keeps nothing, needs no database, logs every question as a line of JSON, and logs no IIN.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web

from integrations.contract import Signature
from integrations.fakes import answers, questions, tokens
from integrations.fakes.faults import NO_FAULTS, Fault, Profile, SourceFaults
from integrations.fakes.manners import MANNERS
from integrations.fakes.questions import CONSENT, SOAP, TYPES, Question, Refused
from integrations.fakes.tellings import Asked
from integrations.fakes.world import World
from integrations.gateway.signing import Signatures

ALMATY: Final = timezone(timedelta(hours=5))
REQUEST_LIMIT: Final = 64 * 1024
RETRY_AFTER_S: Final = 2
HOLD_S: Final = 600

KDP: Final = "http://service.2fa-chain.kz/ns/kdp"

_HTML: Final = "<html><head><title>502</title></head><body>Bad gateway<br>Please try later</body></html>"
_BAD_SIGNATURE: Final = (
    '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>AAAA</ds:SignatureValue>'
    "</ds:Signature></wsse:Security>"
)


@dataclass(slots=True, kw_only=True)
class Gateway:
    """State of one process: what it answers from, what it has been asked, where it writes its log."""

    world: World
    profile: Profile
    log: Callable[[str], object]
    clock: Callable[[], datetime]
    signatures: Signatures | None = None
    log_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    seen_message_ids: set[str] = field(default_factory=set)
    turns: Counter[str] = field(default_factory=Counter)
    iins: list[str] = field(default_factory=list)
    office: tokens.TokenOffice = field(init=False)
    started_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Keep the IINs in order, to pick a wrong person from; open the consent service."""
        self.iins = list(self.world.lines)
        self.office = tokens.TokenOffice(key=self.log_key)
        self.started_at = self.clock()

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
        rates = self._rates(question.source)
        if rates.latency_ms:
            await asyncio.sleep(rates.latency_ms / 1000)
        refused = self._out_of_order(question, rates)
        if refused is not None:
            return refused
        # The consent service is asked under a new id each time: for it, the person and the service count.
        asked = question.asked
        what = f"{asked.iin}/{asked.service}" if question.source == CONSENT else question.correlation_id
        turn = self.turns[what]
        self.turns[what] += 1
        # Drawn by person, not by correlation id: the same profile hits the same people whoever asks.
        drawn = question.source in self.profile.sources
        fault = self.profile.draw(question.source, question=asked.iin, turn=turn) if drawn else None
        return await self._respond(question, fault)

    def _out_of_order(self, question: Question, rates: SourceFaults) -> web.Response | None:
        """Answer for a system that is down or in maintenance; None if it works."""
        left = rates.seconds_of_maintenance_left(self._elapsed())
        if left:
            self._record_question(question, "maintenance")
            words = "Maintenance: come back later"
            response = _fault("SCSE001", words, self.clock(), sub="SOURCE_UNAVAILABLE", status=503)
            response.headers["Retry-After"] = str(left)
            return response
        if rates.down:
            self._record_question(question, "down")
            return _fault("SCSE001", "Service call failed", self.clock(), sub="SOURCE_UNAVAILABLE")
        return None

    def _rates(self, source: str) -> SourceFaults:
        return self.profile.sources.get(source, NO_FAULTS)

    def _elapsed(self) -> float:
        return (self.clock() - self.started_at).total_seconds()

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
        document, code = self._answer(question, replace(asked, iin=who))
        self._record_question(question, fault.value if fault else code)
        return web.Response(
            body=self._enveloped(question, document, fault), content_type="text/xml", charset="utf-8"
        )

    def _enveloped(self, question: Question, document: str, fault: Fault | None) -> bytes:
        is_bad = fault is Fault.BAD_SIGNATURE
        header = _BAD_SIGNATURE if is_bad and self.signatures is None else ""
        content = envelope(question, document, self.clock(), header=header).encode()
        if self.signatures is not None:
            content = self.signatures.sign(content)
        if is_bad:
            # Changed after signing, as by somebody on the way.
            content = content.replace(b"successfully", b"Successfully")
        return content[: len(content) // 2] if fault is Fault.TRUNCATED else content

    def _answer(self, question: Question, asked: Asked) -> tuple[str, str]:
        if question.source == CONSENT:
            return self._give_token(question.asked)
        manner, person = MANNERS[question.source], self.world.get_person(asked.iin)
        refusal = ""
        if self._has_withdrawn(question):
            refusal = manner.no_consent
        elif manner.expired_code:
            state = self.office.check(
                asked.token,
                public_key=asked.public_key,
                iin=question.asked.iin,
                service=manner.service_id,
                at=self.clock(),
            )
            refused = {tokens.State.NONE: manner.no_consent, tokens.State.EXPIRED: manner.expired_code}
            refusal = refused.get(state, "")
        return answers.body(manner, person, asked, as_of=self.world.as_of, refusal=refusal)

    def _has_withdrawn(self, question: Question) -> bool:
        """Return whether the person asked about has taken their consent back."""
        rates = self._rates(question.source)
        return bool(rates.withdrawn) and self.profile.has_withdrawn(
            question.source, iin=question.asked.iin, elapsed=self._elapsed()
        )

    def _give_token(self, asked: Asked) -> tuple[str, str]:
        """Answer of the consent service: a token for a person and a service, or that there is no consent."""
        person = self.world.get_person(asked.iin)
        has_consent = person is None or person.consent
        code = "VALID" if has_consent else "INVALID"
        inner = f"<status>{code}</status><uin>{escape(asked.iin)}</uin>"
        if has_consent:
            token = self.office.give(asked.iin, asked.service, expires_in=asked.expires_in, at=self.clock())
            inner += (
                f"<code>{token}</code><public-key>{tokens.PUBLIC_KEY}</public-key>"
                f"<expiresIn>{asked.expires_in}</expiresIn>"
            )
        name = "kdp:getUserDataResponse"
        return f'<data><{name} xmlns:kdp="{KDP}">{inner}</{name}></data>', code

    def _somebody_else(self, iin: str) -> str:
        """Return another person of the world; an IIN of nobody if there is no other."""
        if len(self.iins) < 2:
            return "111111111111"
        start = int.from_bytes(hashlib.sha256(iin.encode()).digest()[:6]) % len(self.iins)
        return self.iins[start] if self.iins[start] != iin else self.iins[(start + 1) % len(self.iins)]

    def accept(self, raw: bytes) -> Question:
        """:raises Refused: if the question breaks a rule, or its message id was used before."""
        root = questions.parse(raw)
        if self.signatures is not None:
            verified = self.signatures.verify(raw, at=self.clock())
            if verified.signature is not Signature.VALID:
                raise Refused("SBF-AD-1", f"signature: {verified.signature.lower()}")
        question = questions.read(root)
        if question.message_id in self.seen_message_ids:
            raise Refused("VAL-R-004", "messageId: used before")
        self.seen_message_ids.add(question.message_id)
        return question

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


def _fault(code: str, message: str, at: datetime, *, sub: str = "", status: int = 500) -> web.Response:
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
    return web.Response(status=status, body=content.encode(), content_type="text/xml", charset="utf-8")
