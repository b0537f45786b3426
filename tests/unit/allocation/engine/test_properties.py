"""What must hold of every distribution, on random rounds with values on and beside every limit."""

import copy
import itertools
import json
import random
from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import engine
from allocation.engine.shares import exact_shares, give_seats
from tests.unit.allocation.engine.reference import _Reference
from tests.unit.allocation.engine.rounds import (
    FIT,
    Document,
    as_bytes,
    dwelling,
    entry,
    first_right,
    merged,
    people,
    policy,
    proportional,
    round_document,
    rounds,
)

LISTS = ("1", "2", "3", "4", "5", "6")
every_round = settings(max_examples=max(200, settings.default.max_examples))


def result_of(document: Document) -> Document:
    return json.loads(engine.run(as_bytes(document)))


@every_round
@given(rounds)
def test_dwellings_and_entries_all_add_up(document: Document) -> None:
    result = result_of(document)

    given_out = [row["dwelling"] for row in result["allotments"]]
    assert sorted(given_out + result["unallotted"]) == sorted(d["id"] for d in document["dwellings"])
    looked_at = Counter(row["list"] for row in result["allotments"] + result["passed_over"])
    for code, not_reached in result["not_reached"].items():
        assert looked_at[code] + not_reached == sum(e["list"] == code for e in document["entries"])
    assert [row["turn"] for row in result["allotments"]] == list(range(1, len(given_out) + 1))


@every_round
@given(rounds)
def test_the_tiers_account_for_every_allotment(document: Document) -> None:
    result = result_of(document)

    by_tier = Counter(row["tier"] for row in result["allotments"])
    by_tier_and_list = Counter((row["tier"], row["list"]) for row in result["allotments"])
    available = len(document["dwellings"])
    for number, tier in enumerate(result["tiers"]):
        assert tier["available"] == available
        available -= by_tier[number]
        if tier["kind"] == "proportional":
            assert all(share["served"] == by_tier_and_list[number, share["list"]] for share in tier["lists"])
            assert sum(share["seats"] for share in tier["lists"]) <= tier["available"]
            counted = sum(share["count"] for share in tier["lists"])
            shares = sum(Fraction(share["share"]) for share in tier["lists"])
            assert shares == (tier["available"] if counted else 0)
        else:
            assert tier["served"] == by_tier[number]


@every_round
@given(rounds)
def test_no_household_is_served_twice_and_every_winner_passed_the_filter(document: Document) -> None:
    rules = _Reference(document)
    entries = {e["id"]: e for e in document["entries"]}

    result = result_of(document)

    households = [row["file_no"] for row in result["allotments"]]
    assert len(households) == len(set(households))
    assert all(rules.filter_code(entries[row["entry"]]) is None for row in result["allotments"])


@every_round
@given(rounds)
def test_every_winner_has_a_dwelling_that_fits_at_its_level(document: Document) -> None:
    rules = _Reference(document)
    entries = {e["id"]: e for e in document["entries"]}
    dwellings = {d["id"]: d for d in document["dwellings"]}

    for row in result_of(document)["allotments"]:
        assert rules.fits(entries[row["entry"]], dwellings[row["dwelling"]], row["level"])


@every_round
@given(rounds)
def test_every_witness_proves_that_no_rearrangement_exists(document: Document) -> None:
    rules = _Reference(document)
    entries = {e["id"]: e for e in document["entries"]}
    result = result_of(document)
    level = {row["entry"]: row["level"] for row in result["allotments"]}

    for row in result["passed_over"]:
        assert ("witness" in row) == (row["code"] == "FITTING_DWELLINGS_TAKEN")
        if "witness" not in row:
            continue
        witness = result["witnesses"][row["witness"]]
        assert len(witness["dwellings"]) == len(witness["entries"])
        outside = [d for d in document["dwellings"] if d["id"] not in witness["dwellings"]]
        assert not any(rules.fits(entries[row["entry"]], d, "consent") for d in outside)
        for name in witness["entries"]:
            assert not any(rules.fits(entries[name], d, level[name]) for d in outside)


@every_round
@given(rounds)
def test_everybody_ahead_of_a_winner_was_looked_at_and_has_a_code(document: Document) -> None:
    result = result_of(document)

    known = {(row["list"], row["place"]) for row in result["allotments"] + result["passed_over"]}
    for row in result["allotments"]:
        assert all((row["list"], place) in known for place in range(1, row["place"]))
    assert all(row["code"] for row in result["passed_over"])


@every_round
@given(rounds, st.integers(0, 2**64))
def test_the_order_of_the_input_changes_nothing(document: Document, seed: int) -> None:
    chance = random.Random(seed)
    mixed = copy.deepcopy(document)
    chance.shuffle(mixed["entries"])
    chance.shuffle(mixed["dwellings"])

    result, other = result_of(document), result_of(mixed)

    assert {**result, "input_sha256": ""} == {**other, "input_sha256": ""}


