"""When a notice is tried again, and when it is given up: by number of attempts and by its last day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules import notices
from queue_registry.rules.notices import MOST_ATTEMPTS, WAITS, Undelivered

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
LATE = date(2027, 1, 1)
# The last moment of the day in Almaty, and the first of the next.
LAST, NEXT = datetime(2026, 9, 1, 18, 59, 59, tzinfo=UTC), datetime(2026, 9, 1, 19, tzinfo=UTC)


def test_waits_grow():
    waits = [notices.next_attempt(attempts=number, at=AT) - AT for number in range(1, MOST_ATTEMPTS)]

    assert waits == list(WAITS)
    assert waits == sorted(set(waits))


@pytest.mark.parametrize(
    ("attempts", "reason"),
    [(0, None), (1, None), (MOST_ATTEMPTS - 1, None), (MOST_ATTEMPTS, Undelivered.ATTEMPTS_OVER)],
)
def test_attempts_are_bounded(attempts, reason):
    assert notices.given_up(attempts=attempts, next_at=AT, due_on=LATE) == reason


@pytest.mark.parametrize(
    ("attempts", "next_at", "reason"),
    [(1, LAST, None), (1, NEXT, Undelivered.TERM_OVER), (0, NEXT, None)],
)
def test_no_attempt_but_the_first_comes_after_the_last_day(attempts, next_at, reason):
    assert notices.given_up(attempts=attempts, next_at=next_at, due_on=date(2026, 9, 1)) == reason


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)))
def test_a_provider_is_asked_again_after_as_long_as_the_message_has_been_out(out):
    wait = notices.next_report(handed_over_at=AT - out, at=AT) - AT

    assert wait == max(timedelta(minutes=1), out)
