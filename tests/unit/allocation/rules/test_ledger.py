"""What a list was owed goes into the new year; counts begin again."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.ledger import LostHome, carried_over, opening, without


def test_a_new_year_opens_with_what_was_owed_and_not_received():
    ledger = {
        "distributed": 100,
        "lists": {
            "4": {"owed": "466675/18523", "by_share": 25, "received": 30},
            "6": {"owed": "55/3", "by_share": 19, "received": 19},
        },
    }

    assert carried_over(ledger) == {
        "distributed": 0,
        "lists": {
            "4": {"owed": "3600/18523", "by_share": 0, "received": 0},
            "6": {"owed": "-2/3", "by_share": 0, "received": 0},
        },
    }


def test_an_akimat_that_never_distributed_begins_with_nothing():
    assert opening() == {"distributed": 0, "lists": {}}


fractions = st.fractions(min_value=-5, max_value=50).map(str)
ledgers = st.fixed_dictionaries(
    {
        "distributed": st.integers(0, 500),
        "lists": st.dictionaries(
            st.sampled_from("123456"),
            st.fixed_dictionaries(
                {"owed": fractions, "by_share": st.integers(0, 60), "received": st.integers(0, 60)}
            ),
        ),
    }
)


@given(ledger=ledgers)
def test_a_second_new_year_without_a_round_changes_nothing(ledger):
    once = carried_over(ledger)

    assert carried_over(once) == once


def test_a_home_that_stands_no_more_is_in_no_count_and_is_owed_again():
    ledger = {
        "distributed": 3,
        "lists": {
            "2": {"owed": "0", "by_share": 0, "received": 1},
            "4": {"owed": "5/3", "by_share": 2, "received": 2},
        },
    }

    after = without(
        ledger,
        [
            LostHome(list_number="2", by_share=False, is_counted=True),
            LostHome(list_number="4", by_share=True, is_counted=True),
        ],
    )

    assert after == {
        "distributed": 1,
        "lists": {
            "2": {"owed": "0", "by_share": 0, "received": 0},
            "4": {"owed": "5/3", "by_share": 1, "received": 1},
        },
    }
    assert ledger["lists"]["4"]["by_share"] == 2


def test_a_home_of_an_earlier_period_is_only_owed_again():
    ledger = {"distributed": 1, "lists": {"4": {"owed": "-1/3", "by_share": 1, "received": 1}}}
    lost = [
        LostHome(list_number="2", by_share=False, is_counted=False),
        LostHome(list_number="4", by_share=True, is_counted=False),
        LostHome(list_number="6", by_share=True, is_counted=False),
    ]

    assert without(ledger, lost) == {
        "distributed": 1,
        "lists": {
            "2": {"owed": "0", "by_share": 0, "received": 0},
            "4": {"owed": "2/3", "by_share": 1, "received": 1},
            "6": {"owed": "1", "by_share": 0, "received": 0},
        },
    }


lost_homes = st.lists(
    st.builds(
        LostHome, list_number=st.sampled_from("123456"), by_share=st.booleans(), is_counted=st.booleans()
    ),
    max_size=9,
)


@given(ledger=ledgers, lost=lost_homes)
def test_what_a_list_lost_by_share_is_what_more_it_is_owed_and_no_other_list_is_touched(ledger, lost):
    before, after = carried_over(ledger)["lists"], carried_over(without(ledger, lost))["lists"]

    for number in "123456":
        owed, owed_now = (Fraction(side.get(number, {"owed": "0"})["owed"]) for side in (before, after))
        assert owed_now - owed == sum(home.by_share for home in lost if home.list_number == number)


@given(ledger=ledgers, lost=lost_homes)
def test_homes_taken_back_one_by_one_are_taken_back_as_all_at_once(ledger, lost):
    one_by_one = ledger
    for home in lost:
        one_by_one = without(one_by_one, [home])

    assert one_by_one == without(ledger, lost)
