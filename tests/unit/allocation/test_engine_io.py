"""Rows become the document of the contract, and differences between two documents are named."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from allocation import engine_io
from allocation.engine_io import Change
from allocation.rules.refusals import Refusal, Refused
from queue_registry.models import QueueEntry
from queue_registry.rules.need import Eligibility
from queue_registry.rules.policy import Policy
from queue_registry.rules.statuses import ACTIVE, HELD, QueueEntryStatus
from queue_registry.services import policies
from queue_registry.services.assessments import Assessed

EXAMPLE = json.loads(
    (Path(__file__).parents[2] / "data" / "rounds" / "08-mixed.input.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 9, 1, 4, tzinfo=UTC), "2026-09-01T09:00:00+05:00"),
        (datetime(2026, 9, 1, 4, 0, 0, 500, tzinfo=UTC), "2026-09-01T09:00:00.000500+05:00"),
        (datetime(2011, 3, 2, 4, 15, tzinfo=UTC), "2011-03-02T10:15:00+06:00"),  # the time of that day
        (datetime(1920, 1, 1, tzinfo=UTC), "1920-01-01T00:00:00+00:00"),  # local time was off by seconds
    ],
)
def test_a_moment_is_written_in_the_time_of_kazakhstan_on_its_day(at, text):
    assert engine_io.moment_text(at) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("41000.00"), "41000"),
        (Decimal("52.80"), "52.8"),
        (Decimal(0), "0"),
        (Decimal("0.000001"), "0.000001"),
        (Decimal(100), "100"),
        (Fraction(37389), "37389"),
        (Fraction(7477, 2), "3738.5"),
    ],
)
def test_an_amount_is_written_in_plain_digits(amount, text):
    assert engine_io.decimal_text(amount) == text


def test_the_same_bytes_are_packed_to_the_same_bytes_and_come_back():
    data = "Құрылыс\n".encode() * 100

    assert engine_io.pack(data) == engine_io.pack(data)
    assert engine_io.unpack(engine_io.pack(data)) == data


def test_nothing_stored_can_not_be_unpacked():
    with pytest.raises(ValueError, match="no stored document"):
        engine_io.unpack(None)


def shipped(code):
    document, _ = policies.read(policies.FOLDER / f"{code}.toml")
    return Policy.from_document(document)


def test_a_policy_takes_its_quotas_from_the_round_and_its_minimum_from_the_day():
    written = engine_io.policy_document(
        policy=shipped("akimat_2022"),
        quotas={"3": {"dwellings": 7, "document": "Passport"}},
        rung="",
        on=datetime(2026, 9, 1, tzinfo=UTC).date(),
    )

    quota = next(tier for tier in written["tiers"] if tier["kind"] == "quota")
    assert quota == {"kind": "quota", "lists": ["3"], "dwellings": 7, "document": "Passport"}
    assert written["income"]["subsistence_minimum"] == "50851"
    assert written["support"] == {"kind": "rent", "rung": None}


def test_a_quota_that_the_round_does_not_have_is_refused():
    with pytest.raises(Refused) as refused:
        engine_io.policy_document(
            policy=shipped("akimat_2022"),
            quotas={},
            rung="",
            on=datetime(2026, 9, 1, tzinfo=UTC).date(),
        )

    assert (refused.value.code, refused.value.detail["list"]) == (Refusal.QUOTA_MISSING, "3")


@pytest.mark.parametrize(("rung", "has_norms"), [("rent", True), ("loan_2", False)])
def test_a_round_for_a_rung_gives_homes_by_the_norm_or_counted_loans(rung, has_norms):
    written = engine_io.policy_document(
        policy=shipped("ladder_2022"),
        quotas={"3": {"dwellings": 0, "document": "Passport"}},
        rung=rung,
        on=datetime(2026, 9, 1, tzinfo=UTC).date(),
    )

    assert written["support"] == {"kind": rung, "rung": rung}
    assert (written["fit"] is not None) is has_norms


def changed(mutate):
    now = copy.deepcopy(EXAMPLE)
    mutate(now)
    return engine_io.changes(frozen=EXAMPLE, now=now)


def test_the_same_document_has_no_changes_whatever_its_order():
    assert changed(lambda now: now["entries"].reverse()) == []
    assert changed(lambda now: now["dwellings"].reverse()) == []


def test_a_changed_field_of_an_entry_is_named():
    key = EXAMPLE["entries"][0]["id"]

    found = changed(lambda now: now["entries"][0].update(extra_person=9))

    assert found == [Change(thing="entry", key=key, field="extra_person", was=0, now=9)]


def test_an_entry_that_left_is_named():
    key = EXAMPLE["entries"][0]["id"]

    found = changed(lambda now: now["entries"].pop(0))

    assert found == [Change(thing="entry", key=key, field="present", was=True, now=None)]


def added(now, registered_at):
    entry = copy.deepcopy(now["entries"][0]) | {"id": "new", "file_no": "new", "registered_at": registered_at}
    now["entries"].append(entry)


def test_an_entry_that_came_to_stand_before_the_freeze_is_named():
    frozen_at = EXAMPLE["round"]["frozen_at"]

    found = changed(lambda now: added(now, frozen_at))

    assert found == [Change(thing="entry", key="new", field="present", was=None, now=True)]


def test_an_entry_registered_after_the_freeze_is_no_change():
    assert changed(lambda now: added(now, "2999-01-01T00:00:00+05:00")) == []


def test_a_changed_dwelling_policy_or_ledger_is_named():
    def mutate(now):
        now["dwellings"][0]["floor"] = 99
        now["policy"]["income"]["subsistence_minimum"] = "1"
        now["year_to_date"]["distributed"] = 99

    assert {(change.thing, change.field) for change in changed(mutate)} == {
        ("dwelling", "floor"),
        ("policy", "income"),
        ("year_to_date", "distributed"),
    }


def assessed_eligible():
    return Assessed(
        eligibility=Eligibility.ELIGIBLE,
        code="",
        findings=(),
        income_per_member=None,
        rung="",
        flags=(),
        household=(),
        extra_person=0,
        extra_room=False,
        mobility=False,
        low_floor=False,
        needs_accessible=False,
        accepts_smaller=None,
    )


@pytest.mark.parametrize("status", sorted(ACTIVE))
def test_an_active_entry_that_does_not_wait_is_barred_by_a_code_of_the_contract(status):
    entry = QueueEntry(
        file_number="271010-0000001-1", status=status, registered_at=datetime(2016, 3, 2, tzinfo=UTC)
    )
    expected = {
        QueueEntryStatus.WAITING: ("eligible", None),
        QueueEntryStatus.OFFERED: ("ineligible", "OFFER_OPEN"),
    } | dict.fromkeys(HELD, ("ineligible", "SUSPENDED"))

    written = engine_io.entry_document(
        entry=entry, list_number="4", assessed=assessed_eligible(), household_bar=None
    )

    assert (written["eligibility"], written["reason"]) == expected[status]
