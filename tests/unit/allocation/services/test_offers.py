"""An offer ends in a yes within its term, or the reserve is called, each step on record."""

from datetime import UTC, date, datetime, timedelta

import pytest

from allocation import tasks
from allocation.models import Dwelling, Offer, RoundDwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.offers import list_offers, list_reserve, working_days_left
from allocation.services import offer_withdrawals, offers, stock_acts
from queue_registry.models import AuditEvent, Fact, SourceAnswer
from queue_registry.rules.facts import Source
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT

# The freeze is on a Tuesday; five working days later is the Tuesday after.
LAST_DAY = date(2026, 9, 8)
LAST_MOMENT = datetime(2026, 9, 8, 18, 59, 59, tzinfo=UTC)  # 23:59:59 in Almaty


@pytest.fixture
def entries(town):
    """Five households, all single, in the order of their list; one home is confirmed for the first."""
    made = [factories.waiting(town, day=day) for day in range(1, 6)]
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    return made


@pytest.fixture
def offer(entries):
    return Offer.objects.get()


def status_of(entry):
    entry.refresh_from_db()
    return entry.status


def events():
    return list(AuditEvent.objects.order_by("seq").values_list("event", flat=True))


def refusal_of(act, **arguments):
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        act(**arguments)
    assert AuditEvent.objects.count() == before
    return refused.value.code


def test_an_offer_runs_for_five_working_days(offer, entries):
    assert (offer.entry, offer.answer_by, offer.call) == (entries[0], LAST_DAY, 0)
    assert working_days_left(offer, at=AT) == 5
    assert working_days_left(offer, at=LAST_MOMENT) == 0


def test_the_last_day_belongs_to_the_household(town, offer, entries):
    offers.accept(offer_id=offer.pk, by=town.clerk, at=LAST_MOMENT, document="Statement No 14")

    assert status_of(entries[0]) == "OFFERED"
    assert Dwelling.objects.get().state == Dwelling.State.OFFERED
    assert AuditEvent.objects.get(event="offer.accepted").data["document"] == "Statement No 14"


@pytest.mark.parametrize("act", [offers.accept, offers.refuse])
def test_the_day_after_is_too_late(town, offer, act):
    arguments = {"reason": "Too far"} if act is offers.refuse else {}

    code = refusal_of(
        act, offer_id=offer.pk, by=town.clerk, at=LAST_MOMENT + timedelta(seconds=1), **arguments
    )

    assert code == Refusal.OFFER_TERM_OVER


def test_an_offer_is_answered_once(town, offer):
    offers.accept(offer_id=offer.pk, by=town.clerk, at=AT)

    for act, arguments in (
        (offers.accept, {}),
        (offers.refuse, {"reason": "x"}),
        (offer_withdrawals.withdraw, {"reason": "x", "document": "x"}),
    ):
        assert refusal_of(act, offer_id=offer.pk, by=town.clerk, at=AT, **arguments) == "OFFER_ANSWERED"


@pytest.mark.parametrize("act", [offers.refuse, offer_withdrawals.withdraw])
def test_a_refusal_and_a_withdrawal_have_a_reason(town, offer, act):
    told = {"document": "x", "by": town.clerk, "at": AT}
    assert refusal_of(act, offer_id=offer.pk, reason="  ", **told) == "REASON_MISSING"


def test_an_offer_is_taken_back_by_a_document(town, offer):
    told = {"document": " ", "by": town.supervisor, "at": AT}
    assert refusal_of(offer_withdrawals.withdraw, offer_id=offer.pk, reason="x", **told) == "REASON_MISSING"


def test_a_home_with_a_fault_is_offered_to_nobody_until_it_is_ready_anew(town, offer, entries):
    called = offer_withdrawals.withdraw(
        offer_id=offer.pk, reason="Mold", document="Act No 3", faulty=True, by=town.supervisor, at=AT
    )

    assert called is None
    assert [status_of(entry) for entry in entries] == ["WAITING"] * 5
    home = Dwelling.objects.get()
    assert (home.state, home.idle_since) == (Dwelling.State.BUILDING, None)
    assert not RoundDwelling.objects.filter(released_at__isnull=True).exists()
    assert AuditEvent.objects.get(event="offer.withdrawn").data["faulty"] is True
    with pytest.raises(Refused) as refused:
        factories.open_round(town, [home])
    assert refused.value.code == Refusal.DWELLING_NOT_READY
    stock_acts.become_ready(dwelling_id=home.pk, document="Act No 4", by=town.clerk, at=AT)
    assert factories.open_round(town, [home]).round_dwellings.count() == 1


