"""A worker killed between any two statements: nothing is half done, and the step done again is done whole."""

import threading

import pytest
from django.db import connection

from allocation.models import AllocationLine, AllocationRound, Bundle, Decision, Offer
from allocation.rules.refusals import Refused
from allocation.services import decisions, rounds, runs, sittings
from queue_registry.models import AuditEvent
from tests import factories
from tests.factories import AT

WATCHED = (
    "allocation_allocationround",
    "allocation_allocationrun",
    "allocation_allocationline",
    "allocation_bundle",
    "allocation_rounddwelling",
    "allocation_dwelling",
    "allocation_dwellingevent",
    "allocation_decision",
    "allocation_offer",
    "queue_registry_queueentry",
    "queue_registry_queueentryevent",
    "queue_registry_auditevent",
    "queue_registry_trailhead",
    "queue_registry_notice",
)


class Killed(BaseException):
    """The process is gone: nobody catches it."""


def contents():
    """A digest of every row that an act of a round may touch."""
    digests = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {table} AS t"  # noqa: S608
        for table in WATCHED
    )
    with connection.cursor() as cursor:
        cursor.execute(digests)
        return dict(cursor.fetchall())


def kill_before_statement(number):
    """
    Let so many statements through but one, and die where the next would begin.

    Savepoints stand for the transaction here, which ends with the process: they are no statements of the act.
    """
    left = [number]

    def wrapper(execute, sql, *arguments):
        if "SAVEPOINT" not in str(sql):
            left[0] -= 1
            if left[0] == 0:
                raise Killed
        return execute(sql, *arguments)

    return connection.execute_wrapper(wrapper)


def survives_a_kill_before_every_statement(act):
    """Kill the act before its first statement, its second, …; return what it made and how often it died."""
    before, number = contents(), 1
    while True:
        try:
            with kill_before_statement(number):
                made = act()
        except Killed:
            assert contents() == before, f"something was left behind by a kill before statement {number}"
            number += 1
        else:
            return made, number - 1


@pytest.fixture
def opened(town):
    factories.waiting(town, day=1)
    factories.waiting(town, day=2)
    return factories.open_round(town, factories.ready(town, rooms=1, area="36.40"))


def test_a_freeze_that_dies_leaves_an_open_round(town, opened):
    frozen, deaths = survives_a_kill_before_every_statement(
        lambda: rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    )

    assert deaths > 20
    assert frozen.seal
    assert AuditEvent.objects.filter(event="allocation_round.frozen").count() == 1


def test_a_run_that_dies_stays_due_and_is_executed_once(town, opened):
    rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    requested, _ = survives_a_kill_before_every_statement(
        lambda: runs.request(round_id=opened.pk, by=town.secretary, at=AT)
    )

    run, deaths = survives_a_kill_before_every_statement(lambda: runs.execute(run_id=requested.pk, at=AT))

    assert deaths > 10
    assert run.executed_at == AT
    assert (AllocationLine.objects.count(), Bundle.objects.count()) == (1, 2)
    assert AuditEvent.objects.filter(event="allocation_run.executed").count() == 1


def test_a_confirmation_that_dies_decides_nothing_and_offers_nothing(town, opened):
    run = factories.run_of(town, rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT))
    sitting = sittings.convene(run_id=run.pk, by=town.secretary, at=AT)
    factories.vote_all(town, sitting)

    decision, deaths = survives_a_kill_before_every_statement(
        lambda: decisions.confirm(
            sitting_id=sitting.pk, result_sha256=run.result_sha256, by=town.chair, at=AT
        )
    )

    assert deaths > 20
    assert Decision.objects.get() == decision
    assert Offer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_run_taken_by_two_workers_at_once_is_executed_once():
    town = factories.town()
    factories.waiting(town)
    frozen = factories.frozen_round(town, factories.ready(town, rooms=1, area="36.40"))
    requested = runs.request(round_id=frozen.pk, by=town.secretary, at=AT)

    made = at_once(2, lambda: runs.execute(run_id=requested.pk, at=AT))

    assert [one is None for one in made].count(False) == 1
    assert AllocationLine.objects.count() == 1
    assert AuditEvent.objects.filter(event="allocation_run.executed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_round_frozen_by_two_people_at_once_is_frozen_once():
    town = factories.town()
    opened = factories.open_round(town, factories.ready(town))

    at_once(2, lambda: rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT))

    assert AllocationRound.objects.get().frozen_at == AT
    assert AuditEvent.objects.filter(event="allocation_round.frozen").count() == 1


def at_once(number, act):
    """What so many threads make of an act that they begin together; a refusal makes None."""
    ready, made = threading.Barrier(number), []

    def work():
        try:
            ready.wait(20)
            made.append(act())
        except Refused:
            made.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == number
    return made
