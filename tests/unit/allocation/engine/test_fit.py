"""Steps 0 to 2: who comes first, who takes part, which dwelling fits whom; on every limit and beside it."""

import json
from typing import Any

import pytest

from allocation import engine
from tests.unit.allocation.engine.rounds import (
    FIT,
    Document,
    as_bytes,
    dwelling,
    entry,
    member,
    merged,
    people,
    policy,
    round_document,
)


def result_of(document: Document) -> Document:
    return json.loads(engine.run(as_bytes(document)))


def code_of(the_policy: Document, **changes: Any) -> str | None:
    """The code of the only entry beside a dwelling that fits it, None if it is served."""
    result = result_of(round_document([entry("E1", **changes)], [dwelling("D1")], the_policy))
    return result["passed_over"][0]["code"] if result["passed_over"] else None


def level_of(household: Document, home: Document, **norms: Any) -> str | None:
    """By what the dwelling fits the household, None if it does not."""
    document = round_document(
        [entry("E1", **household)], [dwelling("D1", **home)], policy(merged("4"), fit=FIT | norms)
    )
    result = result_of(document)
    if result["allotments"]:
        return result["allotments"][0]["level"]
    assert result["passed_over"][0]["code"] == "NO_DWELLING_FITS"
    return None


# Step 0


def test_entries_are_ordered_by_instant_list_file_number_and_id() -> None:
    noon = "2010-01-02T12:00:00Z"
    in_order = [
        entry("z", file_no="z", list="6", registered_at="2010-01-02T16:59:59.999999+05:00"),
        entry("y", file_no="z", list="4", registered_at=noon),
        entry("x", file_no="10", list="5", registered_at="2010-01-02T17:00:00.0+05:00"),
        entry("b", file_no="9", list="5", registered_at=noon),
        entry("w", file_no="Z", list="5", registered_at="2010-01-01T23:00:00-13:00"),
        entry("v", file_no="a", list="5", registered_at=noon),
        entry("u", file_no="\uff21", list="5", registered_at=noon),
        entry("t", file_no="\U0001d4b3", list="5", registered_at=noon),
        entry("s", file_no="1", list="4", registered_at="2010-01-02T12:00:00.000001Z"),
    ]
    flats = [dwelling(f"D{n}") for n in range(9)]
    the_policy = policy(merged("6", "5", "4"), fit=None)

    result = result_of(round_document(in_order[::-1], flats, the_policy))

    served = [row["entry"] for row in result["allotments"]]
    assert served == [e["id"] for e in in_order if e["id"] != "y"]
    assert [row["entry"] for row in result["passed_over"]] == ["y"]  # the household of z
    places = {row["entry"]: row["place"] for row in result["allotments"] + result["passed_over"]}
    assert places == {"z": 1, "y": 1, "s": 2, "x": 1, "b": 2, "w": 3, "v": 4, "u": 5, "t": 6}


# Step 1. 3.1 minimums are 115905.9; the rungs end at 37389, 115905.9 and 138339.3.


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"eligibility": "unknown"}, "CHECKS_INCOMPLETE"),
        ({"eligibility": "unknown", "income": None}, "CHECKS_INCOMPLETE"),
        ({"eligibility": "ineligible", "reason": "SUSPENDED"}, "INELIGIBLE:SUSPENDED"),
        (
            {"eligibility": "ineligible", "reason": "OFFER_OPEN", "income": "999999"},
            "INELIGIBLE:OFFER_OPEN",
        ),
        ({"income": "115905.899999"}, None),
        ({"income": "115905.9"}, "INCOME_OVER_LIMIT"),
        ({"income": "115905.900001"}, "INCOME_OVER_LIMIT"),
        ({"income": None}, "INCOME_UNKNOWN"),
        ({"income": "115905.9", "flags": ["disabled"]}, None),
        ({"income": None, "flags": ["other", "disabled"]}, None),
        ({"income": None, "flags": ["other", "Disabled"]}, "INCOME_UNKNOWN"),
        ({"income": None, "list": "5"}, None),
        ({"income": "999999999999.999999", "list": "5"}, None),
        ({"eligibility": "unknown", "flags": ["disabled"]}, "CHECKS_INCOMPLETE"),
    ],
    ids=str,
)
def test_the_first_reason_why_an_entry_takes_no_part_is_its_code(changes: Document, code: str | None) -> None:
    assert code_of(policy(merged("4", "5")), **changes) == code


