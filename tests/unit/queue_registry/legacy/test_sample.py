"""The sample lists: every planted defect ends where it should, and nothing else does."""

from pathlib import Path

import pytest

from queue_registry.rules.legacy.codes import Code, RowState, Source
from tests.unit.queue_registry.legacy.worlds import read_world

SAMPLE = Path("tests/data/sample")


@pytest.fixture(scope="module")
def sample():
    return read_world({path.name: path.read_bytes() for path in SAMPLE.iterdir()})


def test_every_record_row_is_read(sample):
    assert {source.value: len(file.rows) for source, file in sample.files.items()} == sample.planted["rows"]


def test_stated_totals_that_differ_are_found(sample):
    assert sample.totals_off == sample.planted["totals_off"]


def test_the_codes_of_every_row_are_those_planted_and_no_others(sample):
    assert sample.row_codes == sample.planted["row_codes"]


def test_the_states_add_up_and_every_applicant_has_a_row_that_is_his(sample):
    ledger, planted = sample.ledger, sample.planted
    counts = ledger.count_rows()

    assert {source.value: sum(states.values()) for source, states in counts.items()} == planted["rows"]
    assert counts[Source.SPP][RowState.MERGED] == planted["counts"]["duplicate_in_file"]
    assert ledger.count_cases()[Code.DATE_CONFLICT] == planted["counts"]["date_conflict"]
    confirmed = [applicant for applicant in ledger.applicants if applicant.iin]
    # Two of the applicants without an IIN have no other row.
    assert len(confirmed) == planted["distinct_applicants"] - 2
