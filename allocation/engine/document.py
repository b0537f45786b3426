"""The input document, format `round/1`: JSON to values, or a refusal with the path of what is wrong."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Final

from . import fields
from .fields import Record, inside
from .policy_document import read_policy
from .refusal import InputRefused
from .strict_json import Json, canonical_bytes, check_depth, digest, parse
from .values import (
    LIST_CODES,
    Dwelling,
    Eligibility,
    Entry,
    ListLedger,
    Member,
    Role,
    RoundIdentity,
    RoundInput,
    Sex,
    SmallerDwelling,
    YearLedger,
)

FORMAT: Final = "round/1"
_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)

_DOCUMENT_KEYS: Final = frozenset({"format", "round", "policy", "year_to_date", "dwellings", "entries"})
_ROUND_KEYS: Final = frozenset({"id", "akimat", "frozen_at"})
_YEAR_KEYS: Final = frozenset({"distributed", "lists"})
_LEDGER_KEYS: Final = frozenset({"owed", "by_share", "received"})
_DWELLING_KEYS: Final = frozenset({"id", "rooms", "area", "floor", "lift", "accessible"})
_SMALLER_KEYS: Final = frozenset({"area", "rooms"})
_MEMBER_KEYS: Final = frozenset({"sex", "role", "age", "couple"})
_OF_MEMBER: Final = itemgetter("sex", "role", "age", "couple")
_ENTRY_KEYS: Final = frozenset(
    {
        "id", "file_no", "list", "registered_at", "members", "extra_person", "extra_room", "mobility",
        "low_floor", "needs_accessible", "accepts_smaller", "income", "flags", "eligibility", "reason",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInput:
    """An input that holds to the contract: its values, its canonical form, and the SHA-256 of that form."""

    values: RoundInput
    canonical: bytes
    sha256: str


def read_input(data: bytes) -> ReadInput:
    """
    Read an input document.

    :raises InputRefused: with the path of what breaks the contract.
    """
    return read_document(parse(data))


def read_document(document: Json) -> ReadInput:
    """
    Read an input that stands as plain values already.

    :raises InputRefused: with the path of what breaks the contract.
    """
    values = values_from(document)
    canonical = canonical_bytes(document)
    return ReadInput(values=values, canonical=canonical, sha256=digest(canonical))


def values_from(document: Json) -> RoundInput:
    """The values of a parsed document; refuses what breaks the contract."""
    try:
        with inside("$"):
            return _round_input(document)
    except InputRefused:
        check_depth(document)
        raise


def _round_input(document: Json) -> RoundInput:
    whole = fields.record(document, _DOCUMENT_KEYS)
    if whole["format"] != FORMAT:
        raise InputRefused(".format", f'expected "{FORMAT}"')
    with inside(".round"):
        identity = _identity(whole["round"])
    with inside(".policy"):
        policy = read_policy(whole["policy"])
    with inside(".year_to_date"):
        year_to_date = _year(whole["year_to_date"])
    dwellings = _dwellings(fields.items(whole, "dwellings"))
    lists = {code for tier in policy.tiers for code in tier.lists}
    entries = read_entries(fields.items(whole, "entries"), lists)
    return RoundInput(
        round=identity, policy=policy, year_to_date=year_to_date, dwellings=dwellings, entries=entries
    )


def _identity(value: Json) -> RoundIdentity:
    record = fields.record(value, _ROUND_KEYS)
    return RoundIdentity(
        id=fields.text(record, "id"),
        akimat=fields.text(record, "akimat"),
        frozen_at=fields.moment(record, "frozen_at"),
    )


def _year(value: Json) -> YearLedger:
    record = fields.record(value, _YEAR_KEYS)
    distributed = fields.integer(record, "distributed", least=0)
    with inside(".lists"):
        lists = {}
        for code, account in fields.mapping(record["lists"]).items():
            fields.check_list_key(code)
            with inside(f".{code}"):
                lists[code] = _ledger(account)
    return YearLedger(distributed=distributed, lists=lists)


def _ledger(value: Json) -> ListLedger:
    record = fields.record(value, _LEDGER_KEYS)
    return ListLedger(
        owed=fields.fraction(record, "owed"),
        by_share=fields.integer(record, "by_share", least=0),
        received=fields.integer(record, "received", least=0),
    )


def _dwellings(values: Sequence[Json]) -> tuple[Dwelling, ...]:
    dwellings = []
    for index, value in enumerate(values):
        try:
            dwellings.append(read_dwelling(value))
        except InputRefused as refusal:
            raise refusal.under(f".dwellings[{index}]") from None
    fields.unique((dwelling.id for dwelling in dwellings), ".dwellings[{}].id", "the id is repeated")
    return tuple(dwellings)


def read_dwelling(value: Json) -> Dwelling:
    """One dwelling; a refusal has the path below it."""
    record = fields.record(value, _DWELLING_KEYS)
    return Dwelling(
        id=fields.text(record, "id"),
        rooms=fields.integer(record, "rooms", least=1),
        area=fields.decimal(record, "area", above_zero=True),
        floor=fields.integer(record, "floor"),
        lift=fields.boolean(record, "lift"),
        accessible=fields.boolean(record, "accessible"),
    )


def read_entries(values: Iterable[Json], lists: Collection[str]) -> tuple[Entry, ...]:
    """All entries in turn; `lists` are those of the policy. A refusal has the path below the input's."""
    entries = []
    for index, value in enumerate(values):
        try:
            entries.append(read_entry(value, lists))
        except InputRefused as refusal:
            raise refusal.under(f".entries[{index}]") from None
    fields.unique((entry.id for entry in entries), ".entries[{}].id", "the id is repeated")
    for code in sorted(lists):
        _check_file_numbers(entries, code)
    return tuple(entries)


