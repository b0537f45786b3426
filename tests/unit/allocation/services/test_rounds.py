"""Rounds are opened of ready dwellings, frozen once, and cancelled before their decision."""

import gzip
import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest

from allocation import engine_io
from allocation.models import AllocationRound, Dwelling, RoundDwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.rounds import get_round
from allocation.services import round_changes, rounds, runs
from queue_registry.models import AuditEvent, QueueEntry, TrailHead
from queue_registry.services import policies, queue_entries
from tests import factories
from tests.factories import AT, QUOTAS


def refusal_of(act, **arguments):
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.code, dict(refused.value.detail)


def frozen_document(round_):
    return engine_io.parsed(AllocationRound.objects.get(pk=round_.pk).input)


def last_event():
    return AuditEvent.objects.order_by("seq").last()


def test_a_round_gets_the_next_public_number_of_the_year(town):
    numbers = [factories.open_round(town).number for _ in range(2)]

    assert numbers == ["R-2026-1", "R-2026-2"]


def test_an_opened_round_holds_its_dwellings_and_leaves_a_record(town):
    dwellings = factories.ready(town, 2)

    opened = factories.open_round(town, dwellings)

    assert RoundDwelling.objects.filter(round=opened, released_at__isnull=True).count() == 2
    assert last_event().event == "allocation_round.opened"
    assert last_event().data["dwellings"] == sorted(dwelling.number for dwelling in dwellings)
    assert get_round(opened.pk).state == "OPEN"


@pytest.mark.parametrize(
    ("quotas", "code"),
    [
        ({}, Refusal.QUOTA_MISSING),
        ({**QUOTAS, "5": {"dwellings": 1, "document": "x"}}, Refusal.QUOTA_UNKNOWN),
        ({"3": {"dwellings": -1, "document": "x"}}, Refusal.QUOTA_INVALID),
        ({"3": {"dwellings": True, "document": "x"}}, Refusal.QUOTA_INVALID),
        ({"3": {"dwellings": "1", "document": "x"}}, Refusal.QUOTA_INVALID),
        ({"3": {"dwellings": 1, "document": "  "}}, Refusal.QUOTA_INVALID),
        ({"3": {"dwellings": 1}}, Refusal.QUOTA_INVALID),
    ],
)
def test_a_round_needs_exactly_the_quotas_of_its_policy_each_with_a_document(town, quotas, code):
    found, _ = refusal_of(
        rounds.open_round, akimat=town.akimat, dwelling_ids=[], quotas=quotas, by=town.secretary, at=AT
    )

    assert found == code
    assert not AllocationRound.objects.exists()


def test_a_policy_without_a_ladder_round_refuses_a_rung(town):
    found = refusal_of(
        rounds.open_round,
        akimat=town.akimat,
        dwelling_ids=[],
        quotas=QUOTAS,
        rung="loan_2",
        by=town.secretary,
        at=AT,
    )

    assert found == (Refusal.RUNG_UNKNOWN, {"rung": "loan_2"})


def test_a_dwelling_that_is_not_ready_or_in_another_round_is_refused(town):
    offered, taken = factories.ready(town, state=Dwelling.State.OFFERED), factories.ready(town)
    factories.open_round(town, taken)

    not_ready = refusal_of(
        rounds.open_round,
        akimat=town.akimat,
        dwelling_ids=[offered[0].pk],
        quotas=QUOTAS,
        by=town.secretary,
        at=AT,
    )
    twice = refusal_of(
        rounds.open_round,
        akimat=town.akimat,
        dwelling_ids=[taken[0].pk],
        quotas=QUOTAS,
        by=town.secretary,
        at=AT,
    )

    assert not_ready == (Refusal.DWELLING_NOT_READY, {"dwellings": [offered[0].number]})
    assert twice == (Refusal.DWELLING_TWICE, {"dwellings": [taken[0].number]})


def test_a_dwelling_of_another_akimat_does_not_exist_here(town):
    elsewhere = factories.DwellingFactory(akimat=_another_akimat())

    with pytest.raises(Dwelling.DoesNotExist):
        factories.open_round(town, [elsewhere])


def _another_akimat():
    from queue_registry.models import Akimat

    return Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")


