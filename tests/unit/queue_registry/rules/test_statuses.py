"""The table of moves."""

from itertools import product

import pytest

from queue_registry.rules.statuses import (
    ACTIVE,
    HELD,
    UNDECIDED,
    MoveNotAllowed,
    QueueEntryStatus,
    check_move,
)

LAWFUL = {
    ("WAITING", "SUSPENDED"),
    ("WAITING", "OFFERED"),
    ("WAITING", "DEREGISTERED"),
    ("WAITING", "HOUSED"),
    ("SUSPENDED", "WAITING"),
    ("SUSPENDED", "DEREGISTERED"),
    ("SUSPENDED", "HOUSED"),
    ("OFFERED", "WAITING"),
    ("OFFERED", "HOUSED"),
    ("HOUSED", "WAITING"),
    ("HOUSED", "SUSPENDED"),
    ("DEREGISTERED", "WAITING"),
}


@pytest.mark.parametrize(("current", "target"), list(product(QueueEntryStatus, QueueEntryStatus)))
def test_only_the_moves_of_the_table_exist(current, target):
    if (current.value, target.value) in LAWFUL:
        assert check_move(current=current, target=target) is None
    else:
        with pytest.raises(MoveNotAllowed, match=f"{current} can't move to {target}"):
            check_move(current=current, target=target)


def test_every_status_has_a_place_or_is_one_of_the_two_that_end():
    """A new status says here on which side it stands; what keeps its place waits, is held or has an offer."""
    assert set(QueueEntryStatus) - ACTIVE == {"HOUSED", "DEREGISTERED"}
    assert {"WAITING", "OFFERED"} == ACTIVE - HELD
    assert ACTIVE - {"OFFERED"} == UNDECIDED


@pytest.mark.parametrize("status", sorted(HELD))
def test_what_is_held_comes_from_waiting_and_can_go_back_be_housed_or_removed(status):
    goes_to = {target for current, target in LAWFUL if current == status}

    assert ("WAITING", status) in LAWFUL
    assert ("HOUSED", status) in LAWFUL
    assert goes_to == {"WAITING", "HOUSED", "DEREGISTERED"}
