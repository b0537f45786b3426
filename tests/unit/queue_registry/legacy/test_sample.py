"""The sample lists: every planted defect ends where it should, and nothing else does."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from queue_registry.legacy_files.reader import read
from queue_registry.rules.legacy.codes import RULES, Code, Kind, RowState, Source
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.rules.legacy.rows import parse
from tests.unit.queue_registry.legacy.worlds import families_of, identities_of

SAMPLE = Path("tests/data/sample")
FILES = {Source.SPP: "spp.csv", Source.RSHEP: "rshep.csv", Source.PAPER: "paper.xlsx"}
AS_OF = date(2026, 9, 1)


@pytest.fixture(scope="module")
def planted():
    return json.loads((SAMPLE / "planted.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def files():
    return {
        source: read((SAMPLE / name).read_bytes(), file_name=name, source=source)
        for source, name in FILES.items()
    }


@pytest.fixture(scope="module")
def ledger(files):
    with gzip.open(SAMPLE / "world.jsonl.gz", "rt", encoding="utf-8") as lines:
        people = [json.loads(line) for line in lines]
    return reconcile(
        [parse(row, imported_on=AS_OF) for file in files.values() for row in file.rows],
        identities=identities_of(people),
        families=families_of(people),
        mapping=first_mapping(),
        as_of=AS_OF,
    )


def test_every_record_row_is_read(files, planted):
    assert {source.value: len(file.rows) for source, file in files.items()} == planted["rows"]


def test_stated_totals_that_differ_are_found(files, planted):
    totals = [row for row in files[Source.PAPER].others if row.kind == "TOTAL"]

    assert [row.stated - row.counted for row in totals] == planted["totals_off"]


def test_the_codes_of_every_row_are_those_planted_and_no_others(ledger, planted):
    notes = {code for code, rule in RULES.items() if rule.kind is Kind.NOTE}

    found = [
        {
            "source": one.row.source.value,
            "sheet": one.row.sheet,
            "row": one.row.row,
            "codes": [code.value for code in one.codes if code not in notes],
        }
        for one in ledger.rows
    ]

    assert [row for row in found if row["codes"]] == planted["row_codes"]


def test_the_states_add_up_and_every_applicant_has_a_row_that_is_his(ledger, planted):
    counts = ledger.count_rows()

    assert {source.value: sum(states.values()) for source, states in counts.items()} == planted["rows"]
    assert counts[Source.SPP][RowState.MERGED] == planted["counts"]["duplicate_in_file"]
    assert ledger.count_cases()[Code.DATE_CONFLICT] == planted["counts"]["date_conflict"]
    confirmed = [applicant for applicant in ledger.applicants if applicant.iin]
    # Two of the applicants without an IIN have no other row.
    assert len(confirmed) == planted["distinct_applicants"] - 2