@every_round
@given(rounds, st.sampled_from(("30", "45", "45.5", "62.999999", "63")), st.integers(1, 3))
def test_one_dwelling_more_never_unserves_a_household_of_first_right(
    document: Document, area: str, rooms: int
) -> None:
    """What later tiers hold cannot matter to it. Of entries it holds where no household has two."""
    lists = sorted({e["list"] for e in document["entries"]}) or ["1"]
    document["policy"]["tiers"].insert(0, first_right(*lists))
    before = served_by_first_right(document)

    document["dwellings"].append(dwelling("one more", area=area, rooms=rooms))
    after = served_by_first_right(document)

    assert before.keys() <= after.keys()
    households = Counter(e["file_no"] for e in document["entries"])
    assert all(after[file_no] == before[file_no] for file_no in before if households[file_no] == 1)


def served_by_first_right(document: Document) -> dict[str, str]:
    """The entry of every household that the first tier served, by file number."""
    return {row["file_no"]: row["entry"] for row in result_of(document)["allotments"] if row["tier"] == 0}


def test_one_dwelling_more_may_serve_a_household_on_its_earlier_entry() -> None:
    """Its later entry is then closed, though it was served before: the household is what is not unserved."""
    first = entry("E1", members=people(2))
    earlier = entry("E2", file_no="F-two", members=people(2), registered_at="2011-01-02T09:00:00Z")
    later = earlier | {
        "id": "E3",
        "list": "5",
        "members": people(3),
        "registered_at": "2012-01-02T09:00:00Z",
    }
    flats = [dwelling("D1", area="30"), dwelling("D2", area="45")]
    tight = FIT | {"max_area": "15", "surplus": "0", "separate_sexes_from_age": None}
    more_rooms = [flat | {"rooms": 2} for flat in flats]
    document = round_document([first, earlier, later], more_rooms, policy(first_right("4", "5"), fit=tight))
    assert served_by_first_right(document) == {"F-E1": "E1", "F-two": "E3"}

    document["dwellings"].append(dwelling("D3", area="30", rooms=2))

    assert served_by_first_right(document) == {"F-E1": "E1", "F-two": "E2"}


@every_round
@given(rounds, st.integers(0, 6))
def test_the_served_set_is_lexicographically_the_earliest_possible(document: Document, at: int) -> None:
    """Of two tiers, the second behind the first; being served by the norm is more than by consent."""
    document["entries"] = document["entries"][:7]
    first, second = LISTS[:at], LISTS[at:]
    document["policy"]["tiers"] = [first_right(*first)] * bool(first) + [merged(*second)] * bool(second)
    rules = _Reference(document)
    walked = [e for lists in (first, second) for e in rules.order if e["list"] in lists]
    able = [e for e in walked if rules.filter_code(e) is None]

    def can_all_be_housed(choice: tuple[str, ...]) -> bool:
        winners = [e for e, level in zip(able, choice, strict=True) if level != "not served"]
        rules.level = {e["id"]: level for e, level in zip(able, choice, strict=True)}
        return len({e["file_no"] for e in winners}) == len(winners) and rules._all_can_be_housed(
            winners, document["dwellings"]
        )

    choices = itertools.product(("norm", "consent", "not served"), repeat=len(able))
    best = next(filter(can_all_be_housed, choices))

    levels = {row["entry"]: row["level"] for row in result_of(document)["allotments"]}
    assert [levels.get(e["id"], "not served") for e in able] == list(best)
    assert len(levels) == len(able) - best.count("not served")


@given(
    st.dictionaries(st.sampled_from("456"), st.integers(0, 50), min_size=1),
    st.integers(0, 40),
    st.integers(1, 1000),
)
def test_scaling_all_list_sizes_keeps_the_shares(counts: dict[str, int], available: int, factor: int) -> None:
    scaled = {code: count * factor for code, count in counts.items()}

    assert exact_shares(available=available, counts=scaled) == exact_shares(
        available=available, counts=counts
    )


@every_round
@given(st.lists(st.integers(0, 6), min_size=3, max_size=3), st.integers(0, 7), st.integers(2, 5))
def test_scaling_all_lists_of_a_round_keeps_its_shares(sizes: list[int], homes: int, factor: int) -> None:
    def shares(times: int) -> list[str]:
        waiting = [
            entry(f"{code}-{number}", list=code)
            for code, size in zip("456", sizes, strict=True)
            for number in range(size * times)
        ]
        flats = [dwelling(f"D{number}") for number in range(homes)]
        result = result_of(round_document(waiting, flats, policy(proportional("4", "5", "6"))))
        return [share["share"] for share in result["tiers"][0]["lists"]]

    assert shares(factor) == shares(1)


@given(
    st.dictionaries(
        st.sampled_from("456"),
        st.tuples(st.fractions(-20, 60, max_denominator=50), st.integers(0, 30)),
        min_size=1,
    ),
    st.integers(0, 40),
)
def test_a_seat_more_takes_no_seat_away(lists: dict[str, tuple[Fraction, int]], seats: int) -> None:
    owed = {code: amount for code, (amount, _) in lists.items()}
    most = {code: able for code, (_, able) in lists.items()}
    first = {code: int(code) for code in lists}

    fewer = give_seats(seats=seats, owed=owed, most=most, first_untried=first)
    more = give_seats(seats=seats + 1, owed=owed, most=most, first_untried=first)

    assert all(fewer[code] <= more[code] <= most[code] for code in lists)
    assert fewer.keys() == more.keys()
    assert sum(fewer.values()) == min(seats, sum(most.values()))
