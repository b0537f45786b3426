"""Two people act on one entry at the same moment: one acts, the other is told, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from queue_registry.models import RegistrationChange, RemovalCase
from queue_registry.rules.move_refusals import MoveRefused
from queue_registry.rules.reasons import RegistrationChangeGround, RemovalGround, SuspensionGround
from queue_registry.selectors import invariants, moves
from queue_registry.services import registration_changes, removals, suspensions
from tests import factories
from tests.unit.queue_registry.services.moving import (
    AT,
    FIRST_DECISION,
    notified,
    second_supervisor,
    status_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db):
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


def at_once(*acts):
    """Do acts at the same time, each on a connection of its own; return the codes of what was refused."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(10)
            act()
        except MoveRefused as refused:
            return refused.code.value
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        answers = [one.result(30) for one in [pool.submit(run, act) for act in acts]]
    return sorted(code for code in answers if code is not None)


def test_of_two_clerks_who_propose_a_removal_one_is_told(town, entry):
    seen = moves.version_of(entry)

    def propose(by):
        removals.propose(
            entry_id=entry.pk, ground=RemovalGround.DECEASED, evidence="x", by=by, at=AT, seen=seen
        )

    told = at_once(lambda: propose(town.clerk), lambda: propose(town.clerk2))

    assert told == ["CASE_OPEN"]
    assert RemovalCase.objects.count() == 1


def test_of_two_who_decide_a_case_one_is_told(town, entry):
    case, other = notified(town, entry), second_supervisor(town)

    def decide(by, outcome):
        removals.decide(case_id=case.pk, outcome=outcome, decision="x", by=by, at=FIRST_DECISION)

    told = at_once(
        lambda: decide(town.supervisor, RemovalCase.Outcome.REMOVED),
        lambda: decide(other, RemovalCase.Outcome.DROPPED),
    )

    assert told == ["CASE_DECIDED"]
    case.refresh_from_db()
    assert (case.outcome == "REMOVED") is (status_of(entry) == "DEREGISTERED")
    assert invariants.impossible() == []


def test_of_two_acts_from_pages_that_saw_the_same_one_is_told(town, entry):
    seen = moves.version_of(entry)

    def suspend(by):
        suspensions.suspend(
            entry_id=entry.pk,
            ground=SuspensionGround.OWN_REQUEST,
            document="x",
            by=by,
            at=AT,
            seen=seen,
        )

    assert at_once(lambda: suspend(town.clerk), lambda: suspend(town.clerk2)) == ["CHANGED_MEANWHILE"]
    assert entry.events.count() == 2


def test_a_removal_and_a_changed_moment_do_not_undo_each_other(town, entry):
    case = notified(town, entry)
    change = registration_changes.propose(
        entry_id=entry.pk,
        ground=RegistrationChangeGround.REINSTATEMENT,
        registered_at=AT.replace(year=2001),
        document="x",
        by=town.clerk,
        at=AT,
    )

    told = at_once(
        lambda: removals.decide(
            case_id=case.pk,
            outcome=RemovalCase.Outcome.REMOVED,
            decision="x",
            by=town.supervisor,
            at=FIRST_DECISION,
        ),
        lambda: registration_changes.approve(change_id=change.pk, by=town.supervisor, at=FIRST_DECISION),
    )

    assert status_of(entry) == "DEREGISTERED"
    approved = RegistrationChange.objects.filter(approved_at__isnull=False).exists()
    assert told == ([] if approved else ["ENTRY_NOT_ACTIVE"])
    assert invariants.impossible() == []
