"""
Rows to the engine's input document, and its result back to rows; the only place where the two meet.

The documents are those of docs/contracts/round.md. Public keys are stable: an entry is called by its file
number and list (``271010-0001234-5/4``), a dwelling by its inventory number. Moments are written in
Kazakhstan's time as it was on that day, so that a reader sees the date that the register shows.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, Final

from allocation.engine.strict_json import canonical_bytes
from allocation.models import AllocationRound, Dwelling
from allocation.rules.refusals import Refusal, Refused
from queue_registry.models import QueueEntry
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.need import Eligibility
from queue_registry.rules.policy import Policy
from queue_registry.rules.statuses import HELD, QueueEntryStatus
from queue_registry.services.assessments import Assessed

Document = dict[str, Any]

FORMAT: Final = "round/1"
OFFER_OPEN: Final = "OFFER_OPEN"
SUSPENDED: Final = "SUSPENDED"
HOUSED_ON_OTHER_LIST: Final = "HOUSED_ON_OTHER_LIST"
# The rung whose help is a home; the help of any other rung is a counted place of a loan programme.
RENT: Final = "rent"
# Figures that no rule looks at where `fit` is null; the form of the document asks for some.
_COUNTED_PLACE: Final[Mapping[str, Any]] = {
    "rooms": 1,
    "area": "1",
    "floor": 1,
    "lift": False,
    "accessible": False,
}
_FIRST_MOMENT: Final = datetime(1, 1, 1, tzinfo=UTC)
_MICRO: Final = Decimal("0.000001")
_STATUS_BARS: Final[Mapping[str, str]] = {
    **{status.value: SUSPENDED for status in HELD},
    QueueEntryStatus.OFFERED.value: OFFER_OPEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One difference between what was frozen and what is now; `was` or `now` is None where the thing was not
    there.
    """

    thing: str
    key: str
    field: str
    was: Any
    now: Any


def entry_key(*, file_number: str, list_number: str) -> str:
    """Return the public key of an entry in every document of a round."""
    return f"{file_number}/{list_number}"


def moment_text(at: datetime) -> str:
    """Return an aware moment as the contract writes it; fractional seconds only if there are any."""
    local = at.astimezone(TIME_ZONE)
    offset = local.utcoffset()
    # Before 1924 local time was not a whole number of minutes off.
    if offset is None or offset.total_seconds() % 60:
        local = at.astimezone(UTC)
    return local.isoformat()


def decimal_text(amount: Decimal | Fraction) -> str:
    """Return an amount as the contract writes decimals: plain digits, at most six after the point."""
    if isinstance(amount, Fraction):
        amount = Decimal(amount.numerator) / Decimal(amount.denominator)
    text = f"{amount.quantize(_MICRO, rounding=ROUND_HALF_EVEN):f}"
    return text.rstrip("0").rstrip(".")


def policy_document(*, policy: Policy, quotas: Mapping[str, Any], rung: str, on: date) -> Document:
    """
    Return the policy as the round applies it: quotas of the round in their tiers, subsistence minimum of
    the day.

    :raises Refused: QUOTA_MISSING if a tier needs a quota that the round does not have.
    """
    gives_homes = rung in {"", RENT}
    return {
        "code": policy.code,
        "tiers": [_tier(tier, quotas) for tier in policy.tiers],
        "fit": dict(policy.fit) if gives_homes else None,
        "income": {
            "subsistence_minimum": decimal_text(policy.subsistence_minimum(on)),
            "below": dict(policy.income_below),
            "exempt_flags": list(policy.exempt_flags),
        },
        "support": {"kind": rung, "rung": rung} if rung else dict(policy.support),
        "ladder": [list(row) for row in policy.ladder],
    }


def _tier(tier: Mapping[str, Any], quotas: Mapping[str, Any]) -> Document:
    document = dict(tier)
    document["lists"] = list(tier["lists"])
    if tier["kind"] == "quota":
        number = "+".join(tier["lists"])
        if number not in quotas:
            raise Refused(Refusal.QUOTA_MISSING, list=number)
        document["dwellings"] = quotas[number]["dwellings"]
        document["document"] = quotas[number]["document"]
    return document


def dwelling_document(dwelling: Dwelling) -> Document:
    """Return a dwelling as the engine sees it; a loan place has no walls, and each is like the other."""
    if dwelling.kind == Dwelling.Kind.LOAN or dwelling.area is None:
        return {"id": dwelling.number, **_COUNTED_PLACE}
    return {
        "id": dwelling.number,
        "rooms": dwelling.rooms,
        "area": decimal_text(dwelling.area),
        "floor": dwelling.floor,
        "lift": dwelling.lift,
        "accessible": dwelling.accessible,
    }


def dwelling_documents(dwellings: Iterable[Dwelling]) -> list[Document]:
    """Return the dwellings of an input, by number, however the database has ordered them."""
    return sorted((dwelling_document(row) for row in dwellings), key=lambda row: str(row["id"]))


