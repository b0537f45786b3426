"""A family loses no turn to a silent register: asked on three working days before the seal, and named."""

from datetime import date, timedelta

import pytest

from allocation.models import AllocationRound
from allocation.rules.refusals import Refusal, Refused
from allocation.services import rounds
from queue_registry.models import SourceAnswer
from queue_registry.rules.facts import Source
from tests import factories
from tests.factories import AT

FRIDAY, SATURDAY, MONDAY = date(2026, 8, 21), date(2026, 8, 22), date(2026, 8, 24)
TUESDAY, WEDNESDAY = date(2026, 8, 25), date(2026, 8, 26)


@pytest.fixture
def opened(town):
    """One home, for which the first of list 5 comes before the second."""
    return factories.open_round(town, factories.ready(town, rooms=1, area="18.50"))


def freeze(town, opened, *, at=AT):
    return rounds.freeze(round_id=opened.pk, by=town.secretary, at=at)


def refusal(town, opened, *, at=AT):
    with pytest.raises(Refused) as refused:
        freeze(town, opened, at=at)
    assert AllocationRound.objects.get(pk=opened.pk).frozen_at is None
    return refused.value.code, dict(refused.value.detail)


def silence(entry, source):
    """The register never said anything about the applicant."""
    SourceAnswer.objects.filter(person=entry.applicant, source=source).update(superseded_at=AT)


def first_and_second(town):
    return factories.waiting(town, day=1), factories.waiting(town, day=2)


def test_nobody_is_silent_and_nothing_is_noted(town, opened):
    first_and_second(town)

    assert freeze(town, opened).unanswered == {}


@pytest.mark.parametrize(
    "days",
    [(), (MONDAY,), (MONDAY, TUESDAY), (FRIDAY, SATURDAY, MONDAY)],
    ids=["never", "once", "twice", "a day of rest does not count"],
)
def test_a_register_that_was_asked_too_seldom_holds_up_the_seal(town, opened, days):
    first, _ = first_and_second(town)
    silence(first, Source.EGKN)
    if days:
        factories.asked_in_vain(first, days=days, sources=[Source.EGKN])

    assert refusal(town, opened) == (Refusal.SOURCES_SILENT, {"families": 1, "days": 3})


def test_a_register_asked_on_three_working_days_is_named_with_its_days(town, opened):
    first, _ = first_and_second(town)
    silence(first, Source.EGKN)
    factories.asked_in_vain(first, days=(MONDAY, TUESDAY, WEDNESDAY), sources=[Source.EGKN])

    frozen = freeze(town, opened)

    frozen.refresh_from_db()
    assert frozen.unanswered == {
        f"{first.file_number}/5": [{"source": "egkn", "asked_on": ["2026-08-24", "2026-08-25", "2026-08-26"]}]
    }


def test_three_askings_on_one_day_are_one_day(town, opened):
    first, _ = first_and_second(town)
    silence(first, Source.EGKN)
    factories.asked_in_vain(first, days=(MONDAY, MONDAY, MONDAY), sources=[Source.EGKN])

    assert refusal(town, opened)[0] == Refusal.SOURCES_SILENT


def test_whoever_stands_behind_the_last_that_can_be_served_holds_up_nobody(town, opened):
    _, second = first_and_second(town)
    silence(second, Source.EGKN)

    assert freeze(town, opened).unanswered == {}


def test_without_a_home_nobody_is_passed_over(town):
    first, _ = first_and_second(town)
    silence(first, Source.EGKN)

    assert freeze(town, factories.open_round(town)).unanswered == {}


def test_without_an_identity_only_the_registers_that_can_be_asked_count(town, opened):
    first = factories.waiting(town, day=1, known=False)
    factories.waiting(town, day=2)
    factories.asked_in_vain(first, sources=[Source.GBD_FL, Source.ZAGS])

    (sources,) = freeze(town, opened).unanswered.values()

    assert {one["source"] for one in sources} == {"gbd_fl", "zags"}


def test_whom_nobody_may_ask_about_holds_up_nobody(town, opened):
    factories.waiting(town, day=1, known=False, consented=False)
    factories.waiting(town, day=2)

    assert freeze(town, opened).unanswered == {}


@pytest.mark.parametrize(("asked", "sealed"), [(date(2026, 5, 4), False), (MONDAY, True)])
def test_an_asking_counts_for_as_long_as_an_answer_would_speak(town, opened, asked, sealed):
    first, _ = first_and_second(town)
    # All that is known of the first is a day older than the policy lets it speak for a household.
    SourceAnswer.objects.filter(person=first.applicant).update(answered_at=AT - timedelta(days=93))
    factories.asked_in_vain(first, days=[asked + timedelta(days=step) for step in range(3)])

    if sealed:
        assert len(freeze(town, opened).unanswered) == 1
    else:
        assert refusal(town, opened)[0] == Refusal.SOURCES_SILENT
