"""
Writers at once on a cluster that forgets nothing: fsync on, eight threads, one chain without fork or gap.

The tests' own cluster has fsync off, under which a commit is as quick as memory; so this starts its own.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tools import postgres
from tools.environment import ROOT
from tools.processes import Services, ends_with_parent

WRITERS, ACTS_EACH = 8, 25

# Each thread records acts in its own transactions: one at a time, several at once, and some that are undone.
PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
import django
django.setup()
from django.core.management import call_command
from django.db import connection, transaction
from queue_registry.models import Akimat, AuditEvent, TrailHead
from queue_registry.services import audit

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
writers, acts_each = int(sys.argv[1]), int(sys.argv[2])
call_command("migrate", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("SHOW fsync")
    assert cursor.fetchone() == ("on",)
    cursor.execute("SHOW synchronous_commit")
    assert cursor.fetchone() == ("on",)
akimats = [Akimat.objects.create(kato=kato) for kato in ("271010000", "751010000")]


class Undone(Exception):
    pass


def write(number):
    # Half of the threads are of the first akimat alone, the others go to and fro between both.
    for step in range(acts_each):
        akimat = akimats[step % 2 if number % 2 else 0]
        try:
            with transaction.atomic():
                acts = [
                    audit.Act(event="thing.done", target=f"thing:{number}", data={"step": step, "part": part})
                    for part in range(1 + step % 3)
                ]
                audit.record_many(akimat=akimat, by=f"writer-{number}", at=AT, acts=acts)
                if step % 5 == 4:
                    raise Undone
        except Undone:
            pass
    connection.close()


with ThreadPoolExecutor(writers) as pool:
    list(pool.map(write, range(writers)))
print("WRITTEN", AuditEvent.objects.count())
call_command("verify_trail")
for head in TrailHead.objects.order_by("pk"):
    rows = AuditEvent.objects.filter(akimat_kato=head.pk)
    assert list(rows.order_by("seq").values_list("seq", flat=True)) == list(range(1, head.seq + 1))
    assert rows.values("previous_sha256").distinct().count() == head.seq
    # What one writer did stands in the order in which the writer did it.
    for number in range(writers):
        own = rows.filter(actor=f"writer-{number}").order_by("seq").values_list("data__step", "data__part")
        assert list(own) == sorted(own)
print("ONE CHAIN EACH")
"""


@pytest.fixture
def durable_cluster(tmp_path):
    """A cluster of its own that loses nothing when the machine loses its power."""
    # Not below tmp_path: the path of a socket has to be short.
    sockets = Path(tempfile.mkdtemp(prefix="kezek-fsync-"))
    services = Services(logs=tmp_path / "log")
    try:
        binaries = postgres.find_binaries(python=Path(sys.executable))
        yield postgres.start(binaries=binaries, folder=tmp_path / "data", sockets=sockets, services=services)
    finally:
        services.stop_all()
        shutil.rmtree(sockets, ignore_errors=True)


def test_eight_writers_with_fsync_on_keep_one_chain_without_fork_or_gap(durable_cluster):
    assert durable_cluster.sql("SHOW fsync") == "on"

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(WRITERS), str(ACTS_EACH)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": durable_cluster.url(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=ends_with_parent(signal.SIGTERM),
    )

    assert done.returncode == 0, done.stderr[-3000:]
    kept = [step for step in range(ACTS_EACH) if step % 5 != 4]
    assert f"WRITTEN {WRITERS * sum(1 + step % 3 for step in kept)}" in done.stdout
    assert done.stdout.count("whole") == 2
    assert "ONE CHAIN EACH" in done.stdout
    assert durable_cluster.sql("SELECT count(*) FROM queue_registry_trailhead", database="kezek") == "2"


def test_the_superuser_who_goes_around_the_triggers_is_found_by_a_head_kept_outside(durable_cluster):
    """`session_replication_role` switches every trigger off, and leaves no trace of its own."""
    environment = os.environ | {"DATABASE_URL": durable_cluster.url(), "PYTHONPATH": str(ROOT)}

    def run(program, *arguments):
        return subprocess.run(
            [sys.executable, *program, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    written = run(["-c", PROGRAM], "1", "3")
    assert written.returncode == 0, written.stderr[-3000:]
    verify = ["manage.py", "verify_trail", "--akimat", "271010000"]
    head = durable_cluster.sql(
        "SELECT sha256 FROM queue_registry_trailhead WHERE akimat_kato = '271010000'", database="kezek"
    )
    assert run(verify, "--head", head).returncode == 0

    def around(statement):
        durable_cluster.sql(f"SET session_replication_role = replica; {statement}", database="kezek")

    around("UPDATE queue_registry_auditevent SET actor = 'another' WHERE seq = 2 AND akimat_kato LIKE '27%'")
    edited = run(verify)
    assert edited.returncode == 1
    assert "271010000: row 2 was changed" in edited.stdout

    around("UPDATE queue_registry_auditevent SET actor = 'writer-0' WHERE seq = 2 AND akimat_kato LIKE '27%'")
    assert run(verify, "--head", head).returncode == 0

    around(
        "DELETE FROM queue_registry_auditevent WHERE seq > 1 AND akimat_kato = '271010000';"
        "UPDATE queue_registry_trailhead SET seq = 1, sha256 = (SELECT sha256 FROM queue_registry_auditevent"
        " WHERE akimat_kato = '271010000' AND seq = 1) WHERE akimat_kato = '271010000'"
    )
    # By itself the shortened chain holds; the head that somebody kept is not in it.
    assert run(verify).returncode == 0
    cut = run(verify, "--head", head)
    assert cut.returncode == 1
    assert "the published head is not in the chain" in cut.stdout
