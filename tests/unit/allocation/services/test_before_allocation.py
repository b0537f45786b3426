"""Before an allocation all near a home are asked about: a new owner is caught, the unknown keep places."""

from datetime import date, timedelta

import pytest

from allocation.models import AllocationLine
from integrations.contract import Outcome
from integrations.models import CheckRequest
from queue_registry.models import RecheckFinding, SourceAnswer
from queue_registry.rules.facts import Source
from queue_registry.selectors import queue
from queue_registry.services import policies, sweeps
from tests import factories
from tests.unit.queue_registry.services.sweeping import AT, Systems, go_on, walk

# The registers answered long before; nothing of that is fresh.
LATER = AT + timedelta(days=60)


@pytest.fixture
def systems():
    return Systems()


@pytest.fixture
def couple(town, systems):
    """The first and the second of list 5, for whom one home is ready."""
    entries = [factories.waiting(town, day=day) for day in (1, 2)]
    for entry in entries:
        systems.tell_as(entry.applicant, factories.status(*factories.GROUNDS["5"]))
    return entries


def recheck(town, systems, *, at=LATER, first=10):
    """Everybody near a home is asked about; return when all have answered or were given up."""
    sweep = sweeps.start_before_allocation(akimat=town.akimat, first=first, by=town.supervisor, at=at)
    return walk(sweep, systems, at=at)


def result(town, *, at):
    """Whom the round of one home serves, and by what code it passes others over."""
    run = factories.executed_run(town, factories.ready(town, rooms=1, area="18.50"), at=at)
    lines = AllocationLine.objects.filter(run=run)
    return {line.entry_id: line.code or "SERVED" for line in lines}


def age(source, *, until):
    """The answers of a source are fresh no longer than this."""
    SourceAnswer.objects.filter(source=source).update(fresh_until=until)


def test_who_bought_a_home_after_the_last_check_is_caught_before_the_offer(town, systems, couple):
    first, second = couple
    systems.tell_as(first.applicant, factories.dwelling_owned())

    at = recheck(town, systems)

    assert result(town, at=at) == {first.pk: "INELIGIBLE:OWNS_DWELLING", second.pk: "SERVED"}
    first.refresh_from_db()
    assert (first.status, queue.place_of(first)) == ("WAITING", 1)
    assert RecheckFinding.objects.get().entry == first


def test_without_a_recheck_nobody_knows_of_the_new_home(town, systems, couple):
    first, _ = couple
    systems.tell_as(first.applicant, factories.dwelling_owned())

    assert result(town, at=LATER)[first.pk] == "SERVED"


def test_a_silent_source_leaves_the_household_unverified_with_its_place(town, systems, couple):
    first, second = couple
    SourceAnswer.objects.filter(person=first.applicant, source=Source.EGKN).update(superseded_at=AT)
    systems.silent["egkn"] = Outcome.TEMPORARY
    factories.asked_in_vain(first, sources=[Source.EGKN])

    at = recheck(town, systems)

    assert result(town, at=at) == {first.pk: "CHECKS_INCOMPLETE", second.pk: "SERVED"}
    first.refresh_from_db()
    assert (first.status, queue.place_of(first)) == ("WAITING", 1)
    assert not RecheckFinding.objects.exists()


def test_a_home_of_which_only_a_stale_answer_tells_makes_nobody_ineligible(town, systems, couple):
    first, _ = couple
    systems.tell_as(first.applicant, factories.dwelling_owned())
    at = recheck(town, systems, at=LATER)
    age(Source.EGKN, until=at)
    systems.silent["egkn"] = Outcome.TEMPORARY

    days = [date(2026, 11, day) for day in (23, 24, 25)]
    factories.asked_in_vain(first, sources=[Source.EGKN], days=days)

    at = recheck(town, systems, at=LATER + timedelta(days=30))

    assert result(town, at=at)[first.pk] == "CHECKS_INCOMPLETE"


@pytest.mark.parametrize(
    ("later", "asked"),
    [(timedelta(hours=12), set()), (timedelta(hours=12, microseconds=1), {"gbd_fl"})],
    ids=["speaks as long as the policy wants", "would fall silent before"],
)
def test_what_would_grow_old_before_the_freeze_is_asked_anew(town, systems, later, asked):
    """The population register answers for 24 hours, and the policy wants what is kept to speak for 12."""
    entry = factories.waiting(town)
    systems.tell_as(entry.applicant, factories.status(*factories.GROUNDS["5"]))
    recheck(town, systems)
    answered = CheckRequest.objects.get(source="gbd_fl").closed_at

    at = answered + later
    sweep = sweeps.start_before_allocation(akimat=town.akimat, first=11, by=town.supervisor, at=at)
    go_on(sweep, at=at)

    assert set(CheckRequest.objects.filter(state="DUE").values_list("source", flat=True)) == asked


def test_a_round_frozen_two_hours_after_the_recheck_rests_on_what_it_asked_anew(town, systems, couple):
    first, second = couple
    systems.be_foreign(first.applicant)
    recheck(town, systems)

    at = recheck(town, systems, at=LATER + timedelta(hours=23), first=11)

    found = result(town, at=at + timedelta(hours=2))
    assert found == {first.pk: "INELIGIBLE:NOT_CITIZEN", second.pk: "SERVED"}


def test_what_nobody_confirmed_within_the_policys_days_gives_no_home_and_takes_no_place(
    town, systems, couple
):
    first, _ = couple
    days = policies.figures_in_force(akimat=town.akimat, on=AT.date()).term("verified_within")
    systems.silent["egkn"] = Outcome.TEMPORARY
    asked = recheck(town, systems, at=AT + timedelta(days=days + 1))

    # Nobody is served, so nobody is passed over either.
    assert result(town, at=asked) == {}
    assert [queue.place_of(entry) for entry in couple] == [1, 2]

    systems.silent.clear()
    again = recheck(town, systems, at=asked + timedelta(days=1))

    assert result(town, at=again)[first.pk] == "SERVED"
