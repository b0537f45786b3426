"""The second refusal of a fitting home holds an entry; everybody whom a round concerns is told."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from allocation.models import Departure, Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import decisions, departures, offer_withdrawals, offers, unfit_looks
from queue_registry.models import Notice, NoticeDelivery
from queue_registry.notices.texts import text_of
from queue_registry.rules.reasons import SuspensionGround
from queue_registry.services import suspensions
from tests import contracts, factories
from tests.factories import AT
from tests.unit.queue_registry.services.sending import reached

LATER = AT + timedelta(days=30)


@pytest.fixture
def entries(town):
    """Five households, all single, in the order of their list; one home is confirmed for the first."""
    made = [factories.waiting(town, day=day) for day in range(1, 6)]
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    return made


@pytest.fixture
def offer(entries):
    return Offer.objects.get()


def offered_again(town, at=LATER):
    """One more round: whoever waits first is offered a home."""
    run = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"), at=at).sitting.run
    return Offer.objects.get(run=run, call=0)


def refuse(town, offer, at=AT, **answer):
    offers.refuse(offer_id=offer.pk, reason="Too far", by=town.clerk, at=at, **answer)


def status_of(entry):
    entry.refresh_from_db()
    return entry.status


def told(entry, kind):
    return list(Notice.objects.filter(application=entry.application_id, kind=kind).order_by("pk"))


def test_the_second_refusal_within_a_year_holds_the_entry_until_it_asks_to_return(town, offer, entries):
    first = entries[0]
    refuse(town, offer)
    assert status_of(first) == "WAITING"

    refuse(town, offered_again(town), at=LATER)

    assert status_of(first) == "SUSPENDED"
    (notice,) = told(first, Notice.Kind.SUSPENDED)
    assert notice.facts["ground"] == SuspensionGround.SECOND_REFUSAL
    suspensions.resume(
        entry_id=first.pk,
        ground=SuspensionGround.SECOND_REFUSAL,
        document="Application of the household",
        by=town.clerk,
        at=LATER + timedelta(days=1),
    )
    assert status_of(first) == "WAITING"


def test_refusals_before_a_hold_do_not_count_again(town, offer, entries):
    refuse(town, offer)
    refuse(town, offered_again(town), at=LATER)
    back = LATER + timedelta(days=1)
    suspensions.resume(
        entry_id=entries[0].pk,
        ground=SuspensionGround.SECOND_REFUSAL,
        document="Application",
        by=town.clerk,
        at=back,
    )

    refuse(town, offered_again(town, at=back + timedelta(days=1)), at=back + timedelta(days=1))

    assert status_of(entries[0]) == "WAITING"


def test_an_unfit_home_counts_only_once_somebody_else_found_that_it_fits(town, offer, entries):
    refuse(town, offer, unfit=True)
    second = offered_again(town)
    refuse(town, second, at=LATER)
    assert status_of(entries[0]) == "WAITING"

    looked = {"offer_id": offer.pk, "document": "Act No 3", "at": LATER}
    unfit_looks.look(**looked, fits=True, by=town.staff["clerk2"])

    assert status_of(entries[0]) == "SUSPENDED"


@pytest.mark.parametrize(
    ("claimed", "by", "document", "code"),
    [
        (False, "clerk2", "Act", Refusal.UNFIT_NOT_CLAIMED),
        (True, "clerk", "Act", Refusal.SECOND_LOOK),
        (True, "clerk2", " ", Refusal.REASON_MISSING),
    ],
)
def test_a_second_look_is_refused(town, offer, claimed, by, document, code):
    refuse(town, offer, unfit=claimed)

    with pytest.raises(Refused) as refused:
        unfit_looks.look(offer_id=offer.pk, fits=False, document=document, by=town.staff[by], at=AT)

    assert refused.value.code == code


def test_one_second_look_and_no_more(town, offer):
    refuse(town, offer, unfit=True)
    look = {"offer_id": offer.pk, "document": "Act", "by": town.staff["clerk2"], "at": AT}
    unfit_looks.look(**look, fits=False)

    with pytest.raises(Refused) as refused:
        unfit_looks.look(**look, fits=True)

    assert refused.value.code == Refusal.LOOKED_ALREADY


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"unfit_claimed": True}, "offer_unfit_only_if_refused"),
        ({"state": "REFUSED", "answered_at": AT, "is_unfit": True}, "offer_unfit_after_a_second_look"),
        (
            {"state": "REFUSED", "answered_at": AT, "unfit_looked_at": AT},
            "offer_unfit_looked_at_and_by_together",
        ),
    ],
)
def test_the_database_refuses_unfit_homes_without_their_look(offer, changes, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**changes)


@pytest.mark.parametrize(
    ("same", "constraint"),
    [("dwelling", "one_open_offer_per_dwelling"), ("application", "one_open_offer_per_household")],
)
def test_the_database_lets_nobody_hold_two_live_offers(town, offer, entries, same, constraint):
    other = factories.ready(town, number="D-9")[0]
    row = {
        "run": offer.run,
        "dwelling": offer.dwelling if same == "dwelling" else other,
        "entry": entries[1],
        "application": entries[1].application if same == "dwelling" else offer.application,
        "call": 0,
        "made_at": AT,
        "answer_by": offer.answer_by,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Offer.objects.create(**row)


def test_the_offered_and_the_passed_over_are_told_in_the_act_itself(town, offer, entries):
    (made,) = told(entries[0], Notice.Kind.OFFER_MADE)

    assert (made.facts["answer_by"], made.facts["home"]["area"]) == ("2026-09-08", "36.4")
    passed = Notice.objects.filter(kind=Notice.Kind.PASSED_OVER)
    lines = offer.run.lines.filter(dwelling__isnull=True)
    assert {notice.application_id for notice in passed} == {line.entry.application_id for line in lines}
    assert {notice.facts["lines"][0]["code"] for notice in passed} == {line.code for line in lines}
    assert not told(entries[0], Notice.Kind.PASSED_OVER)


def test_who_is_called_from_the_reserve_and_whose_offer_expired_are_told(town, offer, entries):
    offers.expire(offer_id=offer.pk, at=AT + timedelta(days=8))

    assert len(told(entries[0], Notice.Kind.OFFER_EXPIRED)) == 1
    (called,) = told(entries[1], Notice.Kind.RESERVE_CALLED)
    assert called.facts["answer_by"] == "2026-09-16"


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_notice_of_a_round_has_words_and_says_where_to_check_and_appeal(town, offer, entries, language):
    offers.expire(offer_id=offer.pk, at=AT + timedelta(days=8))
    offer_withdrawals.withdraw(
        offer_id=Offer.objects.get(call=1).pk,
        reason="x",
        document="x",
        by=town.clerk,
        at=AT + timedelta(days=8),
    )

    kinds = set()
    for notice in Notice.objects.select_related("application__akimat"):
        text = text_of(notice, language=language)
        kinds.add(notice.kind)
        assert f"/rounds/{offer.run.round_id}/" in " ".join(text.paragraphs)
        assert notice.application.file_number in text.short
    assert kinds == {"OFFER_MADE", "RESERVE_CALLED", "OFFER_EXPIRED", "OFFER_WITHDRAWN", "PASSED_OVER"} - (
        set() if Notice.objects.filter(kind="PASSED_OVER").exists() else {"PASSED_OVER"}
    )


@pytest.mark.parametrize("faulty", [True, False])
def test_whose_offer_is_taken_back_reads_why(town, offer, entries, faulty):
    offer_withdrawals.withdraw(
        offer_id=offer.pk, reason="Mold", document="Act No 3", faulty=faulty, by=town.supervisor, at=AT
    )

    (notice,) = told(entries[0], Notice.Kind.OFFER_WITHDRAWN)
    text = " ".join(text_of(notice, language="kk").paragraphs)
    with translation.override("kk"):
        assert translation.gettext("Reason: %(reason)s.") % {"reason": "Mold"} in text
        assert (translation.gettext("A fault was found in the home.") in text) is faulty


def test_notices_of_many_go_by_what_each_is_reached_by(town, settings):
    settings.NOTICE_PROVIDER = "queue_registry.notices.fake.FakeProvider"
    first, second = (factories.waiting(town, day=day) for day in (1, 2))
    reached(town, first)
    factories.confirmed(town, factories.ready(town, 2, rooms=1, area="36.40"))

    by_entry = {
        delivery.notice.application_id: (delivery.channel, delivery.state)
        for delivery in NoticeDelivery.objects.select_related("notice")
    }
    assert by_entry == {
        first.application_id: ("SMS", "DUE"),
        second.application_id: ("LETTER", "DUE"),
    }


def test_whom_a_departure_leaves_out_is_told_its_ground(town):
    register = factories.register(town)
    sitting = factories.convened(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    line = next(
        one
        for one in sitting.run.lines.filter(dwelling__isnull=False).order_by("turn")
        if departures.takers_of(
            one,
            frozen=departures.engine_io.parsed(sitting.run.round.input),
            result=departures.engine_io.parsed(sitting.run.result),
        )
    )
    factories.attend_all(sitting)
    proposed = departures.propose(
        sitting_id=sitting.pk,
        line_id=line.pk,
        instead="",
        ground=Departure.Ground.COURT_ACT,
        explanation="By the act",
        paper=departures.Paper(title="Act No 1", content=b"%PDF-1.7"),
        by=town.secretary,
        at=AT,
    )
    for member in sitting.members.filter(recusal_ground="").select_related("user"):
        departures.vote(
            departure_id=proposed.pk,
            choice="FOR",
            result_sha256=sitting.run.result_sha256,
            by=member.user,
            at=AT,
        )
    factories.vote_all(town, sitting)
    decisions.confirm(sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.chair, at=AT)

    (notice,) = told(line.entry, Notice.Kind.DEPARTED_FROM)
    assert (notice.facts["ground"], notice.facts["list"]) == ("COURT_ACT", line.list_number)
    assert not told(line.entry, Notice.Kind.OFFER_MADE)


def test_who_got_the_keys_is_told_that_the_place_ended(town, offer, entries, settings, tmp_path):
    authority = contracts.set_up_signing(settings, tmp_path)
    contracts.resting_on(town, authority, offer.run.sitting.decision)
    tenancy = contracts.concluded(town, contracts.accepted(town))

    contracts.with_keys(town, tenancy)

    (notice,) = told(entries[0], Notice.Kind.HOUSED)
    assert notice.facts["contract"] == tenancy.number
    assert tenancy.number in " ".join(text_of(notice, language="kk").paragraphs)
