"""Sweeps go on by portions: nobody is lost, nobody is asked twice, whatever breaks off or goes at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from integrations.contract import Outcome
from integrations.models import CheckRequest
from queue_registry.models import (
    Assessment,
    AuditEvent,
    Consent,
    MissingConsent,
    RecheckFinding,
    Sweep,
    SweepEntry,
    SweepQuestion,
)
from queue_registry.rules.sweeps import ROUNDS, SweepRefused
from queue_registry.services import (
    assessment_requests,
    consents,
    queue_entries,
    rechecks,
    sweep_portions,
    sweeps,
)
from tests import factories
from tests.unit.queue_registry.services.sweeping import AT, Systems, go_on, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def systems():
    return Systems()


def put(town, systems, count=1, **household):
    """Households on list 5 whom every system knows as it did."""
    entries = [factories.waiting(town, day=day, **household) for day in range(1, count + 1)]
    for entry in entries:
        systems.tell_as(entry.applicant, factories.status(*factories.GROUNDS["5"]))
    return entries


def inventory(town, at=AT):
    return sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=at)


def before_allocation(town, first=100, at=AT):
    return sweeps.start_before_allocation(akimat=town.akimat, first=first, by=town.supervisor, at=at)


def states(sweep):
    return list(sweep.swept.order_by("position").values_list("state", flat=True))


def purposes():
    return set(CheckRequest.objects.values_list("purpose", flat=True))


def test_an_inventory_goes_from_the_first_entry_to_its_end(town, systems):
    put(town, systems, 3)
    sweep = inventory(town)

    assert go_on(sweep, limit=2) == 2
    assert states(sweep) == ["ASKED", "ASKED", "DUE"]
    walk(sweep, systems)

    assert states(sweep) == ["DONE"] * 3
    assert set(sweep.swept.values_list("complete", flat=True)) == {True}
    assert purposes() == {"inventory"}
    assert {row.bucket for row in CheckRequest.objects.all()} == {"2026-Q3"}
    assert not RecheckFinding.objects.exists()
    ended = AuditEvent.objects.get(event="sweep.finished")
    assert (ended.actor, ended.data) == ("sweeps", {"entries": 3, "complete": 3, "findings": 0})


def test_every_question_of_a_household_is_linked_once(town, systems):
    (entry,) = put(town, systems)
    sweep = inventory(town)
    walk(sweep, systems)

    asked = CheckRequest.objects.filter(subject_iin=entry.applicant.iin)
    linked = SweepQuestion.objects.filter(sweep=sweep)
    assert sorted(linked.values_list("check_request_id", flat=True)) == sorted(
        asked.values_list("pk", flat=True)
    )
    assert {row.source for row in linked} == {row.source for row in asked} > {"gbd_fl", "zags", "egkn"}


def test_one_person_is_asked_once_however_many_entries_name_him(town, systems):
    (entry,) = put(town, systems)
    factories.waiting(town, number="4", application=entry.application)
    sweep = inventory(town)

    walk(sweep, systems)

    assert len(systems.first_looks) == len(set(systems.first_looks))
    row = CheckRequest.objects.get(source="egkn").pk
    assert SweepQuestion.objects.filter(sweep=sweep, check_request_id=row).count() == 2


def test_a_question_that_is_open_for_another_purpose_is_waited_for(town, systems):
    (entry,) = put(town, systems, known=False)
    assessment_requests.request_assessments(entries=[entry], at=AT)
    assessment_requests.assess_due(limit=10, at=AT)
    sweep = inventory(town)

    go_on(sweep)

    assert purposes() == {"need"}
    assert SweepQuestion.objects.filter(sweep=sweep).count() == CheckRequest.objects.count() == 2


def test_what_a_sweep_asks_is_not_asked_for_a_judgment_beside_it(town, systems):
    (entry,) = put(town, systems, known=False)
    go_on(inventory(town))

    assessment_requests.request_assessments(entries=[entry], at=AT)
    assessment_requests.assess_due(limit=10, at=AT)

    assert purposes() == {"inventory"}


@pytest.mark.parametrize(
    ("kind", "after", "asked_again"),
    [
        (inventory, timedelta(hours=23), set()),
        (before_allocation, timedelta(hours=11), set()),
        # The population register answers for a day: what it said would fall silent before the freeze.
        (before_allocation, timedelta(hours=23), {"gbd_fl"}),
        (before_allocation, timedelta(days=2), {"gbd_fl", "zags", "egkn"}),
    ],
)
def test_what_is_fresh_is_not_asked(town, systems, kind, after, asked_again):
    (entry,) = put(town, systems)
    walk(inventory(town, at=AT - timedelta(days=93)), systems, at=AT)
    systems.asked.clear()

    sweep = kind(town, at=AT + after)
    walk(sweep, systems, at=AT + after)

    assert {source for _, source, _ in systems.asked} >= asked_again
    assert bool(systems.asked) == bool(asked_again)
    assert sweep.swept.get(entry=entry).complete


def test_nobody_is_asked_about_without_a_consent(town, systems):
    put(town, systems, consented=False)
    sweep = inventory(town)

    walk(sweep, systems)

    assert not CheckRequest.objects.exists()
    assert sweep.swept.get().complete is False


def test_a_consent_names_what_may_be_asked(town, systems):
    (entry,) = put(town, systems, consented=False)
    factories.consent(entry.applicant, scope=["gbd_fl", "zags"])
    sweep = inventory(town)

    walk(sweep, systems)

    assert {source for _, source, _ in systems.asked} == {"gbd_fl", "zags"}
    assert set(CheckRequest.objects.values_list("consent_ref", flat=True)) == {str(Consent.objects.get().pk)}
    assert sweep.swept.get().complete is False


def test_a_consent_that_expires_in_mid_sweep_stops_the_rest(town, systems):
    (entry,) = put(town, systems, consented=False, known=False)
    factories.consent(entry.applicant, until=AT + timedelta(minutes=1))
    sweep = inventory(town)
    go_on(sweep)
    systems.answer(at=AT)

    walk(sweep, systems, at=AT + timedelta(minutes=1))

    assert {source for _, source, purpose in systems.asked if purpose == "inventory"} == {"gbd_fl", "zags"}
    assert sweep.swept.get().complete is False


def test_a_child_that_the_civil_acts_name_is_asked_about_in_another_round(town, systems):
    (entry,) = put(town, systems)
    child = systems.bear(entry.applicant, born=date(2026, 5, 1))
    sweep = inventory(town)

    walk(sweep, systems)

    swept = sweep.swept.get()
    assert (swept.rounds > 0, swept.complete) == (True, True)
    of_child = {source for iin, source, _ in systems.asked if iin == child.iin}
    assert of_child >= {"gbd_fl", "emaket", "egkn"}
    assert len(systems.first_looks) == len(set(systems.first_looks))


def test_rounds_end(town, systems, monkeypatch):
    (entry,) = put(town, systems)
    systems.bear(entry.applicant, born=date(2026, 5, 1))
    sweep = inventory(town)
    sweep.swept.update(rounds=ROUNDS)

    walk(sweep, systems)

    swept = sweep.swept.get()
    assert (swept.rounds, swept.state, swept.complete) == (ROUNDS, "DONE", False)


def test_a_system_that_calls_the_consent_expired_in_mid_sweep_costs_nobody_a_place(town, systems):
    (entry,) = put(town, systems, known=False)
    sweep = inventory(town)
    go_on(sweep)
    systems.answer(at=AT)
    systems.silent["egkn"] = Outcome.CONSENT_EXPIRED

    walk(sweep, systems, at=AT + timedelta(minutes=1))

    entry.refresh_from_db()
    assert (sweep.swept.get().state, sweep.swept.get().complete, entry.status) == ("DONE", False, "WAITING")
    assert not RecheckFinding.objects.exists()
    assert MissingConsent.objects.get(entry=entry).person == entry.applicant
    # A newer consent opens it: the same question is asked again, and the entry is known.
    systems.silent.clear()
    consents.record(
        application_id=entry.application_id,
        person_id=entry.applicant_id,
        channel="PAPER",
        evidence="Paper No 9",
        by=town.clerk,
        at=AT + timedelta(minutes=2),
    )
    while assessment_requests.assess_due(limit=10, at=AT + timedelta(minutes=2)):
        pass
    systems.answer(at=AT + timedelta(minutes=2))
    assert Assessment.objects.get(entry=entry).eligibility == "ELIGIBLE"
    assert not MissingConsent.objects.exists()


@pytest.mark.parametrize(
    "outcome",
    [Outcome.TEMPORARY, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED, Outcome.IDENTITY_MISMATCH],
)
def test_a_source_without_a_word_leaves_the_entry_incomplete(town, systems, outcome):
    put(town, systems)
    systems.silent["egkn"] = outcome
    sweep = inventory(town)

    walk(sweep, systems)

    swept = sweep.swept.get()
    assert (swept.state, swept.complete) == ("DONE", False)
    assert not RecheckFinding.objects.exists()


def test_an_entry_waits_for_its_last_answer(town, systems):
    put(town, systems)
    sweep = inventory(town)
    go_on(sweep)

    systems.answer(sources={"gbd_fl", "zags"})
    go_on(sweep)
    assert states(sweep) == ["ASKED"]

    walk(sweep, systems)
    assert states(sweep) == ["DONE"]


def test_an_entry_is_not_done_before_it_was_judged_by_what_came(town, systems):
    (entry,) = put(town, systems)
    sweep = inventory(town)
    go_on(sweep)
    systems.answer()
    assessment_requests.request_assessments(entries=[entry], at=AT)
    assert go_on(sweep) == 0

    assessment_requests.assess_due(limit=1, at=AT)
    assert go_on(sweep) == 1


def test_who_lost_the_place_meanwhile_is_left_alone(town, systems):
    (entry,) = put(town, systems)
    sweep = inventory(town)
    queue_entries.mark_offered(entry_id=entry.pk, document="x", by=town.chair, at=AT)
    queue_entries.mark_housed(entry_id=entry.pk, document="x", by=town.clerk, at=AT)

    walk(sweep, systems)

    assert not CheckRequest.objects.exists()
    assert sweep.swept.get().complete is False


def test_a_paused_sweep_stands_still_and_goes_on_from_there(town, systems):
    put(town, systems, 3)
    sweep = inventory(town)
    go_on(sweep, limit=1)
    sweeps.pause(sweep_id=sweep.pk, by=town.supervisor, at=AT)

    systems.answer()
    assert go_on(sweep) == 0
    assert states(sweep) == ["ASKED", "DUE", "DUE"]

    sweeps.resume(sweep_id=sweep.pk, by=town.supervisor, at=AT)
    walk(sweep, systems)
    assert states(sweep) == ["DONE"] * 3


def test_a_paused_sweep_does_not_end(town, systems):
    put(town, systems)
    sweep = inventory(town)
    sweep.swept.update(state="DONE", done_at=AT, complete=True)
    sweeps.pause(sweep_id=sweep.pk, by=town.supervisor, at=AT)

    assert not sweep_portions.finish(sweep_id=sweep.pk, at=AT)
    sweeps.resume(sweep_id=sweep.pk, by=town.supervisor, at=AT)
    assert sweep_portions.finish(sweep_id=sweep.pk, at=AT)
    assert not sweep_portions.finish(sweep_id=sweep.pk, at=AT)


def test_only_so_many_questions_of_a_sweep_are_open(town, systems, monkeypatch):
    put(town, systems, 3)
    sweep = inventory(town)
    monkeypatch.setattr(sweep_portions, "OPEN_QUESTIONS", 1)

    assert go_on(sweep, limit=1) == 1
    assert go_on(sweep, limit=1) == 0
    systems.answer()
    assert go_on(sweep, limit=1) == 2
    assert states(sweep) == ["DONE", "ASKED", "DUE"]


def test_what_is_found_is_looked_at_once_more_and_nobody_is_removed(town, systems):
    (entry,) = put(town, systems)
    systems.tell_as(entry.applicant, factories.dwelling_owned())
    sweep = inventory(town)

    walk(sweep, systems)

    found = RecheckFinding.objects.get()
    assert (found.entry, found.sweep, found.code) == (entry, sweep, "OWNS_DWELLING")
    entry.refresh_from_db()
    assert entry.status == "WAITING"


@pytest.mark.parametrize("step", [sweep_portions.ask_next, sweep_portions.settle_answered])
def test_a_worker_that_dies_in_the_midst_leaves_nothing_behind(town, systems, monkeypatch, step):
    put(town, systems, 2)
    sweep = inventory(town)
    if step is sweep_portions.settle_answered:
        go_on(sweep)
        systems.answer()
    before = (states(sweep), SweepQuestion.objects.count(), CheckRequest.objects.count())

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rechecks, "see", die)
        patched.setattr(SweepEntry.objects, "bulk_update", die)
        with pytest.raises(KeyboardInterrupt):
            step(sweep_id=sweep.pk, limit=10, at=AT)

    assert (states(sweep), SweepQuestion.objects.count(), CheckRequest.objects.count()) == before
    walk(sweep, systems)
    assert states(sweep) == ["DONE"] * 2
    assert len(systems.asked) == len(set(systems.asked))


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_entries(town, systems):
    entries = put(town, systems, 12)
    # Some stand on two lists: both entries ask about the same person.
    for entry in entries[:6]:
        factories.waiting(town, number="4", day=30, application=entry.application)
    sweep = inventory(town)

    def work(_):
        try:
            moved = 1
            while moved:
                moved = go_on(sweep, limit=3)
        finally:
            connections.close_all()

    for _ in range(8):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))
        systems.answer()

    sweep.refresh_from_db()
    assert sweep.finished_at is not None
    assert states(sweep) == ["DONE"] * 18
    assert len(systems.first_looks) == len(set(systems.first_looks))
    assert AuditEvent.objects.filter(event="sweep.finished").count() == 1


def test_a_hundred_thousand_entries_are_put_in_by_one_statement(town, systems, django_assert_max_num_queries):
    put(town, systems, 5)

    with django_assert_max_num_queries(12) as asked:
        inventory(town)

    assert sum("INSERT INTO queue_registry_sweepentry" in one["sql"] for one in asked) == 1


def test_the_database_refuses_a_question_linked_twice(town, systems):
    put(town, systems)
    go_on(inventory(town))
    row = SweepQuestion.objects.first()

    with (
        pytest.raises(IntegrityError, match="one_row_per_swept_entry_and_question"),
        transaction.atomic(),
    ):
        SweepQuestion.objects.create(
            sweep=row.sweep, swept=row.swept, check_request_id=row.check_request_id, source=row.source
        )


_STEPS = st.sampled_from(
    [
        "go_on",
        "go_on",
        "answer_some",
        "answer_all",
        "pause",
        "resume",
        "fail",
        "recover",
        "no_consent",
        "bear",
    ]
)


class TestAnyOrder(TestCase):
    """Whatever comes when: in the end every entry is done once, and no question is linked to it twice."""

    @classmethod
    def setUpTestData(cls):
        """One town for all examples; each is undone."""
        cls.town = factories.town()

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(steps=st.lists(_STEPS, max_size=14), limit=st.integers(1, 4), deep=st.booleans())
    def test_every_entry_ends_once(self, steps, limit, deep):
        systems = Systems()
        entries = put(self.town, systems, 3)
        factories.waiting(self.town, number="4", application=entries[0].application)
        sweep = before_allocation(self.town) if deep else inventory(self.town)
        at = AT
        for step in steps:
            at += timedelta(seconds=20)
            done_before = dict(sweep.swept.filter(state="DONE").values_list("pk", "done_at"))
            _take(step, sweep, systems, entries, self.town, limit, at)
            done_after = dict(sweep.swept.filter(state="DONE").values_list("pk", "done_at"))
            assert done_before.items() <= done_after.items()

        systems.silent.clear()
        if Sweep.objects.get(pk=sweep.pk).paused_at:
            sweeps.resume(sweep_id=sweep.pk, by=self.town.supervisor, at=at)
        walk(sweep, systems, at=at, limit=limit)

        assert states(sweep) == ["DONE"] * 4
        pairs = list(SweepQuestion.objects.values_list("swept_id", "check_request_id"))
        assert len(pairs) == len(set(pairs))
        assert len(systems.first_looks) == len(set(systems.first_looks))
        assert AuditEvent.objects.filter(event="sweep.finished").count() == 1


def _take(step, sweep, systems, entries, town, limit, at):
    sweep = Sweep.objects.get(pk=sweep.pk)
    acts = {
        "go_on": lambda: go_on(sweep, limit=limit, at=at),
        "answer_some": lambda: systems.answer(limit=5, at=at),
        "answer_all": lambda: systems.answer(at=at),
        "pause": lambda: _try(sweeps.pause, sweep, town, at),
        "resume": lambda: _try(sweeps.resume, sweep, town, at),
        "fail": lambda: systems.silent.update(egkn=Outcome.TEMPORARY),
        "no_consent": lambda: systems.silent.update(enpf=Outcome.NO_CONSENT),
        "recover": systems.silent.clear,
        "bear": lambda: systems.bear(entries[1].applicant, born=date(2026, 5, 1)),
    }
    acts[step]()


def _try(act, sweep, town, at):
    with suppress(SweepRefused):
        act(sweep_id=sweep.pk, by=town.supervisor, at=at)
