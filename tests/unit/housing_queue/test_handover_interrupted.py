"""Taking in that is interrupted, wherever it was, leaves nothing half done; the next one takes all in."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from housing_queue.handover import importing
from queue_registry import signing
from queue_registry.models import QueueEntry, QueueTakeover
from tests.running import url_of_test_database
from tests.unit.housing_queue.handing_over import (
    TAKEN_AT,
    empty_installation,
    files_below,
    is_empty,
    taken_in,
    written,
)
from tools.environment import ROOT

# Killed when every row and document is in its place, a moment before it counts.
KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path

import django

django.setup()
from housing_queue.handover import importing

lay = importing._lay_documents


def lay_and_die(*given):
    lay(*given)
    os.kill(os.getpid(), signal.SIGKILL)


importing._lay_documents = lay_and_die
folder, key, at = sys.argv[1:]
importing.take_in(
    folder=Path(folder), key=Path(key).read_text(), is_rehearsal=False, at=datetime.fromisoformat(at)
)
"""


@pytest.fixture
def folder(young, settings, tmp_path):
    """A queue written out, and an empty installation to take it in."""
    path = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    return path


def documents_of(folder):
    return files_below(folder / "documents")


@pytest.mark.parametrize(
    "at_line",
    [
        "the files are",
        "queue_registry.Person:",
        "queue_registry.QueueEntry:",
        "the same trail",
        "the same rounds",
    ],
)
def test_who_stops_it_at_any_step_finds_nothing_and_begins_again(folder, settings, at_line):
    told = []

    def stop(line):
        told.append(line)
        if line.startswith(at_line):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taken_in(folder, tell=stop)

    assert told[-1].startswith(at_line)
    assert is_empty()
    assert not Path(settings.MEDIA_ROOT).exists()
    assert taken_in(folder)["entries"] == QueueEntry.objects.count()
    assert files_below(Path(settings.MEDIA_ROOT)) == documents_of(folder)


def test_documents_that_were_laid_are_taken_away_again(folder, settings, monkeypatch):
    lay = importing._lay_documents
    laid = []

    def lay_and_stop(*given):
        lay(*given)
        laid.append(files_below(Path(settings.MEDIA_ROOT)))
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "_lay_documents", lay_and_stop)
    with pytest.raises(KeyboardInterrupt):
        taken_in(folder)

    assert laid == [documents_of(folder)]
    assert laid != [{}]
    assert files_below(Path(settings.MEDIA_ROOT)) == {}
    assert is_empty()


def test_a_process_killed_in_the_last_moment_leaves_no_row_and_the_next_takes_everything_in(
    folder, settings, tmp_path
):
    key = tmp_path / "key.pem"
    key.write_text(signing.public_key())
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url_of_test_database(),
        "KEZEK_VAR": str(tmp_path / "new"),
        "PYTHONPATH": str(ROOT),
    }
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(key), TAKEN_AT.isoformat()],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert killed.returncode == -9, killed.stderr
    assert is_empty()
    # What lies there is named by no row.
    assert files_below(Path(settings.MEDIA_ROOT)) == documents_of(folder)
    assert documents_of(folder)
    taken_in(folder)
    assert QueueTakeover.objects.count() == 1
    assert files_below(Path(settings.MEDIA_ROOT)) == documents_of(folder)


def test_another_document_under_the_same_name_is_left_alone_and_the_queue_is_refused(folder, settings):
    name = json.loads((folder / "documents.jsonl").read_bytes().splitlines()[0])["name"]
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"somebody's")

    with pytest.raises(importing.Refused, match="another document lies under this name"):
        taken_in(folder)

    assert files_below(Path(settings.MEDIA_ROOT)) == {name: b"somebody's"}
    assert is_empty()
