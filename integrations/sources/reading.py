"""
Reading an answer: the way from envelope to outcome is the same for every system, only the fields differ.

A source module says where its result code and its echo of the IIN stand, and turns its own fields into
facts with the readers below, which raise `Malformed` on anything that breaks the system's contract.
`answer` makes that total.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Final, TypeAlias

from lxml.etree import _Element

from integrations.contract import (
    Answer,
    Fact,
    FactKind,
    Outcome,
    Query,
    Renumbered,
    Signature,
    SourceDefinition,
)
from integrations.gateway import envelope

NIL: Final = f"{{{envelope.XSI}}}nil"
_DECIMAL: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?", re.ASCII)
_IIN: Final = re.compile(r"[0-9]{12}", re.ASCII)

Element: TypeAlias = _Element


class Malformed(ValueError):
    """A field breaks the system's contract; names the field, never its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a system's business body keeps its result code and message, and whom it says it speaks of."""

    code: str
    message: str = ""
    echo: str = "iin"
    as_of: str = "actualDate"


FactReader = Callable[[Element, Query], Iterable[Fact]]
RenumberedReader = Callable[[Element, Query], Renumbered | None]


def answer(
    raw: bytes,
    query: Query,
    *,
    definition: SourceDefinition,
    layout: Layout,
    facts: FactReader,
    renumbered: RenumberedReader | None = None,
) -> Answer:
    """
    Return what an envelope says. Total: whatever the bytes are, the answer is an outcome, never an exception.

    `renumbered` reads whether an answer about another number says that the asked one was that person's.
    """
    result = Answer(
        key=query.key,
        outcome=Outcome.CONTRACT_VIOLATION,
        raw_code="",
        correlation_id=query.key,
        envelope_sha256=hashlib.sha256(raw).hexdigest(),
    )
    try:
        opened = envelope.open_envelope(raw)
    except envelope.EnvelopeError as error:
        return replace(result, raw_code=error.code)
    result = replace(result, session_id=opened.session_id, raw_message=opened.status_message)
    if opened.is_signed:
        # No key to verify with: a signature nobody checked is no signature.
        return replace(result, raw_code="SIGNATURE_NOT_VERIFIED", signature=Signature.INVALID)
    if opened.is_fault:
        return _from_fault(result, opened.fault_codes, definition)
    if opened.correlation_id not in {"", query.key}:
        return replace(result, raw_code="OTHER_CORRELATION", correlation_id=opened.correlation_id)
    if opened.status_code != envelope.PROCESSED:
        outcome = definition.code_map.get(opened.status_code, Outcome.CONTRACT_VIOLATION)
        # The gateway's own status can't confirm anything about a person; only the system's body can.
        trusted = outcome not in {Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED}
        return replace(
            result, raw_code=opened.status_code, outcome=outcome if trusted else Outcome.CONTRACT_VIOLATION
        )
    if opened.body is None:
        return replace(result, raw_code="NO_DATA")
    return _from_body(
        result,
        opened.body,
        query,
        definition=definition,
        layout=layout,
        facts=facts,
        renumbered=renumbered,
    )


def _renumbered_or_none(read: RenumberedReader | None, body: Element, query: Query) -> Renumbered | None:
    try:
        return read(body, query) if read is not None else None
    except Malformed:
        return None


def _from_fault(result: Answer, codes: tuple[str, ...], definition: SourceDefinition) -> Answer:
    """Take the innermost code that the system's map knows; a fault nobody explains is worth asking again."""
    known = [code for code in reversed(codes) if code in definition.code_map]
    outcome = definition.code_map[known[0]] if known else Outcome.TEMPORARY
    if outcome in {Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED}:
        outcome = Outcome.CONTRACT_VIOLATION
    shown = known[0] if known else (codes[-1] if codes else "FAULT")
    return replace(result, outcome=outcome, raw_code=shown)


def _from_body(
    result: Answer,
    body: Element,
    query: Query,
    *,
    definition: SourceDefinition,
    layout: Layout,
    facts: FactReader,
    renumbered: RenumberedReader | None,
) -> Answer:
    code = envelope.text(body, layout.code)
    message = envelope.text(body, layout.message) if layout.message else result.raw_message
    result = replace(result, raw_code=code[:40] or "NO_CODE", raw_message=message[:250])
    outcome = definition.code_map.get(code, Outcome.CONTRACT_VIOLATION)
    echo = envelope.text(body, layout.echo)
    if echo not in {"", query.iin}:
        said = _renumbered_or_none(renumbered, body, query) if outcome is Outcome.FOUND else None
        return replace(result, outcome=Outcome.IDENTITY_MISMATCH, renumbered=said)
    if outcome is not Outcome.FOUND:
        return replace(result, outcome=outcome, source_as_of=_moment_or_none(body, layout.as_of))
    if not echo:
        return replace(result, outcome=Outcome.CONTRACT_VIOLATION, raw_code="NO_ECHO")
    try:
        found = _without_repeats(facts(body, query))
        as_of = moment(body, layout.as_of)
    except Malformed as error:
        return replace(
            result, outcome=Outcome.CONTRACT_VIOLATION, raw_code="MALFORMED", raw_message=str(error)[:250]
        )
    if not found:
        return replace(result, outcome=Outcome.CONTRACT_VIOLATION, raw_code="NOTHING_INSIDE")
    return replace(result, outcome=Outcome.FOUND, facts=found, source_as_of=as_of)


