"""What is held to what was said after a run of load or faults: the reckoning sees each kind of loss."""

import pytest

from housing_queue.benchmarks.endurance import world
from housing_queue.benchmarks.installation import people, reckoning
from housing_queue.benchmarks.installation.people import Acceptance, Acts
from queue_registry.models import Application
from queue_registry.rules.calendar import civil_day
from queue_registry.services import application_decisions
from tests import factories
from tests.factories import AT
from tests.guards import without_guards
from tests.unit.housing_queue.test_register_checks import as_owner
from tests.unit.queue_registry.outside import client_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def filed(town, client):
    """Households that handed their applications in and were answered; the last was not."""
    token, acts = client_of(town).token, Acts()
    for number, household in enumerate(world.households(6, on=civil_day(AT))):
        filing = acts.begin(number, household)
        answer = send(client, token, people.body(household), key=filing.key)
        assert answer.json()["state"] == "FILED", answer.json()
        filing.answer = {"status": answer.status_code, **answer.json()}
    filing.answer = None
    return acts


def found(acts):
    return {row.work.removeprefix("faults."): row.value for row in reckoning.reckon(acts, name="faults")}


def test_what_was_answered_and_is_there_once_is_right(filed):
    assert found(filed) == {
        "answered": len(filed.filings) - 1,
        "lost": 0,
        "doubled": 0,
        "half": 0,
        "broken": 0,
        "misplaced": 0,
    }


def first(filed):
    return Application.objects.order_by("pk").first()


def test_an_act_that_was_answered_without_its_record_is_lost_and_the_trail_is_broken(filed):
    with as_owner() as cursor:
        cursor.execute("DELETE FROM queue_registry_auditevent WHERE event = 'application.filed' AND seq < 20")

    assert found(filed)["lost"] > 0
    assert found(filed)["broken"] > 0


def test_an_answer_nobody_got_whose_application_has_no_record_is_half(filed):
    last = Application.objects.order_by("-pk").first()
    with as_owner() as cursor:
        cursor.execute(
            "DELETE FROM queue_registry_auditevent WHERE event = 'application.filed' AND target = %s",
            [f"application:{last.pk}"],
        )

    assert found(filed)["half"] == 1


def test_an_answer_nobody_got_and_nothing_there_is_absent(filed):
    filing = filed.begin(99, next(world.households(40, on=civil_day(AT))))
    filing.key, filing.iin = "never-came", factories.invented_iin(7)
    filed.filings = {**filed.filings, "never-came": filing}

    assert (found(filed)["half"], found(filed)["lost"]) == (0, 0)


def test_an_answer_with_another_number_is_lost(filed):
    next(iter(filed.filings.values())).answer["file_number"] = "271010-0000099-0"

    assert found(filed)["lost"] == 1


def test_a_registration_is_there_once_or_not_at_all(town, filed):
    application = first(filed)
    filed.acceptances.append(Acceptance(file_number=application.file_number, is_answered=False))
    assert (found(filed)["half"], found(filed)["lost"]) == (0, 0)

    application_decisions.accept(
        application_id=application.pk, by=town.clerk, at=AT, decision="Decision No 1"
    )
    filed.acceptances.append(Acceptance(file_number=application.file_number, is_answered=True))
    told = found(filed)
    assert (told["half"], told["lost"], told["answered"]) == (0, 0, len(filed.filings))

    with without_guards():
        Application.objects.filter(pk=application.pk).update(
            status="PENDING", decided_at=None, decided_by=None
        )
    told = found(filed)
    assert (told["half"], told["lost"]) == (1, 1)


def test_a_place_that_a_full_count_contradicts_is_found(town, filed):
    application_decisions.accept(
        application_id=first(filed).pk, by=town.clerk, at=AT, decision="Decision No 1"
    )
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries, months)"
            " SELECT waiting_list_id, date '1990-01-01', 1, '{1,0,0,0,0,0,0,0,0,0,0,0}'::int[]"
            " FROM queue_registry_queueentry"
        )

    assert found(filed)["misplaced"] == 1
