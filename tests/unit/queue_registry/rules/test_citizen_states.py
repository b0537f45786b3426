"""What a household is told of its entry: a closed set, and what it has to do before what only holds it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.citizen_states import Action, CitizenState, OpenRemoval, citizen_status
from queue_registry.rules.statuses import ACTIVE, HELD, QueueEntryStatus

REMOVAL = OpenRemoval(ground="MOVED_AWAY", objections_until=date(2026, 9, 3))


def told(status, *, ground="", removal=None, consent_missing=False):
    return citizen_status(
        QueueEntryStatus(status), ground=ground, removal=removal, consent_missing=consent_missing
    )


@pytest.mark.parametrize(
    ("status", "given_besides", "state", "cause"),
    [
        ("WAITING", {}, CitizenState.ON_LIST, ""),
        ("WAITING", {"ground": "OFFER_REFUSED"}, CitizenState.ON_LIST, ""),
        ("WAITING", {"consent_missing": True}, CitizenState.ACTION_NEEDED, Action.CONSENT_MISSING),
        ("WAITING", {"removal": REMOVAL}, CitizenState.ACTION_NEEDED, Action.REMOVAL_PROPOSED),
        (
            "WAITING",
            {"removal": REMOVAL, "consent_missing": True},
            CitizenState.ACTION_NEEDED,
            Action.REMOVAL_PROPOSED,
        ),
        ("SUSPENDED", {"ground": "DIGITIZATION"}, CitizenState.FROZEN, "DIGITIZATION"),
        (
            "SUSPENDED",
            {"ground": "DIGITIZATION", "consent_missing": True},
            CitizenState.FROZEN,
            "DIGITIZATION",
        ),
        (
            "SUSPENDED",
            {"ground": "DIGITIZATION", "removal": REMOVAL},
            CitizenState.ACTION_NEEDED,
            Action.REMOVAL_PROPOSED,
        ),
        ("OFFERED", {"ground": "OFFER_MADE"}, CitizenState.OFFER_OPEN, "OFFER_MADE"),
        ("HOUSED", {"ground": "KEYS_HANDED"}, CitizenState.HOUSED, "KEYS_HANDED"),
        ("DEREGISTERED", {"ground": "MOVED_AWAY"}, CitizenState.REMOVED, "MOVED_AWAY"),
    ],
)
def test_every_status_is_told_as_one_of_the_closed_set(status, given_besides, state, cause):
    found = told(status, **given_besides)

    assert (found.state, found.cause) == (state, cause)


@pytest.mark.parametrize("status", QueueEntryStatus)
def test_only_who_waits_is_told_that_nothing_is_to_be_done_and_who_is_held_that_it_is_frozen(status):
    state = told(status, ground="OWN_REQUEST").state

    assert (state is CitizenState.ON_LIST) == (status is QueueEntryStatus.WAITING)
    assert (state is CitizenState.FROZEN) == (status in HELD)


def test_a_proposed_removal_names_its_ground_and_the_last_day():
    found = told("WAITING", removal=REMOVAL)

    assert (found.ground, found.until) == ("MOVED_AWAY", date(2026, 9, 3))


@given(
    status=st.sampled_from(list(QueueEntryStatus)),
    removal=st.sampled_from([None, REMOVAL]),
    consent_missing=st.booleans(),
)
def test_whoever_has_a_place_is_told_that_he_keeps_it(status, removal, consent_missing):
    found = told(status, ground="OWN_REQUEST", removal=removal, consent_missing=consent_missing)

    assert found.keeps_place == (status in ACTIVE)
    assert (found.until is not None) == (found.cause == Action.REMOVAL_PROPOSED)
