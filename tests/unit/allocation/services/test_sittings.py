"""Who sits, who is recused by the registers' own data, and how many then make a quorum."""

from datetime import date, timedelta

import pytest

from allocation.models import Sitting, SittingMember, Vote
from allocation.rules.refusals import Refusal, Refused
from allocation.services import attendance, decisions, rounds, runs, sittings, tallies
from queue_registry.models import (
    AuditEvent,
    HouseholdMember,
    ImportBatch,
    ImportRow,
    RegistrationChange,
    SourceAnswer,
    StaffMembership,
)
from queue_registry.rules.facts import Source
from queue_registry.services import entry_changes, queue_entries
from tests import factories
from tests.factories import AT, identify, relate

MEMBERS = ("chair", "member1", "member2", "member3", "member4")


def refusal_of(act, **arguments):
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.code, dict(refused.value.detail)


def seat_of(sitting, name):
    return sitting.members.get(user__username=name)


def test_everybody_with_a_mandate_sits_and_the_quorum_is_that_of_the_policy(town):
    sitting = factories.convened(town)

    assert set(sitting.members.values_list("user__username", flat=True)) == set(MEMBERS)
    assert sitting.members.get(is_chair=True).user == town.chair
    assert (sitting.quorum_numerator, sitting.quorum_denominator) == (2, 3)
    assert sitting.number == 1
    assert AuditEvent.objects.order_by("seq").last().event == "sitting.convened"


def test_a_mandate_that_has_ended_or_not_begun_gives_no_seat(town):
    StaffMembership.objects.create(
        user=town.clerk2, akimat=town.akimat, role="MEMBER", from_on=AT.date() + timedelta(days=1)
    )
    StaffMembership.objects.create(
        user=town.clerk,
        akimat=town.akimat,
        role="MEMBER",
        from_on=date(2026, 1, 1),
        until_on=AT.date(),
    )

    assert factories.convened(town).members.count() == len(MEMBERS)


def test_a_member_whose_mandate_ends_tomorrow_sits_today(town):
    StaffMembership.objects.filter(user=town.member1).update(until_on=AT.date() + timedelta(days=1))

    assert seat_of(factories.convened(town), "member1")


def test_a_commission_too_small_for_the_policy_is_refused(town):
    StaffMembership.objects.filter(user=town.member1).update(until_on=AT.date())
    run = factories.executed_run(town)

    found = refusal_of(sittings.convene, run_id=run.pk, by=town.secretary, at=AT)

    assert found == (Refusal.COMMISSION_SIZE, {"members": 4, "least": 5, "most": 11})


@pytest.mark.parametrize(("role", "chairs"), [("MEMBER", 0), ("CHAIR", 2)])
def test_a_commission_has_exactly_one_chair(town, role, chairs):
    changed = "chair" if role == "MEMBER" else "member1"
    StaffMembership.objects.filter(user=town.staff[changed]).update(role=role)
    run = factories.executed_run(town)

    found = refusal_of(sittings.convene, run_id=run.pk, by=town.secretary, at=AT)

    assert found == (Refusal.CHAIR_MISSING, {"chairs": chairs})


def test_a_sitting_is_convened_once_on_a_current_executed_run(town):
    sitting = factories.convened(town)
    again, _ = refusal_of(sittings.convene, run_id=sitting.run_id, by=town.secretary, at=AT)
    frozen = factories.frozen_round(town)
    requested = runs.request(round_id=frozen.pk, by=town.secretary, at=AT)
    early, _ = refusal_of(sittings.convene, run_id=requested.pk, by=town.secretary, at=AT)
    runs.supersede(run_id=requested.pk, reason="Mistake", by=town.secretary, at=AT)
    late, _ = refusal_of(sittings.convene, run_id=requested.pk, by=town.secretary, at=AT)

    assert (again, early, late) == (
        Refusal.SITTING_EXISTS,
        Refusal.RUN_NOT_EXECUTED,
        Refusal.RUN_SUPERSEDED,
    )
    assert Sitting.objects.count() == 1


def test_a_member_who_is_a_candidate_is_recused(town):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    entry.application.applicant = person
    entry.application.save()

    member = seat_of(factories.convened(town), "member1")

    assert member.recusal_ground == SittingMember.RecusalGround.CANDIDATE
    assert member.recusal_detail == {"file_numbers": [entry.file_number], "count": 1}


def test_a_member_of_a_candidates_household_is_recused(town):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    HouseholdMember.objects.create(application=entry.application, person=person, relation="OTHER")

    assert seat_of(factories.convened(town), "member1").recusal_ground == "CANDIDATE"


