"""What counts in the running account is what was given and stands; what began before keeps its account."""

from datetime import date, timedelta

import pytest

from allocation.models import AllocationRound, Offer
from allocation.rules.annulments import AnnulmentGround
from allocation.services import annulments, freshness, ledger, offers, rounds, stock_acts
from allocation.services.annulments import Annulment
from allocation.services.replays import replay
from queue_registry.models import AuditEvent
from tests import contracts, factories
from tests.factories import AT, ON
from tests.unit.allocation.services import test_departures as departing

DAY = timedelta(days=1)
NEXT_YEAR = date(2027, 1, 1)
NOTHING = {"by_share": 0, "owed": "0", "received": 0}


@pytest.fixture(autouse=True)
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def entries(town):
    """Three households of one person on list 5, and nobody elsewhere."""
    return [factories.waiting(town, day=day) for day in range(1, 4)]


@pytest.fixture
def home(town):
    return factories.ready(town, rooms=1, area="36.40")


def account(town, *, on=ON):
    """With what a round that is opened now would begin, and what it would be the first to take back."""
    probe = AllocationRound(akimat=town.akimat, policy=AllocationRound.objects.latest("pk").policy)
    return ledger.opening_of(round_=probe, on=on)


def of_list(opening, number="5"):
    return opening.account["lists"][number]


def departed(town, home):
    """The commission leaves the only home in the stock."""
    sitting = factories.convened(town, home)
    departing.vote_all(town, departing.propose(town, sitting))
    return departing.confirm(town, sitting)


def housed(town, authority, home):
    contracts.resting_on(town, authority, factories.confirmed(town, home))
    return contracts.with_keys(town, contracts.concluded(town, contracts.accepted(town)))


def annul(town, tenancy, *, on=ON, at=AT + DAY):
    told = Annulment(ground=AnnulmentGround.ORDER_BREACHED, annulled_on=on, document="Court act 7")
    return annulments.annul(tenancy_id=tenancy.pk, annulment=told, by=town.supervisor, at=at)


def test_a_home_that_stands_counts(town, entries, authority, home):
    housed(town, authority, home)

    found = account(town)

    assert found.taken_back == []
    assert found.account["distributed"] == 1
    assert of_list(found) == {"by_share": 1, "owed": "1", "received": 1}


def test_an_offer_that_is_open_or_accepted_counts(town, entries, home):
    factories.confirmed(town, home)
    assert account(town).account["distributed"] == 1

    contracts.accepted(town)

    assert account(town).account["distributed"] == 1


def test_a_home_left_free_by_a_departure_does_not_count(town, entries, home):
    departed(town, home)

    found = account(town)

    assert found.account["distributed"] == 0
    assert of_list(found) == {"by_share": 0, "owed": "1", "received": 0}
    (line,) = found.taken_back
    assert line == {
        "round": "R-2026-1",
        "dwelling": home[0].number,
        "list": "5",
        "on": "2026-09-01",
        "because": "DEPARTURE",
    }


def test_a_home_that_a_departure_gives_to_another_of_the_list_counts(town, entries, home):
    sitting = factories.convened(town, home)
    departing.vote_all(town, departing.propose(town, sitting, instead=entries[1].file_number))
    departing.confirm(town, sitting)

    assert (account(town).account["distributed"], account(town).taken_back) == (1, [])


def test_a_home_that_nobody_takes_does_not_count_once_the_reserve_is_at_its_end(town, entries, home):
    factories.confirmed(town, home)
    for _ in entries:
        assert account(town).account["distributed"] == 1
        offers.refuse(offer_id=Offer.objects.get(state="OPEN").pk, reason="TOO_FAR", by=town.clerk, at=AT)

    found = account(town)

    assert found.account["distributed"] == 0
    assert [line["because"] for line in found.taken_back] == ["NOT_TAKEN"]


def test_an_annulled_home_is_taken_back_and_its_list_is_owed_it_again(town, entries, authority, home):
    annul(town, housed(town, authority, home))

    found = account(town)

    assert found.account["distributed"] == 0
    assert of_list(found) == {"by_share": 0, "owed": "1", "received": 0}
    (line,) = found.taken_back
    assert (line["because"], line["on"]) == ("ANNULLED", "2026-09-02")


def test_a_home_that_its_household_left_was_given_until_its_contract_is_annulled(
    town, entries, authority, home
):
    tenancy = housed(town, authority, home)
    stock_acts.vacate(dwelling_id=home[0].pk, since=ON, document="Act 9", by=town.clerk, at=AT + DAY)
    assert (account(town).account["distributed"], account(town).taken_back) == (1, [])

    annul(town, tenancy, at=AT + 2 * DAY)

    assert account(town).account["distributed"] == 0
    assert [line["on"] for line in account(town).taken_back] == ["2026-09-03"]


