"""A backup comes back whole in another cluster, or is refused and leaves nothing."""

import base64
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from allocation.models import AllocationRun
from housing_queue.backups import contents, making, reading, restoring
from housing_queue.backups.programs import ProgramMissing
from housing_queue.backups.sealed_stream import CHUNK, Opener, Sealer, Unreadable, secret
from queue_registry.models import QueueEntry, TrailHead
from queue_registry.selectors import queue
from tests import factories, whole_akimat
from tests.factories import AT
from tools import postgres
from tools.environment import ROOT
from tools.processes import Services, ends_with_parent

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def new_cluster(tmp_path):
    """A cluster of its own, as on a new machine: nothing but an empty database."""
    sockets = Path(tempfile.mkdtemp(prefix="kezek-restore-"))
    services = Services(logs=tmp_path / "log")
    try:
        binaries = postgres.find_binaries(python=Path(sys.executable))
        yield postgres.start(
            binaries=binaries, folder=tmp_path / "data", sockets=sockets, services=services, throw_away=True
        )
    finally:
        services.stop_all()
        shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def installation(transactional_db, settings, tmp_path):
    """Everything that a queue can have, with its documents."""
    settings.BACKUP_KEY = KEY
    town = whole_akimat.everything(settings, tmp_path / "old")
    whole_akimat.handed_over(town)
    return town


