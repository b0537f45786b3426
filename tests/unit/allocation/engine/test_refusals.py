"""What is refused of single values, and what stands just inside the limits; always with the path of it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from allocation import engine
from tests.unit.allocation.engine.rounds import (
    as_bytes,
    dwelling,
    entry,
    first_right,
    floor,
    member,
    merged,
    policy,
    proportional,
    quota,
    round_document,
)

Document = dict[str, Any]
Place = tuple[str | int, ...]

MOST = 2**53 - 1
COUPLE = [member(couple=1), member("m", "spouse", 41, 1), member("m", "child", 9)]
WHOLE: Document = round_document(
    [
        entry("E1", members=COUPLE, accepts_smaller={"area": "20", "rooms": 1}, flags=["disabled"]),
        entry("E2", file_no="F-E1", list="5", members=[member()], eligibility="ineligible", reason="MOVED"),
        entry("E3", eligibility="unknown", income=None),
    ],
    [dwelling("D1"), dwelling("D2", floor=-1)],
    policy(
        first_right("1"), floor("2"), quota("3"), proportional("4", "5"), merged("4", "5"),
        support={"kind": "rent", "rung": "rent"},
    ),
    distributed=3,
    lists={"4": {"owed": "55/3", "by_share": 1, "received": 2}},
)  # fmt: skip

TIERS = ("policy", "tiers")
E1 = ("entries", 0)
LEDGER = ("year_to_date", "lists", "4")
# Objects whose keys are lists, not fixed names.
KEYED_BY_LIST = {("policy", "income", "below"), ("year_to_date", "lists")}
NULLABLE = {
    ("policy", "fit"),
    ("policy", "fit", "separate_sexes_from_age"),
    ("policy", "support", "rung"),
    *((*E1, "members", index, "couple") for index in range(3)),
    *(("entries", index, name) for index in range(3) for name in ("accepts_smaller", "income")),
    ("entries", 1, "members", 0, "couple"),
    ("entries", 2, "members", 0, "couple"),
}


def path_of(place: Place) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)


def changed(place: Place, value: Any) -> Document:
    document = copy.deepcopy(WHOLE)
    parent = document
    for part in place[:-1]:
        parent = parent[part]
    parent[place[-1]] = value
    return document


def refusal_of(data: bytes) -> engine.InputRefused:
    with pytest.raises(engine.InputRefused) as caught:
        engine.read_input(data)
    text = str(caught.value)
    assert text == f"{caught.value.path}: {caught.value.problem}"
    assert text.isascii()
    assert text.isprintable()
    return caught.value


def parts(part: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    yield place, part
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from parts(value, (*place, key))


PARTS = list(parts(WHOLE))


def test_the_whole_document_holds_to_the_contract() -> None:
    assert engine.read_input(as_bytes(WHOLE)).values.entries[0].id == "E1"


@pytest.mark.parametrize(
    ("place", "key"),
    [
        (place, key)
        for place, part in PARTS
        if isinstance(part, dict) and place not in KEYED_BY_LIST
        for key in part
    ],
    ids=str,
)
def test_a_missing_key_is_named(place: Place, key: str) -> None:
    document = copy.deepcopy(WHOLE)
    parent = document
    for part in place:
        parent = parent[part]
    del parent[key]

    assert refusal_of(as_bytes(document)).path == path_of((*place, key))


@pytest.mark.parametrize(
    "place",
    [place for place, part in PARTS if isinstance(part, dict) and place not in KEYED_BY_LIST],
    ids=path_of,
)
@pytest.mark.parametrize("key", ["more", "Id", " id"])
def test_an_unknown_key_is_named(place: Place, key: str) -> None:
    expected = f"{path_of(place)}.{key}" if key.isalnum() else f'{path_of(place)}."{key}"'

    assert refusal_of(as_bytes(changed((*place, key), None))).path == expected


OF_OTHER_TYPES = ("1", 1, 1.0, True, None, [], {})
KINDS: dict[type, tuple[Any, ...]] = {str: ("1",), bool: (True,), int: (1,), list: ([],), dict: ({},)}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (place, value)
        for place, part in PARTS
        if part is not None
        for value in OF_OTHER_TYPES
        if type(value) is not type(part) and not (value is None and place in NULLABLE)
    ],
    ids=str,
)
def test_a_value_of_another_type_is_never_coerced(place: Place, value: Any) -> None:
    document = {"": value} if not place else changed(place, value)

    assert refusal_of(as_bytes(document if place else value)).path.startswith(path_of(place))


@pytest.mark.parametrize(
    "place", [place for place, part in PARTS if type(part) is str or place == (*E1, "income")], ids=path_of
)
def test_an_empty_string_is_refused(place: Place) -> None:
    assert refusal_of(as_bytes(changed(place, ""))).path == path_of(place)


DECIMALS = (
    ("policy", "income", "subsistence_minimum"), ("policy", "income", "below", "3"),
    ("policy", "fit", "surplus"), ("policy", "fit", "min_area"), ("policy", "fit", "max_area"),
    ("policy", "ladder", 2, 1), ("dwellings", 0, "area"), (*E1, "income"), (*E1, "accepts_smaller", "area"),
)  # fmt: skip
ZERO_IS_LAWFUL = (
    ("policy", "income", "subsistence_minimum"), ("policy", "income", "below", "3"),
    ("policy", "fit", "surplus"),
    ("policy", "ladder", 0, 1), (*E1, "income"),
)  # fmt: skip


@pytest.mark.parametrize("place", DECIMALS, ids=path_of)
@pytest.mark.parametrize("text", ["4", "9.000001", "999999999999.999999", "000000000004", "123456789012"])
def test_a_decimal_is_digits_with_at_most_six_places(place: Place, text: str) -> None:
    assert engine.read_input(as_bytes(changed(place, text))).sha256


@pytest.mark.parametrize("place", DECIMALS, ids=path_of)
@pytest.mark.parametrize(
    "text",
    [
        "-1", "+1", "1e3", "1E3", "1,5", "NaN", "Infinity", ".5", "5.", "1.0000001", "1234567890123",
        " 1", "1 ",
        "1\n", "1_0", "0x1", "\u0663", "\uff11", "1.\uff15", "1/2", "null", "1.2.3",
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_decimal_is_refused(place: Place, text: str) -> None:
    assert refusal_of(as_bytes(changed(place, text))).path == path_of(place)


@pytest.mark.parametrize("place", ZERO_IS_LAWFUL, ids=path_of)
def test_these_amounts_may_be_zero(place: Place) -> None:
    assert engine.read_input(as_bytes(changed(place, "0.000000"))).sha256


@pytest.mark.parametrize(
    "place",
    [
        ("policy", "fit", "min_area"), ("policy", "fit", "max_area"), ("dwellings", 1, "area"),
        (*E1, "accepts_smaller", "area"),
    ],
    ids=path_of,
)  # fmt: skip
@pytest.mark.parametrize("text", ["0", "0.0", "000.000000"])
def test_these_areas_may_not_be_zero(place: Place, text: str) -> None:
    assert refusal_of(as_bytes(changed(place, text))).path == path_of(place)
    assert engine.read_input(as_bytes(changed(place, "0.000001"))).sha256


NINES = "9" * 4000


@pytest.mark.parametrize(
    "text", ["0", "-0", "0/7", "-55/3", "2/4", "7/1", NINES, f"-{NINES}", f"-{NINES}/{NINES}", f"1/{NINES}"]
)
def test_what_is_owed_is_a_fraction_of_up_to_4000_digits_a_side(text: str) -> None:
    assert engine.read_input(as_bytes(changed((*LEDGER, "owed"), text))).sha256


@pytest.mark.parametrize(
    "text",
    [
        "+1", "--1", "01", "1/01", "1/0", "0/0", "1/-2", "/2", "1/", "1/2/3", "1.5", "1e3", " 1",
        "1\n", "1/ 2", "\u0663",
        "1/\u0663", "-", "NaN", NINES + "0", f"1/{NINES}0",
    ],
)  # fmt: skip
def test_any_other_spelling_of_a_fraction_is_refused(text: str) -> None:
    assert refusal_of(as_bytes(changed((*LEDGER, "owed"), text))).path == "$.year_to_date.lists.4.owed"


SHARE = (*TIERS, 1, "share")


@pytest.mark.parametrize(
    "text", ["0", "0/5", "1", "1/1", "2/4", "999999999999/999999999999", "1/999999999999", "7/10"]
)
def test_a_share_is_a_fraction_from_0_to_1(text: str) -> None:
    assert engine.read_input(as_bytes(changed(SHARE, text))).sha256


@pytest.mark.parametrize(
    "text",
    [
        "-0",
        "-1/2",
        "2",
        "6/5",
        "1000000000001/1000000000001",
        "1/1000000000000",
        "1/0",
        "0.2",
        "01",
        "1/2\n",
        "\u0660",
    ],
)
def test_any_other_share_is_refused(text: str) -> None:
    assert refusal_of(as_bytes(changed(SHARE, text))).path == "$.policy.tiers[1].share"


MOMENTS = (("round", "frozen_at"), (*E1, "registered_at"))


@pytest.mark.parametrize("place", MOMENTS, ids=path_of)
@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2024-02-29T00:00:00Z",
        "2000-02-29T23:59:59.1-00:00", "2011-03-02T10:15:00.123456+05:30",
    ],
)  # fmt: skip
def test_a_moment_has_its_offset(place: Place, text: str) -> None:
    assert engine.read_input(as_bytes(changed(place, text))).sha256


@pytest.mark.parametrize("place", MOMENTS, ids=path_of)
@pytest.mark.parametrize(
    "text",
    [
        "2011-03-02", "2011-03-02T10:15:00", "2011-03-02 10:15:00Z", "2011-03-02t10:15:00Z",
        "2011-03-02T10:15:00z",
        "2011-03-02T10:15Z", "2011-03-02T10:15:00.Z", "2011-03-02T10:15:00.1234567Z",
        "2011-03-02T10:15:00,5Z",
        "2011-03-02T10:15:00+05", "2011-03-02T10:15:00+0500", "2011-03-02T10:15:00+05:00:00",
        "20110302T101500Z",
        "2011-W09-3T10:15:00Z", "2011-03-02T10:15:00Z\n", " 2011-03-02T10:15:00Z",
        "2011-03-02T10:15:00\u221205:00",
        "\uff12011-03-02T10:15:00Z", "+2011-03-02T10:15:00Z",
        # No real moments.
        "0000-01-01T00:00:00Z", "2011-00-02T10:15:00Z", "2011-13-02T10:15:00Z", "2011-03-00T10:15:00Z",
        "2011-03-32T10:15:00Z", "2011-02-29T10:15:00Z", "1900-02-29T10:15:00Z", "2011-04-31T10:15:00Z",
        "2011-03-02T24:00:00Z", "2011-03-02T10:60:00Z", "2011-03-02T10:15:60Z",
        "2011-03-02T10:15:00+24:00",
        "2011-03-02T10:15:00-23:60",
    ],
)  # fmt: skip
def test_any_other_moment_is_refused(place: Place, text: str) -> None:
    assert refusal_of(as_bytes(changed(place, text))).path == path_of(place)


INTEGERS: dict[Place, tuple[int, int]] = {
    ("dwellings", 0, "rooms"): (1, MOST),
    ("dwellings", 0, "floor"): (-MOST, MOST),
    (*E1, "extra_person"): (0, MOST),
    (*E1, "accepts_smaller", "rooms"): (1, MOST),
    (*E1, "members", 2, "age"): (0, 130),
    ("policy", "fit", "separate_sexes_from_age"): (0, 130),
    ("policy", "fit", "max_floor_mobility"): (-MOST, MOST),
    (*TIERS, 2, "dwellings"): (0, MOST),
    ("year_to_date", "distributed"): (0, MOST),
    (*LEDGER, "by_share"): (0, MOST),
    (*LEDGER, "received"): (0, MOST),
}


@pytest.mark.parametrize(("place", "limits"), INTEGERS.items(), ids=str)
def test_both_limits_of_an_integer_are_lawful_and_what_is_beside_them_is_not(
    place: Place, limits: tuple[int, int]
) -> None:
    least, most = limits
    for lawful in (least, most):
        assert engine.read_input(as_bytes(changed(place, lawful))).sha256
    for beyond in (least - 1, most + 1, 2**53, -(2**53), 10**30, -(10**30)):
        assert refusal_of(as_bytes(changed(place, beyond))).path == path_of(place)


@pytest.mark.parametrize("text", ["1.0", "1e0", "10e-1", "1E400", "-1e400", "1" * 5000, "0.1"])
@pytest.mark.parametrize("place", INTEGERS, ids=path_of)
def test_a_number_that_is_no_plain_integer_is_refused(place: Place, text: str) -> None:
    data = json.dumps(changed(place, "HERE")).replace('"HERE"', text).encode()

    assert refusal_of(data).path == path_of(place)


@pytest.mark.parametrize("number", [-MOST, -1, 0, 7, MOST])
def test_a_couple_may_have_any_number(number: int) -> None:
    document = copy.deepcopy(WHOLE)
    for index in (0, 1):
        document["entries"][0]["members"][index]["couple"] = number

    assert engine.read_input(as_bytes(document)).values.entries[0].members[0].couple == number


def test_minus_zero_is_zero() -> None:
    data = as_bytes(changed(("dwellings", 0, "floor"), "HERE")).replace(b'"HERE"', b"-0")

    assert engine.read_input(data).canonical == engine.read_input(data.replace(b"-0,", b"0,")).canonical
