"""
What the engine works on: frozen values, exact numbers, no behavior.

Units. A decimal of the document is kept as a whole number of millionths (`MILLIONTHS` of them make one):
areas in millionths of a square meter, incomes in millionths of a tenge. Integers of any size are exact,
while `Decimal` rounds at the 28 digits of its default context. Shares are `Fraction`. A moment is a whole
number of microseconds since 0001-01-01T00:00:00Z, so that two spellings of one instant are equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

MILLIONTHS: Final = 1_000_000
LIST_CODES: Final = ("1", "2", "3", "4", "5", "6")


class Sex(StrEnum):
    FEMALE = "f"
    MALE = "m"


class Role(StrEnum):
    APPLICANT = "applicant"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    OTHER = "other"


class Eligibility(StrEnum):
    """Decided before the engine, by fresh checks. UNKNOWN is never turned into a no."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    UNKNOWN = "unknown"


class TierKind(StrEnum):
    FIRST_RIGHT = "first_right"
    FLOOR = "floor"
    QUOTA = "quota"
    PROPORTIONAL = "proportional"
    MERGED = "merged"


class Period(StrEnum):
    """Over what a share is counted: this round alone, or the year so far with this round."""

    BATCH = "batch"
    YEAR = "year"


class Count(StrEnum):
    """Whom a proportional tier counts: every entry of the list, or those that pass the filter."""

    ACTIVE = "active"
    ELIGIBLE = "eligible"


class Level(StrEnum):
    """By what a served household was matched: the norm, or its written consent to less."""

    NORM = "norm"
    CONSENT = "consent"


class Code:
    """Why an entry that was looked at was not served. Two codes carry a detail after a colon."""

    INELIGIBLE: Final = "INELIGIBLE"
    CHECKS_INCOMPLETE: Final = "CHECKS_INCOMPLETE"
    INCOME_UNKNOWN: Final = "INCOME_UNKNOWN"
    INCOME_OVER_LIMIT: Final = "INCOME_OVER_LIMIT"
    OTHER_RUNG: Final = "OTHER_RUNG"
    SERVED_ON_OTHER_LIST: Final = "SERVED_ON_OTHER_LIST"
    SEATS_USED: Final = "SEATS_USED"
    NO_DWELLING_FITS: Final = "NO_DWELLING_FITS"
    FITTING_DWELLINGS_TAKEN: Final = "FITTING_DWELLINGS_TAKEN"
    NOT_REACHED: Final = "NOT_REACHED"


class ShortfallReason(StrEnum):
    DWELLINGS_EXHAUSTED = "DWELLINGS_EXHAUSTED"
    NO_FITTING_DWELLING = "NO_FITTING_DWELLING"
    LIST_EXHAUSTED = "LIST_EXHAUSTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of a household; `age` in full years on the day of the freeze; two share a `couple`."""

    sex: Sex
    role: Role
    age: int
    couple: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallerDwelling:
    """What the family's written consent allows: area in millionths of a square meter, and rooms."""

    area: int
    rooms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A household's place-holder on one list. On another list it has another entry, same `file_no`."""

    id: str
    file_no: str
    list_code: str
    registered_at: int
    members: tuple[Member, ...]
    extra_person: int
    extra_room: bool
    mobility: bool
    low_floor: bool
    needs_accessible: bool
    accepts_smaller: SmallerDwelling | None
    income: int | None
    flags: tuple[str, ...]
    eligibility: Eligibility
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    id: str
    rooms: int
    area: int
    floor: int
    lift: bool
    accessible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTier:
    """`first_right` or `merged`: every entry of the lists in one order, until the dwellings are gone."""

    kind: TierKind
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorTier:
    """Not less than `share` of all dwellings goes to these lists."""

    lists: tuple[str, ...]
    share: Fraction
    period: Period
    kind: TierKind = TierKind.FLOOR


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaTier:
    """A number of dwellings set by an outside document."""

    lists: tuple[str, ...]
    dwellings: int
    document: str
    kind: TierKind = TierKind.QUOTA


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionalTier:
    """What is left goes to the lists in proportion to the people on them."""

    lists: tuple[str, ...]
    count: Count
    period: Period
    kind: TierKind = TierKind.PROPORTIONAL


Tier = WholeTier | FloorTier | QuotaTier | ProportionalTier


@dataclass(frozen=True, slots=True, kw_only=True)
class FitNorms:
    """Areas in millionths of a square meter. `separate_sexes_from_age` None: sexes need no rooms."""

    min_area: int
    max_area: int
    surplus: int
    separate_sexes_from_age: int | None
    max_floor_mobility: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomePolicy:
    """`below` are multiples of the subsistence minimum by list; all amounts in millionths."""

    subsistence_minimum: int
    below: Mapping[str, int]
    exempt_flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A rung of the affordability ladder; `limit` in millionths of a subsistence minimum, inclusive."""

    name: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What this round gives; `rung` None: to everybody, else only to those on that rung."""

    kind: str
    rung: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    code: str
    tiers: tuple[Tier, ...]
    fit: FitNorms | None
    income: IncomePolicy
    support: Support
    ladder: tuple[Rung, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLedger:
    """A list's account of the year: exact shares, dwellings by share, dwellings in any tier, all so far."""

    owed: Fraction = Fraction(0)
    by_share: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLedger:
    """The account of the year: dwellings distributed so far, and every list's account."""

    distributed: int
    lists: Mapping[str, ListLedger]

    def of(self, list_code: str) -> ListLedger:
        """The account of a list; one that is not named has zeros."""
        return self.lists.get(list_code, ListLedger())


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundIdentity:
    id: str
    akimat: str
    frozen_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundInput:
    """All that a distribution depends on."""

    round: RoundIdentity
    policy: Policy
    year_to_date: YearLedger
    dwellings: tuple[Dwelling, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    missing: int
    reason: ShortfallReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShare:
    """How a proportional tier came to the seats of one list; `seats` are those of the first giving."""

    list_code: str
    count: int
    share: Fraction
    owed_before: Fraction
    by_share_before: int
    seats: int
    served: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierResult:
    """`target` only of a floor or quota, `lists` only of a proportional tier."""

    kind: TierKind
    available: int
    served: int
    target: int | None = None
    lists: tuple[ListShare, ...] | None = None
    shortfall: Shortfall | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    dwelling: str
    entry: str
    file_no: str
    list_code: str
    place: int
    tier: int
    turn: int
    level: Level
    reserve: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    entry: str
    list_code: str
    place: int
    tier: int
    code: str
    witness: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """As many dwellings as entries; every one of these entries fits none but these dwellings."""

    entries: tuple[str, ...]
    dwellings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """The whole answer; `not_reached` counts, by list, the entries that no tier looked at."""

    tiers: tuple[TierResult, ...]
    allotments: tuple[Allotment, ...]
    passed_over: tuple[PassedOver, ...]
    witnesses: Mapping[str, Witness]
    not_reached: Mapping[str, int]
    unallotted: tuple[str, ...]
    year_to_date: YearLedger
