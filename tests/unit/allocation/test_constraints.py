"""What the database itself refuses, by the constraint's name."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from allocation.models import (
    AllocationLine,
    AllocationRound,
    AllocationRun,
    Bundle,
    Decision,
    Dwelling,
    Offer,
    RoundDwelling,
    Sitting,
    SittingMember,
    Vote,
)
from allocation.services import decisions, loan_places
from tests import factories


@pytest.fixture
def decided(town):
    """Two households, one served and one passed over; two offers are impossible, one is open."""
    for _ in range(2):
        factories.waiting(town)
    return factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))


def refused(name, act):
    with pytest.raises((IntegrityError, DatabaseError), match=name), transaction.atomic():
        act()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"rooms": 0}, "dwelling_has_a_room"),
        ({"area": 0}, "dwelling_has_an_area"),
        # Two constraints know the states; either may be the first to say so.
        ({"state": "LOST"}, "dwelling_state_is_known|dwelling_idle_since_while_it_can_be_given"),
        ({"idle_since": None}, "dwelling_idle_since_while_it_can_be_given"),
        ({"state": "ALLOTTED"}, "dwelling_idle_since_while_it_can_be_given"),
        ({"floor": None}, "dwelling_has_floor_and_address"),
        ({"address_ru": ""}, "dwelling_has_floor_and_address"),
        ({"finish": "GILDED"}, "dwelling_finish_is_known"),
        ({"kind": "LOAN"}, "loan_place_has_a_programme_and_no_walls"),
        ({"kind": "VILLA"}, "loan_place_has_a_programme_and_no_walls"),
    ],
)
def test_a_dwelling_has_possible_figures_and_a_known_state(town, values, name):
    factories.ready(town)

    refused(name, lambda: Dwelling.objects.update(**values))


@pytest.mark.parametrize("values", [{"programme": ""}, {"rooms": 1}, {"area": 1}, {"floor": 1}])
def test_a_place_of_a_loan_has_a_programme_and_no_walls(town, values):
    loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=1, document="x", by=town.clerk, at=factories.AT
    )

    refused("loan_place_has_a_programme_and_no_walls", lambda: Dwelling.objects.update(**values))


def test_a_dwelling_number_is_unique_in_an_akimat(town):
    factories.ready(town, number="D-1")

    refused("one_dwelling_per_number", lambda: factories.ready(town, number="D-1"))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"frozen_at": factories.AT}, "allocation_round_frozen_at_by_and_input_together"),
        ({"input_sha256": "0" * 64}, "allocation_round_frozen_at_by_and_input_together"),
        ({"cancelled_at": factories.AT}, "allocation_round_cancelled_at_by_and_reason_together"),
        ({"cancelled_because": "why"}, "allocation_round_cancelled_at_by_and_reason_together"),
    ],
)
def test_a_round_is_frozen_and_cancelled_by_somebody_or_not_at_all(town, values, name):
    factories.open_round(town)

    refused(name, lambda: AllocationRound.objects.update(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"input_sha256": "0" * 64},
        {"input": b"other"},
        {"frozen_at": factories.AT.replace(year=2025)},
        {"trail_head": "0" * 64},
        {"quotas": {"3": {"dwellings": 9, "document": "Another"}}},
        {"rung": "rent"},
        {"number": "R-1"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_was_frozen_never_changes(town, values):
    factories.frozen_round(town)

    refused("frozen_never_changes|Cannot update", lambda: AllocationRound.objects.update(**values))


def test_a_round_number_is_unique_in_an_akimat(town):
    opened = factories.open_round(town)
    copy = AllocationRound(
        akimat=opened.akimat,
        number=opened.number,
        policy=opened.policy,
        opened_at=factories.AT,
        opened_by=town.clerk,
    )

    refused("one_round_per_number", copy.save)


def test_a_dwelling_stands_in_a_round_once_and_in_one_round_at_a_time(town):
    dwellings = factories.ready(town)
    first = factories.open_round(town, dwellings)
    second = factories.open_round(town)

    refused(
        "dwelling_in_one_round_at_a_time",
        lambda: RoundDwelling.objects.create(round=second, dwelling=dwellings[0]),
    )
    refused(
        "dwelling_once_in_round",
        lambda: RoundDwelling.objects.create(round=first, dwelling=dwellings[0], released_at=factories.AT),
    )


def test_a_round_has_one_current_run(decided, town):
    round_ = decided.sitting.run.round

    refused(
        "one_current_run_per_round",
        lambda: AllocationRun.objects.create(
            round=round_, requested_at=factories.AT, requested_by=town.secretary
        ),
    )


def test_a_run_is_executed_with_its_result_or_not_at_all(town):
    frozen = factories.frozen_round(town)
    AllocationRun.objects.create(round=frozen, requested_at=factories.AT, requested_by=town.secretary)

    refused(
        "allocation_run_executed_at_and_result_together",
        lambda: AllocationRun.objects.update(executed_at=factories.AT),
    )


@pytest.mark.parametrize("values", [{"result": b"other"}, {"result_sha256": "0" * 64}])
def test_the_result_of_a_run_never_changes(decided, values):
    refused("result_never_changes|Cannot update", lambda: AllocationRun.objects.update(**values))


def test_a_line_has_a_dwelling_or_a_code(decided, town):
    lines = AllocationLine.objects.filter(dwelling__isnull=False)
    entry = factories.waiting(town, day=9)
    copy = lines.get()
    copy.pk, copy.entry = None, entry

    copy.dwelling = None
    refused("allocation_line_dwelling_or_code", copy.save)


def test_an_entry_and_a_dwelling_stand_in_a_run_once(decided, town):
    line = AllocationLine.objects.get(dwelling__isnull=False)
    entry = factories.waiting(town, day=9)

    line.pk = None
    refused("entry_once_in_run", line.save)
    line.entry = entry
    refused("dwelling_once_in_run", line.save)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"quorum_numerator": 4}, "sitting_quorum_is_a_share"),
        ({"quorum_numerator": 0}, "sitting_quorum_is_a_share"),
    ],
)
def test_the_quorum_of_a_sitting_is_a_share(decided, values, name):
    refused(name, lambda: Sitting.objects.update(**values))


def test_a_sitting_has_one_chair_and_every_member_once(decided):
    member = SittingMember.objects.filter(is_chair=False).first()

    refused("one_chair_per_sitting", lambda: SittingMember.objects.update(is_chair=True))
    refused(
        "sitting_member_once",
        lambda: SittingMember.objects.create(sitting=member.sitting, user=member.user),
    )
    refused(
        "sitting_member_recusal_ground_is_known",
        lambda: SittingMember.objects.update(recusal_ground="BORED"),
    )


def test_a_vote_against_has_a_reason_and_a_choice_is_known(decided):
    vote = Vote.objects.first()
    vote.pk = None

    vote.choice, vote.reason = "AGAINST", ""
    refused("vote_against_has_a_reason", vote.save)
    vote.choice = "MAYBE"
    refused("vote_choice_is_known", vote.save)


def test_a_member_votes_once(town):
    factories.waiting(town)
    sitting = factories.convened(town, factories.ready(town))
    factories.vote_all(town, sitting)
    vote = Vote.objects.first()

    vote.pk = None
    refused("vote_member_id_key|unique", vote.save)


def test_a_sitting_decides_once_and_in_a_known_way(decided):
    copy = Decision.objects.get()

    copy.pk = None
    refused("decision_sitting_id_key|unique", copy.save)
    copy.outcome = "POSTPONED"
    refused("decision_outcome_is_known", copy.save)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"state": "LOST", "answered_at": factories.AT}, "offer_state_is_known"),
        ({"answered_at": factories.AT}, "offer_answered_at_unless_open"),
        ({"state": "REFUSED"}, "offer_answered_at_unless_open"),
    ],
)
def test_an_offer_has_a_known_state_and_is_answered_at_a_moment(decided, values, name):
    refused(name, lambda: Offer.objects.update(**values))


def test_one_open_offer_per_dwelling_entry_and_household(decided, town):
    offer = Offer.objects.get()
    (other,) = factories.ready(town)
    stranger = factories.waiting(town, day=20)
    on_another_list = factories.waiting(town, number="4", day=21, application=offer.application)

    def copied(**changes):
        copy = Offer.objects.get(pk=offer.pk)
        copy.pk = None
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy

    refused(
        "one_open_offer_per_dwelling",
        copied(entry=stranger, application=stranger.application).save,
    )
    refused("one_open_offer_per_entry", copied(dwelling=other).save)
    refused("one_open_offer_per_household", copied(dwelling=other, entry=on_another_list).save)
    refused("dwelling_offered_once_to_an_entry", copied(state="REFUSED", answered_at=factories.AT).save)


def test_a_dwelling_is_accepted_once(decided, town):
    offer = Offer.objects.get()
    stranger = factories.waiting(town, day=20)
    Offer.objects.update(state="ACCEPTED", answered_at=factories.AT)

    offer.refresh_from_db()
    offer.pk, offer.entry, offer.application = None, stranger, stranger.application
    refused("one_accepted_offer_per_dwelling", offer.save)


@pytest.mark.parametrize("model", [AllocationLine, Bundle, Vote, Decision], ids=lambda model: model.__name__)
def test_lines_bundles_votes_and_decisions_are_append_only(decided, model):
    column = {"AllocationLine": "place", "Bundle": "sha256", "Vote": "reason", "Decision": "outcome"}

    refused("append_only|Cannot|protected", model.objects.all().delete)
    refused(
        "append_only|Cannot",
        lambda: model.objects.update(**{column[model.__name__]: F(column[model.__name__])}),
    )


@pytest.mark.parametrize(
    "table",
    [
        "allocation_allocationround",
        "allocation_allocationrun",
        "allocation_offer",
        "allocation_allocationline",
    ],
)
def test_raw_sql_deletes_no_round_run_line_or_offer(decided, table):
    def delete():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608

    refused("Cannot (update or )?delete", delete)


def test_a_dissenting_vote_is_kept_with_its_reason(town):
    factories.waiting(town)
    sitting = factories.convened(town, factories.ready(town))
    factories.attend_all(sitting)

    vote = decisions.vote(
        sitting_id=sitting.pk,
        choice=Vote.Choice.AGAINST,
        reason=" The list is wrong. ",
        result_sha256=sitting.run.result_sha256,
        by=town.member1,
        at=factories.AT,
    )

    assert Vote.objects.get(pk=vote.pk).reason == "The list is wrong."
