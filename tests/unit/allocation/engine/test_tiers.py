"""Step 4: the tiers. Who is served and who waits; each sentence of the rule on a small case."""

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
    first_right,
    floor,
    merged,
    people,
    policy,
    proportional,
    quota,
    round_document,
)

# No upper bound and no rooms in the way: who needs 15 a person fits anything from that on.
ROOMY = FIT | {"max_area": "999999", "separate_sexes_from_age": None}


def at(order: int) -> str:
    return f"2010-01-01T00:{order // 60:02d}:{order % 60:02d}Z"


def waiting(codes: str, **changes: Any) -> list[Document]:
    """One entry for each digit, on that list, in this order; E1, E2 and so on."""
    return [
        entry(f"E{n}", list=code, registered_at=at(n), **changes) for n, code in enumerate(codes, start=1)
    ]


def flats(number: int, **changes: Any) -> list[Document]:
    return [dwelling(f"D{n}", **changes) for n in range(1, number + 1)]


def result_of(entries: list[Document], homes: list[Document], *tiers: Document, **year: Any) -> Document:
    document = round_document(entries, homes, policy(*tiers, fit=ROOMY), **year)
    return json.loads(engine.run(as_bytes(document)))


def served(result: Document) -> list[str]:
    return [row["entry"] for row in result["allotments"]]


def codes(result: Document) -> dict[str, str]:
    return {row["entry"]: row["code"] for row in result["passed_over"]}


def tiers_of(result: Document) -> dict[str, int]:
    return {row["entry"]: row["tier"] for row in result["allotments"] + result["passed_over"]}


# First right and merged


@pytest.mark.parametrize("make", [first_right, merged])
def test_all_entries_of_the_lists_are_looked_at_in_one_order_until_the_dwellings_are_gone(make: Any) -> None:
    result = result_of(waiting("142412"), flats(4), make("2", "1", "4"))

    assert served(result) == ["E1", "E2", "E3", "E4"]
    assert result["not_reached"] == {"1": 1, "2": 1, "4": 0}
    assert result["tiers"] == [{"kind": make("1")["kind"], "available": 4, "served": 4, "shortfall": None}]


def test_a_tier_that_finds_no_dwelling_left_looks_at_nobody() -> None:
    result = result_of(waiting("14"), flats(1), first_right("1"), merged("4"), proportional("4"))

    assert [tier["available"] for tier in result["tiers"]] == [1, 0, 0]
    assert (served(result), codes(result), result["not_reached"]) == (["E1"], {}, {"1": 0, "4": 1})


# Floor


@pytest.mark.parametrize(
    ("share", "homes", "target"),
    [("1/5", 10, 2), ("1/5", 11, 3), ("1/5", 1, 1), ("0", 10, 0), ("1", 3, 3), ("1/3", 3, 1), ("2/6", 4, 2)],
)
def test_a_floor_of_a_batch_is_rounded_up(share: str, homes: int, target: int) -> None:
    result = result_of(waiting("2" * 12), flats(homes), floor("2", share=share))

    assert result["tiers"][0] == {
        "kind": "floor", "available": homes, "target": target, "served": target, "shortfall": None,
    }  # fmt: skip
    assert result["not_reached"] == {"2": 12 - target}


@pytest.mark.parametrize(
    ("distributed", "received", "target"),
    [(0, 0, 1), (4, 1, 1), (5, 1, 1), (6, 1, 2), (6, 2, 1), (6, 3, 0), (6, 9, 0), (0, 1, 0), (11, 0, 4)],
)
def test_a_floor_of_a_year_counts_what_was_distributed_and_received(
    distributed: int, received: int, target: int
) -> None:
    lists = {"2": {"owed": "0", "by_share": 0, "received": received}}

    result = result_of(
        waiting("2" * 12), flats(5), floor("2", period="year"), distributed=distributed, lists=lists
    )

    assert result["tiers"][0]["target"] == target
    assert len(served(result)) == target


def test_a_floor_counts_what_its_lists_were_served_in_earlier_tiers_and_never_less_than_nothing() -> None:
    half = floor("2", "3", share="1/2")

    for codes, target in (("2333", 1), ("2233", 0), ("2322", 0)):
        result = result_of(waiting(codes), flats(4), first_right("2"), half)
        assert result["tiers"][1]["target"] == target
    year = result_of(
        waiting("2333"), flats(4), first_right("2"), half | {"period": "year"}, distributed=1,
        lists={"3": {"owed": "0", "by_share": 0, "received": 1}},
    )  # fmt: skip
    assert year["tiers"][1]["target"] == 1  # 5 halves, less one received, less one served


