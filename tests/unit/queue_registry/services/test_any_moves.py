"""Whatever sequence of moves people try: no state arises that must not exist; places stay 1, 2, 3."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from queue_registry.models import HouseholdMember, QueueEntry, RegistrationChange, RemovalCase, Review
from queue_registry.rules.move_refusals import MoveRefused
from queue_registry.rules.reasons import (
    RegistrationChangeGround,
    RemovalGround,
    ReviewSource,
    SuccessionGround,
    SuspensionGround,
)
from queue_registry.rules.statuses import MoveNotAllowed
from queue_registry.selectors import invariants, moves, queue
from queue_registry.services import (
    categories,
    queue_entries,
    registration_changes,
    removals,
    reviews,
    successions,
    suspensions,
)
from tests import factories

pytestmark = pytest.mark.django_db
ACTS = (
    "suspend",
    "resume",
    "case",
    "case",
    "remove",
    "remove",
    "overturn",
    "overturn",
    "approve",
    "pass_on",
    "propose",
    "notify",
    "object",
    "hear",
    "remove",
    "drop",
    "contest",
    "overturn",
    "uphold",
    "redate",
    "approve",
    "change",
    "pass_on",
    "offer",
    "return",
    "house",
)
MOMENTS = (
    datetime(1991, 1, 5, tzinfo=UTC),
    datetime(2015, 3, 3, 5, tzinfo=UTC),
    datetime(2015, 3, 3, 5, 0, 1, tzinfo=UTC),
    datetime(2026, 8, 1, tzinfo=UTC),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
        st.sampled_from([0, 1, 4, 7]),
        st.sampled_from(MOMENTS),
    ),
    min_size=10,
    max_size=30,
)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entries(town):
    families = [(), (factories.HUSBAND,), (factories.HUSBAND, factories.DAUGHTER), ()]
    numbers = ["5", "4", "5", "2"]
    return [
        factories.waiting(town, number=number, day=day, family=family)
        for day, (number, family) in enumerate(zip(numbers, families, strict=True), start=1)
    ]


def newest(model, **filters):
    """Key of the newest row, or of none that exists."""
    return model.objects.filter(**filters).order_by("-pk").values_list("pk", flat=True).first() or 0


def attempt(town, entry, act, at, moment):  # noqa: C901 - one line for each act
    by, second = town.clerk, town.supervisor
    case = newest(RemovalCase, entry=entry)
    on = {"by": by, "at": at}
    match act:
        case "suspend" | "resume":
            getattr(suspensions, act)(
                entry_id=entry.pk, ground=SuspensionGround.OWN_REQUEST, document="x", **on
            )
        case "case":
            proposed = removals.propose(
                entry_id=entry.pk, ground=RemovalGround.ACQUIRED_DWELLING, evidence="x", **on
            )
            removals.notify(case_id=proposed.pk, document="x", **on)
        case "propose":
            ground = RemovalGround.ACQUIRED_DWELLING if entry.pk % 2 else RemovalGround.MOVED_AWAY
            removals.propose(entry_id=entry.pk, ground=ground, evidence="x", **on)
        case "notify":
            removals.notify(case_id=case, document="x", **on)
        case "object":
            removals.object_(case_id=case, objection="x", **on)
        case "hear":
            removals.hear(case_id=case, hearing="x", **on)
        case "remove":
            outcome = RemovalCase.Outcome.REMOVED
            removals.decide(case_id=case, outcome=outcome, decision="x", by=second, at=at)
        case "drop":
            removals.drop(case_id=case, decision="x", by=second, at=at)
        case "contest":
            words = {"claim": "x", "document": "x"}
            reviews.open_on_removal(case_id=case, source=ReviewSource.COURT, **words, **on)
        case "overturn" | "uphold":
            if not Review.objects.filter(entry=entry, decided_at__isnull=True).exists():
                attempt(town, entry, "contest", at, moment)
            review = newest(Review, entry=entry)
            getattr(reviews, act)(review_id=review, decision="x", by=second, at=at)
        case "redate":
            ground = RegistrationChangeGround.DIGITIZATION
            registration_changes.propose(
                entry_id=entry.pk, ground=ground, registered_at=moment, document="x", **on
            )
        case "approve":
            if moves.open_change_of(entry) is None:
                attempt(town, entry, "redate", at, moment)
            change = newest(RegistrationChange, entry=entry)
            registration_changes.approve(change_id=change, by=second, at=at)
        case "change":
            to = "kandas" if entry.pk % 2 else "budget_worker"
            day = {"from_on": date(2026, 8, 1), "document": "x"}
            categories.change(entry_id=entry.pk, category="", to=to, **day, **on)
        case "pass_on":
            successor = newest(HouseholdMember, application=entry.application, until_on=None)
            person = HouseholdMember.objects.filter(pk=successor).values_list("person_id", flat=True).first()
            successions.pass_on(
                entry_id=entry.pk,
                ground=SuccessionGround.DEATH,
                successor_id=person or 0,
                document="x",
                **on,
            )
        case "offer":
            queue_entries.mark_offered(entry_id=entry.pk, document="x", **on)
        case "return":
            queue_entries.return_to_waiting(entry_id=entry.pk, ground="OFFER_REFUSED", **on)
        case "house":
            queue_entries.mark_housed(entry_id=entry.pk, document="x", **on)


def tried(*arguments):
    """Whether an act was done; a refused one leaves nothing behind."""
    try:
        with transaction.atomic():
            attempt(*arguments)
    except (
        MoveRefused,
        MoveNotAllowed,
        RemovalCase.DoesNotExist,
        Review.DoesNotExist,
        RegistrationChange.DoesNotExist,
    ):
        return False
    return True


def check_places(town):
    """The places of a list are 1, 2, 3 … in the order of moment and file number."""
    for waiting_list, length in queue.lists_of(town.akimat):
        standing = list(queue.list_in_order(waiting_list))
        assert [queue.place_of(entry) for entry in standing] == list(range(1, length + 1))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_of_moves_keeps_the_register_whole(town, entries, steps):
    at = factories.AT
    with transaction.atomic():
        for act, who, days, moment in steps:
            at += timedelta(days=days, seconds=1)
            entry = QueueEntry.objects.get(pk=entries[who].pk)
            done = tried(town, entry, act, at, moment)
            event(f"{act}: {'done' if done else 'refused'}")
            if done and act == "remove":
                assert QueueEntry.objects.get(pk=entry.pk).status == "DEREGISTERED"
        assert invariants.impossible() == []
        check_places(town)
        removed = QueueEntry.objects.filter(status="DEREGISTERED")
        assert not removed.exclude(removal_cases__outcome="REMOVED").exists()
        transaction.set_rollback(True)
