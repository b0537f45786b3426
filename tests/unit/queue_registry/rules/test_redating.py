"""Four grounds on which a registration moment may change, each at its limit."""

from datetime import UTC, datetime, timedelta

import pytest

from queue_registry.rules import redating
from queue_registry.rules.move_refusals import MoveRefused
from queue_registry.rules.reasons import RegistrationChangeGround as Ground
from queue_registry.rules.waiting_lists import ListNumber
from tests.unit.queue_registry.rules.invented import policy

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
NOW = datetime(2020, 5, 6, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# Midnight in Almaty at the turn of 1990 and 1991, six hours before Greenwich then.
FIRST_OF_1991 = datetime(1990, 12, 31, 18, tzinfo=UTC)


def refusal(ground, new, *, number=ListNumber.PUBLIC_SERVICE):
    """Code of the refusal of a change, or None."""
    try:
        redating.check(ground=ground, list_number=number, now=NOW, new=new, policy=policy(), at=AT)
    except MoveRefused as refused:
        return refused.code.value
    return None


@pytest.mark.parametrize("ground", [Ground.REINSTATEMENT, Ground.DIGITIZATION])
@pytest.mark.parametrize(
    ("new", "code"),
    [
        (AT, None),
        (AT + SECOND, "MOMENT_IN_FUTURE"),
        (NOW, "MOMENT_THE_SAME"),
        (NOW - SECOND, None),
        (NOW + SECOND, None),
        (FIRST_OF_1991, None),
        (FIRST_OF_1991 - SECOND, "MOMENT_TOO_EARLY"),
        (NOW.replace(year=NOW.year - 17), None),
    ],
)
def test_a_moment_lies_between_the_earliest_year_and_now(ground, new, code):
    assert refusal(ground, new) == code


def test_grounds_that_arose_later_move_a_moment_back_only():
    assert refusal(Ground.GROUNDS_AROSE_LATER, NOW + SECOND) is None
    assert refusal(Ground.GROUNDS_AROSE_LATER, NOW - SECOND) == "ONLY_LATER"


@pytest.mark.parametrize("number", list(ListNumber))
def test_only_orphans_are_transferred_with_their_moment(number):
    expected = None if number is ListNumber.ORPHANS else "ONLY_FOR_ORPHANS"

    assert refusal(Ground.ORPHAN_TRANSFER, NOW - SECOND, number=number) == expected
