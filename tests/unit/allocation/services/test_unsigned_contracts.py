"""An accepted home whose contract nobody comes to sign: invitation, term, second person, the next family."""

from datetime import UTC, date, datetime

import pgtrigger
import pytest
from django.db import IntegrityError, transaction

from allocation.models import Dwelling, Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import unsigned_contracts
from queue_registry.models import AuditEvent, Notice, PolicyVersion
from queue_registry.rules.place import ReasonCode
from queue_registry.selectors.place_history import list_histories
from tests import contracts, factories
from tests.factories import AT

# Ten working days after 1 September 2026.
SIGN_BY = date(2026, 9, 15)
LAST_MOMENT = datetime(2026, 9, 15, 18, 59, 59, tzinfo=UTC)
OVER = datetime(2026, 9, 15, 19, tzinfo=UTC)  # midnight in Almaty


@pytest.fixture
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def entries(town):
    return [factories.waiting(town, number="4", day=day) for day in (1, 2)]


@pytest.fixture
def decision(town, entries):
    return factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))


@pytest.fixture
def offer(town, authority, decision):
    contracts.resting_on(town, authority, decision)
    return contracts.accepted(town)


def invite(town, offer, at=AT):
    return unsigned_contracts.invite(offer_id=offer.pk, by=town.clerk, at=at)


def end(town, offer, *, by="supervisor", document="Note No 3", at=OVER):
    return unsigned_contracts.end(offer_id=offer.pk, document=document, by=town.staff[by], at=at)


def refusal_of(act, *arguments, **options):
    """The code; nothing was written."""
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    assert AuditEvent.objects.count() == before
    return refused.value.code


def test_who_does_not_come_keeps_the_place_and_the_next_family_is_offered_the_home(town, offer, entries):
    first, second = entries
    moment = first.registered_at
    invite(town, offer)

    called = end(town, offer)

    offer.refresh_from_db()
    for entry in entries:
        entry.refresh_from_db()
    assert (offer.state, offer.reason) == (Offer.State.WITHDRAWN, "CONTRACT_NOT_SIGNED")
    assert (first.status, first.registered_at, second.status) == ("WAITING", moment, "OFFERED")
    assert (called.entry, called.call, called.dwelling) == (second, 1, offer.dwelling)
    event = first.events.latest("pk")
    assert (event.ground, event.document) == ("CONTRACT_NOT_SIGNED", "Note No 3")
    record = AuditEvent.objects.get(event="offer.contract_not_signed")
    assert (record.actor, record.data["document"]) == ("supervisor", "Note No 3")


def test_the_home_is_ready_again_where_the_reserve_is_empty(town, authority):
    factories.waiting(town, number="4")
    decision = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    contracts.resting_on(town, authority, decision)
    offer = invite(town, contracts.accepted(town))

    assert end(town, offer) is None

    assert Dwelling.objects.get().state == Dwelling.State.READY


def test_the_household_is_told_when_it_is_invited_and_when_it_is_over(town, offer, entries):
    invite(town, offer)
    end(town, offer)

    due, over = Notice.objects.filter(
        application=entries[0].application_id, kind__in=("CONTRACT_DUE", "CONTRACT_NOT_SIGNED")
    ).order_by("pk")
    assert due.facts["sign_by"] == SIGN_BY.isoformat()
    assert due.due_on == factories.ON
    assert over.facts["complaint_until"] == "2026-12-16"
    assert Notice.objects.filter(application=entries[1].application_id, kind="RESERVE_CALLED").exists()


def test_it_counts_as_no_refusal(town, offer, entries):
    invite(town, offer)
    end(town, offer)

    refused = Offer.objects.filter(application=entries[0].application_id, state=Offer.State.REFUSED)
    assert not refused.exists()
    assert entries[0].events.latest("pk").moved_to == "WAITING"


def test_the_last_day_belongs_to_the_household(town, offer):
    assert invite(town, offer).sign_by == SIGN_BY

    assert refusal_of(end, town, offer, at=LAST_MOMENT) is Refusal.SIGNING_TERM_RUNS
    end(town, offer, at=OVER)


def test_nobody_is_ended_without_an_invitation(town, offer):
    assert refusal_of(end, town, offer) is Refusal.NOT_INVITED


def test_nobody_is_invited_twice(town, offer):
    invite(town, offer)

    assert refusal_of(invite, town, offer) is Refusal.INVITED_ALREADY


def test_nobody_is_invited_before_the_akimat_has_decided(town, decision):
    assert refusal_of(invite, town, contracts.accepted(town)) is Refusal.DECISION_MISSING


def test_an_offer_that_is_not_accepted_has_no_contract_to_sign(town, decision):
    open_offer = Offer.objects.get()

    assert refusal_of(invite, town, open_offer) is Refusal.OFFER_NOT_ACCEPTED
    assert refusal_of(end, town, open_offer) is Refusal.OFFER_NOT_ACCEPTED


def test_who_invited_or_took_the_answer_in_does_not_end_it(town, offer):
    invite(town, offer)
    assert refusal_of(end, town, offer, by="clerk") is Refusal.OTHER_HAND

    Offer.objects.filter(pk=offer.pk).update(invited_by=town.staff["clerk2"])

    assert refusal_of(end, town, offer, by="clerk") is Refusal.OTHER_HAND
    assert refusal_of(end, town, offer, by="clerk2") is Refusal.OTHER_HAND


def test_it_ends_by_a_document(town, offer):
    invite(town, offer)

    assert refusal_of(end, town, offer, document=" ") is Refusal.REASON_MISSING


def test_a_contract_that_was_signed_after_all_is_not_ended(town, offer):
    invite(town, offer)
    contracts.concluded(town, offer)

    assert refusal_of(end, town, offer) is Refusal.TENANCY_EXISTS
    assert refusal_of(invite, town, offer) is Refusal.TENANCY_EXISTS


def test_no_contract_is_concluded_once_it_was_ended(town, offer):
    invite(town, offer)
    end(town, offer)

    assert refusal_of(contracts.concluded, town, offer) is Refusal.OFFER_NOT_ACCEPTED


def test_a_policy_without_the_term_invites_nobody(town, offer):
    policy = factories.policy("akimat-2022")
    older = {**policy.document, "terms": dict(policy.document["terms"])}
    del older["terms"]["sign_contract"]
    with pgtrigger.ignore("queue_registry.PolicyVersion:approved_stays"):
        PolicyVersion.objects.filter(pk=policy.pk).update(document=older)

    assert refusal_of(invite, town, offer) is Refusal.POLICY_LACKS_TERM


def test_a_crash_in_the_middle_leaves_nothing(town, offer, entries, monkeypatch):
    invite(town, offer)
    before = AuditEvent.objects.count()
    monkeypatch.setattr("allocation.services.offers.call_reserve", _crash)

    with pytest.raises(SystemExit):
        end(town, offer)

    offer.refresh_from_db()
    entries[0].refresh_from_db()
    assert (offer.state, entries[0].status) == ("ACCEPTED", "OFFERED")
    assert AuditEvent.objects.count() == before


def test_the_family_behind_is_told_why_its_place_changed(town, offer, entries):
    invite(town, offer)
    end(town, offer)

    changes = list_histories([entries[1]])[entries[1].pk].changes
    assert all(reason.code is not ReasonCode.HOUSED for change in changes for reason in change.effects)


def test_the_database_keeps_an_invitation_whole(offer):
    with pytest.raises(IntegrityError, match="offer_invitation_all_or_nothing"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(sign_by=SIGN_BY)


def _crash(*_arguments, **_told):
    raise SystemExit("killed")
