"""A seal has every standing entry as a leaf; a receipt of one line holds by the program that people have."""

import json
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from queue_registry.models import AuditEvent, ListSeal, SealedLeaf
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors.queue import place_of
from queue_registry.services import list_seals
from tests import factories

AT = factories.AT
PROGRAM = settings.BASE_DIR / "static" / "verify_receipt.py"
pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def seal(town):
    return list_seals.seal(akimat=town.akimat, by=town.supervisor, at=AT)


def verify(path, *root):
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(path), *root], capture_output=True, text=True, check=False
    )


def test_every_entry_with_a_place_is_a_leaf_in_order_of_list_and_place(town):
    entries = [
        factories.waiting(town, number=number, day=day) for number, day in (("5", 2), ("2", 3), ("5", 1))
    ]
    factories.waiting(town, number="4")

    sealed = seal(town)

    leaves = list(SealedLeaf.objects.filter(seal=sealed).order_by("position"))
    assert [(leaf.position, leaf.list_number, leaf.place) for leaf in leaves] == [
        (0, "2", 1),
        (1, "4", 1),
        (2, "5", 1),
        (3, "5", 2),
    ]
    for entry in entries:
        leaf = next(one for one in leaves if one.file_number == entry.file_number)
        assert (leaf.place, leaf.registered_at) == (place_of(entry), entry.registered_at)
    assert len({leaf.salt for leaf in leaves}) == 4
    assert all(re.fullmatch(r"[0-9a-f]{32}", leaf.salt) for leaf in leaves)
    record = AuditEvent.objects.get(event="list_seal.sealed")
    assert record.data == {"root": sealed.root, "leaves": 4}


def test_a_receipt_holds_and_one_changed_figure_or_another_root_does_not(town, tmp_path):
    for day in range(1, 8):
        factories.waiting(town, day=day)
    sealed = seal(town)
    file = tmp_path / "receipt.json"

    for leaf in SealedLeaf.objects.filter(seal=sealed).select_related("seal__akimat"):
        receipt = list_seals.receipt(leaf)
        file.write_text(json.dumps(receipt), encoding="utf-8")
        assert verify(file, sealed.root).returncode == 0, leaf.position
        assert verify(file, "0" * 64).returncode == 1
        receipt["line"]["place"] += 1
        file.write_text(json.dumps(receipt), encoding="utf-8")
        assert verify(file, sealed.root).returncode == 1


def test_a_seal_of_nothing_is_refused(town):
    with pytest.raises(GateRefused) as refused:
        seal(town)

    assert refused.value.code is GateRefusal.NOBODY_STANDS
    assert not ListSeal.objects.exists()


def test_what_was_sealed_never_changes(town):
    factories.waiting(town)
    seal(town)

    for rows, change in ((ListSeal.objects.all(), {"leaves": 2}), (SealedLeaf.objects.all(), {"place": 2})):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            rows.update(**change)
