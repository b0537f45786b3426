"""Who is passed over by a departure: everybody before whom the home goes to, and the one who is left."""

from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.departures import passed_over

TAKERS = ("b/5", "c/5", "d/5")
keys = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=8)


def test_everybody_before_is_passed_over_and_the_one_who_is_left():
    assert passed_over(left="a/5", instead="b/5", takers=TAKERS) == ["a/5"]
    assert passed_over(left="a/5", instead="d/5", takers=TAKERS) == ["a/5", "b/5", "c/5"]


def test_to_nobody_passes_over_the_one_who_is_left():
    assert passed_over(left="a/5", instead=None, takers=TAKERS) == ["a/5"]


def test_who_could_not_take_the_home_does_not_get_it():
    assert passed_over(left="a/5", instead="e/5", takers=TAKERS) is None
    assert passed_over(left="a/5", instead="a/5", takers=TAKERS) is None


@given(takers=keys, data=st.data())
def test_nobody_passed_over_stands_behind_and_nobody_before_is_left_unnamed(takers, data):
    instead = data.draw(st.sampled_from([*takers, "z"]))
    found = passed_over(left="left", instead=instead, takers=takers)

    if instead == "z":
        assert found is None
        return
    assert found[0] == "left"
    assert instead not in found
    assert [key for key in takers if takers.index(key) < takers.index(instead)] == found[1:]
