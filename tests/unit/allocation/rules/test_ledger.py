"""What a list was owed goes into the new year; counts begin again."""

from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.ledger import carried_over, opening


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
