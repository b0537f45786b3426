"""
What the state systems said of one person, as frozen values that rules can read.

Named tuples, for a freeze makes millions: to make a frozen data class takes three times as long. What is
known of a person stays one: it is made once, and read again and again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class Source(StrEnum):
    """Codes of the systems that a rule may name; which of them exist is configuration."""

    GBD_FL = "gbd_fl"
    ZAGS = "zags"
    EGKN = "egkn"
    ADDR_REG = "addr_reg"
    ENPF = "enpf"
    EMAKET = "emaket"
    CBDI = "cbdi"
    ESUTD = "esutd"
    EKYZMET = "ekyzmet"
    NOBD = "nobd"
    HEALTH = "health"
    KANDAS = "kandas"
    MOD = "mod"
    EMERGENCY_HOUSING = "emergency_housing"


class Said(StrEnum):
    """What a source's answer amounts to. Everything but the first two is "unknown"."""

    FOUND = "FOUND"
    NOT_FOUND_CONFIRMED = "NOT_FOUND_CONFIRMED"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    NO_CONSENT = "NO_CONSENT"


CONFIRMED = frozenset({Said.FOUND, Said.NOT_FOUND_CONFIRMED})


class Receipt(NamedTuple):
    """
    That a source answered, what it came to, and for which moment the source vouches.

    After `fresh_until` the answer still says what it said, and grounds nothing adverse; so does one of which
    nobody knows how long it holds (None). `held`: the source's answers ground nothing adverse at all, until
    somebody lets it go. `answer` is the key of the answer, which came at `answered_at`.
    """

    said: Said
    as_of: datetime
    fresh_until: datetime | None = None
    held: bool = False
    answer: int | None = None
    answered_at: datetime | None = None

    def is_fresh(self, at: datetime) -> bool:
        """Return whether the answer may ground something adverse at the moment; its last moment is one."""
        return self.fresh_until is not None and at <= self.fresh_until

    def came_since(self, moment: datetime) -> bool:
        """Return whether the answer is that young; one of which nobody knows when it came, is not."""
        return self.answered_at is not None and self.answered_at >= moment


class Identity(NamedTuple):
    """The person in the population register; sex is "m" or "f", citizenship ISO 3166 alpha-3."""

    birth_date: date
    death_date: date | None
    sex: str
    citizenship: str


class Registration(NamedTuple):
    """Registration at the place of residence: nine-digit KATO and since when."""

    kato: str
    since: date | None


class Kin(NamedTuple):
    """Who another person is to this one: spouse, child or parent, by the civil acts."""

    person: int
    relation: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A right to real estate; share of the whole, days of acquisition and disposal."""

    kind: str
    kato: str
    area: Decimal | None
    share: Fraction
    acquired: date | None
    disposed: date | None


class Status(NamedTuple):
    """
    A social status or a disability (code "disability", with its group) for a period; until is exclusive.
    """

    code: str
    source: str
    since: date | None
    until: date | None
    group: str = ""

    def holds(self, on: date) -> bool:
        """Return whether the status is in force on the day."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """A monthly payment of the state, tenge a month."""

    amount: Decimal
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """Everything known of one person on the day of the question; `receipts` by source code."""

    person: int
    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    identity: Identity | None = None
    registration: Registration | None = None
    kin: tuple[Kin, ...] = ()
    rights: tuple[Right, ...] = ()
    statuses: tuple[Status, ...] = ()
    income: Mapping[str, Decimal] = field(default_factory=dict)
    benefits: tuple[Benefit, ...] = ()

    def confirmed(self, source: str) -> bool:
        """Return whether the source gave a confirmed "found" or "not found"."""
        receipt = self.receipts.get(source)
        return receipt is not None and receipt.said in CONFIRMED

    def as_of(self, source: str) -> datetime | None:
        """Return the moment for which the source vouches, if it answered."""
        receipt = self.receipts.get(source)
        return receipt.as_of if receipt else None

    def age(self, on: date) -> int | None:
        """Return full years on the day, or None if the population register did not say."""
        if self.identity is None:
            return None
        born = self.identity.birth_date
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    def holds(self, code: str, on: date) -> bool:
        """Return whether a status of this code is in force on the day."""
        return bool(self.statuses) and any(
            status.code == code and status.holds(on) for status in self.statuses
        )
