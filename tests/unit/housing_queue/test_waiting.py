"""The story gives up in words when background work stands still, and says who owes an answer."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management.base import OutputWrapper

from housing_queue.story import waiting
from integrations import services as outbox
from integrations.contract import Query
from queue_registry.services import sweeps
from tests import factories
from tests.factories import invented_iin
from tests.unit.queue_registry.services import sweeping

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(waiting, "_STEP", 0.01)
    monkeypatch.setattr(waiting, "_STILL_SECONDS", 0.05)


def ask(source, *people):
    outbox.enqueue(
        [
            Query(
                source=source, iin=invented_iin(number), purpose="need", bucket="2026-09", requested_by="test"
            )
            for number in people
        ],
        at=AT,
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("_impatient")
def test_a_silent_source_is_named_with_what_it_owes():
    ask("egkn", 1, 2)
    ask("zags", 1)

    with pytest.raises(waiting.NothingMoves) as stuck:
        waiting.until_checked(OutputWrapper(io.StringIO()))

    assert str(stuck.value).startswith("3 questions and assessments wait and none moved")
    assert str(stuck.value).endswith("nobody was changed. Without an answer: egkn 2, zags 1.")


@pytest.mark.django_db
@pytest.mark.usefixtures("_impatient")
def test_a_recheck_that_stands_still_ends_the_wait_and_one_that_goes_on_is_waited_for(monkeypatch):
    town = factories.town()
    factories.waiting(town)
    sweep = sweeps.start_before_allocation(akimat=town.akimat, first=5, by=town.staff["clerk"], at=AT)

    with pytest.raises(waiting.NothingMoves, match="2 questions and entries of a recheck wait"):
        waiting.until_rechecked(OutputWrapper(io.StringIO()))

    monkeypatch.setattr(
        waiting.time, "sleep", lambda _seconds: sweeping.walk(sweep, sweeping.Systems(), at=AT)
    )
    waiting.until_rechecked(OutputWrapper(io.StringIO()))
    assert (sweep.finished_at is not None, sweep.swept.get().state) == (True, "DONE")


@pytest.mark.django_db
def test_nothing_to_wait_for_ends_at_once():
    said = io.StringIO()

    waiting.until_checked(OutputWrapper(said))
    waiting.until_rechecked(OutputWrapper(said))

    assert said.getvalue() == ""
