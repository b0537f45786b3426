"""What a test lets pass is over with the test."""

import time

from tests.passing import let_pass, set_clock_back


def test_time_that_passed_is_set_back():
    before, began = time.time(), time.perf_counter()

    let_pass(30)
    let_pass(3600)
    passed = time.time() - before
    set_clock_back()

    waited = time.perf_counter() - began
    assert 3630 <= passed < 3630 + waited + 1
    assert 0 <= time.time() - before < waited + 1
