"""What makes two questions the same question."""

from dataclasses import replace
from datetime import date

import pytest

from integrations.contract import Lane, Period, Query

QUESTION = Query(
    source="egkn",
    iin="851231100002",
    purpose="REGISTRATION",
    bucket="2026-09",
    operation="personRights",
    period=Period(start=date(2021, 9, 1), until=date(2026, 9, 1)),
)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "zags"},
        {"iin": "851231200009"},
        {"purpose": "ALLOCATION"},
        {"bucket": "2026-10"},
        {"operation": "other"},
        {"reference": "1211018888756887"},
        {"period": None},
        {"period": Period(start=date(2021, 9, 2), until=date(2026, 9, 1))},
        {"contract_version": "2"},
    ],
)
def test_another_question_has_another_key(change):
    assert replace(QUESTION, **change).key != QUESTION.key


@pytest.mark.parametrize(
    "change", [{"requested_by": "clerk"}, {"lane": Lane.INTERACTIVE}, {"consent_ref": "7"}]
)
def test_who_asks_and_how_urgently_does_not_make_it_another_question(change):
    assert replace(QUESTION, **change).key == QUESTION.key


def test_fields_do_not_run_into_each_other():
    assert replace(QUESTION, purpose="A", bucket="B").key != replace(QUESTION, purpose="AB", bucket="").key


def test_a_key_is_a_digest_without_the_iin():
    assert len(QUESTION.key) == 64
    assert QUESTION.iin not in QUESTION.key


@pytest.mark.parametrize("until", [date(2026, 9, 1), date(2026, 8, 31)])
def test_a_period_has_at_least_one_day(until):
    with pytest.raises(ValueError, match="start must be before until"):
        Period(start=date(2026, 9, 1), until=until)
