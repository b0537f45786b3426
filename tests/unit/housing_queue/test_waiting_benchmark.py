"""The benchmark of expected waiting: invented lists that hang together, figures that have goals."""

import pytest

from housing_queue.benchmarks import synthetic_waiting, waiting
from housing_queue.benchmarks.measuring import read_goals
from housing_queue.benchmarks.synthetic_homes import Kind
from housing_queue.benchmarks.synthetic_waiting import Came
from queue_registry.rules.waiting_past import Past


@pytest.mark.parametrize("kind", Kind)
def test_nobody_is_housed_twice_and_all_who_were_asked_for_wait_on(kind):
    history = synthetic_waiting.build(kind, seed=7)

    there = set()
    for event in history.events:
        assert (event.person in there) == (event.what != Came.IN_THE_WAY)
        there ^= {event.person}
        assert 0 <= event.month < history.months
    assert len(history.asked) <= 5
    assert all(0 <= person.ahead < len(there) and person.waited > 0 for person in history.asked)
    assert Past(synthetic_waiting.parts_of(history)).ahead[-1][history.months] == len(there)


def test_the_same_seed_makes_the_same_history():
    one, other = (synthetic_waiting.build(Kind.BURSTS, seed=3) for _ in range(2))

    assert (one.events, one.asked) == (other.events, other.asked)


def test_every_figure_has_its_goal_and_is_a_share():
    goals = read_goals()

    figures = list(waiting.measure_waiting(entries=4))

    assert [figure.work for figure in figures] == [
        f"waiting.{kind}.{end}" for kind in Kind for end in ("least", "most")
    ]
    for figure in figures:
        assert 0 <= figure.value <= 1
        assert goals[figure.work].unit == "share"


def test_seeds_that_are_measured_are_none_that_the_limits_were_chosen_with():
    assert waiting.FIRST_SEED >= 1_000
