"""Time that passes for a test without anybody waiting for it."""

import time

import time_machine

_MOVED: list[time_machine.travel] = []


def let_pass(seconds: float) -> None:
    """Move the clock of this process on; it is set back when the test ends (tests/conftest.py)."""
    moved = time_machine.travel(time.time() + seconds, tick=True)
    moved.start()
    _MOVED.append(moved)


def set_clock_back() -> None:
    """What passed for one test did not pass for the next."""
    while _MOVED:
        _MOVED.pop().stop()