def manage(cluster, store, *arguments, key=KEY):
    """A command of ours on another cluster, with a store of documents below a folder of its own."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": cluster.url(),
        "BACKUP_KEY": key,
        "KEZEK_VAR": str(store),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=ends_with_parent(signal.SIGTERM),
    )


def tables_of(cluster):
    return int(
        cluster.sql(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace", database="kezek"
        )
    )


def files_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_comes_back_in_a_new_cluster_with_every_place_head_and_round(
    installation, settings, tmp_path, new_cluster
):
    path = making.make(tmp_path, at=AT)
    places = {
        row.file_number + row.waiting_list.number: queue.place_of(row)
        for row in QueueEntry.objects.select_related("waiting_list")
    }
    heads = dict(TrailHead.objects.values_list("akimat_kato", "sha256"))
    runs = AllocationRun.objects.filter(executed_at__isnull=False).count()
    new = tmp_path / "new"

    done = manage(new_cluster, new, "restore", path)

    assert done.returncode == 0, done.stderr
    assert "rows and heads of the trails are those of the manifest" in done.stdout
    replayed = manage(new_cluster, new, "replay_run", "--all")
    assert f"{runs} runs repeated: the same bytes." in replayed.stdout
    assert runs > 0
    walked = manage(new_cluster, new, "verify_trail")
    assert [
        f"{kato}: whole" in walked.stdout and digest in walked.stdout for kato, digest in heads.items()
    ] == [True]
    with psycopg.connect(new_cluster.url()) as connection:
        restored = connection.execute(
            "SELECT file_number || number, CASE WHEN status IN ('WAITING', 'SUSPENDED', 'OFFERED')"
            " THEN 1 + queue_registry_ahead(waiting_list_id, registered_at, file_number) END"
            " FROM queue_registry_queueentry AS entry"
            " JOIN queue_registry_waitinglist AS list ON list.id = waiting_list_id"
        ).fetchall()
    assert dict(restored) == places
    assert files_below(new / "media") == files_below(Path(settings.MEDIA_ROOT))
    assert files_below(new / "media")
    assert manage(new_cluster, new, "migrate", "--check").returncode == 0


# Refusals


@pytest.fixture
def small(transactional_db, settings, tmp_path):
    """A backup of an installation with hardly anything in it, and one document."""
    settings.BACKUP_KEY, settings.MEDIA_ROOT = KEY, tmp_path / "old" / "media"
    (settings.MEDIA_ROOT / "documents").mkdir(parents=True)
    (settings.MEDIA_ROOT / "documents" / "1.pdf").write_bytes(b"%PDF-1.7 invented")
    factories.town()
    return making.make(tmp_path, at=AT)


def sealed(path, members):
    """A backup of these members, by somebody who has the key."""
    with path.open("wb") as out:
        sealer = Sealer(out, secret())
        with tarfile.open(fileobj=sealer, mode="w|") as archive:
            for name, content in members:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        sealer.close()
    return path


def forged(backup, path, *, change):
    """The backup sealed anew with its members changed."""
    return sealed(path, change([(name, content.read()) for name, content in reading.members(backup)]))


@pytest.fixture
def hand_made(settings, tmp_path):
    """A backup that fits its manifest; what is in it is no database."""
    settings.BACKUP_KEY = KEY
    files = {"database/00000000": b"a dump", "media/documents/1.pdf": b"%PDF-1.7 invented"}
    told = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
    }
    manifest = {
        "format": "backup/1",
        "made_at": "2026-09-01T04:00:00+00:00",
        "database": told["database/00000000"],
        "media": {"documents/1.pdf": told["media/documents/1.pdf"]},
        "counts": {},
        "trail_heads": {},
        "migrations": {},
    }
    members = [*files.items(), ("manifest.json", json.dumps(manifest).encode())]
    backup = sealed(tmp_path / "hand-made.backup", members)
    assert reading.check(backup) == manifest
    return backup


def with_manifest(members, change):
    """The same members, and a manifest that says something else."""
    *others, (name, content) = members
    manifest = json.loads(content)
    change(manifest)
    return [*others, (name, json.dumps(manifest).encode())]


def test_a_backup_is_read_to_its_end_without_writing(small, tmp_path):
    manifest = reading.check(small)

    assert list(manifest["media"]) == ["documents/1.pdf"]
    assert manifest["counts"]["queue_registry_user"] == 11
    assert set(manifest["trail_heads"]) == {factories.KATO}
    assert not list(tmp_path.glob("*.part"))
    assert small.stat().st_mode & 0o777 == 0o600
    assert b"queue_registry" not in small.read_bytes()


def test_a_database_with_tables_is_never_filled(small):
    with pytest.raises(restoring.NotEmpty, match="The database is not empty"):
        restoring.restore(small)


def test_another_key_reads_nothing(hand_made, settings):
    settings.BACKUP_KEY = OTHER_KEY
    with pytest.raises(Unreadable, match="BACKUP_KEY is not the key"):
        reading.check(hand_made)


@pytest.mark.parametrize(
    "key", ["", "short", base64.b64encode(b"31 bytes are not enough for a key").decode()]
)
def test_without_a_key_of_32_bytes_nothing_is_made_or_read(hand_made, settings, tmp_path, key):
    settings.BACKUP_KEY = key
    with pytest.raises(ImproperlyConfigured, match="BACKUP_KEY"):
        making.make(tmp_path, at=AT + timedelta(days=1))
    with pytest.raises(ImproperlyConfigured, match="BACKUP_KEY"):
        reading.check(hand_made)


@pytest.mark.parametrize("where", [0, 9, 30, 45, -1, -17, 300])
def test_a_backup_with_one_changed_byte_is_refused(hand_made, where):
    content = bytearray(hand_made.read_bytes())
    content[where] ^= 1
    hand_made.write_bytes(content)

    with pytest.raises(Unreadable):
        reading.check(hand_made)


@pytest.mark.parametrize("kept", [0, 10, 40, 60, -1, -16, -100])
def test_a_backup_that_was_cut_is_refused(hand_made, kept):
    content = hand_made.read_bytes()
    hand_made.write_bytes(content[:kept])

    with pytest.raises(Unreadable):
        reading.check(hand_made)


def test_a_backup_with_something_behind_its_end_is_refused(hand_made):
    hand_made.write_bytes(hand_made.read_bytes() + b"more")

    with pytest.raises(Unreadable):
        reading.check(hand_made)


@settings_of_hypothesis(max_examples=25)
@given(size=st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]), cut=st.integers(1, 3))
def test_a_stream_gives_back_what_it_took_and_no_whole_chunk_can_be_left_out(size, cut):
    plain, key = random.Random(size).randbytes(size), bytes(range(32))
    out = io.BytesIO()
    sealer = Sealer(out, key)
    sealer.write(plain)
    sealer.close()
    sealed = out.getvalue()

    opener = Opener(io.BytesIO(sealed), key)
    assert opener.read(size + 1) == plain

    header, chunk = 40, CHUNK + 16
    chunks = [sealed[begin : begin + chunk] for begin in range(header, len(sealed), chunk)]
    shorter = sealed[:header] + b"".join(chunks[:-cut])
    with pytest.raises(Unreadable):
        Opener(io.BytesIO(shorter), key).read(size + 1)


def _other_document(members):
    return [(name, b"other" if name.startswith(contents.MEDIA) else content) for name, content in members]


def _no_document(members):
    return [row for row in members if not row[0].startswith(contents.MEDIA)]


def _one_more(members):
    return [(f"{contents.MEDIA}more.pdf", b"more"), *members]


def _other_database(members):
    return [(name, content + b"x" if name.endswith("00000000") else content) for name, content in members]


def _stray(members):
    return [("stray.sql", b"DROP TABLE x"), *members]


def _no_manifest(members):
    return members[:-1]


def _later_format(members):
    return with_manifest(members, lambda manifest: manifest.update(format="backup/2"))


def _strange_table(members):
    return with_manifest(members, lambda manifest: manifest["counts"].update({"x; DROP TABLE y": 1}))


@pytest.mark.parametrize(
    "change",
    [
        _other_document,
        _no_document,
        _one_more,
        _other_database,
        _stray,
        _no_manifest,
        _later_format,
        _strange_table,
    ],
)
def test_contents_that_the_manifest_does_not_name_are_refused(hand_made, tmp_path, change):
    backup = forged(hand_made, tmp_path / "forged.backup", change=change)

    with pytest.raises(reading.ManifestDiffers):
        reading.check(backup)


def test_a_restore_that_is_refused_leaves_neither_table_nor_document(small, tmp_path, new_cluster):
    def fewer_rows(manifest):
        manifest["counts"]["queue_registry_user"] -= 1

    def other_head(manifest):
        manifest["trail_heads"][factories.KATO]["sha256"] = "0" * 64

    def cut_dump(members):
        (name, content), *others = members
        half = content[: len(content) // 2]
        told = {"sha256": hashlib.sha256(half).hexdigest(), "bytes": len(half)}
        return with_manifest([(name, half), *others], lambda manifest: manifest.update(database=told))

    backups = {
        "restore_differs: rows of queue_registry_user": lambda members: with_manifest(members, fewer_rows),
        f"restore_differs: trail of {factories.KATO}": lambda members: with_manifest(members, other_head),
        "pg_restore": cut_dump,
    }
    new = tmp_path / "new"
    for reason, change in backups.items():
        backup = forged(small, tmp_path / "forged.backup", change=change)
        done = manage(new_cluster, new, "restore", backup)
        assert done.returncode == 1
        assert reason in done.stderr
        assert tables_of(new_cluster) == 0
        assert files_below(new) == {}

    refused = manage(new_cluster, new, "restore", small, key=OTHER_KEY)
    assert "BACKUP_KEY is not the key" in refused.stderr
    assert tables_of(new_cluster) == 0
    (new / "media").mkdir(parents=True)
    (new / "media" / "somebody's.pdf").write_bytes(b"x")
    refused = manage(new_cluster, new, "restore", small)
    assert "The store of documents is not empty" in refused.stderr
    assert tables_of(new_cluster) == 0
    (new / "media" / "somebody's.pdf").unlink()

    done = manage(new_cluster, new, "restore", small)

    assert done.returncode == 0, done.stderr
    assert files_below(new / "media") == {"documents/1.pdf": b"%PDF-1.7 invented"}
    assert tables_of(new_cluster) > 0


def test_a_backup_that_fails_leaves_no_file(transactional_db, settings, tmp_path, monkeypatch):
    settings.BACKUP_KEY = KEY
    programs = tmp_path / "bin"
    programs.mkdir()
    broken = programs / "pg_dump"
    broken.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo 99 && exit 0\necho half\necho broken >&2\nexit 1\n'
    )
    broken.chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(programs))

    with pytest.raises(making.BackupFailed, match="broken"):
        making.make(tmp_path, at=AT)

    assert not list(tmp_path.glob("kezek-*"))


def test_an_old_pg_dump_is_refused_before_anything_is_written(
    transactional_db, settings, tmp_path, monkeypatch
):
    settings.BACKUP_KEY = KEY
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho pg_dump 9.6\n")
    old.chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(ProgramMissing, match="too old"):
        making.make(tmp_path, at=AT)

    assert not list(tmp_path.glob("kezek-*"))
