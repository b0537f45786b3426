"""Contracts: what they rest on, what the keys end, what an annulment brings back."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from allocation.models import AkimatDecision, Dwelling, Offer, RoundDwelling, Tenancy, TenancyPaper
from allocation.rules.annulments import AnnulmentGround
from allocation.rules.refusals import Refusal, Refused
from allocation.services import akimat_decisions, annulments, rounds, tenancies, tenancy_papers
from allocation.services.annulments import Annulment
from queue_registry.models import AuditEvent, Notice, QueueEntry
from queue_registry.rules.place import ReasonCode
from queue_registry.rules.reasons import SuspensionGround
from queue_registry.selectors.place_history import list_histories
from queue_registry.services import queue_entries, suspensions
from tests import contracts, factories
from tests.factories import AT, ON

DAY = timedelta(days=1)
LATER = contracts.LATER
# Three years after the contract, to the day.
LAST_DAY = date(2029, 9, 1)


@pytest.fixture
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def entries(town):
    """The first is served, its household stands on one more list; another stands behind the first."""
    first = factories.waiting(town, number="4", day=1)
    other = factories.waiting(town, number="5", day=2, application=first.application)
    behind = factories.waiting(town, number="4", day=3)
    return first, other, behind


@pytest.fixture
def decision(town, entries):
    return factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))


@pytest.fixture
def offer(town, authority, decision):
    contracts.resting_on(town, authority, decision)
    return contracts.accepted(town)


@pytest.fixture
def tenancy(town, offer):
    return contracts.concluded(town, offer)


def refusal_of(act, *arguments, **options):
    """The code; nothing was written."""
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    assert AuditEvent.objects.count() == before
    return refused.value.code


def status_of(entry):
    return QueueEntry.objects.get(pk=entry.pk).status


def annul(town, tenancy, *, by="supervisor", on=ON, at=LATER + DAY, **changes):
    told = {"ground": AnnulmentGround.ORDER_BREACHED, "annulled_on": on, "document": "Court act 7"} | changes
    return annulments.annul(tenancy_id=tenancy.pk, annulment=Annulment(**told), by=town.staff[by], at=at)


# The akimat's decision


def enter(town, sitting, *, at=AT, **changes):
    told = {"number": "№ 1", "decided_on": ON, "scan": contracts.SCAN} | changes
    return akimat_decisions.enter(
        sitting_id=sitting.pk, act=akimat_decisions.Act(**told), by=town.supervisor, at=at
    )


def test_the_akimat_decides_on_a_locked_protocol_alone(town, authority, decision):
    assert refusal_of(enter, town, decision.sitting) is Refusal.PROTOCOL_NOT_LOCKED

    contracts.sign_all(authority, decision.sitting)
    entered = enter(town, decision.sitting)

    # Ten working days after 1 September 2026.
    assert entered.publish_by == date(2026, 9, 15)
    # Papers write the sign before a number themselves.
    assert entered.number == "1"
    assert refusal_of(enter, town, decision.sitting, number="№ 2") is Refusal.DECISION_EXISTS


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "  "}, Refusal.NUMBER_MISSING),
        ({"number": " № "}, Refusal.NUMBER_MISSING),
        ({"decided_on": ON - DAY}, Refusal.DAY_IMPOSSIBLE),
        ({"decided_on": ON + DAY}, Refusal.DAY_IMPOSSIBLE),
        ({"scan": b"no scan at all"}, Refusal.SCAN_MISSING),
    ],
)
def test_a_decision_needs_number_day_and_scan(town, authority, decision, changes, code):
    contracts.sign_all(authority, decision.sitting)

    assert refusal_of(enter, town, decision.sitting, **changes) is code


def test_a_refused_distribution_has_no_decision_of_the_akimat(town, authority, decision):
    decision.sitting.locked_at = None

    assert refusal_of(enter, town, decision.sitting) is Refusal.PROTOCOL_NOT_LOCKED
    assert not AkimatDecision.objects.exists()


def test_those_housed_are_published_once_and_late_is_said(town, authority, decision):
    entered = contracts.resting_on(town, authority, decision)
    late = datetime(2026, 9, 16, 4, tzinfo=UTC)

    akimat_decisions.publish(decision_id=entered.pk, by=town.secretary, at=late)

    assert AuditEvent.objects.get(event="akimat_decision.published").data["late"] is True
    act = {"decision_id": entered.pk, "by": town.secretary, "at": late}
    assert refusal_of(akimat_decisions.publish, **act) is Refusal.PUBLISHED_ALREADY


# The contract


def test_no_contract_without_the_akimats_decision(town, decision):
    accepted = contracts.accepted(town)

    assert refusal_of(contracts.concluded, town, accepted) is Refusal.DECISION_MISSING


def test_no_contract_on_an_offer_that_nobody_accepted(town, authority, decision):
    contracts.resting_on(town, authority, decision)

    assert refusal_of(contracts.concluded, town, Offer.objects.get()) is Refusal.OFFER_NOT_ACCEPTED


def test_a_contract_has_a_number_and_papers_that_are_made_again_the_same(tenancy):
    papers = {paper.language: paper for paper in tenancy.papers.all()}

    assert tenancy.number == "D-2026-1"
    assert set(papers) == {"kk", "ru"}
    for language, paper in papers.items():
        content = bytes(paper.content)
        assert content.startswith(b"%PDF-")
        assert hashlib.sha256(content).hexdigest() == paper.sha256
        assert tenancy_papers.content(Tenancy.objects.get(), language) == content


def test_one_home_has_one_contract(town, offer, tenancy):
    assert refusal_of(contracts.concluded, town, offer) is Refusal.TENANCY_EXISTS


@pytest.mark.parametrize("day", [ON - DAY, ON + DAY])
def test_a_contract_lies_between_the_decision_and_today(town, offer, day):
    act = {"offer_id": offer.pk, "concluded_on": day, "by": town.clerk, "at": AT}

    assert refusal_of(tenancies.conclude, **act) is Refusal.DAY_IMPOSSIBLE


# The keys


def test_with_the_keys_the_home_is_allotted_and_every_entry_of_the_household_ends(town, entries, tenancy):
    first, other, behind = entries

    contracts.with_keys(town, tenancy)

    assert [status_of(entry) for entry in entries] == ["HOUSED", "HOUSED", "WAITING"]
    assert Dwelling.objects.get().state == Dwelling.State.ALLOTTED
    grounds = [entry.events.latest("pk").ground for entry in (first, other)]
    assert grounds == ["KEYS_HANDED", "HOUSED_ON_OTHER_LIST"]
    record = AuditEvent.objects.get(event="tenancy.keys_handed")
    assert (record.data["closed"], record.data["document"]) == (["5"], "Act No 3")
    (change,) = list_histories([behind])[behind.pk].changes
    assert {reason.code: effect for reason, effect in change.effects.items()} == {ReasonCode.HOUSED: -1}


def test_the_keys_are_handed_over_once(town, tenancy):
    contracts.with_keys(town, tenancy)
    moved = AuditEvent.objects.count()

    assert refusal_of(contracts.with_keys, town, tenancy) is Refusal.KEYS_HANDED
    assert AuditEvent.objects.count() == moved


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": " "}, Refusal.REASON_MISSING),
        ({"keys_on": ON - DAY}, Refusal.DAY_IMPOSSIBLE),
        ({"keys_on": ON + DAY}, Refusal.DAY_IMPOSSIBLE),
    ],
)
def test_the_act_of_the_keys_has_a_document_and_a_day(town, tenancy, changes, code):
    told = {"tenancy_id": tenancy.pk, "keys_on": ON, "document": "Act", "by": town.clerk, "at": LATER}

    assert refusal_of(tenancies.hand_keys, **(told | changes)) is code


@pytest.mark.parametrize("broken", ["mark_housed", "close_as_housed"])
def test_a_crash_in_the_middle_of_the_keys_leaves_nothing(town, entries, tenancy, monkeypatch, broken):
    """Whichever move of the act fails, neither home nor entries nor contract know of it; it is repeated."""
    before = AuditEvent.objects.count()
    with monkeypatch.context() as broken_off:
        broken_off.setattr(queue_entries, broken, _crash)
        with pytest.raises(SystemExit):
            contracts.with_keys(town, tenancy)

    assert [status_of(entry) for entry in entries] == ["OFFERED", "WAITING", "WAITING"]
    assert Dwelling.objects.get().state == Dwelling.State.OFFERED
    assert Tenancy.objects.get().keys_at is None
    assert AuditEvent.objects.count() == before
    contracts.with_keys(town, Tenancy.objects.get())
    assert status_of(entries[1]) == "HOUSED"


def _crash(**_told):
    raise SystemExit("killed")


# Annulment


def test_an_annulled_contract_brings_everything_back(town, entries, tenancy):
    suspensions.suspend(
        entry_id=entries[1].pk, ground=SuspensionGround.OWN_REQUEST, document="x", by=town.clerk, at=AT
    )
    was = [(entry.status, entry.registered_at) for entry in QueueEntry.objects.order_by("pk")]
    contracts.with_keys(town, tenancy)

    annul(town, tenancy)

    now = [(entry.status, entry.registered_at) for entry in QueueEntry.objects.order_by("pk")]
    assert [moment for _, moment in now] == [moment for _, moment in was]
    assert [status for status, _ in now] == ["WAITING", "SUSPENDED", "WAITING"]
    assert Dwelling.objects.get().state == Dwelling.State.READY
    assert Offer.objects.get().state == Offer.State.WITHDRAWN
    assert RoundDwelling.objects.get().released_at is not None


def test_the_household_is_told_that_its_contract_was_annulled(town, entries, tenancy):
    annul(town, tenancy)

    (notice,) = Notice.objects.filter(kind=Notice.Kind.TENANCY_ANNULLED)
    assert notice.application_id == entries[0].application_id
    assert (notice.facts["contract"], notice.facts["ground"]) == (tenancy.number, "ORDER_BREACHED")
    # Within ten days, and to be contested within three months, of 2 September.
    assert (notice.due_on, notice.facts["complaint_until"]) == (date(2026, 9, 12), "2026-12-02")


def test_others_are_told_why_their_place_changed_back(town, entries, tenancy):
    behind = entries[2]
    contracts.with_keys(town, tenancy)

    annul(town, tenancy)

    (_forth, back) = list_histories([behind])[behind.pk].changes
    assert [(reason.code, reason.ground, effect) for reason, effect in back.effects.items()] == [
        (ReasonCode.RESTORED, "TENANCY_ANNULLED", 1)
    ]


def test_a_home_given_back_goes_into_another_round_and_to_another_contract(town, authority, tenancy):
    contracts.with_keys(town, tenancy)
    annul(town, tenancy)
    later = LATER + 2 * DAY

    dwelling = Dwelling.objects.get()
    opened = factories.open_round(town, [dwelling], at=later)

    assert rounds.held(opened) == [dwelling.pk]


def test_a_contract_is_annulled_before_the_keys_too(town, entries, tenancy):
    annul(town, tenancy)

    assert [status_of(entry) for entry in entries] == ["WAITING"] * 3
    assert Dwelling.objects.get().state == Dwelling.State.READY
    assert refusal_of(contracts.with_keys, town, Tenancy.objects.get()) is Refusal.TENANCY_ANNULLED


def test_a_contract_is_annulled_once(town, tenancy):
    annul(town, tenancy)

    assert refusal_of(annul, town, tenancy) is Refusal.TENANCY_ANNULLED


@pytest.mark.parametrize(("on", "is_in_time"), [(LAST_DAY, True), (LAST_DAY + DAY, False)])
def test_the_term_of_an_annulment_ends_with_its_last_day(town, tenancy, on, is_in_time):
    at = datetime(2029, 9, 3, 4, tzinfo=UTC)

    if is_in_time:
        assert annul(town, tenancy, on=on, at=at).annulled_on == LAST_DAY
    else:
        assert refusal_of(annul, town, tenancy, on=on, at=at) is Refusal.ANNULMENT_TERM_OVER


def test_who_concluded_the_contract_does_not_annul_it(town, tenancy):
    assert refusal_of(annul, town, tenancy, by="clerk") is Refusal.SECOND_PERSON


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": " "}, Refusal.REASON_MISSING),
        ({"on": ON - DAY}, Refusal.DAY_IMPOSSIBLE),
        ({"on": ON + 3 * DAY}, Refusal.DAY_IMPOSSIBLE),
    ],
)
def test_an_annulment_has_a_document_and_a_day(town, tenancy, changes, code):
    assert refusal_of(annul, town, tenancy, **changes) is code


def test_nobody_comes_back_beside_a_new_application_of_their_own(town, entries, tenancy):
    contracts.with_keys(town, tenancy)
    again = factories.waiting(town, number="4", day=9)
    _as_of_person(again, entries[0])

    assert refusal_of(annul, town, tenancy) is Refusal.STANDS_AGAIN


def _as_of_person(entry, other):
    """The person of another entry registered once more."""
    QueueEntry.objects.filter(pk=entry.pk).update(applicant=other.applicant_id)


def test_the_database_keeps_contracts_whole(tenancy):
    for changes, constraint in (
        ({"keys_on": ON}, "tenancy_keys_all_or_nothing"),
        ({"annulled_on": ON}, "tenancy_annulment_all_or_nothing"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Tenancy.objects.filter(pk=tenancy.pk).update(**changes)
    paper = TenancyPaper.objects.first()
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        paper.delete()
