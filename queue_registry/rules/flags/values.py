"""What the detector of red flags reads: what happened to entries, rounds, homes, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction


class Proof(StrEnum):
    """What stands behind a moment or an act besides the word of whoever typed it; NONE: nothing we hold."""

    NONE = ""
    IMPORT = "IMPORT"  # a row of a confirmed file of an old list
    DECISION = "DECISION"  # a decided review or a judgment
    TRANSFER = "TRANSFER"  # the moment that an entry of another akimat had
    SOURCE = "SOURCE"  # the answer of a state system


class What(StrEnum):
    """What a step did to an entry."""

    REGISTERED = "REGISTERED"
    REDATED = "REDATED"
    RELISTED = "RELISTED"
    LEFT = "LEFT"  # removed from the list
    MOVED = "MOVED"  # any other change of status


class Channel(StrEnum):
    """By what two applications may hang together."""

    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    IIN = "IIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    An entry as it stands now, and as it came to be.

    Numbers of one `series` were given in the order of registration; an empty series: the number says nothing.
    `proof` is of the first moment; `proven_moment` is the earliest that a decision or another akimat gave it.
    `people`: applicant and members.
    """

    subject: str
    application: str
    akimat: str
    file_number: str
    moment: datetime
    first_moment: datetime
    typed_at: datetime
    clerk: str
    series: str = ""
    number: int = 0
    proof: Proof = Proof.NONE
    proven_moment: datetime | None = None
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One event of an entry as it was recorded; list, moment and whether it has a place are those after it.

    `second` is whoever confirmed it besides `clerk`; a step of the system has neither.
    """

    entry: str
    what: What
    at: datetime
    waiting_list: str
    moment: datetime
    stands: bool
    clerk: str = ""
    second: str = ""
    proof: Proof = Proof.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    What a round said of an entry: its turn if it got a home, else the code of why not. `called`: it got one
    from the reserve later.
    """

    entry: str
    waiting_list: str
    moment: datetime
    turn: int | None = None
    code: str = ""
    called: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A distribution; `decided_at` is empty while it runs. The homes are those it was announced with."""

    subject: str
    akimat: str
    announced_at: datetime
    frozen_at: datetime | None
    decided_at: datetime | None
    homes: int
    lines: tuple[Line, ...] = ()
    clerks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A phone, an address (normalized) or the applicant of an application, and when it was filed."""

    entry: str
    application: str
    channel: Channel
    value: str
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class YearShare:
    """What an akimat gave in a year: all homes, those of the lists with a floor, who of these still waits."""

    subject: str
    floor: Fraction
    homes: int
    received: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """
    A home: since when it is ready and in no round, when a family took it, since when the family lives there.

    `known_at` is the last moment at which a state system said where the family lives; None: never since.
    """

    subject: str
    number: str = ""
    ready_since: datetime | None = None
    taken_at: datetime | None = None
    lived_in_since: datetime | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Everything that is looked at together: the entries of one akimat, or of many."""

    entries: tuple[Entry, ...] = ()
    steps: tuple[Step, ...] = ()
    rounds: tuple[Round, ...] = ()
    contacts: tuple[Contact, ...] = ()
    shares: tuple[YearShare, ...] = ()
    homes: tuple[Home, ...] = ()
    # Person: staff. And person: people one degree away, both ways.
    officials: Mapping[int, str] = field(default_factory=dict)
    kin: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