@pytest.mark.parametrize(
    ("act", "state"), [(offers.refuse, "REFUSED"), (offer_withdrawals.withdraw, "WITHDRAWN")]
)
def test_the_reserve_is_called_and_the_household_keeps_its_place(town, offer, entries, act, state):
    moment = entries[0].registered_at

    called = act(offer_id=offer.pk, reason="Too far", by=town.clerk, at=AT, document="Statement No 15")

    assert (called.entry, called.call, called.dwelling) == (entries[1], 1, offer.dwelling)
    assert [status_of(entry) for entry in entries[:3]] == ["WAITING", "OFFERED", "WAITING"]
    assert entries[0].registered_at == moment
    offer.refresh_from_db()
    assert (offer.state, offer.reason, offer.answered_by) == (state, "Too far", town.clerk)
    assert AuditEvent.objects.get(event=f"offer.{state.lower()}").data["document"] == "Statement No 15"


def test_whoever_is_no_longer_eligible_is_passed_over_with_a_code(town, offer, entries):
    queue_entries.suspend(entry_id=entries[1].pk, by=town.clerk, at=AT, ground="TESTED")
    person = entries[2].applicant
    answer = SourceAnswer.objects.get(person=person, source=Source.EGKN, superseded_at__isnull=True)
    _source, kind, value = factories.dwelling_owned(share="1/3")
    Fact.objects.create(answer=answer, person=person, kind=kind, value=value)

    called = offers.refuse(offer_id=offer.pk, reason="Too far", by=town.clerk, at=AT)

    assert (called.entry, called.call) == (entries[3], 3)
    passed = AuditEvent.objects.filter(event="offer.reserve_passed_over").order_by("seq")
    assert [(row.data["reserve_file_number"], row.data["code"]) for row in passed] == [
        (entries[1].file_number, "SUSPENDED"),
        (entries[2].file_number, "OWNS_DWELLING"),
    ]


def test_when_the_reserve_is_used_up_the_home_is_ready_again(town, offer, entries):
    last = offer
    while last is not None:
        last = offers.refuse(offer_id=last.pk, reason="Too far", by=town.clerk, at=AT)

    assert list(Offer.objects.order_by("pk").values_list("call", flat=True)) == [0, 1, 2, 3]
    assert {status_of(entry) for entry in entries} == {"WAITING"}
    assert Dwelling.objects.get().state == Dwelling.State.READY
    assert RoundDwelling.objects.get().released_at == AT
    assert events()[-1] == "dwelling.released"


def test_beat_closes_an_offer_after_its_last_day_and_not_before(offer, entries):
    tasks.expire_offers(at=LAST_MOMENT.isoformat())
    assert status_of(entries[0]) == "OFFERED"

    later = LAST_MOMENT + timedelta(seconds=1)
    tasks.expire_offers(at=later.isoformat())

    offer.refresh_from_db()
    assert (offer.state, offer.reason, offer.answered_by) == ("EXPIRED", "NO_ANSWER", None)
    assert AuditEvent.objects.get(event="offer.expired").actor == offers.EXPIRY
    assert [status_of(entry) for entry in entries[:2]] == ["WAITING", "OFFERED"]
    assert Offer.objects.get(call=1).answer_by == date(2026, 9, 16)


def test_an_offer_does_not_expire_on_its_last_day(offer):
    assert refusal_of(offers.expire, offer_id=offer.pk, at=LAST_MOMENT) == Refusal.OFFER_TERM_RUNS


def test_open_offers_stand_first_and_the_newest_answer_next(town, offer, entries):
    offers.refuse(offer_id=offer.pk, reason="Too far", by=town.clerk, at=AT)
    second = Offer.objects.get(call=1)
    offers.refuse(offer_id=second.pk, reason="Too far", by=town.clerk, at=AT + timedelta(hours=1))

    assert [one.call for one in list_offers(town.akimat)] == [2, 1, 0]


def test_who_is_called_next_is_the_rest_of_the_reserve(town, offer, entries):
    assert list_reserve(offer) == entries[1:4]

    called = offers.refuse(offer_id=offer.pk, reason="Too far", by=town.clerk, at=AT)

    assert list_reserve(called) == entries[2:4]