def test_a_floor_of_several_lists_is_one_order_and_stops_at_its_target() -> None:
    result = result_of(waiting("32322"), flats(4), floor("2", "3", share="1/2"))

    assert served(result) == ["E1", "E2"]
    assert result["not_reached"] == {"2": 2, "3": 1}


def test_a_floor_looks_past_who_cannot_be_served_and_not_past_its_target() -> None:
    entries = waiting("22222")
    entries[0] |= {"eligibility": "unknown"}
    entries[2] |= {"members": people(9)}

    result = result_of(entries, flats(4), floor("2", share="1/2"))

    assert served(result) == ["E2", "E4"]
    assert codes(result) == {"E1": "CHECKS_INCOMPLETE", "E3": "NO_DWELLING_FITS"}
    assert result["not_reached"] == {"2": 1}


# Quota


def test_a_quota_deducts_nothing_for_earlier_tiers_or_rounds() -> None:
    lists = {"3": {"owed": "0", "by_share": 0, "received": 7}}

    result = result_of(
        waiting("33333"), flats(5), floor("3", share="1/5"), quota("3", dwellings=2),
        distributed=9, lists=lists,
    )  # fmt: skip

    assert result["tiers"][1] == {
        "kind": "quota", "available": 4, "target": 2, "served": 2, "shortfall": None,
    }  # fmt: skip


def test_a_quota_of_nothing_looks_at_nobody() -> None:
    result = result_of(waiting("33"), flats(1), quota("3", dwellings=0))

    assert (served(result), codes(result), result["not_reached"]) == ([], {}, {"3": 2})
    assert result["tiers"][0]["shortfall"] is None


# Why a target was not reached


@pytest.mark.parametrize("tier", [quota("3", dwellings=3), floor("3", share="1")])
@pytest.mark.parametrize(
    ("entries", "homes", "missing", "reason"),
    [
        (waiting("33"), 3, 1, "LIST_EXHAUSTED"),
        (waiting(""), 3, 3, "LIST_EXHAUSTED"),
        (waiting("333", eligibility="unknown"), 3, 3, "LIST_EXHAUSTED"),
        (waiting("33", members=people(9)), 3, 3, "NO_FITTING_DWELLING"),
        ([*waiting("33"), entry("E3", list="3", members=people(9))], 3, 1, "NO_FITTING_DWELLING"),
    ],
)
def test_a_shortfall_says_how_many_and_why(
    tier: Document, entries: list[Document], homes: int, missing: int, reason: str
) -> None:
    result = result_of(entries, flats(homes), tier)

    assert result["tiers"][0]["shortfall"] == {"missing": missing, "reason": reason}


def test_no_dwelling_left_comes_before_any_other_reason() -> None:
    entries = [entry("E0", list="3", members=people(9)), *waiting("33")]

    result = result_of(entries, flats(2), quota("3", dwellings=3))

    assert result["tiers"][0]["shortfall"] == {"missing": 1, "reason": "DWELLINGS_EXHAUSTED"}
    nothing = result_of(entries, [], quota("3", dwellings=3))
    assert nothing["tiers"][0]["shortfall"] == {"missing": 3, "reason": "DWELLINGS_EXHAUSTED"}


def test_a_failure_in_an_earlier_tier_counts_for_the_lists_of_a_later_one() -> None:
    entries = [entry("E0", list="3", members=people(9)), *waiting("2")]

    result = result_of(entries, flats(3), merged("3"), quota("3", dwellings=1), quota("2", dwellings=2))

    assert result["tiers"][1]["shortfall"] == {"missing": 1, "reason": "NO_FITTING_DWELLING"}
    assert result["tiers"][2]["shortfall"] == {"missing": 1, "reason": "LIST_EXHAUSTED"}
    assert tiers_of(result) == {"E1": 2, "E0": 0}


# Proportional


def seats(result: Document, number: int = 0) -> dict[str, int]:
    return {share["list"]: share["seats"] for share in result["tiers"][number]["lists"]}