def test_who_has_left_a_candidates_household_is_not_recused(town):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    HouseholdMember.objects.create(
        application=entry.application, person=person, relation="OTHER", until_on=date(2020, 1, 1)
    )

    assert seat_of(factories.convened(town), "member1").recusal_ground == ""


@pytest.mark.parametrize("told_of", ["member", "candidate"])
@pytest.mark.parametrize("relation", ["spouse", "child", "parent"])
def test_a_relative_of_the_first_degree_is_recused_whoever_was_asked(town, told_of, relation):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    if told_of == "member":
        relate(person, entry.applicant, relation)
    else:
        relate(entry.applicant, person, relation)

    member = seat_of(factories.convened(town), "member1")

    assert member.recusal_ground == SittingMember.RecusalGround.RELATIVE
    assert member.recusal_detail == {"file_numbers": [entry.file_number], "count": 1, "degree": 1}


def test_a_brother_or_sister_is_a_relative_of_the_second_degree_through_a_parent(town):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    mother = factories.PersonFactory()
    relate(person, mother, "parent")
    relate(entry.applicant, mother, "parent")

    member = seat_of(factories.convened(town), "member1")

    assert (member.recusal_ground, member.recusal_detail["degree"]) == ("RELATIVE", 2)


def test_a_cousin_is_not_close_enough(town):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    mother, grandmother = factories.PersonFactory(), factories.PersonFactory()
    factories.answer_everything(mother)
    relate(person, mother, "parent")
    relate(mother, grandmother, "parent")
    relate(entry.applicant, grandmother, "parent")

    assert seat_of(factories.convened(town), "member1").recusal_ground == ""


@pytest.mark.parametrize(("until", "ground"), [("2026-09-01", ""), ("2026-09-02", "RELATIVE")])
def test_a_marriage_counts_until_the_day_it_ends(town, until, ground):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    relate(person, entry.applicant, "spouse", until=until)

    assert seat_of(factories.convened(town), "member1").recusal_ground == ground


def test_an_answer_that_was_superseded_recuses_nobody(town):
    person = identify(town, "member1")
    entry = factories.waiting(town)
    relate(person, entry.applicant, "spouse")
    SourceAnswer.objects.filter(person=person, source=Source.ZAGS).update(superseded_at=AT)

    member = seat_of(factories.convened(town), "member1")

    assert (member.recusal_ground, member.family_known) == ("", False)


def test_whose_family_the_civil_acts_never_told_is_marked(town):
    identify(town, "member1")
    sitting = factories.convened(town)

    assert seat_of(sitting, "member1").family_known
    assert not seat_of(sitting, "member2").family_known


def test_who_entered_a_candidates_record_does_not_vote_on_it(town):
    entry = factories.waiting(town)
    entry.application.entered_by = town.member1
    entry.application.save()

    member = seat_of(factories.convened(town), "member1")

    assert member.recusal_ground == SittingMember.RecusalGround.HANDLED_RECORD
    assert member.recusal_detail["file_numbers"] == [entry.file_number]


def test_who_put_in_the_old_list_with_a_candidates_row_does_not_vote_on_it(town):
    entry = factories.waiting(town)
    batch = ImportBatch.objects.create(
        akimat=town.akimat,
        source="rshep",
        file_name="rshep.csv",
        sha256="0" * 64,
        imported_on=AT.date(),
        imported_by=town.member3,
        imported_at=AT,
        confirmed_by=town.supervisor,
        confirmed_at=AT,
    )
    ImportRow.objects.create(
        batch=batch, sheet_no=0, row=2, cells={}, state="merged", application=entry.application
    )

    assert seat_of(factories.convened(town), "member3").recusal_ground == "HANDLED_RECORD"


def test_who_confirmed_or_redated_a_candidates_record_does_not_vote_on_it(town):
    entry = factories.waiting(town)
    entry_changes.settle(
        entry_id=entry.pk,
        settled=entry_changes.Settled(
            waiting_list=entry.waiting_list,
            registered_at=entry.registered_at - timedelta(days=1),
            time_known=True,
            provisional=False,
        ),
        by=town.member2,
        at=AT,
        document="register book, page 12",
    )

    assert seat_of(factories.convened(town), "member2").recusal_ground == "HANDLED_RECORD"


def test_a_chair_who_made_offers_in_an_earlier_round_did_not_handle_records(town):
    entry = factories.waiting(town)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.chair, at=AT, document="R-2025-1")
    queue_entries.return_to_waiting(entry_id=entry.pk, by=town.chair, at=AT, ground="OFFER_REFUSED")

    assert seat_of(factories.convened(town), "chair").recusal_ground == ""


