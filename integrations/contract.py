"""
The contract between us and every other state system: what is asked, what may come back, who translates.

Pure: no Django, no network, no clock. `Query` goes out, `Answer` with `Fact`s comes in. Only the outcomes
FOUND and NOT_FOUND_CONFIRMED may ever ground an eligibility decision: a failed call is not a negative fact.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

Plain = str | int | None
FactValue = Mapping[str, Plain]


class Outcome(StrEnum):
    """What an exchange with a source came to."""

    FOUND = "FOUND"
    NOT_FOUND_CONFIRMED = "NOT_FOUND_CONFIRMED"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    NO_CONSENT = "NO_CONSENT"
    CONSENT_EXPIRED = "CONSENT_EXPIRED"
    ACCESS_DENIED = "ACCESS_DENIED"
    TEMPORARY = "TEMPORARY"
    RATE_LIMITED = "RATE_LIMITED"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    CONTRACT_VIOLATION = "CONTRACT_VIOLATION"
    PERMANENT = "PERMANENT"


CONFIRMED = frozenset({Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED})
"""The only outcomes that say something about the person; all others mean "unknown"."""

WITHOUT_CONSENT = frozenset({Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED})
"""The system may not tell: a newer consent lets it be asked again."""


class FactKind(StrEnum):
    """
    What a fact is about; the shape of its `value` (dates are ISO strings or None, money and areas decimal
    strings).

    - PERSON {last, first, middle, birth_date, death_date, sex: m|f, citizenship: ISO 3166 alpha-3};
      middle is "" when there is none, valid_from is the birth date.
    - REGISTRATION {kato, rka, since}; all three None = the register knows the person and no registration of
      them.
    - KINSHIP {iin, relation: spouse|child|parent, since, until}: who the other person is to the subject.
    - PROPERTY_RIGHT {cadastral, rka, kind: dwelling|…, kato, area: m², share: "1" or "1/2", acquired,
      disposed}.
    - ADDRESS {rka, kato}.
    - INCOME_MONTH {month: "2026-08", amount: tenge}.
    - BENEFIT {kind, amount: tenge a month or None, from, until}.
    - STATUS {code, from, until}; `SourceDefinition.statuses` lists the codes a source may give.
    - DISABILITY {group: 1|2|3|"child", from, until}.
    """

    PERSON = "PERSON"
    REGISTRATION = "REGISTRATION"
    KINSHIP = "KINSHIP"
    PROPERTY_RIGHT = "PROPERTY_RIGHT"
    ADDRESS = "ADDRESS"
    INCOME_MONTH = "INCOME_MONTH"
    BENEFIT = "BENEFIT"
    STATUS = "STATUS"
    DISABILITY = "DISABILITY"


class Lane(StrEnum):
    """INTERACTIVE (a person waits at a screen) goes before BULK."""

    INTERACTIVE = "INTERACTIVE"
    BULK = "BULK"


class Signature(StrEnum):
    """State of the signature over an answer."""

    VALID = "VALID"
    ABSENT = "ABSENT"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDefinition:
    """
    One state system as data; the number of systems is the number of rows in `sources/definitions.toml`.

    `answers` and `statuses` say what the system is the deciding source of: after a confirmed outcome, a
    kind or code listed there and not given is confirmed absent. `rate_per_s` and `concurrency` are what its
    owner allows, `maintenance_windows` the times of day (in Almaty) in which it is left alone.
    `needs_token`: it answers only with a token of the consent service. `dead_letter_owner` looks after
    questions that were given up. If more than `flip_share` of its answers of a `flip_window`, at least
    `flip_minimum` of them, turn against people who were eligible, it is held until a person looked.
    """

    code: str
    title_kk: str
    title_ru: str
    owner: str
    service_id: str
    contract_version: str
    operations: tuple[str, ...]
    answers: frozenset[FactKind]
    statuses: frozenset[str]
    consent_scope: str
    consent_required: bool
    ttl: timedelta
    ttl_before_allocation: timedelta
    expected_lag: timedelta
    rate_per_s: int
    concurrency: int
    timeout: timedelta
    max_attempts: int
    deadline: timedelta
    code_map: Mapping[str, Outcome]
    needs_token: bool
    maintenance_windows: tuple[tuple[time, time], ...]
    dead_letter_owner: str
    enabled: bool
    flip_share: Fraction
    flip_window: timedelta
    flip_minimum: int

    def is_in_maintenance(self, local: time) -> bool:
        """Return whether a time of day lies in a window, also in one that goes past midnight."""
        return any(
            start <= local < end if start < end else local >= start or local < end
            for start, end in self.maintenance_windows
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Half-open span of days: `until` is the first day outside."""

    start: date
    until: date

    def __post_init__(self) -> None:
        """:raises ValueError: if the period has no day."""
        if self.start >= self.until:
            raise ValueError("period: start must be before until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """
    One question about one person to one source.

    `bucket` names the check it belongs to (say "2026-09"): the same person asked again for the same
    purpose, period and bucket is the same question, whoever asks. `reference` is what else the question
    names, e.g. an RKA. An empty `operation` means the first one of the source.
    """

    source: str
    iin: str = field(repr=False)
    purpose: str
    bucket: str
    operation: str = ""
    reference: str = ""
    period: Period | None = None
    consent_ref: str = ""
    requested_by: str = ""
    lane: Lane = Lane.BULK
    contract_version: str = "1"

    @property
    def key(self) -> str:
        """Idempotency key, also the correlation id: 64 hexadecimal digits."""
        span = f"{self.period.start}/{self.period.until}" if self.period else ""
        parts = (
            self.source,
            self.contract_version,
            self.operation,
            self.iin,
            self.reference,
            self.purpose,
            span,
        )
        return hashlib.sha256("\x1f".join((*parts, self.bucket)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentToken:
    """What the consent service gave for one person and one service; travels with the question."""

    code: str = field(repr=False)
    public_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing a source said of a person; `valid_to` is exclusive, None = open."""

    kind: FactKind
    subject_iin: str = field(repr=False)
    value: FactValue = field(repr=False)
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    source_record_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renumbered:
    """
    The register's own word that the number asked about is a former one: whose, and what his number is now.

    No fact about anybody: a person looks at it, and another one approves it.
    """

    iin: str = field(repr=False)
    last: str = field(repr=False)
    first: str = field(repr=False)
    middle: str = field(repr=False)
    birth_date: date = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What came of a question. `facts` is empty unless the outcome is FOUND; `renumbered` is only set beside
    IDENTITY_MISMATCH.

    `raw_code` is the other side's code, or ours in capitals where it gave none (TIMEOUT, HTTP_500, NOT_XML
    …). `source_as_of` is the moment for which the source vouches; `fetched_at` is filled in by whoever held
    the clock.
    """

    key: str
    outcome: Outcome
    raw_code: str
    raw_message: str = field(default="", repr=False)
    facts: tuple[Fact, ...] = ()
    renumbered: Renumbered | None = None
    source_as_of: datetime | None = None
    fetched_at: datetime | None = None
    message_id: str = ""
    correlation_id: str = ""
    session_id: str = ""
    envelope_sha256: str = ""
    signature: Signature = Signature.ABSENT
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An envelope ready to be sent."""

    source: str
    body: bytes = field(repr=False)
    message_id: str
    correlation_id: str
    timeout: timedelta