def test_seats_go_one_by_one_to_who_is_owed_the_most() -> None:
    result = result_of(waiting("4445556"), flats(4), proportional("5", "4", "6"))

    before = {"owed_before": "0", "by_share_before": 0}
    assert result["tiers"][0]["lists"] == [
        {"list": "5", "count": 3, "share": "12/7", "seats": 2, "served": 2} | before,
        {"list": "4", "count": 3, "share": "12/7", "seats": 2, "served": 2} | before,
        {"list": "6", "count": 1, "share": "4/7", "seats": 0, "served": 0} | before,
    ]
    assert served(result) == ["E1", "E2", "E4", "E5"]
    assert codes(result) == {"E3": "SEATS_USED"}
    assert result["not_reached"] == {"4": 0, "5": 1, "6": 1}
    assert result["year_to_date"] == {
        "distributed": 4,
        "lists": {
            "4": {"owed": "12/7", "by_share": 2, "received": 2},
            "5": {"owed": "12/7", "by_share": 2, "received": 2},
            "6": {"owed": "4/7", "by_share": 0, "received": 0},
        },
    }


@pytest.mark.parametrize(("codes", "winner"), [("45", "4"), ("54", "5"), ("4455", "4"), ("5445", "5")])
@pytest.mark.parametrize("lists", [("4", "5"), ("5", "4")])
def test_a_tie_goes_to_the_list_whose_first_untried_entry_is_earliest(
    codes: str, winner: str, lists: tuple[str, str]
) -> None:
    assert seats(result_of(waiting(codes), flats(1), proportional(*lists)))[winner] == 1


def test_who_does_not_pass_or_was_served_is_not_the_first_untried_entry() -> None:
    entries = waiting("454545")
    entries[0] |= {"eligibility": "unknown"}
    entries[2] |= {"file_no": "F-other"}
    other = entry("E9", file_no="F-other", list="1")

    result = result_of([other, *entries], flats(2), first_right("1"), proportional("4", "5"))

    assert seats(result, 1) == {"4": 0, "5": 1}


@pytest.mark.parametrize(
    ("count", "expected"), [("active", {"4": 3, "5": 1}), ("eligible", {"4": 1, "5": 1})]
)
def test_people_are_counted_all_or_only_those_who_pass(count: str, expected: dict[str, int]) -> None:
    entries = waiting("4445")
    entries[0] |= {"income": "115905.9"}
    entries[1] |= {"eligibility": "ineligible", "reason": "SUSPENDED"}

    result = result_of(entries, flats(4), proportional("4", "5", count=count))

    assert {share["list"]: share["count"] for share in result["tiers"][0]["lists"]} == expected


def test_a_household_served_on_another_list_still_counts() -> None:
    entries = [entry("E0", file_no="F-E1", list="1"), *waiting("45")]

    for count in ("active", "eligible"):
        result = result_of(entries, flats(3), first_right("1"), proportional("4", "5", count=count))

        assert [share["share"] for share in result["tiers"][1]["lists"]] == ["1", "1"]
        assert seats(result, 1) == {"4": 0, "5": 1}
        assert codes(result) == {"E1": "SERVED_ON_OTHER_LIST"}


def test_a_year_remembers_what_was_owed_and_received_by_share() -> None:
    lists = {
        "4": {"owed": "-1/3", "by_share": 1, "received": 5},
        "5": {"owed": "5/2", "by_share": 1, "received": 0},
    }
    entries = waiting("4455")

    batch = result_of(entries, flats(2), proportional("4", "5", "6"), distributed=9, lists=lists)
    year = result_of(
        entries, flats(2), proportional("4", "5", "6", period="year"), distributed=9, lists=lists
    )

    assert seats(batch) == {"4": 1, "5": 1, "6": 0}
    assert seats(year) == {"4": 0, "5": 2, "6": 0}
    assert [share["owed_before"] for share in batch["tiers"][0]["lists"]] == ["0", "0", "0"]
    assert [share["owed_before"] for share in year["tiers"][0]["lists"]] == ["-1/3", "5/2", "0"]
    assert [share["by_share_before"] for share in year["tiers"][0]["lists"]] == [1, 1, 0]
    for result in (batch, year):
        assert result["year_to_date"]["lists"]["4"]["owed"] == "2/3"
        assert result["year_to_date"]["lists"]["5"]["owed"] == "7/2"
        assert result["year_to_date"]["distributed"] == 11


