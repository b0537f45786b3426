"""A hand-over that is not what it says is refused whole, and anybody finds it out with Python alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from housing_queue.handover import exporting, importing, verifier
from queue_registry import signing
from queue_registry.models import (
    AuditEvent,
    QueueTakeover,
    User,
)
from queue_registry.permissions import NotAllowed
from queue_registry.rules.statuses import ACTIVE
from tests import factories
from tests.factories import AT
from tests.unit.housing_queue.handing_over import (
    changed,
    empty_installation,
    is_empty,
    resigned,
    taken_in,
    written,
)
from tests.whole_akimat import AFTER

# Refusals


def test_a_queue_whose_keeper_did_not_change_is_taken_in_only_as_a_rehearsal(
    transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    factories.waiting(town, day=1)
    folder = written(town, tmp_path / "handover", at=AT)
    empty_installation(settings, tmp_path / "new")

    with pytest.raises(importing.Refused, match="It is a rehearsal"):
        taken_in(folder)
    assert is_empty()
    taken_in(folder, is_rehearsal=True)

    assert not QueueTakeover.objects.exists()
    assert AuditEvent.objects.latest("seq").data["is_rehearsal"] is True


def test_an_installation_with_a_row_takes_nothing_in(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    User.objects.create(username="somebody")

    with pytest.raises(importing.Refused, match=r"not empty: queue_registry\.User has rows"):
        taken_in(folder)


def test_a_folder_with_something_in_it_is_not_written_into(young, tmp_path):
    folder = tmp_path / "handover"
    folder.mkdir()
    (folder / "somebody's").write_bytes(b"")
    records = AuditEvent.objects.count()

    with pytest.raises(exporting.FolderTaken):
        written(young, folder)

    assert AuditEvent.objects.count() == records


def test_only_an_administrator_of_the_akimat_writes_the_queue_out(young, tmp_path):
    for name in ("clerk", "supervisor", "auditor", "chair"):
        with pytest.raises(NotAllowed):
            exporting.export(akimat=young.akimat, folder=tmp_path / name, by=young.staff[name], at=AFTER)


def _without(name):
    return lambda folder: (folder / name).unlink()


def _stray(folder):
    (folder / "stray.jsonl").write_bytes(b"{}\n")


def _stray_document(folder):
    (folder / "documents" / "stray.pdf").write_bytes(b"x")


def _other_document(folder):
    next(path for path in (folder / "documents").rglob("*") if path.is_file()).write_bytes(b"other")


def _no_document(folder):
    next(path for path in (folder / "documents").rglob("*") if path.is_file()).unlink()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (changed("manifest.json", b'"is_final":true', b'"is_final":1   '), "not signed with this key"),
        (
            changed("queue_registry.queueentry.jsonl", b"WAITING", b"OFFERED"),
            r"^queue_registry\.queueentry\.jsonl: not the file that the manifest names$",
        ),
        (changed("places.jsonl", b'"place" : 1', b'"place" : 3'), r"^places\.jsonl: not the file that"),
        (_without("queue_registry.person.jsonl"), r"^queue_registry\.person\.jsonl: missing$"),
        (_without("manifest.sig"), r"manifest\.sig"),
        (_stray, r"^stray\.jsonl: not in the manifest$"),
        (_stray_document, r"^stray\.pdf: a document that nobody handed over$"),
        (_other_document, r"^documents\.jsonl, line \d+: .+ is not the document that was handed over$"),
        (_no_document, r"^documents\.jsonl, line \d+: .+ is missing$"),
    ],
)
def test_a_handover_that_was_touched_is_refused_by_its_name_and_leaves_nothing(
    young, settings, tmp_path, change, named
):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    change(folder)

    with pytest.raises(importing.Refused, match=named):
        taken_in(folder)

    assert is_empty()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_another_key_than_the_keepers_is_refused(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    ours = signing.public_key()
    settings.MANIFEST_KEY = "YW5vdGhlciBrZXksIG9mIGFub3RoZXIga2VlcGVyISE="

    with pytest.raises(importing.Refused, match="not signed with this key"):
        taken_in(folder)

    assert taken_in(folder, key=ours)["is_final"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed("queue_registry.auditevent.jsonl", b'"actor":"admin"', b'"actor":"clerk"'), "trail: row"),
        (changed("queue_registry.queueentry.jsonl", b"WAITING", b"OFFERED"), "not as its newest event says"),
        (changed("places.jsonl", b'"place" : 1', b'"place" : 3'), "does not follow from the entries"),
        (changed("places.jsonl", b'"list" : "5"', b'"list" : "6"'), "does not follow from the entries"),
    ],
)
def test_even_a_signed_handover_has_to_be_right_in_itself(young, settings, tmp_path, change, reason):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    change(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match=reason):
        taken_in(folder)

    assert is_empty()


def test_what_the_database_refuses_of_a_row_undoes_everything(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    changed("queue_registry.akimat.jsonl", b'"bin":"990040000017"', b'"bin":"x90040000017"')(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match="akimat_bin_is_twelve_digits"):
        taken_in(folder)

    assert is_empty()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_a_manifest_without_one_of_its_parts_is_refused(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    changed("manifest.json", b'"sequences"', b'"sequenced"')(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match=r"^manifest\.json: sequences is missing$"):
        taken_in(folder)


def test_a_handover_of_another_version_is_refused(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    resigned(folder, migrations={"queue_registry": "0001_register"})

    with pytest.raises(importing.Refused, match="Another version"):
        taken_in(folder)


# The verifier


def verified(folder):
    """The verifier as it travels: nothing of ours, no package, another directory."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verifier.py"), str(folder)],
        cwd=folder.parent,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_verifier_counts_the_same_entries_as_the_register():
    """It is plain Python that travels alone, so it names the statuses that have a place a second time."""
    assert set(ACTIVE) == verifier.ACTIVE


def test_anybody_with_python_checks_a_handover(young, tmp_path):
    folder = written(young, tmp_path / "handover")
    head = json.loads((folder / "manifest.json").read_bytes())["trail"]

    done = verified(folder)

    assert done.returncode == 0, done.stderr
    assert f"the trail is whole: {head['seq']} rows, digest {head['sha256']}" in done.stdout
    changed("queue_registry.queueentry.jsonl", b"WAITING", b"HOUSED")(folder)
    resigned(folder)
    done = verified(folder)
    assert done.returncode == 1
    assert "not as its newest event says" in done.stderr


def test_the_signature_is_checked_without_any_program_of_ours(young, tmp_path):
    folder = written(young, tmp_path / "handover")
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "manifest.json",
    ]

    done = subprocess.run(
        [*command, "-sigfile", "manifest.sig"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert (folder / "key.pem").read_text() == signing.public_key()
