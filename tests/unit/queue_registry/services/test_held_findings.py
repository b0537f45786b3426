"""What was held goes on when nothing is in its way any more: nothing waits for ever."""

from datetime import timedelta

import pytest

from integrations.contract import Outcome
from queue_registry.models import ConsentWithdrawal, RecheckFinding, RemovalCase
from queue_registry.rules.reasons import RemovalGround, SuccessionGround
from queue_registry.selectors import clock
from queue_registry.services import held_findings, queue_entries, removals, source_holds, successions
from queue_registry.tasks import review_held_findings
from tests import factories
from tests.unit.queue_registry.services import answering, moving
from tests.unit.queue_registry.services.answering import open_second_looks, owns, told
from tests.unit.queue_registry.services.test_rechecks import AT, LATER, SECOND, THIRD, look_again, seen

FOURTH = AT + timedelta(hours=6)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


@pytest.fixture
def review(monkeypatch):
    """The clock's own task, at a moment."""

    def run(at=THIRD):
        monkeypatch.setattr(clock, "now", lambda: at)
        review_held_findings()
        return RecheckFinding.objects.order_by("pk").last()

    return run


def offered(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.clerk, at=LATER, document="1/2")
    (finding,) = look_again()
    assert finding.why_held == "ENTRY_OFFERED"
    return finding


def test_after_a_refused_offer_it_is_looked_at_anew_and_proposed(town, entry, review):
    offered(town, entry)
    assert review().state == "HELD"
    queue_entries.return_to_waiting(entry_id=entry.pk, by=town.clerk, at=THIRD, ground="REFUSED")

    finding = review()
    assert (finding.state, finding.why_held, finding.second_answer) == ("SECOND_LOOK", "", None)
    assert len(open_second_looks()) == 1
    (finding,) = look_again(at=FOURTH)
    assert (finding.state, RemovalCase.objects.count()) == ("PROPOSED", 1)


def test_the_new_looks_may_refute_it(town, entry, review):
    offered(town, entry)
    queue_entries.return_to_waiting(entry_id=entry.pk, by=town.clerk, at=THIRD, ground="REFUSED")
    review()
    (finding,) = look_again(Outcome.NOT_FOUND_CONFIRMED, (), at=FOURTH)
    assert (finding.state, finding.closed_how) == ("REFUTED", "NOT_CONFIRMED")
    assert not RemovalCase.objects.exists()


def test_who_was_housed_is_nobodys_finding_any_more(town, entry, review):
    offered(town, entry)
    queue_entries.mark_housed(entry_id=entry.pk, by=town.clerk, at=THIRD, document="1/2")
    finding = review()
    assert (finding.state, finding.closed_how, finding.closed_by) == ("CLOSED", "ENTRY_NOT_ACTIVE", None)


def dropped(town, entry, ground):
    owns(entry.applicant, at=LATER)
    seen(entry)
    case = moving.proposed(town, entry, ground=ground)
    (finding,) = look_again()
    assert finding.why_held == "CASE_OPEN"
    removals.drop(case_id=case.pk, decision="The household stays", by=town.supervisor, at=THIRD)


def test_what_a_person_decided_on_the_same_ground_is_not_proposed_again(town, entry, review):
    dropped(town, entry, RemovalGround.ACQUIRED_DWELLING)
    finding = review(FOURTH)
    assert (finding.state, finding.closed_how) == ("CLOSED", "CASE_DECIDED")
    assert open_second_looks() == []


def test_a_case_on_another_ground_that_was_dropped_lets_it_go_on(town, entry, review):
    dropped(town, entry, RemovalGround.GROUNDS_CEASED)
    assert review(FOURTH).state == "SECOND_LOOK"


def test_a_protected_household_stays_a_persons_until_the_protection_goes(town, review, monkeypatch):
    entry = factories.waiting(town, number="2")
    told(entry.applicant, "nobd", Outcome.NOT_FOUND_CONFIRMED, at=LATER)
    seen(entry)
    (finding,) = look_again(Outcome.NOT_FOUND_CONFIRMED, ())
    assert finding.why_held == "PROTECTED"
    assert review().state == "HELD"

    monkeypatch.setattr(removals, "obstacle", lambda *_, **__: "")
    assert review().state == "SECOND_LOOK"


