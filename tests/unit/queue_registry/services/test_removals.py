"""Nobody is removed before notice, term and hearing, by any role and by no other way."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from queue_registry.models import AuditEvent, CategoryPeriod, Notice, QueueEntry, RemovalCase
from queue_registry.rules.reasons import AGAINST_THE_PROTECTED, RemovalGround
from queue_registry.selectors import invariants, moves
from queue_registry.services import queue_entries, removals
from tests import factories
from tests.unit.queue_registry.services.moving import (
    AT,
    FIRST_DECISION,
    LAST_OBJECTION,
    notified,
    proposed,
    refusal,
    removed,
    status_of,
)

pytestmark = pytest.mark.django_db
REMOVED, DROPPED = RemovalCase.Outcome.REMOVED, RemovalCase.Outcome.DROPPED


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


def decision(town, case, **changes):
    arguments = {"case_id": case.pk, "outcome": REMOVED, "decision": "No 12", "by": town.supervisor}
    return {**arguments, "at": FIRST_DECISION, **changes}


def test_a_removal_is_proposed_told_and_decided_and_each_step_is_on_record(town, entry):
    case = removed(town, entry)

    assert status_of(entry) == "DEREGISTERED"
    assert (case.objections_until, case.decision_from) == (date(2026, 9, 3), date(2026, 9, 7))
    event = entry.events.order_by("-pk").first()
    assert (event.moved_to, event.ground, event.document) == (
        "DEREGISTERED",
        "ACQUIRED_DWELLING",
        "Decision No 12",
    )
    acts = AuditEvent.objects.filter(target=f"removal_case:{case.pk}").order_by("seq")
    assert [act.event.removeprefix("removal_case.") for act in acts] == ["proposed", "notified", "decided"]
    assert invariants.impossible() == []


def test_notices_say_ground_evidence_terms_and_how_to_contest(town, entry):
    removed(town, entry)

    told, decided = Notice.objects.filter(application=entry.application).order_by("pk")
    assert (told.kind, told.due_on, told.facts["evidence_source"]) == (
        "REMOVAL_PROPOSED",
        date(2026, 9, 1),
        "egkn",
    )
    assert (told.facts["article"], told.facts["decision_from"]) == ("art 73(1)", "2026-09-07")
    assert (decided.kind, decided.due_on) == ("DEREGISTERED", date(2026, 9, 17))
    assert decided.facts["complaint_until"] == "2026-12-07"


def test_no_decision_comes_before_its_day(town, entry):
    case = notified(town, entry)

    early = FIRST_DECISION - timedelta(seconds=1)
    assert refusal(removals.decide, **decision(town, case, at=early)) == "TERM_RUNS"
    assert status_of(entry) == "WAITING"
    removals.decide(**decision(town, case))
    assert status_of(entry) == "DEREGISTERED"


def test_who_proposed_decides_neither_way(town, entry):
    case = notified(town, entry)

    for outcome in (REMOVED, DROPPED):
        arguments = decision(town, case, outcome=outcome, by=town.clerk)
        assert refusal(removals.decide, **arguments) == "SECOND_PERSON_NEEDED"


def test_without_a_notice_nobody_is_removed(town, entry):
    case = proposed(town, entry)

    assert refusal(removals.decide, **decision(town, case)) == "NOTICE_MISSING"
    assert refusal(removals.hear, case_id=case.pk, hearing="x", by=town.clerk, at=AT) == "NOTICE_MISSING"


def test_an_objection_is_heard_before_a_removal(town, entry):
    case = notified(town, entry)
    removals.object_(case_id=case.pk, objection="It is my brother's", by=town.clerk, at=LAST_OBJECTION)

    assert refusal(removals.decide, **decision(town, case)) == "HEARING_MISSING"
    removals.hear(case_id=case.pk, hearing="Heard", by=town.clerk, at=FIRST_DECISION)
    removals.decide(**decision(town, case))
    assert status_of(entry) == "DEREGISTERED"


def test_the_last_day_of_objections_belongs_to_the_household(town, entry):
    case = notified(town, entry)
    late = {"case_id": case.pk, "objection": "x", "by": town.clerk, "at": LAST_OBJECTION}

    late_by_a_minute = {**late, "at": LAST_OBJECTION + timedelta(minutes=1)}
    assert refusal(removals.object_, **late_by_a_minute) == "OBJECTION_TERM_OVER"
    removals.object_(**late)
    assert refusal(removals.object_, **late) == "OBJECTION_RECORDED"


def test_a_dropped_case_leaves_the_entry_at_its_place(town, entry):
    before = moves.version_of(entry)
    case = notified(town, entry)

    removals.decide(**decision(town, case, outcome=DROPPED, at=AT))

    assert status_of(entry) == "WAITING"
    assert moves.version_of(entry) == before
    assert refusal(removals.decide, **decision(town, case)) == "CASE_DECIDED"


@pytest.mark.parametrize("act", ["propose", "notify", "object_", "hear", "decide"])
def test_each_step_needs_its_words(town, entry, act):
    case = notified(town, entry)
    blank = {
        "propose": {"entry_id": entry.pk, "ground": RemovalGround.DECEASED, "evidence": " "},
        "notify": {"case_id": case.pk, "document": " "},
        "object_": {"case_id": case.pk, "objection": " "},
        "hear": {"case_id": case.pk, "hearing": " "},
        "decide": {"case_id": case.pk, "outcome": REMOVED, "decision": " "},
    }[act]

    code = refusal(getattr(removals, act), **blank, by=town.supervisor, at=FIRST_DECISION)
    assert code == ("DOCUMENT_MISSING" if act == "notify" else "REASON_MISSING")


def test_what_is_sent_twice_acts_once(town, entry):
    case = notified(town, entry)

    assert refusal(proposed, town=town, entry=entry) == "CASE_OPEN"
    again = {"case_id": case.pk, "document": "again", "by": town.clerk2, "at": AT}
    assert refusal(removals.notify, **again) == "NOTICE_GIVEN"
    removals.hear(case_id=case.pk, hearing="Heard", by=town.clerk, at=AT)
    assert refusal(removals.hear, case_id=case.pk, hearing="x", by=town.clerk2, at=AT) == "HEARING_RECORDED"


def test_a_proposal_from_an_old_page_is_refused(town, entry):
    seen = moves.version_of(entry)
    queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=AT, ground="OWN_REQUEST")

    arguments = {"entry_id": entry.pk, "ground": RemovalGround.DECEASED, "evidence": "x", "at": AT}
    code = refusal(removals.propose, **arguments, by=town.clerk2, seen=seen)
    assert code == "CHANGED_MEANWHILE"


def test_an_entry_with_an_offer_is_not_removed(town, entry):
    case = notified(town, entry)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.clerk, at=AT, document="R-1")

    assert refusal(removals.decide, **decision(town, case)) == "ENTRY_OFFERED"
    other = factories.waiting(town, day=2)
    queue_entries.mark_offered(entry_id=other.pk, by=town.clerk, at=AT, document="R-2")
    assert refusal(proposed, town=town, entry=other) == "ENTRY_OFFERED"


def test_who_is_housed_or_removed_has_no_case(town, entry):
    removed(town, entry)
    assert refusal(proposed, town=town, entry=entry) == "ENTRY_NOT_ACTIVE"


@pytest.mark.parametrize("ground", sorted(RemovalGround))
@pytest.mark.parametrize("number", ["2", "3"])
def test_orphans_and_large_families_are_protected_until_housed(town, number, ground):
    entry = factories.waiting(town, number=number)

    if ground in AGAINST_THE_PROTECTED:
        assert proposed(town, entry, ground=ground).ground == ground
    else:
        assert refusal(proposed, town=town, entry=entry, ground=ground) == "PROTECTED"


def test_a_single_parent_is_protected_by_what_the_registers_say(town):
    single = factories.waiting(town, number="4", family=[factories.DAUGHTER])
    married = factories.waiting(town, number="4", family=[factories.HUSBAND, factories.DAUGHTER], day=2)

    ground = RemovalGround.MOVED_AWAY
    assert refusal(proposed, town=town, entry=single, ground=ground) == "PROTECTED"
    assert proposed(town, married, ground=ground).pk is not None


def test_a_silent_register_protects_as_well(town):
    unknown = factories.waiting(town, number="4", known=False)

    code = refusal(proposed, town=town, entry=unknown, ground=RemovalGround.GROUNDS_CEASED)
    assert code == "PROTECTION_NOT_KNOWN"
    assert proposed(town, unknown, ground=RemovalGround.DECEASED).pk is not None


def test_a_household_that_became_protected_while_the_case_ran_is_not_removed(town):
    entry = factories.waiting(town, number="4", family=[factories.HUSBAND])
    case = notified(town, entry, ground=RemovalGround.GROUNDS_CEASED)
    CategoryPeriod.objects.create(
        entry=entry,
        category="single_parent",
        from_on=date(2026, 9, 2),
        document="x",
        recorded_by=town.clerk,
        recorded_at=AT,
    )

    assert refusal(removals.decide, **decision(town, case)) == "PROTECTED"


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


DEREGISTER = "UPDATE queue_registry_queueentry SET status = 'DEREGISTERED' WHERE id = %s"
ONLY_BY_A_CASE = "queue_entry_deregistered_only_by_a_decided_case"


@pytest.mark.parametrize("state", ["none", "proposed", "notified", "dropped"])
def test_the_database_refuses_a_removal_without_a_decided_case(town, entry, state):
    if state == "proposed":
        proposed(town, entry)
    elif state == "notified":
        notified(town, entry)
    elif state == "dropped":
        case = notified(town, entry)
        removals.decide(**decision(town, case, outcome=DROPPED))

    with pytest.raises(IntegrityError, match=ONLY_BY_A_CASE):
        raw(DEREGISTER, entry.pk)
    with pytest.raises(IntegrityError, match=ONLY_BY_A_CASE), transaction.atomic():
        QueueEntry.objects.filter(pk=entry.pk).update(status="DEREGISTERED")


def test_a_reinstated_entry_is_not_removed_by_its_old_case(town, entry):
    removed(town, entry)
    later = FIRST_DECISION + timedelta(days=9)
    queue_entries.reinstate(entry_id=entry.pk, by=town.supervisor, at=later, document="Court No 3")

    with pytest.raises(IntegrityError, match=ONLY_BY_A_CASE):
        raw(DEREGISTER, entry.pk)
    assert status_of(entry) == "WAITING"


def test_no_entry_comes_into_the_world_removed(town, entry):
    copy = "INSERT INTO queue_registry_queueentry (akimat_id, application_id, applicant_id, waiting_list_id,"
    copy += " file_number, registered_at, time_known, provisional, status)"
    copy += " SELECT akimat_id, application_id, applicant_id, waiting_list_id, file_number, registered_at,"
    copy += " time_known, provisional, 'DEREGISTERED' FROM queue_registry_queueentry WHERE id = %s"

    with pytest.raises(IntegrityError, match=ONLY_BY_A_CASE):
        raw(copy, entry.pk)


CASE = "UPDATE queue_registry_removalcase SET "


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("decision_from = decision_from - 1", "removal_case_terms_stay"),
        ("objections_until = objections_until - 1", "removal_case_terms_stay"),
        ("notified_at = notified_at - interval '9 days'", "removal_case_terms_stay"),
        ("notified_at = NULL, objections_until = NULL, decision_from = NULL", "removal_case_terms_stay"),
        ("evidence = 'other'", "removal_case_proposal_stays"),
        ("ground = 'DECEASED'", "removal_case_proposal_stays"),
        ("proposed_by_id = NULL", "removal_case_proposal_stays"),
        ("objection = '', objected_at = NULL", "removal_case_objection_stays"),
    ],
)
def test_the_database_lets_nobody_shorten_a_term_or_bend_a_case(town, entry, change, constraint):
    case = notified(town, entry)
    removals.object_(case_id=case.pk, objection="No", by=town.clerk, at=AT)

    with pytest.raises(IntegrityError, match=constraint):
        raw(f"{CASE}{change} WHERE id = %s", case.pk)


@pytest.mark.parametrize(
    ("at", "heard", "constraint"),
    [
        ("2026-09-06 18:59:59+00", True, "removal_case_decided_not_before_its_day"),
        ("2026-09-06 19:00:00+00", False, "removal_case_objection_heard_before_removal"),
    ],
)
def test_the_database_knows_the_first_day_of_a_decision_and_the_hearing(town, entry, at, heard, constraint):
    case = notified(town, entry)
    removals.object_(case_id=case.pk, objection="No", by=town.clerk, at=AT)
    if heard:
        removals.hear(case_id=case.pk, hearing="Heard", by=town.clerk, at=AT)

    with pytest.raises(IntegrityError, match=constraint):
        raw(
            f"{CASE}outcome = 'REMOVED', decided_at = %s, decided_by_id = %s WHERE id = %s",
            at,
            town.supervisor.pk,
            case.pk,
        )


def test_a_decided_case_is_closed_for_good(town, entry):
    case = removed(town, entry)

    for sql in (
        f"{CASE}decision = 'other' WHERE id = %s",
        "DELETE FROM queue_registry_removalcase WHERE id = %s",
    ):
        with pytest.raises(IntegrityError, match="removal_case_decided_stays"):
            raw(sql, case.pk)


@pytest.mark.parametrize(
    ("terms", "constraint"),
    [
        ({"objections_until": date(2026, 9, 1)}, "removal_case_objections_after_notice"),
        ({"decision_from": date(2026, 9, 3)}, "removal_case_decision_after_objections"),
        ({"notified_at": AT - timedelta(days=1)}, "removal_case_moments_in_order"),
        ({"decision_from": None}, "removal_case_notice_and_terms_together"),
    ],
)
def test_terms_follow_each_other(town, entry, terms, constraint):
    case = proposed(town, entry)
    lawful = {
        "notified_at": AT,
        "objections_until": date(2026, 9, 3),
        "decision_from": date(2026, 9, 7),
    }

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RemovalCase.objects.filter(pk=case.pk).update(**{**lawful, **terms})


def test_one_case_runs_against_an_entry_and_its_decision_is_another_person_s(town, entry):
    case = proposed(town, entry)
    with pytest.raises(IntegrityError, match="one_open_removal_case_per_entry"), transaction.atomic():
        RemovalCase.objects.create(entry=entry, ground=RemovalGround.DECEASED, evidence="x", proposed_at=AT)
    with pytest.raises(IntegrityError, match="removal_case_decided_by_another_person"), transaction.atomic():
        RemovalCase.objects.filter(pk=case.pk).update(outcome=DROPPED, decided_at=AT, decided_by=town.clerk)