def test_dwellings_are_added_and_quotas_set_only_while_a_round_is_open(town):
    first, second = factories.ready(town, 2)
    opened = factories.open_round(town, [first])
    quotas = {"3": {"dwellings": 1, "document": "Passport No 8"}}

    round_changes.add_dwellings(round_id=opened.pk, dwelling_ids=[second.pk], by=town.secretary, at=AT)
    round_changes.set_quotas(round_id=opened.pk, quotas=quotas, by=town.secretary, at=AT)
    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)

    assert len(frozen_document(frozen)["dwellings"]) == 2
    assert frozen_document(frozen)["policy"]["tiers"][2]["dwellings"] == 1
    late = factories.ready(town)
    for act, arguments in (
        (round_changes.add_dwellings, {"dwelling_ids": [late[0].pk]}),
        (round_changes.set_quotas, {"quotas": quotas}),
        (rounds.freeze, {}),
    ):
        code, _ = refusal_of(act, round_id=opened.pk, by=town.secretary, at=AT, **arguments)
        assert code == Refusal.ROUND_NOT_OPEN


def test_a_freeze_stores_the_exact_bytes_their_digest_and_the_head_of_the_trail(town):
    factories.waiting(town)
    opened = factories.open_round(town, factories.ready(town))
    head = TrailHead.objects.get().sha256

    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)

    stored = AllocationRound.objects.get(pk=frozen.pk)
    data = gzip.decompress(bytes(stored.input))
    assert hashlib.sha256(data).hexdigest() == stored.input_sha256
    assert data.endswith(b"}\n")
    assert b": " not in data
    assert stored.trail_head == head
    assert last_event().event == "allocation_round.frozen"
    assert last_event().data["input_sha256"] == stored.input_sha256


def test_a_freeze_changes_nothing_but_the_state_of_its_dwellings(town):
    entry = factories.waiting(town)
    (inside,), (outside,) = factories.ready(town), factories.ready(town)

    factories.frozen_round(town, [inside])

    inside.refresh_from_db()
    outside.refresh_from_db()
    assert (inside.state, outside.state) == (Dwelling.State.RESERVED, Dwelling.State.READY)
    assert QueueEntry.objects.get(pk=entry.pk).status == "WAITING"
    assert entry.events.count() == 1


def test_a_round_without_dwellings_and_candidates_is_frozen(town):
    frozen = factories.frozen_round(town)

    document = frozen_document(frozen)
    assert (document["dwellings"], document["entries"]) == ([], [])


def test_everybody_active_on_every_list_is_in_the_input_in_order(town):
    late = factories.waiting(town, number="5", day=9)
    early = factories.waiting(town, number="4", day=1)
    suspended = factories.waiting(town, number="2", day=5)
    queue_entries.suspend(entry_id=suspended.pk, by=town.clerk, at=AT, ground="NO_CONTACT")

    document = frozen_document(factories.frozen_round(town))

    assert [
        (row["file_no"], row["list"], row["eligibility"], row["reason"]) for row in document["entries"]
    ] == [
        (early.file_number, "4", "eligible", None),
        (suspended.file_number, "2", "ineligible", "SUSPENDED"),
        (late.file_number, "5", "eligible", None),
    ]
    assert document["entries"][0]["id"] == f"{early.file_number}/4"


def test_who_has_left_the_list_is_not_in_the_input(town):
    from allocation.services import offers

    factories.waiting(town)
    offer = factories.confirmed(
        town, factories.ready(town, rooms=1, area=Decimal("36.4"))
    ).sitting.run.offers.get()
    offers.accept(offer_id=offer.pk, by=town.clerk, at=AT)
    queue_entries.mark_housed(entry_id=offer.entry_id, by=town.clerk, at=AT, document="Keys act")

    assert frozen_document(factories.frozen_round(town))["entries"] == []


def test_a_family_stands_in_the_input_as_the_registers_know_it(town):
    family = [factories.HUSBAND, factories.DAUGHTER, factories.SON]
    factories.waiting(town, number="4", family=family, facts=factories.income(tenge_a_month="100000.00"))

    (row,) = frozen_document(factories.frozen_round(town))["entries"]

    members = sorted((m["role"], m["sex"], m["age"], m["couple"]) for m in row["members"])
    assert members == [
        ("applicant", "f", 35, 1),
        ("child", "f", 9, None),
        ("child", "m", 10, None),
        ("spouse", "m", 36, 1),
    ]
    assert row["income"] == "25000"


