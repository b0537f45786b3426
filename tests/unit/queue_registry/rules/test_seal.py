"""The seal of a list: every receipt leads to the root, nothing else does; the verifier is plain Python."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.digitization import seal

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
VERIFIER = Path(settings.BASE_DIR) / "static" / "verify_receipt.py"


def leaf(place):
    return seal.Leaf(
        file_number=f"710-{place:06d}",
        list_number="3",
        registered_at=AT + timedelta(minutes=place),
        place=place,
        salt=hashlib.sha256(str(place).encode()).hexdigest()[:32],
    )


def rfc_6962_root(leaves):
    """The recursive definition of RFC 6962, 2.1, written from its text."""
    if len(leaves) == 1:
        return bytes.fromhex(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + rfc_6962_root(leaves[:split]) + rfc_6962_root(leaves[split:])).digest()


@given(st.integers(1, 70))
def test_the_root_is_that_of_the_rfc_and_every_path_leads_to_it(count):
    leaves = [leaf(place).sha256 for place in range(count)]
    root = seal.root(leaves)

    assert root == rfc_6962_root(leaves).hex()
    for position in range(count):
        assert seal.climb(leaves[position], seal.path(leaves, position)) == root


@given(st.integers(2, 40), st.data())
def test_no_other_line_leads_to_the_root(count, data):
    leaves = [leaf(place).sha256 for place in range(count)]
    position = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1).filter(lambda one: one != position))

    assert seal.climb(leaves[other], seal.path(leaves, position)) != seal.root(leaves)


def test_a_seal_has_a_leaf_and_a_path_a_position_of_it():
    with pytest.raises(ValueError, match="at least one leaf"):
        seal.root([])
    with pytest.raises(IndexError, match="3"):
        seal.path([leaf(place).sha256 for place in range(3)], 3)


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def receipt(tmp_path):
    leaves = [leaf(place).sha256 for place in range(7)]
    document = seal.receipt(akimat_kato="271010000", sealed_at=AT, leaf=leaf(6), position=6, leaves=leaves)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(document))
    return document, file


def test_the_verifier_confirms_a_receipt_against_the_published_root(receipt):
    document, file = receipt

    result = run(file, document["root"])

    assert (result.returncode, result.stderr) == (0, "")
    assert "710-000006" in result.stdout
    assert "HOLDS" in result.stdout


@pytest.mark.parametrize(
    ("field", "value"),
    [("registered_at", "2026-08-01T04:06:00.000000+00:00"), ("place", 5), ("list", "2"), ("salt", "0" * 32)],
)
def test_the_verifier_refuses_a_changed_line(receipt, field, value):
    document, file = receipt
    file.write_text(json.dumps(document | {"line": document["line"] | {field: value}}))

    assert run(file, document["root"]).returncode == 1


def test_the_verifier_refuses_another_published_root_and_a_file_that_is_no_receipt(receipt, tmp_path):
    _, file = receipt
    broken = tmp_path / "broken.json"
    broken.write_text("[1]")

    assert run(file, "0" * 64).returncode == 1
    assert run(broken).returncode == 2
    assert run(tmp_path / "nowhere.json").returncode == 2
    assert run().returncode == 2
