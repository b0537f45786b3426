"""Steps 3, 5, 6 and 7: rearranging, codes, witnesses, which dwelling, the reserve; and the form of it all."""

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
    member,
    merged,
    people,
    policy,
    proportional,
    quota,
    round_document,
)
from tests.unit.allocation.engine.test_tiers import at, codes, flats, served, tiers_of

# One needs 15 to 27, two need 30 to 45 and so on, in dwellings of two rooms; no sex asks for rooms.
NORMS = FIT | {"separate_sexes_from_age": None}


def home(name: str, area: str, **changes: Any) -> Document:
    return dwelling(name, area=area, rooms=2, **changes)


def family(name: str, number: int, order: int, **changes: Any) -> Document:
    return entry(name, members=people(number), registered_at=at(order), **changes)


def result_of(entries: list[Document], homes: list[Document], *tiers: Document, fit: Any = NORMS) -> Document:
    document = round_document(entries, homes, policy(*(tiers or [merged("4", "5")]), fit=fit))
    return json.loads(engine.run(as_bytes(document)))


def homes_of(result: Document) -> dict[str, str]:
    return {row["entry"]: row["dwelling"] for row in result["allotments"]}


def levels(result: Document) -> dict[str, str]:
    return {row["entry"]: row["level"] for row in result["allotments"]}


# Step 3


def test_an_earlier_family_moves_to_another_dwelling_and_never_loses_its_place() -> None:
    """45 fits two and three, 42 only two. E1 would choose neither for itself, and makes room for E2."""
    result = result_of(
        [family("E1", 2, 1), family("E2", 3, 2), family("E3", 2, 3)], [home("D1", "45"), home("D2", "42")]
    )

    assert homes_of(result) == {"E1": "D2", "E2": "D1"}
    assert result["not_reached"] == {"4": 1, "5": 0}


def test_room_is_made_along_a_long_chain() -> None:
    """Each of twenty families fits its own dwelling and the next; the last comer fits the first only."""
    shapes = [(n, str(15 * n)) for n in range(1, 21)]
    fit = NORMS | {"max_area": "15", "surplus": "15"}
    families = [family(f"E{n:02d}", n, order) for order, (n, _) in enumerate(shapes)]
    homes = [home(f"D{n:02d}", area) for n, area in shapes] + [home("D21", "315")]

    result = result_of([*families, family("late", 1, 99)], homes, fit=fit)

    assert len(served(result)) == 21
    assert homes_of(result)["E20"] == "D21"


def test_consent_is_tried_only_when_the_norm_fails_and_the_level_stays() -> None:
    consent = {"area": "15", "rooms": 1}
    entries = [
        family("E1", 2, 1, accepts_smaller=consent),
        family("E2", 2, 2, accepts_smaller=consent),
        family("E3", 1, 3),
    ]

    result = result_of(entries, [home("D1", "30"), home("D2", "20")])

    assert levels(result) == {"E1": "norm", "E2": "consent"}
    assert homes_of(result) == {"E1": "D1", "E2": "D2"}
    assert result["not_reached"] == {"4": 1, "5": 0}


def test_who_was_served_by_the_norm_is_not_moved_below_it() -> None:
    """E1 consents to 20 but was served by the norm: it does not make room for E2."""
    entries = [family("E1", 2, 1, accepts_smaller={"area": "15", "rooms": 1}), family("E2", 2, 2)]

    result = result_of(entries, [home("D1", "30"), home("D2", "20")])

    assert levels(result) == {"E1": "norm"}
    assert codes(result) == {"E2": "FITTING_DWELLINGS_TAKEN"}
    assert result["unallotted"] == ["D2"]


def test_an_entry_that_could_not_be_served_is_not_tried_again_in_a_later_tier() -> None:
    entries = [family("E1", 2, 1), family("E2", 2, 2), family("E3", 1, 3)]
    homes = [home("D1", "30"), home("D2", "20")]

    result = result_of(entries, homes, quota("4", dwellings=1), merged("4"), merged("4"))

    assert tiers_of(result) == {"E1": 0, "E2": 1, "E3": 1}
    assert codes(result) == {"E2": "FITTING_DWELLINGS_TAKEN"}


# Step 6


def test_a_household_that_is_served_on_one_list_is_closed_on_the_other() -> None:
    entries = [
        family("E1", 1, 1, file_no="two"),
        family("E2", 1, 2, file_no="two", list="5"),
        family("E3", 1, 3, list="5"),
    ]

    result = result_of(entries, [home("D1", "20"), home("D2", "20")])

    assert served(result) == ["E1", "E3"]
    assert codes(result) == {"E2": "SERVED_ON_OTHER_LIST"}