def entry_document(
    *, entry: QueueEntry, list_number: str, assessed: Assessed, household_bar: str | None
) -> Document:
    """
    Return an entry as the engine sees it on the day of the freeze.

    :param household_bar: why the household takes no part although this entry waits, or None.
    """
    eligibility, reason = _eligibility(entry, assessed, household_bar)
    return {
        "id": entry_key(file_number=entry.file_number, list_number=list_number),
        "file_no": entry.file_number,
        "list": list_number,
        "registered_at": moment_text(entry.registered_at),
        "members": [
            {"sex": member.sex, "role": member.role, "age": member.age, "couple": member.couple}
            for member in assessed.household
        ],
        "extra_person": assessed.extra_person,
        "extra_room": assessed.extra_room,
        "mobility": assessed.mobility,
        "low_floor": assessed.low_floor,
        "needs_accessible": assessed.needs_accessible,
        "accepts_smaller": assessed.accepts_smaller,
        "income": None if assessed.income_per_member is None else decimal_text(assessed.income_per_member),
        "flags": sorted(assessed.flags),
        "eligibility": eligibility,
        "reason": reason,
    }


def _eligibility(entry: QueueEntry, assessed: Assessed, household_bar: str | None) -> tuple[str, str | None]:
    bar = _STATUS_BARS.get(entry.status, household_bar)
    if bar is not None:
        return "ineligible", bar
    if assessed.eligibility == Eligibility.INELIGIBLE:
        return "ineligible", assessed.code
    return ("eligible" if assessed.eligibility == Eligibility.ELIGIBLE else "unknown"), None


def input_document(
    *,
    round_: AllocationRound,
    frozen_at: datetime,
    policy: Document,
    year_to_date: Document,
    dwellings: Iterable[Dwelling],
    entries: list[Document],
) -> Document:
    """Return the whole input of a round; the order of its parts does not depend on the database."""
    return {
        "format": FORMAT,
        "round": {
            "id": round_.number,
            "akimat": round_.akimat.kato,
            "frozen_at": moment_text(frozen_at),
        },
        "policy": policy,
        "year_to_date": year_to_date,
        "dwellings": dwelling_documents(dwellings),
        "entries": entries,
    }


def pack(data: bytes) -> bytes:
    """Compress a document for storing; the same bytes give the same bytes."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def unpack(stored: bytes | memoryview | None) -> bytes:
    """Return the exact bytes that `pack` was given."""
    if stored is None:
        raise ValueError("There is no stored document.")
    return gzip.decompress(bytes(stored))


def parsed(stored: bytes | memoryview | None) -> Document:
    """Return a stored document of ours as plain values."""
    return document(unpack(stored))


def document(data: bytes) -> Document:
    """Return the plain values of a document of ours."""
    values: Document = json.loads(data)
    return values


def rows(data: bytes) -> list[Document]:
    """Return the plain values of a list of documents of ours."""
    values: list[Document] = json.loads(data)
    return values


def file_number_of(key: str) -> str:
    """Return the file number in an entry's public key."""
    return key.partition("/")[0]


def registration_moments(frozen: Document) -> dict[str, datetime]:
    """Return the registration moment of each entry as it was frozen, by the entry's public key."""
    return {row["id"]: datetime.fromisoformat(row["registered_at"]) for row in frozen["entries"]}


def moment_of(instant: int) -> datetime:
    """Return a moment of the engine's values, microseconds since the year 1 began."""
    return _FIRST_MOMENT + timedelta(microseconds=instant)


def is_as_frozen(*, frozen: bytes, now: Document) -> bool:
    """Whether the input made anew has the very bytes of the frozen one, later entries aside."""
    frozen_at = datetime.fromisoformat(now["round"]["frozen_at"])
    stood = [row for row in now["entries"] if datetime.fromisoformat(row["registered_at"]) <= frozen_at]
    return canonical_bytes({**now, "entries": stood}) == frozen


def changes(*, frozen: Document, now: Document) -> list[Change]:
    """
    Name everything that is not as it was frozen, in a stable order.

    An entry that was registered after the freeze is no change: the candidate list is that of the freeze
    (art 74).
    """
    found = list(_part_changes("policy", "policy", frozen["policy"], now["policy"]))
    found += _part_changes("year_to_date", "year_to_date", frozen["year_to_date"], now["year_to_date"])
    found += _row_changes("dwelling", frozen["dwellings"], now["dwellings"])
    frozen_at = datetime.fromisoformat(frozen["round"]["frozen_at"])
    known = {row["id"] for row in frozen["entries"]}
    stood = [
        row
        for row in now["entries"]
        if row["id"] in known or datetime.fromisoformat(row["registered_at"]) <= frozen_at
    ]
    return found + list(_row_changes("entry", frozen["entries"], stood))


def _row_changes(thing: str, frozen: list[Document], now: list[Document]) -> Iterator[Change]:
    was = {row["id"]: row for row in frozen}
    found = {row["id"]: row for row in now}
    for key in sorted(was.keys() | found.keys()):
        if key not in found:
            yield Change(thing=thing, key=key, field="present", was=True, now=None)
        elif key not in was:
            yield Change(thing=thing, key=key, field="present", was=None, now=True)
        else:
            yield from _part_changes(thing, key, was[key], found[key])


def _part_changes(thing: str, key: str, was: Document, now: Document) -> Iterator[Change]:
    for field in sorted(was.keys() | now.keys()):
        if was.get(field) != now.get(field):
            yield Change(thing=thing, key=key, field=field, was=was.get(field), now=now.get(field))