class Failure(StrEnum):
    """Why there is no HTTP answer at all."""

    UNREACHABLE = "UNREACHABLE"
    TIMEOUT = "TIMEOUT"
    BROKEN_OFF = "BROKEN_OFF"
    TOO_LARGE = "TOO_LARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """What the network gave: either `failure`, or `status` with `body`. `elapsed` counts from sending."""

    message_id: str
    elapsed: timedelta
    failure: Failure | None = None
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    retry_after: timedelta | None = None


class SourceAdapter(Protocol):
    """Translator of one system; both functions are pure, `parse` is total."""

    @property
    def definition(self) -> SourceDefinition:
        """The system as data."""

    def build(self, query: Query, token: ConsentToken | None) -> bytes:
        """Return the business body of the question, one XML element in UTF-8."""

    def parse(self, raw: bytes, query: Query) -> Answer:
        """Return what the envelope `raw` says; never raises, whatever the bytes are."""


class Transport(Protocol):
    """The only place with network."""

    def is_reachable(self) -> bool:
        """Return whether the gateway accepts connections at this moment."""

    def send(self, messages: Sequence[Message]) -> None:
        """Let messages go; what comes of them is handed out by `receive`."""

    def receive(self, *, enough: int, patience: timedelta) -> list[RawReply]:
        """
        Return the replies that came, each once: when there are `enough`, when none is awaited, or when
        patience is over. Network errors are replies, never exceptions.
        """
