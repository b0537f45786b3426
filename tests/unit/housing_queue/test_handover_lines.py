"""What is wrong in a hand-over is named by its file and line, and never by what stands there."""

import json

import pytest

from housing_queue.handover import importing
from tests.unit.housing_queue.handing_over import (
    changed_line,
    empty_installation,
    is_empty,
    resigned,
    taken_in,
    written,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            changed_line("queue_registry.queueentry.jsonl", 2, b'"WAITING"', b'"OFFERED"'),
            r"^queue_registry\.queueentry\.jsonl, line 2: entry .+: not as its newest event says$",
        ),
        (
            changed_line("queue_registry.auditevent.jsonl", 3, b'"seq":3', b'"sec":3'),
            r"^queue_registry\.auditevent\.jsonl, line 3: no row of this file \(KeyError\)$",
        ),
        (
            changed_line("queue_registry.queueentryevent.jsonl", 2, b'{"id"', b'["id"'),
            r"^queue_registry\.queueentryevent\.jsonl, line 2: no row of this file \(JSONDecodeError\)$",
        ),
        (
            changed_line("queue_registry.waitinglist.jsonl", 1, b'"id":', b'"di":'),
            r"^queue_registry\.waitinglist\.jsonl, line 1: no row of this file",
        ),
        # These the verifier does not look into; the database does.
        (
            changed_line("queue_registry.person.jsonl", 2, b'{"id"', b'["id"'),
            r"^queue_registry\.person\.jsonl, line 2: no row of JSON$",
        ),
        (
            changed_line("queue_registry.person.jsonl", 2, b'"id":', b'"di":'),
            r"^queue_registry\.person\.jsonl, line 2: the database refuses it: null value in column \"id\"",
        ),
        (
            changed_line("queue_registry.application.jsonl", 3, b'"entered_at":"', b'"entered_at":"X9'),
            r"^queue_registry\.application\.jsonl, line 3: the database refuses it: invalid input syntax",
        ),
    ],
)
def test_a_line_that_verifier_or_database_does_not_take_is_named(young, settings, tmp_path, change, reason):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    change(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match=reason):
        taken_in(folder)

    assert is_empty()


def test_the_line_of_a_person_who_is_there_twice_is_named_without_the_number(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    first, *_, last = iins = [
        json.loads(line)["iin"] for line in (folder / "queue_registry.person.jsonl").read_bytes().splitlines()
    ]
    changed_line("queue_registry.person.jsonl", len(iins), last.encode(), first.encode())(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match=rf"person\.jsonl, line {len(iins)}: .+ unique") as refused:
        taken_in(folder)

    assert not any(iin in str(refused.value) for iin in iins)
    assert is_empty()


def test_a_row_that_names_somebody_who_is_not_there_is_refused_with_the_key(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    given = json.loads((folder / "queue_registry.consent.jsonl").read_bytes().splitlines()[0])["person_id"]
    change = changed_line("queue_registry.consent.jsonl", 1, b'"person_id":%d' % given, b'"person_id":987654')
    change(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match=r"queue_registry_consent.+\(person_id\)=\(987654\)"):
        taken_in(folder)

    assert is_empty()
