"""Homes become ready, vacant, a programme's, or leave the stock; each act has its document and history."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from allocation.models import AllocationRound, Dwelling, DwellingEvent, Offer, RoundDwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.rules.stock import MOST_PLACES, GoneGround
from allocation.selectors import flags
from allocation.services import annulments, dwellings, loan_places, round_changes, rounds, stock_acts
from queue_registry.models import AuditEvent
from queue_registry.rules.calendar import civil_day
from tests import contracts, factories
from tests.factories import AT, ON, QUOTAS

LATER = AT + timedelta(days=30)


def refusal_of(act, **arguments):
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.code


def taken_in(town, **changes):
    new = dwellings.NewDwelling(
        number="N-1",
        address_kk="Ойдан көшесі, 1",
        address_ru="улица Вымышленная, 1",
        rooms=1,
        area=Decimal("36.40"),
        floor=1,
        lift=False,
        accessible=False,
        **changes,
    )
    (row,) = dwellings.add_many(akimat=town.akimat, dwellings=[new], by=town.clerk, at=AT, document="Act 1")
    return row


def moves(dwelling):
    return list(
        DwellingEvent.objects.filter(dwelling=dwelling).order_by("pk").values_list("moved_from", "moved_to")
    )


@pytest.fixture
def home(town):
    return factories.ready(town)[0]


@pytest.fixture
def allotted(town, settings, tmp_path):
    """A home whose household has the keys."""
    authority = contracts.set_up_signing(settings, tmp_path)
    factories.waiting(town)
    (dwelling,) = factories.ready(town, rooms=1, area="36.40")
    contracts.resting_on(town, authority, factories.confirmed(town, [dwelling]))
    contracts.with_keys(town, contracts.concluded(town, contracts.accepted(town)), at=AT)
    dwelling.refresh_from_db()
    return dwelling


# Being built, ready


def test_a_home_that_is_being_built_stands_not_idle_until_it_is_ready(town):
    row = taken_in(town, state=Dwelling.State.BUILDING)
    assert (row.state, row.idle_since) == ("BUILDING", None)

    stock_acts.become_ready(dwelling_id=row.pk, document="Act 2", by=town.clerk, at=LATER)

    row.refresh_from_db()
    assert (row.state, row.state_since, row.idle_since) == ("READY", LATER, LATER)
    assert moves(row) == [("", "BUILDING"), ("BUILDING", "READY")]
    last = AuditEvent.objects.order_by("seq").last()
    assert (last.event, last.data["document"]) == ("dwelling.became_ready", "Act 2")


def test_refuse_to_make_ready_what_is_ready_or_without_a_document(town, home):
    told = {"by": town.clerk, "at": AT}
    built = taken_in(town, state=Dwelling.State.BUILDING)

    assert refusal_of(stock_acts.become_ready, dwelling_id=home.pk, document="x", **told) == (
        Refusal.DWELLING_STATE
    )
    assert refusal_of(stock_acts.become_ready, dwelling_id=built.pk, document=" ", **told) == (
        Refusal.REASON_MISSING
    )
    built.refresh_from_db()
    assert built.state == "BUILDING"


def test_a_home_that_is_being_built_goes_into_no_round(town):
    built = taken_in(town, state=Dwelling.State.BUILDING)

    with pytest.raises(Refused) as refused:
        factories.open_round(town, [built])

    assert refused.value.code == Refusal.DWELLING_NOT_READY


# Vacant


def test_a_home_that_was_left_can_be_given_to_the_next(town, allotted):
    since = ON + timedelta(days=20)

    stock_acts.vacate(dwelling_id=allotted.pk, since=since, document="Act 5", by=town.clerk, at=LATER)

    allotted.refresh_from_db()
    assert (allotted.state, allotted.state_since) == ("READY", LATER)
    assert civil_day(allotted.idle_since) == since
    assert Offer.objects.get().ended_at == LATER
    assert not RoundDwelling.objects.filter(dwelling=allotted, released_at__isnull=True).exists()
    next_one = factories.waiting(town, day=9)
    factories.confirmed(town, [allotted], at=LATER)
    contracts.accepted(town, entry=next_one, at=LATER)
    assert Offer.objects.filter(dwelling=allotted, state="ACCEPTED").count() == 2


def test_an_annulment_leaves_alone_a_home_that_the_household_left_before(town, allotted):
    tenancy = Offer.objects.get().tenancy
    stock_acts.vacate(dwelling_id=allotted.pk, since=ON, document="Act 5", by=town.clerk, at=AT)
    opened = factories.open_round(town, [allotted], at=LATER)

    annulments.annul(
        tenancy_id=tenancy.pk,
        annulment=annulments.Annulment(
            ground=annulments.AnnulmentGround.ORDER_BREACHED, annulled_on=ON, document="Act of a court"
        ),
        by=town.supervisor,
        at=LATER,
    )

    assert rounds.held(opened) == [allotted.pk]
    tenancy.offer.entry.refresh_from_db()
    assert tenancy.offer.entry.status == "WAITING"


@pytest.mark.parametrize("days", [-1, 31])
def test_refuse_a_day_before_it_was_allotted_or_to_come(town, allotted, days):
    since = ON + timedelta(days=days)

    code = refusal_of(
        stock_acts.vacate, dwelling_id=allotted.pk, since=since, document="x", by=town.clerk, at=LATER
    )

    assert code == Refusal.DAY_IMPOSSIBLE


def test_refuse_to_vacate_a_home_in_which_nobody_lives_and_a_loan(town, home):
    (place,) = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=1, document="x", by=town.clerk, at=AT
    )
    dwellings.move([place], Dwelling.State.ALLOTTED, at=AT)
    told = {"since": ON, "document": "x", "by": town.clerk, "at": AT}

    assert refusal_of(stock_acts.vacate, dwelling_id=home.pk, **told) == Refusal.DWELLING_STATE
    assert refusal_of(stock_acts.vacate, dwelling_id=place.pk, **told) == Refusal.NOT_A_HOME


# Gone


def test_a_home_that_is_gone_keeps_its_number_and_its_history(town, home):
    stock_acts.take_out(
        dwelling_id=home.pk, ground=GoneGround.DEMOLISHED, document="Act 9", by=town.clerk, at=AT
    )

    home.refresh_from_db()
    assert (home.state, home.idle_since) == ("GONE", None)
    event = home.events.get()
    assert (event.moved_to, event.ground) == ("GONE", "DEMOLISHED Act 9")
    with pytest.raises(IntegrityError, match="one_dwelling_per_number"), transaction.atomic():
        factories.ready(town, number=home.number)


def test_refuse_to_take_out_what_stands_in_a_round_or_is_gone(town, home):
    told = {"ground": GoneGround.HANDED_OVER, "document": "x", "by": town.clerk, "at": AT}
    factories.open_round(town, [home])
    assert refusal_of(stock_acts.take_out, dwelling_id=home.pk, **told) == Refusal.DWELLING_IN_ROUND
    rounds.cancel(round_id=AllocationRound.objects.get().pk, reason="x", by=town.secretary, at=AT)

    stock_acts.take_out(dwelling_id=home.pk, **told)

    assert refusal_of(stock_acts.take_out, dwelling_id=home.pk, **told) == Refusal.DWELLING_STATE


def test_a_reserved_home_is_moved_by_its_round_alone(town, home):
    factories.frozen_round(town, [home])
    told = {"document": "x", "by": town.clerk, "at": AT}

    for act, more in (
        (stock_acts.take_out, {"ground": GoneGround.DEMOLISHED}),
        (stock_acts.vacate, {"since": ON}),
        (stock_acts.become_ready, {}),
    ):
        assert refusal_of(act, dwelling_id=home.pk, **told, **more) == Refusal.DWELLING_STATE


# Handed to a programme


def hand(town, *homes, programme="young-families", document="Decree 7"):
    return stock_acts.hand_to_programme(
        akimat=town.akimat,
        dwelling_ids=[home.pk for home in homes],
        programme=programme,
        budget_line="467-001",
        document=document,
        by=town.clerk,
        at=AT,
    )


def test_a_home_handed_to_a_programme_goes_only_there(town, home):
    (other,) = factories.ready(town)
    hand(town, home)

    with pytest.raises(Refused) as refused:
        factories.open_round(town, [home, other])
    assert (refused.value.code, refused.value.detail["dwellings"]) == (
        Refusal.DWELLING_OF_OTHER_PROGRAMME,
        [home.number],
    )
    opening = {"akimat": town.akimat, "quotas": QUOTAS, "by": town.secretary, "at": AT}
    opened = rounds.open_round(dwelling_ids=[home.pk], programme="young-families", **opening)
    assert refusal_of(
        round_changes.add_dwellings, round_id=opened.pk, dwelling_ids=[other.pk], by=town.secretary, at=AT
    ) == (Refusal.DWELLING_OF_OTHER_PROGRAMME)
    assert rounds.held(opened) == [home.pk]


def test_the_freeze_looks_once_more_at_what_the_homes_are_for(town, home):
    opened = factories.open_round(town, [home])
    Dwelling.objects.filter(pk=home.pk).update(programme="young-families")

    code = refusal_of(rounds.freeze, round_id=opened.pk, by=town.secretary, at=AT)

    assert code == Refusal.DWELLING_OF_OTHER_PROGRAMME


def test_refuse_to_hand_over_what_stands_in_a_round_lends_or_has_no_document(town, home):
    def code(*homes, **changes):
        return refusal_of(lambda: hand(town, *homes, **changes))

    (place,) = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=1, document="x", by=town.clerk, at=AT
    )
    assert code(place) == Refusal.NOT_A_HOME
    assert code(home, programme="2-10-20") == Refusal.LOAN_PROGRAMME
    assert code(home, programme="Youth") == Refusal.HOME_PROGRAMME_UNKNOWN
    assert code(home, document="") == Refusal.REASON_MISSING
    factories.open_round(town, [home])
    assert code(home) == Refusal.DWELLING_IN_ROUND


# Loan places


def test_places_of_a_loan_are_numbered_on(town):
    told = {"akimat": town.akimat, "document": "Letter 3", "by": town.clerk, "at": AT}

    first = loan_places.add(programme="5-20-25", count=2, **told)
    second = loan_places.add(programme="5-20-25", count=1, **told)

    assert [row.number for row in first + second] == [
        "L-5-20-25-2026-00001",
        "L-5-20-25-2026-00002",
        "L-5-20-25-2026-00003",
    ]
    assert {(row.kind, row.programme, row.state) for row in first} == {("LOAN", "5-20-25", "READY")}
    last = AuditEvent.objects.order_by("seq").last()
    assert (last.event, last.data["count"]) == ("dwelling.places_added", 1)
    assert moves(first[0]) == [("", "READY")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"programme": "young-families"}, Refusal.PROGRAMME_UNKNOWN),
        ({"count": 0}, Refusal.COUNT_IMPOSSIBLE),
        ({"count": MOST_PLACES + 1}, Refusal.COUNT_IMPOSSIBLE),
        ({"document": " "}, Refusal.REASON_MISSING),
        ({"at": AT.replace(year=2022, month=6, day=16)}, Refusal.PROGRAMME_UNKNOWN),
    ],
)
def test_refuse_places_of_no_programme_of_no_number_or_without_a_document(town, changes, code):
    told = {"programme": "2-10-20", "count": 1, "document": "x", "by": town.clerk, "at": AT} | changes

    assert refusal_of(loan_places.add, akimat=town.akimat, **told) == code
    assert not Dwelling.objects.exists()


# Idle


def test_a_round_that_comes_to_nothing_does_not_start_the_idle_days_anew(town, home):
    opened = factories.open_round(town, [home], at=AT)
    rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    rounds.cancel(round_id=opened.pk, reason="x", by=town.secretary, at=LATER)

    (seen,) = flags.homes(town.akimat)

    home.refresh_from_db()
    assert (home.state_since, home.idle_since) == (LATER, AT)
    assert seen.ready_since == AT


def test_a_place_of_a_loan_is_no_idle_home(town):
    loan_places.add(akimat=town.akimat, programme="2-10-20", count=1, document="x", by=town.clerk, at=AT)

    assert list(flags.homes(town.akimat)) == []


def test_the_database_refuses_an_end_of_an_open_offer(town):
    factories.waiting(town)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))

    with pytest.raises(IntegrityError, match="offer_ended_only_if_answered"), transaction.atomic():
        Offer.objects.update(ended_at=AT)
