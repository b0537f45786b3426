"""The time of an answer does not tell what was wrong of a look-up: nothing found is told at whole steps."""

import pytest

from queue_registry.views import look_up, look_up_limits


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the work and the waiting of a look-up move."""
    passed = [100.0]
    monkeypatch.setattr(look_up, "monotonic", lambda: passed[0])
    monkeypatch.setattr(look_up, "sleep", lambda seconds: passed.__setitem__(0, passed[0] + seconds))
    for name in ("count_look_up", "check_failures", "count_failure"):
        monkeypatch.setattr(look_up_limits, name, lambda *_: None)
    return passed


def took(clock, rf, *, seconds, found):
    began = clock[0]

    def ask():
        clock[0] += seconds
        return found

    assert look_up.find(rf.post("/kk/"), number="271010-0000001-0", iin="880101100014", ask=ask) is found
    return clock[0] - began


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.009, 0.0249])
def test_nothing_found_is_told_after_the_same_time(clock, rf, seconds):
    assert took(clock, rf, seconds=seconds, found=None) == pytest.approx(0.025)


def test_what_takes_longer_than_a_step_is_told_after_the_next(clock, rf):
    assert took(clock, rf, seconds=0.0251, found=None) == pytest.approx(0.05)


def test_whoever_has_both_numbers_right_does_not_wait(clock, rf):
    assert took(clock, rf, seconds=0.001, found=object()) == pytest.approx(0.001)