def test_an_entry_that_was_tried_keeps_its_code_if_its_household_is_served_later() -> None:
    entries = [
        family("E1", 9, 1, file_no="two"),
        family("E2", 1, 2),
        family("E3", 1, 3, file_no="three"),
        family("E4", 1, 4, file_no="two", list="5"),
        family("E5", 2, 5, file_no="three", list="5"),
    ]

    result = result_of(
        entries, [home("D1", "20"), home("D2", "30"), home("D3", "31")], first_right("4"), merged("5")
    )

    assert served(result) == ["E2", "E5"]
    assert codes(result) == {
        "E1": "NO_DWELLING_FITS",
        "E3": "FITTING_DWELLINGS_TAKEN",
        "E4": "FITTING_DWELLINGS_TAKEN",
    }
    assert tiers_of(result) == {"E1": 0, "E2": 0, "E3": 0, "E4": 1, "E5": 1}


def test_an_earlier_entry_of_a_household_that_is_served_later_in_the_tier_says_so() -> None:
    """List 4 has no seat, so E1 is passed untried; its household is served on list 5 in the same tier."""
    entries = [
        family("E1", 1, 2, file_no="two"),
        family("E2", 1, 1, list="5"),
        family("E3", 1, 3, file_no="two", list="5"),
        family("E4", 1, 4, list="5"),
    ]

    result = result_of(entries, flats(2, area="20", rooms=2), proportional("4", "5"))

    assert served(result) == ["E2", "E3"]
    assert codes(result) == {"E1": "SERVED_ON_OTHER_LIST"}


def test_a_filter_code_comes_before_the_household_and_stays_with_the_first_tier_that_looked() -> None:
    entries = [
        family("E1", 1, 1, file_no="two", income="115905.9"),
        family("E2", 1, 2, file_no="two", list="5"),
        family("E3", 1, 3, list="5", eligibility="unknown"),
    ]

    result = result_of(entries, flats(2, area="20", rooms=2), quota("5", dwellings=2), merged("4", "5"))

    assert codes(result) == {"E1": "INCOME_OVER_LIMIT", "E3": "CHECKS_INCOMPLETE"}
    assert tiers_of(result) == {"E2": 0, "E3": 0, "E1": 1}


def witness(result: Document, name: str) -> tuple[str, list[str], list[str]]:
    (row,) = [row for row in result["passed_over"] if row["entry"] == name]
    found = result["witnesses"][row["witness"]]
    return row["witness"], found["entries"], found["dwellings"]


def test_a_witness_is_all_that_alternating_paths_reach_and_no_more() -> None:
    """
    Three people fit 45 and 48, which E2 and E4 hold: 42 and 75 are not reached. Two people fit 42 and 45;
    whoever holds 45 also fits 48, so that is reached too.
    """
    entries = [
        family("E0", 5, 0),
        family("E1", 2, 1),
        family("E2", 3, 2),
        family("E4", 3, 4),
        family("E3", 3, 5),
    ]
    homes = [home("D1", "42"), home("D2", "45"), home("D3", "48"), home("D9", "75"), home("D8", "200")]

    result = result_of(entries, homes)

    assert served(result) == ["E0", "E1", "E2", "E4"]
    assert witness(result, "E3") == ("W1", ["E2", "E4"], ["D2", "D3"])
    wider = result_of([*entries[:4], family("E5", 2, 5)], homes)
    assert witness(wider, "E5") == ("W1", ["E1", "E2", "E4"], ["D1", "D2", "D3"])


def test_the_first_earlier_witness_that_holds_all_fitting_dwellings_is_used_again() -> None:
    """W1 is for two people, W2 for three. Whoever fits W2's dwellings only, or W1's only, gets that one."""
    entries = [
        family("A", 2, 1), family("B", 4, 2),
        family("C", 2, 3), family("D", 4, 4), family("E", 2, 5), family("F", 4, 6),
        family("G", 2, 7, accepts_smaller={"area": "1", "rooms": 1}),
    ]  # fmt: skip

    result = result_of(entries, [home("D1", "30"), home("D2", "60"), home("D3", "300")])

    assert {row["entry"]: row["witness"] for row in result["passed_over"]} == {
        "C": "W1", "D": "W2", "E": "W1", "F": "W2", "G": "W1",
    }  # fmt: skip
    assert list(result["witnesses"]) == ["W1", "W2"]