def test_a_place_that_passed_on_refutes_that_its_applicant_died(town, review):
    entry = factories.waiting(town, family=(factories.HUSBAND,))
    facts = answering.person_facts(entry.applicant, died="2026-08-20")
    told(entry.applicant, "gbd_fl", Outcome.FOUND, at=LATER, facts=facts)
    seen(entry)
    (finding,) = look_again(facts=facts)
    assert finding.why_held == "SUCCESSION"
    assert review().state == "HELD"
    husband = entry.application.members.get().person
    successions.pass_on(
        entry_id=entry.pk,
        successor_id=husband.pk,
        ground=SuccessionGround.DEATH,
        document="Deed No 1",
        by=town.clerk,
        at=THIRD,
    )
    finding = review(FOURTH)
    assert (finding.state, finding.closed_how) == ("REFUTED", "NOT_CONFIRMED")


def test_of_two_held_systems_the_last_release_takes_it_up(town, entry, review):
    told(entry.applicant, "esutd", Outcome.NOT_FOUND_CONFIRMED, at=LATER)
    finding = seen(entry)
    for source in ("esutd", "mod"):
        source_holds.hold(source=source, why="Doubts", by=town.admin, at=LATER)
    (finding,) = look_again(Outcome.NOT_FOUND_CONFIRMED, ())
    assert finding.why_held == "SOURCE_HELD"

    source_holds.release(source="esutd", why="Right", by=town.admin, at=THIRD)
    finding.refresh_from_db()
    assert (finding.state, finding.why_held) == ("HELD", "SOURCE_HELD")
    assert review().state == "HELD"
    source_holds.release(source="mod", why="Right", by=town.admin, at=THIRD)
    finding.refresh_from_db()
    assert finding.state == "SECOND_LOOK"


def test_a_hold_that_outlasts_the_answers_still_lets_it_be_looked_at(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    source_holds.hold(source="egkn", why="Doubts", by=town.admin, at=LATER)
    look_again()
    long_after = SECOND + timedelta(days=60)
    source_holds.release(source="egkn", why="Right", by=town.admin, at=long_after)

    finding = RecheckFinding.objects.get()
    assert finding.state == "SECOND_LOOK"
    (finding,) = look_again(at=long_after + timedelta(hours=1))
    assert (finding.state, RemovalCase.objects.count()) == ("PROPOSED", 1)


def test_what_may_not_be_asked_again_ends_unproposed(town, entry, review):
    offered(town, entry)
    queue_entries.return_to_waiting(entry_id=entry.pk, by=town.clerk, at=THIRD, ground="REFUSED")
    ConsentWithdrawal.objects.create(
        person=entry.applicant, withdrawn_at=THIRD, channel="PAPER", evidence="Paper No 2"
    )
    finding = review(FOURTH)
    assert (finding.state, finding.closed_how) == ("REFUTED", "SOURCE_UNANSWERED")


def test_a_finding_that_does_not_wait_is_left_alone(entry):
    owns(entry.applicant, at=LATER)
    finding = seen(entry)
    assert held_findings.review(finding_id=finding.pk, at=SECOND).state == "SECOND_LOOK"


def test_one_failure_stops_no_other(town, entry, review, monkeypatch):
    first = offered(town, entry)
    other = factories.waiting(town, day=2)
    second = offered(town, other)
    for one in (entry, other):
        queue_entries.return_to_waiting(entry_id=one.pk, by=town.clerk, at=THIRD, ground="REFUSED")
    whole = held_findings.review

    def fails_once(*, finding_id, at):
        if finding_id == first.pk:
            raise RuntimeError
        return whole(finding_id=finding_id, at=at)

    monkeypatch.setattr(held_findings, "review", fails_once)
    review(FOURTH)
    states = dict(RecheckFinding.objects.values_list("pk", "state"))
    assert states == {first.pk: "HELD", second.pk: "SECOND_LOOK"}
