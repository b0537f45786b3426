"""A round of any size with the mix of a real queue, invented, the same for the same seed."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

Record = dict[str, Any]

SEED: Final = 20260901
LISTS: Final = ("1", "2", "3", "4", "5", "6")
# How many of a thousand entries stand on each list.
_MIX: Final = (1, 95, 210, 390, 300, 4)
_FIRST_DAY: Final = datetime(1995, 1, 1)  # noqa: DTZ001 - written with an offset below
_MINUTES: Final = 31 * 365 * 24 * 60
_OFFSETS: Final = ("+05:00", "+06:00", "Z")
# Useful area of a dwelling by its rooms, in tenths of a square meter, and how many of twenty have so many
# rooms.
_AREAS: Final = ((280, 420), (420, 620), (560, 820), (750, 1050), (950, 1300))
_ROOMS: Final = (5, 7, 5, 2, 1)
_STOREYS: Final = 9
# So many different families are made; entries have them in turn. A prime: they meet every list.
_FAMILIES: Final = 9973


def policy(dwellings: int) -> Record:
    """The rules of an akimat, with a quarter of the dwellings for list 3."""
    return {
        "code": "akimat-2022",
        "tiers": [
            {"kind": "first_right", "lists": ["1"]},
            {"kind": "floor", "lists": ["2"], "share": "1/5", "period": "year"},
            {
                "kind": "quota",
                "lists": ["3"],
                "dwellings": dwellings // 4,
                "document": "Programme passport No 7",
            },
            {"kind": "proportional", "lists": ["4", "5", "6"], "count": "active", "period": "year"},
        ],
        "fit": {
            "min_area": "15",
            "max_area": "18",
            "surplus": "9",
            "separate_sexes_from_age": 0,
            "max_floor_mobility": 2,
        },
        "income": {
            "subsistence_minimum": "50851",
            "below": {"3": "3.1", "4": "3.1"},
            "exempt_flags": ["disabled_child"],
        },
        "support": {"kind": "rent", "rung": None},
        "ladder": [["rent", "1"], ["loan_2", "3.1"], ["loan_5", "3.7"]],
    }


def head(dwellings: int) -> Record:
    """All of an input document but its dwellings and entries."""
    return {
        "format": "round/1",
        "round": {"id": "R-1", "akimat": "271000000", "frozen_at": "2026-09-01T09:00:00+05:00"},
        "policy": policy(dwellings),
        "year_to_date": {
            "distributed": 120,
            "lists": {
                "2": {"owed": "0", "by_share": 0, "received": 24},
                "4": {"owed": "270/7", "by_share": 38, "received": 38},
                "5": {"owed": "210/7", "by_share": 30, "received": 30},
                "6": {"owed": "3/7", "by_share": 1, "received": 1},
            },
        },
    }


def dwellings(number: int) -> Iterator[Record]:
    chance = random.Random(SEED)  # noqa: S311 - a made-up stock, no secret
    for index in range(number):
        (rooms,) = chance.choices(range(1, 6), _ROOMS)
        tenths = chance.randint(*_AREAS[rooms - 1])
        yield {
            "id": f"D{index:06d}",
            "rooms": rooms,
            "area": f"{tenths // 10}.{tenths % 10}",
            "floor": chance.randint(1, _STOREYS),
            "lift": chance.random() < 0.5,
            "accessible": chance.random() < 0.05,
        }


def entries(number: int) -> Iterator[Record]:
    """Entries in no order; every fiftieth is its predecessor's household on a second list."""
    chance = random.Random(SEED + 1)  # noqa: S311 - invented households, no secret
    families = [_family(chance) for _ in range(_FAMILIES)]
    lists = chance.choices(LISTS, _MIX, k=number)
    for index in range(number):
        moment = _FIRST_DAY + timedelta(minutes=chance.randrange(_MINUTES))
        is_second = index % 50 == 1 and lists[index] != lists[index - 1]
        household = index - is_second
        yield {
            "id": f"E{index:07d}",
            "file_no": f"271000-{household:07d}-{household % 10}",
            "list": lists[index],
            "registered_at": moment.isoformat() + chance.choice(_OFFSETS),
            **families[index % _FAMILIES],
        }


def _family(chance: random.Random) -> Record:
    eligibility = chance.choices(("eligible", "ineligible", "unknown"), (85, 10, 5))[0]
    return {
        "members": _members(chance),
        "extra_person": int(chance.random() < 0.02),
        "extra_room": chance.random() < 0.02,
        "mobility": chance.random() < 0.04,
        "low_floor": chance.random() < 0.10,
        "needs_accessible": chance.random() < 0.01,
        "accepts_smaller": _smaller(chance),
        "income": None
        if chance.random() < 0.02
        else f"{chance.randrange(250_000)}.{chance.randrange(100):02d}",
        "flags": ["disabled_child"] if chance.random() < 0.05 else [],
        "eligibility": eligibility,
        "reason": chance.choice(("OWNS_DWELLING", "NOT_RESIDENT", "DECEASED"))
        if eligibility == "ineligible"
        else None,
    }


def _smaller(chance: random.Random) -> Record | None:
    if chance.random() > 0.05:
        return None
    return {"area": f"{chance.randint(18, 60)}", "rooms": chance.randint(1, 2)}


def _members(chance: random.Random) -> list[Record]:
    is_couple = chance.random() < 0.6
    age = chance.randint(23, 70)
    members = [{"sex": "f", "role": "applicant", "age": age, "couple": 1 if is_couple else None}]
    if is_couple:
        members.append({"sex": "m", "role": "spouse", "age": age + chance.randint(-3, 6), "couple": 1})
    (children,) = chance.choices(range(7), (25, 25, 22, 12, 10, 4, 2))
    members.extend(
        {"sex": chance.choice("fm"), "role": "child", "age": chance.randint(0, 17), "couple": None}
        for _ in range(children)
    )
    return members