def _without_repeats(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Drop records that a system gives twice."""
    return tuple(
        {
            (fact.kind, fact.source_record_id, *sorted(fact.value.items(), key=_name)): fact for fact in facts
        }.values()
    )


def _name(item: tuple[str, object]) -> str:
    return item[0]


def required(element: Element, path: str) -> str:
    """
    Return the text at a path.

    :raises Malformed: if it is missing or empty.
    """
    value = envelope.text(element, path)
    if not value:
        raise Malformed(f"{path}: missing")
    return value


def items(element: Element, path: str) -> list[Element]:
    """Return the elements at a path of local names; one or many, the system does not say which."""
    return element.findall(envelope.any_namespace(path))


def day(element: Element, path: str) -> date | None:
    """
    Return a date ("2024-02-29", a time behind it is dropped), None if there is none.

    :raises Malformed: if the text is no date.
    """
    value = envelope.text(element, path)
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise Malformed(f"{path}: not a date") from error


def required_day(element: Element, path: str) -> date:
    """
    Return a date.

    :raises Malformed: if there is none.
    """
    value = day(element, path)
    if value is None:
        raise Malformed(f"{path}: missing")
    return value


def moment(element: Element, path: str) -> datetime | None:
    """
    Return an aware moment, None if there is none.

    :raises Malformed: if the text is no moment or has no UTC offset.
    """
    value = envelope.text(element, path)
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise Malformed(f"{path}: no UTC offset")
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{path}: not a moment") from error


def _moment_or_none(element: Element, path: str) -> datetime | None:
    try:
        return moment(element, path)
    except Malformed:
        return None


def iin(element: Element, path: str) -> str:
    """
    Return an IIN as written; only its form is looked at.

    :raises Malformed: if it is not twelve ASCII digits.
    """
    value = required(element, path)
    if not _IIN.fullmatch(value):
        raise Malformed(f"{path}: not twelve digits")
    return value


def decimal_text(element: Element, path: str) -> str:
    """
    Return a non-negative decimal as it was written.

    :raises Malformed: if it is missing or no such number.
    """
    value = required(element, path)
    if not _DECIMAL.fullmatch(value):
        raise Malformed(f"{path}: not a decimal number")
    return value


def decimal_text_or_none(element: Element, path: str) -> str | None:
    """Return a non-negative decimal as it was written, None if there is none; see `decimal_text`."""
    return decimal_text(element, path) if envelope.text(element, path) else None


def share(element: Element, numerator: str, denominator: str) -> str:
    """
    Return a share as "1" or "1/3", above 0 and at most 1, in lowest terms.

    :raises Malformed: if the two numbers make no such share.
    """
    above, below = required(element, numerator), required(element, denominator)
    if not (_DECIMAL.fullmatch(above) and above.isdigit() and _DECIMAL.fullmatch(below) and below.isdigit()):
        raise Malformed(f"{numerator}: not a whole number")
    if not 0 < int(above) <= int(below):
        raise Malformed(f"{numerator}: share out of range")
    return str(Fraction(int(above), int(below)))


def iso(value: date | None) -> str | None:
    """Return a date as text."""
    return value.isoformat() if value else None


def status(query: Query, *, code: str, start: date | None, until: date | None) -> Fact:
    """Return the fact that a person has a status from a day (None = not said) to a day (None = still)."""
    return Fact(
        kind=FactKind.STATUS,
        subject_iin=query.iin,
        value={"code": code, "from": iso(start), "until": iso(until)},
        source=query.source,
        valid_from=start,
        valid_to=until,
    )


def statuses(element: Element, query: Query, *, path: str, code: str, start: str, until: str) -> list[Fact]:
    """Return one status with one code for each item at a path, dated by its fields `start` and `until`."""
    return [
        status(query, code=code, start=day(item, start), until=day(item, until))
        for item in items(element, path)
    ]
