"""
The sample world through the fake's words and the adapters' reading: what comes out is what the file says.

The truth is read from the file by itself, without either of the two halves.
"""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from integrations.contract import FactKind, Outcome, Query
from integrations.fakes import answers
from integrations.fakes.gateway import Question, envelope
from integrations.fakes.manners import MANNERS
from integrations.fakes.tellings import Asked
from integrations.fakes.world import Person, StatusCode
from integrations.sources import ADAPTERS

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "world.jsonl.gz"
AT = datetime(2026, 9, 1, tzinfo=UTC)
PEOPLE = [json.loads(line) for line in gzip.decompress(SAMPLE.read_bytes()).splitlines()]
KNOWN_BY = {
    "zags": ["single_parent"],
    "emaket": ["pensioner", "large_family_mother"],
    "esutd": ["budget_worker"],
    "ekyzmet": ["civil_servant"],
    "nobd": ["orphan"],
    "health": ["chronic_illness"],
    "kandas": ["kandas"],
    "mod": ["wwii_veteran", "military"],
    "emergency_housing": ["emergency_dwelling"],
}


def answer_of(source, line):
    person = Person.model_validate(line)
    asked = Asked(iin=person.iin)
    query = Query(source=source, iin=person.iin, purpose="TEST", bucket="b")
    document, _ = answers.body(MANNERS[source], person, asked, as_of=AT.date())
    question = Question(source=source, message_id="m", correlation_id=query.key, asked=asked)
    return ADAPTERS[source].parse(envelope(question, document, AT).encode(), query)


def truth(source, line):
    """What the file says that the source knows, as (kind, value)."""
    facts = {
        "gbd_fl": [(FactKind.PERSON, _person(line)), (FactKind.REGISTRATION, _registration(line))],
        "zags": [(FactKind.KINSHIP, relative) for relative in line["family"]],
        "egkn": [(FactKind.PROPERTY_RIGHT, right) for right in line["property"]],
        "enpf": [
            (FactKind.INCOME_MONTH, {"month": m, "amount": a}) for m, a in sorted(line["income"].items())
        ],
        "cbdi": [(FactKind.DISABILITY, line["disability"])] if line["disability"] else [],
        "addr_reg": [(FactKind.ADDRESS, _address(line))] if line["registered"] else [],
    }.get(source, [])
    codes = KNOWN_BY.get(source, [])
    return facts + [(FactKind.STATUS, status) for status in line["statuses"] if status["code"] in codes]


def _person(line):
    return {**line["name"], **{key: line[key] for key in ("birth_date", "death_date", "sex", "citizenship")}}


def _registration(line):
    return line["registered"] or {"kato": None, "rka": None, "since": None}


def _address(line):
    return {key: line["registered"][key] for key in ("rka", "kato")}


@pytest.mark.parametrize("source", ADAPTERS)
def test_every_person_of_the_sample_comes_through_as_the_file_says(source):
    for line in PEOPLE:
        answer = answer_of(source, line)

        expected = truth(source, line)
        assert answer.outcome is (Outcome.FOUND if expected else Outcome.NOT_FOUND_CONFIRMED)
        assert [(fact.kind, fact.value) for fact in answer.facts] == expected


def test_the_sample_has_every_status_so_that_every_system_speaks():
    known = {status["code"] for line in PEOPLE for status in line["statuses"]}

    assert known == {code for codes in KNOWN_BY.values() for code in codes}


@pytest.mark.parametrize("code", get_args(StatusCode))
def test_a_status_of_a_world_is_told_by_the_system_that_decides_it_and_by_no_other(code):
    status = {"code": code, "from": "2012-01-01", "until": None}
    line = {**PEOPLE[0], "family": [], "statuses": [status]}

    told = {
        source: [fact.value for fact in answer_of(source, line).facts if fact.kind is FactKind.STATUS]
        for source in ADAPTERS
    }

    deciding = {source: [status] for source, one in ADAPTERS.items() if code in one.definition.statuses}
    assert {source: values for source, values in told.items() if values} == deciding
    assert len(deciding) == 1


def test_benefits_and_a_childs_disability_come_through():
    line = {
        **PEOPLE[0],
        "benefits": [{"kind": "SURVIVOR", "amount": "45000.50", "from": "2020-01-01", "until": None}],
        "disability": {"group": "child", "from": "2020-01-01", "until": "2030-01-01"},
    }

    assert [fact.value for fact in answer_of("emaket", line).facts] == line["benefits"]
    assert [fact.value for fact in answer_of("cbdi", line).facts] == [line["disability"]]
