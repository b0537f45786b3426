"""Totals of every list and day add up whatever happened, and each removal is told with what followed it."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from allocation.models import Offer
from queue_registry.models import Akimat, QueueEntryEvent
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.reasons import ReviewSource
from queue_registry.selectors import oversight
from queue_registry.services import audit, entry_changes, queue_entries, reviews
from tests import factories
from tests.unit.queue_registry.selectors.histories import ACTS, LISTS, History, undone
from tests.unit.queue_registry.services import moving

pytestmark = pytest.mark.django_db
AT = factories.AT
AFTER = moving.FIRST_DECISION + timedelta(days=1)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def town():
    return factories.town()


# Totals


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_start_and_in_and_out_make_the_end_of_every_list_and_day(town, acts):
    with undone():
        played = History(town).play(acts)
        days = oversight.list_day_totals(town.akimat, since=FIRST, until=LAST)
        period = oversight.list_period_totals(town.akimat, since=FIRST, until=LAST)

        for number in LISTS:
            own = [total for total in days if total.list_number == number]
            # Each day begins as the one before ended, from nothing.
            assert [total.start for total in own] == [0, *(total.end for total in own)][: len(own)]
            # The end of a day is the list as it was stored then: another count, of other rows.
            for total in own:
                assert total.end == _stored(played, number, total.until)
            ended = own[-1].end if own else 0
            assert ended == len(played.list_now(number))
            for total in (total for total in period if total.list_number == number):
                assert (total.start, total.end) == (0, ended)
                assert total.came_in == sum(day.came_in for day in own)
                assert total.went_out == sum(day.went_out for day in own)
        removed = sum(total.went.get("DEREGISTERED", 0) for total in days)
        assert removed == oversight.list_removal_events(town.akimat).count()


def _stored(played, number, day):
    known = [lists[number] for at, lists in played.stored if civil_day(at) <= day]
    return len(known[-1]) if known else 0


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_a_period_cut_in_two_has_the_same_totals(town, acts):
    with undone():
        History(town).play(acts)
        cut = date(2026, 3, 6)
        whole = _by_list(town, FIRST, LAST)
        first, second = _by_list(town, FIRST, cut), _by_list(town, cut + timedelta(days=1), LAST)

        assert whole.keys() == first.keys() == second.keys()
        for number, total in whole.items():
            assert second[number].start == first[number].end
            assert second[number].end == total.end
            assert first[number].came_in + second[number].came_in == total.came_in


def _by_list(town, since, until):
    totals = oversight.list_period_totals(town.akimat, since=since, until=until)
    return {total.list_number: total for total in totals}


def test_causes_are_named_and_a_day_is_almatys(town):
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]
    moving.removed(town, entries[0])
    settled = entry_changes.Settled(
        waiting_list=factories.waiting(town, number="4", day=4).waiting_list,
        registered_at=entries[1].registered_at,
        time_known=True,
        provisional=False,
    )
    entry_changes.settle(
        entry_id=entries[1].pk, settled=settled, by=town.clerk, at=AFTER, document="book, page 1"
    )
    queue_entries.mark_offered(entry_id=entries[2].pk, by=town.clerk, at=AFTER, document="p")
    queue_entries.mark_housed(entry_id=entries[2].pk, by=town.clerk, at=AFTER, document="p")

    totals = _by_list(town, FIRST, LAST)
    assert totals["5"].came == {"REGISTERED": 3}
    assert totals["5"].went == {"DEREGISTERED": 1, "HOUSED": 1, "TO_ANOTHER_LIST": 1}
    assert totals["4"].came == {"REGISTERED": 1, "FROM_ANOTHER_LIST": 1}
    days = [total.since for total in oversight.list_day_totals(town.akimat, since=FIRST, until=LAST)]
    # 19:00 of the sixth in UTC is the seventh in Almaty.
    assert civil_day(moving.FIRST_DECISION) == date(2026, 9, 7)
    assert date(2026, 9, 7) in days
    assert date(2026, 9, 6) not in days


def test_totals_of_one_akimat_know_nothing_of_another(town):
    factories.waiting(town)
    other = Akimat.objects.create(kato="751010000")
    assert oversight.list_period_totals(other, since=FIRST, until=LAST) == []


# Removals


def restored(town, entry, *, source=ReviewSource.COURT):
    case = moving.removed(town, entry)
    review = reviews.open_on_removal(
        case_id=case.pk, source=source, claim="No", document="No 7", by=town.clerk, at=AFTER
    )
    reviews.overturn(review_id=review.pk, decision="No 9", by=moving.second_supervisor(town), at=AFTER)
    return case, review


def register_of(town):
    return oversight.removals(oversight.list_removal_events(town.akimat))


def test_a_restored_entry_is_told_with_its_place_before_and_after(town):
    ahead, entry, _ = (factories.waiting(town, day=day) for day in (1, 2, 3))
    case, review = restored(town, entry)

    (row,) = register_of(town)

    assert (row.case, row.reviews) == (case, (review,))
    assert (row.place_before, row.place_after) == (2, 2)
    assert row.restored is not None

    queue_entries.mark_offered(entry_id=ahead.pk, by=town.clerk, at=AFTER, document="p")
    queue_entries.mark_housed(entry_id=ahead.pk, by=town.clerk, at=AFTER, document="p")
    (row,) = register_of(town)
    # As it was known just before the removal and just after the return, whatever happened since.
    assert row.place_before == 2


def test_a_removal_without_a_return_has_no_places_and_no_appeal(town):
    entry = factories.waiting(town)
    case = moving.removed(town, entry)
    (row,) = register_of(town)
    assert (row.case, row.reviews, row.restored) == (case, (), None)
    assert (row.place_before, row.place_after) == (None, None)


def test_two_removals_of_one_entry_are_two_rows_with_a_case_each(town):
    entry = factories.waiting(town)
    first, _ = restored(town, entry)
    later = QueueEntryEvent.objects.latest("pk").recorded_at + timedelta(days=40)
    second = _removed_again(town, entry, later)

    newest, oldest = register_of(town)

    assert (newest.case, oldest.case) == (second, first)
    assert newest.restored is None
    assert oldest.restored is not None


def _removed_again(town, entry, at: datetime):
    from queue_registry.models import RemovalCase
    from queue_registry.rules.reasons import RemovalGround
    from queue_registry.services import removals

    case = removals.propose(
        entry_id=entry.pk, ground=RemovalGround.OWN_REQUEST, evidence="Letter", by=town.clerk, at=at
    )
    removals.notify(case_id=case.pk, document="handed over", by=town.clerk, at=at)
    return removals.decide(
        case_id=case.pk,
        outcome=RemovalCase.Outcome.REMOVED,
        decision="No 13",
        by=town.supervisor,
        at=at + timedelta(days=14),
    )


def test_removals_are_those_of_the_days_asked_for(town):
    moving.removed(town, factories.waiting(town))
    day = civil_day(moving.FIRST_DECISION)

    def count(since, until):
        return oversight.list_removal_events(town.akimat, since=since, until=until).count()

    assert count(day, day) == 1
    assert count(day + timedelta(days=1), LAST) == 0
    assert count(FIRST, day - timedelta(days=1)) == 0


# Whose trail


def test_a_case_is_called_by_everything_that_belongs_to_it(town):
    register = factories.register(town)
    factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    offer = Offer.objects.order_by("pk").first()
    entry = offer.entry

    targets = oversight.targets_of_case(entry.application)

    assert {f"application:{entry.application_id}", f"queue_entry:{entry.pk}", f"offer:{offer.pk}"} <= targets
    others = {f"queue_entry:{other.pk}" for other in register.entries.values()} - {f"queue_entry:{entry.pk}"}
    assert not targets & others


def test_a_person_is_traced_through_every_case_that_names_him(town):
    own = factories.waiting(town, day=1)
    member = factories.waiting(town, day=2, family=[factories.HUSBAND])
    husband = member.application.members.get().person
    assert f"queue_entry:{member.pk}" in oversight.targets_of_person(husband, town.akimat)
    assert f"queue_entry:{own.pk}" not in oversight.targets_of_person(husband, town.akimat)
    elsewhere = Akimat.objects.create(kato="751010000")
    assert oversight.targets_of_person(husband, elsewhere) == {f"person:{husband.pk}"}


def test_looks_of_another_akimat_and_another_day_are_not_mixed_in(town):
    other = Akimat.objects.create(kato="751010000")
    for akimat, at in ((town.akimat, AT), (other, AT), (town.akimat, AFTER)):
        audit.record_view(akimat=akimat, by=town.clerk, at=at, target="application:1")
    assert oversight.list_looks(town.akimat).count() == 2
    assert oversight.list_looks(town.akimat, until=factories.ON).count() == 1
    assert oversight.list_looks(town.akimat, by="auditor").count() == 0