def test_facts_decide_eligibility_and_silence_is_unknown(town):
    factories.waiting(town, day=1, facts=[factories.dwelling_owned(share="1/2")])
    factories.waiting(town, day=2, known=False)

    rows = frozen_document(factories.frozen_round(town))["entries"]

    assert [(row["eligibility"], row["reason"]) for row in rows] == [
        ("ineligible", "OWNS_DWELLING"),
        ("unknown", None),
    ]


def test_a_household_with_an_open_offer_takes_no_part_on_its_other_list(town):
    offered = factories.waiting(town, number="5")
    factories.confirmed(town, factories.ready(town, rooms=1, area=Decimal("36.4")))
    factories.waiting(town, number="4", application=offered.application, day=30)

    rows = frozen_document(factories.frozen_round(town))["entries"]

    assert {row["list"]: row["reason"] for row in rows} == {"5": "OFFER_OPEN", "4": "OFFER_OPEN"}


def test_a_housed_household_takes_no_part_on_its_other_list(town):
    from allocation.services import offers

    housed = factories.waiting(town, number="5")
    offer = factories.confirmed(
        town, factories.ready(town, rooms=1, area=Decimal("36.4"))
    ).sitting.run.offers.get()
    offers.accept(offer_id=offer.pk, by=town.clerk, at=AT)
    queue_entries.mark_housed(entry_id=offer.entry_id, by=town.clerk, at=AT, document="Keys act")
    factories.waiting(town, number="4", application=housed.application, day=30)

    rows = frozen_document(factories.frozen_round(town))["entries"]

    assert [(row["list"], row["reason"]) for row in rows] == [("4", "HOUSED_ON_OTHER_LIST")]


def test_quotas_over_the_dwellings_are_refused_at_the_freeze_and_equal_ones_are_not(town):
    quotas = {"3": {"dwellings": 2, "document": "Passport"}}
    one_short = factories.open_round(town, factories.ready(town), quotas=quotas)
    enough = factories.open_round(town, factories.ready(town, 2), quotas=quotas)

    code, detail = refusal_of(rounds.freeze, round_id=one_short.pk, by=town.secretary, at=AT)

    assert (code, detail) == (Refusal.QUOTA_OVER_DWELLINGS, {"quotas": 2, "dwellings": 1})
    assert rounds.freeze(round_id=enough.pk, by=town.secretary, at=AT).frozen_at == AT


def test_a_round_opened_under_a_policy_that_is_no_longer_in_force_is_not_frozen(town):
    opened = factories.open_round(town)
    policies.put_in_force(
        akimat=town.akimat, code="ladder-2022", from_on=date(2026, 9, 2), by=town.admin, at=AT
    )

    code, _ = refusal_of(rounds.freeze, round_id=opened.pk, by=town.secretary, at=AT + timedelta(days=1))

    assert code == Refusal.POLICY_NOT_IN_FORCE


def test_a_cancelled_round_frees_its_dwellings_and_does_nothing_more(town):
    (dwelling,) = factories.ready(town)
    frozen = factories.frozen_round(town, [dwelling])

    rounds.cancel(round_id=frozen.pk, reason=" Entries changed ", by=town.secretary, at=AT)

    dwelling.refresh_from_db()
    assert dwelling.state == Dwelling.State.READY
    assert get_round(frozen.pk).state == "CANCELLED"
    assert last_event().data["reason"] == "Entries changed"
    assert factories.open_round(town, [dwelling]).number == "R-2026-2"
    for act, arguments in (
        (rounds.cancel, {"reason": "again"}),
        (runs.request, {}),
        (rounds.freeze, {}),
    ):
        code, _ = refusal_of(act, round_id=frozen.pk, by=town.secretary, at=AT, **arguments)
        assert code == Refusal.ROUND_CANCELLED


def test_a_cancellation_has_a_reason_and_never_follows_a_decision(town):
    decided = factories.confirmed(town).sitting.run.round
    opened = factories.open_round(town)

    without_reason, _ = refusal_of(rounds.cancel, round_id=opened.pk, reason=" ", by=town.secretary, at=AT)
    after_decision, _ = refusal_of(
        rounds.cancel, round_id=decided.pk, reason="Late", by=town.secretary, at=AT
    )

    assert (without_reason, after_decision) == (Refusal.REASON_MISSING, Refusal.ROUND_DECIDED)
