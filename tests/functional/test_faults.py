"""A minute of faults: everything is killed at random while everybody works, and nothing is lost."""

import json
import os
import subprocess
import sys

from tools.environment import ROOT

SECONDS = 60


def test_a_minute_of_kills_loses_no_act_and_leaves_the_register_whole():
    done = subprocess.run(
        [sys.executable, "manage.py", "benchmark", "faults", "--json", "--seconds", str(SECONDS)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:] + done.stdout
    rows = {row["work"]: row for row in json.loads(done.stdout)}
    assert all(row["met"] for row in rows.values())
    assert [
        rows[f"faults.{name}"]["value"] for name in ("lost", "doubled", "half", "broken", "misplaced")
    ] == [
        0,
        0,
        0,
        0,
        0,
    ]