def test_a_wider_witness_is_used_again_for_who_fits_less() -> None:
    """C fits both dwellings, so W1 holds both; D fits one of them and needs no witness of its own."""
    entries = [
        family("A", 1, 1),
        family("B", 2, 2),
        family("C", 1, 3, accepts_smaller=None),
        family("D", 2, 4),
    ]
    fit = NORMS | {"max_area": "100"}

    result = result_of(entries, [home("D1", "20"), home("D2", "40"), home("D3", "500")], fit=fit)

    assert {row["entry"]: row["witness"] for row in result["passed_over"]} == {"C": "W1", "D": "W1"}
    assert result["witnesses"] == {"W1": {"entries": ["A", "B"], "dwellings": ["D1", "D2"]}}


def test_what_fits_by_consent_counts_for_the_witness_of_the_entry_itself() -> None:
    entries = [
        family("A", 1, 1), family("B", 2, 2),
        family("C", 2, 3, accepts_smaller={"area": "20", "rooms": 1}),
    ]  # fmt: skip

    result = result_of(entries, [home("D1", "20"), home("D2", "40"), home("D3", "500")])

    assert witness(result, "C") == ("W1", ["A", "B"], ["D1", "D2"])


def test_witnesses_and_what_is_left_are_sorted_by_order_and_by_id() -> None:
    """Ten and more: names compare as text, and entries by step 0, not by name."""
    entries = [family(name, 2, order) for order, name in enumerate(["z", "b", "a", "c"])]
    homes = [home("D9", "30"), home("D10", "30"), home("D1", "30"), home("R9", "300"), home("R10", "300")]

    result = result_of(entries, homes)

    assert result["witnesses"] == {"W1": {"entries": ["z", "b", "a"], "dwellings": ["D1", "D10", "D9"]}}
    assert result["unallotted"] == ["R10", "R9"]


# Step 5


@pytest.mark.parametrize(
    ("household", "homes", "choice"),
    [
        # An accessible one last, unless it is needed.
        ({}, [home("D1", "15", accessible=True), home("D2", "27")], "D2"),
        ({"needs_accessible": True}, [home("D1", "16", accessible=True), home("D2", "15")], "D1"),
        ({}, [home("D1", "27", accessible=True), home("D2", "15", accessible=True)], "D2"),
        # The nearest to 15 a person; with as much below by consent as above, fewest rooms and id decide.
        ({}, [home("D1", "15.000001"), home("D2", "15")], "D2"),
        ({"members": people(2)}, [home("D1", "35"), home("D2", "31"), home("D3", "30.5")], "D3"),
        ({"extra_person": 1}, [home("D1", "35"), home("D2", "31")], "D2"),
        # Fewest rooms, whatever the floor; then the smallest id as text.
        ({}, [dwelling("D1", area="20", rooms=2), dwelling("D2", area="20", rooms=1)], "D2"),
        ({}, [home("D9", "20", floor=1), home("D10", "20", floor=9, lift=True), home("D2", "20")], "D10"),
        ({}, [home("b", "20"), home("B", "20"), home("Ә", "20")], "B"),
    ],
    ids=str,
)
def test_a_winner_takes_the_best_of_what_fits_it(
    household: Document, homes: list[Document], choice: str
) -> None:
    assert homes_of(result_of([entry("E1", **household)], homes)) == {"E1": choice}


def test_by_consent_the_area_is_compared_with_that_of_the_norm_still() -> None:
    """30 is the norm's area, and nothing of it is left: 27 is nearer to it than 16."""
    household = {"members": people(2), "accepts_smaller": {"area": "10", "rooms": 1}}

    result = result_of([entry("E1", **household)], [home("D1", "16"), home("D2", "27")])

    assert (homes_of(result), levels(result)) == ({"E1": "D2"}, {"E1": "consent"})


def test_as_far_below_the_area_of_the_norm_as_above_it_is_as_good() -> None:
    """Two rooms are due, one is consented to. 44 and 46 are as far from 45: rooms decide, then the id."""
    family_of_three = [member(couple=1), member("m", "spouse", 40, 1), member("m", "child", 9)]
    household = entry("E1", members=family_of_three, accepts_smaller={"area": "40", "rooms": 1})

    def choice(*homes: Document) -> str:
        return homes_of(result_of([household], list(homes), fit=FIT))["E1"]

    assert choice(dwelling("D1", area="44", rooms=2), dwelling("D2", area="46", rooms=1)) == "D2"
    assert choice(dwelling("D2", area="44", rooms=1), dwelling("D1", area="46", rooms=1)) == "D1"
    assert choice(dwelling("D1", area="44", rooms=1), dwelling("D2", area="46", rooms=1)) == "D1"
    assert choice(dwelling("D1", area="44", rooms=1), dwelling("D2", area="45.999999", rooms=1)) == "D2"