def test_a_list_that_is_owed_less_than_nothing_gets_a_seat_only_if_no_other_can_use_it() -> None:
    lists = {"4": {"owed": "-9", "by_share": 0, "received": 0}}
    by_year = proportional("4", "5", period="year")

    assert seats(result_of(waiting("4455"), flats(2), by_year, lists=lists)) == {"4": 0, "5": 2}
    assert seats(result_of(waiting("4455"), flats(3), by_year, lists=lists)) == {"4": 1, "5": 2}


def test_an_entry_whose_list_has_used_its_seats_is_passed_and_tried_when_seats_are_given_again() -> None:
    """The seats that list 5 could not use go to list 4, which is looked at again from the start."""
    entries = waiting("444455")
    for e in entries[4:]:
        e |= {"members": people(9)}

    result = result_of(entries, flats(3), proportional("4", "5"))

    assert seats(result) == {"4": 2, "5": 1}
    assert served(result) == ["E1", "E2", "E3"]
    assert codes(result) == {"E4": "SEATS_USED", "E5": "NO_DWELLING_FITS", "E6": "NO_DWELLING_FITS"}
    assert [share["served"] for share in result["tiers"][0]["lists"]] == [3, 0]


def test_seats_given_again_go_to_who_is_owed_the_most_after_what_it_was_really_served() -> None:
    """Both seats of list 6 come back. List 5 is owed 1/2 more; then list 4 nothing, and list 5 less."""
    entries = waiting("664444445556")
    for e in entries:
        if e["list"] == "6":
            e |= {"members": people(9)}

    result = result_of(entries, flats(6), proportional("4", "5", "6"))

    shares = {share["list"]: share for share in result["tiers"][0]["lists"]}
    assert {code: share["share"] for code, share in shares.items()} == {"4": "3", "5": "3/2", "6": "3/2"}
    assert seats(result) == {"4": 3, "5": 1, "6": 2}
    assert {code: share["served"] for code, share in shares.items()} == {"4": 4, "5": 2, "6": 0}
    # The first time the tier looked at everybody: nobody of its lists was not reached.
    assert codes(result) == (
        dict.fromkeys(["E1", "E2", "E12"], "NO_DWELLING_FITS")
        | dict.fromkeys(["E7", "E8", "E11"], "SEATS_USED")
    )
    assert result["not_reached"] == {"4": 0, "5": 0, "6": 0}


def test_a_tier_without_anybody_counted_serves_nobody_and_leaves_the_account_alone() -> None:
    lists = {"5": {"owed": "7/2", "by_share": 0, "received": 0}}

    result = result_of(
        waiting("44"), flats(2), proportional("5", "6", period="year"), merged("4"), lists=lists
    )

    assert [share["share"] for share in result["tiers"][0]["lists"]] == ["0", "0"]
    assert seats(result) == {"5": 0, "6": 0}
    assert result["year_to_date"]["lists"]["5"] == {"owed": "7/2", "by_share": 0, "received": 0}
    assert served(result) == ["E1", "E2"]


def test_a_list_in_two_proportional_tiers_is_owed_by_what_stands_in_the_input() -> None:
    """Both tiers start from the account of the input; the account after has both shares."""
    entries = waiting("44455")
    by_year = proportional("4", "5", period="year")
    lists = {"4": {"owed": "1", "by_share": 0, "received": 0}}
    entries[3] |= {"members": people(9)}

    result = result_of(entries, flats(9), by_year, by_year, lists=lists)

    first, second = (tier["lists"][0] for tier in result["tiers"])
    assert (first["owed_before"], second["owed_before"]) == ("1", "1")
    assert (first["share"], second["share"]) == ("27/5", "3")
    assert result["year_to_date"]["lists"]["4"] == {"owed": "47/5", "by_share": 3, "received": 3}


def test_only_proportional_tiers_write_to_the_account_by_share() -> None:
    result = result_of(waiting("44"), flats(2), quota("4"), proportional("4", "5"))

    assert result["year_to_date"]["lists"] == {
        "4": {"owed": "1", "by_share": 1, "received": 2},
        "5": {"owed": "0", "by_share": 0, "received": 0},
    }


def test_the_account_has_the_lists_of_the_policy_and_of_the_input() -> None:
    lists = {"6": {"owed": "2/4", "by_share": 1, "received": 1}}

    result = result_of([], flats(1), merged("2"), lists=lists)

    zeros = {"owed": "0", "by_share": 0, "received": 0}
    assert result["year_to_date"]["lists"] == {"2": zeros, "6": lists["6"] | {"owed": "1/2"}}
    assert result["not_reached"] == {"2": 0}
