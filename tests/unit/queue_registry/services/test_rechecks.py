"""Two looks: what a recheck sees becomes a case only when another answer of the same sources confirms it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from integrations.contract import FactKind, Outcome
from queue_registry.models import (
    AuditEvent,
    ConsentWithdrawal,
    QueueEntry,
    RecheckFinding,
    RemovalCase,
)
from queue_registry.rules.reasons import RemovalGround
from queue_registry.selectors import rechecks as selectors
from queue_registry.services import queue_entries, rechecks, source_holds
from tests import factories
from tests.unit.queue_registry.services import answering, moving
from tests.unit.queue_registry.services.answering import hear, open_second_looks, owns, told

AT = factories.AT
LATER = AT + timedelta(hours=3)
SECOND = AT + timedelta(hours=4)
THIRD = AT + timedelta(hours=5)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


def see(entry, *, at=LATER):
    entries = QueueEntry.objects.filter(pk=entry.pk).select_related("akimat", "waiting_list")
    return rechecks.see(entries=list(entries), sweep=None, at=at)


def seen(entry, *, at=LATER):
    (finding,) = see(entry, at=at)
    return finding


def look_again(outcome=Outcome.FOUND, facts=((FactKind.PROPERTY_RIGHT, answering.HOME),), *, at=SECOND):
    """Every open second question gets the same answer; then what was found is concluded."""
    for question in open_second_looks():
        hear(question, outcome, at=at, facts=facts)
    return conclude(at=at)


def conclude(*, at=SECOND):
    return [rechecks.conclude(finding_id=key, at=at) for key in selectors.list_closed_looks(limit=100, at=at)]


def test_a_first_look_opens_no_case_and_puts_the_same_question_once_more(entry):
    first = owns(entry.applicant, at=LATER)
    finding = seen(entry)

    assert (finding.code, finding.state, finding.source) == ("OWNS_DWELLING", "SECOND_LOOK", "egkn")
    assert finding.first_answer == first
    (question,) = open_second_looks()
    assert (question.source, question.subject_iin, question.bucket) == (
        "egkn",
        entry.applicant.iin,
        str(first.pk),
    )
    assert conclude() == []
    assert not RemovalCase.objects.exists()


def test_a_second_look_that_confirms_it_proposes_a_removal_by_nobody(entry):
    first = owns(entry.applicant, at=LATER)
    seen(entry)
    (finding,) = look_again()

    case = RemovalCase.objects.get()
    assert (finding.state, finding.removal_case) == ("PROPOSED", case)
    assert finding.first_answer == first
    assert finding.second_answer.pk > first.pk
    assert (case.ground, case.proposed_by, case.evidence_source) == (
        RemovalGround.ACQUIRED_DWELLING,
        None,
        "egkn",
    )
    assert case.evidence_as_of == SECOND
    assert case.evidence == f"OWNS_DWELLING: 1/2; egkn {LATER.isoformat()}; egkn {SECOND.isoformat()}"
    assert moving.status_of(entry) == "WAITING"
    events = AuditEvent.objects.filter(target=f"recheck_finding:{finding.pk}").order_by("seq")
    assert [event.event for event in events] == ["recheck_finding.seen", "recheck_finding.proposed"]


def test_a_second_look_that_sees_something_else_refutes_it(entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    (finding,) = look_again(Outcome.NOT_FOUND_CONFIRMED, ())

    assert (finding.state, finding.closed_how) == ("REFUTED", "NOT_CONFIRMED")
    assert not RemovalCase.objects.exists()


def test_a_second_look_that_nobody_answers_refutes_it(entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    (finding,) = look_again(Outcome.PERMANENT, ())

    assert (finding.state, finding.closed_how) == ("REFUTED", "SOURCE_UNANSWERED")
    assert not RemovalCase.objects.exists()


def test_while_the_source_is_out_the_finding_waits(entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    assert look_again(Outcome.TEMPORARY, ()) == []
    assert RecheckFinding.objects.get().state == "SECOND_LOOK"


@pytest.mark.parametrize(
    ("changes", "code", "ground"),
    [
        ({"kato": None}, "NO_REGISTRATION", RemovalGround.MOVED_AWAY),
        ({"kato": "751010000"}, "NOT_RESIDENT", RemovalGround.MOVED_AWAY),
        ({"died": "2026-08-20"}, "DECEASED", RemovalGround.DECEASED),
    ],
)
def test_what_the_population_register_says_twice_becomes_a_case(entry, changes, code, ground):
    facts = answering.person_facts(entry.applicant, **changes)
    told(entry.applicant, "gbd_fl", Outcome.FOUND, at=LATER, facts=facts)
    assert seen(entry).code == code
    (finding,) = look_again(facts=facts)

    assert (finding.state, RemovalCase.objects.get().ground) == ("PROPOSED", ground)


def test_a_lost_citizenship_is_asked_of_both_its_registers_once_more(entry):
    facts = answering.person_facts(entry.applicant, citizenship="RUS")
    told(entry.applicant, "gbd_fl", Outcome.FOUND, at=LATER, facts=facts)
    seen(entry)
    population, kandas = open_second_looks()
    assert (population.source, kandas.source) == ("gbd_fl", "kandas")
    hear(population, Outcome.FOUND, at=SECOND, facts=facts)
    assert conclude() == []  # the other has not said anything yet
    hear(kandas, Outcome.NOT_FOUND_CONFIRMED, at=SECOND)
    (finding,) = conclude()

    assert finding.state == "PROPOSED"
    assert RemovalCase.objects.get().ground == RemovalGround.CITIZENSHIP_LOST


def test_a_lost_category_is_asked_of_all_its_sources_and_told_by_the_one_that_changed(entry):
    told(entry.applicant, "esutd", Outcome.NOT_FOUND_CONFIRMED, at=LATER)
    finding = seen(entry)
    assert (finding.code, finding.source) == ("CATEGORY_NOT_CONFIRMED", "esutd")
    assert [one.source for one in open_second_looks()] == ["ekyzmet", "esutd", "mod", "zags"]
    (finding,) = look_again(Outcome.NOT_FOUND_CONFIRMED, ())

    assert (finding.state, RemovalCase.objects.get().ground) == ("PROPOSED", RemovalGround.GROUNDS_CEASED)


def test_a_dead_applicant_with_a_family_waits_for_the_succession(town):
    entry = factories.waiting(town, family=(factories.HUSBAND,))
    facts = answering.person_facts(entry.applicant, died="2026-08-20")
    told(entry.applicant, "gbd_fl", Outcome.FOUND, at=LATER, facts=facts)
    seen(entry)
    (finding,) = look_again(facts=facts)

    assert (finding.state, finding.why_held) == ("HELD", "SUCCESSION")
    assert not RemovalCase.objects.exists()


def test_a_protected_household_is_left_to_a_person(town):
    entry = factories.waiting(town, number="2")
    told(entry.applicant, "nobd", Outcome.NOT_FOUND_CONFIRMED, at=LATER)
    seen(entry)
    (finding,) = look_again(Outcome.NOT_FOUND_CONFIRMED, ())

    assert (finding.state, finding.why_held) == ("HELD", "PROTECTED")
    assert not RemovalCase.objects.exists()


def test_a_household_with_an_offer_or_an_open_case_is_left_to_a_person(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    moving.proposed(town, entry)
    (finding,) = look_again()
    assert (finding.state, finding.why_held) == ("HELD", "CASE_OPEN")

    other = factories.waiting(town, day=2)
    owns(other.applicant, at=LATER)
    seen(other)
    queue_entries.mark_offered(entry_id=other.pk, by=town.clerk, at=LATER, document="1/2")
    (finding,) = look_again()
    assert (finding.state, finding.why_held) == ("HELD", "ENTRY_OFFERED")


def test_an_entry_that_left_meanwhile_needs_no_proposal(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.clerk, at=LATER, document="1/2")
    queue_entries.mark_housed(entry_id=entry.pk, by=town.clerk, at=LATER, document="1/2")
    (finding,) = look_again()
    assert (finding.state, finding.closed_how) == ("CLOSED", "ENTRY_NOT_ACTIVE")


def test_what_was_seen_is_not_found_again_while_it_is_open_nor_by_the_same_answers_after(entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    assert see(entry) == []
    owns(entry.applicant, at=LATER + timedelta(minutes=1))
    assert see(entry) == []  # a newer answer, and the finding is open still
    look_again(Outcome.NOT_FOUND_CONFIRMED, ())
    owns(entry.applicant, at=THIRD)
    assert seen(entry, at=THIRD).state == "SECOND_LOOK"  # after a refuted one, a new answer is a first look


def test_answers_that_two_looks_rested_on_make_no_third(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    (finding,) = look_again()
    assert finding.state == "PROPOSED"
    assert see(entry, at=THIRD) == []


def test_an_answer_that_is_no_longer_fresh_opens_nothing(entry):
    owns(entry.applicant, at=LATER)
    assert see(entry, at=LATER + timedelta(days=30, microseconds=1)) == []
    assert seen(entry, at=LATER + timedelta(days=30)).code == "OWNS_DWELLING"


def test_nothing_adverse_begins_about_people_who_may_not_be_asked_again(entry):
    owns(entry.applicant, at=LATER)
    ConsentWithdrawal.objects.create(
        person=entry.applicant, withdrawn_at=LATER, channel="PAPER", evidence="Paper No 2"
    )
    assert see(entry, at=LATER + timedelta(minutes=1)) == []
    assert open_second_looks() == []


def test_an_eligible_household_and_an_unknown_one_are_not_found(town, entry):
    unknown = factories.waiting(town, day=3, known=False)
    assert see(entry) == []
    assert see(unknown) == []


def test_two_households_that_rest_on_one_answer_ask_once_more_together(town, entry):
    second = factories.waiting(town, number="4", application=entry.application)
    owns(entry.applicant, at=LATER)
    for one in (entry, second):
        seen(one)
    assert len(open_second_looks()) == 1
    assert {finding.state for finding in look_again()} == {"PROPOSED"}


def test_a_held_source_holds_what_waits_and_its_release_looks_twice_anew(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    source_holds.hold(source="egkn", why="Doubts", by=town.admin, at=LATER)
    (finding,) = look_again()
    assert (finding.state, finding.why_held) == ("HELD", "SOURCE_HELD")
    assert see(entry, at=SECOND) == []
    assert not RemovalCase.objects.exists()

    source_holds.release(source="egkn", why="The table is right", by=town.admin, at=THIRD)
    finding.refresh_from_db()
    assert (finding.state, finding.second_answer) == ("SECOND_LOOK", None)
    (finding,) = look_again(at=THIRD + timedelta(hours=1))
    assert (finding.state, RemovalCase.objects.count()) == ("PROPOSED", 1)


def test_what_a_released_source_does_not_say_any_more_is_refuted(town, entry):
    owns(entry.applicant, at=LATER)
    seen(entry)
    source_holds.hold(source="egkn", why="Doubts", by=town.admin, at=LATER)
    look_again()
    told(entry.applicant, "egkn", Outcome.NOT_FOUND_CONFIRMED, at=THIRD)
    source_holds.release(source="egkn", why="Loaded anew", by=town.admin, at=THIRD)
    finding = RecheckFinding.objects.get()
    assert (finding.state, finding.closed_how) == ("REFUTED", "NOT_CONFIRMED")


def test_a_held_finding_is_settled_once_and_with_words(town):
    entry = factories.waiting(town, number="2")
    told(entry.applicant, "nobd", Outcome.NOT_FOUND_CONFIRMED, at=LATER)
    finding = seen(entry)
    act = {"finding_id": finding.pk, "by": town.clerk, "at": THIRD}
    assert moving.refusal(rechecks.close, how="Seen", **act) == "FINDING_SETTLED"
    look_again(Outcome.NOT_FOUND_CONFIRMED, ())
    assert moving.refusal(rechecks.close, how="  ", **act) == "REASON_MISSING"

    settled = rechecks.close(how="Protected until housed", **act)
    assert (settled.state, settled.closed_by, settled.why_held) == ("CLOSED", town.clerk, "")
    assert moving.refusal(rechecks.close, how="Again", **act) == "FINDING_SETTLED"
    assert AuditEvent.objects.filter(event="recheck_finding.closed", actor="clerk").count() == 1


def test_the_database_lets_nothing_be_proposed_after_one_look(entry):
    owns(entry.applicant, at=LATER)
    finding = seen(entry)
    finding.state, finding.closed_at = "PROPOSED", SECOND
    with pytest.raises(IntegrityError, match="recheck_finding_proposed"), transaction.atomic():
        finding.save()