def test_nobody_takes_what_a_later_winner_cannot_do_without() -> None:
    """D1 is nearer to the norm of E1, and E2 can do with nothing else: it is low."""
    entries = [family("E1", 2, 1), family("E2", 2, 2, mobility=True)]

    result = result_of(entries, [home("D1", "30"), home("D2", "45", floor=3)])

    assert homes_of(result) == {"E1": "D2", "E2": "D1"}


def test_winners_choose_tier_by_tier_and_by_order_inside_a_tier() -> None:
    """E9 stands behind in the order, and before in the tiers; E2 is served before E1 is."""
    entries = [family("E1", 1, 1, list="4"), family("E2", 1, 2, list="5"), family("E9", 1, 9, list="1")]
    homes = [home("D1", "15"), home("D2", "16"), home("D3", "17")]

    result = result_of(entries, homes, first_right("1"), proportional("5", "4"))

    assert [(row["turn"], row["entry"], row["dwelling"]) for row in result["allotments"]] == [
        (1, "E9", "D1"), (2, "E1", "D2"), (3, "E2", "D3"),
    ]  # fmt: skip


def test_without_norms_the_smallest_id_is_taken() -> None:
    homes = [home("D9", "15"), home("D10", "900", accessible=True)]

    assert homes_of(result_of([family("E1", 1, 1)], homes, fit=None)) == {"E1": "D10"}


# Step 7


def test_the_reserve_is_the_first_three_of_the_list_whom_the_dwelling_fits() -> None:
    consent = {"area": "10", "rooms": 1}
    entries = [
        family("E1", 2, 1),
        family("E2", 2, 2, eligibility="unknown"),
        family("E3", 2, 3, list="5"),
        family("E4", 4, 4),
        family("E5", 2, 5, file_no="served"),
        family("E6", 3, 6, accepts_smaller=consent),
        family("E7", 2, 7),
        family("E8", 2, 8),
        family("E9", 2, 9),
        family("E0", 1, 0, file_no="served", list="5"),
    ]

    result = result_of(entries, [home("D1", "30"), home("D2", "20")], quota("5"), merged("4"))

    rows = {row["entry"]: row["reserve"] for row in result["allotments"]}
    assert rows == {"E0": [], "E1": ["E6", "E7", "E8"]}


def test_the_reserve_has_who_was_tried_and_failed_and_may_stand_with_several_dwellings() -> None:
    entries = [family("E1", 2, 1), family("E2", 2, 2), family("E3", 2, 3)]

    result = result_of(entries, [home("D1", "30"), home("D2", "31"), home("D3", "400")])

    assert codes(result) == {"E3": "FITTING_DWELLINGS_TAKEN"}
    assert [row["reserve"] for row in result["allotments"]] == [["E3"], ["E3"]]


# The form of the result


def test_the_result_has_the_keys_of_the_contract_and_rows_in_their_order() -> None:
    entries = [
        family("E1", 1, 5), family("E2", 1, 6, list="5"), family("E3", 9, 1), family("E4", 1, 2, list="5"),
        family("E5", 9, 3, list="5"), family("E6", 1, 9),
    ]  # fmt: skip
    document = round_document(
        entries, [home("D1", "20"), home("D2", "20")],
        policy(merged("5"), merged("4"), fit=NORMS),
    )  # fmt: skip

    data = engine.run(as_bytes(document))
    result = json.loads(data)

    assert data == engine.canonical_bytes(result)
    assert result.keys() == {
        "format", "engine", "input_sha256", "tiers", "allotments", "passed_over", "witnesses", "not_reached",
        "unallotted", "year_to_date",
    }  # fmt: skip
    assert result["format"] == "round-result/1"
    assert result["input_sha256"] == engine.read_input(as_bytes(document)).sha256
    assert [row["entry"] for row in result["allotments"]] == ["E4", "E2"]
    assert result["allotments"][0].keys() == {
        "dwelling", "entry", "file_no", "list", "place", "tier", "turn", "level", "reserve",
    }  # fmt: skip
    assert result["passed_over"] == [
        {"entry": "E5", "list": "5", "place": 2, "tier": 0, "code": "NO_DWELLING_FITS"}
    ]
    assert result["not_reached"] == {"4": 3, "5": 0}