def _check_file_numbers(entries: Sequence[Entry], code: str) -> None:
    """A household stands on one list once; only the number of the list is named, never the household's."""
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry.list_code != code:
            continue
        if entry.file_no in seen:
            raise InputRefused(f".entries[{index}].file_no", f"stands on list {code} twice")
        seen.add(entry.file_no)


def read_entry(value: Json, lists: Collection[str]) -> Entry:
    """One entry; `lists` are those of the policy. A refusal has the path below it."""
    record = fields.record(value, _ENTRY_KEYS)
    eligibility = fields.choice(record, "eligibility", Eligibility)
    return Entry(
        id=fields.text(record, "id"),
        file_no=fields.text(record, "file_no"),
        list_code=_list_code(record, lists),
        registered_at=fields.moment(record, "registered_at"),
        members=_members(fields.items(record, "members")),
        extra_person=fields.integer(record, "extra_person", least=0),
        extra_room=fields.boolean(record, "extra_room"),
        mobility=fields.boolean(record, "mobility"),
        low_floor=fields.boolean(record, "low_floor"),
        needs_accessible=fields.boolean(record, "needs_accessible"),
        accepts_smaller=_smaller(record["accepts_smaller"]),
        income=None if record["income"] is None else fields.decimal(record, "income"),
        flags=fields.texts(record, "flags"),
        eligibility=eligibility,
        reason=_reason(record, eligibility),
    )


def _list_code(record: Record, lists: Collection[str]) -> str:
    code = record["list"]
    if type(code) is not str or code not in LIST_CODES:
        raise InputRefused(".list", f"expected one of {', '.join(LIST_CODES)} as a string")
    if code not in lists:
        raise InputRefused(".list", "the list stands in no tier of the policy")
    return code


def _members(values: Sequence[Json]) -> tuple[Member, ...]:
    members = []
    for index, value in enumerate(values):
        try:
            members.append(_member(fields.record(value, _MEMBER_KEYS)))
        except InputRefused as refusal:
            raise refusal.under(f".members[{index}]") from None
    roles = [member.role for member in members]
    if roles.count(Role.APPLICANT) != 1:
        raise InputRefused(".members", "expected exactly one applicant")
    if roles.count(Role.SPOUSE) > 1:
        raise InputRefused(".members", "expected at most one spouse")
    couples = [member.couple for member in members]
    if couples.count(None) == len(couples):
        return tuple(members)
    sizes = Counter(couples)
    for index, couple in enumerate(couples):
        if couple is not None and sizes[couple] != 2:
            raise InputRefused(
                f".members[{index}].couple", "expected a number that exactly two members share"
            )
    return tuple(members)


def _member(record: Record) -> Member:
    try:
        return _shared_member(*_OF_MEMBER(record))
    except TypeError:  # a list or an object in place of a plain value
        return _read_member(record)


# Typed: to Python `true`, 1.0 and 1 are equal.
@lru_cache(maxsize=4096, typed=True)
def _shared_member(sex: Json, role: Json, age: Json, couple: Json) -> Member:
    """Equal members are read once, and one value: 150,000 households have half a million of them."""
    return _read_member({"sex": sex, "role": role, "age": age, "couple": couple})


def _read_member(record: Record) -> Member:
    return Member(
        sex=fields.choice(record, "sex", Sex),
        role=fields.choice(record, "role", Role),
        age=fields.integer(record, "age", least=0, most=fields.MOST_AGE),
        couple=fields.optional_integer(record, "couple"),
    )


def _smaller(value: Json) -> SmallerDwelling | None:
    if value is None:
        return None
    with inside(".accepts_smaller"):
        record = fields.record(value, _SMALLER_KEYS)
        return SmallerDwelling(
            area=fields.decimal(record, "area", above_zero=True),
            rooms=fields.integer(record, "rooms", least=1),
        )


def _reason(record: Record, eligibility: Eligibility) -> str | None:
    if eligibility is Eligibility.INELIGIBLE:
        return fields.matching(record, "reason", _REASON, "a code in capital letters, as OWNS_DWELLING")
    if record["reason"] is not None:
        raise InputRefused(".reason", "expected null, for the entry is not ineligible")
    return None
