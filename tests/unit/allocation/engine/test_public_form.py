"""The public form: nobody's particulars, and the same distribution."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from allocation import engine
from tests.unit.allocation.engine.bundles import members_of
from tests.unit.allocation.engine.reference import _Reference
from tests.unit.allocation.engine.rounds import (
    FIT,
    Document,
    as_bytes,
    dwelling,
    entry,
    member,
    merged,
    policy,
    proportional,
    round_document,
    rounds,
)

BARE = {
    "members": [{"sex": "f", "role": "applicant", "age": 0, "couple": None}],
    "extra_person": 0,
    "extra_room": False,
    "mobility": False,
    "low_floor": False,
    "needs_accessible": False,
    "accepts_smaller": None,
    "income": None,
    "flags": [],
    "eligibility": "ineligible",
    "reason": "FILTERED",
}


def public(document: Document) -> Document:
    bundle = engine.make_bundle(as_bytes(document), form=engine.Form.PUBLIC)
    return json.loads(members_of(bundle)["input.json"])


def public_entry(the_policy: Document | None = None, **changes: Any) -> Document:
    document = round_document([entry("E1", **changes)], [dwelling("D1")], the_policy)
    (made,) = public(document)["entries"]
    return made


def test_numbers_and_moments_become_dense_ranks_that_keep_the_order() -> None:
    """The first two are one instant; "file 10" stands before "file 9", for text compares by code point."""
    document = round_document(
        [
            entry("b", file_no="file 9", registered_at="2010-01-02T09:00:00+05:00"),
            entry("Ә", file_no="file 10", registered_at="2010-01-02T04:00:00.000Z", list="5"),
            entry("a", file_no="file 9", registered_at="2009-12-31T00:00:00Z", list="5"),
            *(entry(f"c{n}", registered_at=f"2011-01-{n:02d}T00:00:00Z") for n in range(1, 8)),
        ],
        [dwelling("D1")],
    )

    entries = public(document)["entries"]

    assert [(e["id"], e["file_no"], e["list"], e["registered_at"]) for e in entries] == [
        ("01", "9", "5", "2000-01-01T00:00:01Z"),
        ("02", "9", "4", "2000-01-01T00:00:02Z"),
        ("10", "8", "5", "2000-01-01T00:00:02Z"),
        *((f"{n + 2:02d}", str(n), "4", f"2000-01-01T00:00:{n + 2:02d}Z") for n in range(1, 8)),
    ]


def test_nothing_but_the_entries_changes() -> None:
    document = round_document([entry("E1"), entry("E2", list="5")], [dwelling("D1")])

    made = public(document)

    assert made | {"entries": []} == document | {"entries": []}


@pytest.mark.parametrize(
    "changes",
    [
        {"eligibility": "unknown"},
        {"eligibility": "ineligible", "reason": "OWNS_DWELLING"},
        {"income": None},
        {"income": "999999"},
    ],
    ids=str,
)
def test_whoever_does_not_pass_the_filter_is_only_that(changes: Document) -> None:
    changes = changes | {
        "members": [member(couple=1), member("m", "spouse", 40, 1)],
        "extra_person": 2,
        "extra_room": True,
        "mobility": True,
        "low_floor": True,
        "needs_accessible": True,
        "accepts_smaller": {"area": "20", "rooms": 1},
        "flags": ["other"],
    }

    made = public_entry(**changes)

    assert made == BARE | {
        "id": "1",
        "file_no": "1",
        "list": "4",
        "registered_at": "2000-01-01T00:00:01Z",
    }


def test_of_who_passes_the_needs_stay_as_they_were_written() -> None:
    needs = {
        "extra_person": 2,
        "extra_room": True,
        "mobility": True,
        "low_floor": True,
        "needs_accessible": True,
        "accepts_smaller": {"area": "020.50", "rooms": 3},
    }

    made = public_entry(**needs)

    assert made | needs == made
    assert (made["eligibility"], made["reason"]) == ("eligible", None)


@pytest.mark.parametrize(
    ("separate_from", "ages"),
    [(7, [7, 0, 0, 7, 7]), (0, [0, 0, 0, 0, 0]), (130, [0, 0, 0, 0, 130]), (None, [0, 0, 0, 0, 0])],
)
def test_ages_and_roles_are_kept_as_far_as_the_rules_see_them(
    separate_from: int | None, ages: list[int]
) -> None:
    members = [
        member("f", "applicant", 7, 5),
        member("m", "child", 0),
        member("m", "parent", 6),
        member("f", "spouse", 129, 5),
        member("f", "other", 130),
    ]
    the_policy = policy(merged("4"), fit=FIT | {"separate_sexes_from_age": separate_from})

    made = public_entry(the_policy, members=members)

    roles = ["applicant", "other", "other", "other", "other"]
    assert made["members"] == [
        m | {"age": age, "role": role} for m, age, role in zip(members, ages, roles, strict=True)
    ]


def test_without_norms_no_age_is_seen() -> None:
    assert public_entry(policy(merged("4"), fit=None), members=[member(age=99)])["members"][0]["age"] == 0


# `below` is strict and the ladder inclusive, so the first sum on the far side of a limit differs. The limits:
# 30000 (rent), 60000 (below, a list that nobody here stands on), 93000 (below and loan_2), 111000 (loan_5).
@pytest.mark.parametrize(
    ("income", "least"),
    [
        ("0", "0.000000"),
        ("30000", "0.000000"),
        ("30000.000001", "30000.000001"),
        ("59999.999999", "30000.000001"),
        ("60000.00", "60000.000000"),
        ("92999.999999", "60000.000000"),
        ("93000", "93000.000000"),
        ("93000.000001", "93000.000001"),
        ("111000", "93000.000001"),
        ("111000.000001", "111000.000001"),
        ("999999999999.999999", "111000.000001"),
        (None, None),
    ],
)
def test_income_is_the_least_that_no_limit_tells_from_it(income: str | None, least: str | None) -> None:
    below = {"3": "3.1", "6": "2"}
    rules = {"subsistence_minimum": "30000", "below": below, "exempt_flags": []}

    assert public_entry(policy(merged("4"), income=rules), income=income)["income"] == least


def test_a_limit_between_two_millionths_is_met_by_the_one_above_it() -> None:
    """1.000001 x 0.5 is half a millionth more than 0.5: 0.500001 is the least from it, and above it."""
    rules = {"subsistence_minimum": "0.5", "below": {"4": "1.000001"}, "exempt_flags": ["free"]}
    the_policy = policy(merged("4"), income=rules, ladder=[])
    ladder = policy(merged("4"), income=rules | {"below": {}}, ladder=[["rent", "1.000001"]])

    for income, least in (("0.5", "0.000000"), ("0.500001", "0.500001"), ("7", "0.500001")):
        assert public_entry(the_policy, income=income, flags=["free"])["income"] == least
        assert public_entry(ladder, income=income)["income"] == least


@pytest.mark.parametrize(
    ("income", "flags"),
    [("115905.899999", []), ("115905.9", ["else", "disabled"]), (None, ["else", "disabled"])],
)
def test_flags_are_kept_only_of_who_passes_by_them_alone(income: str | None, flags: list[str]) -> None:
    made = public_entry(income=income, flags=["else", "disabled"])

    assert (made["flags"], made["eligibility"]) == (flags, "eligible")
    assert public_entry(list="5", income=income, flags=["else", "disabled"])["flags"] == []


def as_ranks(document: Document) -> tuple[dict[str, str], dict[str, str]]:
    """From every id and file number to its rank, worked out by hand."""
    made = []
    for key in ("id", "file_no"):
        values = sorted({e[key] for e in document["entries"]})
        width = len(str(len(values)))
        made.append({value: str(rank).zfill(width) for rank, value in enumerate(values, 1)})
    return made[0], made[1]


@settings(max_examples=max(300, settings.default.max_examples))
@given(rounds)
def test_the_same_tiers_shares_seats_and_dwellings_come_out(document: Document) -> None:
    ids, file_numbers = as_ranks(document)
    rules = _Reference(document)
    entries = {e["id"]: e for e in document["entries"]}
    expected = json.loads(engine.run(as_bytes(document)))
    for row in expected["allotments"]:
        row |= {"entry": ids[row["entry"]], "file_no": file_numbers[row["file_no"]]}
        row["reserve"] = [ids[name] for name in row["reserve"]]
    for row in expected["passed_over"]:
        if rules.filter_code(entries[row["entry"]]) is not None:
            row["code"] = "INELIGIBLE:FILTERED"
        row["entry"] = ids[row["entry"]]
    for witness in expected["witnesses"].values():
        witness["entries"] = [ids[name] for name in witness["entries"]]

    made = public(document)

    result = json.loads(engine.run(as_bytes(made)))
    assert result | {"input_sha256": ""} == expected | {"input_sha256": ""}


@settings(max_examples=max(100, settings.default.max_examples))
@given(rounds)
def test_the_public_form_of_a_public_form_is_itself(document: Document) -> None:
    made = public(document)

    assert public(made) == made


def test_the_order_of_the_input_is_not_told() -> None:
    waiting = [entry(f"E{n}", registered_at=f"2010-01-{n:02d}T00:00:00Z") for n in range(1, 9)]
    flats = [dwelling("D1")]

    made = public(round_document(waiting, flats, policy(proportional("4"))))

    assert made == public(round_document(waiting[::-1], flats, policy(proportional("4"))))