@pytest.mark.parametrize(
    ("income", "rung"),
    [
        ("0", "rent"),
        ("37389", "rent"),
        ("37389.000001", "loan_2"),
        ("115905.9", "loan_2"),
        ("115905.900001", "loan_5"),
        ("138339.3", "loan_5"),
        ("138339.300001", "none"),
    ],
)
@pytest.mark.parametrize("asked", ["rent", "loan_2", "loan_5", None])
def test_a_limit_of_the_ladder_belongs_to_the_rung_that_it_closes(
    income: str, rung: str, asked: str | None
) -> None:
    the_policy = policy(merged("5"), support={"kind": "rent", "rung": asked})

    code = code_of(the_policy, list="5", income=income, flags=["disabled"])

    assert code == (None if asked in (None, rung) else f"OTHER_RUNG:{rung}")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"income": None}, "INCOME_UNKNOWN"),
        ({"income": None, "flags": ["disabled"]}, "INCOME_UNKNOWN"),
        ({"income": None, "list": "5"}, "INCOME_UNKNOWN"),
        ({"income": "115905.9"}, "INCOME_OVER_LIMIT"),
        ({"income": "115905.9", "flags": ["disabled"]}, None),
        ({"income": "37389", "flags": ["disabled"]}, "OTHER_RUNG:rent"),
    ],
    ids=str,
)
def test_a_flag_frees_from_the_test_of_the_list_and_never_from_the_ladder(
    changes: Document, code: str | None
) -> None:
    the_policy = policy(merged("4", "5"), support={"kind": "loan", "rung": "loan_2"})

    assert code_of(the_policy, **changes) == code


def test_with_a_minimum_of_nothing_only_nothing_is_on_the_ladder_and_nobody_is_below() -> None:
    income = {"subsistence_minimum": "0", "below": {"4": "3.1"}, "exempt_flags": []}
    the_policy = policy(merged("4", "5"), income=income, support={"kind": "rent", "rung": "rent"})

    assert code_of(the_policy, income="0") == "INCOME_OVER_LIMIT"
    assert code_of(the_policy, income="0", list="5") is None
    assert code_of(the_policy, income="0.000001", list="5") == "OTHER_RUNG:none"


# Step 2


@pytest.mark.parametrize(
    ("members", "separate_from", "rooms"),
    [
        ([member()], 0, 1),
        ([member(), member("f", "child", 3)], 0, 1),
        ([member(), member("m", "child", 0)], 0, 2),
        ([member(), member("m", "child", 6)], 7, 1),
        ([member(), member("m", "child", 7)], 7, 2),
        ([member(age=6), member("m", "child", 6)], 7, 1),
        ([member(age=6), member("m", "child", 7)], 7, 1),
        ([member(couple=1), member("m", "spouse", 40, 1)], 0, 1),
        ([member(couple=1), member("f", "other", 40, 1)], 0, 1),
        ([member(), member("m", "spouse", 40)], 0, 2),  # spouses of no couple
        ([member(couple=1), member("m", "spouse", 40, 1), member("m", "child", 9)], 0, 2),
        ([member(couple=1), member("m", "spouse", 40, 1), member("m", "child", 6)], 7, 1),
        ([member(age=6, couple=1), member("m", "spouse", 6, 1), member("m", "child", 7)], 7, 2),
        ([member(couple=1), member("m", "spouse", 40, 1), *[member("m", "child", 9)] * 3], 0, 2),
        (
            [
                member(couple=1),
                member("m", "spouse", 40, 1),
                member("m", "child", 9),
                member("f", "child", 9),
            ],
            0,
            3,
        ),
        (
            [
                member(),
                member("m", "child", 9),
                member("f", "parent", 70, -4),
                member("m", "parent", 70, -4),
            ],
            0,
            3,
        ),
        ([member(), member("m", "child", 129)], 130, 1),
        ([member(age=130), member("m", "child", 130)], 130, 2),
        ([member(couple=1), member("m", "spouse", 40, 1), member("m", "child", 9)], None, 1),
    ],
)
@pytest.mark.parametrize("extra_room", [False, True])
def test_rooms_are_needed_for_couples_and_other_people_of_age_by_their_sex(
    *, members: list[Document], separate_from: int | None, rooms: int, extra_room: bool
) -> None:
    """A room less does not do, as many do however large they are, and with a room more it is too large."""
    household = {"members": members, "extra_room": extra_room}
    needed = rooms + extra_room

    def fits(number: int) -> bool:
        home = {"rooms": number, "area": "900"}
        return level_of(household, home, separate_sexes_from_age=separate_from) == "norm"

    assert [fits(needed - 1) if needed > 1 else False, fits(needed), fits(needed + 1)] == [False, True, False]