def test_who_handled_only_records_outside_the_candidate_list_votes(town):
    entry = factories.waiting(town)
    entry.application.entered_by = town.member1
    entry.application.save()
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"), at=AT)
    queue_entries.mark_housed(entry_id=entry.pk, by=town.clerk, at=AT, document="act of the keys 1")

    assert seat_of(factories.convened(town), "member1").recusal_ground == ""


def test_a_recusal_is_recorded_and_makes_the_quorum_smaller(town):
    entry = factories.waiting(town)
    entry.application.entered_by = town.member1
    entry.application.save()

    sitting = factories.convened(town)

    counted = tallies.count_votes(sitting)
    assert (counted.entitled, counted.recused, counted.needed) == (5, 1, 3)
    recorded = AuditEvent.objects.order_by("seq").last().data["members"]
    assert {row["user"]: row["recused"] for row in recorded}["member1"] == "HANDLED_RECORD"


def test_who_prepared_the_round_is_named_with_an_interest_by_kinship(town):
    person = identify(town, "secretary")
    entry = factories.waiting(town)
    relate(entry.applicant, person, "parent")

    sitting = factories.convened(town)

    assert sitting.preparers == [
        {
            "user": "secretary",
            "acts": ["OPENED", "FROZEN", "RUN", "CONVENED"],
            "ground": "RELATIVE",
            "detail": {"file_numbers": [entry.file_number], "count": 1, "degree": 1},
            "family_known": True,
        }
    ]
    assert AuditEvent.objects.order_by("seq").last().data["preparers"] == sitting.preparers


def _commissioned(town, name):
    """Whoever had another role then is a member now."""
    user = town.staff[name]
    user.memberships.update(until_on=AT.date())
    held = town.member4.memberships.get()
    town.member4.memberships.update(until_on=AT.date())
    StaffMembership.objects.create(
        user=user,
        akimat=town.akimat,
        role=held.role,
        from_on=AT.date(),
        document_number="9",
        document_on=AT.date(),
    )


@pytest.mark.parametrize("acts", [["OPENED"], ["FROZEN"], ["RUN"], ["OPENED", "FROZEN", "RUN"]])
def test_who_prepared_the_round_and_came_to_be_a_member_since_does_not_vote_on_it(town, acts):
    """Four eyes by construction: no role of today undoes an act of yesterday."""

    def who(act):
        return town.clerk if act in acts else town.secretary

    opened = rounds.open_round(
        akimat=town.akimat, dwelling_ids=[], quotas=factories.QUOTAS, by=who("OPENED"), at=AT
    )
    rounds.freeze(round_id=opened.pk, by=who("FROZEN"), at=AT)
    run = runs.request(round_id=opened.pk, by=who("RUN"), at=AT)
    runs.execute(run_id=run.pk, at=AT)
    _commissioned(town, "clerk")

    sitting = sittings.convene(run_id=run.pk, by=town.secretary, at=AT)

    member = seat_of(sitting, "clerk")
    assert (member.recusal_ground, member.recusal_detail) == ("PREPARED_ROUND", {"acts": acts})
    attendance.attend(sitting_id=sitting.pk, user_id=town.clerk.pk, by=town.secretary, at=AT)
    with pytest.raises(Refused) as refused:
        decisions.vote(
            sitting_id=sitting.pk,
            choice=Vote.Choice.FOR,
            reason="",
            result_sha256=sitting.run.result_sha256,
            by=town.clerk,
            at=AT,
        )
    assert refused.value.code == Refusal.RECUSED
    assert tallies.count_votes(sitting).recused == 1


def test_who_proposed_to_redate_a_candidate_does_not_vote_on_it(town):
    entry = factories.waiting(town)
    RegistrationChange.objects.create(
        entry=entry,
        ground="DIGITIZATION",
        registered_at=entry.registered_at,
        document="page 3",
        proposed_by=town.member3,
        proposed_at=AT,
        approved_by=town.supervisor,
        approved_at=AT,
    )

    assert seat_of(factories.convened(town), "member3").recusal_ground == "HANDLED_RECORD"


def test_a_clerk_who_only_entered_records_has_no_interest_as_a_preparer(town):
    factories.waiting(town)
    frozen = factories.frozen_round(town)
    requested = runs.request(round_id=frozen.pk, by=town.clerk, at=AT)
    runs.execute(run_id=requested.pk, at=AT)

    sitting = sittings.convene(run_id=requested.pk, by=town.secretary, at=AT)

    assert [(one["user"], one["ground"]) for one in sitting.preparers] == [("secretary", ""), ("clerk", "")]
