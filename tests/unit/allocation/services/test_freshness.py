"""What has changed since the seal is found whichever row it stands in, also between a look and its locks."""

import pytest

from allocation.models import Decision, Dwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.services import decisions, freshness, inputs
from queue_registry.models import Fact, HouseholdMember, QueueEntry, SourceAnswer, SourceHold
from queue_registry.selectors import fingerprints
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT


@pytest.fixture
def sealed(town):
    factories.waiting(town, day=1, family=(factories.HUSBAND, factories.DAUGHTER))
    factories.waiting(town, day=2)
    return factories.frozen_round(town, factories.ready(town, rooms=1, area="36.40"))


def forget_an_answer():
    SourceAnswer.objects.filter(source="egkn").update(superseded_at=AT)


def rewrite_a_fact():
    Fact.objects.filter(kind="REGISTRATION").update(value={"kato": "750000000", "since": None, "rka": ""})


def part_a_family():
    HouseholdMember.objects.update(until_on=AT.date())


@pytest.mark.parametrize("change", [forget_an_answer, rewrite_a_fact, part_a_family])
def test_the_fingerprint_is_another_one_after_a_change_of_any_row(town, sealed, change):
    before = fingerprints.of_queue(town.akimat)
    assert before == sealed.fingerprint == fingerprints.of_queue(town.akimat)

    change()

    assert fingerprints.of_queue(town.akimat) != before


def test_the_fingerprint_is_another_one_after_an_act_on_an_entry_or_a_new_consent(town, sealed):
    entry = QueueEntry.objects.earliest("registered_at")
    queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=AT, ground="NO_CONTACT")
    suspended = fingerprints.of_queue(town.akimat)
    factories.consent(entry.applicant, at=AT)

    assert len({sealed.fingerprint, suspended, fingerprints.of_queue(town.akimat)}) == 3


def test_what_happens_in_another_akimat_leaves_the_fingerprint_as_it_is(town, sealed):
    elsewhere = factories.PersonFactory()
    factories.answer_everything(elsewhere)

    assert fingerprints.of_queue(town.akimat) == sealed.fingerprint


def test_while_a_source_is_held_everybody_is_judged_anew(town, sealed):
    SourceHold.objects.create(source="egkn", held_at=AT, held_by=town.admin, why_held="Loaded twice")

    assert fingerprints.of_queue(town.akimat) == ""


def test_with_the_same_fingerprint_nobody_is_judged_anew_and_homes_are_compared_all_the_same(
    town, sealed, monkeypatch
):
    def nobody(**_):
        raise AssertionError("everybody is judged anew")

    monkeypatch.setattr(inputs, "build", nobody)
    assert freshness.changes(sealed) == []

    Dwelling.objects.update(lift=True)

    assert [(one.thing, one.field) for one in freshness.changes(sealed)] == [("dwelling", "lift")]


def test_a_change_between_the_look_and_the_locks_of_a_decision_is_found(town, monkeypatch):
    entry = factories.waiting(town, day=1)
    sitting = factories.convened(town, factories.ready(town, rooms=1, area="36.40"))
    factories.vote_all(town, sitting)
    look = freshness.look

    def look_and_be_overtaken(round_):
        found = look(round_)
        queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=AT, ground="NO_CONTACT")
        return found

    monkeypatch.setattr(freshness, "look", look_and_be_overtaken)
    with pytest.raises(Refused) as refused:
        decisions.confirm(
            sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.chair, at=AT
        )

    assert refused.value.code == Refusal.STALE
    assert not Decision.objects.exists()