@pytest.mark.parametrize(
    ("household", "home", "does_fit"),
    [
        # From min_area: 15 a person, a pregnancy over 22 weeks is one.
        ({"members": people(2)}, {"area": "29.999999"}, False),
        ({"members": people(2)}, {"area": "30"}, True),
        ({"members": people(2), "extra_person": 1}, {"area": "44.999999"}, False),
        ({"members": people(2), "extra_person": 1}, {"area": "45.000000"}, True),
        ({"members": people(1), "extra_person": 2}, {"area": "44.999999"}, False),
        ({"members": people(2), "extra_room": True}, {"area": "29.999999", "rooms": 2}, False),
        ({"members": people(2), "extra_room": True}, {"area": "30", "rooms": 2}, True),
        # To max_area and the surplus: 18 a person, and one person more with an extra room, and 9.
        ({"members": people(2)}, {"area": "45", "rooms": 2}, True),
        ({"members": people(2)}, {"area": "45.000001", "rooms": 2}, False),
        ({"members": people(2)}, {"area": "45.000001", "rooms": 1}, True),
        ({"members": people(2), "extra_person": 1}, {"area": "63", "rooms": 2}, True),
        ({"members": people(2), "extra_person": 1}, {"area": "63.000001", "rooms": 2}, False),
        ({"members": people(2), "extra_room": True}, {"area": "63", "rooms": 3}, True),
        ({"members": people(2), "extra_room": True}, {"area": "63.000001", "rooms": 3}, False),
        ({"members": people(2), "extra_room": True}, {"area": "63.000001", "rooms": 2}, True),
        # The second floor is the highest that counts as low.
        ({"mobility": True}, {"floor": 2}, True),
        ({"mobility": True}, {"floor": 3}, False),
        ({"mobility": True}, {"floor": 3, "lift": True}, False),
        ({"mobility": True}, {"floor": -1}, True),
        ({"low_floor": True}, {"floor": 2}, True),
        ({"low_floor": True}, {"floor": 3}, False),
        ({"low_floor": True}, {"floor": 3, "lift": True}, True),
        ({"low_floor": True, "mobility": True}, {"floor": 3, "lift": True}, False),
        ({"needs_accessible": True}, {}, False),
        ({"needs_accessible": True}, {"accessible": True, "floor": 9}, True),
        ({}, {"accessible": True, "floor": 99}, True),
    ],
    ids=str,
)
def test_a_dwelling_fits_by_the_norm_on_its_limits_and_not_beside_them(
    *, household: Document, home: Document, does_fit: bool
) -> None:
    assert level_of(household, home) == ("norm" if does_fit else None)


THREE_IN_TWO_ROOMS = [member(couple=1), member("m", "spouse", 40, 1), member("m", "child", 9)]


@pytest.mark.parametrize(
    ("consent", "home", "level"),
    [
        # By the norm: 45 in two rooms or more; with more than two rooms at most 63.
        (None, {"area": "44.999999", "rooms": 2}, None),
        ({"area": "40", "rooms": 1}, {"area": "45", "rooms": 2}, "norm"),
        ({"area": "40", "rooms": 1}, {"area": "44.999999", "rooms": 2}, "consent"),
        ({"area": "40", "rooms": 1}, {"area": "40", "rooms": 1}, "consent"),
        ({"area": "40", "rooms": 1}, {"area": "39.999999", "rooms": 2}, None),
        ({"area": "40", "rooms": 2}, {"area": "60", "rooms": 1}, None),
        ({"area": "40", "rooms": 1}, {"area": "60", "rooms": 1}, "consent"),
        # More than the norm asks lowers nothing and raises nothing.
        ({"area": "90", "rooms": 5}, {"area": "45", "rooms": 2}, "norm"),
        ({"area": "90", "rooms": 1}, {"area": "44.999999", "rooms": 2}, None),
        ({"area": "90", "rooms": 1}, {"area": "45", "rooms": 1}, "consent"),
        ({"area": "40", "rooms": 5}, {"area": "40", "rooms": 1}, None),
        # The upper bound and its waiver stay those of the household.
        ({"area": "40", "rooms": 1}, {"area": "63.000001", "rooms": 3}, None),
        ({"area": "40", "rooms": 1}, {"area": "63.000001", "rooms": 2}, "norm"),
        ({"area": "40", "rooms": 1}, {"area": "900", "rooms": 1}, "consent"),
    ],
)
def test_consent_lowers_the_two_lower_bounds_and_nothing_else(
    consent: Document | None, home: Document, level: str | None
) -> None:
    assert level_of({"members": THREE_IN_TWO_ROOMS, "accepts_smaller": consent}, home) == level


@pytest.mark.parametrize("need", ["mobility", "low_floor", "needs_accessible"])
def test_consent_to_something_smaller_is_none_to_other_needs(need: str) -> None:
    household = {need: True, "accepts_smaller": {"area": "1", "rooms": 1}}

    assert level_of(household, {"floor": 3, "area": "1"}) is None


def test_without_norms_every_dwelling_fits_everybody_by_the_norm() -> None:
    household = {
        "members": people(9),
        "extra_room": True,
        "mobility": True,
        "needs_accessible": True,
        "accepts_smaller": {"area": "1", "rooms": 1},
    }
    homes = [dwelling("D2"), dwelling("D10", area="900", rooms=9, floor=99, accessible=True)]

    result = result_of(round_document([entry("E1", **household)], homes, policy(merged("4"), fit=None)))

    assert [(row["dwelling"], row["level"]) for row in result["allotments"]] == [("D10", "norm")]


def test_a_least_area_above_the_greatest_is_lawful_and_both_are_asked() -> None:
    norms = {"min_area": "20", "max_area": "14", "surplus": "0"}

    assert level_of({}, {"area": "20", "rooms": 1}, **norms) == "norm"
    assert level_of({}, {"area": "20", "rooms": 2}, **norms) is None
    assert level_of({}, {"area": "14", "rooms": 2}, **norms) is None
