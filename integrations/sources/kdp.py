"""
The consent service (КДП): a token for one person and one service, without which some systems tell nothing.

No source of facts: its answers only open the way to one.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from integrations.contract import ConsentToken, Outcome
from integrations.gateway import envelope

SERVICE_ID: Final = "KDP_SERVICE"
NAMESPACE: Final = "http://service.2fa-chain.kz/ns/kdp"
# Of the two terms that were seen, the longer; the unit is taken for milliseconds.
TERM: Final = timedelta(milliseconds=132_000_000)
_CODES: Final = {
    "VALID": Outcome.FOUND,
    "INVALID": Outcome.NO_CONSENT,
    "EXPIRED": Outcome.CONSENT_EXPIRED,
    "DENIED": Outcome.ACCESS_DENIED,
}
_FAULTS: Final = {"SBF-AD-1": Outcome.ACCESS_DENIED, "VAL-JSR-001": Outcome.PERMANENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """What the consent service said; `token` is there exactly when the outcome is FOUND."""

    outcome: Outcome
    raw_code: str
    token: ConsentToken | None = field(default=None, repr=False)
    term: timedelta = TERM


def correlation_id(*, iin: str, service_id: str, message_id: str) -> str:
    """Return the id that the answer has to echo; another one for each request."""
    return hashlib.sha256(f"kdp\x1f{iin}\x1f{service_id}\x1f{message_id}".encode()).hexdigest()


def build(*, iin: str, service_id: str) -> bytes:
    """Ask for a token for a person and a service: on a legal ground, without an SMS to the person."""
    fields = {
        "uin": iin,
        "access_name": service_id,
        "personal_data_name": service_id,
        "expiresIn": str(TERM // timedelta(milliseconds=1)),
        "omit-sms": "true",
    }
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f'<kdp:getUserDataRequest xmlns:kdp="{NAMESPACE}">{inner}</kdp:getUserDataRequest>'.encode()


def parse(raw: bytes, *, iin: str, correlation_id: str) -> TokenAnswer:
    """Return what an envelope says. Total, and what is not clearly a token is none."""
    try:
        opened = envelope.open_envelope(raw)
    except envelope.EnvelopeError as error:
        return TokenAnswer(outcome=Outcome.CONTRACT_VIOLATION, raw_code=error.code)
    if opened.is_signed:
        return TokenAnswer(outcome=Outcome.CONTRACT_VIOLATION, raw_code="SIGNATURE_NOT_VERIFIED")
    if opened.is_fault:
        known = [code for code in reversed(opened.fault_codes) if code in _FAULTS]
        if known:
            return TokenAnswer(outcome=_FAULTS[known[0]], raw_code=known[0])
        return TokenAnswer(outcome=Outcome.TEMPORARY, raw_code="FAULT")
    if opened.correlation_id != correlation_id:
        return TokenAnswer(outcome=Outcome.CONTRACT_VIOLATION, raw_code="OTHER_CORRELATION")
    if opened.status_code != envelope.PROCESSED or opened.body is None:
        return TokenAnswer(outcome=Outcome.CONTRACT_VIOLATION, raw_code=opened.status_code[:40] or "NO_DATA")
    return _from_body(opened.body, iin)


def _from_body(body: etree._Element, iin: str) -> TokenAnswer:
    code = envelope.text(body, "status")
    outcome = _CODES.get(code, Outcome.CONTRACT_VIOLATION)
    if envelope.text(body, "uin") != iin:
        return TokenAnswer(outcome=Outcome.IDENTITY_MISMATCH, raw_code=code[:40])
    token = ConsentToken(code=envelope.text(body, "code"), public_key=envelope.text(body, "public-key"))
    if outcome is not Outcome.FOUND:
        return TokenAnswer(outcome=outcome, raw_code=code[:40] or "NO_CODE")
    if not token.code or not token.public_key:
        return TokenAnswer(outcome=Outcome.CONTRACT_VIOLATION, raw_code="NO_TOKEN")
    return TokenAnswer(outcome=outcome, raw_code=code, token=token, term=_term(body))


def _term(body: etree._Element) -> timedelta:
    """Return how long the token is good: never longer than was asked for."""
    said = envelope.text(body, "expiresIn")
    if not (said.isascii() and said.isdigit()):
        return TERM
    return min(timedelta(milliseconds=int(said[:12])), TERM)
