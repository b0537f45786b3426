"""An input that is read and written an entry at a time is what it is as one document."""

from hypothesis import given

from allocation import piecemeal, seals
from allocation.engine import canonical_bytes, digest, read_input
from allocation.engine.public_form import public_document
from tests.unit.allocation.engine.rounds import (
    as_bytes,
    dwelling,
    entry,
    merged,
    policy,
    round_document,
    rounds,
)

# What looks like the structure around it, where nobody expects it.
HOSTILE = ('"entries":[', '],"format":"', '},{"', "[]", "\\", "\u2028", "Қазақ")


def hostile_round():
    return round_document(
        the_policy=policy(merged("4"), code=HOSTILE[1]),
        dwellings=[dwelling(name) for name in HOSTILE],
        entries=[
            entry(name, registered_at=f"20{9 - at:02d}-01-02T09:00:00+05:00")
            for at, name in enumerate(HOSTILE)
        ],
    )


def check(document):
    read = read_input(as_bytes(document))
    public = public_document(read)

    assert piecemeal.read(read.canonical) == read
    assert piecemeal.public_form(read) == read_input(canonical_bytes(public))
    assert piecemeal.without_entries(read.canonical) == {**document, "entries": []}
    assert seals.of_input(read) == {
        "candidates": digest(canonical_bytes(document["entries"])),
        "dwellings": digest(canonical_bytes(document["dwellings"])),
        "policy": digest(canonical_bytes(document["policy"])),
        "public_input": digest(canonical_bytes(public)),
    }


@given(rounds)
def test_any_round_is_read_written_and_sealed_as_the_whole_is(document):
    check(document)


def test_what_stands_in_a_name_is_no_structure():
    check(hostile_round())


def test_a_round_of_nobody_is_read_too():
    check(round_document(dwellings=[], entries=[]))
