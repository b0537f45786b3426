"""The account of the year goes from round to round: what a result says of it, the next round may be given."""

import json
import random
from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import engine
from allocation.engine.fields import fraction_text
from allocation.engine.shares import exact_shares
from tests.unit.allocation.engine.rounds import (
    Document,
    as_bytes,
    dwelling,
    entry,
    people,
    policy,
    proportional,
    round_document,
    rounds,
)


def result_of(document: Document) -> Document:
    return json.loads(engine.run(as_bytes(document)))


@settings(max_examples=max(200, settings.default.max_examples))
@given(rounds)
def test_the_ledger_of_a_result_is_a_valid_one_for_the_next_round(document: Document) -> None:
    result = result_of(document)

    document["year_to_date"] = result["year_to_date"]

    assert result_of(document)["year_to_date"]["distributed"] >= result["year_to_date"]["distributed"]


@settings(max_examples=5)
@given(st.integers(0, 2**64))
def test_the_ledger_holds_for_three_hundred_rounds_of_changing_list_sizes(seed: int) -> None:
    chance = random.Random(seed)
    year: Document = {"distributed": 0, "lists": {}}
    exact: Counter[str] = Counter()
    households = [
        entry(f"{code}-{number:03d}", list=code, members=people(1), income="0")
        for code in "456"
        for number in range(20)
    ]
    rules = policy(proportional("4", "5", "6", period="year"))

    for _ in range(300):
        sizes = {code: chance.randrange(4, 20) for code in "456"}
        waiting = [e for e in households if int(e["id"][2:]) < sizes[e["list"]]]
        flats = [dwelling(f"D{number}") for number in range(chance.randrange(4))]
        year = result_of(round_document(waiting, flats, rules, **year))["year_to_date"]
        for code in "456":
            exact[code] += Fraction(len(flats) * sizes[code], sum(sizes.values()))

    assert {code: Fraction(account["owed"]) for code, account in year["lists"].items()} == dict(exact)
    assert sum(account["by_share"] for account in year["lists"].values()) == year["distributed"]
    # No list is ever more than a few flats away from the exact share, however long the year.
    assert all(abs(Fraction(a["owed"]) - a["by_share"]) < 3 for a in year["lists"].values())


def test_the_ledger_holds_for_three_hundred_rounds_of_lists_as_long_as_those_of_a_city() -> None:
    """Its fractions grow with every round: they stay within what the next round may be given."""
    chance = random.Random(11)
    owed = dict.fromkeys("456", Fraction(0))

    for _ in range(300):
        counts = {code: chance.randrange(1, 30_000) for code in owed}
        for code, share in exact_shares(available=chance.randrange(500), counts=counts).items():
            owed[code] += share
        lists = {
            code: {"owed": fraction_text(amount), "by_share": 0, "received": 0}
            for code, amount in owed.items()
        }
        read = engine.read_input(as_bytes(round_document([], [], lists=lists))).values

        assert {code: account.owed for code, account in read.year_to_date.lists.items()} == owed

    assert 500 < max(len(side) for side in lists["4"]["owed"].split("/")) <= 3900


def test_a_ledger_of_3900_digits_a_side_gives_a_valid_ledger() -> None:
    owed = f"{10**3899 + 1}/{10**3898 + 3}"
    lists = {"4": {"owed": owed, "by_share": 9, "received": 9}}
    flats = [dwelling("D1"), dwelling("D2")]
    waiting = [
        entry("E1"),
        entry("E2", list="5"),
        entry("E3", list="5", registered_at="2011-01-02T09:00:00Z"),
    ]
    document = round_document(
        waiting, flats, policy(proportional("4", "5", period="year")), distributed=9, lists=lists
    )

    document["year_to_date"] = result_of(document)["year_to_date"]

    expected = Fraction(owed) + Fraction(2, 3)
    assert document["year_to_date"]["lists"]["4"]["owed"] == str(expected)
    assert result_of(document)["year_to_date"]["distributed"] == 13
