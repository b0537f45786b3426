"""
Web server and two workers as processes of their own, over TCP, against one database: as on three hosts.

One worker is killed for good in the middle of its work. The other finishes what it had taken, and everything
is there once.
"""

import json
import os
import subprocess
import sys

from tools.environment import ROOT

PEOPLE = 120

PROGRAM = """
import json, sys, tempfile, time
from pathlib import Path
import django
from housing_queue.benchmarks.installation import machine

with tempfile.TemporaryDirectory(prefix="kezek-hosts-") as folder:
    with machine.running(Path(folder), workers=2) as running:
        django.setup()
        from django.db import connection
        from housing_queue.benchmarks.endurance import town
        from housing_queue.benchmarks.installation import people, reckoning, settling, waiting
        from housing_queue.benchmarks.installation.crowd import Crowd
        from integrations.models import CheckRequest, CheckState
        from queue_registry.selectors import clock

        at = clock.now()
        numbers = settling.numbers_of_all()
        settled = settling.settle(
            running, waiting=int(sys.argv[1]), applying=20, clerks=1, at=at, numbers=numbers
        )
        running.run_all()
        waiting.until_ready(running)
        asked = town.ask_everything(settled.waiting, at=at)
        crowd = Crowd(port=running.port, settled=settled, find=settling.key_of)
        crowd.apply_in_turn(range(5), pause=0)
        until = time.monotonic() + 120
        while CheckRequest.objects.filter(state=CheckState.ANSWERED).count() < asked // 10:
            assert time.monotonic() < until, "nobody asks"
            time.sleep(0.05)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(client_port) FILTER (WHERE client_addr = '127.0.0.1'),"
                " count(*) FILTER (WHERE client_addr IS NULL)"
                " FROM pg_stat_activity WHERE backend_type = 'client backend'"
            )
            connections, local = cursor.fetchone()
        running.kill("worker1")
        left, _ = waiting.until_done(seconds=240)
        rows = {row.work: row.value for row in reckoning.reckon(crowd.acts, name="hosts")}
        print(json.dumps({
            **rows,
            "asked": asked,
            "answered_questions": CheckRequest.objects.filter(state=CheckState.ANSWERED).count(),
            "left": left,
            "connections": connections,
            "local": local,
            "still_running": sorted(running.parts),
        }))
"""


def test_one_of_two_workers_on_other_hosts_is_killed_for_good_and_the_other_finishes():
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(PEOPLE)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["answered_questions"] >= told["asked"] >= PEOPLE * 16
    assert told["left"] == 0
    # This process, the web server and a worker at least, and nobody who does not come over TCP.
    assert told["connections"] >= 3
    assert told["local"] == 0
    assert told["still_running"] == ["beat", "gateway", "postgresql", "redis", "web", "worker2"]
    assert {name: told[f"hosts.{name}"] for name in ("lost", "doubled", "half", "broken", "misplaced")} == {
        "lost": 0,
        "doubled": 0,
        "half": 0,
        "broken": 0,
        "misplaced": 0,
    }
    assert told["hosts.answered"] == 5