def test_a_home_of_a_first_right_is_no_share_that_is_owed(town, authority, home):
    factories.waiting(town, number="1")
    annul(town, housed(town, authority, home))

    found = account(town)

    assert (found.account["distributed"], of_list(found, "1")) == (0, NOTHING)


def test_a_home_taken_back_in_a_later_year_is_owed_and_counts_in_neither(town, entries, authority, home):
    tenancy = housed(town, authority, home)
    assert account(town, on=NEXT_YEAR).account["lists"]["5"] == NOTHING

    annul(town, tenancy, on=ON + timedelta(days=200), at=AT + timedelta(days=200))

    found = account(town, on=NEXT_YEAR)
    assert found.account["distributed"] == 0
    assert of_list(found) == {"by_share": 0, "owed": "1", "received": 0}


def test_a_home_of_last_year_is_not_taken_out_of_this_year_s_counts(town, entries, authority, home):
    tenancy = housed(town, authority, home)
    this_year = AT + timedelta(days=150)
    with_answers = factories.ready(town, rooms=1, area="36.40")
    frozen = rounds.freeze(
        round_id=factories.open_round(town, with_answers, at=this_year).pk, by=town.secretary, at=this_year
    )
    run = factories.run_of(town, frozen, at=this_year)
    decided = departing.sittings.convene(run_id=run.pk, by=town.secretary, at=this_year)
    factories.vote_all(town, decided, at=this_year)
    departing.decisions.confirm(
        sitting_id=decided.pk, result_sha256=run.result_sha256, by=town.chair, at=this_year
    )
    before = account(town, on=NEXT_YEAR)

    annul(town, tenancy, on=NEXT_YEAR, at=this_year + DAY)

    after = account(town, on=NEXT_YEAR)
    assert after.account["distributed"] == before.account["distributed"]
    assert of_list(after)["received"] == of_list(before)["received"]
    assert int(of_list(after)["owed"]) == int(of_list(before)["owed"]) + 1


def test_the_next_round_takes_it_back_in_a_dated_line_and_no_other_does_again(town, entries, authority, home):
    annul(town, housed(town, authority, home))

    second = factories.confirmed(town, home, at=AT + 2 * DAY).sitting.run.round

    (line,) = second.taken_back
    assert (line["round"], line["on"]) == ("R-2026-1", "2026-09-02")
    record = AuditEvent.objects.filter(event="allocation_round.frozen").latest("seq")
    assert record.data["taken_back"] == [line]
    found = account(town)
    assert found.taken_back == []
    assert found.account["distributed"] == 1
    assert of_list(found) == {"by_share": 1, "owed": "2", "received": 1}


def test_what_a_cancelled_round_would_have_taken_back_the_next_one_does(town, entries, home):
    departed(town, home)
    given_up = factories.frozen_round(town, home)
    rounds.cancel(round_id=given_up.pk, reason="A mistake", by=town.secretary, at=AT)

    assert given_up.taken_back
    assert account(town).taken_back == given_up.taken_back


def test_a_round_replays_byte_for_byte_after_what_it_gave_and_began_with_is_annulled(
    town, entries, authority, home
):
    first = housed(town, authority, home)
    second = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"), at=AT + DAY)
    began_with = bytes(second.sitting.run.round.input)

    annul(town, first, at=AT + 2 * DAY)

    again = AllocationRound.objects.get(pk=second.sitting.run.round_id)
    assert (bytes(again.input), again.taken_back) == (began_with, [])
    assert replay(first.offer.run) == []
    assert replay(second.sitting.run) == []


def test_a_sealed_round_is_stale_once_the_account_that_it_began_with_is_another(
    town, entries, authority, home
):
    tenancy = housed(town, authority, home)
    sealed = factories.frozen_round(town, factories.ready(town, rooms=1, area="36.40"), at=AT + DAY)
    assert freshness.changes(sealed) == []

    annul(town, tenancy, at=AT + 2 * DAY)

    assert ("year_to_date", "distributed", 1, 0) in {
        (one.thing, one.field, one.was, one.now)
        for one in freshness.changes(sealed)
        if one.field == "distributed"
    }


def test_lists_are_served_by_what_they_lost_once_a_home_is_taken_back(town, authority):
    """Two lists of four: of three homes each is owed 3/2. List 4 lost the first and is served first again."""
    for day in range(1, 5):
        factories.waiting(town, number="4", day=day)
        factories.waiting(town, number="5", day=10 + day)
    homes = factories.ready(town, 3, rooms=1, area="25.00")
    sitting = factories.convened(town, homes[:1])
    assert departing.served(sitting).list_number == "4"
    departing.vote_all(town, departing.propose(town, sitting))
    departing.confirm(town, sitting)

    second = factories.confirmed(town, homes[1:])

    lists = second.sitting.run.lines.filter(dwelling__isnull=False).order_by("turn")
    assert list(lists.values_list("list_number", flat=True)) == ["4", "5"]
    assert of_list(account(town), "4") == {"by_share": 1, "owed": "3/2", "received": 1}
